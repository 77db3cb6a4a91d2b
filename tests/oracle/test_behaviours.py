"""What an implementation declares to do before a step: pinned, spoken of by its words, or told."""

from __future__ import annotations

import numpy as np
import pytest

from adamref.errors import OutOfDomain, UnknownName
from adamref.oracle.check import check
from adamref.oracle.judge.behaviours import declared_by, read
from adamref.oracle.judge.shortest import shortest
from adamref.oracle.observe.sessions.wording import words_of

PROBES = ("random-generic", "random-rows", "random-large", "random-nan", "random-scalar")


def begun(theta):
    return {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}


def adam(theta, g, state, lr, beta1, beta2, eps, decay=0.0):
    s = state or begun(theta)
    t, g = s["t"] + 1, np.asarray(g, theta.dtype)
    m = beta1 * s["m"] + (1 - beta1) * g
    v = beta2 * s["v"] + (1 - beta2) * g * g
    step = lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return theta - lr * decay * theta - step, {"m": m, "v": v, "t": t}


def before(change):
    """Return an Adam that does something to its gradient first."""

    def step(theta, grad, state, *, lr, beta1, beta2, eps):
        return adam(theta, change(grad), state, lr, beta1, beta2, eps)

    return step


def to_norm(limit, beside=0.0):
    def change(g):
        norm = np.sqrt(np.sum(g * g)) + g.dtype.type(beside)
        return g * np.minimum(g.dtype.type(1), g.dtype.type(limit) / norm)

    return change


def by_constant(limit):
    return lambda g: np.clip(g, -limit, limit)


def slower(theta, grad, state, *, lr, beta1, beta2, eps):
    return adam(theta, grad, state, lr if theta.ndim > 1 else 0.1 * lr, beta1, beta2, eps)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pins", "verdict"),
    [
        (["rate-below-2d=0.1"], "conforms"),
        (["rate-below-2d"], "conforms"),
        (["rate-below-2d=0.2"], "deviates"),
        ([], "deviates"),
    ],
)
def test_a_rate_of_vectors_is_their_own_where_that_is_pinned(pins, verdict):
    report = checked(slower, *pins, names=PROBES[:3])
    assert report.verdict == verdict
    assert verdict == "deviates" or report.dialect["rate_below_2d"] == "0.1"


def skipping(*, counts):
    def step(theta, grad, state, *, lr, beta1, beta2, eps):
        if np.isfinite(grad).all():
            return adam(theta, grad, state, lr, beta1, beta2, eps)
        s = state or begun(theta)
        return theta.copy(), {**s, "t": s["t"] + counts}

    return step


def of_rows(theta, grad, state, *, lr, beta1, beta2, eps):
    s = state or begun(theta)
    new, made = adam(theta, grad, s, lr, beta1, beta2, eps)
    rows = grad.reshape(len(grad), -1) if grad.ndim else grad.reshape(1, 1)
    still = ~np.broadcast_to((rows != 0).any(axis=1, keepdims=True), rows.shape)
    still = still.reshape(grad.shape)
    kept = {name: np.where(still, s[name], made[name]) for name in ("m", "v")}
    return np.where(still, theta, new), {**kept, "t": made["t"]}


def decaying(is_decayed):
    def step(theta, grad, state, *, lr, beta1, beta2, eps, weight_decay):
        decay = weight_decay if is_decayed(theta) else 0.0
        return adam(theta, grad, state, lr, beta1, beta2, eps, decay)

    return step


def decaying_in_float32(is_decayed):
    narrow = decaying(is_decayed)

    def step(theta, grad, state, **hyperparameters):
        wide = {**state, **{x: state[x].astype(np.float32) for x in "mv"}} if state else None
        new, s = narrow(theta.astype(np.float32), grad.astype(np.float32), wide, **hyperparameters)
        return new.astype(theta.dtype), {**s, **{x: s[x].astype(theta.dtype) for x in "mv"}}

    return step


def checked(step, *pins, names=PROBES, **options):
    probes = [f"{name}-float32" for name in names]
    with np.errstate(all="ignore"):
        return check(step, isolate=False, probes=probes, dialect=pins, **options)


RIGHT = (
    (before(to_norm(0.7)), "clip-norm=0.7", "clip_norm", "0.7:tensor:0"),
    (before(to_norm(1, 1e-6)), "clip-norm", "clip_norm", "1:tensor:1e-6"),
    (before(by_constant(0.3)), "clip-value", "clip_value", "0.3"),
    (before(lambda g: g / g.dtype.type(1024)), "loss-scale=1024", "loss_scale", "1024"),
    (before(lambda g: g / g.dtype.type(3)), "loss-scale", "loss_scale", "3"),
    (of_rows, "lazy-rows", "lazy_rows", "on"),
)


@pytest.mark.parametrize(("step", "pin", "axis", "value"), RIGHT)
def test_what_is_pinned_is_no_fault_and_its_number_is_found(step, pin, axis, value):
    report = checked(step, pin)
    assert report.verdict == "conforms", report.diagnosis
    assert report.dialect[axis] == value
    assert any(x.id == f"behaviour-{pin.partition('=')[0]}" for x in report.findings)


@pytest.mark.slow
@pytest.mark.parametrize("counts", [True, False])
def test_a_skipped_step_counts_or_not_and_that_is_told(counts):
    step = skipping(counts=counts)
    report = checked(step, "skip-nonfinite")
    mine, other = ("counted", "uncounted") if counts else ("uncounted", "counted")
    assert report.verdict == "conforms", report.diagnosis
    assert mine in np.atleast_1d(report.dialect["skip_nonfinite"])[0].split(":")
    wrong = checked(step, f"skip-nonfinite={other}", names=("random-nan",))
    assert wrong.verdict == "deviates"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "pin"),
    [
        (before(to_norm(0.7)), "clip-norm=1"),
        pytest.param(
            before(lambda g: g / g.dtype.type(1000)), "loss-scale=1024", marks=pytest.mark.long
        ),
        pytest.param(before(by_constant(0.3)), "clip-norm", marks=pytest.mark.long),
        pytest.param(of_rows, "lazy-elements", marks=pytest.mark.long),
    ],
)
def test_another_than_what_is_pinned_deviates(step, pin):
    assert checked(step, pin, names=PROBES[:2]).verdict == "deviates"


@pytest.mark.slow
def test_in_float64_what_stands_beside_a_norm_is_told():
    step = before(to_norm(1, 1e-6))
    probes = ["random-generic-float64"]
    for form, verdict in (("1e-6", "conforms"), ("0", "deviates")):
        report = check(step, isolate=False, dtype="float64", probes=probes,
                       dialect=f"clip-norm=1:{form}")  # fmt: skip
        assert report.verdict == verdict


def test_what_is_pinned_and_not_done_deviates_and_is_named():
    report = checked(before(lambda g: g), "clip-norm=1", names=PROBES[:1])
    assert report.verdict == "deviates"
    assert report.diagnosis[0].faults == ("declared-but-undone",)


@pytest.mark.slow
def test_a_fault_beside_what_is_pinned_is_found():
    def step(theta, grad, state, *, lr, beta1, beta2, eps):
        new, made = adam(theta, to_norm(1)(grad), state, lr, beta1, beta2, eps)
        return theta + (theta - new), made

    report = checked(step, "clip-norm=1", names=PROBES[:1])
    assert report.verdict == "deviates"
    assert report.diagnosis


@pytest.mark.slow
def test_the_word_of_an_argument_declares_it():
    def step(theta, grad, state, *, lr, beta1, beta2, eps, max_norm=1.0):
        return adam(theta, to_norm(max_norm)(grad), state, lr, beta1, beta2, eps)

    report = checked(step)
    assert report.verdict == "conforms"
    assert report.dialect["clip_norm"] == "1:tensor:0"


@pytest.mark.slow
def test_what_nothing_declares_deviates():
    assert checked(before(to_norm(1)), names=PROBES[:1]).verdict == "deviates"


@pytest.mark.slow
def test_no_decay_below_two_axes_is_told_where_matrices_are_decayed():
    names = ("random-generic", "random-rows", "random-axes")
    right = checked(decaying(lambda x: x.ndim >= 2), names=names, optimizer="adamw")
    assert right.verdict == "conforms", right.diagnosis
    assert right.dialect["no_decay_below_2d"] == "on"


@pytest.mark.long
def test_a_decay_that_is_left_out_everywhere_is_none_below_two_axes():
    names = ("random-generic", "random-rows")
    wrong = checked(decaying(lambda _: False), names=names, optimizer="adamw")
    assert wrong.verdict == "deviates"


@pytest.mark.long
def test_no_decay_below_two_axes_is_told_only_where_the_decay_of_matrices_shows():
    names = ("random-rate-large", "random-rows")
    probes = [f"{name}-bfloat16" for name in names]
    with np.errstate(all="ignore"):
        wrong = check(decaying_in_float32(lambda _: False), isolate=False, probes=probes,
                      optimizer="adamw", dtype="bfloat16")  # fmt: skip
    assert wrong.verdict == "deviates"


def test_pins_are_parted_from_those_of_a_rule():
    rest, found = read(["eps-hat", "clip-norm=2:all", "weight_decay=l2", "skip-nonfinite"])
    assert rest == ["eps-hat", "weight_decay=l2"]
    assert [x.said for x in found] == ["skip-nonfinite", "clip-norm=2:all"]


@pytest.mark.parametrize(
    "pin", ["clip-norm=0", "clip-norm=x", "loss-scale=-2", "skip-nonfinite=often"]
)
def test_pins_that_mean_nothing_are_refused(pin):
    with pytest.raises((OutOfDomain, UnknownName)):
        read([pin])


def test_words_are_whole_words():
    assert declared_by({"Eclipse": None, "rescale": 2.0, "unlazy": True}) == ()
    assert [x.said for x in declared_by({"SparseAdam": None})] == ["lazy-rows", "lazy-elements"]


def test_an_argument_that_is_none_says_nothing():
    def made(params, clipnorm=None, max_norm=2.0):
        """Take two, one of which is switched off."""

    assert words_of(made, {}) == {"made": None, "max_norm": 2.0}


@pytest.mark.parametrize(("x", "near"), [(0.99998, 1.0), (0.3502, 0.35), (65535.9, 65536.0)])
def test_the_shortest_decimal_is_the_one_somebody_wrote(x, near):
    assert shortest(x, 1e-3 if near < 2 else 1e-5) == near


def flushing(theta, grad, state, *, lr, beta1, beta2, eps, max_norm=1.0):
    """Clip by the norm, as JAX on a CPU does: what is less than a normal number becomes 0."""
    theta, made = adam(theta, to_norm(max_norm)(grad), state, lr, beta1, beta2, eps)
    tiny = np.finfo(theta.dtype).tiny
    kept = {n: np.where(np.abs(made[n]) < tiny, 0, made[n]).astype(theta.dtype) for n in ("m", "v")}
    return theta, {**made, **kept}


def test_what_a_clip_makes_subnormal_may_be_flushed():
    probes = ("wide-float32", "random-generic-float32", "random-large-float32")
    report = check(flushing, isolate=False, probes=probes)
    assert report.verdict == "conforms", report.diagnosis
    assert report.dialect["clip_norm"].startswith("1:")
    assert [x.verdict for x in report.probes] == ["limit", "holds", "holds"]
