"""One reading of one document: what has been found so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, final

from adamref.documents.claims import Claim
from adamref.documents.clock import Clock
from adamref.documents.dialects import dialects, differing, rates
from adamref.documents.spans import Printed, Span, printed
from adamref.documents.statements import Part, Variant, WrittenChain, quoted
from adamref.documents.world import Key, World
from adamref.expressions.effort import spend
from adamref.expressions.nodes import Name, names

if TYPE_CHECKING:
    from adamref.documents.habits import Finer, Shown
    from adamref.documents.links import CheckedChain
    from adamref.documents.repair import Repair
    from adamref.documents.roles import Meaning, Notation
    from adamref.documents.source import Source
    from adamref.expressions.effort import Effort
    from adamref.rules.optimizer import Optimizer
    from adamref.rules.rule import Rule


@final
@dataclass(frozen=True)
class Given:
    """A hyperparameter or starting value that the document states."""

    value: str
    line: int
    where: str = ""


@final
@dataclass(frozen=True)
class Worked:
    """A chain that gives something a value, with its relations checked.

    Attributes
    ----------
    statement : WrittenChain
    variant : Variant
        The reading of it that was chosen.
    checked : CheckedChain
    rest : sequence of Part
        Its parts without the names on the left.
    """

    statement: WrittenChain
    variant: Variant
    checked: CheckedChain
    rest: Sequence[Part]

    @property
    def last(self) -> Part:
        """The last part, which carries the claimed number."""
        return self.rest[-1]

    @property
    def number(self) -> Printed | None:
        """The claimed number, where the chain ends in one."""
        relations = self.variant.relations
        return printed(self.last.node, relations[-1] if relations else "=")

    @property
    def bare(self) -> bool:
        """Whether nothing stands between the name and the number."""
        return len(self.rest) == 1

    @property
    def is_arithmetic(self) -> bool:
        """Whether no symbol stands in it."""
        return not any(names(part.node) for part in self.rest)


@final
@dataclass
class Case:
    """What one reading of a document has found.

    Attributes
    ----------
    source : Source
    notation : Notation
        How its names are read.
    optimizer : Optimizer
        What it is judged by, in all its dialects.
    defaults_meant : bool
        Whether the document says that it uses the usual hyperparameters.
    causes : Effort or None
        What is spent on looking for the causes of wrong numbers; nobody looks without it.
    corrects : bool
        Whether it speaks of corrected moments anywhere.
    claims : list of Claim
    given : dict of str to Given
    repairs : list of Repair
    forms : dict of str to int
        The dialects in which it writes the update, and where first.
    auxiliary : dict of str to tuple of Span
        What names that are no field and no hyperparameter stand for: what is printed, and the
        values behind it.
    hedged : set of str
        Hyperparameters that were stated as typical only.
    constant : dict of str to Span
        For each parameter the gradient stated last without a step: it may hold for all of them.
    inherited, inherited_start : set of str
        The parameters whose gradient, or start, is that of an example before this one.
    starts_after : int
        The step whose state the document gives without working it; usually 0.
    shown : list of Shown
        The numbers that were judged right, with what they may have been rounded from.
    missed : list of Shown
        Those that were judged wrong.
    gradients : dict of key to Printed
        The gradients that are given as numbers.
    behind : mapping of key to Fraction
        What they were before they were rounded, where that is known.
    finer : mapping of place to Printed
        The numbers that lost more digits than the author's habit accounts for, or were cut off, and
        as what they would have to be right.
    took : int
        How many operations it took to judge it.
    used : list of (str, key)
        The dialects in which numbers were found to be right, and which.
    barred : frozenset of str
        Dialects that other steps of the document refuse.
    truncates : bool
        Whether its author always cuts digits off.
    folded : Rule or None
        The dialect by which it makes a step size of its own for each step, alpha_t.
    """

    source: Source
    notation: Notation
    optimizer: Optimizer
    defaults_meant: bool
    causes: Effort | None = None
    corrects: bool = False
    claims: list[Claim] = field(default_factory=list)
    given: dict[str, Given] = field(default_factory=dict)
    repairs: list[Repair] = field(default_factory=list)
    forms: dict[str, int] = field(default_factory=dict)
    auxiliary: dict[str, tuple[Span, ...]] = field(default_factory=dict)
    hedged: set[str] = field(default_factory=set)
    constant: dict[str, Span] = field(default_factory=dict)
    inherited: set[str] = field(default_factory=set)
    inherited_start: set[str] = field(default_factory=set)
    starts_after: int = 0
    left_behind: int = 0
    shown: list[Shown] = field(default_factory=list)
    missed: list[Shown] = field(default_factory=list)
    gradients: dict[Key, Printed] = field(default_factory=dict)
    behind: Mapping[Key, Fraction] = field(default_factory=dict)
    finer: Finer = field(default_factory=dict)
    took: int = 0
    used: list[tuple[str, Key]] = field(default_factory=list)
    barred: frozenset[str] = frozenset()
    truncates: bool = False
    folded: Rule | None = None
    world: World = field(init=False)
    clock: Clock = field(init=False)
    _exact: tuple[int, frozenset[Fraction]] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        hypers = {name: Fraction(value) for name, value in self.rule.defaults.items()}
        self.world = World(self.rule, hypers)
        self.clock = Clock(self.notation)

    @property
    def rule(self) -> Rule:
        """What it is judged by."""
        return self.notation.rule

    @property
    def no_rule(self) -> str:
        """Why nothing in it can be judged: it is about an optimizer without a rule here."""
        unknown = not self.rule.lines
        return f"it is about {self.optimizer.title}, for which there is no rule" * unknown

    @property
    def wrong(self) -> int:
        """How many claims are wrong."""
        return sum(claim.is_wrong for claim in self.claims)

    @property
    def values(self) -> int:
        """How many claims are about a field's value and were judged."""
        return sum(c.kind == "value" and c.verdict != "unread" for c in self.claims)

    @property
    def read(self) -> int:
        """How much was read: values that were judged, and what was taken as given."""
        return self.values + len(self.given) + len(self.world.given) + self.left_behind

    @property
    def right(self) -> int:
        """How many of those hold."""
        right = ("holds", "dialect")
        return sum(c.kind in ("value", "formula") and c.verdict in right for c in self.claims)

    @property
    def misfit(self) -> tuple[int, int, int]:
        """How badly the optimizer fits: fields that it does not have, and what is wrong by it."""
        strange = sum(c.field is not None and c.field not in self.rule.fields for c in self.claims)
        return strange, self.wrong, -self.right

    def beats(self, other: Case) -> bool:
        """Say whether this reading does an author better justice than another.

        It must read no less and leave fewer mistakes: a reading that only loses claims, or trades
        one mistake for another, is not what the author meant.
        """
        no_less = self.values >= other.values or self.read >= other.read
        return self.wrong < other.wrong and self.right > other.right and no_less

    def late_givens(self) -> dict[str, Given]:
        """List what was given only below the first claim, as under a table."""
        first = self.claims[0].line if self.claims else 0
        known = (*self.rule.defaults, "theta")
        return {n: g for n, g in self.given.items() if n in known and g.line > first}

    def begin_with(self, givens: Mapping[str, Given]) -> None:
        """Take givens that stand further down for granted from the start."""
        for name, given in givens.items():
            self.given[name] = given
            if name == "theta":
                self.world.start["theta", ""] = Fraction(given.value)
            else:
                self.world.hypers[name] = Fraction(given.value)

    def truth(self, name: str, parameter: str, t: int) -> Span | None:
        """Return what follows from the givens, by the one dialect in which the update is written.

        By the usual one where it is written in none, or in several.
        """
        own = dialects(self.optimizer).get(next(iter(self.forms), ""))
        if len(self.forms) != 1 or own is None or not differing(self.rule, own, name):
            return self.world.truth(name, parameter, t)
        return self.world.anew(own).truth(name, parameter, t)

    def track(self, name: Name) -> str | None:
        """Return which parameter a name is; None if it is none."""
        meaning = self.notation.meaning(name)
        is_parameter = meaning.kind == "field" and meaning.name == "theta"
        return meaning.parameter if is_parameter else None

    def quote(self, line: int) -> str:
        """Quote a line of the document as it stands."""
        return quoted(self.source, line)

    def exact_numbers(self) -> frozenset[Fraction]:
        """List the numbers that are givens, which nobody rounded."""
        if self._exact is not None and self._exact[0] == self.world.changes:
            return self._exact[1]
        hypers = self.world.hypers
        exact = set(hypers.values()) | {1 - hypers[rate] for rate in rates(self.rule)}
        exact |= {abs(x) for x in self.world.start.values()}
        given = self.world.given.values()
        spend(1 + len(given) // 8)
        found = frozenset(exact | {abs(span.low) for span in given if span.is_point})
        self._exact = self.world.changes, found
        return found

    def claim(self, part: Part, kind: str, verdict: str, because: str, **more: Any) -> None:
        """Note a claim, judged; ``more`` are further attributes of it."""
        more = {"optimizer": self.optimizer.name, **more}
        key = ("g", str(more.get("parameter", "")), int(more.get("t") or 0))
        # In this reading the number may not be that gradient.
        if key in self.behind.keys() & self.gradients.keys() and verdict != "wrong":
            because += f", for a gradient that was rounded to {self.gradients[key].text}"
        made = Claim(part.line, part.column, self.quote(part.line), kind, verdict, because, **more)
        self.claims.append(made)

    def unread(self, part: Part, meaning: Meaning, because: str, *, kind: str, code: bool) -> None:
        """List something that looks like mathematics about a step and was not understood."""
        about = meaning.name if meaning.kind == "field" else None
        self.claim(part, "code" if code else kind, "unread", because, field=about)

    def noted(self, shown: Shown, *, wrong: bool) -> None:
        """Note a number that was judged."""
        (self.missed if wrong else self.shown).append(shown)

    def arithmetic_of(self, worked: Worked) -> None:
        """Judge the relations of a chain of numbers whose field nothing leads to."""
        if self.rule.lines and worked.checked.links and worked.is_arithmetic:
            self.arithmetic(worked.variant, worked.checked)

    def arithmetic(self, variant: Variant, checked: CheckedChain) -> None:
        """Judge a chain that is about no field: only its relations."""
        last = variant.parts[-1]
        number = printed(last.node, variant.relations[-1])
        if number is None or checked.first is None:
            return
        expected, holds = checked.first.text(), checked.all_hold
        self.claim(
            last,
            "arithmetic",
            "holds" if holds else "wrong",
            "every relation in it holds" if holds else f"the left side is {expected}",
            claimed=number.text,
            expected=expected,
            links=checked.links,
        )
