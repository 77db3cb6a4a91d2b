"""A subclass of ``torch.optim.Optimizer``, or what returns one for a list of parameters.

State is read from and loaded into ``optimizer.state``, and from the parameter group where some keep
their counter; the learning rate is changed in ``param_groups``, as schedulers do.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.oracle.observe.calling.adapter import Adapter
from adamref.oracle.observe.calling.entries import one_for_all
from adamref.oracle.observe.calling.names import Words
from adamref.oracle.observe.calling.signs import Sign, by_base
from adamref.oracle.observe.calling.values import Typed, cast, hyper_changed
from adamref.oracle.observe.sessions.session import Failed, Held

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adamref.numbers.arrays import Array

_GUARDED = ("lr", "betas", "eps", "weight_decay")


@final
class TorchAdapter(Adapter):
    """An optimizer of torch, on a device."""

    name: ClassVar[str] = "torch"
    order: ClassVar[int] = 20
    package: ClassVar[str] = "torch"
    words: ClassVar[Words] = Words(
        {"beta1": "betas", "beta2": "betas", "psi": "momentum_decay"},
        {"rmsprop": {"alpha": "beta2"}},  # elsewhere alpha is the step size
    )
    # A user's own subclass may use the paper's names.
    states: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "m": ("exp_avg", "grad_avg", "m", "momentum_buffer"),
        # Adan averages differences beside squares.
        "v": ("exp_avg_diff", "exp_avg_sq", "square_avg", "v", "sum"),
        "n": ("exp_avg_sq",),
        "m_slow": ("exp_avg_slow",),
        "v_max": ("max_exp_avg_sq", "v_max", "v_hat_max"),
        "u": ("exp_inf",),
        "s": ("exp_avg_var", "exp_avg_sq"),
        "b": ("momentum_buffer",),
    }
    counters: ClassVar[tuple[str, ...]] = ("step", "t")
    abilities: ClassVar[frozenset[str]] = frozenset({"tensors", "skip", "shapes"})

    @classmethod
    def recognises(cls, target: Any) -> Sign:
        """Recognise it by its base class."""
        return by_base(target, "torch.optim", "Optimizer")

    @classmethod
    def sample(cls) -> tuple[Any, ...] | None:
        """Return a list of parameters, if torch is loaded."""
        torch = sys.modules.get("torch")
        return None if torch is None else ([torch.nn.Parameter(torch.zeros(1))],)

    def begin(self) -> None:
        """Make a new optimizer."""
        self._parameters = [self._package.nn.Parameter(self._array(x)) for x in self._start.thetas]
        self._optimizer = self._make(self._parameters, **self._keywords)
        if not hasattr(self._optimizer, "param_groups"):
            kind = type(self._optimizer).__name__
            raise Failed("exception", f"it returned {kind}, but should return a torch optimizer")
        start = self._start
        settable = self._can() and not start.defaults and "lr" in start.hyper
        # What the constructor makes of a rate that it is given is its own.
        if settable and "lr" not in {*self._args, *self._controls}:
            self._controls.add("lr")
            self._set_rate(start.hyper["lr"])

    def _can(self) -> set[str]:
        # Groups with rates of their own keep them.
        differ = any("lr" in own for own in self._groups())
        return set() if differ else {"lr"} & self._settings().keys()

    def _groups(self) -> tuple[Mapping[str, float], ...]:
        """Return what groups have of their own, beside one that has what was asked for."""
        groups, asked = self._optimizer.param_groups, self._start.hyper
        own: list[dict[str, float]] = [{} for _ in self._parameters]
        for name in () if self._start.defaults else ("lr", "weight_decay"):
            numbers = [float(group[name]) for group in groups if name in group]
            if len(numbers) < len(groups) or asked.get(name) not in numbers:
                continue
            for group, number in zip(groups, numbers, strict=True):
                members = {id(p) for p in group["params"]}
                for mine, p in zip(own, self._parameters, strict=True):
                    if number != asked[name] and id(p) in members:
                        mine[name] = number
        return tuple(own)

    def _settings(self) -> Mapping[str, Any]:
        groups: list[dict[str, Any]] = self._optimizer.param_groups
        return groups[0] if groups else {}

    def _set_rate(self, lr: float) -> None:
        for group in self._optimizer.param_groups:
            if self._package.is_tensor(group["lr"]):
                group["lr"].fill_(lr)
            else:
                group["lr"] = lr

    def _array(self, values: Array) -> Any:
        # Exact: every number of the dtype is one of float64.
        kind = getattr(self._package, self._start.dtype)
        return self._package.tensor(values, device=self._device or "cpu").to(kind)

    def _bytes(self, array: Any) -> bytes:
        torch = self._package
        # Of as many bytes each: a tensor without elements cannot be seen as others.
        kinds = {2: torch.int16, 4: torch.int32, 8: torch.int64}
        bits = array.detach().cpu().contiguous().view(kinds[array.element_size()])
        return np.asarray(bits).tobytes()

    def update(self, grads: Sequence[Any]) -> None:
        """Take a step."""
        groups = self._optimizer.param_groups
        before = [{x: group[x] for x in _GUARDED if x in group} for group in groups]
        for p, g in zip(self._parameters, grads, strict=True):
            p.grad = g
        self._optimizer.step()
        pairs = zip(before, self._optimizer.param_groups, strict=True)
        said = tuple(remark for old, new in pairs for remark in hyper_changed(old, new))
        self._said = [said for _ in grads]

    def theta(self, i: int) -> Any:
        """Return the parameters of a tensor."""
        return self._typed(self._parameters[i])

    def entries(self, i: int) -> Mapping[str, Any]:
        """Return what is held for a tensor."""
        state = self._optimizer.state.get(self._parameters[i], {})
        found = {str(name): self._typed(x) for name, x in state.items()}
        group = self._settings()
        # Some keep their counter with the hyperparameters, one for all tensors.
        beside = [x for x in self.counters if x in group and "t" not in self.which(found)]
        return found | {name: self._typed(group[name]) for name in beside}

    def put(self, i: int, name: str, value: Any, kind: str | None) -> None:
        """Write over an entry."""
        state = self._optimizer.state[self._parameters[i]]
        holders = [state] if name in state else self._optimizer.param_groups
        for holder in holders:
            old = holder[name]
            if self._package.is_tensor(old):
                dtype = getattr(self._package, kind) if kind else old.dtype
                new = np.array(cast(np.zeros(tuple(old.shape)), value))
                # Through an int where it is one: a float64 does not hold every int64.
                new = np.array(value) if isinstance(value, int) else new
                made = self._package.tensor(new, device=old.device).to(dtype)
                holder[name] = made.expand(old.shape).clone() if new.ndim == 0 else made
            else:
                holder[name] = cast(old, value)

    def place(self, tensors: Sequence[Held]) -> None:
        """Put other parameters in place."""
        if any(not self._optimizer.state.get(p) for p in self._parameters):
            # A throw-away step makes the entries; all that it changes is written over.
            self.update([self._array(np.zeros_like(held.theta)) for held in tensors])
        with self._package.no_grad():
            for p, held in zip(self._parameters, tensors, strict=True):
                p.copy_(self._array(held.theta))
        if any(name in self._settings() for name in self.counters):
            one_for_all(tensors, 2**63 - 1)

    def _typed(self, value: Any) -> Any:
        if not self._package.is_tensor(value):
            return value
        numbers = value.detach().to("cpu").to(self._package.float64).numpy().copy()
        return Typed(numbers, str(value.dtype).removeprefix("torch."))
