"""The number that somebody wrote, from one that is nearly it."""

_DIGITS = 9


def shortest(x: float, within: float) -> float:
    """Return the decimal of the fewest digits that is within a share of a number.

    >>> shortest(0.99998, 1e-3), shortest(0.35021, 1e-3)
    (1.0, 0.35)
    """
    for digits in range(_DIGITS):
        near = float(f"{x:.{digits}e}")
        if abs(near - x) <= within * abs(x):
            return near
    return x
