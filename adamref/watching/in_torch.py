"""Watching an optimizer of torch: by its step hooks, which all of its kinds have.

A for-loop, foreach, fused and capturable step all read ``p.grad`` and write to the parameter and to
``optimizer.state[p]``. Of a DTensor (FSDP2) the local shard is looked at. A GradScaler calls no
step where it skips one; a fused optimizer is called, with ``found_inf``, and unscales the gradients
itself: these are read after it. So they are where it was given a closure.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref import rules
from adamref.oracle.observe.adapters.torch import TorchAdapter
from adamref.oracle.observe.calling import entries
from adamref.oracle.observe.calling.names import numbers
from adamref.oracle.observe.calling.signs import Sign, by_base
from adamref.replay.checkpoint import ParameterGroup
from adamref.replay.pairing import named
from adamref.replay.result import ReplayFinding
from adamref.watching.naming import begun, rule_named
from adamref.watching.seen import SeenStep, SeenTensor

if TYPE_CHECKING:
    from types import FrameType

    from adamref.numbers.arrays import Array, Indices
    from adamref.watching.handle import Watch
    from adamref.watching.seen import Sampling


def recognises(optimizer: object) -> bool:
    """Say whether it is torch's, or has one of torch inside, as Accelerate's and Lightning's."""
    return _inside(optimizer) is not None


def _inside(optimizer: object) -> Any:
    """Return an optimizer of torch, or the one that it hands on to; None if it is none."""
    inner = getattr(optimizer, "optimizer", None)
    found = None if inner is None else _inside(inner)
    if found is not None:
        return found
    return optimizer if by_base(optimizer, "torch.optim", "Optimizer") is Sign.BASE else None


def watch(optimizer: Any, watch: Watch, sampling: Sampling, model: Any) -> None:
    """Have the steps of an optimizer judged until the watch ends."""
    TorchWatch(_inside(optimizer), watch, sampling, model).begin()


@final
@dataclass
class _Held:
    """A parameter of which a step is due, and what of it was looked at.

    Attributes
    ----------
    name : str
    group : int
    parameter : Tensor
    places : array of int
    at : Tensor
        The same, on the device.
    before : dict of str to float64 array
        theta, states, the counter and the gradient.
    """

    name: str
    group: int
    parameter: Any
    places: Indices
    at: Any
    before: dict[str, Array] = field(default_factory=dict)


@final
class TorchWatch:
    """Looks at the steps of an optimizer of torch."""

    def __init__(self, optimizer: Any, watch: Watch, sampling: Sampling, model: Any) -> None:
        self._torch = sys.modules["torch"]
        self._optimizer, self._watch, self._sampling = optimizer, watch, sampling
        self._model, self._held = model, list[_Held]()
        self._names: dict[int, str] = {}
        self._new, self._is_inside = True, False
        self._earlier: int | None = None
        self._kind = rule_named(optimizer)
        # A name may stand for another state of another rule.
        self._states_of = tuple(dict.fromkeys((*rules.optimizer(self._kind).states, "v_max")))
        if model is not None:
            self._names = {id(p): name for name, p in model.named_parameters()}

    def begin(self) -> None:
        """Put the hooks on."""
        hooks = (
            self._optimizer.register_step_pre_hook(self._before),
            self._optimizer.register_step_post_hook(self._after),
            self._optimizer.register_load_state_dict_post_hook(self._loaded),
        )
        for hook in hooks:
            self._watch.at_end(hook.remove)

    def _loaded(self, _optimizer: Any) -> None:
        self._new = True
        self._watch.forget()

    def _before(self, optimizer: Any, _args: Any, _keywords: Any) -> None:
        if self._is_inside and _steps_now(optimizer) > 1:
            return  # a step that hands on to that of its base
        self._is_inside, self._held = True, []
        if not self._watch.due():
            return
        with self._torch.no_grad():
            self._held = list(self._parameters(optimizer))
            looks = self._look({**_tensors(one.parameter), "g": one.parameter.grad}
                               | self._states(one.parameter) for one in self._held)  # fmt: skip
            for one, seen in zip(self._held, looks, strict=True):
                one.before = seen

    def _parameters(self, optimizer: Any) -> Iterator[_Held]:
        """Yield every parameter, with the places that are looked at."""
        torch = self._torch
        found: list[tuple[str, int, Any]] = []
        for number, group in enumerate(optimizer.param_groups):
            own = group.get("param_names") or [None] * len(group["params"])
            for p, name in zip(group["params"], own, strict=True):
                said = self._names.get(id(p)) or name or str(len(found))
                found.append((said, number, p))
        sizes = [_local(p).numel() for _, _, p in found]
        each = self._sampling.places(sizes, self._watch.steps)
        for (name, number, p), places in zip(found, each, strict=True):
            if len(places):
                at = torch.from_numpy(places).to(_local(p).device)
                yield _Held(name, number, p, places, at)

    def _after(self, optimizer: Any, args: Sequence[Any], keywords: Mapping[str, Any]) -> None:
        if _steps_now(optimizer) > 1:
            return
        self._is_inside = False
        held, self._held = self._held, []
        if not held:
            return
        late = (
            getattr(optimizer, "grad_scale", None) is not None
            or args[1:] != () or keywords.get("closure") is not None
        )  # fmt: skip
        with self._torch.no_grad():
            looks = self._look(
                ({**_tensors(one.parameter), **({"g": one.parameter.grad} if late else {})}
                 | self._states(one.parameter) for one in held), held,
            )  # fmt: skip
            tensors, unread = [], []
            for one, seen in zip(held, looks, strict=True):
                made = self._seen(optimizer, one, seen)
                if isinstance(made, str):
                    unread.append((one.name, made))
                else:
                    tensors.append(made)
            step = SeenStep(
                self._watch.steps,
                tuple(_group(self._kind, i, x) for i, x in enumerate(optimizer.param_groups)),
                tuple(tensors),
                self._skipped(optimizer),
                tuple(self._beside(optimizer)),
                tuple(unread),
            )
        self._new = False
        self._watch.see(step)

    def _seen(self, optimizer: Any, one: _Held, after: dict[str, Array]) -> SeenTensor | str:
        """Put together what was seen of a tensor, or say why it is not judged."""
        before = dict(one.before)
        t_before, t = (side.pop("t", None) for side in (before, after))
        g = after.pop("g", None)
        g = before.pop("g", None) if g is None else (before.pop("g", None), g)[1]
        group = optimizer.param_groups[one.group]
        missing = after.keys() - before.keys()
        before |= {n: begun(self._kind, n, after[n]) for n in missing}
        if before.keys() != after.keys():
            return f"it lost {', '.join(sorted(before.keys() - after.keys()))} in the step"
        if t is None:  # it has no counter: the calls are counted
            counted = self._counted(had_state=bool(before.keys() - {"theta", *missing}))
        else:
            counted = (0 if t_before is None else int(t_before[0])), int(t[0])
        dtypes = {n: _dtype(x) for n, x in self._arrays(one.parameter).items() if n in after}
        finite = g is None or (bool(np.isfinite(g).all()) and self._is_finite(one.parameter.grad))
        return SeenTensor(
            one.name,
            tuple(_local(one.parameter).shape),
            one.group,
            one.places,
            before,
            after,
            dtypes,
            *counted,
            None if g is None else (-g if group.get("maximize") else g),
            g is not None,
            finite,
        )

    def _counted(self, *, had_state: bool) -> tuple[int, int]:
        """Return how many steps were taken before this and after it, of those that were watched.

        Where there was a state before the first of these, it is not the first of all.
        """
        if self._earlier is None:
            self._earlier = int(had_state)
        taken = self._watch.steps - 1 + self._earlier
        return taken, taken + 1

    def _is_finite(self, gradient: Any) -> bool:
        # One number of all: a sum is NaN where a term is, and infinite where one is or it is large.
        return gradient is None or not bool(self._torch.isnan(_local(gradient).sum()))

    def _arrays(self, parameter: Any) -> dict[str, Any]:
        return {**_tensors(parameter), **self._states(parameter)}

    def _states(self, parameter: Any) -> dict[str, Any]:
        """Return the states of a parameter by adamref's names, and its counter."""
        state = self._optimizer.state.get(parameter, {})
        which = entries.named(self._states_of, TorchAdapter.states, state)
        found = {
            ours: state[theirs]
            for ours, theirs in which.items()
            if self._torch.is_tensor(state[theirs]) and state[theirs].shape in (parameter.shape, ())
        }
        counter = next((n for n in TorchAdapter.counters if n in state), None)
        return found if counter is None else {**found, "t": state[counter]}

    def _look(
        self, every: Iterable[Mapping[str, Any]], held: Sequence[_Held] | None = None
    ) -> list[dict[str, Array]]:
        """Return the elements that are looked at, of tensors by name: one transfer for each device.

        In float64: every number of any dtype is one.
        """
        torch = self._torch
        wanted: dict[Any, list[tuple[int, str, Any]]] = {}
        found: list[dict[str, Array]] = []
        for i, (one, tensors) in enumerate(zip(held or self._held, every, strict=True)):
            found.append({})
            for name, x in tensors.items():
                if x is None:
                    continue
                if not torch.is_tensor(x):
                    found[i][name] = np.array([float(x)])
                    continue
                local = _local(x)
                at = one.at if local.ndim or not one.parameter.ndim else one.at * 0
                part = local.reshape(1) if name == "t" else torch.take(local, at.to(local.device))
                wanted.setdefault(local.device, []).append((i, name, part.to(torch.float64)))
        for parts in wanted.values():
            together = torch.cat([part for _, _, part in parts]).cpu().numpy()
            ends = np.cumsum([len(part) for _, _, part in parts])[:-1]
            for (i, name, _), x in zip(parts, np.split(together, ends), strict=True):
                found[i][name] = x
        return found

    @staticmethod
    def _skipped(optimizer: Any) -> str:
        found = getattr(optimizer, "found_inf", None)
        if found is None or not float(found):
            return ""
        return "a scaled gradient was infinite or NaN, and the scaler said so (found_inf)"

    def _beside(self, optimizer: Any) -> Iterator[ReplayFinding]:
        """Yield what is wrong with what the optimizer has, whatever it does with it."""
        if not self._new:
            return
        yield from _shared(self._named_arrays(optimizer))
        if self._model is None:
            return
        own = {id(p) for group in optimizer.param_groups for p in group["params"]}
        left = [(n, p) for n, p in self._model.named_parameters() if id(p) not in own]
        with_ = [n for n, p in left if p.requires_grad and p.grad is not None]
        without = [n for n, p in left if p.requires_grad and p.grad is None]
        if with_:
            said = f"{named(with_)} had a gradient and is in no group of the optimizer"
            yield ReplayFinding("in-no-group", "deviation", said)
        if without:
            said = f"{named(without)} requires a gradient and is in no group of the optimizer"
            yield ReplayFinding("in-no-group", "note", said)

    def _named_arrays(self, optimizer: Any) -> Iterator[tuple[str, str, Any]]:
        seen = 0
        for group in optimizer.param_groups:
            for p in group["params"]:
                name = self._names.get(id(p), str(seen))
                seen += 1
                for of, x in self._arrays(p).items():
                    if self._torch.is_tensor(x):
                        yield name, of, _local(x)


def _shared(arrays: Iterable[tuple[str, str, Any]]) -> Iterator[ReplayFinding]:
    """Yield what lies in the same memory as something else."""
    spans = sorted(
        (str(x.device), x.data_ptr(), x.data_ptr() + x.numel() * x.element_size(), of, name)
        for name, of, x in arrays
        if x.is_contiguous() and x.numel()
    )
    for one, other in pairwise(spans):
        if one[0] == other[0] and other[1] < one[2]:
            said = f"{one[3]} of {one[4]} and {other[3]} of {other[4]} are the same memory"
            yield ReplayFinding("state-shared", "deviation", said)


def _steps_now(optimizer: Any) -> int:
    """Return how many calls of ``step`` of an optimizer are under way, one within another.

    Where a class hands on to the step of its base, torch calls the hooks of both.
    """
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - it is meant for that
    found = 0
    while frame is not None:
        code = frame.f_code
        if code.co_name == "wrapper" and code.co_filename.endswith(_HOOKS):
            found += frame.f_locals.get("args", (None,))[0] is optimizer
        frame = frame.f_back
    return found


_HOOKS = str(Path("torch", "optim", "optimizer.py"))
"""Where the hooks of a step are called."""


def _tensors(parameter: Any) -> dict[str, Any]:
    return {"theta": parameter.detach()}


def _local(x: Any) -> Any:
    """Return the shard that is here, of a DTensor."""
    return x.to_local() if hasattr(x, "to_local") else x


def _dtype(x: Any) -> str:
    return str(x.dtype).removeprefix("torch.")


def _group(kind: str, number: int, group: Mapping[str, Any]) -> ParameterGroup:
    """Return what a group says, by adamref's names."""
    said = {n: float(x) if hasattr(x, "item") else x for n, x in group.items() if n != "params"}
    rule = _rule_of(kind, group)
    flags = {n: bool(group[n]) for n in ("amsgrad", "maximize") if group.get(n) is not None}
    if "decoupled_weight_decay" in group:
        flags["decoupled"] = bool(group["decoupled_weight_decay"])
    name = str(group.get("name", f"group {number}"))
    return ParameterGroup(name, rule, numbers(said, TorchAdapter.words, rule), flags)


def _rule_of(kind: str, group: Mapping[str, Any]) -> str:
    """Return the rule of a group: what the class is called, with what the group says of decay."""
    decays = bool(group.get("weight_decay"))
    if kind in ("adamw", "adam-l2") or (kind == "adam" and group.get("decoupled_weight_decay")):
        return "adamw"
    if kind in ("adam", "amsgrad") and decays:
        return "adam-l2"
    return "amsgrad" if kind == "adam" and group.get("amsgrad") else kind
