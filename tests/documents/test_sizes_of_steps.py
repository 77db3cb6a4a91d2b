"""What depends on the step alone: powers of the rates, and the size of a step that holds them."""

from __future__ import annotations

import pytest

from adamref import audit

FOLDED = r"""# Adam with the corrections folded into the size

$$\alpha_t=\alpha\,\frac{\sqrt{1-\beta_2^t}}{1-\beta_1^t},\qquad
\theta_t=\theta_{t-1}-\alpha_t\,\frac{m_t}{\sqrt{v_t}+\hat\epsilon}$$

"""
RATES = "Adam with $\\alpha=0.2$, $\\beta_1=0.9$, $\\beta_2=0.99$.\n\n"


def found(text):
    result = audit(text)
    return result.verdict, [(c.line, c.expected) for c in result.claims if c.verdict == "wrong"]


@pytest.mark.parametrize(
    ("head", "count"),
    [("$t$", "${}$"), ("updates", "**{}**"), ("iterations $t$", "`{}`"), ("Schritt", "{}")],
)
def test_a_row_says_the_step_however_it_is_written(count, head):
    rows = [(1, "0.1"), (3, "0.271"), (12, "0.71757")]
    begins = RATES + f"| {head} | $1-\\beta_1^t$ |\n|---|---|\n"
    text = begins + "".join(f"| {count.format(t)} | {x} |\n" for t, x in rows)
    assert found(text) == ("holds", [])
    assert found(text.replace("0.271", "0.217")) == ("wrong", [(6, "0.271")])


def test_thousands_may_stand_apart():
    begins = RATES + "| t | $1-\\beta_2^t$ |\n|---|---|\n"
    for count in ("1,000", "1 000", "1000"):
        assert found(begins + f"| 100 | 0.63397 |\n| {count} | 0.999957 |\n") == ("holds", [])


def test_a_row_without_a_step_is_not_judged_at_another():
    text = RATES + "| how far | $1-\\beta_1^t$ |\n|---|---|\n| five | 0.40951 |\n| ten | 0.65132 |"
    assert found(text)[1] == []


def test_a_size_that_the_document_makes_for_each_step_is_not_the_size_of_all():
    text = (
        FOLDED + RATES + "| t | $\\alpha_t/\\alpha$ |\n|---|---|\n| 1 | 1.0 |\n| 4 | 0.577215 |\n"
    )
    assert found(text)[1] == []
    wrong = found(text.replace("577215", "577251"))[1]
    assert [right[:8] for _, right in wrong] == ["0.577215"]


def test_a_size_that_nothing_defines_is_not_taken_for_another():
    assert found(RATES + "After the warm-up $\\alpha_t/\\alpha = 0.5$.")[1] == []


def test_a_size_is_judged_by_the_line_that_defines_it():
    text = FOLDED + RATES + "Step 1: $\\alpha_1 = 0.2$. Step 2: $\\alpha_2 = 0.148489$."
    assert found(text)[1] == []


@pytest.mark.parametrize("said", ["After five updates", "At the fifth", "Later"])
def test_a_step_in_words_that_are_not_read_is_not_the_step_at_hand(said):
    worked = RATES + "Step 2: $m_2 = 0.19$\n\n"
    assert found(worked + f"{said} $1-\\beta_1^t = 0.40951$.")[1] == []
