"""False theorems in which a function means two things, added to the false records."""

from __future__ import annotations

from fractions import Fraction

from sympy import (
    Function,
    Integer,
    Lambda,
    Rational,
    Symbol,
)

from adamref.logic.arithmetic import Certificate, Combination, Identity
from adamref.logic.proof import Cite, Use
from adamref.logic.relations import eq, gt
from adamref.numbers.formats import BFLOAT16
from adamref.rules import ADAM
from adamref.rules.rule import Line, Rule
from adamref.rules.symbols import current
from adamref.theorems.expectations import Mean
from adamref.theorems.quantities import Run
from adamref.theorems.stalling import AtEveryPlace, InTheFormat, NextPlace
from adamref.theorems.stored import Stored
from adamref.theorems.symbols import g, i, n
from false_records import BOUND, FALSE, SMALL, add, step

x = Symbol("x", real=True)
after = Function("after", real=True)

# A function with two meanings.

STILL, MOVES = (
    Stored(ADAM, "v", BFLOAT16, {"beta2": Fraction(999, 1000), "g": Fraction(size)})
    for size in (0, 1)
)
FIVE = Integer(5)
_PRODUCT = after(5) - 5
_CONTRADICTION = (
    step(eq(x**2 * _PRODUCT, BOUND * _PRODUCT), Identity(("fixed",)), "times"),
    step(eq(x**2, BOUND), Combination((("times", 1 / _PRODUCT),), ("up",)), "equal"),
    step(SMALL, Certificate((Integer(0),), ("equal",))),
)
for _name, _meanings in {
    "two-stored-states": {},
    "two-stored-states-one-bound": {"after": NextPlace(STILL)},
}.items():
    add(
        _name,
        SMALL,
        step(eq(after(5), FIVE), AtEveryPlace(STILL, "after"), "fixed"),
        step(gt(after(5), FIVE), AtEveryPlace(MOVES, "after"), "up"),
        *_CONTRADICTION,
        meanings=_meanings,
    )
add(
    "a-place-and-a-state",
    eq(after(0), 1),
    InTheFormat(STILL, Fraction(1), "after"),
    meanings={"after": NextPlace(STILL)},
)
add(
    "a-field-and-a-place",
    eq(Function("v", real=True)(5), 5),
    step(eq(Function("v", real=True)(5), 5), AtEveryPlace(STILL, "v")),
    runs=(Run(ADAM),),
    meanings={"v": NextPlace(STILL)},
)
_cited = add(
    "fixed-for-another",
    eq(after(5), FIVE),
    AtEveryPlace(STILL, "after"),
    meanings={"after": NextPlace(STILL)},
)
del FALSE["fixed-for-another"]  # it is true, of the one that stays
add(
    "cited-of-another-state",
    eq(after(5), FIVE),
    Identity((Cite(_cited),)),
    meanings={"after": NextPlace(MOVES)},
)
add(
    "another-function-put-in",
    eq(g(5), FIVE),
    Identity((Cite(_cited, {after: g}),)),
    meanings={"after": NextPlace(STILL)},
)
_starred = Run(ADAM, gradient=lambda _: Integer(1), hypers={"beta1": Rational(1, 2)})
add(
    "a-run-that-the-theorem-does-not-name",
    eq(Function("m", real=True)(1), Rational(1, 2)),
    Identity((_starred.line("m", 1), _starred.start("m"))),
)
add(
    "a-run-under-a-mark-of-another",
    eq(Function("m", real=True)(1), Rational(1, 2)),
    Identity((_starred.line("m", 1), _starred.start("m"))),
    runs=(Run(ADAM),),
)
add("two-runs-under-one-mark", eq(x, x), Identity(), runs=(Run(ADAM), _starred))


def _by_step(at):
    return {Integer(4): Integer(5), 3 * n + 1: Integer(7)}.get(at, g(at))


_torn = Run(ADAM, gradient=_by_step, hypers={"beta1": Integer(0)})
add(
    "a-gradient-by-the-look-of-its-step",
    eq(_torn("m", 4), 7),
    step(eq(_torn("m", 3 * n + 1), 7), Identity((_torn.line("m", 3 * n + 1),)), "all", (n,)),
    step(eq(_torn("m", 4), 7), Identity((Use("all", {n: 1}),))),
    runs=(_torn,),
)
_asked = []


def _otherwise_later(at):
    _asked.append(at)
    return Integer(len(_asked))


_fickle = Run(ADAM, gradient=_otherwise_later, hypers={"beta1": Integer(0)})
add(
    "a-gradient-that-changes",
    eq(_fickle("m", 1), _fickle("m", 2) + 1),
    Identity((_fickle.line("m", 1), _fickle.line("m", 2))),
    runs=(_fickle,),
)
_circular = Rule(
    "circular",
    "Circular",
    (Line("v", current("v") + 1, "-", "-"),),
    "-",
    {},
)
_round = Run(_circular)
add(
    "a-line-of-itself",
    eq(Integer(0), Integer(1)),
    step(eq(_round("v", 1), _round("v", 1) + 1), Identity((_round.line("v", 1),)), "line"),
    step(eq(Integer(0), Integer(1)), Combination((("line", Integer(-1)),))),
    runs=(_round,),
)
_mean = Mean(Run(ADAM))
_alike = add(
    "mean-at-first",
    eq(_mean("m", 1), (1 - Symbol("beta1", real=True)) * _mean("g", 1)),
    Identity((_mean.line("m", 1), _mean.start("m"))),
)
del FALSE["mean-at-first"]  # it is true
add(
    "another-mean-put-in",
    eq(Integer(5), (1 - Symbol("beta1", real=True)) * g(1)),
    Identity(
        (Cite(_alike, {_mean.function("m"): Lambda(i, 5), _mean.function("g"): g}),),
    ),
)
