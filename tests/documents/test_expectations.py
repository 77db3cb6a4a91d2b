"""What a moment expects, in closed form: in LaTeX and in Unicode, right and wrong."""

import pytest

from adamref import audit

SETTING = "# Adam\n\nm_t = β₁·m_{t-1} + (1 − β₁)·g_t, v_t = β₂·v_{t-1} + (1 − β₂)·g_t².\n\n"


def judged(formula):
    claims = audit(f"{SETTING}All gradients have one mean, so\n\n    {formula}\n").claims
    return [c.verdict for c in claims[2:]]


@pytest.mark.parametrize(
    "formula",
    [
        "E[mₜ] = (1 − β₁ᵗ) · μ",
        "E[mₜ] = (1 − β₁) · Σᵢ₌₁ᵗ β₁ᵗ⁻ⁱ · c",
        "E[mₖ] = (1 − β₁) Σⱼ₌₁ᵏ β₁ᵏ⁻ʲ μ",
        "E[vₜ] = (1 − β₂ᵗ) · σ²",
        r"$E[v_t] = (1-\beta_2) \cdot \sum_{i=1}^{t} \beta_2^{t-i} E[g_t^2]$",
        r"$\mathbb{E}[v_t] = E[g_t^2] \cdot (1-\beta_2^t)$",
        r"$\mathbb{E}[m_t] = E[g_t] (1-\beta_1) \sum_{i=0}^{t-1} \beta_1^i$",
        r"$E[v_t] = E\left[(1-\beta_2)\sum_{i=1}^t \beta_2^{t-i} g_i^2\right]$",
        r"$E[v_t] = (1-\beta_2^t) E[g_t^2] + \zeta$",
    ],
)
def test_a_closed_form_that_is_right_holds(formula):
    assert judged(formula) == ["holds"]


@pytest.mark.parametrize(
    "formula",
    [
        "E[mₜ] = (1 − β₁) · Σᵢ₌₁ᵗ β₁ᵗ · μ",
        "E[mₖ] = (1 − β₁) Σⱼ₌₁ᵏ β₁ᵏ⁻¹ μ",
        "E[vₜ] = (1 − β₂) · σ²",
        r"$E[v_t] = (1-\beta_1^t) E[g_t^2]$",
        r"$E[v_t] = (1-\beta_1^t) E[g_t^2] + \zeta$",
        r"$E[m_t] = (1+\beta_1^t) E[g_t]$",
    ],
)
def test_a_closed_form_that_is_wrong_is_not_said_to_hold(formula):
    assert judged(formula) == ["wrong"]


@pytest.mark.parametrize(
    "formula",
    [
        r"$E[v_t] = (1-\beta_2^t) E[g_t]^2$",
        "E[vₜ] = (1 − β₂ᵗ) · μ²",
        "E[vₜ] = (1 − β₂ᵗ) · (μ² + σ²)",
        "E[mₜ] ≈ (1 − β₁) · μ",
    ],
)
def test_what_is_not_clear_is_not_judged(formula):
    assert not {"holds", "wrong"} & {*judged(formula)}


def test_every_part_of_a_chain_is_judged():
    formula = "E[mₜ] = (1 − β₁) · Σᵢ₌₁ᵗ β₁ᵗ · μ\n         = (1 − β₁ᵗ) · μ"
    assert judged(formula) == ["wrong", "holds"]
