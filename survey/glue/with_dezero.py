"""Reaches DeZero's Adam, whose parameters hold their gradients."""

import numpy as np

# It speaks of a type by a name that NumPy no longer has.
np.int = int  # noqa: NPY001
from dezero import Parameter, Variable, optimizers  # noqa: E402


class Adam:
    """One that holds one array."""

    def __init__(self, theta, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.parameter = Parameter(np.array(theta))
        self.optimizer = optimizers.Adam(lr, beta1, beta2, eps)
        self.m, self.v, self.t = np.zeros_like(theta), np.zeros_like(theta), 0

    def step(self, grad):
        """Take a step from the state as it stands here."""
        made, key = self.optimizer, id(self.parameter)
        self.parameter.grad = Variable(np.array(grad))
        made.ms[key], made.vs[key], made.t = self.m, self.v, self.t + 1
        made.update_one(self.parameter)
        self.m, self.v, self.t = made.ms[key], made.vs[key], made.t
        return np.array(self.parameter.data)
