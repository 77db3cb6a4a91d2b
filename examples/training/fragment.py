"""A fragment of Python from a summary of Adam, completed with as little as makes it run.

It has three faults, which stay: the first moment is corrected by the second decay rate, epsilon is
written ``10^-8``, which Python takes for an exclusive or, -14, and the loop asks whether a
difference is large where it should ask for its size: it ends at the first step that is taken
downwards.

`adamref check fragment:step` and `fragment:step_with_epsilon` run it, `adamref audit` reads it.
"""

import numpy as np

EPSILON = 10 ^ -8  # Prevent division by zero errors
gamma_1 = 0.9  # Decay for first moment average
gamma_2 = 0.999  # Decay for second moment average
alpha = 0.001  # Learning rate


def step(theta, grad, state, *, lr=alpha, beta1=gamma_1, beta2=gamma_2, eps=EPSILON):
    """Take a step; epsilon is the one that is given."""
    old = state or {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}
    t = old["t"] + 1
    m = beta1 * old["m"] + (1 - beta1) * grad  # Biased first moment estimate
    v = beta2 * old["v"] + (1 - beta2) * grad**2  # Biased second raw moment estimate
    m_hat = m / (1 - beta2**t)
    v_hat = v / (1 - beta2**t)
    delta = m_hat / (np.sqrt(v_hat) + eps)
    return theta - lr * delta, {"m": m, "v": v, "t": t}


def step_with_epsilon(theta, grad, state, *, lr, beta1, beta2):
    """Take a step with the epsilon that is written, and the first moment corrected by its own rate.

    The one fault alone: what it does to a step is named by the check as well.
    """
    old = state or {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}
    t = old["t"] + 1
    m = beta1 * old["m"] + (1 - beta1) * grad
    v = beta2 * old["v"] + (1 - beta2) * grad**2
    delta = m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + EPSILON)
    return theta - lr * delta, {"m": m, "v": v, "t": t}


def minimize(gradient, start, most=1000):
    """Run the loop of the fragment on one parameter; return it after each step."""
    theta, state, t = [start], None, 0
    while len(theta) < 2 or (theta[t] - theta[t - 1]) > 10**-3:
        t += 1
        new, state = step(theta[t - 1], gradient(theta[t - 1]), state)
        theta.append(new)
        if t == most:
            break
    return theta
