"""Relatives of Adam that are Adam or AdamW with a step size, or a rate, for each step.

Some optimizers are Adam with a step size, or a rate, that changes from step to step.
"""

from sympy import Expr, Integer, Lambda, Symbol, sqrt

from adamref.logic.relations import eq, ge, gt
from adamref.rules import ADAGRAD, ADAM, ADAM_UNCORRECTED, ADAMW, get
from adamref.theorems.spaces import among, numbers
from adamref.theorems.symbols import alpha, beta1, eps, i, j, t, weight_decay
from adamref.theorems.writing import ProofStep, Run, Statement, Steps, Theorem, Use, near_miss, show

from . import alike
from .alike import DRAWN, START, at_first, g, later, meant, same_hat, same_state, same_theta
from .powers import below_one


def each_step(value: Expr) -> Lambda:
    """Return the schedule with a value at step i."""
    return Lambda(i, value)


_DECAY = numbers("weight_decay", low=0)

# LAMB, by its trust ratio.

lamb = Run(get("lamb"), starts=START)
trusting = Run(ADAMW, "'", g, {"alpha": each_step(alpha * lamb("trust", i))}, START)
adamw = Run(ADAMW, "''", g, starts=START)


@Theorem(
    id="lamb-is-adamw",
    title="LAMB is AdamW with the step size times the trust ratio",
    says="LAMB goes through the parameters of AdamW whose step size at each step is alpha times "
    "the trust ratio of the tensor, in the step and in the decay alike: from the same start, on "
    "the same gradients, in a tensor of any size.",
    statement=same_theta(lamb, trusting),
    source="You et al. 2020, Algorithm 2",
    space=among(*DRAWN, _DECAY, runs=(lamb, trusting, adamw)),
)
@near_miss(
    same_theta(lamb, adamw),
    "With alpha itself AdamW's step is not of the tensor's size.",
    at_first(theta_0=2),
)
def LAMB(what: Statement) -> Steps:
    """The trust ratio multiplies the step, as a step size does."""
    other = meant(what, trusting, adamw)
    return (
        same_state(lamb, other, "m"),
        same_state(lamb, other, "v"),
        *alike.corrected_not_negative(other),
        same_hat(lamb, other, "m"),
        same_hat(lamb, other, "v"),
        show(
            "LAMB's update",
            eq(
                lamb("update", t),
                other("m_hat", t) / (sqrt(other("v_hat", t)) + eps)
                + weight_decay * lamb("theta", t - 1),
            ),
            where=(later,),
        ).identity(
            "The moments are the same.",
            (
                lamb.line("update", t),
                "the same m_hat",
                "the same v_hat",
                f"v_hat{other.mark} is not negative",
            ),
        ),
        alike.same_parameter(
            what,
            lamb,
            other,
            (
                lamb.line("delta", t),
                "LAMB's update",
                other.line("delta", t),
                f"v_hat{other.mark} is not negative",
            ),
        ),
    )


# StableAdamW, by its clipped step size.

stable = Run(get("stable-adamw"), starts=START)
clipped = Run(ADAMW, "'", g, {"alpha": each_step(stable("eta", i))}, START)


@Theorem(
    id="stable-adamw-is-adamw",
    title="StableAdamW is AdamW with the clipped step size",
    says="StableAdamW goes through the parameters of AdamW whose step size at each step is the "
    "clipped one of the tensor, in the step and in the decay alike: from the same start, on the "
    "same gradients, in a tensor of any size.",
    statement=same_theta(stable, clipped),
    source="Wortsman et al. 2023, Algorithm 2",
    space=among(*DRAWN, _DECAY, runs=(stable, clipped, adamw)),
)
@near_miss(
    same_theta(stable, adamw),
    "With alpha itself nothing is clipped.",
    at_first(beta2="1/2", t=2, g=(0, "1/2", 5)),
)
def STABLE(what: Statement) -> Steps:
    """Clipping multiplies the step, as a step size does."""
    other = meant(what, clipped, adamw)
    return (
        same_state(stable, other, "m"),
        same_state(stable, other, "v"),
        *alike.corrected_not_negative(other),
        same_hat(stable, other, "m"),
        same_hat(stable, other, "v"),
        alike.same_step(
            stable,
            other,
            ("the same m_hat", "the same v_hat", f"v_hat{other.mark} is not negative"),
            "The step size is the same.",
        ),
        alike.same_parameter(what, stable, other),
    )


# AdaGrad, by rates that grow.

adagrad = Run(ADAGRAD, starts=START)
_GROWING = {"beta1": Integer(0), "beta2": each_step(1 - 1 / i), "eps": each_step(eps / sqrt(i))}
falling = Run(ADAM_UNCORRECTED, "'", g, {**_GROWING, "alpha": each_step(alpha / sqrt(i))}, START)
steady = Run(ADAM_UNCORRECTED, "''", g, _GROWING, START)


def _mean_not_negative(run: Run) -> ProofStep:
    return show("v is not negative", ge(run("v", j), 0), where=(j,)).induction(
        (j, 0, "A mean of squares is not negative; by induction over the steps j."),
        show("before the first step").certificate(
            "It starts at 0.", (Integer(0),), (run.start("v"),)
        ),
        show("one more square").certificate(
            "It is a mean of what it was and of a square.",
            ((j - 1) / j * run("v", j - 1), run("g", j) ** 2 / j),
            (run.line("v", j), "induction hypothesis"),
        ),
    )


@Theorem(
    id="adagrad-is-adam",
    title="AdaGrad is Adam with rates that depend on the step",
    says="AdaGrad goes through the parameters of Adam without bias correction and with beta1 = 0, "
    "whose beta2 is 1 - 1/t, whose step size is alpha/sqrt(t) and whose epsilon is eps/sqrt(t) at "
    "step t, from the same start and on the same gradients.",
    statement=Statement(same_theta(adagrad, falling).claim, (gt(eps, 0), ge(t, 0))),
    source="Kingma & Ba 2015, section 5; Reddi, Kale & Kumar 2018, section 2",
    space=among(*DRAWN, runs=(adagrad, falling, steady)),
)
@near_miss(
    same_theta(adagrad, steady).claim,
    "With a step size that stays Adam's steps are sqrt(t) times as long.",
    at_first(t=2, g=(0, 0, 1)),
)
def ADAGRAD_IS(what: Statement) -> Steps:
    """With beta2 = 1 - 1/t the average of the squares is their plain mean."""
    run = meant(what, falling, steady)
    mean = run("v", t)
    return (
        show("a mean", eq(adagrad("v", t), t * mean)).induction(
            (t, 0, "By induction over the steps."),
            show("no gradient").identity("Both are 0.", (adagrad.start("v"), run.start("v"))),
            show("one more gradient").identity(
                "With the rate 1 - 1/t the average is the mean of all squares.",
                (adagrad.line("v", t), "induction hypothesis", run.line("v", t)),
            ),
        ),
        _mean_not_negative(run),
        show("the root", eq(sqrt(t * mean), sqrt(t) * sqrt(mean)), where=(later,)).squares(
            "The root of a product is the product of the roots.",
            uses=(Use("v is not negative", {j: t}),),
        ),
        show("the same step", eq(adagrad("delta", t), run("delta", t)), where=(later,)).identity(
            "Both sides of the fraction are divided by sqrt(t).",
            (
                adagrad.line("delta", t),
                "a mean",
                "the root",
                run.line("delta", t),
                run.line("m", t),
                Use("v is not negative", {j: t}),
            ),
        ),
        alike.same_parameter(what, adagrad, run),
    )


# AdEMAMix with two equal averages.

alpha_mix = Symbol("alpha_mix", real=True)
equal = Run(get("ademamix"), "", g, {"beta3": beta1}, START)
_SHARE = alpha * (1 + alpha_mix * (1 - beta1**i))
mixing = Run(ADAM, "'", g, {"alpha": each_step(_SHARE)}, START)
adam = Run(ADAM, "''", g, starts=START)


@Theorem(
    id="ademamix-equal-rates",
    title="AdEMAMix with two equal averages is Adam with another step size",
    says="With beta3 = beta1 AdEMAMix goes through the parameters of Adam whose step size at step "
    "t is alpha (1 + alpha_mix (1 - beta1^t)), from the same start and on the same gradients.",
    statement=same_theta(equal, mixing),
    source="Pagliardini, Ablin & Grangier 2024, Algorithm 1",
    space=among(*DRAWN, numbers("alpha_mix", low=0), runs=(equal, mixing, adam)),
)
@near_miss(
    same_theta(equal, adam), "With alpha itself Adam's steps are shorter.", at_first(alpha_mix=1)
)
def EQUAL(what: Statement) -> Steps:
    """Two equal averages are one average, counted more often."""
    other = meant(what, mixing, adam)
    return (
        same_state(equal, other, "m"),
        same_state(equal, other, "v"),
        same_state(equal, other, "m_slow", "m"),
        *alike.corrected_not_negative(other),
        same_hat(equal, other, "v"),
        show(
            "both averages",
            eq(
                equal("m_hat", t) + alpha_mix * equal("m_slow", t),
                (1 + alpha_mix * (1 - beta1**t)) * other("m_hat", t),
            ),
            where=(later,),
        ).identity(
            "They are one average, corrected and not.",
            (
                equal.line("m_hat", t),
                "the same m",
                "the same m_slow",
                other.line("m_hat", t),
                below_one(beta1),
            ),
        ),
        show("the same step", eq(equal("delta", t), other("delta", t)), where=(later,)).identity(
            "The factor stands before the average, or in the step size.",
            (
                equal.line("delta", t),
                "both averages",
                other.line("delta", t),
                "the same v_hat",
                f"v_hat{other.mark} is not negative",
            ),
        ),
        alike.same_parameter(what, equal, other),
    )


THEOREMS = (LAMB, STABLE, ADAGRAD_IS, EQUAL)
