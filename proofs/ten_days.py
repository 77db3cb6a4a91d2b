"""Ten days: what an average with beta = 0.9 is, and what is said of it.

A lecture says that beta = 0.9 averages ten days of temperatures. Here are four honest numbers for
what it does, and the sentence itself, refuted.
"""

from collections.abc import Callable

from sympy import And, Expr, Integer, Rational

from adamref.logic.arithmetic import Combination
from adamref.logic.relations import eq, ge, gt, lt, total
from adamref.rules import EWA_CORRECTED
from adamref.theorems.record import NearMiss, Statement, Theorem, near_miss
from adamref.theorems.spaces import Point, among, reals, steps
from adamref.theorems.symbols import beta, g, i, n, t
from adamref.theorems.writing import Cite, ProofStep, Run, Steps, show

from .e_folding import GAPS, NEGATIVE, tau
from .windows import AGE, MASS, SQUARES

NOTE = "a lecture note, which has it that beta = 0.9 averages the previous 10 days"
NINE_TENTHS, TEN = Rational(9, 10), Rational(1, 10)
DAYS = among(steps(0, 60, "n"))


def _cited(cite: Cite) -> Callable[[Statement], tuple[ProofStep, ...]]:
    because = "What was shown for every beta, for beta = 9/10."
    by = Combination(of=((cite, Integer(1)),))
    return lambda what: (show("at beta = 0.9", what.claim).by(because, by),)


def _days(
    name: str, title: str, says: str, matters: str, claim: Expr, cite: Cite, wrong: Expr, why: str
) -> Theorem:
    domain = (ge(n, 0),) if claim.has(n) else ()
    return Theorem(
        id=f"ten-days-{name}",
        matters=matters,
        title=title,
        says=says,
        letters={"n": "how many days"} if claim.has(n) else {},
        statement=Statement(claim, domain),
        proof=_cited(cite),
        source=NOTE,
        space=DAYS,
        near_misses=(NearMiss(Statement(wrong, domain), why, Point.of(n=1)),),
    )


def _at(cited: Theorem, count: Expr) -> Cite:
    return Cite(cited, {beta: NINE_TENTHS, n: count})


TENTH = TEN * NINE_TENTHS**i
OF_TEN = total(TENTH, i, 0, 9)
DAYS_OF = tuple(total(term, i, 0, n - 1) for term in (TENTH * i, TENTH**2))
TEN_DAYS = (
    _days(
        "mass",
        "With beta = 0.9 the last 10 days carry 65 % of the weight",
        "The last 10 days carry 0.6513215599 of the weight, and all older ones 0.3486784401.",
        "Whoever pictures a window of ten days leaves out a third of what the average is made of.",
        eq(OF_TEN, Rational(6513215599, 10**10)),
        _at(MASS, Integer(10)),
        eq(OF_TEN, 1),
        "They do not carry all of it.",
    ),
    _days(
        "age",
        "With beta = 0.9 the mean age is 9 days",
        "Summed over n days the mean age is 9 days less 0.9^n (n + 9), which vanishes: 1 day "
        "less than 10, and as in a plain mean of 19 days.",
        "The mean age is where the picture of ten days comes from. But a plain mean of ten days "
        "has a mean age of 4.5.",
        eq(DAYS_OF[0], 9 - NINE_TENTHS**n * (n + 9)),
        _at(AGE, n),
        eq(DAYS_OF[0], 10 - NINE_TENTHS**n * (n + 10)),
        "It is not 10 days.",
    ),
    _days(
        "variance",
        "With beta = 0.9 as much of the variance is left as in a plain mean of 19 days",
        "The squares of the weights add up to 1/19, up to a rest that vanishes: it is a plain "
        "mean of 19 days that leaves so much of the variance of independent days, not of 10.",
        "It says how smooth the curve gets: the standard deviation of independent days "
        "falls to 23 %, the root of 1/19, where a plain mean of ten days would leave 32 %.",
        eq(DAYS_OF[1], Rational(1, 19) * (1 - NINE_TENTHS ** (2 * n))),
        _at(SQUARES, n),
        eq(DAYS_OF[1], Rational(1, 10) * (1 - NINE_TENTHS ** (2 * n))),
        "A plain mean of 10 days leaves 1/10.",
    ),
)

days_tau = tau.subs(beta, NINE_TENTHS)


def _days_tau(low: Expr, high: Expr) -> Statement:
    return Statement(And(gt(days_tau, low), lt(days_tau, high)), ())


@Theorem(
    id="ten-days-e-folding",
    title="With beta = 0.9 a weight falls to 1/e in about nine and a half days",
    says="The e-folding time lies between 180/19 = 9.47 and 9.5 days: about half a day less than "
    "10.",
    statement=_days_tau(Rational(180, 19), Rational(19, 2)),
    source=NOTE,
    space=DAYS,
)
@near_miss(
    _days_tau(Rational(19, 2), Integer(10)), "It is not between 9.5 and 10 days.", Point.of(n=1)
)
def DAYS_TAU(what: Statement) -> Steps:
    low, high = sorted(what.claim.args, key=lambda part: part.func is lt(0, 0).func)
    at = {beta: NINE_TENTHS}
    return (
        show("at least", low).certificate(
            "The gap to 10 is less than 1/2 + 1/38.",
            (Rational(10, 19) - 10 + days_tau,),
            (Cite(GAPS[1], at), Cite(NEGATIVE, at)),
        ),
        show("at most", high).certificate(
            "The gap to 10 is more than 1/2.",
            (10 - days_tau - Rational(1, 2),),
            (Cite(GAPS[0], at), Cite(NEGATIVE, at)),
        ),
        show("between", what.claim).parts("Both bounds together.", ("at least", "at most")),
    )


average = Run(EWA_CORRECTED, hypers={"beta1": NINE_TENTHS})

LAST_TEN = Theorem(
    id="ten-days",
    matters="It is the usual picture in lectures, and a useful one. But the average has no "
    "window: a third of the weight lies outside of those ten days.",
    title="With beta = 0.9 the average is that of the last 10 days",
    says="False: the last 10 days carry 65 % of the weight, and older days still count. "
    "Ten is 1/(1 - beta), the mean age plus 1; the e-folding time is 9.5 days, and a plain mean "
    "that is as old, or as steady, has 19.",
    statement=Statement(eq(average("m_hat", t), TEN * total(g(i), i, t - 9, t)), (ge(t, 10),)),
    source=NOTE,
    space=among(steps(10, 14), reals(g=14), runs=(average,)),
    verdict="REFUTED",
    counterexample=Point.of(t=11, g=(0, 1)),
)

THEOREMS = (*TEN_DAYS, DAYS_TAU, LAST_TEN)
