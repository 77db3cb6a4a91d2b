"""What replaying a step finds out: plain data, which the writers write down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, TypeAlias, final

from adamref.render import Result

Verdict: TypeAlias = Literal["holds", "deviates", "not-judged"]


@final
@dataclass(frozen=True)
class ReplayedLine:
    """A line of the rule at the first element that is off.

    Attributes
    ----------
    field, text : str
        Its name, and the formula.
    right : str
        What it gives there.
    stored : str or None
        What is stored; None for what no checkpoint holds.
    """

    field: str
    text: str
    right: str
    stored: str | None


@final
@dataclass(frozen=True)
class FirstOff:
    """The first element of a tensor that no right step explains.

    Attributes
    ----------
    index : tuple of int
        Its place.
    field : str
        theta, or a state.
    got, low, high : str
        What is stored, and between what it should be: shortest decimals.
    lines : tuple of ReplayedLine
        The step there, line by line.
    """

    index: tuple[int, ...]
    field: str
    got: str
    low: str
    high: str
    lines: tuple[ReplayedLine, ...] = ()


@final
@dataclass(frozen=True)
class ReplayCause:
    """Why a tensor deviates.

    Attributes
    ----------
    says : str
        A sentence.
    faults : tuple of str
        Those of the catalogue, by id.
    hyper : mapping of str to (str, str)
        Where one other number accounts for everything: what is written, and what was used.
    confirmed : bool
        Whether every element of the sample is as it says.
    """

    says: str
    faults: tuple[str, ...] = ()
    hyper: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    confirmed: bool = False


@final
@dataclass(frozen=True)
class TensorVerdict:
    """A tensor.

    Attributes
    ----------
    name : str
    shape : tuple of int
    dtype : str
        Of theta, or of its master copy, where there is one.
    verdict : {"holds", "deviates", "not-judged"}
    elements, off : int
        How many there are, and how many of them no right step explains.
    max_over_bound : float or None
        The greatest error as a share of what is allowed; None where nothing was judged.
    histogram : tuple of int
        How many elements have their greatest error in each tenth of the bound; the last is of those
        beyond it.
    first : FirstOff or None
    diagnosis : tuple of ReplayCause
    because : str
        Why it was not judged.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    verdict: Verdict
    elements: int
    off: int = 0
    max_over_bound: float | None = None
    histogram: tuple[int, ...] = ()
    first: FirstOff | None = None
    diagnosis: tuple[ReplayCause, ...] = ()
    because: str = ""


@final
@dataclass(frozen=True)
class InferredRange:
    """What a hyperparameter may have been: no element is off between these.

    Attributes
    ----------
    name : str
        As frameworks call it: lr, beta1, ….
    low, high : str
        Shortest decimals.
    used : str
        The number in between that the step was judged with.
    """

    name: str
    low: str
    high: str
    used: str


@final
@dataclass(frozen=True)
class GroupVerdict:
    """Parameters that are updated alike.

    Attributes
    ----------
    name, optimizer : str
    dialect : mapping of str to str
        The nearest.
    hyper : mapping of str to float
        With which it was judged, as frameworks call them.
    source : mapping of str to str
        Where each is from: ``"given"``, ``"checkpoint"``, ``"inferred"``.
    verdict : {"holds", "deviates", "not-judged"}
    tensors : tuple of TensorVerdict
    inferred : tuple of InferredRange
    """

    name: str
    optimizer: str
    dialect: Mapping[str, str]
    hyper: Mapping[str, float]
    source: Mapping[str, str]
    verdict: Verdict
    tensors: tuple[TensorVerdict, ...]
    inferred: tuple[InferredRange, ...] = ()


@final
@dataclass(frozen=True)
class ReplayFinding:
    """Something about the checkpoints that is in no element.

    Attributes
    ----------
    id : str
    severity : {"note", "deviation"}
    says : str
    """

    id: str
    severity: Literal["note", "deviation"]
    says: str


@final
@dataclass(frozen=True, repr=False)
class Replay(Result):
    """What a step between two checkpoints, or a state in one, turned out to be.

    Attributes
    ----------
    before, after : str
        Their paths; after is empty where there is one alone.
    steps : int
        How many are between them; 0 where there is one alone.
    groups : tuple of GroupVerdict
    findings : tuple of ReplayFinding
    unread : tuple of (str, str)
        What was not judged, and why.
    """

    kind: ClassVar[str] = "replay"

    before: str
    after: str
    steps: int
    groups: tuple[GroupVerdict, ...]
    findings: tuple[ReplayFinding, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Deviates if anything does, not-judged if nothing was judged."""
        verdicts = {group.verdict for group in self.groups}
        if "deviates" in verdicts or any(x.severity == "deviation" for x in self.findings):
            return "deviates"
        return "holds" if "holds" in verdicts else "not-judged"

    @property
    def inferred(self) -> dict[str, tuple[str, str]]:
        """What numbers may have been; under the name of their group, if there are several."""
        several = len(self.groups) > 1
        return {
            f"{group.name}: {x.name}" if several else x.name: (x.low, x.high)
            for group in self.groups
            for x in group.inferred
        }

    @property
    def exit_code(self) -> int:
        """0 where it holds, 1 where it deviates, 2 where nothing could be judged."""
        return {"holds": 0, "deviates": 1, "not-judged": 2}[self.verdict]

    def __repr__(self) -> str:
        tensors = [x for group in self.groups for x in group.tensors]
        off = sum(x.verdict == "deviates" for x in tensors)
        return f"<Replay of {len(tensors)} tensors: {self.verdict}, {off} of them deviate>"
