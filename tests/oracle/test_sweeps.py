"""What bites at one step, one element or one order of magnitude alone: some probe has it."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import adamref
import check_targets
from adamref import fast
from adamref.numbers import formats
from adamref.oracle.observe import asking
from adamref.oracle.observe.distinct import distinct
from adamref.oracle.observe.sweeps import SIZES, STEPS
from adamref.oracle.observe.trials import trials
from quick_check import checked, verdicts

DTYPES = ("float32", "float64", "float16", "bfloat16")


def step_with(before=None, states=None, after=None):
    """Return Adam in NumPy with something done before it, to its states, or after it."""

    def step(theta, grad, state, *, lr, beta1, beta2, eps):
        kind = theta.dtype.type
        held = state or {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}
        t = int(held["t"]) + 1
        grad, lr = before(grad, lr) if before else (grad, lr)
        m = kind(beta1) * held["m"] + kind(1 - beta1) * grad
        v = kind(beta2) * held["v"] + kind(1 - beta2) * (grad * grad)
        m, v = states(m, v, t) if states else (m, v)
        below = np.sqrt(v / kind(1 - beta2**t)) + kind(eps)
        delta = kind(lr) * (m / kind(1 - beta1**t)) / below
        delta = after(delta, t) if after else delta
        return theta - delta, {"m": m, "v": v, "t": t}

    return step


def at_step(which, factor):
    return lambda delta, t: delta * delta.dtype.type(factor) if t == which else delta


def reset(field, which):
    return lambda m, v, t: (m * (t != which or field != "m"), v * (t != which or field != "v"))


def flushed(x, least):
    return np.where(np.abs(x) < least, 0, x).astype(x.dtype)


def untouched(size, *elements):
    """Return what leaves elements as they are, of tensors that are larger, or exactly so large."""

    def after(delta, _t):
        if delta.size > max(elements) and size in (None, delta.size):
            delta = delta.copy()
            delta.reshape(-1)[list(elements)] = 0
        return delta

    return after


def beyond(count):
    def after(delta, _t):
        delta = delta.copy()
        delta.reshape(-1)[count:] = 0
        return delta

    return after


def transposed(axes):
    def after(delta, _t):
        if delta.ndim != axes:
            return delta
        return np.moveaxis(delta, -1, -2).reshape(delta.shape)

    return after


def in_blocks(x):
    """Return what is kept in 8 bits by blocks of 256, of more than 4,096 elements."""
    if x.size <= 4096:
        return x
    made = x.copy()
    flat = made.reshape(-1)
    for start in range(0, flat.size, 256):
        part = flat[start : start + 256]
        most = np.abs(part).max() or 1
        flat[start : start + 256] = np.round(part / most * 127) / 127 * most
    return made


ONLY_SOMEWHERE = {
    "a step 10 % too long at t = 37": ({"after": at_step(37, 1.1)}, "sweep-steps"),
    "one at t = 61": ({"after": at_step(61, 1.1)}, "sweep-steps"),
    "one at t = 149": ({"after": at_step(149, 1.1)}, "sweep-steps"),
    "no step at t = 150": ({"after": at_step(150, 0)}, "sweep-steps"),
    "v reset at t = 50": ({"states": reset("v", 50)}, "sweep-steps"),
    "m reset at t = 113": ({"states": reset("m", 113)}, "sweep-steps"),
    "v flushed below 1e-30": (
        {"states": lambda m, v, _: (m, flushed(v, 1e-30))}, "sweep-second-moments"
    ),
    "m flushed below 1e-20": (
        {"states": lambda m, v, _: (flushed(m, 1e-20), v)}, "sweep-first-moments"
    ),
    "gradients flushed below 1e-15": (
        {"before": lambda g, lr: (flushed(g, 1e-15), lr)}, "sweep-gradients"
    ),
    "gradients clipped at 1e15": (
        {"before": lambda g, lr: (np.clip(g, -1e15, 1e15).astype(g.dtype), lr)}, "sweep-gradients"
    ),
    "v capped at 1e30": (
        {"states": lambda m, v, _: (m, np.minimum(v, v.dtype.type(1e30)))}, "sweep-second-moments"
    ),
    "lr below 1e-7 taken as 0": ({"before": lambda g, lr: (g, lr * (lr > 1e-7))}, "sweep-rate--24"),
    "lr below 1e-9": ({"before": lambda g, lr: (g, lr * (lr > 1e-9))}, "sweep-rate--30"),
    "lr below 1e-20": ({"before": lambda g, lr: (g, lr * (lr > 1e-20))}, "sweep-rate--100"),
    "lr at most 10": ({"before": lambda g, lr: (g, min(lr, 10.0))}, "sweep-rate-7"),
    "elements beyond 5,000": ({"after": beyond(5000)}, "sweep-size-65537"),
    "element 65,536": ({"after": untouched(None, 65536)}, "sweep-size-65537"),
    "element 40,000": ({"after": untouched(None, 40000)}, "sweep-size-65537"),
    "the tail of 257": ({"after": untouched(257, 256)}, "sweep-size-257"),
    "the tail of 33": ({"after": untouched(33, 32)}, "sweep-size-33"),
    "three of 63": ({"after": untouched(63, 60, 61, 62)}, "sweep-size-63"),
    "element 4,096": ({"after": untouched(4097, 4096)}, "sweep-size-4097"),
    "8 bits above 4,096 elements": (
        {"states": lambda m, v, _: (in_blocks(m), in_blocks(v))}, "sweep-size-4097"
    ),
    "three axes": ({"after": transposed(3)}, "sweep-shape-2x3x4"),
}  # fmt: skip


QUICK = ("v reset at t = 50", "lr below 1e-9")
"""Of which the causes are found in a second; element 65,536 and t = 37 are looked at below."""


@pytest.mark.parametrize(
    "name", [pytest.param(x, marks=() if x in QUICK else pytest.mark.long) for x in ONLY_SOMEWHERE]
)
def test_what_is_wrong_in_one_place_alone_is_found_there(name):
    pieces, probe = ONLY_SOMEWHERE[name]
    report = checked(step_with(**pieces), probes=(*FEW, f"{probe}-float32"))
    assert report.verdict == "deviates"
    assert verdicts(report)[f"{probe}-float32"] == "differs"
    assert {verdicts(report)[x] for x in FEW} == {"holds"}
    assert report.diagnosis


FEW = ("random-generic-float32", "random-many-float32")


@pytest.mark.slow
def test_it_says_at_which_step_and_element():
    report = checked(
        step_with(after=at_step(37, 1.1)), probes=(*FEW, "sweep-steps-float32")
    )  # fmt: skip
    first = next(x.first_difference for x in report.probes if x.verdict == "differs")
    assert (first.t, first.field) == (37, "theta")
    report = checked(
        step_with(after=untouched(None, 65536)), probes=(*FEW, "sweep-size-65537-float32")
    )
    first = next(x.first_difference for x in report.probes if x.verdict == "differs")
    assert (first.index, first.field) == (65536, "theta")


@pytest.mark.parametrize(
    ("piece", "flush"),
    [
        ("m", lambda m, v, _: (flushed(m, np.finfo(m.dtype).tiny), v)),
        ("v", lambda m, v, _: (m, flushed(v, np.finfo(v.dtype).tiny))),
    ],
)
def test_what_flushes_subnormals_has_a_limit(piece, flush):
    report = checked(step_with(states=flush), probes=(*FEW, "sweep-subnormals-float32"))
    assert report.verdict == "conforms"
    assert verdicts(report)["sweep-subnormals-float32"] == "limit", piece
    assert [x.id for x in report.findings if x.severity == "limit"] == ["subnormal-flushed"]


@pytest.mark.slow
def test_what_is_wrong_everywhere_is_told_by_the_smaller_probes():
    report = checked(step_with(after=lambda d, _: d * 2), probes=(*FEW, "sweep-steps-float32"))
    (swept,) = [x for x in report.probes if x.name.startswith("sweep")]
    assert (swept.verdict, swept.because) == (
        "not-applicable", "what is wrong shows on smaller probes"
    )  # fmt: skip


def read_from_memory(theta, grad, state, **hyper):
    """Take the gradient as it lies in memory, whatever its strides."""
    flat = grad.ravel(order="K").reshape(grad.shape)
    return step_with()(np.array(theta, order="C"), flat, state, **hyper)


@pytest.mark.slow
@pytest.mark.parametrize("isolate", [False, True])
def test_arrays_lie_in_memory_by_columns_too(isolate):
    names = (*FEW, "sweep-by-columns-float32")
    with np.errstate(all="ignore"):
        report = adamref.check(read_from_memory, isolate=isolate, probes=names)
    assert verdicts(report) == {**dict.fromkeys(FEW, "holds"), names[-1]: "differs"}


@pytest.mark.slow
def test_alone_they_are_judged_as_any_probe():
    report = checked(step_with(after=at_step(37, 1.1)), probes="sweep-steps-float32")
    assert report.verdict == "deviates"
    assert checked(step_with(), probes="sweep-steps-float32").verdict == "conforms"


@pytest.mark.slow
def test_a_hidden_state_is_no_reason_not_to_look():
    def step(theta, grad, state, **hyper):
        new, held = step_with(after=at_step(61, 1.1))(theta, grad, state and state[0], **hyper)
        return new, (held,)

    report = checked(step, probes=(*FEW, "sweep-steps-float32"))
    assert verdicts(report)["sweep-steps-float32"] == "differs"


def in_one_buffer(theta, grad, state, *, lr, beta1, beta2, eps):
    """Keep m by t and shape beside the state, where a second run at this t finds it."""
    t = 0 if state is None else int(state["t"])
    key = (theta.shape, t)
    if state is not None and key in _KEPT and _KEPT[key].any():
        state = {**state, "m": _KEPT[key]}
    new, held = step_with()(theta, grad, state, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
    _KEPT[theta.shape, t + 1] = held["m"].copy()
    return new, held


_KEPT = {}


@cache
def thorough(name):
    every = {x.name: x for x in trials("float32", "adam", thorough=True)}
    return every[f"{name}-float32"]


@pytest.mark.slow
def test_two_runs_that_share_a_buffer_are_told_where_they_are_interleaved():
    names = (*FEW, "sweep-reloads-float32", "sweep-interleaved-float32")
    _KEPT.clear()
    report = checked(in_one_buffer, probes=names, thorough=True)
    found = verdicts(report)
    assert found["sweep-interleaved-float32"] == "differs"
    assert found["sweep-reloads-float32"] == "holds"


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_ranges_are_those_that_are_promised(dtype):
    made = {x.name.removesuffix(f"-{dtype}"): x for x in trials(dtype, "adam") if x.apart}
    assert len(made["sweep-steps"].grads) == STEPS == 150
    assert not made["sweep-steps"].judged
    assert {made[f"sweep-size-{n}"].thetas[0].size for n in SIZES} == set(SIZES)
    assert {x.thetas[0].ndim for n, x in made.items() if "shape" in n} == {2, 3, 4}
    fmt = formats.get(dtype)
    every = ("sweep-tiny-gradients", "sweep-gradients", "sweep-extremes")
    sizes = np.abs(np.concatenate([made[x].grads[0][0] for x in every]))
    assert sizes.min() <= 2 * fmt.smallest
    assert sizes.max() > fmt.largest / 4
    gaps = np.diff(np.sort(np.frexp(sizes)[1]))
    assert gaps.max() <= (1 if dtype != "float64" else 9)


def test_a_thorough_check_goes_further():
    made = {x.name for x in trials("float32", "adam", thorough=True)}
    assert {f"sweep-size-{128 + rest}-float32" for rest in range(64)} <= made
    assert len(thorough("sweep-steps").grads) == 2000
    assert thorough("sweep-size-1048576").thetas[0].size == 2**20
    assert {f"sweep-shape-{a}x{b}-float32" for a in range(1, 5) for b in range(1, 5)} <= made
    assert thorough("sweep-interleaved").reload == tuple(range(1, 12))


RIGHT = (
    "AMSGrad", "AdaBelief", "AdaGrad", "AdaMax", "AdamW", "Lion", "Momentum", "NAdam", "RMSprop",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [pytest.param(x, marks=pytest.mark.long) if x == "NAdam" else x for x in RIGHT]
)
def test_a_right_step_of_any_rule_holds_on_them(name):
    with np.errstate(all="ignore"):
        report = adamref.check(getattr(fast, name), isolate=False)
    said = {x.name: x.verdict for x in report.probes if x.name.startswith("sweep")}
    assert said["sweep-size-65537-float32"] == "holds"
    assert set(said.values()) <= {"holds", "limit"}


def test_a_rule_that_sums_over_a_tensor_has_no_larger_ones_than_can_be_worked_whole():
    sizes = [x.thetas[0].size for x in trials("float32", "lamb") if x.apart]
    assert max(sizes) == 4097


def test_elements_that_are_alike_stand_for_one_another():
    x = np.array([1.0, 2.0, 1.0, 2.0, 1.0, -0.0, 0.0])
    y = np.array([0.5, 0.5, 0.5, 0.25, 0.5, 0.0, 0.0])
    assert distinct([x, y]).tolist() == [0, 1, 3, 4, 5, 6]


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_right_step_conforms_and_the_report_says_what_was_covered(dtype):
    with np.errstate(all="ignore"):
        report = adamref.check(check_targets.step, isolate=False, dtype=dtype)
    steps = report.coverage.steps
    assert steps >= 150  # in float64 other probes go on from there
    assert report.coverage.elements == 65537
    said = f"Covered: every step to t = {steps} with m and v judged"
    assert str(report.coverage).startswith(said)


def test_large_tensors_are_left_out_where_an_element_takes_too_long(monkeypatch):
    """That is told as too slow; steps of small ones are still asked for."""
    every = {x.name.removesuffix("-float32"): x for x in trials("float32", "adam")}
    seconds = iter((0.0, 3.0))
    monkeypatch.setattr(asking.time, "perf_counter", lambda: next(seconds))
    pace = asking._Pace()
    with pace.of(every["random-many"]):
        pass
    said = pace.forbids(every["sweep-size-65537"])
    assert said == "131,074 elements of 2 steps would take 131 s at the pace so far"
    assert not pace.forbids(every["sweep-size-4097"])
    assert not pace.forbids(every["sweep-size-7"])
