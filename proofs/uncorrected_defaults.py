"""Without bias correction, at the published rates: every step is longer, the twelfth the most.

The same at beta1 = 0.9 and beta2 = 0.999.
"""

from sympy import And, Expr, Integer, Mul, Rational

from adamref.logic.cases import OneByOne
from adamref.logic.relations import ge, gt, le, lt
from adamref.theorems.spaces import Point, among, steps
from adamref.theorems.symbols import beta, beta1, beta2, n, t
from adamref.theorems.writing import Cite, Statement, Steps, Theorem, near_miss, show

from .inequalities import BERNOULLI, FALLING, x
from .powers import below_one
from .uncorrected import PUBLISHED, factor
from .uncorrected_rates import LONGER, NOTE, two_powers

# ---- at the published rates

a, b = PUBLISHED[beta1], PUBLISHED[beta2]


@Theorem(
    id="uncorrected-longer-defaults",
    matters="Many texts say that without correction Adam starts slowly. At the published rates "
    "the steps are longer, every one of them.",
    title="At the published rates every step without bias correction is longer than Adam's",
    says="At beta1 = 0.9 and beta2 = 0.999, c_t is above 1 for every t.",
    statement=Statement(gt(factor(t, a, b), Integer(1)), (ge(t, 1),)),
    source=NOTE,
    space=among(steps(1, 400)),
)
@near_miss(
    gt(factor(t, a, b), Rational(11, 10)),
    "It comes down to 1 again.",
    Point.of(t=3000),
    among(steps(1, 4000)),
)
def LONGER_AT_DEFAULTS(what: Statement) -> Steps:
    """1.11^t is at least 1 + 0.11 t, and 0.9^t at least 1 - 0.1 t."""
    grown, shrunk = b / a, a
    return (
        show("above 2", gt(two_powers(t, grown, shrunk), 2)).certificate(
            "It is at least 2 + t/100.",
            (
                grown**t - 1 - t * (grown - 1),
                shrunk**t - 1 - t * (shrunk - 1),
                t * (grown + shrunk - 2),
            ),
            tuple(Cite(BERNOULLI, {x: base, n: t}) for base in (grown, shrunk)),
        ),
        show("longer", what.claim).certificate(
            "Where it is above 2, c is above 1.",
            uses=(Cite(LONGER, PUBLISHED, given=("above 2",)), below_one(b)),
        ),
    )


LOW, HIGH = Rational("6.5685202"), Rational("6.5685203")


def largest(at: int, low: Expr = LOW, high: Expr = HIGH) -> Statement:
    """State where c is largest at the published rates, and between what it lies there."""
    there = factor(Integer(at), a, b)
    claim = And(le(factor(t, a, b), there), ge(there, low), lt(there, high), evaluate=False)
    return Statement(claim, (ge(t, 1),))


@Theorem(
    id="uncorrected-largest",
    matters="If training without correction goes wrong at the start, this is when, and by how "
    "much.",
    title="At the published rates the twelfth step without bias correction is the most too long",
    says="At beta1 = 0.9 and beta2 = 0.999, c_t is largest at t = 12, where it is 6.5685202...",
    statement=largest(12),
    source=NOTE,
    space=among(steps(1, 60)),
)
@near_miss(largest(11), "It is larger one step later.", Point.of(t=12))
@near_miss(largest(13), "It is larger one step earlier.", Point.of(t=12))
@near_miss(largest(12, 6, LOW), "It is not below these digits.", Point.of(t=1))
def LARGEST(what: Statement) -> Steps:
    """Calculate 23 steps; from then on c is at most 1 / sqrt(1 - beta2^24)."""
    del what
    at = Integer(12)
    there = factor(at, a, b)
    claim = le((1 - a**t) ** 2 * (1 - b**at), (1 - a**at) ** 2 * (1 - b**t))
    one, other = below_one(a), below_one(b)
    return (
        show("from step 24 on", claim, where=(t - 24,)).certificate(
            "(1 - beta1^t)^2 is at most 1, and 1 - beta2^t at least 1 - beta2^24.",
            (
                Mul((1 - a**at) ** 2, b**24 - b**t, evaluate=False),
                (1 - a**at) ** 2 * (1 - b**24) - (1 - b**at),
                (1 - b**at) * a**t,
                (1 - b**at) * a**t * (1 - a**t),
            ),
            (one, Cite(FALLING, {beta: b, t: Integer(24), n: t - 24})),
        ),
        show("the squares", claim).by(
            "The steps before that are calculated.", OneByOne(t, 1, 23, "from step 24 on")
        ),
        show("largest", le(factor(t, a, b), there)).squares(
            "Both sides divided by (1 - beta2^12) (1 - beta2^t), and their roots.",
            (Mul(claim.rhs - claim.lhs, 1 / (1 - b**at), 1 / (1 - b**t), evaluate=False),),
            ("the squares", one, other),
        ),
        show("at least", ge(there, LOW)).squares("So are their squares."),
        show("below", lt(there, HIGH)).squares("So are their squares."),
        show(
            "all three",
            And(le(factor(t, a, b), there), ge(there, LOW), lt(there, HIGH), evaluate=False),
        ).parts("The steps before, together.", ("largest", "at least", "below")),
    )


THEOREMS = (LONGER_AT_DEFAULTS, LARGEST)
