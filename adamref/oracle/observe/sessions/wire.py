"""Numbers and arrays as the process protocol writes them.

A float is a string: C99 hexadecimal, or a decimal. A decimal stands for the nearest number of the
dtype under check if all of its digits come from that number; otherwise it was written from a wider
one, float32 or float64, and stands for that. Between us and a process of ours arrays go packed, as
their bytes: ``{"float64": "…"}``.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, Literal, TypeAlias

import numpy as np

from adamref.numbers import formats
from adamref.numbers.arrays import Array, nearest
from adamref.oracle.observe.sessions.session import Failed

_HEX = re.compile(r"[+-]?0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)(?:[pP][+-]?\d{1,6})?")
_WRITTEN = re.compile(r"-?0x[01]\.[0-9a-f]{1,13}p[+-]\d{1,4}|-?inf|nan")
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,6})?")
_SPECIAL = {"nan": math.nan, "inf": math.inf, "infinity": math.inf}
_MOST_DIGITS = 2000
_LADDER = ("float32", "float64")
_PACKED = np.dtype("<f8")

Style: TypeAlias = Literal["hexadecimal", "decimal", "packed"]
"""How numbers are written."""


def write(values: Array, style: Style = "hexadecimal") -> list[str] | dict[str, str]:
    """Write numbers, in the order of their memory; float64 keeps each of the four formats.

    >>> write(np.array([0.5, -0.0, np.inf, np.nan]))
    ['0x1.0000000000000p-1', '-0x0.0p+0', 'inf', 'nan']
    """
    whole = np.asarray(values, dtype=_PACKED)
    if style == "packed":
        return {"float64": base64.b64encode(whole.tobytes()).decode("ascii")}
    flat: list[float] = whole.ravel().tolist()
    return [write_number(x, style) for x in flat]


def write_number(x: float, style: Style = "hexadecimal") -> str:
    """Write one number."""
    return repr(float(x)) if style == "decimal" else float(x).hex()


def unpacked(name: str, values: Any) -> Array:
    """Read a flat array of numbers that were packed.

    Raises
    ------
    Failed
        If they were not.
    """
    try:
        whole = base64.b64decode(values["float64"], validate=True)
        return np.frombuffer(whole, dtype=_PACKED).astype(np.float64)
    except (KeyError, TypeError, ValueError, binascii.Error):
        raise garbage(name, values, "a list of numbers") from None


def read(name: str, values: Any, dtype: str, *, sure: bool = False) -> tuple[Array, str]:
    """Read numbers.

    Parameters
    ----------
    name : str
        What they are, for messages.
    values : list
        As JSON gave it.
    dtype : str
        The dtype under check.
    sure : bool
        Whether what is packed was of that dtype.

    Returns
    -------
    tuple
        A flat array, and the narrowest dtype that holds all of them: that under check or a wider
        one.

    Raises
    ------
    Failed
        If one is no number.
    """
    ladder, kind = _wider(dtype), dtype
    numbers = _hexadecimal(values) if isinstance(values, list) else unpacked(name, values)
    if sure and numbers is not None and not isinstance(values, list):
        return numbers, kind
    if numbers is None:
        found = [_read(f"{name}[{i}]", x, dtype) for i, x in enumerate(values)]
        kind = ladder[max((rung for _, rung in found), default=0)]
        numbers = np.array([x for x, _ in found], dtype=np.float64)
    while not _holds(kind, numbers):
        kind = ladder[ladder.index(kind) + 1]
    return numbers, kind


def _holds(kind: str, numbers: Array) -> bool:
    """Say whether each number is one of a format."""
    if kind == "float64":
        return True
    off = nearest(numbers, formats.get(kind)) != numbers
    return not off.any() or bool(np.isnan(numbers[off]).all())


def read_number(name: str, value: Any) -> float:
    """Read one number of float64.

    Raises
    ------
    Failed
    """
    return _read(name, value, "float64")[0]


def read_whole(name: str, value: Any) -> int:
    """Read a number of steps.

    Raises
    ------
    Failed
    """
    if isinstance(value, str) and re.fullmatch(r"\d{1,30}", value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise garbage(name, value, "a whole number")
    return int(value)


def garbage(name: str, value: Any, want: str) -> Failed:
    """Return the failure for a value that is none of the protocol."""
    shown = repr(value)
    if len(shown) > 80:
        shown = shown[:77] + "..."
    return Failed("garbage", f"{name} is {shown}, but should be {want}")


def _read(name: str, value: Any, dtype: str) -> tuple[float, int]:
    """Return a number, and how far up the ladder of formats a decimal puts it."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise garbage(name, value, "a number, hexadecimal or decimal, in a string")
    text = value.strip() if isinstance(value, str) else repr(value)
    special = _SPECIAL.get(text.lstrip("+-").lower())
    if special is not None and len(text) - len(text.lstrip("+-")) <= 1:
        return (-special if text[0] == "-" else special), 0
    if len(text) <= _MOST_DIGITS and _HEX.fullmatch(text):
        return _from_hex(text), 0
    if len(text) <= _MOST_DIGITS and _DECIMAL.fullmatch(text):
        return _from_decimal(text, dtype)
    raise garbage(name, value, "a number, hexadecimal or decimal, in a string")


def _hexadecimal(values: Sequence[Any]) -> Array | None:
    """Read numbers as `write` writes them, all at once; None if one is written otherwise."""
    try:
        if not all(map(_WRITTEN.fullmatch, values)):
            return None
        return np.array([float.fromhex(x) for x in values], dtype=np.float64)
    except (TypeError, OverflowError):
        return None


def _from_hex(text: str) -> float:
    try:
        return float.fromhex(text)
    except OverflowError:
        return -math.inf if text[0] == "-" else math.inf


def _wider(dtype: str) -> tuple[str, ...]:
    above = {"float64": (), "float32": ("float64",)}.get(dtype, _LADDER)
    return (dtype, *above)


def _from_decimal(text: str, dtype: str) -> tuple[float, int]:
    near = float(text)
    if near == 0 or not math.isfinite(near):
        return near, 0
    ladder = _wider(dtype)
    for i, kind in enumerate(ladder[:-1]):
        rounded = float(formats.get(kind).round(Fraction(text)))
        if rounded == near or _says(rounded, text):
            return rounded, i
    return near, len(ladder) - 1


def _says(x: float, text: str) -> bool:
    """Say whether a decimal is a number, written to as many digits as the decimal has."""
    if not math.isfinite(x) or x == 0:
        return False
    want = Decimal(text)
    with localcontext(prec=max(1, len(want.as_tuple().digits))):
        return +Decimal(x) == want
