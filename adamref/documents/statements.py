"""Statements: regions parsed into chains, continued across lines, with damaged signs restored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, final

from adamref.documents.alternatives import alternatives
from adamref.documents.regions import (
    Anew,
    Component,
    Layout,
    Marker,
    Placed,
    ProblemLine,
    Region,
    UnreadLine,
)
from adamref.documents.spans import printed
from adamref.documents.subjects import Heading
from adamref.errors import Unparsable
from adamref.expressions.nodes import Binary, Name, Node, walk
from adamref.expressions.parser import parse_tokens
from adamref.expressions.token import Token

if TYPE_CHECKING:
    from adamref.documents.repair import Repair
    from adamref.documents.source import Source


@final
@dataclass(frozen=True)
class Part:
    """One expression of a chain and where it stands; ``line`` and ``column`` are 1-based."""

    node: Node
    line: int
    column: int


@final
@dataclass(frozen=True)
class Variant:
    """One way to read a damaged chain, with what had to be mended for it."""

    parts: tuple[Part, ...]
    relations: tuple[str, ...]
    repairs: tuple[Repair, ...] = ()


@final
@dataclass(frozen=True)
class WrittenChain:
    """A chain in the document.

    Attributes
    ----------
    variants : tuple of Variant
        As written first; then with signs restored that a damaged text may have lost.
    method : str
        The method that its column is about, as `Region` has it.
    """

    variants: tuple[Variant, ...]
    display: bool
    code: bool
    paragraph: int
    parameter: str = ""
    time: int | None = None
    first_line: int = 0
    last_line: int = 0
    method: str = ""

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts as written."""
        return self.variants[0].parts


@final
@dataclass(frozen=True)
class Garbled:
    """A region that looks like mathematics and is none that the grammar knows."""

    line: int
    quote: str
    because: str
    names: tuple[Name, ...]
    code: bool = False
    whole_line: bool = False


Event = WrittenChain | Garbled | Marker | ProblemLine | Heading | Component | Anew


def statements(layout: Layout, source: Source) -> list[Event]:
    """Parse every region, and join what belongs together."""
    made: list[Event] = []
    for event in layout.events:
        if isinstance(event, Marker | ProblemLine | Heading | Component):
            made.append(event)
        elif isinstance(event, UnreadLine):
            made.append(Garbled(event.line, event.quote, event.because, (), whole_line=True))
        else:
            _region(event, made, source)
    return made


def quoted(source: Source, line: int) -> str:
    """Quote a line of the document as it stands."""
    text = source.quote(line)
    return text if len(text) <= 160 else text[:157] + "..."


def _region(region: Region, made: list[Event], source: Source) -> None:
    tokens = list(region.tokens)
    if region.broken:
        found = tuple(p.token.value for p in tokens if isinstance(p.token.value, Name))
        because = f"{region.broken!r} in it is not understood"
        line = tokens[0].line
        made.append(Garbled(line, quoted(source, line), because, found, region.code))
        return
    continues = tokens[0].token.kind == "REL"
    related = any(p.token.kind == "REL" for p in tokens)
    if continues and region.phrase is not None:
        tokens = [_as_name(region.phrase, tokens[0]), *tokens]
        continues = False
    if continues and _is_said_in_numbers(tokens, source):
        # "their memory is 1/(1 - 0.8) = 5": whatever that is, the numbers are a chain.
        tokens, continues = tokens[1:], False
    if not related and not region.display:
        return
    if continues and not (region.leading or region.display):
        return  # words stand before the relation, and they name nothing
    if continues:
        tokens = tokens[1:]
    variants = _variants(tokens, region.unit, source)
    if isinstance(variants, Unparsable):
        names = tuple(p.token.value for p in tokens if isinstance(p.token.value, Name))
        first = tokens[0] if tokens else region.tokens[0]
        made.append(
            Garbled(first.line, quoted(source, first.line), variants.because, names, region.code)
        )
        return
    if not variants:
        return
    statement = WrittenChain(
        variants,
        region.display,
        region.code,
        region.paragraph,
        region.parameter,
        region.time,
        tokens[0].line,
        tokens[-1].line,
        region.method,
    )
    before = made[-1] if made else None
    if isinstance(before, WrittenChain) and _belongs(before, statement, continues):
        relation = region.tokens[0].token.text if continues else "="
        made[-1] = _joined(before, statement, relation, repeated=not continues)
    elif not continues:
        made.append(statement)


def _is_said_in_numbers(tokens: Sequence[Placed], source: Source) -> bool:
    """Say whether a verb comes before a chain without a symbol."""
    kinds = [p.token.kind for p in tokens[1:]]
    verb = source.lines[tokens[0].line - 1][tokens[0].column - 1 :][:1].isalpha()
    return verb and "REL" in kinds[1:] and "NAME" not in kinds


def _as_name(phrase: Name, at: Placed) -> Placed:
    token = Token("NAME", phrase.text, at.token.start, at.token.start, phrase)
    return Placed(token, at.line, at.column)


def _belongs(before: WrittenChain, after: WrittenChain, continues: bool) -> bool:
    """Say whether a statement carries the one before on."""
    if continues:
        return after.first_line - before.last_line <= 2 or (before.display and after.display)
    # The same left side again, and the chain before it had not come to a number yet.
    left, again = before.parts[0].node, after.parts[0].node
    same = isinstance(left, Name) and isinstance(again, Name) and left.key == again.key
    if not same or len(before.parts) < 2 or len(after.parts) < 2:
        return False
    unfinished = printed(before.parts[-1].node) is None
    numeric = not any(isinstance(n, Name) for n in walk(before.parts[-1].node))
    return unfinished and numeric and after.first_line - before.last_line <= 3


def _joined(
    before: WrittenChain, after: WrittenChain, relation: str, *, repeated: bool
) -> WrittenChain:
    made = []
    for i in range(max(len(before.variants), len(after.variants))):
        one = before.variants[min(i, len(before.variants) - 1)]
        two = after.variants[min(i, len(after.variants) - 1)]
        more = two.parts[1:] if repeated else two.parts
        between: tuple[str, ...] = () if repeated else (relation,)
        made.append(
            Variant(
                one.parts + more,
                one.relations + between + two.relations,
                one.repairs + two.repairs,
            )
        )
    return replace(before, variants=tuple(made), last_line=after.last_line)


def _variants(
    tokens: Sequence[Placed], unit: str, source: Source
) -> tuple[Variant, ...] | Unparsable:
    """Parse a region as written, and with lost signs put back."""
    found: list[Variant] = []
    failure: Unparsable | None = None
    for candidate, repairs in alternatives(tokens, unit):
        try:
            chain = parse_tokens([p.token for p in candidate], quoted(source, candidate[0].line))
        except Unparsable as error:
            failure = failure or error
            continue
        parts = tuple(
            Part(node, candidate[start].line, candidate[start].column)
            for node, (start, _) in zip(chain.parts, chain.spans, strict=True)
        )
        found.append(Variant(parts, chain.relations, repairs))
    if not found and failure is None and tokens:
        try:
            parse_tokens([p.token for p in tokens], quoted(source, tokens[0].line))
        except Unparsable as error:
            failure = error
    if found:
        return tuple(found)
    return failure if failure is not None else ()


def left_names(parts: Sequence[Part]) -> list[Name]:
    """Return the names that a chain gives a value to: ``g = dL/dw = …`` has two."""
    found = []
    for part in parts[:-1]:
        name = _as_left_name(part.node)
        if name is None:
            break
        found.append(name)
    return found


def _as_left_name(node: Node) -> Name | None:
    """Read ``m``, ``Δw`` and ``g(θ_0)`` as a name."""
    if isinstance(node, Name):
        return node
    if isinstance(node, Binary) and node.sign == "juxtaposed":
        left, right = node.left, node.right
        if isinstance(left, Name) and isinstance(right, Name):
            if left.base == "delta":
                return replace(left, index=right.base + ("," + right.index if right.index else ""))
            if left.base in ("g", "grad"):
                return replace(left, index="@" + right.index)
    return None
