"""Optimizers of smaller packages that are not constructed as everybody's: given everybody's words.

Nothing of a step is done here.
"""

from __future__ import annotations

import importlib


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


def schedule_free_elsewhere(
    params, lr=0.0025, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, warmup_steps=0
):
    """Make pytorch-optimizer's, in training."""
    return _training("pytorch_optimizer", "ScheduleFreeAdamW", params, lr, betas, eps, weight_decay,
                     warmup_steps)  # fmt: skip


def _training(package, name, params, lr, betas, eps, weight_decay, warmup_steps):
    made = getattr(importlib.import_module(package), name)(
        params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, warmup_steps=warmup_steps
    )
    made.train()
    return made
