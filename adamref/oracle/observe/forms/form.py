"""The adapter of all forms that are found out by trying: a plan, and the units that it makes.

There is a unit for each tensor, or one for all, or, where an implementation knows single numbers
only, one for each number. States are shown under adamref's names where they are found.
"""

from __future__ import annotations

import inspect
from abc import abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.oracle.observe.calling.adapter import Adapter
from adamref.oracle.observe.calling.calls import calling
from adamref.oracle.observe.calling.entries import one_for_all, same
from adamref.oracle.observe.calling.loading import Loads, twin
from adamref.oracle.observe.calling.names import Words, parameters
from adamref.oracle.observe.calling.values import DTYPES, is_number
from adamref.oracle.observe.forms import leaves, words
from adamref.oracle.observe.forms.holding import HOLDERS
from adamref.oracle.observe.forms.reading import FormReading, by_tensor, entries_of, read
from adamref.oracle.observe.forms.results import Unfit
from adamref.oracle.observe.forms.searching import first_fitting, given_for
from adamref.oracle.observe.forms.trying import HYPER
from adamref.oracle.observe.forms.units import Unit
from adamref.oracle.observe.sessions.session import Failed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.forms.plans import Plan
    from adamref.oracle.observe.forms.reading import Entry
    from adamref.oracle.observe.sessions.session import Held, Start

_LARGEST = 2**53
"""A number of steps that a float counts."""


class FormAdapter(Adapter):
    """An implementation of a form that was found out; `plans` says which are tried."""

    abilities: ClassVar[frozenset[str]] = frozenset({"tensors", "carries"})
    leading: ClassVar[int] = 0

    @classmethod
    @abstractmethod
    def plans(cls, target: Any, args: Mapping[str, Any]) -> Iterator[Plan]:
        """Yield the plans by which a target may be called, the most likely first."""

    @final
    def _maker(self, target: Any) -> Callable[..., Any]:
        """Find the plan; return what has the hyperparameters as its signature."""
        try:
            self._plan = first_fitting(self.plans(target, self._args), target, self._args)
        except Unfit as unfit:
            raise Failed("refusal", str(unfit)) from unfit
        named = parameters(target).named
        takes = {n: x for n, x in named.items() if n not in self._roles()}
        for name, where in self._plan.hyper.items():
            default = self._plan.settings.get(name, inspect.Parameter.empty)
            if where == "state" or name not in takes:
                kind = inspect.Parameter.KEYWORD_ONLY
                takes[name] = inspect.Parameter(name, kind, default=default)
        ours = words.hypers(takes)
        self._speak = Words({mine: theirs for mine, theirs in ours.items() if mine != "betas"})
        self._reading = self._read()

        def make(**hyper: Any) -> Mapping[str, Any]:
            return hyper

        listed = [x.replace(kind=x.KEYWORD_ONLY) for x in takes.values()]
        make.__signature__ = inspect.Signature(listed)  # type: ignore[attr-defined]
        return make

    def _speaks(self) -> Words:
        return self._speak

    def _roles(self) -> set[str]:
        return {*self._plan.takes, *(self._plan.made or {})}

    def _read(self) -> FormReading:
        ours = {x: n for n, x in words.hypers(parameters(self._target).named).items()}
        known = {n: HYPER[m] for n in self._plan.hyper if (m := ours.get(n) or words.hyper_of(n))}
        kept = {n: x for n, x in known.items() if n not in self._plan.settings}
        given = given_for(self._plan, self._target, {**kept, **self._args})
        try:
            return read(self._plan, self._target, given)
        except Unfit:
            return FormReading()

    def begin(self) -> None:
        """Make a new optimizer.

        Raises
        ------
        Failed
            refusal, for a tensor without axes where it takes none.
        """
        bare = any(np.ndim(x) == 0 for x in self._start.thetas)
        if bare and not self._is_single and not self._moves(()):
            raise Failed("refusal", "it takes no tensor without axes")
        self._units = self._made(self._start.thetas, self._start.dtype)

    def update(self, grads: Sequence[Any]) -> None:
        """Take a step."""
        numbers = [None if x is None else np.asarray(x, dtype=np.float64) for x in grads]
        for unit, own in self._units:
            values = [None if (x := numbers[i]) is None else x.ravel()[j] for i, j in own] if (
                self._is_single
            ) else [numbers[i] for i, _ in own]  # fmt: skip
            if all(x is None for x in values):
                continue
            unit.step(values)
            if not self._is_single:
                for (i, _), said in zip(own, unit.touched, strict=False):
                    self._said[i] = (*said, *unit.micro.told())

    def theta(self, i: int) -> Any:
        """Return the parameters of a tensor."""
        if not self._is_single:
            unit, k = self._places(i)[0]
            return unit.thetas()[k]
        places = self._places(i)
        units = {id(unit): unit for unit, _ in places}
        seen = {n: unit.thetas() for n, unit in units.items()}
        return self._joined([seen[id(unit)][k] for unit, k in places], i)

    def entries(self, i: int) -> Mapping[str, Any]:
        """Return what is held for a tensor."""
        places = self._places(i)
        listed = self._seen(places)
        if not listed:
            return {}
        found = {n: x.value for n, x in listed[0].items()}
        if self._is_single:
            t = self._reading.names.get("t")
            found = {
                n: x if n == t else self._joined([own[n].value for own in listed], i)
                for n, x in found.items()
                if all(n in own for own in listed)
            }
        ours = {theirs: name for name, theirs in self._names().items()}
        return {ours.get(n, n): x for n, x in found.items()}

    def put(self, i: int, name: str, value: Any, kind: str | None) -> None:
        """Write over an entry."""
        theirs = self._names().get(name, name)
        places, flat = self._places(i), np.ravel(value)
        for j, ((unit, _), seen) in enumerate(zip(places, self._seen(places), strict=True)):
            entry = seen[theirs]
            part = flat[j] if self._is_single and flat.size == len(places) > 1 else value
            unit.put(entry.root, entry.path, part, kind)

    def place(self, tensors: Sequence[Held]) -> None:
        """Put other parameters in place."""
        if any(len({i for i, _ in own}) > 1 for _, own in self._units):
            one_for_all(tensors, _LARGEST)
        wide = {held.dtypes.get("theta") for held in tensors}
        (kind,) = wide if len(wide) == 1 else {None}
        dtype = str(kind) if kind in DTYPES else self._start.dtype
        values = [held.theta for held in tensors]
        self._units = self._made(values, dtype)
        wanted = {*(n for held in tensors for n in held.states), "t"} & {*self._names()}
        shown = all(wanted <= set(self.entries(i)) for i in range(len(tensors)))
        bare = any(
            np.size(np.asarray(self.entries(i).get(n))) != held.theta.size
            for i, held in enumerate(tensors)
            for n in held.states
            if n in self._names()
        )
        if not shown or bare:
            # A throw-away step makes the entries; all that it changes is written over.
            self.update([np.ones_like(x) for x in values])
            for unit, own in self._units:
                some = [values[i].ravel()[j] if self._is_single else values[i] for i, j in own]
                unit.holder.write(some)

    def _can(self) -> set[str]:
        can = {"skip"} if self._capacity() == 1 else set()
        if self._plan.leaves != "list" and (self._is_single or self._moves((2, 3))):
            can.add("shapes")
        where = self._plan.hyper.get(self._rate, "")
        if self._rate and (where == "call" or self._heeds_rate()):
            can.add("lr")
        return can

    def _heeds_rate(self) -> bool:
        """Say whether another learning rate, where it is held, makes another step."""
        own, after = dict(self._keywords), []
        rate = own[self._rate]
        try:
            with calling("a trial"):
                for lr in (rate, 0.5 * rate or 0.5):
                    self._keywords[self._rate] = rate
                    self._units = self._made([np.array([8.5])], self._start.dtype)
                    if not self._rate_holders():
                        return False
                    self._set_rate(lr)
                    self._units[0][0].step([np.array([0.75])])
                    after.append(np.array(self._units[0][0].thetas()[0]).tobytes())
        except Failed:
            return False
        finally:
            self._keywords = own
            self.begin()
        return after[0] != after[1]

    def _set_rate(self, lr: float) -> None:
        holders = self._rate_holders()
        self._keywords[self._rate] = lr
        if self._plan.hyper.get(self._rate) == "call":
            given = self._given()
            for unit, _ in self._units:
                unit.give(given)
            return
        for holder in holders:
            if isinstance(holder, dict):
                holder[self._rate] = lr
            else:
                setattr(holder, self._rate, lr)

    def _rate_holders(self) -> list[Any]:
        """Return what holds the learning rate as it was given, by its name."""
        found: list[Any] = []
        for unit, _ in self._units:
            owners = [x for x in unit.held.values() if isinstance(x, dict)]
            owners += [unit.owner] if self._plan.made is not None else []
            for x in owners:
                held = x if isinstance(x, dict) else getattr(x, "__dict__", {})
                value = held.get(self._rate)
                if is_number(value) and value == self._keywords[self._rate]:
                    found.append(x)
        return found

    def _loads(self, start: Start) -> Loads:
        """Hold it to what it says: what is loaded goes on as it went on before."""
        found = super()._loads(start)
        if not (found.can and start.loads and start.thetas[0].size):
            return found
        try:
            return found if self._goes_on(start) else Loads()
        except Failed:
            return Loads()

    def _goes_on(self, start: Start) -> bool:
        one = replace(start, thetas=start.thetas[:1])
        g = np.full_like(start.thetas[0], 0.5)
        first, other = twin(self, one), twin(self, one)
        shown = first.held(0)
        after = first.step([g])[0]
        other.load([shown])
        again = other.step([g])[0]
        return same(after.theta, again.theta) and all(
            same(x, again.states.get(n)) for n, x in after.states.items()
        )

    def _names(self) -> dict[str, str]:
        """Return the names of entries by those of the states of the rule."""
        names = dict(self._reading.names)
        if "v" in names and "v" not in self._start.states:
            for other in ("u", "s"):
                if other in self._start.states:
                    names[other] = names.pop("v")
                    break
        return names

    @property
    def _is_single(self) -> bool:
        return leaves.named(self._plan.leaves).single

    def _capacity(self) -> int | None:
        return len(self._plan.thetas) or HOLDERS[self._plan.holder].capacity

    def _given(self) -> Any:
        return given_for(self._plan, self._target, self._keywords)

    def _made(
        self, values: Sequence[Array], dtype: str
    ) -> list[tuple[Unit, list[tuple[int, int]]]]:
        """Return units, each with the places of its tensors, and of their elements if single."""
        given, single = self._given(), self._is_single
        every = [(i, 0) for i in range(len(values))]
        if single:
            every = [(i, j) for i, x in enumerate(values) for j in range(np.size(x))]
        size = self._capacity() or max(len(every), 1)
        made = []
        for k in range(0, len(every), size):
            own = every[k : k + size]
            some = [np.ravel(values[i])[j] if single else values[i] for i, j in own]
            made.append((self._unit(given, dtype, some), own))
        return made

    def _unit(self, given: Any, dtype: str, values: Sequence[Array]) -> Unit:
        return Unit(self._plan, self._target, given, dtype, values)

    def _places(self, i: int) -> list[tuple[Unit, int]]:
        """Return the units of a tensor, and its place in them; of single numbers all."""
        return [
            (unit, k) for unit, own in self._units for k, (x, _) in enumerate(own) if x == i
        ]  # fmt: skip

    def _seen(self, places: Sequence[tuple[Unit, int]]) -> list[dict[str, Entry]]:
        """Return the entries of tensors, each unit looked through once."""
        units = {id(unit): unit for unit, _ in places}
        last = self._reading.last
        seen = {
            n: by_tensor(entries_of(unit, last), unit.holder.count) for n, unit in units.items()
        }  # fmt: skip
        return [seen[id(unit)][k] for unit, k in places]

    def _joined(self, numbers: Sequence[Any], i: int) -> Array:
        made = np.array([np.ravel(x)[0] for x in numbers], dtype=np.float64)
        return made.reshape(np.shape(self._start.thetas[i]))

    def _moves(self, shape: tuple[int, ...]) -> bool:
        """Say whether a tensor of a shape keeps it in a step."""
        try:
            with calling("a trial"):
                unit = self._unit(self._given(), self._start.dtype, [np.full(shape, 8.5)])
                unit.step([np.full(shape, 0.75)])
                return bool(np.shape(unit.thetas()[0]) == shape)
        except Failed:
            return False
