"""Reaches numpy-ml's Adam, whose cache is its state."""

import collections
import collections.abc

# It imports a name that Python has had elsewhere since 3.10.
collections.Hashable = collections.abc.Hashable
from numpy_ml.neural_nets import optimizers  # noqa: E402


def adam(param, param_grad, state, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
    """Take a step."""
    made = optimizers.Adam(lr=lr, decay1=beta1, decay2=beta2, eps=eps)
    if state:
        made.cache["W"] = {"t": state["t"], "mean": state["m"], "var": state["v"]}
    new, held = made.update(param, param_grad, "W"), made.cache["W"]
    return new, {"t": held["t"], "m": held["mean"], "v": held["var"]}
