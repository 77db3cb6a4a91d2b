"""The Cauchy-Schwarz inequality for sums, and its form for discounted sums.

Nothing here is about Adam. It is the one tool that the step bound needs.
"""

from sympy import Expr, Function, Integer, Symbol

from adamref.logic.facts import last_term
from adamref.logic.relations import ge, gt, le, lt, slack, total
from adamref.theorems.spaces import Point, among, numbers, reals, steps
from adamref.theorems.symbols import i, n
from adamref.theorems.writing import ProofStep, Statement, Steps, Theorem, near_miss, show

a, b = Function("a", real=True), Function("b", real=True)
x = Function("x", real=True)
q, r = Symbol("q", real=True), Symbol("r", real=True)

products = total(a(i) * b(i), i, 1, n)
first_squares, second_squares = total(a(i) ** 2, i, 1, n), total(b(i) ** 2, i, 1, n)


def _by_induction(
    statement: Statement, factor: Expr, growth: Expr, sums: tuple[Expr, ...], because: str
) -> tuple[ProofStep, ...]:
    """By induction over n: the gap so far, times a factor, grows by a sum of squares."""
    gap = slack(statement.claim).subs(n, n - 1)
    return (
        show("every length", statement.claim).induction(
            (n, 0, "By induction over n, from the empty sum on."),
            show("no terms").certificate("Both sides are 0.", (Integer(0),)),
            show("one more term").certificate(
                because, (factor * gap, growth), (*map(last_term, sums), "induction hypothesis")
            ),
        ),
    )


@Theorem(
    id="cauchy-schwarz",
    matters="Adam divides a weighted sum by the root of a weighted sum of squares. How large "
    "such a quotient can be is what this inequality is about.",
    title="The Cauchy-Schwarz inequality",
    says="The square of a sum of products is at most the product of the two sums of squares, for "
    "any two sequences, the empty sum included.",
    letters={"a": "one sequence", "b": "the other", "n": "how many terms there are"},
    statement=Statement(le(products**2, first_squares * second_squares), (ge(n, 0),)),
    source="standard; the proof is Lagrange's identity, term by term",
    space=among(steps(0, 6, "n"), reals(a=6, b=6)),
)
@near_miss(
    lt(products**2, first_squares * second_squares),
    "Equality is reached by proportional sequences, and by empty ones.",
    Point.of(n=1, a=(0, 1), b=(0, 1)),
)
@near_miss(
    le(products**2, first_squares * second_squares / 2),
    "No factor below 1 can be put before the squares.",
    Point.of(n=1, a=(0, 1), b=(0, 1)),
)
def CAUCHY_SCHWARZ(statement: Statement) -> Steps:
    """By Lagrange's identity, term by term."""
    return _by_induction(
        statement,
        Integer(1),
        total((a(i) * b(n) - a(n) * b(i)) ** 2, i, 1, n - 1),
        (products, first_squares, second_squares),
        "The gap between the two sides grows by the sum of (a_i b_n - a_n b_i)^2 over i < n "
        "(Lagrange's identity).",
    )


kept = total(q ** (n - i) * x(i), i, 1, n)
discounts = total((q**2 / r**2) ** (n - i), i, 1, n)
discounted_squares = total((r**2) ** (n - i) * x(i) ** 2, i, 1, n)


@Theorem(
    id="cauchy-schwarz-discounted",
    matters="The two moments forget at different rates. This form allows for that: it says what "
    "a difference of the two rates costs.",
    title="The Cauchy-Schwarz inequality for discounted sums",
    says="A sum discounted at the rate q, squared, is at most the sum of squares discounted at the "
    "rate r^2, times the sum of all powers of (q/r)^2.",
    letters={"x": "any sequence", "n": "how many terms there are"},
    statement=Statement(le(kept**2, discounts * discounted_squares), (gt(r, 0), ge(n, 0))),
    source="the Cauchy-Schwarz inequality; used for Kingma & Ba 2015, section 2.1",
    space=among(numbers("q"), numbers("r", low=0, strictly=True), steps(0, 6, "n"), reals(x=6)),
)
@near_miss(
    lt(kept**2, discounts * discounted_squares),
    "Equality is reached, by a single term and by none.",
    Point.of(q=1, r=1, n=1, x=(0, 1)),
)
def DISCOUNTED(statement: Statement) -> Steps:
    """As for plain sums; with q = 0 this is no case of those."""
    return _by_induction(
        statement,
        q**2,
        total((r ** (n - i) * x(i) - (q / r) ** (n - i) * x(n)) ** 2, i, 1, n - 1),
        (kept, discounts, discounted_squares),
        "The gap so far is multiplied by q^2, and over i < n the squares of "
        "r^(n-i) x_i - (q/r)^(n-i) x_n are added.",
    )


THEOREMS = (CAUCHY_SCHWARZ, DISCOUNTED)
