"""A subclass of ``torch.optim.Optimizer``, or what returns one for a list of parameters.

State is read from and loaded into ``optimizer.state``, and from the parameter group where some keep
their counter; the learning rate is changed in ``param_groups``, as schedulers do.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.errors import MissingPackage
from adamref.oracle.adapters import names
from adamref.oracle.adapters.adapter import Adapter
from adamref.oracle.adapters.calls import calling
from adamref.oracle.adapters.counters import one_for_all
from adamref.oracle.adapters.state import other
from adamref.oracle.adapters.values import dtype_remarks, fitted, hyper_changed, steps
from adamref.oracle.session import Abilities, Array, Failed, Held, Remark, Start

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# Ours to theirs, the first that is there. A user's own subclass may use the paper's names.
_STATES = {
    "m": ("exp_avg", "m", "momentum_buffer"),
    "v": ("exp_avg_sq", "square_avg", "v", "sum"),
    "v_max": ("max_exp_avg_sq", "v_max", "v_hat_max"),
    "u": ("exp_inf", "u"),
}
_COUNTERS = ("step", "t")
_GUARDED = ("lr", "betas", "eps", "weight_decay")


@final
class TorchAdapter(Adapter):
    """An optimizer of torch.

    Parameters
    ----------
    make : callable
        The class, or what returns an instance of it for a list of parameters.
    args : mapping
    device : str, optional
    """

    name: ClassVar[str] = "torch"

    def __init__(
        self,
        make: Callable[..., Any],
        args: Mapping[str, Any] | None = None,
        device: str | None = None,
    ) -> None:
        try:
            self._torch: Any = importlib.import_module("torch")
        except ImportError as missing:
            raise MissingPackage("torch", "an optimizer of torch", "bench") from missing
        self._make = make
        self._args = dict(args or {})
        self._device = device or "cpu"
        self._takes = names.parameters(make, skip=1)
        self._parameters: list[Any] = []
        self._optimizer: Any = None
        self._keywords: dict[str, Any] = {}

    def start(self, start: Start) -> Abilities:
        """Make new parameters and a new optimizer."""
        self._dtype, self._kind = start.dtype, getattr(self._torch, start.dtype)
        bound = names.arguments(self._takes, start.hyper, self._args, self.name, start.optimizer)
        if start.defaults:
            bound = names.Arguments(self._args, frozenset())
        self._keywords = dict(bound.keywords)
        self._parameters, self._optimizer = self._made(start.thetas)
        controls = set(bound.controls & set(start.hyper))
        known = names.defaults(self._takes, self.name, start.optimizer)
        group = self._optimizer.param_groups[0] if self._optimizer.param_groups else {}
        own = names.numbers(group, self.name, start.optimizer)
        known |= {name: x for name, x in own.items() if name not in controls and name not in known}
        can = {"tensors", "skip", "shapes"}
        if "lr" in group:
            can.add("lr")
            if not start.defaults and "lr" in start.hyper and "lr" not in self._args:
                controls.add("lr")
                self._set_rate(start.hyper["lr"])
        if names.can_default(self._takes, self._args):
            can.add("defaults")
        loads, remarks = self._tried(start)
        can |= {"load"} if loads else set()
        return Abilities(frozenset(can), frozenset(controls), known, remarks)

    def step(self, grads: Sequence[Array | None], lr: float | None = None) -> list[Held]:
        """Set the gradients, and take a step; a missing one is None."""
        if lr is not None:
            self._set_rate(lr)
        return self._stepped(self._parameters, self._optimizer, grads)

    def load(self, tensors: Sequence[Held]) -> None:
        """Write over parameters and ``optimizer.state``."""
        if any(not self._optimizer.state.get(p) for p in self._parameters):
            # A throw-away step makes the entries; all that it changes is written over.
            zeros = [np.zeros_like(held.theta) for held in tensors]
            self._stepped(self._parameters, self._optimizer, zeros)
        with calling("loading a state"), self._torch.no_grad():
            for p, held in zip(self._parameters, tensors, strict=True):
                p.copy_(self._tensor(held.theta))
                self._load_state(self._optimizer.state[p], held)
        counter = self._group_counter(self._optimizer)
        if counter:
            t = one_for_all(tensors)
            for group in self._optimizer.param_groups:
                group[counter] = _like(group[counter], t)

    def _load_state(self, state: dict[str, Any], held: Held) -> None:
        for ours, values in held.states.items():
            name = _first(_STATES[ours], state)
            if name:
                kind = held.dtypes.get(ours)
                old = state[name]
                dtype = getattr(self._torch, kind) if kind else old.dtype
                new = self._torch.tensor(values, device=old.device).to(dtype)
                state[name] = new.reshape(old.shape)
        name = _first(_COUNTERS, state)
        if name and held.t is not None:
            state[name] = _like(state[name], held.t)

    def _made(self, thetas: Sequence[Array]) -> tuple[list[Any], Any]:
        with calling("__init__"):
            parameters = [self._torch.nn.Parameter(self._tensor(theta)) for theta in thetas]
            optimizer = self._make(parameters, **self._keywords)
        if not hasattr(optimizer, "param_groups"):
            says = f"it returned {type(optimizer).__name__}, but should return a torch optimizer"
            raise Failed("exception", says)
        return parameters, optimizer

    def _tensor(self, values: Array) -> Any:
        # Exact: every number of the dtype is one of float64.
        return self._torch.tensor(values, device=self._device).to(self._kind)

    def _set_rate(self, lr: float) -> None:
        for group in self._optimizer.param_groups:
            if self._torch.is_tensor(group["lr"]):
                group["lr"].fill_(lr)
            else:
                group["lr"] = lr

    def _stepped(
        self, parameters: list[Any], optimizer: Any, grads: Sequence[Array | None]
    ) -> list[Held]:
        handed = [None if g is None else self._tensor(g) for g in grads]
        before = [None if g is None else g.clone() for g in handed]
        hyper = [{x: group[x] for x in _GUARDED if x in group} for group in optimizer.param_groups]
        with calling("step"):
            for p, g in zip(parameters, handed, strict=True):
                p.grad = g
            optimizer.step()
        remarks: tuple[Remark, ...] = ()
        for old, group in zip(hyper, optimizer.param_groups, strict=True):
            remarks += hyper_changed(old, group)
        found = []
        for p, g, was in zip(parameters, handed, before, strict=True):
            more = remarks
            if g is not None and not self._same(g, was):
                says = "the gradient was modified in place"
                more += (Remark("gradient-modified", "deviation", says),)
            found.append(self._held(p, optimizer, more))
        return found

    def _same(self, one: Any, two: Any) -> bool:
        a, b = _bits(self._torch, one), _bits(self._torch, two)
        return one.shape == two.shape and bool((a == b).all())

    def _held(self, p: Any, optimizer: Any, remarks: tuple[Remark, ...]) -> Held:
        state = optimizer.state.get(p, {})
        shape = tuple(p.shape)
        theta, kind, more = self._taken("theta", p, shape)
        states, dtypes = {}, {"theta": kind}
        for ours, theirs in _STATES.items():
            name = _first(theirs, state)
            if name and self._torch.is_tensor(state[name]):
                states[ours], dtypes[ours], extra = self._taken(ours, state[name], shape)
                more += extra
        t, extra = self._counted(state, optimizer)
        return Held(theta, states, t, dtypes, (*remarks, *more, *extra))

    def _taken(
        self, name: str, tensor: Any, shape: tuple[int, ...]
    ) -> tuple[Array, str, tuple[Remark, ...]]:
        kind = str(tensor.dtype).removeprefix("torch.")
        remarks = dtype_remarks(name, kind, self._dtype)
        values = tensor.detach().to("cpu").to(self._torch.float64).numpy()
        if values.shape != shape:
            says = f"{name} has shape {values.shape}, but should have {shape}, the shape of theta"
            remarks += (Remark("wrong-shape", "deviation", says),)
        return fitted(name, values, shape), kind, remarks

    def _counted(self, state: Any, optimizer: Any) -> tuple[int | None, tuple[Remark, ...]]:
        name = _first(_COUNTERS, state)
        value: Any = state[name] if name else None
        if value is None and self._group_counter(optimizer):
            value = optimizer.param_groups[0][self._group_counter(optimizer)]
        if self._torch.is_tensor(value):
            value = value.detach().to("cpu").to(self._torch.float64).numpy()
        return steps(value)

    def _group_counter(self, optimizer: Any) -> str:
        """Name the counter in the parameter group, where it is kept there."""
        groups = optimizer.param_groups
        if any(_first(_COUNTERS, state) for state in optimizer.state.values()) or not groups:
            return ""
        return _first(_COUNTERS, groups[0])

    def _tried(self, start: Start) -> tuple[bool, tuple[Remark, ...]]:
        """Say whether a state can be loaded: seen from throw-away steps on copies."""
        if not start.thetas:
            return False, ()
        ones = [np.ones_like(start.thetas[0])]
        try:
            parameters, optimizer = self._made(start.thetas[:1])
            (first,) = self._stepped(parameters, optimizer, ones)
            before = self._plain(optimizer.state[parameters[0]])
            (held,) = self._stepped(parameters, optimizer, ones)
            after = self._plain(optimizer.state[parameters[0]])
        except Failed:
            return False, ()
        if held.t is None or not held.states or first.t is None:
            return False, ()
        if start.optimizer == "amsgrad" and "v_max" not in held.states:
            return False, ()
        known = {name for found in _STATES.values() for name in found} | set(_COUNTERS)
        hidden = [name for name in other(before, after) if name not in known]
        if hidden:
            says = f"its state has {', '.join(hidden)} beside m, v and t: no other can be loaded"
            return False, (Remark("hidden-state", "note", says),)
        return True, ()

    def _plain(self, state: Mapping[str, Any]) -> dict[str, Any]:
        is_tensor = self._torch.is_tensor
        return {
            str(k): x.detach().to("cpu").to(self._torch.float64).numpy().copy()
            if is_tensor(x)
            else x
            for k, x in state.items()
        }


def _first(known: Sequence[str], among: Any) -> str:
    return next((name for name in known if name in among and among[name] is not None), "")


def _like(old: Any, t: int | None) -> Any:
    """Return a counter of the kind that it was."""
    if hasattr(old, "new_full"):
        return old.new_full(tuple(old.shape), t)
    return float(t or 0) if isinstance(old, float) else t


def _bits(torch: Any, tensor: Any) -> Any:
    """Return the bits of a tensor, so that NaN is NaN."""
    kinds = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
    return tensor.detach().contiguous().reshape(-1).view(kinds[tensor.element_size()])
