"""A check of smaller packages: the newer optimizers, as people really get them.

They are extras with environments of their own: ``make test-frameworks FRAMEWORKS='other small'``.
numpy-ml is not among them, which no Python since 3.10 imports, nor climin, which rests since 2016,
nor pytorch-optimizer's ScheduleFreeAdamW, which is no dialect's: docs/bugs.md says why.
"""

from __future__ import annotations

import pytest

import adamref
from conforming import PATIENCE, conforms

BEFORE, L2 = {"weight_decay": "decoupled-before"}, {"weight_decay": "l2"}
DECOUPLED = {"weight_decouple": True}
CODE = {"form": "code", "warm_up": "linear"}
CLAMPED = {"bias_correction": False, "norm": "clamped", "weight_decay": "in-update"}
# What is known of them, as docs/bugs.md says: one counter for all tensors, whether they have a
# gradient or not; gradients that are changed where they stand.
SHARED, CHANGED = ("missing",), ("gradient-modified",)
BOTH = (*SHARED, *CHANGED)
# Without beta2 it is gradient descent; and what differs at an edge is then not told from that.
DESCENDS = ("random-no-memory", "large", "opposite", "tiny")

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
    ("third_party:schedule_free", {}, "schedule-free-adamw", CODE, BOTH),
    ("optimi:SGD", {"dampening": True, "decouple_wd": True}, "sgd", {"momentum": "average"}, ()),
]  # fmt: skip
PACKAGES = {"third_party": "schedulefree"}

# The same, of packages that need no torch, and how each is called.
SMALL = [
    ("autograd", "third_party:autograd_adam", "adam", {"form": "paper"}, (), "looping"),
    ("river", "river.optim:Adam", "adam", {"form": "eps-hat"}, (), "updating"),
    ("river", "river.optim:Nadam", "nadam", {"look_ahead": "corrected-once"}, (), "updating"),
    ("river", "river.optim:AdaGrad", "adagrad", {"form": "eps-inside"}, (), "updating"),
    ("thinc", "third_party:ThincAdam", "adam", {"form": "eps-hat"}, DESCENDS, "class"),
]


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


@pytest.mark.parametrize("row", SMALL, ids=lambda row: row[1])
def test_an_optimizer_that_needs_no_torch_conforms_in_its_dialect(row):
    package, name, optimizer, dialect, known, adapter = row
    conforms(name, optimizer, dialect, "float32", {}, package=package, known=known, adapter=adapter)


def test_thinc_counts_a_step_ahead_where_it_rectifies():
    pytest.importorskip("thinc", reason="thinc is NOT checked here")
    probes = ("generic-radam-float32", "random-generic-float32")
    report = adamref.check(
        "third_party:ThincRAdam", optimizer="radam", probes=probes, timeout=PATIENCE
    )
    assert report.verdict == "deviates"
    assert [x.faults for x in report.diagnosis] == [("t-ahead",)]
