"""A training step: it is given a gradient a micro-batch, stacked, and steps by their mean.

The gradients are those of a loss times ``loss_scale``. They are averaged, unscaled and clipped, in
this order, and then Adam takes a step.
"""

import numpy as np


def train_step(
    theta,
    micro_batch_gradients,
    state,
    *,
    lr,
    beta1,
    beta2,
    eps,
    accumulate=4,
    loss_scale=8.0,
    max_norm=0.5,
):
    """Take a step of Adam by the gradients of several micro-batches."""
    kind = theta.dtype.type
    total = np.zeros_like(theta)
    for gradient in micro_batch_gradients:
        total += gradient
    gradient = total / kind(accumulate) / kind(loss_scale)
    norm = np.sqrt(np.sum(gradient * gradient)) + kind(1e-6)
    gradient = gradient * np.minimum(kind(1), kind(max_norm) / norm)
    old = state or {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}
    t = old["t"] + 1
    m = beta1 * old["m"] + (1 - beta1) * gradient
    v = beta2 * old["v"] + (1 - beta2) * gradient * gradient
    step = lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return theta - step, {"m": m, "v": v, "t": t}
