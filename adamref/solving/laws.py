"""What a number is of the numbers of its step: of t, the decay rates, alpha, the weight decay.

Somebody who writes a correction or a decay in another way writes powers, exponentials and
logarithms of a few numbers. All of them up to a size are tried on the steps that were seen.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, final

import numpy as np
from sympy import (
    Expr,
    Integer,
    Max,
    Min,
    Mul,
    Pow,
    Symbol,
    evaluate,
    exp,
    log,
    preorder_traversal,
    sqrt,
)

from adamref.solving.inversion import valued
from adamref.solving.pool import GrowingPool, of_one, of_two
from adamref.solving.solution import SoFar
from adamref.solving.standing import FIRST, inside

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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
_MOST_PARTS = 8
"""So many parts of formulas, and their roots, are divided by one another."""

_NEARLY = 0.9
"""The share of steps to which what is multiplied up must lead: a rate may be another between."""

_NOTHING = 1e-12
"""By how much a quotient of two parts may be off from 1 that are the same."""

RUNS = ("run.tensor", "run.step")
"""Columns of which tensor of which run a row is, and at which of its steps."""

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
    forms : sequence of sympy.Expr
        Formulas, whose parts may be multiplied up too.
    """

    def __init__(
        self,
        keys: NDArray[np.generic],
        values: Mapping[str, Array],
        forms: Sequence[Expr] = (),
    ) -> None:
        _, self._first = np.unique(np.asarray(keys, dtype=np.float64), return_index=True)
        # What a rate is in its complement: powers of it are what corrections are made of.
        its = {n: 1 - values[f"{n}.complement"] for n in _NUMBERS if f"{n}.complement" in values}
        numbers = {n: x[self._first] for n, x in {**values, **its}.items() if n in _NUMBERS}
        self._numbers = {n: x for n, x in numbers.items() if np.isfinite(x).all()}
        self._parts = _parts(forms, self._numbers)
        self._values: dict[int, Array] = {}
        runs = [values[n][self._first] for n in RUNS if n in values]
        self._before = _step_before(*runs) if len(runs) == 2 else None
        count = len(self._first)
        self._sample = np.unique(np.linspace(0, count - 1, min(_MOST, count)).astype(int))

    def so_far(self, low: Array, high: Array) -> tuple[SoFar, float] | None:
        """Return of what a number of each group is the product over the steps so far, and its cost.

        By what it grows from one step to the next is seen where both are among the groups.

        Parameters
        ----------
        low, high : float64 array
            In what the number of each group lies, in the order of their keys.
        """
        if self._before is None or (low > high).any():
            return None
        at = self._before
        last = np.where(at >= 0, low[at], np.nan), np.where(at >= 0, high[at], np.nan)
        with np.errstate(all="ignore"):
            told = (np.sign(low) == np.sign(high)) & (np.sign(last[0]) == np.sign(last[1]))
            ends = np.array([x / y for x in (low, high) for y in last])
        told &= np.isfinite(ends).all(axis=0) & (at >= 0)
        least = np.where(told, ends.min(axis=0), -np.inf)
        most = np.where(told, ends.max(axis=0), np.inf)
        if ((least <= 1) & (most >= 1)).all():
            return None  # it does not grow
        for back in (0, 1):
            found = self._part_of(least, most, back) or self.law_of(least, most, back)
            if found is not None and self._begins(found[0], back, low, high):
                return SoFar(found[0], back), found[1]
        return None

    def _begins(self, factor: Expr, back: int, low: Array, high: Array) -> bool:
        """Say whether the first steps of all have what is multiplied up from 1 on."""
        first = self._numbers["t"] == 1 if "t" in self._numbers else np.zeros(len(low), bool)
        made = np.ones(len(low)) if back else valued(factor, self._numbers, len(low))
        return bool(((low <= made) & (made <= high))[first & (low <= high)].all())

    def part_of(self, low: Array, high: Array) -> tuple[Expr, float] | None:
        """Return the part of a formula, of this step or the one before, that gives each number.

        Parameters
        ----------
        low, high : float64 array
            In what the number of each group lies, in the order of their keys.
        """
        for back in (0, 1):
            found = self._part_of(low, high, back, share=1.0)
            if found is not None:
                with evaluate(False):
                    before = {x: x - back for x in found[0].free_symbols if x.name == "t" and back}
                    return found[0].xreplace(before), found[1]
        return None

    def _part_of(
        self, low: Array, high: Array, back: int, share: float = _NEARLY
    ) -> tuple[Expr, float] | None:
        """Return the part of a formula that gives a number of each group, or of nearly each."""
        told = np.flatnonzero(np.isfinite(low) & np.isfinite(high))
        if len(told) < _FEWEST:
            return None
        values = self._worked(back)
        # Two ways to write one thing are no law where they are divided.
        left = np.flatnonzero(~(np.abs(values[:, told] - 1) <= _NOTHING).all(axis=1))
        for some in (told[:FIRST], told):  # most end with the first
            its = values[np.ix_(left, some)]
            fits = ((low[some] <= its) & (its <= high[some])).sum(axis=1)
            left = left[fits >= (share * len(some) if some is told else 1)]
        return (self._parts[left[0]], 1.0) if len(left) else None

    def _worked(self, back: int) -> Array:
        """Return the parts of formulas, of so many steps before: a row each."""
        if back not in self._values:
            numbers, count = self._of_steps(back), len(self._first)
            with np.errstate(all="ignore"):
                its = [valued(x, numbers, count) for x in self._parts]
            self._values[back] = np.array(its).reshape(len(its), count)
        return self._values[back]

    def _of_steps(self, back: int) -> dict[str, Array]:
        """Return the numbers of each group, t of so many steps before."""
        return {n: x - back if n == "t" else x for n, x in self._numbers.items()}

    def law_of(self, low: Array, high: Array, back: int = 0) -> tuple[Expr, float] | None:
        """Return the smallest expression that gives a number of each group, and its cost.

        Parameters
        ----------
        low, high : float64 array
            In what the number of each group lies, in the order of their keys.
        back : int
            By how much t is less than that of the group.
        """
        with np.errstate(all="ignore"):
            told = np.isfinite(low) & np.isfinite(high) & (low <= high)
            bits = np.log2(np.maximum(np.abs(low), np.abs(high)) / (high - low))
        at = np.flatnonzero(told[self._sample])
        some = self._sample[at]
        if len(some) < _FEWEST or np.clip(bits[some], 0, 52).sum() < _BITS:
            return None
        numbers = self._of_steps(back)
        pool = _grown(tuple((n, tuple(x[self._sample].tolist())) for n, x in numbers.items()))
        first = pool.values[:, at[:FIRST]]  # a column of all is long: most end here
        near = np.flatnonzero(inside(first, low[some[:FIRST]], high[some[:FIRST]]))
        near = near[inside(pool.values[np.ix_(near, at)], low[some], high[some])]
        for i in near[:_TRIED].tolist():
            with evaluate(False):
                found = pool.made(i)()
            made = valued(found, numbers, len(low))
            if ((low <= made) & (made <= high))[told].all():
                return found, float(pool.costs[i])
        return None


def _parts(forms: Sequence[Expr], numbers: Mapping[str, Array]) -> list[Expr]:
    """Return the parts of formulas that are of t and numbers of steps alone, and their quotients.

    They are without alpha, and a number under 1. Corrections are always among them.
    """
    with evaluate(False):  # a formula may be without what is multiplied up
        found: dict[Expr, None] = {
            1 - Symbol(n, real=True) ** _T: None for n in numbers if n.startswith("beta")
        }
    for x in (x for form in forms for x in preorder_traversal(form)):
        if not isinstance(x, Expr) or (isinstance(x, Pow) and x.exp == -1):
            continue  # a condition is no number
        its = {y.name: y for y in x.free_symbols}
        if x.args and "t" in its and its.keys() <= numbers.keys():
            with evaluate(False):
                found[x.xreplace({its["alpha"]: Integer(1)}) if "alpha" in its else x] = None
    some = [x for x in found if not (isinstance(x, Mul) and -1 in x.args)]
    with evaluate(False):
        some = [y for x in some[:_MOST_PARTS] for y in (x, sqrt(x))]
        return [*some, *(x / y for x in some for y in some if x != y)]


def _step_before(tensor: Array, step: Array) -> Indices:
    """Return for each group that of its tensor a step before; -1 where there is none."""
    order = np.lexsort((step, tensor))
    follows = (np.diff(tensor[order]) == 0) & (np.diff(step[order]) == 1)
    before = np.full(len(step), -1, dtype=np.intp)
    before[order[1:][follows]] = order[:-1][follows]
    return before


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
