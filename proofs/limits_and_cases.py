"""AdaGrad, RMSprop and momentum: limits and cases of Adam."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Abs, Function, Integer, Sum, sqrt

from adamref.proofs.closed_forms import THEOREMS as CLOSED_FORMS
from adamref.proofs.powers import BELOW_ONE
from adamref.proofs.weights import WEIGHTS
from adamref.rules import ADAGRAD, ADAM, ADAM_UNCORRECTED, HEAVY_BALL, MOMENTUM, RMSPROP
from adamref.theorems.facts import empty, last_term
from adamref.theorems.inference import (
    Certificate,
    Combination,
    FromBoth,
    Identity,
    Induction,
    Squares,
    TermByTerm,
)
from adamref.theorems.points import Point, Space
from adamref.theorems.proof import Cite, Step, Use
from adamref.theorems.quantities import Run
from adamref.theorems.record import NearMiss, Statement, Theorem
from adamref.theorems.spaces import numbers, points, rates, reals, steps
from adamref.theorems.vocabulary import (
    alpha,
    beta,
    beta1,
    beta2,
    decay_rate,
    eps,
    eq,
    ge,
    gt,
    i,
    le,
    lt,
    n,
    t,
    total,
)

if TYPE_CHECKING:
    from sympy import Expr

g = Function("g", real=True)
adam = Run(ADAM)
_, CLOSED_V = CLOSED_FORMS
RATE2 = decay_rate(beta2)


def same_state(one: Run, other: Run, name: str) -> Step:
    """Return the step that a moment is the same in two runs on the same gradients, for t >= 1."""
    return proportional(one, other, name, Integer(1))


def proportional(one: Run, other: Run, name: str, scale: Expr) -> Step:
    """Return the step that a moment is so many times another run's, for t >= 1."""
    claim = eq(one(name, t), scale * other(name, t))
    first = Step(
        f"{name} at the first step",
        eq(one(name, 1), scale * other(name, 1)),
        "Both start at 0.",
        Identity((one.line(name, 1), one.start(name), other.line(name, 1), other.start(name))),
    )
    more = Step(
        f"{name} at the next step",
        claim,
        "Both lines are linear in what the step before left and in what is put in.",
        Identity((one.line(name, t), "induction hypothesis", other.line(name, t))),
    )
    return Step(
        f"the two {name}",
        claim,
        "By induction over t, from t = 1 on.",
        Induction(t, 1, (first,), (more,)),
    )


def second_moment(run: Run) -> Step:
    """Return the step that the second moment of a run is >= 0, for t >= 1."""
    claim = ge(run("v", t), 0)
    first = Step(
        f"v{run.mark} at the first step",
        ge(run("v", 1), 0),
        "It is a square times 1 - beta2.",
        Certificate(((1 - beta2) * run("g", 1) ** 2,), (run.line("v", 1), run.start("v"))),
    )
    more = Step(
        f"v{run.mark} at the next step",
        claim,
        "Two numbers >= 0 are added.",
        Certificate(
            (beta2 * run("v", t - 1), (1 - beta2) * run("g", t) ** 2),
            (run.line("v", t), "induction hypothesis"),
        ),
    )
    return Step(
        f"v{run.mark} is not negative",
        claim,
        "By induction over t, from t = 1 on.",
        Induction(t, 1, (first,), (more,)),
    )


# The second moment as a weighted mean.

weighted = total(beta2 ** (t - i) * g(i) ** 2, i, 1, t)
weight = total(beta2 ** (t - i), i, 1, t)
plain = total(g(i) ** 2, i, 1, t)
oldest = beta2 ** (t - 1)


def _mean_proof(what: Statement) -> tuple[Step, ...]:
    return (
        Step(
            "the sum of the powers",
            eq(weight, (1 - beta2**t) / (1 - beta2)),
            "The weights add up to 1 - beta2^t.",
            Combination(of=((Cite(WEIGHTS, {beta: beta2, t: t}), 1 / (1 - beta2)),)),
        ),
        Step(
            "a mean with weights",
            what.claim,
            "The closed form of v has the factor 1 - beta2, and so has the sum of the weights.",
            Identity(
                (
                    adam.line("v_hat", t),
                    Cite(CLOSED_V, {beta2: beta2, t: t}),
                    "the sum of the powers",
                    Cite(BELOW_ONE, {beta: beta2, t: t}),
                )
            ),
        ),
    )


WEIGHTED_MEAN = Theorem(
    id="v-hat-weighted-mean",
    title="The corrected second moment is a weighted mean of the squared gradients",
    says="v_hat is the mean of the squared gradients with the weights beta2^(t-i). This is "
    "continuous in beta2 at 1, where all weights are 1 and the mean is the plain one.",
    statement=Statement(eq(adam("v_hat", t), weighted / weight), (*RATE2, ge(t, 1))),
    proof=_mean_proof,
    source="Kingma & Ba 2015, section 5, on AdaGrad",
    space=Space(points(rates("beta1", "beta2"), steps(1, 9), reals(g=9)), (adam,)),
    near_misses=(
        NearMiss(
            Statement(eq(adam("v", t), weighted / weight), (*RATE2, ge(t, 1))),
            "The uncorrected moment is no mean: its weights add up to 1 - beta2^t.",
            Point({"beta2": "1/2", "t": 1}, {"g": (0, 1)}),
        ),
        NearMiss(
            Statement(eq(adam("v_hat", t), plain / t), (*RATE2, ge(t, 1))),
            "For beta2 < 1 it is not the plain mean.",
            Point({"beta2": "1/2", "t": 2}, {"g": (0, 1, 0)}),
        ),
    ),
)


def _powers() -> Step:
    claim = le(beta2**n, 1)
    first = Step("none", le(beta2**0, 1), "An empty product is 1.", Certificate())
    more = Step(
        "one more",
        claim,
        "1 - beta2^n = (1 - beta2) + beta2 (1 - beta2^(n-1)).",
        Certificate((1 - beta2, beta2 * (1 - beta2 ** (n - 1))), ("induction hypothesis",)),
    )
    return Step(
        "powers are at most 1",
        claim,
        "By induction over n, from n = 0 on.",
        Induction(n, 0, (first,), (more,)),
        (n,),
    )


def _compared(name: str, put_in: Expr, low: bool) -> tuple[Step, Step]:
    """Compare a weighted sum with one whose weights are all the oldest or all the newest one."""
    power = beta2 ** (t - i)
    if low:
        claim, because = le(oldest * put_in, power * put_in), "No weight is below the oldest one."
        by = Certificate(
            (power * (1 - beta2 ** (i - 1)) * put_in,), (Use("powers are at most 1", {n: i - 1}),)
        )
    else:
        claim, because = le(power * put_in, put_in), "No weight is above 1."
        by = Certificate(((1 - power) * put_in,), (Use("powers are at most 1", {n: t - i}),))
    sums = le(*(total(side, i, 1, t) for side in claim.args))
    return (
        Step(f"{name}, term by term", claim, because, by, (i - 1, t - i)),
        Step(name, sums, "So it is for the sums.", TermByTerm(f"{name}, term by term")),
    )


def _bound_proof(what: Statement) -> tuple[Step, ...]:
    low = what.claim.rhs.has(adam.function("v_hat"))
    if low:
        terms = ((weighted - oldest * plain) * t / weight, oldest * plain * (t - weight) / weight)
    else:
        terms = (plain - weighted, weighted * (weight - t * oldest) / weight)
    return (
        _powers(),
        *_compared("the squares", g(i) ** 2, low),
        *_compared("the weights", Integer(1), not low),
        Step(
            "in short, the squares",
            le(oldest * plain, weighted) if low else le(weighted, plain),
            "What does not depend on the index is taken out of the sum.",
            Certificate((_difference(g(i) ** 2, low),), ("the squares",)),
        ),
        Step(
            "in short, the weights",
            le(weight, t) if low else le(oldest * t, weight),
            "What does not depend on the index is taken out of the sum.",
            Certificate((_difference(Integer(1), not low),), ("the weights",)),
        ),
        Step(
            "bound",
            what.claim,
            "v_hat is the one sum divided by the other.",
            Certificate(
                terms,
                (
                    Cite(WEIGHTED_MEAN, {beta2: beta2, t: t}),
                    "in short, the squares",
                    "in short, the weights",
                ),
            ),
        ),
    )


def _difference(put_in: Expr, low: bool) -> Expr:
    """Return what the step about two sums says to be >= 0, as it stands there."""
    power = beta2 ** (t - i)
    if low:
        return total(power * put_in, i, 1, t) - total(oldest * put_in, i, 1, t)
    return total(put_in, i, 1, t) - total(power * put_in, i, 1, t)


INSIDE = (gt(beta2, 0), lt(beta2, 1), ge(t, 1))
_SQUARES = Space(points(rates("beta1", "beta2"), steps(1, 9), reals(g=9)), (adam,))
LOW = Theorem(
    id="v-hat-mean-low",
    title="The corrected second moment is at least beta2^(t-1) times the plain mean",
    says="t v_hat is at least beta2^(t-1) times the sum of the squared gradients; the factor "
    "tends to 1 for beta2 -> 1.",
    statement=Statement(le(oldest * plain, t * adam("v_hat", t)), INSIDE),
    proof=_bound_proof,
    source="Kingma & Ba 2015, section 5, on AdaGrad",
    space=_SQUARES,
    near_misses=(
        NearMiss(
            Statement(le(plain, t * adam("v_hat", t)), INSIDE),
            "Without the factor it is false where the older gradients are greater.",
            Point({"beta2": "1/2", "t": 2}, {"g": (0, 1, 0)}),
        ),
    ),
)
HIGH = Theorem(
    id="v-hat-mean-high",
    title="The corrected second moment is at most beta2^-(t-1) times the plain mean",
    says="t v_hat is at most beta2^-(t-1) times the sum of the squared gradients; the factor "
    "tends to 1 for beta2 -> 1.",
    statement=Statement(le(oldest * t * adam("v_hat", t), plain), INSIDE),
    proof=_bound_proof,
    source="Kingma & Ba 2015, section 5, on AdaGrad",
    space=_SQUARES,
    near_misses=(
        NearMiss(
            Statement(le(t * adam("v_hat", t), plain), INSIDE),
            "Without the factor it is false where the newer gradients are greater.",
            Point({"beta2": "1/2", "t": 2}, {"g": (0, 0, 1)}),
        ),
    ),
)


def _bernoulli() -> Step:
    claim = ge(oldest, 1 - (t - 1) * (1 - beta2))
    first = Step("one gradient", ge(beta2**0, 1), "An empty product is 1.", Certificate())
    more = Step(
        "one more gradient",
        claim,
        "A further factor beta2 takes away at most 1 - beta2.",
        Certificate(
            (beta2 * (beta2 ** (t - 2) - 1 + (t - 2) * (1 - beta2)), (t - 2) * (1 - beta2) ** 2),
            ("induction hypothesis",),
        ),
    )
    return Step(
        "Bernoulli's inequality",
        claim,
        "By induction over t, from t = 1 on.",
        Induction(t, 1, (first,), (more,)),
    )


def _near_proof(what: Statement) -> tuple[Step, ...]:
    inside, bound = what.claim.lhs.args[0], what.claim.rhs
    above, below = le(inside, bound), le(-inside, bound)
    second = adam("v_hat", t)
    missing = oldest - 1 + (t - 1) * (1 - beta2)
    uses = (
        Cite(LOW, {beta2: beta2, t: t}),
        Cite(HIGH, {beta2: beta2, t: t}),
        "Bernoulli's inequality",
        "the oldest weight is at most 1",
    )
    return (
        _bernoulli(),
        _powers(),
        Step(
            "the oldest weight is at most 1",
            le(oldest, 1),
            "It is a power of beta2.",
            Certificate((), (Use("powers are at most 1", {n: t - 1}),)),
        ),
        Step(
            "above",
            above,
            "The upper bound, and Bernoulli's inequality for its factor.",
            Certificate(
                ((plain - oldest * t * second) / (oldest * t), plain * missing / (oldest * t)),
                uses[1:3],
            ),
        ),
        Step(
            "below",
            below,
            "The lower bound, and Bernoulli's inequality for its factor.",
            Certificate(
                (
                    (t * second - oldest * plain) / t,
                    plain * missing / t,
                    (t - 1) * (1 - beta2) * (1 - oldest) * plain / (oldest * t),
                ),
                (uses[0], *uses[2:]),
            ),
        ),
        Step("near", what.claim, "From both sides.", FromBoth("above", "below")),
    )


def _near(count: Expr) -> Statement:
    mean = plain / t
    return Statement(le(Abs(adam("v_hat", t) - mean), count * (1 - beta2) / oldest * mean), INSIDE)


NEAR = Theorem(
    id="v-hat-tends-to-mean",
    title="For beta2 -> 1 the corrected second moment tends to the mean of the squared gradients",
    says="v_hat differs from (1/t) times the sum of the squared gradients by at most "
    "(t - 1)(1 - beta2)/beta2^(t-1) times that mean, which tends to 0 for beta2 -> 1.",
    statement=_near(t - 1),
    proof=_near_proof,
    source="Kingma & Ba 2015, section 5, on AdaGrad",
    space=_SQUARES,
    near_misses=(
        NearMiss(
            _near((t - 1) / 4),
            "A quarter of the bound is too small.",
            Point({"beta2": "9/10", "t": 2}, {"g": (0, 0, 1)}),
        ),
    ),
)

# AdaGrad.

adagrad = Run(ADAGRAD, mark="'", gradient=g)


def _sum_proof(what: Statement) -> tuple[Step, ...]:
    claim = what.claim
    (whole,) = claim.rhs.atoms(Sum)
    at_start = whole.subs(t, 0)
    base = Step(
        "no gradient yet",
        eq(claim.lhs.subs(t, 0), claim.rhs.subs(t, 0)),
        "Both are 0.",
        Identity((adagrad.start("v"), empty(at_start))),
    )
    more = Step(
        "one more gradient",
        claim,
        "The line adds its square, which is the last term of the sum.",
        Identity((adagrad.line("v", t), "induction hypothesis", last_term(whole))),
    )
    return (
        Step(
            "a sum", claim, "By induction over t, from t = 0 on.", Induction(t, 0, (base,), (more,))
        ),
    )


def _sum(low: int) -> Statement:
    return Statement(eq(adagrad("v", t), total(g(i) ** 2, i, low, t)), (ge(t, 0),))


ADAGRAD_SUM = Theorem(
    id="adagrad-sum",
    title="What AdaGrad keeps is the sum of the squared gradients",
    says="AdaGrad's v at step t is the plain sum of all squared gradients so far.",
    statement=_sum(1),
    proof=_sum_proof,
    source="Duchi, Hazan & Singer 2011; Kingma & Ba 2015, section 5",
    space=Space(points(steps(0, 9), reals(g=9)), (adagrad,)),
    near_misses=(
        NearMiss(
            _sum(2),
            "The first gradient counts too.",
            Point({"t": 1}, {"g": (0, 1)}),
        ),
    ),
)

# Adam without momentum, and its rates divided by sqrt(t). The t in them is the step that is looked
# at: earlier steps do not enter into it through alpha or epsilon.
scaled = Run(
    ADAM,
    hypers={"beta1": Integer(0), "alpha": alpha / sqrt(t), "eps": eps / sqrt(t)},
)
factor, root_of_mean = sqrt(oldest), sqrt(plain) / sqrt(t)


def _limit_proof(what: Statement) -> tuple[Step, ...]:
    one, other = Abs(scaled("delta", t)), Abs(adagrad("delta", t))
    shorter = what.claim.lhs.has(one)
    second = adam("v_hat", t)
    divisors = [sqrt(second) + eps / sqrt(t), root_of_mean + eps / sqrt(t)]
    size = alpha * Abs(g(t)) / sqrt(t)
    low = Cite(LOW, {beta2: beta2, t: t})
    if shorter:
        less, more, cited = root_of_mean, sqrt(second), (low,)
        squares = (t * second - oldest * plain) / t
    else:
        less, more, cited = sqrt(second), root_of_mean, (Cite(HIGH, {beta2: beta2, t: t}), low)
        squares = (plain - oldest * t * second) / t
    shared = size / (divisors[0] * divisors[1])
    return (
        Step(
            "no momentum",
            eq(scaled("m_hat", t), g(t)),
            "With beta1 = 0 the first moment is the gradient, and so is its correction.",
            Identity(
                (
                    scaled.line("m_hat", t),
                    scaled.line("m", t),
                    Cite(BELOW_ONE, {beta: Integer(0), t: t}),
                )
            ),
        ),
        Step(
            "Adam's step",
            eq(one, size / divisors[0]),
            "The lines put together.",
            Identity((scaled.line("delta", t), "no momentum")),
        ),
        Step(
            "AdaGrad's step",
            eq(other, size / divisors[1]),
            "The lines put together, with the sum that AdaGrad keeps.",
            Identity((adagrad.line("delta", t), Cite(ADAGRAD_SUM, {t: t}))),
        ),
        _powers(),
        Step(
            "the factor is at most 1",
            le(factor, 1),
            "Its square is a power of beta2.",
            Squares((1 - oldest,), (Use("powers are at most 1", {n: t - 1}),)),
        ),
        Step(
            "the roots",
            le(factor * less, more),
            "Their squares are the bounds on the corrected second moment.",
            Squares((squares,), cited),
        ),
        Step(
            "the steps",
            what.claim,
            "The greater of the two divisors is at most the smaller one over the factor.",
            Certificate(
                (shared * (more - factor * less), shared * eps / sqrt(t) * (1 - factor)),
                ("Adam's step", "AdaGrad's step", "the factor is at most 1", "the roots"),
            ),
        ),
    )


def _limit(name: str, title: str, claim: Expr, wrong: Expr, point: Point) -> Theorem:
    domain = (ge(alpha, 0), gt(eps, 0), *INSIDE)
    return Theorem(
        id=f"adam-tends-to-adagrad-{name}",
        title=title,
        says="With beta1 = 0, alpha/sqrt(t) for alpha and eps/sqrt(t) for eps, Adam's step differs "
        "from AdaGrad's by a factor between beta2^((t-1)/2) and its inverse, which both tend to 1 "
        "for beta2 -> 1.",
        statement=Statement(claim, domain),
        proof=_limit_proof,
        source="Kingma & Ba 2015, section 5, on AdaGrad",
        space=Space(
            points(
                rates("beta2"),
                steps(1, 6),
                numbers("alpha", low=0),
                numbers("eps", low=0, strictly=True),
                reals(g=6),
            ),
            (scaled, adagrad),
        ),
        near_misses=(
            NearMiss(
                Statement(wrong, domain),
                "For beta2 < 1 the steps differ, and either may be the longer one.",
                point,
            ),
        ),
    )


_STEPS = Abs(scaled("delta", t)), Abs(adagrad("delta", t))
ADAGRAD_LIMIT = (
    _limit(
        "from-above",
        "For beta2 -> 1 Adam's step is at most AdaGrad's",
        le(factor * _STEPS[0], _STEPS[1]),
        le(_STEPS[0], _STEPS[1]),
        Point({"alpha": 1, "eps": 1, "beta2": "1/2", "t": 2}, {"g": (0, 2, 1)}),
    ),
    _limit(
        "from-below",
        "For beta2 -> 1 Adam's step is at least AdaGrad's",
        le(factor * _STEPS[1], _STEPS[0]),
        le(_STEPS[1], _STEPS[0]),
        Point({"alpha": 1, "eps": 1, "beta2": "1/2", "t": 2}, {"g": (0, 1, 2)}),
    ),
)

# RMSprop.

rmsprop = Run(RMSPROP)
uncorrected = Run(ADAM_UNCORRECTED, mark="'", gradient=g, hypers={"beta1": Integer(0)})
corrected = Run(ADAM, mark="''", gradient=g, hypers={"beta1": Integer(0)})


def _meant(what: Statement, *runs: Run) -> Run:
    """Return the one of some runs whose step a statement is about."""
    return next(run for run in runs if what.claim.has(run.function("delta")))


def _rmsprop_proof(what: Statement) -> tuple[Step, ...]:
    other = _meant(what, uncorrected, corrected)
    lines = [other.line(line.name, t) for line in reversed(other.rule.lines[2:-1])]
    return (
        same_state(other, rmsprop, "v"),
        second_moment(rmsprop),
        Step(
            "the same step",
            what.claim,
            "With beta1 = 0 the first moment is the gradient.",
            Identity(
                (
                    *lines,
                    other.line("m", t),
                    rmsprop.line("delta", t),
                    "the two v",
                    "v is not negative",
                )
            ),
        ),
    )


_RMSPROP_DOMAIN = (gt(eps, 0), *RATE2, ge(t, 1))
IS_RMSPROP = Theorem(
    id="rmsprop-is-adam",
    title="RMSprop is Adam without momentum and without bias correction",
    says="With beta1 = 0 and no bias correction Adam makes RMSprop's steps, on the same gradients.",
    statement=Statement(eq(uncorrected("delta", t), rmsprop("delta", t)), _RMSPROP_DOMAIN),
    proof=_rmsprop_proof,
    source="Kingma & Ba 2015, section 5, on RMSProp",
    space=Space(
        points(
            rates("beta2"),
            steps(1, 6),
            numbers("alpha", low=0),
            numbers("eps", low=0, strictly=True),
            reals(g=6),
        ),
        (rmsprop, uncorrected, corrected),
    ),
    near_misses=(
        NearMiss(
            Statement(eq(corrected("delta", t), rmsprop("delta", t)), _RMSPROP_DOMAIN),
            "With bias correction Adam's first steps are shorter.",
            Point({"alpha": 1, "eps": 1, "beta2": "3/4", "t": 1}, {"g": (0, 1)}),
        ),
    ),
)

# Momentum in its two forms.

momentum = Run(MOMENTUM)
heavy_ball = Run(HEAVY_BALL, mark="'", gradient=g, hypers={"alpha": alpha * (1 - beta1)})
same_rate = Run(HEAVY_BALL, mark="''", gradient=g)


def _velocity_proof(what: Statement) -> tuple[Step, ...]:
    claim = what.claim
    return (proportional(momentum, heavy_ball, "m", claim.rhs / heavy_ball("m", t)),)


def _momentum_proof(what: Statement) -> tuple[Step, ...]:
    other = _meant(what, heavy_ball, same_rate)
    return (
        proportional(momentum, other, "m", 1 - beta1),
        Step(
            "the same step",
            what.claim,
            "The one has the factor 1 - beta1 in the average, the other in the learning rate.",
            Identity(
                (
                    momentum.line("delta", t),
                    other.line("delta", t),
                    "the two m",
                )
            ),
        ),
    )


_SOURCE = "Polyak 1964; Sutskever et al. 2013, equations 1 and 2, against the averaging form"
_RUNS = (momentum, heavy_ball, same_rate)
_MOMENTUM = Space(points(rates("beta1"), steps(1, 9), numbers("alpha", low=0), reals(g=9)), _RUNS)
VELOCITY = Theorem(
    id="momentum-velocity",
    title="The averaged gradient is 1 - beta1 times the heavy ball's velocity",
    says="On the same gradients the exponentially weighted average of the gradients is 1 - beta1 "
    "times the velocity that the heavy ball accumulates.",
    statement=Statement(
        eq(momentum("m", t), (1 - beta1) * heavy_ball("m", t)), (*decay_rate(beta1), ge(t, 1))
    ),
    proof=_velocity_proof,
    source=_SOURCE,
    space=_MOMENTUM,
    near_misses=(
        NearMiss(
            Statement(eq(momentum("m", t), heavy_ball("m", t)), (*decay_rate(beta1), ge(t, 1))),
            "They are not the same.",
            Point({"beta1": "1/2", "alpha": 1, "t": 1}, {"g": (0, 1)}),
        ),
    ),
)
BALL = Theorem(
    id="momentum-heavy-ball",
    title="Averaged momentum is the heavy ball with the learning rate alpha (1 - beta1)",
    says="Momentum with an exponentially weighted average and the learning rate alpha makes the "
    "steps of the heavy ball with the learning rate alpha (1 - beta1), on the same gradients.",
    statement=Statement(
        eq(momentum("delta", t), heavy_ball("delta", t)), (*decay_rate(beta1), ge(t, 1))
    ),
    proof=_momentum_proof,
    source=_SOURCE,
    space=_MOMENTUM,
    near_misses=(
        NearMiss(
            Statement(
                eq(momentum("delta", t), same_rate("delta", t)), (*decay_rate(beta1), ge(t, 1))
            ),
            "With the same learning rate the heavy ball's steps are 1/(1 - beta1) times as long.",
            Point({"beta1": "1/2", "alpha": 1, "t": 1}, {"g": (0, 1)}),
        ),
    ),
)

THEOREMS = (
    WEIGHTED_MEAN,
    LOW,
    HIGH,
    NEAR,
    ADAGRAD_SUM,
    *ADAGRAD_LIMIT,
    IS_RMSPROP,
    VELOCITY,
    BALL,
)
