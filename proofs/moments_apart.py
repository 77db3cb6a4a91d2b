"""What two moments say of each other, steps apart, whatever the gradients and the roundings were.

Between checkpoints lie many gradients that nobody saw. The second moment has lost no more than its
decay, and what came to the first one is bounded by what came to the second.
"""

from fractions import Fraction

from sympy import Abs, Function, Integer, Symbol

from adamref.logic.facts import Always, empty, last_term
from adamref.logic.relations import eq, ge, gt, le, total
from adamref.theorems.spaces import Draw, Point, composed, grid, st
from adamref.theorems.symbols import i, n, t
from adamref.theorems.writing import Statement, Steps, Theorem, Use, near_miss, show

from .rounding import g
from .rounding_stored import FINE

mu, V, x = (Function(name, real=True) for name in ("mu", "V", "x"))
B, W, Q, P, e = (Symbol(name, real=True) for name in ("B", "W", "Q", "P", "e"))

ratio = B**2 / Q
terms = total(ratio ** (t - i), i, 1, t)
MOST = W**2 / P * terms
"""What the square of the first may be of the second: with the exact rates, that of step-bound."""

_moments = {
    "start of mu": Always(eq(mu(n), 0), n, Integer(0), Integer(0)),
    "start of V": Always(ge(V(n), 0), n, Integer(0), Integer(0)),
    "sign of mu": Always(ge(mu(i), 0), i, Integer(0)),
    "growth of mu": Always(le(mu(i), B * mu(i - 1) + W * x(i)), i, Integer(1)),
    "growth of V": Always(ge(V(i), Q * V(i - 1) + P * x(i) ** 2), i, Integer(1)),
}
_rates = (ge(B, 0), gt(W, 0), gt(Q, 0), gt(P, 0))


def _runs(draw: Draw) -> Point:
    rate = grid(FINE, 1, FINE)
    values = {name: draw(rate) for name in ("B", "W", "Q", "P")}
    shares = st.sampled_from([Fraction(k, 2) for k in (0, 1, 2, 2)])
    firsts, seconds, row = [Fraction(0)], [Fraction(0)], [Fraction(0)]
    for _ in range(6):
        size = draw(grid(0, 3, FINE))
        row.append(size)
        firsts.append(draw(shares) * (values["B"] * firsts[-1] + values["W"] * size))
        more = draw(st.sampled_from((Fraction(0), Fraction(1))))
        seconds.append(values["Q"] * seconds[-1] + values["P"] * size**2 + more)
    rows = {"mu": tuple(firsts), "V": tuple(seconds), "x": tuple(row)}
    return Point({**values, "t": draw(st.integers(1, 6))}, rows)


@Theorem(
    id="moments-apart",
    matters="Between two checkpoints mu is how far the first moment is from what decay alone would "
    "have left of it, and in one checkpoint the moment itself. No gradient need be known, and the "
    "coefficients may be what roundings left of them.",
    title="What is added to the first moment is bounded by what is added to the second",
    says="Let mu_t be at least the absolute value of a first moment, V_t at most a second moment, "
    "and x_t the absolute value of gradient t. At each step mu becomes at most B mu + W x_t, and V "
    "at least Q V + P x_t^2; B, W, Q and P take the places of beta1, 1 - beta1, beta2 and "
    "1 - beta2. If mu starts at 0, the square of mu_t is at most a multiple of V_t, and the "
    "multiple depends on B, W, Q, P and t alone.",
    statement=Statement(le(mu(t) ** 2, MOST * V(t)), (*_rates, ge(t, 1)), _moments),
    source="the Cauchy-Schwarz inequality, step by step; used for Kingma & Ba 2015, section 2.1",
    space=composed(_runs),
)
@near_miss(
    le(mu(t) ** 2, W**2 / P * V(t)),
    "The last term of the sum is not enough: what was there before a step stays in both moments.",
    Point(
        {"B": 1, "W": 1, "Q": 1, "P": 1, "t": 2},
        {"mu": (0, 1, 2), "V": (0, 1, 2), "x": (0, 1, 1)},
    ),
)
def APART(statement: Statement) -> Steps:
    """By induction over t, with the Cauchy-Schwarz inequality for what was kept and what is new."""
    before, first = terms.subs(t, t - 1), terms.subs(t, 1)
    grown, size = B * mu(t - 1) + W * x(t), W * x(1)
    least = W**2 / P * before
    slack = least * V(t - 1) - mu(t - 1) ** 2
    added = V(t) - Q * V(t - 1) - P * x(t) ** 2
    return (
        show("positive sum", gt(terms, 0), (t - 1,)).certificate(
            "The last power is 1, and no other is negative.",
            (ratio * before, Integer(1)),
            (last_term(terms),),
        ),
        show("moments", statement.claim).induction(
            (t, 1, "By induction over t, from the first step on."),
            (
                show("at most the size", le(mu(1), size)).certificate(
                    "mu starts at 0.",
                    (B * mu(0) + W * x(1) - mu(1),),
                    (Use("start of mu", {n: 0}), Use("growth of mu", {i: 1})),
                ),
                show("one step").certificate(
                    "A gradient adds to V in proportion to the square of what it adds to mu.",
                    (
                        W**2 / P * (V(1) - Q * V(0) - P * x(1) ** 2),
                        W**2 / P * Q * V(0),
                        (size - mu(1)) ** 2,
                        2 * mu(1) * (size - mu(1)),
                    ),
                    (
                        "at most the size",
                        Use("start of V", {n: 0}),
                        Use("growth of V", {i: 1}),
                        Use("sign of mu", {i: 1}),
                        last_term(first),
                        empty(terms.subs(t, 0)),
                    ),
                ),
            ),
            show("one step more").certificate(
                "Each of mu and V is made of what was kept and what is new. By Cauchy and Schwarz, "
                "(p + q)^2 is at most (p^2/s + q^2)(s + 1), with B mu_(t-1) for p, W x_t for q, "
                "and B^2/Q times the sum up to t - 1 for s.",
                (
                    W**2 / P * (ratio * before + 1) * added,
                    (grown - mu(t)) ** 2,
                    2 * mu(t) * (grown - mu(t)),
                    B**2 * slack,
                    W**2 * Q / P * slack / least,
                    Q / (least * P) * (W * mu(t - 1) - B * least * P * x(t) / Q) ** 2,
                ),
                (
                    Use("growth of mu", {i: t}),
                    Use("growth of V", {i: t}),
                    Use("sign of mu", {i: t}),
                    Use("positive sum", {t: t - 1}),
                    last_term(terms),
                    "induction hypothesis",
                ),
            ),
        ),
    )


M, M_, S, S_, z, b, w, r, f, c = (
    Symbol(name, real=True) for name in ("M", "M'", "S", "S'", "z", "b", "w", "r", "f", "c")
)
"""Stored moments before a step and after it; what decay alone leaves of the one at the start."""

_first = Abs(M_ - (b * M + w * g))


def _firsts(draw: Draw) -> Point:
    values = {name: draw(grid(-3, 3, FINE)) for name in ("M", "g", "z")}
    values |= {name: draw(grid(0, 1, FINE)) for name in ("b", "w", "r", "e")}
    most = values["r"] * (abs(values["M"]) + abs(values["g"])) + values["e"]
    away = most * draw(st.sampled_from([Fraction(k, 2) for k in (-2, -1, 0, 2)]))
    return Point({**values, "M'": values["b"] * values["M"] + values["w"] * values["g"] + away})


_grown = (b + r) * Abs(M - z) + (w + r) * Abs(g) + r * Abs(z) + e


@Theorem(
    id="moments-apart-m",
    matters="It makes a rounded update the growth that moments-apart is about.",
    title="By how much a stored first moment leaves what decay alone would make of it",
    says="Where an update of m is off by at most r (|m| + |g|) + e, its distance from what decay "
    "leaves of the start grows to at most b + r times itself and w + r times |g|, and the rest.",
    letters={
        "M": "the moment before the update",
        "M'": "that after it",
        "z": "what decay leaves of the start",
    },
    statement=Statement(
        le(Abs(M_ - b * z), _grown),
        (le(_first, r * (Abs(M) + Abs(g)) + e), ge(b, 0), ge(w, 0), ge(r, 0), ge(e, 0)),
    ),
    source="the first moment's line, rounded (Kingma & Ba 2015, Algorithm 1)",
    space=composed(_firsts),
)
@near_miss(
    le(Abs(M_ - b * z), _grown - r * Abs(z)),
    "What decay leaves of the start is rounded too.",
    Point({"M": 1, "M'": 2, "z": 1, "g": 0, "b": 1, "w": 0, "r": 1, "e": 0}),
)
def FIRST(statement: Statement) -> Steps:
    """The update is b times the distance, w g, and its error; m is the distance and z."""
    return (
        show("the size of m", le(Abs(M), Abs(M - z) + Abs(z))).magnitudes(
            "It is the distance, and what decay leaves.", ((M - z,), (z,))
        ),
        show("distance", statement.claim).magnitudes(
            "The error, the distance times b, and the gradient times w.",
            ((M_ - (b * M + w * g),), (b, M - z), (w, g)),
            (r * (Abs(M - z) + Abs(z) - Abs(M)),),
            ("the size of m",),
        ),
    )


def _seconds(draw: Draw) -> Point:
    values = {name: draw(grid(0, 3, FINE)) for name in ("S", "g")}
    values |= {name: draw(grid(0, 1, FINE)) for name in ("b", "w", "f", "c")}
    right = values["b"] * values["S"] + values["w"] * values["g"] ** 2
    most = values["f"] * (values["S"] + values["g"] ** 2) + values["c"] * (1 + values["g"])
    return Point({**values, "S'": right - most * draw(st.sampled_from((0, 1, 1)))})


_kept = (b - f) * S + (w - f - c / 2) * g**2 - 3 * c / 2


@Theorem(
    id="moments-apart-v",
    matters="It makes a rounded update the growth that moments-apart is about.",
    title="What a stored second moment keeps at least",
    says="Where an update of v is below b v + w g^2 by at most f (v + g^2) + c (1 + |g|), it keeps "
    "b - f times itself and w - f - c/2 times the square, less 3c/2.",
    letters={"S": "the moment before the update", "S'": "that after it"},
    statement=Statement(
        ge(S_, _kept),
        (
            ge(S_, b * S + w * g**2 - f * (S + g**2) - c * (1 + Abs(g))),
            ge(c, 0),
        ),
    ),
    source="the second moment's line, rounded (Kingma & Ba 2015, Algorithm 1)",
    space=composed(_seconds),
)
@near_miss(
    ge(S_, _kept + c / 2),
    "A gradient of size 1 loses 2c: its underflow is as large as that of nothing.",
    Point({"S": 0, "S'": -2, "g": 1, "b": 0, "w": 0, "f": 0, "c": 1}),
)
def SECOND(statement: Statement) -> Steps:
    """Twice |g| is at most 1 and g^2 together."""
    off = statement.domain[0]
    return show("kept", statement.claim).certificate(
        "2 |g| is at most 1 + g^2.", (off.args[0] - off.args[1], c / 2 * (1 - Abs(g)) ** 2)
    )


THEOREMS = (APART, FIRST, SECOND)
