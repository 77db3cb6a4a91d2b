"""What a formula may lose to rounding where it is worked: its own condition, not another's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sympy import Add, Expr, Mul, Pow, Symbol

from adamref.solving.inversion import rate_of, valued

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array

_CORRECTED = 4.0
"""Units that 1 - b**t may be off: the power rounds a few times near 1."""

_NOTHING_LEFT = 0.25
"""The share of itself by which a divisor may be off before nothing is known of the quotient."""


def lost(expr: Expr, values: Mapping[str, Array], count: int, unit: float) -> Array:
    """Return how far from its real value a formula may come out, on each row.

    To the first order, every operation off by a unit of its result and of what it adds (Higham
    2002, "Accuracy and Stability of Numerical Algorithms", section 3.3). Where a difference loses
    all digits before something is divided by it, that is without bound.

    Parameters
    ----------
    expr : sympy.Expr
    values : mapping of str to float64 array of shape (count,)
        A column for each symbol, taken as exact.
    count : int
    unit : float
        The unit roundoff of the format in which it is worked.

    Returns
    -------
    float64 array of shape (count,)
        Infinity where nothing is known.
    """
    with np.errstate(all="ignore"):
        off = _off(expr, values, count, unit)
    return np.where(np.isnan(off), np.inf, off)


def _off(expr: Expr, values: Mapping[str, Array], count: int, unit: float) -> NDArray[np.float64]:
    size = np.abs(valued(expr, values, count))
    if isinstance(expr, Symbol) or (expr.is_number and not expr.args):
        return np.zeros(count) if isinstance(expr, Symbol) or expr.is_Integer else unit * size
    if rate_of(expr) is not None:
        return np.full(count, _CORRECTED * unit) + unit * size
    sizes = [np.abs(valued(x, values, count)) for x in expr.args]
    offs = [_off(x, values, count, unit) for x in expr.args]
    if isinstance(expr, Add):
        return np.asarray(sum(offs) + unit * sum(sizes))
    if isinstance(expr, Mul):
        shares = [np.where(off == 0, 0, off / x) for off, x in zip(offs, sizes, strict=True)]
        return np.asarray(size * (sum(shares) + unit * len(shares)))
    if isinstance(expr, Pow):
        share = np.where(offs[0] == 0, 0, offs[0] / sizes[0])
        if expr.exp.is_negative:  # what is divided by may be 0
            share = np.where(share < _NOTHING_LEFT, share, np.inf)
        return np.asarray(size * (sizes[1] * share + unit))
    # Of a size, a maximum, a choice, a format: what any of its arguments is off.
    return np.asarray(np.max([np.zeros(count), *offs], axis=0) + unit * size)
