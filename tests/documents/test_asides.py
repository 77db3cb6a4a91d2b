"""What a document says beside its steps, and in which of its parts."""

import pytest

from adamref import audit

USUAL = "# Adam\n\nα = 0.1, β₁ = 0.9, β₂ = 0.999, ε = 1e-8"


def verdicts(text):
    return [(c.field, c.verdict) for c in audit(text).claims]


@pytest.mark.parametrize(
    "aside",
    [
        "(The minimum is at x = 0 with F = -1.)",
        "The least squares solution, for comparison, has a mean of 2.5, so x = 2.1.",
        "Its minimum lies at x = -2.",
    ],
)
def test_where_the_minimum_lies_is_no_step(aside):
    text = f"{USUAL}, x_0 = 1, f(x) = x^2\n\n{aside}\n\ng_1 = 2, m_1 = 0.2, x_1 = 0.9\n"
    assert verdicts(text) == [("g", "holds"), ("m", "holds"), ("theta", "holds")]


def test_a_start_beside_the_minimum_is_the_start():
    text = f"{USUAL}, f(w) = w^2. The minimum is at 0, we start at w = 1.\n\nm_1 = 0.2\n"
    assert verdicts(text) == [("m", "holds")]


FAR = """

A rare word gets the gradient 0 in the first 1000 updates and then $g = 1$:

* $m = 0.1 \\cdot 1 = 0.1$ and $1 - 0.9^{1001}$ is 1, so $\\hat m = 0.1$
* $v = 0.001$ and $1 - 0.999^{1001} = 0.63267$, so $\\hat v = 0.001/0.63267 = 0.0015806$
* $\\sqrt{\\hat v} = 0.039757$
"""


def test_a_step_far_on_is_none_of_those_worked():
    assert not any(c.is_wrong for c in audit(USUAL + FAR).claims)
    (wrong,) = [
        c for c in audit(USUAL + FAR.replace("0.0015806", "0.0015086")).claims if c.is_wrong
    ]
    assert (wrong.kind, wrong.line) == ("arithmetic", 8)


def test_a_gradient_for_another_component_is_no_claim_about_the_first():
    text = f"{USUAL}\n\nFor $x$: $g_1 = 3$, the change is 0.1; for $y$: $g_1 = -6$, up it goes.\n"
    assert not any(c.is_wrong for c in audit(text).claims)
    again = f"{USUAL}\n\nThe gradient is $g_1 = 3$, the change is 0.1; so $g_1 = -6$, up it goes.\n"
    assert any(c.is_wrong for c in audit(again).claims)


DECAYED = r"""# AdamW

$$\theta_t \leftarrow \theta_{t-1} - \gamma\lambda\theta_{t-1}$$
$$m_t = \beta_1 m_{t-1} + (1-\beta_1) g_t$$
$$\theta_t \leftarrow \theta_t - \gamma \hat m_t / (\sqrt{\hat v_t} + \epsilon)$$
"""


def test_a_parameter_that_is_decayed_first_goes_on_from_that():
    assert "wrong" not in [v for _, v in verdicts(DECAYED)]
    assert ("theta", "holds") in verdicts(DECAYED)
    assert ("theta", "wrong") in verdicts(DECAYED.replace(r"/ (\sqrt", r"\cdot (\sqrt"))


RARE = """# AdaGrad and rare gradients

The gradients of $x$, which starts at $x_0 = 0$, are in the table.

**AdaGrad** (2011) sums squares:

$$G_t = G_{t-1} + g_t^2,\\qquad x_t = x_{t-1} - \\eta\\,\\frac{g_t}{\\sqrt{G_t}+\\epsilon}.$$

**RMSprop** (2012) averages them:

$$s_t = \\rho\\,s_{t-1} + (1-\\rho)\\,g_t^2,$$
$$x_t = x_{t-1} - \\eta\\,\\frac{g_t}{\\sqrt{s_t}}.$$

With $\\eta = 0.6$ for AdaGrad, $\\eta = 0.06$ and $\\rho = 0.9$ for RMSprop, and epsilon left out:

| $t$ | $g_t$ | $G_t$ | $x_t$ | $s_t$ |
|---|---|---|---|---|
| 1 | 3 | 9 | -0.6000 | 0.9000 |
| 2 | 4 | 25 | -1.0800 | 2.4100 |
"""


def test_a_paragraph_that_names_another_optimizer_ends_what_is_about_the_first():
    assert "wrong" not in [v for _, v in verdicts(RARE)]
    wrong = [c for c in audit(RARE.replace("-1.0800", "-1.0600")).claims if c.is_wrong]
    assert [(c.field, c.line, c.optimizer) for c in wrong] == [("theta", 19, "adagrad")]


PROBLEMS = """# Problems

## Problem 1 (momentum)

$w_0 = 1$, $\\beta = 0.9$, $\\alpha = 0.1$, $g_1 = 2$: $v_1 = 2$ and $w_1 = 1 - 0.1 \\cdot 2 = 0.8$.

## Problem 2 (RMSprop)

$\\rho = 0.9$, $\\eta = 0.01$, $\\epsilon = 0$, $w_0 = 1$, $g_1 = 2$: $s_1 = 0.1 \\cdot 4 = 0.4$ and
$w_1 = 1 - 0.01 \\cdot 2/0.6325 = 0.9684$.

## Problem 3

True or false: Adam with $\\beta_1 = \\beta_2 = 0$ is sign descent.
"""


def test_sections_that_each_work_an_optimizer_are_judged_by_it():
    found = audit(PROBLEMS)
    assert found.first_wrong is None
    assert {c.optimizer for c in found.claims if c.kind == "value"} >= {"rmsprop"}
    wrong = [c for c in audit(PROBLEMS.replace("0.4$ and", "0.5$ and")).claims if c.is_wrong]
    assert [(c.field, c.optimizer) for c in wrong] == [("v", "rmsprop")]


def test_the_letter_from_which_a_step_is_taken_is_the_parameter():
    text = (
        f"{USUAL}\n\n$u_t = u_{{t-1}} - \\alpha\\,\\hat m_t/(\\sqrt{{\\hat v_t}}+\\varepsilon)$\n\n"
        "We begin at $u_0 = 6$. $g_1 = 4$, $m_1 = 0.4$, $v_1 = 0.016$, $u_1 = 5.9$.\n"
    )
    assert [v for _, v in verdicts(text)] == ["holds"] * 4


def test_the_name_of_a_keyword_is_no_letter_for_the_step_size():
    text = DECAYED.replace("# AdamW", "# AdamW(params, lr=1e-3, eps=1e-8)")
    assert ("theta", "holds") in verdicts(text)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("2·4·7·10^9 = 56 GB", "2·4·7·10^9 = 65 GB"),
        ("2 · 7 billion · 4 bytes = 56 GB", "2 · 7 billion · 4 bytes = 48 GB"),
        ("12 parameters * 2 moments * 4 bytes = 96", "12 parameters * 2 moments * 4 bytes = 69"),
        ("2 · 64 · 1024 · 1024 = 128 MiB", "2 · 64 · 1024 · 1024 = 129 MiB"),
        ("3 · 25 million = 75 million", "3 · 25 million = 85 million"),
    ],
)  # fmt: skip
def test_sizes_are_numbers_with_their_units(right, wrong):
    for said, verdict in ((right, "holds"), (wrong, "wrong")):
        found = [c.verdict for c in audit(f"# Adam\n\nMemory: {said} in all.\n").claims]
        assert found == [verdict]
