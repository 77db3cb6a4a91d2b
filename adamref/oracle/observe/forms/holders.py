"""What parameters and gradients are handed over in: arrays, lists, dictionaries, objects."""

from __future__ import annotations

import importlib
import math
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.oracle.observe.forms.asked import AskedFor, Names, ParametersByName, TrainedParameter

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
        # Names that are written in the code are all asked for.
        pad = len(names.thetas) if self.usual and names.thetas else self.pad
        padded = [*values, *(np.zeros(1) for _ in range(-len(values) % pad))]
        self.shapes = [np.shape(x) for x in padded]
        if self.usual and len(names.thetas) < len(padded):
            names.thetas[:] = self.named(len(padded))
        self.thetas: Any = self.built([leaves.make(x, dtype) for x in padded])

    @final
    def grads(self, values: Sequence[Array | None]) -> Any:
        """Return what is handed over as gradients; a missing one is None."""
        # Not zero, which an eps of zero would make a NaN of.
        full = [*values, *(np.ones(x) for x in self.shapes[len(values) :])]
        made = [None if x is None else self.leaves.make(x, self.dtype) for x in full]
        self.handed = made[: self.count]
        return self.graded(made)

    @final
    def zeros(self, fill: float = 0.0) -> Any:
        """Return a moment before the first step."""
        return self.moments([self.leaves.make(np.full(x, fill), self.dtype) for x in self.shapes])

    @final
    def counts(self) -> Any:
        """Return the number of steps of each tensor before the first, one that can be raised."""
        return self.moments([self.leaves.make(np.zeros(()), self.dtype) for _ in self.shapes])

    @final
    def zero(self, i: int) -> Any:
        """Return a moment of one tensor before the first step."""
        return self.leaves.make(np.zeros(self.shapes[i]), self.dtype)

    @final
    def write(self, values: Sequence[Array]) -> None:
        """Put other numbers in place of the parameters."""
        parts = self.parts(self.thetas) or []
        new = [self.leaves.write(x, y, self.dtype) for x, y in zip(parts, values, strict=False)]
        self.replace([*new, *parts[len(new) :]])

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
        fits = _size(self.leaves.read(value)) == math.prod(self.shapes[0])
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
        return list(value) if fit(self, value) else None

    def replace(self, values: list[Any]) -> None:
        """Set the elements."""
        for i, x in enumerate(values):
            self.thetas[i] = x

    def index(self, key: Any) -> int | None:
        """Return an index as it is."""
        return within(key, len(self.shapes))


@final
class Keyed(Holder):
    """All tensors, in a dictionary with gradients in another."""

    name: ClassVar[str] = "dictionary"
    capacity: ClassVar[int | None] = None
    usual: ClassVar[tuple[str, ...]] = ("W", "b")

    def built(self, values: list[Any]) -> Any:
        """Return a dictionary."""
        return ParametersByName(self.names, values)

    def graded(self, values: list[Any]) -> Any:
        """Return a dictionary, by the names that are asked for."""
        return graded_by(self.names, values, range(len(values)))

    def moments(self, values: list[Any]) -> Any:
        """Return a dictionary that makes what is asked for."""
        return AskedFor(self.names, values.__getitem__)

    def parts(self, value: Any) -> list[Any] | None:
        """Return the values of the names."""
        own = self.names.thetas[: len(self.shapes)]
        if not isinstance(value, dict) or not set(own) <= value.keys():
            return None
        found = [value[x] for x in own]
        return found if fit(self, found) else None

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
class Spread(Holder):
    """Some tensors, each an argument of its own."""

    name: ClassVar[str] = "arguments"
    capacity: ClassVar[int | None] = None
    usual: ClassVar[tuple[str, ...]] = ("W", "b")

    built, graded, moments = Listed.built, Listed.graded, Listed.moments
    parts, replace = Listed.parts, Listed.replace

    def index(self, key: Any) -> int | None:
        """Return which name a key holds."""
        return self.names.index(key)


@final
class Objects(Holder):
    """A list of parameters, each with its gradient."""

    name: ClassVar[str] = "parameters"
    capacity: ClassVar[int | None] = None
    owned: ClassVar[bool] = True

    def built(self, values: list[Any]) -> Any:
        """Return a list of parameters."""
        if self.leaves.name == "torch":
            torch: Any = importlib.import_module("torch")
            return [torch.nn.Parameter(x) for x in values]
        return [TrainedParameter(x, name=f"p{i}") for i, x in enumerate(values)]

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
        if (place := within(key, len(self.shapes))) is not None:
            return place
        if not hasattr(self, "_keys"):
            self._keys: dict[Any, int] = {id(x): i for i, x in enumerate(self.thetas)}
            self._keys |= {getattr(x, "name", None): i for i, x in enumerate(self.thetas)}
        if isinstance(key, int | str):
            return self._keys.get(key)
        return self._keys.get(id(key))


def graded_by(names: Names, values: Sequence[Any], places: Sequence[int]) -> AskedFor:
    """Return gradients by name, some of them there already, all when they are asked for."""

    def learn(key: str, name: str) -> None:
        if name in key:
            names.grad = key.replace(name, "{}")

    made = AskedFor(names, values.__getitem__, learn)
    for i in places:
        if values[i] is not None:
            made[names.grad.format(names.thetas[i])] = values[i]
    return made


def within(key: Any, count: int) -> int | None:
    """Return an index as it is, if it is one."""
    is_place = isinstance(key, int) and not isinstance(key, bool) and 0 <= key < count
    return key if is_place else None


def fit(holder: Holder, values: Sequence[Any]) -> bool:
    """Say whether tensors have as many numbers as those of a holder."""
    sizes = [math.prod(x) for x in holder.shapes]
    return [_size(holder.leaves.read(x)) for x in values] == sizes


def _size(value: Any) -> int:
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        return -1
    return int(array.size) if array.dtype.kind in "fiV" else -1
