"""Watching a gradient transformation of optax: it is wrapped, and its updates are looked at.

What theta becomes is ``apply_updates(params, updates)``, as whoever called it does. The moments are
found in the state, by the names of their fields: of a chain, of parts of the parameters, of
whatever wraps them. What stands in a chain before the moments changes the gradient: then it is
solved for, as in a replay.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, final

from adamref import rules
from adamref.errors import MissingInput
from adamref.oracle.observe.adapters.optax import OptaxAdapter
from adamref.oracle.observe.calling import entries
from adamref.oracle.observe.calling.names import defaults, numbers, parameters
from adamref.replay.checkpoint import ParameterGroup
from adamref.watching.in_jax import JaxSteps, JaxTensor
from adamref.watching.seen import SeenStep

if TYPE_CHECKING:
    from adamref.replay.replaying import ToldOfSteps
    from adamref.watching.handle import Watch
    from adamref.watching.seen import Sampling, SeenTensor

_BY_STATE = {
    "ScaleByAmsgradState": "amsgrad",
    "ScaleByBeliefState": "adabelief",
    "ScaleByLionState": "lion",
    "ScaleByRssState": "adagrad",
    "ScaleByRmsState": "rmsprop",
    "ScaleByRmsWithCountState": "rmsprop",
}
"""Which rule keeps what by itself; Adamax, NAdam and others keep Adam's, and are to be named."""


def recognises(optimizer: object) -> bool:
    """Say whether it is a transformation of optax's form."""
    is_pair = isinstance(optimizer, tuple) and getattr(optimizer, "_fields", ()) == (
        "init", "update",
    )  # fmt: skip
    return is_pair and "optax" in sys.modules


def watch(optimizer: Any, watch: Watch, sampling: Sampling, told: ToldOfSteps) -> Any:
    """Return a transformation that does the same, and has its steps judged."""
    optax = sys.modules["optax"]
    sight = OptaxWatch(watch, sampling, told)
    inner = optax.with_extra_args_support(optimizer)

    def init(params: Any) -> Any:
        watch.forget()  # another run begins
        return inner.init(params)

    def update(updates: Any, state: Any, params: Any = None, **extra: Any) -> tuple[Any, Any]:
        made, after = inner.update(updates, state, params, **extra)
        if watch.is_open:
            sight.look(updates, state, params, made, after)
        return made, after

    class WatchedTransformation(optax.GradientTransformationExtraArgs):  # type: ignore[misc,name-defined]
        """A gradient transformation, and the handle of its watch."""

        def report(self) -> Any:
            """Return what was found so far."""
            sys.modules["jax"].effects_barrier()
            return watch.report()

        def close(self) -> None:
            """End the watching."""
            sys.modules["jax"].effects_barrier()
            watch.close()

        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_: object) -> None:
            self.close()

        def __repr__(self) -> str:
            sys.modules["jax"].effects_barrier()
            return repr(watch)

    return WatchedTransformation(init, update)


@final
class OptaxWatch:
    """Looks at updates."""

    def __init__(self, watch: Watch, sampling: Sampling, told: ToldOfSteps) -> None:
        self._watch, self._told = watch, told
        self._groups: tuple[ParameterGroup, ...] = ()
        self._steps = JaxSteps(watch, sampling, self._step)

    def look(self, grads: Any, old: Any, params: Any, updates: Any, new: Any) -> None:
        """Look at an update.

        Raises
        ------
        MissingInput
            If there are no parameters, or nothing says the learning rate.
        """
        if params is None:
            raise MissingInput(
                "params", "a watched update is given them: update(grads, state, params)"
            )
        tree = sys.modules["jax"].tree_util
        leaves, _ = tree.tree_flatten_with_path(params)
        names = [tree.keystr(path, simple=True, separator=".") or "params" for path, _ in leaves]
        thetas = [x for _, x in leaves]
        gradients, moved = (tree.tree_leaves(x) for x in (grads, updates))
        tensors, counts, groups = [], [], []
        injected = entries.flat(new).get("hyperparams") or {}
        nodes = zip(_moments(old, len(thetas)), _moments(new, len(thetas)), strict=True)
        for number, ((kind, before, first), (_, after, _)) in enumerate(nodes):
            group = self._group(kind, number, injected)
            groups.append(group)
            wanted = {*rules.optimizer(group.optimizer or "adam").states, "v_max"}
            counts.append((before["t"], after["t"]))
            for i, theta in enumerate(thetas):
                states = [
                    {n: x[i] for n, x in side.items() if n in wanted} for side in (before, after)
                ]
                if any(not hasattr(x, "dtype") for side in states for x in side.values()):
                    continue  # another part of the parameters
                becomes = (theta + moved[i]).astype(theta.dtype)
                tensors.append(JaxTensor(
                    names[i], number, {"theta": theta, **states[0]},
                    {"theta": becomes, **states[1]}, gradients[i] if first else None,
                ))  # fmt: skip
        if not counts:
            raise MissingInput("state", "a watched transformation keeps moments, by their names")
        self._groups = tuple(groups)
        rate = {} if "learning_rate" not in injected else {"lr": injected["learning_rate"]}
        self._steps.look(*counts[0], tensors, rate)

    def _group(self, kind: str, number: int, injected: Mapping[str, Any]) -> ParameterGroup:
        """Return what is known of the numbers of a part: what nobody says is optax's default."""
        rule = self._told.optimizer or _BY_STATE.get(kind, "adamw")
        factory = getattr(sys.modules["optax"], rule.replace("-", "_"), None)
        known = {} if factory is None else defaults(parameters(factory), OptaxAdapter.words, rule)
        if not self._told.optimizer and rule == "adamw":
            known["weight_decay"] = 0.0  # its state is Adam's
        held = {n: x for n, x in injected.items() if isinstance(x, int | float)}
        known |= numbers(held, OptaxAdapter.words, rule)
        return ParameterGroup(f"part {number}", rule, known)

    def _step(
        self, number: int, tensors: Sequence[SeenTensor], beside: Mapping[str, Any]
    ) -> SeenStep:
        groups = self._groups
        if "lr" in beside:
            more = {"lr": float(beside["lr"])}
            groups = tuple(
                ParameterGroup(x.name, x.optimizer, {**x.hyper, **more}, x.flags) for x in groups
            )
        return SeenStep(number, groups, tuple(tensors))


def _moments(state: Any, count: int) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Yield what keeps moments: its kind, fields by adamref's names, whether it is first.

    A moment is a list of arrays, one a parameter, or of what stands for one that is masked.
    """
    tree = sys.modules["jax"].tree_util
    for node, first in _nodes(state):
        fields = entries.entries(node) or {}
        found: dict[str, Any] = {}
        for ours, theirs in OptaxAdapter.states.items():
            name = next((n for n in theirs if n in fields), None)
            if name is not None:
                leaves = tree.tree_leaves(fields[name], is_leaf=_is_masked)
                if len(leaves) == count:
                    found[ours] = leaves
        if found and "count" in fields:
            yield type(node).__name__, {**found, "t": fields["count"]}, first


def _is_masked(x: Any) -> bool:
    return isinstance(x, tuple) and not x and hasattr(x, "_fields")


def _nodes(tree: Any, *, first: bool = True) -> Iterator[tuple[Any, bool]]:
    """Yield the parts of a state that count, and whether nothing stands before one in its chain."""
    fields = entries.entries(tree)
    below = list(
        tree if fields is None and isinstance(tree, tuple | list) else (fields or {}).values()
    )
    inside = [
        found
        for i, x in enumerate(below)
        for found in _nodes(x, first=first and (fields is not None or i == 0))
    ]
    if not inside and fields is not None and "count" in fields:
        yield tree, first
    yield from inside
