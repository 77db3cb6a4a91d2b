"""States and theta that are cut off are told; what is rounded to the nearest in any way is not."""

from __future__ import annotations

import numpy as np
import pytest

import adamref
import rounded_forms as forms
from adamref import fast
from adamref.oracle.judge.oneway import _mean

DTYPES = ("float32", "bfloat16", "float16", "float64")
NARROW = DTYPES[:3]
OTHERS = ("AMSGrad", "AdaBelief", "AdaGrad", "AdaMax", "Lion", "Momentum", "NAdam", "RMSprop")


def judged(step, dtype, *, few=True):
    probes = (f"random-generic-{dtype}", f"random-many-{dtype}") if few else ()
    with np.errstate(all="ignore"):
        return adamref.check(step, isolate=False, dtype=dtype, probes=probes)


def told(report):
    """Return the fields that are said to be off one way, and which way."""
    said = [x.says for x in report.findings if x.id == "rounded-one-way"]
    return {x.split()[0]: " ".join(x.split()[-2:]) for x in said}


@pytest.mark.long
@pytest.mark.parametrize("dtype", NARROW)
@pytest.mark.parametrize("rates", [float, np.float32])
@pytest.mark.parametrize("field", ["m", "v", "theta"])
def test_what_is_cut_off_deviates(field, rates, dtype):
    report = judged(forms.wide_inside(**{field: forms.toward_zero}, rates=rates), dtype)
    assert (report.verdict, told(report)) == ("deviates", {field: "toward zero"})


def test_a_state_that_is_cut_off_deviates():
    report = judged(forms.wide_inside(m=forms.toward_zero), "float32")
    assert (report.verdict, told(report)) == ("deviates", {"m": "toward zero"})


@pytest.mark.slow
@pytest.mark.parametrize("dtype", NARROW)
def test_what_is_rounded_away_from_zero_deviates(dtype):
    report = judged(forms.wide_inside(m=forms.away_from_zero, v=forms.away_from_zero), dtype)
    assert told(report) == {"m": "from zero", "v": "from zero"}


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sums_that_are_cut_off_after_products_that_are_not_deviate(dtype):
    """By all probes: products rounded to either side hide a part of it."""
    report = judged(forms.in_its_format(forms.with_sum_cut_off), dtype, few=False)
    assert told(report) == {"m": "toward zero", "v": "toward zero"}


def amsgrad(theta, grad, state, *, lr, beta1, beta2, eps):
    """AMSGrad in float64, v and its maximum cut off."""
    kind = theta.dtype.type
    held = state or {x: np.zeros_like(theta) for x in ("m", "v", "v_max")} | {"t": 0}
    m, v, most, g = (x.astype(float) for x in (held["m"], held["v"], held["v_max"], grad))
    m, v, t = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g, held["t"] + 1
    most = np.maximum(most, v)
    new = theta - lr * (m / (1 - beta1**t)) / (np.sqrt(most / (1 - beta2**t)) + eps)
    stored = {"v": forms.toward_zero(v, kind), "v_max": forms.toward_zero(most, kind)}
    return new.astype(kind), {"m": m.astype(kind), "t": t, **stored}


@pytest.mark.slow
def test_the_maximum_of_amsgrad_is_a_state_too():
    with np.errstate(all="ignore"):
        report = adamref.check(amsgrad, isolate=False, optimizer="amsgrad")
    assert told(report) == {"v": "toward zero", "v_max": "toward zero"}


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("complements", forms.COMPLEMENTS)
@pytest.mark.parametrize("order", forms.ORDERS)
def test_what_is_rounded_to_the_nearest_does_not(order, complements, dtype):
    report = judged(forms.in_its_format(forms.ORDERS[order], complements), dtype)
    assert (report.verdict, told(report)) == ("conforms", {})


@pytest.mark.slow
@pytest.mark.parametrize("dtype", NARROW)
@pytest.mark.parametrize("complements", forms.COMPLEMENTS)
@pytest.mark.parametrize("order", forms.FUSED)
def test_one_rounding_for_a_product_and_a_sum_does_not(order, complements, dtype):
    report = judged(forms.in_its_format(forms.FUSED[order], complements), dtype)
    assert (report.verdict, told(report)) == ("conforms", {})


@pytest.mark.slow
@pytest.mark.parametrize("dtype", NARROW)
@pytest.mark.parametrize("rates", [float, np.float32])
@pytest.mark.parametrize("stored", [forms.to_nearest, forms.by_chance])
def test_more_digits_inside_and_rounding_by_chance_do_not(stored, rates, dtype):
    """Chance goes to either side: nobody has to say that it is at work in the states."""
    report = judged(forms.wide_inside(m=stored, v=stored, rates=rates), dtype)
    assert (report.verdict, told(report)) == ("conforms", {})


@pytest.mark.long
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", OTHERS)
def test_no_method_of_fast_is_off_one_way(name, dtype):
    assert told(judged(getattr(fast, name), dtype, few=False)) == {}


def test_a_coefficient_that_is_off_has_no_side_and_half_a_unit_has():
    draw = np.random.default_rng(5)
    exact = draw.uniform(1, 2, 4000) * draw.choice([-1.0, 1.0], 4000)
    unit, groups = np.full(4000, 2.0**-10), np.arange(4000) % 7
    lost = np.stack([exact, draw.normal(size=4000)])
    by_rate = exact * (1 + 0.4 * 2.0**-10)
    off = (np.round(by_rate / unit) * unit - exact) / unit
    mean, deviation = _mean(off, np.sign(exact), lost, groups)
    assert abs(mean) < 4 * deviation
    off = (np.trunc(by_rate / unit) * unit - exact) / unit
    mean, deviation = _mean(off, np.sign(exact), lost, groups)
    assert mean == pytest.approx(-0.5, abs=4 * deviation)
    assert abs(mean) > 6 * deviation
