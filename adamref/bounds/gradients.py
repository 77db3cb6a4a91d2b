"""The gradient of a step that was taken, bounded from the first moments before and after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adamref.bounds import generated
from adamref.bounds.arithmetic import OUTWARD, Arithmetic, Bounded, exactly
from adamref.numbers.arrays import nearest_off
from adamref.numbers.formats import BINARY64

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array
    from adamref.numbers.formats import Format


def gradient(
    before: Array,
    after: Array,
    *,
    b: Bounded,
    w: Bounded,
    fmt: Format,
    stored: Format | None = None,
) -> Bounded:
    """Return the gradient with which a first moment was updated.

    Theorems rounding-any-order-m-beta and its fellows say how far a stored moment may be from
    ``b m + w g``, in whatever order it was worked; theorem rounding-gradient what that leaves of g.

    Parameters
    ----------
    before, after : float64 array
        The stored moment, before and after the step.
    b, w : Bounded
        The decay rate and the weight of the gradient as they were held, within 0 and 1.
    fmt : Format
        In which the operations were rounded.
    stored : Format, optional
        A narrower one, in which the moment was then stored.

    Returns
    -------
    Bounded
        The gradient over the reals, and as its slack how far the real one may be from it; infinite
        where nothing is known, as where w is lost in roundings. Its error is 0: it is what it was.
    """
    real = Arithmetic(BINARY64)
    unit, tiny = float(fmt.unit_roundoff), max(float(fmt.smallest / 2), 2.0**-1074)
    kept = real.product(b, exactly(before))
    solved = real.quotient(real.difference(exactly(after), kept), w)
    with np.errstate(all="ignore"):
        size = np.abs(before)
        none = np.zeros_like(size)
        # Some orders have 1 - w for b, or 1 - b for w.
        gap = (np.abs(1 - (b.value + w.value)) + b.slack + w.slack + 2.0**-52) * OUTWARD
        gap = np.where(b.value + w.value == 1, b.slack + w.slack, gap)
        off = generated.of_m_in_any_order(size, none, unit, tiny) + gap * size
        if stored is not None:
            off = off + nearest_off(after, stored)
        share = generated.of_m_in_any_order(none, none + 1, unit, 0.0) + gap
        off, share = off * OUTWARD, share * OUTWARD
        limit = generated.of_gradient(solved.size, off, share, w.least) * OUTWARD
        slack = (limit + solved.slack) * OUTWARD
        known = (w.least > share * OUTWARD) & np.isfinite(slack) & np.isfinite(solved.value)
    return Bounded(solved.value, np.where(known, slack, np.inf), none)
