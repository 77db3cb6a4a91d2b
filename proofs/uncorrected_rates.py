"""Without bias correction: where a step is shorter than Adam's, and where longer.

Whether that factor is above 1 or below it depends on t and on the two rates.
"""

from collections.abc import Callable

from sympy import Expr, Integer, Lt
from sympy.core.relational import Relational

from adamref.logic.relations import ge, gt, le, lt
from adamref.theorems.spaces import Point, Space, points, rates, steps
from adamref.theorems.symbols import beta1, beta2, n, t
from adamref.theorems.writing import Statement, Steps, Theorem, Use, near_miss, show

from .powers import below_one
from .uncorrected import corrected, factor

Compared = Callable[[Expr, Expr | int], Relational]

NOTE = "a lecture note, which says that the correction may be left out"
POSITIVE = (gt(beta1, 0), lt(beta1, 1), gt(beta2, 0), lt(beta2, 1))


def two_powers(at: Expr, one: Expr = beta2 / beta1, other: Expr = beta1) -> Expr:
    """Return what is above 2 exactly where c is above 1."""
    return one**at + other**at


RATES = points(rates("beta1", "beta2"), steps(1, 40))


def compared(relation: Compared, limit: int) -> Statement:
    """State that c compares with 1 as two_powers does with a limit."""
    return Statement(
        relation(factor(t), 1), (*POSITIVE, ge(t, 1), relation(two_powers(t), Integer(limit)))
    )


def _where(
    name: str, relation: Compared, how_long: str, says: str, matters: str, wrong: tuple[int, Point]
) -> Theorem:
    limit, point = wrong

    @Theorem(
        id=f"uncorrected-{name}",
        matters=matters,
        title=f"Where a step without bias correction is {how_long} Adam's",
        says=f"For 0 < beta1, beta2 < 1: where (beta2/beta1)^t + beta1^t is {says}",
        statement=compared(relation, 2),
        source=NOTE,
        space=Space(RATES),
    )
    @near_miss(compared(relation, limit), f"The limit is 2, not {limit}.", point)
    def theorem(what: Statement) -> Steps:
        """Square c: less 1 it is (beta2/beta1)^t + beta1^t - 2, times what is positive."""
        above = two_powers(t) - 2
        gap = -above if isinstance(what.claim, Lt) else above
        return show("the squares", what.claim).squares(
            "c^2 - 1 is (beta2/beta1)^t + beta1^t - 2, times beta1^t / (1 - beta2^t).",
            (beta1**t * gap / (1 - beta2**t),),
            corrected(),
        )

    return theorem


HALVES = Point.of(beta1="1/2", beta2="1/2", t=1)

SHORTER = _where(
    "shorter",
    lt,
    "shorter than",
    "below 2, c_t is below 1.",
    "Without the correction m is too small, and so is the v that it is divided by. Which of the "
    "two tells depends on the rates and on t: this condition decides it.",
    (3, Point.of(beta1="9/10", beta2="999/1000", t=1)),
)
NOT_SHORTER = _where(
    "not-shorter",
    ge,
    "at least as long as",
    "at least 2, c_t is at least 1. So c_t is below 1 exactly where it is below 2.",
    "It is the other half, so no case is left open: steps are shorter under that condition, "
    "and only there.",
    (1, HALVES),
)
LONGER = _where(
    "longer",
    gt,
    "longer than",
    "above 2, c_t is above 1.",
    "At the published rates the condition holds at every step: there the steps are too long, "
    "though m is too small.",
    (1, HALVES),
)


@Theorem(
    id="uncorrected-always-shorter",
    title="For beta2 <= beta1 every step without bias correction is shorter than Adam's",
    says="For 0 <= beta2 <= beta1 < 1 and beta1 > 0, c_t is below 1 for every t.",
    statement=Statement(
        lt(factor(t), 1), (gt(beta1, 0), lt(beta1, 1), ge(beta2, 0), le(beta2, beta1), ge(t, 1))
    ),
    source=NOTE,
    space=Space(RATES),
)
@near_miss(
    Statement(
        lt(factor(t), 1), (gt(beta1, 0), lt(beta1, 1), ge(beta2, 0), le(beta2, 2 * beta1), ge(t, 1))
    ),
    "For beta2 above beta1 the steps are longer in the end: twice as large is too much.",
    Point.of(beta1="1/2", beta2="15/16", t=1),
)
def ALWAYS_SHORTER(what: Statement) -> Steps:
    """(1 - beta1^t)^2 is below 1 - beta1^t, and this is at most 1 - beta2^t."""
    below = show("beta2 is below 1", lt(beta2, 1)).certificate(
        "It is at most beta1.", (1 - beta1, beta1 - beta2)
    )
    return (
        below,
        show("the powers", le(beta2**n, beta1**n), where=(n,)).induction(
            (n, 0, "By induction over n."),
            show("n = 0").certificate("Both are 1.", (Integer(0),)),
            show("one more factor").certificate(
                "x^n - y^n = x (x^(n-1) - y^(n-1)) + (x - y) y^(n-1).",
                (beta1 * (beta1 ** (n - 1) - beta2 ** (n - 1)), (beta1 - beta2) * beta2 ** (n - 1)),
                ("induction hypothesis",),
            ),
        ),
        show("the squares", what.claim).squares(
            "1 - c^2 is beta1^t - beta2^t and beta1^t (1 - beta1^t), divided by 1 - beta2^t.",
            ((beta1**t - beta2**t) / (1 - beta2**t), beta1**t * (1 - beta1**t) / (1 - beta2**t)),
            (Use("the powers", {n: t}), below_one(beta1), below_one(beta2, given=(below.name,))),
        ),
    )


THEOREMS = (SHORTER, NOT_SHORTER, LONGER, ALWAYS_SHORTER)
