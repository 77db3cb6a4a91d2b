"""The sharp step bound in closed form, and in its special cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Abs, Expr, Function, Integer, sqrt

from adamref.proofs.closed_forms import THEOREMS as CLOSED_FORMS
from adamref.proofs.powers import BELOW_ONE
from adamref.proofs.step_bound import PAPER, STEP_BOUND, bound, formula, powers, rho, second_rate
from adamref.rules import ADAM
from adamref.theorems.facts import Always, last_term
from adamref.theorems.inference import (
    Certificate,
    Combination,
    Identity,
    Induction,
    Squares,
    TermByTerm,
)
from adamref.theorems.points import Point, Space
from adamref.theorems.proof import Cite, Step
from adamref.theorems.quantities import Run
from adamref.theorems.record import NearMiss, Statement, Theorem
from adamref.theorems.spaces import numbers, points, rates, reals, steps
from adamref.theorems.vocabulary import (
    alpha,
    beta,
    beta1,
    beta2,
    decay_rate,
    eq,
    ge,
    gt,
    i,
    le,
    lt,
    ne,
    t,
    total,
)

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_, CLOSED_V = CLOSED_FORMS


def geometric_proof(statement: Statement) -> tuple[Step, ...]:
    """By induction over t: every sum is beta times the one before, and 1."""
    claim = statement.claim
    whole = powers(beta)
    base = Step(
        "no terms",
        claim.func(claim.lhs.subs(t, 0), claim.rhs.subs(t, 0), evaluate=False),
        "A sum without terms is 0, and so is 1 - beta^0.",
        Identity(),
    )
    step = Step(
        "one more term",
        claim,
        "The sum so far is multiplied by beta, and 1 is added.",
        Combination(of=(("induction hypothesis", beta),), then=(last_term(whole),)),
    )
    return (
        Step(
            "every length",
            claim,
            "By induction over t, from t = 0 on.",
            Induction(t, 0, (base,), (step,)),
        ),
    )


GEOMETRIC_SUM = Theorem(
    id="geometric-sum",
    title="The sum of a geometric sequence",
    says="1 - beta times 1 + beta + ... + beta^(t-1) is 1 - beta^t, for every real number beta.",
    statement=Statement(eq((1 - beta) * powers(beta), 1 - beta**t), (ge(t, 0),)),
    proof=geometric_proof,
    source="standard",
    space=Space(points(numbers("beta"), steps(0, 12))),
    near_misses=(
        NearMiss(
            Statement(eq((1 - beta) * powers(beta), 1 - beta ** (t + 1)), (ge(t, 0),)),
            "The last power is beta^(t-1), not beta^t.",
            Point({"beta": 2, "t": 1}),
        ),
    ),
)


def divided(rate: Expr, name: str = "sum", *uses: str) -> Step:
    """Show a geometric sum as a quotient, for a rate that is known not to be 1."""
    return Step(
        name,
        eq(powers(rate), (1 - rate**t) / (1 - rate)),
        "A geometric sum.",
        Combination(of=((Cite(GEOMETRIC_SUM, {beta: rate, t: t}), 1 / (1 - rate)),), then=uses),
    )


def corrections(*rates_: Expr) -> tuple[Cite, ...]:
    """Cite that what the moments are divided by is positive."""
    return tuple(Cite(BELOW_ONE, {beta: rate, t: t}) for rate in rates_)


unequal = (*decay_rate(beta1), *second_rate, ne(1 - rho, 0), ge(t, 1))


def closed(rate_sum: Expr) -> Statement:
    """State R_t so."""
    return Statement(eq(bound(), formula(rate_sum)), unequal)


def closed_proof(statement: Statement) -> tuple[Step, ...]:
    """Put the geometric sum in."""
    return (
        divided(rho),
        Step(
            "closed form",
            statement.claim,
            "The rest stays as it is.",
            Identity(("sum", *corrections(beta1, beta2))),
        ),
    )


CLOSED = Theorem(
    id="step-bound-closed-form",
    title="The bound on a step in closed form",
    says="R_t is (1 - beta1)/sqrt(1 - beta2) times the root of (1 - rho^t)/(1 - rho) times "
    "sqrt(1 - beta2^t)/(1 - beta1^t), where rho = beta1^2/beta2 is not 1.",
    statement=closed((1 - rho**t) / (1 - rho)),
    proof=closed_proof,
    source=PAPER,
    space=Space(points(rates("beta1", "beta2"), steps(1, 12))),
    near_misses=(
        NearMiss(
            closed(t),
            "Where rho is not 1, the sum of its powers is not t.",
            Point({"beta1": "1/2", "beta2": "1/2", "t": 2}),
        ),
    ),
)

squared_rate = {beta2: beta1**2}


def ratio_one(rate_sum: Expr) -> Statement:
    """State R_t where beta2 = beta1^2."""
    one, other = (side.subs(squared_rate) for side in (bound(), formula(rate_sum)))
    return Statement(eq(one, other), (gt(beta1, 0), lt(beta1, 1), ge(t, 1)))


def ratio_one_proof(statement: Statement) -> tuple[Step, ...]:
    """Every power of 1 is 1."""
    return (
        Step(
            "not 0",
            gt(1 - beta1**2, 0),
            "beta1^2 is below 1, as beta1 is.",
            Certificate((1 - beta1, beta1 * (1 - beta1))),
        ),
        Step(
            "t terms",
            statement.claim,
            "The sum has t terms, and each is 1.",
            Identity(("not 0", *corrections(beta1))),
        ),
    )


RATIO_ONE = Theorem(
    id="step-bound-ratio-one",
    title="The bound on a step where beta2 = beta1^2",
    says="Where rho = 1, the sum of its powers is t, and R_t grows like the root of t.",
    statement=ratio_one(t),
    proof=ratio_one_proof,
    source=PAPER,
    space=Space(points(rates("beta1"), steps(1, 12))),
    near_misses=(
        NearMiss(
            ratio_one(t + 1),
            "There are t terms, not t + 1.",
            Point({"beta1": "1/2", "t": 1}),
        ),
    ),
)

same_rates = {beta1: beta, beta2: beta}


def equal_rates(claimed: Expr) -> Statement:
    """State R_t where both rates are the same."""
    return Statement(
        eq(bound().subs(same_rates, simultaneous=True), claimed),
        (gt(beta, 0), lt(beta, 1), ge(t, 1)),
    )


def equal_rates_proof(statement: Statement) -> tuple[Step, ...]:
    """Put the geometric sum in: here rho = beta, and everything cancels."""
    return (
        divided(beta),
        Step(
            "cancelled",
            statement.claim,
            "Here rho is beta too, and what is under the roots is a square.",
            Squares((), ("sum", *corrections(beta))),
        ),
    )


EQUAL_RATES = Theorem(
    id="step-bound-equal-rates",
    title="With equal decay rates no step is larger than alpha",
    says="Where beta1 = beta2, and neither is 0, R_t is 1 for every t.",
    statement=equal_rates(Integer(1)),
    proof=equal_rates_proof,
    source=PAPER,
    space=Space(points(rates("beta"), steps(1, 12))),
    near_misses=(
        NearMiss(
            Statement(eq(bound(), 1), (*decay_rate(beta1), *second_rate, ge(t, 1))),
            "The rates must be the same.",
            Point({"beta1": "1/2", "beta2": "1/4", "t": 2}),
            Space(points(rates("beta1", "beta2"), steps(1, 12))),
        ),
    ),
)

no_power = Step(
    "0^t",
    eq(Integer(0) ** t, 0),
    "From the first step on, a power of 0 is 0.",
    Identity(),
)

no_momentum = (*second_rate, ge(t, 1))


largest_spike = sqrt((1 - beta2**t) / (1 - beta2))

adam = Run(ADAM, hypers={"beta1": Integer(0), "eps": Integer(0)})
g = Function("g", real=True)
BEFORE = "no gradient before"


def without_momentum(claimed: Expr) -> Statement:
    """State a bound on every step where beta1 = 0."""
    return Statement(
        le(Abs(adam("delta", t)), claimed), (ge(alpha, 0), *no_momentum, gt(adam("v", t), 0))
    )


def without_momentum_proof(statement: Statement) -> tuple[Step, ...]:
    """Put beta1 = 0 in: only the last power of rho = 0 is not 0."""
    size, claimed = statement.claim.args
    whole, greatest = (expr.subs(beta1, 0) for expr in (powers(rho), bound()))
    return (
        Step(
            "sum",
            eq(whole, 1),
            "Of the powers of 0 only the last one, 0^0 = 1, is not 0.",
            Identity((last_term(whole),)),
        ),
        no_power,
        Step(
            "what remains",
            le(alpha * greatest, claimed),
            "These are the same: put in.",
            Squares((Integer(0),), ("sum", "0^t", *corrections(beta2))),
        ),
        Step(
            "bound",
            statement.claim,
            "And no step is larger than alpha R_t.",
            Certificate(
                (alpha * greatest - size, claimed - alpha * greatest),
                (
                    "what remains",
                    Cite(STEP_BOUND, {beta1: Integer(0), t: t}),
                    "0^t",
                    *corrections(beta2),
                ),
            ),
        ),
    )


WITHOUT_MOMENTUM = Theorem(
    id="step-bound-no-momentum",
    title="The bound on a step without momentum",
    says="Where beta1 = 0, R_t is the root of (1 - beta2^t)/(1 - beta2): no step is larger than "
    "alpha times that.",
    statement=without_momentum(alpha * largest_spike),
    proof=without_momentum_proof,
    source=PAPER,
    space=Space(points(rates("beta2"), numbers("alpha", low=0), steps(1, 7), reals(g=8)), (adam,)),
    near_misses=(
        NearMiss(
            without_momentum(alpha * sqrt((1 - beta2 ** (t - 1)) / (1 - beta2))),
            "The power is t, not t - 1.",
            Point({"alpha": 1, "beta2": "1/2", "t": 1}, {"g": (0, 1)}),
        ),
    ),
)


def spike(claimed: Expr, *, alone: bool = True) -> Statement:
    """State the size of a step whose gradient is the only one that is not 0."""
    return Statement(
        eq(Abs(adam("delta", t)), claimed),
        (ge(alpha, 0), *no_momentum, ne(g(t), 0)),
        {BEFORE: Always(eq(g(i), 0), i, Integer(1), t - 1)} if alone else {},
    )


def spike_proof(statement: Statement) -> tuple[Step, ...]:
    """Show that the last gradient makes both moments."""
    earlier = total(beta2 ** (t - 1 - i) * g(i) ** 2, i, 1, t - 1)
    nothing = eq(earlier.function, 0)
    last = (1 - beta2) * g(t) ** 2
    return (
        Step(
            "each one",
            nothing,
            "The gradients before are 0.",
            Identity((BEFORE,)),
            where=(i - 1, t - 1 - i),
        ),
        Step(
            "all of them",
            eq(earlier, total(0, i, 1, t - 1)),
            "So their squares add up to nothing.",
            TermByTerm("each one"),
        ),
        Step(
            "second moment",
            eq(adam("v", t), last),
            "The second moment has the last gradient in it alone.",
            Identity((adam.line("v", t), Cite(CLOSED_V, {t: t - 1}), "all of them")),
        ),
        no_power,
        Step(
            "reached",
            statement.claim,
            "The first moment is the gradient itself, which cancels.",
            Squares(
                (),
                (
                    *(adam.line(name, t) for name in ("delta", "m_hat", "v_hat", "m")),
                    "second moment",
                    "0^t",
                    *corrections(beta2),
                ),
            ),
        ),
    )


def spikes() -> SearchStrategy[Point]:
    """Draw sequences of gradients of which only the last counts."""
    from hypothesis import strategies as st

    def at(step: int) -> SearchStrategy[Point]:
        before = st.sampled_from([(0,) * step, (0,) * (step - 1) + (1,)])
        last = st.fractions(-50, 50, max_denominator=20)
        more, _ = rates("beta2")()
        values = st.fixed_dictionaries(
            {"t": st.just(step), "alpha": st.fractions(0, 2, max_denominator=20), **more}
        )
        rows = st.builds(lambda zeros, value: {"g": (*zeros, value)}, before, last)
        return st.builds(Point, values, rows)

    return st.integers(1, 8).flatmap(at)


SPIKE = Theorem(
    id="step-bound-spike",
    title="Without momentum a single spike makes the largest step",
    says="Where beta1 = 0 and all gradients before were 0, a step has the size alpha R_t, whatever "
    "the last gradient is, unless it is 0.",
    statement=spike(alpha * largest_spike),
    proof=spike_proof,
    source=PAPER,
    space=Space(spikes, (adam,)),
    near_misses=(
        NearMiss(
            spike(alpha * largest_spike, alone=False),
            "A gradient before makes the second moment larger.",
            Point({"alpha": 1, "beta2": "1/2", "t": 2}, {"g": (0, 1, 1)}),
        ),
    ),
)

THEOREMS = (
    GEOMETRIC_SUM,
    CLOSED,
    RATIO_ONE,
    EQUAL_RATES,
    WITHOUT_MOMENTUM,
    SPIKE,
)
