"""Rounding numbers that are known but for an error: which of them round in one way only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adamref.numbers.formats import BINARY16, BINARY32, BINARY64

if TYPE_CHECKING:
    from fractions import Fraction

    from numpy.typing import NDArray

    from adamref.numbers.columns import Column
    from adamref.numbers.formats import Format

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

_CAST: dict[Format, Any] = {BINARY16: np.dtype(np.float16), BINARY32: np.dtype(np.float32)}
"""The formats to which NumPy rounds float64 in one step, to nearest with ties to even."""
_SUM = 2.0**-51
"""Of a sum of two float64 numbers, with room: what forming it may lose."""
_LOW_SUM = 2.0**-99
"""Of a pair: what adding to its low part may lose, which is below ``2**-49`` of the whole."""


def rounded(values: Floats, fmt: Format) -> Any:
    """Round float64 numbers to a format, once, to nearest with ties to even."""
    if fmt in _CAST:
        return values.astype(_CAST[fmt])
    if fmt is BINARY64:
        return values
    exponent = np.maximum(np.frexp(values)[1], fmt.min_exponent + 1) - fmt.precision
    near = np.ldexp(np.rint(np.ldexp(values, -exponent)), exponent)
    return np.where(np.abs(near) > float(fmt.largest), np.copysign(np.inf, near), near)


def settle(found: Column, fmt: Format) -> tuple[Any, Mask]:
    """Round columns from both ends of what they may be.

    Returns
    -------
    tuple
        The rounded numbers, and where they are settled: where both ends round to the same, and a
        result of 0 has a sign that is known.
    """
    off = found.bound(_SUM if found.low is None else _LOW_SUM)
    if found.low is None:
        least, most = rounded(found.high - off, fmt), rounded(found.high + off, fmt)
    else:
        # binary64: the sum of high and the rest is rounded once.
        least = found.low - off
        least += found.high
        most = found.low + off
        most += found.high
    done = least == most
    if not least.all():
        if found.low is not None:
            least = np.where((least == 0) & (off == 0), found.high, least)
        done &= (least != 0) | (np.signbit(least) == np.signbit(most)) | (off == 0)
    return least, done


def settle_closely(found: Column, fmt: Format, grid: Any) -> tuple[Floats, Mask]:
    """Round pairs, near midpoints too: a number that must be the midpoint is rounded to even.

    Parameters
    ----------
    found : Column
        Of pairs.
    fmt : Format
    grid : array or None
        The numbers are whole multiples of this, where that is known.

    Returns
    -------
    tuple
        The rounded numbers, as float64, and where they are settled.
    """
    assert found.low is not None
    off = np.broadcast_to(np.asarray(found.bound(_LOW_SUM)), found.high.shape)
    high = found.high + found.low
    low = found.low - (high - found.high)
    near = np.asarray(rounded(high, fmt), dtype=np.float64)
    rest = high - near
    up = (rest > 0) | ((rest == 0) & (low > 0))
    other = _neighbour(near, up, fmt)
    half = (other - near) / 2
    beyond = np.where(up, 1.0, -1.0) * ((rest - half) + low)
    off = off + np.abs(beyond) * _SUM
    stays, goes = beyond < -off, beyond > off
    result = np.where(goes, other, near)
    done = stays | goes
    nothing = np.zeros(done.shape, dtype=bool)
    if grid is not None:
        tie = ~done & (np.abs(beyond) + off < grid)
        result = np.where(tie, _even(near, other, half, fmt), result)
        done |= tie
        nothing = np.abs(high) + off < grid
        # Without an error it is the 0 that was worked, whose sign the low part does not have.
        result = np.where(nothing, np.where(off == 0, found.high, 0.0), result)
        done |= nothing
    # A result that rounds to 0 has the sign of the number, where that is known.
    signed = np.abs(high) > off
    result = np.where((result == 0) & signed & (off > 0), np.copysign(0.0, high), result)
    done &= (result != 0) | signed | (off == 0) | nothing
    return result, done & np.isfinite(high) & np.isfinite(half)


def _neighbour(values: Floats, up: Mask, fmt: Format) -> Floats:
    """Return the next number of a format, up or down.

    Of a normal number the next one is between ``2**-p`` and ``2**(1 - p)`` of it away: six fifths
    of ``2**-p`` lie nearer to it than to the one after, and to the number itself.
    """
    sizes = np.abs(values)
    if sizes.min() >= float(2 * _least_normal(fmt)):
        moved = values + np.where(up, sizes, -sizes) * (1.2 * float(fmt.unit_roundoff))
        return np.asarray(rounded(moved, fmt), dtype=np.float64)
    if fmt in _CAST or fmt is BINARY64:
        kind = _CAST.get(fmt, np.dtype(np.float64))
        toward = np.where(up, np.inf, -np.inf).astype(kind)
        found: Floats = np.nextafter(values.astype(kind), toward).astype(np.float64)
        return found
    # The unit of the binade that the neighbour lies in: below a power of two it is half as large.
    inward = np.nextafter(values, np.where(up, np.inf, -np.inf))
    exponent = np.maximum(np.frexp(inward)[1], fmt.min_exponent + 1) - fmt.precision
    moved = values + np.where(up, 1.0, -1.0) * np.ldexp(1.0, exponent)
    return np.asarray(
        np.where(np.abs(moved) > float(fmt.largest), np.copysign(np.inf, moved), moved)
    )


def _least_normal(fmt: Format) -> Fraction:
    return fmt.smallest * (1 << (fmt.precision - 1))


def _even(near: Floats, other: Floats, half: Floats, fmt: Format) -> Floats:
    """Return the one of two neighbours whose last bit is 0."""
    if fmt is BINARY64:
        return np.where(near.view(np.int64) & 1 == 0, near, other)
    return np.asarray(rounded(near + half, fmt), dtype=np.float64)
