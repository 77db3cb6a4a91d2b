"""Leaving out bias correction: the factor by which a step on the same gradients differs.

Whoever leaves the corrections out gets Adam's steps, each times a known factor.
"""

from sympy import Abs, Expr, Integer, Rational, sqrt

from adamref.logic.relations import Relational, eq, ge, gt, ne
from adamref.rules import ADAM, ADAM_UNCORRECTED
from adamref.theorems.record import Statement, Theorem, in_coq, near_miss
from adamref.theorems.spaces import Point, among, numbers, rates, reals, steps
from adamref.theorems.symbols import beta1, beta2, decay_rate, g, n, t
from adamref.theorems.writing import Cite, ProofStep, Run, Steps, Use, show

from .moments import multiple
from .powers import below_one

NO_EPS = {"eps": Integer(0)}
adam = Run(ADAM, hypers=NO_EPS)
plain = Run(ADAM_UNCORRECTED, mark="'", gradient=g, hypers=NO_EPS)

PUBLISHED = {beta1: Rational(9, 10), beta2: Rational(999, 1000)}
AT_DEFAULTS = {**NO_EPS, **{symbol.name: rate for symbol, rate in PUBLISHED.items()}}


def factor(at: Expr, first: Expr = beta1, second: Expr = beta2) -> Expr:
    """Return c, the step without correction divided by Adam's."""
    return (1 - first**at) / sqrt(1 - second**at)


def corrected(first: Expr = beta1, second: Expr = beta2, at: Expr = t) -> tuple[Cite, Cite]:
    """Cite that both corrections are positive."""
    return below_one(first, at), below_one(second, at)


def same_moments(run: Run) -> tuple[ProofStep, ...]:
    """Show that a run on the same gradients has Adam's moments."""
    return tuple(
        multiple(
            f"the same {says} moments",
            (run, adam, name, 1),
            (n, 0, "By induction over the steps."),
            "Both take up the same gradient in the same way.",
            (f"{says}: the start", f"{says}: one more gradient"),
        )
        for name, says in (("m", "first"), ("v", "second"))
    )


def root(name: str, below: Expr, used: Cite | None) -> ProofStep:
    """Show that the root of a quotient is the quotient of the roots."""
    v = adam("v", t)
    return show(name, eq(1 / sqrt(v / below), sqrt(below) / sqrt(v))).squares(
        "The root of a quotient is the quotient of the roots.", uses=() if used is None else (used,)
    )


# ---- the factor


STEP_SPACE = among(
    rates("beta1", "beta2"), numbers("alpha", low=0), steps(1, 8), reals(g=9), runs=(adam, plain)
)


@Theorem(
    id="uncorrected-factor",
    matters="Leaving the correction out changes nothing but the length of the step, and by a "
    "factor that is known beforehand. So it can be told from other mistakes by the "
    "ratio of steps alone.",
    title="Without bias correction a step is c_t times Adam's",
    says="On the same gradients, and with eps = 0, the step without bias correction is c_t = "
    "(1 - beta1^t) / sqrt(1 - beta2^t) times Adam's.",
    statement=Statement(
        eq(plain("delta", t), factor(t) * adam("delta", t)),
        (*decay_rate(beta1), *decay_rate(beta2), ge(t, 1), gt(adam("v", t), 0)),
    ),
    source="Kingma & Ba 2015, section 3 and section 6.4",
    space=STEP_SPACE,
    kernel=in_coq("Uncorrected", "uncorrected_step"),
)
@near_miss(
    eq(plain("delta", t), (1 - beta1**t) / (1 - beta2**t) * adam("delta", t)),
    "The correction of v stands under the root.",
    Point.of(alpha=1, beta1="1/2", beta2="3/4", t=1, g=(0, 1)),
)
@near_miss(
    eq(plain("delta", t), Integer(1) * adam("delta", t)),
    "Leaving out the correction changes the step.",
    Point.of(alpha=1, beta1="1/2", beta2="15/16", t=1, g=(0, 1)),
)
def FACTOR(what: Statement) -> Steps:
    """Compare the divisors: the moments are the same."""
    first, second = same_moments(plain)
    rooted = root("the root", 1 - beta2**t, corrected()[1])
    lines = tuple(adam.line(name, t) for name in ("delta", "m_hat", "v_hat"))
    return (
        first,
        second,
        rooted,
        show("the factor", what.claim).identity(
            "Adam's step has m / (1 - beta1^t) where the other has m, and v / (1 - beta2^t) under "
            "the root where the other has v.",
            (
                plain.line("delta", t),
                Use(first.name, {n: t}),
                Use(second.name, {n: t}),
                *lines,
                rooted.name,
                *corrected(),
            ),
        ),
    )


# ---- the first step

adam_at_defaults = Run(ADAM, hypers=AT_DEFAULTS)
plain_at_defaults = Run(ADAM_UNCORRECTED, mark="'", gradient=g, hypers=AT_DEFAULTS)


def first_step(run: Run, other: Run, claimed: Expr, *domain: Relational) -> Statement:
    """State by what the first step without correction differs from Adam's."""
    return Statement(eq(other("delta", 1), claimed * run("delta", 1)), (*domain, ne(g(1), 0)))


@Theorem(
    id="uncorrected-first-step",
    matters="The first step is where a test meets the missing correction, and the ratio that it "
    "sees depends on the rates alone.",
    title="The first step without bias correction",
    says="Without bias correction, and with eps = 0, the first step is (1 - beta1) / "
    "sqrt(1 - beta2) times Adam's.",
    statement=first_step(adam, plain, factor(Integer(1)), *decay_rate(beta1), *decay_rate(beta2)),
    source="Kingma & Ba 2015, section 3 and section 6.4",
    space=STEP_SPACE,
    kernel=in_coq("Uncorrected", "uncorrected_factor_first"),
)
@near_miss(
    first_step(adam, plain, Integer(1), *decay_rate(beta1), *decay_rate(beta2)),
    "It is Adam's only where (1 - beta1)^2 = 1 - beta2.",
    Point.of(alpha=1, beta1="1/2", beta2="15/16", g=(0, 1)),
)
def FIRST(what: Statement) -> Steps:
    """Take the theorem about the factor, at t = 1."""
    return (
        show("something to divide by", gt(adam("v", 1), 0)).certificate(
            "The gradient is not 0.",
            ((1 - beta2) * g(1) ** 2,),
            (adam.line("v", 1), adam.start("v")),
        ),
        show("the first step", what.claim).identity(
            "This is the factor at t = 1.",
            (Cite(FACTOR, {t: Integer(1)}, given=("something to divide by",)),),
        ),
    )


@Theorem(
    id="uncorrected-first-step-defaults",
    matters="A first step that is 3.16 times too long has one usual reason: this one.",
    title="At the published rates the first step without correction is sqrt(10) times Adam's",
    says="At beta1 = 0.9 and beta2 = 0.999, and with eps = 0, the first step without bias "
    "correction is c_1 = sqrt(10) = 3.16... times Adam's.",
    statement=first_step(adam_at_defaults, plain_at_defaults, sqrt(10)),
    source="Kingma & Ba 2015, section 3 and section 6.4",
    space=among(numbers("alpha", low=0), reals(g=1), runs=(adam_at_defaults, plain_at_defaults)),
    kernel=in_coq("Uncorrected", "uncorrected_factor_defaults", "uncorrected_factor_one_refuted"),
)
@near_miss(
    first_step(adam_at_defaults, plain_at_defaults, Integer(1)),
    "The first step is not Adam's.",
    Point.of(alpha=1, g=(0, 1)),
)
def FIRST_AT_DEFAULTS(what: Statement) -> Steps:
    """Only the root takes a step of its own."""
    run, other = adam_at_defaults, plain_at_defaults
    positive = show("something to divide by", gt(other("v", 1), 0)).certificate(
        "The gradient is not 0.", (g(1) ** 2 / 1000,), (other.line("v", 1), other.start("v"))
    )
    rooted = show("the root", eq(1 / sqrt(other("v", 1)), 10 * sqrt(10) / Abs(g(1)))).squares(
        "v is g^2 / 1000.", uses=(other.line("v", 1), other.start("v"))
    )
    return (
        positive,
        rooted,
        show("the first step", what.claim).identity(
            "m is g / 10, and m_hat and v_hat are g and g^2.",
            (
                positive.name,
                other.line("delta", 1),
                rooted.name,
                other.line("m", 1),
                other.start("m"),
                *(run.line(name, 1) for name in ("delta", "m_hat", "v_hat", "m", "v")),
                run.start("m"),
                run.start("v"),
            ),
        ),
    )


THEOREMS = (FACTOR, FIRST, FIRST_AT_DEFAULTS)
