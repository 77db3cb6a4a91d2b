"""Corrections that are multiplied up, late by a step or another throughout; states kept narrow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ml_dtypes import bfloat16

from adamref.oracle.check import check
from adamref.solving.laws import RUNS, Laws

pytestmark = [pytest.mark.slow, pytest.mark.long]


def _begun(theta: Any, state: Any) -> dict[str, Any]:
    return state or {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}


class StoredRate:
    """Adam whose corrected rate is stored as the rate: the corrections multiply up."""

    def __init__(
        self, params: Any, lr: float = 1e-3, betas: Any = (0.9, 0.999), eps: float = 1e-8
    ) -> None:
        self.params, self.lr, self.betas, self.eps, self.t = params, lr, betas, eps, 0
        self.m, self.v = ([np.zeros_like(p) for p in params] for _ in range(2))

    def step(self, grads: Any) -> None:
        self.t += 1
        b1, b2 = self.betas
        root = np.sqrt(1 - b2**self.t)
        self.lr = self.lr * root / (1 - b1**self.t)
        for i, (p, g) in enumerate(zip(self.params, grads, strict=True)):
            self.m[i] += (1 - b1) * (g - self.m[i])
            self.v[i] += (1 - b2) * (g**2 - self.v[i])
            p[...] = p - self.lr * self.m[i] / (np.sqrt(self.v[i]) + self.eps * root)


def late(theta: Any, grad: Any, state: Any, *, lr: Any, beta1: Any, beta2: Any, eps: Any) -> Any:
    """Correct by the steps before this one, and not at all at the first."""
    s = _begun(theta, state)
    t = s["t"]
    m = beta1 * s["m"] + (1 - beta1) * grad
    v = beta2 * s["v"] + (1 - beta2) * grad * grad
    by = np.sqrt(1 - beta2**t) / (1 - beta1**t) if t else 1.0
    return theta - lr * by * m / (np.sqrt(v) + eps), {"m": m, "v": v, "t": t + 1}


def guarded(theta: Any, grad: Any, state: Any, *, lr: Any, beta1: Any, beta2: Any, eps: Any) -> Any:
    """Add eps to each correction."""
    s = _begun(theta, state)
    t = s["t"] + 1
    m = beta1 * s["m"] + (1 - beta1) * grad
    v = beta2 * s["v"] + (1 - beta2) * grad * grad
    m_hat, v_hat = m / (1 - beta1**t + eps), v / (1 - beta2**t + eps)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), {"m": m, "v": v, "t": t}


@pytest.mark.parametrize(
    ("target", "change", "where"),
    [
        (StoredRate, "c = the product of √(1 - β₂ᵗ)/(1 - β₁ᵗ) over the steps before this one", ""),
        (late, "α is multiplied by √(1 - β₂^(t - 1))/(1 - β₁^(t - 1))", "t >= 2"),
        (guarded, "ε is added to 1 - βᵗ", ""),
    ],
)
def test_what_became_of_the_corrections_is_told(target: Any, change: str, where: str) -> None:
    report = check(target, isolate=False, optimizer="adam")
    (cause,) = report.diagnosis
    assert change in cause.change
    assert cause.where == where
    assert cause.confirmed
    assert cause.counts["explained"] == cause.counts["wrong"]


def test_a_factor_is_the_product_of_a_law_over_steps() -> None:
    tensor, step = np.repeat(np.arange(5.0), 6), np.tile(np.arange(1.0, 7.0), 5)
    beta = np.repeat([0.6, 0.7, 0.8, 0.9, 0.95], 6)
    values = {"t": step, "beta2": beta, RUNS[0]: tensor, RUNS[1]: step}
    laws = Laws(np.arange(30), values)
    each = np.sqrt(1 - beta**step).reshape(5, 6)
    inclusive = np.cumprod(each, axis=1)
    for back, made in ((0, inclusive), (1, np.c_[np.ones(5), inclusive[:, :-1]])):
        x = made.ravel()
        found = laws.so_far(x * (1 - 1e-9), x * (1 + 1e-9))
        assert found is not None
        # That of the step before is multiplied in so far, or that of each step before this one.
        assert found[0].back + str(found[0].factor).count("t - 1") == back
        assert str(found[0].factor).replace("(t - 1)", "t") == "sqrt(1 - beta2**t)"
    noise = np.random.default_rng(3).uniform(0.5, 2, 30)
    assert laws.so_far(noise * (1 - 1e-9), noise * (1 + 1e-9)) is None


def _nadam(ahead: int, theta: Any, grad: Any, state: Any, h: dict[str, Any]) -> Any:
    s = state or {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0, "mu_product": 1.0}
    t, (b1, b2) = s["t"] + 1, (h["beta1"], h["beta2"])
    mu, mu_next, its = (b1 * (1 - 0.5 * 0.96 ** (0.004 * k)) for k in (t, t + 1, t + ahead))
    product = s["mu_product"] * its
    m = b1 * s["m"] + (1 - b1) * grad
    v = b2 * s["v"] + (1 - b2) * grad * grad
    look = (1 - mu) * grad / (1 - product) + mu_next * m / (1 - product * mu_next)
    theta = theta - h["lr"] * look / (np.sqrt(v / (1 - b2**t)) + h["eps"])
    return np.asarray(theta, np.float32), {"m": m, "v": v, "t": t, "mu_product": product}


def nadam(theta: Any, grad: Any, state: Any, *, lr: Any, beta1: Any, beta2: Any, eps: Any) -> Any:
    h = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps}
    return _nadam(0, theta, grad, state, h)


def ahead(theta: Any, grad: Any, state: Any, *, lr: Any, beta1: Any, beta2: Any, eps: Any) -> Any:
    h = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps}
    return _nadam(1, theta, grad, state, h)


def test_a_schedule_that_cannot_be_set_has_the_published_number() -> None:
    assert check(nadam, isolate=False, optimizer="nadam").verdict == "conforms"


@pytest.mark.long
def test_the_product_of_other_momenta_is_told_as_that() -> None:
    report = check(ahead, isolate=False, optimizer="nadam")
    (cause,) = report.diagnosis
    assert (cause.line, cause.where) == (("mu_product",), "")
    assert "t + 1 stands for t" in cause.change


class Narrow:
    """Adam whose states are kept in bfloat16."""

    def __init__(
        self, theta: Any, lr: float = 1e-3, beta1: float = 0.9, beta2: float = 0.999,
        eps: float = 1e-8,
    ) -> None:  # fmt: skip
        self.theta, self.lr, self.beta1, self.beta2 = np.array(theta), lr, beta1, beta2
        self.eps, self.t, self.kept = eps, 0, bfloat16
        self._m, self._v = (np.zeros(self.theta.shape, bfloat16) for _ in range(2))

    def _put(self, name: str, x: Any) -> None:
        setattr(self, name, np.asarray(x).astype(self.kept))

    m = property(lambda self: self._m, lambda self, x: self._put("_m", x))
    v = property(lambda self: self._v, lambda self, x: self._put("_v", x))

    def step(self, grad: Any) -> Any:
        self.t += 1
        with np.errstate(all="ignore"):
            m = self.beta1 * self._m.astype(np.float32) + (1 - self.beta1) * grad
            v = self.beta2 * self._v.astype(np.float32) + (1 - self.beta2) * grad * grad
            by = (m / (1 - self.beta1**self.t)) / (np.sqrt(v / (1 - self.beta2**self.t)) + self.eps)
            self.theta = (self.theta - self.lr * by).astype(self.theta.dtype)
            self._m, self._v = m.astype(self.kept), v.astype(self.kept)
        return self.theta


class WideFromALoadOn(Narrow):
    """The same, which no longer rounds once a state was loaded."""

    def _put(self, name: str, x: Any) -> None:
        self.kept = np.float32
        super()._put(name, x)


def test_states_that_are_asked_for_in_a_narrow_format_are_loaded_in_it() -> None:
    assert check(Narrow, isolate=False, state_dtype="bfloat16").verdict == "conforms"


def test_states_that_are_kept_wider_after_a_load_deviate() -> None:
    report = check(WideFromALoadOn, isolate=False, state_dtype="bfloat16")
    assert report.verdict == "deviates"
    says = {x.id: x.says for x in report.findings}["state-dtype-changes"]
    assert "kept in bfloat16, and in float32 after a state was loaded" in says
    assert not report.diagnosis
