"""Where no dialect accounts for what was seen: what explains it, a fault or what lines solve to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adamref.numbers import formats
from adamref.oracle.explain.buffers import shared_buffers
from adamref.oracle.explain.diagnosis import BestHypothesis, Diagnosis
from adamref.oracle.explain.hidden import hidden_cause
from adamref.oracle.explain.hypotheses import Failed, as_fault
from adamref.oracle.explain.lines import causes, wrong_lines
from adamref.oracle.explain.measuring import measured
from adamref.oracle.explain.names import named
from adamref.oracle.judge.exactly import states_of
from adamref.oracle.judge.identification import Fitters, Identified, candidates, identified, options
from adamref.oracle.observe.finding import LEADING
from adamref.rules.stored import STORED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.oracle.explain.asked import Asked
    from adamref.oracle.explain.causes import LineCause
    from adamref.oracle.explain.judged import Judgement
    from adamref.oracle.explain.line import Solutions
    from adamref.oracle.judge.dialects import Dialect
    from adamref.oracle.observe.table import Table

_MOST_NEAR = 3
"""In how many dialects lines are solved: those that come nearest."""

_ABOUT = 1.1
"""What misses so many times as many values as the nearest comes as near."""

_AS_NEAR = 8
"""Of one that comes near no more values are wrong than so many times those of the nearest."""

_FEW_LEFT = 0.01
"""The share of the wrong values of a line that may be left without a cause."""


def explained(
    asked: Asked, seen: Table, works: Sequence[tuple[Fitters, Sequence[Dialect]]]
) -> Judgement:
    """Look for faults; the differences are those from the dialect that they are faults of."""
    tried, explanation = 0, None
    solved: tuple[Dialect, list[LineCause]] | None = None
    failed: Failed = {}
    fitters, possible = works[0]
    in_which = fitters
    if asked.pins:
        other = _another(asked, works)
        if other is not None:
            return other
    core = seen.rows(np.flatnonzero(seen.columns["core"]))
    for fitters, possible in () if _is_hopeless(asked) else works:
        apart = Fitters(core, fitters.machine, apart=True)
        near = _nearest_by_lines(apart, possible)
        differs = _differing(seen, fitters.fitted(possible[0]))
        # Where the lines are shown each is a problem of its own: faults of several do not multiply,
        # and pairs are asked only for two in one line.
        shown = states_of(possible[0]) <= seen.visible
        likely = _of_the_same_axes(apart, (possible[0], *near), possible)
        some, wrong = possible, {}
        if shown:
            some = likely
            wrong = {x.axes: frozenset(wrong_lines(apart.fitted(x), core)) for x in some}
        # In few digits a line is not read back from theta.
        is_untold = not shown and _is_narrow(asked)
        # Which tensors have states in common is soon seen, and no line says it.
        by_itself = shared_buffers(apart, near, differs)
        if by_itself is None and not shown and not is_untold:
            by_itself = _solved_hidden(apart, near, possible)
        if by_itself is not None and _are_sure(by_itself):
            # What is solved for is looked up in its dialect; all dialects are tried for the rest.
            some = likely = [by_itself[0]]
        diagnosis = Diagnosis(core, differs, some, Fitters(core, fitters.machine), wrong)
        explanation = diagnosis.single(likely)
        if explanation is None and not _are_solved(solved):
            in_which = fitters
            solved = by_itself or _solved_line_by_line(asked, apart, near, possible)
            # Two in one line have names together, if the catalogue knows both.
            whole = _are_solved(solved) and not _has_two_in_a_line(solved)
            explanation = None if whole else diagnosis.pair()
        tried += diagnosis.tried
        failed |= diagnosis.failed
        if explanation is not None or (solved is not None and _are_sure(solved)):
            break
        if _are_solved(solved) and not is_untold:
            break
        if _has_right_states(fitters.fitted(possible[0]), fitters.table):
            # Moments within this machine's bounds were not worked in less: wider bounds would
            # only let more through.
            break
    dialect = explanation.hypothesis.dialect if explanation else (
        solved[0] if solved else _nearest(fitters, possible)
    )  # fmt: skip
    judgement = measured(seen, (fitters if explanation else in_which).fitted(dialect))
    judgement.explanation, judgement.tried, judgement.failed = explanation, tried, failed
    if solved and explanation is None:
        own = Fitters(core, in_which.machine, apart=True).fitted(dialect)
        judgement.causes = named(solved[1], own, core)
    return judgement


def _solved_line_by_line(
    asked: Asked, apart: Fitters, near: Sequence[Dialect], possible: Sequence[Dialect]
) -> tuple[Dialect, list[LineCause]] | None:
    """Solve for what is wrong in lines that are shown, or in hidden ones."""
    if not states_of(possible[0]) <= apart.table.visible:
        return _solved_hidden(apart, near, possible)
    solved = _solved(apart, near, possible, {})
    if "stored" not in asked.pins and not _are_solved(solved):
        return _kept_otherwise(asked, apart, apart.table, near) or solved
    return solved


def _kept_otherwise(
    asked: Asked, apart: Fitters, core: Table, near: Sequence[Dialect]
) -> tuple[Dialect, list[LineCause]] | None:
    """Solve lines in another way to keep the states in which fewer are wrong, if that says all."""
    least = len(wrong_lines(apart.fitted(near[0]), core))
    given, found = options(core, asked.optimizer), None
    for stored in STORED[1:] if least > 1 else ():
        some = candidates(asked.optimizer, asked.pins, apart.machine, given, stored)
        its = _nearest_by_lines(apart, some) if some else []
        count = len(wrong_lines(apart.fitted(its[0]), core)) if its else least
        if count < least:
            solved = _solved(apart, its, some, {})
            if _are_solved(solved):
                found, least = solved, count
    return found


def telling(
    works: Sequence[tuple[Fitters, Sequence[Dialect]]],
) -> Sequence[tuple[Fitters, Sequence[Dialect]]]:
    """Leave out arithmetics in which states are wrong that are right in a narrower one."""

    def missed(one: tuple[Fitters, Sequence[Dialect]]) -> dict[str, int]:
        fitters, possible = one
        over = fitters.fitted(possible[0]).fit.over
        rows = fitters.rows
        return {name: int((x[rows] > 1).sum()) for name, x in over.items() if name != "theta"}

    counts = [missed(one) for one in works]
    # A state that is wrong in all of them says nothing of the arithmetic.
    names = [n for n in counts[0] if any(not one.get(n) for one in counts)] or list(counts[0])
    totals = [sum(one.get(n, 0) for n in names) for one in counts]
    least = next(i for i, total in enumerate(totals) if total <= 2 * min(totals))
    return works[least:]


def _nearest_by_lines(apart: Fitters, possible: Sequence[Dialect]) -> list[Dialect]:
    """Return the dialects that come nearest where each line is taken for itself, the best first."""
    rows = apart.rows
    # In the convention of the usual dialect in which most is right: moments tell it.
    usual = [x for x in possible if x.axes == possible[0].axes]
    hyper = min(usual, key=lambda x: apart.fitted(x).fit.misses(rows)).numbers
    first = [x for x in possible if x.numbers == hyper]
    misses = {x: apart.fitted(x).fit.misses(rows) for x in first}
    right = {x: len(apart.fitted(x).fit.right(rows)) for x in first}
    # Of those that miss about as many it is that in which most lines are right, or the usual one.
    about = _ABOUT * min(misses.values())
    ranked = sorted(first, key=lambda x: (max(misses[x], about), -right[x], x.unusual))
    # What is wrong in many more rows is not near: it would be turned into one that is.
    within = _AS_NEAR * misses[ranked[0]]
    return [x for x in ranked[:_MOST_NEAR] if misses[x] <= within]


def _of_the_same_axes(
    apart: Fitters, near: Sequence[Dialect], possible: Sequence[Dialect]
) -> list[Dialect]:
    """Return dialects on the axes of some, in the conventions in which most lines are right."""
    rows = apart.rows
    found = []
    for axes in dict.fromkeys(x.axes for x in near):
        misses = {x: apart.fitted(x).fit.misses(rows) for x in possible if x.axes == axes}
        found += [x for x, count in misses.items() if count == min(misses.values())]
    return [x for x in possible if x in found]


def _solved_hidden(
    apart: Fitters, near: Sequence[Dialect], possible: Sequence[Dialect]
) -> tuple[Dialect, list[LineCause]] | None:
    """Return what was solved for where states are hidden: in theta, or in their lines.

    What can be read off theta comes first; where it says all of it, no line is read back.
    """
    known: Solutions = {}
    solved = _solved(apart, near[:1], possible, known)
    whole = _are_solved(solved)
    numbers = any(x.solution and x.solution.by for x in (solved[1] if solved else ()))
    # One line is less than two causes, or than numbers that nothing is told of.
    if whole and not numbers and not _has_two_in_a_line(solved):
        return solved
    for dialect in near:
        nearest = _in_its_numbers(apart, dialect, possible)
        cause = hidden_cause(apart.fitted(nearest), apart.table)
        if cause is not None:
            return nearest, [cause]
    return solved if whole else _solved(apart, near, possible, known)


def _in_its_numbers(apart: Fitters, dialect: Dialect, possible: Sequence[Dialect]) -> Dialect:
    """Return a dialect in the convention in which most of it is right."""
    mine = [x for x in possible if x.axes == dialect.axes]
    return min(mine, key=lambda x: apart.fitted(x).fit.misses(apart.rows))


def _solved(
    apart: Fitters, near: Sequence[Dialect], possible: Sequence[Dialect], known: Solutions
) -> tuple[Dialect, list[LineCause]] | None:
    """Return what was solved for in the dialect that lacks least, and that."""
    best: tuple[int, Dialect, list[LineCause]] | None = None
    for dialect in near:
        nearest = _in_its_numbers(apart, dialect, possible)
        found = causes(apart.fitted(nearest), apart.table, known)
        left = sum(x.wrong for x in found if not x.explained)
        # A dialect that is farther off may have a cause more, and leave as much untold.
        if best is None or 2 * left < best[0] or (left <= best[0] and len(found) < len(best[2])):
            best = left, nearest, found
        # Two in a line may be one in the next dialect, and what that has otherwise.
        if not (left or _has_two_in_a_line(best[1:])):
            break
    return None if best is None else best[1:]


def _is_narrow(asked: Asked) -> bool:
    """Say whether theta has too few digits for a line to be read back from it."""
    return formats.get(asked.dtype).precision < formats.BINARY32.precision


def _are_sure(solved: tuple[Dialect, list[LineCause]]) -> bool:
    """Say whether every wrong value has a cause that exact arithmetic confirms."""
    return _are_solved(solved) and all(x.confirmed for x in solved[1])


def _are_solved(solved: tuple[Dialect, list[LineCause]] | None) -> bool:
    """Say whether next to every wrong value has a cause: no pair is looked for, for a few."""
    if solved is None or not solved[1]:
        return False
    left = sum(x.wrong for x in solved[1] if not x.explained)
    return left <= _FEW_LEFT * max(x.wrong for x in solved[1])


def _has_two_in_a_line(solved: tuple[Dialect, list[LineCause]] | None) -> bool:
    """Say whether one cause was solved beside another of the same line."""
    lines = [name for x in (solved[1] if solved else ()) if x.formulas for name in x.lines]
    return len(lines) > len(set(lines))


def _another(asked: Asked, works: Sequence[tuple[Fitters, Sequence[Dialect]]]) -> Judgement | None:
    """Return the judgement where another dialect than the pinned one accounts for everything."""
    for fitters, possible in works:
        given = options(fitters.table, asked.optimizer)
        every = candidates(asked.optimizer, {}, fitters.machine, given)
        found = identified(fitters, every)
        if found is not None:
            theirs = found.fit.dialect
            judgement = measured(fitters.table, fitters.fitted(possible[0]))
            pinned = fitters.fitted(possible[0]).fit.dialect
            axes = [axis for axis in asked.pins if theirs.on(axis) != pinned.on(axis)]
            judgement.explanation = BestHypothesis(as_fault(theirs, axes), confirmed=True)
            judgement.tried = len(every)
            return judgement
    return None


def _is_hopeless(asked: Asked) -> bool:
    """Say whether the numbers cannot be explained: they are not the same twice, or no numbers."""
    return any(x.id in LEADING for x in asked.findings)


def _has_right_states(found: Identified, seen: Table) -> bool:
    """Say whether both moments are visible, and inside their bounds on every core row."""
    rows = seen.columns["core"] & seen.columns["judged"]
    over = found.fit.over
    return all(name in over and not (over[name][rows] > 1).any() for name in ("m", "v"))


def _differing(seen: Table, found: Identified) -> list[int]:
    """Return the core trials that a dialect does not account for."""
    wrong = np.zeros(len(seen), dtype=bool)
    for over in found.fit.over.values():
        wrong |= over > 1
    rows = wrong & seen.columns["judged"] & seen.columns["core"]
    return sorted(set(seen.columns["trial"][rows].tolist()))


def _nearest(fitters: Fitters, possible: Sequence[Dialect]) -> Dialect:
    """Return the dialect that accounts for most values."""
    rows = fitters.rows
    some = [x for x in possible if x.numbers == possible[0].numbers]
    return min(some, key=lambda x: fitters.fitted(x).fit.misses(rows))
