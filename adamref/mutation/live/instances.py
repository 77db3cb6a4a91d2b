"""Classes with ``step(grad)``: one array an instance, or a list or dict of arrays."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from adamref.mutation.following import FOLLOWER
from adamref.mutation.live.live import Live, switches
from adamref.mutation.memories import OfObjects
from adamref.mutation.remembered import TensorBefore
from adamref.oracle.observe.adapters.instance import ClassAdapter, HeldInstance
from adamref.oracle.observe.calling.entries import entries
from adamref.oracle.observe.calling.names import Words
from adamref.oracle.observe.calling.values import DTYPES, cast
from adamref.oracle.observe.forms.words import is_theta
from adamref.oracle.observe.sessions.session import Held

if TYPE_CHECKING:
    from adamref.mutation.stepping import Stepped
    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.calling.adapter import Adapter

_WORDS = Words({"beta1": "betas", "beta2": "betas"})


@dataclass
class MadeInstance:
    """What is known of an instance: what it was made of, and theta as it last returned it."""

    arguments: Mapping[str, Any]
    given: Any
    returned: Any = None


class LiveInstances(Live):
    """The constructor and the ``step`` of a class.

    Attributes
    ----------
    method : str
        What takes a step.
    at : int
        Which of its arguments are the gradients.
    runs_along : bool
        Whether an instance has several arrays.
    """

    adapter: ClassVar[type[Adapter]] = ClassAdapter
    method: ClassVar[str] = "step"
    at: ClassVar[int] = 0
    runs_along = False

    def names(self) -> Mapping[str, str]:
        """Return them of an instance for one array."""
        return {} if self.runs_along else super().names()

    def installed(self) -> Any:
        """Put a step around that of the class, and note what its instances are made of."""
        kind = self.target
        inner, init = getattr(kind, self.method), kind.__init__
        memories, made = OfObjects(), _Notes()
        signature = _signature(kind)

        @functools.wraps(init)
        def noted(instance: Any, *args: Any, **keywords: Any) -> None:
            init(instance, *args, **keywords)
            made.note(instance, _bound(signature, args, keywords))

        @functools.wraps(inner)
        def step(instance: Any, *args: Any, **keywords: Any) -> Any:
            known = made.of(instance)
            values = [*args, *keywords.values()]
            grads = values[self.at] if len(values) > self.at else None
            if FOLLOWER.is_off or known is None or grads is None:
                back = inner(instance, *args, **keywords)
                if known is not None:
                    known.returned = back
                return back
            its = _Running(self, instance, known, grads)
            if not its.can:
                return inner(instance, *args, **keywords)
            before = its.before()
            back = inner(instance, *args, **keywords)
            its.taken(back)
            options = switches({**known.arguments, **its.numbers})
            self.follow(memories.of(instance), before, its.read, its.write, options)
            known.returned = its.returned
            return its.returned

        kind.__init__ = noted
        setattr(kind, self.method, step)
        return kind


class _Notes:
    """What instances were made of; they are kept as long as the process lives."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, MadeInstance]] = {}

    def note(self, instance: Any, arguments: Mapping[str, Any]) -> None:
        given = next(iter(arguments.values()), None)
        self._known[id(instance)] = instance, MadeInstance(dict(list(arguments.items())[1:]), given)

    def of(self, instance: Any) -> MadeInstance | None:
        found = self._known.get(id(instance))
        return None if found is None else found[1]


class _Running:
    """An instance at a step."""

    def __init__(self, live: LiveInstances, instance: Any, known: MadeInstance, grads: Any) -> None:
        self._live, self._instance, self._known = live, instance, known
        given = known.given
        self._keys: list[Any] | None = None
        if isinstance(given, Mapping):
            self._keys = list(given)
        elif isinstance(given, list | tuple):
            self._keys = list(range(len(given)))
        live.runs_along = self._keys is not None
        self.returned: Any = None
        own = {n.lstrip("_"): x for n, x in getattr(instance, "__dict__", {}).items()}
        self.numbers = {n: x for n, x in own.items() if n in known.arguments and _is_plain(x)}
        words = known.arguments
        values = {**words, **self.numbers}
        lr = values.get("lr")
        if callable(lr):  # a schedule, asked for each step by its number
            values["lr"] = float(lr(int(own.get("t", 0)) + 1))
        # What it has beside its arguments, it may have worked out from them.
        beside = {n: x for n, x in own.items() if _is_plain(x) and n not in values}
        self._hyper = {**live.hyper(beside, _WORDS), **live.own(values, _WORDS)}
        arrays = [self._theta(i) for i in range(self.count)]
        self._grads = self._read_grads(grads)
        self._dtypes = [str(np.asarray(x).dtype) for x in arrays]
        self.can = bool(arrays) and all(x in DTYPES for x in self._dtypes)
        self._maximize = bool(values.get("maximize"))

    @property
    def count(self) -> int:
        return 1 if self._keys is None else len(self._keys)

    def before(self) -> list[TensorBefore]:
        thetas = [np.array(self._theta(i), dtype=np.float64) for i in range(self.count)]
        self._start = self._live.start(self._dtypes[0], thetas, self._hyper)
        self._attach()
        found = []
        for i, held in enumerate(self.read()):
            g = self._grads[i]
            wide = None if g is None else np.array(g, dtype=np.float64)
            wide = -wide if wide is not None and self._maximize else wide
            found.append(
                TensorBefore(thetas[i], held.states, held.t, wide, self._hyper, self._dtypes[i])
            )
        return found

    def taken(self, back: Any) -> None:
        """Note what the step returned."""
        self.returned = self._known.returned = back
        self._attach()

    def read(self) -> list[Held]:
        FOLLOWER.busy = True
        reader = self._live.reader
        if self._keys is None:
            return [reader.held(0)]
        found = []
        for i in range(self.count):
            mine = {n: x for n, (_, _, x) in self._parallel(i).items()}
            which = reader.which(mine)
            shape = self._start.thetas[i].shape
            states = {n: np.array(mine[x], dtype=np.float64) for n, x in which.items() if n != "t"}
            states = {n: np.broadcast_to(x, shape).copy() for n, x in states.items()
                      if x.shape in ((), shape)}  # fmt: skip
            t = int(mine[which["t"]]) if "t" in which else None
            found.append(Held(np.array(self._theta(i), dtype=np.float64), states, t))
        return found

    def write(self, i: int, made: Stepped) -> None:
        self._set_theta(i, made.theta)
        reader = self._live.reader
        mine = self._parallel(i) if self._keys is not None else {}
        of = {n: x for n, (_, _, x) in mine.items()} if mine else reader.entries(i)
        for ours, theirs in reader.which(of).items():
            value = made.t if ours == "t" else made.states.get(ours)
            if value is None:
                continue
            if not mine:
                reader.put(i, theirs, value, None)
                continue
            holder, key, old = mine[theirs]
            if isinstance(old, np.ndarray) and old.ndim:
                with np.errstate(all="ignore"):
                    old[...] = value
            elif holder is self._instance:
                setattr(holder, key, cast(old, value))
            else:
                holder[key] = cast(old, value)

    def _attach(self) -> None:
        array = self._theta(0)
        held = HeldInstance(self._instance, array, array)
        self._live.reader.attached(
            self._start, tensors=[held], keywords=dict(self._known.arguments)
        )

    def _theta(self, i: int) -> Any:
        if self._keys is not None:
            return self._known.given[self._keys[i]]
        own = getattr(self._instance, "__dict__", {})
        shape = np.shape(self._known.given)
        named = [x for n, x in own.items() if is_theta(n.strip("_")) and np.shape(x) == shape]
        if named:
            return named[0]
        return self._known.given if self._known.returned is None else self._known.returned

    def _set_theta(self, i: int, values: Array) -> None:
        old = self._theta(i)
        with np.errstate(all="ignore"):
            new = np.asarray(values).astype(np.asarray(old).dtype)
        if isinstance(old, np.ndarray) and old.flags.writeable:
            old[...] = new
            new = old
        own = dict(getattr(self._instance, "__dict__", {})) if self._keys is None else {}
        for name, x in own.items():
            if is_theta(name.strip("_")) and np.shape(x) == np.shape(old):
                setattr(self._instance, name, new)
        back = self.returned
        if self._keys is None and back is not None and back is not old:
            if isinstance(back, np.ndarray) and back.flags.writeable:
                back[...] = new
            else:
                self.returned = type(back)(new) if isinstance(back, float | np.generic) else new

    def _read_grads(self, grads: Any) -> list[Any]:
        if self._keys is None:
            return [grads]
        if isinstance(grads, Mapping):
            return [grads.get(k) for k in self._keys]
        return list(grads)

    def _parallel(self, i: int) -> dict[str, tuple[Any, Any, Any]]:
        """Return what is held for a tensor, each with where: in what, by which key."""
        assert self._keys is not None
        found: dict[str, tuple[Any, Any, Any]] = {}
        own = getattr(self._instance, "__dict__", {})
        counters = {n: (self._instance, n, x) for n, x in own.items() if isinstance(x, int)}
        for name, x in own.items():
            key = _key(x, self._keys[i], i, len(self._keys))
            if key is None or x is self._known.given:
                continue
            inner = entries(x[key])
            if inner is None:
                found[name.strip("_")] = x, key, x[key]
            elif isinstance(x[key], MutableMapping):
                found |= {n: (x[key], n, y) for n, y in inner.items()}
        return {**counters, **found}


def _key(x: Any, key: Any, i: int, count: int) -> Any:
    """Return by what a container that runs along with the parameters has its part of one."""
    if isinstance(x, Mapping) and len(x) == count:
        return key if key in x else str(key) if str(key) in x else None
    if isinstance(x, Sequence) and not isinstance(x, str | bytes) and len(x) == count:
        return i
    return None


def _is_plain(x: Any) -> bool:
    is_pair = isinstance(x, tuple | list) and all(isinstance(y, int | float) for y in x)
    return isinstance(x, int | float | bool) or is_pair


def _signature(kind: Any) -> inspect.Signature | None:
    try:
        return inspect.signature(kind)
    except (TypeError, ValueError):
        return None


def _bound(
    signature: inspect.Signature | None, args: Sequence[Any], keywords: Mapping[str, Any]
) -> dict[str, Any]:
    if signature is None:
        return {**{str(i): x for i, x in enumerate(args)}, **keywords}
    try:
        call = signature.bind(*args, **keywords)
    except TypeError:
        return dict(keywords)
    call.apply_defaults()
    found: dict[str, Any] = {}
    for name, x in call.arguments.items():
        is_rest = signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD
        found |= x if is_rest else {name: x}
    return found
