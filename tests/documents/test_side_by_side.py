"""What stands side by side: two formulas in a display, cells of a row, optimizers on a page."""

import pytest

from adamref import audit


@pytest.mark.parametrize("between", [r"\qquad", r",\quad", r"\quad "])
def test_a_product_before_the_next_formula_is_no_list_of_names(between):
    first, second = r"m_n=\beta_1 m_{n-1}+(1-\beta_1)g_n", r"v_n=\beta_2 v_{n-1}+(1-\beta_2)g_n^2"
    text = f"# Adam\n\n$${first} {between} {second}$$"
    claims = audit(text).claims
    assert [(c.field, c.verdict) for c in claims] == [("m", "holds"), ("v", "holds")]


def test_a_list_of_names_is_still_one():
    text = "# Adam\n\nWe set $m, v = m_0, v_0$ and $m_1 = 0.9 m_0 + 0.1 g_1$.\n"
    assert not any(c.verdict == "wrong" for c in audit(text).claims)


def test_a_number_is_not_what_the_cell_behind_it_gives_a_value():
    text = "# Adam\n\n| class | lr | other |\n|---|---|---|\n| Adam | 1e-3 | `eps = 1e-8` |\n"
    assert not any(c.verdict == "wrong" for c in audit(text).claims)


def test_a_step_of_an_optimizer_with_more_is_compared_with_no_numbers():
    text = (
        "Adam: w ← w − η·m̂ / (√v̂ + ε)\n\nAdamW: w ← w − η·( m̂ / √(v̂ + ε) + λ·w )\n\n"
        "defaults: η = 1e-3, β₁ = 0.9, β₂ = 0.999, ε = 1e-8\n"
    )
    assert [c.verdict for c in audit(text).claims] == ["holds", "dialect"]


NEWER = """# Two newer ones

## RAdam

For $\\beta_2 = 0.999$ we have $\\rho_\\infty = 2/(1-\\beta_2) - 1 = 1999$.

## Lion

$$c_t = \\beta_1 m_{t-1} + (1-\\beta_1) g_t$$
$$m_t = \\beta_2 m_{t-1} + (1-\\beta_2) g_t$$

By default 0.9 and 0.99. With $\\lambda = 0$, $\\eta = 0.001$, $\\theta_0 = 2$, $g_1 = 0.4$:
$c_1 = 0.04$, $\\theta_1 = 1.999$, $m_1 = 0.004$.
"""


def test_a_section_takes_no_default_of_another_optimizer_for_its_own():
    found = audit(NEWER)
    assert [claim.line for claim in found.claims if claim.is_wrong] == []
    assert ("m", "0.004") in {(c.field, c.claimed) for c in found.claims if c.verdict == "holds"}
    # What is no default is said for both.
    other = audit(NEWER.replace("0.999$ we", "0.9$ we").replace("1999$", "19$"))
    assert [claim.field for claim in other.claims if claim.is_wrong] == ["m"]


QUESTIONS = """Questions on optimizers

Q1: What is the update of SGD with momentum?
A: v = γ·v + η·g, θ = θ − v. Usually γ is 0.9.

Q2: And that of Adam?
A: It keeps two averages:
       m = β1·m + (1−β1)·g
       v = β2·v + (1−β2)·g²
       m' = m/(1−β1^t)
       v' = v/(1−β2^t)
       θ = θ − α·m'/(√v' + ε)
"""


def test_a_step_in_a_paragraph_on_an_ancestor_is_not_held_against_the_page_s_own_rule():
    assert [claim.line for claim in audit(QUESTIONS).claims if claim.is_wrong] == []
    wrong = audit(QUESTIONS.replace("√v' + ε", "v' + ε"))
    assert [claim.line for claim in wrong.claims if claim.is_wrong] == [12]
