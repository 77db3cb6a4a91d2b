"""Reaches TensorFlow's own kernels, which its legacy optimizers and others call."""

import numpy as np
import tensorflow as tf


class Adam:
    """The kernel ApplyAdam.

    The powers of the betas, which it is given, are kept as the legacy optimizer keeps them:
    multiplied up in the dtype of the parameters.
    """

    def __init__(self, theta, lr=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
        kind = theta.dtype
        self.hyper = [kind.type(x) for x in (lr, beta1, beta2, epsilon)]
        made = (theta, np.zeros_like(theta), np.zeros_like(theta))
        self._var, self._m, self._v = (tf.Variable(x, dtype=kind) for x in made)
        self._powers = [kind.type(beta1), kind.type(beta2)]

    def step(self, grad):
        """Take a step."""
        lr, beta1, beta2, epsilon = self.hyper
        tf.raw_ops.ResourceApplyAdam(
            var=self._var.handle,
            m=self._m.handle,
            v=self._v.handle,
            beta1_power=self._powers[0],
            beta2_power=self._powers[1],
            lr=lr,
            beta1=beta1,
            beta2=beta2,
            epsilon=epsilon,
            grad=tf.convert_to_tensor(grad),
        )
        self._powers = [self._powers[0] * beta1, self._powers[1] * beta2]
        return self._var.numpy()

    @property
    def m(self):
        """The first moment."""
        return self._m.numpy()

    @property
    def v(self):
        """The second moment."""
        return self._v.numpy()
