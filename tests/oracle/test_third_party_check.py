"""A check of smaller packages: the newer optimizers, as people really get them.

They are an extra with an environment of its own: ``make test-frameworks FRAMEWORKS=other``.
"""

from __future__ import annotations

import pytest

from conforming import conforms

BEFORE, L2 = {"weight_decay": "decoupled-before"}, {"weight_decay": "l2"}
DECOUPLED = {"weight_decouple": True}
CODE = {"form": "code", "warm_up": "linear"}
CLAMPED = {"bias_correction": False, "norm": "clamped", "weight_decay": "in-update"}
# What is known of them, as docs/bugs.md says: one counter for all tensors, whether they have a
# gradient or not; gradients that are changed where they stand.
SHARED, CHANGED = ("missing",), ("gradient-modified",)

# A target, what it is constructed with, the optimizer, the dialect, what is known.
ROWS = [
    ("pytorch_optimizer:RAdam", {}, "radam", {"unrectified": "skip", **BEFORE}, ()),
    ("torch_optimizer:RAdam", {}, "radam", {"unrectified": "momentum", **BEFORE}, ()),
    ("optimi:RAdam", {"decouple_wd": True}, "radam", {"averages": "corrected", **BEFORE}, SHARED),
    ("adabelief_pytorch:AdaBelief", {"print_change_log": False, "rectify": False}, "adabelief",
     BEFORE, ()),
    ("torch_optimizer:AdaBelief", {}, "adabelief", L2, CHANGED),
    ("pytorch_optimizer:AdaBelief", {}, "adabelief", BEFORE, SHARED),
    ("lion_pytorch:Lion", {}, "lion", BEFORE, ()),
    ("optimi:Lion", {}, "lion", BEFORE, ()),
    ("pytorch_optimizer:Lion", {}, "lion", BEFORE, ()),
    ("pytorch_optimizer:ADOPT", DECOUPLED, "adopt", {"clip": "one-ahead", **BEFORE}, SHARED),
    ("pytorch_optimizer:AdEMAMix", DECOUPLED, "ademamix", {"schedule": "paper", **BEFORE}, SHARED),
    ("pytorch_optimizer:Adan", DECOUPLED, "adan", {"averages": "biased", **BEFORE}, SHARED),
    ("optimi:Adan", {}, "adan", {"averages": "corrected", "weight_decay": "proximal"}, SHARED),
    ("torch_optimizer:Lamb", {}, "lamb", CLAMPED, ()),
    ("optimi:StableAdamW", {}, "stable-adamw", {"averages": "corrected"}, SHARED),
    ("pytorch_optimizer:StableAdamW", {}, "stable-adamw", {"averages": "corrected"}, SHARED),
    ("third_party:schedule_free", {}, "schedule-free-adamw", CODE, CHANGED),
    ("third_party:schedule_free_elsewhere", {}, "schedule-free-adamw", CODE, CHANGED),
    ("optimi:SGD", {"dampening": True, "decouple_wd": True}, "sgd", {"momentum": "average"}, ()),
]  # fmt: skip
PACKAGES = {"third_party": "schedulefree"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_newer_optimizer_conforms_in_its_dialect(row):
    name, args, optimizer, dialect, known = row
    module = name.partition(":")[0]
    conforms(
        name,
        optimizer,
        dialect,
        "float32",
        args,
        package=PACKAGES.get(module, module),
        known=known,
        adapter="torch",
    )
