"""What is not a number where it should be one: a root of something negative.

It is so by a mistake, or by rounding alone: a difference that is never below 0 over the reals comes
out below it where all of its digits cancel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sympy import Expr, Mul, Pow, Rational

from adamref.oracle.explain.formulas import written
from adamref.solving.inversion import put, valued
from adamref.solving.losing import lost

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array
    from adamref.solving.inversion import Path


def undefined(
    expr: Expr, values: Mapping[str, Array], got: Array, wrong: NDArray[np.bool_], unit: float
) -> tuple[Expr, str] | None:
    """Find the root of something negative, where nothing that is wrong is a number.

    By how much it is negative cannot be seen.

    Parameters
    ----------
    expr : sympy.Expr
        The line as it should be.
    values : mapping of str to float64 array
        What a step knows.
    got : float64 array
        What the line gave on each row.
    wrong : bool array
        The rows on which it is wrong.
    unit : float
        The unit roundoff of the format in which it is worked.

    Returns
    -------
    tuple of (sympy.Expr, str) or None
        The line, with the sign of what is under the root turned where that is no rounding, and what
        is said of it.
    """
    if not np.isnan(got[wrong]).all():
        return None
    for path, root in _roots(expr, ()):
        under = valued(root.base, values, len(got))[wrong]
        if (under <= lost(root.base, values, len(got), unit)[wrong]).all():
            return expr, (
                f"what stands under the root, {written(root.base)}, "
                "loses all its digits and is rounded to something negative"
            )
        formula = put(expr, (*path, 0), Mul(-1, root.base, evaluate=False))
        if np.isnan(valued(formula, values, len(got))[wrong]).all():
            return formula, f"what stands under the root, {written(root.base)}, is negative"
    return None


def _roots(expr: Expr, path: Path) -> Iterator[tuple[Path, Pow]]:
    if isinstance(expr, Pow) and expr.exp == Rational(1, 2):
        yield path, expr
    for i, x in enumerate(expr.args):
        yield from _roots(x, (*path, i))
