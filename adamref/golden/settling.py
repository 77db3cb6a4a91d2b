"""Rounding numbers that are known but for an error: which of them round in one way only."""

from __future__ import annotations

import numpy as np

from adamref.numbers.arrays import Array, Mask, nearest
from adamref.numbers.formats import BINARY64, Format
from adamref.numbers.replay import CAST

_SUM = 2.0**-51
"""Of a sum of two float64 numbers, with room: what forming it may lose."""


@np.errstate(all="ignore")
def settle(
    first: Array, rest: Array, off: Array, unit: Array, share: Array, fmt: Format
) -> tuple[Array, Mask]:
    """Round pairs, near midpoints too: a number that must be the midpoint is rounded to even.

    Parameters
    ----------
    first, rest : arrays of float64
        The numbers are first + rest.
    off : array of float64
        The most that they are off, and what adding to the low part may lose.
    unit : array of float64
    share : array of float64
        The numbers are whole multiples of unit * share, or a little more; 0 says nothing.
    fmt : Format

    Returns
    -------
    tuple
        The rounded numbers, as float64, and where they are settled.
    """
    high = first + rest
    low = rest - (high - first)
    near = nearest(high, fmt)
    over = high - near
    up = (over > 0) | ((over == 0) & (low > 0))
    other = _neighbour(near, up, fmt)
    half = (other - near) / 2
    beyond = np.where(up, 1.0, -1.0) * ((over - half) + low)
    nothing_exactly = (high == 0) & (off == 0)
    off = off + np.abs(beyond) * _SUM
    # Nearer to this midpoint than to the one on the other side.
    sides = off < np.abs(half) / 2
    stays, goes = sides & (beyond < -off), sides & (beyond > off)
    result = np.where(goes, other, near)
    done = (stays | goes) & np.isfinite(high) & np.isfinite(half)
    if done.all() and result.all():
        return result, done
    # The midpoint is a multiple of half the distance of its neighbours.
    tie = ~done & (np.abs(beyond) + off < np.minimum(unit, np.abs(half)) * share)
    result = np.where(tie, _even(near, other, half, fmt), result)
    done |= tie
    nothing = np.abs(high) + off < unit * share
    result = np.where(nothing, 0.0, result)
    done |= nothing
    # A result that rounds to 0 has the sign of the number, where that is known.
    signed = np.abs(high) > off
    result = np.where((result == 0) & signed & (off > 0), np.copysign(0.0, high), result)
    done &= (result != 0) | signed | nothing
    # Without an error it is the 0 that was worked, whose sign the low part does not have.
    result, done = np.where(nothing_exactly, first, result), done | nothing_exactly
    return result, done & np.isfinite(high) & np.isfinite(half)


def _neighbour(values: Array, up: Mask, fmt: Format) -> Array:
    """Return the next number of a format, up or down.

    Of a normal number the next one is between ``2**-p`` and ``2**(1 - p)`` of it away: six fifths
    of ``2**-p`` lie nearer to it than to the one after, and to the number itself.
    """
    sizes = np.abs(values)
    if sizes.min() >= float(fmt.smallest * 2**fmt.precision):
        moved = values + np.where(up, sizes, -sizes) * (1.2 * float(fmt.unit_roundoff))
        return nearest(moved, fmt)
    if fmt in CAST or fmt is BINARY64:
        kind = CAST.get(fmt, np.dtype(np.float64))
        toward = np.where(up, np.inf, -np.inf).astype(kind)
        found: Array = np.nextafter(values.astype(kind), toward).astype(np.float64)
        return found
    # The unit of the binade that the neighbour lies in: below a power of two it is half as large.
    inward = np.nextafter(values, np.where(up, np.inf, -np.inf))
    exponent = np.maximum(np.frexp(inward)[1], fmt.min_exponent + 1) - fmt.precision
    moved = values + np.where(up, 1.0, -1.0) * np.ldexp(1.0, exponent)
    return np.asarray(
        np.where(np.abs(moved) > float(fmt.largest), np.copysign(np.inf, moved), moved)
    )


def _even(near: Array, other: Array, half: Array, fmt: Format) -> Array:
    """Return the one of two neighbours whose last bit is 0."""
    if fmt is BINARY64:
        return np.where(near.view(np.int64) & 1 == 0, near, other)
    return nearest(near + half, fmt)
