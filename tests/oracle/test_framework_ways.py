"""A check of frameworks' Adam in the ways in which it is used: clipped, masked, accumulated, kept.

Frameworks are extras, each in an environment of its own: ``make test-frameworks``. PyTorch's
``capturable`` is not among them: it refuses tensors on a CPU.
"""

from __future__ import annotations

import pytest

from conforming import conforms

WAYS = "framework_ways"
PAPER, HAT, BEFORE = {"form": "paper"}, {"form": "eps-hat"}, {"weight_decay": "decoupled-before"}
CLIPPED = {"clip_norm": "1:all:0"}
LERP = {"weight_decay": "decoupled-before", "moments": "lerp"}

# What has to be installed, a target, what it is constructed with, the dtype, the optimizer, the
# dialect.
ROWS = [
    ("torch", f"{WAYS}:masters", {}, "bfloat16", "adamw", {**BEFORE, "compute": "float32"}),
    ("torch", f"{WAYS}:compiled", {}, "float32", "adamw", LERP),
    ("optax", f"{WAYS}:clipped", {}, "float32", "adam", {**PAPER, **CLIPPED}),
    ("optax", f"{WAYS}:masked", {}, "float32", "adamw", {**BEFORE, "no_decay_below_2d": "on"}),
    ("optax", f"{WAYS}:scheduled", {}, "float32", "adam", PAPER),
    ("optax", f"{WAYS}:injected", {}, "float32", "adam", PAPER),
    ("optax", f"{WAYS}:injected_schedule", {}, "float32", "adam", PAPER),
    ("optax", f"{WAYS}:every_step", {}, "float32", "adam", PAPER),
    ("optax", f"{WAYS}:multi_steps", {}, "float32", "adam", PAPER),
    ("optax", "optax:adam", {"mu_dtype": "bfloat16"}, "float32", "adam", {}),
    ("keras", "keras.optimizers:Adam", {"clipnorm": 1.0}, "float32", "adam", HAT),
    ("keras", "keras.optimizers:Adam", {"use_ema": True}, "float32", "adam", HAT),
    ("keras", f"{WAYS}:keras_accumulated", {}, "float32", "adam", HAT),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[1]}-{row[2]}")
def test_a_framework_conforms_in_a_way_that_it_is_used_in(row):
    package, name, args, dtype, optimizer, dialect = row
    conforms(name, optimizer, dialect, dtype, args, package=package)
