"""What a document gives holds where its author means it: in a section, or for an optimizer."""

import pytest

from adamref import audit

USUAL = "$\\beta_1 = 0.9$, $\\beta_2 = 0.999$"
SETTINGS = """# Effect of the betas

f(w) = w^2, w_0 = 0.5.

## Setting A: alpha = 0.1, beta1 = 0.9, beta2 = 0.99

- m_1 = 0.1000, v_1 = 0.0100, w_1 = 0.4000

## Setting B: alpha = 0.01, beta1 = 0.8, beta2 = 0.9

- m_1 = {m}, v_1 = 0.1000, w_1 = 0.4900
"""
ACCUMULATORS = r"""\section*{Exercise 3}
Gradients $g_1=4$, $g_2=2$, $g_3=1$; $\eta=0.1$.
\subsection*{(a) AdaGrad}
\begin{align*}
G_1 &= 4^2 = 16\\
G_2 &= 16 + 2^2 = 20
\end{align*}
\subsection*{(b) RMSprop with $\rho = 0.9$}
\begin{align*}
G_1 &= 0.1\cdot 4^2 = 1.6\\
G_2 &= 0.9\cdot 1.6 + 0.1\cdot 2^2 = 1.84
\end{align*}
"""
PENALTY = f"""# L2 is not weight decay

## Plain Adam
A constant gradient of 0.1, $w_0 = 1$, $\\alpha=0.1$, {USUAL}:
$w_1 = 0.9000$, $w_2 = 0.8000$.

## Adam with L2
Now $g = 0.1 + 0.1 w$, all else as before:
$g_1 = 0.2000$, $w_1 = 0.9000$; $g_2 = 0.1900$, $w_2 = 0.8002$.

## AdamW
With decoupled decay $\\lambda = 0.1$ and the gradient 0.1: $w_1 = 0.8900$, $w_2 = 0.7811$.
"""
NEGLECTED = f"""Constant gradient 0.001, $\\theta_0 = 1$, $\\alpha = 0.1$, {USUAL},
$\\epsilon = 0.0001$. {{says}}
$\\theta_1 = 0.900000$ and $\\theta_2 = 0.800000$.
"""
ROWS = """lr = 0.01, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, theta starts at 1.0. Rows count from 0.

| row | grad | m | v | theta |
|-----|------|---|---|-------|
| 0 | 0.50 | 0.050000 | 0.000250 | 0.990000 |
| 1 | -0.20 | 0.025000 | 0.000290 | 0.986543 |

In row 0 the gradient is 0.5. After row 1 theta is {theta}, and in row 1 m = 0.025000.
"""
DISPLAY = f"""# Adam

$$
\\begin{{aligned}}
m_t &= \\beta_1 m_{{t-1}} + (1-\\beta_1) g_t\\\\
\\hat m_t &= m_t/(1-\\beta_1^t)
\\end{{aligned}}
$$

Start $w_0 = 1$, $\\alpha = 0.1$, {USUAL}, $g_1 = -9$.

1. At first $\\hat m_1 = g_1$ and $\\hat v_1 = g_1^2$.
2. In size the gradient shrinks from -9 to -8.10.
"""
ROW = """lr = 0.1, b1 = 0.5, b2 = 0.75, eps = 0, x = 0, Adam
t = 1:  g = 1  m = 0.5 v = 0.25 x = -0.10000"""
LED = """Adam, lr = 0.1, beta1 = 0.9, beta2 = 0.999.

t=1: g=4.0000 m=0.4000 v=0.01600 x=3.9000
t=2: g=3.9000 m=0.7500 v=0.03119 x=3.8001"""
STUDENTS = """Adam: θ₀ = 1, g₁ = 0.8, α = 0.1, β₁ = 0.9, β₂ = 0.999

What students wrote (all wrong)

1. *"θ₁ = 1.1."* This is what comes of a sign.
2. *"m₁ = 0.72."* Here it is m₁ = 0.08."""


@pytest.mark.parametrize(
    "text",
    [
        SETTINGS.format(m="0.2000"),
        ACCUMULATORS,
        PENALTY,
        NEGLECTED.format(says="We neglect $\\epsilon$."),
        ROWS.format(theta="0.986543"),
        DISPLAY,
        ROW,
        LED,
        STUDENTS,
    ],
    ids=["settings", "sums", "penalty", "epsilon", "rows", "display", "row", "led", "not"],
)
def test_a_right_number_holds_in_its_scope(text: str) -> None:
    """No number is judged by what was given for another place."""
    assert [claim.quote for claim in audit(text).claims if claim.verdict == "wrong"] == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (SETTINGS.format(m="0.3000"), 11),
        (ACCUMULATORS.replace("1.84", "1.94"), 11),
        (PENALTY.replace("0.8002", "0.8200"), 9),
        (NEGLECTED.format(says=""), 3),
    ],
    ids=["settings", "sums", "penalty", "epsilon"],
)
def test_a_wrong_number_is_wrong_in_its_scope(text: str, line: int) -> None:
    """A passage of its own excuses no mistake in it."""
    assert line in [claim.line for claim in audit(text).claims if claim.verdict == "wrong"]
