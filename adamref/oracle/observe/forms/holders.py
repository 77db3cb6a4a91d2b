"""What parameters and gradients are handed over in: arrays, lists, dictionaries, objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.oracle.observe.forms.asked import AskedFor, Layer, Names, Parameter, Parameters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.forms.leaves import Leaves


class Holder:
    """One tensor, as it is.

    Attributes
    ----------
    name : str
    capacity : int or None
        How many tensors there are in one; None: all.
    pad : int
        Of how many there are a multiple; the others are a single zero.
    owned : bool
        Whether gradients are in the same objects as parameters.
    thetas : object
        What is handed over as parameters.
    """

    name: ClassVar[str] = "array"
    capacity: ClassVar[int | None] = 1
    pad: ClassVar[int] = 1
    owned: ClassVar[bool] = False
    usual: ClassVar[tuple[str, ...]] = ()

    @final
    def __init__(self, leaves: Leaves, dtype: str, values: Sequence[Array], names: Names) -> None:
        self.leaves, self.dtype, self.names = leaves, dtype, names
        self.count = len(values)
        self.handed: list[Any] = []
        padded = [*values, *(np.zeros(1) for _ in range(-len(values) % self.pad))]
        self.shapes = [np.shape(x) for x in padded]
        if self.usual and len(names.thetas) < len(padded):
            names.thetas[:] = self.named(len(padded))
        self.thetas: Any = self.built([leaves.make(x, dtype) for x in padded])

    @final
    def grads(self, values: Sequence[Array | None]) -> Any:
        """Return what is handed over as gradients; a missing one is None."""
        full = [*values, *(np.zeros(x) for x in self.shapes[len(values) :])]
        made = [None if x is None else self.leaves.make(x, self.dtype) for x in full]
        self.handed = made[: self.count]
        return self.graded(made)

    @final
    def zeros(self, fill: float = 0.0) -> Any:
        """Return a moment before the first step."""
        return self.moments([self.leaves.make(np.full(x, fill), self.dtype) for x in self.shapes])

    @final
    def write(self, values: Sequence[Array]) -> None:
        """Put other numbers in place of the parameters."""
        pairs = zip(self.parts(self.thetas) or [], values, strict=False)
        self.replace([self.leaves.write(old, x, self.dtype) for old, x in pairs])

    def named(self, count: int) -> list[str]:
        """Return names for so many tensors."""
        return [f"{self.usual[i % 2]}{i // 2 + 1}" for i in range(count)]

    def built(self, values: list[Any]) -> Any:
        """Return parameters in this form."""
        return values[0]

    def graded(self, values: list[Any]) -> Any:
        """Return gradients in this form."""
        return values[0]

    def moments(self, values: list[Any]) -> Any:
        """Return moments in this form."""
        return values[0]

    def parts(self, value: Any) -> list[Any] | None:
        """Return the tensors of something in the form of the parameters; None if it is none."""
        fits = _size(self.leaves.read(value)) == int(np.prod(self.shapes[0], dtype=int))
        return [value] if fits else None

    def replace(self, values: list[Any]) -> None:
        """Put tensors in the place of others."""
        self.thetas = values[0]

    def index(self, key: Any) -> int | None:
        """Return which tensor a key on the way to a number speaks of."""
        del key
        return None


@final
class Listed(Holder):
    """All tensors, in a list."""

    name: ClassVar[str] = "list"
    capacity: ClassVar[int | None] = None

    def built(self, values: list[Any]) -> Any:
        """Return a list."""
        return values

    def graded(self, values: list[Any]) -> Any:
        """Return a list."""
        return values

    def moments(self, values: list[Any]) -> Any:
        """Return a list."""
        return values

    def parts(self, value: Any) -> list[Any] | None:
        """Return the elements of a list or tuple."""
        if not isinstance(value, list | tuple) or len(value) != len(self.shapes):
            return None
        return list(value) if _fit(self, value) else None

    def replace(self, values: list[Any]) -> None:
        """Set the elements."""
        for i, x in enumerate(values):
            self.thetas[i] = x

    def index(self, key: Any) -> int | None:
        """Return an index as it is."""
        return _within(key, len(self.shapes))


@final
class Keyed(Holder):
    """All tensors, in a dictionary with gradients in another."""

    name: ClassVar[str] = "dictionary"
    capacity: ClassVar[int | None] = None
    usual: ClassVar[tuple[str, ...]] = ("W", "b")

    def built(self, values: list[Any]) -> Any:
        """Return a dictionary."""
        return Parameters(self.names, values)

    def graded(self, values: list[Any]) -> Any:
        """Return a dictionary, by the names that are asked for."""
        return _graded(self.names, values, range(len(values)))

    def moments(self, values: list[Any]) -> Any:
        """Return a dictionary that makes what is asked for."""
        return AskedFor(self.names, values.__getitem__)

    def parts(self, value: Any) -> list[Any] | None:
        """Return the values of the names."""
        own = self.names.thetas[: len(self.shapes)]
        if not isinstance(value, dict) or not set(own) <= value.keys():
            return None
        found = [value[x] for x in own]
        return found if _fit(self, found) else None

    def replace(self, values: list[Any]) -> None:
        """Set the values."""
        self.thetas.update(zip(self.names.thetas, values, strict=False))

    def index(self, key: Any) -> int | None:
        """Return which name a key holds."""
        return self.names.index(key)


@final
class PaddedKeys(Holder):
    """The same, with as many biases as weights."""

    name: ClassVar[str] = "dictionary of pairs"
    capacity: ClassVar[int | None] = None
    pad: ClassVar[int] = 2
    usual: ClassVar[tuple[str, ...]] = ("W", "b")

    built, graded, moments = Keyed.built, Keyed.graded, Keyed.moments
    parts, replace, index = Keyed.parts, Keyed.replace, Keyed.index


@final
class Nested(Holder):
    """Weights and biases in a dictionary for each layer; in a list of them, or in a dictionary."""

    name: ClassVar[str] = "dictionary by layer"
    capacity: ClassVar[int | None] = None
    pad: ClassVar[int] = 2

    def built(self, values: list[Any]) -> Any:
        """Return a dictionary of dictionaries."""
        self.names.thetas[:] = ["W", "b"]
        pairs = _pairs(values)
        return {self._layer(i): Parameters(self.names, x) for i, x in enumerate(pairs)}

    def graded(self, values: list[Any]) -> Any:
        """Return a dictionary of dictionaries."""
        pairs = _pairs(values)
        return {self._layer(i): _graded(self.names, x, (0, 1)) for i, x in enumerate(pairs)}

    def moments(self, values: list[Any]) -> Any:
        """Return a dictionary of dictionaries."""
        pairs = _pairs(values)
        return {
            self._layer(i): AskedFor(self.names, x.__getitem__) for i, x in enumerate(pairs)
        }  # fmt: skip

    def parts(self, value: Any) -> list[Any] | None:
        """Return the values of the inner dictionaries."""
        try:
            layers = [value[self._layer(i)] for i in range(len(self.shapes) // 2)]
            found = [x[name] for x in layers for name in self.names.thetas]
        except (TypeError, KeyError, IndexError):
            return None
        return found if _fit(self, found) else None

    def replace(self, values: list[Any]) -> None:
        """Set the values of the inner dictionaries."""
        for i, x in enumerate(_pairs(values)):
            self.thetas[self._layer(i)].update(zip(self.names.thetas, x, strict=True))

    def index(self, key: Any) -> int | None:
        """Leave both keys to be read together."""
        del key
        return None

    def _layer(self, i: int) -> Any:
        return f"layer{i + 1}"


@final
class Rows(Holder):
    """Weights and biases in a list of dictionaries."""

    name: ClassVar[str] = "list of dictionaries"
    capacity: ClassVar[int | None] = None
    pad: ClassVar[int] = 2

    def built(self, values: list[Any]) -> Any:
        """Return a list of dictionaries."""
        self.names.thetas[:] = ["W", "b"]
        return [Parameters(self.names, x) for x in _pairs(values)]

    def graded(self, values: list[Any]) -> Any:
        """Return a list of dictionaries."""
        return [_graded(self.names, x, (0, 1)) for x in _pairs(values)]

    def moments(self, values: list[Any]) -> Any:
        """Return a list of dictionaries."""
        return [AskedFor(self.names, x.__getitem__) for x in _pairs(values)]

    def parts(self, value: Any) -> list[Any] | None:
        """Return the values of the dictionaries."""
        try:
            found = [x[name] for x in value for name in self.names.thetas]
        except (TypeError, KeyError, IndexError):
            return None
        return found if _fit(self, found) else None

    def replace(self, values: list[Any]) -> None:
        """Set the values of the dictionaries."""
        for own, x in zip(self.thetas, _pairs(values), strict=True):
            own.update(zip(self.names.thetas, x, strict=True))


@final
class Objects(Holder):
    """A list of parameters, each with its gradient."""

    name: ClassVar[str] = "parameters"
    capacity: ClassVar[int | None] = None
    owned: ClassVar[bool] = True

    def built(self, values: list[Any]) -> Any:
        """Return a list of parameters."""
        if self.leaves.name == "torch":
            import torch

            return [torch.nn.Parameter(x) for x in values]
        return [Parameter(x, name=f"p{i}") for i, x in enumerate(values)]

    def graded(self, values: list[Any]) -> Any:
        """Set the gradients."""
        for own, x in zip(self.thetas, values, strict=True):
            own.grad = x

    def moments(self, values: list[Any]) -> Any:
        """Return a list."""
        return values

    def parts(self, value: Any) -> list[Any] | None:
        """Return the data of the parameters."""
        if value is not self.thetas:
            return None
        return [x.data for x in value]

    def replace(self, values: list[Any]) -> None:
        """Set the data."""
        for own, x in zip(self.thetas, values, strict=False):
            own.data = x

    def index(self, key: Any) -> int | None:
        """Return the place of a parameter, its identity, its name, or what is hashed for it."""
        for i, own in enumerate(self.thetas):
            if key is own or (type(key) is int and key == id(own)):
                return i
            if isinstance(key, str) and key == getattr(own, "name", None):
                return i
        return _within(key, len(self.shapes))


@final
class Layers(Holder):
    """A layer with weights and biases, and the gradient of each."""

    name: ClassVar[str] = "layer"
    capacity: ClassVar[int | None] = 2
    pad: ClassVar[int] = 2
    owned: ClassVar[bool] = True

    def built(self, values: list[Any]) -> Any:
        """Return a layer."""
        self.names.thetas[:] = ["W", "b"]
        return Layer(*values)

    def graded(self, values: list[Any]) -> Any:
        """Set the gradients."""
        for name, x in zip(("dW", "db"), values, strict=True):
            self.thetas.set_part(name, x)

    def moments(self, values: list[Any]) -> Any:
        """Return a dictionary that makes what is asked for."""
        return AskedFor(self.names, values.__getitem__)

    def parts(self, value: Any) -> list[Any] | None:
        """Return weights and biases."""
        return [value.part("W"), value.part("b")] if value is self.thetas else None

    def replace(self, values: list[Any]) -> None:
        """Set weights and biases."""
        for name, x in zip("Wb", values, strict=False):
            self.thetas.set_part(name, x)

    def index(self, key: Any) -> int | None:
        """Return 0 for what is of weights, 1 for what is of biases."""
        plain = key.lower() if isinstance(key, str) else ""
        if "bias" in plain or plain.rstrip("_").endswith("b"):
            return 1
        return 0 if "weight" in plain or "w" in plain else None


HOLDERS: dict[str, type[Holder]] = {
    x.name: x for x in (Holder, Listed, Keyed, PaddedKeys, Nested, Rows, Objects, Layers)
}
"""All there are, by name."""


def _graded(names: Names, values: Sequence[Any], places: Sequence[int]) -> AskedFor:
    def learn(key: str, name: str) -> None:
        if name in key:
            names.grad = key.replace(name, "{}")

    made = AskedFor(names, values.__getitem__, learn)
    for i in places:
        if values[i] is not None:
            made[names.grad.format(names.thetas[i])] = values[i]
    return made


def _pairs(values: Sequence[Any]) -> list[Sequence[Any]]:
    return [values[i : i + 2] for i in range(0, len(values), 2)]


def _within(key: Any, count: int) -> int | None:
    is_place = isinstance(key, int) and not isinstance(key, bool) and 0 <= key < count
    return key if is_place else None


def _fit(holder: Holder, values: Sequence[Any]) -> bool:
    sizes = [int(np.prod(x, dtype=int)) for x in holder.shapes]
    return [_size(holder.leaves.read(x)) for x in values] == sizes


def _size(value: Any) -> int:
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        return -1
    return int(array.size) if array.dtype.kind in "fiV" else -1
