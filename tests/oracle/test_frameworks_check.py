"""A check of real frameworks: they conform, in the dialect that each is known to have.

Frameworks are extras, each in an environment of its own: ``make test-frameworks``. Where one is not
installed its tests are skipped, and say how to get it.
"""

from __future__ import annotations

import importlib.util

import pytest

import adamref

SKLEARN = "sklearn.neural_network._stochastic_optimizers:AdamOptimizer"
INSTALL = {
    "torch": "the extra torch",
    "optax": "the extra optax",
    "keras": "the extra keras",
    "sklearn": "the extra sklearn",
}
BACKENDS = {"jax": "lerp", "tensorflow": "lerp", "torch": "beta"}
"""Of Keras, with how the moments are updated: for torch it has a step of its own."""
PATIENCE = 120.0
"""Seconds for an answer: the first one compiles."""

TORCH = {"form": "paper", "moments": "lerp"}
OPTAX = {"form": "eps-root", "moments": "beta"}
KERAS = {"form": "eps-hat"}
DECAYED = {"weight_decay": "decoupled-before"}
MANNERS = [{"foreach": False}, {"foreach": True}, {"fused": True}]


def installed(package):
    return importlib.util.find_spec(package) is not None


def conforms(name, dtype, dialect, **args):
    package = name.partition(":")[0].partition(".")[0]
    if not installed(package):
        pytest.skip(f"{package} is NOT checked here: it is not installed ({INSTALL[package]})")
    report = adamref.check(name, dtype=dtype, args=args, timeout=PATIENCE)
    severe = [str(f) for f in report.findings if f.severity in {"deviation", "error"}]
    off = [str(x.first_difference) for x in report.probes if x.verdict in {"differs", "error"}]
    assert (report.verdict, severe, off) == ("conforms", [], [])
    usual = {"bias_correction": True, "weight_decay": "none", "amsgrad": "none"}
    want = {**usual, **dialect, "storage": dtype, "compute": dtype}
    assert {axis: report.dialect[axis] for axis in want} == want
    for field in ("theta", "m", "v", *(["v_max"] if want["amsgrad"] != "none" else [])):
        measured = report.accuracy[field]
        assert measured is not None
        assert measured.count > 1000
        assert 0 < measured.max_over_bound <= 1
    # Whatever does not apply says why.
    assert all(x.because for x in report.probes if x.verdict == "not-applicable")
    return report


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("manner", MANNERS, ids=str)
def test_torch_adam(manner, dtype):
    assert (
        conforms("torch.optim:Adam", dtype, TORCH | {"weight_decay": "l2"}, **manner).verdict
        == "conforms"
    )


@pytest.mark.parametrize("manner", MANNERS, ids=str)
def test_torch_adamw(manner):
    report = conforms("torch.optim:AdamW", "float32", TORCH | DECAYED, **manner)
    assert report.verdict == "conforms"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("manner", MANNERS, ids=str)
def test_torch_amsgrad_takes_the_maximum_of_v(manner, dtype):
    assert (
        conforms(
            "torch.optim:Adam", dtype, TORCH | {"amsgrad": "v"}, amsgrad=True, **manner
        ).verdict
        == "conforms"
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("name", "more"),
    [("adam", {}), ("adamw", DECAYED), ("amsgrad", {"amsgrad": "v_hat"})],
)
def test_optax_with_and_without_64_bits(name, more, dtype):
    """Its eps_root can be set; its AMSGrad takes the maximum of the corrected moment."""
    report = conforms(f"optax:{name}", dtype, OPTAX | more)
    assert report.verdict == "conforms"


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("name", "more"),
    [("Adam", DECAYED), ("AdamW", DECAYED), ("Adam", {"amsgrad": "v"})],
    ids=["adam", "adamw", "amsgrad"],
)
def test_keras_adds_epsilon_to_the_uncorrected_root(name, more, backend, monkeypatch):
    if installed("keras") and not installed(backend):
        pytest.skip(f"keras on {backend} is NOT checked here: pip install {backend}")
    monkeypatch.setenv("KERAS_BACKEND", backend)
    args = {"amsgrad": True} if "amsgrad" in more else {}
    want = KERAS | {"moments": BACKENDS[backend]} | more
    report = conforms(f"keras.optimizers:{name}", "float32", want, **args)
    assert report.verdict == "conforms"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_scikit_learn(dtype):
    report = conforms(SKLEARN, dtype, {"form": "eps-hat", "moments": "beta"})
    assert report.verdict == "conforms"
