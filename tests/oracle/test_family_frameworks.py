"""Adam's relatives in frameworks and in `adamref.fast`: made, seen and loaded, against NumPy.

Each row says what is made, of which optimizer it is, and the step by hand: from the states before,
a gradient, t and the hyperparameters to the states after and the step to take.
"""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from adamref.oracle.observe.asking import asked
from adamref.oracle.observe.sessions.detect import chosen
from adamref.oracle.observe.sessions.load import named
from adamref.oracle.observe.sessions.optimizers import optimizer_of
from adamref.oracle.observe.sessions.session import Held, Start
from adamref.oracle.observe.table import table
from adamref.oracle.observe.trials import trials

THETAS = (np.array([0.5, 2.0]), np.array(1.0))
GRADS = ([np.array([-15.0, 0.25]), np.array(1.0)], [np.array([3.0, -0.5]), np.array(0.125)])
ALL = {"lr": 0.125, "beta1": 0.75, "beta2": 0.5, "beta3": 0.875, "eps": 0.25, "psi": 1.0}


def mean(old, new, beta):
    return beta * old + (1 - beta) * new


def moments(s, g, h):
    return mean(s["m"], g, h["beta1"]), mean(s["v"], g * g, h["beta2"])


def nadam(s, g, t, h):
    m, v = moments(s, g, h)
    mu, ahead = (h["beta1"] * (1 - 0.96 ** (k * h["psi"]) / 2) for k in (t, t + 1))
    product = s["mu_product"] * mu
    m_hat = ahead * m / (1 - product * ahead) + (1 - mu) * g / (1 - product)
    delta = m_hat / (np.sqrt(v / (1 - h["beta2"] ** t)) + h["eps"])
    return {"m": m, "v": v, "mu_product": product}, delta


def nesterov_adam(s, g, t, h):
    """optax's nadam: no schedule of the momentum."""
    m, v = moments(s, g, h)
    m_hat = h["beta1"] * m / (1 - h["beta1"] ** (t + 1)) + (1 - h["beta1"]) * g / (
        1 - h["beta1"] ** t
    )
    return {"m": m, "v": v}, m_hat / (np.sqrt(v / (1 - h["beta2"] ** t)) + h["eps"])


def radam(s, g, t, h):
    m, v = moments(s, g, h)
    b2 = h["beta2"]
    most = 2 / (1 - b2) - 1
    rho = most - 2 * t * b2**t / (1 - b2**t)
    assert rho <= 5  # never rectified with a beta2 so small
    return {"m": m, "v": v}, m / (1 - h["beta1"] ** t)


def adamax(s, g, t, h, *, eps_within=False):
    m = mean(s["m"], g, h["beta1"])
    u = np.maximum(h["beta2"] * s["u"], np.abs(g) + h["eps"] * eps_within)
    return {"m": m, "u": u}, m / (1 - h["beta1"] ** t) / (u + h["eps"] * (not eps_within))


def torch_adamax(s, g, t, h):
    return adamax(s, g, t, h, eps_within=True)


def pure_adamax(s, g, t, h):
    return adamax(s, g, t, {**h, "eps": 0.0})


def rmsprop(s, g, t, h):
    del t
    v = mean(s["v"], g * g, h["beta2"])
    return {"v": v}, g / (np.sqrt(v) + h["eps"])


def rmsprop_inside(s, g, t, h):
    del t
    v = mean(s["v"], g * g, h["beta2"])
    return {"v": v}, g / np.sqrt(v + h["eps"])


def adagrad(s, g, t, h):
    del t
    v = s["v"] + g * g
    return {"v": v}, g / (np.sqrt(v) + h["eps"])


def adagrad_inside(s, g, t, h):
    del t
    v = s["v"] + g * g
    return {"v": v}, g / np.sqrt(v + h["eps"])


def descent(s, g, t, h):
    del s, t, h
    return {}, g


def ball(s, g, t, h):
    del t
    m = h["beta1"] * s["m"] + g
    return {"m": m}, m


def velocity(s, g, t, h):
    """Keras has the learning rate, and the sign of the step, in its momentum."""
    del t
    m = h["beta1"] * s["m"] - h["lr"] * g
    return {"m": m}, -m / h["lr"]


def average(s, g, t, h):
    del t
    m = mean(s["m"], g, h["beta1"])
    return {"m": m}, m


def lion(s, g, t, h):
    del t
    step = np.sign(mean(s["m"], g, h["beta1"]))
    return {"m": mean(s["m"], g, h["beta2"])}, step


def lamb(s, g, t, h, theta):
    m, v = moments(s, g, h)
    step = m / (1 - h["beta1"] ** t) / (np.sqrt(v / (1 - h["beta2"] ** t)) + h["eps"])
    return {"m": m, "v": v}, step * np.linalg.norm(theta) / np.linalg.norm(step)


def adabelief(s, g, t, h):
    m = mean(s["m"], g, h["beta1"])
    s = mean(s["s"], (g - m) ** 2, h["beta2"]) + h["eps_root"]
    return {"m": m, "s": s}, m / (1 - h["beta1"] ** t) / (
        np.sqrt(s / (1 - h["beta2"] ** t)) + h["eps"]
    )


def adan(s, g, t, h):
    difference = np.where(t == 1, 0.0, g - s["g"])
    m, v = mean(s["m"], g, h["beta1"]), mean(s["v"], difference, h["beta2"])
    n = mean(s["n"], (g + (1 - h["beta2"]) * difference) ** 2, h["beta3"])
    up = m / (1 - h["beta1"] ** t) + (1 - h["beta2"]) * v / (1 - h["beta2"] ** t)
    root = np.sqrt(n / (1 - h["beta3"] ** t) + h["eps_root"])
    return {"m": m, "v": v, "n": n, "g": g}, up / (root + h["eps"])


ADAM = "lr beta1 beta2 eps"
# What is made, of which optimizer it is by its name, arguments, hyperparameters, the step.
ROWS = [
    ("torch.optim:NAdam", "nadam", {}, f"{ADAM} psi", nadam),
    ("torch.optim:RAdam", "radam", {}, ADAM, radam),
    ("torch.optim:Adamax", "adamax", {}, ADAM, torch_adamax),
    ("torch.optim:RMSprop", "rmsprop", {}, "lr beta2 eps", rmsprop),
    ("torch.optim:Adagrad", "adagrad", {}, "lr eps", adagrad),
    ("torch.optim:SGD", "gradient-descent", {}, "lr", descent),
    ("torch.optim:SGD", "heavy-ball", {"momentum": 0.75}, "lr", ball),
    ("optax:nadam", "nadam", {}, ADAM, nesterov_adam),
    ("optax:radam", "radam", {}, ADAM, radam),
    ("optax:adamax", "adamax", {}, ADAM, torch_adamax),
    ("optax:rmsprop", "rmsprop", {}, "lr beta2 eps", rmsprop_inside),
    ("optax:adagrad", "adagrad", {}, "lr eps", adagrad_inside),
    ("optax:sgd", "gradient-descent", {}, "lr", descent),
    ("optax:sgd", "heavy-ball", {"momentum": 0.75}, "lr", ball),
    ("optax:adabelief", "adabelief", {}, f"{ADAM} eps_root", adabelief),
    ("optax:lion", "lion", {}, "lr beta1 beta2", lion),
    ("optax:adan", "adan", {}, f"{ADAM} beta3 eps_root", adan),
    ("optax:lamb", "lamb", {}, ADAM, lamb),
    ("keras.optimizers:Nadam", "nadam", {}, ADAM, nadam),
    ("keras.optimizers:Adamax", "adamax", {}, ADAM, adamax),
    ("keras.optimizers:RMSprop", "rmsprop", {}, "lr beta2 eps", rmsprop_inside),
    ("keras.optimizers:Adagrad", "adagrad", {}, "lr eps", adagrad_inside),
    ("keras.optimizers:SGD", "gradient-descent", {}, "lr", descent),
    ("keras.optimizers:SGD", "heavy-ball", {"momentum": 0.75}, "lr", velocity),
    ("keras.optimizers:Lion", "lion", {}, "lr beta1 beta2", lion),
    ("keras.optimizers:Lamb", "lamb", {}, ADAM, lamb),
    ("adamref.fast:NAdam", "nadam", {}, f"{ADAM} psi", nadam),
    ("adamref.fast:AdaMax", "adamax", {}, "lr beta1 beta2", pure_adamax),
    ("adamref.fast:RMSprop", "rmsprop", {}, "lr beta2 eps", rmsprop),
    ("adamref.fast:AdaGrad", "adagrad", {}, "lr eps", adagrad),
    ("adamref.fast:Momentum", "momentum", {}, "lr beta1", average),
]
SKLEARN = "sklearn.neural_network._stochastic_optimizers:SGDOptimizer"
ROWS.append((SKLEARN, "heavy-ball", {"momentum": 0.75, "nesterov": False}, "lr", velocity))
TIMELESS = {
    rmsprop,
    rmsprop_inside,
    adagrad,
    adagrad_inside,
    descent,
    ball,
    velocity,
    average,
    lion,
}


def begun(name, optimizer, args, hyper, by_hand):
    package = name.partition(":")[0].partition(".")[0]
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed: its optimizers are NOT tried here")
    if package == "optax":
        pytest.importorskip("jax")
    states = tuple(s0(by_hand, np.zeros(1)))
    adapter = chosen(named(name), args=args)
    hyper = {**{n: ALL.get(n, 0.0625) for n in hyper.split()}, "weight_decay": 0.0}
    timed = by_hand not in TIMELESS
    start = Start("float64", optimizer, THETAS, hyper, states=states, timed=timed)
    return adapter, adapter.start(start)


def s0(by_hand, like):
    """Return the states before the first step."""
    names = {nadam: "m v mu_product", adabelief: "m s", adan: "m v n g", descent: ""}
    names |= dict.fromkeys((adamax, torch_adamax, pure_adamax), "m u")
    names |= dict.fromkeys((rmsprop, rmsprop_inside, adagrad, adagrad_inside), "v")
    names |= dict.fromkeys((ball, velocity, average, lion), "m")
    found = names.get(by_hand, "m v").split()
    return {n: np.full_like(like, float(n == "mu_product")) for n in found}


def stepped(by_hand, theta, state, g, t, lr=ALL["lr"]):
    hyper = {**ALL, "eps_root": 0.0625, "lr": lr}
    more = (theta,) if by_hand is lamb else ()
    state, delta = by_hand(state, g, t, hyper, *more)
    return theta - lr * delta, state


# A step in float64 rounds fewer than 16 times, on either side, by 2^-53 each; where a sum of
# opposite signs loses a bit, that doubles.
STEP = 2 * 2 * 16 * 2.0**-53
# torch holds the product of momenta of NAdam in float32: two roundings of 2^-24 by t = 2. It is
# below 1/2, so that 1 / (1 - it) is off by no more, and so is the step, in two terms at most.
# Keras on TensorFlow takes 0.96 and beta1 from float32: relatively 2^-24 each, of both momenta.
HELD_NARROWLY = {"torch.optim:NAdam": 4 * 2.0**-24}
if importlib.util.find_spec("tensorflow"):
    HELD_NARROWLY["keras.optimizers:Nadam"] = 4 * 2.0**-24


def hold(held, theta, state, rtol):
    np.testing.assert_allclose(held.theta, theta, rtol=rtol)
    for name, want in state.items():
        np.testing.assert_allclose(held.states[name], want, rtol=rtol, err_msg=name)
        assert held.states[name].shape == held.theta.shape
    assert not [x for x in held.remarks if x.severity != "note"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1]}")
def test_it_is_made_seen_and_loaded(row):
    name, optimizer, args, hyper, by_hand = row
    assert optimizer_of(name, args) == optimizer
    adapter, abilities = begun(*row)
    assert set(hyper.split()) <= abilities.controls
    assert {"load", "lr", "tensors", "shapes"} <= abilities.can
    truth = [(theta, s0(by_hand, theta)) for theta in THETAS]
    for t, grads in enumerate(GRADS, 1):
        rate = ALL["lr"] * t  # a schedule: the second step has a learning rate of its own
        truth = [stepped(by_hand, *x, g, t, rate) for x, g in zip(truth, grads, strict=True)]
        for held, want in zip(adapter.step(grads, rate), truth, strict=True):
            hold(held, *want, HELD_NARROWLY.get(name, STEP))
            assert held.t in {t, None}
    rng = np.random.default_rng(7)
    loaded = [(x + 1, {n: y + rng.uniform(0.25, 0.5, x.shape) for n, y in s0(by_hand, x).items()})
              for x in THETAS]  # fmt: skip
    if "mu_product" in loaded[0][1]:  # one number for a tensor; Keras has one for all
        loaded = [(x, {**s, "mu_product": np.full_like(x, 0.375)}) for x, s in loaded]
    adapter.start(Start("float64", optimizer, THETAS, {"weight_decay": 0.0, **{
        n: ALL.get(n, 0.0625) for n in hyper.split()}}, states=tuple(s0(by_hand, THETAS[0])),
        timed=by_hand not in TIMELESS))  # fmt: skip
    adapter.load([Held(theta, state, 40) for theta, state in loaded])
    for held, (theta, state), g in zip(adapter.step(GRADS[0]), loaded, GRADS[0], strict=True):
        hold(held, *stepped(by_hand, theta, state, g, 41), HELD_NARROWLY.get(name, STEP))


@pytest.mark.parametrize(
    "name", ["torch.optim:NAdam", "torch.optim:RMSprop", "adamref.fast:AdaMax"]
)
def test_a_tensor_without_a_gradient_stays(name):
    row = next(row for row in ROWS if row[0] == name)
    adapter, abilities = begun(*row)
    assert "skip" in abilities.can
    before = adapter.step(GRADS[0])[1]
    after = adapter.step([GRADS[1][0], None])[1]
    assert (after.theta, after.t, after.states) == (before.theta, before.t, before.states)


@pytest.mark.parametrize(
    ("name", "args", "want"),
    [
        ("torch.optim:SGD", {"momentum": 0.75, "dampening": 0.5}, [0.5 + 15 / 8, 2 - 0.25 / 8]),
        ("torch.optim:SGD", {"momentum": 0.75, "nesterov": True}, [0.5 + 15 / 8 * 1.75, None]),
        ("optax:sgd", {"momentum": 0.75, "nesterov": True}, [0.5 + 15 / 8 * 1.75, None]),
        ("keras.optimizers:SGD", {"momentum": 0.75, "nesterov": True}, [0.5 + 15 / 8 * 1.75, None]),
        ("torch.optim:RMSprop", {"centered": True, "alpha": 0.5, "eps": 0.0},
         [0.5 + 15 / 8 / np.sqrt(0.5 * 225 - 0.25 * 225), None]),
        ("keras.optimizers:RMSprop", {"centered": True, "rho": 0.5, "epsilon": 0.0},
         [0.5 + 15 / 8 / np.sqrt(0.5 * 225 - 0.25 * 225), None]),
    ],
)  # fmt: skip
def test_arguments_reach_the_constructor(name, args, want):
    row = next(row for row in ROWS if row[0] == name)
    adapter, _ = begun(name, "heavy-ball", args, "lr", row[-1])
    (held, _) = adapter.step(GRADS[0])
    # Every number on the way has a few bits, and every quotient and root comes out even.
    assert held.theta[0] == want[0]
    assert want[1] in {None, held.theta[1]}


@pytest.mark.parametrize("name", ["torch.optim:RMSprop", "keras.optimizers:RMSprop"])
def test_the_buffers_of_rmsprop_are_told_apart_and_loaded_whichever_its_rule_has(name):
    """States of other dialects are looked for as well, and go with those that are loaded."""
    args = {"centered": True, "momentum": 0.5}
    package = name.partition(".")[0]
    pytest.importorskip(package, reason=f"{package} is NOT tried here")
    adapter = chosen(named(name), args=args)
    hyper = {"lr": 0.125, "beta2": 0.5, "eps": 0.25}
    for states in (("v", "m", "b"), ("v",)):
        start = Start("float64", "rmsprop", THETAS, hyper, states=states, timed=False)
        abilities = adapter.start(start)
        assert "load" in abilities.can
        assert not abilities.remarks
        before = adapter.step(GRADS[0])
        # Halves of the gradients.
        np.testing.assert_array_equal(before[0].states["m"], [-7.5, 0.125])
        (once, _) = adapter.step(GRADS[0])
        adapter.load(before)
        (again, _) = adapter.step(GRADS[0])
        assert {*again.states} >= {"v", "m", "b"}
        np.testing.assert_array_equal(again.theta, once.theta)
        for state, x in once.states.items():
            np.testing.assert_array_equal(again.states[state], x)


def test_keras_tells_the_schedule_that_its_nadam_has():
    row = next(row for row in ROWS if row[0] == "keras.optimizers:Nadam")
    _, abilities = begun(*row)
    assert "psi" not in abilities.controls
    assert abilities.defaults["psi"] == 1.0


@pytest.mark.slow
@pytest.mark.parametrize("name", [row[0] for row in ROWS if row[0].startswith("adamref.fast")])
def test_its_trials_are_laid_out_with_the_states_and_hyperparameters_of_its_rule(name):
    """Each row of the table leads, by the step by hand, from what was before to what came."""
    _, optimizer, _, hyper, by_hand = next(row for row in ROWS if row[0] == name)
    every = trials("float64", optimizer)
    inputs = [x for x in every if x.kind == "core" and len(x.grads) < 20 and not x.optional]
    records, findings = asked(chosen(named(name)), inputs, "float64", optimizer)
    assert not [x for x in findings if x.severity != "note"]
    states, hypers = tuple(s0(by_hand, np.zeros(1))), tuple(hyper.split()[1:])
    rows = table(records, "float64", states, hypers)
    assert len(rows) > 2000
    assert rows.visible == set(states)
    before = {n: rows.before[n] for n in states}
    known = {n: rows.columns[n] for n in hypers}
    with np.errstate(all="ignore"):
        after, delta = by_hand(before, rows.g, rows.t, {"eps": 0.0, "lr": 1.0, **known})
    where = rows.taken & np.isfinite(delta)
    assert np.mean(where) > 0.98
    after["theta"] = rows.before["theta"] - rows.alpha * delta
    for field, want in after.items():
        np.testing.assert_allclose(rows.got[field][where], want[where], 1e-9, 1e-300, err_msg=field)
