"""A number that an option may not be, as a default, stands for having none: it hides nothing."""

from __future__ import annotations

import numpy as np
import pytest

from adamref.oracle.check import check

PROBES = ("generic-schedule-free-adamw-keras-float64", "first-step-float64")


class ScheduleFree:
    """As Keras has it, whose 0 steps of warm-up are none."""

    first = 1.0

    def __init__(self, theta, lr, beta1, beta2, eps, weight_decay=0.0, warmup=0):
        self.theta, self.z, self.v, self.t = theta, theta, np.zeros_like(theta), 0
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.weight_decay, self.warmup = weight_decay, warmup

    def step(self, grad):
        self.t += 1
        alpha = self.lr * (min(self.t / self.warmup, 1.0) if self.warmup else 1.0)
        alpha *= self.first if self.t == 1 else 1.0
        self.v = self.beta2 * self.v + (1 - self.beta2) * grad * grad
        root = np.sqrt(self.v / (1 - self.beta2**self.t)) + self.eps
        decayed = self.theta - self.lr * self.weight_decay * self.theta
        x = (decayed - (1 - self.beta1) * self.z) / self.beta1
        self.z = self.z - alpha * grad / root
        x = (1 - 1 / self.t) * x + self.z / self.t
        self.theta = self.beta1 * x + (1 - self.beta1) * self.z
        return self.theta


class TooFar(ScheduleFree):
    first = 1 + 2.0**-10


@pytest.mark.slow
@pytest.mark.parametrize(("target", "verdict"), [(ScheduleFree, "conforms"), (TooFar, "deviates")])
def test_no_steps_of_warm_up_leave_the_first_step_judged(target, verdict):
    report = check(
        target, optimizer="schedule-free-adamw", dtype="float64", isolate=False, probes=PROBES
    )
    assert report.verdict == verdict
    assert report.accuracy["first_step"].max_over_bound > 0
    assert "default-warmup" not in {x.id for x in report.findings}
