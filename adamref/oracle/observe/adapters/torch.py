"""A subclass of ``torch.optim.Optimizer``, or what returns one for a list of parameters.

State is read from and loaded into ``optimizer.state``, and from the parameter group where some keep
their counter; the learning rate is changed in ``param_groups``, as schedulers do.
"""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.errors import MissingPackage
from adamref.oracle.observe.adapters import names, torch_state
from adamref.oracle.observe.adapters.adapter import Adapter
from adamref.oracle.observe.adapters.calls import calling
from adamref.oracle.observe.adapters.counters import one_for_all
from adamref.oracle.observe.adapters.state import other
from adamref.oracle.observe.adapters.values import hyper_changed
from adamref.oracle.observe.sessions.session import Abilities, Failed, Held, Remark, Start

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from adamref.numbers.arrays import Array

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
        bound = names.bound(self._takes, start, self._args, self.name)
        self._keywords = dict(bound.keywords)
        self._parameters, self._optimizer = self._made(start.thetas)
        controls = set(bound.controls)
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
                torch_state.load(self._torch, self._optimizer.state[p], held)
        counter = torch_state.group_counter(self._optimizer)
        if counter:
            t = one_for_all(tensors)
            for group in self._optimizer.param_groups:
                group[counter] = torch_state.like(group[counter], t)

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
        shapes = [tuple(p.shape) for p in parameters]
        hyper = [{x: group[x] for x in _GUARDED if x in group} for group in optimizer.param_groups]
        with calling("step"):
            handed = [None if g is None else self._tensor(g) for g in grads]
            before = [None if g is None else g.clone() for g in handed]
            for p, g in zip(parameters, handed, strict=True):
                p.grad = g
            optimizer.step()
        remarks: tuple[Remark, ...] = ()
        for old, group in zip(hyper, optimizer.param_groups, strict=True):
            remarks += hyper_changed(old, group)
        found = []
        with calling("reading the state"):
            for p, g, was, shape in zip(parameters, handed, before, shapes, strict=True):
                modified = g is not None and not torch_state.same(self._torch, g, was)
                says = "the gradient was modified in place"
                more = (Remark("gradient-modified", "deviation", says),) if modified else ()
                held = torch_state.shown(self._torch, optimizer, p, shape, self._dtype)
                found.append(replace(held, remarks=(*remarks, *more, *held.remarks)))
        return found

    def _tried(self, start: Start) -> tuple[bool, tuple[Remark, ...]]:
        """Say whether a state can be loaded: seen from throw-away steps on copies."""
        if not start.thetas:
            return False, ()
        ones = [np.ones_like(start.thetas[0])]
        try:
            parameters, optimizer = self._made(start.thetas[:1])
            (first,) = self._stepped(parameters, optimizer, ones)
            before = torch_state.plain(self._torch, optimizer.state[parameters[0]])
            (held,) = self._stepped(parameters, optimizer, ones)
            after = torch_state.plain(self._torch, optimizer.state[parameters[0]])
        except Failed:
            return False, ()
        if held.t is None or not held.states or first.t is None:
            return False, ()
        if start.optimizer == "amsgrad" and "v_max" not in held.states:
            return False, ()
        hidden = [name for name in other(before, after) if name not in torch_state.KNOWN]
        if hidden:
            says = f"its state has {', '.join(hidden)} beside m, v and t: no other can be loaded"
            return False, (Remark("hidden-state", "note", says),)
        return True, ()
