"""The golden vectors, step by step: every recorded value within the accumulated bound."""

from __future__ import annotations

import json
from importlib.resources import files
from itertools import islice

import numpy as np
import pytest

from adamref import fast, rules
from adamref.bounds import Arithmetic, exactly
from adamref.numbers import formats
from orders import bounded_relative, bounded_step

FOLDER = files("adamref") / "data" / "golden"
RELATIVES = {
    "rmsprop": fast.rmsprop_step,
    "adagrad": fast.adagrad_step,
    "momentum": fast.momentum_step,
    "heavy-ball": fast.momentum_step,
    "adamax": fast.adamax_step,
    "nadam": fast.nadam_step,
}
STEPS = {
    "adam": fast.adam_step,
    "adam-l2": fast.adam_step,
    "adamw": fast.adamw_step,
    "amsgrad": fast.amsgrad_step,
} | RELATIVES
DIALECT = {
    "form": ("paper", "eps-hat"),
    "bias_correction": ("on",),
    "weight_decay": ("none", "l2", "decoupled-before"),
    "amsgrad": ("none", "v"),
}


def usual(rule, axis):
    """Return the values that fast has on an axis: of relatives the first, but for the decay."""
    if rule in RELATIVES:
        return rules.optimizer(rule).rule.dialect[axis]
    return DIALECT[axis]


def is_ours(probe):
    """Say whether it is a core probe of what fast has, in a dialect and a convention it has."""
    return (
        probe["rule"] in STEPS
        and probe["dtype"] in ("float32", "float64")
        and (probe["class"], probe["hyper"]) == ("core", "literal")
        and all(value in usual(probe["rule"], axis) for axis, value in probe["dialect"].items())
    )


_TEXTS = [x.read_text(encoding="utf-8") for x in FOLDER.iterdir() if x.name.endswith(".json")]
ALL = [json.loads(text) for text in _TEXTS]
PROBES = sorted((x for x in ALL if "rule" in x and is_ours(x)), key=lambda x: x["name"])


def vector(both, dtype):
    return np.array([float.fromhex(x) if "x" in x else float(x) for x in both["hex"]], dtype=dtype)


def drawn(multiplier, modulus, seed, low, span):
    x = seed
    while True:
        x = multiplier * x % modulus
        k = 2 * (x % 128) - 127
        x = multiplier * x % modulus
        yield k * 2.0 ** (low + x % span)


def gradients(tensor, steps, dtype):
    given = tensor["gradients"]
    if "listed" in given:
        return [None if g is None else vector(g, dtype) for g in given["listed"]]
    numbers = drawn(**given["drawn"])
    return [np.array(list(islice(numbers, tensor["size"])), dtype=dtype) for _ in range(steps)]


_MANY = 1000


def test_the_probes_are_there():
    assert len(PROBES) > 60
    assert {x["rule"] for x in PROBES} == set(STEPS)


def listed():
    """Return the probes; those of thousands of steps are left to make test-long."""
    for x in PROBES:
        marks = [pytest.mark.long] if x["steps"] > _MANY else []
        yield pytest.param(x, id=x["name"], marks=marks)


@pytest.mark.parametrize("probe", [*listed()])
def test_every_recorded_value_is_within_the_bound(probe):
    dtype, rule = probe["dtype"], probe["rule"]
    hyper = {n: float.fromhex(x["hex"]) for n, x in probe["hyperparameters"].items()}
    decay = hyper.pop("weight_decay", 0.0)
    alphas = [float.fromhex(x) for x in probe["alpha"]["hex"]]
    recorded = {(x["tensor"], x["step"]): x["fields"] for x in probe["trace"]}
    compared = 0
    for i, tensor in enumerate(probe["tensors"]):
        theta = vector(tensor["theta"], dtype)
        state = first_state(rule, tensor, theta, dtype)
        bounded = {n: exactly(x) for n, x in {"theta": theta, **state}.items() if np.ndim(x)}
        product = state.get("mu_product", 1.0)
        for s, grad in enumerate(gradients(tensor, probe["steps"], dtype), 1):
            if grad is None:
                continue
            now = {"lr": alphas[s - 1 if len(alphas) > 1 else 0], **hyper}
            theta, state = taken(probe, theta, grad, state, now, decay)
            arithmetic = Arithmetic(formats.get(dtype))
            given = {**bounded, "grad": grad}
            if rule in RELATIVES:
                bounded = bounded_relative(rule, arithmetic, given, now, state["t"], product)
            else:
                name = "adam-eps-hat" if probe["dialect"]["form"] == "eps-hat" else rule
                bounded = bounded_step(name, arithmetic, given, now, state["t"], decay)
            product = state.get("mu_product", 1.0)
            fields = recorded.get((i, s), {})
            for field, got in {"theta": theta, **state}.items():
                if field in fields and np.ndim(got):
                    compared += 1
                    held(
                        probe,
                        f"{field}[t={state['t']}]",
                        got,
                        vector(fields[field], dtype),
                        bounded[field].error,
                    )
    assert compared


def first_state(rule, tensor, theta, dtype):
    names = {"adamax": ("m", "u"), "nadam": ("m", "v"), "amsgrad": ("m", "v", "v_max")}
    moments = {"rmsprop": ("v",), "adagrad": ("v",), "momentum": ("m",), "heavy-ball": ("m",)}
    fields = names.get(rule) or moments.get(rule, ("m", "v"))
    given = tensor["state"]
    state = {n: vector(given[n], dtype) if n in given else np.zeros_like(theta) for n in fields}
    if rule == "nadam":
        state["mu_product"] = 1.0
    return {"t": tensor["t"] - 1, **state}


def taken(probe, theta, grad, state, hyper, decay):
    rule = probe["rule"]
    more = {"weight_decay": decay} if decay else {"weight_decay": 0.0}
    if probe["dialect"].get("form") == "eps-hat":
        more["form"] = "eps-hat"
    if rule == "heavy-ball":
        more["kind"] = "sum"
    return STEPS[rule](theta, grad, state, **hyper, **more)


def held(probe, where, got, want, error):
    with np.errstate(all="ignore"):
        half = np.spacing(np.abs(want)).astype(np.float64) / 2
        off = np.abs(got.astype(np.float64) - want.astype(np.float64))
    assert np.isfinite(error).any(), where
    # Of what overflows nothing is known; but NaN has to be NaN.
    near = np.isinf(error) | ~np.isfinite(want) | (off <= error + half)
    fine = np.where(np.isnan(want), np.isnan(got), near)
    i = int(np.argmin(fine))
    bound = np.broadcast_to(error, got.shape)[i]
    assert fine.all(), (
        f"{where}[{i}] = {got[i]!r}, but should be {want[i]!r} (bound {bound:.3g}) "
        f"[{probe['name']}]"
    )
