"""An algorithm over a list or dict of arrays: what all optimizers share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, TypeAlias, final

from adamref.errors import MissingInput, OutOfDomain, ReadOnly, ShapeMismatch, WrongDtype
from adamref.fast.arrays import parameter
from adamref.fast.functional import checked, fresh
from adamref.fast.options import Chosen
from adamref.fast.storage import read, written
from adamref.fast.work import Worker

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence

    from adamref.fast.functional import State
    from adamref.fast.method import Array, Method

Params: TypeAlias = "Sequence[Array] | Mapping[str, Array]"
Grads: TypeAlias = "Sequence[Array | None] | Mapping[str, Array | None]"
Rate: TypeAlias = "float | Callable[[int], float]"


class Optimizer(ABC):
    """Updates arrays in place, step by step.

    Attributes
    ----------
    t : int
        How many steps were taken. Each array counts its own: one whose gradient was None stays
        behind.
    state : dict
        By the key of the array (its index in a list, as text): t and the arrays of the state.
    """

    @abstractmethod
    def __init__(
        self,
        method: Method,
        params: Params,
        hyper: dict[str, Any],
        options: Mapping[str, Any],
        *,
        l2: float = 0.0,
        decay: float = 0.0,
    ) -> None:
        if "in_place" in options:
            raise OutOfDomain("in_place", options["in_place"], "absent: an optimizer is in place")
        self._method = method
        self._hyper = hyper
        self._chosen = Chosen.among({**options, "in_place": True})
        self._l2, self._decoupled = l2, decay
        self._params = _by_key(params)
        self.t = 0
        checked({k: x for k, x in hyper.items() if not callable(x)} | {"weight_decay": l2 or decay})
        for key, array in self._params.items():
            if not parameter(key, array).flags.writeable:
                raise ReadOnly(key)
        self.state: dict[str, State] = {
            key: fresh(method, array, self._chosen) for key, array in self._params.items()
        }
        self._workers = self._made()

    @final
    def step(self, grads: Grads) -> None:
        """Take a step; an array whose gradient is None stays as it is, with its own t.

        Parameters
        ----------
        grads : list or dict of arrays or None
            As the parameters; of a dict some may be missing.

        Raises
        ------
        MissingInput
            If there are more or fewer gradients than parameters, or of unknown names.
        ShapeMismatch, WrongDtype, ReadOnly
            Before anything is written to.
        """
        given = _by_key(grads)
        if not isinstance(grads, dict) and len(given) != len(self._params):
            raise MissingInput("grads", f"{len(given)} of {len(self._params)} are there")
        for key in given:
            if key not in self._params:
                raise MissingInput(f"the parameter of grads[{key!r}]", "there is none")
        present = {key: grad for key, grad in given.items() if grad is not None}
        for key, grad in present.items():
            _fits(key, grad, self._params[key])
        hyper = self._hyper | {"lr": self._rate()}
        self.t += 1
        keep = 1 - hyper["lr"] * self._decoupled
        for key, grad in present.items():
            state = self.state[key]
            state["t"] += 1
            scalars = self._method.scalars(state["t"], hyper, state)
            self._workers[key].step(grad, scalars, keep)

    @final
    def state_dict(self) -> dict[str, Any]:
        """Return copies of everything a later `load_state_dict` needs to go on to the bit."""
        return {
            "algorithm": self._method.name,
            "t": self.t,
            "state": {
                key: {name: _copied(x) for name, x in state.items()}
                for key, state in self.state.items()
            },
        }

    @final
    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned; the parameters themselves are the caller's.

        Raises
        ------
        MissingInput, OutOfDomain, ShapeMismatch, WrongDtype
            Before anything is taken over.
        """
        for name in ("algorithm", "t", "state"):
            if name not in saved:
                raise MissingInput(name, "a saved state has it")
        if saved["algorithm"] != self._method.name:
            raise OutOfDomain("algorithm", saved["algorithm"], self._method.name)
        wanted = ("t", *self._method.states, *self._method.running)
        taken: dict[str, State] = {}
        for key, theta in self._params.items():
            if key not in saved["state"]:
                raise MissingInput(f"state[{key!r}]", "there is such a parameter")
            state = saved["state"][key]
            for name in wanted:
                if name not in state:
                    raise MissingInput(f"state[{key!r}][{name!r}]", "the algorithm keeps it")
            for name in self._method.states:
                array = parameter(f"state[{key!r}][{name!r}]", state[name])
                if array.shape != theta.shape:
                    raise ShapeMismatch(name, array.shape, theta.shape, key)
            taken[key] = {name: _copied(state[name]) for name in wanted}
        self.t, self.state = int(saved["t"]), taken
        self._workers = self._made()

    @final
    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the state to an NPZ file: beside it first, then renamed, so never by halves."""
        written(self.state_dict(), path)

    @final
    def load(self, path: str | os.PathLike[str]) -> None:
        """Take over what `save` wrote; see `load_state_dict`.

        Raises
        ------
        Unreadable
            If it is no such file.
        """
        self.load_state_dict(read(path))

    def _made(self) -> dict[str, Worker]:
        states = self._method.states
        return {
            key: Worker(
                self._method,
                array,
                tuple(self.state[key][name] for name in states),
                self._chosen,
                self._l2,
            )
            for key, array in self._params.items()
        }

    def _rate(self) -> float:
        rate = self._hyper["lr"]
        return float(rate(self.t + 1)) if callable(rate) else rate


def _by_key(arrays: Any) -> dict[str, Any]:
    if isinstance(arrays, dict):
        return {str(key): array for key, array in arrays.items()}
    if isinstance(arrays, list | tuple):
        return {str(i): array for i, array in enumerate(arrays)}
    raise WrongDtype("params", type(arrays).__name__, "a list or a dict of arrays")


def _fits(key: str, grad: object, theta: Array) -> None:
    name = f"grads[{key!r}]"
    slope = parameter(name, grad)
    if slope.dtype != theta.dtype:
        raise WrongDtype(name, slope.dtype.name, f"{theta.dtype.name}, as its parameter")
    if slope.shape != theta.shape:
        raise ShapeMismatch(name, slope.shape, theta.shape, "its parameter")


def _copied(x: Any) -> Any:
    return x.copy() if hasattr(x, "copy") else x
