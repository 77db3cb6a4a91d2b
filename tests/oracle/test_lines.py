"""What no catalogue has is solved: the line, where it is another, and what stands there."""

from __future__ import annotations

import numpy as np
import pytest

from adamref.oracle.check import check

NAMES = ("generic", "random-generic", "random-state", "random-axes", "random-large", "random-nan")


def reported(wrong, names=NAMES, **options):
    probes = [f"{n}-float32-mixed" if n == "generic" else f"{n}-float32" for n in names]

    def step(theta, grad, state, *, lr, beta1, beta2, eps):
        s = state or {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}
        k = {"lr": lr, "b1": beta1, "b2": beta2, "eps": eps, "t": s["t"] + 1, "theta": theta}
        return wrong(grad, s["m"], s["v"], k)

    with np.errstate(all="ignore"):
        return check(step, isolate=False, probes=probes, **options)


def right(g, m0, v0, k, *, t=None, scale=1.0):
    m = k["b1"] * m0 + (1 - k["b1"]) * g
    v = k["b2"] * v0 + (1 - k["b2"]) * g * g
    at = k["t"] if t is None else t
    c1, c2 = 1 - k["b1"] ** at, 1 - k["b2"] ** at
    new = k["theta"] - scale * k["lr"] * (m / c1) / (np.sqrt(v / c2) + k["eps"])
    return new, {"m": m, "v": v, "t": k["t"]}


def eps_in_v(g, m0, v0, k):
    _, s = right(g, m0, v0, k)
    v = s["v"] + np.float32(k["eps"])
    c1, c2 = 1 - k["b1"] ** k["t"], 1 - k["b2"] ** k["t"]
    new = k["theta"] - k["lr"] * (s["m"] / c1) / (np.sqrt(v / c2) + k["eps"])
    return new, s | {"v": v}


def skipped(g, m0, v0, k):
    if np.isfinite(g).all():
        return right(g, m0, v0, k)
    return k["theta"], {"m": m0, "v": v0, "t": k["t"]}


def first_rows(g, m0, v0, k):
    """Only the first shape[0] elements of the flattened tensor move."""
    new, s = right(g, m0, v0, k)
    count = g.shape[0] if g.ndim else 1
    for made, old in ((new, k["theta"]), (s["m"], m0), (s["v"], v0)):
        made.reshape(-1)[count:] = old.reshape(-1)[count:]
    return new, s


def written_over(g, m0, v0, k):
    """The denominator is made in place of v."""
    new, s = right(g, m0, v0, k)
    s["v"] = (np.sqrt(s["v"] / (1 - k["b2"] ** k["t"])) + k["eps"]).astype("f4")
    return new, s


def exchanged(g, m0, v0, k):
    """Tensors of more than eight elements are stepped by epsilon, with alpha under them."""
    by = k | {"lr": k["eps"], "eps": k["lr"]} if g.size > 8 else k
    return right(g, m0, v0, by)


def centralized(g, m0, v0, k):
    """The mean over all axes but the first is taken from the gradients of matrices."""
    if g.ndim > 1:
        g = g - g.mean(axis=tuple(range(1, g.ndim)), keepdims=True)
    return right(g, m0, v0, k)


def kept_to_a_half(g, m0, v0, k):
    """No element moves farther than half the rate."""
    new, s = right(g, m0, v0, k)
    most = np.float32(0.5 * k["lr"])
    return (k["theta"] + np.clip(new - k["theta"], -most, most)).astype(np.float32), s


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wrong", "lines", "change", "where"),
    [
        pytest.param(
            lambda g, m, v, k: right(g / np.float32(65536), m, v, k),
            {"m", "v"}, "gₜ is multiplied by 1/65536 (2^-16)", "", marks=pytest.mark.long,
        ),
        (
            lambda g, m, v, k: right(g, m, v, k, t=min(k["t"], 4)),
            {"theta"}, "c(t) stands for t, c(t) = min(t, 4)", "",
        ),
        (
            lambda g, m, v, k: right(g, m, v, k, scale=np.float32(k["t"] ** -0.5)),
            {"theta"}, "α/√t stands for α", "",
        ),
        (
            skipped, {"m", "v", "theta"}, "the step is not taken",
            "the tensor's gradient has an element that is not finite",
        ),
        (
            centralized, {"m", "v"},
            "-mean(g over all axes but the first) is added to gₜ", "",
        ),
        (
            kept_to_a_half, {"theta"},
            "0.0065·sign(α·(mₜ/(1 - β₁ᵗ))/(√(vₜ/(1 - β₂ᵗ)) + ε)) stands for α·(mₜ/(1 - β₁ᵗ))",
            "the right |step| over alpha >= 0.5",
        ),
        (written_over, {"v"}, "√(vₜ/(1 - β₂ᵗ)) + ε is written over vₜ", ""),
        (
            exchanged, {"theta"}, "α and ε are exchanged", "the number of elements >= 11",
        ),
        (
            lambda g, m, v, k: right(g, m, v, k, scale=np.float32(min(1, k["t"] / 6))),
            {"theta"}, "·t stands for α", "t <= 5 (right from t = 7)",
        ),
        (
            first_rows, {"m", "v"}, "the step is not taken",
            "the element's number is shape[0] or more",
        ),
    ],
)  # fmt: skip
def test_what_stands_in_a_line_is_solved(wrong, lines, change, where):
    report = reported(wrong)
    assert report.verdict == "deviates"
    (only,) = report.diagnosis
    assert lines <= set(only.line)
    assert change in only.change
    assert only.where == where
    assert only.counts["explained"] == only.counts["wrong"] > 0
    assert only.confirmed


@pytest.mark.slow
def test_what_is_added_to_a_state_is_solved():
    (only,) = reported(eps_in_v).diagnosis
    assert (only.line, only.where) == (("v",), "")
    assert "ε is added to" in only.change
    assert only.formula.startswith("vₜ = ")


@pytest.mark.slow
def test_a_report_says_the_line_the_cause_and_the_counts():
    report = reported(lambda g, m, v, k: right(8 * g, m, v, k))
    text = " ".join(str(report).split())
    assert (
        "deviates (adam as nothing names another, float32): m and v: gₜ is multiplied by 8" in text
    )
    assert "In m and v: gₜ is multiplied by 8. mₜ = β₁·mₜ₋₁ + (1 - β₁)·(8·gₜ)" in text
    data = report.to_json()["diagnosis"][0]
    assert data["faults"] == ["line-m-v"]
    assert data["counts"]["wrong"] == data["counts"]["explained"]
    # No pairs of faults are tried where lines are solved.
    assert report.tried["hypotheses"] < 5000
