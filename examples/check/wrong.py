"""An Adam with a mistake in it: `adamref check wrong:step` finds which."""

import numpy as np


def step(theta, grad, state, *, lr, beta1, beta2, eps):
    """Take a step; every test that only looks at the first one passes."""
    if state is None:
        state = {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}
    m = beta1 * state["m"] + (1 - beta1) * grad
    v = beta2 * state["v"] + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1)
    v_hat = v / (1 - beta2)
    theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta, {"m": m, "v": v, "t": state["t"] + 1}
