"""What follows about an integer expression from others that are >= 0."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from adamref.logic.relations import excess
from adamref.logic.rewriting import expanded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sympy import Expr
    from sympy.core.relational import Relational


@lru_cache(maxsize=4096)
def integers_of(relation: Relational) -> tuple[Expr, ...]:
    """Return the integer expression that a relation says to be >= 0, if it does."""
    difference = excess(relation)
    return () if difference is None or not difference.is_integer else (expanded(difference),)


def follows(wanted: Expr, known: Sequence[Expr]) -> bool:
    """Say whether an expression is one that is known to be >= 0, or two, and a constant >= 0.

    All are multiplied out.
    """
    # n >= 0 gives 3 n >= 0: a multiple of a condition is one as well.
    times = {abs(c) for c in wanted.as_coefficients_dict().values() if c.is_Integer} - {0, 1}
    least: dict[Expr, Expr] = {}
    for have in (*known, *(expanded(c * one) for c in times for one in known)):
        number, rest = have.as_coeff_Add()
        least[rest] = min(number, least.get(rest, number))
    number, rest = wanted.as_coeff_Add()
    if rest in least and least[rest] <= number:
        return True
    pairs = ((one, rest - one) for one in least)
    return any(two in least and least[one] + least[two] <= number for one, two in pairs)
