"""Frameworks' own optimizers as they are used: clipped, masked, accumulated, kept elsewhere.

Nothing of a step is done here.
"""

from __future__ import annotations

import importlib
from typing import Any


def _optax() -> Any:
    return importlib.import_module("optax")


def clipped(learning_rate, b1=0.9, b2=0.999, eps=1e-8, max_norm=1.0):
    """Chain optax's clipping by the norm of all tensors and its adam."""
    optax = _optax()
    adam = optax.adam(learning_rate, b1, b2, eps)
    return optax.chain(optax.clip_by_global_norm(max_norm), adam)


def masked(learning_rate, b1=0.9, b2=0.999, eps=1e-8, weight_decay=1e-4):
    """Make optax's adamw, whose decay leaves out what has less than two axes."""
    jax = importlib.import_module("jax")
    return _optax().adamw(
        learning_rate,
        b1,
        b2,
        eps,
        weight_decay=weight_decay,
        mask=lambda params: jax.tree.map(lambda x: x.ndim > 1, params),
    )


def _by_axes(params):
    jax = importlib.import_module("jax")
    return jax.tree.map(lambda x: "matrix" if x.ndim > 1 else "vector", params)


def labelled(learning_rate, b1=0.9, b2=0.999, eps=1e-8, weight_decay=1e-4):
    """Make two of optax's transformations, of which that of matrices alone decays."""
    optax = _optax()
    matrices = optax.adamw(learning_rate, b1, b2, eps, weight_decay=weight_decay)
    vectors = optax.adam(learning_rate, b1, b2, eps)
    return optax.multi_transform({"matrix": matrices, "vector": vectors}, _by_axes)


def parted(learning_rate, b1=0.9, b2=0.999, eps=1e-8, bias_lr_factor=0.1, injected=False):
    """Make two of optax's adam, of which that of vectors has another rate."""
    optax = _optax()
    adam = optax.inject_hyperparams(optax.adam) if injected else optax.adam
    rates = {"matrix": learning_rate, "vector": bias_lr_factor * learning_rate}
    made = {n: adam(learning_rate=x, b1=b1, b2=b2, eps=eps) for n, x in rates.items()}
    return optax.multi_transform(made, _by_axes)


def scheduled(learning_rate, b1=0.9, b2=0.999, eps=1e-8):
    """Make optax's adam with a schedule, which is asked at each step and stays what it is."""
    optax = _optax()
    return optax.adam(optax.constant_schedule(learning_rate), b1, b2, eps)


def injected(learning_rate, b1=0.9, b2=0.999, eps=1e-8):
    """Make optax's adam, whose hyperparameters stand in its state."""
    optax = _optax()
    return optax.inject_hyperparams(optax.adam)(learning_rate, b1, b2, eps)


def injected_schedule(learning_rate, b1=0.9, b2=0.999, eps=1e-8):
    """Make optax's adam with a schedule whose last value stands in its state."""
    optax = _optax()
    rate = optax.constant_schedule(learning_rate)
    return optax.inject_hyperparams(optax.adam)(rate, b1, b2, eps)


def accumulated(learning_rate, b1=0.9, b2=0.999, eps=1e-8, accumulate=4):
    """Make optax's MultiSteps, which steps by the mean of so many gradients."""
    optax = _optax()
    return optax.MultiSteps(optax.adam(learning_rate, b1, b2, eps), every_k_schedule=accumulate)


def masters(params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
    """Make torch's AdamW on float32 copies, which narrower parameters are rounded from."""
    torch = importlib.import_module("torch")

    class Masters(torch.optim.Optimizer):
        def __init__(self):
            super().__init__(params, {"lr": lr, "weight_decay": weight_decay})
            (group,) = self.param_groups
            self.pairs = [(p, p.detach().float().clone()) for p in group["params"]]
            self.inner = torch.optim.AdamW(
                [x for _, x in self.pairs], lr, betas, eps, weight_decay=weight_decay
            )

        @torch.no_grad()
        def step(self):
            for p, x in self.pairs:
                x.copy_(self.state[p].get("master", x))
                x.grad = None if p.grad is None else p.grad.float()
                if self.state[p]:
                    self.inner.state[x] = self.state[p]
            self.inner.param_groups[0]["lr"] = self.param_groups[0]["lr"]
            self.inner.step()
            for p, x in self.pairs:
                if x in self.inner.state:
                    self.state[p] = self.inner.state[x]
                    self.state[p]["master"] = x.clone()
                p.copy_(x)

    return Masters()


def compiled(params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
    """Make torch's AdamW, whose step is traced and taken apart as `torch.compile` does.

    Not as its usual backend compiles it: docs/catalogue/bugs.md says what that holds on to.
    """
    torch = importlib.import_module("torch")
    torch._dynamo.config.recompile_limit = 256

    class Compiled(torch.optim.AdamW):
        @torch.compile(backend="aot_eager")
        def step(self):
            super().step()

    return Compiled(params, lr, betas, eps, weight_decay)
