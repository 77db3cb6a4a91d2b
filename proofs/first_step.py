"""The first step, and every step while the gradient stays the same.

What Adam does while it has seen one value only.
"""

from typing import Any

from sympy import Abs, Expr, Integer, Symbol

from adamref.logic.relations import Relational, eq, ge, gt, ne
from adamref.rules import ADAM, ADAM_UNCORRECTED
from adamref.theorems.record import Statement, Theorem, in_coq, near_miss
from adamref.theorems.spaces import Point, Space, numbers, points, rates, reals, steps
from adamref.theorems.symbols import alpha, beta1, beta2, decay_rate, eps, g, t
from adamref.theorems.writing import ProofStep, Run, Steps, show

from .powers import below_one

c = Symbol("c", real=True)
adam = Run(ADAM)
uncorrected = Run(ADAM_UNCORRECTED, mark="*", gradient=g)
constant = Run(ADAM, gradient=lambda _: c)
constant_uncorrected = Run(ADAM_UNCORRECTED, mark="*", gradient=lambda _: c)


def step_of_size(run: Run, at: Any, divisor: Expr, *more: Relational) -> Statement:
    """State that a step is -alpha g / divisor, where |g| + eps is not 0."""
    put_in = run("g", at)
    claim = eq(run("delta", at), -alpha * put_in / divisor)
    rates_ = (*decay_rate(beta1), *decay_rate(beta2))
    return Statement(claim, (*rates_, gt(Abs(put_in) + eps, 0), *more))


def _run(statement: Statement, *runs: Run) -> Run:
    """Return the run that a statement about a step speaks of."""
    return next(run for run in runs if run.function("delta") == statement.claim.lhs.func)


def _used(run: Run) -> tuple[str, str]:
    """Return the fields that the step is made of."""
    names = [line.name for line in run.rule.lines]
    return ("m_hat", "v_hat") if "m_hat" in names else ("m", "v")


def _filled(run: Run, name: str, moment: str, rate: Expr, value: Expr) -> ProofStep:
    lines = [run.line(x, 1) for x in dict.fromkeys((name, moment))]
    return show(f"the first {name}", eq(run(name, 1), value)).identity(
        f"The moment is 1 - {rate} times the new value. The correction divides by just that, and "
        "it is not 0.",
        (*lines, run.start(moment), below_one(rate, Integer(1))),
    )


def _last(statement: Statement, run: Run, at: Any, made: tuple[ProofStep, ...]) -> ProofStep:
    return show("the step", statement.claim).identity(
        "sqrt(g_1^2) = |g_1|, and neither rate is left.",
        (run.line("delta", at), *(step.name for step in made)),
    )


def _moment(run: Run, name: str, rate: Expr, value: Expr) -> ProofStep:
    return show(f"weights of {name}", eq(run(name, t), (1 - rate**t) * value)).induction(
        (t, 1, "All weights fall on the same value; by induction over t."),
        show("one gradient").identity(
            f"The first gradient has the weight 1 - {rate}.", (run.line(name, 1), run.start(name))
        ),
        show("one more gradient").identity(
            f"{rate} (1 - {rate}^(t-1)) + (1 - {rate}) = 1 - {rate}^t.",
            (run.line(name, t), "induction hypothesis"),
        ),
    )


def _corrected(run: Run, name: str, moment: str, rate: Expr, value: Expr) -> ProofStep:
    lines = [run.line(name, t)] if name != moment else []
    return show(f"the corrected {moment}", eq(run(name, t), value)).identity(
        f"The correction divides by 1 - {rate}^t, which is not 0.",
        (*lines, f"weights of {moment}", below_one(rate)),
    )


def _space(run: Run, *parts: Any) -> Space:
    drawn = points(rates("beta1", "beta2"), numbers("alpha"), numbers("eps"), *parts)
    return Space(drawn, (run,))


@Theorem(
    id="first-step",
    matters="It is the first thing to test in an implementation, and the worst place to stop: a "
    "wrong decay rate cannot show here, because neither rate is in the result.",
    title="The first step, whatever the decay rates",
    says="Adam's first step is -alpha g / (|g| + eps), whatever the two decay rates are; with "
    "eps = 0 and g other than 0 its size is alpha.",
    statement=step_of_size(adam, 1, Abs(adam("g", 1)) + eps),
    source="follows from Kingma & Ba 2015, Algorithm 1",
    space=_space(adam, reals(g=1)),
    kernel=in_coq("FirstStep", "first_step", "first_step_uncorrected_refuted"),
)
@near_miss(
    step_of_size(uncorrected, 1, Abs(uncorrected("g", 1)) + eps),
    "Without bias correction the first step depends on the decay rates.",
    Point.of(alpha=1, beta1="1/2", beta2="3/4", eps=1, g=(0, 1)),
    _space(uncorrected, reals(g=1)),
)
@near_miss(
    step_of_size(adam, 1, Abs(adam("g", 1)), ne(adam("g", 1), 0)),
    "The size of the first step is not alpha unless eps = 0: eps shortens it.",
    Point.of(alpha=1, beta1="1/2", beta2="1/2", eps=1, g=(0, 1)),
)
def FIRST(statement: Statement) -> Steps:
    """Substitute the lines of the rule into each other, down to the zeros of the start."""
    run = _run(statement, adam, uncorrected)
    first, second = _used(run)
    made = (_filled(run, first, "m", beta1, g(1)), _filled(run, second, "v", beta2, g(1) ** 2))
    return (*made, _last(statement, run, 1, made))


@Theorem(
    id="constant-gradient-step",
    matters="A constant gradient is what most tests feed. The moments fill up, and the step "
    "does not see it: so such a test passes with decay rates that are wrong.",
    title="The step while the gradient stays the same",
    says="If the gradient is c at every step, the step is -alpha c / (|c| + eps) at every t, "
    "whatever the two decay rates are.",
    statement=step_of_size(constant, t, Abs(c) + eps, ge(t, 1)),
    source="follows from Kingma & Ba 2015, Algorithm 1",
    space=_space(constant, numbers("c"), steps(1, 9)),
    kernel=in_coq("FirstStep", "constant_gradient_step", "first_step_uncorrected_refuted"),
)
@near_miss(
    step_of_size(constant_uncorrected, t, Abs(c) + eps, ge(t, 1)),
    "Without bias correction the steps change while the moments fill up.",
    Point.of(alpha=1, beta1="1/2", beta2="3/4", eps=1, c=1, t=1),
    _space(constant_uncorrected, numbers("c"), steps(1, 9)),
)
@near_miss(
    step_of_size(constant, t, Abs(c), ge(t, 1), ne(c, 0)),
    "The size of the step is not alpha unless eps = 0: eps shortens it.",
    Point.of(alpha=1, beta1="1/2", beta2="1/2", eps=1, c=1, t=1),
)
def CONSTANT(statement: Statement) -> Steps:
    """Each moment is a constant times what the correction divides it by."""
    run = _run(statement, constant, constant_uncorrected)
    first, second = _used(run)
    moments = (_moment(run, "m", beta1, c), _moment(run, "v", beta2, c**2))
    corrected = (_corrected(run, first, "m", beta1, c), _corrected(run, second, "v", beta2, c**2))
    return (*moments, *corrected, _last(statement, run, t, corrected))


THEOREMS = (FIRST, CONSTANT)
