"""The norm of AdaMax is the greatest of the decayed gradients.

AdaMax replaces the second moment by a decayed maximum. These theorems say that it is one.
"""

from sympy import Abs, Expr, Integer, Symbol

from adamref.logic.cases import PutIn
from adamref.logic.facts import Always, Fact, at_least
from adamref.logic.relations import ge, instead, le
from adamref.rules import ADAMAX
from adamref.theorems.spaces import Point, among, numbers, rates, reals, steps
from adamref.theorems.symbols import beta2, g, i, n, t
from adamref.theorems.writing import Run, Statement, Steps, Theorem, Use, near_miss, show

adamax = Run(ADAMAX)
u = adamax.function("u")
bound = Symbol("K", real=True)

ALGORITHM = "Kingma & Ba 2015, section 7.1 and Algorithm 2"


def greatest(at: Expr) -> Fact:
    """Return the line of the norm, u = max(beta2 u, |g|), at a step."""
    return adamax.line("u", at)


def at_least_decayed(at: Expr) -> Fact:
    """Say that the maximum is at least the decayed norm."""
    return at_least(greatest(at).relation.rhs, beta2 * u(at - 1))


def at_least_gradient(at: Expr) -> Fact:
    """Say that the maximum is at least the magnitude of the gradient."""
    return at_least(greatest(at).relation.rhs, Abs(g(at)))


@Theorem(
    id="adamax-norm-above",
    matters="AdaMax divides by u, so by no less than the newest gradient: a single large gradient "
    "makes no large step.",
    title="The norm of AdaMax is at least every decayed gradient",
    says="u at step t is at least beta2^(t-i) |g_i| for every gradient so far.",
    statement=Statement(le(beta2 ** (t - i) * Abs(g(i)), u(t)), (ge(beta2, 0), ge(i, 1), ge(t, i))),
    source=ALGORITHM,
    space=among(rates("beta2"), steps(1, 9, "i", "t"), reals(g=12), runs=(adamax,)),
)
@near_miss(
    le(beta2 ** (t - i - 1) * Abs(g(i)), u(t)),
    "The last gradient has the weight 1, not beta2^(-1).",
    Point.of(beta2="1/2", i=1, t=1, g=(0, 1)),
    among(rates("beta2"), steps(1, 2, "i", "t"), reals(g=2), runs=(adamax,)),
)
def ABOVE(what: Statement) -> Steps:
    """By induction over the number of steps since the gradient."""
    line = greatest(i + n)
    largest = line.relation.rhs
    return (
        show("n steps later", le(beta2**n * Abs(g(i)), u(i + n)), where=(n,)).induction(
            (n, 0, "By induction over n."),
            show("its own step").certificate(
                "The maximum is at least each of the two that it is taken of.",
                (greatest(i).relation.rhs - Abs(g(i)),),
                (greatest(i), at_least_gradient(i)),
            ),
            show("one step later").certificate(
                "The decayed norm is at least the gradient, decayed once more, and the maximum is "
                "at least the decayed norm.",
                (
                    largest - beta2 * u(i + n - 1),
                    beta2 * (u(i + n - 1) - beta2 ** (n - 1) * Abs(g(i))),
                ),
                (line, at_least_decayed(i + n), "induction hypothesis"),
            ),
        ),
        show("at step t", what.claim).certificate(
            "This is step t if n is t - i.", uses=(Use("n steps later", {n: t - i}),)
        ),
    )


def at_most(low: Expr, high: Expr, *, nonnegative: bool = True) -> Statement:
    """State that the norm is at most what every decayed gradient is at most."""
    every = Always(le(beta2 ** (t - i) * Abs(g(i)), bound), i, low, high)
    # No sign of beta2 is needed.
    domain = (ge(t, 0), *((ge(bound, 0),) if nonnegative else ()))
    return Statement(le(u(t), bound), domain, {"every term is at most K": every})


@Theorem(
    id="adamax-norm-least",
    matters="A program works u out from step to step. This says what comes out, a maximum, which "
    "is easier to check by hand.",
    title="The norm of AdaMax is the greatest of the decayed gradients",
    says="u at step t is at most every K >= 0 that no beta2^(t-i) |g_i| exceeds. As it is at least "
    "each of them, it is their maximum: u_t = max over i of beta2^(t-i) |g_i|.",
    statement=at_most(Integer(1), t),
    source=ALGORITHM,
    space=among(rates("beta2"), numbers("K", low=0), steps(0, 4), reals(g=5), runs=(adamax,)),
)
@near_miss(
    at_most(Integer(2), t),
    "All gradients count, the first one too.",
    Point.of(beta2="1/2", K=0, t=1, g=(0, 1)),
)
@near_miss(
    at_most(Integer(1), t, nonnegative=False),
    "Before the first step there are no gradients, and the norm is 0.",
    Point.of(beta2="1/2", K=-1, t=0, g=()),
    among(rates("beta2"), numbers("K"), steps(0, 4), reals(g=5), runs=(adamax,)),
)
def LEAST(what: Statement) -> Steps:
    """By induction over the steps so far: the norm, decayed until step t, stays below K."""
    (said,) = what.hypotheses
    claim = le(beta2 ** (t - n) * u(n), bound)
    decayed, gradient = beta2 * u(n - 1), Abs(g(n))
    start = show("before the first step", le(beta2**t * u(0), bound)).certificate(
        "The norm starts at 0, and K is not negative.", (bound,), (adamax.start("u"),)
    )
    one = show("if the decayed norm is the greatest", instead(claim, u(n), decayed)).certificate(
        "Until step t it decays as the norm before it does.",
        (bound - beta2 ** (t - n + 1) * u(n - 1),),
        ("induction hypothesis",),
    )
    other = show("if the gradient is the greatest", instead(claim, u(n), gradient)).certificate(
        "Decayed until step t it is one of the terms.", uses=(Use(said, {i: n}),)
    )
    either = show("step n", claim).by(
        "The norm is one of the two.", PutIn(greatest(n), (one.name, other.name))
    )
    return (
        show("decayed until step t", claim, where=(n, t - n)).induction(
            (n, 0, "By induction over the steps n up to t."), start, (one, other, either)
        ),
        show("at step t", what.claim).certificate(
            "At n = t nothing decays any more.", uses=(Use("decayed until step t", {n: t}),)
        ),
    )


THEOREMS = (ABOVE, LEAST)
