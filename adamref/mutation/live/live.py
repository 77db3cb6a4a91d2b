"""What all kinds of interfaces have in common: a step is taken, read, and written over."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from adamref.mutation.following import FOLLOWER
from adamref.oracle.observe.calling.names import Words, numbers
from adamref.oracle.observe.running import is_timed, published
from adamref.oracle.observe.sessions.session import Failed, Start
from adamref.rules.family import family

if TYPE_CHECKING:
    from adamref.mutation.remembered import StepMemory, TensorBefore
    from adamref.mutation.stepping import Stepped
    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.calling.adapter import Adapter
    from adamref.oracle.observe.sessions.session import Held


class Live(ABC):
    """A kind of interface whose steps are followed.

    Parameters
    ----------
    target : object
    optimizer : str
        As what its names are read.

    Attributes
    ----------
    adapter : type of Adapter
        Which knows its names.
    """

    adapter: ClassVar[type[Adapter]]

    def __init__(self, target: Any, optimizer: str) -> None:
        self.target, self.optimizer = target, optimizer
        self._reader: Adapter | None = None

    @abstractmethod
    def installed(self) -> Any:
        """Return what stands in place of the target from now on."""

    @property
    def reader(self) -> Adapter:
        """What reads its states; made when it is first needed."""
        if self._reader is None:
            self._reader = self.adapter(self.target)
        return self._reader

    def start(self, dtype: str, thetas: Sequence[Array], hyper: Mapping[str, float]) -> Start:
        """Return what tensors stand at."""
        rule = family()[self.optimizer].rule
        states = tuple(name for name in rule.states if name != "theta")
        timed = is_timed(self.optimizer)
        return Start(dtype, self.optimizer, tuple(thetas), hyper, states=states, timed=timed)

    def hyper(self, values: Mapping[str, Any], words: Words | None = None) -> dict[str, float]:
        """Return hyperparameters by adamref's names; those that it does not have are published."""
        return {**published(self.optimizer), **self.own(values, words)}

    def own(self, values: Mapping[str, Any], words: Words | None = None) -> dict[str, float]:
        """Return those hyperparameters that it has, by adamref's names."""
        return numbers(values, words or self.adapter.words, self.optimizer)

    def names(self) -> Mapping[str, str]:
        """Return its names of states and of t, by adamref's."""
        return self.reader.which(self.reader.entries(0))

    def follow(
        self,
        memory: StepMemory,
        before: Sequence[TensorBefore],
        read: Callable[[], Sequence[Held]],
        write: Callable[[int, Stepped], None],
        options: Mapping[str, str],
    ) -> None:
        """Write over what a step has made, where that is asked for."""
        FOLLOWER.busy = True
        try:
            memory.begun(before)
            after = read()
            if len(self.names()) > len(FOLLOWER.names):
                FOLLOWER.names = self.names()
            made = FOLLOWER.follow(memory, before, after, options)
            if made is not None:
                for i, one in enumerate(made):
                    if one is not None:
                        write(i, one)
                after = read()
            for i, held in enumerate(after):
                memory.leave(i, held.states, held.t)
        except Failed as failed:
            FOLLOWER.failed = FOLLOWER.failed or failed.says
        finally:
            FOLLOWER.busy = False


def switches(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the options that are switched on, and those that are words, by their own names."""
    on = {str(n): "on" for n, x in values.items() if x is True and n != "maximize"}
    return on | {str(n): x for n, x in values.items() if isinstance(x, str)}
