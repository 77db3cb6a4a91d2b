"""What a check is asked for, and what an implementation cannot be set to."""

from __future__ import annotations

import re

import numpy as np
import pytest

import adamref
import check_targets
from adamref.errors import MissingInput, OutOfDomain, UnknownName, Unreadable
from quick_check import FEW, checked, finding, right, verdicts

# What cannot be set, and what is set otherwise by default.


def without_eps(theta, grad, state, *, lr, beta1, beta2):
    return right(theta, grad, state, lr=lr, beta1=beta1, beta2=beta2, eps=1e-8)


def test_probes_that_need_what_cannot_be_set_do_not_apply():
    names = ("generic-float32-mixed", "random-defaults-float32", "random-large-float32")
    report = checked(without_eps, probes=names)
    assert report.verdict == "conforms"
    assert verdicts(report) == dict(zip(names, ("holds", "holds", "not-applicable"), strict=True))
    assert report.probes[2].because == "eps cannot be set to 0.0137"
    ((_, severity, says),) = finding(report, "uncontrolled-eps")
    assert severity == "note"
    assert "it is 1e-08, as its first steps show" in says


def test_where_no_probe_applies_nothing_is_judged():
    report = checked(right, optimizer="adamw")
    assert (report.verdict, report.exit_code) == ("error", 3)
    assert finding(report, "nothing-judged")


@pytest.mark.parametrize(
    ("options", "severity", "code"), [({}, "note", 0), ({"defaults": "paper"}, "deviation", 1)]
)
def test_defaults_that_are_not_the_papers_are_told(options, severity, code):
    report = checked(check_targets.step_with_defaults, **options)
    assert report.exit_code == code
    assert finding(report, "default-eps") == [
        (None, severity, "eps is 1e-06 by default, the paper's is 1e-08")
    ]
    assert finding(report, "default-alpha")[0][1] == severity


def test_a_state_that_is_not_shown_is_not_judged():
    def hidden(theta, grad, state, *, lr, beta1, beta2, eps):
        theta, state = right(
            theta, grad, state and state(), lr=lr, beta1=beta1, beta2=beta2, eps=eps
        )
        return theta, lambda: state

    report = checked(hidden, probes=(FEW[0], "random-state-float32"))
    assert report.verdict == "conforms"
    assert (report.accuracy["m"], report.accuracy["v"]) == (None, None)
    assert report.accuracy["theta"].max_ulp < 1
    assert report.probes[1].because == "a state cannot be loaded"


# Options.


@pytest.mark.parametrize("hyper", ["literal", "rounded", "mixed"])
def test_any_convention_may_be_pinned_where_there_is_but_one(hyper):
    """float64 rounds nothing, so that the conventions are the same."""
    names = ("generic-float64", "zero-gradient-float64")
    options = {"isolate": False, "dtype": "float64", "probes": names, "hyper": hyper}
    assert adamref.check(right, **options).verdict == "conforms"
    report = adamref.check(right, **options, dialect="eps-hat")
    assert [x.faults for x in report.diagnosis] == [("dialect-form-paper",)]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"dtype": "float8"}, UnknownName, "dtype 'float8' is unknown; known are float32, "),
        ({"state_dtype": "int8"}, UnknownName, "dtype of the state 'int8'"),
        ({"compute": "float16"}, UnknownName, "known are storage, float32, float64"),
        ({"optimizer": "sgdx"}, UnknownName, "optimizer 'sgdx' is unknown; known are adam, "),
        ({"hyper": "exact"}, UnknownName, "hyperparameter convention 'exact'"),
        ({"defaults": "mine"}, UnknownName, "defaults to judge by 'mine'"),
        ({"dialect": "colour=red"}, UnknownName, "axis of the dialect 'colour'"),
        ({"probes": "no-such"}, UnknownName, "probe for adam in float32 'no-such'"),
        ({"adapter": "jax"}, UnknownName, "'jax' is unknown"),
        ({"timeout": 0}, OutOfDomain, "timeout = 0, but should be a number of seconds > 0"),
        ({"timeout": float("inf")}, OutOfDomain, "timeout = inf"),
        ({"ulp": "cbrt=2"}, UnknownName, "operation whose ulps are given 'cbrt'"),
        ({"ulp": "sqrt=few"}, OutOfDomain, "ulp of sqrt = few"),
        ({"ulp": {"div": 0.25}}, OutOfDomain, "at least 1/2"),
        ({"against": "no/such/file"}, Unreadable, "no/such/file"),
        ({"dialect": "amsgrad=v"}, OutOfDomain, "amsgrad=v, but should be what adam can be: none"),
        (
            {"dialect": "weight_decay=l2", "optimizer": "adamw"},
            OutOfDomain,
            "what adamw can be: decoupled-before, decoupled-after",
        ),
        (
            {"dialect": ["eps-hat", "bias_correction=off"]},
            OutOfDomain,
            "form=eps-hat bias_correction=off, but should be what adam can be at once",
        ),
    ],
)
def test_an_option_that_is_none_is_refused(options, error, message):
    with pytest.raises(error, match=re.escape(message)):
        adamref.check(right, isolate=False, **options)


def test_there_must_be_something_to_check():
    with pytest.raises(MissingInput, match="neither a target nor a command"):
        adamref.check()


def approximate(theta, grad, state, *, lr, beta1, beta2, eps):
    """A root that is fifty ulps too large."""
    s = state or {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}
    t = s["t"] + 1
    m = beta1 * s["m"] + (1 - beta1) * grad
    v = beta2 * s["v"] + (1 - beta2) * grad * grad
    root = np.sqrt(v / (1 - beta2**t)) * (1 + np.float32(50 * 2.0**-23))
    return theta - lr * (m / (1 - beta1**t)) / (root + eps), {"m": m, "v": v, "t": t}


@pytest.mark.long
def test_hardware_with_an_approximate_root_may_be_allowed_for():
    assert checked(approximate).verdict == "deviates"
    for ulp in ("sqrt=64,div=2", {"sqrt": 64}):
        assert checked(approximate, ulp=ulp).verdict == "conforms"


def test_a_pinned_moment_update_is_held_to():
    def lerp(theta, grad, state, *, lr, beta1, beta2, eps):
        s = state or {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}
        theta, made = right(theta, grad, state, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
        return theta, {**made, "m": s["m"] + (1 - beta1) * (grad - s["m"])}

    names = (FEW[0], "opposite-float32")
    assert checked(lerp, probes=names).dialect["moments"] == "lerp"
    report = checked(lerp, probes=names, dialect="moments=beta")
    assert report.exit_code == 1
    assert finding(report, "dialect-moments")[0][1] == "deviation"
    assert checked(right, probes=names, dialect=["moments=beta", "paper"]).exit_code == 0


def test_a_baseline_is_saved_and_what_got_worse_fails(tmp_path):
    path = tmp_path / "base.json"
    assert checked(right, save=path).exit_code == 0
    assert checked(right, against=path).exit_code == 0

    def powers(theta, grad, state, *, lr, beta1, beta2, eps):
        """Right, but less accurate."""
        kind = theta.dtype.type
        _, made = right(theta, grad, state, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
        c1, c2 = (kind(1) - kind(x) ** kind(made["t"]) for x in (beta1, beta2))
        return theta - lr * (made["m"] / c1) / (np.sqrt(made["v"] / c2) + eps), made

    assert checked(powers).exit_code == 0
    report = checked(powers, against=path)
    assert (report.verdict, report.exit_code) == ("deviates", 1)
    assert any(x.severity == "deviation" for x in report.findings if x.id == "baseline-accuracy")
