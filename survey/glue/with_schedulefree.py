"""Reaches schedulefree's, in training."""

from schedulefree import AdamWScheduleFree


def adamw(params, lr=0.0025, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, warmup_steps=0):
    """Make one."""
    made = AdamWScheduleFree(
        params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, warmup_steps=warmup_steps
    )
    made.train()
    return made
