"""From what was observed to what is said of it: limits, narrow formats, faults and their names."""

from __future__ import annotations

import numpy as np
import pytest

import observed
import plantable
import planted
from adamref.numbers import formats
from adamref.oracle.check import check
from adamref.oracle.explain.diagnosis import Diagnosis
from adamref.oracle.explain.hypotheses import pairs, singles
from adamref.oracle.judge.fit import HIDDEN_ORDERS, Fitter
from adamref.oracle.judge.identification import Fitters, candidates, identified
from adamref.oracle.judge.numbers import HeldNumbers
from adamref.oracle.observe.trials import trials
from quick_check import finding

NUMPYS = ("float32", "float64")


def checked(step, dtype="float32", names=("random-generic", "random-many"), **options):
    probes = [f"{name}-{dtype}" for name in names]
    with np.errstate(all="ignore"):
        return check(step, isolate=False, dtype=dtype, probes=probes, **options)


def adam(*, count=lambda t: t, work=None, narrow=lambda x: x, corrections=None, wrong=lambda x: x):
    """Adam, with another counter, arithmetic or storage."""

    def step(theta, grad, state, *, lr, beta1, beta2, eps):
        kind = theta.dtype if work is None else np.dtype(work)
        s = state or {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": count(0)}
        t = count(s["t"] + count(1))
        m0, v0, g = (narrow(x.astype(kind)) for x in (s["m"], s["v"], grad))
        m = narrow(narrow(beta1 * m0) + narrow((1 - beta1) * g))
        v = narrow(narrow(beta2 * v0) + narrow((1 - beta2) * narrow(g * g)))
        one = corrections or np.float64
        c1, c2 = (float(one(1) - one(x) ** one(float(t))) for x in (beta1, beta2))
        delta = narrow(lr * (m / c1) / (np.sqrt(v / c2) + eps))
        new = narrow(theta.astype(kind) - wrong(delta))
        return new.astype(theta.dtype), {"m": m.astype(theta.dtype), "v": v.astype(theta.dtype),
                                         "t": t}  # fmt: skip

    return step


def named(report):
    return [explained.faults for explained in report.diagnosis]


# Accuracy that is shown and named.


def test_float32_corrections_cost_digits_and_are_named():
    """1 - 0.999 loses seven bits in float32: half of 2**7 ulps, as v_hat goes into the root."""
    names = ("random-generic", "random-many", "first-step")
    report = checked(adam(corrections=np.float32), names=names)
    assert report.verdict == "conforms"
    assert 50 < report.accuracy["first_step"].max_ulp < 150
    ((_, severity, says),) = finding(report, "correction-in-float32")
    assert severity == "note"
    assert f"up to {report.accuracy['first_step'].max_ulp:.3g} ulp off" in says
    exact = checked(adam(), names=names)
    assert exact.accuracy["first_step"].max_ulp < 3
    assert not finding(exact, "correction-in-float32")


def test_float32_corrections_are_a_deviation_in_float64():
    report = checked(adam(corrections=np.float32), "float64", ("random-generic",))
    assert report.verdict == "deviates"
    assert named(report) == [("powers-in-float32",)]


# Limits.

SMALLEST = {name: np.finfo(name).tiny for name in NUMPYS}


def flushed(x):
    x = np.asarray(x)
    return np.where(np.abs(x) < SMALLEST[x.dtype.name], x.dtype.type(0), x)


@pytest.mark.parametrize("dtype", NUMPYS)
def test_subnormals_flushed_to_zero_are_a_limit_with_a_name(dtype):
    names = ("random-generic", "subnormal")
    report = checked(adam(narrow=flushed), dtype, names)
    ((probe, severity, says),) = finding(report, "subnormal-flushed")
    assert (report.verdict, report.exit_code) == ("conforms", 0)
    assert (probe, severity) == (f"subnormal-{dtype}", "limit")
    assert "first at v[t=1, i=0] = 0.0, but should be" in says
    assert not finding(checked(adam(), dtype, names), "subnormal-flushed")


@pytest.mark.parametrize(
    ("kind", "id_", "probe"),
    [
        (np.float32, "counter-float32", "jump-2e24-float64"),
        (np.int32, "counter-int32", "jump-2e31-float64"),
    ],
)
def test_a_counter_that_ends_is_a_limit_with_a_name(kind, id_, probe):
    names = ("random-generic", "jump-2e24", "jump-2e31")
    report = checked(adam(count=kind), "float64", names)
    assert report.exit_code == 0
    assert [x[:2] for x in finding(report, id_)] == [(probe, "limit")]
    assert {x.id for x in report.findings if x.severity == "limit"} == {id_}


def test_a_counter_that_does_not_end_has_no_limit():
    names = ("random-generic", "jump-2e24", "jump-2e31")
    report = checked(adam(count=int), "float64", names)
    assert {x.verdict for x in report.probes} == {"holds"}


def test_an_overflow_of_the_square_is_a_limit_with_its_threshold():
    report = checked(adam(), names=("random-generic", "large"))
    ((_, severity, says),) = finding(report, "square-overflow")
    assert severity == "limit"
    assert says.startswith("g*g overflows in float32 for |g| > 1.8e+19; first at v[t=1, i=0] = inf")


# Narrow formats.


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_a_narrow_storage_with_wider_arithmetic_is_identified(dtype):
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes")
    report = checked(adam(work="float32"), dtype)
    assert report.verdict == "conforms", str(report)
    assert (report.dialect["storage"], report.dialect["compute"]) == (dtype, "float32")
    assert report.dialect["form"] == "paper"
    assert report.accuracy["theta"].max_ulp <= 0.51


def test_narrow_arithmetic_is_identified_too():
    report = checked(adam(), "float16")
    assert report.verdict == "conforms", str(report)
    assert report.dialect["compute"] == "float16"


def test_float32_states_beside_a_narrow_parameter_are_a_note():
    pytest.importorskip("ml_dtypes")

    def step(theta, grad, state, **hyper):
        wide = theta.astype(np.float32), grad.astype(np.float32)
        new, made = adam()(*wide, state, **hyper)
        return new.astype(theta.dtype), made

    def named_ones(theta, grad, state, *, lr, beta1, beta2, eps):
        return step(theta, grad, state, lr=lr, beta1=beta1, beta2=beta2, eps=eps)

    report = checked(named_ones, "bfloat16")
    assert report.verdict == "conforms", str(report)
    assert [x[1] for x in finding(report, "wider-dtype")] == ["note"]


# Faults.


@pytest.mark.slow
def test_a_fault_is_named_with_what_it_does_and_where_it_was_seen():
    pieces = planted.FAULTS["adam", "float32"]["bias-correction-without-power"]
    names = ("random-generic-float32", "generic-float32-mixed")
    report = plantable.checked(pieces, names=names)
    (explained,) = report.diagnosis
    assert explained.faults == ("bias-correction-without-power",)
    assert explained.confirmed
    assert set(explained.explains) == set(names)
    assert all((explained.says, explained.effects, explained.sources))
    (seen,) = explained.seen_in
    assert "PennyLaneAI/pennylane#1929" in seen
    assert "Seen in: PennyLaneAI/pennylane#1929" in " ".join(str(report).split())
    assert 1000 < report.tried["hypotheses"] < 10_000


PINNED = {"form": "paper", "bias_correction": "on", "hyper": "mixed"}
"""One dialect: there is less to try."""


@pytest.mark.slow
def test_two_faults_at_once_are_both_named():
    def pieces(*names):
        its = planted.FAULTS["adam", "float32"]
        return {key: piece for name in names for key, piece in its[name].items()}

    names = ("random-generic-float32", "generic-float32-mixed")
    both = pieces("m_hat-without-power", "eps-subtracted")
    report = plantable.checked(both, names=names, pins=PINNED)
    (faults,) = named(report)
    assert set(faults) == {"m_hat-without-power", "eps-subtracted"}


def nonsense(theta, grad, state, *, lr, beta1, beta2, eps):
    """Right moments, and a step that is no Adam's."""
    _, made = adam()(theta, grad, state, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
    return theta - np.float32(lr) * np.sin(7 * grad), made


@pytest.mark.slow
def test_of_what_nothing_explains_facts_remain():
    pins = [f"{axis}={value}" for axis, value in PINNED.items()]
    report = checked(nonsense, names=("random-generic",), dialect=pins)
    assert (report.verdict, report.exit_code) == ("deviates", 1)
    (only,) = report.diagnosis
    assert (only.faults, only.line, only.is_named) == (("line-theta",), ("theta",), False)
    assert "nothing that was tried gives what was seen; theirs over right" in only.says[0]
    assert only.counts["wrong"] == 99
    assert only.counts["explained"] == 0
    first = report.probes[0].first_difference
    assert (first.t, first.index, first.field) == (1, 0, "theta")


def test_a_hypothesis_that_predicts_infinities_explains_nothing():
    """With beta1 = 0 and m divided by beta1**t every step is infinite, whatever was observed."""

    def still(theta, g, state, _t, _hyper):
        return theta * np.float32(0.9) + np.sin(g), state

    (trial,) = trials("float32", "adam", ["random-generic-float32"])
    rows = observed.seen(observed.Stepping(still, visible=()), [trial])
    dialect = observed.paper("float32")
    ones = [
        x
        for x in singles(dialect, "float32")
        if x.ids in {("m_hat-by-power-alone",), ("beta1-always-0",)}
    ]
    (both,) = pairs(ones, 1)
    diagnosis = Diagnosis(rows, [0], [dialect], Fitters(rows, observed.machine("float32")))
    assert diagnosis.accounts(both) is None


@pytest.mark.long
def test_a_step_that_is_a_little_off_is_not_a_fault_that_changes_nothing():
    """Each step is too long by 2**-17: no fault of the catalogue does that."""
    report = checked(adam(wrong=lambda x: x * np.float32(1 + 2.0**-17)))
    assert report.verdict == "deviates"
    for faults in named(report):
        assert faults in {("approximate-root",), ("line-theta",)}


@pytest.mark.slow
def test_the_first_difference_is_the_first():
    """Without the power the first step is right, and the second wrong at every element."""
    pieces = planted.FAULTS["adam", "float32"]["bias-correction-without-power"]
    first = plantable.checked(pieces, names=["random-generic-float32"]).probes[0].first_difference
    assert (first.t, first.tensor, first.index, first.field) == (2, 0, 0, "theta")


HIDDEN = ("generic-float32-literal", "generic-float32-mixed", "random-generic", "random-scalar",
          "random-rows", "missing", "beta1-zero", "constant")  # fmt: skip


def hidden_probes():
    return [name if "float32" in name else f"{name}-float32" for name in HIDDEN]


def halved_after_ten(theta, g, state, t, hyper):
    """Right for ten steps; from then on half as far."""
    kind, b1, b2 = theta.dtype.type, hyper["beta1"], hyper["beta2"]
    m, v = b1 * state["m"] + (1 - b1) * g, b2 * state["v"] + (1 - b2) * g * g
    lr = kind(hyper["lr"] * (0.5 if t > 10 else 1.0))
    new = theta - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + hyper["eps"])
    return new, {"m": m, "v": v}


def test_a_late_fault_of_a_hidden_state_is_found_among_many_probes():
    """Other orders of hidden averages are tried, and none of them excuses it by knowing nothing."""
    chosen = trials("float32", "adam", hidden_probes())
    rows = observed.seen(observed.Stepping(halved_after_ten, visible=()), chosen)
    machine = observed.machine("float32")
    found = identified(Fitters(rows, machine), candidates("adam", {}, machine))
    assert found is None


@pytest.mark.parametrize("hyper", ["literal", "mixed", "rounded"])
def test_every_order_of_a_hidden_average_has_a_bound(hyper):
    """Also where a rate and its complement, as they are held, do not sum to 1."""
    chosen = trials("float32", "adam", hidden_probes())
    rows = observed.seen(observed.Stepping(halved_after_ten, visible=()), chosen)
    numbers = HeldNumbers(rows, hyper, formats.BINARY32)
    dialect = observed.paper("float32", hyper)
    fitter = Fitter(rows, numbers, observed.machine("float32"))
    judged = rows.columns["core"] & rows.columns["judged"]
    for first, others in HIDDEN_ORDERS:
        _, fit = fitter.fitted(dialect, {"m": first, "v": others})
        assert np.isfinite(fit.bound["theta"][judged]).all(), (first, others)
