"""Reaches ensmallen's optimizers, which are handed a vector and where to write the gradient."""

import numpy as np
import pyensmallen


def adam(fprime, x0, max_iterations, step_size=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """Call its Adam."""
    return _called(pyensmallen.Adam, fprime, x0, max_iterations, step_size, beta1, beta2, eps)


def amsgrad(fprime, x0, max_iterations, step_size=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """Call its AMSGrad."""
    return _called(pyensmallen.AMSGrad, fprime, x0, max_iterations, step_size, beta1, beta2, eps)


def adamax(fprime, x0, max_iterations, step_size=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """Call its AdaMax."""
    return _called(pyensmallen.AdaMax, fprime, x0, max_iterations, step_size, beta1, beta2, eps)


def nadam(fprime, x0, max_iterations, step_size=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """Call its Nadam."""
    return _called(pyensmallen.Nadam, fprime, x0, max_iterations, step_size, beta1, beta2, eps)


def _called(make, fprime, x0, steps, rate, *hyper):
    def objective(x, gradient):
        gradient[...] = np.ravel(fprime(x.reshape(x0.shape)))
        return 0.0

    # No step is too small to go on: a batch of one, so many steps, a tolerance of 0.
    return make(rate, 1, *hyper, steps, 0.0, shuffle=False).optimize(objective, np.ravel(x0))
