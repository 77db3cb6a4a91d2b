"""Adam returns to the worst point of an online problem, period after period.

The consequence: after every period Adam is back at the worst point of the interval.
"""

from typing import Any

from sympy import Expr, Integer, sqrt

from adamref.logic.order import FromBothSides
from adamref.logic.relations import Relational, eq, ge, gt, le, lt, substituted
from adamref.theorems.record import NearMiss, Statement, Theorem, near_miss
from adamref.theorems.spaces import Point
from adamref.theorems.symbols import alpha, j, t
from adamref.theorems.writing import Cite, ProofStep, Run, Steps, Use, show

from . import online_problem
from .online_adam_steps import STEPS, bare, sizes
from .online_problem import FIRST, PLAIN, POSITIVE, THIRD, C, b, k, kept, moved, space_of, w, x


def at_worst(run: Run, at: Expr = FIRST, high: Any = 1) -> Statement:
    """State that x is 1 whenever a period begins."""
    return Statement(
        eq(x(at), 1), (gt(C, 0), gt(alpha, 0), ge(k, 0)), online_problem.projected(run, high=high)
    )


def returns(
    statement: Statement, claim: Relational, lemma: Theorem, *runs: Run
) -> tuple[ProofStep, ...]:
    """By induction over the periods: what is lost is regained, and more is cut off."""
    run = online_problem.run_in(statement, *runs)
    more = () if gt(C, 0) in statement.domain else (online_problem.positive_c(statement),)
    given = tuple(step.name for step in more)
    first, second, third = (moved(run, at).subs(k, k - 1) for at in online_problem.NAMES)
    back = {k: k - 1}
    up, down = Use("not down", back), Use("not up", back)
    steps = (
        show("after the step down", ge(x(3 * k - 1), 1 + first)).extremes(
            "The step down may have been cut short by the projection, but not prolonged.",
            (Use("projected", {j: 3 * k - 2}), "induction hypothesis", down),
        ),
        show("two steps up would do", ge(x(3 * k - 1) + second + third, 1)).certificate(
            "The two steps up are together at least as long as the step down.",
            (x(3 * k - 1) - 1 - first, first + second + third),
            ("after the step down", Cite(lemma, back, given)),
        ),
        show("one step left", ge(x(3 * k), 1 - third)).extremes(
            "Nothing but the upper end of the interval cuts a step up short.",
            (Use("projected", {j: 3 * k - 1}), "two steps up would do", up),
        ),
        show("at least 1", ge(x(3 * k + 1), 1)).extremes(
            "The last step reaches the upper end.", (Use("projected", {j: 3 * k}), "one step left")
        ),
        show("at most 1", le(x(3 * k + 1), 1)).extremes(
            "No step leads beyond it.", (Use("projected", {j: 3 * k}),)
        ),
        show("back", claim).by(
            "It is at most 1 and at least 1.", FromBothSides("at most 1", "at least 1")
        ),
    )
    base = show("at the start", substituted(claim, {k: Integer(0)})).identity(
        "x starts at 1.", (Use("start", {j: 1}),)
    )
    return (
        *more,
        *online_problem.moments(run, *given),
        *sizes(run, FIRST, THIRD),
        show("not up", le(moved(run, FIRST), 0), where=(k,)).certificate(
            "The slope C leads down.",
            (C * sqrt(kept(run, FIRST)) * bare(run, FIRST),),
            ("down", POSITIVE[FIRST], *given),
        ),
        show("not down", ge(moved(run, THIRD), 0), where=(k,)).certificate(
            "The slope -1 leads up.",
            (sqrt(kept(run, THIRD)) * bare(run, THIRD),),
            ("up again", POSITIVE[THIRD]),
        ),
        show("back at 1", claim, where=(k,)).induction(
            (k, 0, "By induction over the periods."), base, steps
        ),
    )


def positive(run: Run, limit: Any = online_problem.SMALL) -> Statement:
    """State that the step down does not reach 0."""
    domain = (gt(C, 0), gt(alpha, 0), lt(alpha, limit), ge(k, 0))
    return Statement(gt(x(online_problem.SECOND), 0), domain, online_problem.projected(run))


def theorem_of_worst(run: Run, longer: Run, name: str, lemma: Theorem, setting: str) -> Theorem:
    """Return the theorem about a run, from what its steps add up to."""

    def proof(statement: Statement) -> tuple[ProofStep, ...]:
        """By induction over the periods: what is lost is regained, and more is cut off."""
        return returns(statement, statement.claim, lemma, run, longer)

    return Theorem(
        id=f"online-{name}-worst",
        title="Adam returns to the worst point of an online problem",
        matters="It is the counterexample to the paper's proof of convergence. The losses are "
        "convex and as simple as losses can be, and no step size mends it.",
        says="With the projection onto [low, 1] and x_1 = 1, every period ends where it began, at "
        "x = 1. For C > 2 that is the worst point. It holds for every step size, and whatever the "
        "lower end, -1 in the paper." + setting,
        letters={**online_problem.PERIOD, **online_problem.INTERVAL},
        statement=at_worst(run),
        proof=proof,
        source=online_problem.SOURCE,
        space=space_of(run),
        near_misses=(
            NearMiss(
                at_worst(longer),
                "With beta2 = C^2/(1 + C^2), a longer memory, x does not return.",
                Point.of(C=3, alpha="1/10", k=1, low=-1),
                space_of(longer),
            ),
            NearMiss(
                at_worst(run, high=2),
                "If the interval went on to 2, x would not stop at 1.",
                Point.of(C=3, alpha="1/10", k=1, low=-1),
                space_of(run, high=2),
            ),
            NearMiss(
                at_worst(run, online_problem.SECOND),
                "Within a period x is not 1.",
                Point.of(C=3, alpha="1/10", k=0, low=-1),
            ),
        ),
    )


WORST = theorem_of_worst(PLAIN, online_problem.LONGER, "adam", STEPS, online_problem.SETTING)


@Theorem(
    id="online-adam-positive",
    title="Adam does not even pass 0 on an online problem whose best point is -1",
    says="If alpha is below the root of 1 - beta2, x stays positive after the large slope too."
    + online_problem.SETTING
    + online_problem.PROJECTED,
    letters={**online_problem.PERIOD, **online_problem.INTERVAL},
    statement=positive(PLAIN),
    source=online_problem.SOURCE,
    space=space_of(PLAIN),
)
@near_miss(
    positive(PLAIN, 2),
    "With alpha = 1 the first step leads below 0.",
    Point.of(C=3, alpha=1, k=0, low=-1),
)
def POSITIVE_X(statement: Statement) -> Steps:
    """Compare the step down with 1."""
    run = PLAIN
    v = run("v", FIRST)
    *steps, back = returns(statement, eq(x(FIRST), 1), STEPS, run)
    room = (v * FIRST - alpha**2 * C**2) / (v * FIRST)
    return (
        *steps,
        back,
        online_problem.alpha_squared(statement),
        show("long denominator", gt(v * FIRST - alpha**2 * C**2, 0), where=(k,)).certificate(
            "The last square is C^2, and gives v at least (1 - beta2) C^2.",
            (C**2 * (w - alpha**2), w * C**2 * 3 * k, b * run("v", FIRST - 1) * FIRST),
            (run.line("v", FIRST), Use("not negative", {t: FIRST - 1}), "alpha squared"),
        ),
        show("short", lt(C * bare(run, FIRST), 1), where=(k,)).squares(
            "The squares of both sides.", (room,), ("long denominator", POSITIVE[FIRST])
        ),
        show("still positive", gt(x(FIRST) + moved(run, FIRST), 0), where=(k,)).certificate(
            "x was 1.", (1 - C * bare(run, FIRST),), ("back at 1", "down", "short", POSITIVE[FIRST])
        ),
        show("after the projection", statement.claim).extremes(
            "The projection does not lead below both.",
            (Use("projected", {j: FIRST}), "still positive"),
        ),
    )


THEOREMS = (WORST, POSITIVE_X)
