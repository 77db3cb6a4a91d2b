"""How a float stands in a file: hexadecimal, and the shortest decimal that reads back as it."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adamref.numbers.formats import Format

_ZEROS = re.compile(r"\.?0*(?=p)")


def hexadecimal(value: float) -> str:
    """Write a float as C99 does, without trailing zeros; or inf, -inf, nan.

    >>> hexadecimal(0.15625), hexadecimal(-0.0), hexadecimal(math.inf)
    ('0x1.4p-3', '-0x0p+0', 'inf')
    """
    if not math.isfinite(value):
        return str(float(value))
    text = float(value).hex()
    return _ZEROS.sub("", text, count=1) if "." in text else text


def read(text: str) -> float:
    """Read what `hexadecimal` wrote. Exact.

    Raises
    ------
    ValueError
        If it is not such a number.
    """
    if text in ("inf", "-inf", "nan"):
        return float(text)
    if "0x" not in text:
        raise ValueError(f"{text!r} is not a hexadecimal float")
    return float.fromhex(text)


def shortest(value: float, fmt: Format) -> str:
    """Write a float with as few digits as single it out among the numbers of its format.

    >>> from adamref.numbers.formats import BFLOAT16, BINARY32
    >>> shortest(0.10000000149011612, BINARY32), shortest(0.10009765625, BFLOAT16)
    ('0.1', '0.1')
    """
    if not math.isfinite(value) or value == 0 or fmt.precision == 53:
        return repr(float(value))
    for digits in range(1, 10):
        mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
        unit = Fraction(10) ** (int(exponent) - digits + 1)
        nearest = int(mantissa.replace(".", ""))
        for whole in (nearest, nearest - 1, nearest + 1):
            if fmt.round(whole * unit) == value:
                # Fifteen digits or fewer survive the way through binary64 as they are.
                return repr(float(whole * unit))
    raise AssertionError(value)
