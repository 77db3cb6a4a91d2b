"""What parameters are handed over in where they come in layers, of weights and biases each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, final

from adamref.oracle.observe.forms.asked import AskedFor, Layer, Layered, ParametersByName
from adamref.oracle.observe.forms.holders import Holder, fit, graded_by

if TYPE_CHECKING:
    from collections.abc import Sequence


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
        return {self._layer(i): ParametersByName(self.names, x) for i, x in enumerate(pairs)}

    def graded(self, values: list[Any]) -> Any:
        """Return a dictionary of dictionaries."""
        pairs = _pairs(values)
        return {self._layer(i): graded_by(self.names, x, (0, 1)) for i, x in enumerate(pairs)}

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
        return found if fit(self, found) else None

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
class LayerRows(Holder):
    """Weights and biases in a list of dictionaries."""

    name: ClassVar[str] = "list of dictionaries"
    capacity: ClassVar[int | None] = None
    pad: ClassVar[int] = 2

    def built(self, values: list[Any]) -> Any:
        """Return a list of dictionaries."""
        self.names.thetas[:] = ["W", "b"]
        return [ParametersByName(self.names, x) for x in _pairs(values)]

    def graded(self, values: list[Any]) -> Any:
        """Return a list of dictionaries."""
        return [graded_by(self.names, x, (0, 1)) for x in _pairs(values)]

    def moments(self, values: list[Any]) -> Any:
        """Return a list of dictionaries."""
        return [AskedFor(self.names, x.__getitem__) for x in _pairs(values)]

    def parts(self, value: Any) -> list[Any] | None:
        """Return the values of the dictionaries."""
        try:
            found = [x[name] for x in value for name in self.names.thetas]
        except (TypeError, KeyError, IndexError):
            return None
        return found if fit(self, found) else None

    def replace(self, values: list[Any]) -> None:
        """Set the values of the dictionaries."""
        for own, x in zip(self.thetas, _pairs(values), strict=True):
            own.update(zip(self.names.thetas, x, strict=True))


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
        """Return which of weights and biases a key speaks of."""
        return self.names.index(key)


@final
class LayerList(Holder):
    """A list of layers."""

    name: ClassVar[str] = "list of layers"
    capacity: ClassVar[int | None] = None
    pad: ClassVar[int] = 2
    owned: ClassVar[bool] = True

    def built(self, values: list[Any]) -> Any:
        """Return a list of layers."""
        self.names.thetas[:] = ["W", "b"]
        return [Layer(*x) for x in _pairs(values)]

    def graded(self, values: list[Any]) -> Any:
        """Set the gradients."""
        for layer, x in zip(layers_of(self.thetas), _pairs(values), strict=True):
            layer.set_part("dW", x[0])
            layer.set_part("db", x[1])

    def moments(self, values: list[Any]) -> Any:
        """Return a list of dictionaries."""
        return [AskedFor(self.names, x.__getitem__) for x in _pairs(values)]

    def parts(self, value: Any) -> list[Any] | None:
        """Return weights and biases of all layers."""
        if value is not self.thetas:
            return None
        return [layer.part(x) for layer in layers_of(value) for x in ("W", "b")]

    def replace(self, values: list[Any]) -> None:
        """Set weights and biases."""
        for i, x in enumerate(values):
            layers_of(self.thetas)[i // 2].set_part("Wb"[i % 2], x)


@final
class Network(Holder):
    """An object with a list of layers."""

    name: ClassVar[str] = "network"
    capacity: ClassVar[int | None] = None
    pad: ClassVar[int] = 2
    owned: ClassVar[bool] = True

    def built(self, values: list[Any]) -> Any:
        """Return an object with layers."""
        self.names.thetas[:] = ["W", "b"]
        return Layered([Layer(*x) for x in _pairs(values)])

    graded, moments = LayerList.graded, LayerList.moments
    parts, replace = LayerList.parts, LayerList.replace


@final
class Pairs(Holder):
    """Weights and biases in a list of pairs."""

    name: ClassVar[str] = "list of pairs"
    capacity: ClassVar[int | None] = None
    pad: ClassVar[int] = 2

    def built(self, values: list[Any]) -> Any:
        """Return a list of lists of two."""
        self.names.thetas[:] = ["W", "b"]
        return [list(x) for x in _pairs(values)]

    graded, moments = built, built

    def parts(self, value: Any) -> list[Any] | None:
        """Return the elements of the pairs."""
        try:
            found = [x for one in value for x in one]
        except TypeError:
            return None
        return found if len(found) == len(self.shapes) and fit(self, found) else None

    def replace(self, values: list[Any]) -> None:
        """Set the elements of the pairs."""
        self.thetas = [list(x) for x in _pairs(values)]


def layers_of(thetas: Any) -> list[Any]:
    """Return the layers of what has some."""
    return thetas if isinstance(thetas, list) else list(thetas.layers)


def _pairs(values: Sequence[Any]) -> list[Sequence[Any]]:
    return [values[i : i + 2] for i in range(0, len(values), 2)]
