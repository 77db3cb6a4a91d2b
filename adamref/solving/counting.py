"""Which whole numbers a count may have been, where it stands in several places of a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sympy import Expr, Symbol, evaluate

from adamref.solving.common import ANY
from adamref.solving.constants import DIVISORS, law
from adamref.solving.inversion import Interval, valued
from adamref.solving.solution import Solution
from adamref.solving.standing import inside

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array

_COUNTED = 1.5
"""What a count costs that is something of t."""

_COUNTS, _MOST_COUNTS = 130, 256
"""Whole numbers that are tried for a count: from 0 on, and before and after what it should be."""


def counted(
    expr: Expr,
    symbol: Symbol,
    made: Interval,
    groups: Mapping[str, NDArray[np.generic]],
    values: Mapping[str, Array],
) -> Iterator[Solution]:
    """Yield the whole numbers that a count may have been at each step."""
    if symbol.name != "t" or "step" not in groups:
        return
    numbers: dict[float, float] = {}
    rooms: dict[float, float] = {}
    steps = np.asarray(groups["step"], dtype=np.float64)
    for step in np.unique(steps).tolist():
        at = np.flatnonzero(steps == step)[:64]
        # All that it was so far, if these are not too many, and some beyond.
        first = max(0.0, step - _MOST_COUNTS)
        tried = np.union1d(np.arange(_COUNTS), np.arange(first, step + _COUNTS // 6)).astype(float)
        tried = np.union1d(tried, [step // k + off for k in DIVISORS for off in (-1, 0, 1)])
        tried = tried[tried >= 0]
        few = {n: np.broadcast_to(x[at], (len(tried), len(at))) for n, x in values.items()}
        few["t"] = np.broadcast_to(tried[:, None], (len(tried), len(at)))
        shown = valued(expr, few, (len(tried), len(at)))
        fits = tried[inside(shown, made.low[at], made.high[at])]
        if not fits.size:
            return
        # Of several the one that is nearest to what was there a step before.
        last = numbers[max(numbers)] if numbers else step
        numbers[step] = float(min(fits, key=lambda k: (abs(k - last), k)))
        rooms[step] = 1e-9 if len(fits) == 1 else np.inf
    new = Symbol("by_step", real=True)
    if any(t != x for t, x in numbers.items()):
        formula = replaced(expr, symbol, new)
        said = law(told_of(numbers, rooms), rooms)
        cost = _COUNTED if said is not None and " to t = " not in said else ANY
        yield Solution((), symbol, new, formula, "varying", cost, "step", rooms, numbers)


def told_of(numbers: Mapping[float, float], room: Mapping[float, float]) -> dict[float, float]:
    """Leave out numbers of which nothing is told."""
    return {t: x for t, x in numbers.items() if np.isfinite(room[t])}


def replaced(expr: Expr, symbol: Symbol, new: Expr) -> Expr:
    """Return a formula with something else for a symbol, everywhere."""
    with evaluate(False):
        return expr.xreplace({symbol: new})
