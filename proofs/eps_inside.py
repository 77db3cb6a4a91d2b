"""Epsilon itself under the root: where the two denominators cross, and where they differ most.

Epsilon keeps the division from blowing up. Where it stands decides how early it does so.
"""

from fractions import Fraction

from sympy import And, Eq, Expr, sqrt

from adamref.logic.relations import eq, ge, gt, le, lt
from adamref.theorems.record import NearMiss, Statement, Theorem, near_miss
from adamref.theorems.spaces import Drawn, Point, Space, among, grid, numbers, rates
from adamref.theorems.symbols import eps
from adamref.theorems.writing import ProofStep, Steps, show

from .eps_squared_inside import DOMAIN, INSIDE, OUTSIDE, SOURCE, SPACE, root, v_hat

SMALL = among(rates("v_hat", "eps"))


def _below_crossing() -> Drawn:
    small = grid(0, Fraction(1, 9), Fraction(1, 2520))
    return dict.fromkeys(("v_hat", "eps"), small), {}


def _gap(crossing: Expr) -> Statement:
    return Statement(eq(OUTSIDE**2 - INSIDE**2, 2 * eps * (root - crossing)), DOMAIN)


CROSSING = (1 - eps) / 2


@Theorem(
    id="eps-inside-crosses",
    matters="Inside or outside of the root looks like a matter of taste. The two denominators "
    "are equal at one place only.",
    title="Epsilon itself under the root: the two denominators cross at sqrt(v_hat) = (1 - eps)/2",
    says="Adam divides by sqrt(v_hat) + eps, others by sqrt(v_hat + eps). The squares of these two "
    "denominators differ by 2 eps (sqrt(v_hat) - (1 - eps)/2). So they are equal where "
    "sqrt(v_hat) = (1 - eps)/2; below that the one with eps under the root is the larger one, "
    "above it the other.",
    statement=_gap(CROSSING),
    source=SOURCE,
    space=SPACE,
)
@near_miss(_gap((1 + eps) / 2), "The crossing lies below 1/2, not above.", Point.of(v_hat=1, eps=1))
def GAP(what: Statement) -> Steps:
    """Square both denominators and subtract."""
    return show("difference of the squares", what.claim).identity(
        "Multiplied out: v_hat drops out, and eps can be taken out of the rest."
    )


def _crossing_proof(what: Statement) -> tuple[ProofStep, ...]:
    """Two positive numbers compare as their squares do, whose difference is known."""
    claim = what.claim
    if isinstance(claim, Eq):
        why = "At the crossing both denominators are (1 + eps)/2."
        return (show("equal", claim).squares(why),)
    side = root - CROSSING if claim.rhs == OUTSIDE else CROSSING - root
    why = "The difference of the squares has the sign of the distance from the crossing."
    return (show("on one side", claim).squares(why, (2 * eps * side,)),)


def _side(
    name: str, says: str, matters: str, claim: Expr, domain: Expr, space: Space, wrong: NearMiss
) -> Theorem:
    return Theorem(
        id=f"eps-inside-{name}",
        matters=matters,
        title=f"The denominators {name} the crossing",
        says=says,
        statement=Statement(claim, (ge(v_hat, 0), gt(eps, 0), domain)),
        proof=_crossing_proof,
        source=SOURCE,
        space=space,
        near_misses=(wrong,),
    )


at_crossing = tuple(side.subs(v_hat, CROSSING**2) for side in (OUTSIDE, INSIDE))
SIDES = (
    Theorem(
        id="eps-inside-at",
        matters="Here a test cannot tell the two forms apart. With eps = 1e-8 these are first "
        "gradients of about 1/2, which is what many a test feeds.",
        title="The denominators at the crossing",
        says="Where sqrt(v_hat) = (1 - eps)/2, sqrt(v_hat) + eps = sqrt(v_hat + eps).",
        statement=Statement(eq(*at_crossing), (ge(eps, 0), le(eps, 1))),
        proof=_crossing_proof,
        source=SOURCE,
        space=among(rates("eps")),
        near_misses=(
            NearMiss(
                Statement(eq(*at_crossing), (ge(eps, 0),)),
                "With eps > 1 there is no crossing: (1 - eps)/2 is negative, and no root.",
                Point.of(eps=3),
                SPACE,
            ),
        ),
    ),
    _side(
        "below",
        "Where sqrt(v_hat) < (1 - eps)/2, epsilon under the root makes the denominator larger, "
        "and the step smaller.",
        "On this side the form matters: with eps = 1e-8 and sqrt(v_hat) = 1e-6 it makes a step 99 "
        "times smaller.",
        lt(OUTSIDE, INSIDE),
        lt(root, CROSSING),
        among(_below_crossing),
        NearMiss(
            Statement(lt(OUTSIDE, INSIDE), (ge(v_hat, 0), gt(eps, 0))),
            "Above the crossing it is the other way round.",
            Point.of(v_hat=1, eps=1),
            SPACE,
        ),
    ),
    _side(
        "above",
        "Where sqrt(v_hat) > (1 - eps)/2, epsilon under the root makes the denominator smaller, "
        "and the step longer.",
        "Epsilon under the root does not always make steps smaller. The sign of the difference "
        "says on which side of the crossing a gradient lies.",
        lt(INSIDE, OUTSIDE),
        gt(root, CROSSING),
        SMALL,
        NearMiss(
            Statement(lt(INSIDE, OUTSIDE), (ge(v_hat, 0), gt(eps, 0))),
            "Below the crossing it is the other way round.",
            Point.of(v_hat=0, eps="1/4"),
        ),
    ),
)


def _farthest_proof(what: Statement) -> tuple[ProofStep, ...]:
    """Compare the squares: what is left over is a sum of terms whose signs are known."""
    apart, bound = sorted(what.claim.args, key=lambda part: not isinstance(part, Eq))
    if bound.lhs == INSIDE:
        terms: tuple[Expr, ...] = (v_hat * (1 - eps) / eps, 2 * root)
    else:
        terms = (eps * (1 - root) ** 2,)
    return (
        show("the squares", apart).identity("The squares are multiplied out."),
        show("everywhere", bound).squares("The difference of the squares is not negative.", terms),
        show("most", what.claim).parts(
            "The bound, and how far off it is: it is reached where that is 0, and nowhere else.",
            _BOTH,
        ),
    )


_BOTH = ("everywhere", "the squares")


def _farthest(less: Expr, more: Expr, apart: Expr, domain: tuple[Expr, ...]) -> Statement:
    """State that a denominator is at most another, and by how much their squares differ."""
    return Statement(And(le(less, more), eq(more**2 - less**2, apart)), domain)


APART_BELOW = v_hat * (1 - eps) / eps + 2 * root


def _apart_above(at: int) -> Expr:
    """Return how far the squares are apart, if they are equal at a root of v_hat."""
    return eps * (at - root) ** 2


_UP_TO_ONE = (ge(v_hat, 0), gt(eps, 0), le(eps, 1))
FARTHEST = (
    Theorem(
        id="eps-inside-farthest-below",
        matters="For small gradients it can make a factor of ten thousand: with eps = 1e-8 under "
        "the root the smallest denominator is 1e-4, and 1e-8 outside.",
        title="Epsilon under the root makes the denominator at most 1/sqrt(eps) times as large",
        says="For 0 < eps <= 1, sqrt(v_hat + eps) is at most 1/sqrt(eps) times sqrt(v_hat) + eps: "
        "with eps = 1e-8, ten thousand times. The squares differ by v_hat (1 - eps)/eps + 2 "
        "sqrt(v_hat), so it is reached at v_hat = 0, and nowhere else.",
        statement=_farthest(INSIDE, OUTSIDE / sqrt(eps), APART_BELOW, _UP_TO_ONE),
        proof=_farthest_proof,
        source=SOURCE,
        space=among(numbers("v_hat", low=0), rates("eps")),
        near_misses=(
            NearMiss(
                _farthest(INSIDE, OUTSIDE, APART_BELOW, _UP_TO_ONE),
                "Without the factor it is false where the gradients are small.",
                Point.of(v_hat=0, eps="1/4"),
            ),
            NearMiss(
                _farthest(INSIDE, OUTSIDE / sqrt(eps), APART_BELOW, _UP_TO_ONE[:2]),
                "With eps > 1 the factor 1/sqrt(eps) is below 1, and too small for a large v_hat.",
                Point.of(v_hat=10000, eps=4),
                SPACE,
            ),
        ),
    ),
    Theorem(
        id="eps-inside-farthest-above",
        matters="It bounds how much too long a step can become: with eps = 1e-8 by five parts in "
        "a billion, which is below the rounding of float32.",
        title="Epsilon under the root makes the denominator at most sqrt(1 + eps) times smaller",
        says="sqrt(v_hat) + eps is at most sqrt(1 + eps) times sqrt(v_hat + eps): with a small eps "
        "it makes no step much longer. The squares differ by eps (1 - sqrt(v_hat))^2, so it "
        "is reached at v_hat = 1, and nowhere else.",
        statement=_farthest(OUTSIDE, sqrt(1 + eps) * INSIDE, _apart_above(1), DOMAIN),
        proof=_farthest_proof,
        source=SOURCE,
        space=SPACE,
        near_misses=(
            NearMiss(
                _farthest(OUTSIDE, INSIDE, _apart_above(1), DOMAIN),
                "Without the factor it is false above the crossing.",
                Point.of(v_hat=1, eps=1),
            ),
            NearMiss(
                _farthest(OUTSIDE, sqrt(1 + eps) * INSIDE, _apart_above(2), DOMAIN),
                "It is reached at v_hat = 1, and not at 4.",
                Point.of(v_hat=1, eps=1),
            ),
        ),
    ),
)

THEOREMS = (GAP, *SIDES, *FARTHEST)
