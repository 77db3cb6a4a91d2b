"""Reaches climin's Adam, an iterator that asks for gradients; its rates are one minus the betas.

beta1 is multiplied by its decay at each step, which cannot be 1: here it is as near as may be.
"""

import climin
import numpy as np


class Adam:
    """One that is given its gradient."""

    def __init__(self, theta, lr=0.0002, beta1=0.9, beta2=0.999, eps=1e-8, fading=1 - 2.0**-53):
        self.theta, self.lr, self.t, self.grad = theta, lr, 0, None
        self.m, self.v = np.zeros_like(theta), np.zeros_like(theta)
        self.optimizer = climin.Adam(
            theta,
            lambda _: self.grad,
            step_rate=lr,
            decay=fading,
            decay_mom1=1 - beta1,
            decay_mom2=1 - beta2,
            offset=eps,
        )
        self.steps = iter(self.optimizer)

    def step(self, grad):
        """Take a step from the state as it stands here."""
        made, self.grad = self.optimizer, grad
        made.wrt, made.step_rate, made.n_iter = self.theta, self.lr, self.t
        made.est_mom1_b, made.est_mom2_b = self.m, self.v
        next(self.steps)
        self.m, self.v, self.t = made.est_mom1_b, made.est_mom2_b, made.n_iter
        return self.theta
