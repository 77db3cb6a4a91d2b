"""Faults: known mistakes, each an edit of one line of Adam.

A fault replaces the right-hand side of a line by the wrong one. Worked alone, from right values, it
gives the number that somebody who made just this mistake would have written down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from sympy import Expr, evaluate, sqrt

from adamref.rules.symbols import (
    alpha,
    beta1,
    beta2,
    delta,
    eps,
    g,
    m,
    m_hat,
    m_prev,
    t,
    theta_prev,
    v,
    v_hat,
    v_prev,
)

if TYPE_CHECKING:
    from adamref.rules.rule import Rule


@final
@dataclass(frozen=True)
class Fault:
    """A mistake in one line.

    Attributes
    ----------
    id : str
        A name that never changes.
    line : str
        The line it stands in.
    expr : sympy.Expr
        The wrong right-hand side.
    says : str
        What was done instead of the right thing, as the end of a sentence; it may hold ``{t}``,
        ``{next}`` and ``{last}`` for t, t + 1 and t - 1.
    """

    id: str
    line: str
    expr: Expr
    says: str

    def said(self, t: int) -> str:
        """Say what was done, at a step."""
        return self.says.format(t=t, next=t + 1, last=t - 1)

    def applied(self, rule: Rule) -> Rule:
        """Return the rule with this mistake in it."""
        return rule.edited(**{self.line: self.expr})


def _moments() -> tuple[Fault, ...]:
    made = []
    for name, state, before, beta, other, square in (
        ("m", m, m_prev, beta1, beta2, g),
        ("v", v, v_prev, beta2, beta1, g**2),
    ):
        b, o = ("1", "2") if name == "m" else ("2", "1")
        squared = "" if name == "m" else "^2"
        made += [
            Fault(
                f"{name}-without-complement",
                name,
                beta * before + square,
                f"the factor (1 - beta{b}) was left out",
            ),
            Fault(
                f"{name}-decay-and-complement-swapped",
                name,
                (1 - beta) * before + beta * square,
                f"beta{b} and 1 - beta{b} were swapped",
            ),
            Fault(
                f"{name}-with-beta{o}",
                name,
                other * before + (1 - other) * square,
                f"beta{o} was used in place of beta{b}",
            ),
            Fault(
                f"{name}-forgets-its-past",
                name,
                (1 - beta) * square,
                f"the term beta{b}*{name}[t-1] was left out",
            ),
            Fault(
                f"{name}-past-undecayed",
                name,
                before + (1 - beta) * square,
                f"the previous {name} was not multiplied by beta{b}",
            ),
            Fault(
                f"{name}-gradient-subtracted",
                name,
                beta * before + -1 * ((1 - beta) * square),
                f"(1 - beta{b})*g{squared} was subtracted instead of added",
            ),
        ]
        del state
    return (
        *made,
        Fault(
            "v-without-square",
            "v",
            beta2 * v_prev + (1 - beta2) * g,
            "the gradient was not squared",
        ),
        Fault(
            "v-complement-squared",
            "v",
            beta2 * v_prev + ((1 - beta2) * g) ** 2,
            "(1 - beta2) was squared together with g",
        ),
        Fault(
            "v-of-m",
            "v",
            beta2 * v_prev + (1 - beta2) * m**2,
            "m was squared in place of g",
        ),
        Fault(
            "m-of-square",
            "m",
            beta1 * m_prev + (1 - beta1) * g**2,
            "the gradient was squared, which belongs to v",
        ),
    )


def _corrections() -> tuple[Fault, ...]:
    made = []
    for hat, state, beta, other, b, o in (
        ("m_hat", m, beta1, beta2, "1", "2"),
        ("v_hat", v, beta2, beta1, "2", "1"),
    ):
        made += [
            Fault(
                f"{hat}-power-t-plus-one",
                hat,
                state / (1 - beta ** (t + 1)),
                f"it was divided by 1 - beta{b}^{{next}} instead of 1 - beta{b}^{{t}}",
            ),
            Fault(
                f"{hat}-power-t-minus-one",
                hat,
                state / (1 - beta ** (t + -1)),
                f"it was divided by 1 - beta{b}^{{last}} instead of 1 - beta{b}^{{t}}: t lags",
            ),
            Fault(
                f"{hat}-without-power",
                hat,
                state / (1 - beta),
                f"it was divided by 1 - beta{b} instead of 1 - beta{b}^{{t}}",
            ),
            Fault(
                f"{hat}-product-for-power",
                hat,
                state / (1 + -1 * (beta * t)),
                f"it was divided by 1 - beta{b}*{{t}} instead of 1 - beta{b}^{{t}}",
            ),
            Fault(
                f"{hat}-with-beta{o}",
                hat,
                state / (1 - other**t),
                f"it was divided by 1 - beta{o}^{{t}} instead of 1 - beta{b}^{{t}}",
            ),
            Fault(
                f"{hat}-by-power-alone",
                hat,
                state / beta**t,
                f"it was divided by beta{b}^{{t}} instead of 1 - beta{b}^{{t}}",
            ),
            Fault(
                f"{hat}-multiplied",
                hat,
                state * (1 - beta**t),
                f"it was multiplied by 1 - beta{b}^{{t}} instead of divided",
            ),
            Fault(f"{hat}-uncorrected", hat, 1 * state, "the bias was not corrected"),
        ]
    return tuple(made)


def _steps() -> tuple[Fault, ...]:
    root = sqrt(v_hat)
    made = [
        ("root-forgotten", m_hat / (v_hat + eps), "the square root of v_hat was not taken"),
        ("eps-inside-root", m_hat / sqrt(v_hat + eps), "epsilon was put inside the root"),
        ("eps-omitted", m_hat / root, "epsilon was left out"),
        ("both-uncorrected", m / (sqrt(v) + eps), "m and v were used without bias correction"),
        ("step-with-m", m / (root + eps), "m was used in place of m_hat"),
        ("step-with-v", m_hat / (sqrt(v) + eps), "v was used in place of v_hat"),
        ("step-with-gradient", g / (root + eps), "the gradient was used in place of m_hat"),
        ("step-multiplied", m_hat * (root + eps), "it was multiplied by the root, not divided"),
    ]
    faults = []
    for name, ratio, says in made:
        faults.append(Fault(name, "delta", -1 * (alpha * ratio), says))
    right = m_hat / (root + eps)
    faults += [
        Fault("without-alpha", "delta", -1 * right, "the step size alpha was left out"),
        Fault("plain-gradient-step", "delta", -1 * (alpha * g), "a plain gradient step was made"),
        Fault(
            "update-added",
            "theta",
            theta_prev + -1 * delta,
            "the step was added with the wrong sign",
        ),
        Fault("parameter-forgotten", "theta", 1 * delta, "the previous parameter was left out"),
    ]
    return tuple(faults)


with evaluate(False):
    FAULTS: tuple[Fault, ...] = (*_moments(), *_corrections(), *_steps())
"""Every fault, in the order of the lines."""


def of(line: str) -> tuple[Fault, ...]:
    """Return the faults of one line; those of the step count for theta as well."""
    if line == "theta":
        return tuple(f for f in FAULTS if f.line in ("delta", "theta"))
    return tuple(f for f in FAULTS if f.line == line)
