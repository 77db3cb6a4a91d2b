"""AdaMax: the sharp bound on its step.

What the step bound of Adam is for AdaMax.
"""

from sympy import Abs, Expr, Integer

from adamref.logic.cases import PutIn
from adamref.logic.facts import at_least, last_term
from adamref.logic.order import FromBoth
from adamref.logic.relations import Relational, eq, ge, gt, instead, le, lt, total
from adamref.rules import ADAMAX
from adamref.theorems.record import Statement, Theorem, near_miss
from adamref.theorems.spaces import Point, Space, numbers, points, rates, reals, steps
from adamref.theorems.symbols import alpha, beta, beta1, beta2, decay_rate, g, i, t
from adamref.theorems.writing import Cite, ProofStep, Run, Steps, Use, show

from .powers import below_one
from .weights import WEIGHTS

adamax = Run(ADAMAX)
powers_of_beta2 = Run(ADAMAX, gradient=lambda k: beta2**k)
m, u, delta = (adamax.function(name) for name in ("m", "u", "delta"))
ratio = beta1 / beta2

PAPER = "Kingma & Ba 2015, section 7.1"
ANY = points(rates("beta1", "beta2"), numbers("alpha", low=0), steps(0, 9), reals(g=12))
SPREAD = points(rates("beta1", "beta2"), numbers("alpha", low=0), steps(0, 30))
UNEQUAL = (gt(beta1, 0), lt(beta1, beta2), lt(beta2, 1))


def weights(at: Expr) -> Expr:
    """Return the sum of the weights of the gradients in m, each against its bound in u."""
    return total(ratio ** (t - i), i, 1, t).subs(t, at)


# ---- the first moment against the norm


def moment(weighed: Expr) -> Statement:
    """State that the first moment is at most a multiple of the norm."""
    claim = le(Abs(m(t)), (1 - beta1) * u(t) * weighed)
    return Statement(claim, (*decay_rate(beta1), gt(beta2, 0), ge(t, 0)))


def _one_side(name: str, limit: Expr, sign: int) -> ProofStep:
    """Show the bound for m, or for -m, by induction over t."""
    line = adamax.line("u", t)
    largest: Expr = line.relation.rhs
    decayed, gradient = beta2 * u(t - 1), Abs(g(t))
    return show(name, le(sign * m(t), limit)).induction(
        (t, 0, "By induction over t."),
        show(f"{name}: no gradient yet").certificate(
            "The moment and the norm start at 0.",
            (Integer(0),),
            (adamax.start("m"), adamax.start("u")),
        ),
        show(f"{name}: one more gradient").certificate(
            "The norm has not decayed by more than beta2, the moment by beta1; and the new "
            "gradient is at most the norm.",
            (
                beta1 * ((1 - beta1) * u(t - 1) * weights(t - 1) - sign * m(t - 1)),
                (1 - beta1) * ratio * weights(t - 1) * (largest - decayed),
                (1 - beta1) * (largest - gradient),
                (1 - beta1) * (gradient - sign * g(t)),
            ),
            (
                adamax.line("m", t),
                line,
                last_term(weights(t)),
                "induction hypothesis",
                Use("the weights are not negative", {t: t - 1}),
                at_least(largest, decayed),
                at_least(largest, gradient),
                at_least(gradient, sign * g(t)),
            ),
        ),
    )


@Theorem(
    id="adamax-moment-bound",
    title="The first moment against the norm of AdaMax",
    says="|m| at step t is at most (1 - beta1) u_t times the sum of (beta1/beta2)^(t-i), "
    "because |g_i| is at most u_t / beta2^(t-i).",
    statement=moment(weights(t)),
    source=PAPER,
    space=Space(ANY, (adamax,)),
)
@near_miss(
    moment(Integer(1)),
    "The norm may decay faster than the moment, so the moment exceeds it.",
    Point.of(beta1="9/10", beta2="1/10", t=2, g=(0, 1, 0)),
)
def MOMENT(what: Statement) -> Steps:
    """By induction over t, for m and for -m."""
    return (
        show("the weights are not negative", ge(weights(t), 0)).certificate(
            "A sum of powers of what is not negative."
        ),
        _one_side("from above", what.claim.rhs, 1),
        _one_side("from below", what.claim.rhs, -1),
        show("both", what.claim).by(
            "It is at most that, and at least that.", FromBoth("from above", "from below")
        ),
    )


# ---- the step, for any rates


def step_bound(limit: Expr, *rates_: Relational) -> Statement:
    """State that a step is at most a limit; there must be something to divide by."""
    return Statement(le(Abs(delta(t)), limit), (*rates_, ge(alpha, 0), ge(t, 1), gt(u(t), 0)))


def any_rates_limit(high: Expr) -> Expr:
    """Return the bound for any rates, with the weights up to an index."""
    return alpha * (1 - beta1) / (1 - beta1**t) * total(ratio ** (t - i), i, 1, high)


@Theorem(
    id="adamax-step-bound-any-rates",
    title="A bound on the step of AdaMax",
    says="Whatever the gradients, not all zero, and the decay rates, a step of AdaMax is at most "
    "alpha (1 - beta1) / (1 - beta1^t) times the sum of (beta1/beta2)^(t-i).",
    statement=step_bound(any_rates_limit(t), *decay_rate(beta1), gt(beta2, 0)),
    source=PAPER + " (there with another bound)",
    space=Space(ANY, (adamax,)),
)
@near_miss(
    step_bound(any_rates_limit(t - 1), *decay_rate(beta1), gt(beta2, 0)),
    "Without the weight of the last gradient the bound is too small at the first step.",
    Point.of(alpha=1, beta1="1/2", beta2="1/2", t=1, g=(0, 1)),
)
def STEP(what: Statement) -> Steps:
    """Divide the moment: the step is the moment divided by the norm and by 1 - beta1^t."""
    per = alpha / ((1 - beta1**t) * u(t))
    corrected = below_one(beta1)
    return (
        show("its size", eq(Abs(delta(t)), per * Abs(m(t)))).identity(
            "What the moment is divided by and multiplied with is not negative.",
            (adamax.line("delta", t), corrected),
        ),
        show("the bound", what.claim).certificate(
            "What the moment falls short of its bound, divided likewise.",
            (per * ((1 - beta1) * u(t) * weights(t) - Abs(m(t))),),
            ("its size", Cite(MOMENT), corrected),
        ),
    )


# ---- the step, for beta1 < beta2


def largest_step(power: Expr) -> Expr:
    """Return the bound divided by alpha, for beta1 < beta2."""
    return (1 - beta1) * (1 - ratio**power) / ((1 - ratio) * (1 - beta1**t))


below = (
    show("beta2 is positive", gt(beta2, 0)).certificate(
        "It is above beta1.", (beta2 - beta1, beta1)
    ),
    show("beta1 is below 1", gt(1 - beta1, 0)).certificate(
        "It is below beta2.", (1 - beta2, beta2 - beta1)
    ),
    show("the ratio is below 1", gt(1 - ratio, 0)).certificate(
        "beta1 is below beta2.", ((beta2 - beta1) / beta2,), ("beta2 is positive",)
    ),
)
BELOW = tuple(step.name for step in below)


@Theorem(
    id="adamax-step-bound",
    matters="The paper says that a step of AdaMax is at most alpha. This is the bound that holds.",
    title="The sharp bound on the step of AdaMax",
    says="For 0 < beta1 < beta2 < 1 and any gradients that are not all zero, a step of AdaMax is "
    "at most alpha (1 - beta1) (1 - (beta1/beta2)^t) / ((1 - beta1/beta2) (1 - beta1^t)).",
    statement=step_bound(alpha * largest_step(t), *UNEQUAL),
    source=PAPER + " (there with the bound alpha)",
    space=Space(ANY, (adamax,)),
)
@near_miss(
    step_bound(alpha * largest_step(t - 1), *UNEQUAL),
    "The power is t, not t - 1.",
    Point.of(alpha=1, beta1="1/4", beta2="1/2", t=1),
    Space(SPREAD, (powers_of_beta2,)),
)
@near_miss(
    step_bound(alpha, *UNEQUAL),
    "A step may exceed alpha.",
    Point.of(alpha=1, beta1="1/4", beta2="1/2", t=2),
    Space(SPREAD, (powers_of_beta2,)),
)
def BOUND(what: Statement) -> Steps:
    """Add the weights up, a geometric series."""
    closed = show("geometric series", eq(weights(t), (1 - ratio**t) / (1 - ratio))).combination(
        "The weights add up to this, as those of an average with the decay rate beta1/beta2 do.",
        ((Cite(WEIGHTS, {beta: ratio}, given=("beta2 is positive", *BELOW[2:])), 1 / (1 - ratio)),),
        BELOW,
    )
    any_ = Cite(STEP, {}, given=BELOW)
    return (
        *below,
        closed,
        show("the bound", what.claim).certificate(
            "This is the bound for any rates.",
            (any_rates_limit(t) - Abs(delta(t)),),
            (any_, closed.name, below_one(beta1, given=BELOW), *BELOW),
        ),
    )


def norm_of_powers(rate: Expr, run: Run, *known: str) -> tuple[ProofStep, ProofStep]:
    """Show by induction that the norm of the gradients beta2^i is the last of them."""
    claim = eq(u(t), rate**t)
    magnitude = show("its magnitude", eq(Abs(rate), rate)).identity("It is not negative.", known)
    first = show("the first norm", eq(u(1), rate)).identity(
        "It is the first gradient.", (run.line("u", 1), run.start("u"), magnitude.name)
    )
    one = show("the decayed norm", instead(claim, u(t), rate * u(t - 1))).identity(
        "It decays just as the gradients do.", ("induction hypothesis",)
    )
    power = show("its power", eq(rate**t, rate**t)).identity("They are the same.")
    other = show("the gradient", instead(claim, u(t), Abs(run("g", t)))).by(
        "It is a power of what is its own magnitude.", PutIn(magnitude.name, (power.name,))
    )
    next_ = show("the next norm", claim).by(
        "Both are the same.", PutIn(run.line("u", t), (one.name, other.name))
    )
    return magnitude, show("the norm", claim).induction(
        (t, 1, "By induction over t."), first, (one, power, other, next_)
    )


@Theorem(
    id="adamax-step-bound-reached",
    matters="So there is no better bound, unless something is known of the gradients.",
    title="The bound on the step of AdaMax is reached",
    says="For the gradients g_i = beta2^i every step of AdaMax is exactly as long as the bound.",
    statement=Statement(eq(delta(t), -alpha * largest_step(t)), (*UNEQUAL, ge(t, 1))),
    source=PAPER + " (there with the bound alpha)",
    space=Space(SPREAD, (powers_of_beta2,)),
)
@near_miss(
    eq(delta(t), -alpha),
    "The steps are longer than alpha from the second on.",
    Point.of(alpha=1, beta1="1/4", beta2="1/2", t=2),
)
def REACHED(what: Statement) -> Steps:
    """For the gradients beta2^i every inequality of the bound is an equation."""
    run = powers_of_beta2
    claim = eq(m(t), (1 - beta1) * beta2**t * (1 - ratio**t) / (1 - ratio))
    return (
        *below,
        *norm_of_powers(beta2, run, "beta2 is positive"),
        show("the first moment", claim).induction(
            (t, 1, "By induction over t."),
            show("the first moment at t = 1").identity(
                "It holds one gradient.", (run.line("m", 1), run.start("m"), *BELOW)
            ),
            show("the next first moment").identity(
                "Divided by beta2^t, it is multiplied by beta1/beta2 and grows by 1 - beta1.",
                (run.line("m", t), "induction hypothesis", *BELOW),
            ),
        ),
        show("the step", what.claim).identity(
            "The moment divided by the norm and by 1 - beta1^t.",
            (
                run.line("delta", t),
                "the first moment",
                "the norm",
                below_one(beta1, given=BELOW),
                *BELOW,
            ),
        ),
    )


# ---- the paper's bound


AT_MOST_ALPHA = Theorem(
    id="adamax-step-at-most-alpha",
    title="A step of AdaMax is at most alpha",
    says="The paper says that the parameter never moves by more than alpha. At the published rates "
    "the gradients 0.999 and 0.999^2 already make a second step of 2110/2109 alpha.",
    statement=step_bound(alpha, *decay_rate(beta1), *decay_rate(beta2)),
    source=PAPER,
    space=Space(SPREAD, (powers_of_beta2,)),
    verdict="REFUTED",
    counterexample=Point.of(alpha=1, beta1="9/10", beta2="999/1000", t=2),
)

THEOREMS = (MOMENT, STEP, BOUND, REACHED, AT_MOST_ALPHA)
