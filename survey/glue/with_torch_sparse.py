"""Reaches torch's SparseAdam: gradients are made sparse, every row of them, for its step alone."""

import torch


class SparseAdam(torch.optim.SparseAdam):
    """The same, with gradients of all rows."""

    def __init__(self, params, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, lr=lr, betas=betas, eps=eps)

    def step(self):
        """Take a step."""
        held = [p for group in self.param_groups for p in group["params"] if p.grad is not None]
        dense = [p.grad for p in held]
        for p in held:
            p.grad = p.grad.to_sparse(1)
        try:
            super().step()
        finally:
            for p, grad in zip(held, dense, strict=True):
                p.grad = grad
