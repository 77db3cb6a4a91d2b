"""The sharp step bound without momentum, which a single spike reaches.

With beta1 = 0 the bound is a short formula, and one gradient after many zeros reaches it.
"""

from fractions import Fraction

from sympy import Abs, Integer, sqrt

from adamref.logic.facts import Always, last_term
from adamref.logic.relations import eq, ge, gt, le, ne, total
from adamref.logic.sums import TermByTerm
from adamref.rules import ADAM
from adamref.theorems import spaces
from adamref.theorems.spaces import Point, Space, Strategy, among, grid, rates, reals, st, steps
from adamref.theorems.symbols import alpha, beta1, beta2, g, i, t
from adamref.theorems.writing import Cite, Run, Statement, Steps, Theorem, near_miss, show

from .closed_forms import THEOREMS as CLOSED_FORMS
from .step_bound import PAPER, STEP_BOUND, bound, powers, rho, second_rate
from .step_bound_cases import corrections

_, CLOSED_V = CLOSED_FORMS

no_power = show("0^t", eq(Integer(0) ** t, 0)).identity(
    "From the first step on, a power of 0 is 0."
)

no_momentum = (*second_rate, ge(t, 1))

largest_spike = sqrt((1 - beta2**t) / (1 - beta2))

adam = Run(ADAM, hypers={"beta1": Integer(0), "eps": Integer(0)})
BEFORE = "no gradient before"


@Theorem(
    id="step-bound-no-momentum",
    matters="Without momentum the worst case is simple: nothing for a long time, and then one "
    "gradient.",
    title="The bound on a step without momentum",
    says="Where beta1 = 0, R_t is the root of (1 - beta2^t)/(1 - beta2): no step is larger than "
    "alpha times that.",
    statement=Statement(
        le(Abs(adam("delta", t)), alpha * largest_spike),
        (ge(alpha, 0), *no_momentum, gt(adam("v", t), 0)),
    ),
    source=PAPER,
    space=among(
        rates("beta2"), spaces.numbers("alpha", low=0), steps(1, 7), reals(g=8), runs=(adam,)
    ),
)
@near_miss(
    le(Abs(adam("delta", t)), alpha * sqrt((1 - beta2 ** (t - 1)) / (1 - beta2))),
    "The power is t, not t - 1.",
    Point.of(alpha=1, beta2="1/2", t=1, g=(0, 1)),
)
def WITHOUT_MOMENTUM(statement: Statement) -> Steps:
    """Put beta1 = 0 in: only the last power of rho = 0 is not 0."""
    size, claimed = statement.claim.args
    whole, greatest = (expr.subs(beta1, 0) for expr in (powers(rho), bound()))
    return (
        show("sum", eq(whole, 1)).identity(
            "Of the powers of 0 only the last one, 0^0 = 1, is not 0.", (last_term(whole),)
        ),
        no_power,
        show("what remains", le(alpha * greatest, claimed)).squares(
            "Substitute these: the two sides are the same.",
            (Integer(0),),
            ("sum", "0^t", *corrections(beta2)),
        ),
        show("bound", statement.claim).certificate(
            "And no step is larger than alpha R_t.",
            (alpha * greatest - size, claimed - alpha * greatest),
            (
                "what remains",
                Cite(STEP_BOUND, {beta1: Integer(0), t: t}),
                "0^t",
                *corrections(beta2),
            ),
        ),
    )


def spikes() -> Strategy:
    """Draw sequences of gradients of which only the last counts."""

    def at(step: int) -> Strategy:
        before = st.sampled_from([(0,) * step, (0,) * (step - 1) + (1,)])
        last = grid(-50, 50, Fraction(1, 60))
        more, _ = rates("beta2")()
        values = st.fixed_dictionaries(
            {"t": st.just(step), "alpha": grid(0, 2, Fraction(1, 60)), **more}
        )
        rows = st.builds(lambda zeros, value: {"g": (*zeros, value)}, before, last)
        return st.builds(Point, values, rows)

    return st.integers(1, 8).flatmap(at)


@Theorem(
    id="step-bound-spike",
    matters="A feature that occurs seldom has such gradients: zeros, and then one that is not. "
    "With beta2 = 0.999 and after many zeros the step is nearly 31.6 alpha.",
    title="Without momentum a single spike makes the largest step",
    says="Where beta1 = 0 and all gradients before were 0, a step has the size alpha R_t, whatever "
    "the last gradient is, unless it is 0.",
    statement=Statement(
        eq(Abs(adam("delta", t)), alpha * largest_spike),
        (ge(alpha, 0), *no_momentum, ne(g(t), 0)),
        {BEFORE: Always(eq(g(i), 0), i, Integer(1), t - 1)},
    ),
    source=PAPER,
    space=Space(spikes, (adam,)),
)
@near_miss(
    Statement(
        eq(Abs(adam("delta", t)), alpha * largest_spike), (ge(alpha, 0), *no_momentum, ne(g(t), 0))
    ),
    "A gradient before makes the second moment larger.",
    Point.of(alpha=1, beta2="1/2", t=2, g=(0, 1, 1)),
)
def SPIKE(statement: Statement) -> Steps:
    """Show that the last gradient makes both moments."""
    earlier = total(beta2 ** (t - 1 - i) * g(i) ** 2, i, 1, t - 1)
    nothing = eq(earlier.function, 0)
    last = (1 - beta2) * g(t) ** 2
    return (
        show("each one", nothing, where=(i - 1, t - 1 - i)).identity(
            "The gradients before are 0.", (BEFORE,)
        ),
        show("all of them", eq(earlier, total(0, i, 1, t - 1))).by(
            "So their squares add up to nothing.", TermByTerm("each one")
        ),
        show("second moment", eq(adam("v", t), last)).identity(
            "The second moment has the last gradient in it alone.",
            (adam.line("v", t), Cite(CLOSED_V, {t: t - 1}), "all of them"),
        ),
        no_power,
        show("reached", statement.claim).squares(
            "The first moment is the gradient itself, which cancels.",
            uses=(
                *(adam.line(name, t) for name in ("delta", "m_hat", "v_hat", "m")),
                "second moment",
                "0^t",
                *corrections(beta2),
            ),
        ),
    )


THEOREMS = (WITHOUT_MOMENTUM, SPIKE)
