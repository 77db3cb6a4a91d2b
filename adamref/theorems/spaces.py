"""Where to look for counterexamples: strategies for the points of a statement.

Hypothesis is an extra: `st` is its module of strategies, imported when one is asked for.
"""

from __future__ import annotations

import math
from fractions import Fraction
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

from adamref.theorems.points import Meaning, Number, Point, Space, Values

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis import strategies as st
    from hypothesis.strategies import DrawFn, SearchStrategy

    from adamref.theorems.quantities import Run
else:

    class _Strategies:
        def __getattr__(self, name: str) -> Any:
            return getattr(import_module("hypothesis.strategies"), name)

    st = _Strategies()

__all__ = ["Meaning", "Number", "Point", "Space", "Values", "st"]

# What chapters annotate with; it has a name where Hypothesis is not installed.
Draw: TypeAlias = "DrawFn"
Strategy: TypeAlias = "SearchStrategy[Any]"
Drawn: TypeAlias = "tuple[dict[str, Strategy], ...]"
"""Strategies for some values and sequences of a point."""
Part: TypeAlias = "Callable[[], Drawn]"

_USUAL_RATES = ("0", "0.9", "0.999", "0.5", "0.99999999")

_FINE, _COARSE = Fraction(1, 840), Fraction(1, 60)


def grid(low: Fraction | int, high: Fraction | int, spacing: Fraction) -> SearchStrategy[Fraction]:
    """Numbers between two bounds, multiples of a spacing.

    One draw of an integer is many times as fast as Hypothesis's fractions, of which each is drawn
    in parts.
    """
    ends = math.ceil(low / spacing), math.floor(high / spacing)
    return st.integers(*ends).map(lambda count: count * spacing)


def points(*parts: Part) -> Callable[[], SearchStrategy[Point]]:
    """Put strategies together to one of points."""

    def strategy() -> SearchStrategy[Point]:
        values: dict[str, Any] = {}
        sequences: dict[str, Any] = {}
        for part in parts:
            more, rows = part()
            values |= more
            sequences |= rows
        return st.builds(Point, st.fixed_dictionaries(values), st.fixed_dictionaries(sequences))

    return strategy


def among(*parts: Part, runs: tuple[Run, ...] = ()) -> Space:
    """Return the space of the points that some strategies make, for a statement about runs."""
    return Space(points(*parts), runs)


def composed(drawn: Callable[..., Point]) -> Space:
    """Return the space of the points that a function draws, as Hypothesis's ``composite`` does."""
    return Space(lambda: st.composite(drawn)())  # noqa: PLW0108 - an extra, asked for in time


def rates(*names: str) -> Part:
    """Decay rates, in [0, 1)."""

    def part() -> Drawn:
        usual = st.sampled_from([Fraction(rate) for rate in _USUAL_RATES])
        return dict.fromkeys(names, usual | grid(0, 1 - _FINE, _FINE)), {}

    return part


def numbers(*names: str, low: int | None = None, strictly: bool = False) -> Part:
    """Real numbers, from a bound on; ``strictly`` leaves the bound itself out."""

    def part() -> Drawn:
        found = _real(low)
        if strictly:
            found = found.filter(lambda x: x != low)
        return dict.fromkeys(names, found), {}

    return part


def steps(low: int, high: int, *names: str) -> Part:
    """Whole numbers: t, or what is named."""

    def part() -> Drawn:
        return {name: st.integers(low, high) for name in names or ("t",)}, {}

    return part


def reals(**lengths: int) -> Part:
    """Sequences of real numbers, with values at 0 … length."""

    def part() -> Drawn:
        return {}, {name: st.tuples(*[_real(None)] * (n + 1)) for name, n in lengths.items()}

    return part


def _real(low: int | None) -> SearchStrategy[Fraction]:
    plain = grid(-50 if low is None else low, 50, _COARSE)
    usual = [Fraction(x) for x in (0, 1, "1e-8", "1e6", "1e-3")]
    if low is None:
        usual += [-x for x in usual if x]
    return st.sampled_from([x for x in usual if low is None or x >= low]) | plain


def expectations(*outcomes: Run) -> dict[str, Meaning]:
    """Give the expectations of a rule's fields a meaning: means over equally likely runs."""

    def mean_of(value: Callable[[Values, Run, int], Any]) -> Meaning:
        def mean(where: Values, at: int) -> Any:
            carrier = where.carrier
            total = carrier.lift(Fraction(0))
            for run in outcomes:
                total = carrier.add(total, value(where, run, at))
            return carrier.divide(total, carrier.lift(Fraction(len(outcomes))))

        return mean

    def gradient(power: int) -> Callable[[Values, Run, int], Any]:
        return lambda where, run, at: where.carrier.power(
            where.value(run("g", at)), Fraction(power)
        )

    def of(name: str) -> Callable[[Values, Run, int], Any]:
        return lambda where, run, at: where.field(run, name, at)

    fields = outcomes[0].rule.fields[1:]
    found = {"E_g": mean_of(gradient(1)), "E_g2": mean_of(gradient(2))}
    return found | {f"E_{name}": mean_of(of(name)) for name in fields}
