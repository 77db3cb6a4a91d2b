"""What a document says beside its steps: where the minimum lies, and what might have been."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from adamref.documents.phrases import at_optimum, for_a_component, not_meant
from adamref.documents.statements import left_names
from adamref.expressions.nodes import Call, Name, names, walk

if TYPE_CHECKING:
    from adamref.documents.case import Case, Worked
    from adamref.documents.lines.once import JudgedLines
    from adamref.documents.roles import Meaning
    from adamref.documents.statements import Variant, WrittenChain


def might_have_been(case: Case, statement: WrittenChain) -> bool:
    """Say whether a sentence does not stand by its number; list the number, if it is a field's."""
    line = case.source.lines[statement.last_line - 1] if statement.last_line else ""
    if len(statement.parts) < 2 or not (not_meant(line) or _listed_as_wrong(case, statement)):
        return False
    lefts = left_names(statement.parts)
    meaning = case.notation.meaning(lefts[0]) if lefts else None
    if meaning is not None and meaning.kind == "field":
        because = "the sentence gives it as a mistake, or as what might have been"
        case.unread(statement.parts[-1], meaning, because, kind="value", code=statement.code)
    return True


def _listed_as_wrong(case: Case, statement: WrittenChain) -> bool:
    """Say whether a statement stands in a list of what the line above the list says to be wrong."""
    lines = case.source.lines
    at = statement.first_line - 1
    if at < 0 or not any(map(_ITEM.match, lines[max(at - 3, 0) : at + 1])):
        return False
    above = (lines[i] for i in range(at - 1, max(at - _MOST_ITEMS, -1), -1))
    leads = next((x for x in above if x.strip() and not _ITEM.match(x) and x[:1] != " "), "")
    return not_meant(leads)


_ITEM = re.compile(r"^\s{0,3}(?:[-*+•]|\d{1,2}[.)])\s")
_MOST_ITEMS = 40


def is_step(case: Case, worked: Worked, lines: JudgedLines) -> bool:
    """Say whether what words call the size of a step is worked as the one that is taken."""
    first = worked.rest[0].node
    if worked.bare or "delta" not in case.rule.fields:
        return False
    if worked.is_arithmetic and worked.number is not None and case.clock.busy:
        return any(isinstance(x, Call) and x.function == "sqrt" for x in walk(first))
    return lines.is_step(first, case.notation, case.optimizer)


def supposes_size(case: Case, variant: Variant) -> bool:
    """Say whether a text supposes the size of a quantity, as in "around |g| = 1e-4".

    Where no step is worked it is a setting as ``g = 1e-4`` is, and not to be held against another.
    """
    first, *rest = [part.node for part in variant.parts]
    if len(rest) != 1 or not isinstance(first, Call) or first.function not in ("abs", "norm"):
        return False
    plain = isinstance(first.of, Name) and not first.of.index.isdigit()
    return plain and not names(rest[0]) and not case.clock.is_said


def is_elsewhere(case: Case, statement: WrittenChain, meaning: Meaning | None) -> bool:
    """Say whether a bare number is of no step: where the minimum lies, or of another component.

    A gradient that is given a second time, for y, is no claim about the first.
    """
    lefts, first = left_names(statement.parts), statement.parts[0]
    if meaning is None or len(statement.parts) != 1 + len(lefts):
        return False
    before = case.source.lines[first.line - 1][: first.column - 1]
    if meaning.name == "theta":
        return not meaning.time and at_optimum(before)
    if meaning.name != "g" or not for_a_component(before):
        return False
    return ("g", meaning.parameter, case.clock.time_of(meaning)) in case.gradients
