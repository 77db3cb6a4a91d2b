"""Narrow formats: wide bounds are no licence to name what is not there."""

from __future__ import annotations

import numpy as np
import pytest

import adamref


def one_and_a_half(theta, grad, state, *, lr, beta1, beta2, eps):
    """Store theta narrowly, work in float32, and step half as far again."""
    f = np.float32
    if state is None:
        state = {"m": np.zeros(theta.shape, f), "v": np.zeros(theta.shape, f), "t": 0}
    t, g = state["t"] + 1, grad.astype(f)
    m = f(beta1) * state["m"] + f(1 - beta1) * g
    v = f(beta2) * state["v"] + f(1 - beta2) * g * g
    root = np.sqrt(v / f(1 - beta2**t))
    step = f(1.5 * lr) * (m / f(1 - beta1**t)) / (root + f(eps))
    return (theta.astype(f) - step).astype(theta.dtype), {"m": m, "v": v, "t": t}


@pytest.mark.long
def test_a_fault_that_is_not_in_the_catalogue_gets_no_name_in_bfloat16():
    """Its moments are right to float32, so no bound of a step worked in bfloat16 applies."""
    with np.errstate(all="ignore"):
        found = adamref.check(one_and_a_half, isolate=False, dtype="bfloat16")
    (only,) = found.diagnosis
    assert (found.verdict, only.is_named) == ("deviates", False)
    assert only.change == "α is multiplied by 1.5"
    assert only.counts["explained"] == only.counts["wrong"]


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize(("name", "optimizer"), [("Adam", "adam-l2"), ("AdamW", "adamw")])
def test_a_decay_is_told_where_every_kind_is_within_what_the_format_loses(name, optimizer, dtype):
    report = adamref.check(f"adamref.fast:{name}", dtype=dtype, probes=[f"random-state-{dtype}"])
    assert (report.optimizer, report.verdict) == (optimizer, "conforms")
