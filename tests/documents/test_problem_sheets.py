"""Problems side by side, each with settings of its own, and answers at the end."""

from __future__ import annotations

import pytest

from adamref import audit

EXERCISES = r"""# Exercises on Adam

Use $\beta_1 = 0.9$, $\beta_2 = 0.999$ and $\epsilon = 10^{-8}$ everywhere.

**Exercise 1.** $\alpha = 0.1$, $\theta_0 = 1$, $g_1 = 2$. Find $\theta_1$.

**Exercise 2.** $\alpha = 0.5$, $\theta_0 = 3$, $g_1 = -1$, $g_2 = 1$. Find $m_2$ and $\theta_1$.

## Solutions

**Solution 1.** $m_1 = 0.2$, $v_1 = 0.004$, $\theta_1 = 0.9$.

**Solution 2.** $m_1 = -0.1$, $\theta_1 = 3.5$, $m_2 = 0.01$.
"""
QUIZ = r"""Adam quiz

Q1. With lr = 0.1, b1 = 0.9, b2 = 0.999, w0 = 1 and a first gradient g1 = 2: m1, v1, w1?
Q2. The same with lr = 0.2, w0 = 5, b1 = 0.8, b2 = 0.99, g1 = 4.
Q3. AMSGrad, lr = 0.1, b1 = 0.9, b2 = 0.5, w0 = 0, g1 = 2, g2 = 0. What is v_max2?

A1. m1 = 0.2, v1 = 0.004, w1 = 0.9
A2. m1 = 0.8, v1 = 0.16, w1 = 4.8
A3. v1 = 2, v2 = 1, v_max2 = 2
"""
PARTS = r"""\documentclass{article}
\begin{document}
\section*{Adam: problems}
Let $\beta_1=0.9$, $\beta_2=0.999$, $\epsilon=10^{-8}$.

\subsection*{Problem 4}
Start at $w_0 = 1$ with $g_1 = 2$.
(a) $\alpha = 0.1$. Compute $w_1$.

(b) $\alpha = 0.01$. Compute $w_1$.

\subsection*{Problem 5}
$w_0 = 2$, $\alpha = 0.1$, $g_1 = -4$. Compute $m_1$ and $w_1$.

\section*{Answers}

\subsection*{Problem 4}
(a) $m_1 = 0.2$, $w_1 = 0.9$.

(b) $m_1 = 0.2$, $w_1 = 0.99$.

\subsection*{Problem 5}
$m_1 = -0.4$, $w_1 = 2.1$.
\end{document}
"""
EXAMPLES = r"""# Two examples

β₁ = 0.9, β₂ = 0.999

## Example 1

α = 0.1, x₀ = 1, f(x) = x². g₁ = 2, m₁ = 0.2, v₁ = 0.004, x₁ = 0.9

## Example 2

α = 0.01, x₀ = 3, f(x) = x²/2. g₁ = 3, m₁ = 0.3, v₁ = 0.009, x₁ = 2.99
"""
HOMEWORK = r"""# Homework 3

Throughout $\beta_1 = 0.9$, $\beta_2 = 0.999$, $f(\theta) = \theta^2$.

1. Let $\alpha = 0.1$, $\theta_0 = 1$. Do one step of Adam.
2. Now take $\alpha = 0.01$ and start from $\theta_0 = 2$. One step again.
3. What changes with $\beta_1 = 0$?

## Solutions

1. $g_1 = 2$, $m_1 = 0.2$, $v_1 = 0.004$, $\theta_1 = 0.9$.
2. $g_1 = 4$, $m_1 = 0.4$, $v_1 = 0.016$, $\theta_1 = 1.99$.
3. $m_t = g_t$.
"""
METHODS = r"""# Problem set

**2.1** (AMSGrad, no bias correction.) $\eta = 0.1$, $\beta_1 = 0.9$, $\beta_2 = 0.9$,
$\epsilon = 10^{-8}$, $\theta_0 = 2$, $g_1 = 4$, $g_2 = 1$.
Compute $\theta_1$ and $\theta_2$ with and without the maximum.

**2.2** (AdamW against Adam with $L_2$.) One step from $\theta_0 = 5$ with $g_1 = 0.2$,
$\eta = 0.01$, $\lambda = 0.1$.

## Answers

**2.1** $m_1 = 0.4$, $v_1 = 1.6$, $\theta_1 = 1.9684$ both ways. $m_2 = 0.46$, $v_2 = 1.54$.
With the maximum $\theta_2 = 1.9320$, without it $\theta_2 = 1.9313$.

**2.2** AdamW: $\theta_1 = 5 - 0.01 - 0.005 = 4.9850$.
With $L_2$ the first step normalises it away: $\theta_1 = 4.9900$.
"""


@pytest.mark.parametrize(
    ("text", "judged", "right", "slip", "line"),
    [
        (EXERCISES, 6, "m_2 = 0.01", "m_2 = 0.11", 13),
        (QUIZ, 9, "v1 = 0.16", "v1 = 0.26", 8),
        (PARTS, 6, "w_1 = 0.99", "w_1 = 0.95", 20),
        (EXAMPLES, 8, "v₁ = 0.009", "v₁ = 0.008", 11),
        (HOMEWORK, 8, "m_1 = 0.4", "m_1 = 0.5", 12),
    ],
    ids=["exercises", "quiz", "parts", "examples", "homework"],
)
def test_an_answer_is_judged_by_the_settings_of_its_question(text, judged, right, slip, line):
    assert [claim.verdict for claim in audit(text).claims] == ["holds"] * judged
    found = audit(text.replace(right, slip))
    assert [claim.line for claim in found.claims if claim.is_wrong] == [line]


def test_a_second_value_is_by_the_method_that_the_sentence_names():
    found = audit(METHODS)
    assert not [claim for claim in found.claims if claim.is_wrong or claim.verdict == "unread"]
    said = [claim.because for claim in found.claims if claim.claimed in ("1.9313", "4.9900")]
    assert [one.partition(" (")[0] for one in said] == [
        "it is right for Adam",
        "it is right for Adam",
    ]


def test_stages_of_one_problem_are_no_problems_of_their_own():
    text = """# Adam: one step

α = 0.1, β₁ = 0.9, β₂ = 0.999, θ₀ = 1

Question 1. Compute the gradient of θ².
Question 2. Compute the moments.

Answer 1. g₁ = 2
Answer 2. m₁ = 0.2, v₁ = 0.004
"""
    assert [claim.verdict for claim in audit(text).claims] == ["holds"] * 2


def test_a_solution_below_its_exercise_belongs_to_it():
    text = EXAMPLES.replace(" g₁ = 2,", "\n\n**Solution.**\ng₁ = 2,").replace(
        " g₁ = 3,", "\n\n**Solution.**\ng₁ = 3,"
    )
    assert [claim.verdict for claim in audit(text).claims] == ["holds"] * 8
