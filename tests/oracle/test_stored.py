"""States that are worked right and stored otherwise are told for what they are."""

from __future__ import annotations

import numpy as np
import pytest

from adamref.oracle.check import check
from adamref.oracle.explain.stored import quantised

PROBES = ("generic-float32-literal", "random-generic-float32", "random-whole-blocks-float32")


def linear(x, levels, block):
    """Keep whole multiples of a part of the largest of each block."""
    parts = x.reshape(-1, block)
    top = np.abs(parts).max(axis=1, keepdims=True)
    counts = np.round(parts / np.where(top == 0, 1, top) * levels)
    return (counts / levels * top).astype(x.dtype).reshape(x.shape)


def mapped(x):
    """Keep one of 256 sizes a block, denser near zero, as dynamic maps have them."""
    parts = x.reshape(-1, 256)
    top = np.abs(parts).max(axis=1, keepdims=True)
    shares = np.abs(parts) / np.where(top == 0, 1, top)
    steps = np.round(np.sqrt(shares) * 63) / 63
    return (np.sign(parts) * steps**2 * top).astype(x.dtype).reshape(x.shape)


@pytest.mark.parametrize("levels", [7, 127, 255])
@pytest.mark.parametrize("block", [64, 256, 4352])
def test_multiples_of_a_part_of_the_largest_are_seen(levels, block):
    x = np.random.default_rng(3).normal(size=4352).astype(np.float32).astype(float)
    groups = np.zeros(4352, dtype=np.intp)
    got = linear(x.astype(np.float32), levels, block).astype(float)
    said = quantised(got, x, groups)
    assert f"1/{levels} of the largest" in said
    assert ("its tensor" if block == 4352 else f"every {block} neighbours") in said


def test_other_maps_are_few_values_and_right_values_are_none():
    x = np.random.default_rng(4).normal(size=4352)
    groups = np.repeat(np.arange(2), 2176)
    assert "stored in few bits: of 256 neighbours no more than" in quantised(mapped(x), x, groups)
    assert quantised(x, x, groups) == ""
    assert quantised(x.astype(np.float16).astype(float), x, groups) == ""
    assert quantised(np.zeros(4352), np.ones(4352), groups) == "", "nothing is told of equal values"
    assert quantised(linear(x[:16], 127, 16), x[:16], groups[:16]) == "", "too few to tell"


def stepping(keep):
    """Return an Adam that steps with the right states and keeps others."""

    def step(theta, grad, state, *, lr, beta1, beta2, eps):
        s = state or {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}
        t = s["t"] + 1
        m = beta1 * s["m"] + (1 - beta1) * grad
        v = beta2 * s["v"] + (1 - beta2) * grad**2
        theta = theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
        m, v = keep(m, v, t, beta1)
        return theta, {"m": m, "v": v, "t": t}

    return step


def in_eight_bits(m, v, _t, _beta1):
    big = m.size >= 4096 and m.size % 256 == 0
    return (linear(m, 127, 256), linear(v, 255, 256)) if big else (m, v)


@pytest.mark.slow
def test_large_tensors_kept_in_eight_bits_are_named_as_that():
    report = check(stepping(in_eight_bits), probes=PROBES)
    m, v = report.diagnosis
    assert (report.verdict, m.line, v.line) == ("deviates", ("m",), ("v",))
    assert m.change.startswith("m is stored in 8 bits, as whole multiples of 1/127 of the largest")
    assert v.change.startswith("v is stored in 8 bits, as whole multiples of 1/255 of the largest")
    assert "theta follows from the right value" in m.says[0]
    assert "4096" in m.where


@pytest.mark.slow
@pytest.mark.parametrize(
    ("keep", "line", "says"),
    [
        (lambda m, v, t, b: (m / (1 - b**t), v), (), "m is overwritten by m_hat"),
        (lambda m, v, _t, _b: (m, np.sqrt(v)), ("v",), "√(β₂·vₜ₋₁ + (1 - β₂)·gₜ²) stands for"),
        (
            lambda m, v, _t, _b: (0 * m, v),
            ("m",),
            "mₜ₋₁ is kept: the line is not carried out; theta",
        ),
    ],
    ids=["overwritten by m_hat", "rooted in place", "not kept"],
)
def test_a_state_that_is_worked_right_and_kept_otherwise_is_no_fault_of_theta(keep, line, says):
    report = check(stepping(keep), probes=PROBES[:2])
    (found,) = report.diagnosis
    assert (report.verdict, found.line) == ("deviates", line)
    assert found.says[0].startswith(says)
