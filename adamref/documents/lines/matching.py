"""Which dialect of an optimizer has a line, in one of the ways in which it may be meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING

from adamref.documents.dialects import rests_on
from adamref.documents.lines.compare import agreeing, rules_of
from adamref.documents.lines.literals import numbers_for
from adamref.documents.lines.trajectories import CORRECTED
from adamref.errors import CannotEvaluate
from adamref.expressions.nodes import Binary, Name, Negative
from adamref.expressions.nodes import names as names_in

if TYPE_CHECKING:
    from adamref.documents.lines.symbols import WrittenLine
    from adamref.documents.lines.trajectories import Fixed
    from adamref.rules.optimizer import Optimizer
    from adamref.rules.rule import Rule


def is_line(line: WrittenLine, optimizer: Optimizer) -> bool:
    """Say whether a line is one of an optimizer, in some dialect."""
    try:
        return matching(line, list(candidates(line, optimizer)))[0] is not None
    except CannotEvaluate:
        return False


def candidates(
    line: WrittenLine,
    optimizer: Optimizer,
    known: Mapping[str, Fraction] = MappingProxyType({}),
) -> Iterator[tuple[str, Rule, Fixed]]:
    """Yield the dialects of an optimizer that differ in what a line speaks of.

    Parameters
    ----------
    line : WrittenLine
    optimizer : Optimizer
    known : mapping of str to Fraction
        What hyperparameters are that other lines have as numbers.
    """
    spoken = {line.field, *(line.meaning(name).name for name in names_in(line.right))}
    seen = set()
    for label, rule in rules_of(optimizer, line):
        # Dialects that make the fields of the line alike are one.
        its = frozenset((x.name, x.expr) for name in spoken for x in rests_on(rule, name))
        key = (its, "v_max" in rule.fields, "alpha_t" in rule.fields)
        if key in seen:
            continue
        seen.add(key)
        for fixed in numbers_for(line, rule, known):
            yield label, rule, fixed


def matching(
    line: WrittenLine, tried: Sequence[tuple[str, Rule, Fixed]], gradients: str = ""
) -> tuple[str | None, bool, Fixed]:
    """Return the first dialect that has a line, whether any could have, and its numbers.

    Parameters
    ----------
    line : WrittenLine
    tried : sequence of (str, Rule, Fixed)
        Dialects by their names, and what numbers stand for their hyperparameters.
    gradients : {"", "constant", "last"}
        What is assumed of the gradients (`trajectories`).
    """
    some = False
    known: dict[object, WrittenLine] = {}
    for label, rule, fixed in tried:
        for variant in _variants(line, rule):
            # What a name stands for is worked out once, not for each rule.
            one = known.setdefault((variant.renamed, variant.right), variant)
            agrees = agreeing(one, rule, fixed, gradients)
            some |= agrees is not None
            if agrees:
                return label, True, fixed
    return None, some, ()


def _variants(line: WrittenLine, rule: Rule) -> Iterator[WrittenLine]:
    """Yield a line as it stands, and as others have its letters.

    A step may have the other sign, and no size; with AMSGrad v_hat is its maximum; and where a rule
    has another line for m_hat, it may still be the corrected m. What alpha_t is, a rule may say.
    """
    yield line
    renamings = [
        (("v_hat", "v_max"),) if "v_max" in rule.fields else (),
        (("m_hat", "m" + CORRECTED), ("v_hat", "v" + CORRECTED)),
        (("alpha", "alpha_t"),) if "alpha_t" in rule.fields and _has_step_size(line) else (),
    ]
    for renamed in filter(None, renamings):
        field = dict(renamed).get(line.field, line.field)
        yield replace(line, renamed=renamed, field=field)
    if line.field == "delta":
        scaled = Binary("*", Name("alpha"), line.right)
        for node in (Negative(line.right), scaled, Negative(scaled)):
            yield replace(line, right=node)


def _has_step_size(line: WrittenLine) -> bool:
    """Say whether a line has a step size with an index of the step."""
    return any(n.base in ("alpha", "eta") and n.index == "t" for n in names_in(line.right))
