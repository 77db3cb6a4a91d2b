"""A plain function: ``step(theta, grad, state, *, lr, …) -> (theta, state)``.

A training step is one whose gradients are those of micro-batches (`calling.micro`).

It runs once for each tensor, each with a state of its own. What it returned as state is handed back
as it is; theta is handed back rounded to the dtype under check, as a fresh array.
"""

from __future__ import annotations

import copy
import inspect
import re
from dataclasses import dataclass
from types import FunctionType
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.oracle.observe.calling.adapter import Adapter
from adamref.oracle.observe.calling.calls import calling
from adamref.oracle.observe.calling.entries import entries, replaced
from adamref.oracle.observe.calling.micro import takes_micro_batches
from adamref.oracle.observe.calling.names import TRIED, bound, is_usual, parameters
from adamref.oracle.observe.calling.signs import Sign
from adamref.oracle.observe.calling.told import COUNTERS, STATES
from adamref.oracle.observe.calling.values import cast
from adamref.oracle.observe.forms import graph
from adamref.oracle.observe.forms.words import is_plural
from adamref.oracle.observe.sessions.session import Failed, Held, Remark, Start

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# What the first three parameters of such a function are called.
_LEADING = tuple(
    frozenset(names.split())
    for names in (
        "theta params param p w x weights weight parameters parameter var variable",
        "grad grads g gradient gradients dtheta dw dx dp",
        "state states s opt_state optimizer_state st cache memory",
    )
)


@dataclass
class HeldTensor:
    """A tensor as the function last returned it, and the state that it returned with it."""

    theta: Any
    state: Any = None


@final
class FunctionAdapter(Adapter):
    """A plain function; ``args`` are keywords that every call is given."""

    name: ClassVar[str] = "function"
    order: ClassVar[int] = 10
    abilities: ClassVar[frozenset[str]] = frozenset({"tensors", "skip", "shapes"})
    states: ClassVar[Mapping[str, tuple[str, ...]]] = STATES
    counters: ClassVar[tuple[str, ...]] = COUNTERS
    tells: ClassVar[bool] = True
    leading: ClassVar[int] = 3

    @classmethod
    def recognises(cls, target: Any) -> Sign:
        """Recognise it by the names of its first three parameters."""
        first = list(parameters(target).named)[:3] if callable(target) else []
        fits = [name.lower() in known for name, known in zip(first, _LEADING, strict=False)]
        fits[1:2] = [x or takes_micro_batches(first[1]) for x in fits[1:2]]
        return Sign.SIGNATURE if len(fits) == 3 and all(fits) else Sign.NONE

    @classmethod
    def takes(cls, target: Any, args: Mapping[str, Any]) -> bool | None:
        """Say whether nothing else comes by place, and it begins without a state, as it looks."""
        named = parameters(target).named
        state, rest = list(named)[2], list(named.values())[3:]
        usual = [x for x in rest if is_usual(x.name)]
        if any(
            x.default is x.empty and x.kind is not x.KEYWORD_ONLY for x in rest if x not in usual
        ):
            return False
        if all(map(is_plural, list(named)[:2])) and _takes_lists(target, args):
            return None
        return None if _reads_at_once(target, state) else True

    def begin(self) -> None:
        """Make a new optimizer."""
        self._tensors = [HeldTensor(self._array(theta)) for theta in self._start.thetas]

    def _gradient(self) -> str:
        """Return the name of the second argument."""
        return (*parameters(self._make).named, "", "")[1]

    def update(self, grads: Sequence[Any]) -> None:
        """Take a step."""
        for i, grad in enumerate(grads):
            mine = self._tensors[i]
            theta = np.asarray(mine.theta).astype(np.float64).astype(self._numpy)
            mine.theta = np.array(theta.reshape(self._start.thetas[i].shape))
            if grad is not None:
                self._said[i] = self._called(mine, grad)

    def _called(self, mine: HeldTensor, grad: Any) -> tuple[Remark, ...]:
        before = mine.theta.tobytes()
        back = self._make(mine.theta, grad, mine.state, **self._keywords)
        if not isinstance(back, tuple | list) or len(back) != 2:
            kind = type(back).__name__
            says = f"it returned {kind}, but should return a pair (theta, state)"
            raise Failed("wrong-shape", says)
        value, mine.state = back
        # In place is how some are made, as long as what was updated is what is returned.
        aside = mine.theta.tobytes() != before and not np.shares_memory(
            np.asarray(value), mine.theta
        )
        mine.theta = np.array(value)
        says = "theta was modified in place, and another array returned"
        return (Remark("input-modified", "note", says),) if aside else ()

    def theta(self, i: int) -> Any:
        """Return the parameters of a tensor."""
        return self._tensors[i].theta

    def entries(self, i: int) -> Mapping[str, Any]:
        """Return what is held for a tensor."""
        return _held_in(self._tensors[i].state) or {}

    def put(self, i: int, name: str, value: Any, kind: str | None) -> None:
        """Write over an entry."""
        mine = self._tensors[i]
        mine.state = _with(mine.state, name, cast(self.entries(i)[name], value, kind))

    def place(self, tensors: Sequence[Held]) -> None:
        """Put other parameters in place."""
        for mine, held in zip(self._tensors, tensors, strict=True):
            mine.theta = self._array(held.theta)
            if held.t == 0 and not any(np.any(x) for x in held.states.values()):
                mine.state = None
                continue
            if _held_in(mine.state) is None:  # there is none yet: the function makes one
                made = HeldTensor(self._array(held.theta))
                self._called(made, self._graded(np.zeros_like(held.theta)))
                mine.state = made.state
            if _held_in(mine.state) is None:
                says = "its state is no mapping with m, v and t: none can be loaded"
                raise Failed("refusal", says)


def _held_in(state: Any) -> dict[str, Any] | None:
    """Return the entries of a state by name, or by where they stand in it; None of no state."""
    found = {name: x for name, (_, _, x) in _placed(state).items()}
    return found or None


def _placed(state: Any) -> dict[str, tuple[str | None, graph.Path, Any]]:
    """Return the entries of a state, each with the name and the way that lead to it."""
    found: dict[str, tuple[str | None, graph.Path, Any]] = {}
    own = entries(state)
    for name, x in {None: state}.items() if own is None else own.items():
        if name is not None and (graph.is_leaf(x) or isinstance(x, bool | str) or x is None):
            found[name] = (name, (), x)
            continue
        if isinstance(x, FunctionType):  # what it keeps is its own
            continue
        for path, leaf in graph.leaves(x):
            known = ".".join(filter(None, (name, graph.text(path))))
            found[known] = (name, path, leaf)
    return found


def _with(state: Any, name: str, value: Any) -> Any:
    """Return a copy of a state in which an entry is another."""
    above, path, _ = _placed(state)[name]
    if above is None:
        return graph.put(copy.deepcopy(state), path, value)
    inner = (entries(state) or {})[above]
    return replaced(state, {above: graph.put(copy.deepcopy(inner), path, value)})


def _takes_lists(target: Any, args: Mapping[str, Any]) -> bool:
    """Say whether it takes several tensors at once and returns as many, by a trial."""
    thetas, grads = ([np.full(n, x) for n in (2, 3)] for x in (8.5, 1.0))
    start = Start("float64", "adam", tuple(thetas), dict(TRIED))
    takes = parameters(target, FunctionAdapter.leading)
    try:
        with calling("a trial"):
            keywords = bound(takes, start, args, FunctionAdapter.words).keywords
            back, _ = target(thetas, grads, None, **keywords)
            return isinstance(back, tuple | list) and [np.shape(x) for x in back] == [(2,), (3,)]
    except Failed:
        return False


def _reads_at_once(target: Any, state: str) -> bool:
    """Say whether the source reads from a state, and never asks whether there is one."""
    try:
        source = inspect.getsource(target)
    except (OSError, TypeError):
        return False
    asks = rf"\b{state} (is|or|==)\b|\b(not|if) {state}\b"
    reads = rf"\b{state}(\[|\.)|, *\w+ *= *{state} *$"
    return bool(re.search(reads, source, re.MULTILINE)) and not re.search(asks, source)
