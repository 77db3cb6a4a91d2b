"""A plain function: ``step(theta, grad, state, *, lr, …) -> (theta, state)``.

It runs once for each tensor, each with a state of its own. What it returned as state is handed back
as it is; theta is handed back rounded to the dtype under check, as a fresh array.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.oracle.observe.adapters import names
from adamref.oracle.observe.adapters.adapter import Adapter
from adamref.oracle.observe.adapters.calls import calling
from adamref.oracle.observe.adapters.state import changes, entries, other, replaced, same, shown
from adamref.oracle.observe.adapters.values import DTYPES, given, numpy_dtype, taken, touched
from adamref.oracle.observe.sessions.session import Abilities, Failed, Held, Remark, Start

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from adamref.numbers.arrays import Array


@dataclass
class _Tensor:
    """A tensor, and the state that the function returned for it."""

    theta: Array
    state: Any = None


@dataclass
class _Returned:
    """What one call gave."""

    theta: Array
    dtype: str
    state: Any
    remarks: tuple[Remark, ...]


@final
class FunctionAdapter(Adapter):
    """A plain function.

    Parameters
    ----------
    function : callable
    args : mapping
        Keywords that every call is given beside the hyperparameters.
    """

    name: ClassVar[str] = "function"

    def __init__(self, function: Callable[..., Any], args: Mapping[str, Any] | None = None) -> None:
        self._function = function
        self._args = dict(args or {})
        self._takes = names.parameters(function, skip=3)
        self._tensors: list[_Tensor] = []
        self._keywords: dict[str, Any] = {}

    def start(self, start: Start) -> Abilities:
        """Forget all states."""
        self._dtype = start.dtype
        self._numpy = numpy_dtype(start.dtype)
        self._tensors = [_Tensor(np.array(theta)) for theta in start.thetas]
        bound = names.bound(self._takes, start, self._args, self.name)
        self._keywords = dict(bound.keywords)
        # By what name it is called when it changes; empty where it does not reach the function.
        self._lr = next(
            (x for x in bound.keywords if names.ours(x, self.name, start.optimizer) == "lr"), ""
        )
        if "lr" not in bound.controls:
            self._lr = ""
        can = {"tensors", "skip", "shapes"}
        can |= {"lr"} if self._lr else set()
        can |= {"defaults"} if names.can_default(self._takes, self._args) else set()
        loads, remarks = self._tried(start)
        return Abilities(
            frozenset(can | ({"load"} if loads else set())),
            bound.controls,
            names.defaults(self._takes, self.name, start.optimizer),
            remarks,
        )

    def step(self, grads: Sequence[Array | None], lr: float | None = None) -> list[Held]:
        """Call the function once for each tensor that has a gradient."""
        if lr is not None:
            self._keywords[self._lr] = lr
        return [self._stepped(x, g) for x, g in zip(self._tensors, grads, strict=True)]

    def load(self, tensors: Sequence[Held]) -> None:
        """Replace m, v, t (v_max, u) in what the function itself returned last."""
        for mine, held in zip(self._tensors, tensors, strict=True):
            mine.theta = np.array(held.theta)
            if held.t == 0 and not any(np.any(x) for x in held.states.values()):
                mine.state = None
                continue
            if entries(mine.state) is None:
                # There is none yet: the function makes one.
                zeros = np.zeros_like(held.theta)
                mine.state = self._called(mine.theta, zeros, None).state
            found = entries(mine.state)
            if found is None:
                raise Failed(
                    "refusal", "its state is no mapping with m, v and t: none can be loaded"
                )
            kinds = {name: numpy_dtype(x) for name, x in held.dtypes.items() if x in DTYPES}
            new = changes(found, held.states, held.t, kinds)
            mine.state = replaced(mine.state, new)

    def _stepped(self, mine: _Tensor, grad: Array | None) -> Held:
        if grad is None:
            return self._held(mine, self._dtype, ())
        back = self._called(mine.theta, grad, mine.state)
        mine.state = back.state
        answer = self._held(_Tensor(back.theta, back.state), back.dtype, back.remarks)
        mine.theta = back.theta.astype(self._numpy).astype(np.float64)
        return answer

    def _held(self, mine: _Tensor, dtype: str, remarks: tuple[Remark, ...]) -> Held:
        found = entries(mine.state) or {}
        states, dtypes, t, more = shown(found, mine.theta.shape, self._dtype)
        theta = np.array(mine.theta)
        return Held(theta, states, t, {"theta": dtype, **dtypes}, (*remarks, *more))

    def _called(self, theta: Array, grad: Array, state: Any) -> _Returned:
        x, g = given(theta, self._numpy), given(grad, self._numpy)
        gradient, parameters = g.tobytes(), x.tobytes()
        with calling("step"):
            back = self._function(x, g, state, **self._keywords)
        if not isinstance(back, tuple | list) or len(back) != 2:
            kind = type(back).__name__
            says = f"it returned {kind}, but should return a pair (theta, state)"
            raise Failed("wrong-shape", says)
        value, state = back
        # In place is how some are made, as long as what was updated is what is returned.
        remarks = touched("gradient", gradient, g)
        if x.tobytes() != parameters and not np.shares_memory(np.asarray(value), x):
            says = "theta was modified in place, and another array returned"
            remarks += (Remark("input-modified", "note", says),)
        values, dtype, more = taken("theta", value, theta.shape, self._dtype)
        return _Returned(values, dtype, state, (*remarks, *more))

    def _tried(self, start: Start) -> tuple[bool, tuple[Remark, ...]]:
        """Say whether a state can be loaded: seen from throw-away steps on copies."""
        if not start.thetas:
            return False, ()
        theta = start.thetas[0]
        ones = np.ones_like(theta)
        try:
            first = self._called(theta, ones, None)
            found = entries(copy.deepcopy(first.state))
            if found is None or "t" not in found or not {"m", "v", "u"} & set(found):
                return False, ()
            if start.optimizer == "amsgrad" and "v_max" not in found:
                return False, ()
            shown(found, theta.shape, self._dtype)
            second = self._called(first.theta, ones, copy.deepcopy(first.state))
            hidden = [
                name
                for name in other(found, entries(second.state) or {})
                if self._matters(first, second, name)
            ]
        except Failed:
            return False, ()
        if hidden:
            says = f"its state has {', '.join(hidden)} beside m, v and t: no other can be loaded"
            return False, (Remark("hidden-state", "note", says),)
        return True, ()

    def _matters(self, first: _Returned, second: _Returned, name: str) -> bool:
        """Say whether a step depends on an entry: it is given that of a later state."""
        ones = np.ones_like(first.theta)
        state = replaced(first.state, {name: (entries(second.state) or {})[name]})
        other_way = self._called(first.theta, ones, state)
        right, got = entries(second.state) or {}, entries(other_way.state) or {}
        return not same(second.theta, other_way.theta) or any(
            not same(right[x], got.get(x)) for x in ("m", "v", "v_max", "u") if x in right
        )
