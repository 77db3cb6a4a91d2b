"""Over a period of three losses AMSGrad's steps lead down.

On the same losses AMSGrad's steps over a period do lead down.
"""

from sympy import Expr, sqrt

from adamref.logic.relations import ge, gt, le
from adamref.theorems.spaces import Point
from adamref.theorems.symbols import alpha, t
from adamref.theorems.writing import ProofStep, Run, Statement, Steps, Theorem, Use, near_miss, show

from . import online_problem
from .online_adam_steps import sizes
from .online_problem import FIRST, GREATEST, POSITIVE, SECOND, THIRD, UP, C, b, k, moved, w, whole


def _bounds(statement: Statement, run: Run) -> tuple[ProofStep, ...]:
    """Show that v stays between (1 - beta2) C^2, when a period begins, and C^2."""
    beyond = (C - 2) * (C + 2) + 3  # C^2 - 1
    at_most = [le(run("v", at), C**2) for at in (3 * k, FIRST, SECOND)]
    recurrence = tuple(run.line("v", 3 * k - back) for back in (0, 1, 2))
    because = "It is an average of squares that are at most C^2."
    return (
        online_problem.positive_c(statement),
        online_problem.not_negative(run),
        show("at least", ge(run("v", FIRST), w * C**2), where=(k,)).certificate(
            "The last square is C^2, with the weight 1 - beta2.",
            (b * run("v", FIRST - 1),),
            (run.line("v", FIRST), Use("not negative", {t: FIRST - 1})),
        ),
        show("at most", at_most[0], where=(k,)).induction(
            (k, 0, because),
            show("no square yet").certificate("It starts at 0.", (C**2,), (run.start("v"),)),
            show("one more period").certificate(
                "None of the squares is larger than C^2.",
                (b**3 * (C**2 - run("v", 3 * k - 3)), w * (1 + b) * beyond),
                (*recurrence, "induction hypothesis", "C is positive"),
            ),
        ),
        show("at most after the slope C", at_most[1], where=(k,)).certificate(
            because, (b * (C**2 - run("v", 3 * k)),), (run.line("v", FIRST), "at most")
        ),
        show("at most after one slope -1", at_most[2], where=(k,)).certificate(
            because,
            (b * (C**2 - run("v", FIRST)), w * beyond),
            (run.line("v", SECOND), "at most after the slope C", "C is positive"),
        ),
    )


def _maxima(run: Run) -> tuple[ProofStep, ...]:
    """Show the same of the maximum, and that it does not decrease."""
    top = {at: run("v_max", at) for at in (3 * k, FIRST, SECOND, THIRD)}
    here = {k: k - 1}
    more = {
        SECOND: (run.line("v_max", SECOND),),
        THIRD: (run.line("v_max", THIRD), run.line("v_max", SECOND)),
    }
    return (
        show("maximum at most", le(top[3 * k], C**2), where=(k,)).induction(
            (k, 0, "By induction over the periods."),
            show("no maximum yet").certificate("It starts at 0.", (C**2,), (run.start("v_max"),)),
            show("three more").extremes(
                "A maximum of what is at most C^2.",
                (
                    *(run.line("v_max", 3 * k - back) for back in (0, 1, 2)),
                    "induction hypothesis",
                    "at most",
                    Use("at most after the slope C", here),
                    Use("at most after one slope -1", here),
                ),
            ),
        ),
        show("maximum at most after the slope C", le(top[FIRST], C**2), where=(k,)).extremes(
            "A maximum of what is at most C^2.",
            (run.line("v_max", FIRST), "maximum at most", "at most after the slope C"),
        ),
        show("maximum at least", ge(top[FIRST], w * C**2), where=(k,)).extremes(
            "A maximum is at least what it is taken of.", (run.line("v_max", FIRST), "at least")
        ),
        show(POSITIVE[FIRST], gt(top[FIRST], 0), where=(k,)).certificate(
            "(1 - beta2) C^2 is positive.",
            (top[FIRST] - w * C**2, w * C**2),
            ("maximum at least", "C is positive"),
        ),
        *(
            step
            for at, name in UP.items()
            for step in (
                show(f"maximum {name}", ge(top[at], top[FIRST]), where=(k,)).extremes(
                    "The maximum never decreases.", more[at]
                ),
                show(POSITIVE[at], gt(top[at], 0), where=(k,)).certificate(
                    "Nor does it become 0.",
                    (top[at] - top[FIRST], top[FIRST]),
                    (f"maximum {name}", POSITIVE[FIRST]),
                ),
            )
        ),
    )


def unit(run: Run) -> Expr:
    """Return the size of AMSGrad's step down, for a slope of 1."""
    return alpha / (sqrt(run("v_max", FIRST)) * sqrt(FIRST))


def _smaller(run: Run) -> tuple[ProofStep, ...]:
    """Show that AMSGrad's steps up are no longer than the step down for a slope of 1."""
    one = run("v_max", FIRST)
    found: list[ProofStep] = [*sizes(run)]
    for at, name in UP.items():
        top = run("v_max", at)
        below = top * at * one * FIRST
        ahead = 1 if at == SECOND else 2
        found.append(
            show(f"short {name}", le(moved(run, at), unit(run)), where=(k,)).squares(
                "Neither the maximum nor t has become smaller: the squares of both sides.",
                (alpha**2 * (top - one) * at / below, alpha**2 * one * ahead / below),
                (name, f"maximum {name}", POSITIVE[at], POSITIVE[FIRST]),
            )
        )
    return tuple(found)


def _long(run: Run) -> ProofStep:
    one = run("v_max", FIRST)
    return show("long", ge(unit(run), alpha / (C * sqrt(FIRST))), where=(k,)).squares(
        "The maximum is at most C^2: the squares of both sides.",
        (alpha**2 * (C**2 - one) / (one * C**2 * FIRST),),
        ("maximum at most after the slope C", POSITIVE[FIRST], "C is positive"),
    )


def in_units(statement: Statement) -> tuple[ProofStep, ...]:
    """Show how long AMSGrad's steps are, measured by its step down for a slope of 1."""
    run = GREATEST
    return (*_bounds(statement, run), *_maxima(run), *_smaller(run), _long(run))


@Theorem(
    id="online-amsgrad-steps",
    title="Over a period of three losses AMSGrad's steps lead down",
    says="AMSGrad divides the two steps of slope -1 by no less than the step of slope C, so a "
    "period leads down by (C - 2) alpha/(C sqrt(t)) at least." + online_problem.SETTING,
    letters=online_problem.PERIOD,
    statement=Statement(
        le(whole(GREATEST), -(C - 2) * alpha / (C * sqrt(FIRST))),
        (gt(C, 2), gt(alpha, 0), ge(k, 0)),
    ),
    source="Reddi, Kale & Kumar 2018, section 4 (the algorithm)",
    space=online_problem.space_of(GREATEST),
)
@near_miss(
    le(whole(GREATEST), -(C - 1) * alpha / (C * sqrt(FIRST))),
    "They do not lead down by (C - 1) alpha/(C sqrt(t)).",
    Point.of(C=3, alpha=1, k=0),
)
@near_miss(
    le(whole(online_problem.STARRED), -(C - 2) * alpha / (C * sqrt(FIRST))),
    "Adam's do not: it does not keep the maximum.",
    Point.of(C=3, alpha=1, k=0),
    online_problem.space_of(online_problem.STARRED),
)
def DESCENT(statement: Statement) -> Steps:
    """Compare each step up with the step down."""
    run = GREATEST
    return (
        *in_units(statement),
        show("all three", statement.claim).certificate(
            "The step down is C units long, and each step up is at most one.",
            (
                *(unit(run) - moved(run, at) for at in UP),
                (C - 2) * (unit(run) - alpha / (C * sqrt(FIRST))),
            ),
            (
                *("down", *(f"short {name}" for name in UP.values()), "long"),
                *(POSITIVE[FIRST], "C is positive"),
            ),
        ),
    )


THEOREMS = (DESCENT,)
