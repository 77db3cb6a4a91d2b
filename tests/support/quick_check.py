"""Adam in NumPy, and checks of a step like it: in this process, and by few probes."""

from __future__ import annotations

import numpy as np

import adamref
import check_targets

FEW = ("random-generic-float32", "random-many-float32")
"""Enough to tell a deviation; of one dtype."""


def checked(target, *, probes=FEW, **options):
    with np.errstate(all="ignore"):
        return adamref.check(target, isolate=False, probes=probes, **options)


def right(theta, grad, state, *, lr, beta1, beta2, eps):
    """Adam in NumPy, in the dtype of theta."""
    return check_targets.step(theta, grad, state, lr=lr, beta1=beta1, beta2=beta2, eps=eps)


def finding(report, id_):
    return [(x.probe, x.severity, x.says) for x in report.findings if x.id == id_]


def verdicts(report):
    return {probe.name: probe.verdict for probe in report.probes}
