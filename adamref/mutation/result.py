"""What was found of somebody's tests: plain data, which the writers write down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias, final

from adamref.render import Result

Verdict: TypeAlias = Literal[
    "killed", "survived", "timeout", "dialect", "equivalent", "undetectable", "not-run"
]


@final
@dataclass(frozen=True)
class ShownBy:
    """The smallest inputs that would have shown a fault.

    Attributes
    ----------
    probe : str
        Of which they are a part; of one that no short probe shows, the whole of it.
    field : str
        In which it shows.
    steps, elements : int
    difference_ulp : float
        By how much, in units in the last place of the right value there.
    times_bound : float
        By how many times what a right implementation may be off.
    test : str
        A test to paste; empty where that is more than a few steps.
    """

    probe: str
    field: str
    steps: int
    elements: int
    difference_ulp: float
    times_bound: float
    test: str


@final
@dataclass(frozen=True)
class FaultRun:
    """What the tests made of a fault.

    Attributes
    ----------
    id, says, effect, family : str
        As the catalogue has them.
    core : bool
        Whether it shows with ordinary numbers: such a one is to be killed.
    verdict : str
        ``killed``: a test failed; ``survived``; ``timeout``: the tests took much longer than
        without it; ``dialect``, ``equivalent`` and ``undetectable``: it was not planted, as
        ``because`` says; ``not-run``: the time was up.
    by : tuple of str
        The tests that failed: the first one, unless all were asked for.
    because : str
        Of a survivor why no test sees it; else see above.
    seconds : float
    shown_by : ShownBy or None
        Of a survivor.
    """

    id: str
    says: str
    effect: str
    family: str
    core: bool
    verdict: Verdict
    by: tuple[str, ...] = ()
    because: str = ""
    seconds: float = 0.0
    shown_by: ShownBy | None = None


@final
@dataclass(frozen=True)
class TargetUse:
    """A way in which the tests use the target.

    Attributes
    ----------
    dtype : str
    options : tuple of str
        What is switched on or set.
    optimizer : str
        What it is there; empty where the steps are none of any known one.
    dialect : mapping of str to str
    steps : int
        Of how many steps that was told.
    """

    dtype: str
    options: tuple[str, ...]
    optimizer: str
    dialect: Mapping[str, str]
    steps: int


@final
@dataclass(frozen=True)
class Minimal:
    """A smallest set of probes.

    Attributes
    ----------
    probes : tuple of str
    told : tuple of str
        The ids of the faults that they tell.
    untold : tuple of str
        Those that need what the interface does not offer, or longer runs.
    text : str
        The test file.
    """

    probes: tuple[str, ...]
    told: tuple[str, ...]
    untold: tuple[str, ...]
    text: str


@final
@dataclass(frozen=True, repr=False)
class Mutation(Result):
    """What the tests see of planted faults.

    Attributes
    ----------
    target, interface : str
    command : tuple of str
    baseline : str
        ``passed``, or ``failed``: then ``because`` says whether the target itself or a right
        drop-in fails, and nothing was planted.
    because : str
    failures : tuple of (str, str)
        The tests that fail then, with what they say.
    uses : tuple of TargetUse
    tests, reaching : int
        How many there are, and how many take a step of the target. 0 where the command does not
        tell.
    faults : tuple of FaultRun
    seconds : float
    notes : tuple of str
    minimal : Minimal or None
        The smallest set of probes, where that was asked for.
    """

    kind: ClassVar[str] = "mutate"

    target: str
    interface: str
    command: tuple[str, ...]
    baseline: Literal["passed", "failed"]
    because: str = ""
    failures: tuple[tuple[str, str], ...] = ()
    uses: tuple[TargetUse, ...] = ()
    tests: int = 0
    reaching: int = 0
    faults: tuple[FaultRun, ...] = ()
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    minimal: Minimal | None = None

    def of(self, *verdicts: str) -> tuple[FaultRun, ...]:
        """Return the faults of some verdicts."""
        return tuple(x for x in self.faults if x.verdict in verdicts)

    @property
    def killed(self) -> int:
        """How many the tests see: they fail, or do not end."""
        return len(self.of("killed", "timeout"))

    @property
    def survived(self) -> int:
        """How many pass."""
        return len(self.of("survived"))

    @property
    def exit_code(self) -> int:
        """0 if every core fault is killed, 1 if not, 2 if none could be planted."""
        if self.baseline == "failed":
            return 2
        return int(any(x.core for x in self.of("survived", "not-run")))

    def __repr__(self) -> str:
        counts = f"{self.killed} killed, {self.survived} survived"
        return f"<Mutation of {self.target}: {counts if self.faults else self.because}>"
