"""What one rounded operation does to errors: every bound in `rounding` is derived from this.

A machine rounds after every operation. Here is what one operation does to errors that are already
there; all tolerances are put together from these.
"""

from fractions import Fraction

from sympy import Abs, Integer, sqrt

from adamref.logic.relations import eq, ge, gt, le
from adamref.theorems import rounded
from adamref.theorems.rounded import a, b_, d, e, r, s, x, x_, y, y_
from adamref.theorems.spaces import Point, Space, Strategy, st
from adamref.theorems.writing import Statement, Steps, Theorem, near_miss, show

HIGHAM = "Higham 2002, sections 2.2 and 3.1"
near = (le(Abs(x_ - x), a), le(Abs(y_ - y), b_))

_BOUND_OF = {"x": "a", "y": "b", "d": "r", "e": "s"}
_ANY = (-1, -1, "-1/2", 0, "1/4", 1, 1)


def _near(*names: str, low: int = -8, parts: tuple[tuple[int | str, ...], ...] = ()) -> Space:
    """Values, and others near them by a part of a bound; the errors d and e are near 0."""

    def strategy() -> Strategy:
        size = st.fractions(0, 3, max_denominator=8)
        value = st.sampled_from([Fraction(n) for n in (0, 1, 2) if n >= low])
        value |= st.fractions(low, 8, max_denominator=8)
        chosen = parts or (_ANY,) * len(names)
        offsets = [st.sampled_from([Fraction(part) for part in row]) for row in chosen]
        drawn = [st.tuples(value, size, offset) for offset in offsets]
        return st.builds(made, *drawn)

    def made(*drawn: tuple[Fraction, Fraction, Fraction]) -> Point:
        found = {}
        for name, (value, size, part) in zip(names, drawn, strict=True):
            found[_BOUND_OF[name]] = size
            if name in "xy":
                found[name] = value
                found[name + "'"] = value + size * part
            else:
                found[name] = size * part
        return Point(found)

    return Space(strategy)


@Theorem(
    id="rounding",
    matters="All tolerances of this package are put together from a few such steps. This one is "
    "about what a single rounding adds.",
    title="What a rounding adds to an error",
    says="Let x' be within a of x. Rounded, it is x' (1 + d) + e with |d| <= r and |e| <= s, and "
    "this is within (1 + r) a + r |x| + s of x.",
    statement=Statement(
        le(Abs(x_ * (1 + d) + e - x), rounded.after_rounding(Abs(x), a, r, s)),
        (near[0], le(Abs(d), r), le(Abs(e), s)),
    ),
    source=HIGHAM,
    space=_near("x", "d", "e"),
)
@near_miss(
    le(Abs(x_ * (1 + d) + e - x), a + r * Abs(x) + s),
    "The rounding error of the error is left out.",
    Point({"x": 1, "x'": 2, "a": 1, "d": 1, "r": 1, "e": 0, "s": 0}),
    _near("x", "d", "e", low=0, parts=((1,), (1,), (1,))),
)
def ROUNDING(statement: Statement) -> Steps:
    """By the triangle inequality: the errors before, those of the rounding, and their product."""
    before = x_ - x
    return show("rounded", statement.claim).magnitudes(
        "The rounding adds d times the value before it, which is x and its error, and e.",
        ((before,), (before, d), (x, d), (e,)),
    )


@Theorem(
    id="rounding-product",
    matters="An operand that is off makes a product that is off. This says by how much at most.",
    title="The error of a product",
    says="Let x' be within a of x, and y' within b of y. Then x' y' is within |x| b + |y| a + a b "
    "of x y.",
    statement=Statement(le(Abs(x_ * y_ - x * y), rounded.of_product(x, a, y, b_)), near),
    source=HIGHAM,
    space=_near("x", "y"),
)
@near_miss(
    le(Abs(x_ * y_ - x * y), rounded.of_product(x, a, y, b_) - a * b_),
    "The product of the errors is left out.",
    Point({"x": 0, "x'": 1, "a": 1, "y": 0, "y'": 1, "b": 1}),
)
def PRODUCT(statement: Statement) -> Steps:
    """By the triangle inequality: each factor times the other's error, and both errors."""
    return show("product", statement.claim).magnitudes(
        "Each factor's error is multiplied by the other factor, and the errors by each other.",
        ((x, y_ - y), (y, x_ - x), (x_ - x, y_ - y)),
    )


def _sum(name: str, sign: int, matters: str) -> Theorem:

    size = Abs((x_ + sign * y_) - (x + sign * y))

    @Theorem(
        id=f"rounding-{name}",
        matters=matters,
        title=f"The error of a {name}",
        says=f"Let x' be within a of x, and y' within b of y. Then the {name} of x' and y' is "
        f"within a + b of the {name} of x and y.",
        statement=Statement(le(size, rounded.of_sum(a, b_)), near),
        source=HIGHAM,
        space=_near("x", "y"),
    )
    @near_miss(
        le(size, sqrt(a**2 + b_**2)),
        "Errors add up, other than the spreads of independent random errors.",
        Point({"x": 0, "x'": 1, "a": 1, "y": 0, "y'": sign, "b": 1}),
    )
    def theorem(statement: Statement) -> Steps:
        return show(name, statement.claim).magnitudes(
            f"The error of a {name} is at most the sum of the errors.",
            ((x_ - x,), (Integer(sign), y_ - y)),
        )

    return theorem


SUM = _sum(
    "sum",
    1,
    "Moments are sums of two products. Before anything is said of the rounding of the sum itself, "
    "this is what its terms bring with them.",
)
DIFFERENCE = _sum(
    "difference",
    -1,
    "A difference can be small while its error is not: here digits are lost.",
)

_root_domain = (near[0], gt(x, 0), ge(x - a, 0), ge(x_, 0))
_root = Abs(sqrt(x_) - sqrt(x))


@Theorem(
    id="rounding-root",
    title="The error of a root",
    says="Let x' be within a of x, where 0 < x and a <= x. Then the root of x' is within "
    "a / (sqrt(x) + sqrt(x - a)) of the root of x: about half of the relative error.",
    statement=Statement(le(_root, rounded.of_root(x, a)), _root_domain),
    source=HIGHAM,
    space=_near("x"),
)
@near_miss(
    le(_root, a / (2 * sqrt(x))),
    "Half of the relative error is what holds for small errors only: below x the root is steeper.",
    Point({"x": 1, "x'": 0, "a": 1}),
)
def ROOT(statement: Statement) -> Steps:
    """By the difference of squares: that of the roots times their sum is that of the values."""
    difference, error = Abs(x_ - x), statement.domain[0].args[1]
    roots = Abs(sqrt(x_) - sqrt(x))
    least = sqrt(x - error)
    return (
        show("sign", le(x - x_, difference)).squares("A number is at most its absolute value."),
        show("least root", le(least, sqrt(x_))).squares(
            "x' is at least x - a, and roots grow.",
            (error - difference, difference - (x - x_)),
            ("sign",),
        ),
        show("difference of squares", eq(difference, roots * (sqrt(x_) + sqrt(x)))).squares(
            "The difference of two numbers is that of their roots times the sum of the roots."
        ),
        show("root", statement.claim).certificate(
            "The sum of the roots is at least that of the root of x and of the least root of x'.",
            (
                (error - difference) / (sqrt(x) + least),
                roots * (sqrt(x_) - least) / (sqrt(x) + least),
            ),
            ("difference of squares", "least root"),
        ),
    )


_small_domain = (near[0], ge(x, 0), ge(x_, 0))


@Theorem(
    id="rounding-root-near-zero",
    title="The error of a root near zero",
    says="Let x' be within a of x, neither of them negative. Then the root of x' is within sqrt(a) "
    "of the root of x, also where the error is larger than x.",
    statement=Statement(le(_root, rounded.of_small_root(a)), _small_domain),
    source=HIGHAM,
    space=_near("x"),
)
@near_miss(
    le(_root, rounded.of_small_root(a / 2)),
    "Half the error is not enough: at x = 0 there is equality.",
    Point({"x": 0, "x'": 1, "a": 1}),
    _near("x", low=0, parts=((1,),)),
)
def SMALL_ROOT(statement: Statement) -> Steps:
    """By the difference of squares: the roots' sum is at least their difference."""
    difference, roots = Abs(x_ - x), Abs(sqrt(x_) - sqrt(x))
    return (
        show("difference of roots", le(roots, sqrt(x_) + sqrt(x))).squares(
            "Roots are not negative.", (4 * sqrt(x) * sqrt(x_),)
        ),
        show("difference of squares", eq(difference, roots * (sqrt(x_) + sqrt(x)))).squares(
            "The difference of two numbers is that of their roots times the sum of the roots."
        ),
        show("error", ge(a, 0)).certificate(
            "What bounds an absolute value is not negative.", (a - difference, difference)
        ),
        show("root", statement.claim).squares(
            "So its square is at most the difference of the values.",
            (a - difference, roots * (sqrt(x_) + sqrt(x) - roots)),
            ("difference of squares", "difference of roots", "error"),
        ),
    )


_quotient_domain = (*near, gt(Abs(y) - b_, 0))
_quotient = Abs(x_ / y_ - x / y)


@Theorem(
    id="rounding-quotient",
    title="The error of a quotient",
    says="Let x' be within a of x, and y' within b of y, where b < |y|. Then x'/y' is within "
    "(a + |x/y| b) / (|y| - b) of x/y.",
    statement=Statement(le(_quotient, rounded.of_quotient(x, a, y, b_)), _quotient_domain),
    source=HIGHAM,
    space=_near("x", "y"),
)
@near_miss(
    le(_quotient, (a + Abs(x / y) * b_) / Abs(y)),
    "The divisor's own error is left out of what is divided by.",
    Point({"x": 1, "x'": 1, "a": 0, "y": 2, "y'": 1, "b": 1}),
    _near("x", "y", low=0, parts=((1,), (-1,))),
)
def QUOTIENT(statement: Statement) -> Steps:
    """x'/y' - x/y is made of x' - x and (x/y) (y' - y), both divided by y'."""
    least = Abs(y) - b_
    return (
        show("divisor", le(Abs(y), Abs(y_) + b_)).magnitudes(
            "The triangle inequality.", ((y_,), (Integer(-1), y_ - y))
        ),
        show("divisor is not 0", gt(Abs(y_), 0)).certificate(
            "By assumption |y| is larger than b.", (least, Abs(y_) + b_ - Abs(y)), ("divisor",)
        ),
        show("right divisor is not 0", gt(Abs(y), 0)).certificate(
            "|y| is larger than b, which is not negative.", (least, b_ - Abs(y_ - y), Abs(y_ - y))
        ),
        show("reciprocal", le(1 / Abs(y_), 1 / least)).certificate(
            "The divisor is at least |y| - b.",
            ((Abs(y_) + b_ - Abs(y)) / (Abs(y_) * least),),
            ("divisor", "divisor is not 0"),
        ),
        show("quotient", statement.claim).magnitudes(
            "Both errors are divided by the divisor.",
            ((x_ - x, 1 / y_), (Integer(-1), x / y, y_ - y, 1 / y_)),
            uses=("reciprocal", "divisor is not 0", "right divisor is not 0"),
        ),
    )


THEOREMS = (ROUNDING, PRODUCT, SUM, DIFFERENCE, ROOT, SMALL_ROOT, QUOTIENT)

LEMMAS = {
    "rounding": ROUNDING,
    "product": PRODUCT,
    "sum": SUM,
    "difference": DIFFERENCE,
    "root": ROOT,
    "quotient": QUOTIENT,
}
"""What a derivation applies: the theorem about rounding, and by kind those about operations."""
