"""Reaches PaddlePaddle's optimizers, whose parameters hold their gradients."""

import numpy as np
import paddle


class Held:
    """An optimizer with one array."""

    def _begin(self, make, theta, **hyper):
        self.shape = theta.shape
        start = paddle.to_tensor(np.array(theta).reshape(-1))
        self.parameter = paddle.create_parameter(
            start.shape, str(theta.dtype), default_initializer=paddle.nn.initializer.Assign(start)
        )
        self.optimizer = make(parameters=[self.parameter], **hyper)

    def step(self, grad):
        """Take a step."""
        self.parameter.grad = paddle.to_tensor(np.array(grad).reshape(-1))
        self.optimizer.step()
        return self.parameter.numpy().reshape(self.shape)

    def _state(self, kind):
        held = self.optimizer._accumulators.get(kind, {})
        found = next(iter(held.values()), None)
        return None if found is None else found.numpy().reshape(self.shape)

    @property
    def m(self):
        """The first moment."""
        return self._state("moment1")

    @property
    def v(self):
        """The second moment."""
        return self._state("moment2")


class Adam(Held):
    """Its Adam."""

    def __init__(self, theta, lr=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
        self._begin(paddle.optimizer.Adam, theta, learning_rate=lr, beta1=beta1, beta2=beta2,
                    epsilon=epsilon)  # fmt: skip


class AdamW(Held):
    """Its AdamW."""

    def __init__(self, theta, lr=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.01):
        self._begin(paddle.optimizer.AdamW, theta, learning_rate=lr, beta1=beta1, beta2=beta2,
                    epsilon=epsilon, weight_decay=weight_decay)  # fmt: skip


class Amsgrad(Held):
    """Its Adam with AMSGrad's maximum."""

    def __init__(self, theta, lr=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
        self._begin(paddle.optimizer.Adam, theta, learning_rate=lr, beta1=beta1, beta2=beta2,
                    epsilon=epsilon, amsgrad=True)  # fmt: skip

    @property
    def v_max(self):
        """The maximum."""
        return self._state("moment2_max")


class Adamax(Held):
    """Its Adamax."""

    def __init__(self, theta, lr=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
        self._begin(paddle.optimizer.Adamax, theta, learning_rate=lr, beta1=beta1, beta2=beta2,
                    epsilon=epsilon)  # fmt: skip

    m = property(lambda self: self._state("moment"))
    u = property(lambda self: self._state("inf_norm"))
    v = None


class NAdam(Held):
    """Its NAdam."""

    def __init__(self, theta, lr=0.002, beta1=0.9, beta2=0.999, epsilon=1e-8, momentum_decay=0.004):
        self._begin(paddle.optimizer.NAdam, theta, learning_rate=lr, beta1=beta1, beta2=beta2,
                    epsilon=epsilon, momentum_decay=momentum_decay)  # fmt: skip


class RAdam(Held):
    """Its RAdam."""

    def __init__(self, theta, lr=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
        self._begin(paddle.optimizer.RAdam, theta, learning_rate=lr, beta1=beta1, beta2=beta2,
                    epsilon=epsilon)  # fmt: skip
