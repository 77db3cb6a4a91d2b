"""One pair ``rtol, atol`` for the bounds of many elements."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array


def fitted_pair(size: Array, off: Array) -> tuple[float, float]:
    """Return the least ``rtol, atol`` with ``off <= atol + rtol*size`` for all elements.

    Least is the sum over the elements of what is allowed. The line touches the upper hull of the
    points in two corners, or in one with a slope of 0 or through the origin: one of these it is.

    >>> fitted_pair(np.array([1.0, 2.0, 4.0]), np.array([3.0, 4.0, 6.0]))
    (1.0, 2.0)
    """
    if not off.size:
        return 0.0, 0.0
    if not np.isfinite(off).all():
        return np.inf, np.inf
    some = size > 0
    slopes = [0.0, *_hull_slopes(size, off)]
    if some.all():
        slopes.append(float(np.max(off / size)))
    best: tuple[float, float, float] | None = None
    for slope in slopes:
        if slope < 0:
            continue
        rest = max(0.0, float(np.max(off - slope * size)))
        cost = rest + slope * float(size.mean())
        if best is None or cost < best[0]:
            best = cost, slope, rest
    assert best is not None, "a slope of 0 is one"
    return best[1:]


def _hull_slopes(size: Array, off: Array) -> list[float]:
    """Return the slopes of the upper hull of points, from left to right (Andrew's chain)."""
    hull: list[tuple[float, float]] = []
    for point in sorted(zip(size.tolist(), off.tolist(), strict=True)):
        while len(hull) > 1 and _is_below(hull[-2], hull[-1], point):
            hull.pop()
        if hull and hull[-1][0] == point[0]:
            hull.pop()
        hull.append(point)
    return [(y - b) / (x - a) for (a, b), (x, y) in itertools.pairwise(hull)]


def _is_below(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    return (b[0] - a[0]) * (c[1] - a[1]) >= (b[1] - a[1]) * (c[0] - a[0])
