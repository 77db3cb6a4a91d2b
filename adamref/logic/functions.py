"""The functions of which a theorem may be made: where each is defined, whether it is continuous.

Whatever is not on the list is in no theorem. Sums, limits and functions without a meaning are no
functions of real numbers, and are looked at by those who know them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from sympy import Abs, Add, Expr, Max, Min, Mod, Mul, Pow, exp, log

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Needs = tuple[tuple[str, Expr], ...]


@final
@dataclass(frozen=True)
class Known:
    """What is known of a function.

    Attributes
    ----------
    needs : callable
        From an expression to what must hold for it to be defined where its arguments are: what must
        be ``"positive"``, ``"nonnegative"`` or ``"nonzero"``.
    continuous : bool
        Whether it is continuous wherever it is defined.
    """

    needs: Callable[[Expr], Needs]
    continuous: bool = True


def _nothing(_: Expr) -> Needs:
    return ()


def _of_power(power: Expr) -> Needs:
    """Say where a power is defined; ``x^0`` is 1 for every x, as an empty product is.

    With a whole exponent that is not a number it is defined where that is >= 0, or x is not 0.
    """
    base, exponent = power.args
    if exponent.is_Integer:
        return (("nonzero", base),) if exponent.is_negative else ()
    if exponent.is_Rational:
        root: Needs = (("nonnegative", base),)
        return (*root, ("nonzero", base)) if exponent.is_negative else root
    return (("power", power),) if exponent.is_integer else (("positive", base),)


FUNCTIONS: Mapping[type, Known] = {
    Abs: Known(_nothing),
    Add: Known(_nothing),
    Max: Known(_nothing),
    Min: Known(_nothing),
    Mod: Known(lambda expr: (("nonzero", expr.args[1]),), continuous=False),
    Mul: Known(_nothing),
    Pow: Known(_of_power),
    exp: Known(_nothing),
    log: Known(lambda expr: (("positive", expr.args[0]),)),
}
