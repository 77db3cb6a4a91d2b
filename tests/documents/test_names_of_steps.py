"""Names and numbers that stand for the step, for where it begins, or for what is supposed."""

from __future__ import annotations

import pytest

from adamref import audit

EXAM = """adam for the exam. f(w) = w^2, w0 = 1, lr = 0.1, b1 = 0.9, b2 = 0.999

step 1
  w = 1
  g = 2
  m = 0.2
  v = 0.004
  mhat = 2
  vhat = 4
  dw = 0.1 * 2 / 2 = 0.1
  w = 0.9

step 2
  w = 0.9
  g = 1.8
  m = 0.9*0.2 + 0.1*1.8 = 0.36
  v = 0.999*0.004 + 0.001*3.24 = 0.007236
  mhat = 1.894737
  vhat = 3.619810
  dw = 0.1 * 1.894737 / 1.902580 = 0.099588
  w = 0.9 - 0.099588 = 0.800412
"""


def _wrong(text):
    return [(c.line, c.field) for c in audit(text).claims if c.is_wrong]


def test_a_differential_is_the_step_where_the_gradient_has_another_name():
    found = audit(EXAM)
    assert found.verdict == "holds"
    assert [c.field for c in found.claims].count("delta") == 2
    assert _wrong(EXAM.replace("= 0.099588\n", "= 0.089588\n")) == [(20, "delta")]


def test_a_differential_is_the_gradient_where_nothing_else_is():
    text = EXAM.replace("  dw = 0.1 * 2 / 2 = 0.1\n", "").replace(
        " dw = 0.1 * 1.894737", " d = 0.1"
    )
    text = text.replace("  g = ", "  dw = ")
    assert [c.field for c in audit(text).claims].count("g") == 2
    assert _wrong(text.replace("dw = 1.8", "dw = 1.9"))[0] == (14, "g")


def test_a_step_begins_with_the_parameter_as_it_was_left():
    found = audit(EXAM)
    again = [c for c in found.claims if c.line == 14]
    assert [(c.t, c.because) for c in again] == [(1, "it repeats the value of step 1")]
    assert (14, "theta") in _wrong(EXAM.replace("step 2\n  w = 0.9", "step 2\n  w = 0.95"))


@pytest.mark.parametrize("said", ["around |g| = 1e-4", "For |g| = 1e-9 nearly all", "once |ĝ| = 2"])
def test_a_size_that_is_supposed_is_held_against_no_other_gradient(said):
    text = f"Adam, lr = 1e-3, beta1 = 0.9, beta2 = 0.999. At g = 1e-7 you lose it; {said}.\n"
    assert audit(text).claims == ()


def test_a_size_at_a_step_is_judged():
    text = "Adam, lr = 0.1, beta1 = 0.9, beta2 = 0.999, w_0 = 1, g_1 = 2.\n\nm_1 = 0.2, |g_1| = 3\n"
    assert [c.expected for c in audit(text).claims if c.is_wrong] == ["2"]


PROSE = """# Adam, β₁ = 0.8 and β₂ = 0.9

α = 0.5, x₀ = 4, f(x) = x²/2. Step 1: g = 4, m = 0.8, v = 1.6, x = 3.5.

"""


@pytest.mark.parametrize(
    "said",
    [
        "The memory of the first moment is about 1/(1 − 0.8) = 5 steps.",
        "The time constant of the second moment is 1/(1 − 0.9) = 10.",
        "The weight of the gradient is 1 − 0.8 = 0.2.",
        "The half-life of the first moment is 3.1 steps.",
    ],
)
def test_a_number_belongs_to_the_subject_of_its_sentence(said):
    found = audit(PROSE + said)
    assert found.verdict == "holds"
    assert [c.kind for c in found.claims if c.line == 5] == ["arithmetic"] * ("=" in said)
    if "=" in said:
        assert audit(PROSE + said.replace(" = ", " = 7")).verdict == "wrong"


def test_the_value_of_a_quantity_is_that_quantity():
    text = PROSE.replace("m = 0.8", "the value of the first moment is 0.9")
    assert _wrong(text) == [(3, "m")]


@pytest.mark.parametrize(
    "said", ["With a constant gradient g = 4", "Der Gradient sei in jedem Schritt g = 4"]
)
def test_a_constant_gradient_is_that_of_every_step(said):
    text = (
        f"Adam, β₁ = 0.9, β₂ = 0.999. {said}.\n\nm₁ = 0.4, v₁ = 0.016\n\nm₂ = 0.86\n\nm₅ = 1.63804"
    )
    assert [(c.t, c.expected) for c in audit(text).claims if c.is_wrong] == [(2, "0.76")]
    unsaid = text.replace("constant ", "").replace("in jedem Schritt ", "")
    assert not [c for c in audit(unsaid).claims if c.is_wrong]


@pytest.mark.parametrize(
    "said",
    [
        "The gradient changes in every step. First g = 4",
        "The gradient is not always g = 4 but varies",
    ],
)
def test_a_gradient_that_changes_is_not_constant(said):
    text = f"Adam, β₁ = 0.9, β₂ = 0.999. {said}.\n\nm₁ = 0.4, v₁ = 0.016\n\nm₂ = 0.86\n"
    assert not [c for c in audit(text).claims if c.is_wrong]
