"""Turning a formula inside out: what each of its places must have been, given what it made.

A formula is read as a tree. From the values of what goes into it each subtree has its right value;
from an interval for the whole, and the right values beside the way down, each subtree has the
interval in which it would have to lie, were it alone wrong. Columns are worked at once, a row for
each time that the formula was used; one number is a column of one row.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias, final

import numpy as np
from numpy.typing import NDArray
from sympy import Abs, Add, Expr, Function, Max, Min, Mul, Piecewise, Pow, Symbol, exp, log, sign
from sympy.core.function import AppliedUndef

from adamref.numbers import formats
from adamref.numbers.arrays import cut_off, nearest, one_minus_power

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from adamref.numbers.arrays import Array
    from adamref.numbers.formats import Format

Path: TypeAlias = tuple[int, ...]
"""Where a place is: which argument to take, from the whole formula down."""

ROOM = 2.0**-48
"""By what share of itself an interval is widened: more than float64 loses in a formula's lines."""


@final
@dataclass(frozen=True)
class Interval:
    """Columns of lower and upper ends; a row whose ends cross holds nothing."""

    low: Array
    high: Array

    def holds(self, x: Array) -> NDArray[np.bool_]:
        """Say row by row whether a number lies inside."""
        with np.errstate(invalid="ignore"):
            return np.asarray((self.low <= x) & (x <= self.high))

    @property
    def is_bounded(self) -> NDArray[np.bool_]:
        """Row by row: whether both ends are finite."""
        return np.asarray(np.isfinite(self.low) & np.isfinite(self.high))


@final
@dataclass(frozen=True)
class Place:
    """A place of a formula.

    Attributes
    ----------
    path : tuple of int
    expr : sympy.Expr
        What stands there.
    value : float64 array
        Its right value.
    must : Interval
        In what it would have to lie, were it alone another.
    """

    path: Path
    expr: Expr
    value: Array
    must: Interval


def places(expr: Expr, values: Mapping[str, Array], made: Interval) -> Iterator[Place]:
    """Yield every place of a formula, from the whole down.

    Parameters
    ----------
    expr : sympy.Expr
        Of sums, products, powers, roots, maxima, minima, sizes and signs.
    values : mapping of str to float64 array
        A column for each of its symbols; and for a decay rate b, if they are known better than by
        subtraction, ``b.complement`` for 1 - b.
    made : Interval
        What it gave.

    Yields
    ------
    Place
        Nothing below a choice or a sign: what they depend on cannot be read back.
    """
    tree = _Tree(values, len(made.low))
    yield from tree.down((), expr, _widened(made))


def valued(
    expr: Expr,
    values: Mapping[str, Array],
    shape: int | tuple[int, ...],
    tilt: float = 0.0,
) -> Array:
    """Return the right values of a formula, in float64: of columns, or of arrays of any shape.

    Functions with the name of a format round to it, or cut off (`cut`); what they round is taken
    to be more by a share ``tilt`` of itself, as what lies in the middle of two numbers may go to
    either (`tilts`).
    """
    with np.errstate(all="ignore"):
        return _Tree(values, shape, tilt).value(expr)


def rounded(expr: Expr, fmt: Format) -> Expr:
    """Return a formula rounded to a format."""
    return Function(fmt.dtype)(expr)


def cut(expr: Expr, fmt: Format) -> Expr:
    """Return a formula cut off to a format: rounded towards zero."""
    return Function(f"{CUT}{fmt.dtype}")(expr)


CUT = "cut_"
"""How the name of a function begins that cuts off to a format."""


def tilts(expr: Expr) -> tuple[float, ...]:
    """Return the tilts under which a formula is valued: several where something is rounded."""
    return (0.0, -_TILT, _TILT) if expr.has(AppliedUndef) else (0.0,)


_TILT = 2.0**-20
"""By what share of itself a number that is rounded to a narrow format may be off before that."""


def put(expr: Expr, path: Path, other: Expr) -> Expr:
    """Return a formula with another expression at a place; nothing is simplified."""
    if not path:
        return other
    args = list(expr.args)
    args[path[0]] = put(args[path[0]], path[1:], other)
    return expr.func(*args, evaluate=False)


def rate_of(expr: Expr) -> tuple[Symbol, Expr | None] | None:
    """Return b of ``1 - b``, and e as well of ``1 - b**e``; None of any other formula.

    >>> from adamref.rules.symbols import beta1, t
    >>> rate_of(1 - beta1**t)
    (beta1, t)
    """
    if not isinstance(expr, Add) or len(expr.args) != 2:
        return None
    rest = [x for x in expr.args if x != 1]
    if len(rest) != 1 or not isinstance(rest[0], Mul):
        return None
    factors = [x for x in rest[0].args if x != -1]
    if len(factors) != 1 or len(rest[0].args) != 2:
        return None
    (x,) = factors
    if isinstance(x, Symbol) and x.name.startswith("beta"):
        return x, None
    if isinstance(x, Pow) and isinstance(x.base, Symbol) and x.base.name.startswith("beta"):
        return x.base, x.exp
    return None


@lru_cache(maxsize=4096)
def _number(expr: Expr) -> Array | None:
    """Return a formula without symbols as a float64; NaN where that cannot be worked."""
    if not expr.is_number:
        return None
    number = expr.evalf(20)
    is_one = number.is_Float or number.is_Rational
    return np.float64(number if is_one else np.nan)  # type: ignore[return-value]


@final
class _Tree:
    """A formula with columns for its symbols."""

    def __init__(
        self, values: Mapping[str, Array], shape: int | tuple[int, ...], tilt: float = 0.0
    ) -> None:
        self._values, self._tilt = values, tilt
        self._shape = (shape,) if isinstance(shape, int) else shape
        self._known: dict[Expr, Array] = {}

    def value(self, expr: Expr) -> Array:
        found = self._known.get(expr)
        if found is None:
            found = self._worked(expr)
            if np.shape(found) != self._shape:
                found = np.broadcast_to(found, self._shape)
            self._known[expr] = found
        return found

    def _worked(self, expr: Expr) -> Array:
        if isinstance(expr, Symbol):
            return self._values[expr.name]
        number = _number(expr)
        if number is not None:
            return number
        powered = rate_of(expr)
        if powered is not None:
            return self._from_one(*powered)
        parts = [self.value(x) for x in expr.args] if not isinstance(expr, Piecewise) else []
        if isinstance(expr, Pow):
            base, exponent = parts
            if expr.exp == 2:
                return base * base
            return np.sqrt(base) if expr.exp == 0.5 else np.power(base, exponent)
        for kind, work in _FOLDS.items():
            if isinstance(expr, kind):
                made = parts[0]
                for part in parts[1:]:
                    made = work(made, part)
                return made
        if isinstance(expr, exp | log):
            return np.exp(parts[0]) if isinstance(expr, exp) else np.log(parts[0])
        if isinstance(expr, Abs | sign):
            return np.abs(parts[0]) if isinstance(expr, Abs) else np.sign(parts[0])
        if isinstance(expr, AppliedUndef):
            name, exact = expr.func.__name__, parts[0] * (1 + self._tilt)
            fmt = formats.get(name.removeprefix(CUT))
            return cut_off(exact, fmt) if name.startswith(CUT) else nearest(exact, fmt)
        # Of what is more than a number for a row, as a sum over a tensor, nothing is known here.
        return self._chosen(expr) if isinstance(expr, Piecewise) else np.full(self._shape, np.nan)

    def _from_one(self, rate: Symbol, exponent: Expr | None) -> Array:
        complement = self._values.get(f"{rate.name}.complement", 1 - self._values[rate.name])
        return complement if exponent is None else one_minus_power(complement, self.value(exponent))

    def _chosen(self, expr: Expr) -> Array:
        made = np.full(self._shape, np.nan)
        for piece, condition in reversed(expr.args):
            if condition == True:  # noqa: E712 - SymPy's truth is no bool
                made = self.value(piece)
                continue
            left, right = self.value(condition.lhs), self.value(condition.rhs)
            made = np.where(_RELATIONS[condition.rel_op](left, right), self.value(piece), made)
        return made

    def down(self, path: Path, expr: Expr, must: Interval) -> Iterator[Place]:
        with np.errstate(all="ignore"):
            place = Place(path, expr, self.value(expr), must)
            below = list(self._below(expr, must))
        yield place
        for i, its in below:
            is_exponent = isinstance(expr, Pow) and i == 1
            if expr.args[i].is_Number and expr.args[i] != 1 and not is_exponent:
                continue
            yield from self.down((*path, i), expr.args[i], its)

    def _below(self, expr: Expr, must: Interval) -> Iterator[tuple[int, Interval]]:
        """Yield the intervals of the arguments that can be read back."""
        powered = rate_of(expr)
        if powered is not None:
            # What is written 1 - b is one thing; of 1 - b**e the power is another.
            if powered[1] is not None:
                (i,) = [j for j, x in enumerate(expr.args) if x != 1]
                yield i, Interval(must.low - 1, must.high - 1)
        elif isinstance(expr, Add):
            for i, _ in enumerate(expr.args):
                beside = sum((self.value(x) for j, x in enumerate(expr.args) if j != i), 0.0)
                yield i, _widened(Interval(must.low - beside, must.high - beside), beside)
        elif isinstance(expr, Mul):
            for i, _ in enumerate(expr.args):
                beside = np.ones(self._shape)
                for j, x in enumerate(expr.args):
                    beside = beside * self.value(x) if j != i else beside
                yield i, _divided(must, beside)
        elif isinstance(expr, Pow):
            yield from self._below_power(expr, must)
        elif isinstance(expr, Max | Min) and len(expr.args) == 2:
            for i in (0, 1):
                yield i, _beyond(must, self.value(expr.args[1 - i]), up=isinstance(expr, Max))
        elif isinstance(expr, Abs):
            at = self.value(expr.args[0])
            yield 0, _signed(must, at)

    def _below_power(self, expr: Expr, must: Interval) -> Iterator[tuple[int, Interval]]:
        base, exponent = expr.args
        if exponent != -1:
            b = self.value(base)
            # Of a power that may be 0 the exponent may be anything from some number on.
            ends = [np.log(np.maximum(x, 0)) / np.log(b) for x in (must.low, must.high)]
            yield 1, _open(_ordered(*ends), (b <= 0) | (b == 1) | (must.high <= 0))
        if not exponent.is_number:
            yield 0, _whole_root(must, self.value(exponent))
            return
        if exponent == -1:
            crosses = (must.low <= 0) & (must.high >= 0)
            found = _ordered(1 / must.low, 1 / must.high)
            yield 0, _open(found, crosses)
        elif exponent == 2:
            low, high = (np.sqrt(np.maximum(x, 0)) for x in (must.low, must.high))
            empty = must.high < 0
            low, high = np.where(empty, np.inf, low), np.where(empty, -np.inf, high)
            yield 0, _signed(Interval(low, high), self.value(base))
        elif exponent == 0.5:
            low = np.where(must.low < 0, -np.inf, must.low**2)
            yield 0, Interval(low, np.where(must.high < 0, -np.inf, must.high**2))
        else:
            inverse = 1 / float(exponent)
            ends = [np.power(np.maximum(x, 0), inverse) for x in (must.low, must.high)]
            yield 0, _ordered(*ends)


_FOLDS: dict[type, Callable[[Array, Array], Array]] = {
    Add: np.add, Mul: np.multiply, Max: np.maximum, Min: np.minimum,
}  # fmt: skip
_RELATIONS = {">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal}


def _widened(x: Interval, beside: Array | float = 0.0) -> Interval:
    with np.errstate(all="ignore"):
        off = ROOM * (np.maximum(np.abs(x.low), np.abs(x.high)) + np.abs(beside))
        off = np.where(np.isfinite(off), off, 0.0)
        return Interval(x.low - off, x.high + off)


def _ordered(one: Array, other: Array) -> Interval:
    return Interval(np.fmin(one, other), np.fmax(one, other))


def _open(x: Interval, where: NDArray[np.bool_]) -> Interval:
    return Interval(np.where(where, -np.inf, x.low), np.where(where, np.inf, x.high))


def _divided(must: Interval, beside: Array) -> Interval:
    found = _widened(_ordered(must.low / beside, must.high / beside))
    holds = (must.low <= 0) & (must.high >= 0)
    none = beside == 0
    low = np.where(none, np.where(holds, -np.inf, np.inf), found.low)
    return Interval(low, np.where(none, np.where(holds, np.inf, -np.inf), found.high))


def _signed(size: Interval, at: Array) -> Interval:
    """Return numbers of a size, of the sign that is there; of either where that is none."""
    negative = at < 0
    low = np.where(negative | ((at == 0) & (size.high > 0)), -size.high, size.low)
    return Interval(low, np.where(negative, -size.low, size.high))


def _whole_root(must: Interval, power: Array) -> Interval:
    """Return what a number may be whose whole power is known: of either sign if that is even."""
    low, high = (np.sign(x) * np.abs(x) ** (1 / power) for x in (must.low, must.high))
    is_even, none = power % 2 == 0, must.high < 0
    low = np.where(is_even, np.where(none, np.inf, -high), low)
    return Interval(low, np.where(is_even & none, -np.inf, high))


def _beyond(must: Interval, other: Array, *, up: bool) -> Interval:
    """Return what one of two may be whose greater (or lesser) is known."""
    if up:
        return Interval(np.where(must.low > other, must.low, -np.inf), must.high)
    return Interval(must.low, np.where(must.high < other, must.high, np.inf))
