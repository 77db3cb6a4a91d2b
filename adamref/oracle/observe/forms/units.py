"""An implementation that was made on some tensors by a plan, and is called by it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.oracle.observe.calling.micro import Micro, counted, takes_micro_batches
from adamref.oracle.observe.calling.names import parameters
from adamref.oracle.observe.calling.values import given as fresh
from adamref.oracle.observe.calling.values import numpy_dtype, touched
from adamref.oracle.observe.forms import graph, leaves, words
from adamref.oracle.observe.forms.asked import Memory, Names
from adamref.oracle.observe.forms.holding import HOLDERS
from adamref.oracle.observe.forms.plans import ADDED, SUBTRACTED, THETA, T
from adamref.oracle.observe.forms.words import Role
from adamref.oracle.observe.sessions.session import Failed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.forms.plans import Handed, Plan
    from adamref.oracle.observe.sessions.session import Remark

KEYS = {"text": "w0", "number": 0}
"""By what a tensor is told from others, where there is one."""


@final
class Unit:
    """Some tensors, and what updates them.

    Attributes
    ----------
    holder : Holder
    owner : object
        What was constructed, or the function.
    held : dict of str to object
        Moments and states that go in and come back, by the names of the parameters.
    t : int
        The number of the next step.
    micro : Micro
        Of what a step is given.
    """

    def __init__(
        self, plan: Plan, target: Any, given: Handed, dtype: str, values: Sequence[Array]
    ) -> None:
        self._plan, self._given = plan, given
        self.micro = _micro(plan, target, given)
        self._leaves = leaves.named(plan.leaves)
        names = Names(plan.thetas, plan.grad)
        self.holder = HOLDERS[plan.holder](self._leaves, dtype, values, names)
        self.t = plan.first
        self.touched: list[tuple[Remark, ...]] = []
        self._bits: list[bytes | None] = []
        self.owner, self._standing = target, None
        if plan.made is not None:
            if Role.GRAD in plan.made.values():  # the same arrays are filled at each step
                self._standing = self.holder.grads([np.zeros_like(x) for x in values])
            roles = plan.made.items()
            arguments = {n: self._argument(n, role, self._standing) for n, role in roles}
            self.owner = target(**arguments, **given.made)
        self.held = {
            name: self._begun(name, role)
            for name, role in plan.takes.items()
            if role in {Role.MOMENT, Role.STATE}
        }

    def call(self, grads: Sequence[Array | None]) -> Any:
        """Call it with gradients, and return what it returns."""
        plan, handed = self._plan, None
        if plan.feeds:
            feed = getattr(self.owner, plan.feeds)
            for part in self._parts(grads):
                handed = self.holder.grads(part)
                feed(**{n: self._argument(n, role, handed) for n, role in plan.fed.items()})
        elif self._standing is None:
            (part,) = self._parts(grads)
            handed = self.holder.grads(part)
        else:
            handed = self._standing
            for old, new in zip(self.holder.handed, grads, strict=True):
                self._leaves.write(old, np.zeros_like(old) if new is None else new, "float64")
        self._bits = [None if x is None else self._bytes(x) for x in self.holder.handed]
        arguments = {n: self._argument(n, role, handed) for n, role in plan.takes.items()}
        called = getattr(self.owner, plan.method) if plan.method else self.owner
        before, after = (getattr(self.owner, x) if x else None for x in plan.around)
        if before is not None:
            before()
        back = called(**arguments, **self._given.call)
        if after is not None:
            after()
        return back

    def _parts(self, grads: Sequence[Array | None]) -> list[tuple[Array | None, ...]]:
        """Return what each call of a step is given."""
        kind = numpy_dtype(self.holder.dtype)
        parts = [self.micro.parts(None if x is None else fresh(x, kind)) for x in grads]
        return [
            tuple(None if x is None else x.astype(np.float64) for x in each)
            for each in zip(*parts, strict=True)
        ]

    def step(self, grads: Sequence[Array | None]) -> None:
        """Take a step."""
        back = self.call(grads)
        # Not where they are the implementation's to keep, as in a parameter's own gradient.
        pairs = zip(self.holder.handed, self._bits, strict=True)
        self.touched = [
            () if x is None else touched("gradient", b, self._bytes(x)) for x, b in pairs
        ]
        self.t += 1
        for path, what in self._plan.back.items():
            self._absorb(graph.at(back, path), what)

    def give(self, given: Handed) -> None:
        """Take other hyperparameters for the calls to come."""
        self._given = given

    def _bytes(self, value: Any) -> bytes:
        return np.asarray(self._leaves.read(value)).tobytes()

    def thetas(self) -> list[Any]:
        """Return the tensors as they are by now."""
        found = self.holder.parts(self.holder.thetas)
        if found is None:
            raise Failed("wrong-shape", "what it returned as parameters is not of their form")
        return [self._leaves.read(x) for x in found[: self.holder.count]]

    def numbers(self) -> Iterator[tuple[str, graph.Path, Any]]:
        """Yield all numbers that it holds beside parameters and gradients.

        Each with the name of its root, and the way from there.
        """
        held = self.holder
        without = [held.thetas, held.handed, self._standing, *(held.parts(held.thetas) or [])]
        without += held.handed
        objects = self.objects()
        ids = {id(x) for x in [*without, *objects] if x is not None and not _is_number(x)}
        roots = dict(self.held)
        if self._plan.made is not None:
            roots["self"] = self.owner
        roots |= {f"*{i}": _Others(one) for i, one in enumerate(objects)}
        for root, value in roots.items():
            for path, leaf in graph.leaves(value, ids, lists=self._plan.leaves == "list"):
                yield root, path, self._leaves.read(leaf)
        if Role.T in self._plan.takes.values():
            yield "t", (), self.t - self._plan.first

    def objects(self) -> list[Any]:
        """Return the objects that hold parameters and gradients, and may hold more."""
        held = self.holder
        if not held.owned:
            return []
        layers = getattr(held.thetas, "layers", held.thetas)
        return layers if isinstance(layers, list) else [layers]

    def put(self, root: str, path: graph.Path, value: Any, kind: str | None) -> None:
        """Write to where a way leads."""
        if root == "t":
            self.t = int(np.ravel(value)[0]) + self._plan.first
            return
        if root == "self":
            holder: Any = self.owner
        elif root.startswith("*"):
            holder = self.objects()[int(root[1:])]
        else:
            holder = self.held[root]
        old = graph.at(holder, path)
        new = graph.put(holder, path, self._leaves.like(old, value, kind))
        if root in self.held:
            self.held[root] = new

    def _argument(self, name: str, role: Role, grads: Any) -> Any:
        if role in {Role.THETA, Role.GRAD}:
            tensors = self.holder.thetas if role is Role.THETA else grads
            return tensors[self._place(name, role)] if self._is_spread else tensors
        if role is Role.T:
            return self.t
        if role is Role.SHAPE:
            shape = self.holder.shapes[0]
            return shape if self._plan.shape == "tuple" else math.prod(shape)
        if role is Role.KEY:
            return KEYS[self._plan.key]
        return self.held[name]

    @property
    def _is_spread(self) -> bool:
        return self._plan.holder == "arguments"

    def _place(self, name: str, role: Role) -> int:
        """Return which of several arguments of a role one is."""
        return [n for n, x in self._plan.takes.items() if x is role].index(name)

    def _begun(self, name: str, role: Role) -> Any:
        if role is Role.MOMENT:
            if words.counts_each(name) and self._plan.moment == "zeros":
                return self.holder.counts()
            if self._is_spread and self._plan.moment == "zeros":
                return self.holder.zero(self.holder.index(name) or 0)
            begins: dict[str, Callable[[], Any]] = {
                "zeros": self.holder.zeros, "number": float, "nothing": lambda: None,
            }  # fmt: skip
            return begins[self._plan.moment]()
        zeros, first = self.holder.zeros, self._plan.first
        made = self._plan.state
        if made == "memory":
            memory = Memory(self._zeros, self._hyper, first - 1)
            memory.update(self._given.state)
            return memory
        if made == "nothing":
            return None
        moments = [zeros() for _ in range(2)]
        together: list[Any] = [*moments, first - 1] if "t" in made else moments
        return tuple(together) if made.startswith("tuple") else together

    def _zeros(self, key: str) -> Any:
        """Return zeros for a key: of the tensor that it speaks of, else of all."""
        held, zeros = self.holder, self.holder.zeros()
        i = held.index(key) if held.usual else None
        return zeros if i is None else held.zero(i)

    def _hyper(self, ours: str) -> Any:
        given = self._given.hyper
        if ours == "betas":
            return given["beta1"], given["beta2"]
        return given[ours]

    def _absorb(self, value: Any, what: str) -> None:
        if what == T:
            self.t = value
        elif what == THETA:
            # A list, as was handed over: elements may be put in their place.
            self.holder.thetas = list(value) if type(value) is tuple else value
        elif what.startswith(THETA + ":"):
            self.holder.thetas[int(what.partition(":")[2])] = value
        elif what in {ADDED, SUBTRACTED}:
            moved = self.holder.parts(value)
            old = self.holder.parts(self.holder.thetas)
            if moved is None or old is None:
                raise Failed("wrong-shape", "what it returned is not of the form of its parameters")
            self.holder.replace([_sum(a, b, what) for a, b in zip(old, moved, strict=True)])
        else:
            self.held[what] = value


def _micro(plan: Plan, target: Any, given: Handed) -> Micro:
    at_once = any(takes_micro_batches(x) for x in plan.grads)
    if not (plan.feeds or at_once):
        return Micro()
    count, _ = counted(parameters(target), {**given.made, **given.call})
    return Micro(count, at_once=at_once and not plan.feeds)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


class _Others:
    """What an object that was handed over has beside its numbers and their gradient."""

    def __init__(self, one: Any) -> None:
        own = {n: x for n, x in vars(one).items() if n not in {"data", "grad", "_parts", "name"}}
        self.__dict__.update(own)


def _sum(one: Any, two: Any, what: str) -> Any:
    if isinstance(one, list):
        one, two = np.asarray(one), np.asarray(two)
        return (one + two if what == ADDED else one - two).tolist()
    return one + two if what == ADDED else one - two
