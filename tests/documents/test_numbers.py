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


def verdicts(text, field):
    return [(c.line, c.verdict) for c in audit(text).claims if c.field == field]


def test_a_gradient_does_not_rest_on_a_step_size_that_was_never_given():
    text = (
        "Adam on f(x) = 2x^2 from x0 = 1, beta1 = 0.9, beta2 = 0.99\n\n"
        "Step 1\ng1 = 4\nx1 = 0.5\n\nStep 2\ng2 = {}\nx2 = 0.3\n"
    )
    right = audit(text.format(2))
    assert right.first_wrong is None
    assert [c.verdict for c in right.claims if c.field == "theta"] == ["unread"] * 2
    assert [c.t for c in audit(text.format(3)).claims if c.verdict == "wrong"] == [2]


def test_sums_are_right_or_wrong_whatever_is_not_given():
    rule = "v = 0.9*v + 0.1*grad\nw = w - v"
    text = f"Momentum on f(w) = w^2, w_0 = 1\n\n{rule}\n\ng_1 = 2\nv_1 = 0.9*0 + 0.1*2 = {{}}\n"
    assert audit(text.format("0.2")).first_wrong is None
    assert audit(text.format("0.3")).verdict == "wrong"


def test_what_follows_from_a_wrong_number_may_follow_from_its_unrounded_one():
    text = f"{USUAL}, w_0 = 3, g_1 = 4\nm_1 = 0.4\nv_1 = 0.017334\nm_hat_1 = 4\nv_hat_1 = {{}}\n"
    found = [audit(text.format(x)) for x in ("17.334", "17.33418", "17.3352")]
    made = [[c.verdict for c in one.claims if c.field == "v_hat"] for one in found]
    assert made == [["follows"], ["follows"], ["wrong"]]


def test_what_an_author_worked_out_stands_behind_a_wrong_number():
    text = (
        "AdaGrad on h(x) = x^2, eta = 1, eps = 1e-10, x_0 = 3, G_0 = 0\n\n"
        "Step 1: g_1 = 6, G_1 = 36, x_1 = 2\n\n"
        "Step 2: g_2 = 4, G_2 = 52, $x_2 = 2 - 4/52 = 1.9231$\n\n"
        "Step 3: $g_3 = 2*1.9231 = 3.8462$, $G_3 = 52 + 14.7929 = {}$\n"
    )
    assert [c.t for c in audit(text.format("66.7929")).claims if c.verdict == "wrong"] == [2]
    assert [c.t for c in audit(text.format("66.8929")).claims if c.verdict == "wrong"] == [2, 3]


def test_where_the_first_step_led_is_no_new_start():
    text = (
        f"Adam on f(w) = (w-1)^2 from w = 3, {USUAL}. I got w = {{}} then.\n\nt = 1\ng = 4\nm = 0.4"
    )
    assert audit(text.format("2.9")).verdict == "holds"


@pytest.mark.parametrize("head", ["### n = {}: gradient {}", "**k = {}:** gradient {}"])
def test_a_heading_counts_by_any_letter(head):
    text = f"# Adam\n\n{USUAL}, x = 3\n\n"
    for n, g, m in ((1, 4, 0.4), (2, -1, 0.26)):
        text += f"{head.format(n, g)}\n\n    m = 0.9*m + 0.1*({g}) = {m}\n\n"
    right = audit(text.replace("0.9*m", "0.9*0", 1).replace("0.9*m", "0.9*0.4"))
    assert (right.first_wrong, [c.t for c in right.claims if c.field == "m"]) == (None, [1, 2])


def test_a_number_before_printed_names_is_the_step_and_no_factor():
    rows = "1  g=4.0000  m=0.4000  w=2.9000\n2  g=3.8000  m={}  w=2.8002\n"
    text = f"Adam on f(w) = (w-1)^2, {USUAL}, w_0 = 3\n\n{rows}"
    assert audit(text.format("0.7400")).verdict == "holds"
    found = audit(text.format("0.7700"))
    assert [(c.field, c.t) for c in found.claims if c.verdict == "wrong"] == [("m", 2)]


def test_significant_digits_are_a_habit_of_a_column():
    rows = "| 1 | 1.3 | 0.001690 |\n| 2 | 2 | 0.005688 |\n| 3 | 1.1 | 0.006893 |\n"
    text = f"{USUAL}, w_0 = 1\n\n| t | g | v |\n|---|---|---|\n{rows}"
    assert audit(text + "| 4 | 3 | 0.01589 |\n| 5 | 2 | 0.01987 |\n").verdict == "holds"
