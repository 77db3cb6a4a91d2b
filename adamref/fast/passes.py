"""What algorithms share: passes over a block, in place, each line one operation, rounded once.

The compiled loops of the algorithms do the same operations in the same order.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from adamref.fast.method import Array


def average(m: Array, g: Array, beta: Any, weight: Any, scratch: Array) -> None:
    """Update an average of gradients: ``beta*m + weight*g``."""
    np.multiply(m, beta, m)
    np.multiply(g, weight, scratch)
    np.add(m, scratch, m)


def average_square(v: Array, g: Array, beta: Any, weight: Any, scratch: Array) -> None:
    """Update an average of squares: ``beta*v + weight*(g*g)``, not ``(weight*g)*g``."""
    np.multiply(g, g, scratch)
    np.multiply(scratch, weight, scratch)
    np.multiply(v, beta, v)
    np.add(v, scratch, v)


def descend(theta: Array, step: Array, v: Array, eps: Any, scratch: Array) -> None:
    """Subtract ``step / (sqrt(v) + eps)`` from theta; step is written over."""
    np.sqrt(v, scratch)
    np.add(scratch, eps, scratch)
    np.divide(step, scratch, step)
    np.subtract(theta, step, theta)


def one_minus_power(beta: float, t: int) -> float:
    """Return ``1 - beta**t``, dimensionless, in float64: the correction of a moment.

    Subtracting a power from 1 loses all digits for beta near 1; this loses none: the error is a few
    units of ``2**-53`` of the result, for every beta in [0, 1) and t >= 1.

    >>> from fractions import Fraction
    >>> beta = 1 - 2.0**-40
    >>> right = 1 - Fraction(beta) ** 3
    >>> float(abs(Fraction(1 - beta**3) / right - 1)) > 1e-13
    True
    >>> float(abs(Fraction(one_minus_power(beta, 3)) / right - 1)) < 1e-15
    True
    """
    if beta == 0:
        return 1.0
    # Above 1/2 the difference is exact, and log1p of it keeps what log would round away.
    logarithm = math.log1p(beta - 1) if beta > 0.5 else math.log(beta)
    return -math.expm1(t * logarithm)
