"""No right implementation is called wrong, whatever it is made of, shown or hidden."""

from __future__ import annotations

import ml_dtypes  # noqa: F401  the checks of bfloat16 hand over its arrays
import numpy as np
import pytest

import unusual_state  # noqa: F401  registers its own
import unusual_work  # noqa: F401  registers its own
from adamref.oracle.check import check
from unusual import ALL, averages, begun, hidden, moved

QUICK = {"by_lerp", "wider_copy", "running_powers"}
CASES = [
    pytest.param(one, dtype, shown, id=f"{one.name}-{dtype}-{'shown' if shown else 'hidden'}")
    for one in ALL
    for dtype in one.dtypes
    for shown in (True, False)
]


def said(report, axis):
    """Return what may be the dialect on an axis."""
    value = report.dialect.get(axis)
    return value if isinstance(value, list) else [value]


def holds(one, dtype, *, shown, names):
    step = one.step if shown else hidden(one.step)
    probes = [f"{name}-{dtype}" for name in names]
    with np.errstate(all="ignore"):
        report = check(step, isolate=False, dtype=dtype, optimizer="adam", probes=probes)
    assert report.verdict == "conforms", str(report)
    assert one.form in said(report, "form")
    if shown:
        assert one.stored in said(report, "stored")
    assert report.dialect["bias_correction"] is True


@pytest.mark.parametrize("one", [x for x in ALL if x.name in QUICK], ids=lambda x: x.name)
def test_one_of_each_kind_conforms(one):
    holds(one, "float32", shown=True, names=("random-generic",))


@pytest.mark.slow
def test_what_rounding_took_is_found_wherever_the_first_theta_begins():
    """From 0 the first steps are added without rounding: what is kept of it is 0 there."""
    holds(next(x for x in ALL if x.name == "compensated"), "float32", shown=True, names=())


def kept_wider(by=1.0):
    """Return a step that keeps theta in float64 and shows nothing but what it rounds to."""

    def step(theta, grad, state, *, lr, beta1, beta2, eps):
        s = state or begun(theta, np.float64) | {"weights": theta.astype(float)}
        m, v, t = averages(s, grad.astype(float), beta1, beta2)
        new = moved(s["weights"], m, v, 1 - beta1**t, 1 - beta2**t, lr * by, eps)
        return new.astype(theta.dtype), {"m": m, "v": v, "t": t, "weights": new}

    return hidden(step)


FEW = ("generic-float32-mixed", "beta1-zero-float32", "random-generic-float32")


def test_digits_of_theta_that_are_not_shown_are_found():
    """Its steps are worked in a row from the theta that was given, and rounded only to be shown."""
    report = check(kept_wider(), isolate=False, optimizer="adam", probes=FEW)
    assert report.verdict == "conforms", str(report)
    assert "theta-in-more-digits" in {x.id for x in report.findings}


def test_nor_is_that_a_limit_where_squares_leave_the_range():
    """In float64 they do not: what theta shows there is off by a rounding to float32, no more."""
    probes = (*FEW, "opposite-float32", "tiny-float32")
    report = check(kept_wider(), isolate=False, optimizer="adam", probes=probes)
    assert report.verdict == "conforms"
    assert not [x for x in report.findings if x.severity == "limit"]


@pytest.mark.slow
def test_a_rate_that_is_a_little_off_deviates_all_the_same():
    report = check(kept_wider(1.0001), isolate=False, optimizer="adam", probes=FEW)
    assert report.verdict == "deviates"


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", pytest.param("bfloat16", marks=pytest.mark.long)])
@pytest.mark.parametrize("name", ["wider_copy", "float64_copy", "compensated"])
def test_nor_are_they_called_wrong_on_any_probe(name, dtype):
    one = next(x for x in ALL if x.name == name)
    with np.errstate(all="ignore"):
        report = check(hidden(one.step), isolate=False, dtype=dtype, optimizer="adam")
    assert report.verdict == "conforms", str(report)


@pytest.mark.long
@pytest.mark.parametrize(("one", "dtype", "shown"), CASES)
def test_an_unusual_form_conforms_in_its_dialect(one, dtype, shown):
    holds(one, dtype, shown=shown, names=("random-generic", "random-state", "random-large"))


def test_there_are_forty_of_them():
    assert len(ALL) >= 40
    assert len({one.name for one in ALL}) == len(ALL)
