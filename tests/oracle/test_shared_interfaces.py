"""What strangers bring: one interface for several rules, lists of tensors, other names."""

from __future__ import annotations

import math

import numpy as np
import pytest

from adamref.oracle.check import check

FEW = tuple(f"{x}-float32" for x in ("random-generic", "random-squares", "random-rows", "tensors"))


def lion(theta, grad, state, *, lr, beta1, beta2, eps, weight_decay):
    """Lion behind the signature of Adam: it has no use for eps."""
    del eps
    momentum = np.zeros_like(theta) if state is None else state["buffer"]
    update = np.sign(beta1 * momentum + (1 - beta1) * grad)
    theta = theta - lr * (update + weight_decay * theta)
    return theta, {"buffer": beta2 * momentum + (1 - beta2) * grad}


def adamw_of_lists(params, grads, exp_avgs, exp_avg_sqs, state_steps, *,
                   lr, beta1, beta2, eps, weight_decay):  # fmt: skip
    """Change everything in place; each tensor has a counter without axes."""
    for i in range(len(params)):
        state_steps[i] += 1
        t = float(state_steps[i])
        params[i] *= 1 - lr * weight_decay
        exp_avgs[i] += (1 - beta1) * (grads[i] - exp_avgs[i])
        exp_avg_sqs[i] *= beta2
        exp_avg_sqs[i] += (1 - beta2) * grads[i] * grads[i]
        root = np.sqrt(exp_avg_sqs[i]) / math.sqrt(1 - beta2**t) + eps
        params[i] -= lr / (1 - beta1**t) * exp_avgs[i] / root


def of_pairs(turned):
    """Return an Adam of lists, which turns gradients of which the test says so."""

    def step(params, grads, state, *, lr, beta1, beta2, eps):
        kept = state or [{"mu": 0 * p, "nu": 0 * p, "count": 0} for p in params]
        made = []
        for p, grad, s in zip(params, grads, kept, strict=True):
            g = grad.T if turned(p, grad) else grad
            t = s["count"] + 1
            m, v = beta1 * s["mu"] + (1 - beta1) * g, beta2 * s["nu"] + (1 - beta2) * g * g
            new = p - lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
            made.append((new, {"mu": m, "nu": v, "count": t}))
        return [p for p, _ in made], [s for _, s in made]

    return step


def test_a_hyperparameter_that_a_rule_has_no_use_for_may_be_asked_for():
    report = check(lion, isolate=False, optimizer="lion", probes=FEW)
    assert (report.verdict, report.accuracy["m"] is None) == ("conforms", False)


def test_lists_that_are_changed_in_place_may_have_counters_of_their_own():
    report = check(adamw_of_lists, isolate=False, optimizer="adamw", probes=FEW)
    assert (report.verdict, report.accuracy["v"] is None) == ("conforms", False)


@pytest.mark.slow
def test_what_takes_lists_is_given_lists():
    """As one array, which it goes over row by row, nothing would be turned."""
    right = check(of_pairs(lambda _p, _g: False), isolate=False, optimizer="adam", probes=FEW)
    assert right.verdict == "conforms"
    wrong = check(of_pairs(lambda p, g: p.ndim == 2 and g.T.shape == p.shape),
                  isolate=False, optimizer="adam")  # fmt: skip
    assert wrong.verdict == "deviates"
    assert wrong.diagnosis[0].where == "the tensor is square"
    assert wrong.diagnosis[0].confirmed


@pytest.mark.slow
def test_rows_that_are_left_out_are_told_by_their_zeros():
    def step(theta, grad, state, *, lr, beta1, beta2, eps):
        s = state or {"m": 0 * theta, "v": 0 * theta, "t": 0}
        flat = grad.reshape(grad.shape[0], -1) if grad.ndim > 1 else np.ones((1, 1))
        live = flat.any(axis=1).reshape(-1, *(1,) * max(grad.ndim - 1, 0))
        live = np.broadcast_to(live if grad.ndim > 1 else True, theta.shape)
        t, m = s["t"] + 1, beta1 * s["m"] + (1 - beta1) * grad
        v = beta2 * s["v"] + (1 - beta2) * grad * grad
        new = theta - lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
        made = {"m": np.where(live, m, s["m"]), "v": np.where(live, v, s["v"]), "t": t}
        return np.where(live, new, theta), made

    probes = (*FEW, "sparse-float32")  # of a vector no element is left out
    report = check(step, isolate=False, optimizer="adam", probes=probes)
    assert report.diagnosis[0].where == "all g of its row are 0"
    assert report.diagnosis[0].confirmed


@pytest.mark.slow
def test_the_greatest_of_a_tensor_is_told():
    def step(theta, grad, state, *, lr, beta1, beta2):
        s = state or {"m": 0 * theta, "u": 0 * theta, "t": 0}
        t, m = s["t"] + 1, beta1 * s["m"] + (1 - beta1) * grad
        u = np.maximum(beta2 * s["u"], np.max(np.abs(grad), initial=0))
        return theta - lr / (1 - beta1**t) * m / u, {"m": m, "u": u.astype(theta.dtype), "t": t}

    report = check(step, isolate=False, optimizer="adamax", probes=FEW)
    (only,) = report.diagnosis
    assert (only.line, only.confirmed) == (("u",), True)
    assert "max(|g|)" in only.formula


@pytest.mark.slow
def test_an_average_about_the_last_mean_is_told_where_the_right_difference_is_zero():
    """Without momentum g - m is 0: a square that was another may have come from either sign."""

    def step(theta, grad, state, *, lr, beta1, beta2, eps):
        s = state or {"m": 0 * theta, "s": 0 * theta, "t": 0}
        t, m = s["t"] + 1, beta1 * s["m"] + (1 - beta1) * grad
        v = beta2 * s["s"] + (1 - beta2) * (grad - s["m"]) ** 2 + eps
        new = theta - lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
        return new.astype(theta.dtype), {"m": m, "s": v.astype(theta.dtype), "t": t}

    probes = ("beta1-zero-float32", "generic-adabelief-float32", *FEW)
    report = check(step, isolate=False, optimizer="adabelief", probes=probes)
    assert report.diagnosis[0].change == "mₜ₋₁ stands for mₜ"
    assert report.diagnosis[0].confirmed
