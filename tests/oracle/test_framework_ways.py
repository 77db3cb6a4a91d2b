"""A check of frameworks' Adam in the ways in which it is used: clipped, masked, accumulated, kept.

Frameworks are extras, each in an environment of its own: ``make test-frameworks``.
"""

from __future__ import annotations

import pytest

import adamref
from command import called
from conforming import PATIENCE, conforms

WAYS, ADAM = "framework_ways", "keras.optimizers:Adam"
PAPER, HAT, BEFORE = {"form": "paper"}, {"form": "eps-hat"}, {"weight_decay": "decoupled-before"}
NARROW = {**BEFORE, "compute": "float32"}
CLIPPED, HAT_CLIPPED = {**PAPER, "clip_norm": "1:all:0"}, {**HAT, "clip_norm": "1:tensor:0"}
SLOWER = {**PAPER, "rate_below_2d": "0.1"}
MASKED = {**BEFORE, "no_decay_below_2d": "on"}

# What has to be installed, a target, what it is constructed with, the dtype, the optimizer, the
# dialect. Keras accumulates under PyTorch, as JAX compiles each choice anew where nothing else is.
ROWS = [
    ("torch", f"{WAYS}:masters", {}, "bfloat16", "adamw", NARROW),
    ("torch", f"{WAYS}:compiled", {}, "float32", "adamw", BEFORE),
    ("optax", f"{WAYS}:clipped", {}, "float32", "adam", CLIPPED),
    ("optax", f"{WAYS}:masked", {}, "float32", "adamw", MASKED),
    ("optax", f"{WAYS}:labelled", {}, "float32", "adamw", MASKED),
    ("optax", f"{WAYS}:parted", {}, "float32", "adam", SLOWER),
    ("optax", f"{WAYS}:parted", {"injected": True}, "float32", "adam", PAPER),
    ("optax", f"{WAYS}:scheduled", {}, "float32", "adam", PAPER),
    ("optax", f"{WAYS}:injected", {}, "float32", "adam", PAPER),
    ("optax", f"{WAYS}:injected_schedule", {}, "float32", "adam", PAPER),
    ("optax", f"{WAYS}:accumulated", {"accumulate": 1}, "float32", "adam", PAPER),
    ("keras jax", ADAM, {"clipnorm": 1.0}, "float32", "adam", HAT_CLIPPED),
    ("keras jax", ADAM, {"use_ema": True}, "float32", "adam", HAT),
    ("keras tensorflow", ADAM, {"clipnorm": 1.0}, "float32", "adam", HAT_CLIPPED),
    ("keras tensorflow", ADAM, {"use_ema": True}, "float32", "adam", HAT),
    ("keras tensorflow", ADAM, {"gradient_accumulation_steps": 4}, "float32", "adam", HAT),
    ("keras torch", ADAM, {"gradient_accumulation_steps": 4}, "float32", "adam", HAT),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[1]}-{row[2]}")
def test_a_framework_conforms_in_a_way_that_it_is_used_in(row, monkeypatch):
    needed, name, args, dtype, optimizer, dialect = row
    package, _, backend = needed.partition(" ")
    if backend:
        pytest.importorskip(backend, reason=f"{package} on {backend} is NOT checked here")
        monkeypatch.setenv("KERAS_BACKEND", backend)
    # What imports torch when it is called shows no sign of it before.
    adapter = "torch" if package == "torch" else None
    conforms(name, optimizer, dialect, dtype, args, package=package, adapter=adapter)


def test_what_torch_captures_on_no_cpu_ends_in_a_line():
    pytest.importorskip("torch", reason="torch is NOT checked here")
    code, out, err = called("check", "torch.optim:Adam", "--arg", "capturable=True")
    assert (code, err) == (3, "")
    headline = " ".join(out.partition("\n\n")[0].split())
    assert headline.startswith("torch.optim:Adam: could not be judged (adam, float32): ")
    assert "If capturable=True, params and state_steps must be on supported devices" in headline
    assert "Traceback" not in out


def test_optax_decays_a_narrow_average_at_a_narrow_rate():
    """An average in bfloat16 is multiplied by beta1 rounded to it; the gradient by 1 - beta1."""
    pytest.importorskip("optax", reason="optax is NOT checked here")
    report = adamref.check(
        "optax:adam",
        args={"mu_dtype": "bfloat16"},
        state_dtype={"m": "bfloat16"},
        probes="resume-adam-float32",
        timeout=PATIENCE,
    )
    (probe,) = report.probes
    assert probe.verdict == "differs"
    assert probe.first_difference.field in {"m", "theta"}


def test_optax_accumulates_by_a_mean_that_rounds():
    """It takes a step of every unfinished mean, times 0: where that has none, NaN is left of it."""
    pytest.importorskip("optax", reason="optax is NOT checked here")
    names = "generic many rows blocks axes rate-zero long-memory scalar".split()
    right, zero = [f"random-{name}-float32" for name in names], "eps-zero-float32"
    report = adamref.check(f"{WAYS}:accumulated", probes=right, timeout=PATIENCE)
    assert report.verdict == "conforms"
    (probe,) = adamref.check(f"{WAYS}:accumulated", probes=zero, timeout=PATIENCE).probes
    assert probe.first_difference.got == "nan"
