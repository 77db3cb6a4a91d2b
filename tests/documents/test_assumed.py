"""What the text around a formula allows it to be, and what it does not."""

import pytest

from adamref import audit

UPDATE = r"$$w_{k+1} = w_k - \eta \frac{\hat m_k}{\sqrt{\hat v_k}}$$"


def verdicts(text):
    return [(c.field, c.verdict) for c in audit(text).claims if c.kind == "formula"]


@pytest.mark.parametrize(
    "words",
    [
        "Suppose that the gradient is constant, $g_t = g$. Then",
        "If $g_k = g$ for all $k$, then",
        "Let all gradients be equal to $g$. By the geometric series",
        "Wenn der Gradient konstant ist, gilt",
    ],
)
def test_a_closed_form_holds_under_the_assumption_that_its_sentence_makes(words):
    found = verdicts(
        f"# Adam\n\n{words}\n$$m_t = (1-\\beta_1^t) g, \\quad v_t = (1-\\beta_2^t) g^2$$"
    )
    assert found == [("m", "holds"), ("v", "holds")]


def test_a_closed_form_is_wrong_that_is_not_so_under_its_assumption_either():
    text = "# Adam\n\nIf the gradient is constant, $v_t = (1-\\beta_2^t) g$ holds."
    assert verdicts(text) == [("v", "wrong")]


def test_gradients_of_zero_before_the_last_are_taken_for_that():
    said = "Suppose all gradients were zero but the last, $g_t = g$. Then"
    text = f"# Adam\n\n{said} $m_t = (1-\\beta_1) g$ and $v_t = (1-\\beta_2) g^2$."
    assert verdicts(text) == [("m", "holds"), ("v", "holds")]


def test_what_another_assumption_makes_of_a_line_is_not_judged():
    text = "# Adam\n\nIf all gradients from step 5 on are zero, $v_t = \\beta_2 v_{t-1}$."
    assert verdicts(text) == [("v", "unread")]


@pytest.mark.parametrize(
    "words",
    [
        "Let $g_t$ be the gradient at step $t$. Then",
        "Both start at zero. For each gradient we update",
        "The gradient of step $t$ is averaged:",
        "Let $g_1, \\dots, g_T$ be gradients, and let the first moment start with $v_0 = 0$. Then",
    ],
)
def test_no_assumption_excuses_a_recurrence(words):
    text = f"# Adam\n\n{words}\n$$v_t = \\beta_2 v_{{t-1}} + (1-\\beta_2) g_t$$"
    assert verdicts(text) == [("v", "wrong")]


def test_an_assumption_ends_with_its_paragraph():
    text = (
        "# Adam\n\nIf the gradient is constant, $m_t = (1-\\beta_1^t) g$.\n\n"
        "In general $v_t = \\beta_2 v_{t-1} + (1-\\beta_2) g_t$."
    )
    assert verdicts(text) == [("m", "holds"), ("v", "wrong")]


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("We leave out the small $\\epsilon$.", "dialect"),
        ("The constant ε is ignored here.", "dialect"),
        ("The step is:", "wrong"),
    ],
)
def test_epsilon_is_left_out_where_the_text_says_so(words, verdict):
    assert verdicts(f"# Adam\n\n{words}\n\n{UPDATE}") == [("theta", verdict)]


def test_adagrad_is_written_without_epsilon_too():
    step = r"$$w_k = w_{k-1} - \frac{\alpha}{\sqrt{v_k}} g_k$$"
    text = f"# AdaGrad\n\n$$v_k = v_{{k-1}} + g_k^2$$\n\n{step}\n\nwith $\\alpha = 0.1$."
    assert verdicts(text) == [("v", "holds"), ("theta", "dialect")]


NADAM = (
    r"$$w_{k+1} = w_k - \frac{\alpha}{\sqrt{\hat v_k}+\epsilon}"
    r"(\beta_1 \hat m_k + \frac{1-\beta_1}{1-\beta_1^k} g_k)$$"
)


def test_a_line_is_judged_by_the_optimizer_that_was_named_last():
    text = (
        "# Variants of Adam\n\n$$m_k = \\beta_1 m_{k-1} + (1-\\beta_1) g_k$$\n\n"
        f"This leads us to NAdam:\n\n{NADAM}"
    )
    found = audit(text).claims
    assert [(c.optimizer, c.verdict) for c in found] == [("adam", "holds"), ("nadam", "holds")]


def test_a_line_under_another_name_that_is_not_known_is_unread():
    wrong = NADAM.replace(r"\beta_1 \hat m_k", r"\beta_1^2 \hat m_k")
    text = f"# Adam and others\n\nThis leads us to NAdam:\n\n{wrong}"
    assert verdicts(text) == [("theta", "unread")]


def test_without_the_name_it_is_no_step_of_adam():
    assert verdicts(f"# Adam\n\nThe step is\n\n{NADAM}") == [("theta", "wrong")]


def test_a_case_of_a_rule_that_chooses_is_a_line_of_it():
    text = (
        "# Rectified Adam (RAdam)\n\n"
        "If the variance is not tractable, $w_t = w_{t-1} - \\eta \\hat m_t$ is used.\n"
    )
    found = audit(text).claims
    assert [(c.optimizer, c.verdict) for c in found] == [("radam", "holds")]


def test_the_own_letters_of_a_rule_come_before_those_of_moments():
    text = (
        "# Rectified Adam\n\n"
        r"$\rho_\infty = 2/(1-\beta_2) - 1$, which is $\rho_\infty = 1999$ for $\beta_2 = 0.999$."
        "\n\n| t | ρ_t | r_t |\n|---|---|---|\n| 5 | 4.996 | 0.0173 |\n| 10 | 9.983 | 0.0490 |\n"
    )
    found = audit(text).claims
    assert {c.field for c in found} == {"rho_inf", "rho", "r"}
    assert {c.verdict for c in found} == {"holds", "dialect"}


def test_a_length_and_a_factor_that_are_off_are_wrong():
    text = (
        "# RAdam with β2 = 0.999\n\n"
        "| t | ρ_t | r_t |\n|---|---|---|\n| 10 | 9.983 | 0.0940 |\n| 20 | 19.93 | 0.0841 |\n"
    )
    assert [c.line for c in audit(text).claims if c.verdict == "wrong"] == [5, 6]


def test_a_case_says_of_no_dialect_that_it_is_the_one():
    text = (
        "# Rectified Adam\n\nOtherwise $w_t = w_{t-1} - \\alpha \\hat m_t$, with "
        "$\\beta_2 = 0.999$.\n\n| t | ρ_t | r_t |\n|---|---|---|\n| 5 | 4.996 | 0.0173 |\n"
    )
    assert {c.verdict for c in audit(text).claims} == {"holds", "dialect"}


PRINTED_SHORT = """# Adam by hand

With $\\alpha = 0.1$, $\\beta_1 = 0.9$, $\\beta_2 = 0.999$, $\\epsilon = 10^{-8}$, $w_0 = 1$:

| t | g | m | v | m_hat | v_hat | w |
|---|---|---|---|---|---|---|
| 1 | 0.333 | 0.033333 | 0.000111 | 0.333333 | 0.111111 | 0.900000 |
| 2 | 0.286 | 0.058571 | 0.000193 | 0.308271 | 0.096365 | 0.800694 |
"""


def test_a_gradient_that_was_rounded_for_print_alone_makes_nothing_wrong():
    found = audit(PRINTED_SHORT)
    assert found.first_wrong is None
    assert [c.verdict for c in found.claims] == ["holds"] * 10
    assert "a gradient that was rounded to 0.333" in found.claims[0].because


@pytest.mark.parametrize(
    ("right", "wrong"), [("0.308271", "0.308721"), ("0.000193", "0.000182"), ("0.058571", "0.061")]
)
def test_a_slip_beside_such_gradients_is_still_one(right, wrong):
    assert right in PRINTED_SHORT
    found = audit(PRINTED_SHORT.replace(right, wrong))
    assert [(c.line, c.claimed) for c in found.claims if c.verdict == "wrong"] == [(8, wrong)]


def test_one_number_is_no_reason_to_take_a_gradient_for_another():
    given = "# Adam\n\nWith β1 = 0.9, β2 = 0.999, α = 0.1:\n\n"
    text = given + "g_1 = 0.33, m_1 = 0.0333, v_1 = 0.0001089\n"
    assert [c.verdict for c in audit(text).claims] == ["wrong", "holds"]
