"""From a table to a judgement: the dialect and its bounds, or the faults that explain the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from adamref import rules
from adamref.numbers import formats
from adamref.numbers.arrays import ulp
from adamref.oracle.explain.asked import Reading, held_in
from adamref.oracle.explain.behaving import Accounted, behaving
from adamref.oracle.explain.diagnosis import BestHypothesis, Diagnosis
from adamref.oracle.explain.hypotheses import Failed, as_fault, undone
from adamref.oracle.explain.judged import Judgement
from adamref.oracle.explain.lines import Known, causes, wrong_lines
from adamref.oracle.judge.behaviours import done
from adamref.oracle.judge.coarse import Small
from adamref.oracle.judge.differences import first_differences
from adamref.oracle.judge.exactly import right_values, states_of
from adamref.oracle.judge.fit import over_bound, where_forgiven
from adamref.oracle.judge.identification import (
    Fitters,
    Identified,
    candidates,
    identified,
    machines,
    options,
    rounded_right,
)
from adamref.oracle.judge.shares import shares
from adamref.oracle.observe.finding import LEADING, NOT_REPEATABLE
from adamref.rules.stored import STORED

if TYPE_CHECKING:
    from adamref.numbers.formats import Format
    from adamref.oracle.explain.asked import Asked
    from adamref.oracle.explain.behaving import Works
    from adamref.oracle.explain.causes import LineCause
    from adamref.oracle.judge.dialects import Dialect
    from adamref.oracle.observe.table import Table

_MOST_NEAR = 3
"""In how many dialects lines are solved: those that come nearest."""

_FEW_LEFT = 0.01
"""The share of the wrong values of a line that may be left without a cause."""

_NEARLY_ALL = 0.99
"""The share of values that are the exact one rounded once, where a step is worked in float64."""

_UNKNOWN_ULPS = 64.0
"""On edge probes: how far a value may be off where the bound says nothing."""


def judgement_of(asked: Asked, readings: Sequence[Reading]) -> tuple[Table, Judgement]:
    """Find the dialect that accounts for what was seen, or the faults that explain it.

    Parameters
    ----------
    asked : Asked
    readings : sequence of Reading
        What theta may be, the likeliest first.

    Returns
    -------
    tuple
        The table of the reading that is accounted for, or of the likeliest, and its judgement.
    """
    plain = [(reading, _works(asked, reading)) for reading in readings]
    found = None if asked.declared else _accounted(asked, plain)
    found = found or behaving(asked, readings, partial(_works, asked), partial(_accounted, asked))
    found = found or _by_chance(asked, readings)
    if found is not None:
        return _judged(found)
    reading, works = plain[0] if readings[0].is_sure else plain[-1]
    if asked.declared:
        return _behaving_otherwise(asked, reading, plain)
    return _whole(reading, _explained(asked, reading.seen, _telling(works)))


def _judged(one: Accounted) -> tuple[Table, Judgement]:
    judgement = _measured(one.reading.seen, one.found)
    judgement.behaviours, judgement.alike = one.behaviours, one.alike
    return _whole(one.reading, judgement)


def _by_chance(asked: Asked, readings: Sequence[Reading]) -> Accounted | None:
    """Return what accounts for it where chance rounds: two runs gave other bits, nothing else."""
    if asked.rounding is not None or all(x.id != NOT_REPEATABLE for x in asked.findings):
        return None
    other = replace(asked, rounding="stochastic")
    found = _accounted(other, [(reading, _works(other, reading)) for reading in readings])
    return None if found is None or shares(found.reading.seen, found.found) else found


def _accounted(asked: Asked, tried: Sequence[tuple[Reading, Works]]) -> Accounted | None:
    """Return the dialect that accounts for what was seen, if one does."""
    pinned = asked.pins.get("stored")
    for stored in STORED if pinned is None else (pinned,):
        for reading, works in tried:
            if stored != STORED[0] and not {"m", "v"} & reading.seen.visible:
                continue  # what is not seen is not told apart
            for fitters, possible in works:
                some = possible if stored == STORED[0] else _kept(asked, fitters, stored)
                found = identified(fitters, some)
                if found is not None:
                    return Accounted(reading, _wider(asked, fitters, found) or found)
    return None


def judged_elsewhere(asked: Asked, judgement: Judgement) -> tuple[Table, Judgement] | None:
    """Judge what was set apart by what the rest turned out to be; None where nothing was."""
    found, other = judgement.found, judgement.lacking
    if other is None or not len(other):
        return None
    for behaviour in judgement.behaviours:
        other = behaviour.applied(other)
    fitted = Fitters(other, found.machine).fitted(found.fit.dialect)
    theirs = _measured(other, replace(fitted, conforms=found.conforms))
    reading = Reading(other, None, is_sure=True)
    if found.conforms and any(other.trials[i].kind == "core" for i in theirs.differences):
        # What is wrong shows there alone, and is looked for there.
        axes = {axis: value for axis, value in found.fit.dialect.axes if axis not in asked.pins}
        own = replace(asked, pins={**axes, **asked.pins})
        theirs = _explained(own, other, _works(own, reading))
    return _whole(reading, theirs)


def _behaving_otherwise(
    asked: Asked, reading: Reading, plain: Sequence[tuple[Reading, Works]]
) -> tuple[Table, Judgement]:
    """Explain a step that is not right with what is pinned: it may be right without."""
    found = _accounted(asked, plain)
    behaviours, seen = next(done(asked.declared, reading.seen), ((), None))
    if seen is None:
        # Nothing speaks for any number: it may be one that no probe reaches.
        if found is not None:
            return _judged(found)
        return _whole(reading, _explained(asked, reading.seen, plain[0][1]))
    its = replace(reading, seen=seen)
    works = _works(asked, its)
    if found is None:
        judgement = _explained(asked, seen, _telling(works))
    else:
        dialect = found.found.fit.dialect
        judgement = _measured(seen, works[0][0].fitted(dialect))
        said = " ".join(x.said for x in asked.declared)
        judgement.explanation = BestHypothesis(undone(dialect, said), confirmed=True)
    judgement.behaviours = behaviours
    return _whole(its, judgement)


def _whole(reading: Reading, judgement: Judgement) -> tuple[Table, Judgement]:
    judgement.beyond = _beyond(reading.seen, judgement)
    judgement.lacking = reading.lacking
    return reading.seen, judgement


def _works(asked: Asked, reading: Reading) -> Works:
    """Return in what a step may be worked, each with the dialects that come into question."""
    dtype, seen = formats.get(asked.dtype), reading.seen
    theta = reading.theta or held_in(seen, dtype)
    given = options(seen, asked.optimizer)
    return [
        (Fitters(seen, machine), candidates(asked.optimizer, asked.pins, machine, given))
        for machine in machines(
            dtype, theta, _state_formats(asked, dtype), asked.compute, asked.ulps
        )
        for machine in [replace(machine, stochastic=asked.rounding == "stochastic")]
    ]


def _wider(asked: Asked, fitters: Fitters, found: Identified) -> Identified | None:
    """Return the same dialect worked in float64 and then rounded, if that is what was seen.

    It shows where nearly every value is the exact one rounded once. What is narrower than float32
    is nearly always so, in whatever it was worked.
    """
    machine, dialect = found.machine, found.fit.dialect
    narrow = formats.get(asked.dtype).precision < formats.BINARY32.precision
    if narrow or asked.compute is not None or machine.compute == formats.BINARY64:
        return None
    if rounded_right(fitters.table, found.fit, machine) < _NEARLY_ALL:
        return None
    wide = replace(machine, compute=formats.BINARY64)
    given = options(fitters.table, asked.optimizer)
    possible = candidates(asked.optimizer, asked.pins, wide, given, dialect.stored)
    return identified(Fitters(fitters.table, wide), [x for x in possible if x.axes == dialect.axes])


def _kept(asked: Asked, fitters: Fitters, stored: str) -> list[Dialect]:
    given = options(fitters.table, asked.optimizer)
    return candidates(asked.optimizer, asked.pins, fitters.machine, given, stored)


def _telling(
    works: Sequence[tuple[Fitters, Sequence[Dialect]]],
) -> Sequence[tuple[Fitters, Sequence[Dialect]]]:
    """Leave out arithmetics in which states are wrong that are right in a narrower one."""

    def missed(one: tuple[Fitters, Sequence[Dialect]]) -> int:
        fitters, possible = one
        over = fitters.fitted(possible[0]).fit.over
        rows = fitters.table.columns["core"] & fitters.table.columns["judged"]
        return sum(int((x[rows] > 1).sum()) for name, x in over.items() if name != "theta")

    counts = [missed(one) for one in works]
    least = next(i for i, count in enumerate(counts) if count <= 2 * min(counts))
    return works[least:]


def _explained(
    asked: Asked, seen: Table, works: Sequence[tuple[Fitters, Sequence[Dialect]]]
) -> Judgement:
    """Look for faults; the differences are those from the dialect that they are faults of."""
    tried, explanation = 0, None
    solved: tuple[Dialect, list[LineCause]] | None = None
    failed: Failed = {}
    fitters, possible = works[0]
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
        some, wrong = possible, {}
        if shown:
            some = _of_the_same_axes(apart, (possible[0], *near), possible)
            wrong = {x.axes: frozenset(wrong_lines(apart.fitted(x), core)) for x in some}
        diagnosis = Diagnosis(core, differs, some, Fitters(core, fitters.machine), wrong)
        explanation = diagnosis.single()
        if explanation is None:
            solved = _solved(apart, near, possible)
            explanation = None if _are_solved(solved) else diagnosis.pair()
        tried += diagnosis.tried
        failed |= diagnosis.failed
        if explanation is not None or _are_solved(solved):
            break
        if _has_right_states(fitters.fitted(possible[0]), fitters.table):
            # Moments within this machine's bounds were not worked in less: wider bounds would
            # only let more through.
            break
    dialect = explanation.hypothesis.dialect if explanation else (
        solved[0] if solved else _nearest(fitters, possible)
    )  # fmt: skip
    judgement = _measured(seen, fitters.fitted(dialect))
    judgement.explanation, judgement.tried, judgement.failed = explanation, tried, failed
    judgement.causes = solved[1] if solved else []
    return judgement


def _nearest_by_lines(apart: Fitters, possible: Sequence[Dialect]) -> list[Dialect]:
    """Return the dialects that come nearest where each line is taken for itself, the best first."""
    rows = apart.table.columns["core"] & apart.table.columns["judged"]
    first = [x for x in possible if x.numbers == possible[0].numbers]
    ranked = sorted(first, key=lambda x: (apart.fitted(x).fit.misses(rows), x.unusual))
    return ranked[:_MOST_NEAR]


def _of_the_same_axes(
    apart: Fitters, near: Sequence[Dialect], possible: Sequence[Dialect]
) -> list[Dialect]:
    """Return dialects on the axes of some, in the conventions in which most lines are right."""
    rows = apart.table.columns["core"] & apart.table.columns["judged"]
    found = []
    for axes in dict.fromkeys(x.axes for x in near):
        misses = {x: apart.fitted(x).fit.misses(rows) for x in possible if x.axes == axes}
        found += [x for x, count in misses.items() if count == min(misses.values())]
    return [x for x in possible if x in found]


def _solved(
    apart: Fitters, near: Sequence[Dialect], possible: Sequence[Dialect]
) -> tuple[Dialect, list[LineCause]] | None:
    """Return what was solved for in the dialect that lacks least, and that."""
    rows = apart.table.columns["core"] & apart.table.columns["judged"]
    best: tuple[tuple[int, int, int], Dialect, list[LineCause]] | None = None
    known: Known = {}
    for dialect in near:
        mine = [x for x in possible if x.axes == dialect.axes]
        nearest = min(mine, key=lambda x: apart.fitted(x).fit.misses(rows))
        found = causes(apart.fitted(nearest), apart.table, known)
        open_ = [x.wrong for x in found if not x.explained]
        score = len(open_), len(found), sum(open_)
        if best is None or score < best[0]:
            best = score, nearest, found
        if not score[0]:
            break
    return None if best is None else best[1:]


def _are_solved(solved: tuple[Dialect, list[LineCause]] | None) -> bool:
    """Say whether next to every wrong value has a cause: no pair is looked for, for a few."""
    if solved is None or not solved[1]:
        return False
    left = sum(x.wrong for x in solved[1] if not x.explained)
    return left <= _FEW_LEFT * max(x.wrong for x in solved[1])


def _another(asked: Asked, works: Sequence[tuple[Fitters, Sequence[Dialect]]]) -> Judgement | None:
    """Return the judgement where another dialect than the pinned one accounts for everything."""
    for fitters, possible in works:
        given = options(fitters.table, asked.optimizer)
        every = candidates(asked.optimizer, {}, fitters.machine, given)
        found = identified(fitters, every)
        if found is not None:
            theirs = found.fit.dialect
            judgement = _measured(fitters.table, fitters.fitted(possible[0]))
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
    rows = fitters.table.columns["core"] & fitters.table.columns["judged"]
    some = [x for x in possible if x.numbers == possible[0].numbers]
    return min(some, key=lambda x: fitters.fitted(x).fit.misses(rows))


def _state_formats(asked: Asked, theta: Format) -> dict[str, Format]:
    """Return in what the states are stored: as they come, but no narrower than theta.

    A narrower state is a fault, unless it is asked for.
    """
    states = rules.optimizer(asked.optimizer).states
    given = asked.state_dtypes
    pinned = {n: formats.get(d) for n in states if (d := given.get(n, given.get("")))}
    known = [f.dtype for f in formats.FORMATS]
    found = dict.fromkeys(states, theta)
    held = (x for record in asked.records for step in record.steps for x in step)
    for dtypes in {tuple(x.dtypes.items()) for x in held}:
        for name, dtype in dtypes:
            if name in found and dtype in known:
                found[name] = max(found[name], formats.get(dtype), key=lambda f: f.precision)
    return found | pinned


def _measured(seen: Table, found: Identified) -> Judgement:
    """Hold every value against the exact one, rounded once."""
    right = right_values(seen, found.fit.dialect, found.numbers, found.machine)
    certified = states_of(found.fit.dialect) <= seen.visible
    bound, over = {}, {}
    core = seen.columns["core"]
    for name, error in found.fit.bound.items():
        fmt = found.machine.of(name)
        with np.errstate(all="ignore"):
            # The right value is rounded itself, by half an ulp at most.
            unit = np.nan_to_num(ulp(right[name], fmt), nan=0.0)
            # Where states are hidden it is not known but for float64's own errors.
            unsure = 0.0 if certified else found.fit.slack[name]
            known = np.where(seen.columns["taken"], error + unsure + unit / 2, 0.0)
            bound[name] = np.where(np.isinf(known) & ~core, _UNKNOWN_ULPS * unit, known)
        over[name] = over_bound(seen.got[name], right[name], bound[name])
        rule = found.fit.dialect.rule
        over[name] = where_forgiven(rule, found.machine, name, seen, right[name], over[name])
        if found.conforms:
            # What is inside the bound of the exact value itself is inside: half ulps do not count.
            inside = core & (found.fit.over[name] <= 1)
            over[name] = np.where(inside, np.minimum(over[name], 1.0), over[name])
    differences = first_differences(seen, found, right, bound, over)
    return Judgement(found, right, bound, over, differences)


def _beyond(seen: Table, judgement: Judgement) -> frozenset[int]:
    """Return the edge trials whose difference is no part of what is wrong elsewhere."""
    found, explanation = judgement.found, judgement.explanation
    if not found.conforms and explanation is None:
        return frozenset()
    return frozenset(
        number
        for number in judgement.differences
        if seen.trials[number].kind == "edge"
        and (explanation is None or not _explains(seen, number, found, explanation))
    )


def _explains(seen: Table, number: int, found: Identified, explanation: BestHypothesis) -> bool:
    own = seen.only(seen.columns["trial"] == number)
    return Small(own, found.machine).accounts(explanation.hypothesis)
