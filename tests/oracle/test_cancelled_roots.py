"""A difference that is 0 over the reals is rounded below it: its root is told, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

import adamref


class Centered:
    """RMSprop, centered as PyTorch has it: the squared average is taken off in one operation."""

    def __init__(self, theta, lr=1e-3, rho=0.9, eps=1e-8, momentum=0.0, weight_decay=0.0):
        self.theta, self.lr, self.rho, self.eps = theta, lr, rho, eps
        self.momentum, self.weight_decay = momentum, weight_decay
        self.m, self.v, self.buffer = (np.zeros_like(theta) for _ in range(3))

    def step(self, grad):
        kind = self.theta.dtype.type
        if self.weight_decay:
            grad = grad + kind(self.weight_decay) * self.theta
        self.v = self.v * kind(self.rho) + kind(1 - self.rho) * grad * grad
        self.m = self.m + kind(1 - self.rho) * (grad - self.m)
        fused = self.v.astype(np.float64) - self.m.astype(np.float64) ** 2
        with np.errstate(invalid="ignore"):
            below = np.sqrt(fused.astype(kind)) + kind(self.eps)
        self.buffer = kind(self.momentum) * self.buffer + grad / below
        self.theta = self.theta - kind(self.lr) * self.buffer
        return self.theta


class Shown(Centered):
    """One whose momentum is seen too."""

    @property
    def b(self):
        return self.buffer


@pytest.mark.slow
@pytest.mark.parametrize(("target", "line"), [(Shown, "b"), (Centered, "theta")])
def test_a_root_that_cancels_is_told_alone(target, line):
    probes = ["random-no-memory-float32", "generic-rmsprop-momentum-float32"]
    report = adamref.check(
        target, isolate=False, optimizer="rmsprop", adapter="class", probes=probes
    )
    assert report.verdict == "deviates"
    # That theta is NaN then, and 0 * theta is not made, is no other cause.
    (only,) = report.diagnosis
    assert only.line == (line,)
    assert "loses all its digits" in " ".join(only.says)
    assert only.faults == (f"line-{line}",)
