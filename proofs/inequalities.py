"""Two inequalities about powers that several theorems rest on."""

from __future__ import annotations

from sympy import Expr, Integer, Symbol

from adamref.logic.relations import Relational, ge, le
from adamref.logic.steps import Certificate, Step, induction
from adamref.theorems.record import NearMiss, Statement, Theorem
from adamref.theorems.spaces import Point, Space, numbers, points, rates, steps
from adamref.theorems.symbols import beta, decay_rate, n, t

x = Symbol("x", real=True)


def bernoulli(slope: Expr, *, nonnegative: bool = True) -> Statement:
    """State that a power is above a straight line."""
    return Statement(ge(x**n, 1 + n * slope), (*((ge(x, 0),) if nonnegative else ()), ge(n, 0)))


def bernoulli_proof(what: Statement) -> tuple[Step, ...]:
    """By induction over n."""
    return (
        induction(
            "every power",
            what.claim,
            "By induction over n.",
            n,
            0,
            ("n = 0", "Both are 1.", Certificate((Integer(0),))),
            (
                "one more factor",
                "x (1 + (n - 1) (x - 1)) is 1 + n (x - 1) and (n - 1) (x - 1)^2 more.",
                Certificate(
                    (x * (x ** (n - 1) - 1 - (n - 1) * (x - 1)), (n - 1) * (x - 1) ** 2),
                    ("induction hypothesis",),
                ),
            ),
        ),
    )


BERNOULLI = Theorem(
    id="bernoulli",
    title="Bernoulli's inequality",
    says="For x >= 0 and n = 0, 1, 2, ..., x^n is at least 1 + n (x - 1).",
    statement=bernoulli(x - 1),
    proof=bernoulli_proof,
    source="Jacob Bernoulli 1689",
    space=Space(points(numbers("x", low=0), steps(0, 12, "n"))),
    near_misses=(
        NearMiss(bernoulli(x), "The line goes through 1 at x = 1.", Point.of(x=1, n=1)),
        NearMiss(
            bernoulli(x - 1, nonnegative=False),
            "It fails far below 0.",
            Point.of(x=-3, n=3),
            Space(points(numbers("x"), steps(0, 12, "n"))),
        ),
    ),
)


def falling(*domain: Relational) -> Statement:
    """State that a later power is not greater."""
    return Statement(le(beta ** (t + n), beta**t), (*domain, ge(t, 0), ge(n, 0)))


def falling_proof(what: Statement) -> tuple[Step, ...]:
    """By induction over the distance."""
    return (
        induction(
            "n steps later",
            what.claim,
            "By induction over n.",
            n,
            0,
            ("no later", "They are the same.", Certificate((Integer(0),))),
            (
                "one step later",
                "One more factor is at most 1.",
                Certificate(
                    (beta**t - beta ** (t + n - 1), beta ** (t + n - 1) * (1 - beta)),
                    ("induction hypothesis",),
                ),
            ),
        ),
    )


FALLING = Theorem(
    id="powers-falling",
    title="The powers of a decay rate never grow",
    says="For a decay rate beta in [0, 1), beta^(t+n) is at most beta^t.",
    statement=falling(*decay_rate(beta)),
    proof=falling_proof,
    source="used throughout",
    space=Space(points(rates("beta"), steps(0, 30, "t", "n"))),
    near_misses=(
        NearMiss(
            falling(ge(beta, 0)),
            "The powers of what is above 1 grow.",
            Point.of(beta=2, t=0, n=1),
            Space(points(numbers("beta", low=0), steps(0, 30, "t", "n"))),
        ),
    ),
)

THEOREMS = (BERNOULLI, FALLING)
