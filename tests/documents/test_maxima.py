"""AMSGrad as its paper writes it: a hat for the largest so far, and nothing corrected."""

from __future__ import annotations

import pytest

from adamref import audit

FORMULAS = r"""# AMSGrad

$$m_t=\beta_1m_{t-1}+(1-\beta_1)g_t,\quad v_t=\beta_2v_{t-1}+(1-\beta_2)g_t^2$$
$$\hat v_t=\max(\hat v_{t-1},v_t),\quad w_t=w_{t-1}-\alpha\,m_t/(\sqrt{\hat v_t}+\epsilon)$$

"""
WORDS = "# AMSGrad\n\nThe largest $v$ so far is $\\hat v$.\n\n"
GIVEN = r"Take $w_0=2$, $\alpha=0.1$, $\beta_1=0.5$, $\beta_2=0.75$, $\epsilon=10^{-8}$" + "\n\n"
HEAD = "| t | g | m | v | v̂ | w |\n|---|---|---|---|---|---|\n"
# Worked with fractions and math.sqrt, rounded for print alone.
ROWS = [
    (1, 4, "2.0000", "4.0000", "4.0000", "1.9000"),
    (2, 1, "1.5000", "3.2500", "4.0000", "1.8250"),
    (3, 2, "1.7500", "3.4375", "4.0000", "1.7375"),
]


def table(rows):
    return HEAD + "".join("|" + "|".join(map(str, row)) + "|\n" for row in rows)


def verdicts(text):
    result = audit(text)
    return result.verdict, [(c.field, c.t, c.verdict) for c in result.claims if c.field != "g"]


@pytest.mark.parametrize("begins", [FORMULAS, WORDS])
def test_a_maximum_with_a_hat_is_no_corrected_moment(begins):
    """It is what the paper writes; without the formula it is the reading that costs least."""
    verdict, found = verdicts(begins + GIVEN + table(ROWS))
    assert verdict == "holds"
    assert [x for x in found if x[0] == "v_max" and x[1]] == [
        ("v_max", t, "holds") for t in (1, 2, 3)
    ]


def test_a_maximum_that_falls_is_wrong_and_what_follows_from_it_follows():
    """Theta is told by the dialect in which the update is written."""
    fallen = [*ROWS[:2], (3, 2, "1.7500", "3.4375", "3.4375", "1.7306")]
    result = audit(FORMULAS + GIVEN + table(fallen))
    found = [(c.field, c.t, c.verdict) for c in result.claims if c.verdict in ("wrong", "follows")]
    assert found == [("v_max", 3, "wrong"), ("theta", 3, "follows")]
    assert result.claims[result.first_wrong].expected == "4"
    assert result.claims[-1].expected.startswith("1.7375")


def test_numbers_of_a_dialect_are_carried_unrounded():
    """0.1·0.39/√1.96 from 4.97764 is 4.9498; from the 4.9776 printed, 4.9497."""
    text = FORMULAS + GIVEN.replace("w_0=2", "w_0=5").replace("0.5", "0.9").replace("0.75", "0.8")
    rows = [(1, 1, "0.1000", "0.2000", "0.2000", "4.9776")]
    for second in ("4.9498", "4.9497"):
        more = (2, 3, "0.3900", "1.9600", "1.9600", second)
        assert verdicts(text + table([*rows, more]))[0] == "holds"


@pytest.mark.parametrize(
    "said",
    [
        "a gradient that fades: 4, 1, 2.",
        "gradients that come in turn: 4, 1, 2.",
        "The gradients are 4, 1, 2.",
    ],
)
def test_gradients_are_listed_behind_a_colon(said):
    text = (
        FORMULAS
        + r"Both memories are short, $\beta_1=\beta_2=0.5$, and so is $\alpha=0.1$, "
        + f"$\\epsilon=10^{{-8}}$, $w_0=1$, and there is {said}\n\n"
        + r"1. $m_1=2.0000$, $v_1=8.0000$, $\hat v_1=8.0000$"
        + "\n"
        + r"2. $m_2=1.5000$, $v_2=4.5000$, $\hat v_2={}$"
        + "\n"
    )
    assert verdicts(text.replace("{}", "8.0000"))[0] == "holds"
    wrong = [x for x in verdicts(text.replace("{}", "4.5000"))[1] if x[2] == "wrong"]
    assert wrong == [("v_max", 2, "wrong")]


def test_components_behind_a_colon_are_no_steps():
    given = "alpha = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8"
    text = f"Adam with {given}. The gradient at the start: 3, -1.\n\nm_2 = 0.17"
    assert audit(text).claims[0].verdict != "wrong"


MOMENTS = (
    "# AMSGrad\n\n$m_t = \\beta_1 m_{t-1} + (1-\\beta_1) g_t$\n\n"
    "$v_t = \\beta_2 v_{t-1} + (1-\\beta_2) g_t^2$\n\n"
)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("\\hat v_t = \\max(v_{t-1}, v_t)", "\\hat v_t = \\max\\left(v_t, \\hat v_{t-1}\\right)"),
        ("\\tilde v_t = \\max(v_{t-1}, v_t)", None),
        ("v_{\\max,t} = \\max(v_{t-1}, v_t)", None),
        ("\\hat v_t = \\max(\\hat v_{t-1}, v_{t-1})", None),
    ],
)
def test_the_maximum_is_of_all_so_far(line, expected):
    (wrong,) = [c for c in audit(f"{MOMENTS}${line}$\n").claims if c.is_wrong]
    assert wrong.field == "v_max"
    assert expected in (None, wrong.expected)
    assert "max" in str(wrong.expected)


@pytest.mark.parametrize(
    "line",
    [
        "\\hat v_t = \\max(\\hat v_{t-1}, v_t)",
        "\\tilde v_t = \\max(v_t, \\tilde v_{t-1})",
        "v_{\\max,t} = \\max(v_{\\max,t-1}, v_t)",
    ],
)
def test_one_of_itself_and_the_new_value_holds(line):
    assert {c.verdict for c in audit(f"{MOMENTS}${line}$\n").claims} == {"holds"}
