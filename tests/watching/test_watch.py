"""Optimizers of NumPy arrays, watched: what is right holds, and what is not is named."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import adamref
from adamref import fast
from adamref.errors import OutOfDomain, StepDeviates, UnknownName
from adamref.watching.seen import Sampling

EVERY = {"every": 1, "seed": 1}


def arrays(dtype=np.float32):
    draw = np.random.default_rng(0)
    return {n: draw.normal(size=s).astype(dtype) for n, s in (("w", (20, 5)), ("b", (5,)))}


def gradients(params, number):
    draw = np.random.default_rng(number)
    return {n: draw.normal(size=x.shape).astype(x.dtype) for n, x in params.items()}


def trained(optimizer, params, steps=3, change=None):
    for number in range(1, steps + 1):
        grads = gradients(params, number)
        optimizer.step(grads)
        if change is not None:
            change(number)
    return optimizer


WAYS = {
    "adam": lambda p: fast.Adam(p, lr=0.01),
    "adamw": lambda p: fast.AdamW(p, lr=0.01, weight_decay=0.1),
    "l2": lambda p: fast.Adam(p, lr=0.01, weight_decay=0.1),
    "amsgrad": lambda p: fast.AMSGrad(p, lr=0.01),
    "maximize": lambda p: fast.Adam(p, lr=0.01, maximize=True),
    "schedule": lambda p: fast.AdamW(p, lr=lambda t: 0.1 / t),
    "eps-hat": lambda p: fast.Adam(p, form="eps-hat", eps=1e-4),
}
OTHERS = {
    "rmsprop": lambda p: fast.RMSprop(p, lr=0.01),
    "adagrad": lambda p: fast.AdaGrad(p, lr=0.01),
    "momentum": lambda p: fast.Momentum(p, lr=0.01),
    "lion": lambda p: fast.Lion(p, lr=0.01),
    "nadam": lambda p: fast.NAdam(p, lr=0.01),
    "adamax": lambda p: fast.AdaMax(p, lr=0.01),
    "adabelief": lambda p: fast.AdaBelief(p, lr=0.01),
}


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("way", {**WAYS, **OTHERS})
def test_right_steps_hold(way, dtype):
    params = arrays(dtype)
    optimizer = {**WAYS, **OTHERS}[way](params)
    with adamref.watch(optimizer, **EVERY) as watch:
        trained(optimizer, params)
    report = watch.report()
    assert (report.verdict, report.judged, report.elements) == ("holds", 3, 3 * 105)
    assert report.findings == ()
    assert report.worst <= 1
    assert report.worst > 0 or dtype == "float64"  # which is what it is worked in


def test_a_watched_step_is_the_same_to_the_bit():
    left, right = arrays(), arrays()
    watched = WAYS["adam"](left)
    with adamref.watch(watched, **EVERY):
        trained(watched, left, 1)
    trained(WAYS["adam"](right), right, 1)
    assert all(np.array_equal(left[n], right[n]) for n in left)


def test_the_first_and_every_so_many_are_judged_and_none_after_the_end():
    params = arrays()
    optimizer = WAYS["adam"](params)
    watch = adamref.watch(optimizer, every=3)
    trained(optimizer, params, 7)
    assert (watch.report().steps, watch.report().judged) == (7, 3)
    watch.close()
    assert "step" not in vars(optimizer)
    trained(optimizer, params, 3)
    assert watch.report().steps == 7
    assert repr(watch).startswith("<watch of Adam: holds, 3 of 7 steps judged in 315 elements")


@pytest.mark.parametrize("made", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_of_a_watched_optimizer_is_not_watched(made):
    optimizer = fast.Adam(arrays())
    watch = adamref.watch(optimizer, every=1)
    made(optimizer).step(gradients(arrays(), 1))
    assert watch.report().steps == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ({"lr": 0.02}, "lr was 0.01 where 0.02 is written"),
        ({"lr": lambda taken: 0.01 * (1 + taken)}, "lr was 0.01 where 0.02 is written"),
        ({"weight_decay": 0.2}, "weight_decay was 0.1 where 0.2 is written"),
        ({"eps": 1e-3}, "eps was 1e-08 where 0.001 is written"),
    ],
)
def test_a_number_that_was_another_is_named(said, cause):
    params = arrays("float64")
    optimizer = WAYS["adamw"](params)
    seen = []
    with adamref.watch(optimizer, on_deviation=seen.append, **said, **EVERY) as watch:
        trained(optimizer, params, 2)
    assert str(seen[-1]).startswith(f"{cause}, in w, b (105 of 105")
    found = watch.report().findings[0]
    assert (found.severity, found.id) == ("deviation", f"another-{next(iter(said))}")


@pytest.mark.slow
def test_a_deviation_is_raised_by_the_step_or_warned_of():
    params = arrays()
    optimizer = WAYS["adam"](params)
    with (
        adamref.watch(optimizer, lr=0.02, every=1),
        pytest.raises(StepDeviates, match=r"lr was 0\.01"),
    ):
        trained(optimizer, params)
    params = arrays()
    optimizer = WAYS["adam"](params)
    with (
        adamref.watch(optimizer, lr=0.02, every=1, on_deviation="warn"),
        pytest.warns(RuntimeWarning, match="Adam, step 1: lr was 0.01 where 0.02 is written"),
    ):
        trained(optimizer, params, 1)


class Mine:
    """An optimizer of somebody's own: arrays by key, and for each a state with t."""

    rule = "adam"

    def __init__(self, params, slip=""):
        self.params, self.slip = params, slip
        self.hyper = {"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
        self.state = {
            n: {"t": 0, "m": np.zeros_like(x), "v": np.zeros_like(x)} for n, x in params.items()
        }

    def step(self, grads):
        lr, b1, b2, eps = self.hyper.values()
        for n, g in grads.items():
            if g is None or (self.slip == "left-out" and n == "b"):
                continue
            x = self.state[n]
            x["t"] += 2 if self.slip == "twice" else 1
            if self.slip == "lost" and x["t"] == 3:
                x["m"], x["v"] = np.zeros_like(g), np.zeros_like(g)
            x["m"] = b1 * x["m"] + (1 - b1) * g
            x["v"] = b2 * x["v"] + (1 - b2) * g * g
            t = 1 if self.slip == "no-power" else x["t"]
            m_hat, v_hat = x["m"] / (1 - b1**t), x["v"] / (1 - b2**t)
            self.params[n] -= lr * m_hat / (np.sqrt(v_hat) + eps)


def found_in(slip, steps=3, **options):
    params = arrays("float64")
    optimizer = Mine(params, slip)
    with adamref.watch(optimizer, on_deviation=lambda _: None, **EVERY, **options) as watch:
        trained(optimizer, params, steps)
    return watch.report()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("slip", "ids"),
    [
        ("", set()),
        ("left-out", {"not-moved"}),
        ("twice", {"t-not-by-steps"}),
        ("no-power", {"t-behind", "t-lost-on-resume"}),  # the corrections are those of t = 1
        ("lost", {"state-lost-on-resume"}),
    ],
)
def test_slips_of_somebody_s_own_are_named(slip, ids):
    report = found_in(slip)
    assert {x.id for x in report.findings if x.severity == "deviation"} == ids, str(report)
    assert report.verdict == ("deviates" if ids else "holds")


def test_a_parameter_without_a_gradient_is_left_alone():
    params = arrays()
    optimizer = WAYS["adam"](params)
    with adamref.watch(optimizer, **EVERY) as watch:
        optimizer.step({"w": gradients(params, 1)["w"]})
        optimizer.step(gradients(params, 2))
    assert (watch.report().verdict, watch.report().elements) == ("holds", 100 + 105)


def test_a_gradient_that_is_no_number_is_told():
    params = arrays()
    optimizer = WAYS["adam"](params)
    grads = gradients(params, 1)
    grads["b"][2] = np.nan
    with (
        adamref.watch(optimizer, every=1),
        pytest.raises(StepDeviates, match="a gradient that is NaN or infinite, in b"),
    ):
        optimizer.step(grads)


def test_a_lost_state_is_told_at_once():
    params = arrays()
    optimizer = WAYS["adam"](params)
    trained(optimizer, params, 4)
    for state in optimizer.state.values():
        state["m"][...] = 0
        state["v"][...] = 0
    with (
        adamref.watch(optimizer, every=1),
        pytest.raises(StepDeviates, match="every moment that was looked at is 0 after 4 steps"),
    ):
        optimizer.step(gradients(params, 1))


def test_a_counter_that_was_set_back_is_told():
    params = arrays()
    optimizer = WAYS["adam"](params)
    seen = []
    with adamref.watch(optimizer, on_deviation=seen.append, **EVERY):
        trained(optimizer, params, 2)
        for state in optimizer.state.values():
            state["t"] = 0
        trained(optimizer, params, 1)
    assert [x.id for x in seen[0].deviations] == ["t-went-back"]
    assert str(seen[0]).startswith("t went from 2 to 0 in 0 steps since it was last looked at")


def test_a_sample_is_others_each_time_and_the_same_again():
    sampling = Sampling(100, seed=3)
    one, again, other = (sampling.places([10_000, 7], n) for n in (1, 1, 2))
    assert [x.tolist() for x in one] == [x.tolist() for x in again]
    assert one[0].tolist() != other[0].tolist()
    assert [len(x) for x in one] == [93, 7]
    assert (np.diff(one[0]) > 0).all()
    assert one[0].max() < 10_000
    assert Sampling(4, seed=0).counts([5, 1000]) == [5, 8]  # some of each


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"every": 0}, OutOfDomain),
        ({"elements": 1.5}, OutOfDomain),
        ({"on_deviation": "shout"}, OutOfDomain),
        ({"lr": -1}, OutOfDomain),
        ({"rule": "adamm"}, UnknownName),
        ({"hyper": "exact"}, UnknownName),
    ],
)
def test_options_are_held_to_their_domains(options, error):
    with pytest.raises(error):
        adamref.watch(fast.Adam(arrays()), **options)


def test_what_is_no_optimizer_is_refused():
    with pytest.raises(
        OutOfDomain, match=r"optimizer = builtins\.dict, but should be an optimizer"
    ):
        adamref.watch({})
