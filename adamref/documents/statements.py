"""Statements: regions parsed into chains, continued across lines, with damaged signs restored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, final

from adamref.documents.regions import Component, Layout, Marker, Placed, Region, UnreadLine
from adamref.documents.repair import Repair
from adamref.documents.spans import printed
from adamref.documents.subjects import Heading
from adamref.errors import Unparsable
from adamref.expressions.nodes import Binary, Name, Node, Number, walk
from adamref.expressions.parser import parse_tokens
from adamref.expressions.token import Token

if TYPE_CHECKING:
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
    """

    variants: tuple[Variant, ...]
    display: bool
    code: bool
    paragraph: int
    parameter: str = ""
    time: int | None = None
    first_line: int = 0
    last_line: int = 0

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


Event = WrittenChain | Garbled | Marker | Heading | Component
_OPERAND_END = frozenset(("NUMBER", "NAME", "RPAR", "RBRACE"))
_OPERAND_START = frozenset(("NUMBER", "NAME", "LPAR", "FRAC", "SQRT"))


def statements(layout: Layout, source: Source) -> list[Event]:
    """Parse every region, and join what belongs together."""
    made: list[Event] = []
    for event in layout.events:
        if isinstance(event, Marker | Heading | Component):
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
    if not related and not region.display:
        return
    if continues and not (region.leading or region.display):
        return  # words stand before the relation, and they name nothing
    if continues:
        tokens = tokens[1:]
    variants = _variants(tokens, source)
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
    )
    before = made[-1] if made else None
    if isinstance(before, WrittenChain) and _belongs(before, statement, continues):
        relation = region.tokens[0].token.text if continues else "="
        made[-1] = _joined(before, statement, relation, repeated=not continues)
    elif not continues:
        made.append(statement)


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


def _variants(tokens: Sequence[Placed], source: Source) -> tuple[Variant, ...] | Unparsable:
    """Parse a region as written, and with lost signs put back."""
    found: list[Variant] = []
    failure: Unparsable | None = None
    for candidate, repairs in _candidates(tokens):
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


def _candidates(tokens: Sequence[Placed]) -> Iterable[tuple[list[Placed], tuple[Repair, ...]]]:
    if not tokens:
        return
    shorter = _without_reference(tokens)
    if shorter:
        yield shorter, ()
    grouped, groups = _with_grouped_digits(tokens)
    if groups:
        yield grouped, groups
    forced = _gaps(tokens, certain=True)
    if not forced:
        yield list(tokens), ()
    raised, raises = _with_exponents(tokens)
    if raises and not forced:
        yield raised, raises
    gaps = _gaps(tokens, certain=False)
    if gaps:
        signed, signs = _with_minus(tokens, gaps)
        yield signed, signs
        if raises:
            both, more = _with_exponents(signed)
            yield both, signs + more


def _without_reference(tokens: Sequence[Placed]) -> list[Placed]:
    """Leave an equation number, a citation or a repetition in brackets out at the end.

    ``= 1.5   (6.11)`` is 1.5 and not a product. Empty if nothing of the kind stands there.
    """
    kinds = [p.token.kind for p in tokens]
    if "REL" not in kinds:
        return []
    last = len(kinds) - 1 - kinds[::-1].index("REL")
    number = last + 1 + (kinds[last + 1 : last + 2] == ["MINUS"])
    opened = number + 1
    if kinds[number : number + 1] != ["NUMBER"] or opened >= len(kinds):
        return []
    tail = kinds[opened:]
    bracketed = tail[0] == "LPAR" and tail[-1] == "RPAR"
    bracketed = bracketed and all(kind in ("NUMBER", "MINUS") for kind in tail[1:-1])
    unit = tail == ["NAME", "SLASH", "NAME"]  # "0.9 m/s"
    apart = tokens[opened].token.start > tokens[number].token.end
    return list(tokens[:opened]) if apart and (bracketed or unit) else []


def _with_grouped_digits(
    tokens: Sequence[Placed],
) -> tuple[list[Placed], tuple[Repair, ...]]:
    """Read ``24 576`` as one number whose digits are grouped by a blank."""
    made: list[Placed] = []
    repairs = []
    for placed in tokens:
        token = placed.token
        before = made[-1].token if made else None
        if (
            before is not None
            and token.kind == before.kind == "NUMBER"
            and re.fullmatch(r"\d{1,3}( \d{3})*", before.text)
            and re.fullmatch(r"\d{3}(\.\d+)?", token.text)
            and token.start - before.end == 1
        ):
            text = f"{before.text} {token.text}"
            digits = text.replace(" ", "")
            places = len(digits.partition(".")[2])
            number = Number(Fraction(digits), Fraction(1, 10**places), digits)
            made[-1] = replace(
                made[-1], token=Token("NUMBER", text, before.start, token.end, number)
            )
            repairs.append(Repair(placed.line, text, digits))
            continue
        made.append(placed)
    return made, tuple(repairs)


def _gaps(tokens: Sequence[Placed], *, certain: bool) -> list[int]:
    """List the places where a minus may have stood between two operands."""
    places = []
    for i in range(1, len(tokens)):
        left, right = tokens[i - 1].token, tokens[i].token
        if left.kind not in _OPERAND_END or right.kind not in _OPERAND_START:
            continue
        blank = right.start - left.end
        if left.kind == right.kind == "NUMBER":
            if certain or blank >= 2:
                places.append(i)
            continue
        if certain or tokens[i - 1].line != tokens[i].line:
            continue
        if blank >= 2 or (left.kind == right.kind == "NAME" and blank == 1):
            places.append(i)
    return places


def _with_minus(
    tokens: Sequence[Placed], gaps: list[int]
) -> tuple[list[Placed], tuple[Repair, ...]]:
    made: list[Placed] = []
    repairs = []
    for i, placed in enumerate(tokens):
        if i in gaps:
            left = tokens[i - 1].token
            made.append(Placed(Token("MINUS", "-", left.end, left.end), placed.line, placed.column))
            repairs.append(
                Repair(
                    placed.line,
                    f"{left.text} {placed.token.text}",
                    f"{left.text} - {placed.token.text}",
                )
            )
        made.append(placed)
    return made, tuple(repairs)


def _with_exponents(tokens: Sequence[Placed]) -> tuple[list[Placed], tuple[Repair, ...]]:
    """Read ``10-8``, written without blanks, as a power of ten whose exponent was flattened."""
    made: list[Placed] = []
    repairs = []
    i = 0
    while i < len(tokens):
        here = tokens[i].token
        if (
            here.kind == "NUMBER"
            and here.text == "10"
            and i + 2 < len(tokens)
            and tokens[i + 1].token.kind == "MINUS"
            and tokens[i + 2].token.kind == "NUMBER"
            and here.end == tokens[i + 1].token.start
            and tokens[i + 1].token.end == tokens[i + 2].token.start
            and tokens[i + 2].token.text.isdigit()
        ):
            at = here.end
            power = Token("POW", "^", at, at)
            made += [tokens[i], replace(tokens[i], token=power), tokens[i + 1], tokens[i + 2]]
            exponent = tokens[i + 2].token.text
            repairs.append(Repair(tokens[i].line, f"10-{exponent}", f"10^(-{exponent})"))
            i += 3
            continue
        made.append(tokens[i])
        i += 1
    return made, tuple(repairs)


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
