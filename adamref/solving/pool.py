"""What an author may have written at a place: expressions over what a step knows, by their size.

Of expressions that have the same value on every row of a sample only the smallest is kept, so that
a pool has no two names for one thing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, final

import numpy as np
from sympy import Abs, Expr, Integer, Max, Min, Symbol, evaluate, sqrt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array, Indices

_BINARY: tuple[tuple[Callable[[Any, Any], Array], Callable[[Expr, Expr], Expr], bool], ...] = (
    (np.add, lambda a, b: a + b, True),
    (np.subtract, lambda a, b: a - b, False),
    (np.multiply, lambda a, b: a * b, True),
    (np.divide, lambda a, b: a / b, False),
    (np.maximum, lambda a, b: Max(a, b, evaluate=False), True),
    (np.minimum, lambda a, b: Min(a, b, evaluate=False), True),
)  # fmt: skip
UNARY: tuple[tuple[Callable[[Any], Array], Callable[[Expr], Expr]], ...] = (
    (np.negative, lambda a: -a),
    (np.square, lambda a: a**2),
    (np.sqrt, sqrt),
    (np.abs, lambda a: Abs(a, evaluate=False)),
    (np.reciprocal, lambda a: 1 / a),
)

_SYMBOL, _FUNCTION, _PAIR = 1.0, 2.0, 3.0
"""What an expression costs: a symbol or 0, 1, 2; a function of one; two and an operation."""


@final
@dataclass(frozen=True)
class Candidates:
    """Expressions with their values on a sample, the cheapest first.

    Attributes
    ----------
    values : float64 array of shape (expressions, rows)
    costs : float64 array
    """

    values: Array
    costs: Array
    made: Callable[[int], Callable[[], Expr]]

    def expr(self, i: int) -> Expr:
        """Return one of them; nothing in it is simplified."""
        with evaluate(False):
            return self.made(i)()

    def __len__(self) -> int:
        return len(self.costs)


def pool(atoms: Mapping[Expr, Array]) -> Candidates:
    """Return the expressions over some atoms: these, functions of one, and pairs of them.

    Parameters
    ----------
    atoms : mapping of sympy.Expr to float64 array
        Their values on the rows of a sample.
    """
    with np.errstate(all="ignore"):
        count = len(next(iter(atoms.values())))
        numbers = {Integer(x): np.full(count, float(x)) for x in (0, 1, 2)}
        named = {**atoms, **{x: y for x, y in numbers.items() if x not in atoms}}
        found = GrowingPool()
        for expr, values in named.items():
            found.add(values[None, :], _SYMBOL, lambda _, expr=expr: lambda: expr)  # type: ignore[misc]
        found.settle()
        for work, write in UNARY:
            found.add(work(found.values), _FUNCTION, of_one(found.made, write))
        found.settle()
        some = len(found)
        for work2, write2, is_even in _BINARY:
            one, other = (
                np.triu_indices(some, 1) if is_even else np.indices((some, some)).reshape(2, -1)
            )
            values = work2(found.values[one], found.values[other])
            costs = _PAIR + (found.costs[one] - 1 + found.costs[other] - 1) / 2
            found.add(values, costs, of_two(found.made, one, other, write2))
        found.settle()
    return Candidates(found.values, found.costs, found.made)


def plain(atoms: Mapping[Expr, Array]) -> Candidates:
    """Return the atoms as they are."""
    found = GrowingPool()
    for x, values in atoms.items():
        found.add(values[None, :], _SYMBOL, lambda _, x=x: lambda: x)  # type: ignore[misc]
    found.settle()
    return Candidates(found.values, found.costs, found.made)


def products(atoms: Mapping[Expr, Array]) -> Candidates:
    """Return the products of two symbols."""
    with np.errstate(all="ignore"):
        found = plain({x: y for x, y in atoms.items() if isinstance(x, Symbol)})
        one, other = np.triu_indices(len(found), 1)
        made = found.values[one] * found.values[other]
        both = GrowingPool()
        both.add(made, _PAIR, of_two(found.made, one, other, lambda a, b: a * b))
        both.settle()
    return Candidates(both.values, both.costs, both.made)


def beside(
    own: Array, symbol: Symbol, others: Candidates, most: float, added: Candidates | None = None
) -> tuple[Array, Array, Callable[[int], Expr]]:
    """Return what stands at a place, put together with the cheap ones of a pool.

    Parameters
    ----------
    own : float64 array
        Its right values on the sample.
    symbol : Symbol
        That stands for it.
    others : Candidates
    most : float
        The cost up to which they are taken.
    added : Candidates, optional
        What is added to it or taken from it alone.

    Returns
    -------
    tuple
        Values, costs, and what makes an expression of a number.
    """
    at = np.flatnonzero(others.costs <= most)
    values, costs, made = [], [], []
    with np.errstate(all="ignore"):
        for work, write in UNARY:
            values.append(work(own)[None, :])
            costs.append(np.array([1.0]))
            made.append(lambda _, write=write: write(symbol))
        for work2, write2, is_even in _BINARY:
            values.append(work2(own, others.values[at]))
            made.append(lambda i, write=write2: write(symbol, others.expr(int(at[i]))))
            costs.append(others.costs[at] + 0.7)
            if not is_even:
                values.append(work2(others.values[at], own))
                made.append(lambda i, write=write2: write(others.expr(int(at[i])), symbol))
                costs.append(others.costs[at] + 0.7)
        if added is not None:
            for work2, write2 in ((np.add, lambda a, b: a + b), (np.subtract, lambda a, b: a - b)):
                values.append(work2(own, added.values))
                made.append(lambda i, write=write2: write(symbol, added.expr(i)))
                costs.append(added.costs + 0.7)
    ends = np.cumsum([len(x) for x in values])

    def expr(number: int) -> Expr:
        group = int(np.searchsorted(ends, number, side="right"))
        first = 0 if group == 0 else int(ends[group - 1])
        with evaluate(False):
            return made[group](number - first)

    return np.concatenate(values), np.concatenate(costs), expr


Written: TypeAlias = "Callable[[], Expr]"
Made: TypeAlias = "Callable[[int], Written]"
"""From the number of an expression to what writes it."""


def of_one(made: Made, write: Callable[[Expr], Expr]) -> Made:
    """Return what writes a function of each."""
    return lambda k: lambda: write(made(k)())


def of_two(made: Made, one: Indices, other: Indices, write: Callable[[Expr, Expr], Expr]) -> Made:
    """Return what writes an operation on two of them."""
    return lambda k: lambda: write(made(one[k])(), made(other[k])())


@final
class GrowingPool:
    """A pool as it is made: what is added is kept once it is settled that nothing equals it.

    Attributes
    ----------
    values : float64 array of shape (expressions, rows)
    costs : float64 array
    made : callable
        From the number of an expression to what writes it.
    """

    def __init__(self) -> None:
        self.values = np.empty((0, 0))
        self.costs = np.empty(0)
        self.made: Made
        self._new: list[tuple[Array, Array, Made]] = []

    def __len__(self) -> int:
        return len(self.costs)

    def add(self, values: Array, cost: Any, made: Made) -> None:
        """Add rows of values, with what writes the k-th of them."""
        self._new.append((values, np.broadcast_to(cost, (len(values),)), made))

    def settle(self) -> None:
        """Keep the cheapest of what is equal but for what float64 loses, and finite throughout."""
        known = [(self.values, self.costs, self.made)] if len(self) else []
        added = known + self._new
        values = np.concatenate([x for x, _, _ in added])
        costs = np.concatenate([x for _, x, _ in added])
        ends = np.cumsum([len(x) for x, _, _ in added])
        order = np.argsort(costs, kind="stable")
        order = order[np.isfinite(values[order]).all(axis=1)]
        _, first = np.unique(_hashed(values[order]), return_index=True)
        keep = order[np.sort(first)]
        groups = np.searchsorted(ends, keep, side="right")
        starts = np.concatenate([[0], ends[:-1]])
        self.values, self.costs, self._new = values[keep], costs[keep], []
        self.made = lambda k: added[groups[k]][2](int(keep[k] - starts[groups[k]]))


def as_float32(values: Array) -> NDArray[np.float32]:
    """Round to float32, as those are compared that are nearly the same; infinite past its end."""
    with np.errstate(over="ignore", invalid="ignore"):
        return values.astype(np.float32)


def _hashed(values: Array) -> NDArray[np.uint64]:
    """Return a number for each row: the same for rows that are equal in float32.

    Of 100,000 others two have the same with a chance of 3e-10; then one expression is left out.
    """
    keys = (as_float32(values) + np.float32(0)).view(np.uint32)
    weights = np.random.default_rng(0).integers(1, 2**63, keys.shape[1], dtype=np.uint64)
    hashed: NDArray[np.uint64] = np.einsum("ij,j->i", keys, 2 * weights + 1)
    return hashed
