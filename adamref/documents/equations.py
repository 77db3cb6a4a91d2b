"""Chains of expressions in symbols, with no name on the left: what they say of the rule."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from adamref.documents.identities import contradicts
from adamref.documents.lines.equalities import equality
from adamref.documents.lines.expectations import ExpectedReading, expectations
from adamref.documents.lines.settings import Setting
from adamref.documents.prose.surroundings import around

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.documents.case import Case
    from adamref.documents.statements import Part, Variant, WrittenChain
    from adamref.documents.subjects import Subject


def expects(case: Case, variant: Variant) -> bool:
    """Judge what is said of the expectation of a moment; say whether anything is."""
    parts, here = variant.parts, variant.parts[0].line
    written = [x for x in case.source.lines[max(here - 12, 0) : here] if x.strip()]
    lines = (*written[-4:], *case.source.lines[here : here + 3])
    reading = ExpectedReading(case.notation, case.optimizer, " ".join(lines))
    found = expectations([part.node for part in parts], variant.relations, reading)
    for i, one in found:
        about = {"field": one.field, "causes": one.causes}
        case.claim(parts[i], "formula", one.verdict, one.because, **about)
    return bool(found)


def equates(case: Case, statement: WrittenChain, variant: Variant, subject: Subject) -> bool:
    """Judge the neighbouring sides of a chain in symbols of the rule; say whether any was."""
    if statement.code or not case.rule.lines:
        return False
    near = around(case.source, variant.parts[0].line, subject)
    setting, found = Setting(case.optimizer, {}, around=near), False
    for (left, right), relation in zip(pairwise(variant.parts), variant.relations, strict=True):
        if relation != "=":
            continue
        one = equality(left.node, right.node, case.notation, setting)
        if one is not None:
            case.claim(right, "formula", one.verdict, one.because)
            found = True
    return found


def part_ways(case: Case, sides: Sequence[Part], field: str | None) -> bool:
    """Call each side wrong that nothing its symbols stand for makes equal to the one before it."""
    found = [side for before, side in pairwise(sides) if contradicts(before.node, side.node)]
    for side in found:
        because = "the side before it is another, whatever its symbols are"
        about = {"field": field, "claimed": case.quote(side.line)}
        case.claim(side, "formula", "wrong", because, **about)
    return bool(found)
