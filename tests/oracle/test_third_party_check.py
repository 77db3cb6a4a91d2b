"""A check of smaller packages: the newer optimizers, as people really get them.

They are extras with environments of their own: ``make test-frameworks FRAMEWORKS='other small'``.
pytorch-optimizer's ScheduleFreeAdamW is not among them, which is no dialect's:
docs/catalogue/bugs.md says why. ensmallen, in C++, is checked as its package for Python has it
compiled; its states are hidden. Those that are not constructed or called as everybody's are reached
as the survey reaches them: survey/glue.
"""

from __future__ import annotations

import math

import pytest

import adamref
from conforming import PATIENCE, conforms

BEFORE, L2 = {"weight_decay": "decoupled-before"}, {"weight_decay": "l2"}
DECOUPLED = {"weight_decouple": True}
CODE = {"form": "code", "warm_up": "linear"}
CLAMPED = {"bias_correction": False, "norm": "clamped", "weight_decay": "in-update"}
# What is known of them, as docs/catalogue/bugs.md says: one counter for all tensors, whether they
# have a gradient or not; gradients that are changed where they stand.
SHARED, CHANGED = ("missing",), ("gradient-modified",)
BOTH = (*SHARED, *CHANGED)
# Without beta2 it is gradient descent; and what differs at an edge is then not told from that.
DESCENDS = ("random-no-memory", "large", "opposite", "tiny", "jump-2e31")

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
    ("with_schedulefree:adamw", {}, "schedule-free-adamw", CODE, BOTH),
    ("optimi:SGD", {"dampening": True, "decouple_wd": True}, "sgd", {"momentum": "average"}, ()),
]  # fmt: skip
PACKAGES = {"with_schedulefree": "schedulefree"}

# The same, of packages that need no torch, in a dtype, and how each is called.
PAPER, HAT = {"form": "paper"}, {"form": "eps-hat"}
ONCE, INSIDE = {"look_ahead": "corrected-once"}, {"form": "eps-inside"}
SMALL = [
    ("autograd", "with_autograd:adam", "float32", "adam", PAPER, (), "looping"),
    ("river", "river.optim:Adam", "float32", "adam", HAT, (), "updating"),
    ("river", "river.optim:Nadam", "float32", "nadam", ONCE, (), "updating"),
    ("river", "river.optim:AdaGrad", "float32", "adagrad", INSIDE, (), "updating"),
    ("thinc", "with_thinc:Adam", "float32", "adam", HAT, DESCENDS, "class"),
    ("numpy_ml", "with_numpy_ml:adam", "float32", "adam", PAPER, (), "moments"),
    ("numpy_ml", "with_numpy_ml:adam", "float64", "adam", PAPER, (), "moments"),
    ("pyensmallen", "with_pyensmallen:adam", "float64", "adam", HAT, (), "looping"),
    ("pyensmallen", "with_pyensmallen:amsgrad", "float64", "amsgrad", HAT, (), "looping"),
    ("pyensmallen", "with_pyensmallen:adamax", "float64", "adamax", {"form": "eps-outside"},
     (), "looping"),
    ("pyensmallen", "with_pyensmallen:nadam", "float64", "nadam",
     {"look_ahead": "scheduled", **HAT}, (), "looping"),
]  # fmt: skip


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


@pytest.mark.parametrize("row", SMALL, ids=lambda row: f"{row[1]}-{row[2]}")
def test_an_optimizer_that_needs_no_torch_conforms_in_its_dialect(row):
    package, name, dtype, optimizer, dialect, known, adapter = row
    conforms(name, optimizer, dialect, dtype, {}, package=package, known=known, adapter=adapter)


def test_thinc_counts_a_step_ahead_where_it_rectifies():
    pytest.importorskip("thinc", reason="thinc is NOT checked here")
    probes = ("generic-radam-float32", "random-generic-float32")
    report = adamref.check("with_thinc:RAdam", optimizer="radam", probes=probes, timeout=PATIENCE)
    assert report.verdict == "deviates"
    assert [x.faults for x in report.diagnosis] == [("t-ahead",)]


def test_climin_adds_epsilon_to_the_corrections():
    """And it refuses a beta2 of 0, by a division: that is a limit, and the rest is judged."""
    pytest.importorskip("climin", reason="climin is NOT checked here")
    probes = [f"{x}-float32" for x in ("random-no-memory", "eps-zero", "zero-gradient")]
    report = adamref.check(
        "with_climin:Adam",
        adapter="class",
        probes=["generic-float32-literal", "defaults-float32-literal", *probes],
        timeout=PATIENCE,
    )
    assert report.verdict == "deviates"
    said = {finding.probe: finding for finding in report.findings if finding.severity == "limit"}
    assert "ZeroDivisionError" in said["random-no-memory-float32"].says
    assert all(report.accuracy[x].max_over_bound <= 1 for x in ("m", "v"))
    off = {x.name: x.first_difference for x in report.probes if x.verdict == "differs"}
    generic = off["generic-float32-literal"]
    # g = 0.75, alpha = 0.013, beta1 = 0.83, beta2 = 0.97, eps = 0.0137.
    m, v, eps = 0.17 * 0.75, 0.03 * 0.75**2, 0.0137
    theta = 0.5 - 0.013 * (m / (0.17 + eps)) / (math.sqrt(v / (0.03 + eps)) + eps)
    assert (generic.field, generic.t) == ("theta", 1)
    # float32 rounds theta once, by 2**-24, and the step, a thirtieth of it, some ten times.
    assert float(generic.got) == pytest.approx(theta, rel=2.0**-23)
    # Where epsilon is 0, or too small to count beside 1 - beta2, nothing is wrong.
    assert not {"eps-zero-float32", "defaults-float32-literal"} & set(off)


def test_climin_lets_its_first_decay_rate_fade():
    pytest.importorskip("climin", reason="climin is NOT checked here")
    report = adamref.check(
        "with_climin:Adam",
        adapter="class",
        args={"fading": 1 - 1e-8},
        dtype="float64",
        probes=["generic-float64", "eps-zero-float64"],
        timeout=PATIENCE,
    )
    (m, *_) = report.diagnosis
    assert (m.line, m.change) == (("m",), "c(t) stands for β₁, c(t) = -8.3e-09*t + 0.83")
