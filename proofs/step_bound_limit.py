"""The limit of the sharp step bound, which holds for all steps.

Where there is one bound for all steps, and what it is at the published rates.
"""

from sympy import Abs, And, Eq, Integer, Le, Limit, Rational, oo, sqrt

from adamref.logic.limits import Vanishing
from adamref.logic.relations import eq, ge, gt, le, lt
from adamref.rules import ADAM
from adamref.theorems.spaces import Point, among, numbers, rates, reals, steps
from adamref.theorems.symbols import alpha, beta, beta1, beta2, decay_rate, n, t
from adamref.theorems.writing import Cite, Run, Statement, Steps, Theorem, near_miss, show

from . import step_bound
from .geometric_sum import GEOMETRIC_SUM, divided
from .powers import below_one
from .step_bound import DEFAULTS, PAPER, STEP_BOUND, adam, bound, domain, formula, powers, rho
from .step_bound_growth import BELOW
from .step_bound_reached import reached_space

LIMIT = (1 - beta1) / sqrt((1 - beta2) * (1 - rho))
"""R_t for t to infinity, where rho is below 1."""


@Theorem(
    id="step-bound-for-good",
    matters="One number for all steps: it is what somebody needs who wants to know how far a "
    "parameter can go.",
    title="A bound on all steps",
    says="Where beta1^2 < beta2, no step at all is larger than alpha R_oo, with "
    "R_oo = (1 - beta1) / sqrt((1 - beta2)(1 - rho)).",
    statement=Statement(
        le(Abs(adam("delta", t)), alpha * LIMIT),
        (*domain, gt(beta2, beta1**2), gt(adam("v", t), 0)),
    ),
    source=PAPER,
    space=step_bound.bound_space,
)
@near_miss(
    le(Abs(adam("delta", t)), alpha),
    "Not alpha itself: the gradients (beta2/beta1)^i show it.",
    Point.of(alpha=1, beta1="1/5", beta2="1/2", c=1, t=2),
    reached_space,
)
def FOR_GOOD(statement: Statement) -> Steps:
    """Show that the square of the limit exceeds that of R_t by a square."""
    size = statement.claim.args[0]
    excess = beta2**t * ((beta1 / beta2) ** t - 1) ** 2
    top, bottom = (1 - rho**t) * (1 - beta2**t), (1 - beta1**t) ** 2
    corrections = (below_one(beta1), below_one(beta2))
    return (
        BELOW,
        divided(rho, "sum", "rho"),
        show("product", le(top, bottom)).certificate(
            "They differ by beta2^t times the square of (beta1/beta2)^t - 1.", (excess,)
        ),
        show("quotient", le(top / bottom, 1)).certificate(
            "Divided by what is larger.", ((bottom - top) / bottom,), ("product", *corrections)
        ),
        show("R_t", le(bound(), LIMIT)).squares(
            "The square of R_t is that of R_oo times this quotient.",
            (LIMIT**2 * (1 - top / bottom),),
            ("sum", "quotient", "rho", *corrections),
        ),
        show("bound", statement.claim).certificate(
            "No step is larger than alpha R_t.",
            (alpha * bound() - size, alpha * (LIMIT - bound())),
            ("R_t", Cite(STEP_BOUND, {t: t}), "rho", *corrections),
        ),
    )


closed_form = formula((1 - rho**t) / (1 - rho))


@Theorem(
    id="step-bound-limit",
    matters="It says that the bound for all steps is the best one: steps come as near to it as "
    "one likes.",
    title="The limit of the bound on a step",
    says="Where beta1^2 < beta2, R_t tends to R_oo = (1 - beta1) / sqrt((1 - beta2)(1 - rho)).",
    statement=Statement(
        eq(Limit(closed_form, t, oo), LIMIT),
        (*decay_rate(beta1), lt(beta2, 1), gt(beta2, 0), gt(beta2, beta1**2), ge(t, 1)),
    ),
    source=PAPER,
    space=among(rates("beta1", "beta2"), steps(1, 1)),
)
@near_miss(
    eq(Limit(closed_form, t, oo), (1 - beta1) / sqrt(1 - beta2)),
    "The paper's bound is its limit for beta1 = 0 only.",
    Point.of(beta1="1/2", beta2="1/2", t=1),
)
def TENDS(statement: Statement) -> Steps:
    """All powers vanish."""
    function = statement.claim.args[0].args[0]
    corrections = (below_one(beta1), below_one(beta2))
    return (
        BELOW,
        divided(rho, "sum", "rho"),
        show("R_t", eq(bound(), function)).identity(
            "What the limit is taken of is R_t.", ("sum", "rho", *corrections)
        ),
        show("one root", eq((1 - beta1) / sqrt(1 - beta2) * sqrt(1 / (1 - rho)), LIMIT)).squares(
            "Two roots are one.", uses=("rho",)
        ),
        show("limit", statement.claim).by(
            "The powers of beta1, beta2 and rho vanish, and the rest is continuous.",
            Vanishing(t, ("R_t", "rho", "one root", *corrections)),
        ),
    )


at_defaults = Run(
    ADAM, hypers={"beta1": DEFAULTS[beta1], "beta2": DEFAULTS[beta2], "eps": Integer(0)}
)


@Theorem(
    id="step-bound-defaults",
    matters="At the published rates a step can be more than seven times alpha. Who clips at "
    "alpha changes the algorithm.",
    title="The bound on all steps at the defaults",
    says="At beta1 = 0.9 and beta2 = 0.999 no step is larger than alpha times the root of 370/7, "
    "7.2702918, and no smaller number will do: R_t tends to it.",
    letters={"n": "a number of steps, as t is"},
    statement=Statement(
        And(
            le(Abs(at_defaults("delta", t)), alpha * sqrt(Rational(370, 7))),
            eq(Limit(closed_form.subs(DEFAULTS).subs(t, n), n, oo), sqrt(Rational(370, 7))),
            evaluate=False,
        ),
        (ge(alpha, 0), ge(t, 1), ge(n, 1), gt(at_defaults("v", t), 0)),
    ),
    source=PAPER,
    space=among(
        numbers("alpha", low=0), steps(1, 7), steps(1, 1, "n"), reals(g=8), runs=(at_defaults,)
    ),
)
@near_miss(
    And(
        le(Abs(at_defaults("delta", t)), alpha * sqrt(Integer(10))),
        eq(Limit(closed_form.subs(DEFAULTS).subs(t, n), n, oo), sqrt(Integer(10))),
        evaluate=False,
    ),
    "The root of 10, which the paper has, is too small.",
    Point.of(alpha=1, t=1, n=1, g=(0, 1)),
)
def AT_DEFAULTS(statement: Statement) -> Steps:
    """Put the numbers in."""
    limit = next(part for part in statement.claim.args if isinstance(part, Eq))
    ratio = rho.subs(DEFAULTS)
    corrections = tuple(below_one(rate, n) for rate in DEFAULTS.values())
    size = next(part for part in statement.claim.args if isinstance(part, Le))
    return (
        show("all steps", size).certificate(
            "The bound for all steps, at these rates.", uses=(Cite(FOR_GOOD, {**DEFAULTS, t: t}),)
        ),
        show("sum", eq(powers(ratio, n), (1 - ratio**n) / (1 - ratio))).combination(
            "A geometric sum.", ((Cite(GEOMETRIC_SUM, {beta: ratio, t: n}), 1 / (1 - ratio)),)
        ),
        show("R_n", eq(bound(n).subs(DEFAULTS), limit.args[0].args[0])).identity(
            "What the limit is taken of is R_n.", ("sum", *corrections)
        ),
        show("limit", limit).by("The powers vanish.", Vanishing(n, ("R_n", *corrections))),
        show("both", statement.claim).parts(
            "The two steps before, together.", ("all steps", "limit")
        ),
    )


THEOREMS = (FOR_GOOD, TENDS, AT_DEFAULTS)
