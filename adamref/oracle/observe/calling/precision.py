"""Settings of frameworks that float64 needs: made for a call, and taken back after it."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def jax_settings(*, wide: bool, device: str | None = None) -> Iterator[None]:
    """Let JAX have float64 (it makes float32 of it otherwise), and work on a device.

    Where JAX is not loaded, there is nothing to set.
    """
    with contextlib.ExitStack() as stack:
        if "jax" in sys.modules:
            jax: Any = importlib.import_module("jax")
            if wide:
                stack.enter_context(_sixty_four_bits(jax))
            if device:
                stack.enter_context(jax.default_device(jax.devices(device)[0]))
        yield


@contextlib.contextmanager
def keras_float(keras: Any, name: str) -> Iterator[None]:
    """Let Keras make its own variables, the learning rate among them, in a dtype."""
    before = keras.config.floatx()
    keras.config.set_floatx(name)
    try:
        yield
    finally:
        keras.config.set_floatx(before)


def _sixty_four_bits(jax: Any) -> Any:
    """Return the context in which JAX has float64; older versions have it elsewhere."""
    if hasattr(jax, "enable_x64"):
        return jax.enable_x64(True)
    return importlib.import_module("jax.experimental").enable_x64()
