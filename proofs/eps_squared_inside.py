"""Epsilon squared under the root: no denominator and no step differs by more than sqrt(2).

Some programs write the root of v_hat + eps^2. It is nearly the same as adding eps outside of it.
"""

from sympy import Abs, And, Eq, Expr, Integer, Rational, Symbol, sqrt

from adamref.logic.relations import eq, ge, gt, le, lt, ne
from adamref.rules import ADAM, ADAM_EPS_INSIDE, symbols
from adamref.rules.adam import denominator
from adamref.theorems.record import NearMiss, Statement, Theorem, near_miss
from adamref.theorems.spaces import Point, among, numbers, rates, reals, steps
from adamref.theorems.symbols import alpha, beta1, beta2, decay_rate, eps, g, t
from adamref.theorems.writing import ProofStep, Run, Steps, show

from .moments import same_moments

v_hat = Symbol("v_hat", real=True)
root = sqrt(v_hat)


def below(form: str, constant: Expr = eps, second: Expr = v_hat) -> Expr:
    """Return what a form of the rule divides by, for a value of v_hat and a constant."""
    made = denominator(symbols.v_hat, form)
    return made.xreplace({symbols.v_hat: second, symbols.eps: constant}).doit()


OUTSIDE, INSIDE, SQUARED = below("paper"), below("eps-inside"), below("eps-inside", eps**2)
SOURCE = "Kingma & Ba 2015, Algorithm 1, against the variants with epsilon under the root"
DOMAIN = (ge(v_hat, 0), ge(eps, 0))
SPACE = among(numbers("v_hat", "eps", low=0))


def _parted(what: Statement) -> tuple[Eq, ...]:
    """Return the parts of a conjunction: the one with the paper's form on the right comes first."""
    return tuple(sorted(what.claim.args, key=lambda part: part.rhs != OUTSIDE))


@Theorem(
    id="eps-squared-inside",
    matters="Whoever wants epsilon under the root can square it first: then it hardly matters "
    "any more where it stands.",
    title="Under the root, eps squared changes the denominator by a factor of at most sqrt(2)",
    says="sqrt(v_hat) + eps lies between 1 and sqrt(2) times sqrt(v_hat + eps^2): to move epsilon "
    "under the root and square it changes a step by less than half.",
    statement=Statement(And(le(1 * SQUARED, OUTSIDE), le(OUTSIDE, sqrt(2) * SQUARED)), DOMAIN),
    source=SOURCE,
    space=SPACE,
)
@near_miss(
    And(le(1 * SQUARED, OUTSIDE), le(OUTSIDE, Rational(7, 5) * SQUARED)),
    "The factor 7/5, a little below sqrt(2), is too small where sqrt(v_hat) = eps.",
    Point.of(v_hat=1, eps=1),
)
@near_miss(
    And(le(Rational(11, 10) * SQUARED, OUTSIDE), le(OUTSIDE, sqrt(2) * SQUARED)),
    "Where v_hat or eps is 0 the two are equal, so no factor above 1 will do below.",
    Point.of(v_hat=1, eps=0),
)
def BETWEEN(what: Statement) -> Steps:
    """Compare the squares: they differ by 2 eps sqrt(v_hat), at most the sum of both squares."""
    low, high = _parted(what)
    return (
        show("at least as large", low).squares(
            "The squares differ by 2 eps sqrt(v_hat).", (2 * eps * root,)
        ),
        show("at most sqrt(2) times as large", high).squares(
            "Twice the one square less the other is a square itself.", ((root - eps) ** 2,)
        ),
        show("between", what.claim).parts(
            "Both bounds together.", ("at least as large", "at most sqrt(2) times as large")
        ),
    )


def _most(at: Expr) -> Statement:
    left, right = (side.subs(v_hat, at) for side in (OUTSIDE, sqrt(2) * SQUARED))
    return Statement(eq(left, right), (ge(eps, 0),))


@Theorem(
    id="eps-squared-inside-most",
    matters="It says where a test has to look: with eps = 1e-8 at first gradients of 1e-8.",
    title="The factor sqrt(2) is reached where sqrt(v_hat) = eps",
    says="Where sqrt(v_hat) = eps, sqrt(v_hat) + eps is sqrt(2) times sqrt(v_hat + eps^2).",
    statement=_most(eps**2),
    source=SOURCE,
    space=among(numbers("eps", low=0)),
)
@near_miss(
    _most(4 * eps**2), "Where sqrt(v_hat) is twice eps, the factor is 3/sqrt(5).", Point.of(eps=1)
)
def MOST(what: Statement) -> Steps:
    """Put sqrt(v_hat) = eps in."""
    return show("equal there", what.claim).identity("With sqrt(v_hat) = eps both sides are 2 eps.")


@Theorem(
    id="eps-squared-inside-only-there",
    matters="Elsewhere the two forms are nearer to each other: where sqrt(v_hat) is a thousand "
    "times eps, they differ by a thousandth.",
    title="The factor sqrt(2) is reached nowhere else",
    says="Where sqrt(v_hat) is not eps, the two denominators differ by less than a factor sqrt(2), "
    "and their squares by less than a factor 2.",
    statement=Statement(lt(OUTSIDE**2, 2 * SQUARED**2), (*DOMAIN, ne(root, eps))),
    source=SOURCE,
    space=SPACE,
)
@near_miss(
    Statement(lt(OUTSIDE**2, 2 * SQUARED**2), DOMAIN),
    "At sqrt(v_hat) = eps the factor is sqrt(2).",
    Point.of(v_hat=1, eps=1),
)
def ONLY(what: Statement) -> Steps:
    """Equality would make the square of sqrt(v_hat) - eps zero."""
    return show("less elsewhere", what.claim).certificate(
        "They differ by (sqrt(v_hat) - eps)^2, which is not 0.", ((root - eps) ** 2,)
    )


# The steps themselves, on the same gradients.

outside = Run(ADAM)
inside = Run(ADAM_EPS_INSIDE, mark="'", gradient=g, hypers={"eps": eps**2})


def _steps_proof(what: Statement) -> tuple[ProofStep, ...]:
    """Divide by the two denominators, which are compared already."""
    one, other = Abs(outside("delta", t)), Abs(inside("delta", t))
    second = outside("v_hat", t)
    size = alpha * Abs(outside("m_hat", t))
    divisors = below("paper", eps, second), below("eps-inside", eps**2, second)
    less, more = divisors if what.claim.lhs == other else divisors[::-1]
    factor, square = sqrt(2), (sqrt(second) - eps) ** 2
    if what.claim.lhs != other:
        factor, square = Integer(1), 2 * eps * sqrt(second)
    return (
        *same_moments(inside, outside),
        show("the step with epsilon outside", eq(one, size / divisors[0])).identity(
            "The rule's line for the step.", (outside.line("delta", t), "v_hat is not negative")
        ),
        show("the step with epsilon inside", eq(other, size / divisors[1])).identity(
            "The rule's line for the step.",
            (inside.line("delta", t), "the same m_hat", "the same v_hat", "v_hat is not negative"),
        ),
        show("the divisors", le(less, factor * more)).squares(
            "Their squares are compared.", (square,), ("v_hat is not negative",)
        ),
        show("the steps", what.claim).certificate(
            "The same numerator over the two divisors.",
            (size * (factor * more - less) / (less * more),),
            (
                "the step with epsilon outside",
                "the step with epsilon inside",
                "the divisors",
                "v_hat is not negative",
            ),
        ),
    )


def _steps(name: str, title: str, says: str, claim: Expr, wrong: NearMiss) -> Theorem:
    return Theorem(
        id=f"eps-squared-inside-step-{name}",
        title=title,
        says=says,
        statement=Statement(claim, STEP_DOMAIN),
        proof=_steps_proof,
        source=SOURCE,
        space=among(
            rates("beta1", "beta2"),
            steps(1, 6),
            numbers("alpha", low=0),
            numbers("eps", low=0, strictly=True),
            reals(g=6),
            runs=(outside, inside),
        ),
        near_misses=(wrong,),
    )


STEP_DOMAIN = (ge(alpha, 0), gt(eps, 0), *decay_rate(beta1), *decay_rate(beta2), ge(t, 1))
_OUTSIDE, _INSIDE = Abs(outside("delta", t)), Abs(inside("delta", t))
_AT = Point.of(alpha=1, eps=1, beta1=0, beta2=0, t=1, g=(0, 1))
STEPS = (
    _steps(
        "longer",
        "With eps squared under the root no step is shorter",
        "On the same gradients, Adam with sqrt(v_hat + eps^2) steps at least as far as Algorithm "
        "1.",
        le(_OUTSIDE, _INSIDE),
        NearMiss(
            Statement(le(Rational(3, 2) * _OUTSIDE, _INSIDE), STEP_DOMAIN),
            "It does not step one and a half times as far.",
            _AT,
        ),
    ),
    _steps(
        "at-most",
        "With eps squared under the root no step is more than sqrt(2) times as long",
        "On the same gradients, Adam with sqrt(v_hat + eps^2) steps at most sqrt(2) times as far "
        "as Algorithm 1.",
        le(_INSIDE, sqrt(2) * _OUTSIDE),
        NearMiss(
            Statement(le(_INSIDE, _OUTSIDE), STEP_DOMAIN),
            "Where epsilon counts it does step farther.",
            _AT,
        ),
    ),
)

THEOREMS = (BETWEEN, MOST, ONLY, *STEPS)
