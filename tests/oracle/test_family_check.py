"""A check of the frameworks' RMSprop, NAdam, AdaMax, AdaGrad, SGD and LAMB: each in its dialect.

Frameworks are extras, each in an environment of its own: ``make test-frameworks``.
"""

from __future__ import annotations

import importlib.util

import pytest

import adamref

PATIENCE = 120.0
"""Seconds for an answer: the first one compiles."""

L2, BEFORE = {"weight_decay": "l2"}, {"weight_decay": "decoupled-before"}
INSIDE, OUTSIDE = {"form": "eps-inside"}, {"form": "paper"}

# A package's class or function, what it is constructed with, the optimizer, and the dialect.
TORCH = [
    ("NAdam", {}, "nadam", {"look_ahead": "scheduled", "weight_decay": "none"}),
    ("NAdam", {"weight_decay": 0.2}, "nadam", {"look_ahead": "scheduled", **L2}),
    ("NAdam", {"weight_decay": 0.2, "decoupled_weight_decay": True}, "nadam", BEFORE),
    ("Adamax", {"eps": 0.01}, "adamax", {"form": "eps-in-norm", "weight_decay": "none"}),
    ("Adamax", {"eps": 0.01, "weight_decay": 0.2}, "adamax", {"form": "eps-in-norm", **L2}),
    ("RMSprop", {}, "rmsprop", {**OUTSIDE, "centered": "off", "momentum": "none"}),
    ("RMSprop", {"centered": True}, "rmsprop", {**OUTSIDE, "centered": "on", "momentum": "none"}),
    ("RMSprop", {"momentum": 0.8}, "rmsprop", {**OUTSIDE, "momentum": "rate-outside"}),
    ("RMSprop", {"momentum": 0.8, "centered": True}, "rmsprop",
     {**OUTSIDE, "centered": "on", "momentum": "rate-outside"}),
    ("RMSprop", {"weight_decay": 0.2}, "rmsprop", {**OUTSIDE, **L2}),
    ("Adagrad", {}, "adagrad", {**OUTSIDE, "schedule": "none", "weight_decay": "none"}),
    ("Adagrad", {"lr_decay": 0.1}, "adagrad", {**OUTSIDE, "schedule": "inverse"}),
    ("Adagrad", {"weight_decay": 0.2}, "adagrad", {**OUTSIDE, **L2}),
    ("SGD", {}, "sgd", {"momentum": "none", "weight_decay": "none"}),
    ("SGD", {"weight_decay": 0.2}, "sgd", {"momentum": "none", **L2}),
    ("SGD", {"momentum": 0.8}, "sgd", {"momentum": "rate-outside", "nesterov": "off"}),
    ("SGD", {"momentum": 0.8, "nesterov": True}, "sgd",
     {"momentum": "rate-outside", "nesterov": "on"}),
    ("SGD", {"momentum": 0.8, "dampening": 0.3}, "sgd", {"momentum": "dampened"}),
    ("SGD", {"momentum": 0.8, "weight_decay": 0.2}, "sgd", {"momentum": "rate-outside", **L2}),
]  # fmt: skip
OPTAX = [
    ("nadam", {}, "nadam", {"look_ahead": "constant", "weight_decay": "none"}),
    ("nadamw", {"weight_decay": 0.2}, "nadam", {"look_ahead": "constant", **BEFORE}),
    ("adamax", {"eps": 0.01}, "adamax", {"form": "eps-in-norm", "weight_decay": "none"}),
    ("adamaxw", {"eps": 0.01, "weight_decay": 0.2}, "adamax", {"form": "eps-in-norm", **BEFORE}),
    ("rmsprop", {}, "rmsprop", {**INSIDE, "momentum": "none"}),
    ("rmsprop", {"eps_in_sqrt": False}, "rmsprop", {**OUTSIDE, "momentum": "none"}),
    ("rmsprop", {"centered": True}, "rmsprop", {**INSIDE, "centered": "on"}),
    ("rmsprop", {"momentum": 0.8}, "rmsprop", {**INSIDE, "momentum": "rate-inside"}),
    ("rmsprop", {"momentum": 0.8, "nesterov": True}, "rmsprop", {**INSIDE, "momentum": "nesterov"}),
    ("adagrad", {}, "adagrad", INSIDE),
    ("sgd", {}, "sgd", {"momentum": "none"}),
    ("sgd", {"momentum": 0.8}, "sgd", {"momentum": "rate-outside", "nesterov": "off"}),
    ("sgd", {"momentum": 0.8, "nesterov": True}, "sgd",
     {"momentum": "rate-outside", "nesterov": "on"}),
    ("lamb", {}, "lamb", {"bias_correction": True, "norm": "whole", "weight_decay": "in-update"}),
]  # fmt: skip
KERAS = [
    ("Nadam", {}, "nadam", {"look_ahead": "scheduled", "weight_decay": "none"}),
    ("Nadam", {"weight_decay": 0.2}, "nadam", {"look_ahead": "scheduled", **BEFORE}),
    ("Adamax", {"epsilon": 0.01}, "adamax", {"form": "eps-outside", "weight_decay": "none"}),
    ("Adamax", {"epsilon": 0.01, "weight_decay": 0.2}, "adamax", {"form": "eps-outside", **BEFORE}),
    ("RMSprop", {}, "rmsprop", {**INSIDE, "momentum": "none"}),
    ("RMSprop", {"centered": True}, "rmsprop", {**INSIDE, "centered": "on"}),
    ("RMSprop", {"momentum": 0.8}, "rmsprop", {**INSIDE, "momentum": "rate-inside"}),
    ("RMSprop", {"weight_decay": 0.2}, "rmsprop", {**INSIDE, **BEFORE}),
    ("Adagrad", {}, "adagrad", {**INSIDE, "weight_decay": "none"}),
    ("Adagrad", {"weight_decay": 0.2}, "adagrad", {**INSIDE, **BEFORE}),
    ("SGD", {}, "sgd", {"momentum": "none", "weight_decay": "none"}),
    ("SGD", {"momentum": 0.8}, "sgd", {"momentum": "rate-inside", "nesterov": "off"}),
    ("SGD", {"momentum": 0.8, "nesterov": True}, "sgd",
     {"momentum": "rate-inside", "nesterov": "on"}),
    ("SGD", {"momentum": 0.8, "weight_decay": 0.2}, "sgd", {"momentum": "rate-inside", **BEFORE}),
    ("Lamb", {"weight_decay": 0.2}, "lamb", {"bias_correction": True, **BEFORE}),
]  # fmt: skip
ROWS = [
    *((f"torch.optim:{name}", *rest) for name, *rest in TORCH),
    *((f"optax:{name}", *rest) for name, *rest in OPTAX),
    *((f"keras.optimizers:{name}", *rest) for name, *rest in KERAS),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1]}")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_relative_of_adam_conforms_in_its_dialect(row, dtype):
    name, args, optimizer, dialect = row
    package = name.partition(":")[0].partition(".")[0]
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is NOT checked here: it is not installed")
    report = adamref.check(name, dtype=dtype, optimizer=optimizer, args=args, timeout=PATIENCE)
    severe = [str(f) for f in report.findings if f.severity in {"deviation", "error"}]
    off = [str(x.first_difference) for x in report.probes if x.verdict in {"differs", "error"}]
    assert (report.verdict, severe, off) == ("conforms", [], [])
    assert {axis: report.dialect[axis] for axis in dialect} == dialect
