"""What the moments of two checkpoints say of each other, steps apart, or those of one, of its past.

Theorems rounding-any-order-m-… and rounding-any-order-v-… bound an update in any order of
operations; moments-apart-m and moments-apart-v make them growths, and moments-apart holds these
against each other. Both moments are shifted by what makes the rest of a growth nothing: m by a
where ``(1 - B) a`` is its rest, v by E where ``(1 - Q) E`` is. One checkpoint is as many steps from
nothing as its counter says.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, final

import numpy as np

from adamref.bounds import generated
from adamref.bounds.arithmetic import OUTWARD, Bounded, exactly

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array
    from adamref.numbers.formats import Format

_INWARD = 2 - OUTWARD
_TINY = 2.0**-1060


@final
@dataclass(frozen=True)
class Growth:
    """How a stored moment grows in a step, in whatever order it is worked.

    Attributes
    ----------
    kept, taken : float
        What multiplies it, and what is put in: at most, of m; at least, of v.
    rest : float
        What comes on top of that, or is lost, beside what ``share`` says.
    share : float
        Of m: which share of what decay left of the start comes on top too.
    """

    kept: float
    taken: float
    rest: float
    share: float = 0.0


def _share(field: str, b: Bounded, w: Bounded, fmt: Format, stored: Format | None) -> float:
    """Return by which share of both sizes an update may be off."""
    unit, one, none = float(fmt.unit_roundoff), np.ones(1), np.zeros(1)
    if field == "m":
        share = generated.of_m_in_any_order(one, none, unit, 0.0)
    else:
        share = generated.of_v_in_any_order(one, none, unit, 0.0, none)
    # An order that has 1 - w for b, or 1 - b for w, takes another coefficient.
    total = float(b.value) + float(w.value)
    gap = abs(1 - total) + float(b.slack) + float(w.slack) + (0.0 if total == 1 else 2.0**-52)
    found = float(share[0]) + gap
    if stored is not None:
        grown = float(stored.unit_roundoff)
        found = found * (1 + grown) + grown
    return found * OUTWARD


def _underflow(field: str, fmt: Format, stored: Format | None) -> float:
    """Return what an update may be off by beside that, for a gradient of size 1 at most twice."""
    unit, none = float(fmt.unit_roundoff), np.zeros(1)
    tiny = max(float(fmt.smallest / 2), 2.0**-1074)
    if field == "m":
        found = float(generated.of_m_in_any_order(none, none, unit, tiny)[0])
    else:
        found = float(generated.of_v_in_any_order(none, none, unit, tiny, none)[0])
    if stored is not None:
        found = found * (1 + float(stored.unit_roundoff)) + float(stored.smallest / 2)
    return found * OUTWARD + 2.0**-1074


def growth_of_m(
    b: Fraction, w: Fraction, fmt: Format, stored: Format | None = None, *, off: float = 0.0
) -> Growth:
    """Return how far m may leave what decay alone makes of it, in a step (moments-apart-m).

    Parameters
    ----------
    b, w : Fraction
        The decay rate and the weight of the gradient.
    fmt : Format
        In which the operations were rounded.
    stored : Format, optional
        A narrower one, in which it was then stored.
    off : float
        How far the numbers that were held for b and w may be from these
        (rounding-stored-coefficients-m).
    """
    decay, weight = exactly(b), exactly(w)
    share = _share("m", decay, weight, fmt, stored) + off * OUTWARD
    return Growth(
        (float(decay.size) + share) * OUTWARD,
        (float(weight.size) + share) * OUTWARD,
        _underflow("m", fmt, stored),
        share,
    )


def growth_of_v(
    b: Fraction, w: Fraction, fmt: Format, stored: Format | None = None, *, off: float = 0.0
) -> Growth:
    """Return what v keeps at least, in a step (moments-apart-v); parameters as of m."""
    decay, weight = exactly(b), exactly(w)
    share, lost = _share("v", decay, weight, fmt, stored), _underflow("v", fmt, stored)
    share += off * OUTWARD
    return Growth(
        (float(decay.least) - share) * _INWARD if decay.least > share else 0.0,
        (float(weight.least) - share - lost / 2) * _INWARD,
        1.5 * lost * OUTWARD,
    )


@final
@dataclass(frozen=True)
class MomentsApart:
    """Two moments held against what they were some steps before.

    Attributes
    ----------
    left, most : float64 array
        What decay alone left of m, and how far m may be from it at most.
    least : float64 array
        What v must be at least.
    """

    left: Array
    most: Array
    least: Array


def moments_apart(
    before: tuple[Array, Array],
    after: tuple[Array, Array],
    first: Growth,
    second: Growth,
    b: Fraction,
    steps: int,
) -> MomentsApart | None:
    """Hold the moments of a checkpoint against those of another, some steps before.

    Parameters
    ----------
    before, after : (float64 array, float64 array)
        m and v.
    first, second : Growth
        Of m and of v.
    b : Fraction
        The decay rate of m.
    steps : int
        How many lie between them, 1 or more.

    Returns
    -------
    MomentsApart or None
        None where nothing can be said: what roundings leave of a weight is no more than 0, or of a
        decay no less than 1.
    """
    if not (second.taken > 0 and 0 < second.kept < 1 and first.kept < 1):
        return None
    (m, v), (m_after, v_after) = before, after
    shift = second.rest / (1 - second.kept) * OUTWARD + _TINY
    kept, decayed = _power_below(second.kept, steps), float(b) ** steps
    ratio = first.kept**2 / second.kept * OUTWARD
    powers = _sum_above(ratio, steps)
    with np.errstate(all="ignore"):
        room = np.maximum(v_after + shift - kept * (v + shift), 0.0)
        room = room + (np.abs(v_after) + np.abs(v) + shift) * 2.0**-49
        most = np.sqrt(generated.most_of_first(room, first.taken, second.taken, powers)) * OUTWARD
        off = (first.share * np.abs(m) + first.rest) * min(steps, 1 / (1 - first.kept)) * OUTWARD
        # b^steps is worked by a library's power: within so many units of it.
        off = off + np.abs(m) * decayed * (steps + 8) * 2.0**-52 + np.abs(m_after) * 2.0**-52
        least = (v + shift) * kept * _INWARD - shift * OUTWARD
        left = decayed * m
    return MomentsApart(left, most + off * OUTWARD + _TINY, least - _TINY)


def _power_below(rate: float, steps: int) -> float:
    """Return a power of a rate below 1, rounded down: squared and multiplied step by step."""
    found, square, left = 1.0, rate, steps
    while left:
        if left & 1:
            found = np.nextafter(found * square, 0.0)
        square = float(np.nextafter(square * square, 0.0))
        left >>= 1
    return float(found)


def _sum_above(ratio: float, steps: int) -> float:
    """Return ``1 + ratio + … + ratio^(steps-1)``, rounded up: doubled and gone on step by step."""
    total, power = 0.0, 1.0
    for bit in f"{steps:b}":
        total, power = total * (1 + power) * OUTWARD, power * power * OUTWARD
        if bit == "1":
            total, power = (total * ratio + 1) * OUTWARD, power * ratio * OUTWARD
    return total
