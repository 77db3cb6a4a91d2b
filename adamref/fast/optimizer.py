"""An algorithm over a list or dict of arrays: what all optimizers share."""

from __future__ import annotations

import operator
import os
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, final

import numpy as np

from adamref.errors import MissingInput, OutOfDomain, ReadOnly, ShapeMismatch, WrongDtype
from adamref.fast.arrays import apart, copies, fits, legal, may_raise, parameter, put_back
from adamref.fast.functional import fresh, number, read, steps_taken
from adamref.fast.method import Array, Declared, State, separated
from adamref.fast.options import Chosen
from adamref.fast.storage import load, save
from adamref.fast.work import Worker

Params: TypeAlias = "Sequence[Array] | Mapping[str, Array]"
Grads: TypeAlias = "Sequence[Array | None] | Mapping[str, Array | None]"


class _Parameter(NamedTuple):
    """A parameter, and what a step on it needs."""

    key: str
    theta: Array
    dtype: Any
    shape: tuple[int, ...]
    state: State
    worker: Worker

    def is_stale(self, states: Mapping[str, State]) -> bool:
        """Say whether the state, or an array in it, is another one by now."""
        state = states[self.key]
        if state is not self.state:
            return True
        held = map(state.__getitem__, self.worker.names)
        return not all(map(operator.is_, held, self.worker.states))


class ArrayOptimizer(Declared):
    """Updates arrays in place, step by step.

    Attributes
    ----------
    t : int
        How many steps were taken. Each array counts its own: one whose gradient was None stays
        behind.
    given : dict
        The hyperparameters, as they were given.
    state : dict
        By the key of the array (its index in a list, as text): t and the arrays of the state.

    Raises
    ------
    OutOfDomain, NotANumber, UnknownName
        For a hyperparameter or an option.
    WrongDtype, ReadOnly
        If the parameters are no arrays that can be written to.
    TypeError
        As a call of a function with such arguments does.
    """

    if TYPE_CHECKING:
        # What a type checker knows of the calls; `Options` says what they mean.
        params: Params
        maximize: bool = field(default=False, kw_only=True)
        threads: int = field(default=1, kw_only=True)
        kernel: str = field(default="numpy", kw_only=True)
        state_dtype: Any = field(default=None, kw_only=True)

    def __init__(self, *args: Any, **keywords: Any) -> None:
        if not hasattr(self, "method"):
            raise TypeError(f"Can't instantiate abstract class {type(self).__name__}")
        try:
            call = self.__signature__.bind(*args, **keywords)
        except TypeError as because:
            raise TypeError(f"{type(self).__name__}: {because}") from None
        call.apply_defaults()
        self.given, options = call.arguments, call.arguments.pop("options")
        hyper = separated(self.given)
        params = hyper.pop("params")
        # A schedule is asked at each step.
        schedule = {"lr": hyper.pop("lr")} if callable(hyper["lr"]) else {}
        if "in_place" in options:
            raise OutOfDomain("in_place", options["in_place"], "absent: an optimizer is in place")
        self._hyper = schedule | read(type(self), hyper)
        self._decay = self._hyper.pop("weight_decay")
        self._chosen = Chosen.among({**options, "in_place": True})
        self._params = _by_key(params)
        self.t = 0
        for key, array in self._params.items():
            if not parameter(key, array).flags.writeable:
                raise ReadOnly(key)
        self.state: dict[str, State] = {
            key: fresh(self.method, array, self._chosen) for key, array in self._params.items()
        }
        self._entries = self._made(self.state)

    @property
    def maximizes(self) -> bool:
        """Whether it goes along the gradient, not against it."""
        return self._chosen.maximize

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
        FloatingPointError
            Where ``np.errstate`` says so; then everything is as it was.
        """
        for entry in self._entries.values():
            if entry.is_stale(self.state):
                self._entries = self._made(self.state)
                break
        present = self._present(grads)
        for (key, theta, dtype, shape, _, _), grad in present:
            if type(grad) is not np.ndarray or grad.dtype is not dtype or grad.shape != shape:
                fits(f"grads[{key!r}]", grad, theta, "its parameter")
            if not theta.flags.writeable:
                raise ReadOnly(key)
        hyper = self._hyper
        if callable(hyper["lr"]):
            hyper = hyper | {"lr": number("lr", hyper["lr"](self.t + 1))}
        keep = 1 - hyper["lr"] * self._decay if self.decoupled else 1.0
        scalars, running = self.method.scalars, self.method.running
        ready = []
        for (_, _, _, _, state, worker), grad in present:
            numbers = {name: state[name] for name in running} if running else {}
            numbers["t"] = state["t"] + 1
            ready.append((worker, grad, scalars(numbers, **hyper), state, numbers))
        kept = copies([x for one in ready for x in one[0].arrays]) if may_raise() else ()
        try:
            for worker, grad, shared, _, _ in ready:
                worker.step(grad, shared, keep)
        except BaseException:
            put_back(kept)
            raise
        for _, _, _, state, numbers in ready:
            state.update(numbers)
        self.t += 1

    @final
    def state_dict(self) -> dict[str, Any]:
        """Return copies of everything a later `load_state_dict` needs to go on to the bit."""
        return {
            "algorithm": self.method.name,
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
            if name not in _mapping("a saved state", saved):
                raise MissingInput(name, "a saved state has it")
        if saved["algorithm"] != self.method.name:
            raise OutOfDomain("algorithm", saved["algorithm"], self.method.name)
        wanted = ("t", *self.method.states, *self.method.running)
        taken: dict[str, State] = {}
        for key, theta in self._params.items():
            if key not in _mapping("state", saved["state"]):
                raise MissingInput(f"state[{key!r}]", "there is such a parameter")
            state = _mapping(f"state[{key!r}]", saved["state"][key])
            for name in wanted:
                if name not in state:
                    raise MissingInput(f"state[{key!r}][{name!r}]", "the algorithm keeps it")
            for name in self.method.states:
                array = parameter(f"state[{key!r}][{name!r}]", state[name])
                if array.shape != theta.shape:
                    raise ShapeMismatch(name, array.shape, theta.shape, key)
            taken[key] = {name: _copied(state[name]) for name in wanted}
            taken[key]["t"] = steps_taken(state["t"])
            taken[key] |= {name: number(name, state[name]) for name in self.method.running}
        t = steps_taken(saved["t"])
        self._entries = self._made(taken)
        self.t, self.state = t, taken

    @final
    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the state to an NPZ file: beside it first, then renamed, so never by halves."""
        save(self.state_dict(), path)

    @final
    def load(self, path: str | os.PathLike[str]) -> None:
        """Take over what `save` wrote; see `load_state_dict`.

        Raises
        ------
        Unreadable
            If it is no such file.
        """
        self.load_state_dict(load(path))

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is ready for steps, and who watches them: a copy has its own arrays."""
        return {name: x for name, x in self.__dict__.items() if name not in ("_entries", "step")}

    def __setstate__(self, held: dict[str, Any]) -> None:
        self.__dict__.update(held)
        self._entries = self._made(self.state)

    def _made(self, states: Mapping[str, State]) -> dict[str, _Parameter]:
        """Make ready what a step needs of each parameter."""
        method, made = self.method, {}
        apart(
            (f"{name} of {key!r}" if name else repr(key), array)
            for key, theta in self._params.items()
            for name, array in [("", theta), *((n, states[key][n]) for n in method.states)]
        )
        l2 = 0.0 if self.decoupled else self._decay
        for key, theta in self._params.items():
            state = states[key]
            state["t"] = steps_taken(state["t"])
            arrays = tuple(state[name] for name in method.states)
            legal(theta, dict(zip(method.states, arrays, strict=True)), in_place=True)
            worker = Worker(method, theta, arrays, self._chosen, l2)
            made[key] = _Parameter(key, theta, theta.dtype, theta.shape, state, worker)
        return made

    def _present(self, grads: Grads) -> list[tuple[_Parameter, Array]]:
        """Return the gradients that are there, with what belongs to them."""
        entries = self._entries
        if isinstance(grads, list | tuple):
            if len(grads) != len(self._params):
                raise MissingInput("grads", f"{len(grads)} of {len(self._params)} are there")
            return [x for x in zip(entries.values(), grads, strict=True) if x[1] is not None]
        given = _by_key(grads)
        for key in given:
            if key not in entries:
                raise MissingInput(f"the parameter of grads[{key!r}]", "there is none")
        return [(entries[key], grad) for key, grad in given.items() if grad is not None]


def _mapping(name: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise WrongDtype(name, type(value).__name__, "a mapping")
    return value


def _by_key(arrays: Any) -> dict[str, Any]:
    if isinstance(arrays, dict):
        found = {str(key): array for key, array in arrays.items()}
        if len(found) < len(arrays):
            raise OutOfDomain("keys", list(arrays), "different as text")
        return found
    if isinstance(arrays, list | tuple):
        return {str(i): array for i, array in enumerate(arrays)}
    raise WrongDtype("params", type(arrays).__name__, "a list or a dict of arrays")


def _copied(x: Any) -> Any:
    return x.copy() if hasattr(x, "copy") else x
