"""Checkpoints with steps in between that nobody saw, or one alone: what must hold all the same.

Every number is one, v is not negative, a maximum is one, v has lost no more than its decay, and
what came to m is bounded by what came to v (`adamref.bounds.apart`). One checkpoint is as many
steps from nothing as its counter says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, final

import numpy as np

from adamref.bounds.apart import Growth, growth_of_m, growth_of_v, moments_apart
from adamref.conventions import CONVENTIONS, held
from adamref.oracle.judge.differences import shortest
from adamref.oracle.judge.identification import machines
from adamref.replay.result import FirstOff, TensorVerdict
from adamref.replay.tally import tallied
from adamref.rules.instructions import COMPLEMENT

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array
    from adamref.numbers.formats import Format
    from adamref.oracle.judge.machine import Machine
    from adamref.replay.pairing import TensorPair
    from adamref.replay.workers import Workers

EVER = 2**40
"""So many steps from nothing are as good as any number, where no counter is known."""


@final
@dataclass(frozen=True)
class Relations:
    """How the moments of a tensor grow.

    Attributes
    ----------
    first, second : Growth
    b : Fraction
        The decay rate of m.
    steps : int
    """

    first: Growth
    second: Growth
    b: Fraction
    steps: int

    @property
    def tells(self) -> bool:
        """Whether roundings leave anything to be said."""
        return self.second.taken > 0 and 0 < self.second.kept < 1 and self.first.kept < 1


def relations(
    kept_in: Mapping[str, Format], hyper: Mapping[str, float], steps: int, compute: str | None
) -> Relations | None:
    """Return how moments grow that are stored so; None where a decay rate is not known."""
    if not {"beta1", "beta2"} <= hyper.keys():
        return None
    machine = _narrowest(kept_in, compute)
    made = []
    for name, field, growth in (("beta1", "m", growth_of_m), ("beta2", "v", growth_of_v)):
        rate = Fraction(hyper[name])
        off = _off(name, rate, machine)
        made.append(growth(rate, 1 - rate, machine.compute, machine.narrowed(field), off=off))
    return Relations(made[0], made[1], Fraction(hyper["beta1"]), steps)


def _narrowest(kept_in: Mapping[str, Format], compute: str | None) -> Machine:
    """Return the machine that may have lost most: no narrower than what it stores."""
    states = {name: fmt for name, fmt in kept_in.items() if name != "theta"}
    known = machines(kept_in["theta"], kept_in["theta"], states, compute, {})
    least = min(fmt.precision for fmt in states.values())
    some = [x for x in known if x.compute.precision >= least] or known
    return some[-1]


def _off(name: str, rate: Fraction, machine: Machine) -> float:
    """Return how far the numbers that are held for a rate and its complement may be from them."""
    found = Fraction(0)
    for convention in CONVENTIONS:
        numbers = held({name: rate}, convention, machine.compute)
        its = Fraction(numbers[name])
        complement = Fraction(numbers.get(name + COMPLEMENT, 1 - its))
        found = max(found, abs(its - rate), abs(complement - (1 - rate)))
    return float(found) * (1 + 2.0**-50)


@final
@dataclass(frozen=True)
class Range:
    """Between what a field of some elements should be; an end may be infinite, no number is."""

    field: str
    got: Array
    low: Array
    high: Array

    @property
    def over(self) -> Array:
        """Errors as shares of what is allowed, around the middle: above 1 where one is off."""
        with np.errstate(all="ignore"):
            middle = self.low + (self.high - self.low) / 2
            share = np.abs(self.got - middle) / ((self.high - self.low) / 2)
            known = np.isfinite(self.low) & np.isfinite(self.high)
            inside = (self.low <= self.got) & (self.got <= self.high) & np.isfinite(self.got)
        share = np.where(known & np.isfinite(share), share, 0.0)
        return np.where(inside, np.minimum(share, 1.0), np.maximum(share, np.inf))


def ranges(
    before: Mapping[str, Array] | None, after: Mapping[str, Array], found: Relations | None
) -> Iterator[Range]:
    """Yield between what every field of some elements must be."""
    count = len(after["m"])
    anything = np.full(count, np.inf)
    for name, got in after.items():
        low = np.zeros(count) if name in ("v", "v_max") else -anything
        yield Range(name, got, low, anything)
    if "v_max" in after:
        least = after["v"]
        if before is not None:
            least = np.maximum(least, before["v_max"])
        yield Range("v_max", after["v_max"], least, anything)
    if found is None:
        return
    none = np.zeros(count)
    old = (none, none) if before is None else (before["m"], before["v"])
    new = after["m"], after["v"]
    made = moments_apart(old, new, found.first, found.second, found.b, found.steps)
    if made is None:
        return
    yield Range("v", new[1], made.least, anything)
    with np.errstate(all="ignore"):
        yield Range("m", new[0], made.left - made.most, made.left + made.most)


@final
@dataclass(frozen=True)
class HeldApart:
    """Holds elements against what must be, whatever lies between, or lay before one alone."""

    found: Relations | None
    alone: bool

    def __call__(self, pair: TensorPair, start: int, stop: int) -> Array:
        """Return the greatest error of each as a share of what is allowed."""
        most: Array = np.max([x.over for x in self.ranges(pair, start, stop)], axis=0)
        return most

    def ranges(self, pair: TensorPair, start: int, stop: int) -> list[Range]:
        """Return between what every field of the elements must be."""
        before, after = pair.read(start, stop)
        return [*ranges(None if self.alone else before, after, self.found)]


def judged_apart(
    pair: TensorPair, found: Relations | None, workers: Workers, *, alone: bool
) -> TensorVerdict:
    """Judge what must hold of every element of a tensor."""
    hold = HeldApart(found, alone)
    (made,) = tallied(hold, [pair], workers)
    return TensorVerdict(
        pair.name,
        pair.shape,
        pair.after["theta" if "theta" in pair.after else "m"].dtype,
        made.verdict,
        pair.size,
        made.off,
        made.over,
        tuple(made.histogram.tolist()),
        None if made.first is None else _first(pair, made.first, hold),
        because=made.because,
    )


def _first(pair: TensorPair, place: int, hold: HeldApart) -> FirstOff:
    one = next(x for x in hold.ranges(pair, place, place + 1) if x.over[0] > 1)
    fmt = dict(pair.kept_in)[one.field]
    return FirstOff(
        pair.index(place),
        one.field,
        shortest(float(one.got[0]), fmt),
        repr(float(one.low[0])),
        repr(float(one.high[0])),
    )
