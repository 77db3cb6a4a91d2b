"""The norm of AdaMax is the limit of p-norms."""

from dataclasses import replace

from sympy import And, Integer, Symbol

from adamref.logic.relations import Relational, ge, gt, le
from adamref.rules import ADAMAX
from adamref.theorems.spaces import Part, Point, Space, among, numbers, rates, reals, steps
from adamref.theorems.symbols import beta, beta2, n, t
from adamref.theorems.writing import Cite, Run, Statement, Steps, Theorem, near_miss, show

from . import adamax_power_mean
from .adamax import adamax, u
from .adamax_power_mean import FROM_ABOVE, FROM_BELOW, MEAN_SOURCE, mean, nonnegative, p, power_mean
from .inequalities import BERNOULLI, FALLING, x

d = Symbol("d", real=True)


def near(*enough: Relational) -> Statement:
    """State that the p-th root of the average is within a factor 1 + d of the norm."""
    claim = And(
        le(u(t) ** p, (1 + d) ** p * mean(t)), le(mean(t), (1 + d) ** p * u(t) ** p), evaluate=False
    )
    return Statement(claim, (*adamax_power_mean.MEAN_DOMAIN, *enough))


WIDE, LONG = ge(p * d, t), ge(p * d * (1 - beta2), beta2)


def limit_space(longest: int, *more: Part, runs: tuple[Run, Run] = (adamax, power_mean)) -> Space:
    """Return where to look, up to some t."""
    return among(rates("beta2"), steps(1, longest), reals(g=longest), *more, runs=runs)


POWERS = (
    Run(ADAMAX, gradient=lambda k: beta2**k),
    replace(power_mean, gradient=lambda k: beta2 ** (p * k)),
)
"""Both runs on gradients that come to the same after they have decayed."""


@Theorem(
    id="adamax-norm-limit",
    matters="It is where AdaMax comes from: Adam with powers of p in place of squares, and p "
    "without end.",
    title="The norm of AdaMax is the limit of p-norms",
    says="However small d > 0 is: once p d is at least t and at least beta2 / (1 - beta2), the "
    "p-th root of the average of |g|^p lies between u / (1 + d) and u (1 + d). So it tends to u as "
    "p grows.",
    statement=near(WIDE, LONG),
    source=MEAN_SOURCE,
    space=limit_space(5, steps(1, 40, "p"), numbers("d", low=0)),
)
@near_miss(
    near(LONG),
    "A small p is not enough: the average may have many terms as large as the norm.",
    Point.of(beta2="1/2", t=5, p=1, d=1, g=(0, "1/2", "1/4", "1/8", "1/16", "1/32")),
    limit_space(20, steps(1, 2, "p"), rates("d"), runs=POWERS),
)
@near_miss(
    near(WIDE),
    "Nor is it enough that p d exceeds the number of terms: the weights of the average do "
    "not add up to 1.",
    Point.of(beta2="99/100", t=1, p=1, d=1, g=(0, 1)),
    limit_space(2, steps(1, 2, "p"), numbers("d", low=0)),
)
def NORM_LIMIT(what: Statement) -> Steps:
    """By Bernoulli's inequality: (1 + d)^p outgrows the number of terms, and the missing weight."""
    del what
    grown = (1 + d) ** p
    positive = show("d is positive", gt(d, 0)).certificate(
        "p d is at least t.", ((p * d - t) / p, t / p)
    )
    bernoulli = Cite(BERNOULLI, {x: 1 + d, n: p}, given=(positive.name,))
    below_rate = Cite(FALLING, {beta: beta2, t: Integer(1), n: p - 1})
    return (
        nonnegative,
        positive,
        show("more than the terms", ge(grown, t)).certificate(
            "(1 + d)^p is at least 1 + p d, and p d is at least t.",
            (grown - 1 - p * d, p * d - t, Integer(1)),
            (bernoulli,),
        ),
        show("more than the missing weight", ge(grown * (1 - beta2**p), 1)).certificate(
            "1 - beta2^p is at least 1 - beta2, and p d (1 - beta2) at least beta2.",
            (
                grown * (beta2 - beta2**p),
                (1 - beta2) * (grown - 1 - p * d),
                p * d * (1 - beta2) - beta2,
            ),
            (positive.name, bernoulli, below_rate),
        ),
        show("not much less", le(u(t) ** p, grown * mean(t))).certificate(
            "The average is at least (1 - beta2^p) u^p.",
            (
                grown * (mean(t) - (1 - beta2**p) * u(t) ** p),
                u(t) ** p * (grown * (1 - beta2**p) - 1),
            ),
            (nonnegative.name, positive.name, "more than the missing weight", Cite(FROM_BELOW)),
        ),
        show("not much more", le(mean(t), grown * u(t) ** p)).certificate(
            "The average is at most t (1 - beta2^p) u^p.",
            (
                t * (1 - beta2**p) * u(t) ** p - mean(t),
                t * beta2**p * u(t) ** p,
                u(t) ** p * (grown - t),
            ),
            (nonnegative.name, "more than the terms", Cite(FROM_ABOVE)),
        ),
        show(
            "the limit",
            And(le(u(t) ** p, grown * mean(t)), le(mean(t), grown * u(t) ** p), evaluate=False),
        ).parts("The two steps before, together.", ("not much less", "not much more")),
    )


THEOREMS = (NORM_LIMIT,)
