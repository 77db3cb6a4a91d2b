"""The more efficient order of computation is Algorithm 1 with another epsilon at every step.

Algorithm 1 corrects both moments at every step. The paper mentions an order of computation that
works both corrections into the step size; it is not quite the same algorithm.
"""

from typing import Any

from sympy import Abs, Symbol, sqrt

from adamref.logic.relations import Relational, eq, ge, gt, ne
from adamref.rules import ADAM, ADAM_EPS_HAT
from adamref.theorems.record import Statement, Theorem, in_coq, near_miss
from adamref.theorems.spaces import Drawn, Point, Space, among, numbers, rates, reals, st, steps
from adamref.theorems.symbols import alpha, beta1, beta2, decay_rate, eps, g, j, t
from adamref.theorems.writing import ProofStep, Run, Steps, Use, show

from .moments import multiple, not_negative
from .powers import below_one

eps_hat = Symbol("eps_hat", real=True)
root = sqrt(1 - beta2**t)

adam = Run(ADAM)
efficient = Run(ADAM_EPS_HAT, mark="'", gradient=g, hypers={"eps": eps * root})
# The same order with an epsilon that does not depend on t: that of Algorithm 1, or any.
same_eps = Run(ADAM_EPS_HAT, mark="*", gradient=g)
any_eps = Run(ADAM_EPS_HAT, mark="+", gradient=g, hypers={"eps": eps_hat})

rates_domain = (*decay_rate(beta1), *decay_rate(beta2), ge(t, 1))
divisor = sqrt(adam("v_hat", t)) + eps
POWERS = tuple(below_one(rate) for rate in (beta1, beta2))


def _moments(run: Run) -> tuple[ProofStep, ...]:
    """Show that both orders keep the same moments, from the zeros before the first step on."""
    return tuple(
        multiple(
            f"the same {name}",
            (run, adam, name, 1),
            (j, 0, f"The two orders keep the same {name}; by induction over the steps j."),
            "Both have the same recurrence.",
        )
        for name in ("m", "v")
    )


def _lines(run: Run) -> tuple[Any, ...]:
    """Return the lines of both orders that make up the step, in terms of m and the root of v."""
    orders = (run.line("delta", t), run.line("alpha_t", t))
    moments = (Use("the same m", {j: t}), Use("the same v", {j: t}))
    signs = (Use("v is not negative", {j: t}), "v_hat is not negative", *POWERS)
    return (*orders, *moments, "the root", adam.line("delta", t), adam.line("m_hat", t), *signs)


def _roots() -> tuple[ProofStep, ...]:
    return (
        *not_negative(adam),
        show("the root", eq(sqrt(adam("v", t)), root * sqrt(adam("v_hat", t)))).squares(
            "The root of v is that of v_hat times that of 1 - beta2^t.",
            uses=(adam.line("v_hat", t), Use("v is not negative", {j: t}), *POWERS),
        ),
    )


def same_step(run: Run) -> Statement:
    """State that the two orders make the same step."""
    domain = (*rates_domain, gt(divisor, 0))
    return Statement(eq(run("delta", t), adam("delta", t)), domain)


def _space(run: Run, *parts: Any) -> Space:
    usual = (rates("beta1", "beta2"), numbers("alpha"), numbers("eps", low=0))
    return among(*usual, steps(1, 8), reals(g=8), *parts, runs=(adam, run))


def _zeros() -> Drawn:
    """Draw gradients that are all 0."""
    return {}, {"g": st.just((0,) * 9)}


def _fitting() -> Drawn:
    """Draw an epsilon that fits: with beta2 = 0 it is that of Algorithm 1."""
    same = st.shared(numbers("eps", low=0)()[0]["eps"], key="eps")
    return {"beta2": st.just(0), "eps": same, "eps_hat": same}, {}


@Theorem(
    id="efficient-order",
    matters="The paper proposes to fold the corrections into the step size. It is the same "
    "algorithm only if epsilon is changed at every step; a program that keeps it is "
    "another dialect.",
    title="The more efficient order is Algorithm 1 with another epsilon at every step",
    says="The order of section 2 makes the same step as Algorithm 1 if its eps_hat at step t is "
    "eps sqrt(1 - beta2^t). At beta2 = 0.999 it is first 0.03 eps.",
    statement=same_step(efficient),
    source="Kingma & Ba 2015, section 2, last paragraph, which does not say what eps_hat is",
    space=_space(efficient),
    kernel=in_coq("EfficientOrder", "efficient_order", "efficient_order_fixed_eps_refuted"),
)
@near_miss(
    same_step(same_eps),
    "With eps_hat = eps at every step, as many programs have it, the steps differ.",
    Point.of(alpha=1, beta1="1/2", beta2="3/4", eps=1, t=1, g=(0, 1)),
    _space(same_eps),
)
def SAME(statement: Statement) -> Steps:
    """Multiply numerator and denominator of the step by the root of 1 - beta2^t."""
    runs = (efficient, same_eps)
    run = next(run for run in runs if statement.claim.has(run.function("delta")))
    return (
        *_moments(run),
        *_roots(),
        show("not divided by 0", gt(root * sqrt(adam("v_hat", t)) + eps * root, 0)).certificate(
            "The denominator is that of Algorithm 1 times the root of 1 - beta2^t.",
            (root * divisor,),
            POWERS,
        ),
        show("the same step", statement.claim).identity(
            "Numerator and denominator are those of Algorithm 1 times the root of 1 - beta2^t.",
            (*_lines(run), "not divided by 0"),
        ),
    )


def another_step(*assumed: Relational) -> Statement:
    """State that with another eps_hat the steps differ."""
    positive = (gt(divisor, 0), gt(sqrt(adam("v", t)) + eps_hat, 0), ne(alpha, 0))
    claim = gt(Abs(adam("delta", t) - any_eps("delta", t)), 0)
    return Statement(claim, (*rates_domain, *positive, *assumed))


ANOTHER = ne(eps_hat - eps * root, 0)
MOVING = ne(adam("m", t), 0)


@Theorem(
    id="efficient-order-only",
    title="No other epsilon makes the more efficient order Algorithm 1",
    says="Where m is not 0, the two orders make different steps with any other eps_hat than "
    "eps sqrt(1 - beta2^t). That grows with t (if beta2 and eps are above 0): no fixed one does.",
    statement=another_step(ANOTHER, MOVING),
    source="follows from Kingma & Ba 2015, section 2, last paragraph",
    space=_space(any_eps, numbers("eps_hat", low=0)),
)
@near_miss(
    another_step(ANOTHER),
    "Where m is 0, both orders stand still, whatever epsilon is.",
    Point.of(alpha=1, beta1="1/2", beta2="3/4", eps=1, eps_hat=1, t=1, g=(0, 0)),
    _space(any_eps, numbers("eps_hat", low=0), _zeros),
)
@near_miss(
    another_step(MOVING),
    "With eps_hat = eps sqrt(1 - beta2^t) the steps do not differ.",
    Point.of(alpha=1, beta1="1/2", beta2="3/4", eps=1, eps_hat="1/2", t=1, g=(0, 1)),
    _space(any_eps, _fitting),
)
def ONLY(statement: Statement) -> Steps:
    """Write the difference of the two steps as a quotient of what is not 0."""
    small, apart = root * sqrt(adam("v_hat", t)), eps_hat - eps * root
    difference = adam("delta", t) - any_eps("delta", t)
    quotient = -alpha * adam("m", t) * apart / ((1 - beta1**t) * divisor * (small + eps_hat))
    return (
        *_moments(any_eps),
        *_roots(),
        show("not divided by 0", gt(small + eps_hat, 0)).certificate(
            "It is the denominator of the more efficient order.",
            (sqrt(adam("v", t)) + eps_hat,),
            ("the root",),
        ),
        show("the difference", eq(difference, quotient)).identity(
            "The two fractions on one denominator.", (*_lines(any_eps), "not divided by 0")
        ),
        show("not the same", statement.claim).squares(
            "None of the factors of the difference is 0.",
            (quotient**2,),
            ("the difference", "not divided by 0", "v_hat is not negative", *POWERS),
        ),
    )


THEOREMS = (SAME, ONLY)
