"""What a document is laid out into: regions that may be mathematics, and what stands between."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from adamref.documents.repair import Repair
    from adamref.documents.subjects import Heading, Subject
    from adamref.expressions.nodes import Name
    from adamref.expressions.token import Token


@final
@dataclass(frozen=True)
class Placed:
    """A token and where it stands in the document."""

    token: Token
    line: int
    column: int


@final
@dataclass(frozen=True)
class Region:
    """A run of tokens that may be a chain.

    Attributes
    ----------
    tokens : tuple of Placed
    phrase : Name or None
        The quantity named by the words just before.
    display : bool
        Whether it stands in display mathematics.
    code : bool
        Whether it stands in a code block.
    paragraph : int
        Which paragraph it belongs to.
    parameter : str
        The parameter a table column is about, or empty.
    time : int or None
        The step a table row is about.
    leading : bool
        Whether nothing but markup stands before it in its line or row.
    broken : str
        What cut it off in the middle of an expression, if something did.
    unit : str
        The word at once behind it: "56 GB".
    method : str
        The method that a column of a table is about, where several have one quantity.
    """

    tokens: tuple[Placed, ...]
    phrase: Name | None
    display: bool
    code: bool
    paragraph: int
    parameter: str = ""
    time: int | None = None
    leading: bool = False
    broken: str = ""
    unit: str = ""
    method: str = ""


@final
@dataclass(frozen=True)
class Marker:
    """A line that says which step begins."""

    line: int
    t: int


@final
@dataclass(frozen=True)
class ProblemLine:
    """A line that begins a problem, or goes on with one; without a label it ends them all."""

    line: int
    label: str


@final
@dataclass(frozen=True)
class Component:
    """A line that says which of several parameters comes next: "For θ1:"."""

    line: int
    index: str


@final
@dataclass(frozen=True)
class Anew:
    """The place where an example of its own begins, in the reading of a document that has one.

    Attributes
    ----------
    line : int
    level : int
        That of the heading it stands below.
    alone : bool
        Whether only what stood before the first section of that level still holds.
    """

    line: int
    level: int
    alone: bool = False


@final
@dataclass(frozen=True)
class UnreadLine:
    """A line that cannot be cut into tokens, or is too long to try."""

    line: int
    quote: str
    because: str


@final
@dataclass
class Layout:
    """Everything found in a document, in order."""

    events: list[Region | Marker | ProblemLine | Heading | Component | UnreadLine] = field(
        default_factory=list
    )
    repairs: list[Repair] = field(default_factory=list)


@final
@dataclass
class State:
    """What is open while lines pass.

    ``held`` is a line with a list that the next one goes on, ``dollars`` says that ``$$`` is open,
    ``counted`` that steps stand in round brackets.
    """

    kind: str = "text"
    code: bool = False
    display: bool = False
    dollars: bool = False
    paragraph: int = 0
    pending: list[Placed] = field(default_factory=list)
    pending_display: bool = False
    phrase: Name | None = None
    leading: bool = False
    table: list[tuple[int, str]] = field(default_factory=list)
    mark: str | None = None
    width: int = 0
    begins: bool = True
    run_in: Subject | None = None
    held: list[Placed] = field(default_factory=list)
    counted: bool = False
