"""A state of an optimizer that is stored in a float format, and where it moves and stays.

A line of a rule makes the next value of a state from the one stored: worked in the reals and
rounded once, or operation by operation in a format, and then rounded to that of the storage. All of
it is monotone in the stored value, as rounding is: a state that starts below all its fixed points
stops at the least of them, one that starts above at the greatest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, final

from adamref.numbers.rational import Rational as Rationals
from adamref.rules.instructions import COMPLEMENT
from adamref.rules.program import Program
from adamref.rules.symbols import PREVIOUS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from adamref.numbers.formats import Format
    from adamref.rules.rule import Rule


@final
class _InFormat:
    """The operations that the line of a moment needs, each rounded to a format."""

    def __init__(self, fmt: Format) -> None:
        self._fmt = fmt

    def lift(self, value: Any) -> Fraction:
        """Round an input."""
        return self._rounded(Fraction(value))

    def add(self, a: Fraction, b: Fraction) -> Fraction:
        """Add."""
        return self._rounded(a + b)

    def multiply(self, a: Fraction, b: Fraction) -> Fraction:
        """Multiply."""
        return self._rounded(a * b)

    def negate(self, a: Fraction) -> Fraction:
        """Change the sign."""
        return -a

    def power(self, a: Fraction, exponent: Fraction) -> Fraction:
        """Square."""
        assert exponent == 2, exponent
        return self._rounded(a * a)

    def _rounded(self, value: Fraction) -> Fraction:
        return Fraction(self._fmt.round(value))


@final
@dataclass(frozen=True)
class Stored:
    """A state in a format, and what one step makes of it.

    Attributes
    ----------
    rule : Rule
    name : str
        The state, such as ``v``.
    fmt : Format
        In which it is stored.
    values : mapping of str to Fraction
        The other symbols of its line; a decay rate is the exact one.
    compute : Format or None
        In which each operation is rounded; None: the line is worked in the reals and rounded once.
        Decay rates are held in that format, ``1 - beta`` rounded from the exact difference.
    """

    rule: Rule
    name: str
    fmt: Format
    values: Mapping[str, Fraction] = field(default_factory=dict)
    compute: Format | None = None

    def __post_init__(self) -> None:
        assert self.compute is None or self.compute.precision >= self.fmt.precision

    def __hash__(self) -> int:
        return hash((self.rule, self.name, self.fmt.name, *self.values.items()))

    @cached_property
    def _program(self) -> Program:
        return Program([(self.name, self.rule.line(self.name).expr)])

    def before_storing(self, value: Fraction) -> Fraction:
        """Return what a step makes of a stored value, not yet rounded to the storage's format."""
        carrier: Any = Rationals() if self.compute is None else _InFormat(self.compute)
        rates = {n: x for n, x in self.values.items() if n.startswith("beta")}
        exacts: dict[str, Any] = dict(rates)
        exacts |= {n + COMPLEMENT: 1 - x for n, x in rates.items()}
        others = {n: x for n, x in self.values.items() if n not in rates}
        found = self._program.run(carrier, {self.name + PREVIOUS: value, **others}, exacts)
        return Fraction(found[self.name])

    @cached_property
    def _known(self) -> dict[int, int]:
        return {}

    @cached_property
    def _held(self) -> tuple[Fraction, Fraction]:
        """What is added to v in a step, and 1 less the rate it is multiplied by, as computed."""
        rate = self.values["beta2"]
        held = rate if self.compute is None else _InFormat(self.compute).lift(rate)
        return self.before_storing(Fraction(0)), 1 - held

    def drift(self, value: Fraction) -> Fraction:
        """Return by how much a step would move v, if the product and the sum were not rounded."""
        added, lost = self._held
        return added - lost * value

    def after(self, value: float) -> float:
        """Return what is stored after one step."""
        return self.fmt.round(self.before_storing(Fraction(value)))

    def number(self, place: int) -> float:
        """Return the number >= 0 of the format that has so many others in [0, it)."""
        half = 2 ** (self.fmt.precision - 1)
        binade = max(0, place // half - 1)
        exact = (place - binade * half) * self.fmt.smallest * 2**binade
        assert place >= 0, place
        assert exact <= self.fmt.largest, place
        return float(exact)

    def place(self, value: float) -> int:
        """Return how many numbers of the format lie in [0, a value of it)."""
        return int(self.fmt.distance(value, 0.0))

    @property
    def last(self) -> int:
        """The place of the largest number."""
        return self.place(self.fmt.round(self.fmt.largest))

    def next_place(self, place: int) -> int:
        """Return where one step leads from a place."""
        if place not in self._known:
            self._known[place] = self.place(self.after(self.number(place)))
        return self._known[place]

    def path(self, start: float) -> Iterator[float]:
        """Return what is stored step by step, the start first."""
        value = start
        while True:
            yield value
            value = self.after(value)


def fixed_interval(stored: Stored) -> tuple[float, float]:
    """Return the least and the greatest fixed point >= 0 of a stored second moment.

    Exact. Far from them the drift is larger than all rounding errors together; from there the steps
    themselves lead to them, as a step is monotone.
    """
    low, high = _first_not_up(stored), _last_not_down(stored, stored.last)
    while (ahead := stored.next_place(low)) > low:
        low = ahead
    while (behind := stored.next_place(high)) < high:
        high = behind
    return stored.number(low), stored.number(high)


def _errors(stored: Stored, size: Fraction) -> Fraction:
    """Bound what the roundings of a step err by, for numbers of at most a size.

    Half an ulp where it is stored; before, half an ulp for the product and half for the sum. The
    operations have at least the precision of the storage.
    """
    computing = Fraction(0) if stored.compute is None else stored.compute.ulp(size)
    return stored.fmt.ulp(size) / 2 + computing


def _surely_up(stored: Stored, place: int) -> bool:
    """Say whether v moves up from here, and from every place below.

    The drift decreases with v, and what bounds the errors does not: no number is larger than twice
    v and what is added to it.
    """
    value = Fraction(stored.number(place))
    return stored.drift(value) > _errors(stored, 2 * (value + stored.drift(Fraction(0))))


def _surely_down(stored: Stored, place: int) -> bool:
    """Say whether v moves down from here, and from every place above in the same binade.

    There the ulp is the same, and the drift decreases with v; no number is larger than v.
    """
    value = Fraction(stored.number(place))
    return value > 0 and -stored.drift(value) > _errors(stored, value)


def _first_not_up(stored: Stored) -> int:
    """Return the first place from which v does not surely move up."""
    low, high = -1, stored.last
    while high - low > 1:
        middle = (low + high) // 2
        if _surely_up(stored, middle):
            low = middle
        else:
            high = middle
    return high


def _last_not_down(stored: Stored, last: int) -> int:
    """Return the last place, up to one, from which v does not surely move down; 0 does not."""
    for start, end in reversed(list(_binades(stored, 0, last))):
        if _surely_down(stored, start):
            continue
        low, high = start + 1, end + 1  # the first place in the binade from which it surely does
        while low < high:
            middle = (low + high) // 2
            if _surely_down(stored, middle):
                high = middle
            else:
                low = middle + 1
        return low - 1
    return 0


def _binades(stored: Stored, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Split a range of places into those within one binade; both ends belong to a part."""
    half = 2 ** (stored.fmt.precision - 1)
    while first <= last:
        end = min(last, (first // half + 1) * half - 1)
        yield first, end
        first = end + 1


def all_up(stored: Stored, first: int, last: int) -> bool:
    """Say whether v moves up from every place in a range: one jump is one of all it passes."""
    place = max(first, _first_not_up(stored))
    while place <= last:
        ahead = stored.next_place(place)
        if ahead <= place:
            return False
        place = ahead
    return True


def all_down(stored: Stored, first: int, last: int) -> bool:
    """Say whether v moves down from every place in a range."""
    place = _last_not_down(stored, last)
    while place >= first:
        behind = stored.next_place(place)
        if behind >= place:
            return False
        place = behind
    return True


def all_fixed(stored: Stored, first: int, last: int) -> bool:
    """Say whether v stays at every place in a range.

    Within a binade the gaps are the same, but for the one below its first number, and the drift is
    affine: where v surely stays at both ends, it stays in between. Elsewhere every place is tried.
    """
    for start, end in _binades(stored, first, last):
        inner = start + 1
        if inner < end and all(_surely_fixed(stored, p, end) for p in (inner, end)):
            tried: Iterator[int] = iter((start,))
        else:
            tried = iter(range(start, end + 1))
        if any(stored.next_place(place) != place for place in tried):
            return False
    return True


def _surely_fixed(stored: Stored, place: int, end: int) -> bool:
    """Say whether v stays at a place which is not the first of its binade, nor after its end."""
    value = Fraction(stored.number(place))
    size = 2 * Fraction(stored.number(end))
    errors = Fraction(0) if stored.compute is None else stored.compute.ulp(size)
    return abs(stored.drift(value)) + errors < stored.fmt.ulp(value) / 2
