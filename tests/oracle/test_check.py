"""`adamref.check` and its command: from an implementation to a verdict and an exit code."""

from __future__ import annotations

import json
import re
import sys
from importlib.resources import files

import jsonschema
import numpy as np
import pytest
from click.testing import CliRunner

import adamref
import check_targets
from adamref.cli import adamref as command
from adamref.cli import main
from adamref.errors import CannotIsolate, MissingInput, OutOfDomain, UnknownName, Unreadable
from adamref.oracle.check import probe_names

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
    assert [probe.name for probe in whole.probes] == list(probe_names())
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


# The command.


def call(*arguments):
    """Run the command in this process; its target in another."""
    return CliRunner().invoke(command, ["check", *arguments], standalone_mode=False)


def exit_code(result):
    return result.exception.code if isinstance(result.exception, SystemExit) else result.exit_code


PROBES = [x for name in FEW for x in ("--probes", name)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "options", "code"),
    [
        ("step", (), 0),
        ("step", ("--dialect", "eps-hat"), 1),
        ("step", ("--strict", "--probes", "tiny-float32"), 1),
        ("step_with_defaults", ("--defaults", "paper"), 1),
        ("raises", (), 3),
        ("leaves", (), 3),
    ],
)
def test_the_exit_code_says_what_was_found(target, options, code):
    assert exit_code(call(f"check_targets:{target}", *PROBES, *options, "--quiet")) == code


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give MODULE:ATTRIBUTE or --command, one of them"),
        (("no_such_module:step",), "there is no module no_such_module"),
        (("check_targets:step", "--probes", "no-such"), "probe for adam in float32 'no-such'"),
        (("check_targets:step", "--ulp", "sqrt=none"), "ulp of sqrt"),
        (("check_targets:step", "--against", "no/such/file"), "no/such/file"),
        (("--command", "/no/such/program"), "/no/such/program"),
    ],
)
def test_what_cannot_be_asked_ends_with_2_and_one_line(arguments, message, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["adamref", "check", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    out, err = capsys.readouterr()
    assert (end.value.code, out) == (2, "")
    assert err.startswith("adamref: ")
    assert message in err
    assert err.count("\n") == 1


def test_json_is_as_its_schema_says():
    result = call("check_targets:step", *PROBES, "--format", "json")
    document = json.loads(result.output)
    schema = files("adamref").joinpath("schemas", "check.schema.json").read_text("utf-8")
    jsonschema.validate(document, json.loads(schema))
    assert (document["schema"], document["verdict"]) == ("adamref.check/1", "conforms")
    assert [probe["name"] for probe in document["probes"]] == list(FEW)


def test_text_says_the_verdict_first():
    first = call("check_targets:step", *PROBES).output.splitlines()[0]
    assert "conforms" in first


@pytest.mark.slow
@pytest.mark.parametrize(("format_", "begins"), [("html", "<!"), ("json", "{"), ("text", "c")])
def test_a_report_is_written_to_a_file(format_, begins, tmp_path):
    path = tmp_path / "report"
    result = call("check_targets:step", *PROBES, "--format", format_, "--output", str(path))
    assert exit_code(result) == 0
    assert result.output == ""
    assert path.read_text("utf-8").startswith(begins)


def test_quiet_says_nothing():
    assert call("check_targets:step", *PROBES, "--quiet").output == ""


@pytest.mark.slow
def test_a_baseline_goes_through_files(tmp_path):
    path = str(tmp_path / "base.json")
    assert exit_code(call("check_targets:step", *PROBES, "--quiet", "--save", path)) == 0
    assert exit_code(call("check_targets:step", *PROBES, "--quiet", "--against", path)) == 0
    worse = ("check_targets:in_float16", *PROBES, "--quiet", "--against", path)
    assert exit_code(call(*worse)) == 1
