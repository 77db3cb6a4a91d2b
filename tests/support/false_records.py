"""Theorems that are false, or say nothing, each with a proof that a checker could fall for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from sympy import (
    Abs,
    Function,
    Integer,
    Limit,
    Max,
    Mod,
    Pow,
    Sum,
    Symbol,
    log,
    oo,
    sqrt,
)

from adamref.logic.arithmetic import Certificate, Identity, Squares
from adamref.logic.cases import OneByOne, Parts
from adamref.logic.facts import Always, Fact, at_least, empty, last_term
from adamref.logic.induction import Induction
from adamref.logic.limits import Squeezed, Unbounded, Vanishing
from adamref.logic.magnitudes import Applied
from adamref.logic.order import FromBothSides
from adamref.logic.proof import Cite, Inference, ProofStep, Use
from adamref.logic.relations import eq, ge, gt, le, lt, total
from adamref.logic.statement import Statement
from adamref.logic.sums import TermByTerm
from adamref.theorems.points import Space
from adamref.theorems.record import Theorem
from adamref.theorems.spaces import numbers, points, rates, steps
from adamref.theorems.symbols import beta, g, i, j, n, t

x, y = (Symbol(name, real=True) for name in "xy")
after = Function("after", real=True)
BOUND = 10**20
SMALL = le(x**2, BOUND)
SPACE = Space(points(numbers("x", "y"), rates("beta"), steps(1, 9)))

FALSE: dict[str, Theorem] = {}


def step(claim, by, name="s", where=()):
    return ProofStep(name, claim, "Because.", by, where)


def add(name, claim, *steps, domain=(), runs=(), **more):
    """Note a false theorem; a lone inference is that of its only step."""
    made = tuple(step(claim, one) if not isinstance(one, ProofStep) else one for one in steps)
    statement = Statement(claim, tuple(domain), **more)
    FALSE[name] = Theorem(
        id=name,
        title=name,
        says="It is false.",
        statement=statement,
        proof=lambda _: made,
        source="-",
        space=replace(SPACE, runs=runs),
    )
    return FALSE[name]


# Limits through what is not continuous, or not there.

add(
    "limit-of-mod",
    eq(Limit(Mod(-(beta**t), 1), t, oo), 0),
    Vanishing(t),
    domain=(gt(beta, 0), lt(beta, 1)),
)
add(
    "limit-of-log",
    eq(Limit(log(beta**t), t, oo), 0),
    Vanishing(t),
    domain=(gt(beta, 0), lt(beta, 1)),
)
add(
    "limit-of-a-power",
    eq(Limit((beta**t + beta ** (2 * t)) ** n, t, oo), 0),
    Vanishing(t),
    domain=(gt(beta, 0), lt(beta, 1), lt(n, 0)),
)
add(
    "limit-at-rate-1", eq(Limit(beta**t, t, oo), 0), Vanishing(t), domain=(ge(beta, 0), le(beta, 1))
)
add(
    "limit-divided-by-what-vanishes",
    eq(Limit(beta**t / beta ** (2 * t), t, oo), 0),
    Vanishing(t),
    domain=(gt(beta, 0), lt(beta, 1)),
)
# At x = 0 it is 0 at every t.
add(
    "limit-divided-by-what-may-vanish",
    eq(Limit(x / (x + beta**t), t, oo), 1),
    Vanishing(t),
    domain=(ge(x, 0), gt(beta, 0), lt(beta, 1)),
)
add("limit-of-what-has-none", eq(Limit(g(t), t, oo), Limit(g(t), t, oo)), Identity())
add("a-limit-in-a-sum", ge(Limit(g(t), t, oo) ** 2, 0), Certificate())
add(
    "squeezed-at-one-step",
    eq(Limit(g(t), t, oo), 0),
    step(ge(g(t), 0), Certificate((), ()), "low"),
    step(le(g(t), 0), Certificate((), ()), "high"),
    step(eq(Limit(g(t), t, oo), 0), Squeezed(t, "low", "high")),
    domain=(ge(g(t), 0), le(g(t), 0)),
)
add(
    "unbounded-at-one-step",
    eq(Limit(g(t), t, oo), oo),
    step(ge(g(t), t), Certificate(), "line"),
    step(eq(Limit(g(t), t, oo), oo), Unbounded("line", t)),
    domain=(ge(g(t), t),),
)

# Facts and inferences that nobody proved.

add("invented-fact", SMALL, Certificate((), (Fact(SMALL, (), "trust me"),)))
_true = at_least(Abs(x), x)
add("a-fact-that-was-changed", SMALL, Certificate((), (replace(_true, relation=SMALL),)))
add(
    "a-definition-of-ones-own",
    SMALL,
    Certificate((), (replace(_true, relation=SMALL, made=partial(Fact, SMALL, (), "mine")),)),
)
add("no-argument-of-the-maximum", ge(Max(x, y), x + 1), Certificate((), ()))
add(
    "a-sum-without-its-condition",
    eq(total(g(i), i, 1, t), total(g(i), i, 1, t - 1) + g(t)),
    Identity((replace(last_term(total(g(i), i, 1, t)), conditions=()),)),
)


class Trust(Inference):
    uses = ()

    def check(self, claim, scope):
        pass


class Easy(Certificate):
    def check(self, claim, scope):
        pass


@dataclass(frozen=True)
class Turning(ProofStep):
    """Claims something else each time it is asked."""

    def __getattribute__(self, name):
        if name == "claim":
            asked = object.__getattribute__(self, "where")
            return SMALL if asked else le(x**2, x**2)
        return object.__getattribute__(self, name)


class Fact2(Fact):
    pass


class Values(dict):
    def items(self):
        return ((t, Integer(1)),)


class Weak(Symbol):
    def _eval_is_nonnegative(self):
        return True


add("own-inference", SMALL, Trust())
add("subclass-of-an-inference", SMALL, Easy())
add("subclass-of-a-step", SMALL, Turning("s", SMALL, "Because.", Certificate()))
add("subclass-of-a-fact", SMALL, Certificate((), (Fact2(SMALL, (), "mine"),)))
add(
    "a-mapping-of-ones-own",
    eq(g(1), 0),
    step(eq(g(t) - g(t), 0), Identity(), "all"),
    step(eq(g(1), 0), Identity((Use("all", Values()),))),
)
add("a-symbol-of-ones-own", ge(Weak("x", real=True), 0), Certificate())


class Sure(Theorem):
    pass


_sure = Sure(
    id="sure",
    title="Sure",
    says=".",
    statement=Statement(SMALL, ()),
    proof=lambda _: (),
    source="-",
    space=SPACE,
)
add("a-theorem-of-ones-own", SMALL, Certificate((), (Cite(_sure),)))

# Undefined where the domain allows it.

add("root-of-anything", gt(sqrt(x) + 1, 0), Certificate())
add("divided-by-anything", eq(x / x**2 * x, 1), Identity())
add("square-of-a-quotient", ge(1 / x**2, 0), Certificate())
add("log-of-anything", ge(log(x) ** 2, 0), Certificate())
add("real-power-of-anything", ge((x**y) ** 2, 0), Certificate())
add("power-of-zero", ge((x**n) ** 2, 0), Certificate())
add("modulo-zero", ge(Mod(y, x) ** 2, 0), Certificate())
add(
    "root-of-a-difference",
    eq(sqrt((x - y) ** 2), x - y),
    Squares(),
)
add("reversed-sum", eq(total(Integer(1), i, 1, t), t), Identity())
add("sum-whose-end-may-be-far-below", ge(Sum(g(i) ** 2, (i, 1, t)), 0), Certificate())

# Domains, indices, citations and circles.

_positive = add("positive-only", gt(x, -1), Certificate((x, Integer(1))), domain=(ge(x, 0),))
del FALSE["positive-only"]  # it is true
add("cited-outside-its-domain", gt(y, -1), Certificate((), (Cite(_positive, {x: y}),)))
add("applied-outside-its-domain", gt(y, -1), Applied(_positive, {x: y}))
add("a-whole-number-that-is-none", ge(x**2, x), Certificate((), (Use("s", {t: x}),)))
_whole = add(
    "whole-squares",
    ge(n**2 - n, 0),
    Certificate((n * (n - 1),)),
    domain=(ge(n, 1),),
)
del FALSE["whole-squares"]  # it is true
add("half-a-step", ge(x**2 - x, 0), Certificate((), (Cite(_whole, {n: x}),)))
_itself = add("rests-on-itself", SMALL, Certificate())
FALSE["rests-on-itself"] = replace(
    _itself, proof=lambda _: (step(SMALL, Certificate((), (Cite(FALSE["rests-on-itself"]),))),)
)
add(
    "for-one-index-used-for-all",
    ge(g(t), 0),
    step(ge(g(j), 0), Certificate(), "one"),
    step(ge(g(t), 0), Certificate((), (Use("one", {j: t}),))),
    domain=(ge(g(j), 0),),
)
add(
    "induction-without-a-base",
    eq(g(t), g(t) + 1),
    Induction(t, 0, (), (step(eq(g(t), g(t) + 1), Identity(("induction hypothesis",))),)),
    domain=(ge(t, 0),),
)
add(
    "hypothesis-for-all",
    ge(g(n), 0),
    step(
        ge(g(t), 0),
        Induction(
            t,
            0,
            (step(ge(g(0), 0), Certificate((), (Use("up", {i: 0}),))),),
            (step(ge(g(t), 0), Certificate((), (Use("induction hypothesis", {t: t + 1}),))),),
        ),
        "all",
    ),
    step(ge(g(n), 0), Certificate((), (Use("all", {t: n}),))),
    domain=(ge(t, 0), ge(n, 0)),
    hypotheses={"up": Always(ge(g(i), 0), i, Integer(0), Integer(0))},
)
add(
    "terms-of-one-index",
    le(total(g(i), i, 1, t), total(Integer(0), i, 1, t)),
    step(le(g(i), 0), Certificate(), "terms"),
    step(le(total(g(i), i, 1, t), total(Integer(0), i, 1, t)), TermByTerm("terms")),
    domain=(le(g(i), 0), ge(t, 1)),
)
add("not-all-are-calculated", le(n**2, 9), OneByOne(n, 0, 3), domain=(ge(n, 0),))
add(
    "equal-from-one-side",
    eq(x, y),
    step(le(x, y), Certificate(), "one"),
    step(eq(x, y), FromBothSides("one", "one")),
    domain=(le(x, y),),
)
add("sum-that-is-not-empty", eq(total(g(i), i, 1, t), 0), Identity((empty(total(g(i), i, 1, t)),)))
add(
    "part-of-a-conjunction",
    le(x, y),
    step(le(x, 0), Certificate(), "part"),
    Parts(("part",)),
    domain=(le(x, 0),),
)
add("zero-to-the-zero", eq(Pow(0, n), 0), Identity(), domain=(ge(n, 0),))
