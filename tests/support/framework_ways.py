"""Frameworks' own optimizers as they are used: clipped, masked, accumulated, kept elsewhere.

Nothing of a step is done here.
"""

from __future__ import annotations

import functools
import importlib
from typing import Any

import numpy as np


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


def every_step(learning_rate, b1=0.9, b2=0.999, eps=1e-8):
    """Make optax's MultiSteps that wait for no other."""
    return _multi_steps(learning_rate, b1, b2, eps, 1)


def multi_steps(
    theta, micro_batch_gradients, state, *, lr, beta1=0.9, beta2=0.999, eps=1e-8, accumulate=4
):
    """Give the gradients of micro-batches to optax's MultiSteps, one by one."""
    jax, every = importlib.import_module("jax"), _multi_steps(lr, beta1, beta2, eps, accumulate)
    with jax.enable_x64(theta.dtype == np.float64):
        params = jax.numpy.asarray(theta)
        held = state["held"] if state else every.init(params)
        for gradient in micro_batch_gradients:
            updates, held = every.update(jax.numpy.asarray(gradient), held, params)
            params = _optax().apply_updates(params, updates)
        adam = held.inner_opt_state[0]
        shown = {"m": np.array(adam.mu), "v": np.array(adam.nu), "t": int(adam.count)}
        return np.array(params), {**shown, "held": held}


@functools.cache
def _multi_steps(*given):
    """Make optax's MultiSteps, compiled once: they choose, which compiles anew each time."""
    *hyper, count = given
    optax = _optax()
    every = optax.MultiSteps(optax.adam(*hyper), every_k_schedule=count)
    update = importlib.import_module("jax").jit(every.update)
    return optax.GradientTransformation(every.init, update)


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

    Not as its usual backend compiles it: docs/bugs.md says what that holds on to.
    """
    torch = importlib.import_module("torch")
    torch._dynamo.config.recompile_limit = 256

    class Compiled(torch.optim.AdamW):
        @torch.compile(backend="aot_eager")
        def step(self):
            super().step()

    return Compiled(params, lr, betas, eps, weight_decay)


def keras_accumulated(
    theta, micro_batch_gradients, state, *, lr, beta1=0.9, beta2=0.999, eps=1e-7, accumulate=4
):
    """Give the gradients of micro-batches to Keras's Adam, one by one."""
    keras = importlib.import_module("keras")
    held = state["held"] if state else None
    if held is None:
        variable = keras.Variable(theta, dtype=theta.dtype.name)
        adam = keras.optimizers.Adam(lr, beta1, beta2, eps, gradient_accumulation_steps=accumulate)
        adam.build([variable])
        held = variable, adam
    variable, adam = held
    adam.learning_rate = lr
    for gradient in micro_batch_gradients:
        adam.apply([keras.ops.convert_to_tensor(gradient)], [variable])
    m, v = (keras.ops.convert_to_numpy(x[0]) for x in (adam._momentums, adam._velocities))
    shown = {"m": np.array(m), "v": np.array(v), "t": int(adam.iterations)}
    return np.array(keras.ops.convert_to_numpy(variable)), {**shown, "held": held}
