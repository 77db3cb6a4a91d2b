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
