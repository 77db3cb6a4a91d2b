"""The habit of an author: to how many places, or significant digits, numbers are printed.

A number such as -0.3 says by itself only that it was rounded to one place. Among others of four
places it says -0.3000, its zeros dropped. So a habit is looked for that accounts for all other
numbers of a document, or of a field; where there is one, a number that has lost more digits than
that is not right.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias, final

from adamref.expressions.effort import spend
from adamref.numbers.rounding import decimal_exponent

if TYPE_CHECKING:
    from adamref.documents.spans import Printed, Span

_WITNESSES = 3
_ROUNDED = 2
"""As many numbers that keep to a habit show it; so many of them are rounded, to the last digit."""
_MANY = 8
"""As many make one that a number breaks by a single digit."""
_FEW = 4
"""By so many units of the last place numbers differ that come of rounded ones.

And so many that lost digits show by what they lost whether those were cut off."""

Place: TypeAlias = tuple[int, int]
"""A line and a column."""

Finer: TypeAlias = Mapping[Place, "Printed"]
"""The places of numbers that break a habit, and as what they would have to be right."""


@final
@dataclass(frozen=True)
class Shown:
    """A number that a document prints for a value.

    Attributes
    ----------
    place : (int, int)
        Its line and column.
    about : (str, str, int)
        Its field, parameter and step.
    number : Printed
    values : tuple of Span
        What the author may have rounded.
    """

    place: Place
    about: tuple[str, str, int]
    number: Printed
    values: tuple[Span, ...]

    def fits_at(self, unit: Fraction) -> bool:
        """Say whether it is right when printed to a finer unit, zeros at its end dropped."""
        number = replace(self.number, unit=min(unit, self.number.unit))
        return any(number.fits(value) is not None for value in self.values)

    def is_near(self, unit: Fraction) -> bool:
        """Say whether it is within a few units, as what comes of rounded numbers is."""
        off = min((abs(v.middle - self.number.value) for v in self.values), default=unit)
        return off <= _FEW * unit

    @cached_property
    def is_rounded(self) -> bool:
        """Whether digits of its value are lost in it."""
        return all(self.number.fits(value) != "exact" for value in self.values)

    @property
    def ends_in_zero(self) -> bool:
        """Whether it shows by a zero at its end how many places it was meant to have."""
        return "." in self.number.text and self.number.text.endswith("0")

    @cached_property
    def digits(self) -> int:
        """How many significant digits were printed."""
        if not self.number.value:
            return 1
        return len(str(abs(self.number.value / self.number.unit).numerator))

    @cached_property
    def exponent(self) -> int:
        """The decimal exponent of the largest of its values."""
        largest = max((abs(v.middle) for v in self.values), default=Fraction(0))
        return decimal_exponent(largest or Fraction(1))


def too_short(shown: Sequence[Shown]) -> Finer:
    """Find the numbers that lost more digits than their author's habit accounts for.

    Returns
    -------
    mapping of (int, int) to Printed
        For each its place, and the number with the unit to which it would have to be right.
    """
    first = {s.about: s for s in reversed(shown)}
    finest: dict[tuple[str, str, int], Fraction] = {}
    columns: dict[str, _Columned] = {}
    for one in shown:
        finest[one.about] = min(one.number.unit, finest.get(one.about, one.number.unit))
        columns.setdefault(one.about[0], _Columned()).add(one)
    found = {}
    for one in shown:
        if not one.is_rounded or finest[one.about] < one.number.unit:
            continue  # exact, or printed with more digits elsewhere
        others = [s for s in first.values() if s.about != one.about]
        if one.ends_in_zero and not _keep_their_places(others, one):
            continue
        if columns[one.about[0]].is_of_places(one):
            continue
        spend(1 + len(first))
        habits = list(_habits(one, others))
        if habits and not any(one.fits_at(unit) for unit in habits):
            found[one.place] = replace(one.number, unit=max(habits))
    return found


def _keep_their_places(others: Sequence[Shown], one: Shown) -> bool:
    """Say whether all others have the same places, zeros at their ends and all, and more."""
    units = {s.number.unit for s in others}
    shown = any(s.ends_in_zero for s in others)
    return shown and len(others) >= _MANY and len(units) == 1 and one.number.unit > 10 * min(units)


def says_rounding(lines: Sequence[str]) -> bool:
    """Say whether a text says that its numbers are rounded, and nothing of digits cut off."""
    text = "\n".join(lines)
    lowered = text.lower()
    if not any(stem in lowered for stem in _ROUND_STEMS):
        return False
    return _ROUNDS.search(text) is not None and _CUTS.search(text) is None


_ROUND_STEMS = ("round", "redond", "gerundet", "arrond", "arred", "arrot", "округл", "四舍五入")
"""What stands in any text that says so, and is soon found."""
_ROUNDS = re.compile(
    r"\b(?:rounded|rounds?\s+to|redonde\w+|gerundet\w*|arrondi\w*|arredond\w+|arrotond\w+"
    r"|округл\w+)\b|四舍五入",
    re.IGNORECASE,
)
_CUTS = re.compile(
    r"\b(?:trunc\w*|tronqu\w*|cut\s+off|chopp\w*|abgeschnitten\w*|отбрас\w*)\b|截断",
    re.IGNORECASE,
)
_CUT = Fraction(3, 5)
"""How much of a unit must have been cut off: less may come of what its author rounded before."""


def cut_off(shown: Sequence[Shown]) -> Finer:
    """Find the one number that is cut off among others that are rounded, if there is such a one."""
    told = [s for s in shown if s.values and s.is_rounded and not s.number.continued]
    cut = [s for s in told if all(s.number.fits(v) == "truncated" for v in s.values)]
    up = [s for s in told if all(abs(v.middle) < abs(s.number.value) for v in s.values)]
    if len(cut) != 1 or len(up) < _ROUNDED:
        return {}
    lost = min(abs(v.middle - cut[0].number.value) for v in cut[0].values)
    far = lost > _CUT * cut[0].number.unit
    return {cut[0].place: replace(cut[0].number, rounds=True)} if far else {}


def always_cut(shown: Sequence[Shown]) -> bool:
    """Say whether an author cuts digits off, and rounds none of the numbers up."""
    told = [s for s in shown if s.values and s.is_rounded]
    cut = [s for s in told if all(s.number.fits(v) == "truncated" for v in s.values)]
    up = [s for s in told if all(abs(v.middle) < abs(s.number.value) for v in s.values)]
    return bool(cut) and len(told) >= _FEW and not up


@final
class _Columned:
    """The numbers of one field: to how many places they are printed, and how many digits."""

    def __init__(self) -> None:
        self._units: Counter[Fraction] = Counter()
        self._digits: Counter[int] = Counter()
        self._full: Counter[int] = Counter()

    def add(self, one: Shown) -> None:
        """Count a number in."""
        self._units[one.number.unit] += 1
        self._digits[one.digits] += 1
        self._full[one.digits] += one.is_rounded or one.ends_in_zero

    def is_of_places(self, one: Shown) -> bool:
        """Say whether all others are printed to the places of one of them, as columns are.

        Or to its significant digits, where they show them, zeros at their ends and all.
        """
        itself = one.is_rounded or one.ends_in_zero
        same = self._units[one.number.unit] > 1 and one.number.unit == min(self._units)
        alike = self._digits[one.digits] > 1 and one.digits == max(self._digits)
        return same or (alike and self._full[one.digits] - itself >= _WITNESSES)


def _habits(one: Shown, others: Sequence[Shown]) -> Iterator[Fraction]:
    """Yield the unit that each habit of the others asks of a number."""
    same = [s for s in others if s.about[0] == one.about[0]]
    asked = []
    for witnesses in (others, same):
        rounded = [s for s in witnesses if s.is_rounded]
        kinds = (_places(rounded), _significant(rounded)) if rounded else ()
        asked += [(witnesses, rounded, unit_of) for unit_of in kinds]
    if all(unit_of(one) >= one.number.unit for _, _, unit_of in asked):
        return  # it has what any of them could ask
    if any(
        unit_of(one) <= one.number.unit
        and one.fits_at(unit_of(one))
        and all(s.fits_at(unit_of(s)) for s in rounded)
        and (
            unit_of(one) < one.number.unit
            or sum(s.number.unit == unit_of(s) for s in witnesses) >= _ROUNDED
        )
        for witnesses, rounded, unit_of in asked
    ):
        return  # it keeps to one that accounts for all the others, zeros at their ends dropped
    for witnesses, rounded, unit_of in asked:
        exact = [s for s in witnesses if not s.is_rounded and s.number.unit < one.number.unit]
        full = [s for s in rounded if s.number.unit == unit_of(s)]
        count, lost = len(full) + len(exact), one.number.unit / unit_of(one)
        if len(full) < _ROUNDED or count < _WITNESSES:
            continue
        kept = all(s.is_near(unit_of(s)) for s in rounded)
        if kept and not any(s.number.unit < unit_of(s) for s in exact):
            # A single digit is dropped more often than it is missed.
            yield unit_of(one) if lost > 10 or count >= _MANY else one.number.unit


def _places(rounded: Sequence[Shown]) -> Callable[[Shown], Fraction]:
    finest = min(s.number.unit for s in rounded)
    return lambda _: finest


def _significant(rounded: Sequence[Shown]) -> Callable[[Shown], Fraction]:
    parts = [s.digits for s in rounded if s.number.unit < 1]
    most = max(parts or [s.digits for s in rounded])
    if any(s.digits > most for s in rounded):  # a whole number keeps all its digits
        return lambda one: min(Fraction(10) ** (one.exponent - most + 1), Fraction(1))
    return lambda one: Fraction(10) ** (one.exponent - most + 1)
