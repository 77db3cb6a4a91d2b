"""AMSGrad goes to the best point of the online problem.

And so AMSGrad comes as near to the best point as one likes.
"""

from typing import Any

from sympy import Expr, Integer, Rational, Symbol, sqrt

from adamref.logic.relations import ge, gt, le, lt, substituted
from adamref.theorems.record import Statement, Theorem, near_miss
from adamref.theorems.spaces import Point, among, numbers, steps
from adamref.theorems.symbols import alpha, j
from adamref.theorems.writing import Cite, ProofStep, Run, Steps, Use, show

from . import online_problem
from .online_amsgrad_steps import in_units, unit
from .online_problem import FIRST, GREATEST, POSITIVE, STARRED, UP, C, b, k, moved, space_of, w, x

r = Symbol("r", real=True)


def bound_of(at: Expr, loss: Expr, times: Any = 2) -> Expr:
    """Return what bounds x + 1 after some periods."""
    return times / sqrt(1 + loss**2 * at / 3)


def loses(share: Any = 1) -> Statement:
    """State how much the bound loses in a period."""
    lost = bound_of(k - 1, r) - bound_of(k, r)
    return Statement(le(lost, share * r / sqrt(3 * k - 2)), (ge(r, 0), ge(1 - r**2, 0), ge(k, 1)))


@Theorem(
    id="online-bound-loses",
    title="How much a bound like 2/sqrt(1 + r^2 k/3) loses from one period to the next",
    says="It loses at most r/sqrt(3 k - 2), for any rate r from 0 to 1.",
    statement=loses(),
    source="a lemma for the approach of AMSGrad to the best point",
    space=among(numbers("r", low=0), steps(1, 50, "k")),
)
@near_miss(loses(Rational(1, 5)), "It loses more than a fifth of that.", Point.of(r=1, k=1))
def LOSES(statement: Statement) -> Steps:
    """Bound a difference of quotients by the slope at the smaller radicand."""
    c = r**2 / 3
    old, at = 1 + c * (k - 1), 3 * k - 2
    before, after = sqrt(old), sqrt(1 + c * k)
    cubic = 9 * old**3 - r**2 * at
    return (
        show("longer", ge(after, before)).squares("The radicand increases.", (c,)),
        show("radicand", ge(old, 0)).certificate("What stands below the root is not negative."),
        show("at most the slope", le(2 / before - 2 / after, c / before**3)).certificate(
            "A quotient of differences is at most the slope at the smaller radicand: with one "
            "denominator for both.",
            ((after - before) * (c + before * (after - before)) / (before**3 * after),),
            ("longer", "radicand"),
        ),
        show("cubic", ge(cubic, 0)).certificate(
            "With c = r^2/3 and E = 1 + c (k - 1) it is 9 E (E - 1) (E + 1) + 8 + (1 - r^2).",
            (9 * old * c * (k - 1) * (old + 1), Integer(8), 1 - r**2),
        ),
        show("slope", le(c / before**3, r / sqrt(at))).squares(
            "The squares of both sides.", (r**2 * cubic / (9 * old**3 * at),), ("cubic",)
        ),
        show("less than a step", statement.claim).certificate(
            "One bound after the other.",
            (r / sqrt(at) - c / before**3, c / before**3 - (2 / before - 2 / after)),
            ("at most the slope", "slope", "radicand"),
        ),
    )


rate = (C - 2) * alpha / C


def near_the_best(
    run: Run, limit: Expr | None = online_problem.SMALL, times: Any = 2, least: int = 2
) -> Statement:
    """State how near x is to -1 when a period begins."""
    bound = bound_of(k, rate, times) - 1
    domain = [gt(C, least), gt(alpha, 0), ge(k, 0)]
    if limit is not None:
        domain.insert(2, lt(alpha, limit))
    return Statement(le(x(FIRST), bound), tuple(domain), online_problem.projected(run, Integer(-1)))


def _rate_below_one() -> ProofStep:
    parts = (w - alpha**2, b, 4 * alpha**2 * (C - 2) / C**2, 4 * alpha**2 / C**2)
    return show("rate below 1", ge(1 - rate**2, 0)).certificate(
        "So is (1 - 2/C) alpha.", parts, ("alpha squared", "C is positive")
    )


def _one_period(statement: Statement, run: Run) -> tuple[ProofStep, ...]:
    here = {k: k - 1}
    bound, t_ = statement.claim.args[1], 3 * k - 2
    before = bound.subs(k, k - 1)
    c = rate**2 / 3
    new = 1 + c * k
    top = run("v_max", t_)
    s = unit(run).subs(k, k - 1)
    up, again = (moved(run, at).subs(k, k - 1) for at in UP)
    slack = (
        (top - w * C**2) * t_,
        C**2 * t_ * (w - alpha**2),
        alpha**2 * (C - 2) * (C + 2) * t_,
        alpha**2 * Rational(35, 3) * (k - 1),
        alpha**2 * Rational(8, 3),
        alpha**2 * k * (1 - rate**2) / 3,
    )
    small = ("maximum at least", POSITIVE[FIRST])
    known = ("C is positive", "rate below 1")
    real = ("C is positive", Use(POSITIVE[FIRST], here), "radicand", Use("radicand", here))
    return (
        show("small steps", le(2 * s, bound + 1)).squares(
            "The maximum is at least (1 - beta2) C^2: the squares of both sides.",
            tuple(4 * part / (top * t_ * new) for part in slack),
            (*(Use(n, here) for n in small), "alpha squared", "rate below 1", "C is positive"),
        ),
        show("what x loses", ge((C - 2) * s, rate / sqrt(t_))).certificate(
            "The net step is C - 2 units long.",
            ((C - 2) * (s - alpha / (C * sqrt(t_))),),
            (Use("long", here), Use(POSITIVE[FIRST], here), "C is positive"),
        ),
        show("far enough", le(x(t_) - (C - 2) * s, bound)).certificate(
            "x loses at least what the bound loses.",
            (before - x(t_), bound + rate / sqrt(t_) - before, (C - 2) * s - rate / sqrt(t_)),
            ("induction hypothesis", Cite(LOSES, {r: rate}, known), "what x loses", *real),
        ),
        show("down by C units", le(x(t_ + 1), bound - 2 * s)).extremes(
            "The step down, and where the projection may end it.",
            (Use("projected", {j: t_}), Use("down", here), "far enough", "small steps", *real),
        ),
        show("first rise", le(x(t_ + 1) + up, bound - s)).certificate(
            "At most one unit up.",
            (bound - 2 * s - x(t_ + 1), s - up),
            ("down by C units", Use("short up", here), *real),
        ),
        show("above the lower end", ge(bound - s, -1)).certificate(
            "There were two units left.", (bound + 1 - 2 * s, s), ("small steps", *real)
        ),
        show("up by one unit", le(x(t_ + 2), bound - s)).extremes(
            "The projection does not lead above both.",
            (Use("projected", {j: t_ + 1}), "first rise", "above the lower end", *real),
        ),
        show("up twice", le(x(t_ + 2) + again, bound)).certificate(
            "At most one unit more.",
            (bound - s - x(t_ + 2), s - again),
            ("up by one unit", Use("short up again", here), *real),
        ),
        show("end of the period", statement.claim).extremes(
            "Nor does it here.", (Use("projected", {j: t_ + 2}), "up twice", *real)
        ),
    )


@Theorem(
    id="online-amsgrad-best",
    title="AMSGrad goes to the best point of the online problem on which Adam goes to the worst",
    says="With r = (1 - 2/C) alpha, x is at most 2/sqrt(1 + r^2 k/3) above -1 after k periods, so "
    "that it tends to -1, the best point. x starts at 1, and after each step it is projected onto "
    "the interval from -1 to 1." + online_problem.SETTING,
    statement=near_the_best(GREATEST),
    source="Reddi, Kale & Kumar 2018, section 4; the rate is derived here",
    space=space_of(GREATEST, -1),
)
@near_miss(
    near_the_best(STARRED),
    "Adam stays at 1.",
    Point.of(C=10, alpha="9/10", k=1),
    space_of(STARRED, -1),
)
@near_miss(
    near_the_best(GREATEST, None),
    "If alpha may be large, the steps up lead away again.",
    Point.of(C=10, alpha=100, k=1),
)
@near_miss(
    near_the_best(GREATEST, least=0),
    "For C = 1 the point 1 is the best one.",
    Point.of(C=1, alpha="1/2", k=1),
)
@near_miss(
    near_the_best(GREATEST, times=Rational(19, 10)),
    "At first x is 2 above -1, not 19/10.",
    Point.of(C=10, alpha="9/10", k=0),
)
def BEST(statement: Statement) -> Steps:
    """By induction: what a period leads down is more than what the bound loses."""
    run = GREATEST
    base = show("at the start", substituted(statement.claim, {k: Integer(0)})).certificate(
        "x starts at 1.", (Integer(0),), (Use("start", {j: 1}),)
    )
    return (
        *in_units(statement),
        online_problem.alpha_squared(statement),
        _rate_below_one(),
        show("radicand", ge(C**2 + alpha**2 * (C - 2) ** 2 * k / 3, 0), where=(k,)).certificate(
            "C^2 times what stands below the root of the bound."
        ),
        show("near the best", statement.claim).induction(
            (k, 0, "By induction over the periods."), base, _one_period(statement, run)
        ),
    )


THEOREMS = (LOSES, BEST)
