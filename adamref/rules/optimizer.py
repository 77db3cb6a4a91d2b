"""What an optimizer is: its rule in every dialect, and all that others need to know of it.

A rule is one dialect. An optimizer has axes, a value of each of which makes a dialect, and the
names by which frameworks and documents call it. All lists of optimizers are derived from here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias, final

from adamref.errors import UnknownName

if TYPE_CHECKING:
    from adamref.rules.hyper import Hyper
    from adamref.rules.rule import Line, Rule

Make: TypeAlias = "Callable[[Mapping[str, str]], Rule | None]"


@final
@dataclass(frozen=True)
class Axis:
    """A question on which legitimate implementations differ.

    Attributes
    ----------
    name : str
    values : tuple of str
        The usual one first.
    unusual : tuple of int
        How unusual each is: of dialects that account for as much, the most usual is taken.
    says : tuple of str
        Who does it so, for each value.
    title : str
        What people call it; its name if not given.
    """

    name: str
    values: tuple[str, ...]
    unusual: tuple[int, ...] = ()
    says: tuple[str, ...] = ()
    title: str = ""

    def cost(self, value: str) -> int:
        """Return how unusual a value is."""
        at = self.values.index(value)
        return self.unusual[at] if self.unusual else at


def by_axes(made: Callable[..., Rule | None], axes: tuple[Axis, ...]) -> Make:
    """Return what makes a rule by a function of the axes, by name, of their values alone."""

    def make(chosen: Mapping[str, str]) -> Rule | None:
        known = all(chosen[axis.name] in axis.values for axis in axes)
        return made(**chosen) if known else None

    return make


@final
@dataclass(frozen=True)
class Optimizer:
    """An optimizer, in all its dialects.

    Attributes
    ----------
    name : str
        As ``--optimizer`` takes it.
    title : str
        For people.
    make : callable
        From a value on every axis to the rule; None where there is no such combination.
    axes : tuple of Axis
        What is tried where the dialect is not known.
    fixed : mapping of str to str
        Axes on which it stands where it has its name from; others may still be asked for.
    called : tuple of str
        The words in the name of a class or function that mean it, in small letters and joined:
        ``adamw`` is in FusedAdamW and in adam_w_step, and not in AdamWrapper.
    spoken : tuple of str
        The names by which documents call it, beside its title.
    reductions : tuple of str
        The theorems that say with which parameters, or where, it is Adam, AdamW or SGD.
    decayed : tuple of str
        The optimizers that it is with a weight decay, where these have names of their own.
    """

    name: str
    title: str
    make: Make
    axes: tuple[Axis, ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)
    called: tuple[str, ...] = ()
    spoken: tuple[str, ...] = ()
    reductions: tuple[str, ...] = ()
    decayed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "fixed", MappingProxyType(dict(self.fixed)))

    def __hash__(self) -> int:
        return hash(self.name)

    @staticmethod
    def of(
        rule: Rule,
        called: tuple[str, ...] = (),
        spoken: tuple[str, ...] = (),
        reductions: tuple[str, ...] = (),
    ) -> Optimizer:
        """Return an optimizer that has one dialect only."""
        return Optimizer(
            rule.name,
            rule.title,
            lambda _: rule,
            called=called,
            spoken=spoken,
            reductions=reductions,
        )

    @cached_property
    def rule(self) -> Rule:
        """The usual dialect."""
        return next(self.rules())

    @cached_property
    def states(self) -> Mapping[str, Line]:
        """What a step of some dialect needs beside theta: the line that makes it, by name."""
        found = {name: rule.line(name) for rule in self.rules() for name in rule.states}
        return {name: line for name, line in found.items() if name != "theta"}

    @cached_property
    def hypers(self) -> Mapping[str, Hyper]:
        """The hyperparameters of any dialect, by name."""
        found: dict[str, Hyper] = {}
        for rule in self.rules():
            found = {**found, **{n: x for n, x in rule.hypers.items() if n not in found}}
        return found

    @cached_property
    def optional(self) -> frozenset[str]:
        """The hyperparameters that some dialects do without; 0 is to have none."""
        return frozenset(self.hypers) - frozenset.intersection(
            *(frozenset(rule.defaults) for rule in self.rules())
        )

    @property
    def trains(self) -> bool:
        """Whether it has a parameter, and not an average alone.

        One that has is taken by every command and function; an average alone by all but a check,
        golden vectors and an exact step, which are of theta.
        """
        return "theta" in self.rule.fields

    def rules(self, pins: Mapping[str, str] = MappingProxyType({})) -> Iterator[Rule]:
        """Yield every dialect that pins allow, the usual ones first.

        A pin may ask for another value where the optimizer stands on one; a command refuses that
        (`adamref.oracle.judge.dialects.refuse_no_dialect`) where it is no question of its own.
        """
        for _, axes in sorted(self._combinations(pins), key=lambda x: x[0]):
            rule = self.made(axes)
            if rule is not None:
                yield rule

    def made(self, axes: Mapping[str, str]) -> Rule | None:
        """Return the rule with a value on every axis; None where there is none."""
        key = frozenset(axes.items())
        if key not in self._known:
            self._known[key] = self._made(axes)
        return self._known[key]

    @cached_property
    def _known(self) -> dict[frozenset[tuple[str, str]], Rule | None]:
        return {}

    def _made(self, axes: Mapping[str, str]) -> Rule | None:
        rule = self.make(axes)
        if rule is None:
            return None
        title = rule.title if rule.name == self.name else self.title
        # In the order of the rule's own axes.
        return replace(rule, name=self.name, title=title, dialect={**rule.dialect, **axes})

    def unusual(self, dialect: Mapping[str, str]) -> int:
        """Return how unusual a dialect is: 0 for the usual one."""
        return sum(axis.cost(dialect[axis.name]) for axis in self.axes)

    def get(self, **asked: Any) -> Rule:
        """Return a dialect by some of its axes; the others are as usual.

        Raises
        ------
        UnknownName
            If there is no such axis, value or combination.
        """
        usual = self.rule.dialect
        axes = dict(usual)
        for name, value in asked.items():
            if name not in usual:
                raise UnknownName("axis", name, tuple(usual) or ("none",))
            axes[name] = value
        rule = self.made(axes)
        if rule is None:
            said = ", ".join(f"{n}={x}" for n, x in axes.items() if x != usual[n])
            raise UnknownName(f"dialect of {self.name}", said, self._near(axes))
        return rule

    def _combinations(self, pins: Mapping[str, str]) -> Iterator[tuple[int, dict[str, str]]]:
        values = [[(axis, value) for value in axis.values] for axis in self.axes]
        fixed = {name: pins.get(name, value) for name, value in self.fixed.items()}
        for chosen in product(*values):
            axes = {**fixed, **{axis.name: value for axis, value in chosen}}
            if all(axes.get(n, x) == x for n, x in pins.items()):
                yield sum(axis.cost(value) for axis, value in chosen), axes

    def _near(self, axes: Mapping[str, str]) -> tuple[str, ...]:
        """Return the values that would do, each alone in the place of what stands on its axis."""
        changed = ((a.name, x, {**axes, a.name: x}) for a in self.axes for x in a.values)
        return tuple(f"{n}={x}" for n, x, other in changed if self.made(other)) or ("none",)
