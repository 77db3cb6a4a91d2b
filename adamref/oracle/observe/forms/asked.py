"""What learns by which names it is asked: dictionaries, parameters and layers to hand over.

Nobody says how a gradient of ``W1`` is called before it is looked up. These say yes to any name
that can only mean one thing, remember it, and raise what their like raise for all others.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, final

from adamref.oracle.observe.forms import words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_DATA = frozenset("data value val values array tensor content theta param weight x w".split())
_WEIGHT, _BIAS = frozenset("w weight weights kernel".split()), frozenset("b bias biases".split())


@final
class Names:
    """By which names the tensors of a holder go, as far as it is known.

    Attributes
    ----------
    thetas : list of str
        Of the parameters.
    grad : str
        Of a gradient, with ``{}`` for that of its parameter.
    unknown : str
        A name that was asked for and means nothing; empty if there is none.
    """

    def __init__(self, thetas: Sequence[str], grad: str = "{}") -> None:
        self.thetas = list(thetas)
        self.grad = grad
        self.unknown = ""

    def index(self, key: Any) -> int | None:
        """Return which tensor a key speaks of: its name, or the longest that it holds."""
        if not isinstance(key, str):
            return None
        if key in self.thetas:
            return self.thetas.index(key)
        plain = words.compact(key)
        for word, name in (("weight", "W"), ("bias", "b")):
            if word in plain and name in self.thetas:
                return self.thetas.index(name)
        held = [x for x in self.thetas if _speaks_of(words.compact(x), key)]
        return self.thetas.index(max(held, key=len)) if held else None


def _speaks_of(plain: str, key: str) -> bool:
    """Say whether a name is in a key; a single letter only where it is no part of a word."""
    whole = words.compact(key)
    if len(plain) > 1:
        return plain in whole
    return bool(re.search(rf"^(d|[mvs]d?|grad|mom|exp|cache)?{plain}[mvs]?$", whole)) or (
        plain in key.lower().split("_")
    )


@final
class AskedFor(dict[Any, Any]):
    """A dictionary by tensor, which makes an entry when it is asked for one.

    Parameters
    ----------
    names : Names
    make : callable
        Returns the entry of a tensor, by its place.
    learn : callable, optional
        Told the key, and the name in it.
    """

    def __init__(
        self,
        names: Names,
        make: Callable[[int], Any],
        learn: Callable[[str, str], None] | None = None,
    ) -> None:
        super().__init__()
        self._names, self._entry, self._learn = names, make, learn

    def __missing__(self, key: Any) -> Any:
        i = self._names.index(key)
        if i is None:
            raise KeyError(key)
        if self._learn is not None:
            self._learn(key, self._names.thetas[i])
        self[key] = self._entry(i)
        return self[key]


@final
class ParametersByName(dict[str, Any]):
    """A dictionary of parameters that remembers a name which it does not have."""

    def __init__(self, names: Names, values: Sequence[Any]) -> None:
        super().__init__(zip(names.thetas, values, strict=True))
        self._names = names

    def __missing__(self, key: Any) -> Any:
        self._names.unknown = self._names.unknown or (key if isinstance(key, str) else "")
        raise KeyError(key)


@final
class Memory(dict[Any, Any]):
    """A state as a dictionary or an object, which makes what it is asked for.

    A hyperparameter by its name, 0 for a step's number, and zeros for anything else.

    Parameters
    ----------
    zeros : callable
        Returns zeros for a key: in the form of the parameters, or of the one that it speaks of.
    hyper : callable
        Returns a hyperparameter by adamref's name.
    """

    def __init__(
        self, zeros: Callable[[str], Any], hyper: Callable[[str], Any], t: int = 0
    ) -> None:
        super().__init__()
        own = {"zeros": zeros, "hyper": hyper, "t": t, "asked": []}
        object.__setattr__(self, "_own", own)

    def asked(self) -> list[str]:
        """Return the names of hyperparameters that it was asked for and did not have."""
        return list(self._own["asked"])

    def __missing__(self, key: Any) -> Any:
        if not isinstance(key, str):
            raise KeyError(key)
        own = self._own
        ours = words.hyper_of(key)
        if ours is not None:
            own["asked"].append(key)
            self[key] = own["hyper"](ours)
        else:
            self[key] = own["t"] if words.is_t(key) else own["zeros"](key)
        return self[key]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self[name]

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __deepcopy__(self, memo: Any) -> Memory:
        from copy import deepcopy

        other = Memory(self._own["zeros"], self._own["hyper"], self._own["t"])
        other.update({key: deepcopy(x, memo) for key, x in self.items()})
        return other


class TrainedParameter:
    """A parameter with its gradient, by whatever names."""

    def __init__(self, data: Any, grad: Any = None, name: str = "W1") -> None:
        self.__dict__.update({"data": data, "grad": grad, "name": name, "requires_grad": True})

    def zero_grad(self) -> None:
        """Forget the gradient."""
        self.__dict__["grad"] = None

    @property
    def shape(self) -> Any:
        """The shape of the data."""
        return self.__dict__["data"].shape

    def __getattr__(self, name: str) -> Any:
        where = _of_parameter(name)
        if where is None:
            raise AttributeError(name)
        return self.__dict__[where]

    def __setattr__(self, name: str, value: Any) -> None:
        has = name in self.__dict__
        self.__dict__[name if has else _of_parameter(name) or name] = value


def _of_parameter(name: str) -> str | None:
    plain = words.compact(name)
    if name.startswith("__"):
        return None
    if words.is_grad(name) or plain in {"d", "delta"}:
        return "grad"
    return "data" if plain in _DATA else None


class Layer:
    """A layer with weights and biases and a gradient of each, by whatever names."""

    def __init__(self, weights: Any, biases: Any) -> None:
        own = {"W": weights, "b": biases, "dW": None, "db": None}
        self.__dict__.update({"_parts": own, "trainable": True})

    def part(self, name: str) -> Any:
        """Return W, b, dW or db."""
        return self.__dict__["_parts"][name]

    def set_part(self, name: str, value: Any) -> None:
        """Set W, b, dW or db."""
        self.__dict__["_parts"][name] = value

    def __getattr__(self, name: str) -> Any:
        which = _of_layer(name)
        if which is None:
            raise AttributeError(name)
        return self.part(which)

    def __setattr__(self, name: str, value: Any) -> None:
        which = None if name in self.__dict__ else _of_layer(name)
        if which is None:
            self.__dict__[name] = value
        else:
            self.set_part(which, value)


class Layered:
    """What has layers."""

    def __init__(self, layers: list[Layer]) -> None:
        self.layers = self.trainable_layers = layers


def _of_layer(name: str) -> str | None:
    """Return which part of a layer a name means; None if it is none."""
    if name.startswith("__"):
        return None
    plain = words.compact(name)
    bare = re.sub(r"^(d(?!ata|ense)|grads?|gradients?|delta)|(grads?|gradients?)$", "", plain)
    which = "W" if bare in _WEIGHT else "b" if bare in _BIAS else None
    if which is None:
        return None
    return which if bare == plain else "d" + which
