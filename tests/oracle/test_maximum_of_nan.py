"""A maximum may keep its other number where one is NaN, as IEEE's maximumNumber does."""

from __future__ import annotations

import numpy as np
import pytest

import adamref


class AdaMax:
    def __init__(self, theta, lr=2e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        self.theta, self.lr, self.beta1, self.beta2, self.eps = theta, lr, beta1, beta2, eps
        self.m, self.u, self.t = np.zeros_like(theta), np.zeros_like(theta), 0

    def step(self, grad):
        self.t += 1
        kind = self.theta.dtype.type
        self.m = kind(self.beta1) * self.m + kind(1 - self.beta1) * grad
        self.u = self.larger(kind(self.beta2) * self.u, np.abs(grad))
        rate = kind(self.lr / (1 - self.beta1**self.t))
        with np.errstate(invalid="ignore"):
            self.theta = self.theta - rate * (self.m / (self.u + kind(self.eps)))
        return self.theta

    @staticmethod
    def larger(x, y):
        with np.errstate(invalid="ignore"):
            return np.where(y > x, y, x)


class Zeroing(AdaMax):
    """What becomes of the norm where g is NaN is no number of the two."""

    @staticmethod
    def larger(x, y):
        return np.where(np.isnan(y), 0 * x + 1, np.maximum(x, y)).astype(x.dtype)


@pytest.mark.slow
@pytest.mark.parametrize(("made", "verdict"), [(AdaMax, "conforms"), (Zeroing, "deviates")])
def test_adamax_may_keep_its_norm_where_a_gradient_is_nan(made, verdict):
    probes = ["nan-adam-float32", "random-nan-float32", "random-defaults-float32"]
    report = adamref.check(made, isolate=False, optimizer="adamax", probes=probes)
    assert report.verdict == verdict
    noted = "maximum-without-nan" in {x.id for x in report.findings if x.severity == "note"}
    assert noted == (verdict == "conforms")
