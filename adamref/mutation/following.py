"""What stands between somebody's optimizer and its tests: it follows each step, or makes it anew.

An implementation stays what it is, with its constructor, its names and its hooks. After each of its
steps theta and the states are written over by those of a rule: the right one (the *drop-in*), or
one with a fault. Of a run that observes, the steps are kept: from these the check's own judgement
tells which dialect of which optimizer each configuration is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, final

from adamref import faults
from adamref.mutation.stepping import Stepped, stepped
from adamref.oracle.explain.hypotheses import of_faults
from adamref.oracle.judge.hypothesis import Hypothesis, correct

if TYPE_CHECKING:
    from adamref.mutation.remembered import StepMemory, TensorBefore
    from adamref.oracle.judge.dialects import Dialect
    from adamref.oracle.observe.sessions.session import Held

Mode: TypeAlias = Literal["off", "observe", "right", "fault"]

OBSERVED = 24
"""Steps of a configuration that are kept, at most: by these it is told what it is."""

_MOST_ELEMENTS = 4096
"""Of a tensor that are kept: those of a larger one tell no more, unless its elements meet."""


@final
@dataclass(frozen=True)
class Configuration:
    """In what way a target is used: what may make it another rule.

    Attributes
    ----------
    dtype : str
    states : tuple of str
        Those that it shows.
    set : tuple of str
        Hyperparameters with another value than none, beside those of all.
    options : tuple of (str, str)
        Its switches, by its own names.
    """

    dtype: str
    states: tuple[str, ...]
    set: tuple[str, ...]
    options: tuple[tuple[str, str], ...] = ()


@final
@dataclass(frozen=True)
class ObservedStep:
    """A step of one tensor, as it was seen: before and after it."""

    before: TensorBefore
    after: Held
    t: int


@final
@dataclass
class Follower:
    """What is done to the steps of the target, in this process.

    Attributes
    ----------
    mode : str
    fault : str
        The id of the one that is planted.
    dialects : mapping of Configuration to Dialect
        What each is; one that is absent is left as it is.
    observed : dict of Configuration to list of list of ObservedStep
        Of each implementation, one tensor's steps.
    reached : callable
        Called at each step.
    steps, unknown, changed : int
        How many were followed, how many were of a configuration that is not known, and whether a
        fault made anything else of one of them.
    failed : str
        Why the drop-in could not go on, if that happened.
    own_rounding : bool
        Whether a fault changes the target's own numbers, or stands in place of them.
    takes : tuple of str
        The names of the arguments of the target.
    interface : str
        Of what kind it is.
    names : mapping of str to str
        Its names of states and of t, by adamref's.
    busy : bool
        Whether what is called now is called by the drop-in itself.
    """

    mode: Mode = "off"
    fault: str = ""
    dialects: Mapping[Configuration, Dialect] = field(default_factory=dict)
    observed: dict[Configuration, list[list[ObservedStep]]] = field(default_factory=dict)
    reached: Callable[[], None] = lambda: None
    steps: int = 0
    changed: int = 0
    unknown: int = 0
    failed: str = ""
    own_rounding: bool = False
    takes: tuple[str, ...] = ()
    interface: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    busy: bool = False
    _hypotheses: dict[tuple[Dialect, str, str], Hypothesis | None] = field(default_factory=dict)
    _runs: dict[Any, tuple[Any, list[ObservedStep]]] = field(default_factory=dict)

    @property
    def is_off(self) -> bool:
        """Whether a call is none of its business."""
        return self.mode == "off" or self.busy

    def follow(
        self,
        memory: StepMemory,
        tensors: Sequence[TensorBefore],
        after: Sequence[Held],
        options: Mapping[str, str],
    ) -> list[Stepped | None] | None:
        """Follow a step: return what is to stand in place of it, or None to leave it.

        Parameters
        ----------
        memory : StepMemory
            Of the implementation.
        tensors : sequence of TensorBefore
            Before the step.
        after : sequence of Held
            What the implementation made of each.
        options : mapping of str to str
            Its switches.
        """
        if not any(x.g is not None for x in tensors):
            return None
        self.reached()
        keys = [_configuration(x, held, options) for x, held in zip(tensors, after, strict=True)]
        if self.mode == "observe":
            self._observe(memory, tensors, after, keys)
            return None
        dialects = {self.dialects.get(x) for x in keys}
        if len(dialects) != 1 or None in dialects:
            self.unknown += 1
            return None
        (dialect,) = dialects
        assert dialect is not None
        hypothesis = self._hypothesis(dialect, tensors[0].dtype)
        if hypothesis is None:
            return None
        compares = self.own_rounding or (self.fault and not self.changed)
        right = correct(dialect) if compares else None
        own = self.own_rounding
        made, differs = stepped(memory, tensors, hypothesis, after, right, own_rounding=own)
        self.steps += 1
        self.changed += differs
        return made

    def _hypothesis(self, dialect: Dialect, dtype: str) -> Hypothesis | None:
        key = dialect, dtype, self.fault
        if key not in self._hypotheses:
            found: Hypothesis | None = correct(dialect)
            if self.fault:
                ones = of_faults(dialect, dtype, [faults.get(self.fault)])
                found = ones[0] if ones else None
            self._hypotheses[key] = found
        return self._hypotheses[key]

    def _observe(
        self,
        memory: StepMemory,
        tensors: Sequence[TensorBefore],
        after: Sequence[Held],
        keys: Sequence[Configuration],
    ) -> None:
        memory.begun(tensors)
        for i, (one, held, key) in enumerate(zip(tensors, after, keys, strict=True)):
            if one.t is not None and memory.was_loaded(i, one):
                memory.counts[i] = one.t
            if one.g is None:
                continue
            memory.counts[i] += 1
            known = self.observed.setdefault(key, [])
            if not one.theta.size or sum(map(len, known)) >= OBSERVED:
                continue
            whose = memory.hidden[i]
            its, mine = self._runs.get((id(whose), key), (None, []))
            if its is not whose:
                mine = []
                known.append(mine)
                self._runs[id(whose), key] = whose, mine
            t = memory.counts[i] if held.t is None else held.t
            mine.append(_few(one, held, t))


def _few(one: TensorBefore, held: Held, t: int) -> ObservedStep:
    """Return a step of the first elements of a tensor."""
    if one.theta.size <= _MOST_ELEMENTS:
        return ObservedStep(one, held, t)

    def cut(x: Any) -> Any:
        return None if x is None else x.reshape(-1)[:_MOST_ELEMENTS]

    states, after = ({n: cut(x) for n, x in y.states.items()} for y in (one, held))
    before = replace(one, theta=cut(one.theta), g=cut(one.g), states=states)
    return ObservedStep(before, replace(held, theta=cut(held.theta), states=after), t)


def _configuration(one: TensorBefore, held: Held, options: Mapping[str, str]) -> Configuration:
    usual = {"lr", "eps"} | {n for n in one.hyper if n.startswith("beta")}
    others = tuple(sorted(n for n, x in one.hyper.items() if n not in usual and x))
    given = tuple(sorted(options.items()))
    return Configuration(one.dtype, tuple(sorted(held.states)), others, given)


FOLLOWER = Follower()
"""That of this process: what is injected into an implementation asks it."""
