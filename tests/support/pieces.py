"""Pieces of a step by which faults are planted: roundings, and what several faults differ in."""

from __future__ import annotations

import numpy as np


def bfloat16(x):
    bits = np.asarray(x, dtype=np.float32).view(np.uint32)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)
    return rounded.view(np.float32)


def half(x):
    return np.asarray(x).astype(np.float16).astype(np.asarray(x).dtype)


def single(x):
    return np.asarray(x).astype(np.float32).astype(np.float64)


def scalar(rounding):
    return lambda x: float(rounding(np.float64(x)))


def mean(x):
    if not x.size:
        return x
    return np.broadcast_to(np.mean(x, dtype=np.float64).astype(x.dtype), x.shape)


def norm(limit, of=lambda k: [k.g]):
    def clipped(k):
        norm = np.sqrt(sum(np.sum(g.astype(np.float64) ** 2) for g in of(k) if g is not None))
        return k.g if norm <= limit else (k.g * (limit / norm)).astype(k.g.dtype)

    return clipped


def clip(limit):
    return lambda k: np.clip(k.g, -limit, limit)


def stopped(after):
    return {
        "c1": lambda k: 1 - k.p1 if k.t <= after else 1.0,
        "c2": lambda k: 1 - k.p2 if k.t <= after else 1.0,
    }


def running(rate, t):
    product = np.float32(1)
    for _ in range(min(t, 2000)):
        product = bfloat16(product * bfloat16(rate))
    return float(product) if t <= 2000 else float(bfloat16(bfloat16(rate) ** np.float64(t)))


def swapped(h):
    return {**h, "beta1": h["beta2"], "beta2": h["beta1"]}


def rounded(rounding, *names):
    return lambda h: {n: scalar(rounding)(x) if n in names else x for n, x in h.items()}


def fixed(**values):
    return lambda h: {**h, **values}


def tail(width):
    return lambda k: (np.arange(k.n) >= k.n // width * width).reshape(k.shape)


def zero_rows(k):
    if k.g.ndim < 2:
        return k.g == 0
    return np.broadcast_to((k.g == 0).all(axis=1, keepdims=True), k.shape)


def wrapped(bits):
    return lambda t, *_: (t + 2 ** (bits - 1)) % 2**bits - 2 ** (bits - 1)


def rsqrt(k):
    """An estimate of 12 bits for the reciprocal of the root, as some hardware has it."""
    exact = 1 / k.below.astype(np.float64)
    significand, exponent = np.frexp(exact)
    return (
        k.lr * k.m_hat * np.ldexp(np.round(significand * 4096) / 4096, exponent).astype(k.g.dtype)
    )


def nan(gs):
    return any(not np.isfinite(g).all() for g in gs)
