"""Spans: what a printed number stands for, and arithmetic on what is only known to some digits."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, final

from adamref.errors import CannotEvaluate, Unworkable
from adamref.expressions.effort import size, spend
from adamref.expressions.evaluate import evaluate
from adamref.expressions.nodes import Binary, Name, Negative, Node, Number, walk
from adamref.numbers.carrier import Unknown
from adamref.numbers.enclosure import Enclosure
from adamref.numbers.rational import Rational
from adamref.numbers.rounding import Digits, plain

if TYPE_CHECKING:
    from adamref.rules.program import Program
    from adamref.rules.stage import Stage

# Documents print a dozen digits; 60 more than that leave no doubt which way a number rounds.
_ENCLOSURE = Enclosure(256)
_RATIONAL = Rational(1 << 14)


@final
@dataclass(frozen=True)
class Span:
    """Every real number from low to high; a point where they are equal."""

    low: Fraction
    high: Fraction

    @cached_property
    def is_point(self) -> bool:
        """Whether the value is known exactly."""
        return self.low is self.high or self.low == self.high

    @property
    def middle(self) -> Fraction:
        """A number of the span to be shown for it: 0, if that is among them."""
        return (self.low + self.high) / 2 if self.low > 0 or self.high < 0 else Fraction(0)

    @cached_property
    def operations(self) -> int:
        """How many operations one on it counts as."""
        return size(self.low)

    @cached_property
    def enclosed(self) -> Any:
        """It, in the arithmetic of intervals."""
        return _ENCLOSURE.between(self.low, self.high)

    @cached_property
    def nearly(self) -> Fraction:
        """Its exact value, or that of an enclosure to sixty places: what tells two spans apart."""
        if self.is_point:
            return self.low
        low, below, high, above = self._ends
        if low <= 0 <= high:
            return Fraction(0)
        # As fractions do it, but for the common divisors that these look for at each step.
        both = below * above
        twice = (low * above + high * below) * 10**60 // both
        return Fraction(twice + 1 >> 1, 10**60)

    @cached_property
    def _ends(self) -> tuple[int, int, int, int]:
        low, high = self.low, self.high
        return low.numerator, low.denominator, high.numerator, high.denominator

    # Those of fractions take an inverse and many questions, and spans are looked up all the time.
    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Span) and self._ends == other._ends)

    def __hash__(self) -> int:
        return hash(self._ends)

    def __neg__(self) -> Span:
        return Span(-self.high, -self.low)

    def meets(self, other: Span) -> bool:
        """Say whether two spans have a number in common."""
        return self.low <= other.high and other.low <= self.high

    def text(self, digits: int = 12) -> str:
        """Write the value to some significant digits."""
        return plain(Digits(digits).round(self.middle))


def point(value: Fraction | int) -> Span:
    """Return the span of one exact number."""
    exact = Fraction(value)
    return Span(exact, exact)


@final
@dataclass(frozen=True)
class Printed:
    """A number as a document prints it, sign and power of ten included.

    Attributes
    ----------
    value : Fraction
        Exactly what is printed.
    unit : Fraction
        One unit of its last significant printed digit.
    continued : bool
        An ellipsis follows: it is more likely cut off than rounded, but people do write
        0.667….
    text : str
        In plain decimal or e-notation, with a point.
    rounds : bool
        Its author is known to round: it is not cut off.
    """

    value: Fraction
    unit: Fraction
    continued: bool
    text: str
    rounds: bool = False

    @property
    def span(self) -> Span:
        """Every number that rounds or truncates to what is printed."""
        half, cut = self.unit / 2, self._cut
        return Span(min(cut.low, self.value - half), max(cut.high, self.value + half))

    @property
    def _cut(self) -> Span:
        """Every number that truncates to what is printed."""
        beyond = self.unit * (1 - Fraction(1, 10**40))  # truncation never reaches the next digit
        return Span(
            self.value - beyond if self.value <= 0 else self.value,
            self.value + beyond if self.value >= 0 else self.value,
        )

    def __neg__(self) -> Printed:
        text = self.text.removeprefix("-") if self.text.startswith("-") else "-" + self.text
        return replace(self, value=-self.value, text=text)

    def is_float_of(self, right: Span) -> bool:
        """Say whether a number of 15 or more digits is what binary64 makes of a right value."""
        digits = abs(self.value) / self.unit
        close = abs(self.value - right.middle) <= _FLOAT_NOISE * abs(right.middle)
        return digits >= 10**14 and close

    def fits(self, right: Span) -> str | None:
        """Say how a right value can have led to this number; None if it cannot.

        Returns
        -------
        str or None
            "exact", "rounded" or "truncated".
        """
        if right.is_point and right.low == self.value:
            return "exact"
        half = self.unit / 2
        rounded = right.meets(Span(self.value - half, self.value + half))
        if rounded and not self.continued:
            return "rounded"
        if not self.rounds and right.meets(self._cut):
            return "truncated"
        return "rounded" if rounded else None


# Ten operations of binary64, each off by at most 2**-53 of its result, and some to spare.
_FLOAT_NOISE = Fraction(1, 2**49)


def printed(node: Node, relation: str = "=") -> Printed | None:
    """Read a part of a chain as a printed number; None if it is an expression.

    After ``≈`` the trailing zeros of a whole number are not significant.
    """
    sign, node = _unsigned(node)
    if isinstance(node, Number):
        number, exponent = node, 0
    elif (scaled := _scientific(node)) is not None:
        number, exponent = scaled
    else:
        return None
    scale = Fraction(10) ** exponent
    value, unit = number.value * scale * sign, number.unit * scale
    if relation == "≈" and number.unit == 1 and number.value and number.value % 10 == 0:
        digits = str(number.value.numerator)
        unit *= 10 ** (len(digits) - len(digits.rstrip("0")))
    text = _canonical(number.text)
    if exponent:
        text += f"e{exponent}"
    return Printed(value, unit, number.continued, ("-" if sign < 0 else "") + text)


def _unsigned(node: Node) -> tuple[int, Node]:
    """Take a minus off the front; it binds to the 1.5 alone in ``-1.5 × 10^3``."""
    if isinstance(node, Negative):
        return -1, node.of
    if isinstance(node, Binary) and isinstance(node.left, Negative):
        return -1, replace(node, left=node.left.of)
    return 1, node


def _scientific(node: Node) -> tuple[Number, int] | None:
    """Read ``2.25 × 10^-1`` or ``10^-8``."""
    if not isinstance(node, Binary):
        return None
    if node.sign in ("*", "juxtaposed") and isinstance(node.left, Number):
        power = _power_of_ten(node.right)
        return None if power is None else (node.left, power)
    power = _power_of_ten(node)
    return None if power is None else (Number(Fraction(1), Fraction(1), "1"), power)


def _power_of_ten(node: Node) -> int | None:
    if not (isinstance(node, Binary) and node.sign == "^" and isinstance(node.left, Number)):
        return None
    sign, exponent = 1, node.right
    if isinstance(exponent, Negative):
        sign, exponent = -1, exponent.of
    if node.left.value != 10 or not isinstance(exponent, Number):
        return None
    if exponent.value.denominator != 1 or exponent.value > 1000:
        return None
    return sign * int(exponent.value)


def _canonical(text: str) -> str:
    digits = text.replace("{,}", ",").replace("\N{MINUS SIGN}", "-")
    percent = digits.endswith("%")
    digits = digits.rstrip("%\\")
    for mark in ("...", "…", "\\ldots", "\\cdots", "\\dots"):
        digits = digits.removesuffix(mark)
    digits = digits.strip()
    if digits.startswith("."):
        digits = "0" + digits
    grouped = re.match(r"[1-9]\d{0,2}(,\d{3})+(?!\d)", digits)
    digits = digits.replace(",", "" if grouped else ".")
    return digits + "e-2" * percent


def evaluated(node: Node, leaf: Callable[[Number | Name], Span], *, loose: bool = False) -> Span:
    """Carry out an expression of a document.

    Parameters
    ----------
    node : Node
    leaf : callable
        The span of a number or a name; raises `CannotEvaluate` for one without a value.
    loose : bool
        See `adamref.expressions.evaluate.evaluate`.

    Raises
    ------
    CannotEvaluate
        If a name has no value, or the result is not a real number.
    Unworkable
        If it is out of all bounds, or nothing is left to be spent on it.
    """

    def exactly(one: Number | Name) -> Any:
        span = leaf(one)
        return span.low if span.is_point else Unknown()

    value = evaluate(node, _RATIONAL, exactly, loose=loose)
    if isinstance(value, Fraction):
        return point(value)

    def enclosed(one: Number | Name) -> Any:
        return leaf(one).enclosed

    return _span_of(evaluate(node, _ENCLOSURE, enclosed, loose=loose))


def has_no_value(node: Node) -> bool:
    """Say whether an expression of numbers alone is no real number, as 1/0 and the root of -1.

    Of a fractional power of what is negative nothing is said: some take the real root of -8.
    """
    parts = tuple(walk(node))
    if any(isinstance(one, Name) or _is_fractional_power(one) for one in parts):
        return False
    try:
        value = evaluate(node, _ENCLOSURE, _number_enclosed)
    except (CannotEvaluate, Unworkable):
        return False
    return isinstance(value, float)


def _is_fractional_power(node: Node) -> bool:
    if not (isinstance(node, Binary) and node.sign == "^"):
        return False
    return any(
        (isinstance(one, Number) and one.value.denominator > 1)
        or (isinstance(one, Binary) and one.sign in ("/", "juxtaposed"))
        for one in walk(node.right)
    )


def _number_enclosed(one: Number | Name) -> Any:
    assert isinstance(one, Number), "an expression of numbers alone"
    return point(one.value).enclosed


def worked(
    program: Program,
    output: str,
    values: Mapping[str, Span],
    exacts: tuple[tuple[str, int, int], ...],
) -> Span | None:
    """Work one line of a rule on spans; None where the result is not a real number.

    Exact numbers are given by numerator and denominator: the hash of a fraction takes an inverse.

    What it takes is spent also where it is remembered: no document gains by another.
    """
    widest = max([span.operations for span in values.values()], default=1)
    spend(widest * len(program.operations))
    return _worked(program, output, tuple(values.items()), exacts)


@lru_cache(maxsize=65_536)  # every reading of a document works the same steps
def _worked(
    program: Program,
    output: str,
    spans: tuple[tuple[str, Span], ...],
    numbers: tuple[tuple[str, int, int], ...],
) -> Span | None:
    values = dict(spans)
    given = frozenset(values)
    if all(span.is_point for span in values.values()):
        stage = _stage(program, numbers, given, exact=True)
        exact = _result(program, output, stage, [values[name].low for name in stage.inputs])
        if isinstance(exact, Fraction):
            return point(exact)
    try:
        stage = _stage(program, numbers, given, exact=False)
        around = [values[name].enclosed for name in stage.inputs]
        return _span_of(_result(program, output, stage, around))
    except CannotEvaluate:
        return None


@lru_cache(maxsize=1024)  # a step is worked from many choices of its inputs
def _stage(
    program: Program,
    numbers: tuple[tuple[str, int, int], ...],
    given: frozenset[str],
    *,
    exact: bool,
) -> Stage:
    """Work what of a line depends on exact numbers alone."""
    exacts = {name: Fraction(top, bottom) for name, top, bottom in numbers}
    return program.stage(_RATIONAL if exact else _ENCLOSURE).given(exacts, given)


def _result(program: Program, output: str, stage: Stage, values: Sequence[Any]) -> Any:
    return dict(zip(program.outputs, stage.run(values), strict=True))[output]


@lru_cache(maxsize=4096)  # asked for each number on the page, of the same few quantities
def root(span: Span) -> Span | None:
    """Return the roots of a span's numbers; None where one of them is not real."""
    value = _RATIONAL.root(span.low) if span.is_point else Unknown()
    if isinstance(value, Fraction):
        return point(value)
    try:
        return _span_of(_ENCLOSURE.root(span.enclosed))
    except CannotEvaluate:
        return None


def _span_of(value: Any) -> Span:
    if isinstance(value, float | Unknown):
        raise CannotEvaluate("the expression", "it is not a real number")
    return Span(*_ENCLOSURE.ends(value))


def places(number: Printed) -> str:
    """Say how many decimal places a number was printed to."""
    if number.unit >= 1:
        return "a whole number" if number.unit == 1 else f"units of {number.unit}"
    count = 0
    while number.unit * 10**count < 1:
        count += 1
    return f"{count} decimal place{'s' if count > 1 else ''}"


def unprinted(value: Span) -> Printed:
    """Stand in for a number that the author left as an expression: 12 digits of its value."""
    text = value.text(12)
    shown = Fraction(text) if "e" not in text else Fraction(float(text))
    width = max(abs(shown) / 10**11, Fraction(1, 10**30))
    return Printed(shown, width, continued=False, text=text)
