"""Adam as a plain function on NumPy arrays: the form in which `adamref check` takes one.

In this directory: `adamref check adam_numpy:step`.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def step(
    theta: np.ndarray,
    grad: np.ndarray,
    state: dict[str, Any] | None,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
) -> tuple[np.ndarray, dict[str, Any]]:
    """Take one step of Adam (Kingma & Ba 2015, Algorithm 1).

    Parameters
    ----------
    theta, grad : arrays
        Of one shape and dtype.
    state : dict or None
        What the last step returned; None before the first.
    lr, beta1, beta2, eps : float

    Returns
    -------
    tuple
        The new theta and state, in new arrays.
    """
    if state is None:
        state = {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}
    t = state["t"] + 1
    m = beta1 * state["m"] + (1 - beta1) * grad
    v = beta2 * state["v"] + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), {"m": m, "v": v, "t": t}
