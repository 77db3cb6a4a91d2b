"""Symmetry and scale: what becomes of the step when the gradients are multiplied by a number.

Multiply the loss by a thousand, and every gradient is a thousand times as large. These theorems say
what Adam makes of it.
"""

from typing import Any

from sympy import Abs, Expr, Integer, Symbol, sqrt

from adamref.logic.relations import Relational, eq, ge, gt, ne
from adamref.rules import ADAM
from adamref.theorems.record import Statement, Theorem, in_coq, near_miss
from adamref.theorems.spaces import Point, Space, numbers, points, rates, reals, steps
from adamref.theorems.symbols import beta1, beta2, decay_rate, eps, g, j, t
from adamref.theorems.writing import ProofStep, Run, Steps, Use, show

from .moments import multiple, not_negative
from .powers import below_one

c = Symbol("c", real=True)

adam = Run(ADAM)
# Gradients c g_i with epsilon |c| eps, and with an epsilon that is left as it is.
scaled = Run(ADAM, mark="'", gradient=lambda k: c * g(k), hypers={"eps": Abs(c) * eps})
eps_kept = Run(ADAM, mark="*", gradient=lambda k: c * g(k))
negated = Run(ADAM, mark="-", gradient=lambda k: -g(k))
# Without epsilon.
bare = Run(ADAM, hypers={"eps": Integer(0)})
bare_scaled = Run(ADAM, mark="'", gradient=lambda k: c * g(k), hypers={"eps": Integer(0)})

rates_domain = (*decay_rate(beta1), *decay_rate(beta2), ge(t, 1))
POWERS = tuple(below_one(rate) for rate in (beta1, beta2))


def _multiplied(plain: Run, other: Run, factor: Expr) -> tuple[ProofStep, ...]:
    """Show what becomes of the moments, corrected and not, when the gradients are multiplied."""
    made: list[ProofStep] = []
    for name, rate, by in (("m", beta1, factor), ("v", beta2, factor**2)):
        hat = f"{name}_hat"
        lines = (other.line(hat, t), plain.line(hat, t), Use(f"multiplied {name}", {j: t}))
        made += (
            multiple(
                f"multiplied {name}",
                (other, plain, name, by),
                (j, 0, "The new value is multiplied; by induction over the steps j."),
                "The recurrence is linear in the moment and in the new value.",
            ),
            show(f"multiplied {hat}", eq(other(hat, t), by * plain(hat, t))).identity(
                "The correction divides both by the same number.", (*lines, below_one(rate))
            ),
        )
    return tuple(made)


def _proof(statement: Statement, plain: Run, other: Run, factor: Expr) -> tuple[ProofStep, ...]:
    """Put what becomes of the corrected moments into the step."""
    v_hat, kept, used = plain("v_hat", t), _eps(plain), _eps(other)
    # Epsilon grows with the root, or both are positive on their own.
    signs: tuple[Expr, ...] = (Abs(factor) * (sqrt(v_hat) + kept),)
    if used != Abs(factor) * kept:
        signs = (Abs(factor) * sqrt(v_hat), used)
    shown: tuple[ProofStep, ...] = not_negative(plain)
    because = "The new denominator is positive, as the old one is."
    if gt(v_hat, 0) in statement.domain:
        shown, because = (), "v_hat is assumed to be positive, and c is not 0."
    sign = tuple(step.name for step in shown[-1:])
    return (
        *_multiplied(plain, other, factor),
        *shown,
        show("not divided by 0", gt(Abs(factor) * sqrt(v_hat) + used, 0)).certificate(
            because, signs, sign
        ),
        show("the step", statement.claim).identity(
            "sqrt(c^2) = |c|; what numerator and denominator share is cancelled.",
            (
                other.line("delta", t),
                plain.line("delta", t),
                "multiplied m_hat",
                "multiplied v_hat",
                *sign,
                "not divided by 0",
            ),
        ),
    )


def _eps(run: Run) -> Expr:
    return run.hypers.get("eps", eps)


def _speaks_of(statement: Statement, run: Run) -> bool:
    return bool(statement.claim.has(run.function("delta")))


def becomes(other: Run, factor: Expr, *assumed: Relational) -> Statement:
    """State that a step is the one without scaling, times a factor."""
    return Statement(eq(other("delta", t), factor * adam("delta", t)), (*rates_domain, *assumed))


def _space(plain: Run, other: Run, *parts: Any) -> Space:
    drawn = points(
        rates("beta1", "beta2"),
        numbers("alpha"),
        numbers("eps", low=0),
        numbers("c"),
        steps(1, 8),
        reals(g=8),
        *parts,
    )
    return Space(drawn, (plain, other))


DIVIDES = gt(sqrt(adam("v_hat", t)) + eps, 0)
NOT_ALL_ZERO = gt(adam("v_hat", t), 0)
DOUBLED = Point.of(alpha=1, beta1="1/2", beta2="3/4", eps=1, c=2, t=1, g=(0, 1))
TURNED = Point.of(alpha=1, beta1="1/2", beta2="3/4", eps=1, c=-1, t=1, g=(0, 1))


@Theorem(
    id="sign-symmetry",
    matters="Adam has no idea of up and down: turning all signs turns all steps. A test can use "
    "it without knowing any right value.",
    title="Adam has no preferred direction",
    says="If every gradient changes its sign, so does every step, with any epsilon.",
    statement=becomes(negated, Integer(-1), DIVIDES),
    source="follows from Kingma & Ba 2015, Algorithm 1",
    space=_space(adam, negated),
)
@near_miss(
    becomes(negated, Integer(1), DIVIDES),
    "The step is not left as it is: m changes its sign, the root of v does not.",
    TURNED,
)
def SYMMETRY(statement: Statement) -> Steps:
    """Multiply the gradients by -1."""
    return _proof(statement, adam, negated, Integer(-1))


@Theorem(
    id="scale-with-eps",
    matters="Gradients have a unit, and epsilon has it too. Who scales the loss has to scale "
    "epsilon.",
    title="The step does not depend on the unit of the gradients, if epsilon has it too",
    says="If every gradient is multiplied by c (not 0) and epsilon by |c|, the step keeps its size "
    "and takes the sign of c.",
    statement=becomes(scaled, c / Abs(c), ne(c, 0), DIVIDES),
    source="Kingma & Ba 2015, section 2.1, last paragraph (there with eps = 0)",
    space=_space(adam, scaled),
    kernel=in_coq("Scale", "scale_with_eps", "scale_fixed_eps_refuted"),
)
@near_miss(
    becomes(eps_kept, c / Abs(c), ne(c, 0), gt(eps, 0)),
    "With an epsilon that is left as it is, the step changes its size.",
    DOUBLED,
    _space(adam, eps_kept),
)
@near_miss(
    becomes(scaled, Integer(1), ne(c, 0), DIVIDES),
    "With c below 0 the step changes its sign.",
    TURNED,
)
def SCALE(statement: Statement) -> Steps:
    """m and m_hat are multiplied by c, v and v_hat by c^2, the denominator by |c|."""
    other = scaled if _speaks_of(statement, scaled) else eps_kept
    return _proof(statement, adam, other, c)


@Theorem(
    id="scale-invariance",
    matters="It is why one step size serves for parameters whose gradients are a thousand times "
    "larger than others'.",
    title="Without epsilon, Adam is invariant under a positive diagonal rescaling",
    says="With eps = 0, gradients multiplied by a fixed c > 0 make the same step. As Adam works on "
    "every parameter by itself, each may have a c of its own.",
    statement=becomes(bare_scaled, Integer(1), gt(c, 0), NOT_ALL_ZERO),
    source="Kingma & Ba 2015, section 2.1, last paragraph",
    space=_space(bare, bare_scaled),
    kernel=in_coq("Scale", "scale_without_eps", "scale_fixed_eps_refuted"),
)
@near_miss(
    becomes(eps_kept, Integer(1), gt(c, 0), NOT_ALL_ZERO, gt(eps, 0)),
    "With epsilon above 0 the step depends on the scale of the gradients.",
    DOUBLED,
    _space(adam, eps_kept),
)
@near_miss(
    becomes(bare_scaled, Integer(1), ne(c, 0), NOT_ALL_ZERO),
    "With c below 0 the step changes its sign.",
    TURNED,
)
def INVARIANCE(statement: Statement) -> Steps:
    """m and m_hat are multiplied by c, v and v_hat by c^2; in m_hat / sqrt(v_hat) it cancels."""
    if _speaks_of(statement, bare_scaled):
        return _proof(statement, bare, bare_scaled, c)
    return _proof(statement, adam, eps_kept, c)


CLAIMED = Theorem(
    id="scale-invariance-claimed",
    matters="The paper's abstract says it of Adam. With epsilon it is false, and where "
    "gradients are near epsilon it is very false.",
    title="Adam's steps are invariant to rescaling of the gradients, with any epsilon",
    says="The claim as it is made without its condition that eps = 0. With a gradient of 1 and "
    "eps = 1 the first step is alpha/2; with a gradient of 2 it is 2 alpha/3.",
    letters={"c": "by what every gradient is multiplied"},
    statement=becomes(eps_kept, Integer(1), gt(c, 0), NOT_ALL_ZERO, gt(eps, 0)),
    source="Kingma & Ba 2015, abstract and section 1, and a lecture note after it",
    space=_space(adam, eps_kept),
    verdict="REFUTED",
    counterexample=DOUBLED,
    kernel=in_coq("Scale", "scale_fixed_eps_refuted"),
)

THEOREMS = (SYMMETRY, SCALE, INVARIANCE, CLAIMED)
