"""Which faults of the catalogue a test lets through, and the shortest inputs that tell each.

A fault is carried out on the inputs of the test over the reals, and what it makes of theta at the
end is held against the tolerance. Where it is within it for every element, no test with these
inputs and this tolerance sees it. The shortest inputs are looked for among the probes of a check:
the first step at which what the fault makes is beyond the bound of these inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.numbers import formats
from adamref.numbers.arrays import ulp
from adamref.oracle.explain.hypotheses import singles
from adamref.oracle.judge.machine import Machine
from adamref.oracle.judge.numbers import HeldNumbers
from adamref.oracle.judge.simulation import inputs_of
from adamref.oracle.observe import trials as probes
from adamref.tolerances.bounds_of_rows import bounded_rows
from adamref.tolerances.free import plain_run, ways
from adamref.tolerances.given import as_document
from adamref.tolerances.inputs import laid_out, run_rightly
from adamref.tolerances.result import Missed, Shortest

if TYPE_CHECKING:
    from adamref.faults.inputs import Inputs
    from adamref.numbers.arrays import Array
    from adamref.oracle.judge.dialects import Dialect
    from adamref.oracle.judge.hypothesis import Hypothesis
    from adamref.oracle.observe.table import Table
    from adamref.oracle.observe.trial import Trial
    from adamref.tolerances.result import Tolerance

_MOST_STEPS = 16
"""Steps of the probes among which the shortest inputs are looked for."""


def faults_missed(
    tolerance: Tolerance, dialect: Dialect, trial: Trial, tracked: Callable[[Any], Any] = iter
) -> tuple[int, tuple[Missed, ...]]:
    """Return how many faults the tolerance of theta tells on an input, and those that it does not.

    Parameters
    ----------
    tolerance : Tolerance
    dialect : Dialect
    trial : Trial
        The inputs of the test.
    tracked : callable
        Passes the faults on one by one.
    """
    run = _Runs(dialect, [trial], tolerance.dtype)
    last = run.table.columns["step"] == tolerance.steps
    allowed = {x.name: x.atol + x.rtol * np.abs(run.right[x.name]) for x in tolerance.fields}
    looked = _Shortest(dialect, tolerance)
    found: list[Missed] = []
    every = singles(dialect, tolerance.dtype)
    for one in tracked(every):
        share = {n: _share(x, run, n, allowed[n], last) for n, x in run.made(one).items()
                 if n in allowed}  # fmt: skip
        if share["theta"] > 1:
            continue
        (fault,) = one.faults
        found.append(
            Missed(
                fault.id,
                fault.says,
                fault.effect,
                fault.source(dialect.rule),
                share["theta"],
                tuple(name for name, x in share.items() if x > 1),
                looked.of(one),
            )
        )
    return len(every) - len(found), tuple(found)


def _share(made: Array, run: _Runs, name: str, allowed: Array, last: Array) -> float:
    """Return the greatest difference as a share of what is allowed; inf for a wrong kind."""
    right = run.right[name]
    with np.errstate(all="ignore"):
        off = np.where(made == right, 0.0, np.abs(made - right) / allowed)
        both = np.isnan(made) & np.isnan(right)
        off = np.where(both, 0.0, np.where(np.isnan(off), np.inf, off))
    return float(off[last].max()) if last.any() else 0.0


@final
class _Runs:
    """What the right rule and rules with faults make of some inputs."""

    def __init__(self, dialect: Dialect, trials: Sequence[Trial], dtype: str) -> None:
        start = laid_out(trials, dtype, dialect.optimizer)
        numbers = HeldNumbers(start, "literal", None)
        self.table: Table = run_rightly(start, dialect.rule, dtype, numbers)
        self._inputs: Inputs = inputs_of(self.table, numbers)
        lines = {line.name: line.expr for line in dialect.rule.lines}
        with np.errstate(all="ignore"):
            self.right = plain_run(self.table, lines, self._inputs, {}, self._inputs)

    def made(self, one: Hypothesis) -> dict[str, Array]:
        """Return what a rule with a fault makes of them."""
        with np.errstate(all="ignore"):
            model = one.model(self._inputs, self.table)
            return plain_run(self.table, model.lines, model.inputs, model.rounded, self._inputs)


@final
class _Shortest:
    """The shortest inputs that tell a fault, among the probes of a check."""

    def __init__(self, dialect: Dialect, tolerance: Tolerance) -> None:
        self._dialect, self._dtype = dialect, tolerance.dtype
        self._fmt = fmt = formats.get(tolerance.dtype)
        stored = {n: formats.get(x) for n, x in tolerance.stored.items()}
        states = {n: stored.get(n, fmt) for n in dialect.rule.states if n != "theta"}
        self._machine = Machine(formats.get(tolerance.compute), fmt, states)
        self._hyper = tolerance.conventions[0] if len(tolerance.conventions) == 1 else None
        self._orders = dict(tolerance.orders)
        usable = [
            _plain(x, dialect) for x in probes.trials(tolerance.dtype, dialect.optimizer)
            if x.kind == "core" and len(x.grads) <= _MOST_STEPS and not x.apart and not x.reload
            and sum(theta.size for theta in x.thetas) <= _MOST_STEPS
        ]  # fmt: skip
        self._trials = usable
        self._run = _Runs(dialect, usable, self._dtype)
        self._bound = self._bounds(self._run.table)

    def _bounds(self, table: Table) -> dict[str, Array]:
        rates = {n: float(np.nanmax(x)) for n, x in table.columns.items() if n.startswith("beta")}
        allowed = ways(self._dialect.rule, rates, self._orders)
        right, error, _ = bounded_rows(
            table, self._dialect.rule, self._machine, allowed, self._hyper
        )
        units = {n: ulp(x, self._machine.of(n)) / 2 for n, x in right.items()}
        fields = ("theta", *(n for n in self._dialect.rule.states if n != "theta"))
        return {n: error[n] + np.nan_to_num(units[n], nan=0.0) for n in fields}

    def of(self, one: Hypothesis) -> Shortest | None:
        """Return the shortest inputs that tell a fault; None where none does."""
        told = _told(self._run, self._bound, one)
        if told is None:
            return None
        field, row, times = told
        columns = self._run.table.columns
        trial = self._trials[int(columns["trial"][row])]
        steps, tensor = int(columns["step"][row]), int(columns["tensor"][row])
        element = int(columns["element"][row])
        whole, at = _cut(trial, steps), columns["trial"] == columns["trial"][row]
        at &= columns["step"] <= steps
        of_tensor = at & (columns["tensor"] == tensor)
        tried = [
            (_one_element(whole, tensor, element), of_tensor & (columns["element"] == element)),
            (_one_tensor(whole, tensor), of_tensor),
            (whole, at),
        ]
        for few, rows in tried if not self._dialect.rule.reduces else tried[2:]:
            # What an element may be off by does not depend on the others.
            bound = {name: x[rows] for name, x in self._bound.items()}
            again = _told(_Runs(self._dialect, [few], self._dtype), bound, one)
            if again is not None:
                field, _, times = again
                whole = few
                break
        document = as_document(
            whole, self._dialect.optimizer, self._dtype, self._dialect.rule.dialect
        )
        size = sum(theta.size for theta in whole.thetas)
        return Shortest(trial.name, steps, size, field, times, document)


def _told(run: _Runs, bound: dict[str, Array], one: Hypothesis) -> tuple[str, int, float] | None:
    """Return where a fault is told first: the field, the row, and how many bounds it is off."""
    made, best = run.made(one), None
    step = run.table.columns["step"]
    for name, allowed in bound.items():
        if name not in made:
            continue
        right = run.right[name]
        with np.errstate(all="ignore"):
            times = np.abs(made[name] - right) / allowed
            # float64 works both here: what it loses is no difference.
            beyond = (times > 1) & (np.abs(made[name] - right) > np.abs(right) * 2.0**-40)
            other = np.isnan(made[name]) ^ np.isnan(right)
        times = np.where(other, np.inf, times)
        beyond = (beyond | other) & np.isfinite(allowed)
        if beyond.any():
            first = step[beyond].min()
            rows = np.flatnonzero(beyond & (step == first))
            row = int(rows[np.argmax(times[rows])])
            if best is None or first < step[best[1]]:
                best = name, row, float(times[row])
    return best


def _plain(trial: Trial, dialect: Dialect) -> Trial:
    """Return a trial with the hyperparameters of a dialect alone."""
    rule = dialect.rule
    usual = {n: float(x) for n, x in rule.defaults.items() if n != "alpha"}
    hyper = {n: trial.hyper.get(n, x) for n, x in usual.items()}
    states = tuple({n: x for n, x in s.items() if n in rule.states} for s in trial.states)
    return replace(trial, hyper=hyper, states=states, judged=(), optional=())


def _cut(trial: Trial, steps: int) -> Trial:
    return replace(trial, grads=trial.grads[:steps], alphas=trial.alphas[:steps])


def _one_tensor(trial: Trial, tensor: int) -> Trial:
    return replace(
        trial,
        thetas=(trial.thetas[tensor],),
        grads=tuple((step[tensor],) for step in trial.grads),
        states=(trial.states[tensor],),
        firsts=(trial.firsts[tensor],),
    )


def _one_element(trial: Trial, tensor: int, element: int) -> Trial:
    one = _one_tensor(trial, tensor)

    def only(x: Array) -> Array:
        return x.reshape(-1)[element : element + 1]

    return replace(
        one,
        thetas=(only(one.thetas[0]),),
        grads=tuple((None if g is None else only(g),) for (g,) in one.grads),
        states=({n: only(x) for n, x in one.states[0].items()},),
    )
