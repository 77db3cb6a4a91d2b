"""States that several tensors have in common, or that overlap: it is said which, and how."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adamref.oracle.check import check

pytestmark = pytest.mark.slow


class Own:
    """AdamW over a list of tensors, updated in place, each with states of its own."""

    def __init__(
        self, params: Any, lr: float = 1e-3, betas: Any = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:  # fmt: skip
        self.params, self.lr, self.betas, self.eps = list(params), lr, betas, eps
        self.weight_decay, self.t = weight_decay, 0
        self._m, self._v = self._buffers(), self._buffers()

    def _buffers(self) -> list[Any]:
        return [np.zeros_like(p) for p in self.params]

    def step(self, grads: Any) -> None:
        self.t += 1
        b1, b2 = self.betas
        for p, g, m, v in zip(self.params, grads, self._m, self._v, strict=True):
            m[...] = b1 * m + (1 - b1) * g
            v[...] = b2 * v + (1 - b2) * g * g
            by = self.lr / (1 - b1**self.t) * m / (np.sqrt(v / (1 - b2**self.t)) + self.eps)
            p[...] = p * (1 - self.lr * self.weight_decay) - by


class OneForAShape(Own):
    def _buffers(self) -> list[Any]:
        kept: dict[Any, Any] = {}
        return [kept.setdefault(p.shape, np.zeros_like(p)) for p in self.params]


class FirstAxisForSize(Own):
    def _buffers(self) -> list[Any]:
        flat = np.zeros(sum(p.size for p in self.params), self.params[0].dtype)
        begins = np.cumsum([0, *(p.shape[0] if p.ndim else 1 for p in self.params)])
        return [flat[i : i + p.size].reshape(p.shape)
                for i, p in zip(begins, self.params, strict=False)]  # fmt: skip


class CountedByShape:
    """AdamW whose states, their counter too, are found by a tensor's shape."""

    def __init__(
        self, params: Any, lr: float = 1e-3, betas: Any = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:  # fmt: skip
        self.params, self.lr, self.betas, self.eps = list(params), lr, betas, eps
        self.weight_decay = weight_decay
        self.state: dict[Any, dict[str, Any]] = {}

    def step(self, grads: Any) -> None:
        b1, b2 = self.betas
        for p, g in zip(self.params, grads, strict=True):
            new = {"step": 0, "exp_avg": np.zeros_like(p), "exp_avg_sq": np.zeros_like(p)}
            own = self.state.setdefault((p.shape, p.dtype.str), new)
            own["step"] += 1
            own["exp_avg"] = b1 * own["exp_avg"] + (1 - b1) * g
            own["exp_avg_sq"] = b2 * own["exp_avg_sq"] + (1 - b2) * g * g
            t = own["step"]
            root = np.sqrt(own["exp_avg_sq"] / (1 - b2**t))
            by = self.lr * (own["exp_avg"] / (1 - b1**t)) / (root + self.eps)
            p[...] = p * (1 - self.lr * self.weight_decay) - by


@pytest.mark.parametrize(
    ("target", "says"),
    [
        pytest.param(
            OneForAShape, "tensors of one shape have m and v in common", marks=pytest.mark.long
        ),
        pytest.param(
            FirstAxisForSize,
            "m and v of a tensor begin shape[0] elements after those of the one",
            marks=pytest.mark.long,
        ),
        (CountedByShape, "tensors of one shape have m, v and t in common"),
    ],
)  # fmt: skip
def test_it_is_said_which_tensors_have_their_states_in_common(target: Any, says: str) -> None:
    report = check(target, isolate=False, optimizer="adamw")
    assert report.verdict == "deviates"
    (cause,) = report.diagnosis
    assert says in cause.change
    assert cause.confirmed
    assert cause.counts["wrong"] > 0


@pytest.mark.long
def test_states_of_their_own_conform() -> None:
    assert check(Own, isolate=False, optimizer="adamw").verdict == "conforms"
