"""From lines to regions: the stretches of a document that may be mathematics.

A region is a run of tokens without a word in between. Lines are followed across soft wraps, display
mathematics and tables; headings, step markers and code fences are noted as they pass.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, final

from adamref.documents.phrases import (
    ABOUT,
    FILLERS,
    VERBS,
    other_optimizer,
    step_marker,
    with_phrases,
)
from adamref.documents.repair import mend
from adamref.documents.tables import Cell, barred, delimiter, read_table
from adamref.errors import Unparsable
from adamref.expressions.nodes import Name
from adamref.expressions.tokens import Token, tokenize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adamref.documents.repair import Repair
    from adamref.documents.source import Source

MAX_LINE = 20_000
MAX_REGIONS = 20_000


@final
@dataclass(frozen=True)
class Placed:
    """A token and where it stands in the document."""

    token: Token
    line: int
    column: int


@final
@dataclass(frozen=True)
class Region:
    """A run of tokens that may be a chain.

    Attributes
    ----------
    tokens : tuple of Placed
    phrase : Name or None
        The quantity named by the words just before.
    display : bool
        Whether it stands in display mathematics.
    code : bool
        Whether it stands in a code block.
    paragraph : int
        Which paragraph it belongs to.
    parameter : str
        The parameter a table column is about, or empty.
    time : int or None
        The step a table row is about.
    leading : bool
        Whether nothing but markup stands before it in its line or row.
    broken : str
        What cut it off in the middle of an expression, if something did.
    """

    tokens: tuple[Placed, ...]
    phrase: Name | None
    display: bool
    code: bool
    paragraph: int
    parameter: str = ""
    time: int | None = None
    leading: bool = False
    broken: str = ""


@final
@dataclass(frozen=True)
class Marker:
    """A line that says which step begins."""

    line: int
    t: int


@final
@dataclass(frozen=True)
class Component:
    """A line that says which of several parameters comes next: "For θ1:"."""

    line: int
    index: str


@final
@dataclass(frozen=True)
class Section:
    """A heading; ``other`` says whether it announces another optimizer (None: no optimizer).

    A section ends at the next heading of its level or a higher one (a smaller number).
    """

    line: int
    other: bool | None
    level: int


@final
@dataclass(frozen=True)
class Unreadable:
    """A line that cannot be cut into tokens, or is too long to try."""

    line: int
    quote: str
    because: str


@final
@dataclass
class Layout:
    """Everything found in a document, in order."""

    events: list[Region | Marker | Section | Component | Unreadable] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)


_FENCE = re.compile(r"^\s*(```|~~~)|^\s*\\(?:begin|end)\{(?:verbatim|lstlisting|minted)\}")
_HEADING = re.compile(
    r"^\s*(?:(?P<marks>#{1,6})\s+\S|\*\*[^*]+\*\*:?\s*$"
    r"|\\(?P<subs>(?:sub)*)(?:section|paragraph)\*?\{|\d{1,2}[.)]\s+[A-Z][^=.:]{0,40}$)"
)
_BULLET = re.compile(r"^\s*(?:>\s?)*\s*(?:[-+•·▪–]\s+|\*\s+|\(?(?:\d{1,2}|[a-z])[.)]\s+|#+\s+)?")
_MATHEMATICAL = re.compile(r"[=≈$\\|:←≃~]|\d")
_COMPONENT = re.compile(
    r"^\W*(?:for|parameter|weight|component|coordinate)\s+\W*(?:θ|theta|w|x)_?\{?([0-9₀-₉]+)\}?\W*$",
    re.IGNORECASE,
)
_EATEN_NABLA = re.compile(r"abla(?![a-z])")
_OPENERS = re.compile(
    r"\\begin\{(align|equation|gather|multline|eqnarray|split|aligned|displaymath|math)\w*\*?\}|\\\["
)
_CLOSERS = re.compile(
    r"\\end\{(align|equation|gather|multline|eqnarray|split|aligned|displaymath|math)\w*\*?\}|\\\]"
)


def lay_out(source: Source) -> Layout:
    """Find every region of a document."""
    layout = Layout()
    decimal_comma = uses_decimal_comma(source.lines)
    state = _State()
    for number, raw in enumerate(source.lines, 1):
        if len(layout.events) > MAX_REGIONS:
            layout.events.append(
                Unreadable(
                    number,
                    "",
                    f"the document holds more than {MAX_REGIONS} statements; "
                    "from here on it was not read",
                )
            )
            break
        _line(raw, number, state, layout, decimal_comma)
    _flush(state, layout)
    _flush_table(state, layout, decimal_comma)
    return layout


def uses_decimal_comma(lines: tuple[str, ...]) -> bool:
    """Say whether a document writes 0,9 for nine tenths."""
    comma = point = 0
    for line in lines:
        comma += len(re.findall(r"(?<![\d.,])0(?:,|\{,\})\d", line))
        point += len(re.findall(r"(?<![\d.,])\d*\.\d", line))
    return comma > point


@final
@dataclass
class _State:
    """What is open while lines pass."""

    code: bool = False
    display: bool = False
    paragraph: int = 0
    pending: list[Placed] = field(default_factory=list)
    pending_display: bool = False
    phrase: Name | None = None
    leading: bool = False
    cut: Placed | None = None
    table: list[tuple[int, str]] = field(default_factory=list)
    mark: str | None = None
    width: int = 0


def _line(raw: str, number: int, state: _State, layout: Layout, decimal_comma: bool) -> None:
    if _FENCE.match(raw):
        _flush(state, layout)
        state.code = not state.code
        return
    if not raw.strip():
        _flush(state, layout)
        _flush_table(state, layout, decimal_comma)
        # A blank line inside display mathematics that was never closed ends it all the same.
        state.paragraph += 1
        state.phrase = None
        return
    if raw.lstrip().startswith("|") and raw.count("|") >= 2 and not state.code:
        _flush(state, layout)
        state.table.append((number, raw))
        return
    if not state.code and _in_plain_table(raw, number, state, layout):
        return
    _flush_table(state, layout, decimal_comma)
    if len(raw) > MAX_LINE:
        layout.events.append(
            Unreadable(number, raw[:60], f"a line of {len(raw)} characters is not read")
        )
        return
    if (heading := _HEADING.match(raw)) and not state.code:
        _flush(state, layout)
        layout.events.append(Section(number, other_optimizer(raw), _level(heading)))
    mended, repairs = mend(raw, number)
    layout.repairs.extend(repairs)
    if (named := _COMPONENT.match(mended.text)) is not None:
        _flush(state, layout)
        layout.events.append(Component(number, named[1]))
        return
    marker = step_marker(mended.text)
    if marker is not None:
        _flush(state, layout)
        layout.events.append(Marker(number, marker))
    if not _MATHEMATICAL.search(mended.text) and not state.pending:
        state.phrase = None
        return
    if _OPENERS.search(raw):
        state.display = True
    body = _BULLET.match(mended.text)
    skip = body.end() if body else 0
    if skip and _keeps_sign(state, mended.text):
        skip = 0
    try:
        tokens = tokenize(mended.text[skip:], decimal_comma=decimal_comma)
    except Unparsable as error:
        layout.events.append(Unreadable(number, raw.strip()[:60], error.because))
        return
    tokens = with_phrases(mended.text[skip:], tokens)
    placed = [Placed(t, number, mended.column(t.start + skip)) for t in _tidied(tokens)]
    # A line that starts with "abla" is what a newline left of \nabla: it carries on.
    eaten = _EATEN_NABLA.match(raw) is not None
    if state.pending and not eaten and not _continues(state.pending, placed):
        _flush(state, layout)
    _segment(placed, state, layout)
    if _CLOSERS.search(raw):
        state.display = False


def _in_plain_table(raw: str, number: int, state: _State, layout: Layout) -> bool:
    """Collect a table of plain text: a head of names, then lines with as many cells."""
    if state.mark is None:
        state.mark = delimiter(raw) if len(raw) < MAX_LINE else None
        if state.mark is None:
            return False
        _flush(state, layout)
        state.width = raw.count(state.mark)
    elif raw.count(state.mark) != state.width or not re.match(r'\s*"?\d', raw):
        state.mark = None
        return False
    state.table.append((number, barred(raw, state.mark)))
    return True


def _level(heading: re.Match[str]) -> int:
    if heading["marks"]:
        return len(heading["marks"])
    return 8 if heading["subs"] is None else 1 + len(heading["subs"]) // 3


def _keeps_sign(state: _State, text: str) -> bool:
    """Say whether a leading minus continues the line before rather than being a bullet."""
    first = text.lstrip()[:1]
    if not state.pending or first not in ("-", "+", "–"):
        return False
    # A plus at the start of a line adds to a chain above it; a minus may be a bullet.
    chain = any(p.token.kind == "REL" for p in state.pending)
    return _open_ended(state.pending) or (first == "+" and chain)


def _tidied(tokens: list[Token]) -> list[Token]:
    """Settle what a token is by its neighbours."""
    made: list[Token] = []
    for i, token in enumerate(tokens):
        before = made[-1] if made else None
        after = tokens[i + 1] if i + 1 < len(tokens) else None
        made.append(_settled(token, before, after, tokens, i))
    return made


def _settled(
    token: Token, before: Token | None, after: Token | None, tokens: list[Token], i: int
) -> Token:
    kinds = (before.kind if before else "", after.kind if after else "")
    if (
        token.kind == "NAME"
        and token.text in ("x", "X")
        and (
            kinds[0] in ("NUMBER", "RPAR", "RBRACE")
            and kinds[1] in ("NUMBER", "LPAR", "MINUS", "SQRT")
        )
    ):
        return replace(token, kind="TIMES")
    if (
        token.kind == "NAME"
        and token.text in ("a", "A", "I")
        and kinds[1] in ("TEXT", "PHRASE", "")
    ):
        return replace(token, kind="TEXT", value=None)
    if token.kind == "COLON" and _is_division(token, before, after, tokens[:i]):
        return replace(token, kind="SLASH")
    if (
        token.kind == "COLON"
        and kinds[0] in ("NAME", "PHRASE", "RPAR")
        and (kinds[1] in ("NUMBER", "MINUS", "LPAR", "SQRT", "FRAC"))
    ):
        return replace(token, kind="REL", text="=")
    if token.kind == "TEXT" and kinds[0] in ("REL", "VERB") and token.text.lower() in ABOUT:
        return replace(token, kind="VERB", text="≈")
    words = FILLERS if kinds[0] == "VERB" else VERBS
    if token.kind == "TEXT" and token.text.lower() in words and _is_quantity(before):
        rest = [t for t in tokens[i + 1 : i + 5] if t.kind != "MATH"]
        while rest and rest[0].kind == "TEXT" and rest[0].text.lower() in FILLERS:
            rest.pop(0)
        if rest and rest[0].kind == "MINUS":
            rest.pop(0)
        if rest and rest[0].kind == "NUMBER":
            return replace(token, kind="VERB", text="=")
    return token


def _is_division(
    token: Token, before: Token | None, after: Token | None, earlier: list[Token]
) -> bool:
    """Read ``1.5 : 0.1`` in a chain as a quotient, as much of Europe writes it."""
    return (
        before is not None
        and after is not None
        and before.kind in ("NUMBER", "RPAR")
        and after.kind in ("NUMBER", "LPAR")
        and token.start > before.end
        and any(t.kind == "REL" for t in earlier)
    )


def _is_quantity(token: Token | None) -> bool:
    """Say whether a verb after this token may give it a number: a hyperparameter or parameter."""
    if token is None:
        return False
    if token.kind in ("PHRASE", "VERB"):
        return True
    name = token.value
    return (
        token.kind == "NAME"
        and isinstance(name, Name)
        and (
            name.base in ("alpha", "beta", "epsilon", "eta", "theta", "w", "rho", "grad")
            or (name.base in ("m", "v") and (name.hat or name.index.isdigit()))
        )
    )


_RUN = frozenset(
    "NUMBER NAME PLUS MINUS TIMES SLASH POW LPAR RPAR LBRACE RBRACE FRAC SQRT FUNC REL VERB "
    "COMMAND ELLIPSIS".split()
)
_OPERATORS = frozenset(("PLUS", "MINUS", "TIMES", "SLASH", "POW", "REL", "FRAC", "SQRT"))
_JOINERS = frozenset(("TIMES", "SLASH", "REL", "PLUS"))


def _segment(placed: list[Placed], state: _State, layout: Layout) -> None:
    """Add a line's tokens to the regions."""
    placed = _without_tuples(placed, state, layout)
    for i, here in enumerate(placed):
        kind = here.token.kind
        if kind in _RUN:
            if kind == "VERB" and state.pending and state.pending[-1].token.kind == "REL":
                if here.token.text == "≈":  # "= about 1.6"
                    relation = replace(state.pending[-1].token, text="≈")
                    state.pending[-1] = replace(state.pending[-1], token=relation)
                continue
            if not state.pending:
                if _carries_on(placed, i) and _spoil_last(layout, placed[i - 1]):
                    break
                state.pending_display = state.display
                state.leading = all(
                    p.token.kind in ("MATH", "BREAK") for p in placed[max(0, i - 1) : i]
                )
                word = placed[i - 1] if i and kind == "REL" else None
                if word is not None and word.token.kind == "TEXT" and state.phrase is None:
                    # "denominator = …": a word that is given a value is a name.
                    state.pending.append(_named(word))
            state.pending.append(
                Placed(replace(here.token, kind="REL"), here.line, here.column)
                if kind == "VERB"
                else here
            )
            continue
        if kind == "MATH":
            if here.token.text in ("$$", r"\[", r"\]"):
                _flush(state, layout)
                state.display = (
                    not state.display if here.token.text == "$$" else here.token.text == r"\["
                )
                continue
            if _binds_across(state.pending, placed[i + 1 :]):
                continue
            _flush(state, layout)
            continue
        if kind == "PHRASE":
            # "Weight (w) = 0.5", "learning rate α = 0.1": the symbol that follows is the name.
            _flush(state, layout)
            assert isinstance(here.token.value, Name)
            state.phrase = here.token.value
            if (value := _after_colon(placed[i + 1 :])) is not None:
                state.pending = [_equated(here)[0], *_equated(here)[1:], *value]
                _flush(state, layout)
                return
            if here.token.text.lower().endswith("gradients") and (
                listed := _listed_numbers(placed[i + 1 :])
            ):
                for at, value in enumerate(listed, 1):
                    named = replace(
                        here.token, kind="NAME", value=replace(here.token.value, index=str(at))
                    )
                    state.phrase = None
                    state.pending = [replace(here, token=named), _equated(here)[1], *value]
                    _flush(state, layout)
                continue
            if _gives_number(placed[i + 1 :]):
                state.pending = _equated(here)
                state.phrase = None
            continue
        _flush(state, layout, here)
        filler = kind == "TEXT" and here.token.text.lower() in FILLERS
        if kind in ("STOP", "BREAK", "COMMA", "TEXT") and not filler:
            state.phrase = None


def _carries_on(placed: list[Placed], at: int) -> bool:
    """Say whether what begins here is the rest of an expression that a strange sign cut in two.

    ``0.1 ? 15 = 1.5``: an operand at once after the sign, and a relation behind it; or
    ``15 squared = 0.225``: a relation at once after a word that follows an operand.
    """
    if at < 2 or placed[at - 1].token.kind not in ("STOP", "TEXT"):
        return False
    strange, left = placed[at - 1].token, placed[at - 2].token
    if left.kind not in ("NUMBER", "RPAR", "RBRACE", "NAME"):
        return False
    here = placed[at].token
    if strange.kind == "TEXT":
        return here.kind == "REL" and left.kind != "NAME"
    apart = strange.text != "." or strange.start > left.end
    return (
        apart
        and strange.text not in ",;!?|<>"
        and here.kind in ("NUMBER", "LPAR", "SQRT", "FRAC")
        and any(p.token.kind == "REL" for p in placed[at : at + 12])
    )


def _spoil_last(layout: Layout, cut: Placed) -> bool:
    """Mark the region just closed as cut off; say whether there was one on this line."""
    last = layout.events[-1] if layout.events else None
    if not isinstance(last, Region) or last.tokens[-1].line != cut.line:
        return False
    if not any(p.token.kind == "REL" for p in last.tokens):
        return False
    layout.events[-1] = replace(last, broken=cut.token.text)
    return True


def _named(word: Placed) -> Placed:
    token = replace(word.token, kind="NAME", value=Name(word.token.text, text=word.token.text))
    return Placed(token, word.line, word.column)


def _separate(tokens: list[Placed]) -> Iterator[list[Placed]]:
    """Split what stands side by side without a comma: ``lr=0.1  b1=0.9`` and ``a = 1 / b = 2``."""
    start = 0
    for i in range(1, len(tokens) - 1):
        here, after = tokens[i].token, tokens[i + 1].token
        if here.kind != "NAME" or after.kind != "REL" or i - start < 3:
            continue
        if not any(p.token.kind == "REL" for p in tokens[start:i]):
            continue
        left = tokens[i - 1].token
        end = i
        before, inside = here.start - left.end, after.start - here.end
        if left.kind == "SLASH" and tokens[i - 2].token.kind == "NUMBER" and left.end < here.start:
            end = i - 1
        elif left.kind != "NUMBER" or (
            # "0.1  b1=0.9" are two; "g = 2 w_0 = 6" is one chain with a product in it.
            before <= inside and tokens[i - 1].line == tokens[i].line
        ):
            continue
        yield from _bracket_free(tokens[start:end])
        start = i
    yield from _bracket_free(tokens[start:])


def _equated(phrase: Placed) -> list[Placed]:
    """Turn a phrase into a name and an equals sign."""
    relation = Token("REL", "=", phrase.token.end, phrase.token.end)
    return [
        replace(phrase, token=replace(phrase.token, kind="NAME")),
        replace(phrase, token=relation),
    ]


def _after_colon(rest: list[Placed]) -> list[Placed] | None:
    """Find the number in "gradient at theta: 4", which ends its line."""
    for i, placed in enumerate(rest[:6]):
        if placed.token.kind in ("COLON", "REL") and i > 0:
            value = rest[i + 1 :]
            kinds = [p.token.kind for p in value]
            return value if kinds in (["NUMBER"], ["MINUS", "NUMBER"]) else None
        if placed.token.kind not in ("TEXT", "NAME", "NUMBER", "MATH", "VERB"):
            return None
    return None


def _listed_numbers(rest: list[Placed]) -> list[list[Placed]]:
    """Find the numbers in "gradients 5, 4, 2" and "gradients 1.4 then 1.1"."""
    found: list[list[Placed]] = []
    sign: list[Placed] = []
    for placed in rest:
        kind = placed.token.kind
        if kind == "NUMBER":
            found.append([*sign, placed])
            sign = []
        elif kind == "MINUS":
            sign = [placed]
        elif kind not in ("COMMA", "MATH", "COLON", "VERB") and not (
            kind == "TEXT" and placed.token.text.lower() in ("then", "and", "are")
        ):
            break
    return found if len(found) > 1 else []


def _gives_number(rest: list[Placed]) -> bool:
    """Say whether a number follows a phrase at once, with nothing or filler in between."""
    kinds = [p.token.kind for p in rest[:6]]
    while kinds and kinds[0] in ("MATH", "VERB"):
        kinds.pop(0)
    if kinds and kinds[0] == "MINUS":
        kinds.pop(0)
    return bool(kinds) and kinds[0] == "NUMBER" and (len(kinds) < 2 or kinds[1] not in _OPERATORS)


def _binds_across(pending: list[Placed], rest: list[Placed]) -> bool:
    """Say whether a dollar sign stands in the middle of a chain: ``$m$ = $0.9$``."""
    if not pending:
        return False
    following = next((p.token.kind for p in rest if p.token.kind != "MATH"), "")
    last = pending[-1].token.kind
    return following in _JOINERS or (last in _JOINERS and following in _RUN)


def _open_ended(pending: list[Placed]) -> bool:
    depth = sum(
        (p.token.kind in ("LPAR", "LBRACE")) - (p.token.kind in ("RPAR", "RBRACE")) for p in pending
    )
    return depth > 0 or pending[-1].token.kind in _OPERATORS


def _continues(pending: list[Placed], placed: list[Placed]) -> bool:
    """Say whether a line carries on the region that the line before left open."""
    if not placed:
        return False
    first = placed[0].token.kind
    if _open_ended(pending):
        return first in _RUN
    return first in _JOINERS


def _without_tuples(placed: list[Placed], state: _State, layout: Layout) -> list[Placed]:
    """Take ``(x, y) = (3, 4)`` and its like out, as one region for each pair."""
    kinds = [p.token.kind for p in placed]
    for i in range(len(placed)):
        if kinds[i] != "REL":
            continue
        left = _list_before(placed, i, ("NAME",)) or _pair_before(placed, i)
        right = _list_after(placed, i)
        if left is None or right is None or len(left[1]) != len(right[1]) or len(left[1]) < 2:
            continue
        _flush(state, layout)
        for name, number in zip(left[1], right[1], strict=True):
            state.pending = [*name, placed[i], *number]
            _flush(state, layout)
        rest = _without_tuples(placed[right[0] :], state, layout)
        before = placed[: left[0]]
        return [*before, *rest]
    return placed


def _list_before(
    placed: list[Placed], at: int, kinds: tuple[str, ...]
) -> tuple[int, list[list[Placed]]] | None:
    i = at - 1
    closed = i >= 0 and placed[i].token.kind == "RPAR"
    i -= closed
    found: list[list[Placed]] = []
    while i >= 0 and placed[i].token.kind in kinds:
        found.insert(0, [placed[i]])
        if i >= 1 and placed[i - 1].token.kind == "COMMA":
            i -= 2
            continue
        i -= 1
        break
    if closed:
        if i < 0 or placed[i].token.kind != "LPAR":
            return None
        i -= 1
    return (i + 1, found) if len(found) > 1 else None


def _pair_before(placed: list[Placed], at: int) -> tuple[int, list[list[Placed]]] | None:
    """Read ``betas = (0.9, 0.999)`` as two names."""
    if at < 1 or placed[at - 1].token.text not in ("betas", "β", r"\beta", "beta", "βs"):
        return None
    here = placed[at - 1]
    return at - 1, [
        [replace(here, token=replace(here.token, kind="NAME", value=Name("beta", index)))]
        for index in ("1", "2")
    ]


def _list_after(placed: list[Placed], at: int) -> tuple[int, list[list[Placed]]] | None:
    i = at + 1
    opened = i < len(placed) and placed[i].token.kind == "LPAR"
    i += opened
    found: list[list[Placed]] = []
    while i < len(placed):
        start = i
        if placed[i].token.kind == "MINUS":
            i += 1
        if i >= len(placed) or placed[i].token.kind != "NUMBER":
            return None
        i += 1
        found.append(placed[start:i])
        if i < len(placed) and placed[i].token.kind == "COMMA":
            i += 1
            continue
        break
    if opened:
        if i >= len(placed) or placed[i].token.kind != "RPAR":
            return None
        i += 1
    return (i, found) if len(found) > 1 else None


def _flush(state: _State, layout: Layout, cut: Placed | None = None) -> None:
    """Close the region that is open; ``cut`` is the token that ended it, if one did."""
    if state.pending:
        last = state.pending[-1].token
        stopped = cut is not None and cut.line == state.pending[-1].line
        # "0.001 * pow(15, 2)": the expression goes on in a way that is not understood.
        unfinished = stopped and last.kind in ("TIMES", "SLASH", "POW", "PLUS")
        for tokens in _separate(state.pending):
            layout.events.append(
                Region(
                    tuple(tokens),
                    state.phrase,
                    state.pending_display,
                    state.code,
                    state.paragraph,
                    leading=state.leading,
                    broken=cut.token.text if unfinished and cut is not None else "",
                )
            )
        state.phrase = None
    state.pending = []


_CANNOT_START = frozenset(("TIMES", "SLASH", "PLUS", "POW", "RPAR", "RBRACE"))
_CANNOT_END = frozenset(
    ("TIMES", "SLASH", "PLUS", "MINUS", "POW", "LPAR", "LBRACE", "REL", "SQRT", "FRAC")
)


def _bracket_free(tokens: list[Placed]) -> Iterator[list[Placed]]:
    """Split where a bracket has no partner, and take out brackets that hold a relation."""
    stack: list[int] = []
    for i, placed in enumerate(tokens):
        kind = placed.token.kind
        if kind in ("LPAR", "LBRACE"):
            stack.append(i)
        elif kind in ("RPAR", "RBRACE"):
            if not stack:
                yield from _bracket_free(tokens[:i])
                yield from _bracket_free(tokens[i + 1 :])
                return
            opened = stack.pop()
            inside = tokens[opened + 1 : i]
            if any(p.token.kind == "REL" for p in inside):
                yield from _bracket_free(tokens[:opened])
                yield from _bracket_free(inside)
                yield from _bracket_free(tokens[i + 1 :])
                return
    if stack and stack[0] > 1 and tokens[stack[0] - 1].token.kind in ("REL", "TIMES", "PLUS"):
        # A vector, most likely: what stands before it would be cut off in the middle.
        yield tokens[: stack[0] + 1]
        return
    if stack:
        yield from _bracket_free(tokens[: stack[0]])
        yield from _bracket_free(tokens[stack[0] + 1 :])
        return
    trimmed = _as_given(_trimmed(tokens))
    if trimmed:
        yield trimmed


def _as_given(tokens: list[Placed]) -> list[Placed]:
    """Read ``alpha 0.1``, standing alone, as ``alpha = 0.1``."""
    if len(tokens) == 2 and tokens[1].token.kind == "NUMBER":
        name, blank = tokens[0].token.value, tokens[1].token.start - tokens[0].token.end
        rate = isinstance(name, Name) and name.base == "b" and name.index in ("1", "2")
        if (
            blank > 0
            and isinstance(name, Name)
            and (rate or name.base in ("alpha", "beta", "epsilon"))
        ):
            relation = Token("REL", "=", tokens[0].token.end, tokens[0].token.end)
            return [tokens[0], replace(tokens[0], token=relation), tokens[1]]
    return tokens


def _trimmed(tokens: list[Placed]) -> list[Placed]:
    start, end = 0, len(tokens)
    while start < end and tokens[start].token.kind in _CANNOT_START:
        start += 1
    while end > start and tokens[end - 1].token.kind in _CANNOT_END:
        end -= 1
    return tokens[start:end]


def _flush_table(state: _State, layout: Layout, decimal_comma: bool) -> None:
    if not state.table:
        return
    rows, state.table, state.mark = state.table, [], None
    state.paragraph += 1
    for cell in read_table(rows):
        _table_cell(cell, state, layout, decimal_comma)
    state.paragraph += 1


def _table_cell(cell: Cell, state: _State, layout: Layout, decimal_comma: bool) -> None:
    """Make one region out of what a table cell says about the quantity it stands for."""
    placed: list[Placed] = []
    for at, (text, column) in enumerate(cell.pieces):
        tokens = _cell_tokens(text, column, cell.line, layout, decimal_comma)
        if tokens is None or any(p.token.kind not in _RUN for p in tokens):
            if at == 0:
                continue  # a word of explanation: the next cell may name the quantity
            return
        if placed and tokens:
            placed.append(Placed(Token("REL", "=", 0, 0), cell.line, column))
        placed += tokens
    for region in _bracket_free(placed):
        layout.events.append(
            Region(tuple(region), None, False, False, state.paragraph, cell.parameter, cell.time)
        )


def _cell_tokens(
    text: str, column: int, line: int, layout: Layout, decimal_comma: bool
) -> list[Placed] | None:
    mended, repairs = mend(text, line)
    layout.repairs.extend(repairs)
    try:
        tokens = tokenize(mended.text, decimal_comma=decimal_comma)
    except Unparsable:
        return None
    return [
        Placed(
            replace(t, kind="NAME") if t.kind == "PHRASE" else t,
            line,
            column + mended.column(t.start) - 1,
        )
        for t in _tidied(with_phrases(mended.text, tokens))
        if t.kind != "MATH"
    ]
