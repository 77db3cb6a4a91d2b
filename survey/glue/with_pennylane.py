"""Reaches PennyLane's AdamOptimizer, which steps over arrays that say they are trained."""

import numpy as np
import pennylane as qml
from pennylane import numpy as pnp


class Adam:
    """One that holds one array."""

    def __init__(self, theta, stepsize=0.01, beta1=0.9, beta2=0.99, eps=1e-8):
        self.theta = theta
        self.optimizer = qml.AdamOptimizer(stepsize, beta1, beta2, eps)
        self.accumulation = {"fm": [0 * theta], "sm": [0 * theta], "t": 0}

    def step(self, grad):
        """Take a step."""
        self.optimizer.accumulation = self.accumulation
        (new,) = self.optimizer.apply_grad((grad,), (pnp.array(self.theta, requires_grad=True),))
        self.theta = np.asarray(new.unwrap(), self.theta.dtype)
        return self.theta

    @property
    def m(self):
        """The first moment."""
        return self.accumulation["fm"][0]

    @m.setter
    def m(self, value):
        self.accumulation["fm"][0] = value

    @property
    def v(self):
        """The second moment."""
        return self.accumulation["sm"][0]

    @v.setter
    def v(self, value):
        self.accumulation["sm"][0] = value

    @property
    def t(self):
        """The number of steps."""
        return self.accumulation["t"]

    @t.setter
    def t(self, value):
        self.accumulation["t"] = int(value)
