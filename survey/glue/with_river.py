"""Reaches river's optimizers that step over dictionaries: an array as one, from index to number."""

import numpy as np
from river import optim


def _state(own):
    def shown(self):
        held = getattr(self.optimizer, own)
        return np.reshape([held[i] for i in range(self.theta.size)], self.theta.shape)

    def put(self, value):
        getattr(self.optimizer, own).update(enumerate(map(float, np.ravel(value))))

    return property(shown, put)


class Held:
    """An optimizer with one array."""

    def step(self, grad):
        """Take a step."""
        weights, slopes = (dict(enumerate(map(float, np.ravel(x)))) for x in (self.theta, grad))
        weights = self.optimizer.step(weights, slopes)
        self.theta = np.reshape(list(weights.values()), self.theta.shape)
        return self.theta

    @property
    def t(self):
        """The number of steps."""
        return self.optimizer.n_iterations

    @t.setter
    def t(self, value):
        self.optimizer.n_iterations = int(value)

    m = _state("m")


class AMSGrad(Held):
    """Its AMSGrad."""

    def __init__(self, theta, lr=0.1, beta_1=0.9, beta_2=0.999, eps=1e-8):
        self.theta = theta
        self.optimizer = optim.AMSGrad(lr, beta_1, beta_2, eps)

    v, v_max = _state("v"), _state("v_hat")


class AdaMax(Held):
    """Its AdaMax."""

    def __init__(self, theta, lr=0.1, beta_1=0.9, beta_2=0.999, eps=1e-8):
        self.theta = theta
        self.optimizer = optim.AdaMax(lr, beta_1, beta_2, eps)

    u = _state("u")
