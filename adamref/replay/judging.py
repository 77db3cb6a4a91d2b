"""Whether a right step leads from one state to the next: tensor by tensor, a chunk at a time.

The gradient is solved for, and then every line is a check (`adamref.oracle.judge`): v after the
step, and theta from the moments that were stored. A step deviates where no known order of
operations gives all that is stored; an element is off that the nearest one does not give.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, final

import numpy as np

from adamref import rules
from adamref.errors import OutOfDomain
from adamref.oracle.judge.identification import Fitters, candidates, machines
from adamref.oracle.observe.table import Unseen
from adamref.replay.rows import between
from adamref.replay.tally import SEED, JudgedTensor, tallied

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array, Indices
    from adamref.numbers.formats import Format
    from adamref.oracle.judge.dialects import Dialect
    from adamref.oracle.judge.fit import Fit
    from adamref.oracle.judge.machine import Machine
    from adamref.oracle.observe.table import Table
    from adamref.replay.pairing import TensorPair
    from adamref.replay.workers import Workers

LOOKED_AT = 512
"""Elements in which a dialect is looked for."""

_ABOUT = 1.1
"""What misses so many times as many values as the nearest comes as near."""


@final
@dataclass(frozen=True)
class StepSetting:
    """As what a step is judged.

    Attributes
    ----------
    dialect : Dialect
    machine : Machine
    hyper : mapping of str to float
        By adamref's names.
    orders : mapping of str to str
        The orders of operations in which it was found: those of a program, for all elements.
    inferred : tuple of str
        Which of the numbers nobody said.
    """

    dialect: Dialect
    machine: Machine
    hyper: Mapping[str, float]
    orders: Mapping[str, str]
    inferred: tuple[str, ...] = ()

    def table(self, sample: StepSample, states: Iterable[str] = ()) -> Table:
        """Lay out elements of a step, with the states of the dialect, or of more of them."""
        needed = {"theta", *(states or self.dialect.rule.states)}
        before, after = (
            {name: x for name, x in side.items() if name in needed}
            for side in (sample.before, sample.after)
        )
        return between(
            before,
            after,
            t=sample.t,
            hyper=self.hyper,
            optimizer=self.dialect.optimizer,
            unseen=unseen_in(self.machine),
            g=sample.g,
            places=sample.places,
            tensors=sample.tensors,
        )

    def fitted(self, table: Table) -> Fit:
        """Hold the dialect against a table, each line for itself, in any order of operations."""
        return self._fitters(table).fitted(self.dialect).fit

    def fitted_in_order(self, table: Table) -> Fit:
        """Hold the dialect against a table in the orders in which it was found."""
        return self._fitters(table).of(self.dialect)[1].in_orders(self.dialect, self.orders)

    def _fitters(self, table: Table) -> Fitters:
        return Fitters(table, self.machine, apart=True)


def unseen_in(machine: Machine) -> Unseen:
    """Return how a gradient is solved for that was put into m by a machine."""
    return Unseen(machine.compute, machine.narrowed("m"))


def off_in(over: Mapping[str, Array]) -> NDArray[np.bool_]:
    """Say which rows are outside any of their bounds."""
    found: NDArray[np.bool_] = np.logical_or.reduce([x > 1 for x in over.values()])
    return found


def identified(
    sample: StepSample,
    kept_in: Mapping[str, Format],
    optimizer: str,
    hyper: Mapping[str, float],
    pins: Mapping[str, str],
    compute: str | None,
) -> tuple[StepSetting, bool]:
    """Return as what a step is judged: the most usual dialect in which no element is off.

    Where there is none it is that in which fewest are, or about as few in a more usual one.

    Parameters
    ----------
    sample : StepSample
    kept_in : mapping of str to Format
        In what theta and the states are stored.
    optimizer : str
    hyper : mapping of str to float
        By adamref's names.
    pins : mapping of str to str
    compute : str or None
        Pins the arithmetic.

    Returns
    -------
    tuple
        The setting, and whether it accounts for every element of the sample.

    Raises
    ------
    OutOfDomain
        If no dialect has all the pins.
    """
    states = {name: fmt for name, fmt in kept_in.items() if name != "theta"}
    asked, options = pinned(optimizer, kept_in, pins), _options(optimizer, hyper)
    best: tuple[int, StepSetting] | None = None
    for machine in machines(kept_in["theta"], kept_in["theta"], states, compute, {}):
        possible = [
            x
            for some_pins in asked
            for x in candidates(optimizer, some_pins, machine, options)
            if kept_in.keys() >= {*x.rule.states}
        ]
        if not possible:
            continue
        some = StepSetting(possible[0], machine, hyper, {})
        every = {name for dialect in possible for name in dialect.rule.states}
        fitters = Fitters(some.table(sample, every), machine, apart=True)
        missed: dict[Dialect, int] = {}
        for dialect in sorted(possible, key=lambda x: x.unusual):
            fit = fitters.fitted(dialect).fit
            missed[dialect] = int(np.count_nonzero(off_in(fit.over)))
            if not missed[dialect]:
                return replace(some, dialect=dialect, orders=fit.orders), True
        about = _ABOUT * min(missed.values())
        nearest = min(missed, key=lambda x: (max(missed[x], about), x.unusual))
        if best is None or missed[nearest] < best[0]:
            orders = fitters.fitted(nearest).fit.orders
            best = missed[nearest], replace(some, dialect=nearest, orders=orders)
    if best is None:
        said = " ".join(f"{axis}={value}" for axis, value in pins.items())
        raise OutOfDomain("dialect", said, f"what {optimizer} can be at once")
    return best[1], False


def _options(optimizer: str, hyper: Mapping[str, float]) -> frozenset[str]:
    """Return the hyperparameters that an optimizer may do without, and that say something."""
    one = rules.optimizer(optimizer)
    return frozenset(
        n for n in one.optional if hyper.get(n, one.hypers[n].neutral) != one.hypers[n].neutral
    )


def pinned(
    optimizer: str, states: Container[str], pins: Mapping[str, str]
) -> list[Mapping[str, str]]:
    """Return pins with which an optimizer keeps a greatest v, where one is stored: any such."""
    axis = rules.optimizer(optimizer).fixed.get("amsgrad")
    if "v_max" not in states or axis != "none" or "amsgrad" in pins:
        return [pins]
    return [{**pins, "amsgrad": of} for of in rules.MAXIMA if of != axis]


@final
@dataclass(frozen=True)
class StepSample:
    """Elements of a step.

    Attributes
    ----------
    before, after : mapping of str to float64 array
        theta and the states.
    t, tensors, places : array of int
        The counter after the step; whose they are; where.
    g : float64 array or None
        The gradient, where it was seen.
    """

    before: Mapping[str, Array]
    after: Mapping[str, Array]
    t: Indices
    tensors: Indices
    places: Indices
    g: Array | None = None

    @classmethod
    def of(cls, pair: TensorPair, places: Indices, number: int = 0) -> StepSample:
        """Read some elements of a tensor."""
        before, after = pair.sample(places)
        t, tensors = (np.full(len(places), x) for x in (pair.t, number))
        return cls(before, after, t, tensors, places, pair.gradients(places))

    @classmethod
    def together(cls, parts: Sequence[StepSample]) -> StepSample:
        """Put samples together."""
        before, after = (
            {name: np.concatenate([x[name] for x in sides]) for name in sides[0]}
            for sides in ([part.before for part in parts], [part.after for part in parts])
        )
        rest = ([getattr(part, n) for part in parts] for n in ("t", "tensors", "places"))
        seen = [part.g for part in parts if part.g is not None]
        g = np.concatenate(seen) if len(seen) == len(parts) else None
        t, tensors, places = map(np.concatenate, rest)
        return cls(before, after, t, tensors, places, g)


def sampled(pairs: Sequence[TensorPair], count: int) -> StepSample:
    """Draw about so many elements of tensors, of each some."""
    draw = np.random.default_rng(SEED)
    few = list(enumerate(pairs))
    if len(few) > count // 8:
        few = [few[i] for i in sorted(draw.choice(len(few), count // 8, replace=False))]
    each = max(count // len(few), 1)
    parts = []
    for number, pair in few:
        size = min(each, pair.size)
        places = np.sort(draw.choice(pair.size, size, replace=False))
        parts.append(StepSample.of(pair, places, number))
    return StepSample.together(parts)


@final
@dataclass(frozen=True)
class HeldStep:
    """Holds elements of a step against a setting."""

    setting: StepSetting

    def __call__(self, pair: TensorPair, start: int, stop: int) -> Array:
        """Return the greatest error of each as a share of its bound."""
        places = np.arange(start, stop)
        before, after = pair.read(start, stop)
        t, tensors = np.full(len(places), pair.t), np.zeros_like(places)
        sample = StepSample(before, after, t, tensors, places, pair.gradients(places))
        over = self.setting.fitted_in_order(self.setting.table(sample)).over
        most: Array = np.max(list(over.values()), axis=0)
        return most


def judged(
    setting: StepSetting, pairs: Sequence[TensorPair], workers: Workers
) -> list[JudgedTensor]:
    """Judge every element of some tensors."""
    return tallied(HeldStep(setting), pairs, workers)
