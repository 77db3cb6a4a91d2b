"""Reaches adan-pytorch's, which takes what the paper calls betas: one minus the decay rates."""

from adan_pytorch import Adan


def adan(params, lr=1e-3, betas=(0.98, 0.92, 0.99), eps=1e-8, weight_decay=0.0):
    """Make one."""
    return Adan(params, lr, tuple(1 - x for x in betas), eps, weight_decay)
