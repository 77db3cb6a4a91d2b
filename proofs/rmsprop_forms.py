"""RMSprop's variants: centred without a memory, and where the step size of momentum stands.

The variants of RMSprop that frameworks have.
"""

from sympy import Integer

from adamref.logic.relations import eq, ge, gt
from adamref.rules import GRADIENT_DESCENT, get
from adamref.theorems.spaces import among
from adamref.theorems.symbols import alpha, beta2, decay_rate, eps, j, t
from adamref.theorems.writing import Run, Statement, Steps, Theorem, Use, near_miss, show

from . import alike
from .alike import DRAWN, START, at_first, g, meant, same_parameter, same_step, same_theta
from .sgd_forms import FALLING

ZERO = Integer(0)

_CENTERED = get("rmsprop", centered="on")
centered = Run(_CENTERED, "'", g, {"beta2": ZERO}, START)
with_memory = Run(_CENTERED, "''", g, starts=START)
over_eps = Run(GRADIENT_DESCENT, "", g, {"alpha": alpha / eps}, START)


@Theorem(
    id="rmsprop-centered-is-descent",
    title="Centred RMSprop with beta2 = 0 is gradient descent",
    says="With beta2 = 0 centred RMSprop goes through the parameters of gradient descent with the "
    "step size alpha/eps, from the same start and on the same gradients.",
    statement=Statement(
        same_theta(centered, over_eps).claim, (gt(eps, 0), *decay_rate(beta2), ge(t, 0))
    ),
    source="Graves 2013, equations 38 to 45",
    space=among(*DRAWN, runs=(over_eps, centered, with_memory)),
)
@near_miss(
    same_theta(with_memory, over_eps).claim,
    "With a memory the gradients have a variance.",
    at_first(beta2="1/2", g=(0, 2)),
)
def CENTERED(what: Statement) -> Steps:
    """Without a memory the variance is 0, so only epsilon is left to divide by."""
    run = meant(what, centered, with_memory)
    return (
        same_step(
            run,
            over_eps,
            (run.line("v", t), run.line("m", t)),
            "One gradient alone has no variance, and epsilon is left to divide by.",
        ),
        same_parameter(what, run, over_eps),
    )


ratios = Run(get("rmsprop", momentum="rate-outside"), "", g, starts=START)
moves = Run(get("rmsprop", momentum="rate-inside"), "'", g, starts=START)
ratios_falling = Run(get("rmsprop", momentum="rate-outside"), "''", g, FALLING, START)
moves_falling = Run(get("rmsprop", momentum="rate-inside"), "*", g, FALLING, START)


@Theorem(
    id="rmsprop-rate-inside",
    title="With a constant step size it may stand inside of RMSprop's momentum or outside",
    says="With a step size that stays, RMSprop that accumulates its steps goes through the "
    "parameters of RMSprop that accumulates the ratios, from the same start and on the same "
    "gradients.",
    statement=same_theta(moves, ratios),
    source="Keras, keras.optimizers.RMSprop, against PyTorch, torch.optim.RMSprop",
    space=among(*DRAWN, runs=(ratios, moves, ratios_falling, moves_falling)),
)
@near_miss(
    same_theta(moves_falling, ratios_falling),
    "With a step size that falls, only one of them divides older gradients by more.",
    at_first(beta1="1/2", t=2, g=(0, 1, 0)),
)
def RATIOS(what: Statement) -> Steps:
    """A constant factor passes through the recurrence of a momentum."""
    one, other = meant(what, moves, moves_falling), meant(what, ratios, ratios_falling)
    return (
        alike.same_state(one, other, "v"),
        alike.not_negative(other),
        show("in proportion", eq(one("b", t), other.hyper("alpha", t) * other("b", t))).induction(
            (t, 0, "By induction over the steps."),
            show("nothing yet").identity("Both start at 0.", (one.start("b"), other.start("b"))),
            show("one more ratio").identity(
                "Both lines are linear in what they keep and in what they take up.",
                (
                    one.line("b", t),
                    "induction hypothesis",
                    other.line("b", t),
                    "the same v",
                    Use(f"v{other.mark} is not negative", {j: t}),
                ),
            ),
        ),
        same_step(one, other, ("in proportion",), "The step size is taken out of the sum."),
        same_parameter(what, one, other),
    )


THEOREMS = (CENTERED, RATIOS)
