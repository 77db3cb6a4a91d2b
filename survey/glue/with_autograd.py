"""Reaches autograd's adam, whose decorator hides what it takes."""

from autograd.misc import optimizers


def adam(grad, x0, num_iters, step_size=0.001, b1=0.9, b2=0.999, eps=1e-8):
    """Call it."""
    return optimizers.adam(grad, x0, None, num_iters, step_size=step_size, b1=b1, b2=b2, eps=eps)
