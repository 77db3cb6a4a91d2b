"""What is true of one step, of a relative of Adam, or of numbers before they were rounded."""

from __future__ import annotations

import pytest

from adamref import audit

GIVEN = r"Adam with $\beta_1=0.9$, $\beta_2=0.999$. "


def found(text):
    result = audit(text)
    wrong = [(c.field, c.claimed or c.line) for c in result.claims if c.verdict == "wrong"]
    return result.verdict, wrong


@pytest.mark.parametrize(
    "text",
    [
        r"Then $\hat m = m_1/(1-\beta_1) = g_1$ and $\hat v = v_1/(1-\beta_2) = g_1^2$.",
        "    m1 = (1 - beta1)*g    mhat = m1 / (1 - beta1^1) = g\n",
        r"At $t=1$ we have $\hat m = m/(1-\beta_1)$ and $\hat v = v/(1-\beta_2)$.",
        r"In the first step $\hat v = v/(1-\beta_2)$.",
    ],
)
def test_a_line_of_the_first_step_needs_no_exponent(text):
    assert found(GIVEN + "\n\n" + text) == ("holds", [])


@pytest.mark.parametrize(
    "text",
    [
        r"For $t=1,2,\dots$ we put $\hat m = m/(1-\beta_1)$.",
        r"At $t=1$ we begin: $\hat m_t = m_t/(1-\beta_1)$.",
        r"So $\hat m = m_2/(1-\beta_1)$.",
        r"At $t=1$ it is $\hat m = m/(1-\beta_2)$.",
    ],
)
def test_a_line_of_all_steps_does(text):
    verdict, wrong = found(GIVEN + text)
    assert verdict == "wrong"
    assert [field for field, _ in wrong] == ["m_hat"]


def table(rows):
    head = "| t | g | r | w |\n|---|---|---|---|\n"
    return head + "".join("|" + "|".join(map(str, row)) + "|\n" for row in rows)


ADAGRAD = r"""**Q: AdaGrad slows down. What does Adam do about it?**

$$r_t=r_{t-1}+g_t^2,\qquad w_t=w_{t-1}-\frac{\eta}{\delta+\sqrt{r_t}}\,g_t$$

For $f(w)=w^2$, $w_0=2$, $\eta=1$, $\delta=10^{-8}$:

"""
# w: 2, 1, 1 - 2/sqrt(20), …; r: 16, 20, 20 + (2 w_2)^2.
ROWS = [
    (1, "4.0000", "16.0000", "1.0000"),
    (2, "2.0000", "20.0000", "0.5528"),
    (3, "1.1056", "21.2223", "0.3128"),
]


def test_a_text_that_names_adam_may_be_about_what_came_before():
    """It writes the lines of AdaGrad, and of Adam none; a delta beside a root is its epsilon."""
    assert found(ADAGRAD + table(ROWS)) == ("holds", [])
    rows = [*ROWS[:2], (3, "1.1056", "21.2333", "0.3128")]
    assert found(ADAGRAD + table(rows)) == ("wrong", [("v", "21.2333")])


def test_what_rests_on_a_number_that_was_not_judged_may_come_from_before_its_rounding():
    """Of Adam without its rates w is not judged: 2·0.276393 is 0.55279, and twice 0.27639 not."""
    begins = "# Adam\n\nWe minimise $f(w)=w^2$ from $w_0=1$, $\\alpha=0.5$.\n\n"
    begins += "| t | g | w |\n|---|---|---|\n| 1 | 2.00000 | 0.50000 |\n"
    begins += "| 2 | 1.00000 | 0.27639 |\n"
    assert found(begins + "| 3 | 0.55279 | 0.15640 |\n")[1] == []
    assert found(begins + "| 3 | 0.55297 | 0.15640 |\n")[1] == [("g", "0.55297")]
