"""Lion, whose steps are signs: Adam without a memory, and the sign of a momentum.

Lion looks like something else; in two corners of its settings it is something known.
"""

from sympy import Abs, Integer

from adamref.logic.cases import PutIn
from adamref.logic.facts import Always
from adamref.logic.relations import eq, ge, ne
from adamref.rules import ADAMW, MOMENTUM, get
from adamref.theorems.spaces import among, numbers, rates, reals, steps
from adamref.theorems.symbols import alpha, beta1, beta2, decay_rate, i, j, t
from adamref.theorems.writing import Run, Statement, Steps, Theorem, Use, near_miss, show

from .alike import DRAWN, RATES, START, at_first, g, later, meant, same_parameter, same_state
from .powers import below_one

ZERO = Integer(0)
_CHEN = "Chen et al. 2023, Algorithm 2"

# Without interpolation.

memoryless = Run(ADAMW, "", g, {"beta1": ZERO, "beta2": ZERO, "eps": ZERO}, START)
lion = Run(get("lion"), "'", g, {"beta1": ZERO}, START)
interpolating = Run(get("lion"), "''", g, starts=START)


@Theorem(
    id="lion-is-adamw",
    title="Lion with beta1 = 0 is AdamW without a memory",
    says="With beta1 = 0, any beta2, and on gradients that are not 0, Lion goes through the "
    "parameters of AdamW with beta1 = beta2 = eps = 0, from the same start: both step by alpha "
    "against the sign of the gradient.",
    statement=Statement(
        eq(lion("theta", t), memoryless("theta", t)),
        (*decay_rate(beta1), *decay_rate(beta2), ge(t, 0)),
        {"gradients": Always(ne(g(i), 0), i, Integer(1), t)},
    ),
    source=_CHEN,
    space=among(*DRAWN, numbers("weight_decay", low=0), runs=(memoryless, lion, interpolating)),
)
@near_miss(
    eq(interpolating("theta", t), memoryless("theta", t)),
    "With another beta1 the sign is that of an average.",
    at_first(beta1="1/2", t=2, g=(0, 2, -1)),
)
def LION(what: Statement) -> Steps:
    """The sign of a gradient is the gradient over the root of its square."""
    run = meant(what, lion, interpolating)
    return (
        show("the gradient", ne(g(t), 0), where=(later,)).certificate(
            "No gradient is.", uses=(Use("gradients", {i: t}),)
        ),
        show("what has the sign", eq(run("c", t), g(t)), where=(later,)).identity(
            "Nothing of the average is in it.", (run.line("c", t),)
        ),
        show("what has the sign is not 0", ne(run("c", t), 0), where=(later,)).by(
            "It is the gradient.", PutIn("what has the sign", ("the gradient",))
        ),
        show("the same step", eq(run("delta", t), memoryless("delta", t)), where=(later,)).identity(
            "The gradient over its size is its sign.",
            (
                run.case("delta", t),
                "what has the sign",
                *(memoryless.line(name, t) for name in ("delta", "m_hat", "v_hat", "m", "v")),
                below_one(ZERO),
                "what has the sign is not 0",
                "the gradient",
            ),
        ),
        same_parameter(what, run, memoryless),
    )


# With one average.

averaged = Run(MOMENTUM, "", g, {"alpha": Integer(1)})
equal = Run(get("lion"), "'", g, {"beta2": beta1})
unequal = Run(get("lion"), "''", g)


def _direction(run: Run) -> Statement:
    step = averaged("delta", t)
    claim = eq(run("delta", t), alpha * step / Abs(step))
    return Statement(claim, (*RATES, ge(t, 1), ne(averaged("m", t), 0)))


@Theorem(
    id="lion-equal-rates",
    title="With equal rates Lion steps by the sign of a momentum",
    says="With beta1 = beta2 Lion has one average, and its step is alpha times the direction of "
    "the step of averaged momentum, wherever that is not 0: this is signSGD with momentum.",
    statement=_direction(equal),
    source=f"{_CHEN}; Bernstein et al. 2018, Signum",
    space=among(
        rates("beta1", "beta2"),
        steps(1, 6),
        numbers("alpha", low=0),
        reals(g=6),
        runs=(averaged, equal, unequal),
    ),
)
@near_miss(
    _direction(unequal),
    "With two averages the sign is not that of what is kept.",
    at_first(beta1="9/10", t=2, g=(0, 1, -1)),
)
def EQUAL(what: Statement) -> Steps:
    """See that with equal rates Lion takes the sign of the momentum that it keeps."""
    run = meant(what, equal, unequal)
    return (
        same_state(run, averaged, "m", over=j),
        show("one average", eq(run("c", t), averaged("m", t))).identity(
            "What has the sign is what is kept.",
            (run.line("c", t), Use("the same m", {j: t - 1}), averaged.line("m", t)),
        ),
        show("the average", ne(averaged("m", t), 0)).certificate("It is assumed not to be 0."),
        show("it is not 0", ne(run("c", t), 0)).by(
            "It is the average.", PutIn("one average", ("the average",))
        ),
        show("the step", what.claim).identity(
            "Its sign is the average over its size.",
            (run.case("delta", t), "one average", averaged.line("delta", t), "it is not 0"),
        ),
    )


THEOREMS = (LION, EQUAL)
