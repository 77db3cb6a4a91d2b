"""Optimizers of smaller packages that are not constructed as everybody's: given everybody's words.

Nothing of a step is done here.
"""

from __future__ import annotations

import collections
import importlib

import numpy as np


def adan(params, lr=1e-3, betas=(0.98, 0.92, 0.99), eps=1e-8, weight_decay=0.0):
    """Make adan-pytorch's, which takes what the paper calls betas: one minus the decay rates."""
    made = importlib.import_module("adan_pytorch").Adan
    return made(params, lr, tuple(1 - x for x in betas), eps, weight_decay)


def schedule_free(
    params, lr=0.0025, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, warmup_steps=0
):
    """Make schedulefree's, in training."""
    return _training("schedulefree", "AdamWScheduleFree", params, lr, betas, eps, weight_decay,
                     warmup_steps)  # fmt: skip


def _training(package, name, params, lr, betas, eps, weight_decay, warmup_steps):
    made = getattr(importlib.import_module(package), name)(
        params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, warmup_steps=warmup_steps
    )
    made.train()
    return made


def autograd_adam(grad, x0, num_iters, step_size=0.001, b1=0.9, b2=0.999, eps=1e-8):
    """Call autograd's adam, whose decorator hides what it takes."""
    adam = importlib.import_module("autograd.misc.optimizers").adam
    return adam(grad, x0, None, num_iters, step_size=step_size, b1=b1, b2=b2, eps=eps)


class ThincAdam:
    """Thinc's optimizer, which is called with a key, weights and a gradient."""

    rectified = False

    def __init__(self, theta, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0):
        self.api = importlib.import_module("thinc.api")
        self.theta, self.lr, self.t = theta, lr, 0
        self.m, self.v = np.zeros_like(theta), np.zeros_like(theta)
        self.optimizer = self.api.Optimizer(
            lr,
            L2=weight_decay,
            beta1=beta1,
            beta2=beta2,
            eps=eps,
            grad_clip=0.0,
            use_averages=False,
            use_radam=self.rectified,
        )

    def step(self, grad):
        """Take a step, with what is held as it stands here."""
        key, made = (0, "W"), self.optimizer
        made.learn_rate = self.api.constant(self.lr)
        made.nr_update[key] = self.t
        made.mom1[key], made.mom2[key] = self.m.ravel(), self.v.ravel()
        self.theta, _ = made(key, self.theta, grad.copy())
        self.m, self.v = (x[key].reshape(self.theta.shape) for x in (made.mom1, made.mom2))
        self.t = made.nr_update[key]
        return self.theta


class ThincRAdam(ThincAdam):
    """The same, rectified."""

    rectified = True


def numpy_ml_adam(param, param_grad, state, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
    """Take a step of numpy-ml's, whose update gives back the parameters; its cache is the state."""
    # It imports a name that Python has had elsewhere since 3.10.
    collections.Hashable = collections.abc.Hashable
    optimizers = importlib.import_module("numpy_ml.neural_nets.optimizers")
    made = optimizers.Adam(lr=lr, decay1=beta1, decay2=beta2, eps=eps)
    if state:
        made.cache["W"] = {"t": state["t"], "mean": state["m"], "var": state["v"]}
    new, held = made.update(param, param_grad, "W"), made.cache["W"]
    return new, {"t": held["t"], "m": held["mean"], "v": held["var"]}


class CliminAdam:
    """Climin's, an iterator that asks for gradients; its rates of decay are one minus the betas.

    beta1 is multiplied by a rate at each step, which cannot be 1: here it is as near as may be.
    """

    decay = 1 - 2.0**-53

    def __init__(self, theta, lr=0.0002, beta1=0.9, beta2=0.999, eps=1e-8):
        made = importlib.import_module("climin").Adam
        self.theta, self.lr, self.t, self.grad = theta, lr, 0, None
        self.m, self.v = np.zeros_like(theta), np.zeros_like(theta)
        self.optimizer = made(
            theta,
            lambda _: self.grad,
            step_rate=lr,
            decay=self.decay,
            decay_mom1=1 - beta1,
            decay_mom2=1 - beta2,
            offset=eps,
        )
        self.steps = iter(self.optimizer)

    def step(self, grad):
        """Take a step, with what is held as it stands here."""
        made, self.grad = self.optimizer, grad
        made.wrt, made.step_rate, made.n_iter = self.theta, self.lr, self.t
        made.est_mom1_b, made.est_mom2_b = self.m, self.v
        next(self.steps)
        self.m, self.v, self.t = made.est_mom1_b, made.est_mom2_b, made.n_iter
        return self.theta


class CliminFading(CliminAdam):
    """The same, with its own rate."""

    decay = 1 - 1e-8


def ensmallen_adam(fprime, x0, max_iterations, step_size=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """Call ensmallen's Adam, which is handed a vector and where to write the gradient."""
    return _ensmallen("Adam", fprime, x0, max_iterations, step_size, beta1, beta2, eps)


def ensmallen_amsgrad(fprime, x0, max_iterations, step_size=0.001, beta1=0.9, beta2=0.999,
                      eps=1e-8):  # fmt: skip
    """Call its AMSGrad in the same way."""
    return _ensmallen("AMSGrad", fprime, x0, max_iterations, step_size, beta1, beta2, eps)


def ensmallen_adamax(fprime, x0, max_iterations, step_size=0.001, beta1=0.9, beta2=0.999,
                     eps=1e-8):  # fmt: skip
    """Call its AdaMax in the same way."""
    return _ensmallen("AdaMax", fprime, x0, max_iterations, step_size, beta1, beta2, eps)


def ensmallen_nadam(fprime, x0, max_iterations, step_size=0.001, beta1=0.9, beta2=0.999,
                    eps=1e-8):  # fmt: skip
    """Call its Nadam in the same way."""
    return _ensmallen("Nadam", fprime, x0, max_iterations, step_size, beta1, beta2, eps)


def _ensmallen(name, fprime, x0, steps, *hyper):
    def objective(x, gradient):
        gradient[...] = np.ravel(fprime(x.reshape(x0.shape)))
        return 0.0

    rate, *rest = hyper
    made = getattr(importlib.import_module("pyensmallen"), name)
    # No step is too small to go on: a batch of one, so many steps, a tolerance of 0.
    return made(rate, 1, *rest, steps, 0.0, shuffle=False).optimize(objective, np.ravel(x0))
