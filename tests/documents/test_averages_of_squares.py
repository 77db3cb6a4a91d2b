"""A text that names no optimizer and corrects an average, of gradients or of their squares."""

from __future__ import annotations

import pytest

from adamref import audit

SQUARES = r"""\section{{Why v is biased}}
With $v_0=0$, $v_t=\beta_2v_{{t-1}}+(1-\beta_2)g_t^2$, and so $\hat v_t=v_t/(1-\beta_2^t)$.
For $\beta_2=0.99$ and a constant gradient $g=2$ we have
\begin{{align*}}
  v_1&=0.01\cdot 4=0.04, & \hat v_1&={first},\\
  v_2&=0.99\cdot 0.04+0.04={second}, & \hat v_2&=\frac{{0.0796}}{{0.0199}}=4.
\end{{align*}}
"""


def wrong(text):
    return [(c.field, c.t) for c in audit(text).claims if c.verdict == "wrong"]


def test_an_average_of_squares_is_the_second_moment():
    """It was held to be an average of the gradients themselves: 0.02 for 0.04."""
    text = SQUARES.format(first="4", second="0.0796")
    assert wrong(text) == []
    assert {c.field for c in audit(text).claims} == {"v", "v_hat"}
    assert wrong(SQUARES.format(first="2", second="0.0796")) == [("v_hat", 1)]
    result = audit(SQUARES.format(first="4", second="0.0769"))
    assert [c.line for c in result.claims if c.verdict == "wrong"] == [6]


@pytest.mark.parametrize("rate", ["\\beta ", "\\rho "])
def test_whatever_its_rate_is_called(rate):
    text = SQUARES.format(first="4", second="0.0796").replace(r"\beta_2", rate)
    assert wrong(text) == []


def test_an_average_of_numbers_is_still_one():
    text = SQUARES.format(first="2", second="0.0398").replace("g_t^2", "g_t")
    text = text.replace("0.01\\cdot 4=0.04", "0.01\\cdot 2=0.02").replace("0.0796", "0.0398")
    text = text.replace("0.99\\cdot 0.04+0.04", "0.99\\cdot 0.02+0.02").replace("=4.", "=2.")
    assert wrong(text) == []
