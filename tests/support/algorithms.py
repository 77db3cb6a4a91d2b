"""The algorithms of `adamref.fast`, as the package has them: a new one is among them by itself."""

from __future__ import annotations

import numpy as np
import pytest

from adamref import fast

CLASSES = {
    name: kind
    for name, kind in vars(fast).items()
    if isinstance(kind, type)
    and issubclass(kind, fast.ArrayOptimizer)
    and kind is not fast.ArrayOptimizer
}
STEPS = {name.lower(): getattr(fast, f"{name.lower()}_step") for name in CLASSES}
DTYPES = ("float64", "float32", "float16", "bfloat16")


def dtype_of(name):
    if name == "bfloat16":
        return np.dtype(pytest.importorskip("ml_dtypes").bfloat16)
    return np.dtype(name)


def drawn(seed, shape, dtype, count=2):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape).astype(dtype) for _ in range(count)]


def taken(step, theta, gradients, **options):
    """Take a step for each gradient, and return theta and the state."""
    state = None
    for gradient in gradients:
        theta, state = step(theta, gradient, state, **options)
    return theta, state
