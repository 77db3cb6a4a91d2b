"""What a check finds out: plain data, which the reports write down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias, final

from adamref.errors import OutOfDomain, UnknownName
from adamref.oracle.report.coverage import Coverage
from adamref.render import Result

if TYPE_CHECKING:
    from adamref.oracle.judge.results import Accuracy, ErrorPoint, FirstDifference
    from adamref.oracle.observe.finding import Finding, Outcome
    from adamref.picture import Picture

Verdict: TypeAlias = Literal["conforms", "deviates", "error"]

AXES = ("form", "bias_correction", "moments", "weight_decay", "amsgrad", "hyper")
"""The axes that a report always has, as its schema says, with None where one was not told apart."""

SWITCHES = frozenset({"bias_correction"})
"""Axes that a report gives as true and false, as its schema says."""

UNNAMED = "line-"
"""What the id of something begins with that was solved for and has no name."""

FIELDS = ("theta", "m", "v", "first_step")
"""The rows of the accuracy that a report always has, with None where a field is not visible."""


@final
@dataclass(frozen=True)
class ProbeResult:
    """What became of a probe.

    Attributes
    ----------
    name : str
    kind : {"core", "edge"}
    verdict : {"holds", "differs", "limit", "not-applicable", "error"}
    says : str
        Why the probe is there.
    because : str
        Why it does not apply, or what went wrong; empty where it holds.
    first_difference : FirstDifference or None
    """

    name: str
    kind: Literal["core", "edge"]
    verdict: Outcome
    says: str
    because: str = ""
    first_difference: FirstDifference | None = None


@final
@dataclass(frozen=True)
class Explained:
    """A set of faults that explains what was observed.

    Attributes
    ----------
    faults : tuple of str
        Ids; the smallest set.
    says : tuple of str
        What each does, as a sentence.
    effects, sources : tuple of str
        How each shows, and where it was seen or else what it contradicts.
    explains : tuple of str
        The probes that it accounts for.
    equivalent : tuple of tuple of str
        Other sets that no probe separates from it.
    confirmed : bool
        Whether exact arithmetic confirmed it.
    seen_in, contradicts : tuple of str
        Where each was seen, empty for one that was not yet; and what each contradicts.
    line : tuple of str
        The fields whose lines are wrong by it; empty where they are not shown, or not told apart.
    where : str
        The condition that parts its rows from the right ones; empty: everywhere.
    formula : str
        What these lines are there.
    change : str
        What of it is another.
    counts : mapping of str to int
        ``wrong``: the values of these lines that are wrong; ``explained``: how many of them the
        formula gives; ``right``: how many are right outside the condition.
    """

    faults: tuple[str, ...]
    says: tuple[str, ...]
    effects: tuple[str, ...]
    sources: tuple[str, ...]
    explains: tuple[str, ...]
    equivalent: tuple[tuple[str, ...], ...] = ()
    confirmed: bool = False
    seen_in: tuple[str, ...] = ()
    contradicts: tuple[str, ...] = ()
    line: tuple[str, ...] = ()
    where: str = ""
    formula: str = ""
    change: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_named(self) -> bool:
        """Whether it has a name, and is not only solved for."""
        return not self.faults[0].startswith(UNNAMED)


@final
@dataclass(frozen=True, repr=False)
class Report(Result):
    """What a check found.

    Attributes
    ----------
    target : str
        As it was given.
    isolated : bool
        Whether it ran in a process of its own.
    dtype, optimizer : str
    because : str
        Why it was judged as that optimizer; empty where it was asked for.
    verdict : {"conforms", "deviates", "error"}
    dialect : mapping
        form, bias_correction, moments, weight_decay, amsgrad, hyper, storage, compute.
    accuracy : mapping of str to Accuracy or None
        theta, m, v, v_max, first_step; None where a field is not visible.
    probes : tuple of ProbeResult
    findings : tuple of Finding
    diagnosis : tuple of Explained
        Empty where nothing deviates, or nothing explains it.
    tried : mapping of str to int
        ``hypotheses``: how many were compared with what was observed.
    environment : mapping of str to str
        Versions.
    points : tuple of ErrorPoint
        For the plots.
    strict : bool
        Whether limits fail too.
    adapter : str
        By which it was reached.
    seconds : float
        How long it took.
    coverage : Coverage
        What was judged, and how far that went.
    verbose : bool
        Whether the text is to list every probe.
    """

    kind: ClassVar[str] = "check"
    target: str
    isolated: bool
    dtype: str
    optimizer: str
    verdict: Verdict
    dialect: Mapping[str, Any]
    accuracy: Mapping[str, Accuracy | None]
    probes: tuple[ProbeResult, ...]
    findings: tuple[Finding, ...]
    diagnosis: tuple[Explained, ...]
    tried: Mapping[str, int]
    environment: Mapping[str, str] = field(default_factory=dict)
    points: tuple[ErrorPoint, ...] = ()
    strict: bool = False
    adapter: str = ""
    seconds: float = 0.0
    because: str = ""
    coverage: Coverage = field(default_factory=Coverage)
    verbose: bool = False

    @property
    def exit_code(self) -> int:
        """0 conforms, 1 deviates (or, strictly, has limits), 3 could not be judged."""
        if self.verdict == "error":
            return 3
        limits = any(finding.severity == "limit" for finding in self.findings)
        return 1 if self.verdict == "deviates" or (self.strict and limits) else 0

    def plot(self, against: str = "t") -> Picture:
        """Draw the errors in ulps, a mark for each field.

        Parameters
        ----------
        against : {"t", "g"}
            The step, or the size of the gradient.

        Raises
        ------
        UnknownName
            If it is none of these.
        OutOfDomain
            If nothing was measured.
        MissingPackage
            If matplotlib is not installed.
        """
        from adamref.picture import scattered

        says = {"t": "t", "g": "|g|"}
        if against not in says:
            raise UnknownName("axis of a plot", against, tuple(says))
        if not self.points:
            raise OutOfDomain("points", 0, "one at least, to be drawn")
        pairs: dict[str, list[tuple[float, float]]] = {}
        for one in self.points:
            pairs.setdefault(one.field, []).append((abs(float(getattr(one, against))), one.ulp))
        title = f"{self.target} in {self.dtype}, {self.verdict}"
        return scattered(pairs, says[against], "error in ulps", title)

    def __repr__(self) -> str:
        about = f"{self.optimizer}, {self.dtype}"
        faults = " + ".join(self.diagnosis[0].faults) if self.diagnosis else ""
        likely = f"; looks like {faults}" if faults else ""
        return f"<Report {self.target}: {self.verdict} ({about}){likely}>"


def all_accuracy(accuracy: Mapping[str, Accuracy | None]) -> dict[str, Accuracy | None]:
    """Return the rows of the accuracy with those that were not measured."""
    return {**dict.fromkeys(FIELDS), **accuracy}
