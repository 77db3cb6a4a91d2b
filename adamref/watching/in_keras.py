"""Watching an optimizer of Keras: its ``apply``, which all backends and loops call.

In eager code (torch, or a loop of one's own) arrays are copied at a step that is judged; where JAX
traces, they are looked at as those of optax are. A graph of TensorFlow shows nothing of itself.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.errors import OutOfDomain
from adamref.oracle.observe.adapters.keras import KerasAdapter
from adamref.oracle.observe.calling.names import numbers
from adamref.oracle.observe.calling.signs import Sign, by_base
from adamref.oracle.observe.calling.values import numpy_dtype
from adamref.replay.checkpoint import ParameterGroup
from adamref.watching.in_jax import JaxSteps, JaxTensor
from adamref.watching.naming import begun, rule_named
from adamref.watching.seen import SeenStep

if TYPE_CHECKING:
    from adamref.watching.handle import Watch
    from adamref.watching.seen import Sampling, SeenTensor

_CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")


def recognises(optimizer: object) -> bool:
    """Say whether it is an optimizer of Keras 3."""
    return by_base(optimizer, "keras", "BaseOptimizer", "Optimizer") is Sign.BASE


def watch(optimizer: Any, watch: Watch, sampling: Sampling) -> None:
    """Have the steps of an optimizer judged until the watch ends."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)  # of a LossScaleOptimizer
    sight = KerasWatch(inner, watch, sampling)
    inner.apply = sight.apply
    watch.at_end(lambda: vars(inner).pop("apply", None))


@final
class KerasWatch:
    """Looks at the steps of an optimizer of Keras: stands in the place of its ``apply``."""

    def __init__(self, optimizer: Any, watch: Watch, sampling: Sampling) -> None:
        self._keras = sys.modules["keras"]
        self._optimizer, self._watch = optimizer, watch
        self._inner = optimizer.apply
        self._steps = JaxSteps(watch, sampling, self._step)
        self._rule = rule_named(optimizer)
        self._hyper = numbers(vars(optimizer), KerasAdapter.words, self._rule)
        self._clips = any(getattr(optimizer, n) is not None for n in _CLIPS)
        if self._rule == "adam" and optimizer.weight_decay:
            self._rule = "adamw"  # here decay is decoupled always

    def apply(self, grads: Any, trainable_variables: Any = None) -> Any:
        """Take a step, and have it judged where it is due.

        Raises
        ------
        OutOfDomain
            In a graph of TensorFlow.
        """
        if not self._watch.is_open:
            return self._inner(grads, trainable_variables)
        optimizer = self._optimizer
        variables = trainable_variables
        if variables is None:
            variables = optimizer._trainable_variables  # noqa: SLF001 - as apply itself does
        variables, grads = list(variables), list(grads)
        backend = self._keras.config.backend()
        if backend == "tensorflow" and not sys.modules["tensorflow"].executing_eagerly():
            raise OutOfDomain(
                "a step", "in a graph of TensorFlow", "eager: compile(run_eagerly=True)"
            )
        eager = backend != "jax"
        t_before = self._t() if optimizer.built else 0
        if eager and not self._watch.is_due(int(t_before) + 1):
            return self._inner(grads, variables)
        before = [self._look(x, eager=eager) for x in variables]
        # Bare numbers, so that nothing that changes in place is kept.
        given = [None if g is None else self._array(g, "", eager=eager) for g in grads]
        rate = self._array(optimizer.learning_rate, "", eager=eager)
        made = self._inner(grads, variables)
        after = [self._look(x, eager=eager) for x in variables]
        if optimizer.loss_scale_factor is not None:
            given = [None if g is None else g / optimizer.loss_scale_factor for g in given]
        unseen = self._clips or optimizer.gradient_accumulation_steps
        tensors = []
        for variable, old, new, g in zip(variables, before, after, given, strict=True):
            if g is None:
                continue
            if missing := new.keys() - old.keys():
                old |= {n: begun(self._rule, n, new[n]) for n in missing}
            group = 0 if optimizer._use_weight_decay(variable) else 1  # noqa: SLF001 - no other way
            tensors.append(JaxTensor(variable.path, group, old, new, None if unseen else g))
        self._steps.look(t_before, self._t(), tensors, {"lr": rate})
        return made

    def _t(self) -> Any:
        t = self._optimizer.iterations
        value = getattr(t, "value", t)
        return value if self._keras.config.backend() == "jax" else int(self._numpy(value))

    def _look(self, variable: Any, *, eager: bool) -> dict[str, Any]:
        """Return a variable and its states by adamref's names."""
        found = {"theta": self._array(variable.value, variable.dtype, eager=eager)}
        optimizer = self._optimizer
        if not optimizer.built:
            return found
        i = optimizer._get_variable_index(variable)  # noqa: SLF001 - as its subclasses do
        from adamref import rules

        wanted = {*rules.optimizer(self._rule).states, "v_max"}
        for ours, theirs in KerasAdapter.states.items():
            lists = [vars(optimizer)[n] for n in theirs if vars(optimizer).get(n)]
            if ours in wanted and lists and isinstance(lists[0], list | tuple):
                state = lists[0][i]
                found[ours] = self._array(state.value, state.dtype, eager=eager)
        return found

    def _array(self, x: Any, dtype: str, *, eager: bool) -> Any:
        """Return an array; in eager code a copy of it in NumPy."""
        x = getattr(x, "value", x)
        if not eager:
            return x
        array = self._numpy(x)
        kind = str(dtype) or self._keras.backend.standardize_dtype(x.dtype)
        return array.astype(numpy_dtype(kind, kind), copy=True)

    def _numpy(self, x: Any) -> np.ndarray:
        if isinstance(x, int | float):
            return np.asarray(x)
        return np.asarray(self._keras.ops.convert_to_numpy(x))

    def _step(
        self, number: int, tensors: Sequence[SeenTensor], beside: Mapping[str, Any]
    ) -> SeenStep:
        hyper = {**self._hyper, "lr": float(np.asarray(beside["lr"]))}
        flags = {"decoupled": True}
        groups = (
            ParameterGroup(
                "decayed" if hyper.get("weight_decay") else "all", self._rule, hyper, flags
            ),
            ParameterGroup("not decayed", self._rule, {**hyper, "weight_decay": 0.0}, flags),
        )
        return SeenStep(number, groups, tuple(tensors))
