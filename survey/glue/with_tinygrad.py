"""Reaches tinygrad's optimizers, which hold parameters with their gradients."""

import numpy as np
from tinygrad import Tensor, dtypes
from tinygrad.nn import optim


class Adam:
    """One that holds one array."""

    def __init__(self, theta, lr=0.001, b1=0.9, b2=0.999, eps=1e-8):
        self._begin(optim.Adam, theta, lr=lr, b1=b1, b2=b2, eps=eps)

    def _begin(self, make, theta, **hyper):
        self.shape = theta.shape
        # A buffer of its own: it has no axis of no elements.
        self.parameter = Tensor(np.array(theta).reshape(-1), dtype=_dtype(theta)).is_param_(True)
        self.optimizer = make([self.parameter], **hyper)

    def step(self, grad):
        """Take a step."""
        self.parameter.grad = Tensor(np.array(grad).reshape(-1), dtype=self.parameter.dtype)
        self.optimizer.step()
        return self._shown(self.parameter)

    def _shown(self, tensor):
        return np.array(tensor.numpy()).reshape(self.shape)

    @property
    def m(self):
        """The first moment."""
        return self._shown(self.optimizer.m[0])

    @property
    def v(self):
        """The second moment."""
        return self._shown(self.optimizer.v[0])


class AdamW(Adam):
    """The same, with its decay."""

    def __init__(self, theta, lr=0.001, b1=0.9, b2=0.999, eps=1e-8, weight_decay=0.01):
        self._begin(optim.AdamW, theta, lr=lr, b1=b1, b2=b2, eps=eps, weight_decay=weight_decay)


class Lamb(Adam):
    """Its LAMB."""

    def __init__(self, theta, lr=0.001, b1=0.9, b2=0.999, eps=1e-6, weight_decay=0.0):
        self._begin(optim.LAMB, theta, lr=lr, b1=b1, b2=b2, eps=eps, weight_decay=weight_decay)


def _dtype(theta):
    return {"float32": dtypes.float32, "float64": dtypes.float64}[theta.dtype.name]
