"""Two inequalities about powers that several theorems rest on.

Two tools that later chapters use.
"""

from sympy import Integer, Symbol

from adamref.logic.relations import ge, le
from adamref.theorems.spaces import Point, among, numbers, rates, steps
from adamref.theorems.symbols import beta, decay_rate, n, t
from adamref.theorems.writing import Statement, Steps, Theorem, near_miss, show

x = Symbol("x", real=True)


@Theorem(
    id="bernoulli",
    title="Bernoulli's inequality",
    says="For x >= 0 and n = 0, 1, 2, ..., x^n is at least 1 + n (x - 1).",
    statement=Statement(ge(x**n, 1 + n * (x - 1)), (ge(x, 0), ge(n, 0))),
    source="Jacob Bernoulli 1689",
    space=among(numbers("x", low=0), steps(0, 12, "n")),
)
@near_miss(ge(x**n, 1 + n * x), "The line goes through 1 at x = 1.", Point.of(x=1, n=1))
@near_miss(
    Statement(ge(x**n, 1 + n * (x - 1)), (ge(n, 0),)),
    "It fails far below 0.",
    Point.of(x=-3, n=3),
    among(numbers("x"), steps(0, 12, "n")),
)
def BERNOULLI(what: Statement) -> Steps:
    """By induction over n."""
    return show("every power", what.claim).induction(
        (n, 0, "By induction over n."),
        show("n = 0").certificate("Both are 1.", (Integer(0),)),
        show("one more factor").certificate(
            "x (1 + (n - 1) (x - 1)) is 1 + n (x - 1) and (n - 1) (x - 1)^2 more.",
            (x * (x ** (n - 1) - 1 - (n - 1) * (x - 1)), (n - 1) * (x - 1) ** 2),
            ("induction hypothesis",),
        ),
    )


@Theorem(
    id="powers-falling",
    title="The powers of a decay rate never grow",
    says="For a decay rate beta in [0, 1), beta^(t+n) is at most beta^t.",
    statement=Statement(le(beta ** (t + n), beta**t), (*decay_rate(beta), ge(t, 0), ge(n, 0))),
    source="used throughout",
    space=among(rates("beta"), steps(0, 30, "t", "n")),
)
@near_miss(
    Statement(le(beta ** (t + n), beta**t), (ge(beta, 0), ge(t, 0), ge(n, 0))),
    "The powers of what is above 1 grow.",
    Point.of(beta=2, t=0, n=1),
    among(numbers("beta", low=0), steps(0, 30, "t", "n")),
)
def FALLING(what: Statement) -> Steps:
    """By induction over the distance."""
    return show("n steps later", what.claim).induction(
        (n, 0, "By induction over n."),
        show("no later").certificate("They are the same.", (Integer(0),)),
        show("one step later").certificate(
            "One more factor is at most 1.",
            (beta**t - beta ** (t + n - 1), beta ** (t + n - 1) * (1 - beta)),
            ("induction hypothesis",),
        ),
    )


THEOREMS = (BERNOULLI, FALLING)
