"""Numbers as they are written in a derivation: whole where that is short, else to ten digits."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, final

from adamref.numbers.carrier import Unknown
from adamref.numbers.enclosure import Enclosure
from adamref.numbers.exact import terminates
from adamref.numbers.rounding import Digits, plain

if TYPE_CHECKING:
    from adamref.numbers.carrier import Carrier

_DIGITS = 10
_SHORT = 14
_LONGEST = 20
"""Of a whole number, which may be the place of another one: there every digit counts."""
_SMALL = 7
"""Characters of a fraction that says more than its digits do."""
_MANY = 100


@final
@dataclass(frozen=True)
class WrittenNumber:
    """A number in LaTeX, and whether it is written to its end."""

    latex: str
    exact: bool

    @property
    def sign(self) -> str:
        """What stands between what it is a value of, and it."""
        return "=" if self.exact else r"\approx"


def written(carrier: Carrier, value: Any) -> WrittenNumber | None:
    """Write a value of a carrier in LaTeX; None for what is unknown."""
    if isinstance(value, Fraction):
        return shown(value)
    if isinstance(carrier, Enclosure) and not isinstance(value, float | Unknown):
        low, high = carrier.ends(value)
        return shown(low) if low == high else _agreed(low, high)
    return None


def _agreed(low: Fraction, high: Fraction) -> WrittenNumber | None:
    first, last = (Digits(_DIGITS).round(end) for end in (low, high))
    # What 0.9 makes is in an enclosure no decimal; to a hundred digits it is.
    whole = {Digits(_MANY).round(end) for end in (low, high)} == {first}
    return WrittenNumber(_tex(plain(first)), whole) if first == last else None


def shown(value: Fraction) -> WrittenNumber:
    """Write a rational number in LaTeX: as it is if that is short, else rounded to ten digits."""
    if terminates(value):
        text = plain(value)
        if Fraction(text) == value and len(text) <= _SHORT:
            return WrittenNumber(_tex(text), exact=True)
        if Fraction(text) != value and value.denominator == 1 and len(str(value)) <= _LONGEST:
            return WrittenNumber(str(value), exact=True)
    whole = f"{value.numerator}/{value.denominator}"
    if len(whole) <= _SMALL and value.denominator != 1:
        sign = "-" if value < 0 else ""
        return WrittenNumber(
            rf"{sign}\tfrac{{{abs(value.numerator)}}}{{{value.denominator}}}", exact=True
        )
    return WrittenNumber(_tex(plain(Digits(_DIGITS).round(value))), exact=False)


def _tex(text: str) -> str:
    mantissa, e, exponent = text.partition("e")
    if not e:
        return text
    power = f"10^{{{int(exponent)}}}"
    return f"{mantissa.replace('1', '')}{power}" if mantissa in ("1", "-1") else (
        rf"{mantissa} \times {power}"
    )  # fmt: skip
