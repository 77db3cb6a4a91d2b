"""Why a step is not right: one number that is another, or a fault of the catalogue, or a line.

What the check makes of an implementation (`adamref.oracle.explain`) is made of a step between two
checkpoints, with the gradient that each hypothesis leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, final

import numpy as np

from adamref import faults, rules
from adamref.oracle.explain.asked import Asked
from adamref.oracle.explain.diagnosis import Diagnosis
from adamref.oracle.explain.explaining import explained
from adamref.oracle.judge.dialects import dialects
from adamref.oracle.judge.identification import Fitters, conventions
from adamref.replay.inferring import ORDER, WORDS, misses, number_that_holds
from adamref.replay.result import ReplayCause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.oracle.explain.causes import LineCause
    from adamref.oracle.judge.dialects import Dialect
    from adamref.oracle.judge.hypothesis import Hypothesis
    from adamref.oracle.observe.table import Table
    from adamref.replay.judging import StepSetting


_OF_T: dict[float, str] = {-1: "t-behind", 1: "t-ahead"}
"""Faults of the counter, by how far it is from what is written."""


@final
@dataclass(frozen=True)
class KnownCause:
    """What explained a tensor, and whether it explains another.

    Attributes
    ----------
    cause : ReplayCause
    accounts : callable
        Says whether it accounts for every element of a table.
    """

    cause: ReplayCause
    accounts: Callable[[Table], bool]


def causes(setting: StepSetting, table: Table) -> tuple[KnownCause, ...]:
    """Return what explains that elements are off; empty where nothing does.

    Parameters
    ----------
    setting : StepSetting
    table : Table
        Elements that are off, and others of the same tensor.
    """
    if _stands_still(table):
        said = "no step was taken: theta and the states are what they were before"
        return (KnownCause(ReplayCause(said, confirmed=True), _stands_still),)
    number = another_number(setting, table)
    return (number,) if number is not None else _by_lines(setting, table)


def _stands_still(table: Table) -> bool:
    return all(np.array_equal(x, table.before[n], equal_nan=True) for n, x in table.got.items())


def another_number(setting: StepSetting, table: Table) -> KnownCause | None:
    """Return the one number that, were it another, would account for everything; None if none is.

    Parameters
    ----------
    setting : StepSetting
    table : Table
        Elements that are off, and others.
    """
    tried = ((setting, name) for name in ORDER)
    others = ((other, name) for other in _otherwise(setting, table) for name in _LIKELY)
    for its, name in chain(tried, others):
        found = number_that_holds(its, table, name)
        if found is None:
            continue
        written = float(table.columns[name][0])
        word = WORDS.get(name, name)
        was, is_ = (f"{int(x)}" if name == "t" else f"{x:.7g}" for x in (found, written))
        if was == is_:
            was, is_ = repr(found), repr(written)
        known_by = "inferred" if name in setting.inferred else "written"
        said = f"{word} was {was} where {is_} is {known_by}"
        ids: tuple[str, ...] = ()
        if name == "weight_decay" and found == 0:
            said, ids = f"decay missing: {said}", _known("decay-ignored")
        elif name == "alpha" and found == 0:
            said = f"theta did not move: {said}"
        elif name == "t":
            ids = _known(_OF_T.get(found - written, "t-lost-on-resume" if found == 1 else ""))
        cause = ReplayCause(said, ids, {word: (is_, was)}, confirmed=True)
        return KnownCause(cause, partial(_holds_with, its, name, found))
    return None


def _otherwise(setting: StepSetting, table: Table) -> Iterator[StepSetting]:
    """Yield the dialect in other conventions and forms: where a number is another, all may be off.

    Those alone in which what does not have the number in it, the states, is right.
    """
    own, machine = setting.dialect, setting.machine
    forms = next((x.values for x in rules.optimizer(own.optimizer).axes if x.name == "form"), ())
    held = conventions(machine, None)
    for form in sorted(forms, key=lambda x: x != own.on("form")):
        for dialect in dialects(own.optimizer, {**dict(own.axes), "form": form}, held):
            fit = Fitters(table, machine, apart=True).fitted(dialect).fit
            right = all((fit.over[name] <= 1).all() for name in fit.over if name != "theta")
            if dialect != own and right:
                yield replace(setting, dialect=dialect, orders=fit.orders)


_LIKELY = ("alpha", "weight_decay")
"""The numbers that no state has in it."""


def _holds_with(setting: StepSetting, name: str, x: float, table: Table) -> bool:
    return not misses(setting, table, name, x)


def _known(name: str) -> tuple[str, ...]:
    return tuple(fault.id for fault in faults.cases() if fault.id == name)


def _by_lines(setting: StepSetting, table: Table) -> tuple[KnownCause, ...]:
    """Return what the check makes of it: a fault of the catalogue, or lines that were solved."""
    judgement = explained(_asked(setting), table, [(Fitters(table, setting.machine), _as(setting))])
    explanation = judgement.explanation
    if explanation is not None:
        found = explanation.hypothesis.faults
        said = " and ".join(fault.says for fault in found)
        ids = tuple(fault.id for fault in found)
        cause = ReplayCause(said, ids, confirmed=explanation.confirmed)
        return (KnownCause(cause, partial(_explained_by, setting, explanation.hypothesis)),)
    return tuple(
        KnownCause(_solved(cause), lambda _table: False)
        for cause in judgement.causes
        if cause.explained
    )


def _solved(cause: LineCause) -> ReplayCause:
    """Say what was solved for in a line."""
    where = "" if cause.where.is_everywhere else f", where {cause.where.says}"
    return ReplayCause(f"{cause.says}{where}: {cause.change}", confirmed=cause.confirmed)


def _explained_by(setting: StepSetting, hypothesis: Hypothesis, table: Table) -> bool:
    fitters = Fitters(table, setting.machine)
    return Diagnosis(table, [0], [setting.dialect], fitters).accounts(hypothesis) is not None


def _asked(setting: StepSetting) -> Asked:
    """Return what the check is told where it explains a table."""
    machine = setting.machine
    return Asked(
        target="",
        isolated=False,
        adapter="",
        dtype=machine.theta.dtype,
        state_dtypes={name: fmt.dtype for name, fmt in machine.states.items()},
        compute=machine.compute.dtype,
        optimizer=setting.dialect.optimizer,
        pins=_standing(setting.dialect),
        ulps={},
        strict=False,
        records=(),
        findings=(),
        environment={},
    )


def _standing(dialect: Dialect) -> dict[str, str]:
    """Return where a dialect stands otherwise than its optimizer, on an axis that it has not."""
    fixed = rules.optimizer(dialect.optimizer).fixed
    return {axis: dialect.on(axis) for axis, x in fixed.items() if dialect.on(axis) != x}


def _as(setting: StepSetting) -> Sequence[Dialect]:
    """Return the dialect in all conventions: a fault is one of what the rest of a step is."""
    own = setting.dialect
    known = conventions(setting.machine, None)
    return [own, *(x for h, held in known if (x := replace(own, hyper=h, held=held)) != own)]
