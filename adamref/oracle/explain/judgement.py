"""From a table to a judgement: the dialect and its bounds, or the faults that explain the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from adamref import rules
from adamref.numbers import formats
from adamref.numbers.arrays import nearest
from adamref.oracle.explain.asked import Reading, held_in
from adamref.oracle.explain.behaving import Accounted, behaving
from adamref.oracle.explain.hypotheses import undone
from adamref.oracle.explain.measuring import beyond, measured
from adamref.oracle.judge.behaviours import done
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
from adamref.oracle.observe.keeping import kept_in
from adamref.rules.stored import STORED

if TYPE_CHECKING:
    from adamref.numbers.formats import Format
    from adamref.oracle.explain.asked import Asked
    from adamref.oracle.explain.behaving import Works
    from adamref.oracle.explain.judged import Judgement
    from adamref.oracle.judge.dialects import Dialect
    from adamref.oracle.observe.table import Table

_MOSTLY = 0.9
"""The share of what theta shows that is right where it is carried on in digits that do not show."""

_NEARLY_ALL = 0.99
"""The share of values that are the exact one rounded once, where a step is worked in float64."""


def judgement_of(
    asked: Asked, readings: Sequence[Reading], carried: Callable[[], Reading]
) -> tuple[Table, Judgement]:
    """Find the dialect that accounts for what was seen, or the faults that explain it.

    Parameters
    ----------
    asked : Asked
    readings : sequence of Reading
        What theta may be, the likeliest first.
    carried : callable
        Returns the reading that theta is carried on in more digits than are shown anywhere.

    Returns
    -------
    tuple
        The table of the reading that is accounted for, or of the likeliest, and its judgement.
    """
    plain = [(reading, _works(asked, reading)) for reading in readings]
    found = None if asked.declared else _accounted(asked, plain)
    found = found or behaving(asked, readings, partial(_works, asked), partial(_accounted, asked))
    found = found or _by_chance(asked, readings) or _carried(asked, readings[-1], carried)
    if found is not None:
        return _judged(found)
    reading, works = plain[0] if readings[0].is_sure else plain[-1]
    if asked.declared:
        return _behaving_otherwise(asked, reading, plain)
    return _whole(reading, explained(asked, reading.seen, works, told=True))


def explained(asked: Asked, seen: Table, works: Works, *, told: bool = False) -> Judgement:
    """Look for what is wrong: by all arithmetics, or by those that are told apart.

    It is loaded when something is wrong: what is right needs none of it, and starts the sooner.
    """
    from adamref.oracle.explain.explaining import explained as by_causes
    from adamref.oracle.explain.explaining import telling

    return by_causes(asked, seen, telling(works) if told else works)


def _judged(one: Accounted) -> tuple[Table, Judgement]:
    judgement = measured(one.reading.seen, one.found)
    judgement.behaviours, judgement.alike = one.behaviours, one.alike
    return _whole(one.reading, judgement)


def _by_chance(asked: Asked, readings: Sequence[Reading]) -> Accounted | None:
    """Return what accounts for it where chance rounds: two runs gave other bits, nothing else."""
    if asked.rounding is not None or all(x.id != NOT_REPEATABLE for x in asked.findings):
        return None
    other = replace(asked, rounding="stochastic")
    found = _accounted(other, [(reading, _works(other, reading)) for reading in readings])
    return None if found is None or shares(found.reading.seen, found.found) else found


def _carried(asked: Asked, plain: Reading, carried: Callable[[], Reading]) -> Accounted | None:
    """Return what accounts for it where theta is carried on in digits that are not shown.

    Every lane begins with a theta that was given, so that its first step is right as it is shown.
    """
    if asked.declared or any(x.id in LEADING for x in asked.findings):
        return None
    first = np.flatnonzero(plain.seen.columns["fresh"])
    begun = replace(plain, seen=plain.seen.rows(first))
    if not first.size or _accounted(asked, [(begun, _works(asked, begun))]) is None:
        return None
    reading = carried()
    found = _accounted(asked, [(reading, _works(asked, reading))])
    return found if found is not None and _shown_right(found) >= _MOSTLY else None


def _shown_right(one: Accounted) -> float:
    """Return the share of what theta shows that is the exact value of its lane rounded once.

    Bounds grow along a lane, and let more through than a theta that is carried on is off by.
    """
    seen, fit = one.reading.seen, one.found.fit
    rows = seen.columns["core"] & seen.columns["judged"] & seen.columns["taken"]
    assert seen.carried is not None
    made = nearest(fit.value["theta"][rows], seen.carried)
    return float(np.mean(made == seen.got["theta"][rows])) if rows.any() else 0.0


def _accounted(asked: Asked, tried: Sequence[tuple[Reading, Works]]) -> Accounted | None:
    """Return the dialect that accounts for what was seen, if one does."""
    pinned = asked.pins.get("stored")
    for stored in STORED if pinned is None else (pinned,):
        for reading, works in tried:
            if stored != STORED[0] and not {"m", "v"} & reading.seen.visible:
                continue  # what is not seen is not told apart
            for fitters, possible in works:
                some = possible
                if stored != STORED[0]:
                    some = _kept(asked, fitters, stored)
                    some = some if pinned else _about_what_is_wrong(fitters, possible, some)
                found = identified(fitters, some)
                if found is not None:
                    return Accounted(reading, _wider(asked, fitters, found) or found)
    return None


def _about_what_is_wrong(
    fitters: Fitters, possible: Sequence[Dialect], kept: Sequence[Dialect]
) -> list[Dialect]:
    """Leave out dialects that keep a state otherwise which is right as the rule keeps it."""
    right: set[str] = set()
    first = {x.numbers: x for x in reversed(possible)}
    for dialect in first.values() if kept else ():
        right |= fitters.fitted(dialect).fit.right(fitters.rows) - {"theta"}
    own = {(line.name, line.expr) for x in possible for line in x.rule.lines if line.name in right}
    return [
        x for x in kept
        if all((y.name, y.expr) in own for y in x.rule.lines if y.name in right)
    ]  # fmt: skip


def judged_elsewhere(asked: Asked, judgement: Judgement) -> tuple[Table, Judgement] | None:
    """Judge what was set apart by what the rest turned out to be; None where nothing was."""
    found, other = judgement.found, judgement.lacking
    if other is None or not len(other):
        return None
    for behaviour in judgement.behaviours:
        other = behaviour.applied(other)
    fitted = Fitters(other, found.machine).fitted(found.fit.dialect)
    theirs = measured(other, replace(fitted, conforms=found.conforms))
    reading = Reading(other, None, is_sure=True)
    if found.conforms and any(other.trials[i].kind == "core" for i in theirs.differences):
        # What is wrong shows there alone, and is looked for there.
        axes = {axis: value for axis, value in found.fit.dialect.axes if axis not in asked.pins}
        own = replace(asked, pins={**axes, **asked.pins})
        theirs = explained(own, other, _works(own, reading))
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
        return _whole(reading, explained(asked, reading.seen, plain[0][1]))
    its = replace(reading, seen=seen)
    works = _works(asked, its)
    if found is None:
        judgement = explained(asked, seen, works, told=True)
    else:
        dialect = found.found.fit.dialect
        judgement = measured(seen, works[0][0].fitted(dialect))
        from adamref.oracle.explain.diagnosis import BestHypothesis

        said = " ".join(x.said for x in asked.declared)
        judgement.explanation = BestHypothesis(undone(dialect, said), confirmed=True)
    judgement.behaviours = behaviours
    return _whole(its, judgement)


def _whole(reading: Reading, judgement: Judgement) -> tuple[Table, Judgement]:
    judgement.beyond = beyond(reading.seen, judgement)
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


def _state_formats(asked: Asked, theta: Format) -> dict[str, Format]:
    """Return in what the states are stored: as they come, but no narrower than theta.

    A narrower state is a fault, unless it is asked for.
    """
    states = rules.optimizer(asked.optimizer).states
    pinned = {n: formats.get(d) for n in states if (d := kept_in(n, asked.state_dtypes))}
    known = [f.dtype for f in formats.FORMATS]
    found = dict.fromkeys(states, theta)
    held = (x for record in asked.records for step in record.steps for x in step)
    for dtypes in {tuple(x.dtypes.items()) for x in held}:
        for name, dtype in dtypes:
            if name in found and dtype in known:
                found[name] = max(found[name], formats.get(dtype), key=lambda f: f.precision)
    return found | pinned
