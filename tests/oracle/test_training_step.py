"""A training step is given the gradients of micro-batches, and judged as a whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from adamref.oracle.check import check
from adamref.oracle.observe.calling.micro import parted, weights
from adamref.oracle.observe.sessions.session import Failed

EXAMPLES = Path(__file__).parents[2] / "examples" / "check"


def adam(theta, g, state, *, lr, beta1, beta2, eps):
    s = state or {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}
    t = s["t"] + 1
    m = beta1 * s["m"] + (1 - beta1) * g
    v = beta2 * s["v"] + (1 - beta2) * g * g
    step = lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return theta - step, {"m": m, "v": v, "t": t}


def of_mean(theta, micro_batch_gradients, state, *, lr, beta1, beta2, eps, accumulate=4):
    assert len(micro_batch_gradients) == accumulate
    g = micro_batch_gradients.mean(axis=0)
    return adam(theta, g, state, lr=lr, beta1=beta1, beta2=beta2, eps=eps)


def of_parts(theta, micro_grads, state, *, lr, beta1, beta2, eps):
    """Divide each before it is added."""
    g = sum(x / len(micro_grads) for x in micro_grads).astype(theta.dtype)
    return adam(theta, g, state, lr=lr, beta1=beta1, beta2=beta2, eps=eps)


def of_last(theta, micro_batch_gradients, state, *, lr, beta1, beta2, eps):
    g = micro_batch_gradients[-1]
    return adam(theta, g, state, lr=lr, beta1=beta1, beta2=beta2, eps=eps)


def of_sum(theta, micro_batch_gradients, state, *, lr, beta1, beta2, eps):
    g = sum(micro_batch_gradients)
    return adam(theta, g, state, lr=lr, beta1=beta1, beta2=beta2, eps=eps)


class Trainer:
    def __init__(self, theta, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        self.theta, self.hyper = theta, {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps}
        self.m, self.v, self.t = np.zeros_like(theta), np.zeros_like(theta), 0
        self.sum, self.count = np.zeros_like(theta), 0

    def move(self, g):
        held = {"m": self.m, "v": self.v, "t": self.t}
        self.theta, held = adam(self.theta, g, held, **self.hyper)
        self.m, self.v, self.t = held["m"], held["v"], held["t"]
        return self.theta


class OfAll(Trainer):
    def step(self, micro_batch_grads):
        return self.move(micro_batch_grads.mean(axis=0))


class OneByOne(Trainer):
    """Moves with every so many calls."""

    is_cleared = True

    def __init__(self, theta, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8, accumulate=2):
        super().__init__(theta, lr, beta1, beta2, eps)
        self.accumulate = accumulate

    def step(self, grad):
        self.sum = self.sum + grad / self.accumulate
        self.count += 1
        if self.count % self.accumulate == 0:
            g, self.sum = self.sum, self.sum * (not self.is_cleared)
            self.move(g)
        return self.theta


class NeverCleared(OneByOne):
    is_cleared = False


class CountsAll(OneByOne):
    """Its counter counts the calls."""

    def step(self, grad):
        self.sum = self.sum + grad / self.accumulate
        self.t += 1
        if self.t % self.accumulate == 0:
            g, self.sum, calls = self.sum, np.zeros_like(self.sum), self.t
            self.t = calls // self.accumulate - 1
            self.move(g)
            self.t = calls
        return self.theta


class IsFed(Trainer):
    def accumulate(self, grad):
        self.sum, self.count = self.sum + grad, self.count + 1

    def step(self):
        g, self.sum, self.count = self.sum / self.count, np.zeros_like(self.sum), 0
        return self.move(g)


class NeverCounted(IsFed):
    def step(self):
        g, self.sum = self.sum / self.count, np.zeros_like(self.sum)
        return self.move(g)


class Ignores(Trainer):
    """Its argument says a number, and each call is a step all the same."""

    def __init__(self, theta, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8, accumulate=4):
        super().__init__(theta, lr, beta1, beta2, eps)
        del accumulate

    def step(self, grad):
        return self.move(grad)


def checked(step, **options):
    with np.errstate(all="ignore"):
        return check(step, isolate=False, probes=["random-generic-float32"], **options)


@pytest.mark.parametrize("step", [of_mean, of_parts])
def test_a_step_by_the_mean_conforms_and_is_said_to_be_given_parts(step):
    report = checked(step)
    assert report.verdict == "conforms", report.diagnosis
    assert any(x.id == "micro-batches" for x in report.findings)


@pytest.mark.parametrize("kind", [OfAll, OneByOne, CountsAll, IsFed])
def test_an_object_that_steps_by_the_mean_conforms(kind):
    report = checked(kind)
    assert report.verdict == "conforms", report.diagnosis
    (told,) = (x for x in report.findings if x.id == "micro-batches")
    assert ("one by one" in told.says) == (kind is not OfAll)


def test_an_argument_that_nothing_waits_for_is_no_sign_of_micro_batches():
    report = checked(Ignores)
    assert report.verdict == "conforms"
    assert not any(x.id == "micro-batches" for x in report.findings)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "says"), [(NeverCleared, "gradient-accumulated"), (NeverCounted, "1/t")]
)
def test_what_is_not_begun_anew_is_told(kind, says):
    report = checked(kind)
    assert report.verdict == "deviates"
    assert says in f"{report.diagnosis[0].faults} {report.diagnosis[0].says}"


def test_how_many_there_are_can_be_said():
    assert checked(of_mean, args={"accumulate": 8}).verdict == "conforms"


@pytest.mark.slow
@pytest.mark.parametrize(("step", "factor"), [(of_last, "-4"), (of_sum, "4")])
def test_the_last_alone_and_the_sum_are_told(step, factor):
    report = checked(step)
    assert report.verdict == "deviates"
    assert factor in report.diagnosis[0].says[0].split()


def test_a_sum_can_be_declared():
    assert checked(of_sum, dialect="loss-scale=0.25").verdict == "conforms"


@pytest.mark.slow
def test_the_example_unscales_before_it_clips(monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLES)
    report = check("training_step:train_step", probes=["random-large-float32"])
    assert report.verdict == "conforms", report.diagnosis
    assert report.dialect["loss_scale"] == "8"
    assert report.dialect["clip_norm"] == "0.5:tensor:1e-6"


@pytest.mark.parametrize("count", [2, 4, 8, 16])
def test_no_mean_of_micro_batches_is_rounded(count):
    g = np.array([1 / 3, -2e-30, 5e30, np.inf, np.nan], np.float32)
    made = parted(g, count)
    with np.errstate(all="ignore"):
        assert np.array_equal(made.mean(axis=0), g, equal_nan=True)
        assert np.array_equal((made / np.float32(count)).sum(axis=0), g, equal_nan=True)


def test_no_micro_batch_alone_is_the_mean_or_the_sum():
    for count in (2, 3, 4, 5, 8):
        assert sum(weights(count)) == count == len(weights(count))
        assert not {1, count} & {*weights(count)}


def as_it_goes(theta, micro_batch_gradients, state, *, lr, beta1, beta2, eps, accumulate=4):
    """Form the mean as optax's MultiSteps does, which rounds it."""
    assert len(micro_batch_gradients) == accumulate
    mean = np.zeros_like(theta)
    for k, g in enumerate(micro_batch_gradients, 1):
        mean = mean + (g - mean) / theta.dtype.type(k)
    return adam(theta, mean, state, lr=lr, beta1=beta1, beta2=beta2, eps=eps)


@pytest.mark.parametrize("count", [2, 4])
def test_a_mean_that_is_formed_as_it_goes_may_round(count):
    probes = ["random-many-float32", "random-generic-float32"]
    report = check(as_it_goes, isolate=False, probes=probes, args={"accumulate": count})
    assert report.verdict == "conforms", report.diagnosis
    assert report.dialect["running_mean"] == str(count)


def of_three(theta, micro_batch_grads, state, *, lr, beta1, beta2, eps, every_k=3):
    g = sum(micro_batch_grads) / theta.dtype.type(every_k)
    return adam(theta, g, state, lr=lr, beta1=beta1, beta2=beta2, eps=eps)


@pytest.mark.slow
def test_a_mean_of_three_rounds_whatever_its_number_is_called():
    with np.errstate(all="ignore"):
        report = check(of_three, isolate=False)
    assert report.verdict == "conforms"
    assert report.dialect["running_mean"] == "3"
    # What would tell it overflows in the sum, which says nothing of the order.
    assert report.dialect["moments"] is None
    assert {x.name: x.verdict for x in report.probes}["opposite-float32"] == "not-applicable"


def test_what_overflows_in_the_sum_alone_is_not_parted():
    largest = np.finfo(np.float32).max
    with pytest.raises(Failed, match="the sum of 3 micro-batches would overflow float32"):
        parted(np.array([1, largest], dtype=np.float32), 3)
    assert np.isinf(parted(np.array([np.inf], dtype=np.float32), 3)).all()


@pytest.mark.slow
def test_what_rounds_is_told_from_what_is_wrong():
    def off(theta, micro_batch_gradients, state, *, lr, beta1, beta2, eps, accumulate=4):
        more = micro_batch_gradients * theta.dtype.type(1 + 2.0**-12)
        hyper = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps}
        return as_it_goes(theta, more, state, **hyper, accumulate=accumulate)

    assert checked(off).verdict == "deviates"
