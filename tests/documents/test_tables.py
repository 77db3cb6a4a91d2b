"""Tables of steps: what their heads, rows and labels say of the step and the parameter."""

from __future__ import annotations

import pytest

from adamref import audit
from adamref.documents.audit import audited
from adamref.documents.source import from_text

USUAL = "alpha = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8"
ONE = f"Adam on f(w) = (w-1)^2, {USUAL}, w_0 = 3\n\n"
TWO = f"Adam on f(x, y) = x^2 + 3y^2, starting at (1, -1), {USUAL}\n\n"


def found(text):
    """Return the verdict, and the fields and steps that are called wrong."""
    result = audit(text)
    return result.verdict, [(c.field, c.t) for c in result.claims if c.verdict == "wrong"]


def table(head, *rows):
    lines = [head, [" --- "] * len(head), *rows]
    return "".join("|" + "|".join(map(str, line)) + "|\n" for line in lines)


COLUMNS = [("g", 4, 3.8), ("m", 0.4, 0.74), ("v", 0.016, 0.030424), ("w", 2.9, 2.800166)]


@pytest.mark.parametrize("said", ["k = {}", "$i={}$", "Step {}", "Schritt {}", "iteration {}"])
def test_a_column_may_be_a_step_by_any_name(said):
    head = ["", said.format(1), said.format(2)]
    assert found(ONE + table(head, *COLUMNS)) == ("holds", [])
    wrong = [*COLUMNS[:3], ("w", 2.9, 2.81)]
    assert found(ONE + table(head, *wrong)) == ("wrong", [("theta", 2)])
    assert found(ONE + table(["step", 1, 2], *COLUMNS)) == ("holds", [])


def test_columns_that_are_not_understood_are_not_one_number():
    text = ONE + table(["", "this", "that"], *COLUMNS) + "\nStep 1: g = 4, m = 0.4"
    result = audit(text)
    assert result.verdict == "partly-read"
    assert [c.because for c in result.claims if c.verdict == "unread"] == [
        "its columns have different numbers, and their heads are not understood"
    ] * 4


@pytest.mark.parametrize("start", ["w_1 = 3", "start w = 3"])
@pytest.mark.parametrize(("last", "verdict"), [(2.800166, "holds"), (2.800266, "wrong")])
def test_a_row_may_begin_where_its_step_does(start, last, verdict):
    text = ONE.replace("w_0 = 3", start) + table(
        ["t", "w_t", "g_t", "m_t", "w_{t+1}"], (1, 3, 4, 0.4, 2.9), (2, 2.9, 3.8, 0.74, last)
    )
    assert found(text)[0] == verdict


@pytest.mark.parametrize("zero", [(0, 3, "-", 0, 0), (0, 3, 0, 0, 0)])
def test_a_row_of_step_zero_is_where_it_begins(zero):
    head = ["t", "w_t", "g_t", "m_t", "v_t"]
    text = ONE + table(head, zero, (1, 2.9, 4, 0.4, 0.016), (2, 2.800166, 3.8, 0.74, 0.030424))
    assert found(text) == ("holds", [])


def test_a_summary_repeats_the_steps_that_were_worked():
    worked = (
        "Step 1: g = 4, m = 0.4, v = 0.016, w = 2.9\n\n"
        "Step 2: g = 3.8, m = 0.74, v = 0.030424, w = 2.800166\n\n"
    )
    head = ["t", "g_t", "m_t", "w_t"]
    assert found(ONE + worked + table(head, (1, 4, 0.4, 2.9), (2, 3.8, 0.74, 2.800166))) == (
        "holds",
        [],
    )
    wrong = table(head, (1, 4, 0.4, 2.9), (2, 3.9, 0.74, 2.800166))
    assert found(ONE + worked + wrong) == ("wrong", [("g", 2)])


def by_parameter(g_y, m_y, y):
    one = [("g", 2, -6), ("m", 0.2, -0.6), ("new value", 0.9, -0.9)]
    two = [("g", 1.8, g_y), ("m", 0.36, m_y), ("new value", 0.8004, y)]
    head = ["", "x", "y"]
    return f"{TWO}**Step 1**\n\n{table(head, *one)}\n**Step 2**\n\n{table(head, *two)}"


def test_a_column_may_be_a_parameter():
    assert found(by_parameter(-5.4, -1.08, -0.8004)) == ("holds", [])
    assert found(by_parameter(-6, -1.14, -0.8)) == ("wrong", [("g", 2)])


@pytest.mark.parametrize("names", [("x", "y"), ("$x$", "$y$")])
def test_a_row_may_be_a_parameter(names):
    x, y = names
    head = ["t", "", "$g$", "$m$", "value"]
    rows = [(1, x, 2, 0.2, 0.9), (1, y, -6, -0.6, -0.9), (2, x, 1.8, 0.36, 0.8004)]
    right, slip = (2, y, -5.4, -1.08, -0.8004), (2, y, -5.4, -1.08, -0.8040)
    assert found(TWO + table(head, *rows, right)) == ("holds", [])
    assert found(TWO + table(head, *rows, slip)) == ("wrong", [("theta", 2)])


def test_a_product_of_parameters_is_no_word():
    text = f"Adam on f(x, y) = x^2 + xy, starting at (1, 2), {USUAL}\n\n"
    assert found(text + table(["", "x", "y"], ("g", 4, 1), ("m", 0.4, 0.1))) == ("holds", [])
    assert found(text + table(["", "x", "y"], ("g", 2, 1), ("m", 0.2, 0.1)))[0] == "wrong"


CASES = """
beta1: 0.9
beta2: 0.999
epsilon: 1.0e-8
cases:
  - start: 3
    lr: 0.1
    grads: [4, 3.8]
    expect: {{m: [0.4, 0.74], theta: [2.9, 2.800166]}}
  - start: 3
    lr: 0.01
    grads: [-1, -2]
    expect: {{m: [-0.1, {}], theta: [3.01, 3.019651]}}
"""


@pytest.mark.parametrize(("m", "verdict"), [("-0.29", "holds"), ("0.29", "wrong")])
def test_each_test_case_is_an_example_of_its_own(m, verdict):
    pytest.importorskip("yaml")
    result = audited(from_text(CASES.format(m), "cases.yaml"))
    assert result.verdict == verdict
    assert len([c for c in result.claims if c.verdict == "wrong"]) == (verdict == "wrong")


def test_a_return_inside_a_line_of_cells_is_a_blank():
    text = f"{USUAL}\nt,g,\rm\n1,4,0.4\n"
    assert audited(from_text(text, "cases.csv")).first_wrong is None


def test_a_cell_that_is_a_statement_says_nothing_of_the_one_beside_it():
    head = ["", "decay", "Adam part", "new"]
    rows = [("AdamW", "0.01 * 0.1 * 1.2 = 0.0012", "0.01 * 0.3 / 0.3 = 0.01", 1.1888)]
    result = audit(ONE + table(head, *rows))
    assert [c.verdict for c in result.claims] == ["holds", "holds"]


def test_a_label_may_say_the_same_in_words_and_as_a_symbol():
    text = "# Adam\n\n" + table(["", "this", "that"], ("learning rate $\\eta$", 0.1, 0.1))
    assert audit(text).first_wrong is None


SHARED = """
defaults: &defaults
  beta1: 0.9
  beta2: 0.999
  eps: 1.0e-8
cases:
  - <<: *defaults
    start: 3
    lr: 0.1
    grads: [4, 3.8]
    expect: {{m: [0.4, 0.74], theta: [2.9, {}]}}
"""


@pytest.mark.parametrize(("theta", "verdict"), [("2.800166", "holds"), ("2.810166", "wrong")])
def test_a_test_case_may_share_what_others_have(theta, verdict):
    pytest.importorskip("yaml")
    assert audited(from_text(SHARED.format(theta), "cases.yaml")).verdict == verdict


NESTED = """
adam:
  - id: A
    lr: 0.05
    betas: [0.9, 0.999]
    eps: 1.0e-8
    param: 0.25
    steps:
      - {{grad: 0.7, m: 0.07, v: 0.00049, param: 0.2}}
      - {{grad: 0.1, m: {}, v: 0.0005, param: 0.16157}}
  - id: B
    lr: 0.2
    betas: [0.5, 0.9]
    eps: 1.0e-8
    param: 3.0
    steps:
      - {{grad: -1.5, m: -0.75, v: 0.225, param: 3.2}}
"""


@pytest.mark.parametrize(("m", "wrong"), [("0.073", 0), ("0.083", 1)])
def test_a_test_case_may_hold_its_steps_in_records(m, wrong):
    pytest.importorskip("yaml")
    result = audited(from_text(NESTED.format(m), "cases.yaml"))
    assert len([c for c in result.claims if c.verdict == "wrong"]) == wrong
    assert len([c for c in result.claims if c.kind == "value"]) >= 9


def test_cases_of_their_own_need_no_name_around_them():
    pytest.importorskip("yaml")
    text = NESTED.format("0.073").replace("adam:\n", "").replace("\n  ", "\n")
    result = audited(from_text(text, "cases.yaml"))
    assert (result.verdict, len([c for c in result.claims if c.kind == "value"])) == ("holds", 9)


NAMED = """\
common: &common {{lr: 0.05, beta1: 0.9, beta2: 0.999, eps: 1.0e-08, w0: 2.0}}
suites:
  adam:
    config: {{<<: *common, weight_decay: 0.0}}
    steps:
      - {{t: 1, grad: 2.0, exp_avg: 0.2, exp_avg_sq: 0.004, w: 1.95}}
      - {{t: 2, grad: 1.9, exp_avg: 0.37, exp_avg_sq: 0.007606, w: 1.900083}}
  adamw:
    config: {{<<: *common, weight_decay: 0.1}}
    steps:
      - {{t: 1, grad: 2.0, exp_avg: 0.2, exp_avg_sq: 0.004, w: 1.94}}
      - {{t: 2, grad: 1.88, exp_avg: {m}, exp_avg_sq: 0.0075304, w: 1.880404}}
"""


@pytest.mark.parametrize(("m", "verdict"), [("0.368", "holds"), ("0.386", "wrong")])
def test_a_key_that_names_an_optimizer_heads_what_it_holds(m, verdict):
    pytest.importorskip("yaml")
    assert audited(from_text(NAMED.format(m=m), "cases.yaml")).verdict == verdict


COORDINATES = """\
# bowl a^2 + 10 b^2, start (1.5; -0.5)
# alpha 0.05, beta 0.9 / 0.999, epsilon 1e-8
step;coord;gradient;m;v;mhat;vhat;value
1;a;3.0;0.3;0.009;3.0;9.0;1.45
1;b;-10.0;-1.0;0.1;-10.0;100.0;-0.45
2;a;2.9;0.56;0.017401;2.947368;8.704852;1.400051
2;b;-9.0;-1.8;0.1809;{m_hat};90.495248;-0.400206
"""


def test_two_numbers_in_a_remark_are_rates_behind_beta_alone():
    text = COORDINATES.format(m_hat="-9.473684").replace("beta 0.9 / 0.999", "rates 1.5, 0.5")
    assert not audited(from_text(text, "bowl.csv")).claims


@pytest.mark.parametrize(("m_hat", "wrong"), [("-9.473684", None), ("9.473684", 7)])
def test_a_table_of_coordinates_is_read_with_what_stands_in_its_remarks(m_hat, wrong):
    result = audited(from_text(COORDINATES.format(m_hat=m_hat), "bowl.csv"))
    assert sum(claim.verdict == "holds" for claim in result.claims) >= 15
    assert {claim.line for claim in result.claims if claim.is_wrong} == ({wrong} - {None})


@pytest.mark.parametrize("marks", ["${}$", r"\({}\)", "`{}`", "{}"])
def test_columns_may_be_powers_of_the_step(marks):
    head = "|".join(marks.format(x) for x in ("t", "1 - 0.9^t"))
    rows = f"|{head}|\n|---|---|\n|4|0.3439|\n|8|0.5659|\n"
    claims = audit(f"# Adam\n\n{rows}").claims
    assert [(c.line, c.verdict) for c in claims if c.line > 4] == [(5, "holds"), (6, "wrong")]
