"""What an implementation is asked, and what it answers, however it is reached.

A session is an implementation behind one interface: in its own process (`process`) or in the
caller's (`calling.adapter`). Values come as float64 arrays, in which every number of the four
formats is exact, with the name of the dtype that they were returned in.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, final

from adamref.oracle.observe.vocabulary import named

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array

Severity: TypeAlias = Literal["note", "limit", "deviation", "error"]

STATES = ("m", "v", "v_max", "u")
"""The states that are looked for whatever the rule: they tell an implementation for another."""

HYPER = ("beta1", "beta2", "eps", "eps_root", "weight_decay")
"""The hyperparameters of Adam beside alpha."""

SCALARS = ("mu_product", "alpha_max", "weight_sum")
"""States that are one number for a tensor: what depends on t alone."""

ABILITIES = ("load", "lr", "skip", "tensors", "defaults", "shapes", "carries", "decays")
"""What a session may be able to do beyond plain steps.

load: take a state; lr: another learning rate at each step; skip: a missing gradient; tensors: more
than one; defaults: be constructed without hyperparameters; shapes: tensors of any shape; carries:
go on from theta as it was shown, where that has more digits than the dtype; decays: take weight
decay by a name of its own.
"""


def shortened(says: str) -> str:
    """Return what somebody else says, its beginning and end where it is long."""
    if len(says) <= MOST_SAID:
        return says
    return f"{says[: MOST_SAID // 2]} … ({len(says)} characters) … {says[-MOST_SAID // 4 :]}"


MOST_SAID = 800
"""Characters of what an implementation says that a report repeats."""


@final
@dataclass(frozen=True)
class Remark:
    """Something about how an answer was given, not about its numbers.

    Attributes
    ----------
    id : str
        ``wrong-shape``, ``wrong-dtype``, ``wider-dtype``, ``narrower-dtype``,
        ``gradient-modified``, ``input-modified`` or ``hyper-modified``.
    severity : {"note", "limit", "deviation", "error"}
    says : str
        A sentence.
    """

    id: str
    severity: Severity
    says: str


@final
class Failed(Exception):
    """The implementation gave no answer.

    Attributes
    ----------
    id : str
        ``timeout``, ``signal``, ``exit``, ``exception``, ``garbage``, ``refusal``.
    says : str
        A sentence: what happened, with the end of what it wrote to standard error.
    """

    def __init__(self, id_: str, says: str) -> None:
        says = shortened(says)
        super().__init__(says)
        self.id = id_
        self.says = says


@final
@dataclass(frozen=True)
class Held:
    """What a tensor holds: to be loaded, or as answered.

    Attributes
    ----------
    theta : float64 array
    states : mapping of str to float64 array
        m, v, …: those that are visible, each of the shape of theta.
    t : int or None
        How many steps it has taken; None where that is not shown.
    dtypes : mapping of str to str
        The dtype in which each of theta and the states was returned; in a request the dtype asked
        for.
    remarks : tuple of Remark
    beside : mapping of str to float64 array
        What else a step depends on, by its own name and of the shape of theta: a master copy of
        theta, a compensation. A request that has none of it is to begin anew with it.
    """

    theta: Array
    states: Mapping[str, Array] = field(default_factory=dict)
    t: int | None = None
    dtypes: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()
    beside: Mapping[str, Array] = field(default_factory=dict)


@final
@dataclass(frozen=True)
class Start:
    """What an implementation is started with.

    Attributes
    ----------
    dtype : str
        Of theta and the gradients.
    optimizer : str
        adam, adam-l2, adamw, amsgrad, ….
    thetas : tuple of float64 array
        One a tensor, of any shape; every element a number of the dtype.
    hyper : mapping of str to float
        lr, beta1, beta2, eps, weight_decay, and what else the optimizer has.
    defaults : bool
        To be constructed without hyperparameters.
    states : tuple of str
        Those of its rule: no state can be loaded unless all of them are visible.
    timed : bool
        Whether the rule asks for t; then it has to be visible as well.
    loads : bool
        Whether a state may be loaded, so that it is worth a trial whether what is loaded goes on.
    """

    dtype: str
    optimizer: str
    thetas: tuple[Array, ...]
    hyper: Mapping[str, float]
    defaults: bool = False
    states: tuple[str, ...] = ("m", "v")
    timed: bool = True
    loads: bool = True


@final
@dataclass(frozen=True)
class Abilities:
    """What was learned when it was started.

    Attributes
    ----------
    can : frozenset of str
        Of ``ABILITIES``.
    controls : frozenset of str
        The hyperparameters of the request that reach it; one that does not is reported.
    defaults : mapping of str to float
        Its own defaults, by adamref's names (lr, beta1, …), where they are known.
    remarks : tuple of Remark
    groups : tuple of mapping of str to float
        For each tensor, the lr and weight_decay that its group has in place of those asked for;
        empty where there is one group.
    micro_batches : int
        Of how many gradients it takes the mean for a step: their sum may be rounded.
    """

    can: frozenset[str]
    controls: frozenset[str]
    defaults: Mapping[str, float] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()
    groups: tuple[Mapping[str, float], ...] = ()
    micro_batches: int = 1


def looked_for(start: Start) -> tuple[str, ...]:
    """Return all states that may be shown: the rule's first, those of other dialects, of Adam."""
    return tuple(dict.fromkeys((*start.states, *named(start.optimizer)["states"], *STATES)))


class Session(ABC):
    """An implementation that can be asked; every method raises `Failed` if no answer comes."""

    @abstractmethod
    def start(self, start: Start) -> Abilities:
        """Start over, after a failure in a new process."""

    @abstractmethod
    def step(self, grads: Sequence[Array | None], lr: float | None = None) -> list[Held]:
        """Take a step: a gradient a tensor, None where it is missing; lr only if it can."""

    def steps(
        self, grads: Sequence[Sequence[Array | None]], lrs: Sequence[float | None]
    ) -> Iterator[list[Held]]:
        """Take steps one after another, ahead of whoever asks for them where it can."""
        return map(self.step, grads, lrs)

    @property
    def ahead(self) -> int:
        """How many starts were asked for ahead of their turn."""
        return 0

    def foresee(
        self, start: Start, grads: Sequence[Sequence[Array | None]], lrs: Sequence[float | None]
    ) -> bool:
        """Take what will be asked next, if nothing fails: a start and, if known, its steps.

        Most cannot go ahead, and say so.
        """
        del start, grads, lrs
        return False

    @abstractmethod
    def load(self, tensors: Sequence[Held]) -> None:
        """Go on from other states (t of each is the number of steps taken)."""

    @abstractmethod
    def close(self) -> None:
        """End it; nothing is raised."""
