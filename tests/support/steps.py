"""Steps of training between two checkpoints in memory, right ones and with something done wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from adamref.fast import adam_step, adamw_step, amsgrad_step

HYPER = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.01}
USUAL = ("form=paper", "bias_correction=on", "weight_decay=decoupled-before")


def amsgradw_step(theta: Any, grad: Any, state: Any, *, weight_decay: float, **hyper: Any) -> Any:
    """Decay theta, then take a step of AMSGrad."""
    decayed = theta * theta.dtype.type(1 - hyper["lr"] * weight_decay)
    return amsgrad_step(decayed, grad, state, **hyper)


STEPS: Mapping[str, Callable[..., Any]] = {
    "adam": adam_step,
    "adamw": adamw_step,
    "amsgrad": amsgrad_step,
    "amsgradw": amsgradw_step,
}


@dataclass
class Training:
    """A tensor in training: gradients of many sizes, as layers have them."""

    optimizer: str = "adamw"
    size: int = 200
    dtype: str = "float32"
    state_dtype: str | None = None
    hyper: Mapping[str, float] = field(default_factory=lambda: dict(HYPER))
    seed: int = 0

    def __post_init__(self) -> None:
        self.draw = np.random.default_rng(self.seed)
        self.sizes = 10.0 ** self.draw.uniform(-6, 0, self.size)
        self.start = (0.05 * self.draw.normal(size=self.size)).astype(self.kind)

    @property
    def kind(self) -> Any:
        import ml_dtypes

        return np.dtype(ml_dtypes.bfloat16 if self.dtype == "bfloat16" else self.dtype)

    def step(self, before: Mapping[str, Any], **other: Any) -> dict[str, Any]:
        """Return what a step makes of a checkpoint; ``state`` replaces parts of it first."""
        held = {**before, **other.pop("state", {})}
        grads = (self.sizes * self.draw.normal(size=self.size)).astype(self.kind)
        state = {n: x if n == "t" else np.array(x) for n, x in held.items() if n != "theta"}
        options = {} if self.state_dtype is None else {"state_dtype": self.state_dtype}
        made = STEPS[self.optimizer](
            np.array(held["theta"]),
            grads,
            state if "m" in state else None,
            **{**self.hyper, **other},
            **options,
        )
        return {"theta": made[0], **made[1]}

    def after(self, steps: int) -> dict[str, Any]:
        """Return the checkpoint after some steps from the start."""
        held: dict[str, Any] = {"theta": self.start}
        for _ in range(steps):
            held = self.step(held)
        return held
