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


def in_common(key: Any) -> type[Own]:
    """Return it with one buffer for all tensors of which a key of the shape is the same."""

    class Kept(Own):
        def _buffers(self) -> list[Any]:
            most = max(p.size for p in self.params)
            kept: dict[Any, Any] = {}
            flat = [kept.setdefault(key(p.shape), np.zeros(most, p.dtype)) for p in self.params]
            return [x[: p.size].reshape(p.shape) for x, p in zip(flat, self.params, strict=True)]

    return Kept


def apart(by: Any) -> type[Own]:
    """Return it with all states in one buffer, as far apart as a function of shapes says."""

    class Kept(Own):
        def _buffers(self) -> list[Any]:
            flat = np.zeros(sum(p.size for p in self.params), self.params[0].dtype)
            begins = np.cumsum([0, *(by(p.shape) for p in self.params)])
            pairs = zip(begins, self.params, strict=False)
            return [flat[i : i + p.size].reshape(p.shape) for i, p in pairs]

    return Kept


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


PROBES = [
    "generic-float32-literal",
    "tensors-float32",
    "random-squares-float32",
    "random-idle-float32",
]
_OVERLAP = "m and v of a tensor begin {} after those of the one before, and overlap"


@pytest.mark.parametrize(
    ("target", "says"),
    [
        (in_common(lambda shape: shape), "tensors of one shape have m and v in common"),
        (in_common(len), "tensors with as many axes have m and v in common"),
        (in_common(lambda _: 0), "all tensors have m and v in common"),
        pytest.param(
            CountedByShape,
            "tensors of one shape have m, v and t in common",
            marks=pytest.mark.long,
        ),
        (apart(lambda shape: shape[0] if shape else 1), _OVERLAP.format("shape[0] elements")),
        pytest.param(
            apart(lambda shape: shape[-1] if shape else 1),
            _OVERLAP.format("shape[-1] elements"),
            marks=pytest.mark.long,
        ),
        pytest.param(apart(lambda _: 1), _OVERLAP.format("one element"), marks=pytest.mark.long),
    ],
)
def test_it_is_said_which_tensors_have_their_states_in_common(target: Any, says: str) -> None:
    report = check(target, isolate=False, optimizer="adamw", probes=PROBES)
    (cause,) = report.diagnosis
    assert cause.change == says
    assert cause.confirmed
    assert cause.counts["explained"] == cause.counts["wrong"] > 0


def test_states_of_their_own_conform() -> None:
    assert check(Own, isolate=False, optimizer="adamw", probes=PROBES).verdict == "conforms"
