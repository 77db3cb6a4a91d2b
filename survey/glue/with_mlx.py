"""Reaches MLX's optimizers, which keep a state a parameter, beside the array."""

import mlx.core as mx
import mlx.optimizers as made
import numpy as np


def _state(name, own):
    def shown(self):
        held = self.optimizer.state["w"]
        if own not in held:
            raise AttributeError(name)
        return np.array(held[own])

    def put(self, value):
        self.optimizer.state["w"][own] = mx.array(value)

    return property(shown, put)


class Held:
    """An optimizer with one array."""

    def _begin(self, optimizer, theta):
        self.theta, self.optimizer = theta, optimizer
        optimizer.init({"w": mx.array(theta)})

    def step(self, grad):
        """Take a step."""
        new = self.optimizer.apply_gradients({"w": mx.array(grad)}, {"w": mx.array(self.theta)})
        self.theta = np.array(new["w"])
        return self.theta

    @property
    def t(self):
        """The number of steps."""
        return int(self.optimizer.state["step"])

    @t.setter
    def t(self, value):
        self.optimizer.state["step"] = mx.array(int(value), mx.uint64)

    m, v = _state("m", "m"), _state("v", "v")


class Adam(Held):
    """Its Adam, with the bias correction that it leaves out unless asked."""

    def __init__(self, theta, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self._begin(made.Adam(lr, [beta1, beta2], eps, bias_correction=True), theta)


class Uncorrected(Held):
    """Its Adam as it comes."""

    def __init__(self, theta, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self._begin(made.Adam(lr, [beta1, beta2], eps), theta)


class AdamW(Held):
    """Its AdamW, with bias correction."""

    def __init__(self, theta, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
        self._begin(made.AdamW(lr, [beta1, beta2], eps, weight_decay, bias_correction=True), theta)


class Adamax(Held):
    """Its Adamax."""

    def __init__(self, theta, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self._begin(made.Adamax(lr, [beta1, beta2], eps), theta)

    u, v = _state("u", "v"), None


class Lion(Held):
    """Its Lion."""

    def __init__(self, theta, lr=0.001, beta1=0.9, beta2=0.99, weight_decay=0.0):
        self._begin(made.Lion(lr, [beta1, beta2], weight_decay), theta)
