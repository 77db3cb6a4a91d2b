"""A trajectory is worked in one dialect; two that are compared stand at the same step."""

from __future__ import annotations

import pytest

from adamref import audit

BEGINS = "# AdamW by hand\n\nw = 2, lr = 0.1, b1 = 0.5, b2 = 0.75, eps = 1e-8, {}, "
BEGINS += "the gradients 4 and 1.\n\n"


def found(text, field="theta"):
    return [(c.t, c.verdict) for c in audit(text).claims if c.field == field]


def table(*last):
    rows = enumerate(zip((2, 1.5), (4, 3.25), last, strict=True), 1)
    return "| t | m | v | w |\n|---|---|---|---|\n" + "".join(
        f"| {t} | {m} | {v} | {w} |\n" for t, (m, v, w) in rows
    )


@pytest.mark.parametrize("said", ["wd = 0.2", "weight decay 0.2", "λ = 0.2"])
def test_a_decay_without_the_step_size_is_a_mistake_where_other_steps_have_it(said):
    """2·(1 - 0.1·0.2) - 0.1 is 1.86; 2·(1 - 0.2) - 0.1 is 1.5."""
    begins = BEGINS.format(said)
    assert found(begins + table("1.86000", "1.74942")) == [(1, "holds"), (2, "holds")]
    assert found(begins + table("1.50000", "1.74942")) == [(1, "wrong"), (2, "holds")]
    assert found(begins + table("1.50000", "1.39662")) == [(1, "wrong"), (2, "follows")]


def test_the_dialect_is_said():
    claims = audit(BEGINS.format("wd = 0.2") + table("1.50000", "1.74942")).claims
    wrong = next(c for c in claims if c.verdict == "wrong")
    assert "the dialect weight-decay decoupled-unscaled, in which other steps are not" in (
        wrong.because
    )


def test_a_document_may_be_in_a_dialect_throughout():
    text = BEGINS.format("wd = 0.2") + table("1.50000", "1.12662")
    assert found(text) == [(1, "dialect"), (2, "dialect")]


def test_two_dialects_may_be_compared():
    text = BEGINS.format("wd = 0.2") + "Scaled: w_1 = 1.86000, w_2 = 1.74942.\n\n"
    text += "With a decay that is not scaled:\n\n- t = 1: w_1 = 1.50000\n"
    assert (1, "dialect") in found(text)
    assert not any(verdict == "wrong" for _, verdict in found(text))


OUTSIDE = "θ ← θ − α·m̂/(√v̂ + ε)"
LINES = "m ← β₁m + (1−β₁)g\n\nv ← β₂v + (1−β₂)g²\n\nm̂ = m/(1−β₁ᵗ)\n\nv̂ = v/(1−β₂ᵗ)"
PROGRAM = """```python
m = beta1*m + (1 - beta1)*g
v = beta2*v + (1 - beta2)*g**2
m_hat = m/(1 - beta1**t)
v_hat = v/(1 - beta2**t)
theta = theta - alpha*m_hat/{}
```
"""


@pytest.mark.parametrize(
    ("below", "said"), [("np.sqrt(v_hat + eps)", True), ("(np.sqrt(v_hat) + eps)", False)]
)
def test_a_program_in_another_form_than_the_formula_says_so(below, said):
    claims = audit(f"# Adam\n\n{LINES}\n\n{OUTSIDE}\n\n{PROGRAM.format(below)}").claims
    step = next(c for c in claims if c.kind == "code" and c.field == "theta")
    assert (step.verdict == "dialect") == said
    assert ("but line 11 has the form paper" in step.because) == said
