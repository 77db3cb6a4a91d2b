"""How a number is judged: what its author may have carried on, and to how many places."""

from __future__ import annotations

import pytest

from adamref import audit

USUAL = "alpha = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8"
TWO_STEPS = (
    f"Adam on L(w) = (2w - 5)^2 from w_0 = 1, {USUAL}\n\n"
    "Step 1: g_1 = -12, m_1 = -1.2, v_1 = 0.144, mhat_1 = -12, vhat_1 = 144, w_1 = 1.1\n\n"
    "Step 2: g_2 = -11.2, m_2 = -2.2, v_2 = 0.269296, mhat_2 = -11.5789, vhat_2 = 134.715, "
)


def wrong_fields(text):
    return [(c.field, c.t) for c in audit(text).claims if c.verdict == "wrong"]


@pytest.mark.parametrize("w_2", ["1.19976", "1.1998"])
def test_what_follows_from_a_printed_number_or_from_the_one_behind_it_holds(w_2):
    assert audit(TWO_STEPS + f"w_2 = {w_2}").verdict == "holds"


@pytest.mark.parametrize("w_2", ["1.15", "1.1649", "1.2398", "1.19"])
def test_what_follows_from_something_that_rounds_to_a_printed_number_is_wrong(w_2):
    assert wrong_fields(TWO_STEPS + f"w_2 = {w_2}") == [("theta", 2)]


@pytest.mark.parametrize(
    ("chain", "right"),
    [
        (r"\hat{m}_2 = \frac{1.9}{1 - 0.9^2} = 10", True),
        (r"\hat{m}_2 = \frac{1.9}{1 - 0.9^2} \approx 950.475", False),
        (r"\hat{m}_2 = \frac{1.9}{0.19} = 10", True),
        (r"\hat{m}_2 = \frac{1.9}{0.15} = 10", False),
    ],
)
def test_a_relation_between_printed_numbers_is_arithmetic(chain, right):
    given = f"${USUAL}$, $w_0 = 1$, $g_1 = 10$, $g_2 = 10$"
    text = f"{given}\n\n$m_1 = 1$, $m_2 = 1.9$\n\n\\[ {chain} \\]"
    assert (audit(text).verdict == "holds") == right


def table(m_2, m_hat_2, w_2):
    return (
        "lr = 0.05, beta1 = 0.9, beta2 = 0.99, eps = 1e-6, w = -2.4\n\n"
        "| t | g | m | v | m_hat | v_hat | w |\n|---|---|---|---|---|---|---|\n"
        "| 1 | -2.4 | -0.24 | 0.0576 | -2.4 | 5.76 | -2.35 |\n"
        f"| 2 | -2.35 | {m_2} | 0.1122 | {m_hat_2} | 5.6407 | {w_2} |\n"
    )


def test_digits_are_not_lost_beyond_what_the_other_numbers_have():
    assert audit(table("-0.451", "-2.3737", "-2.3")).verdict == "holds"
    found = audit(table("-0.5", "-2.6316", "-2.2946"))
    first = found.claims[found.first_wrong]
    assert (first.field, first.t, first.expected) == ("m", 2, "-0.451")
    assert [cause.id for cause in first.causes] == ["rounded-too-far"]
    assert [c.verdict for c in found.claims if (c.field, c.t) == ("m_hat", 2)] == ["follows"]


def test_a_number_alone_has_no_habit():
    assert audit(f"{USUAL}, w_0 = 1, g_1 = 2.8\nm_1 = 0.3").verdict == "holds"


@pytest.mark.parametrize("said", ["Step {}", "t = {}", "Iteration {}", "Epoch {}"])
@pytest.mark.parametrize(("m_hat", "verdict"), [("0.97368", "holds"), ("1.85", "wrong")])
def test_a_step_that_is_said_is_not_another_one(said, m_hat, verdict):
    text = (
        "Adam on w^2/2 from w = 1, lr = 0.05, beta1 = 0.9, beta2 = 0.99, eps = 1e-6\n\n"
        f"{said.format(1)}\ng1 = 1\nm1 = 0.1\nm_hat1 = 0.1/(1-0.9^1) = 1\n\n"
        f"{said.format(2)}\ng2 = 0.95\nm2 = 0.185\nm_hat2 = {m_hat}\n"
    )
    assert audit(text).verdict == verdict


def test_two_explanations_that_are_as_cheap_leave_a_doubt():
    text = (
        "alpha = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, w_0 = 1, g_1 = 4\n"
        "s_1 = 0.4\nr_1 = 0.016\n"
    )
    found = audit(text)
    assert found.first_wrong is None


VECTORS = {
    "round": "theta_0 = (1, -2), g_1 = (4, -6)\n\nm_1 = (0.4, {})",
    "square": "theta_0 = [1, -2], g_1 = [4, -6]\n\nm_1 = [0.4, {}]",
    "worked": "theta_0 = (1, -2), g_1 = (4, -6)\n\nm_1 = 0.9*(0, 0) + 0.1*(4, -6) = (0.4, {})",
    "columns": "w1 = 1, w2 = -2\n\n| t | g1 | g2 | m1 | m2 |\n|---|---|---|---|---|\n"
    "| 1 | 4 | -6 | 0.4 | {} |",
    "pairs": "w = (1, -2)\n\n| t | g | m |\n|---|---|---|\n| 1 | (4, -6) | (0.4, {}) |",
    "coordinates": "f(x, y) = 2x^2 + 1.5y^2, (x, y) = (1, -2)\n\ng = (4, -6)\n\nm = (0.4, {})",
}


@pytest.mark.parametrize("text", VECTORS.values(), ids=VECTORS.keys())
def test_vectors_are_judged_element_by_element(text):
    right = audit(f"{USUAL}, {text.format('-0.6')}")
    judged = {(c.field, c.parameter, c.verdict) for c in right.claims}
    assert {("m", "1", "holds"), ("m", "2", "holds")} <= judged
    assert right.first_wrong is None
    found = audit(f"{USUAL}, {text.format('-0.7')}")
    first = found.claims[found.first_wrong]
    assert (first.field, first.parameter, first.claimed) == ("m", "2", "-0.7")


def test_a_table_of_parameters_is_worked_from_the_objective():
    text = (
        f"Minimise L = w1^2 + 2 w2^2 from w1 = 1, w2 = -0.5 with {USUAL}.\n\n"
        "| t | w1 | w2 |\n|---|---|---|\n| 0 | 1 | -0.5 |\n| 1 | 0.9 | -0.4 |\n"
        "| 2 | 0.80041 | {} |\n"
    )
    assert audit(text.format("-0.30119")).verdict == "holds"
    assert wrong_fields(text.format("-0.30144")) == [("theta", 2)]


def test_a_document_that_was_not_read_whole_does_not_hold():
    text = f"{USUAL}, w_0 = 1, g_1 = 15\nm_1 = 1.5\nv_1 = 0.001 * pow(15,2) = 0.225"
    found = audit(text)
    assert found.verdict == "partly-read"
    assert "nothing wrong found, 1 of 2 claims not read" in str(found)
