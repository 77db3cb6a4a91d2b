"""Lines of states that are not shown, with one thing in them another: tried by running them.

What a hidden line gave cannot be read back; but whatever stands in it shows in theta, steps later.
So every single edit that somebody makes by accident is run as the faults of the catalogue are.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sympy import Abs, Add, Expr, Integer, Mul, Pow, Rational, Symbol, evaluate

from adamref.faults import Fault
from adamref.oracle.judge.hypothesis import Hypothesis, lines_of
from adamref.rules import symbols
from adamref.rules.symbols import PREVIOUS
from adamref.solving.inversion import put, rate_of
from adamref.solving.pool import UNARY
from adamref.solving.solution import Solution
from adamref.solving.whole import others

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from adamref.oracle.judge.dialects import Dialect
    from adamref.solving.inversion import Path

_NUMBERS = (0, 1, 2)
_FACTORS = tuple(
    map(Rational, ("2", "1/2", "4", "1/4", "8", "1/8", "10", "1/10", "3", "1/100", "100"))
)
"""By what something may be multiplied: only what is plain can be met by trying."""

_EXPONENTS = tuple(map(Rational, ("1/2", "1", "3/2", "3", "4")))


@lru_cache(maxsize=64)
def edits(dialect: Dialect, hidden: frozenset[str]) -> Mapping[Hypothesis, Solution]:
    """Return a dialect with each single edit of a line of a hidden state, the plainest first.

    Parameters
    ----------
    dialect : Dialect
    hidden : frozenset of str
        States that are not shown.

    Returns
    -------
    mapping of Hypothesis to Solution
        Each with one fault, ``line-STATE``, and what stands where in the line of that state.
    """
    right, found = lines_of(dialect), dict[Hypothesis, Solution]()
    for name in (x for x in right if x in hidden):
        known, seen = _known(dialect, name), {right[name]}
        fault = Fault(f"line-{name}", "its line is another", "", contradicts="the line of the rule")
        for path, old, new in _edited(right[name], known):
            formula = put(right[name], path, new)
            if formula not in seen:
                seen.add(formula)
                one = Hypothesis(dialect, (fault,), {**right, name: formula})
                found[one] = Solution(path, old, new, formula, "expression", 0.0)
    return found


def _known(dialect: Dialect, name: str) -> list[Expr]:
    """Return what may stand in a line: what a step is given, and the lines before it."""
    rule, found = dialect.rule, list[Expr]()
    names = ["g", "t", *rule.defaults, *(x + PREVIOUS for x in ("theta", *rule.states))]
    for line in rule.lines:
        if line.name == name:
            break
        names.append(line.name)
    for x in names:
        found.append(Symbol(x, real=True) if x.endswith(PREVIOUS) else symbols.current(x))
    with evaluate(False):
        rates = [1 - x for x in found if str(x).startswith("beta")]
        return [*found, *rates, *map(Integer, _NUMBERS)]


def _edited(expr: Expr, known: list[Expr]) -> Iterator[tuple[Path, Expr, Expr]]:
    """Yield a place, what stands there and what may: from the whole down, each way in turn."""
    places = list(_places(expr, ()))
    for ways in (lambda _: known, _worked, lambda x: _joined(x, known)):
        yield from ((path, x, y) for path, x in places for y in ways(x) if y != x)


def _worked(x: Expr) -> Iterator[Expr]:
    """Yield functions and multiples of what stands at a place, and other operations in it."""
    with evaluate(False):
        yield from (write(x) for _, write in UNARY)
        yield from (by * x for by in _FACTORS)
        if isinstance(x, Pow) and x.exp.is_number:
            yield from (Abs(x.base, evaluate=False) ** n for n in _EXPONENTS)
        if isinstance(x, Symbol):
            yield Abs(x, evaluate=False) ** 3
    yield from others(x)


def _joined(x: Expr, known: list[Expr]) -> Iterator[Expr]:
    """Yield what stands at a place with something else; of a square, one of its factors another."""
    with evaluate(False):
        for y in (y for y in known if y != x and not y.is_number):
            yield from (x * y, x / y, x + y, x - y)
            if isinstance(x, Pow) and x.exp == 2:
                yield x.base * y


def _places(expr: Expr, path: Path) -> Iterator[tuple[Path, Expr]]:
    yield path, expr
    if rate_of(expr) is None and isinstance(expr, Add | Mul | Pow):
        for i, x in enumerate(expr.args):
            yield from _places(x, (*path, i))
