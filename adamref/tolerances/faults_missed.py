"""Which faults of the catalogue a test lets through, and the shortest inputs that tell each.

A fault is carried out on the inputs of the test over the reals, and what it makes of theta at the
end is held against the tolerance. Where it is within it for every element, no test with these
inputs and this tolerance sees it. The shortest inputs are looked for among the probes of a check:
the first step at which what the fault makes is beyond the bound of these inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
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
    fmt = formats.get(tolerance.dtype)
    stored = {n: formats.get(x) for n, x in tolerance.stored.items()}
    states = {n: stored.get(n, fmt) for n in dialect.rule.states if n != "theta"}
    machine = Machine(formats.get(tolerance.compute), fmt, states)
    convention = tolerance.conventions[0] if len(tolerance.conventions) == 1 else None
    looked = ShortestInputs(dialect, tolerance.dtype, machine, convention, tolerance.orders)
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
class ShortestInputs:
    """The shortest inputs that tell a fault, among the probes of a check.

    Parameters
    ----------
    dialect : Dialect
    dtype : str
    machine : Machine
        In what a right implementation may work.
    hyper : str, optional
        Which numbers it holds for its hyperparameters; any if not given.
    orders : mapping of str to str, optional
        Those of its operations that are pinned.
    without : collection of str
        What a probe must not ask for, of `sessions.session.ABILITIES`.
    fields : collection of str, optional
        Those that may show it; all if not given.
    most : int
        Steps, and elements, of the probes among which they are looked for.
    reloads : bool
        Whether a state may be loaded on the way.
    trials : sequence of Trial, optional
        Others than those of a check.
    """

    def __init__(
        self,
        dialect: Dialect,
        dtype: str,
        machine: Machine,
        hyper: str | None = None,
        orders: Mapping[str, str] | None = None,
        *,
        without: Collection[str] = (),
        fields: Collection[str] | None = None,
        most: int = _MOST_STEPS,
        reloads: bool = False,
        trials: Sequence[Trial] | None = None,
    ) -> None:
        self._dialect, self._dtype, self._fields = dialect, dtype, fields
        self._machine, self._hyper, self._orders = machine, hyper, dict(orders or {})
        usable = [
            _plain(x, dialect) for x in probes.trials(dtype, dialect.optimizer)
            if x.kind == "core" and len(x.grads) <= most and (reloads or not x.reload)
            and sum(theta.size for theta in x.thetas) <= most
            and not x.apart and not set(without) & set(x.needs)
        ] if trials is None else [_plain(x, dialect) for x in trials]  # fmt: skip
        self.trials = tuple(usable)
        self._run = _Runs(dialect, usable, dtype)
        self._bound = self._bounds(self._run.table)

    def _bounds(self, table: Table) -> dict[str, Array]:
        rates = {n: float(np.nanmax(x)) for n, x in table.columns.items() if n.startswith("beta")}
        allowed = ways(self._dialect.rule, rates, self._orders)
        right, error, _ = bounded_rows(
            table, self._dialect.rule, self._machine, allowed, self._hyper
        )
        units = {n: ulp(x, self._machine.of(n)) / 2 for n, x in right.items()}
        every = ("theta", *(n for n in self._dialect.rule.states if n != "theta"))
        fields = [n for n in every if self._fields is None or n in self._fields]
        return {n: error[n] + np.nan_to_num(units[n], nan=0.0) for n in fields}

    def telling(self, one: Hypothesis) -> frozenset[int]:
        """Return the numbers of all probes that tell a fault."""
        at = self._run.table.columns["trial"]
        return frozenset(
            int(i)
            for x in _beyond(self._run, self._bound, one).values()
            for i in np.unique(at[x > 0])
        )

    def expected(self, number: int) -> list[list[tuple[Array, Array]]]:
        """Return theta of a probe after each step, a tensor at a time, and its bound."""
        return expected(self._run.table, self._run.right["theta"], self._bound["theta"], number)

    def of(self, one: Hypothesis) -> Shortest | None:
        """Return the shortest inputs that tell a fault; None where none does."""
        told = _told(self._run, self._bound, one)
        if told is None:
            return None
        field, row, times = told
        columns = self._run.table.columns
        trial = self.trials[int(columns["trial"][row])]
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
    best, step = None, run.table.columns["step"]
    for name, times in _beyond(run, bound, one).items():
        beyond = times > 0
        if beyond.any():
            first = step[beyond].min()
            rows = np.flatnonzero(beyond & (step == first))
            row = int(rows[np.argmax(times[rows])])
            if best is None or first < step[best[1]]:
                best = name, row, float(times[row])
    return best


def _beyond(run: _Runs, bound: dict[str, Array], one: Hypothesis) -> dict[str, Array]:
    """Return for each field by how many bounds a fault is beyond them on each row, or else 0."""
    made, found = run.made(one), {}
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
        found[name] = np.where((beyond | other) & np.isfinite(allowed), times, 0.0)
    return found


def _plain(trial: Trial, dialect: Dialect) -> Trial:
    """Return a trial with the hyperparameters of a dialect alone."""
    rule = dialect.rule
    usual = {n: float(x) for n, x in rule.defaults.items() if n != "alpha"}
    hyper = {n: trial.hyper.get(n, x) for n, x in usual.items()}
    states = tuple({n: x for n, x in s.items() if n in rule.states} for s in trial.states)
    return replace(trial, hyper=hyper, states=states, judged=(), optional=())


def expected(
    table: Table, right: Array, bound: Array, number: int = 0
) -> list[list[tuple[Array, Array]]]:
    """Return a field of a trial after each step, a tensor at a time, and what it may be off by."""
    columns, found = table.columns, []
    its = columns["trial"] == number
    for step in range(1, int(columns["step"][its].max(initial=0)) + 1):
        tensors = range(len(table.trials[number].thetas))
        at = [
            np.flatnonzero(its & (columns["step"] == step) & (columns["tensor"] == j))
            for j in tensors
        ]
        found.append([(right[rows], bound[rows]) for rows in at])
    return found


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
