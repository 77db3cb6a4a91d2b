"""Cutting the tokens of a line into regions."""

from __future__ import annotations

from dataclasses import replace

from adamref.documents.lists import (
    OPERATORS,
    after_colon,
    aligned,
    elements,
    gives_number,
    list_after,
    list_before,
    listed_gradients,
    names_after,
    of_one,
    pair_before,
    starting_point,
)
from adamref.documents.phrases import FILLERS, of_a_parameter, told_as_text, uncounted
from adamref.documents.regions import Layout, Placed, Region, State
from adamref.documents.separate import separate
from adamref.expressions.nodes import Name
from adamref.expressions.token import Token

RUN = frozenset(
    "NUMBER NAME PLUS MINUS TIMES SLASH POW LPAR RPAR LBRACE RBRACE FRAC SQRT FUNC SUM TOTAL MAX "
    "REL OPEN IF COMPARE ALSO CLOSE VERB COMMAND ELLIPSIS".split()
)
_SENTENCE = 400
"""Tokens of a line in which the words are read that say where it starts."""
_JOINERS = frozenset(("TIMES", "SLASH", "REL", "PLUS"))


def segment(placed: list[Placed], state: State, layout: Layout) -> None:
    """Add a line's tokens to the regions."""
    placed = _without_tuples(
        of_one(aligned(of_a_parameter(told_as_text(uncounted(placed))))), state, layout
    )
    for i, here in enumerate(placed):
        kind = here.token.kind
        if kind in RUN or (kind == "COMMA" and _in_maximum(state.pending)):
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
            state.pending.append(_taken(here, placed[i - 1] if i else None))
            continue
        if kind == "MATH":
            if here.token.text in ("$$", r"\[", r"\]"):
                flush(state, layout)
                state.dollars = here.token.text == "$$" and not state.dollars
                state.display = state.dollars or here.token.text == r"\["
                continue
            if _binds_across(state.pending, placed[i + 1 :]):
                continue
            flush(state, layout, unit=placed[i + 1] if i + 1 < len(placed) else None)
            continue
        if kind == "PHRASE":
            # "Weight (w) = 0.5", "learning rate α = 0.1": the symbol that follows is the name.
            flush(state, layout)
            assert isinstance(here.token.value, Name)
            state.phrase = here.token.value
            if (value := after_colon(placed[i + 1 :])) is not None:
                state.pending = [_equated(here)[0], *_equated(here)[1:], *value]
                flush(state, layout)
                return
            if listed := listed_gradients(here.token.text, placed[i + 1 :]):
                for at, value in enumerate(listed, 1):
                    named = replace(
                        here.token, kind="NAME", value=replace(here.token.value, index=str(at))
                    )
                    state.phrase = None
                    state.pending = [replace(here, token=named), _equated(here)[1], *value]
                    flush(state, layout)
                continue
            if gives_number(placed[i + 1 :]):
                state.pending = _equated(here)
                state.phrase = None
            continue
        flush(state, layout, here)
        filler = kind == "TEXT" and here.token.text.lower() in FILLERS
        if kind in ("STOP", "BREAK", "COMMA", "TEXT") and not filler:
            state.phrase = None


def flush(
    state: State, layout: Layout, cut: Placed | None = None, *, unit: Placed | None = None
) -> None:
    """Close the region that is open.

    Parameters
    ----------
    state : State
    layout : Layout
    cut : Placed, optional
        The token that ended it, if one did.
    unit : Placed, optional
        The token behind it, where that is another.
    """
    if state.pending:
        last = state.pending[-1].token
        unit = unit or cut
        stopped = cut is not None and cut.line == state.pending[-1].line
        # "0.001 * pow(15, 2)": the expression goes on in a way that is not understood.
        unfinished = stopped and last.kind in ("TIMES", "SLASH", "POW", "PLUS")
        for tokens in separate(state.pending):
            layout.events.append(
                Region(
                    tuple(tokens),
                    state.phrase,
                    state.pending_display,
                    state.code,
                    state.paragraph,
                    leading=state.leading,
                    broken=cut.token.text if unfinished and cut is not None else "",
                    unit=unit.token.text if unit is not None else "",
                )
            )
        state.phrase = None
    state.pending = []


def continues(pending: list[Placed], placed: list[Placed], *, display: bool = False) -> bool:
    """Say whether a line carries on the region that the line before left open.

    In a display the end of a line is no more than a blank: what has no relation of its own and
    begins with a bracket or a fraction is a factor of what stands above it.
    """
    if not placed:
        return False
    first = placed[0].token.kind
    if display and first in ("LPAR", "FRAC", "SQRT") and _is_no_statement(placed):
        return any(p.token.kind == "REL" for p in pending)
    if open_ended(pending):
        return first in RUN
    return first in _JOINERS


def _is_no_statement(placed: list[Placed]) -> bool:
    return not any(p.token.kind in ("REL", "VERB", "TEXT", "BREAK") for p in placed)


def open_ended(pending: list[Placed]) -> bool:
    """Say whether a region cannot end where it does: on an operator, or inside brackets."""
    depth = sum(
        (p.token.kind in ("LPAR", "LBRACE")) - (p.token.kind in ("RPAR", "RBRACE")) for p in pending
    )
    return depth > 0 or pending[-1].token.kind in OPERATORS


def _in_maximum(pending: list[Placed]) -> bool:
    """Say whether the bracket of a maximum is open, so that a comma parts two operands."""
    kinds = [p.token.kind for p in pending]
    if "MAX" not in kinds:
        return False
    rest = kinds[len(kinds) - 1 - kinds[::-1].index("MAX") :]
    opened = sum((k in ("LPAR", "LBRACE")) - (k in ("RPAR", "RBRACE")) for k in rest)
    return opened == 1 and "COMMA" not in rest


def _binds_across(pending: list[Placed], rest: list[Placed]) -> bool:
    """Say whether a dollar sign stands in the middle of a chain: ``$m$ = $0.9$``."""
    if not pending:
        return False
    following = next((p.token.kind for p in rest if p.token.kind != "MATH"), "")
    last = pending[-1].token.kind
    return following in _JOINERS or (last in _JOINERS and following in RUN)


def _without_tuples(placed: list[Placed], state: State, layout: Layout) -> list[Placed]:
    """Take ``(x, y) = (3, 4)`` and its like out, as one region for each pair."""
    before: list[Placed] = []
    while (parted := _tuples_out(placed, state, layout)) is not None:
        kept, placed = parted
        before += kept
    return [*before, *placed]


def _tuples_out(
    placed: list[Placed], state: State, layout: Layout
) -> tuple[list[Placed], list[Placed]] | None:
    """Take the first of them out; return what stays of the tokens before it, and those after."""
    kinds = [p.token.kind for p in placed]
    if len(placed) < _SENTENCE and (begun := starting_point(placed)) is not None:
        start, end, said = begun
        _in_regions(placed[:start], said, state, layout)
        return [], placed[end:]
    for i in range(len(placed)):
        if kinds[i] != "REL":
            continue
        if (vector := elements(placed, i, RUN)) is not None:
            _in_regions(placed[: i - 1], vector[1], state, layout)
            return [], placed[vector[0] :]
        left = list_before(placed, i, ("NAME",)) or pair_before(placed, i)
        right = list_after(placed, i)
        if left is not None and len(left[1]) > 1:
            end, count = names_after(placed, i)
            if count == len(left[1]):  # ``a, b = c, d``: no ``b = c``
                return placed[: left[0]], placed[end:]
        if left is None or right is None or len(left[1]) != len(right[1]) or len(left[1]) < 2:
            continue
        flush(state, layout)
        for name, number in zip(left[1], right[1], strict=True):
            state.pending = [*name, placed[i], *number]
            flush(state, layout)
        return placed[: left[0]], placed[right[0] :]
    return None


def _in_regions(
    before: list[Placed], said: list[list[Placed]], state: State, layout: Layout
) -> None:
    """Read what stands before a tuple, then each statement about an element of it."""
    segment(before, state, layout)
    flush(state, layout)
    for statement in said:
        state.pending = statement
        flush(state, layout)


def _equated(phrase: Placed) -> list[Placed]:
    """Turn a phrase into a name and an equals sign."""
    relation = Token("REL", "=", phrase.token.end, phrase.token.end)
    return [
        replace(phrase, token=replace(phrase.token, kind="NAME")),
        replace(phrase, token=relation),
    ]


def _taken(here: Placed, before: Placed | None) -> Placed:
    """Take a token into a region: a verb as a relation, the index of what was not read as a name.

    ``Q[z]_1 = 6`` and ``#1 = 6`` do not say that 1 is 6.
    """
    if here.token.kind == "VERB":
        return replace(here, token=replace(here.token, kind="REL"))
    if here.token.kind != "NUMBER" or before is None or before.token.kind != "STOP":
        return here
    if before.token.text not in "_#" or before.token.end != here.token.start:
        return here
    text = before.token.text + here.token.text
    return replace(here, token=replace(here.token, kind="NAME", value=Name(text, text=text)))


def _named(word: Placed) -> Placed:
    token = replace(word.token, kind="NAME", value=Name(word.token.text, text=word.token.text))
    return Placed(token, word.line, word.column)


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
