"""SGD as frameworks have it: one momentum in several forms, and descent without it.

Frameworks write momentum in several ways. These are the conversions.
"""

from sympy import Expr, Integer, Lambda, Symbol

from adamref.logic.relations import eq, ge
from adamref.rules import GRADIENT_DESCENT, HEAVY_BALL, MOMENTUM, get
from adamref.theorems.record import NearMiss, Statement, Theorem, near_miss
from adamref.theorems.spaces import among, numbers
from adamref.theorems.symbols import alpha, beta1, decay_rate, i, t
from adamref.theorems.writing import ProofStep, Run, Steps, show

from .alike import DRAWN, START, at_first, between, g, later, meant, same_parameter, same_step

ZERO = Integer(0)
dampening = Symbol("dampening", real=True)
DOMAIN = (*decay_rate(beta1), ge(t, 0))


descent = Run(GRADIENT_DESCENT, "", g, starts=START)
heavy_ball = Run(HEAVY_BALL, "", g, starts=START)

# Without momentum.

plain = Run(MOMENTUM, "'", g, {"beta1": ZERO}, START)
nesterov = Run(get("sgd", momentum="rate-outside", nesterov="on"), "*", g, {"beta1": ZERO}, START)
averaged = Run(MOMENTUM, "''", g, starts=START)
looking = Run(get("sgd", momentum="rate-outside", nesterov="on"), "**", g, starts=START)


def _descent_proof(what: Statement) -> tuple[ProofStep, ...]:
    """Without momentum what is kept is the gradient itself."""
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
    statement=Statement(eq(plain("theta", t), descent("theta", t)), DOMAIN),
    proof=_descent_proof,
    source="Sutskever et al. 2013, equations 1 and 2, in the averaging form",
    space=among(*DRAWN, runs=(descent, plain, averaged)),
    near_misses=(
        NearMiss(
            Statement(eq(averaged("theta", t), descent("theta", t)), DOMAIN),
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
    statement=Statement(eq(nesterov("theta", t), descent("theta", t)), DOMAIN),
    proof=_descent_proof,
    source="PyTorch, torch.optim.SGD",
    space=among(*DRAWN, runs=(descent, nesterov, looking)),
    near_misses=(
        NearMiss(
            Statement(eq(looking("theta", t), descent("theta", t)), DOMAIN),
            "With momentum the step looks ahead from the first one on.",
            at_first(beta1="1/2"),
        ),
    ),
)

# The heavy ball is averaged momentum with another step size.

accumulated = Run(get("sgd", momentum="rate-outside"), "'", g, starts=START)
faster = Run(MOMENTUM, "*", g, {"alpha": alpha / (1 - beta1)}, START)


def in_proportion(one: Run, other: Run, name: str, factor: Expr) -> ProofStep:
    """Return the step that a state is so many times another run's, for t >= 0."""
    return show("in proportion", eq(one(name, t), factor * other(name, t))).induction(
        (t, 0, "By induction over the steps."),
        show("nothing yet").identity("Both start at 0.", (one.start(name), other.start(name))),
        show("one more").identity(
            "Both lines are linear in what they keep and in what they take up.",
            (one.line(name, t), "induction hypothesis", other.line(name, t)),
        ),
    )


@Theorem(
    id="sgd-is-momentum",
    title="SGD that accumulates gradients is averaged momentum with alpha/(1 - beta1)",
    says="SGD whose momentum accumulates the gradients goes through the parameters of averaged "
    "momentum with the step size alpha/(1 - beta1), from the same start and on the same gradients.",
    statement=Statement(eq(accumulated("theta", t), faster("theta", t)), DOMAIN),
    source="PyTorch, torch.optim.SGD, without dampening; Polyak 1964",
    space=among(*DRAWN, runs=(accumulated, faster, averaged)),
)
@near_miss(
    eq(accumulated("theta", t), averaged("theta", t)),
    "With the same step size the averaged form's steps are shorter.",
    at_first(beta1="1/2"),
)
def SGD_AVERAGE(what: Statement) -> Steps:
    """The two averages are in proportion, and the learning rate takes the factor."""
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


# Where the step size stands.

inside = Run(get("sgd", momentum="rate-inside"), "*", g, starts=START)
FALLING = {"alpha": Lambda(i, alpha / i)}
outside_falling = Run(get("sgd", momentum="rate-outside"), "''", g, FALLING, START)
inside_falling = Run(get("sgd", momentum="rate-inside"), "**", g, FALLING, START)


@Theorem(
    id="sgd-rate-inside",
    title="With a constant step size it may stand inside of SGD's momentum or outside",
    says="With a step size that stays, SGD that accumulates its steps goes through the parameters "
    "of SGD that accumulates the gradients, from the same start and on the same gradients.",
    statement=Statement(eq(inside("theta", t), accumulated("theta", t)), DOMAIN),
    source="Keras, keras.optimizers.SGD, against PyTorch, torch.optim.SGD",
    space=among(*DRAWN, runs=(accumulated, inside, outside_falling, inside_falling)),
)
@near_miss(
    eq(inside_falling("theta", t), outside_falling("theta", t)),
    "With a step size that falls, only one of them divides older gradients by more.",
    at_first(beta1="1/2", t=2, g=(0, 1, 0)),
)
def SGD_INSIDE(what: Statement) -> Steps:
    """A constant factor passes through the recurrence of a momentum."""
    one, other = meant(what, inside, inside_falling), meant(what, accumulated, outside_falling)
    return (
        in_proportion(one, other, "m", -other.hyper("alpha", t)),
        same_step(one, other, ("in proportion",), "The step size is taken out of the sum."),
        same_parameter(what, one, other),
    )


# Dampening.

dampened = Run(get("sgd", momentum="dampened"), "'", g, starts=START)
not_dampened = Run(get("sgd", momentum="dampened"), "*", g, {"dampening": ZERO}, START)


def _dampened(rest: Expr) -> Statement:
    claim = eq(dampened("m", t), (1 - dampening) * heavy_ball("m", t) + rest)
    return Statement(claim, (*decay_rate(beta1), ge(t, 1)))


@Theorem(
    id="sgd-dampened",
    title="Dampened momentum is 1 - dampening times the heavy ball's, and what the first adds",
    says="What SGD with dampening accumulates is 1 - dampening times what the heavy ball does, and "
    "dampening beta1^(t-1) times the first gradient, which alone counts in full.",
    statement=_dampened(dampening * beta1 ** (t - 1) * g(1)),
    source="PyTorch, torch.optim.SGD, parameter dampening",
    space=among(*DRAWN, between(-2, 2, "dampening"), runs=(heavy_ball, dampened)),
)
@near_miss(_dampened(ZERO), "The first gradient is not dampened.", at_first(dampening=1))
def DAMPENED(what: Statement) -> Steps:
    """By induction over t: the difference to the heavy ball obeys a recurrence of its own."""
    return show("dampened", what.claim).induction(
        (t, 1),
        show("the first gradient").identity(
            "It counts in full.",
            (dampened.case("m", 1, 1), heavy_ball.line("m", 1), heavy_ball.start("m")),
        ),
        show("a later gradient").identity(
            "It is taken up without its share of dampening.",
            (dampened.case("m", t), "induction hypothesis", heavy_ball.line("m", t)),
        ),
    )


@Theorem(
    id="sgd-is-heavy-ball",
    title="Without dampening SGD's momentum is the heavy ball",
    says="With dampening 0, SGD with momentum goes through the parameters of the heavy ball, from "
    "the same start and on the same gradients.",
    statement=Statement(eq(not_dampened("theta", t), heavy_ball("theta", t)), DOMAIN),
    source="PyTorch, torch.optim.SGD; Polyak 1964",
    space=among(*DRAWN, numbers("dampening", low=0), runs=(heavy_ball, dampened, not_dampened)),
)
@near_miss(
    eq(dampened("theta", t), heavy_ball("theta", t)),
    "With dampening later gradients count less.",
    at_first(dampening=1, t=2, g=(0, 0, 1)),
)
def UNDAMPENED(what: Statement) -> Steps:
    """Without dampening the lines are the heavy ball's."""
    run = meant(what, not_dampened, dampened)
    return (
        show("the same m", eq(run("m", t), heavy_ball("m", t)), where=(later,)).induction(
            (t, 1),
            show("the first gradient").identity(
                "It counts in full.",
                (run.case("m", 1, 1), heavy_ball.line("m", 1), heavy_ball.start("m")),
            ),
            show("a later gradient").identity(
                "So do the others.",
                (run.case("m", t), "induction hypothesis", heavy_ball.line("m", t)),
            ),
        ),
        same_step(run, heavy_ball, ("the same m",), "The same is accumulated."),
        same_parameter(what, run, heavy_ball),
    )


THEOREMS = (MOMENTUM_ZERO, NESTEROV_ZERO, SGD_AVERAGE, SGD_INSIDE, DAMPENED, UNDAMPENED)
