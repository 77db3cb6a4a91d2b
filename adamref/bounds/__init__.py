"""Error bounds as code: how far a computation in a format may be from the rule.

Every bound is derived in `proofs/` (rounding and the files beside it), per order of operations
(`adamref.bounds.orders`): an order is worked operation by operation, and the formulas for one are
written from the theorems (`adamref.bounds.generated`). Arrays are taken of any shape
and float type, and worked element by element in float64, outward: the number returned is a bound.

>>> import numpy as np
>>> from adamref.numbers.formats import BINARY32
>>> m = m_bound("beta", np.float32(1), np.float32(0.5), b=0.9, w=0.1, fmt=BINARY32)
>>> bool(1e-7 < m < 2e-7)
True
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from adamref.bounds.arithmetic import Arithmetic, Bounded, Numbers, exactly, within
from adamref.bounds.generated import CHECKSUM
from adamref.bounds.moments import correction, moment, power, running_product
from adamref.bounds.operations import variables
from adamref.bounds.orders import ORDERS, order
from adamref.errors import MissingInput

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array
    from adamref.numbers.formats import Format

__all__ = [
    "CHECKSUM",
    "ORDERS",
    "Arithmetic",
    "Bounded",
    "correction",
    "exactly",
    "m_bound",
    "moment",
    "order",
    "power",
    "running_product",
    "v_bound",
    "within",
    "worked",
]


def worked(
    field: str,
    name: str,
    *,
    fmt: Format,
    sqrt_ulp: float = 0.5,
    div_ulp: float = 0.5,
    **given: Numbers,
) -> Bounded:
    """Bound a field, worked in some order of operations from operands that may have errors.

    Parameters
    ----------
    field, name : str
        As in ``ORDERS``.
    fmt : Format
        In which the operations are rounded.
    sqrt_ulp, div_ulp : float
        Within how many ulps roots and quotients are, the ulp taken at the right value; 1/2 is IEEE
        arithmetic, approximate hardware has more.
    given : array, Fraction or Bounded
        The operands, by their names in the order.

    Raises
    ------
    MissingInput
        If an operand is not given.
    """
    tree, values = order(field, name), {}
    for operand in variables(tree):
        if operand.name not in given:
            raise MissingInput(operand.name, f"{field} as {name} is worked from it")
        values[operand.name] = exactly(given[operand.name])
    return Arithmetic(fmt, sqrt_ulp=sqrt_ulp, div_ulp=div_ulp).work(tree, values)


def m_bound(
    name: str,
    m: Numbers,
    g: Numbers,
    *,
    fmt: Format,
    b: Fraction | float | None = None,
    w: Fraction | float | None = None,
    beta: Fraction | float | None = None,
) -> Array:
    """Return the bound on the error of m after one update; see `moment`."""
    return moment("m", name, m, g, fmt=fmt, b=b, w=w, beta=beta).error


def v_bound(
    name: str,
    v: Numbers,
    g: Numbers,
    *,
    fmt: Format,
    b: Fraction | float | None = None,
    w: Fraction | float | None = None,
    beta: Fraction | float | None = None,
) -> Array:
    """Return the bound on the error of v after one update; see `moment`."""
    return moment("v", name, v, g, fmt=fmt, b=b, w=w, beta=beta).error
