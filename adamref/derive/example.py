"""The worked example: a parabola, and Adam's first two steps on it, for any theorem of a run."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

from sympy import Integer
from sympy.core.function import AppliedUndef

from adamref.derive.written import written
from adamref.numbers.rounding import plain
from adamref.objective import Objective
from adamref.rules import ADAM
from adamref.rules.symbols import PREVIOUS
from adamref.stepper import run
from adamref.theorems.points import Point, Space
from adamref.theorems.symbols import t
from adamref.typeset.notation import latex
from adamref.typeset.tree import Math

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from adamref.logic.statement import Statement
    from adamref.theorems.evaluation import Evaluation
    from adamref.theorems.quantities import Run
    from adamref.trace import Trace
    from adamref.typeset.tree import Inline

EXAMPLE = {"theta": "0.5", "objective": "(3*w - 4)**2", "alpha": "0.1"}
"""The worked example: w = 0.5, and a parabola whose minimum is 4/3."""


def needed(statement: Statement, space: Space) -> set[str]:
    """Return the symbols on whose values a claim depends, by way of the lines of its runs too."""
    names = {symbol.name for symbol in statement.claim.free_symbols}
    spoken = {one.func.__name__.removeprefix("E_") for one in statement.claim.atoms(AppliedUndef)}
    for one in space.runs:
        own = {name for name in one.rule.fields if one.function(name).__name__ in spoken}
        # Expectations are over runs of other marks, on whose fields they have the names.
        own |= {name for name in one.rule.fields if name in spoken and space.means}
        for line in reversed(one.rule.lines):
            if line.name in own:
                own |= {s.name.removesuffix(PREVIOUS) for s in line.expr.free_symbols}
        if one.gradient is not None:
            names |= {symbol.name for symbol in one("g", t).free_symbols - {t}}
        for name in own & one.starts.keys():
            names |= {symbol.name for symbol in one.starts[name].free_symbols}
        for name in own & one.rule.defaults.keys():
            names |= {symbol.name for symbol in one.hyper(name, Integer(1)).free_symbols}
    return names


def given(point: Point, statement: Statement, where: Evaluation) -> Iterator[Inline]:
    """Say what a theorem is worked on."""
    names = needed(statement, where.space)
    said = [f"{name} = {value}" for name, value in point.values.items() if name in names]
    if where.space.means:
        runs = [_gradients_of(run, where) for run in where.space.runs]
        yield from ("Take the gradients ", *_listed(runs[0]))
        for other in runs[1:]:
            yield from (", or ", *_listed(other))
        yield ", equally likely"
    else:
        first, second = gradients()
        (after,) = (plain(step["theta"]) for step in _example()[:1])
        start, letter = EXAMPLE["theta"], _loss().variables[0]
        yield from ("Take ", Math(latex(_loss().expr)), f" from {letter} = {start}, where ")
        yield from ("its gradient is ", Math(first), f". With alpha = {EXAMPLE['alpha']} and ")
        yield from (f"eps = 0 Adam's first step leads to {letter} = {after}, where it is ",)
        yield Math(second)
    yield f". Then, with {', '.join(said)}:" if said else ". Then:"


def _listed(numbers: list[Math]) -> Iterator[Inline]:
    for at, number in enumerate(numbers):
        yield from (" and ", number) if at else (number,)


def _gradients_of(run: Run, where: Evaluation) -> list[Math]:
    made = [written(where.carrier, step["g"]) for step in where.worked(run)]
    return [Math(one.latex) for one in made if one is not None]


@cache
def gradients() -> tuple[str, ...]:
    """Return the first gradients of the worked example, which without epsilon are decimals."""
    return tuple(plain(step["g"]) for step in _example())


@cache
def _example() -> Trace:
    return run(ADAM, EXAMPLE["theta"], _loss(), steps=2, digits=30, alpha=EXAMPLE["alpha"], eps="0")


@cache
def _loss() -> Objective:
    return Objective(EXAMPLE["objective"])


def examples(statement: Statement, space: Space) -> Iterable[Point]:
    """Return points with the worked example's numbers: at the second step first."""
    first, second = gradients()
    usual: Mapping[str, Any] = {
        "alpha": EXAMPLE["alpha"], "beta1": ADAM.defaults["beta1"],
        "beta2": ADAM.defaults["beta2"], "beta": ADAM.defaults["beta1"], "c": first, "mu": first,
        "nu": plain(Fraction(first) ** 2), "weight_decay": "0.01", "j": 1, "i": 1,
    }  # fmt: skip
    names = needed(statement, space)
    names |= {symbol.name for one in statement.domain for symbol in one.free_symbols}
    for at in (2, 1):
        for eps in ("0", ADAM.defaults["eps"]):
            known = {**usual, "eps": eps, "t": at, "n": at, "k": at}
            values = {name: known[name] for name in sorted(names) if name in known}
            if len(values) == len(names):
                rows = {"g": ("0", first, second)}
                yield Point(values, rows)
                either = {"level": ("0", first, first), "spread": ("0", "3", "-2")}
                yield Point(values, {**rows, **either})
                # Squares that are 25 on average.
                either = {"level": ("0", "3", "5"), "spread": ("0", "4", "0")}
                yield Point(
                    {k: "25" if k == "nu" else v for k, v in values.items()}, {**rows, **either}
                )
