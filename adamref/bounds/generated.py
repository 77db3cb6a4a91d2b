"""Error bounds of every order of operations, written from the theorems.

Do not edit: the formulas are those of theorems, by id. Change them there, and write this file
again: ``python -m adamref.theorems.bounds_writer``.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from adamref.bounds.arithmetic import Arithmetic, Array, Bounded

CHECKSUM = "e6b3f4c268ba662965ab6917f9d9765ca3e15473d75d7f58c2ed593e82dfdfbd"
"""SHA-256 of the statements of the theorems in proofs/rounding*.py."""


def after_rounding(x: Array, a: Array, r: float, s: float) -> Array:
    """Return the bound of theorem rounding."""
    limit: Array = a * (r + 1) + r * x + s
    return limit


def of_product(x: Array, a: Array, y: Array, b: Array) -> Array:
    """Return the bound of theorem rounding-product."""
    limit: Array = a * b + a * y + b * x
    return limit


def of_sum(a: Array, b: Array) -> Array:
    """Return the bound of theorem rounding-sum."""
    limit: Array = a + b
    return limit


def of_root(x: Array, a: Array) -> Array:
    """Return the bound of theorem rounding-root."""
    limit: Array = a / (np.sqrt(x) + np.sqrt(-a + x))
    return limit


def of_small_root(a: Array) -> Array:
    """Return the bound of theorem rounding-root-near-zero."""
    limit: Array = np.sqrt(a)
    return limit


def of_quotient(ratio: Array, a: Array, y: Array, b: Array) -> Array:
    """Return the bound of theorem rounding-quotient."""
    limit: Array = (a + b * ratio) / (-b + y)
    return limit


def with_stored_coefficients(x: Array, y: Array, a: Array, b_off: float, w_off: float) -> Array:
    """Return the bound of theorem rounding-stored-coefficients-m."""
    limit: Array = a + b_off * x + w_off * y
    return limit


def of_m_in_beta_form(kept: Array, taken: Array, u: float, eta: float) -> Array:
    """Return the bound of theorem rounding-m-beta."""
    limit: Array = eta * (2 * u + 2) + (kept + taken) * (u**2 + 2 * u)
    return limit


def of_v_in_beta_form(kept: Array, taken: Array, u: float, eta: float, w_size: float) -> Array:
    """Return the bound of theorem rounding-v-beta."""
    limit: Array = (
        eta * (u + 1) * (w_size * (u + 1) + 2)
        + kept * (u**2 + 2 * u)
        + taken * (u**3 + 3 * u**2 + 3 * u)
    )
    return limit


def m_beta(a: Arithmetic, b: Bounded, g: Bounded, m: Bounded, w: Bounded) -> Bounded:
    """Return m, worked as (b * m) + (w * g)."""
    x1 = a.product(b, m)
    x2 = a.product(w, g)
    return a.sum(x1, x2)


def m_beta_fma_state(a: Arithmetic, b: Bounded, g: Bounded, m: Bounded, w: Bounded) -> Bounded:
    """Return m, worked as fma(b, m, w * g)."""
    x1 = a.product(w, g)
    return a.fma(b, m, x1)


def m_beta_fma_gradient(a: Arithmetic, b: Bounded, g: Bounded, m: Bounded, w: Bounded) -> Bounded:
    """Return m, worked as fma(w, g, b * m)."""
    x1 = a.product(b, m)
    return a.fma(w, g, x1)


def m_lerp(a: Arithmetic, g: Bounded, m: Bounded, w: Bounded) -> Bounded:
    """Return m, worked as m + (w * (g - m))."""
    x1 = a.difference(g, m)
    x2 = a.product(w, x1)
    return a.sum(m, x2)


def m_lerp_fma(a: Arithmetic, g: Bounded, m: Bounded, w: Bounded) -> Bounded:
    """Return m, worked as fma(w, g - m, m)."""
    x1 = a.difference(g, m)
    return a.fma(w, x1, m)


def m_back(a: Arithmetic, b: Bounded, g: Bounded, m: Bounded) -> Bounded:
    """Return m, worked as g - ((g - m) * b)."""
    x1 = a.difference(g, m)
    x2 = a.product(x1, b)
    return a.difference(g, x2)


def m_back_fma(a: Arithmetic, b: Bounded, g: Bounded, m: Bounded) -> Bounded:
    """Return m, worked as fnma(g - m, b, g)."""
    x1 = a.difference(g, m)
    return a.fnma(x1, b, g)


def v_beta(a: Arithmetic, b: Bounded, g: Bounded, v: Bounded, w: Bounded) -> Bounded:
    """Return v, worked as (b * v) + (w * (g * g))."""
    x1 = a.product(b, v)
    x2 = a.product(g, g)
    x3 = a.product(w, x2)
    return a.sum(x1, x3)


def v_beta_fma_state(a: Arithmetic, b: Bounded, g: Bounded, v: Bounded, w: Bounded) -> Bounded:
    """Return v, worked as fma(b, v, w * (g * g))."""
    x1 = a.product(g, g)
    x2 = a.product(w, x1)
    return a.fma(b, v, x2)


def v_beta_fma_gradient(a: Arithmetic, b: Bounded, g: Bounded, v: Bounded, w: Bounded) -> Bounded:
    """Return v, worked as fma(w, g * g, b * v)."""
    x1 = a.product(g, g)
    x2 = a.product(b, v)
    return a.fma(w, x1, x2)


def v_lerp(a: Arithmetic, g: Bounded, v: Bounded, w: Bounded) -> Bounded:
    """Return v, worked as v + (w * ((g * g) - v))."""
    x1 = a.product(g, g)
    x2 = a.difference(x1, v)
    x3 = a.product(w, x2)
    return a.sum(v, x3)


def v_lerp_fma(a: Arithmetic, g: Bounded, v: Bounded, w: Bounded) -> Bounded:
    """Return v, worked as fma(w, (g * g) - v, v)."""
    x1 = a.product(g, g)
    x2 = a.difference(x1, v)
    return a.fma(w, x2, v)


def v_back(a: Arithmetic, b: Bounded, g: Bounded, v: Bounded) -> Bounded:
    """Return v, worked as (g * g) - (((g * g) - v) * b)."""
    x1 = a.product(g, g)
    x2 = a.difference(x1, v)
    x3 = a.product(x2, b)
    return a.difference(x1, x3)


def v_back_fma(a: Arithmetic, b: Bounded, g: Bounded, v: Bounded) -> Bounded:
    """Return v, worked as fnma((g * g) - v, b, g * g)."""
    x1 = a.product(g, g)
    x2 = a.difference(x1, v)
    return a.fnma(x2, b, x1)


def v_weight_first(a: Arithmetic, b: Bounded, g: Bounded, v: Bounded, w: Bounded) -> Bounded:
    """Return v, worked as (b * v) + ((w * g) * g)."""
    x1 = a.product(b, v)
    x2 = a.product(w, g)
    x3 = a.product(x2, g)
    return a.sum(x1, x3)


def v_weight_first_fma_state(
    a: Arithmetic, b: Bounded, g: Bounded, v: Bounded, w: Bounded
) -> Bounded:
    """Return v, worked as fma(b, v, (w * g) * g)."""
    x1 = a.product(w, g)
    x2 = a.product(x1, g)
    return a.fma(b, v, x2)


def v_weight_first_fma_gradient(
    a: Arithmetic, b: Bounded, g: Bounded, v: Bounded, w: Bounded
) -> Bounded:
    """Return v, worked as fma(w * g, g, b * v)."""
    x1 = a.product(w, g)
    x2 = a.product(b, v)
    return a.fma(x1, g, x2)


def v_lerp_fused_change(a: Arithmetic, g: Bounded, v: Bounded, w: Bounded) -> Bounded:
    """Return v, worked as v + (w * fms(g, g, v))."""
    x1 = a.fms(g, g, v)
    x2 = a.product(w, x1)
    return a.sum(v, x2)


def v_lerp_fma_fused_change(a: Arithmetic, g: Bounded, v: Bounded, w: Bounded) -> Bounded:
    """Return v, worked as fma(w, fms(g, g, v), v)."""
    x1 = a.fms(g, g, v)
    return a.fma(w, x1, v)


def correction_exact(a: Arithmetic, c: Bounded) -> Bounded:
    """Return correction, worked as stored(c)."""
    return a.stored(c)


def correction_power(a: Arithmetic, power: Bounded) -> Bounded:
    """Return correction, worked as 1 - power(power)."""
    x1 = a.power(power)
    return a.difference(a.one, x1)


def correction_running_product(a: Arithmetic, power: Bounded) -> Bounded:
    """Return correction, worked as 1 - power."""
    return a.difference(a.one, power)


def correction_root_root(a: Arithmetic, c: Bounded) -> Bounded:
    """Return correction_root, worked as root(c)."""
    return a.root(c)


def m_hat_divided(a: Arithmetic, c: Bounded, m: Bounded) -> Bounded:
    """Return m_hat, worked as m / c."""
    return a.quotient(m, c)


def m_hat_reciprocal(a: Arithmetic, c: Bounded, m: Bounded) -> Bounded:
    """Return m_hat, worked as m * (1 / c)."""
    x1 = a.quotient(a.one, c)
    return a.product(m, x1)


def v_hat_divided(a: Arithmetic, c: Bounded, v: Bounded) -> Bounded:
    """Return v_hat, worked as v / c."""
    return a.quotient(v, c)


def v_hat_reciprocal(a: Arithmetic, c: Bounded, v: Bounded) -> Bounded:
    """Return v_hat, worked as v * (1 / c)."""
    x1 = a.quotient(a.one, c)
    return a.product(v, x1)


def denominator_paper(a: Arithmetic, eps: Bounded, v_hat: Bounded) -> Bounded:
    """Return denominator, worked as root(v_hat) + eps."""
    x1 = a.root(v_hat)
    return a.sum(x1, eps)


def denominator_root_divided(a: Arithmetic, eps: Bounded, s: Bounded, v: Bounded) -> Bounded:
    """Return denominator, worked as (root(v) / s) + eps."""
    x1 = a.root(v)
    x2 = a.quotient(x1, s)
    return a.sum(x2, eps)


def denominator_eps_inside(a: Arithmetic, eps: Bounded, v_hat: Bounded) -> Bounded:
    """Return denominator, worked as root(v_hat + eps)."""
    x1 = a.sum(v_hat, eps)
    return a.root(x1)


def denominator_eps_root(a: Arithmetic, eps: Bounded, eps_root: Bounded, v_hat: Bounded) -> Bounded:
    """Return denominator, worked as root(v_hat + eps_root) + eps."""
    x1 = a.sum(v_hat, eps_root)
    x2 = a.root(x1)
    return a.sum(x2, eps)


def step_size_divided(a: Arithmetic, alpha: Bounded, c: Bounded) -> Bounded:
    """Return step_size, worked as alpha / c."""
    return a.quotient(alpha, c)


def step_size_efficient(a: Arithmetic, alpha: Bounded, c: Bounded, s: Bounded) -> Bounded:
    """Return step_size, worked as (alpha * s) / c."""
    x1 = a.product(alpha, s)
    return a.quotient(x1, c)


def ratio_divided(a: Arithmetic, denominator: Bounded, m_hat: Bounded) -> Bounded:
    """Return ratio, worked as m_hat / denominator."""
    return a.quotient(m_hat, denominator)


def delta_size_first(
    a: Arithmetic, alpha: Bounded, denominator: Bounded, m_hat: Bounded
) -> Bounded:
    """Return delta, worked as (alpha * m_hat) / denominator."""
    x1 = a.product(alpha, m_hat)
    return a.quotient(x1, denominator)


def delta_quotient_first(
    a: Arithmetic, alpha: Bounded, denominator: Bounded, m_hat: Bounded
) -> Bounded:
    """Return delta, worked as alpha * (m_hat / denominator)."""
    x1 = a.quotient(m_hat, denominator)
    return a.product(alpha, x1)


def theta_plain(a: Arithmetic, delta: Bounded, theta: Bounded) -> Bounded:
    """Return theta, worked as theta - delta."""
    return a.difference(theta, delta)


def theta_fma(a: Arithmetic, alpha: Bounded, ratio: Bounded, theta: Bounded) -> Bounded:
    """Return theta, worked as fnma(alpha, ratio, theta)."""
    return a.fnma(alpha, ratio, theta)


def theta_decoupled_before(a: Arithmetic, delta: Bounded, keep: Bounded, theta: Bounded) -> Bounded:
    """Return theta, worked as (theta * keep) - delta."""
    x1 = a.product(theta, keep)
    return a.difference(x1, delta)


def theta_decoupled_before_fma(
    a: Arithmetic, delta: Bounded, keep: Bounded, theta: Bounded
) -> Bounded:
    """Return theta, worked as fms(theta, keep, delta)."""
    return a.fms(theta, keep, delta)


def theta_decoupled_taken(a: Arithmetic, decay: Bounded, delta: Bounded, theta: Bounded) -> Bounded:
    """Return theta, worked as (theta - (decay * theta)) - delta."""
    x1 = a.product(decay, theta)
    x2 = a.difference(theta, x1)
    return a.difference(x2, delta)


def theta_decoupled_taken_fma(
    a: Arithmetic, decay: Bounded, delta: Bounded, theta: Bounded
) -> Bounded:
    """Return theta, worked as fnma(decay, theta, theta) - delta."""
    x1 = a.fnma(decay, theta, theta)
    return a.difference(x1, delta)


def theta_decoupled_after(a: Arithmetic, delta: Bounded, keep: Bounded, theta: Bounded) -> Bounded:
    """Return theta, worked as (theta - delta) * keep."""
    x1 = a.difference(theta, delta)
    return a.product(x1, keep)


def g_total_plain(a: Arithmetic, decay: Bounded, g: Bounded, theta: Bounded) -> Bounded:
    """Return g_total, worked as (decay * theta) + g."""
    x1 = a.product(decay, theta)
    return a.sum(x1, g)


def g_total_fma(a: Arithmetic, decay: Bounded, g: Bounded, theta: Bounded) -> Bounded:
    """Return g_total, worked as fma(decay, theta, g)."""
    return a.fma(decay, theta, g)


ORDERS: Mapping[str, Mapping[str, Callable[..., Bounded]]] = MappingProxyType(
    {
        "m": MappingProxyType(
            {
                "beta": m_beta,
                "beta-fma-state": m_beta_fma_state,
                "beta-fma-gradient": m_beta_fma_gradient,
                "lerp": m_lerp,
                "lerp-fma": m_lerp_fma,
                "back": m_back,
                "back-fma": m_back_fma,
            }
        ),
        "v": MappingProxyType(
            {
                "beta": v_beta,
                "beta-fma-state": v_beta_fma_state,
                "beta-fma-gradient": v_beta_fma_gradient,
                "lerp": v_lerp,
                "lerp-fma": v_lerp_fma,
                "back": v_back,
                "back-fma": v_back_fma,
                "weight-first": v_weight_first,
                "weight-first-fma-state": v_weight_first_fma_state,
                "weight-first-fma-gradient": v_weight_first_fma_gradient,
                "lerp-fused-change": v_lerp_fused_change,
                "lerp-fma-fused-change": v_lerp_fma_fused_change,
            }
        ),
        "correction": MappingProxyType(
            {
                "exact": correction_exact,
                "power": correction_power,
                "running-product": correction_running_product,
            }
        ),
        "correction_root": MappingProxyType(
            {
                "root": correction_root_root,
            }
        ),
        "m_hat": MappingProxyType(
            {
                "divided": m_hat_divided,
                "reciprocal": m_hat_reciprocal,
            }
        ),
        "v_hat": MappingProxyType(
            {
                "divided": v_hat_divided,
                "reciprocal": v_hat_reciprocal,
            }
        ),
        "denominator": MappingProxyType(
            {
                "paper": denominator_paper,
                "root-divided": denominator_root_divided,
                "eps-inside": denominator_eps_inside,
                "eps-root": denominator_eps_root,
            }
        ),
        "step_size": MappingProxyType(
            {
                "divided": step_size_divided,
                "efficient": step_size_efficient,
            }
        ),
        "ratio": MappingProxyType(
            {
                "divided": ratio_divided,
            }
        ),
        "delta": MappingProxyType(
            {
                "size-first": delta_size_first,
                "quotient-first": delta_quotient_first,
            }
        ),
        "theta": MappingProxyType(
            {
                "plain": theta_plain,
                "fma": theta_fma,
                "decoupled-before": theta_decoupled_before,
                "decoupled-before-fma": theta_decoupled_before_fma,
                "decoupled-taken": theta_decoupled_taken,
                "decoupled-taken-fma": theta_decoupled_taken_fma,
                "decoupled-after": theta_decoupled_after,
            }
        ),
        "g_total": MappingProxyType(
            {
                "plain": g_total_plain,
                "fma": g_total_fma,
            }
        ),
    }
)
"""By field and order."""
