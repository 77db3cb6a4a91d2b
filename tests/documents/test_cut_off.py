"""A digit that is cut off, among numbers that are rounded and said to be."""

from __future__ import annotations

import pytest

from adamref import audit

GIVEN = "Adam: w = 1, alpha = 0.1, b1 = 0.9, b2 = 0.99, eps = 1e-8, gradients 0.7, 0.4.\n\n"
SAID = "All values are rounded to four decimals for print.\n\n"
# v_hat_2 is 0.32417085, m_hat_2 0.54210526, w_2 0.80478692.
WORKED = """Step 1: m = 0.0700, v = 0.0049, m_hat = 0.7000, v_hat = 0.4900, w = 0.9000.

Step 2: m = 0.1030, v = {v}, m_hat = 0.5421, v_hat = {v_hat}, w = {w}.
"""
ROUNDED = {"v": "0.0065", "v_hat": "0.3242", "w": "0.8048"}


def wrong(text):
    return [(c.field, c.t) for c in audit(text).claims if c.verdict == "wrong"]


@pytest.mark.parametrize(
    "said",
    [
        SAID,
        "Alle Werte sind auf vier Stellen gerundet.\n\n",
        "Se redondea a cuatro decimales.\n\n",
        "Arrondi à quatre décimales.\n\n",
    ],
)
def test_a_digit_that_is_cut_off_is_wrong_where_the_others_are_rounded(said):
    assert wrong(GIVEN + said + WORKED.format(**ROUNDED)) == []
    cut = {**ROUNDED, "v_hat": "0.3241"}
    assert wrong(GIVEN + said + WORKED.format(**cut)) == [("v_hat", 2)]


@pytest.mark.parametrize(
    ("said", "cut"),
    [
        ("", {"v_hat": "0.3241"}),
        (SAID + "Some are truncated.\n\n", {"v_hat": "0.3241"}),
        (SAID, {"v_hat": "0.3241", "v": "0.0064"}),
    ],
)
def test_it_may_be_a_habit_otherwise(said, cut):
    assert wrong(GIVEN + said + WORKED.format(**{**ROUNDED, **cut})) == []


def test_the_cause_says_so():
    claims = audit(GIVEN + SAID + WORKED.format(**{**ROUNDED, "v_hat": "0.3241"})).claims
    causes = [cause for c in claims for cause in c.causes]
    assert [cause.id for cause in causes] == ["cut-off"]
    assert "was cut off at 4 decimal places" in causes[0].says
