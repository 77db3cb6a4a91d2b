"""AdaMax: its norm is the greatest decayed gradient, and the limit of p-norms."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sympy import Abs, And, Function, Integer, Symbol

from adamref.proofs.inequalities import BERNOULLI, FALLING
from adamref.proofs.powers import BELOW_ONE
from adamref.rules import ADAMAX, EWA
from adamref.theorems.cases import PutIn, at_least, instead
from adamref.theorems.facts import Always, Fact, substituted
from adamref.theorems.inference import (
    Certificate,
    Identity,
    Induction,
    Parts,
)
from adamref.theorems.points import Point, Space
from adamref.theorems.proof import Cite, Step, Use
from adamref.theorems.quantities import Run
from adamref.theorems.record import NearMiss, Statement, Theorem
from adamref.theorems.spaces import numbers, points, rates, reals, steps
from adamref.theorems.vocabulary import (
    beta,
    beta2,
    decay_rate,
    eq,
    ge,
    gt,
    i,
    le,
    n,
    t,
)

if TYPE_CHECKING:
    from sympy import Expr
    from sympy.core.relational import Relational

    from adamref.theorems.spaces import Part

adamax = Run(ADAMAX)
g = Function("g", real=True)
u = adamax.function("u")
bound, d, x = (Symbol(name, real=True) for name in ("K", "d", "x"))
p = Symbol("p", integer=True)

ALGORITHM = "Kingma & Ba 2015, section 7.1 and Algorithm 2"


def greatest(at: Expr) -> Fact:
    """Return the line of the norm, u = max(beta2 u, |g|), at a step."""
    return adamax.line("u", at)


def at_least_decayed(at: Expr) -> Fact:
    """Say that the maximum is at least the decayed norm."""
    return at_least(greatest(at).relation.rhs, beta2 * u(at - 1))


def at_least_gradient(at: Expr) -> Fact:
    """Say that the maximum is at least the magnitude of the gradient."""
    return at_least(greatest(at).relation.rhs, Abs(g(at)))


# ---- the norm is the greatest of the decayed gradients


def above_all(power: Expr) -> Statement:
    """State that a gradient, decayed by a power of beta2, is at most the norm."""
    claim = le(beta2**power * Abs(g(i)), u(t))
    return Statement(claim, (ge(beta2, 0), ge(i, 1), ge(t, i)))


def above_proof(what: Statement) -> tuple[Step, ...]:
    """By induction over the number of steps since the gradient."""
    claim = le(beta2**n * Abs(g(i)), u(i + n))
    line = greatest(i + n)
    largest = line.relation.rhs
    base = Step(
        "its own step",
        le(Abs(g(i)), u(i)),
        "The maximum is at least each of the two that it is taken of.",
        Certificate((greatest(i).relation.rhs - Abs(g(i)),), (greatest(i), at_least_gradient(i))),
    )
    later = Step(
        "one step later",
        claim,
        "The decayed norm is at least the gradient, decayed once more, and the maximum is at least "
        "the decayed norm.",
        Certificate(
            (
                largest - beta2 * u(i + n - 1),
                beta2 * (u(i + n - 1) - beta2 ** (n - 1) * Abs(g(i))),
            ),
            (line, at_least_decayed(i + n), "induction hypothesis"),
        ),
    )
    return (
        Step(
            "n steps later",
            claim,
            "By induction over n.",
            Induction(n, 0, (base,), (later,)),
            where=(n,),
        ),
        Step(
            "at step t",
            what.claim,
            "This is step t if n is t - i.",
            Certificate((), (Use("n steps later", {n: t - i}),)),
        ),
    )


ABOVE = Theorem(
    id="adamax-norm-above",
    title="The norm of AdaMax is at least every decayed gradient",
    says="u at step t is at least beta2^(t-i) |g_i| for every gradient so far.",
    statement=above_all(t - i),
    proof=above_proof,
    source=ALGORITHM,
    space=Space(points(rates("beta2"), steps(1, 9, "i", "t"), reals(g=12)), (adamax,)),
    near_misses=(
        NearMiss(
            above_all(t - i - 1),
            "The last gradient has the weight 1, not beta2^(-1).",
            Point({"beta2": "1/2", "i": 1, "t": 1}, {"g": (0, 1)}),
            Space(points(rates("beta2"), steps(1, 2, "i", "t"), reals(g=2)), (adamax,)),
        ),
    ),
)


def at_most(low: Expr, high: Expr, *, nonnegative: bool = True) -> Statement:
    """State that the norm is at most what every decayed gradient is at most."""
    every = Always(le(beta2 ** (t - i) * Abs(g(i)), bound), i, low, high)
    # No sign of beta2 is needed.
    domain = (ge(t, 0), *((ge(bound, 0),) if nonnegative else ()))
    return Statement(le(u(t), bound), domain, {"every term is at most K": every})


def at_most_proof(what: Statement) -> tuple[Step, ...]:
    """By induction over the steps so far: the norm, decayed until step t, stays below K."""
    (said,) = what.hypotheses
    claim = le(beta2 ** (t - n) * u(n), bound)
    decayed, gradient = beta2 * u(n - 1), Abs(g(n))
    start = Step(
        "before the first step",
        le(beta2**t * u(0), bound),
        "The norm starts at 0, and K is not negative.",
        Certificate((bound,), (adamax.start("u"),)),
    )
    one = Step(
        "if the decayed norm is the greatest",
        instead(claim, u(n), decayed),
        "Until step t it decays as the norm before it does.",
        Certificate((bound - beta2 ** (t - n + 1) * u(n - 1),), ("induction hypothesis",)),
    )
    other = Step(
        "if the gradient is the greatest",
        instead(claim, u(n), gradient),
        "Decayed until step t it is one of the terms.",
        Certificate((), (Use(said, {i: n}),)),
    )
    either = Step(
        "step n",
        claim,
        "The norm is one of the two.",
        PutIn(greatest(n), (one.name, other.name)),
    )
    return (
        Step(
            "decayed until step t",
            claim,
            "By induction over the steps n up to t.",
            Induction(n, 0, (start,), (one, other, either)),
            where=(n, t - n),
        ),
        Step(
            "at step t",
            what.claim,
            "At n = t nothing decays any more.",
            Certificate((), (Use("decayed until step t", {n: t}),)),
        ),
    )


LEAST = Theorem(
    id="adamax-norm-least",
    title="The norm of AdaMax is the greatest of the decayed gradients",
    says="u at step t is at most every K >= 0 that no beta2^(t-i) |g_i| exceeds. As it is at least "
    "each of them, it is their maximum: u_t = max over i of beta2^(t-i) |g_i|.",
    statement=at_most(Integer(1), t),
    proof=at_most_proof,
    source=ALGORITHM,
    space=Space(points(rates("beta2"), numbers("K", low=0), steps(0, 4), reals(g=5)), (adamax,)),
    near_misses=(
        NearMiss(
            at_most(Integer(2), t),
            "All gradients count, the first one too.",
            Point({"beta2": "1/2", "K": 0, "t": 1}, {"g": (0, 1)}),
        ),
        NearMiss(
            at_most(Integer(1), t, nonnegative=False),
            "Before the first step there are no gradients, and the norm is 0.",
            Point({"beta2": "1/2", "K": -1, "t": 0}, {"g": ()}),
            Space(points(rates("beta2"), numbers("K"), steps(0, 4), reals(g=5)), (adamax,)),
        ),
    ),
)


# ---- the norm as the limit of p-norms

power_mean = Run(EWA, mark="'", gradient=lambda k: Abs(g(k)) ** p, hypers={"beta1": beta2**p})
"""The average of |g|^p with the decay rate beta2^p, of which AdaMax takes the p-th root."""

mean = power_mean.function("m")
MEAN_SOURCE = "Kingma & Ba 2015, section 7.1, equations 6 to 9"
MEAN_SPACE = Space(
    points(rates("beta2"), steps(1, 6), steps(1, 6, "p"), reals(g=7)), (adamax, power_mean)
)
MEAN_DOMAIN = (*decay_rate(beta2), ge(t, 1), ge(p, 1))

nonnegative = Step(
    "the norm is not negative",
    ge(u(t), 0),
    "It is at least the magnitude of the last gradient.",
    Certificate(
        (greatest(t).relation.rhs - Abs(g(t)), Abs(g(t))), (greatest(t), at_least_gradient(t))
    ),
)
below_one = Cite(BELOW_ONE, {beta: beta2, t: p})


def one_gradient(claim: Relational) -> tuple[Step, ...]:
    """Show a relation between the average and the norm after one gradient."""
    at_one = substituted(claim, {t: Integer(1)})
    norm = Step(
        "the first norm",
        eq(u(1), Abs(g(1))),
        "Nothing came before it.",
        Identity((greatest(Integer(1)), adamax.start("u"))),
    )
    average = Step(
        "the first average",
        instead(at_one, u(1), Abs(g(1))),
        "It holds one term, with the weight 1 - beta2^p.",
        Certificate((Integer(0),), (power_mean.line("m", 1), power_mean.start("m"))),
    )
    both = Step(
        "one gradient",
        at_one,
        "The norm is the magnitude of the gradient.",
        PutIn(norm.name, (average.name,)),
    )
    return norm, average, both


def from_below(factor: Expr) -> Statement:
    """State that the average of |g|^p is at least a multiple of u^p."""
    return Statement(le(factor * u(t) ** p, mean(t)), MEAN_DOMAIN)


def from_below_proof(what: Statement) -> tuple[Step, ...]:
    """By induction over t: u^p is the decayed one or |g|^p, and both are in the average."""
    claim = what.claim
    weight = 1 - beta2**p
    short = mean(t - 1) - weight * u(t - 1) ** p
    before = Use(nonnegative.name, {t: t - 1})
    base = one_gradient(claim)
    line = power_mean.line("m", t)
    one = Step(
        "if the decayed norm is the greatest",
        instead(claim, u(t), beta2 * u(t - 1)),
        "Norm and average decay alike, and the last gradient only adds to the average.",
        Certificate(
            (beta2**p * short, weight * Abs(g(t)) ** p), (line, "induction hypothesis", below_one)
        ),
    )
    other = Step(
        "if the gradient is the greatest",
        instead(claim, u(t), Abs(g(t))),
        "The average holds it with just this weight, and the rest of it is not negative.",
        Certificate(
            (beta2**p * short, beta2**p * weight * u(t - 1) ** p),
            (line, "induction hypothesis", before, below_one),
        ),
    )
    either = Step(
        "one more gradient",
        claim,
        "The norm is one of the two.",
        PutIn(greatest(t), (one.name, other.name)),
    )
    return (
        nonnegative,
        Step(
            "every step",
            claim,
            "By induction over t, from t = 1 on.",
            Induction(t, 1, base, (one, other, either)),
        ),
    )


FROM_BELOW = Theorem(
    id="adamax-power-mean-from-below",
    title="The average of |g|^p is at least (1 - beta2^p) u^p",
    says="For every whole p >= 1 the average of |g|^p with the decay rate beta2^p is at least "
    "1 - beta2^p times the p-th power of the norm.",
    statement=from_below(1 - beta2**p),
    proof=from_below_proof,
    source=MEAN_SOURCE,
    space=MEAN_SPACE,
    near_misses=(
        NearMiss(
            from_below(Integer(1)),
            "The average has not the weight 1 for its greatest term.",
            Point({"beta2": "1/2", "t": 1, "p": 1}, {"g": (0, 1)}),
        ),
    ),
)


def keeps_order(name: str, less: Expr, *facts: str | Use | Fact) -> Step:
    """Show that what is at most u_t is so in every power as well."""
    claim = le(less**n, u(t) ** n)
    first = Step(f"{name}: n = 0", le(1, 1), "Both are 1.", Certificate((Integer(0),)))
    next_ = Step(
        f"{name}: one more factor",
        claim,
        "x^n - y^n = x (x^(n-1) - y^(n-1)) + (x - y) y^(n-1).",
        Certificate(
            (u(t) * (u(t) ** (n - 1) - less ** (n - 1)), (u(t) - less) * less ** (n - 1)),
            ("induction hypothesis", nonnegative.name, *facts),
        ),
    )
    return Step(
        name,
        claim,
        "Greater numbers have greater powers; by induction over n.",
        Induction(n, 0, (first,), (next_,)),
        where=(n, t - 2),
    )


def from_above(factor: Expr) -> Statement:
    """State that the average of |g|^p is at most a multiple of u^p."""
    return Statement(le(mean(t), factor * u(t) ** p), MEAN_DOMAIN)


def from_above_proof(what: Statement) -> tuple[Step, ...]:
    """By induction over t: each of the t terms is at most u^p."""
    claim = what.claim
    weight = 1 - beta2**p
    line, largest = greatest(t), greatest(t).relation.rhs
    decayed, gradient = beta2 * u(t - 1), Abs(g(t))
    over_decayed = Step(
        "at least the decayed norm",
        ge(u(t), decayed),
        "It is the maximum of it and something else.",
        Certificate((largest - decayed,), (line, at_least_decayed(t))),
    )
    over_gradient = Step(
        "at least the gradient",
        ge(u(t), gradient),
        "It is the maximum of its magnitude and something else.",
        Certificate((largest - gradient,), (line, at_least_gradient(t))),
    )
    base = one_gradient(claim)
    next_ = Step(
        "one more gradient",
        claim,
        "The t - 1 terms so far decay to at most as much as the decayed norm, and so at most the "
        "norm; and the new term is at most the norm.",
        Certificate(
            (
                beta2**p * ((t - 1) * weight * u(t - 1) ** p - mean(t - 1)),
                weight * (t - 1) * (u(t) ** p - decayed**p),
                weight * (u(t) ** p - gradient**p),
            ),
            (
                power_mean.line("m", t),
                "induction hypothesis",
                below_one,
                Use("powers of the decayed norm", {n: p}),
                Use("powers of the gradient", {n: p}),
            ),
        ),
    )
    before = Use(nonnegative.name, {t: t - 1})
    return (
        nonnegative,
        over_decayed,
        over_gradient,
        keeps_order("powers of the decayed norm", decayed, over_decayed.name, before),
        keeps_order("powers of the gradient", gradient, over_gradient.name),
        Step(
            "every step",
            claim,
            "By induction over t, from t = 1 on.",
            Induction(t, 1, base, (next_,)),
        ),
    )


FROM_ABOVE = Theorem(
    id="adamax-power-mean-from-above",
    title="The average of |g|^p is at most t (1 - beta2^p) u^p",
    says="For every whole p >= 1 the average of |g|^p with the decay rate beta2^p is at most t "
    "(1 - beta2^p) times the p-th power of the norm: it has t terms.",
    statement=from_above(t * (1 - beta2**p)),
    proof=from_above_proof,
    source=MEAN_SOURCE,
    space=MEAN_SPACE,
    near_misses=(
        NearMiss(
            from_above((t - 1) * (1 - beta2**p)),
            "It has t terms, not t - 1.",
            Point({"beta2": "1/2", "t": 1, "p": 1}, {"g": (0, 1)}),
        ),
    ),
)


def near(*enough: Relational) -> Statement:
    """State that the p-th root of the average is within a factor 1 + d of the norm."""
    claim = And(
        le(u(t) ** p, (1 + d) ** p * mean(t)),
        le(mean(t), (1 + d) ** p * u(t) ** p),
        evaluate=False,
    )
    return Statement(claim, (*MEAN_DOMAIN, *enough))


WIDE, LONG = ge(p * d, t), ge(p * d * (1 - beta2), beta2)


def near_proof(what: Statement) -> tuple[Step, ...]:
    """By Bernoulli's inequality: (1 + d)^p outgrows the number of terms, and the missing weight."""
    del what
    grown = (1 + d) ** p
    positive = Step(
        "d is positive",
        gt(d, 0),
        "p d is at least t.",
        Certificate(((p * d - t) / p, t / p)),
    )
    bernoulli = Cite(BERNOULLI, {x: 1 + d, n: p}, given=(positive.name,))
    below_rate = Cite(FALLING, {beta: beta2, t: Integer(1), n: p - 1})
    return (
        nonnegative,
        positive,
        Step(
            "more than the terms",
            ge(grown, t),
            "(1 + d)^p is at least 1 + p d, and p d is at least t.",
            Certificate((grown - 1 - p * d, p * d - t, Integer(1)), (bernoulli,)),
        ),
        Step(
            "more than the missing weight",
            ge(grown * (1 - beta2**p), 1),
            "1 - beta2^p is at least 1 - beta2, and p d (1 - beta2) at least beta2.",
            Certificate(
                (
                    grown * (beta2 - beta2**p),
                    (1 - beta2) * (grown - 1 - p * d),
                    p * d * (1 - beta2) - beta2,
                ),
                (positive.name, bernoulli, below_rate),
            ),
        ),
        Step(
            "not much less",
            le(u(t) ** p, grown * mean(t)),
            "The average is at least (1 - beta2^p) u^p.",
            Certificate(
                (
                    grown * (mean(t) - (1 - beta2**p) * u(t) ** p),
                    u(t) ** p * (grown * (1 - beta2**p) - 1),
                ),
                (nonnegative.name, positive.name, "more than the missing weight", Cite(FROM_BELOW)),
            ),
        ),
        Step(
            "not much more",
            le(mean(t), grown * u(t) ** p),
            "The average is at most t (1 - beta2^p) u^p.",
            Certificate(
                (
                    t * (1 - beta2**p) * u(t) ** p - mean(t),
                    t * beta2**p * u(t) ** p,
                    u(t) ** p * (grown - t),
                ),
                (nonnegative.name, "more than the terms", Cite(FROM_ABOVE)),
            ),
        ),
        Step(
            "the limit",
            And(le(u(t) ** p, grown * mean(t)), le(mean(t), grown * u(t) ** p), evaluate=False),
            "Both together.",
            Parts(("not much less", "not much more")),
        ),
    )


def limit_space(longest: int, *more: Part, runs: tuple[Run, Run] = (adamax, power_mean)) -> Space:
    """Return where to look, up to some t."""
    return Space(points(rates("beta2"), steps(1, longest), reals(g=longest), *more), runs)


POWERS = (
    Run(ADAMAX, gradient=lambda k: beta2**k),
    replace(power_mean, gradient=lambda k: beta2 ** (p * k)),
)
"""Both runs on gradients that come to the same after they have decayed."""

NORM_LIMIT = Theorem(
    id="adamax-norm-limit",
    title="The norm of AdaMax is the limit of p-norms",
    says="However small d > 0 is: once p d is at least t and at least beta2 / (1 - beta2), the "
    "p-th root of the average of |g|^p lies between u / (1 + d) and u (1 + d). So it tends to u as "
    "p grows.",
    statement=near(WIDE, LONG),
    proof=near_proof,
    source=MEAN_SOURCE,
    space=limit_space(5, steps(1, 40, "p"), numbers("d", low=0)),
    near_misses=(
        NearMiss(
            near(LONG),
            "A small p is not enough: the average may have many terms as great as the norm.",
            Point(
                {"beta2": "1/2", "t": 5, "p": 1, "d": 1},
                {"g": (0, "1/2", "1/4", "1/8", "1/16", "1/32")},
            ),
            limit_space(20, steps(1, 2, "p"), rates("d"), runs=POWERS),
        ),
        NearMiss(
            near(WIDE),
            "Nor is it enough that p d exceeds the number of terms: the weights of the average do "
            "not add up to 1.",
            Point({"beta2": "99/100", "t": 1, "p": 1, "d": 1}, {"g": (0, 1)}),
            limit_space(2, steps(1, 2, "p"), numbers("d", low=0)),
        ),
    ),
)

THEOREMS = (ABOVE, LEAST, FROM_BELOW, FROM_ABOVE, NORM_LIMIT)
