"""Weight decay in the gradient and in the update: together they are neither kind."""

import pytest

from adamref import audit

MOMENTS = (
    "$$m_t = \\beta_1 m_{t-1} + (1-\\beta_1) g_t$$\n\n"
    "$$v_t = \\beta_2 v_{t-1} + (1-\\beta_2) g_t^2$$\n\n"
    "$$\\hat m_t = m_t/(1-\\beta_1^t), \\qquad \\hat v_t = v_t/(1-\\beta_2^t)$$\n\n"
)
COUPLED = "$$g_t = \\nabla f(\\theta_{t-1}) + \\lambda\\theta_{t-1}$$\n\n"
PLAIN = "$$g_t = \\nabla f(\\theta_{t-1})$$\n\n"
STEP = "$$\\theta_t = \\theta_{t-1} - \\eta\\frac{\\hat m_t}{\\sqrt{\\hat v_t}+\\epsilon}$$\n"
DECAYED = (
    "$$\\theta_t = \\theta_{t-1} - \\eta\\left(\\frac{\\hat m_t}{\\sqrt{\\hat v_t}+\\epsilon}"
    " + \\lambda\\theta_{t-1}\\right)$$\n"
)


def found(*parts):
    claims = audit("".join(parts)).claims
    return [(c.field, c.verdict) for c in claims if c.verdict not in ("holds", "dialect")]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("# AdamW\n\n", COUPLED, MOMENTS, DECAYED), [("g", "wrong")]),
        (("# AdamW\n\nEach step:\n\n", COUPLED, MOMENTS, DECAYED), [("g", "wrong")]),
        (("# Adam with L2\n\n", COUPLED, MOMENTS, DECAYED), [("theta", "wrong")]),
        (("# AdamW\n\n", PLAIN, MOMENTS, DECAYED), []),
        (("# Adam with L2\n\n", COUPLED, MOMENTS, STEP), []),
        (("# Adam with L2\n\n", COUPLED, MOMENTS, STEP, "\n# AdamW\n\n", PLAIN, DECAYED), []),
        (("# AdamW\n\nUnlike with L2, where\n\n", COUPLED, "the step is\n\n", DECAYED), []),
    ],
)
def test_the_title_says_which_line_is_wrong(parts, expected):
    assert found(*parts) == expected


def test_without_a_title_it_is_doubtful():
    text = ("# Training\n\nOur optimizer is Adam.\n\n", COUPLED, MOMENTS, DECAYED)
    assert ("g", "doubtful") in found(*text)


def test_the_gradient_as_it_should_stand_is_in_the_letters_of_its_author():
    text = f"# AdamW\n\n{COUPLED}{MOMENTS}{DECAYED}"
    (wrong,) = [c for c in audit(text).claims if c.is_wrong]
    assert wrong.expected == "g_t = \\nabla f(\\theta_{t-1})"
    assert "(line 3)" in wrong.because
