"""Reaches objax's Adam, which holds variables and is called with a rate and gradients."""

import jax
import numpy as np
import objax

jax.config.update("jax_enable_x64", True)


class Adam:
    """One that holds one array."""

    def __init__(self, theta, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr = lr
        self.variable = objax.TrainVar(jax.numpy.asarray(theta))
        self.optimizer = objax.optimizer.Adam(
            objax.VarCollection({"w": self.variable}), beta1, beta2, eps
        )

    def step(self, grad):
        """Take a step."""
        self.optimizer(self.lr, [jax.numpy.asarray(grad)])
        return np.array(self.variable.value)

    @property
    def m(self):
        """The first moment."""
        return np.array(self.optimizer.m[0].value)

    @m.setter
    def m(self, value):
        self.optimizer.m[0].value = jax.numpy.asarray(value)

    @property
    def v(self):
        """The second moment."""
        return np.array(self.optimizer.v[0].value)

    @v.setter
    def v(self, value):
        self.optimizer.v[0].value = jax.numpy.asarray(value)

    @property
    def t(self):
        """The number of steps."""
        return int(self.optimizer.step.value)

    @t.setter
    def t(self, value):
        self.optimizer.step.value = jax.numpy.array(int(value), jax.numpy.uint32)
