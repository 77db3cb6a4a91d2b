"""An optimizer and tests of it, with what they are known not to see."""

OPTIMIZER = """
import numpy as np


class Adam:
    def __init__(self, theta, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        self.theta, self.lr, self.beta1, self.beta2, self.eps = theta, lr, beta1, beta2, eps
        self.m, self.v, self.t = np.zeros_like(theta), np.zeros_like(theta), 0

    def step(self, grad):
        self.t += 1
        self.m = self.beta1 * self.m + (1 - self.beta1) * grad
        self.v = self.beta2 * self.v + (1 - self.beta2) * grad * grad
        m_hat = self.m / (1 - self.beta1**self.t)
        v_hat = self.v / (1 - self.beta2**self.t)
        self.theta = self.theta - self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
        return self.theta
"""

FIRST_STEP = """
import numpy as np
from mine import Adam


def test_first_step():
    theta = np.array([1.0, -2.0])
    moved = Adam(theta, lr=0.1).step(np.array([0.5, 3.0]))
    assert np.allclose(moved, theta - 0.1, rtol=1e-6)


def test_of_something_else():
    assert True
"""

PASSES = {
    "m_hat-without-power": "none of the inputs",
    "v-past-undecayed": "none of the inputs",
    "schedule-late": "none of the inputs",
    "eps-omitted": "the numbers differ",
}
"""What the first step alone does not show, or so little that the tolerance hides it."""

FAILS = (
    "gradient-negated", "root-forgotten", "m_hat-uncorrected", "t-ahead", "last-element-untouched",
)  # fmt: skip

OF_FAST = (
    "nan-replaced", "nan-element-skipped", "eps-as-maximum", "state-lost-on-resume",
    "decay-l2-sign", "v-floored-at-1e-6", "zero-gradient-skipped", "powers-in-bfloat16",
    "correction-stops-after-10",
)  # fmt: skip
"""More that the tests of `adamref.fast` see."""

HANGS = """
from mine import Adam


def test_hangs():
    import time
    time.sleep(600)
"""
CRASHES = """
import os
from mine import Adam


def test_crashes():
    os.abort()
"""
ABSENT = "from mine import Adam\n"
FAILING = (
    FIRST_STEP
    + """

def test_fails():
    raise ValueError("it never worked")
"""
)
EXACT = """
import numpy as np
from mine import Adam


def test_to_the_bit():
    rng = np.random.default_rng(0)
    theta, its = np.ones(200), Adam(np.ones(200), lr=0.1)
    m, v = np.zeros(200), np.zeros(200)
    for t in range(1, 4):
        g = rng.standard_normal(200)
        m, v = 0.9 * m + (1 - 0.9) * g, 0.999 * v + (1 - 0.999) * g * g
        theta = theta - 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        assert np.array_equal(its.step(g), theta)
"""
SCRIPT = """
import numpy as np
from mine import Adam

theta = np.array([1.0, -2.0])
moved = Adam(theta, lr=0.1).step(np.array([0.5, 3.0]))
raise SystemExit(not np.allclose(moved, theta - 0.1, rtol=1e-6))
"""
