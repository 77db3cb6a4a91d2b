"""A check of the frameworks' optimizers beside Adam: each conforms, in its dialect.

Frameworks are extras, each in an environment of its own: ``make test-frameworks``.
"""

from __future__ import annotations

import importlib.util
import math

import numpy as np
import pytest

import adamref
from conforming import PATIENCE, conforms

L2, BEFORE = {"weight_decay": "l2"}, {"weight_decay": "decoupled-before"}
INSIDE, OUTSIDE = {"form": "eps-inside"}, {"form": "paper"}
OUT, IN = {"momentum": "rate-outside"}, {"momentum": "rate-inside"}
NONE = {"weight_decay": "none"}
AHEAD = {"nesterov": "on"}

# A package's class or function, what it is constructed with, the optimizer, and the dialect.
# Options that are hyperparameters are set by the probes: PyTorch's decay is L2, Keras's decoupled.
TORCH = [
    ("RAdam", {}, "radam", {"form": "eps-hat", "unrectified": "momentum", **L2}),
    ("RAdam", {"decoupled_weight_decay": True}, "radam", {"form": "eps-hat", **BEFORE}),
    ("RAdam", {"foreach": True}, "radam", {"form": "eps-hat", "unrectified": "momentum", **L2}),
    ("NAdam", {}, "nadam", {"look_ahead": "scheduled", **L2}),
    ("NAdam", {"decoupled_weight_decay": True}, "nadam", {"look_ahead": "scheduled", **BEFORE}),
    ("NAdam", {"foreach": True}, "nadam", {"look_ahead": "scheduled", **L2}),
    ("Adamax", {}, "adamax", {"form": "eps-in-norm", **L2}),
    ("Adamax", {"foreach": True}, "adamax", {"form": "eps-in-norm", **L2}),
    ("RMSprop", {}, "rmsprop", {**OUTSIDE, "centered": "off", **OUT, **L2}),
    ("RMSprop", {"centered": True}, "rmsprop", {**OUTSIDE, "centered": "on", **OUT, **L2}),
    ("Adagrad", {}, "adagrad", {**OUTSIDE, "schedule": "inverse", **L2}),
    ("SGD", {}, "sgd", {"momentum": "dampened", "nesterov": "off", **L2}),
    ("SGD", {"dampening": 0.0}, "sgd", {**OUT, "nesterov": "off", **L2}),
    ("SGD", {"momentum": 0.8, "dampening": 0.0, "nesterov": True}, "sgd", {**OUT, **AHEAD, **L2}),
]
OPTAX = [
    ("radam", {}, "radam", {**OUTSIDE, "unrectified": "momentum", **NONE}),
    ("adabelief", {}, "adabelief", {"form": "eps-root", **NONE}),
    ("lion", {}, "lion", BEFORE),
    ("contrib:adopt", {}, "adopt", {"clip": "paper", **NONE}),
    ("contrib:ademamix", {}, "ademamix", {"schedule": "none", **BEFORE}),
    ("nadam", {}, "nadam", {"look_ahead": "constant", "form": "eps-root", **NONE}),
    ("nadamw", {}, "nadam", {"look_ahead": "constant", "form": "eps-root", **BEFORE}),
    ("adamax", {}, "adamax", {"form": "eps-in-norm", **NONE}),
    ("adamaxw", {}, "adamax", {"form": "eps-in-norm", **BEFORE}),
    ("rmsprop", {}, "rmsprop", {**INSIDE, "centered": "off", **NONE}),
    ("rmsprop", {"eps_in_sqrt": False}, "rmsprop", {**OUTSIDE, **NONE}),
    ("rmsprop", {"centered": True}, "rmsprop", {**INSIDE, "centered": "on"}),
    ("rmsprop", {"momentum": 0.8, "nesterov": True}, "rmsprop", {**INSIDE, "momentum": "nesterov"}),
    ("rmsprop", {"momentum": 0.8}, "rmsprop", {**INSIDE, "momentum": "signed"}),
    ("rmsprop", {"bias_correction": True}, "rmsprop", {**INSIDE, "bias_correction": True}),
    ("adagrad", {}, "adagrad", {**INSIDE, "schedule": "none", **NONE}),
    ("sgd", {}, "sgd", {**OUT, "nesterov": "off", **NONE}),
    ("sgd", {"momentum": 0.8, "nesterov": True}, "sgd", {**OUT, **AHEAD, **NONE}),
    ("lamb", {}, "lamb", {"bias_correction": True, "norm": "whole", "weight_decay": "in-update"}),
]
KERAS = [
    ("Lion", {}, "lion", BEFORE),
    ("ScheduleFreeAdamW", {}, "schedule-free-adamw", {"form": "keras", "warm_up": "linear"}),
    ("Nadam", {}, "nadam", {"look_ahead": "scheduled", **BEFORE}),
    ("Adamax", {}, "adamax", {"form": "eps-outside", **BEFORE}),
    ("RMSprop", {}, "rmsprop", {**INSIDE, "centered": "off", **IN, **BEFORE}),
    ("RMSprop", {"centered": True}, "rmsprop", {**INSIDE, "centered": "on", **IN, **BEFORE}),
    ("Adagrad", {}, "adagrad", {**INSIDE, **BEFORE}),
    ("SGD", {}, "sgd", {**IN, "nesterov": "off", **BEFORE}),
    ("SGD", {"nesterov": True}, "sgd", {**IN, **AHEAD, **BEFORE}),
    ("Lamb", {}, "lamb", {"bias_correction": True, **BEFORE}),
]
ROWS = [
    *((f"torch.optim:{name}", *rest) for name, *rest in TORCH),
    *((f"optax{'.' * (':' in name) or ':'}{name}", *rest) for name, *rest in OPTAX),
    *((f"keras.optimizers:{name}", *rest) for name, *rest in KERAS),
]
KNOWN = {
    ("torch.optim:RMSprop", "centered"): ("random-no-memory",),
    ("keras.optimizers:ScheduleFreeAdamW", ""): ("beta1-zero",),
}
"""Where they deviate, as docs/catalogue/bugs.md says: probes, by target and argument."""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1]}")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_relative_of_adam_conforms_in_its_dialect(row, dtype):
    name, args, optimizer, dialect = row
    if (name, dtype) == ("torch.optim:NAdam", "float64"):
        pytest.skip("test_torch_keeps_a_product_in_float32 has it")
    if name.endswith("ScheduleFreeAdamW") and importlib.util.find_spec("jax") is None:
        pytest.skip("test_keras_takes_the_new_average_for_the_old_but_on_jax has it")
    if name.startswith("keras") and dtype == "float64" and importlib.util.find_spec("tensorflow"):
        pytest.skip("test_keras_rounds_numbers_to_float32_on_tensorflow has it")
    known = KNOWN.get((name, next(iter(args), "")), ())
    package = name.partition(":")[0].partition(".")[0]
    report = conforms(name, optimizer, dialect, dtype, args, package=package, known=known)
    assert report.verdict == ("deviates" if known else "conforms")


@pytest.mark.parametrize("backend", ["torch", "tensorflow"])
def test_keras_takes_the_new_average_for_the_old_but_on_jax(backend, monkeypatch):
    """What was to be kept of it is the variable's own tensor, which is written over in place."""
    keras_on(backend, monkeypatch)
    report = adamref.check(
        "keras.optimizers:ScheduleFreeAdamW",
        optimizer="schedule-free-adamw",
        dialect=("form=keras", "warm_up=linear"),
        probes=["constant-float32", "generic-float32-literal"],
        timeout=PATIENCE,
    )
    off = [x.first_difference for x in report.probes if x.verdict == "differs"]
    assert [(x.field, x.t) for x in off] == [("theta", 2)] * 2


def test_keras_rounds_numbers_to_float32_on_tensorflow(monkeypatch):
    """A Python number that it casts to float64 goes through float32: in Adam the corrections'."""
    keras_on("tensorflow", monkeypatch)
    report = adamref.check(
        "keras.optimizers:Adam",
        optimizer="adam",
        dtype="float64",
        probes=["generic-float64"],
        timeout=PATIENCE,
    )
    assert report.verdict == "deviates"
    assert all(report.accuracy[x].max_over_bound <= 1 for x in ("m", "v"))
    # theta = 0.5, g = 0.75, alpha = 0.013, beta1 = 0.83, beta2 = 0.97, eps = 0.0137.
    c1, c2 = (1 - float(np.float32(beta)) for beta in (0.83, 0.97))
    delta = 0.013 * math.sqrt(c2) / c1 * (0.17 * 0.75) / (math.sqrt(0.03 * 0.75**2) + 0.0137)
    (probe,) = report.probes
    assert (probe.first_difference.field, probe.first_difference.t) == ("theta", 1)
    # Two subtractions round by 2**-53 each, and the step, a thirtieth of theta, some ten times both
    # there and here: less than 2**-51 together.
    assert float(probe.first_difference.got) == pytest.approx(0.5 - delta, rel=2.0**-51)


def keras_on(backend, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", backend)
    pytest.importorskip(backend, reason=f"Keras on {backend} is NOT checked here")
    pytest.importorskip("keras", reason="Keras is NOT checked here")


def test_torch_keeps_a_product_in_float32():
    """NAdam's product of momenta, also where theta is of float64: its step is no more accurate."""
    pytest.importorskip("torch", reason="torch is NOT checked here")
    report = adamref.check(
        "torch.optim:NAdam", dtype="float64", dialect="look_ahead=scheduled", timeout=PATIENCE
    )
    assert "narrower-dtype" in {finding.id for finding in report.findings}
    off = [x.first_difference for x in report.probes if x.verdict == "differs"]
    assert report.verdict == "deviates"
    assert off
    for x in off:
        assert x.field in {"theta", "mu_product"}
        # A product of t factors in float32 is off by t roundings of 2**-24; a step has two of them,
        # and is no longer than 1 here.
        room = 2 * (x.t + 1) * 2.0**-24
        assert float(x.got) == pytest.approx(float(x.want), rel=room, abs=room), str(x)
