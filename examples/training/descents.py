"""The five optimizers of the lectures, as NumPy does them: two lines of state at most.

Each updates arrays in place and keeps its states where `adamref.fast` keeps them. RMSprop and
AdaGrad have epsilon inside the root.
"""

from types import MappingProxyType

import numpy as np

import adamref
from adamref import fast


class Descent:
    """Gradient descent: ``theta -= lr * g``."""

    rule, watched, states = "sgd", {}, ()

    def __init__(self, params, **hyper):
        self.params, self.hyper = params, hyper
        self.state = {
            key: {"t": 0, **{name: np.zeros_like(x) for name in self.states}}
            for key, x in params.items()
        }

    def step(self, grads):
        """Take a step."""
        for key in self.params:
            state = self.state[key]
            state["t"] += 1
            self.params[key] -= self.change(state, grads[key], **self.hyper)

    def change(self, _, g, lr):
        """Return what is taken from theta."""
        return lr * g


class Momentum(Descent):
    """An average of gradients in place of the last one: ``m = beta1*m + (1 - beta1)*g``."""

    rule, states = "momentum", ("m",)

    def change(self, state, g, lr, beta1):
        """Return what is taken from theta."""
        state["m"] = beta1 * state["m"] + (1 - beta1) * g
        return lr * state["m"]


class RootMeanSquare(Descent):
    """RMSprop, with epsilon inside the root: ``g / sqrt(v + eps)``."""

    rule, watched, states = "rmsprop", {"dialect": "form=eps-inside"}, ("v",)

    def change(self, state, g, lr, beta2, eps):
        """Return what is taken from theta."""
        state["v"] = beta2 * state["v"] + (1 - beta2) * (g * g)
        return lr * g / np.sqrt(state["v"] + g.dtype.type(eps))


class SumOfSquares(Descent):
    """AdaGrad: the sum of squares in place of their average."""

    rule, watched, states = "adagrad", {"dialect": "form=eps-inside"}, ("v",)

    def change(self, state, g, lr, eps):
        """Return what is taken from theta."""
        state["v"] = state["v"] + g * g
        return lr * g / np.sqrt(state["v"] + g.dtype.type(eps))


class Moments(fast.Adam):
    """Adam: both averages, corrected; it is `adamref.fast`'s own."""

    watched = MappingProxyType({})

    def __init__(self, params, *, lr, beta1, beta2, eps):
        super().__init__(params, lr=lr, betas=(beta1, beta2), eps=eps)


def watched(optimizer, **options):
    """Have every step of an optimizer judged; what is wrong is told at the end, and stops nothing.

    Decay rates are the float64 ones that are written, as all of these optimizers have them.
    """
    return adamref.watch(
        optimizer, every=1, hyper="literal", on_deviation=lambda _: None, **options
    )


EACH = {
    "gradient descent": (Descent, {}),
    "momentum": (Momentum, {"beta1": 0.9}),
    "RMSprop": (RootMeanSquare, {"beta2": 0.9, "eps": 1e-8}),
    "AdaGrad": (SumOfSquares, {"eps": 1e-8}),
    "Adam": (Moments, {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}),
}
"""Each with its hyperparameters beside the learning rate."""
