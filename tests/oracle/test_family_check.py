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
OUT, IN = {"momentum": "rate-outside"}, {"momentum": "rate-inside"}
NONE = {"weight_decay": "none"}
AHEAD = {"nesterov": "on"}

# A package's class or function, what it is constructed with, the optimizer, and the dialect.
# Options that are hyperparameters are set by the probes: PyTorch's decay is L2, Keras's decoupled.
TORCH = [
    ("NAdam", {}, "nadam", {"look_ahead": "scheduled", **L2}),
    ("NAdam", {"decoupled_weight_decay": True}, "nadam", {"look_ahead": "scheduled", **BEFORE}),
    ("Adamax", {}, "adamax", {"form": "eps-in-norm", **L2}),
    ("RMSprop", {}, "rmsprop", {**OUTSIDE, "centered": "off", **OUT, **L2}),
    ("RMSprop", {"centered": True}, "rmsprop", {**OUTSIDE, "centered": "on", **OUT, **L2}),
    ("Adagrad", {}, "adagrad", {**OUTSIDE, "schedule": "inverse", **L2}),
    ("SGD", {}, "sgd", {"momentum": "dampened", "nesterov": "off", **L2}),
    ("SGD", {"dampening": 0.0}, "sgd", {**OUT, "nesterov": "off", **L2}),
    ("SGD", {"momentum": 0.8, "dampening": 0.0, "nesterov": True}, "sgd", {**OUT, **AHEAD, **L2}),
]
OPTAX = [
    ("nadam", {}, "nadam", {"look_ahead": "constant", "form": "eps-root", **NONE}),
    ("nadamw", {}, "nadam", {"look_ahead": "constant", "form": "eps-root", **BEFORE}),
    ("adamax", {}, "adamax", {"form": "eps-in-norm", **NONE}),
    ("adamaxw", {}, "adamax", {"form": "eps-in-norm", **BEFORE}),
    ("rmsprop", {}, "rmsprop", {**INSIDE, "centered": "off", **IN, **NONE}),
    ("rmsprop", {"eps_in_sqrt": False}, "rmsprop", {**OUTSIDE, **IN, **NONE}),
    ("rmsprop", {"centered": True}, "rmsprop", {**INSIDE, "centered": "on", **IN}),
    ("rmsprop", {"momentum": 0.8, "nesterov": True}, "rmsprop", {**INSIDE, "momentum": "nesterov"}),
    ("adagrad", {}, "adagrad", {**INSIDE, "schedule": "none", **NONE}),
    ("sgd", {}, "sgd", {**OUT, "nesterov": "off", **NONE}),
    ("sgd", {"momentum": 0.8, "nesterov": True}, "sgd", {**OUT, **AHEAD, **NONE}),
    ("lamb", {}, "lamb", {"bias_correction": True, "norm": "whole", "weight_decay": "in-update"}),
]
KERAS = [
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
    for axis, value in dialect.items():
        # A list: others account for everything too.
        said = report.dialect[axis]
        assert said == value or (isinstance(said, list) and value in said), axis
