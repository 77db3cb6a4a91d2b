"""SGD as frameworks have it: one momentum in several forms, and descent without it."""

from __future__ import annotations

from sympy import Expr, Integer, Lambda, Symbol

from adamref.logic.relations import eq, ge
from adamref.logic.steps import Identity, Step, induction
from adamref.rules import GRADIENT_DESCENT, HEAVY_BALL, MOMENTUM, get
from adamref.theorems.quantities import Run
from adamref.theorems.record import NearMiss, Statement, Theorem
from adamref.theorems.spaces import Space, numbers, points
from adamref.theorems.symbols import alpha, beta1, decay_rate, i, t

from .alike import (
    DRAWN,
    START,
    at_first,
    between,
    g,
    later,
    meant,
    same_parameter,
    same_step,
)

ZERO = Integer(0)
dampening = Symbol("dampening", real=True)
DOMAIN = (*decay_rate(beta1), ge(t, 0))


def same(one: Run, other: Run) -> Statement:
    """State that two runs of what divides by nothing go through the same parameters."""
    return Statement(eq(one("theta", t), other("theta", t)), DOMAIN)


descent = Run(GRADIENT_DESCENT, "", g, starts=START)
heavy_ball = Run(HEAVY_BALL, "", g, starts=START)

# Without momentum.

plain = Run(MOMENTUM, "'", g, {"beta1": ZERO}, START)
nesterov = Run(get("sgd", momentum="rate-outside", nesterov="on"), "*", g, {"beta1": ZERO}, START)
averaged = Run(MOMENTUM, "''", g, starts=START)
looking = Run(get("sgd", momentum="rate-outside", nesterov="on"), "**", g, starts=START)


def _descent_proof(what: Statement) -> tuple[Step, ...]:
    run = meant(what, plain, nesterov, averaged, looking)
    return (
        same_step(run, descent, (run.line("m", t),), "Nothing of the steps before is kept."),
        same_parameter(what, run, descent),
    )


MOMENTUM_ZERO = Theorem(
    id="momentum-is-descent",
    title="Averaged momentum with beta1 = 0 is gradient descent",
    says="With beta1 = 0 the average is the gradient, and momentum goes through the parameters of "
    "gradient descent, from the same start and on the same gradients.",
    statement=same(plain, descent),
    proof=_descent_proof,
    source="Sutskever et al. 2013, equations 1 and 2, in the averaging form",
    space=Space(points(*DRAWN), (descent, plain, averaged)),
    near_misses=(
        NearMiss(
            same(averaged, descent),
            "With momentum the first step is shorter.",
            at_first(beta1="1/2"),
        ),
    ),
)
NESTEROV_ZERO = Theorem(
    id="sgd-nesterov-is-descent",
    title="Nesterov's momentum with beta1 = 0 is gradient descent",
    says="With beta1 = 0 SGD with Nesterov's momentum goes through the parameters of gradient "
    "descent, from the same start and on the same gradients.",
    statement=same(nesterov, descent),
    proof=_descent_proof,
    source="PyTorch, torch.optim.SGD",
    space=Space(points(*DRAWN), (descent, nesterov, looking)),
    near_misses=(
        NearMiss(
            same(looking, descent),
            "With momentum the step looks ahead from the first one on.",
            at_first(beta1="1/2"),
        ),
    ),
)

# The heavy ball is averaged momentum with another step size.

accumulated = Run(get("sgd", momentum="rate-outside"), "'", g, starts=START)
faster = Run(MOMENTUM, "*", g, {"alpha": alpha / (1 - beta1)}, START)


def in_proportion(one: Run, other: Run, name: str, factor: Expr) -> Step:
    """Return the step that a state is so many times another run's, for t >= 0."""
    return induction(
        "in proportion",
        eq(one(name, t), factor * other(name, t)),
        "By induction over the steps.",
        t,
        0,
        ("nothing yet", "Both start at 0.", Identity((one.start(name), other.start(name)))),
        (
            "one more",
            "Both lines are linear in what they keep and in what they take up.",
            Identity((one.line(name, t), "induction hypothesis", other.line(name, t))),
        ),
    )


def _average_proof(what: Statement) -> tuple[Step, ...]:
    other = meant(what, faster, averaged)
    return (
        in_proportion(accumulated, other, "m", 1 / (1 - beta1)),
        same_step(
            accumulated,
            other,
            ("in proportion",),
            "The factor stands before the average, or in the step size.",
        ),
        same_parameter(what, accumulated, other),
    )


SGD_AVERAGE = Theorem(
    id="sgd-is-momentum",
    title="SGD that accumulates gradients is averaged momentum with alpha/(1 - beta1)",
    says="SGD whose momentum accumulates the gradients goes through the parameters of averaged "
    "momentum with the step size alpha/(1 - beta1), from the same start and on the same gradients.",
    statement=same(accumulated, faster),
    proof=_average_proof,
    source="PyTorch, torch.optim.SGD, without dampening; Polyak 1964",
    space=Space(points(*DRAWN), (accumulated, faster, averaged)),
    near_misses=(
        NearMiss(
            same(accumulated, averaged),
            "With the same step size the averaged form's steps are shorter.",
            at_first(beta1="1/2"),
        ),
    ),
)

# Where the step size stands.

inside = Run(get("sgd", momentum="rate-inside"), "*", g, starts=START)
FALLING = {"alpha": Lambda(i, alpha / i)}
outside_falling = Run(get("sgd", momentum="rate-outside"), "''", g, FALLING, START)
inside_falling = Run(get("sgd", momentum="rate-inside"), "**", g, FALLING, START)


def _inside_proof(what: Statement) -> tuple[Step, ...]:
    one, other = meant(what, inside, inside_falling), meant(what, accumulated, outside_falling)
    return (
        in_proportion(one, other, "m", -other.hyper("alpha", t)),
        same_step(one, other, ("in proportion",), "The step size is taken out of the sum."),
        same_parameter(what, one, other),
    )


SGD_INSIDE = Theorem(
    id="sgd-rate-inside",
    title="With a constant step size it may stand inside of SGD's momentum or outside",
    says="With a step size that stays, SGD that accumulates its steps goes through the parameters "
    "of SGD that accumulates the gradients, from the same start and on the same gradients.",
    statement=same(inside, accumulated),
    proof=_inside_proof,
    source="Keras, keras.optimizers.SGD, against PyTorch, torch.optim.SGD",
    space=Space(points(*DRAWN), (accumulated, inside, outside_falling, inside_falling)),
    near_misses=(
        NearMiss(
            same(inside_falling, outside_falling),
            "With a step size that falls, only one of them divides older gradients by more.",
            at_first(beta1="1/2", t=2, g=(0, 1, 0)),
        ),
    ),
)

# Dampening.

dampened = Run(get("sgd", momentum="dampened"), "'", g, starts=START)
not_dampened = Run(get("sgd", momentum="dampened"), "*", g, {"dampening": ZERO}, START)


def _dampened_proof(what: Statement) -> tuple[Step, ...]:
    return (
        induction(
            "dampened",
            what.claim,
            "By induction over t, from t = 1 on.",
            t,
            1,
            (
                "the first gradient",
                "It counts in full.",
                Identity(
                    (dampened.case("m", 1, 1), heavy_ball.line("m", 1), heavy_ball.start("m"))
                ),
            ),
            (
                "a later gradient",
                "It is taken up without its share of dampening.",
                Identity((dampened.case("m", t), "induction hypothesis", heavy_ball.line("m", t))),
            ),
        ),
    )


def _dampened(rest: Expr) -> Statement:
    claim = eq(dampened("m", t), (1 - dampening) * heavy_ball("m", t) + rest)
    return Statement(claim, (*decay_rate(beta1), ge(t, 1)))


DAMPENED = Theorem(
    id="sgd-dampened",
    title="Dampened momentum is 1 - dampening times the heavy ball's, and what the first adds",
    says="What SGD with dampening accumulates is 1 - dampening times what the heavy ball does, and "
    "dampening beta1^(t-1) times the first gradient, which alone counts in full.",
    statement=_dampened(dampening * beta1 ** (t - 1) * g(1)),
    proof=_dampened_proof,
    source="PyTorch, torch.optim.SGD, parameter dampening",
    space=Space(
        points(*DRAWN, between(-2, 2, "dampening")),
        (heavy_ball, dampened),
    ),
    near_misses=(
        NearMiss(
            _dampened(ZERO),
            "The first gradient is not dampened.",
            at_first(dampening=1),
        ),
    ),
)


def _undampened_proof(what: Statement) -> tuple[Step, ...]:
    run = meant(what, not_dampened, dampened)
    return (
        induction(
            "the same m",
            eq(run("m", t), heavy_ball("m", t)),
            "By induction over t, from t = 1 on.",
            t,
            1,
            (
                "the first gradient",
                "It counts in full.",
                Identity((run.case("m", 1, 1), heavy_ball.line("m", 1), heavy_ball.start("m"))),
            ),
            (
                "a later gradient",
                "So do the others.",
                Identity((run.case("m", t), "induction hypothesis", heavy_ball.line("m", t))),
            ),
            (later,),
        ),
        same_step(run, heavy_ball, ("the same m",), "The same is accumulated."),
        same_parameter(what, run, heavy_ball),
    )


UNDAMPENED = Theorem(
    id="sgd-is-heavy-ball",
    title="Without dampening SGD's momentum is the heavy ball",
    says="With dampening 0, SGD with momentum goes through the parameters of the heavy ball, from "
    "the same start and on the same gradients.",
    statement=same(not_dampened, heavy_ball),
    proof=_undampened_proof,
    source="PyTorch, torch.optim.SGD; Polyak 1964",
    space=Space(points(*DRAWN, numbers("dampening", low=0)), (heavy_ball, dampened, not_dampened)),
    near_misses=(
        NearMiss(
            same(dampened, heavy_ball),
            "With dampening later gradients count less.",
            at_first(dampening=1, t=2, g=(0, 0, 1)),
        ),
    ),
)

THEOREMS = (
    MOMENTUM_ZERO,
    NESTEROV_ZERO,
    SGD_AVERAGE,
    SGD_INSIDE,
    DAMPENED,
    UNDAMPENED,
)
