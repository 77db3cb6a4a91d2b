"""Closed forms beside recurrences of a document's own: unrolled, and told in its letters."""

import pytest

from adamref import audit

POWERS = (
    "# AdaMax\n\nThe $p$-norm version:\n\n$$v_t = \\beta_2^p v_{t-1} + (1-\\beta_2^p) |g_t|^p$$\n\n"
    "Its closed form is\n\n"
)
OWN = "# Averages in Adam\n\nLet $a_t = \\rho a_{t-1} + (1-\\rho) x_t$ with $a_0 = 0$.\n\n"
MEAN = "# Adam\n\n$$m_t = \\beta_1 m_{t-1} + (1-\\beta_1) g_t$$\n\n"
PLAIN = "# Averages in Adam\n\nS_n = q·S_{n-1} + (1 − q)·y_n\n\n"


def judged(before, text):
    line = before.count("\n") + 1
    (claim,) = [c for c in audit(f"{before}{text}\n").claims if c.line == line]
    return claim


@pytest.mark.parametrize(
    ("before", "text"),
    [
        (POWERS, "$$v_t = (1-\\beta_2^p)\\sum_{i=1}^{t}\\beta_2^{p(t-i)}|g_i|^p$$"),
        (POWERS, "$$v_t = (1-\\beta_2^p)\\sum_{k=0}^{t-1}\\beta_2^{p k}|g_{t-k}|^p$$"),
        (OWN, "$$a_t = (1-\\rho)\\sum_{k=1}^{t} \\rho^{t-k} x_k$$"),
        (OWN, "$$a_t = (1-\\rho)\\sum_{k=0}^{t-1} \\rho^{k} x_{t-k}$$"),
        (OWN, "$$a_t = \\rho^t a_0 + (1-\\rho)\\sum_{k=1}^{t} \\rho^{t-k} x_k$$"),
        (PLAIN, "S_n = (1 − q)·Σ_{j=1}^{n} q^(n−j)·y_j"),
    ],
)
def test_what_a_recurrence_unrolls_to_holds(before, text):
    claim = judged(before, text)
    assert claim.verdict == "holds"
    assert "recurrence in line" in claim.because


@pytest.mark.parametrize(
    ("before", "text", "says", "expected"),
    [
        (
            POWERS,
            "$$v_t = (1-\\beta_2^p)\\sum_{i=1}^{t-1}\\beta_2^{p(t-i)}|g_i|^p$$",
            "the sum ends one term too early",
            "v_t = (1 - \\beta_2^{p}) \\sum_{i=1}^{t} \\beta_2^{p (t - i)} |g_i|^{p}",
        ),
        (
            POWERS,
            "$$v_t = (1-\\beta_2^p)\\sum_{i=1}^{t}\\beta_2^{p(t-i+1)}|g_i|^p$$",
            "the exponent in the sum is one too large",
            "v_t = (1 - \\beta_2^{p}) \\sum_{i=1}^{t} \\beta_2^{p (t - i)} |g_i|^{p}",
        ),
        (
            OWN,
            "$$a_t = \\sum_{k=1}^{t} \\rho^{t-k} x_k$$",
            "the factor 1 - \\rho is missing",
            "a_t = (1 - \\rho) \\sum_{k=1}^{t} \\rho^{t - k} x_k",
        ),
        (
            OWN,
            "$$a_t = (1-\\rho)\\sum_{k=0}^{t} \\rho^{k} x_{t-k}$$",
            "the sum ends one term too late",
            "a_t = (1 - \\rho) \\sum_{k=0}^{t - 1} \\rho^{k} x_{t-k}",
        ),
        (
            MEAN,
            "$$m_t = (1-\\beta_1)\\sum_{i=1}^{t}\\beta_1^{t-i+1} g_i$$",
            "the exponent in the sum is one too large",
            "m_t = (1 - \\beta_1) \\sum_{i=1}^{t} \\beta_1^{t - i} g_i",
        ),
        (
            MEAN,
            "$$m_t = \\sum_{i=1}^{t}\\beta_1^{t-i} g_i$$",
            "the factor 1 - \\beta_1 is missing",
            "m_t = (1 - \\beta_1) \\sum_{i=1}^{t} \\beta_1^{t - i} g_i",
        ),
    ],
)
def test_one_that_is_off_is_told_with_the_right_sum(before, text, says, expected):
    claim = judged(before, text)
    assert claim.verdict == "wrong"
    assert [cause.says for cause in claim.causes] == [says]
    assert claim.expected == expected


def test_one_that_is_something_else_is_wrong_and_not_explained():
    claim = judged(OWN, "$$a_t = (1-\\rho)\\sum_{k=1}^{t} \\rho^{k} x_k$$")
    assert (claim.verdict, claim.expected) == ("wrong", None)


def test_what_is_cut_off_or_has_other_symbols_is_not_judged():
    for text in (
        "$$v_t = (1-\\beta_2^p)\\sum_{k=0}^{t-1}\\beta_2^{pk}|g_{t-k}|^p$$",
        "$$v_t = (1-\\beta_2^p)\\sum_{k=1}^{t}\\beta_2^{p(t-k)}$$",
        "$$v_t = (1-\\beta_2^q)\\sum_{i=1}^{t}\\beta_2^{q(t-i)}|g_i|^q$$",
    ):
        assert not any(c.is_wrong for c in audit(f"{POWERS}{text}\n").claims)


def test_without_a_recurrence_nothing_is_said():
    text = "# Averages in Adam\n\n$$a_t = (1-\\rho)\\sum_{k=1}^{t} \\rho^{k} x_k$$\n"
    assert not any(c.is_wrong or c.verdict == "holds" for c in audit(text).claims)
