"""Adam with states that are rounded in every honest way, and cut off, in any format."""

from __future__ import annotations

import numpy as np


def toward_zero(exact, kind):
    """Cut float64 numbers off."""
    near = exact.astype(kind)
    inward = np.nextafter(near, kind(0))
    return np.where(np.abs(near.astype(float)) > np.abs(exact), inward, near)


def away_from_zero(exact, kind):
    near = exact.astype(kind)
    outward = np.nextafter(near, np.copysign(kind(np.inf), near))
    return np.where(np.abs(near.astype(float)) < np.abs(exact), outward, near)


def to_nearest(exact, kind):
    return exact.astype(kind)


def by_chance(exact, kind):
    """Round up or down by chance, which the numbers themselves seed: a second run is the same."""
    near = exact.astype(kind)
    to = np.where(near.astype(float) < exact, np.inf, -np.inf).astype(kind)
    other = np.nextafter(near, to).astype(float)
    with np.errstate(all="ignore"):
        share = np.abs(exact - near.astype(float)) / np.abs(other - near.astype(float))
    bits = exact.astype(float).view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    drawn = (bits >> np.uint64(40)).astype(float) / 2.0**24
    return np.where((drawn < share) & np.isfinite(other), other, near).astype(kind)


def wide_inside(m=to_nearest, v=to_nearest, theta=to_nearest, rates=float):
    """Return a step that is worked in float64, from rates in some format, and then stored."""

    def step(theta_, grad, state, *, lr, beta1, beta2, eps):
        kind, held, t = _begun(theta_, state)
        b1, c1, b2, c2 = (float(rates(x)) for x in (beta1, 1 - beta1, beta2, 1 - beta2))
        old_m, old_v, g = (x.astype(float) for x in (held["m"], held["v"], grad))
        new_m, new_v = b1 * old_m + c1 * g, b2 * old_v + c2 * g * g
        delta = lr * (new_m / (1 - beta1**t)) / (np.sqrt(new_v / (1 - beta2**t)) + eps)
        new = theta(theta_.astype(float) - delta, kind)
        return new, {"m": m(new_m, kind), "v": v(new_v, kind), "t": t}

    return step


def _begun(theta, state):
    zeros = {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}
    held = zeros if state is None else state
    return theta.dtype.type, held, held["t"] + 1


def in_its_format(moments, complements="of-the-rates"):
    """Return a step that is worked in the format of theta.

    Parameters
    ----------
    moments : callable
        ``moments(m, v, g, b1, c1, b2, c2)`` gives both.
    complements : str
        Of the rates as given, or of the rates as rounded.
    """

    def step(theta, grad, state, *, lr, beta1, beta2, eps):
        kind, held, t = _begun(theta, state)
        if complements == "of-what-was-rounded":
            beta1, beta2 = float(kind(beta1)), float(kind(beta2))
        numbers = (kind(x) for x in (beta1, 1 - beta1, beta2, 1 - beta2))
        m, v = moments(held["m"], held["v"], grad, *numbers)
        above = kind(lr) * (m / kind(1 - beta1**t))
        delta = above / (np.sqrt(v / kind(1 - beta2**t)) + kind(eps))
        return theta - delta, {"m": m, "v": v, "t": t}

    return step


def fused(a, b, c):
    """Work a*b + c with one rounding: of float32 and narrower in float64, which holds a product."""
    return (a.astype(float) * np.asarray(b, float) + c.astype(float)).astype(c.dtype)


def sum_cut_off(a, b):
    """Add in a format, and cut off what is lost (Knuth's two-sum knows its sign)."""
    near = a + b
    part = near - a
    lost = (a - (near - part)) + (b - part)
    return np.where(np.sign(lost) == -np.sign(near), np.nextafter(near, near.dtype.type(0)), near)


def with_sum_cut_off(m, v, g, b1, c1, b2, c2):
    return sum_cut_off(b1 * m, c1 * g), sum_cut_off(b2 * v, c2 * (g * g))


ORDERS = {
    "plain": lambda m, v, g, b1, c1, b2, c2: (b1 * m + c1 * g, b2 * v + c2 * (g * g)),
    "weighted first": lambda m, v, g, b1, c1, b2, c2: (c1 * g + b1 * m, (c2 * g) * g + b2 * v),
    "lerp": lambda m, v, g, _b1, c1, _b2, c2: (m + c1 * (g - m), v + c2 * (g * g - v)),
    "lerp down": lambda m, v, g, _b1, c1, _b2, c2: (m - (m - g) * c1, v - (v - g * g) * c2),
}
FUSED = {
    "fused with m": lambda m, v, g, b1, c1, b2, c2: (
        fused(m, b1, c1 * g), fused(v, b2, c2 * (g * g))
    ),
    "fused with g": lambda m, v, g, b1, c1, b2, c2: (
        fused(g, c1, b1 * m), fused(g, c2 * g, b2 * v)
    ),
}  # fmt: skip
COMPLEMENTS = ("of-the-rates", "of-what-was-rounded")
