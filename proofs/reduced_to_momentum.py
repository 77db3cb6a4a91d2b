"""Relatives of Adam that are gradient descent or momentum for some of their parameters.

In a corner of their settings some relatives of Adam stop being adaptive.
"""

from sympy import Abs, Expr, Integer, Max, Rational, sqrt

from adamref.logic.facts import Always
from adamref.logic.order import FromBothSides
from adamref.logic.relations import eq, ge, gt, le
from adamref.rules import GRADIENT_DESCENT, MOMENTUM, get
from adamref.theorems.spaces import Space, among, numbers, points, rates, reals, steps
from adamref.theorems.symbols import alpha, beta1, beta2, decay_rate, eps, i, j, t
from adamref.theorems.writing import Run, Statement, Steps, Theorem, Use, near_miss, show

from . import alike
from .alike import DRAWN, START, at_first, between, g, later, same_parameter, same_step, same_theta
from .powers import below_one
from .reduced_by_a_schedule import each_step

ZERO = Integer(0)

# AdaBelief without momentum.

belief = Run(get("adabelief"), "'", g, {"beta1": ZERO}, START)
with_momentum = Run(get("adabelief"), "''", g, starts=START)
_DIVIDED = alpha / (sqrt(eps / (1 - beta2)) + eps)
slow = Run(GRADIENT_DESCENT, "", g, {"alpha": _DIVIDED}, START)


@Theorem(
    id="adabelief-is-descent",
    title="Without momentum AdaBelief is gradient descent",
    says="With beta1 = 0 no gradient is a surprise, v_hat is eps/(1 - beta2) at every step, and "
    "AdaBelief goes through the parameters of gradient descent with the step size "
    "alpha/(sqrt(eps/(1 - beta2)) + eps), from the same start and on the same gradients.",
    statement=same_theta(belief, slow),
    source="Zhuang et al. 2020, Algorithm 2",
    space=among(*DRAWN, runs=(slow, belief, with_momentum)),
)
@near_miss(
    same_theta(with_momentum, slow),
    "With momentum what the average misses goes into v.",
    at_first(beta1="1/2"),
)
def BELIEF(what: Statement) -> Steps:
    """Without momentum g - m is 0, so only epsilon is left to divide by."""
    run = alike.meant(what, belief, with_momentum)
    v = eps * (1 - beta2**t) / (1 - beta2)
    return (
        show("what is kept in v", eq(run("v", t), v)).induction(
            (t, 0, "By induction over the steps."),
            show("nothing yet").identity("It starts at 0.", (run.start("v"),)),
            show("no surprise").identity(
                "Without momentum the average is the gradient, and epsilon alone is added.",
                (run.line("v", t), run.line("m", t), "induction hypothesis"),
            ),
        ),
        show("v_hat is constant", eq(run("v_hat", t), eps / (1 - beta2)), where=(later,)).identity(
            "The correction is that of the sum of a geometric series.",
            (run.line("v_hat", t), "what is kept in v", below_one(beta2)),
        ),
        same_step(
            run,
            slow,
            (*(run.line(name, t) for name in ("m_hat", "m")), "v_hat is constant", below_one(ZERO)),
            "The gradient is divided by a constant.",
        ),
        same_parameter(what, run, slow),
    )


# RAdam whose average of squares is too short.

radam = Run(get("radam"), "'", g, starts=START)
corrected = Run(MOMENTUM, "", g, {"alpha": each_step(alpha / (1 - beta1**i))}, START)
_SHORT = le(beta2, Rational(2, 3))


_LONGER = points(*DRAWN[:1], steps(0, 9), *DRAWN[2:-1], reals(g=9))


@Theorem(
    id="radam-is-momentum",
    title="With beta2 <= 2/3 RAdam is momentum",
    says="With beta2 at most 2/3 the average of squares never gets longer than 5, and RAdam goes "
    "through the parameters of averaged momentum whose step size at step t is alpha/(1 - beta1^t), "
    "from the same start and on the same gradients.",
    statement=same_theta(radam, corrected, _SHORT),
    source="Liu et al. 2020, Algorithm 2, with the threshold 5 of the authors' code",
    space=Space(_LONGER, (corrected, radam)),
)
@near_miss(
    same_theta(radam, corrected),
    "With a larger beta2 it is rectified Adam in the end.",
    at_first(beta2="9/10", t=6, g=(0,) * 6 + (1,)),
)
def RADAM(what: Statement) -> Steps:
    """At such rates the variance is never rectified, and the step divides by nothing."""
    return (
        alike.same_state(radam, corrected, "m"),
        show("the greatest length", le(radam("rho_inf", t), 5), where=(later,)).certificate(
            "2/(1 - beta2) is at most 6.",
            ((Rational(2, 3) - beta2) / (1 - beta2),) * 6,
            (radam.line("rho_inf", t),),
        ),
        show("the length", le(radam("rho", t), 5), where=(later,)).certificate(
            "It is less than the greatest.",
            (5 - radam("rho_inf", t), 2 * t * beta2**t / (1 - beta2**t)),
            (radam.line("rho", t), "the greatest length", below_one(beta2)),
        ),
        same_step(
            radam,
            corrected,
            (
                *(radam.case(name, t, 1) for name in ("r", "below")),
                "the length",
                radam.line("m_hat", t),
                "the same m",
                below_one(beta1),
            ),
            "Nothing is rectified, and the correction stands in the step size.",
        ),
        same_parameter(what, radam, corrected),
    )


# ADOPT on gradients below epsilon. The first gradient moves nothing.

adopt = Run(get("adopt", clip="none"), "'", g, starts=START)
from_second = Run(MOMENTUM, "", lambda k: g(k + 1), {"alpha": alpha / eps}, START)
_BELOW = Max(sqrt(adopt("v", t)), eps)


def _adopt(bound: Expr) -> Statement:
    hypotheses = {"gradients": Always(le(Abs(g(i)), bound), i, Integer(1))}
    claim = eq(adopt("theta", t + 1), from_second("theta", t))
    rates_ = (*decay_rate(beta1), *decay_rate(beta2))
    return Statement(claim, (gt(eps, 0), *rates_, ge(t, 0)), hypotheses)


@Theorem(
    id="adopt-is-momentum",
    title="On gradients below epsilon ADOPT is momentum",
    says="Where no gradient is larger than eps, ADOPT without clipping goes through the "
    "parameters of averaged momentum with the step size alpha/eps, on the gradients from the "
    "second one on: the first moves nothing.",
    statement=_adopt(eps),
    source="Taniguchi et al. 2024, Algorithm 1",
    space=among(
        rates("beta1", "beta2"),
        steps(0, 4),
        numbers("theta_0"),
        numbers("alpha", low=0),
        between(1, 3, "eps"),
        between(-2, 2, g=6),
        runs=(from_second, adopt),
    ),
)
@near_miss(
    _adopt(2 * eps),
    "A larger gradient goes into what later ones are divided by.",
    at_first(g=(0, 2, 1)),
)
def ADOPT(what: Statement) -> Steps:
    """Below epsilon the division is by epsilon, a constant."""
    v, small = adopt("v", j), eps**2 - g(j) ** 2
    return (
        show("squares", ge(small, 0), where=(j - 1,)).certificate(
            "The gradient is at most epsilon.",
            ((eps - Abs(g(j))) * (eps + Abs(g(j))),),
            (Use("gradients", {i: j}),),
        ),
        show("v is not negative", ge(v, 0), where=(j - 1,)).induction(
            (j, 1, "By induction over the steps j."),
            show("the first square").certificate(
                "It begins v.", (g(1) ** 2,), (adopt.case("v", 1, 1),)
            ),
            show("one more square").certificate(
                "A mean of squares is not negative.",
                (beta2 * adopt("v", j - 1), (1 - beta2) * g(j) ** 2),
                (adopt.case("v", j), "induction hypothesis"),
            ),
        ),
        show("v is small", le(v, eps**2), where=(j - 1,)).induction(
            (j, 1, "By induction over the steps j."),
            show("a small first square").certificate(
                "It begins v.", (small.subs(j, 1),), (adopt.case("v", 1, 1), Use("squares", {j: 1}))
            ),
            show("one more small square").certificate(
                "A mean of what is small is small.",
                (beta2 * (eps**2 - adopt("v", j - 1)), (1 - beta2) * small),
                (adopt.case("v", j), "induction hypothesis", "squares"),
            ),
        ),
        show("the root", le(sqrt(adopt("v", t)), eps), where=(later,)).squares(
            "Their squares compare so.",
            (eps**2 - adopt("v", t),),
            (Use("v is small", {j: t}), Use("v is not negative", {j: t})),
        ),
        show("at most", le(_BELOW, eps), where=(later,)).extremes(
            "Both are at most epsilon.", ("the root",)
        ),
        show("at least", ge(_BELOW, eps), where=(later,)).extremes(
            "Epsilon is one of the two.", ()
        ),
        show("the divisor", eq(_BELOW, eps), where=(later,)).by(
            "From both sides.", FromBothSides("at most", "at least")
        ),
        show(
            "divided by epsilon", eq(adopt("g_hat", t + 1), g(t + 1) / eps), where=(later,)
        ).identity(
            "Epsilon is the larger of the two.", (adopt.case("g_hat", t + 1), "the divisor")
        ),
        show("the averages", eq(adopt("m", t + 1), from_second("m", t) / eps)).induction(
            (t, 0, "By induction over the steps."),
            show("nothing at the first step").identity(
                "The first gradient is left out.",
                (
                    adopt.line("m", 1),
                    adopt.start("m"),
                    adopt.case("g_hat", 1, 1),
                    from_second.start("m"),
                ),
            ),
            show("a later gradient").identity(
                "It is taken up over epsilon.",
                (
                    adopt.line("m", t + 1),
                    "divided by epsilon",
                    "induction hypothesis",
                    from_second.line("m", t),
                ),
            ),
        ),
        show("the same parameter, a step later", what.claim).induction(
            (t, 0, "By induction over the steps."),
            show("the start").identity(
                "The first step moves nothing.",
                (
                    adopt.line("theta", 1),
                    adopt.line("delta", 1),
                    Use("the averages", {t: 0}),
                    from_second.start("m"),
                    adopt.start("theta"),
                    from_second.start("theta"),
                ),
            ),
            show("the next parameter").identity(
                "The same is added to the same parameter.",
                (
                    adopt.line("theta", t + 1),
                    adopt.line("delta", t + 1),
                    "the averages",
                    from_second.line("theta", t),
                    from_second.line("delta", t),
                    "induction hypothesis",
                ),
            ),
        ),
    )


THEOREMS = (BELIEF, RADAM, ADOPT)
