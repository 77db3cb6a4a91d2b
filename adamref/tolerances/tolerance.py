"""`adamref.tolerance`: the tolerance that a test of an optimizer may use, and what it misses."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.conventions import COMPUTES
from adamref.errors import OutOfDomain, UnknownName
from adamref.numbers import formats
from adamref.numbers.arrays import rounded_up, ulp
from adamref.oracle.check import state_dtypes
from adamref.oracle.judge.dialects import dialects, read_pins, refuse_no_dialect
from adamref.oracle.judge.machine import Machine
from adamref.oracle.judge.numbers import HeldNumbers
from adamref.rules.family import training
from adamref.tolerances.any_inputs import any_inputs, refuse_other_rules
from adamref.tolerances.bounds_of_rows import bounded_rows, numbers_held
from adamref.tolerances.faults_missed import faults_missed
from adamref.tolerances.free import ways
from adamref.tolerances.given import GivenInputs, an_ordinary_test, read_given
from adamref.tolerances.inputs import laid_out
from adamref.tolerances.pairs import fitted_pair
from adamref.tolerances.result import FieldTolerance, Tolerance
from adamref.tolerances.shares import Setup

if TYPE_CHECKING:
    import os

    from adamref.numbers.arrays import Array
    from adamref.numbers.formats import Format
    from adamref.oracle.judge.dialects import Dialect
    from adamref.oracle.observe.table import Table
    from adamref.oracle.observe.trial import Trial
    from adamref.tolerances.free import Ways

_MOST_STEPS = 10_000
_MOST_VALUES = 10**6


def tolerance(
    optimizer: str | None = None,
    dtype: str | None = None,
    steps: int | None = None,
    *,
    state_dtype: str | Mapping[str, str] | None = None,
    compute: str | None = None,
    dialect: str | Sequence[str] = (),
    order: str | Mapping[str, str] | Sequence[str] = (),
    hyper: str | None = None,
    given: str | os.PathLike[str] | Mapping[str, Any] | None = None,
    largest: float = 1.0,
    smallest: float = 0.0,
    faults: bool = True,
    tracked: Callable[[Any], Any] = iter,
    **numbers: float | str,
) -> Tolerance:
    """Return the tolerance that no right implementation exceeds, and the faults that it misses.

    It is proved, not sampled: each line of the rule is bounded in every order of operations that is
    known for it, from states that carry the errors of all steps before (see ``adamref.bounds``).

    Parameters
    ----------
    optimizer : str, optional
        adam if not given. Any of the family that has a parameter; without ``given`` one that
        divides an average of g by the root of one of g**2.
    dtype : {"float32", "float64", "float16", "bfloat16"}, optional
        float32 if not given. Of theta and the gradients.
    steps : int, optional
        After how many steps a test compares, 1 to 10,000; 1, or as many as ``given`` has.
    state_dtype : str or mapping of str to str, optional
        Of the states (``"m=bfloat16,v=float32"``); as theta's if not given.
    compute : {"storage", "float32", "float64"}, optional
        In what a step is worked; float32 for narrow dtypes and the dtype for others if not given.
    dialect : str or sequence of str
        Pins, ``AXIS=VALUE``; a bare name pins the form.
    order : mapping or sequence of str
        Pins of an order of operations, ``FIELD=NAME`` with m, v, theta or correction; every known
        one if not given.
    hyper : {"literal", "rounded", "mixed"}, optional
        Which numbers an implementation holds for its hyperparameters; any of these if not given.
    given : path or mapping, optional
        The inputs of a test: a golden vector, or what of it says theta, gradients and
        hyperparameters. The bound is then of these inputs.
    largest, smallest : float
        Without ``given``: every gradient is 0 or between these in size; units of g.
    faults : bool
        Whether to try which faults of the catalogue would pass.
    tracked : callable
        Passes the faults on one by one, as a progress bar does.
    **numbers
        lr (or alpha), beta1, beta2, eps, weight_decay, …; what is missing has its published
        default, or what ``given`` says. Each stands for its float64 value.

    Returns
    -------
    Tolerance

    Raises
    ------
    UnknownName, OutOfDomain
        For an option, or a rule for which no bound holds for all gradients.
    Unreadable
        If the file cannot be read, or says nothing of inputs.
    """
    if not 0 <= smallest < largest < math.inf:
        raise OutOfDomain("largest", largest, f"finite and more than the smallest, {smallest:g}")
    what = _asked(optimizer, dtype, steps, dialect, given, numbers, (smallest, largest))
    fmt, pinned = formats.get(what.dtype), _orders(order)
    machines = _machines(what, state_dtypes(state_dtype), compute)
    its = machines[0].states
    allowed = ways(what.rule, what.trial.hyper, pinned)
    made, notes = {}, []
    for machine in machines:
        bounding = _Bounds(what, machine, allowed, hyper, largest, smallest)
        made[machine.compute.dtype] = bounding.fields()
        notes += bounding.notes
    names = list(made)
    found = Tolerance(
        optimizer=what.optimizer,
        dtype=what.dtype,
        dialect=dict(what.rule.dialect),
        steps=what.steps,
        stored={n: x.dtype for n, x in its.items() if x != fmt},
        compute=names[0],
        hyper={"alpha": what.trial.alphas[0], **what.trial.hyper},
        conventions=(hyper,) if hyper else ("literal", "mixed", "rounded"),
        orders=pinned,
        inputs=what.given.name if what.given else "any",
        conditions=_conditions(what, largest, smallest),
        fields=made[names[0]],
        other={name: made[name] for name in names[1:]},
        notes=tuple(dict.fromkeys(notes)),
    )
    known = found["theta"].is_known
    if faults and not known:
        says = "Faults were not tried: theta has no tolerance."
        return replace(found, notes=(*found.notes, says))
    return _with_faults(found, what, tracked) if faults else found


def theta_by_step(given: Mapping[str, Any]) -> tuple[Array, Array]:
    """Return the right theta after each step of given inputs, and how far a right one may be off.

    Parameters
    ----------
    given : mapping
        As `tolerance` takes it.

    Returns
    -------
    tuple of arrays
        A row a step, a column an element of the tensors one after another: theta, to float64, and
        the bound of what a right implementation in the usual arithmetic gives (inf where none is
        known), the last rounding and the slack of theta here included.

    Raises
    ------
    Unreadable, UnknownName, OutOfDomain
        As `tolerance` does.
    """
    what = _asked(None, None, None, (), given, {}, (0.0, 1.0))
    (machine, *_), table = _machines(what, {}, None), _rows(what)
    allowed = ways(what.rule, what.trial.hyper, {})
    right, error, _ = bounded_rows(table, what.rule, machine, allowed, None)
    columns = table.columns
    order = np.lexsort((columns["element"], columns["tensor"], columns["step"]))
    value = right["theta"][order].reshape(what.steps, -1)
    off = error["theta"][order].reshape(what.steps, -1)
    return value, off + ulp(value, machine.of("theta")) / 2


def _rows(what: _Asked) -> Table:
    return laid_out([what.trial], what.dtype, what.optimizer)


def _machines(what: _Asked, stored: Mapping[str, str], compute: str | None) -> list[Machine]:
    """Return the arithmetics that are covered, the usual one first."""
    fmt = formats.get(what.dtype)
    states = [name for name in what.rule.states if name != "theta"]
    its = {n: formats.get(stored.get(n, stored.get("", what.dtype))) for n in states}
    return [Machine(work, fmt, its) for work in _works(fmt, its, compute)]


@final
@dataclass(frozen=True)
class _Asked:
    optimizer: str
    dtype: str
    dialect: Dialect
    steps: int
    trial: Trial
    given: GivenInputs | None

    @property
    def rule(self) -> Any:
        return self.dialect.rule


def _asked(
    optimizer: str | None,
    dtype: str | None,
    steps: int | None,
    dialect: str | Sequence[str],
    given: Any,
    numbers: Mapping[str, Any],
    sizes: tuple[float, float],
) -> _Asked:
    of = None if given is None else read_given(given, numbers, steps, (optimizer, dtype, dialect))
    optimizer, dtype = optimizer or "adam", dtype or "float32"
    if of is not None:
        optimizer, dtype, dialect = of.optimizer, of.dtype, of.dialect
    known = training()
    if optimizer not in known:
        raise UnknownName("optimizer", optimizer, known)
    formats.get(dtype)
    pins = read_pins([dialect] if isinstance(dialect, str) else dialect)
    refuse_no_dialect(optimizer, pins)
    one = dialects(optimizer, pins, [("literal", dtype)])[0]
    if of is not None:
        trial = of.trial(one.rule)
        if len(trial.grads) * sum(x.size for x in trial.thetas) > _MOST_VALUES:
            raise OutOfDomain("inputs", of.name, f"at most {_MOST_VALUES} values in all")
    else:
        count = 1 if steps is None else steps
        if not 1 <= count <= _MOST_STEPS:
            raise OutOfDomain("steps", count, f"1 to {_MOST_STEPS}")
        trial = an_ordinary_test(one.rule, dtype, count, numbers, sizes)
    return _Asked(optimizer, dtype, one, len(trial.grads), trial, of)


def _works(fmt: Format, states: Mapping[str, Format], compute: str | None) -> list[Format]:
    """Return in what a step is worked, what is usual first."""
    if compute is not None:
        if compute not in COMPUTES:
            raise UnknownName("arithmetic to compute in", compute, COMPUTES)
        return [fmt if compute == "storage" else formats.get(compute)]
    widest = max([fmt, *states.values()], key=lambda x: x.precision)
    if widest.precision < formats.BINARY32.precision:
        return [formats.BINARY32, fmt]
    return [widest]


def _orders(given: str | Mapping[str, str] | Sequence[str]) -> dict[str, str]:
    if isinstance(given, Mapping):
        return dict(given)
    pairs = [x.partition("=") for x in ([given] if isinstance(given, str) else given)]
    for field, equals, name in pairs:
        if not equals:
            raise OutOfDomain("order", field or name, "FIELD=NAME, as in m=lerp")
    return {field.strip(): name.strip() for field, _, name in pairs}


@final
class _Bounds:
    """The bounds of what was asked, worked in one format."""

    def __init__(
        self,
        what: _Asked,
        machine: Machine,
        allowed: Ways,
        hyper: str | None,
        largest: float,
        smallest: float,
    ) -> None:
        self._what, self._machine, self._allowed = what, machine, allowed
        self._sizes = smallest, largest
        self.notes: list[str] = []
        self._hyper = hyper

    def fields(self) -> tuple[FieldTolerance, ...]:
        """Return the tolerance of theta and of each state."""
        if self._what.given is not None:
            return self._of_inputs()
        return self._of_any()

    def _of_any(self) -> tuple[FieldTolerance, ...]:
        what, machine = self._what, self._machine
        refuse_other_rules(what.rule)
        rates = replace(what.trial, thetas=(np.zeros(1),), states=({},), firsts=(1,), grads=tuple(
            (np.zeros(1),) for _ in what.trial.grads
        ))  # fmt: skip
        table = laid_out([rates], what.dtype, what.optimizer)
        literal = HeldNumbers(table, "literal", None)
        covered, notes = numbers_held(table, what.rule, machine, self._hyper)
        self.notes += notes
        made = [
            any_inputs(Setup(table, what.rule, held, literal, machine, self._allowed), self._sizes)
            for held in covered
        ]
        found = []
        for name in ("theta", *(n for n in ("m", "v", "v_max") if n in what.rule.states)):
            pairs = [getattr(x, name) for x in made]
            rtol, atol = (max(x[i] for x in pairs) for i in (0, 1))
            found.append(self._any_field(name, rtol, atol))
        return tuple(found)

    def _any_field(self, name: str, rtol: float, atol: float) -> FieldTolerance:
        fmt = self._machine.of(name)
        unit = float(fmt.unit_roundoff)
        rtol, atol = rounded_up(rtol + unit), rounded_up(atol + float(fmt.smallest))
        largest = self._sizes[1]
        at = {"theta": 1.0, "m": largest}.get(name, math.nan)
        of_one = ulp(np.array([at]), fmt)[0]
        ulps = rtol / unit if np.isnan(at) else (rtol * at + atol) / float(of_one)
        says = {
            "theta": "of any theta: what it loses itself is a share of it, the steps' errors are "
            "beside it; where theta passes 0 the absolute part is all",
            "m": f"for gradients up to {largest:g}, and as many times more for larger ones: terms "
            "may cancel, so that no share of m bounds it",
        }.get(name, f"nothing cancels: a share of {name}, and beside it what underflows")
        if not math.isfinite(rtol + atol):
            says = _unbounded(name, self._machine)
        return FieldTolerance(name, rtol, atol, ulps, at, says)

    def _of_inputs(self) -> tuple[FieldTolerance, ...]:
        what, rule = self._what, self._what.rule
        table = _rows(what)
        right, error, notes = bounded_rows(table, rule, self._machine, self._allowed, self._hyper)
        self.notes += notes
        last = table.columns["step"] == what.steps
        names = ("theta", *(n for n in rule.states if n != "theta"))
        return tuple(self._field(name, right[name][last], error[name][last]) for name in names)

    def _field(self, name: str, right: Array, error: Array) -> FieldTolerance:
        fmt = self._machine.of(name)
        here = np.isfinite(right)
        size, units = np.abs(right[here]), ulp(right[here], fmt)
        off = error[here] + units / 2
        rtol, atol = fitted_pair(size, off)
        worst = float(np.max(off / units)) if off.size else 0.0
        says = "of these inputs"
        if not math.isfinite(rtol + atol):
            says = _unbounded(name, self._machine)
        return FieldTolerance(
            name, rounded_up(rtol), rounded_up(atol), rounded_up(worst), math.nan, says
        )


def _unbounded(name: str, machine: Machine) -> str:
    work = machine.compute.dtype
    return (
        f"no bound is known: worked in {work} and kept as it is here, {name} may have lost all of "
        f"its digits, or something may overflow or underflow on the way; where epsilon is 0 there, "
        f"a smallest gradient has to be given"
    )


def _conditions(what: _Asked, largest: float, smallest: float) -> tuple[str, ...]:
    if what.given is not None:
        return (f"the inputs are those of {what.given.name}",)
    sizes = f"every gradient is at most {largest:g} in size"
    if smallest:
        sizes = f"every gradient is 0, or {smallest:g} to {largest:g} in size"
    return (sizes, "the first step is t = 1, from states of 0")


def _with_faults(found: Tolerance, what: _Asked, tracked: Callable[[Any], Any]) -> Tolerance:
    caught, missed = faults_missed(found, what.dialect, what.trial, tracked)
    tried = what.trial.name
    if not what.given:
        tried = f"{what.trial.thetas[0].size} elements of normal theta and gradients, from a seed"
    return replace(found, tried=tried, caught=caught, missed=missed)
