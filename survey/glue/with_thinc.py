"""Reaches thinc's optimizer, which is called with a key, weights and a gradient."""

import numpy as np
from thinc import api


class Adam:
    """One that holds one array, and what belongs to it."""

    is_rectified = False

    def __init__(self, theta, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0):
        self.theta, self.lr, self.t = theta, lr, 0
        self.m, self.v = np.zeros_like(theta), np.zeros_like(theta)
        self.optimizer = api.Optimizer(
            lr,
            L2=weight_decay,
            beta1=beta1,
            beta2=beta2,
            eps=eps,
            grad_clip=0.0,
            use_averages=False,
            use_radam=self.is_rectified,
        )

    def step(self, grad):
        """Take a step from the state as it stands here."""
        key, made = (0, "W"), self.optimizer
        made.learn_rate = api.constant(self.lr)
        made.nr_update[key] = self.t
        made.mom1[key], made.mom2[key] = self.m.ravel(), self.v.ravel()
        self.theta, _ = made(key, self.theta, grad.copy())
        self.m, self.v = (x[key].reshape(self.theta.shape) for x in (made.mom1, made.mom2))
        self.t = made.nr_update[key]
        return self.theta


class RAdam(Adam):
    """The same, rectified."""

    is_rectified = True
