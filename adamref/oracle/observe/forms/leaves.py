"""In what numbers are handed over: arrays of NumPy, torch, JAX or MLX, lists, or single floats."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.oracle.observe.calling.values import Typed, cast, given, numpy_dtype

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array


class Leaves:
    """Numbers of NumPy, as arrays.

    Attributes
    ----------
    name : str
    package : str
        What has to be loaded; may be empty.
    single : bool
        Whether one holds one number only.
    """

    name: ClassVar[str] = "numpy"
    package: ClassVar[str] = ""
    single: ClassVar[bool] = False

    def make(self, values: Array, dtype: str) -> Any:
        """Return fresh numbers of a dtype."""
        return given(values, numpy_dtype(dtype))

    def read(self, value: Any) -> Any:
        """Return what NumPy can read."""
        return value

    def write(self, value: Any, values: Array, dtype: str) -> Any:
        """Return other numbers, in the same object where that can be changed."""
        new = self.make(values, dtype)
        if isinstance(value, np.ndarray) and value.shape == new.shape:
            value[...] = new
            return value
        return new

    def like(self, value: Any, new: Any, kind: str | None) -> Any:
        """Return numbers in the kind of others, or of a dtype."""
        return cast(value, new, kind)


@final
class TorchLeaves(Leaves):
    """Tensors of torch."""

    name: ClassVar[str] = "torch"
    package: ClassVar[str] = "torch"

    def make(self, values: Array, dtype: str) -> Any:
        """Return a fresh tensor."""
        torch: Any = importlib.import_module("torch")
        return torch.tensor(np.array(values)).to(getattr(torch, dtype))

    def read(self, value: Any) -> Any:
        """Return the numbers of a tensor."""
        torch: Any = importlib.import_module("torch")
        if not torch.is_tensor(value):
            return value
        numbers = value.detach().to("cpu").to(torch.float64).numpy().copy()
        return Typed(numbers, str(value.dtype).removeprefix("torch."))

    def write(self, value: Any, values: Array, dtype: str) -> Any:
        """Copy into a tensor."""
        torch: Any = importlib.import_module("torch")
        new = self.make(values, dtype)
        if not torch.is_tensor(value) or value.shape != new.shape:
            return new
        with torch.no_grad():
            value.copy_(new)
        return value

    def like(self, value: Any, new: Any, kind: str | None) -> Any:
        """Return numbers in the kind of others."""
        torch: Any = importlib.import_module("torch")
        if not torch.is_tensor(value):
            return cast(value, new, kind)
        dtype = getattr(torch, kind) if kind else value.dtype
        full = np.broadcast_to(np.asarray(new, dtype=np.float64), tuple(value.shape))
        return torch.tensor(full.copy()).to(dtype)


@final
class JaxLeaves(Leaves):
    """Arrays of JAX."""

    name: ClassVar[str] = "jax"
    package: ClassVar[str] = "jax"

    def make(self, values: Array, dtype: str) -> Any:
        """Return an array."""
        return importlib.import_module("jax").numpy.asarray(super().make(values, dtype))

    def like(self, value: Any, new: Any, kind: str | None) -> Any:
        """Return numbers in the kind of others."""
        if not hasattr(value, "dtype"):
            return cast(value, new, kind)
        return importlib.import_module("jax").numpy.asarray(cast(np.asarray(value), new, kind))


@final
class MlxLeaves(Leaves):
    """Arrays of MLX."""

    name: ClassVar[str] = "mlx"
    package: ClassVar[str] = "mlx.core"

    def make(self, values: Array, dtype: str) -> Any:
        """Return an array."""
        core = importlib.import_module("mlx.core")
        return core.array(np.array(values), dtype=getattr(core, dtype))

    def read(self, value: Any) -> Any:
        """Return the numbers of an array."""
        return np.array(value) if type(value).__module__.startswith("mlx") else value

    def like(self, value: Any, new: Any, kind: str | None) -> Any:
        """Return numbers in the kind of others."""
        core = importlib.import_module("mlx.core")
        if not type(value).__module__.startswith("mlx"):
            return cast(value, new, kind)
        full = np.broadcast_to(np.asarray(new), tuple(value.shape))
        return core.array(full.copy(), dtype=getattr(core, kind) if kind else value.dtype)


@final
class ListLeaves(Leaves):
    """Lists of floats, or of lists of them."""

    name: ClassVar[str] = "list"

    def make(self, values: Array, dtype: str) -> Any:
        """Return a list; of a single number the number."""
        return np.array(values, dtype=numpy_dtype(dtype)).astype(np.float64).tolist()

    def write(self, value: Any, values: Array, dtype: str) -> Any:
        """Write into a list."""
        new = self.make(values, dtype)
        if isinstance(value, list):
            value[:] = new
            return value
        return new

    def like(self, value: Any, new: Any, kind: str | None) -> Any:
        """Return a list for a list."""
        if isinstance(value, list) and np.ndim(new):
            return np.asarray(new, dtype=np.float64).tolist()
        return cast(value, new, kind)


@final
class FloatLeaves(Leaves):
    """Single floats of Python."""

    name: ClassVar[str] = "float"
    single: ClassVar[bool] = True

    def make(self, values: Array, dtype: str) -> Any:
        """Return a float."""
        return float(np.asarray(values, dtype=numpy_dtype(dtype)).ravel()[0])

    def like(self, value: Any, new: Any, kind: str | None) -> Any:
        """Return a number for a number."""
        del kind
        return cast(value, np.ravel(new)[0])


_KINDS: dict[str, Leaves] = {
    x.name: x
    for x in (Leaves(), TorchLeaves(), JaxLeaves(), MlxLeaves(), ListLeaves(), FloatLeaves())
}


def named(name: str) -> Leaves:
    """Return a kind of numbers."""
    return _KINDS[name]


def likely(target: Any) -> list[Leaves]:
    """Return the kinds in which a target may take numbers, the most likely first.

    Those of a package only if the module of the target uses it, and then before all others.
    """
    own = _packages(target)
    theirs = [x for x in _KINDS.values() if x.package and x.package.partition(".")[0] in own]
    loaded = [x for x in theirs if x.package in sys.modules]
    return [*loaded, *(x for x in _KINDS.values() if not x.package)]


def _packages(target: Any) -> set[str]:
    """Return the packages from which the module of a target has imported anything."""
    module = sys.modules.get(getattr(target, "__module__", None) or "")
    names = set()
    for value in list(vars(module).values()) if module else []:
        name = getattr(value, "__name__" if isinstance(value, ModuleType) else "__module__", "")
        names.add(name.partition(".")[0] if isinstance(name, str) else "")
    return names
