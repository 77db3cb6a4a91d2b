"""What a number is of the numbers of its step: of t, the decay rates, alpha, the weight decay.

Somebody who writes a correction or a decay in another way writes powers, exponentials and
logarithms of a few numbers. All of them up to a size are tried on the steps that were seen.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, final

import numpy as np
from sympy import Expr, Integer, Max, Min, Pow, Symbol, evaluate, exp, log, sqrt

from adamref.solving.inversion import valued
from adamref.solving.pool import GrowingPool, of_one, of_two
from adamref.solving.standing import FIRST, inside

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array, Indices
    from adamref.solving.pool import Made

_FEWEST, _MOST = 6, 24
"""Groups of rows that a law is seen in at least, and on which expressions are tried."""

_BITS = 40.0
"""What these have to tell at least, in bits: twice as much as there are expressions."""

_TRIED = 64
"""How many expressions may hold on these groups and not on all, before it is left."""

_PAIRED = 3.0
"""Up to which cost what is made is multiplied by a plain number or divided by it."""

_NUMBERS = ("t", "alpha", "beta1", "beta2", "eps", "weight_decay")
_T = Symbol("t", real=True)

_UNARY: tuple[tuple[Callable[[Array], Array], Callable[[Expr], Expr]], ...] = (
    (lambda x: 1 - x, lambda x: 1 - x),
    (lambda x: -np.expm1(-x), lambda x: 1 - exp(-x)),
    (np.negative, lambda x: -x),
    (np.square, lambda x: x**2),
    (np.sqrt, sqrt),
    (np.exp, exp),
    (np.log, log),
    (np.reciprocal, lambda x: 1 / x),
)
_BINARY: tuple[tuple[Callable[[Array, Array], Array], Callable[[Expr, Expr], Expr]], ...] = (
    (np.multiply, lambda a, b: a * b),
    (np.divide, lambda a, b: a / b),
    (np.power, lambda a, b: Pow(a, b, evaluate=False)),
    (np.add, lambda a, b: a + b),
    (np.subtract, lambda a, b: a - b),
    (np.maximum, lambda a, b: Max(a, b, evaluate=False)),
    (np.minimum, lambda a, b: Min(a, b, evaluate=False)),
)


@final
class Laws:
    """The expressions over the numbers of steps, on some groups of rows that share them.

    Parameters
    ----------
    keys : array
        Each row's group.
    values : mapping of str to float64 array
        What a step knows, in columns of rows.
    """

    def __init__(self, keys: NDArray[np.generic], values: Mapping[str, Array]) -> None:
        _, self._first = np.unique(np.asarray(keys, dtype=np.float64), return_index=True)
        # What a rate is in its complement: powers of it are what corrections are made of.
        its = {n: 1 - values[f"{n}.complement"] for n in _NUMBERS if f"{n}.complement" in values}
        numbers = {n: x[self._first] for n, x in {**values, **its}.items() if n in _NUMBERS}
        self._numbers = {n: x for n, x in numbers.items() if np.isfinite(x).all()}
        count = len(self._first)
        self._sample = np.unique(np.linspace(0, count - 1, min(_MOST, count)).astype(int))

    def law_of(self, low: Array, high: Array) -> tuple[Expr, float] | None:
        """Return the smallest expression that gives a number of each group, and its cost.

        Parameters
        ----------
        low, high : float64 array
            In what the number of each group lies, in the order of their keys.
        """
        with np.errstate(all="ignore"):
            told = np.isfinite(low) & np.isfinite(high) & (low <= high)
            bits = np.log2(np.maximum(np.abs(low), np.abs(high)) / (high - low))
        at = np.flatnonzero(told[self._sample])
        some = self._sample[at]
        if len(some) < _FEWEST or np.clip(bits[some], 0, 52).sum() < _BITS:
            return None
        pool = self._pool
        first = pool.values[:, at[:FIRST]]  # a column of all is long: most end here
        near = np.flatnonzero(inside(first, low[some[:FIRST]], high[some[:FIRST]]))
        near = near[inside(pool.values[np.ix_(near, at)], low[some], high[some])]
        for i in near[:_TRIED].tolist():
            with evaluate(False):
                found = pool.made(i)()
            made = valued(found, self._numbers, len(low))
            if ((low <= made) & (made <= high))[told].all():
                return found, float(pool.costs[i])
        return None

    @property
    def _pool(self) -> GrowingPool:
        numbers = {n: x[self._sample] for n, x in self._numbers.items()}
        return _grown(tuple((n, tuple(x.tolist())) for n, x in numbers.items()))


@lru_cache(maxsize=4)
def _grown(numbers: tuple[tuple[str, tuple[float, ...]], ...]) -> GrowingPool:
    """Return all expressions of up to two numbers, in a function or two, by a third."""
    known = {n: np.array(x) for n, x in numbers}
    pool, count = GrowingPool(), len(numbers[0][1])
    with np.errstate(all="ignore"):
        plain: list[Expr] = [Symbol(n, real=True) for n in known]
        for x in (*plain, Integer(1), Integer(2)):
            pool.add(valued(x, known, count)[None, :], 1.0, _as_is(x))
        pool.settle()
        simple = np.arange(len(pool))
        turned = [_T - 1, _T + 1, _T / 2, 2 * _T, sqrt(_T)] if "t" in known else []
        with evaluate(False):
            rates = [x for x in plain if str(x).startswith("beta")]
            turned += [y for x in rates for y in (1 - x, log(x))]
        for x in turned:
            pool.add(valued(x, known, count)[None, :], 1.5, _as_is(x))
        pool.settle()
        every = np.arange(len(pool))
        _pair(pool, every, every)
        for _ in range(2):
            for work, write in _UNARY:
                pool.add(work(pool.values), pool.costs + 0.5, of_one(pool.made, write))
            pool.settle()
        _pair(pool, np.flatnonzero(pool.costs <= _PAIRED), simple, only=2)
    return pool


def _as_is(x: Expr) -> Made:
    return lambda _: lambda: x


def _pair(pool: GrowingPool, one: Indices, other: Indices, only: int = len(_BINARY)) -> None:
    first, second = (x.ravel() for x in np.meshgrid(one, other, indexing="ij"))
    for work, write in _BINARY[:only]:
        values = work(pool.values[first], pool.values[second])
        costs = 1 + (pool.costs[first] + pool.costs[second]) / 2
        pool.add(values, costs, of_two(pool.made, first, second, write))
    pool.settle()
