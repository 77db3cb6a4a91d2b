"""`adamref.check`: from an implementation to a verdict and an exit code."""

from __future__ import annotations

import numpy as np
import pytest

import adamref
import check_targets as targets
from adamref.errors import CannotIsolate
from adamref.oracle.check import probe_names
from quick_check import FEW, checked, finding, right, verdicts


@pytest.fixture(scope="module")
def whole():
    """A right implementation on every probe."""
    return checked(right, probes=())


def test_a_right_step_conforms(whole):
    assert (whole.verdict, whole.exit_code, whole.diagnosis) == ("conforms", 0, ())
    assert whole.tried == {"hypotheses": 0}
    assert whole.dialect == {
        "form": "paper", "bias_correction": True, "moments": "beta", "weight_decay": "none",
        "amsgrad": "none", "hyper": "mixed", "storage": "float32", "compute": "float32",
    }  # fmt: skip
    assert (whole.dtype, whole.optimizer, whole.adapter) == ("float32", "adam", "function")


def test_no_probe_is_silent(whole):
    """Each has a verdict, and a reason where it does not apply."""
    assert sorted(probe.name for probe in whole.probes) == sorted(probe_names())
    assert all(probe.because for probe in whole.probes if probe.verdict == "not-applicable")
    assert {x.verdict for x in whole.probes if x.kind == "core"} <= {"holds", "not-applicable"}


def test_the_errors_of_a_right_step_are_a_few_ulps(whole):
    """Half an ulp and what three roundings of the step bring; 2 u is an ulp at most."""
    rows = whole.accuracy
    assert 0.5 <= rows["theta"].max_ulp <= 3
    assert 0.5 <= rows["m"].max_ulp <= 1.7
    assert 0.5 <= rows["v"].max_ulp <= 2.1
    assert rows["first_step"].max_ulp <= 3
    for row in (rows["theta"], rows["m"], rows["v"]):
        assert 0 < row.mean_ulp < row.max_ulp
        assert 0.5 < row.correctly_rounded < 1
        assert row.max_over_bound <= 1
        assert row.count > 5000


def test_what_ends_a_right_float32_step_is_a_limit(whole):
    limits = {x.probe: x.id for x in whole.findings if x.severity == "limit"}
    assert limits == {
        "large-float32": "square-overflow",
        "opposite-float32": "square-overflow",
        "tiny-float32": "square-underflow",
        "sweep-extremes-float32": "square-overflow",
    }
    says = " ".join(x.says for x in whole.findings if x.severity == "limit")
    assert "|g| > 1.8e+19" in says
    assert "theta[t=1, i=0] = 0.5, but should be 0.487" in says


def test_limits_fail_where_that_is_asked_for():
    names = (*FEW, "large-float32")
    report = checked(right, probes=names, strict=True)
    assert (report.verdict, report.exit_code) == ("conforms", 1)
    assert checked(right, probes=names).exit_code == 0


def test_edge_probes_alone_can_be_asked_for():
    """Then there is nothing to tell a dialect by."""
    report = checked(right, probes=("large-float32",))
    assert report.verdict == "conforms"
    assert report.dialect["form"] == ["paper", "eps-hat", "eps-inside"]
    assert verdicts(report) == {"large-float32": "limit"}


def test_what_can_be_imported_runs_in_a_process_of_its_own():
    report = adamref.check("check_targets:step", probes=FEW)
    assert (report.verdict, report.isolated, report.target) == (
        "conforms", True, "check_targets:step",
    )  # fmt: skip
    assert not finding(report, "not-isolated")


def test_what_cannot_be_imported_runs_here_and_says_so():
    def still(theta, _grad, state):
        return theta, state

    report = adamref.check(still, adapter="function", probes="random-rate-zero-float32")
    assert not report.isolated
    assert finding(report, "not-isolated")[0][1] == "note"
    with pytest.raises(CannotIsolate, match="closures"):
        adamref.check(still, isolate=True)


def test_a_weight_decay_that_an_optimizer_has_none_of_is_noted():
    def decayed(theta, grad, state, *, lr, beta1, beta2, eps, weight_decay=0.0):
        grad = grad + weight_decay * theta
        return targets.step(theta, grad, state, lr=lr, beta1=beta1, beta2=beta2, eps=eps)

    probes = "random-rate-zero-float32"
    report = adamref.check(decayed, optimizer="adam", probes=probes)
    assert finding(report, "decay-not-judged")[0][1] == "note"
    assert not finding(checked(right, probes=FEW), "decay-not-judged")
    other = adamref.check(decayed, optimizer="adam-l2", probes=probes)
    assert not finding(other, "decay-not-judged")


# What an answer may be like.


def changed(how):
    """Return the right step with something done to its answer."""

    def step(theta, grad, state, *, lr, beta1, beta2, eps):
        made = right(theta, grad, state, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
        return how(*made)

    return step


@pytest.mark.slow
def test_other_bits_on_a_second_run_are_a_deviation():
    random = np.random.default_rng(1)
    noise = changed(lambda theta, state: (theta + random.random(theta.shape, theta.dtype), state))
    report = checked(noise)
    ((probe, severity, _),) = finding(report, "not-repeatable")
    assert (report.verdict, probe, severity) == ("deviates", "random-many-float32", "deviation")
    assert report.diagnosis == ()


def test_a_wider_dtype_is_a_note_and_judged_after_one_rounding():
    report = checked(changed(lambda theta, state: (theta.astype(np.float64), state)))
    ((probe, severity, says),) = finding(report, "wider-dtype")
    assert (report.verdict, probe, severity) == ("conforms", None, "note")
    assert says == "theta was returned as float64, but should be float32"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "id_", "says"),
    [
        (lambda x, s: (x.astype(int), s), "wrong-dtype", "int64, but should be float32"),
        (lambda x, s: (x.astype("f2"), s), "narrower-dtype", "float16, but should be float32"),
        (lambda x, s: (x.reshape(-1, 1), s), "wrong-shape", "(11, 1), but should have (11,)"),
    ],
)
def test_another_shape_or_dtype_is_a_deviation(how, id_, says):
    report = checked(changed(how), probes=FEW[:1])
    ((probe, severity, said),) = finding(report, id_)
    assert (report.verdict, report.exit_code) == ("deviates", 1)
    assert (probe, severity) == (FEW[0], "deviation")
    assert says in said


def test_a_gradient_that_is_modified_in_place_is_a_deviation():
    def doubles(theta, grad, state, *, lr, beta1, beta2, eps):
        made = right(theta, grad, state, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
        grad *= 2
        return made

    report = checked(doubles)
    assert report.verdict == "deviates"
    assert [x[:2] for x in finding(report, "gradient-modified")] == [
        (name, "deviation") for name in FEW
    ]
    assert {x.verdict for x in report.probes} == {"holds"}


def refusing(which):
    def step(theta, grad, state, *, lr, beta1, beta2, eps):
        if which(np.abs(grad)):
            raise FloatingPointError("too much")
        return right(theta, grad, state, lr=lr, beta1=beta1, beta2=beta2, eps=eps)

    return step


def test_an_exception_in_a_core_probe_is_an_error():
    report = checked(refusing(lambda g: g.size > 100))
    assert (report.verdict, report.exit_code) == ("error", 3)
    ((probe, severity, says),) = finding(report, "exception")
    assert (probe, severity) == ("random-many-float32", "error")
    assert says.startswith("FloatingPointError: too much")
    assert verdicts(report) == {FEW[0]: "holds", FEW[1]: "error"}


def test_an_exception_in_an_edge_probe_is_a_limit():
    report = checked(refusing(lambda g: (g > 1e15).any()), probes=(*FEW, "large-float32"))
    ((probe, severity, _),) = finding(report, "exception")
    assert (report.verdict, probe, severity) == ("conforms", "large-float32", "limit")
    assert verdicts(report)["large-float32"] == "limit"


def test_after_three_failures_nothing_more_is_asked():
    report = checked(refusing(lambda _: True), probes=probe_names()[:5])
    assert report.verdict == "error"
    assert [x.because[:7] for x in report.probes] == ["Floatin"] * 3 + ["not run"] * 2


def test_a_function_that_takes_everything_is_given_what_it_knows():
    """``**hyper``, handed on to a function with the five names of the contract."""

    def step(theta, grad, state, **hyper):
        hyper.pop("weight_decay")
        return right(theta, grad, state, **hyper)

    names = (*FEW, "generic-eps-root-float32", "near-eps-eps-root-float32")
    report = checked(step, probes=names)
    assert report.verdict == "conforms", str(report)


@pytest.mark.slow
def test_what_takes_long_late_is_not_called_wrong():
    report = adamref.check(
        targets.sums_up_to_t,
        timeout=1,
        probes=["random-generic-float32", "jump-2e31-float32"],
    )
    assert report.verdict == "conforms"
    assert "not judged, as it is too slow: jump-2e31-float32" in " ".join(str(report).split())
    assert [(x.id, x.severity) for x in report.findings if x.probe == "jump-2e31-float32"] == [
        ("too-slow", "note")
    ]


@pytest.mark.slow
def test_a_step_left_out_where_all_of_a_gradient_is_zero_is_found():
    report = adamref.check(targets.passes_over_zeros, isolate=False)
    assert report.verdict == "deviates"
    (found, *_) = report.diagnosis
    assert found.where == "the norm of the tensor's gradient = 0"
