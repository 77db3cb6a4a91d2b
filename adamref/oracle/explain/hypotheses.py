"""What might be the matter: dialects with faults, as models that can be run on any table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

from adamref import faults
from adamref.faults import Fault
from adamref.numbers import formats
from adamref.oracle.judge.hypothesis import Hypothesis, lines_of

if TYPE_CHECKING:
    from sympy import Expr

    from adamref.oracle.judge.dialects import Dialect
    from adamref.rules.rule import Rule

Failed = dict[str, Exception]


def as_fault(dialect: Dialect, axes: Sequence[str]) -> Hypothesis:
    """Return a dialect that is told as a fault, because other values are pinned."""
    told = tuple(
        Fault(
            f"dialect-{axis.replace('_', '-')}-{dialect.on(axis).replace('_', '-')}",
            f"its {axis.replace('_', ' ')} is {dialect.on(axis)}, where another is pinned",
            "a legitimate dialect, but not the one that was asked for",
            contradicts="what was pinned",
        )
        for axis in axes
    )
    return Hypothesis(dialect, told, lines_of(dialect))


def undone(dialect: Dialect, declared: str) -> Hypothesis:
    """Return a dialect that is told as a fault, as what is declared to be done is not."""
    fault = Fault(
        "declared-but-undone",
        f"{declared} is pinned; it is not done",
        "the step is right without it",
        contradicts="what was declared",
    )
    return Hypothesis(dialect, (fault,), lines_of(dialect))


def singles(
    dialect: Dialect, dtype: str, *, limits: bool = False, failed: Failed | None = None
) -> list[Hypothesis]:
    """Return a dialect with each single fault for which it has a place.

    Parameters
    ----------
    failed : dict of str to Exception, optional
        Takes down the faults whose edit fails, by id; without it they raise.
    """
    told = [x for x in faults.cases() if not x.told_as and (limits or not x.limit)]
    return of_faults(dialect, dtype, told, failed)


def of_faults(
    dialect: Dialect, dtype: str, told: Sequence[Fault], failed: Failed | None = None
) -> list[Hypothesis]:
    """Return a dialect with each of some faults for which it has a place, as `singles` does."""
    found = []
    for fault in told:
        if fault.dtypes and dtype not in fault.dtypes:
            continue
        try:
            lines = _edited(dialect, fault)
        except Exception as error:
            if failed is None:
                raise
            failed.setdefault(fault.id, error)
            continue
        if lines is not None:
            rounded = {line: formats.get(dtype) for line, dtype in fault.rounds}
            found.append(Hypothesis(dialect, (fault,), lines, rounded))
    return found


def pairs(ones: Sequence[Hypothesis], leading: int) -> Iterator[Hypothesis]:
    """Yield two faults at once, where they do not touch the same line; one leads.

    Parameters
    ----------
    ones : sequence of Hypothesis
    leading : int
        So many, the first, are one of a pair with any other.
    """
    if not ones:
        return
    right = lines_of(ones[0].dialect)
    changes = [
        {n: x for n, x in one.lines.items() if x is not right.get(n)}
        if one.lines.keys() == right.keys() else None
        for one in ones
    ]  # fmt: skip
    for (a, one), (b, other) in combinations(enumerate(ones), 2):
        if a >= leading:
            return
        mine, its = changes[a], changes[b]
        if mine is None or its is None:
            # A fault that adds a line goes with one that changes none.
            if (mine or {}) or (its or {}) or (mine is None and its is None):
                continue
            lines = one.lines if mine is None else other.lines
        elif mine.keys() & its.keys():
            continue
        else:
            lines = {**right, **mine, **its}
        yield Hypothesis(
            one.dialect, (*one.faults, *other.faults), lines, one.rounded | other.rounded
        )


@lru_cache(maxsize=16384)
def _edited_of(rule: Rule, fault: Fault) -> tuple[tuple[str, Expr], ...] | None:
    made = fault.applied(rule)
    return None if made is None else tuple((line.name, line.expr) for line in made.lines)


def _edited(dialect: Dialect, fault: Fault) -> dict[str, Expr] | None:
    right = lines_of(dialect)
    if fault.edit is None:
        return right
    made = _edited_of(dialect.rule, fault)
    if made is None:
        return None
    # The same object where nothing changed: that is how lines are told apart.
    return {n: right[n] if right.get(n) == x else x for n, x in made}
