"""Headings in the ways of plain text, and givens that stand before all chapters."""

import pytest

from adamref import audit

_TEXT = """Adam and Lion on one weight, g_1 = 3 and g_2 = -1, theta_0 = 2

{}
alpha = 0.01, beta1 = 0.9, beta2 = 0.99, no weight decay
m_1 = {}
theta_1 = 1.99

{}
alpha = 0.01, beta1 = 0.9, beta2 = 0.999, eps = 1e-8
m_1 = 0.3
v_1 = 0.009
theta_1 = 1.99
"""
_WAYS = ["== {} ==", "--- {} ---", "{}\n----", "{}\n======", "*** {} ***", "— {} —"]


def _text(way: str, number: str) -> str:
    return _TEXT.format(way.format("Lion"), number, way.format("Adam"))


@pytest.mark.parametrize("way", _WAYS)
def test_a_heading_of_plain_text_parts_chapters(way: str) -> None:
    """Each chapter is judged by its own rule."""
    found = audit(_text(way, "0.03"))
    assert found.verdict == "holds"
    assert len(found.claims) == 5


@pytest.mark.parametrize("way", _WAYS)
def test_a_slip_under_such_a_heading_is_found(way: str) -> None:
    """What would be right by the other rule is wrong by this one."""
    found = audit(_text(way, "0.3"))
    first = found.claims[found.first_wrong]
    assert (first.field, first.optimizer) == ("m", "lion")


def test_what_is_worked_is_no_heading() -> None:
    """A line below numbers underlines nothing."""
    text = "Adam, alpha = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, g_1 = 3\n\n"
    text += "m_1 = 0.3\n---------\nv_1 = 0.09"
    found = audit(text)
    assert [c.field for c in found.claims if c.is_wrong] == ["v"]


def test_a_state_after_gradients_of_all_chapters_is_no_start() -> None:
    """The gradients stand before the chapters: m_1 is worked, not given."""
    found = audit(
        "# Two ways\n\nAll see g_1 = 3, g_2 = -1, g_3 = 2 from w_0 = 0.\n\n"
        "## Momentum, mu = 0.9, eta = 0.01\n\nu_1 = 3, w_1 = -0.03\n"
        "u_2 = 0.9*3 - 1 = 1.7, w_2 = -0.03 - 0.01*1.7 = -0.047\n\n"
        "## Adam, alpha = 0.1, beta1 = 0.9, beta2 = 0.9\n\nm_1 = 0.3, v_1 = 0.9, w_1 = -0.1\n"
    )
    assert found.verdict == "holds"
    assert {c.t for c in found.claims} == {1, 2}
