"""What a check finds out: plain data, which the reports write down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adamref.oracle.sessions.session import Severity

Verdict: TypeAlias = Literal["conforms", "deviates", "error"]
Outcome: TypeAlias = Literal["holds", "differs", "limit", "not-applicable", "error"]


@final
@dataclass(frozen=True)
class Finding:
    """Something worth saying.

    Attributes
    ----------
    id : str
        A name that never changes.
    probe : str or None
        Where it was seen; None: everywhere, or nowhere in particular.
    severity : {"note", "limit", "deviation", "error"}
    says : str
        A sentence.
    """

    id: str
    probe: str | None
    severity: Severity
    says: str


@final
@dataclass(frozen=True)
class Line:
    """A line of the rule, worked at one element: for the first difference.

    Attributes
    ----------
    field : str
    symbols, latex : str
        The line in Unicode and in LaTeX.
    right : str
        The right number: the exact one, rounded once to the dtype, as the shortest decimal.
    theirs : str or None
        What the implementation has there; None where it does not show it.
    """

    field: str
    symbols: str
    latex: str
    right: str
    theirs: str | None


@final
@dataclass(frozen=True)
class Difference:
    """The first value of a probe outside its bound.

    Numbers are shortest decimals that give the float back.

    Attributes
    ----------
    t : int
        The step that was taken.
    tensor, index : int
        Which tensor, and which of its elements (flat), from 0.
    field : str
        theta, m, v, v_max, u or t.
    got, want, bound : str
        The implementation's, the right value rounded once, and how far got may be from it.
    lines : tuple of Line
        The step worked line by line.
    snippet : str
        Python that reproduces the right value: to paste.
    """

    t: int
    tensor: int
    index: int
    field: str
    got: str
    want: str
    bound: str
    lines: tuple[Line, ...] = ()
    snippet: str = ""

    def __str__(self) -> str:
        where = f"{self.field}[t={self.t}, i={self.index}]"
        if self.tensor:
            where = f"{self.field}[t={self.t}, tensor={self.tensor}, i={self.index}]"
        return f"{where} = {self.got}, but should be {self.want} (bound {self.bound})"


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
    first_difference : Difference or None
    """

    name: str
    kind: Literal["core", "edge"]
    verdict: Outcome
    says: str
    because: str = ""
    first_difference: Difference | None = None


@final
@dataclass(frozen=True)
class Accuracy:
    """The errors of a field over all core steps, each from the implementation's own state.

    Attributes
    ----------
    max_ulp, mean_ulp : float
        In ulps of the exact value: of theta the ulp of the larger of before and after, of m that
        of ``|beta1 m| + |(1 - beta1) g|`` (cancellation takes errors along), of v its own.
    correctly_rounded : float
        The share of values that are the exact number rounded once.
    max_over_bound : float
        The greatest error as a share of its bound: at most 1 where it conforms.
    count : int
        How many values.
    """

    max_ulp: float
    mean_ulp: float
    correctly_rounded: float
    max_over_bound: float
    count: int


@final
@dataclass(frozen=True)
class Point:
    """An error for the plots: at step t, for a gradient g, in ulps and as a share of its bound."""

    field: str
    t: int
    g: float
    ulp: float
    over_bound: float


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
        How each shows, and where it was seen.
    explains : tuple of str
        The probes that it accounts for.
    equivalent : tuple of tuple of str
        Other sets that no probe separates from it.
    confirmed : bool
        Whether exact arithmetic confirmed it.
    """

    faults: tuple[str, ...]
    says: tuple[str, ...]
    effects: tuple[str, ...]
    sources: tuple[str, ...]
    explains: tuple[str, ...]
    equivalent: tuple[tuple[str, ...], ...] = ()
    confirmed: bool = False


@final
@dataclass(frozen=True)
class Report:
    """What a check found.

    Attributes
    ----------
    target : str
        As it was given.
    isolated : bool
        Whether it ran in a process of its own.
    dtype, optimizer : str
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
    points : tuple of Point
        For the plots.
    strict : bool
        Whether limits fail too.
    adapter : str
        By which it was reached.
    seconds : float
        How long it took.
    """

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
    points: tuple[Point, ...] = ()
    strict: bool = False
    adapter: str = ""
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """0 conforms, 1 deviates (or, strictly, has limits), 3 could not be judged."""
        if self.verdict == "error":
            return 3
        limits = any(finding.severity == "limit" for finding in self.findings)
        return 1 if self.verdict == "deviates" or (self.strict and limits) else 0

    def to_json(self) -> dict[str, Any]:
        """Return the document of ``adamref check --format json``."""
        from adamref.oracle.reports.report_json import as_json

        return as_json(self)

    def to_html(self) -> str:
        """Return a self-contained HTML page."""
        from adamref.oracle.reports.report_html import as_html

        return as_html(self)

    def __str__(self) -> str:
        from adamref.oracle.reports.report_text import as_plain_text

        return as_plain_text(self)

    def _repr_html_(self) -> str:
        return self.to_html()
