"""Relatives of Adam that are Adam or AdamW where what sets them apart does nothing.

Some differ from Adam only where a condition holds. Where it does not, they are Adam.
"""

from fractions import Fraction
from typing import Any

from sympy import Expr, Integer, Max, sqrt

from adamref.logic.cases import PutIn
from adamref.logic.facts import Always
from adamref.logic.order import FromBothSides
from adamref.logic.relations import eq, ge, gt, le
from adamref.rules import ADAM, ADAMW, ADAMW_AFTER, AMSGRAD, get
from adamref.theorems.record import Statement, Theorem, near_miss
from adamref.theorems.spaces import Draw, Point, Space, among, composed, grid, numbers, st
from adamref.theorems.symbols import alpha, beta2, eps, i, t, weight_decay
from adamref.theorems.writing import ProofStep, Run, Steps, Use, Used, show

from . import alike
from .alike import DRAWN, START, at_first, g, later, same_hat, same_parameter, same_state, same_step
from .powers import below_one

ONE = Integer(1)
adam = Run(ADAM, starts=START)
adamw = Run(ADAMW, starts=START)
_DECAY = numbers("weight_decay", low=0)
_SMALL = (*DRAWN[:-1], alike.between(-2, 2, g=5), _DECAY)


def _supposing(one: Run, other: Run, **supposed: Any) -> Statement:
    """State that two runs go through the same parameters if something holds at every step."""
    said = {name: Always(relation, i, ONE, t) for name, relation in supposed.items()}
    return Statement(eq(one("theta", t), other("theta", t)), alike.DOMAIN, said)


def _hats(run: Run, other: Run) -> tuple[ProofStep, ...]:
    """Return the steps that both corrected moments are the same."""
    return (
        same_state(run, other, "m"),
        same_state(run, other, "v"),
        *alike.corrected_not_negative(other),
        same_hat(run, other, "m"),
        same_hat(run, other, "v"),
    )


_HATS: tuple[Used, ...] = ("the same m_hat", "the same v_hat", "v_hat is not negative")

# AMSGrad where nothing is forgotten.

amsgrad = Run(AMSGRAD, "'", g, starts=START)


def _growing(by: Expr) -> Statement:
    return _supposing(amsgrad, adam, growing=ge(amsgrad("v", i), by * amsgrad("v", i - 1)))


@Theorem(
    id="amsgrad-is-adam",
    title="Where the second moment never falls AMSGrad is Adam",
    says="If v never decreases, its maximum is its last value, and AMSGrad goes through Adam's "
    "parameters, from the same start and on the same gradients.",
    statement=_growing(ONE),
    source="Reddi, Kale & Kumar 2018, Algorithm 2, with the maximum as PyTorch takes it",
    space=among(*DRAWN, runs=(adam, amsgrad)),
)
@near_miss(
    _growing(beta2),
    "It is never less than beta2 times what it was; where it falls, AMSGrad keeps the maximum.",
    at_first(beta1="1/2", beta2="1/2", t=2, g=(0, 1, 0)),
)
def AMSGRAD_IS(what: Statement) -> Steps:
    """Where v never falls it is its own maximum."""
    greatest, now = amsgrad("v_max", t), amsgrad("v", t)
    line = amsgrad.line("v_max", t)
    return (
        same_state(amsgrad, adam, "m"),
        same_state(amsgrad, adam, "v"),
        show("the greatest", eq(greatest, now)).induction(
            (t, 0, "By induction over the steps."),
            show("nothing yet", eq(amsgrad("v_max", 0), amsgrad("v", 0))).identity(
                "Both start at 0.", (amsgrad.start("v_max"), amsgrad.start("v"))
            ),
            (
                show("at most", le(greatest, now)).extremes(
                    "The greatest before was the last, and no larger.",
                    (line, "induction hypothesis", Use("growing", {i: t})),
                ),
                show("at least", ge(greatest, now)).extremes("It is one of the two.", (line,)),
                show("both", eq(greatest, now)).by(
                    "From both sides.", FromBothSides("at most", "at least")
                ),
            ),
        ),
        *alike.corrected_not_negative(adam),
        same_hat(amsgrad, adam, "m"),
        show("the same v_hat", eq(amsgrad("v_hat", t), adam("v_hat", t)), where=(later,)).identity(
            "The greatest second moment is the last.",
            (
                amsgrad.line("v_hat", t),
                "the greatest",
                "the same v",
                adam.line("v_hat", t),
                below_one(beta2),
            ),
        ),
        same_step(amsgrad, adam, _HATS, "The corrected moments are the same."),
        same_parameter(what, amsgrad, adam),
    )


# LAMB where the norms are equal.

lamb = Run(get("lamb"), "'", g, starts=START)


def _of_equal_norms(draw: Draw) -> Point:
    """Draw an element that is alone in its tensor, and gradients that make its update as large."""
    theta = theta_0 = draw(grid(Fraction(1, 60), Fraction(1, 4), Fraction(1, 60)))
    lam, size = draw(grid(0, 1, Fraction(1, 12))), draw(grid(0, Fraction(11, 12), Fraction(1, 12)))
    epsilon = draw(grid(Fraction(1, 12), 3, Fraction(1, 12)))
    row = [Fraction(0)]
    for _ in range(draw(st.integers(0, 5))):
        way = draw(st.sampled_from((1, -1)))
        ratio = theta * (way - lam)  # so that ratio + lam theta is theta, or its opposite
        if abs(ratio) >= 1:
            break
        row.append(epsilon * ratio / (1 - abs(ratio)))  # the gradient with that ratio
        theta *= 1 - size * way
    return Point.of(
        theta_0=theta_0,
        weight_decay=lam,
        alpha=size,
        eps=epsilon,
        beta1=0,
        beta2=0,
        t=len(row) - 1,
        g=tuple(row),
    )


_NORMS = {
    "norms": eq(lamb("update_norm", i), lamb("theta_norm", i)),
    "parameters": gt(lamb("theta_norm", i), 0),
}


@Theorem(
    id="lamb-equal-norms",
    title="Where a tensor's update is as large as the tensor, LAMB is AdamW",
    says="If at every step the norm of a tensor's update is that of its parameters, and not 0, "
    "LAMB goes through the parameters of AdamW, from the same start and on the same gradients.",
    statement=_supposing(lamb, adamw, **_NORMS),
    source="You et al. 2020, Algorithm 2",
    space=Space(composed(_of_equal_norms).points, (adamw, lamb)),
)
@near_miss(
    _supposing(lamb, adamw, parameters=_NORMS["parameters"]),
    "Where they differ the step is as large as the tensor.",
    at_first(theta_0=2),
    among(*_SMALL, runs=(adamw, lamb)),
)
def LAMB(what: Statement) -> Steps:
    """Equal norms make a trust ratio of 1."""
    del what
    ratio = adamw("m_hat", t) / (sqrt(adamw("v_hat", t)) + eps)
    return (
        *_hats(lamb, adamw),
        show("the parameters' norm", gt(lamb("theta_norm", t), 0), where=(later,)).certificate(
            "It is assumed at every step.", uses=(Use("parameters", {i: t}),)
        ),
        show(
            "equal norms", eq(lamb("update_norm", t), lamb("theta_norm", t)), where=(later,)
        ).identity("They are at every step.", (Use("norms", {i: t}),)),
        show("the update's norm", gt(lamb("update_norm", t), 0), where=(later,)).by(
            "It is the same.", PutIn("equal norms", ("the parameters' norm",))
        ),
        show("the trust ratio", eq(lamb("trust", t), 1), where=(later,)).identity(
            "It is the quotient of what is equal.",
            (lamb.case("trust", t, 2), "equal norms", "the parameters' norm", "the update's norm"),
        ),
        show(
            "LAMB's step",
            eq(lamb("delta", t), -alpha * (ratio + weight_decay * lamb("theta", t - 1))),
            where=(later,),
        ).identity(
            "It is AdamW's ratio and its decay.",
            (lamb.line("delta", t), "the trust ratio", lamb.line("update", t), *_HATS),
        ),
        same_parameter(
            _supposing(lamb, adamw),
            lamb,
            adamw,
            ("LAMB's step", adamw.line("delta", t), "v_hat is not negative"),
        ),
    )


# StableAdamW where nothing is clipped.

stable = Run(get("stable-adamw"), "'", g, starts=START)
_CLIP = Max(1, stable("rms", t))


@Theorem(
    id="stable-adamw-unclipped",
    title="Where no update is large StableAdamW is AdamW",
    says="If at every step the root mean square of the tensor's update is at most 1, nothing is "
    "clipped, and StableAdamW goes through the parameters of AdamW, from the same start and on the "
    "same gradients.",
    statement=_supposing(stable, adamw, updates=le(stable("rms", i), 1)),
    source="Wortsman et al. 2023, Algorithm 2",
    space=among(*_SMALL, runs=(adamw, stable)),
)
@near_miss(
    _supposing(stable, adamw, updates=le(stable("rms", i), 2)),
    "A root mean square above 1 makes the step shorter.",
    at_first(beta2="1/2", t=2, g=(0, 1, 3)),
)
def STABLE(what: Statement) -> Steps:
    """Where nothing is clipped the step size is the plain one."""
    below = le(stable("rms", t), 1)
    return (
        *_hats(stable, adamw),
        show("the root mean square", below, where=(later,)).certificate(
            "It is assumed at every step.", uses=(Use("updates", {i: t}),)
        ),
        show("at most", le(_CLIP, 1), where=(later,)).extremes(
            "Both of the numbers are at most 1.", ("the root mean square",)
        ),
        show("at least", ge(_CLIP, 1), where=(later,)).extremes("One of the two numbers is 1.", ()),
        show("the divisor", eq(_CLIP, 1), where=(later,)).by(
            "From both sides.", FromBothSides("at most", "at least")
        ),
        show("the step size", eq(stable("eta", t), alpha), where=(later,)).identity(
            "Alpha is divided by 1.", (stable.line("eta", t), "the divisor")
        ),
        same_step(stable, adamw, ("the step size", *_HATS), "The step size is alpha."),
        same_parameter(what, stable, adamw, ("the same step", "the step size")),
    )


# Cautious AdamW where every step agrees with its gradient.

cautious = Run(get("cautious-adamw", scale="mean"), "'", g, starts=START)
halved = Run(get("cautious-adamw"), "''", g, starts=START)
after = Run(ADAMW_AFTER, "", g, starts=START)


def _agreeing(run: Run, makes_up: Expr) -> Statement:
    agreeing = gt(run("ratio", i) * g(i), 0)
    return _supposing(run, after, agreeing=agreeing, others=eq(run("k", i), makes_up))


@Theorem(
    id="cautious-adamw-agreeing",
    title="Where every step agrees with its gradient cautious AdamW is AdamW",
    says="If at every step an element's step agrees with its gradient, and there is nothing to "
    "make up for (k = 1, as where all elements of the tensor agree), cautious AdamW goes through "
    "the parameters of AdamW, from the same start and on the same gradients.",
    statement=_agreeing(cautious, ONE),
    source="Liang et al. 2024, Algorithm 2, with the scale of the authors' code",
    space=among(*DRAWN[:-1], alike.between(0, 2, g=5), _DECAY, runs=(after, cautious, halved)),
)
@near_miss(
    _agreeing(halved, ONE / 2),
    "With the scale size/(count + 1) the step of an element alone is halved.",
    at_first(),
)
def CAUTIOUS(what: Statement) -> Steps:
    """Where all signs agree the mask is 1."""
    run = alike.meant(what, cautious, halved)
    ratio = after("m_hat", t) / (sqrt(after("v_hat", t)) + eps)
    return (
        *_hats(run, after),
        show("agreement", gt(run("ratio", t) * g(t), 0), where=(later,)).certificate(
            "It is assumed at every step.", uses=(Use("agreeing", {i: t}),)
        ),
        show("it moves", eq(run("phi", t), 1), where=(later,)).identity(
            "Its step agrees with its gradient.", (run.case("phi", t), "agreement")
        ),
        show("the ratio", eq(run("ratio", t), ratio), where=(later,)).identity(
            "The moments are the same.", (run.line("ratio", t), *_HATS)
        ),
        same_step(
            run,
            after,
            ("it moves", Use("others", {i: t}), "the ratio", "v_hat is not negative"),
            "Nothing is made up for.",
        ),
        same_parameter(what, run, after),
    )


THEOREMS = (AMSGRAD_IS, LAMB, STABLE, CAUTIOUS)
