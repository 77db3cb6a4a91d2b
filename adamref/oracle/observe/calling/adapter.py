"""What an adapter is: an implementation in this process, as a session.

An adapter declares its name, what it recognises, its names of hyperparameters and states, and how
one is made, asked and written to. The rest, the same for all, stands here.
"""

from __future__ import annotations

import contextlib
import importlib
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.errors import MissingPackage
from adamref.oracle.observe.calling import names
from adamref.oracle.observe.calling.attached import Attached
from adamref.oracle.observe.calling.calls import calling
from adamref.oracle.observe.calling.entries import named, one_for_all
from adamref.oracle.observe.calling.loading import Loads, loads, micro_batches
from adamref.oracle.observe.calling.micro import Micro, counted
from adamref.oracle.observe.calling.names import Parameters, Words
from adamref.oracle.observe.calling.told import Told
from adamref.oracle.observe.calling.values import (
    DTYPES,
    floats,
    given,
    is_number,
    numpy_dtype,
    steps,
    taken,
    touched,
)  # fmt: skip
from adamref.oracle.observe.sessions.session import (
    Abilities,
    Failed,
    Held,
    Remark,
    Session,
    looked_for,
)

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.calling.signs import Sign
    from adamref.oracle.observe.digits import Part
    from adamref.oracle.observe.sessions.session import Start


class Adapter(Attached, Session):
    """An implementation in this process: a crash or a hang of it is the caller's.

    Attributes
    ----------
    name : str
        What ``--adapter`` calls it.
    order : int
        Its place in the list of adapters: the smaller is named and tried first.
    form : str
        The methods that an object of this form has, for messages; may be empty.
    package : str
        What has to be installed; may be empty.
    words : Words
        Its names for hyperparameters.
    states : mapping of str to tuple of str
        By adamref's name of a state those that it may have here, the most usual first; adamref's
        own name is known without being listed.
    counters : tuple of str
        What its step counter may be called.
    tells : bool
        Whether what its names do not say of its states is told by what steps make of them.
    shared_counter : int or None
        The largest number that one counter for all tensors holds; None: each tensor has its own.
    abilities : frozenset of str
        What every one of its kind can do (`sessions.session.ABILITIES`).
    leading : int
        How many parameters of the callable come before the hyperparameters.
    keeps_rest : bool
        Whether ``**kwargs`` of the callable are hyperparameters.
    takes_made : bool
        Whether one that is made already, and keeps nothing of its own, is a target too.

    Raises
    ------
    MissingPackage
        If its package is not installed.
    """

    name: ClassVar[str]
    order: ClassVar[int]
    form: ClassVar[str] = ""
    package: ClassVar[str] = ""
    words: ClassVar[Words] = Words()
    states: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    counters: ClassVar[tuple[str, ...]] = ("t",)
    tells: ClassVar[bool] = False
    shared_counter: ClassVar[int | None] = None
    abilities: ClassVar[frozenset[str]] = frozenset({"tensors", "shapes"})
    leading: ClassVar[int] = 1
    keeps_rest: ClassVar[bool] = True
    takes_made: ClassVar[bool] = False

    @final
    def __init__(
        self, target: Any, args: Mapping[str, Any] | None = None, device: str | None = None
    ) -> None:
        if self.package:
            try:
                self._package: Any = importlib.import_module(self.package)
            except ImportError as missing:
                what = f"an optimizer of {self.package}"
                raise MissingPackage(self.package, what, self.package) from missing
        self._target, self._args, self._device = target, dict(args or {}), device
        self._make: Callable[..., Any] = self._maker(target)
        takes = names.parameters(self._make, self.leading)
        self._takes = takes if self.keeps_rest else Parameters(takes.named, takes_any=False)
        self._said: list[tuple[Remark, ...]] = []
        self._known_loads: dict[Any, Loads] = {}
        self._micro: Micro | None = None
        self._is_tried = False
        self._beside: Mapping[str, Part] = {}
        self._has_moved: list[bool] = []
        self.told: Told | None = Told() if self.tells else None

    @final
    def start(self, start: Start) -> Abilities:
        """Start over."""
        self.begun(start)
        can = set(self.abilities) | self._can()
        can |= {"defaults"} if names.can_default(self._takes, self._args) else set()
        loadable, remarks, self._beside = self._loads(start)
        can |= {"load"} if loadable else set()
        words = self._speaks()
        named_ = {words.ours(x, start.optimizer) for x in self._takes.named}
        can |= {"decays"} & {"decays" if x == "weight_decay" else "" for x in named_}
        known = names.defaults(self._takes, words, start.optimizer)
        own = names.numbers(self._settings(), words, start.optimizer)
        own = {n: x for n, x in own.items() if n not in self._controls}
        # What it was given without a choice stands for what it would have had.
        told = names.numbers(self._keywords, words, start.optimizer)
        told = {n: x for n, x in told.items() if n not in self._controls}
        groups, known = self._groups(), own | known | told
        if any(groups):
            numbers = "; ".join(f"{i}: {dict(x)}" for i, x in enumerate(groups) if x)
            says = f"Tensors have groups, judged by numbers of their own: {numbers}"
            remarks = (*remarks, Remark("groups", "note", says))
        controls, parts = frozenset(self._controls), self._micros.count
        return Abilities(frozenset(can), controls, known, remarks, groups, parts)

    @final
    def step(self, grads: Sequence[Array | None], lr: float | None = None) -> list[Held]:
        """Take a step: a gradient a tensor, None where it is missing."""
        if lr is not None:
            with self._calling("setting the learning rate"):
                self._set_rate(lr)
        self._said = [() for _ in grads]
        with self._calling("step"):
            for handed in self._calls(grads):
                before = [None if g is None else self._bytes(g) for g in handed]
                self.update(handed)
            moved = zip(self._has_moved, grads, strict=True)
            self._has_moved = [before or g is not None for before, g in moved]
        held = []
        with self._calling("reading the state"):
            for i, g in enumerate(handed):
                said = () if g is None else touched("gradient", before[i], self._bytes(g))
                said = (*said, *self._said[i], *(() if g is None else self._micros.told()))
                held.append(self.held(i, said))
        return held

    @final
    def load(self, tensors: Sequence[Held]) -> None:
        """Go on from other states."""
        if self.shared_counter is not None:
            one_for_all(tensors, self.shared_counter)
        with self._calling("loading a state"):
            self.place(tensors)
            self._has_moved = [True for _ in tensors]
            for i, held in enumerate(tensors):
                entries = self.entries(i)
                which = self.which(entries)
                for ours, theirs in which.items():
                    if ours in held.states:
                        kind = held.dtypes.get(ours)
                        kind = kind if kind in DTYPES else None
                        self.put(i, theirs, held.states[ours], kind)
                if "t" in which and held.t is not None:
                    self.put(i, which["t"], held.t * self._micros.ticks, None)
                for name in self._beside:
                    self.put(i, name, self._belonging(name, held), None)

    @final
    def close(self) -> None:
        """Do nothing: there is nothing to end."""

    # What an adapter says.

    @classmethod
    @abstractmethod
    def recognises(cls, target: Any) -> Sign:
        """Say by what, if by anything, a target or what it makes is of this form."""

    @classmethod
    def takes(cls, target: Any, args: Mapping[str, Any]) -> bool | None:
        """Say whether what it recognises can be called as it calls it, by a look or a trial.

        None: perhaps, if no other adapter can.
        """
        del target, args
        return True

    @classmethod
    def sample(cls) -> tuple[Any, ...] | None:
        """Return arguments with which a callable may make one, for a look; None: none are known."""
        return None

    @abstractmethod
    def begin(self) -> None:
        """Make a new implementation on ``_start.thetas`` with ``_keywords``."""

    @abstractmethod
    def update(self, grads: Sequence[Any]) -> None:
        """Take a step with gradients that ``_array`` made; None where one is missing."""

    @abstractmethod
    def theta(self, i: int) -> Any:
        """Return the parameters of a tensor."""

    @abstractmethod
    def entries(self, i: int) -> Mapping[str, Any]:
        """Return all that is held for a tensor, by its own names."""

    @abstractmethod
    def put(self, i: int, name: str, value: Any, kind: str | None) -> None:
        """Write over an entry, in the kind that it has or in a dtype."""

    @abstractmethod
    def place(self, tensors: Sequence[Held]) -> None:
        """Put other parameters in place, and make the entries that a first step would make."""

    # What most have alike.

    def _maker(self, target: Any) -> Callable[..., Any]:
        is_made = self.takes_made and not isinstance(target, type) and self.recognises(target)
        make: Callable[..., Any] = (lambda: target) if is_made else target
        return make

    def _speaks(self) -> Words:
        """Return the names for hyperparameters that this very one has."""
        return self.words

    def _can(self) -> set[str]:
        """Return the abilities that depend on what was made."""
        return {"lr"} & self._controls

    def _gradient(self) -> str:
        """Return what a step calls the gradients; empty where that says nothing."""
        return ""

    def _settings(self) -> Mapping[str, Any]:
        """Return hyperparameters that what was made shows, or has without a choice."""
        return {}

    def _groups(self) -> tuple[Mapping[str, float], ...]:
        """Return, for each tensor, what its group has in place of what was asked for."""
        return ()

    def _set_rate(self, lr: float) -> None:
        """Take another learning rate."""
        self._keywords[self._rate] = lr

    def _array(self, values: Array) -> Any:
        """Return a fresh array, to be handed over."""
        return given(values, self._numpy)

    def _bytes(self, array: Any) -> bytes:
        """Return the bits of what ``_array`` made."""
        return np.asarray(array).tobytes()

    def _calling(self, what: str) -> contextlib.AbstractContextManager[None]:
        """Return the context of a call, in which what is raised becomes `Failed`."""
        return calling(what)

    # What follows from that.

    @final
    def begun(self, start: Start) -> None:
        """Start over, without a look at what it can do."""
        self._start = start
        self.wanted = looked_for(start)
        self._said = [() for _ in start.thetas]
        self._has_moved = [False for _ in start.thetas]
        words = self._speaks()
        self._controls = set(self._bound(start, words).controls)
        ours = {x: words.ours(x, start.optimizer) for x in self._keywords}
        # By what name the learning rate is called; empty where it does not reach it.
        self._rate = next((x for x, n in ours.items() if n == "lr" and n in self._controls), "")
        if self._micro is None:
            self._micro = micro_batches(self, start, self._takes, self._args, self._gradient())
        if self._micro.at_once:
            self._keywords |= counted(self._takes, self._args)[1]
        with self._calling("__init__"):
            self.begin()

    def _bound(self, start: Start, words: Words) -> names.Arguments:
        """Put what it is started with into its words: of any keywords those that it takes."""
        while True:
            made = names.bound(self._takes, start, self._args, words)
            self._keywords = dict(made.keywords)
            if self._is_tried or not self._takes.takes_any or start.defaults:
                return made
            try:
                with self._calling("a trial"):
                    self.begin()
                    self.update([self._array(np.ones_like(x)) for x in start.thetas])
            except Failed as failed:
                name = names.refused_by(failed)
                if name in self._keywords.keys() - self._takes.named.keys() - self._args.keys():
                    self._takes = replace(self._takes, refused=self._takes.refused | {name})
                    continue
            self._is_tried = True

    @final
    def takes_as_micro_batches(self, micro: Micro) -> None:
        """Give it so many micro-batches a step, and do not find out how many it takes."""
        self._micro = micro

    def _loads(self, start: Start) -> Loads:
        """Say whether a state can be loaded; asked once for each kind of start."""
        if not start.thetas:
            return Loads()
        asked = (start.dtype, start.optimizer, start.states, start.timed)
        if asked in self._known_loads:
            return self._known_loads[asked]
        found = loads(self, start)
        if start.thetas[0].size:
            self._known_loads[asked] = found
        return found

    def _belonging(self, name: str, held: Held) -> Array:
        """Return what belongs to a state that is loaded: what is given, or what it begins as."""
        begun = held.theta if self._beside[name] == "copy" else np.zeros_like(held.theta)
        return held.beside.get(name, begun)

    @property
    def _numpy(self) -> np.dtype[Any]:
        return numpy_dtype(self._start.dtype)

    @property
    def _micros(self) -> Micro:
        return self._micro or Micro()

    @final
    def _graded(self, values: Array) -> Any:
        """Return what a call is given for a gradient, of which one call makes a step."""
        (part,) = self._micros.parts(given(values, self._numpy))
        return self._array(np.asarray(part))

    def _calls(self, grads: Sequence[Array | None]) -> Iterator[list[Any]]:
        """Yield what each call of a step is given."""
        if self._micros.count == 1:
            yield [None if g is None else self._array(g) for g in grads]
            return
        kind = self._numpy
        parts = [self._micros.parts(None if g is None else given(g, kind)) for g in grads]
        for each in zip(*parts, strict=True):
            yield [None if g is None else self._array(g) for g in each]

    @final
    def which(self, entries: Mapping[str, Any]) -> dict[str, str]:
        """Return which entries are the states and the counter, t: by name, or as steps tell."""
        found = named((*self.wanted, "t"), {**self.states, "t": self.counters}, entries)
        if self.told is None or {*self._start.states, "t"} <= found.keys() or not entries:
            return found
        return self.told.of(self, self._start, entries, found)

    @final
    def held(self, i: int, said: tuple[Remark, ...] = ()) -> Held:
        """Read a tensor: its parameters, the states under adamref's names, its counter."""
        shape, dtype = self._start.thetas[i].shape, self._start.dtype
        entries = self.entries(i)
        theta, kind, remarks = taken("theta", self.theta(i), shape, dtype)
        which, states, dtypes = self.which(entries), {}, {"theta": kind}
        counter = which.pop("t", "")
        for ours, theirs in which.items():
            entry = entries[theirs]
            if not self._has_moved[i] and is_number(entry):
                # Before the first gradient a number may stand for the array that it will be.
                states[ours] = np.full(shape, float(entry))
                continue
            states[ours], dtypes[ours], more = taken(ours, entry, shape, dtype)
            remarks += more
        known = [(name, floats(entries.get(name))) for name in self._beside]
        beside = {name: x for name, x in known if x is not None and x.shape == shape}
        t, more = steps(entries[counter] if counter else None)
        t = t if t is None else t // self._micros.ticks
        return Held(theta, states, t, dtypes, (*said, *remarks, *more), beside)
