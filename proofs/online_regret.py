"""Adam's average regret does not vanish.

What the literature calls regret: how much worse than the best fixed point. It does not vanish on
average.
"""

from sympy import And, Expr, Integer, Sum

from adamref.logic.facts import empty, last_term
from adamref.logic.relations import eq, ge, gt, le, lt, total
from adamref.theorems.spaces import Point
from adamref.theorems.symbols import alpha, i, j, n
from adamref.theorems.writing import Run, Statement, Steps, Theorem, Use, near_miss, show

from . import online_problem
from .online_adam_steps import STEPS
from .online_adam_worst import returns
from .online_problem import (
    FIRST,
    INTERVAL,
    PLAIN,
    POSITIVE,
    PROJECTED,
    SECOND,
    SETTING,
    SOURCE,
    C,
    k,
    space_of,
    u,
    x,
)


def regret(run: Run, least: Expr = (C - 2) * (1 - u), beyond: int = 2) -> Statement:
    """State a bound on the regret after n periods, and that it is positive."""
    loss = C * x(3 * i + 1) - x(3 * i + 2) - x(3 * i + 3) - (C - 2) * u
    claim = And(ge(total(loss, i, 0, n - 1), n * least), gt(least, 0), evaluate=False)
    domain = (gt(C, beyond), lt(u, 1), gt(alpha, 0), ge(n, 0))
    return Statement(claim, domain, online_problem.projected(run))


@Theorem(
    id="online-adam-regret",
    title="Adam's average regret does not vanish",
    matters="The paper promises that the regret vanishes on average. Here Adam pays more than the "
    "best point does in every period, in the thousandth as in the first.",
    says="Against any fixed point u < 1 Adam loses at least (C - 2)(1 - u) in every period of "
    "three steps, which is positive for C > 2: 2 (C - 2) against -1, the "
    "best point of the interval from -1 to 1." + SETTING + PROJECTED,
    letters={**INTERVAL, "n": "how many periods there were"},
    statement=regret(PLAIN),
    source=SOURCE,
    space=space_of(PLAIN),
)
@near_miss(
    regret(PLAIN, (C - 2) * (2 - u)),
    "With 2 - u in place of 1 - u the bound is too large.",
    Point.of(C=10, u=-1, alpha="1/10", n=1, low=-1),
)
@near_miss(
    regret(PLAIN, beyond=0),
    "For C = 2 all points are equally good.",
    Point.of(C=2, u=-1, alpha="1/10", n=0, low=-1),
)
def REGRET(statement: Statement) -> Steps:
    """Add up what each period loses."""
    run = PLAIN
    lost, more = sorted(statement.claim.args, key=lambda part: not part.has(Sum))
    (whole_loss,) = lost.args[0].atoms(Sum)
    before, least = whole_loss.subs(n, n - 1), more.args[0]
    last = tuple(
        show(f"at most 1 {POSITIVE[at]}", le(x(at + 1), 1), where=(k,)).extremes(
            "The projection does not lead beyond 1.", (Use("projected", {j: at}),)
        )
        for at in (FIRST, SECOND)
    )
    here = {k: n - 1}
    return (
        *returns(statement, eq(x(FIRST), 1), STEPS, run),
        *last,
        show("lost", lost).induction(
            (
                n,
                0,
                "A period begins at 1, where the loss is C, and ends with gains of at most 1 each.",
            ),
            show("nothing yet").certificate(
                "No period, no loss.", (Integer(0),), (empty(whole_loss.subs(n, 0)),)
            ),
            show("one more period").certificate(
                "It costs C - 2 at least, and (C - 2) u is what u would cost.",
                (before - (n - 1) * least, 1 - x(3 * n - 1), 1 - x(3 * n)),
                (
                    last_term(whole_loss),
                    "induction hypothesis",
                    Use("back at 1", here),
                    *(Use(step.name, here) for step in last),
                ),
            ),
        ),
        show("is positive", more).certificate(
            "C is larger than 2, and u below 1.", ((C - 2) * (1 - u),)
        ),
        show("regret", statement.claim).parts("The two claims together.", ("lost", "is positive")),
    )


THEOREMS = (REGRET,)
