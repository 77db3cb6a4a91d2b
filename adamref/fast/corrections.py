"""The corrections of Adam's moments, worked in float64 whatever the arrays are."""

from __future__ import annotations

import math


def one_minus_power(beta: float, t: int) -> float:
    """Return ``1 - beta**t``, dimensionless.

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
