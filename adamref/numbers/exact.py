"""Reading inputs as the exact real numbers they are.

A binary float *is* the dyadic rational it stores; a decimal string *is* that decimal. ``0.1`` the
float and ``"0.1"`` are therefore different inputs, and neither is ever rounded here.
"""

from __future__ import annotations

import math
import numbers
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from adamref.errors import NotANumber

Extended: TypeAlias = Fraction | float
"""A real number as a `Fraction`, or one of the floats inf, -inf, nan. Never a finite float."""

Number: TypeAlias = "int | float | str | Fraction | Decimal"
"""What a caller may hand over as a number; NumPy scalars and mpmath numbers work too."""

INF = math.inf
NAN = math.nan

# Wide enough for every value a float or a sane document holds; narrow enough that "1e999999999"
# is an error and not gigabytes of zeros.
MAX_DECIMAL_EXPONENT = 20_000

_DECIMAL = re.compile(r"[+-]?(\d+(_\d+)*)?(\.\d*)?([eE](?P<exponent>[+-]?\d+))?$")
_HEXADECIMAL = re.compile(r"[+-]?0[xX][0-9a-fA-F]*\.?[0-9a-fA-F]*([pP](?P<exponent>[+-]?\d+))?$")
_SPECIAL = {"nan": NAN, "inf": INF, "+inf": INF, "-inf": -INF, "infinity": INF}
_SPECIAL |= {"+infinity": INF, "-infinity": -INF}


def exact(value: Any, name: str = "value") -> Extended:
    """Return the exact value of a number that a caller handed over.

    Parameters
    ----------
    value : int, float, Fraction, Decimal, str, NumPy scalar or mpmath number
        A string is a decimal (``"0.9"``, ``"1e-8"``), a ratio (``"1/3"``) or a C99 hexadecimal
        float (``"0x1p-1"``).
    name : str
        How to call the value in an error message.

    Returns
    -------
    Fraction or float
        A `Fraction` for every finite value; otherwise the float inf, -inf or nan.

    Raises
    ------
    NotANumber
        If the value is of another type, is a string of another form, or its decimal exponent
        exceeds 20,000 in absolute value.

    Notes
    -----
    Exact: nothing is rounded. The sign of zero is not kept: a real zero has none.

    >>> exact("0.1"), exact(0.1) == exact("0.1")
    (Fraction(1, 10), False)
    """
    if isinstance(value, bool):
        raise NotANumber(name, value, "a truth value is not a number here")
    if isinstance(value, str):
        return _from_text(value, name)
    if isinstance(value, Decimal):
        return _from_decimal(value, name)
    if isinstance(value, numbers.Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, float):
        return _from_float(value)
    if hasattr(value, "_mpf_"):
        return _from_mpf(value)
    if hasattr(value, "dtype") and getattr(value, "shape", None) == ():
        # NumPy scalars and 0-d arrays; extended precision has no exact Python float.
        item = value.item()
        if isinstance(item, int | float) and not isinstance(item, bool):
            return exact(item, name)
        if str(value.dtype) == "bfloat16":
            return _from_float(float(value))
    raise NotANumber(name, value)


def is_special(value: object) -> bool:
    """Say whether an `Extended` is inf, -inf or nan."""
    return isinstance(value, float)


def terminates(value: Fraction) -> bool:
    """Say whether a rational number has a finite decimal expansion."""
    denominator = value.denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    return denominator == 1


def _from_float(value: float) -> Extended:
    return Fraction(value) if math.isfinite(value) else float(value)


def _from_decimal(value: Decimal, name: str) -> Extended:
    if value.is_nan():
        return NAN
    if value.is_infinite():
        return -INF if value.is_signed() else INF
    # A reported value may be the square of an input, and is an input again when a run goes on.
    if abs(value.adjusted()) > 10 * MAX_DECIMAL_EXPONENT:
        raise NotANumber(name, value, f"its exponent is beyond {10 * MAX_DECIMAL_EXPONENT}")
    return Fraction(value)


def _from_mpf(value: Any) -> Extended:
    from mpmath.libmp import finf, fnan, fninf, to_rational

    raw = value._mpf_
    for special, result in ((fnan, NAN), (finf, INF), (fninf, -INF)):
        if raw == special:
            return result
    numerator, denominator = to_rational(raw)
    return Fraction(int(numerator), int(denominator))


def _from_text(text: str, name: str) -> Extended:
    stripped = text.strip().replace("\N{MINUS SIGN}", "-")
    if stripped.lower() in _SPECIAL:
        return _SPECIAL[stripped.lower()]
    if len(stripped) > MAX_DECIMAL_EXPONENT:
        raise NotANumber(name, stripped[:20] + "...", f"it has {len(stripped)} characters")
    if stripped.count("/") > 1:
        raise NotANumber(name, text, "a ratio has one slash")
    if "/" in stripped:
        top, _, bottom = stripped.partition("/")
        numerator, denominator = _from_text(top, name), _from_text(bottom, name)
        if is_special(numerator) or is_special(denominator) or denominator == 0:
            raise NotANumber(name, text, "a ratio needs two finite numbers, the lower not zero")
        return Fraction(numerator) / Fraction(denominator)
    if match := _DECIMAL.match(stripped):
        if not re.match(r"[+-]?\.?\d", stripped):
            raise NotANumber(name, text, "it has no digits")
        exponent = (match["exponent"] or "0").lstrip("+-0") or "0"
        if len(exponent) > 5 or int(exponent) > MAX_DECIMAL_EXPONENT:
            raise NotANumber(name, text, f"its exponent is beyond {MAX_DECIMAL_EXPONENT}")
        # By way of Decimal, which is exact here: Fraction refuses strings above 4300 digits.
        return Fraction(Decimal(stripped))
    if match := _HEXADECIMAL.match(stripped):
        return _from_hexadecimal(stripped, name)
    raise NotANumber(name, text, "this string is not a number")


def _from_hexadecimal(text: str, name: str) -> Extended:
    try:
        return _from_float(float.fromhex(text))
    except (ValueError, OverflowError):
        raise NotANumber(name, text, "this is not a binary64 number in C99 notation") from None
