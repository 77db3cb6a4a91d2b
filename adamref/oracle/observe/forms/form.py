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
from adamref.oracle.observe.calling.entries import one_for_all, same
from adamref.oracle.observe.calling.names import Words, parameters
from adamref.oracle.observe.calling.values import DTYPES, is_number
from adamref.oracle.observe.forms import leaves, words
from adamref.oracle.observe.forms.holding import HOLDERS
from adamref.oracle.observe.forms.reading import Reading, entries_of, of_tensor, read
from adamref.oracle.observe.forms.results import Unfit
from adamref.oracle.observe.forms.searching import first_fitting, given_for
from adamref.oracle.observe.forms.trying import HYPER
from adamref.oracle.observe.forms.units import Unit
from adamref.oracle.observe.sessions.session import Failed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.forms.plans import Plan
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

    def _read(self) -> Reading:
        ours = {x: n for n, x in words.hypers(parameters(self._target).named).items()}
        known = {n: HYPER[m] for n in self._plan.hyper if (m := ours.get(n) or words.hyper_of(n))}
        kept = {n: x for n, x in known.items() if n not in self._plan.settings}
        given = given_for(self._plan, self._target, {**kept, **self._args})
        try:
            return read(self._plan, self._target, given)
        except Unfit:
            return Reading()

    def begin(self) -> None:
        """Make a new optimizer."""
        self._units = self._made(self._start.thetas, self._start.dtype)

    def update(self, grads: Sequence[Any]) -> None:
        """Take a step."""
        for unit, own in self._units:
            values = [grads[i] for i in own]
            if values and all(x is None for x in values):
                continue
            numbers = [None if x is None else np.asarray(x, dtype=np.float64) for x in values]
            if self._is_single:
                for one, j in zip(unit, range(len(unit)), strict=True):
                    one.step([np.asarray(numbers[0]).ravel()[j]])
            else:
                unit[0].step(numbers)
                for i, said in zip(own, unit[0].touched, strict=False):
                    self._said[i] = said

    def theta(self, i: int) -> Any:
        """Return the parameters of a tensor."""
        units, k = self._of(i)
        if not self._is_single:
            return units[0].thetas()[k]
        return self._joined([one.thetas()[0] for one in units], i)

    def entries(self, i: int) -> Mapping[str, Any]:
        """Return what is held for a tensor."""
        units, k = self._of(i)
        listed = [of_tensor(entries_of(one, self._reading.last), k) for one in units]
        if not listed:
            return {}
        first = {n: x.value for n, x in listed[0].items()}
        if self._is_single and np.shape(self._start.thetas[i]) != ():
            t = self._reading.names.get("t")
            first = {
                n: x if n == t else self._joined([own[n].value for own in listed], i)
                for n, x in first.items()
                if all(n in own for own in listed)
            }  # fmt: skip
        ours = {theirs: name for name, theirs in self._names().items()}
        return {ours.get(n, n): x for n, x in first.items()}

    def put(self, i: int, name: str, value: Any, kind: str | None) -> None:
        """Write over an entry."""
        units, k = self._of(i)
        theirs = self._names().get(name, name)
        flat = np.ravel(value)
        for j, one in enumerate(units):
            entry = of_tensor(entries_of(one, self._reading.last), k)[theirs]
            part = flat[j] if self._is_single and flat.size == len(units) > 1 else value
            one.put(entry.root, entry.path, part, kind)

    def place(self, tensors: Sequence[Held]) -> None:
        """Put other parameters in place."""
        if any(len(own) > 1 for _, own in self._units):
            one_for_all(tensors, _LARGEST)
        wide = {held.dtypes.get("theta") for held in tensors}
        (kind,) = wide if len(wide) == 1 else {None}
        dtype = str(kind) if kind in DTYPES else self._start.dtype
        values = [held.theta for held in tensors]
        self._units = self._made(values, dtype)
        wanted = {*(n for held in tensors for n in held.states), "t"} & {*self._names()}
        shown = all(wanted <= set(self.entries(i)) for i in range(len(tensors)))
        bare = any(
            np.size(self.entries(i).get(n)) != held.theta.size
            for i, held in enumerate(tensors)
            for n in held.states
            if n in self._names()
        )
        if not shown or bare:
            # A throw-away step makes the entries; all that it changes is written over.
            self.update([np.ones_like(x) for x in values])
            for units, own in self._units:
                for j, one in enumerate(units):
                    some = [values[i] for i in own]
                    flat = [some[0].ravel()[j]] if self._is_single else some
                    one.holder.write(flat)

    def _can(self) -> set[str]:
        can = {"skip"} if self._capacity() == 1 else set()
        if self._moves_any_shape():
            can.add("shapes")
        where = self._plan.hyper.get(self._rate, "")
        if not self._rate or not self._units or not self._units[0][0]:
            return can
        holders = self._rate_holders()
        fresh = where == "call" or bool(holders)
        return can | ({"lr"} if fresh else set())

    def _set_rate(self, lr: float) -> None:
        holders = self._rate_holders()
        self._keywords[self._rate] = lr
        if self._plan.hyper.get(self._rate) == "call":
            given = self._given()
            for units, _ in self._units:
                for one in units:
                    one.give(given)
            return
        for holder in holders:
            if isinstance(holder, dict):
                holder[self._rate] = lr
            else:
                setattr(holder, self._rate, lr)

    def _rate_holders(self) -> list[Any]:
        """Return what holds the learning rate as it was given, by its name."""
        found: list[Any] = []
        for units, _ in self._units:
            for one in units:
                owners = [x for x in one.held.values() if isinstance(x, dict)]
                owners += [one.owner] if self._plan.made is not None else []
                for x in owners:
                    if isinstance(x, dict):
                        value = x.get(self._rate)
                    else:
                        value = getattr(x, self._rate, None)
                    if is_number(value) and value == self._keywords[self._rate]:
                        found.append(x)
        return found

    def _loads(self, start: Start) -> Any:
        """Hold it to what it says: what is loaded goes on as it went on before."""
        found = super()._loads(start)
        if not found[0] or not start.thetas[0].size:
            return found
        try:
            return found if self._goes_on(start) else (False, (), {})
        except Failed:
            return False, (), {}

    def _goes_on(self, start: Start) -> bool:
        one = replace(start, thetas=start.thetas[:1])
        g = np.full_like(start.thetas[0], 0.5)
        first, other = self._twin(one), self._twin(one)
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

    def _made(self, values: Sequence[Array], dtype: str) -> list[tuple[list[Unit], list[int]]]:
        given, made = self._given(), []
        if self._is_single:
            for i, x in enumerate(values):
                units = [self._unit(given, dtype, [y]) for y in np.ravel(x)]
                made.append((units, [i]))
            return made
        size = self._capacity() or max(len(values), 1)
        for i in range(0, len(values), size):
            own = list(range(i, min(i + size, len(values))))
            made.append(([self._unit(given, dtype, [values[j] for j in own])], own))
        return made

    def _unit(self, given: Any, dtype: str, values: Sequence[Array]) -> Unit:
        return Unit(self._plan, self._target, given, dtype, values)

    def _of(self, i: int) -> tuple[list[Unit], int]:
        """Return the units of a tensor, and its place in them."""
        for units, own in self._units:
            if i in own:
                return units, own.index(i)
        raise AssertionError(i)

    def _joined(self, numbers: Sequence[Any], i: int) -> Array:
        made = np.array([np.ravel(x)[0] for x in numbers], dtype=np.float64)
        return made.reshape(np.shape(self._start.thetas[i]))

    def _moves_any_shape(self) -> bool:
        if self._plan.leaves == "list":
            return False
        given = self._given()
        try:
            for shape in ((2, 3), ()):
                theta, g = np.full(shape, 8.5), np.full(shape, 0.75)
                if not self._is_single:
                    unit = self._unit(given, self._start.dtype, [theta])
                    unit.step([g])
                    if np.shape(unit.thetas()[0]) != shape:
                        return False
        except Exception:  # noqa: BLE001 - somebody's code may raise anything
            return False
        return True
