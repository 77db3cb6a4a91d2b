"""Closed forms without a sum are right for one gradient: where the text says that there is one."""

import pytest

from adamref import audit

PLAIN = "# Adam\n\nm_t = β₁·m_{t-1} + (1 − β₁)·g_t, v_t = β₂·v_{t-1} + (1 − β₂)·g_t².\n\n"
LATEX = (
    "# Adam\n\n$m_t = \\beta_1 m_{t-1} + (1-\\beta_1) g_t$ and "
    "$v_t = \\beta_2 v_{t-1} + (1-\\beta_2) g_t^2$.\n\n"
)


def judged(text, before=PLAIN):
    return [c for c in audit(f"{before}{text}\n").claims if c.quote not in before]


@pytest.mark.parametrize(
    "text",
    [
        "    mₜ = (1 − β₁ᵗ) · g        vₜ = (1 − β₂ᵗ) · g²",
        "What if the gradient is $+1, -1, +1, \\dots$? Then $v_t = 1 - \\beta_2^t$.",
        "Suppose the gradient is 1 in every step: $m_t = 1 - \\beta_1^t$, $v_t = 1 - \\beta_2^t$.",
        "The gradient is always 3, so $m_t = 3(1-\\beta_1^t)$ and $v_t = 9(1-\\beta_2^t)$.",
        "Der Gradient ist immer 2, also $m_t = 2(1-\\beta_1^t)$ und $v_t = 4(1-\\beta_2^t)$.",
        "Let the gradient be ±2 in each step. Then $v_t = 4(1 - \\beta_2^t)$.",
        "With a constant gradient, $m_t = (1-\\beta_1^t) g_t$.",
        "Take $g_t = g$ for all t. Then $\\hat m_t = g$ and $\\hat v_t = g^2$.",
    ],
)
def test_what_is_said_of_one_gradient_holds(text):
    claims = judged(text, LATEX if "$" in text else PLAIN)
    assert claims
    assert {c.verdict for c in claims} == {"holds"}


@pytest.mark.parametrize(
    "text",
    [
        "$s_t = (1-\\gamma^t) g^2$",
        (
            "if $s_{t-1} = (1-\\gamma^{t-1}) g^2$ then "
            "$s_t = (\\gamma - \\gamma^t) g^2 + (1-\\gamma) g^2$"
        ),
    ],
)
def test_a_proof_by_induction_holds(text):
    before = "# RMSprop\n\n$s_t = \\gamma s_{t-1} + (1-\\gamma) g^2$ with $s_0 = 0$ gives\n\n"
    claims = judged(text, before)
    assert claims
    assert {c.verdict for c in claims} == {"holds"}


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        ("mₜ = (1 − β₁ᵗ⁻¹) · g", "m", "m_{t} = g·(1 - β₁ᵗ)"),
        ("vₜ = (1 − β₂ᵗ) · g", "v", "v_{t} = g²·(1 - β₂ᵗ)"),
        ("vₜ = (1 − β₁ᵗ) · g²", "v", "v_{t} = g²·(1 - β₂ᵗ)"),
        ("mₜ = (1 − β₁ᵗ) · gₜ", "m", "m_{t} = β₁·m_{t-1} + (1 - β₁)·g_{t}"),
    ],
)
def test_one_that_is_wrong_is_told_in_the_letters_of_its_author(text, field, expected):
    (claim,) = judged(text)
    assert (claim.verdict, claim.field, claim.expected) == ("wrong", field, expected)


def test_one_with_an_index_is_said_to_be_for_one_gradient_only():
    (claim,) = judged("vₜ = (1 − β₂ᵗ) · gₜ²")
    assert [c.says for c in claim.causes] == [
        "it is so only where the gradient is the same at every step"
    ]


def test_signs_that_change_change_the_mean():
    (claim,) = judged("The gradient is +1, -1, +1, …, so mₜ = 1 − β₁ᵗ.")
    assert claim.verdict == "unread"


def test_a_number_that_is_not_that_of_the_gradient_is_wrong():
    text = "The gradient is always 3, so $v_t = 3(1-\\beta_2^t)$."
    assert [c.verdict for c in judged(text, LATEX)] == ["wrong"]
