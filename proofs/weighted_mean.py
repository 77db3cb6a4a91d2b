"""The corrected second moment is a weighted mean, and tends to the plain one for beta2 -> 1.

Divided by what its weights add up to, the second moment is a mean like any other, with more weight
on what is new.
"""

from collections.abc import Iterator

from sympy import Abs, Expr, Integer
from sympy.logic.boolalg import Boolean

from adamref.logic.arithmetic import Certificate
from adamref.logic.order import FromBoth
from adamref.logic.relations import eq, ge, gt, le, lt, slack, total
from adamref.logic.sums import TermByTerm
from adamref.rules import ADAM
from adamref.theorems.record import NearMiss, Statement, Theorem, near_miss
from adamref.theorems.spaces import Point, among, rates, reals, steps
from adamref.theorems.symbols import beta, beta2, decay_rate, g, i, n, t
from adamref.theorems.writing import Cite, ProofStep, Run, Steps, Use, show

from .closed_forms import THEOREMS as CLOSED_FORMS
from .powers import below_one
from .weights import WEIGHTS

adam = Run(ADAM)
_, CLOSED_V = CLOSED_FORMS

weighted = total(beta2 ** (t - i) * g(i) ** 2, i, 1, t)
weight = total(beta2 ** (t - i), i, 1, t)
plain = total(g(i) ** 2, i, 1, t)
oldest = beta2 ** (t - 1)


@Theorem(
    id="v-hat-weighted-mean",
    title="The corrected second moment is a weighted mean of the squared gradients",
    says="v_hat is the mean of the squared gradients with the weights beta2^(t-i): their sum with "
    "these weights, divided by the sum of the weights.",
    statement=Statement(eq(adam("v_hat", t), weighted / weight), (*decay_rate(beta2), ge(t, 1))),
    source="Kingma & Ba 2015, section 5, on AdaGrad",
    space=among(rates("beta1", "beta2"), steps(1, 9), reals(g=9), runs=(adam,)),
)
@near_miss(
    eq(adam("v", t), weighted / weight),
    "The uncorrected moment is no mean: its weights (1 - beta2) beta2^(t-i) add up to less than 1.",
    Point.of(beta2="1/2", t=1, g=(0, 1)),
)
@near_miss(
    eq(adam("v_hat", t), plain / t),
    "For beta2 < 1 it is not the plain mean.",
    Point.of(beta2="1/2", t=2, g=(0, 1, 0)),
)
def WEIGHTED_MEAN(what: Statement) -> Steps:
    """Divide the closed form of v by what its weights add up to."""
    return (
        show("the sum of the powers", eq(weight, (1 - beta2**t) / (1 - beta2))).combination(
            "Times 1 - beta2 the powers add up to 1 - beta2^t.",
            ((Cite(WEIGHTS, {beta: beta2, t: t}), 1 / (1 - beta2)),),
        ),
        show("a mean with weights", what.claim).identity(
            "The closed form of v has the factor 1 - beta2, and so has the sum of the weights.",
            (
                adam.line("v_hat", t),
                Cite(CLOSED_V, {beta2: beta2, t: t}),
                "the sum of the powers",
                below_one(beta2),
            ),
        ),
    )


def powers() -> ProofStep:
    """Return the step that no power of beta2 is above 1."""
    return show("powers are at most 1", le(beta2**n, 1), where=(n,)).induction(
        (n, 0),
        show("none").certificate("An empty product is 1."),
        show("one more").certificate(
            "1 - beta2^n = (1 - beta2) + beta2 (1 - beta2^(n-1)).",
            (1 - beta2, beta2 * (1 - beta2 ** (n - 1))),
            ("induction hypothesis",),
        ),
    )


def _compared(name: str, put_in: Expr, low: bool) -> tuple[ProofStep, ProofStep]:
    """Compare a weighted sum with one whose weights are all the oldest or all the newest one."""
    power = beta2 ** (t - i)
    if low:
        claim, because = le(oldest * put_in, power * put_in), "No weight is below the oldest one."
        by = Certificate(
            (power * (1 - beta2 ** (i - 1)) * put_in,), (Use("powers are at most 1", {n: i - 1}),)
        )
    else:
        claim, because = le(power * put_in, put_in), "No weight is above 1."
        by = Certificate(((1 - power) * put_in,), (Use("powers are at most 1", {n: t - i}),))
    sums = le(*(total(side, i, 1, t) for side in claim.args))
    return (
        show(f"{name}, term by term", claim, where=(i - 1, t - i)).by(because, by),
        show(name, sums).by("So it is for the sums.", TermByTerm(f"{name}, term by term")),
    )


def _bound_proof(what: Statement) -> tuple[ProofStep, ...]:
    """Each weight lies between the oldest one and the newest, so the mean does too."""
    low = what.claim.rhs.has(adam.function("v_hat"))
    if low:
        terms = ((weighted - oldest * plain) * t / weight, oldest * plain * (t - weight) / weight)
    else:
        terms = (plain - weighted, weighted * (weight - t * oldest) / weight)
    squares = _compared("the squares", g(i) ** 2, low)
    weights = _compared("the weights", Integer(1), not low)
    brought = (
        *_taken_out(squares[-1], le(oldest * plain, weighted) if low else le(weighted, plain)),
        *_taken_out(weights[-1], le(weight, t) if low else le(oldest * t, weight)),
    )
    return (
        powers(),
        *squares,
        *weights,
        *brought,
        show("bound", what.claim).certificate(
            "v_hat is the one sum divided by the other.",
            terms,
            (
                Cite(WEIGHTED_MEAN, {beta2: beta2, t: t}),
                *(() if low else ("the squares",)),
                *(step.name for step in brought),
            ),
        ),
    )


def _taken_out(sums: ProofStep, claim: Boolean) -> Iterator[ProofStep]:
    """Say what a step about sums says in short, if that is another formula."""
    if claim != sums.claim:
        yield show(f"in short, {sums.name}", claim).certificate(
            "What does not depend on the index is taken out of the sum.",
            (slack(sums.claim),),
            (sums.name,),
        )


INSIDE = (gt(beta2, 0), lt(beta2, 1), ge(t, 1))
_SQUARES = among(rates("beta1", "beta2"), steps(1, 9), reals(g=9), runs=(adam,))
LOW = Theorem(
    id="v-hat-mean-low",
    title="The corrected second moment is at least beta2^(t-1) times the plain mean",
    says="t v_hat is at least beta2^(t-1) times the sum of the squared gradients; the factor "
    "tends to 1 for beta2 -> 1.",
    statement=Statement(le(oldest * plain, t * adam("v_hat", t)), INSIDE),
    proof=_bound_proof,
    source="Kingma & Ba 2015, section 5, on AdaGrad",
    space=_SQUARES,
    near_misses=(
        NearMiss(
            Statement(le(plain, t * adam("v_hat", t)), INSIDE),
            "Without the factor it is false where the older gradients are larger.",
            Point.of(beta2="1/2", t=2, g=(0, 1, 0)),
        ),
    ),
)
HIGH = Theorem(
    id="v-hat-mean-high",
    title="The corrected second moment is at most beta2^-(t-1) times the plain mean",
    says="t v_hat is at most beta2^-(t-1) times the sum of the squared gradients; the factor "
    "tends to 1 for beta2 -> 1.",
    statement=Statement(le(oldest * t * adam("v_hat", t), plain), INSIDE),
    proof=_bound_proof,
    source="Kingma & Ba 2015, section 5, on AdaGrad",
    space=_SQUARES,
    near_misses=(
        NearMiss(
            Statement(le(t * adam("v_hat", t), plain), INSIDE),
            "Without the factor it is false where the newer gradients are larger.",
            Point.of(beta2="1/2", t=2, g=(0, 0, 1)),
        ),
    ),
)


def _bernoulli() -> ProofStep:
    return show("Bernoulli's inequality", ge(oldest, 1 - (t - 1) * (1 - beta2))).induction(
        (t, 1),
        show("one gradient").certificate("An empty product is 1."),
        show("one more gradient").certificate(
            "A further factor beta2 takes away at most 1 - beta2.",
            (beta2 * (beta2 ** (t - 2) - 1 + (t - 2) * (1 - beta2)), (t - 2) * (1 - beta2) ** 2),
            ("induction hypothesis",),
        ),
    )


def _near(count: Expr) -> Statement:
    mean = plain / t
    return Statement(le(Abs(adam("v_hat", t) - mean), count * (1 - beta2) / oldest * mean), INSIDE)


@Theorem(
    id="v-hat-tends-to-mean",
    matters="It is the other end of the scale: an average that forgets nothing.",
    title="For beta2 -> 1 the corrected second moment tends to the mean of the squared gradients",
    says="v_hat differs from (1/t) times the sum of the squared gradients by at most "
    "(t - 1)(1 - beta2)/beta2^(t-1) times that mean, which tends to 0 for beta2 -> 1.",
    statement=_near(t - 1),
    source="Kingma & Ba 2015, section 5, on AdaGrad",
    space=_SQUARES,
)
@near_miss(
    _near((t - 1) / 4),
    "A quarter of the bound is too small.",
    Point.of(beta2="9/10", t=2, g=(0, 0, 1)),
)
def NEAR(what: Statement) -> Steps:
    """The bounds from either side both tend to the plain mean."""
    inside, bound = what.claim.lhs.args[0], what.claim.rhs
    above, below = le(inside, bound), le(-inside, bound)
    second = adam("v_hat", t)
    missing = oldest - 1 + (t - 1) * (1 - beta2)
    uses = (
        Cite(LOW, {beta2: beta2, t: t}),
        Cite(HIGH, {beta2: beta2, t: t}),
        "Bernoulli's inequality",
        "the oldest weight is at most 1",
    )
    return (
        _bernoulli(),
        powers(),
        show("the oldest weight is at most 1", le(oldest, 1)).certificate(
            "It is a power of beta2.", uses=(Use("powers are at most 1", {n: t - 1}),)
        ),
        show("above", above).certificate(
            "The upper bound, and Bernoulli's inequality for its factor.",
            ((plain - oldest * t * second) / (oldest * t), plain * missing / (oldest * t)),
            uses[1:3],
        ),
        show("below", below).certificate(
            "The lower bound, and Bernoulli's inequality for its factor.",
            (
                (t * second - oldest * plain) / t,
                plain * missing / t,
                (t - 1) * (1 - beta2) * (1 - oldest) * plain / (oldest * t),
            ),
            (uses[0], *uses[2:]),
        ),
        show("near", what.claim).by("From both sides.", FromBoth("above", "below")),
    )


THEOREMS = (WEIGHTED_MEAN, LOW, HIGH, NEAR)
