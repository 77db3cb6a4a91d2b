"""What one probe does not show is lacking there, and hides nothing in the others."""

from __future__ import annotations

import numpy as np
import pytest

from adamref.oracle.check import check

PROBES = tuple(
    f"{name}-float32"
    for name in ("random-generic", "random-axes", "random-rows", "random-state", "random-scalar")
)


class Shown:
    """Moments as properties of vectors and single numbers; of what has more axes they are not."""

    share = 1.0

    def __init__(self, theta, lr, beta1, beta2, eps):
        self.theta, self.hyper, self.t = theta, (lr, beta1, beta2, eps), 0
        self._m, self._v = np.zeros_like(theta), np.zeros_like(theta)
        self.factor = self.share if theta.ndim == 4 else 1.0
        if theta.ndim > 1:
            self.__class__ = type("Hidden", (type(self),), {"m": None, "v": None})

    m = property(lambda self: self._m, lambda self, x: self._m.__setitem__(..., x))
    v = property(lambda self: self._v, lambda self, x: self._v.__setitem__(..., x))

    def step(self, grad):
        lr, beta1, beta2, eps = self.hyper
        self.t += 1
        self._m[...] = beta1 * self._m + (1 - beta1) * grad
        self._v[...] = beta2 * self._v + (1 - beta2) * grad * grad
        root = np.sqrt(self._v / (1 - beta2**self.t)) + eps
        self.theta = self.theta - self.factor * lr * (self._m / (1 - beta1**self.t)) / root
        return self.theta


class WrongWhereHidden(Shown):
    share = 1.01


class WrongMoment(Shown):
    def step(self, grad):
        theta = super().step(grad)
        self._m *= np.float32(1.001)
        return theta


def test_a_probe_without_moments_is_judged_by_theta_and_the_others_by_all():
    report = check(Shown, probes=PROBES)
    assert report.verdict == "conforms"
    assert {probe.verdict for probe in report.probes} == {"holds"}
    # All elements but those of the 2 x 1 x 3 x 2 and 4 x 3 tensors.
    assert report.accuracy["m"].count == report.accuracy["theta"].count > 0


@pytest.mark.slow
def test_moments_are_held_to_their_own_lines_although_one_probe_hides_them():
    report = check(WrongMoment, probes=PROBES)
    differ = {probe.name for probe in report.probes if probe.verdict == "differs"}
    assert "random-generic-float32" in differ
    assert report.diagnosis[0].line == ("m",)


@pytest.mark.slow
def test_what_is_wrong_only_where_states_are_hidden_is_found_and_told():
    report = check(WrongWhereHidden, probes=PROBES)
    differ = [probe.name for probe in report.probes if probe.verdict == "differs"]
    assert (report.verdict, differ) == ("deviates", ["random-axes-float32"])
    (found,) = report.diagnosis
    assert (found.line, found.where) == (("theta",), "the number of axes = 4")
    assert report.accuracy["theta"].max_ulp < 2, "the accuracy is that of the others"
