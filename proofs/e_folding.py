"""The e-folding time of an average, about half a step short of 1/(1 - beta).

The time in which a weight falls to 1/e, and why 1/(1 - beta) is not it.
"""

from sympy import Abs, Expr, Integer, Rational, Symbol, log

from adamref.logic.relations import eq, gt, lt
from adamref.logic.slopes import Slope
from adamref.theorems.record import NearMiss, Statement, Theorem, near_miss
from adamref.theorems.spaces import Point, among, numbers, rates
from adamref.theorems.symbols import beta
from adamref.theorems.writing import Cite, ProofStep, Steps, show

age = Symbol("k", real=True)
tau = -1 / log(beta)
BETWEEN = (gt(beta, 0), lt(beta, 1))
OPEN = among(rates("beta"))


@Theorem(
    id="window-log-negative",
    title="The logarithm of a decay rate is negative",
    says="For 0 < beta < 1, log(beta) is below 0, so there is an e-folding time.",
    statement=Statement(lt(log(beta), 0), BETWEEN),
    source="elementary",
    space=OPEN,
)
@near_miss(
    lt(log(beta), -Rational(1, 10)), "It comes as near to 0 as one likes.", Point.of(beta="99/100")
)
def NEGATIVE(what: Statement) -> Steps:
    """A rate below 1 has a logarithm below 0."""
    return (
        show("the slope of the logarithm", gt(1 / beta, 0)).certificate("It is 1/beta."),
        show("the logarithm is negative", what.claim).by(
            "It rises to log 1 = 0.", Slope(beta, Integer(1), "the slope of the logarithm")
        ),
    )


_CITED = Cite(NEGATIVE, {beta: beta})


def _exponent(reached: Expr) -> Statement:
    """State how far the exponent of an age is from -1, if it is that at some age."""
    return Statement(eq(age * log(beta) + 1, log(beta) * (age - reached)), BETWEEN)


@Theorem(
    id="window-e-folding",
    matters="It is another answer to how far back an average looks: 9.49 steps with beta = 0.9, "
    "and 999.5 with beta = 0.999.",
    title="A weight falls to 1/e in -1/log(beta) steps",
    says="The weight of the age k is exp(k log(beta)) times the newest one. The exponent is above "
    "-1 by log(beta) (k - tau), where tau = -1/log(beta), the e-folding time: it is -1 at k = tau, "
    "and at no other age.",
    statement=_exponent(tau),
    source="elementary",
    space=among(rates("beta"), numbers("k", low=0)),
)
@near_miss(
    _exponent(1 / (1 - beta)),
    "It is not 1/(1 - beta), as is often said.",
    Point.of(beta="1/2", k=1),
)
def FOLDING(what: Statement) -> Steps:
    """Put the number of steps in, and let the logarithm and the exponential undo each other."""
    return show("the exponent", what.claim).identity(
        "The logarithm is not 0, and cancels.", (_CITED,)
    )


def _gap_proof(what: Statement) -> tuple[ProofStep, ...]:
    low = what.claim.func is gt(0, 0).func
    minus = -log(beta)
    falls = "(1 - beta)^2/(beta (1 + beta)^2)" if low else "(1 - beta)^2/(2 beta^2)"
    other = "2 (1 - beta)/(1 + beta)" if low else "(1 - beta^2)/(2 beta)"
    apart = f"-log(beta) - {other}" if low else f"{other} + log(beta)"
    if low:
        bound, slope = 2 * (1 - beta) / (1 + beta), (1 - beta) ** 2 / (beta * (1 + beta) ** 2)
        claim = gt(minus, bound)
        rest = (1 + beta) * (minus - bound) / ((1 - beta) * Abs(minus)) / 2
    else:
        bound, slope = (1 - beta**2) / (2 * beta), (1 - beta) ** 2 / (2 * beta**2)
        claim = lt(minus, bound)
        rest = 2 * beta * (bound - minus) / ((1 - beta) * (1 + beta) * Abs(minus))
    return (
        show("the slope", gt(slope, 0)).certificate(
            f"The derivative of {apart} is -{falls}, which is negative."
        ),
        show("the logarithm", claim).by(
            "Both sides are 0 at beta = 1, and their difference falls towards that.",
            Slope(beta, Integer(1), "the slope"),
        ),
        show("the gap", what.claim).certificate(
            "The bound on the logarithm, taken to its inverse.", (rest,), (_CITED, "the logarithm")
        ),
    )


gap = 1 / (1 - beta) - tau
GAPS = (
    Theorem(
        id="window-gap-low",
        title="1/(1 - beta) exceeds the e-folding time by more than 1/2",
        says="1/(1 - beta) is more than 1/2 above the e-folding time -1/log(beta), for every beta.",
        statement=Statement(gt(gap, Rational(1, 2)), BETWEEN),
        proof=_gap_proof,
        source="elementary",
        space=OPEN,
        near_misses=(
            NearMiss(
                Statement(gt(gap, Rational(51, 100)), BETWEEN),
                "At beta = 0.9 it is 0.5088 above.",
                Point.of(beta="9/10"),
            ),
        ),
    ),
    Theorem(
        id="window-gap-high",
        title="1/(1 - beta) exceeds the e-folding time by hardly more than 1/2",
        says="1/(1 - beta) is less than 1/2 + (1 - beta)/(2 (1 + beta)) above the e-folding time, "
        "so that the gap, which is above 1/2, tends to 1/2 for beta -> 1.",
        statement=Statement(lt(gap, Rational(1, 2) + (1 - beta) / (2 * (1 + beta))), BETWEEN),
        proof=_gap_proof,
        source="elementary",
        space=OPEN,
        near_misses=(
            NearMiss(
                Statement(lt(gap, Rational(1, 2)), BETWEEN),
                "It does not fall below 1/2.",
                Point.of(beta="9/10"),
            ),
        ),
    ),
)

THEOREMS = (NEGATIVE, FOLDING, *GAPS)
