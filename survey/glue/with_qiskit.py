"""Reaches Qiskit's ADAM, which minimises a function; its states are its own."""

import numpy as np
from qiskit_algorithms.optimizers import ADAM


def adam(fprime, x0, max_iterations, lr=0.001, beta_1=0.9, beta_2=0.99, noise_factor=1e-8):
    """Call it, with no step too small to go on."""
    return _minimised(fprime, x0, max_iterations, lr, beta_1, beta_2, noise_factor, False)


def amsgrad(fprime, x0, max_iterations, lr=0.001, beta_1=0.9, beta_2=0.99, noise_factor=1e-8):
    """Call it with AMSGrad's maximum."""
    return _minimised(fprime, x0, max_iterations, lr, beta_1, beta_2, noise_factor, True)


def _minimised(fprime, x0, steps, lr, beta_1, beta_2, noise_factor, is_amsgrad):
    made = ADAM(steps, 0.0, lr, beta_1, beta_2, noise_factor, amsgrad=is_amsgrad)
    found = made.minimize(
        lambda _: 0.0, x0.ravel(), jac=lambda x: np.ravel(fprime(x.reshape(x0.shape)))
    )
    return np.reshape(found.x, x0.shape)
