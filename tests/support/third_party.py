"""Optimizers of smaller packages that are not constructed as everybody's: given everybody's words.

Nothing of a step is done here.
"""

from __future__ import annotations

import importlib


def adan(params, lr=1e-3, betas=(0.98, 0.92, 0.99), eps=1e-8, weight_decay=0.0):
    """adan-pytorch takes what the paper calls betas: one minus the decay rates."""
    made = importlib.import_module("adan_pytorch").Adan
    return made(params, lr, tuple(1 - x for x in betas), eps, weight_decay)


def schedule_free(params, **hyper):
    """schedulefree's, in training."""
    made = importlib.import_module("schedulefree").AdamWScheduleFree(params, **hyper)
    made.train()
    return made


def schedule_free_of_pytorch_optimizer(params, **hyper):
    """pytorch-optimizer's, in training."""
    made = importlib.import_module("pytorch_optimizer").ScheduleFreeAdamW(params, **hyper)
    made.train()
    return made
