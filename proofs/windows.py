"""How far back an exponentially weighted average looks: four windows, and what each says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Abs, And, Function, Integer, Limit, Rational, Sum, log, oo

from adamref.rules import EWA, EWA_CORRECTED
from adamref.theorems.facts import last_term
from adamref.theorems.inference import (
    Certificate,
    Combination,
    Identity,
    Induction,
    Parts,
    Vanishing,
)
from adamref.theorems.points import Point, Space
from adamref.theorems.proof import Cite, Step
from adamref.theorems.quantities import Run
from adamref.theorems.record import NearMiss, Statement, Theorem
from adamref.theorems.slopes import Slope
from adamref.theorems.spaces import points, rates, reals, steps
from adamref.theorems.vocabulary import beta, decay_rate, eq, ge, gt, i, lt, n, t, total

if TYPE_CHECKING:
    from collections.abc import Callable

    from sympy import Expr

NOTE = "a lecture note, which has it that beta = 0.9 averages the previous 10 days"
WEIGHTS = "the weights (1 - beta) beta^age of Kingma & Ba 2015, section 3, equation 1"
AGES = (*decay_rate(beta), ge(n, 0))
SPACE = Space(points(rates("beta"), steps(0, 25, "n")))


# What weighs how much: a single 1, and then nothing but zeros. An average is linear, so that this
# says it of every value.

single = Run(EWA, gradient=lambda k: Integer(0) ** (k - 1), hypers={"beta1": beta})


def _weights_proof(what: Statement) -> tuple[Step, ...]:
    claim = what.claim
    at_first = Step(
        "at once",
        claim.func(*(side.subs(n, 0) for side in claim.args), evaluate=False),
        "The average starts at 0.",
        Identity((single.line("m", 1), single.start("m"))),
    )
    later = Step(
        "one step later",
        claim,
        "Nothing is put in, and what there is is multiplied by beta.",
        Identity((single.line("m", n + 1), "induction hypothesis")),
    )
    proof = Induction(n, 0, (at_first,), (later,))
    return (Step("the weight", claim, "By induction over n, from n = 0 on.", proof),)


def _weights(value: Expr) -> Statement:
    return Statement(eq(single("m", n + 1), value), AGES)


AGED = Theorem(
    id="window-weights",
    title="A value of the age n has the weight (1 - beta) beta^n",
    says="What a single 1 leaves in the average n steps later is (1 - beta) beta^n.",
    statement=_weights((1 - beta) * beta**n),
    proof=_weights_proof,
    source="Kingma & Ba 2015, section 3, equation 1",
    space=Space(SPACE.points, (single,)),
    near_misses=(
        NearMiss(
            _weights(beta**n),
            "The newest value has the weight 1 - beta, not 1.",
            Point({"beta": "1/2", "n": 0}),
        ),
    ),
)

# Sums over the n newest values, the newest of which has the age 0.

weight = AGED.statement.claim.rhs.subs(n, i)


def _sum_proof(what: Statement) -> tuple[Step, ...]:
    claim = what.claim
    (whole,) = claim.lhs.atoms(Sum)
    base = Step(
        "no values",
        eq(claim.lhs.subs(n, 0), claim.rhs.subs(n, 0)),
        "An empty sum is 0, and so is the right-hand side.",
        Identity(),
    )
    more = Step(
        "one value more",
        claim,
        "The sum gets the term of the age n - 1.",
        Combination(of=(("induction hypothesis", Integer(1)),), then=(last_term(whole),)),
    )
    proof = Induction(n, 0, (base,), (more,))
    return (Step("the sum", claim, "By induction over n, from n = 0 on.", proof),)


def _sum(term: Expr, value: Expr) -> Statement:
    return Statement(eq(total(term, i, 0, n - 1), value), AGES)


MASS = Theorem(
    id="window-mass",
    title="The last n values carry the weight 1 - beta^n",
    says="The weights of the n newest values add up to 1 - beta^n: of the older ones the share "
    "beta^n is left.",
    statement=_sum(weight, 1 - beta**n),
    proof=_sum_proof,
    source=WEIGHTS,
    space=SPACE,
    near_misses=(
        NearMiss(
            _sum(weight, Integer(1)),
            "They do not carry all the weight, as those of a plain mean of n values do.",
            Point({"beta": "1/2", "n": 1}),
        ),
    ),
)
AGE = Theorem(
    id="window-mean-age",
    title="The mean age is beta/(1 - beta)",
    says="The weights times the ages of the n newest values add up to beta/(1 - beta), but for "
    "beta^n (n + beta/(1 - beta)), which vanishes as n grows.",
    statement=_sum(weight * i, beta / (1 - beta) - beta**n * (n + beta / (1 - beta))),
    proof=_sum_proof,
    source=WEIGHTS,
    space=SPACE,
    near_misses=(
        NearMiss(
            _sum(weight * i, 1 / (1 - beta) - beta**n * (n + 1 / (1 - beta))),
            "The mean age is not 1/(1 - beta): the newest value has the age 0.",
            Point({"beta": "1/2", "n": 1}),
        ),
    ),
)
SQUARES = Theorem(
    id="window-squared-weights",
    title="The squares of the weights add up to (1 - beta)/(1 + beta)",
    says="The squares of the weights of the n newest values add up to (1 - beta)/(1 + beta) times "
    "1 - beta^(2n), which tends to 1 as n grows: so much of the variance of independent values is "
    "left.",
    statement=_sum(weight**2, (1 - beta) / (1 + beta) * (1 - beta ** (2 * n))),
    proof=_sum_proof,
    source=WEIGHTS,
    space=SPACE,
    near_misses=(
        NearMiss(
            _sum(weight**2, (1 - beta) * (1 - beta ** (2 * n))),
            "It is less than 1 - beta, the square sum of a plain mean of 1/(1 - beta) values.",
            Point({"beta": "1/2", "n": 1}),
        ),
    ),
)


def _vanish_proof(what: Statement) -> tuple[Step, ...]:
    one, other = sorted(what.claim.args, key=lambda part: part.has(n * beta**n))
    return (
        Step("the power", one, "It is a power of what is below 1.", Vanishing(n)),
        Step("n times the power", other, "A power of what is below 1 outdoes n.", Vanishing(n)),
        Step("the limits", what.claim, "Both limits.", Parts(("the power", "n times the power"))),
    )


def _vanish(value: int) -> Statement:
    limits = (eq(Limit(beta**n, n, oo), 0), eq(Limit(n * beta**n, n, oo), value))
    return Statement(And(*limits), decay_rate(beta))


VANISH = Theorem(
    id="window-rest-vanishes",
    title="What older values add vanishes",
    says="For a decay rate beta, beta^n and n beta^n tend to 0 as n grows: the sums over all ages "
    "are what stands before these terms.",
    statement=_vanish(0),
    proof=_vanish_proof,
    source="elementary",
    space=Space(points(rates("beta"))),
    near_misses=(
        NearMiss(
            _vanish(1),
            "The limit is 0 and not 1, whatever the decay rate.",
            Point({"beta": "1/2"}),
        ),
    ),
    not_applicable={"smt": "a limit is no matter of the arithmetic of the reals"},
)

# What a plain mean of n values has.


def _plain_proof(what: Statement) -> tuple[Step, ...]:
    claim = what.claim
    return (Step("worked out", claim, "Both sides are multiplied out.", Identity()),)


def _exactly(name: str, title: str, says: str, claim: Expr, wrong: Expr, why: str) -> Theorem:
    return Theorem(
        id=f"window-{name}",
        title=title,
        says=says,
        statement=Statement(claim, decay_rate(beta)),
        proof=_plain_proof,
        source=WEIGHTS,
        space=Space(points(rates("beta"))),
        near_misses=(NearMiss(Statement(wrong, decay_rate(beta)), why, Point({"beta": "1/2"})),),
    )


mean_age = beta / (1 - beta)
equal = (1 + beta) / (1 - beta)
EXACTLY = (
    _exactly(
        "age-and-one",
        "1/(1 - beta) is the mean age and 1",
        "1/(1 - beta), the usual word for how far back the average looks, is the mean age of what "
        "is averaged and 1 more, exactly.",
        eq(1 / (1 - beta), mean_age + 1),
        eq(1 / (1 - beta), mean_age),
        "It is not the mean age itself.",
    ),
    _exactly(
        "equal-age",
        "A plain mean of as great a mean age has (1 + beta)/(1 - beta) values",
        "A plain mean of N values, of the ages 0 to N - 1, has the mean age (N - 1)/2; that is "
        "beta/(1 - beta) for N = (1 + beta)/(1 - beta), the window of equal variance too.",
        eq((equal - 1) / 2, mean_age),
        eq((1 / (1 - beta) - 1) / 2, mean_age),
        "A plain mean of 1/(1 - beta) values is half as old.",
    ),
)


def _variance(value: Expr) -> Statement:
    return Statement(eq(total((1 / n) ** 2, i, 1, n), value), (ge(n, 1),))


PLAIN = Theorem(
    id="window-plain-squared-weights",
    title="The squares of the weights of a plain mean of n values add up to 1/n",
    says="A plain mean of n values leaves 1/n of the variance; so an exponentially weighted "
    "average leaves as much as a plain mean of (1 + beta)/(1 - beta) values.",
    statement=_variance(1 / n),
    proof=_plain_proof,
    source="elementary",
    space=Space(points(steps(1, 200, "n"))),
    near_misses=(
        NearMiss(
            _variance(1 / n**2),
            "There are n of them.",
            Point({"n": 2}),
        ),
    ),
)

# After how many steps a weight has fallen to 1/e.

tau = -1 / log(beta)
BETWEEN = (gt(beta, 0), lt(beta, 1))
OPEN = Space(points(rates("beta")))


def _negative_proof(what: Statement) -> tuple[Step, ...]:
    return (
        Step(
            "the slope of the logarithm",
            gt(1 / beta, 0),
            "It is 1/beta.",
            Certificate(),
        ),
        Step(
            "the logarithm is negative",
            what.claim,
            "It rises to log 1 = 0.",
            Slope(beta, Integer(1), "the slope of the logarithm"),
        ),
    )


NEGATIVE = Theorem(
    id="window-log-negative",
    title="The logarithm of a decay rate is negative",
    says="For 0 < beta < 1, log(beta) is below 0, so that there is an e-folding time.",
    statement=Statement(lt(log(beta), 0), BETWEEN),
    proof=_negative_proof,
    source="elementary",
    space=OPEN,
    near_misses=(
        NearMiss(
            Statement(lt(log(beta), -Rational(1, 10)), BETWEEN),
            "It comes as near to 0 as one likes.",
            Point({"beta": "99/100"}),
        ),
    ),
)
_CITED = Cite(NEGATIVE, {beta: beta})


def _folding_proof(what: Statement) -> tuple[Step, ...]:
    return (
        Step(
            "the exponent",
            what.claim,
            "The logarithm is not 0, and cancels.",
            Identity((_CITED,)),
        ),
    )


FOLDING = Theorem(
    id="window-e-folding",
    title="A weight falls to 1/e in -1/log(beta) steps",
    says="The weight of the age k is exp(k log(beta)) times the newest one; the exponent is -1 at "
    "k = -1/log(beta), the e-folding time.",
    statement=Statement(eq(tau * log(beta), -1), BETWEEN),
    proof=_folding_proof,
    source="elementary",
    space=OPEN,
    near_misses=(
        NearMiss(
            Statement(eq(1 / (1 - beta) * log(beta), -1), BETWEEN),
            "It is not 1/(1 - beta), as is often said.",
            Point({"beta": "1/2"}),
        ),
    ),
)


def _gap_proof(what: Statement) -> tuple[Step, ...]:
    low = what.claim.func is gt(0, 0).func
    minus = -log(beta)
    if low:
        bound, slope = 2 * (1 - beta) / (1 + beta), (1 - beta) ** 2 / (beta * (1 + beta) ** 2)
        claim, terms = (
            gt(minus, bound),
            ((1 + beta) * (minus - bound) / ((1 - beta) * Abs(minus)) / 2,),
        )
    else:
        bound, slope = (1 - beta**2) / (2 * beta), (1 - beta) ** 2 / (2 * beta**2)
        claim = lt(minus, bound)
        terms = (2 * beta * (bound - minus) / ((1 - beta) * (1 + beta) * Abs(minus)),)
    return (
        Step("the slope", gt(slope, 0), "Its factors are positive.", Certificate()),
        Step(
            "the logarithm",
            claim,
            "Both sides are 0 at beta = 1, and their difference falls towards it.",
            Slope(beta, Integer(1), "the slope"),
        ),
        Step(
            "the gap",
            what.claim,
            "The bound on the logarithm, taken to its inverse.",
            Certificate(terms, (_CITED, "the logarithm")),
        ),
    )


gap = 1 / (1 - beta) - tau
GAPS = (
    Theorem(
        id="window-gap-low",
        title="1/(1 - beta) exceeds the e-folding time by more than 1/2",
        says="1/(1 - beta) is more than 1/2 above the e-folding time -1/log(beta), for every beta.",
        statement=Statement(gt(gap, Rational(1, 2)), BETWEEN),
        proof=_gap_proof,
        source="elementary",
        space=OPEN,
        near_misses=(
            NearMiss(
                Statement(gt(gap, Rational(51, 100)), BETWEEN),
                "At beta = 0.9 it is 0.5088 above.",
                Point({"beta": "9/10"}),
            ),
        ),
    ),
    Theorem(
        id="window-gap-high",
        title="1/(1 - beta) exceeds the e-folding time by hardly more than 1/2",
        says="1/(1 - beta) is less than 1/2 + (1 - beta)/(2 (1 + beta)) above the e-folding time, "
        "so that the gap tends to 1/2 for beta -> 1.",
        statement=Statement(lt(gap, Rational(1, 2) + (1 - beta) / (2 * (1 + beta))), BETWEEN),
        proof=_gap_proof,
        source="elementary",
        space=OPEN,
        near_misses=(
            NearMiss(
                Statement(lt(gap, Rational(1, 2)), BETWEEN),
                "It does not fall below 1/2.",
                Point({"beta": "9/10"}),
            ),
        ),
    ),
)

# Ten days.

NINE_TENTHS, TEN = Rational(9, 10), Rational(1, 10)
DAYS = Space(points(steps(0, 60, "n")))


def _cited(cite: Cite, why: str) -> Callable[[Statement], tuple[Step, ...]]:
    def proof(what: Statement) -> tuple[Step, ...]:
        by = Combination(of=((cite, Integer(1)),))
        return (Step("at beta = 0.9", what.claim, why, by),)

    return proof


def _days(
    name: str, title: str, says: str, claim: Expr, cite: Cite, wrong: Expr, why: str
) -> Theorem:
    return Theorem(
        id=f"ten-days-{name}",
        title=title,
        says=says,
        statement=Statement(claim, (ge(n, 0),)),
        proof=_cited(cite, "What was shown for every beta, with 9/10 put in."),
        source=NOTE,
        space=DAYS,
        near_misses=(NearMiss(Statement(wrong, (ge(n, 0),)), why, Point({"n": 1})),),
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
        eq(OF_TEN, Rational(6513215599, 10**10)),
        _at(MASS, Integer(10)),
        eq(OF_TEN, 1),
        "They do not carry all of it.",
    ),
    _days(
        "age",
        "With beta = 0.9 the mean age is 9 days",
        "Summed over n days the mean age is 9 days but for 0.9^n (n + 9), which vanishes: 1 day "
        "less than 10, and as in a plain mean of 19 days.",
        eq(DAYS_OF[0], 9 - NINE_TENTHS**n * (n + 9)),
        _at(AGE, n),
        eq(DAYS_OF[0], 10 - NINE_TENTHS**n * (n + 10)),
        "It is not 10 days.",
    ),
    _days(
        "variance",
        "With beta = 0.9 as much of the variance is left as in a plain mean of 19 days",
        "The squares of the weights add up to 1/19, but for a rest that vanishes: it is a plain "
        "mean of 19 days that leaves so much of the variance of independent days, not of 10.",
        eq(DAYS_OF[1], Rational(1, 19) * (1 - NINE_TENTHS ** (2 * n))),
        _at(SQUARES, n),
        eq(DAYS_OF[1], Rational(1, 10) * (1 - NINE_TENTHS ** (2 * n))),
        "A plain mean of 10 days leaves 1/10.",
    ),
)

days_tau = tau.subs(beta, NINE_TENTHS)


def _days_tau_proof(what: Statement) -> tuple[Step, ...]:
    low, high = sorted(what.claim.args, key=lambda part: part.func is lt(0, 0).func)
    at = {beta: NINE_TENTHS}
    return (
        Step(
            "at least",
            low,
            "The gap to 10 is less than 1/2 + 1/38.",
            Certificate(
                (Rational(10, 19) - 10 + days_tau,), (Cite(GAPS[1], at), Cite(NEGATIVE, at))
            ),
        ),
        Step(
            "at most",
            high,
            "The gap to 10 is more than 1/2.",
            Certificate((10 - days_tau - Rational(1, 2),), (Cite(GAPS[0], at), Cite(NEGATIVE, at))),
        ),
        Step("between", what.claim, "Both bounds together.", Parts(("at least", "at most"))),
    )


def _days_tau(low: Expr, high: Expr) -> Statement:
    return Statement(And(gt(days_tau, low), lt(days_tau, high)), (ge(n, 0),))


DAYS_TAU = Theorem(
    id="ten-days-e-folding",
    title="With beta = 0.9 a weight falls to 1/e in about nine and a half days",
    says="The e-folding time lies between 180/19 = 9.47 and 9.5 days: about half a day less than "
    "10.",
    statement=_days_tau(Rational(180, 19), Rational(19, 2)),
    proof=_days_tau_proof,
    source=NOTE,
    space=DAYS,
    near_misses=(
        NearMiss(
            _days_tau(Rational(19, 2), Integer(10)),
            "It is not between 9.5 and 10 days.",
            Point({"n": 1}),
        ),
    ),
)

g = Function("g", real=True)
average = Run(EWA_CORRECTED, hypers={"beta1": NINE_TENTHS})


def _refuted(what: Statement) -> tuple[Step, ...]:
    del what
    return ()


LAST_TEN = Theorem(
    id="ten-days",
    title="With beta = 0.9 the average is that of the last 10 days",
    says="False: the last 10 days carry 65 % of the weight, and older days still count. "
    "Ten is 1/(1 - beta), the mean age and 1; the e-folding time is 9.5 days, and a plain mean "
    "that is as old, or as steady, has 19.",
    statement=Statement(eq(average("m_hat", t), TEN * total(g(i), i, t - 9, t)), (ge(t, 10),)),
    proof=_refuted,
    source=NOTE,
    space=Space(points(steps(10, 14), reals(g=14)), (average,)),
    verdict="REFUTED",
    counterexample=Point({"t": 11}, {"g": (0, 1)}),
)

THEOREMS = (
    AGED,
    MASS,
    AGE,
    SQUARES,
    VANISH,
    *EXACTLY,
    PLAIN,
    NEGATIVE,
    FOLDING,
    *GAPS,
    *TEN_DAYS,
    DAYS_TAU,
    LAST_TEN,
)
