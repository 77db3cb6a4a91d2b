"""Right implementations of unusual make: what is stored, worked in and shown are three things."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest

from adamref.oracle.check import check
from adamref.oracle.judge.inference import inferred
from adamref.oracle.observe.sessions.opened import opened

BFLOAT16 = ml_dtypes.bfloat16
NAMES = ("random-generic", "random-state", "random-checkpoint", "missing")


def checked(step, dtype="float32", names=NAMES, **options):
    probes = [f"{name}-{dtype}" for name in names]
    with np.errstate(all="ignore"):
        return check(step, isolate=False, dtype=dtype, probes=probes, **options)


def begun(theta, kind=None):
    kind = kind or theta.dtype
    return {"m": np.zeros(theta.shape, kind), "v": np.zeros(theta.shape, kind), "t": 0}


def moments(s, g, beta1, beta2):
    return beta1 * s["m"] + (1 - beta1) * g, beta2 * s["v"] + (1 - beta2) * g * g, s["t"] + 1


def stepped(theta, m, v, t, lr, beta1, beta2, eps):
    return theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)


def float64_states(theta, grad, state, *, lr, beta1, beta2, eps):
    m, v, t = moments(state or begun(theta, float), grad, beta1, beta2)
    return stepped(theta, m, v, t, lr, beta1, beta2, eps), {"m": m, "v": v, "t": t}


def float64_inside(theta, grad, state, *, lr, beta1, beta2, eps):
    kind, s = theta.dtype, state or begun(theta)
    wide = {"m": s["m"].astype(float), "v": s["v"].astype(float), "t": s["t"]}
    m, v, t = moments(wide, grad.astype(float), beta1, beta2)
    new = stepped(theta.astype(float), m, v, t, lr, beta1, beta2, eps)
    return new.astype(kind), {"m": m.astype(kind), "v": v.astype(kind), "t": t}


def corrected(theta, grad, state, *, lr, beta1, beta2, eps):
    """The moments are kept corrected for their bias."""
    s = state or begun(theta)
    t = s["t"] + 1
    w1, w2 = (1 - beta1) / (1 - beta1**t), (1 - beta2) / (1 - beta2**t)
    m = s["m"] + w1 * (grad - s["m"])
    v = (1 - w2) * s["v"] + w2 * grad * grad
    return theta - lr * m / (np.sqrt(v) + eps), {"m": m, "v": v, "t": t}


def scaled(theta, grad, state, *, lr, beta1, beta2, eps):
    """The factor 1 - beta is taken at the step."""
    s = state or begun(theta)
    m, v, t = beta1 * s["m"] + grad, beta2 * s["v"] + grad * grad, s["t"] + 1
    c1, c2 = (1 - beta1) / (1 - beta1**t), (1 - beta2) / (1 - beta2**t)
    return theta - lr * (c1 * m) / (np.sqrt(c2 * v) + eps), {"m": m, "v": v, "t": t}


def rooted(theta, grad, state, *, lr, beta1, beta2, eps):
    """The root of the second moment is kept."""
    s = state or begun(theta)
    t, m = s["t"] + 1, beta1 * s["m"] + (1 - beta1) * grad
    v = np.sqrt(beta2 * s["v"] ** 2 + (1 - beta2) * grad * grad)
    new = theta - lr * (m / (1 - beta1**t)) / (v / np.sqrt(1 - beta2**t) + eps)
    return new, {"m": m, "v": v, "t": t}


class Numbers:
    """m and v start as the number 0."""

    def __init__(self, theta, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        self.theta, self.h = theta, (lr, beta1, beta2, eps)
        self.m = self.v = self.t = 0

    def step(self, grad):
        lr, beta1, beta2, eps = self.h
        s = {"m": self.m, "v": self.v, "t": self.t}
        self.m, self.v, self.t = moments(s, grad, beta1, beta2)
        self.theta = stepped(self.theta, self.m, self.v, self.t, lr, beta1, beta2, eps)
        return self.theta


class Wide(Numbers):
    """theta is float64 from the first step on."""

    def step(self, grad):
        self.theta = np.asarray(self.theta, float)
        return super().step(grad)


class Careful(Numbers):
    """It refuses rates of 0 and what is empty."""

    def __init__(self, theta, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        if not (0 < beta1 < 1 and 0 < beta2 < 1):
            raise ValueError("rates lie between 0 and 1")
        if theta.size == 0:
            raise ValueError("there is nothing to train")
        super().__init__(theta, lr, beta1, beta2, eps)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "stored", "compute"),
    [
        (float64_states, None, "float32"),
        (float64_inside, None, "float64"),
        (corrected, "corrected", "float32"),
        (scaled, "scaled", "float32"),
        (rooted, "root", "float32"),
        (Numbers, None, "float32"),
        (Wide, None, "float32"),
    ],
)
def test_a_right_form_conforms(step, stored, compute):
    report = checked(step)
    assert report.verdict == "conforms", str(report)
    assert (report.dialect.get("stored"), report.dialect["compute"]) == (stored, compute)
    assert report.accuracy["theta"].max_ulp < 4


@pytest.mark.long
@pytest.mark.parametrize("wrong", [corrected, scaled, rooted])
def test_a_wrong_form_deviates(wrong):
    """What is stored otherwise is held to its own line, as strictly."""

    def step(theta, grad, state, *, lr, beta1, beta2, eps):
        hyper = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps}
        new, made = wrong(theta, grad, state, **hyper)
        return new, made | {"v": made["v"] * theta.dtype.type(1 + 2.0**-16)}

    assert checked(step, names=("random-generic",)).verdict == "deviates"


def test_a_refusal_of_a_rate_of_0_or_of_nothing_is_a_limit():
    report = checked(Careful, names=("random-generic", "random-no-memory", "random-empty"))
    assert report.verdict == "conforms", str(report)
    assert [x.verdict for x in report.probes] == ["holds", "limit", "limit"]


# Theta in more digits than it is shown in.


def mixed(theta, grad, state, *, keep, lr, beta1, beta2, eps):
    """Work a step in float32 from what is kept of theta."""
    s = state or {**begun(theta, np.float32), **keep.first(theta)}
    m, v, t = moments(s, grad.astype(np.float32), beta1, beta2)
    m, v = m.astype(np.float32), v.astype(np.float32)
    delta = stepped(np.float32(0), m, v, t, lr, beta1, beta2, eps).astype(np.float32)
    new, kept = keep.moved(theta, s, delta)
    return new, {"m": m, "v": v, "t": t, **kept}


class Copy:
    """A float32 copy."""

    @staticmethod
    def first(theta):
        return {"master": theta.astype(np.float32)}

    @staticmethod
    def moved(_theta, s, delta):
        master = s["master"] + delta
        return master.astype(BFLOAT16), {"master": master}


class Rest:
    """What rounding took (Kahan)."""

    @staticmethod
    def first(theta):
        return {"lost": np.zeros(theta.shape, BFLOAT16)}

    @staticmethod
    def moved(theta, s, delta):
        old = theta.astype(np.float32)
        y = delta - s["lost"].astype(np.float32)
        new = (old + y).astype(BFLOAT16)
        return new, {"lost": ((new.astype(np.float32) - old) - y).astype(BFLOAT16)}


def kept_as(keep):
    def step(theta, grad, state, *, lr, beta1, beta2, eps):
        hyper = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps}
        return mixed(theta, grad, state, keep=keep, **hyper)

    return step


@pytest.mark.parametrize(("keep", "verdict"), [(Copy, "conforms"), (Rest, "conforms")])
def test_theta_is_judged_from_what_is_kept_of_it(keep, verdict):
    names = ("random-generic", "random-state", "random-checkpoint")
    report = checked(kept_as(keep), "bfloat16", names)
    assert report.verdict == verdict, str(report)
    assert report.dialect["compute"] == "float32"
    # Far less than half a unit of bfloat16: more digits than that were judged.
    assert report.accuracy["theta"].max_ulp < 0.02


# Hyperparameters that are fixed inside.


def fixed(lr, beta1, beta2, eps, *, shown=True):
    def step(theta, grad, state):
        s = state if isinstance(state, dict) else begun(theta)
        if isinstance(state, tuple):
            s = dict(zip("mvt", state, strict=True))
        m, v, t = moments(s, grad, beta1, beta2)
        made = {"m": m, "v": v, "t": t} if shown else (m, v, t)
        return stepped(theta, m, v, t, lr, beta1, beta2, eps), made

    return step


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shown", [True, False])
@pytest.mark.parametrize(
    "numbers", [(3e-4, 0.9, 0.95, 1e-8), (2e-3, 0.5, 0.9, 1e-7), (0.1, 0.0, 0.99, 1e-3)]
)
def test_what_is_fixed_inside_is_found_out(numbers, shown, dtype):
    session = opened(fixed(*numbers, shown=shown), isolate=False).session
    found = {name: x.value for name, x in inferred(session, dtype, "adam").items()}
    assert found == dict(zip(("lr", "beta1", "beta2", "eps"), numbers, strict=True))


def test_what_can_be_set_does_not_count_as_what_it_is_by_default():
    def step(theta, grad, state, lr=0.25):
        return fixed(lr, 0.9, 0.95, 1e-8)(theta, grad, state)

    found = inferred(opened(step, isolate=False).session, "float32", "adam")
    assert {name: x.value for name, x in found.items()} == {
        "beta1": 0.9,
        "beta2": 0.95,
        "eps": 1e-8,
    }


def test_it_is_judged_by_what_was_found():
    report = checked(fixed(3e-4, 0.9, 0.95, 1e-8), names=("random-generic", "random-rows"))
    assert report.verdict == "conforms", str(report)
    (said,) = [x.says for x in report.findings if x.id == "uncontrolled-beta2"]
    assert said.startswith("beta2 cannot be set: it is 0.95, as its first steps show")


@pytest.mark.slow
def test_nothing_is_inferred_from_noise():
    def step(theta, grad, _state):
        return theta - np.float32(0.001) * np.sin(grad * 1e3), begun(theta)

    assert inferred(opened(step, isolate=False).session, "float32", "adam") == {}


# What a signature offers.


def decaying(how):
    def step(theta, grad, state, *, lr, beta1, beta2, eps, weight_decay):
        s = state or begun(theta)
        g = grad + weight_decay * theta if how == "l2" else grad
        m, v, t = moments(s, g, beta1, beta2)
        kept = {"decoupled": 1 - lr * weight_decay, "unscaled": 1 - weight_decay}.get(how, 1)
        new = stepped(kept * theta, m, v, t, lr, beta1, beta2, eps)
        return new, {"m": m, "v": v, "t": t}

    return step


@pytest.mark.parametrize(
    ("how", "optimizer", "decay"),
    [
        ("l2", "adam-l2", "l2"),
        ("decoupled", "adamw", "decoupled-before"),
        ("unscaled", "adamw", "decoupled-unscaled"),
    ],
)
def test_a_weight_decay_that_is_taken_is_exercised(how, optimizer, decay):
    report = checked(decaying(how), names=("random-generic",))
    assert (report.verdict, report.optimizer) == ("conforms", optimizer), str(report)
    assert report.dialect["weight_decay"] == decay
    assert report.because == "as it takes weight_decay"
    assert f"({optimizer} as it takes weight_decay, float32)" in " ".join(str(report).split())


def handing_on(theta, grad, state, **hyper):
    def step(theta, grad, state, *, lr, beta1, beta2, eps):
        return fixed(lr, beta1, beta2, eps, shown=True)(theta, grad, state)

    return step(theta, grad, state, **hyper)


def test_any_keyword_is_only_what_it_is_handed_on_to():
    report = checked(handing_on, names=("random-generic",))
    assert (report.verdict, report.optimizer) == ("conforms", "adam"), str(report)


@pytest.mark.slow
def test_a_weight_decay_that_is_forgotten_is_found():
    assert checked(decaying("never"), names=("random-generic",)).verdict == "deviates"


@pytest.mark.slow
@pytest.mark.parametrize(("how", "optimizer"), [("l2", "adam-l2"), ("decoupled", "adamw")])
def test_a_weight_decay_is_exercised_though_other_numbers_are_fixed(how, optimizer):
    within = decaying(how)

    def step(theta, grad, state, *, lr, weight_decay):
        hyper = {"beta1": 0.9, "beta2": 0.95, "eps": 1e-8}
        return within(theta, grad, state, lr=lr, weight_decay=weight_decay, **hyper)

    report = checked(step, names=("random-generic",))
    assert (report.verdict, report.optimizer) == ("conforms", optimizer), str(report)


@pytest.mark.slow
@pytest.mark.parametrize(("how", "optimizer"), [("l2", "adam-l2"), ("decoupled", "adamw")])
def test_a_decay_of_matrices_alone_tells_which_it_is(how, optimizer):
    within = decaying(how)

    def step(theta, grad, state, *, lr, beta1, beta2, eps, weight_decay):
        decay = weight_decay if theta.ndim > 1 else 0.0
        hyper = {"beta1": beta1, "beta2": beta2, "eps": eps, "weight_decay": decay}
        return within(theta, grad, state, lr=lr, **hyper)

    report = checked(step, names=("random-generic", "random-large", "random-rows"))
    assert (report.verdict, report.optimizer) == ("conforms", optimizer), str(report)
    assert report.dialect["no_decay_below_2d"] == "on"
