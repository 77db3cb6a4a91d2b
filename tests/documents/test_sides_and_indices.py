"""Indices in brackets, counts from 0, sides in symbols, vectors over lines, steps as records."""

import pytest

from adamref import audit

_GIVEN = "Adam, alpha = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8.\n\n"
_CHEAP = r"\frac{\hat m_t}{\sqrt{\hat v_t}} = \frac{%s}{%s}\cdot\frac{m_t}{\sqrt{v_t}}"


@pytest.mark.parametrize(
    "line",
    [
        "m_(t) = β1 · m_(t−1) + (1 − β1) · g_(t)",
        "v_(k) = β2 · v_(k - 1) + (1 − β2) · g_(k)²",
        "θ_(t+1) = θ_(t) − α · m̂_(t) / (√v̂_(t) + ε)",
    ],
)
def test_index_in_brackets(line: str) -> None:
    """Without braces an index is written in round brackets; it is no factor."""
    assert audit(_GIVEN + line).verdict == "holds"


def test_wrong_line_with_an_index_in_brackets() -> None:
    """What is wrong stays wrong."""
    found = audit(_GIVEN + "v_(t) = β2 · v_(t−1) + (1 − β1) · g_(t)²")
    assert found.claims[0].verdict == "wrong"


@pytest.mark.parametrize("said", ["$k = 0, 1, 2, \\dots$", "with $g_0$ as the first gradient"])
def test_sum_that_starts_at_the_first_gradient(said: str) -> None:
    """Where the count starts at 0 the sum does."""
    line = "$$m_k = (1-\\beta_1)\\sum_{j=0}^{k}\\beta_1^{k-j} g_j$$"
    assert audit(f"{_GIVEN}Unrolled, {said}:\n\n{line}").verdict == "holds"


@pytest.mark.parametrize("said", ["$k = 1, 2, \\dots$", "with $g_1$ as the first", "$g_0 = 0$"])
def test_sum_that_starts_too_early(said: str) -> None:
    """Where it starts at 1, it has a term too many."""
    line = "$$m_k = (1-\\beta_1)\\sum_{j=0}^{k}\\beta_1^{k-j} g_j$$"
    found = audit(f"{_GIVEN}Unrolled, {said}:\n\n{line}")
    assert [c.causes[0].id for c in found.claims if c.is_wrong] == ["sum-ends"]


@pytest.mark.parametrize(
    ("above", "below", "verdict"),
    [
        (r"\sqrt{1-\beta_2^t}", r"1-\beta_1^t", "holds"),
        (r"1-\beta_1^t", r"\sqrt{1-\beta_2^t}", "wrong"),
        (r"1-\beta_2^t", r"1-\beta_1^t", "wrong"),
        (r"\sqrt{1-\beta_2}", r"1-\beta_1", "wrong"),
    ],
)
def test_two_sides_in_symbols(above: str, below: str, verdict: str) -> None:
    """An identity is tried on runs of the rule."""
    found = audit(f"{_GIVEN}Neglecting ε, $${_CHEAP % (above, below)}$$")
    assert [c.verdict for c in found.claims if c.kind == "formula"] == [verdict]


@pytest.mark.parametrize(
    "line",
    [r"\hat m_t + \hat v_t = |g_t| + g_t^2", r"m_t/\sqrt{v_t} = (1-\beta_1)/\sqrt{1-\beta_2}"],
)
def test_equation_that_may_be_a_condition(line: str) -> None:
    """What is true of some gradients is not called wrong."""
    assert not any(c.is_wrong for c in audit(f"{_GIVEN}$$ {line} $$").claims)


@pytest.mark.parametrize(("last", "verdict"), [("-0.95", "holds"), ("-0.85", "wrong")])
def test_vector_that_goes_on_in_the_next_line(last: str, verdict: str) -> None:
    """A relation at the start of a line joins it to the vector before it."""
    given = _GIVEN.replace("0.1", "0.05", 1)
    moved = r"""$\theta_0 = (1, -1)$, $g_1 = (1, -4)$:

$$
\theta_1 = \theta_0 - 0.05\begin{pmatrix}1\\-1\end{pmatrix}
 = \begin{pmatrix}0.95\\LAST\end{pmatrix}
$$"""
    document = given + moved.replace("LAST", last)
    assert audit(document).verdict == verdict


@pytest.mark.parametrize(
    ("optimizer", "line"),
    [
        (
            "AMSGrad",
            r"\hat v_t = \max(\hat v_{t-1}, v_t), x_{t+1} = x_t - \alpha m_t/\sqrt{\hat v_t}",
        ),
        ("RMSprop", r"v_t = 0.9 v_{t-1} + 0.1 g_t^2, \quad w_t = w_{t-1} - \eta g_t/\sqrt{v_t}"),
    ],
)
def test_published_without_epsilon(optimizer: str, line: str) -> None:
    """These have no epsilon where they were first written."""
    assert audit(f"# {optimizer}\n\n$${line}$$").verdict == "holds"


@pytest.mark.parametrize(("second", "wrong"), [("0.625188", 0), ("0.635188", 1)])
def test_records_of_steps_with_vectors(second: str, wrong: int) -> None:
    """A record that says its step holds the elements of that step, and no steps."""
    document = """{"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "theta0": [1.0, -1.0],
 "steps": [{"t": 1, "g": [0.5, 2.0], "m": [0.05, 0.2], "theta": [0.99, -1.01]},
           {"t": 2, "g": [-1.0, 2.0], "v_hat": [%s, 4.0], "theta": [0.993661, -1.02]}]}"""
    claims = audit(document % second).claims
    assert (len(claims), sum(c.is_wrong for c in claims)) == (8, wrong)


_LIMITS = [
    "Setting $\\beta_1 = \\beta_2 = 0$ gives sign descent.",
    "With $\\beta_1 = 0$ Adam is RMSprop with a bias correction.",
    "If beta2 = 0, it becomes the sign of the gradient.",
]


@pytest.mark.parametrize("said", _LIMITS)
def test_rate_of_zero_that_is_only_supposed(said: str) -> None:
    """What a rule is in the limit gives no rate."""
    found = audit(f"Adam with the defaults.\n\n{said}\n\nLet g_1 = 1. Then m = 0.1 and v = 0.001.")
    assert [c.verdict for c in found.claims] == ["holds", "holds"]


def test_rate_of_zero_that_is_given() -> None:
    """A rate of 0 in an example is that of the example."""
    given = "Adam. With beta1 = 0, beta2 = 0.9, alpha = 0.1, eps = 0, g_1 = 2: "
    assert [c.verdict for c in audit(given + "m_1 = 2, v_1 = 0.4.").claims] == ["holds"] * 2


def test_letter_of_a_numerator() -> None:
    """Beside m and v, n is no moment."""
    found = audit(
        "NAdam, simple form.\n\n m_t = β1·m_{t−1} + (1−β1)·g_t\n v_t = β2·v_{t−1} + (1−β2)·g_t²\n"
        " n_t = β1·m̂_t + (1−β1)·g_t/(1−β1^t)\n"
    )
    assert not any(c.is_wrong for c in found.claims)


@pytest.mark.parametrize("mark", [r"^\top", "^{\\top}", "ᵀ", "^T"])
def test_column_that_is_written_as_a_row(mark: str) -> None:
    """A vector that is turned is the vector."""
    line = f"$\\theta_0 = (1, -1){mark}$, $g_1 = (1, -4){mark}$, $m_1 = (0.1, -0.4){mark}$"
    assert [c.verdict for c in audit(_GIVEN + line).claims] == ["holds", "holds"]


@pytest.mark.parametrize("name", [r"\Delta w_1^{\text{RMS}}", r"d_1^{\mathrm{R}}", r"\Delta w_1"])
def test_columns_of_equations(name: str) -> None:
    """An alignment mark before another equation parts the two, whatever its left side is."""
    line = rf"r_1 &= 0.1\cdot 9 = 0.9 & {name} &= -0.1\cdot 3/\sqrt{{0.9}} = -0.3162 \\"
    text = "# RMSprop, $\\rho=0.9$, $\\eta=0.1$\n\n$w_0=0$, $g_1=3$.\n\n"
    found = audit(f"{text}\\begin{{align*}}\n{line}\n\\end{{align*}}")
    assert [c.claimed for c in found.claims if c.field == "v"] == ["0.9"]
    assert not any(c.is_wrong for c in found.claims)


def test_table_that_counts_from_zero() -> None:
    """Where the text has a g_0, the row 0 is that of the first step."""
    table = "| k | m_k | v_k |\n|---|---|---|\n| 0 | 0.05 | 0.00025 |\n| 1 | 0.095 | 0.00049975 |\n"
    given = "Adam, the first gradient is $g_0$: $g_0=g_1=0.5$, beta1 = 0.9, beta2 = 0.999.\n\n"
    assert audit(given + table).verdict == "holds"
