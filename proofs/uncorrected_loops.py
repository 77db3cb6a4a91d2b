"""Leaving out bias correction in a closed loop: where it slows convergence, and where not.

So far the gradients were given. In training they depend on the steps; here they do.
"""

from sympy import Abs, Symbol, sqrt

from adamref.logic.relations import Relational, eq, ge, gt, le, lt
from adamref.rules import ADAM, ADAM_UNCORRECTED, Rule
from adamref.theorems.record import Statement, Theorem, near_miss
from adamref.theorems.spaces import Number, Point, among, numbers, rates, steps
from adamref.theorems.symbols import alpha, beta1, beta2, decay_rate, eps, n, t
from adamref.theorems.writing import Cite, ProofStep, Run, Steps, Use, show

from .powers import below_one
from .uncorrected_rates import ALWAYS_SHORTER

theta0, share, slope = (Symbol(name, real=True) for name in ("theta0", "q", "c"))
START = {"theta": theta0}
NOTE = "a lecture note, which says that skipping the correction will slow convergence"

# ---- on x^2/2


def on_a_parabola(rule: Rule, mark: str = "") -> Run:
    """Return a run whose gradient is that of x^2/2 where it stands."""
    theta = Run(rule, mark).function("theta")
    return Run(rule, mark, gradient=lambda at: theta(at - 1), starts=START)


adam, plain = on_a_parabola(ADAM), on_a_parabola(ADAM_UNCORRECTED, "'")
theta, theta_plain = adam.function("theta"), plain.function("theta")

PARABOLA = (
    gt(alpha, 0),
    *decay_rate(beta1),
    *decay_rate(beta2),
    gt(eps, 0),
    gt(theta0, 0),
    ge(t, 1),
)
DEFAULTS: dict[str, Number]
DEFAULTS = {"alpha": "1/1000", "beta1": "9/10", "beta2": "999/1000", "eps": "1e-8", "theta0": 1}
SIZES = numbers("alpha", "eps", "theta0", low=0, strictly=True)

FARTHER = Theorem(
    id="uncorrected-always-farther",
    title="Without bias correction Adam is at no step nearer to the minimum",
    says="On x^2/2, started at the same point, the run without correction would be at least as far "
    "from the minimum as Adam at every step. At the published settings, from 1, it is nearer after "
    "the first step already: 0.9968... against 0.999.",
    letters={"theta0": "where both start"},
    statement=Statement(ge(Abs(theta_plain(t)), Abs(theta(t))), PARABOLA),
    source=NOTE,
    space=among(rates("beta1", "beta2"), SIZES, steps(1, 9), runs=(adam, plain)),
    verdict="REFUTED",
    counterexample=Point.of(**DEFAULTS, t=1),
)

SLOWER = Theorem(
    id="uncorrected-slows-convergence",
    matters="It is said in lectures, and sounds right. Longer steps can also be what was missing.",
    title="Skipping the bias correction slows convergence",
    says="If leaving out the correction slowed convergence, Adam would be as near to the minimum "
    "after as many steps as the run without correction. It is not even after four times as many: "
    "on x^2/2 with the published settings, from 1, the run without correction has halved its "
    "distance to the minimum after 133 steps, and Adam has not after 532. Here theta is Adam's "
    "parameter, theta' that of the run without correction, and q the share of the distance that "
    "it has left.",
    letters={"theta0": "where both start"},
    statement=Statement(
        le(Abs(theta(4 * t)), share * theta0), (*PARABOLA, le(Abs(theta_plain(t)), share * theta0))
    ),
    source=NOTE,
    space=among(
        rates("beta1", "beta2", "q"),
        numbers("eps", "theta0", "alpha", low=0, strictly=True),
        steps(1, 9),
        runs=(adam, plain),
    ),
    verdict="REFUTED",
    counterexample=Point.of(**DEFAULTS, q="1/2", t=133),
    not_applicable={"smt": "532 steps, each with a root, are too many equations for z3"},
)

# ---- on a slope

falling = Run(ADAM, gradient=lambda _: slope, starts=START)
falling_plain = Run(ADAM_UNCORRECTED, mark="'", gradient=lambda _: slope, starts=START)


def behind(*between: Relational) -> Statement:
    """State that on a slope the run without correction is behind."""
    domain = (gt(beta1, 0), lt(beta1, 1), ge(beta2, 0), *between)
    return Statement(
        gt(theta_plain(t), theta(t)), (*domain, gt(alpha, 0), gt(slope, 0), ge(eps, 0), ge(t, 1))
    )


def _grown(run: Run, name: str, says: str) -> ProofStep:
    """Show what a moment of a constant gradient is."""
    rate, put_in = (beta1, slope) if name == "m" else (beta2, slope**2)
    return show(says, eq(run(name, n), (1 - rate**n) * put_in), where=(n,)).induction(
        (n, 0, "By induction over n."),
        show(f"{says}: the start").identity("It starts at 0.", (run.start(name),)),
        show(f"{says}: one more gradient").identity(
            f"{rate} (1 - {rate}^(n-1)) + (1 - {rate}) = 1 - {rate}^n.",
            (run.line(name, n), "induction hypothesis"),
        ),
    )


def _adding_up(claim: Relational) -> ProofStep:
    """Add the steps up."""
    lines = (falling_plain.line("theta", t), falling.line("theta", t))
    shorter = falling_plain("delta", t) - falling("delta", t)
    return show("behind", claim).induction(
        (t, 1, "By induction over t."),
        show("after one step").certificate(
            "Both started at the same point.",
            (shorter.subs(t, 1),),
            (
                falling_plain.line("theta", 1),
                falling.line("theta", 1),
                falling_plain.start("theta"),
                falling.start("theta"),
                Use("every step is shorter", {t: 1}),
            ),
        ),
        show("after one more step").certificate(
            "It was behind, and falls further behind.",
            (theta_plain(t - 1) - theta(t - 1), shorter),
            (*lines, "induction hypothesis", "every step is shorter"),
        ),
    )


@Theorem(
    id="uncorrected-slower-on-a-slope",
    title="For beta2 <= beta1, skipping the bias correction slows the descent of a slope",
    says="On f(x) = c x with c > 0, for 0 <= beta2 <= beta1 < 1 and beta1 > 0, the run without "
    "correction is behind Adam after every step. So the claim holds where beta2 is not above "
    "beta1, as long as the gradient does not change.",
    statement=behind(le(beta2, beta1)),
    source=NOTE,
    space=among(
        rates("beta1", "beta2"),
        numbers("alpha", "c", low=0, strictly=True),
        numbers("eps", low=0),
        numbers("theta0"),
        steps(1, 9),
        runs=(falling, falling_plain),
    ),
)
@near_miss(
    behind(le(beta2, 2 * beta1)),
    "For beta2 above beta1 it may be ahead.",
    Point.of(beta1="1/2", beta2="15/16", alpha=1, c=1, eps=0, theta0=0, t=1),
)
def BEHIND(what: Statement) -> Steps:
    """Every step is shorter; the rest adds up."""
    below = show("beta2 is below 1", lt(beta2, 1)).certificate(
        "It is at most beta1.", (1 - beta1, beta1 - beta2)
    )
    powers = below_one(beta1), below_one(beta2, given=(below.name,))
    moments = tuple(
        _grown(run, name, f"{name} {says}")
        for run, says in ((falling, "of Adam"), (falling_plain, "without correction"))
        for name in ("m", "v")
    )
    at_t = [Use(step.name, {n: t}) for step in moments]
    spread = sqrt(1 - beta2**t)
    below_root = show("below the root", gt(spread, 1 - beta1**t)).certificate(
        "Every step is shorter on the same gradients.",
        (spread * (1 - (1 - beta1**t) / spread),),
        (Cite(ALWAYS_SHORTER), powers[1]),
    )
    long = -alpha * slope / (slope + eps)
    short = -alpha * (1 - beta1**t) * slope / (spread * slope + eps)
    difference = (
        alpha
        * slope
        * (slope * (spread - (1 - beta1**t)) + beta1**t * eps)
        / ((slope + eps) * (spread * slope + eps))
    )
    return (
        below,
        *moments,
        below_root,
        show("Adam's step", eq(falling("delta", t), long)).identity(
            "m_hat is c and v_hat is c^2.",
            (*(falling.line(name, t) for name in ("delta", "m_hat", "v_hat")), *at_t[:2], *powers),
        ),
        show("the step without correction", eq(falling_plain("delta", t), short)).identity(
            "m is (1 - beta1^t) c and v is (1 - beta2^t) c^2.",
            (falling_plain.line("delta", t), *at_t[2:], *powers),
        ),
        show(
            "every step is shorter", gt(falling_plain("delta", t), falling("delta", t))
        ).certificate(
            "The root is above 1 - beta1^t, and without the root eps weighs no less.",
            (difference,),
            ("Adam's step", "the step without correction", below_root.name, *powers),
        ),
        _adding_up(what.claim),
    )


THEOREMS = (FARTHER, SLOWER, BEHIND)
