"""Judging a document under one reading of its notation.

Statements are taken in order. Givens fill the world; a chain on a field becomes a claim, judged
against the field's right value; a chain on nothing known is arithmetic and checked as such; a
formula is recognised as a line of the rule; and what looks like mathematics about a step but is not
understood is listed as unread.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, final

from adamref.documents.causes import explain
from adamref.documents.claims import Claim
from adamref.documents.clock import Clock
from adamref.documents.formulas import DIALECTS, recognise
from adamref.documents.layout import Marker, Section
from adamref.documents.links import Checked, Scope, check_links
from adamref.documents.repair import Repair
from adamref.documents.roles import Meaning
from adamref.documents.spans import Printed, Span, point, printed
from adamref.documents.statements import Garbled, Statement, left_names, quoted
from adamref.documents.world import World, gradient_from
from adamref.errors import AdamrefError
from adamref.expressions.nodes import Binary, Name, Negative, Node, Number, names, walk
from adamref.rules.hyper import HYPERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.documents.roles import Notation
    from adamref.documents.source import Source
    from adamref.documents.statements import Event, Part, Variant

PUBLISHED = {"alpha": "0.001", "beta1": "0.9", "beta2": "0.999", "eps": "1e-8"}
_LATE = ("delta", "theta")


@final
@dataclass(frozen=True)
class Given:
    """A hyperparameter or starting value that the document states."""

    value: str
    line: int


@final
@dataclass
class Judged:
    """The outcome of one reading."""

    claims: list[Claim] = field(default_factory=list)
    given: dict[str, Given] = field(default_factory=dict)
    repairs: list[Repair] = field(default_factory=list)
    world: World | None = None
    forms: dict[str, int] = field(default_factory=dict)

    @property
    def wrong(self) -> int:
        """How many claims are wrong."""
        return sum(claim.is_wrong for claim in self.claims)

    @property
    def values(self) -> int:
        """How many claims are about a field's value and were judged."""
        return sum(c.kind == "value" and c.verdict != "unread" for c in self.claims)

    @property
    def right(self) -> int:
        """How many of those hold."""
        return sum(c.kind == "value" and c.verdict == "holds" for c in self.claims)

    def beats(self, other: Judged) -> bool:
        """Say whether this reading does an author better justice than another.

        It must read no less and leave fewer mistakes: a reading that only loses claims, or trades
        one mistake for another, is not what the author meant.
        """
        return (
            self.wrong < other.wrong and self.right > other.right and self.values >= other.values
        )


@final
class Judge:
    """Works through the statements of a document once.

    Parameters
    ----------
    source : Source
    notation : Notation
        How to read its names.
    defaults_meant : bool
        Whether the document says that it uses the published defaults.
    """

    def __init__(self, source: Source, notation: Notation, *, defaults_meant: bool) -> None:
        self._source = source
        self._notation = notation
        self._defaults_meant = defaults_meant
        self._result = Judged()
        self._clock = Clock(notation)
        self._auxiliary: dict[str, Span] = {}
        self._pending: tuple[Meaning, int] | None = None
        self._corrects = False
        self._elsewhere = False
        hypers = {name: Fraction(value) for name, value in PUBLISHED.items()}
        self._world = World(DIALECTS["paper"], hypers)

    def judge(self, events: Sequence[Event]) -> Judged:
        """Judge every statement."""
        self._corrects = _corrects_bias(events, self._notation)
        other = _other_sections(events, self._notation)
        for at, event in enumerate(events):
            self._elsewhere = any(start <= at < end for start, end in other.items())
            if isinstance(event, Marker):
                if self._notation.markers:
                    self._clock.mark(event.t)
            elif isinstance(event, Section):
                continue
            elif isinstance(event, Garbled):
                self._garbled(event)
            else:
                self._statement(event)
        self._result.world = self._world
        return self._result

    # -- statements ------------------------------------------------------------------------------

    def _statement(self, statement: Statement) -> None:
        if statement.time is not None:
            self._clock.mark(statement.time)
        variant, checked = self._best_variant(statement)
        self._note_repairs(variant)
        parts = variant.parts
        lefts = left_names(parts)
        if not lefts:
            self._nameless(statement, variant, checked)
            return
        meanings = [self._meaning(name, statement) for name in lefts]
        rest = parts[len(lefts) :]
        if not rest:
            return
        main = next((m for m in meanings if m.kind == "field"), meanings[0])
        name = lefts[meanings.index(main)]
        number = printed(rest[-1].node, variant.relations[-1])
        if main.kind == "hyper":
            self._hyper(main.name, rest[-1], checked, variant)
        elif main.kind == "time":
            if number is not None and number.value.denominator == 1 and number.value >= 0:
                self._clock.mark(int(number.value))
        elif main.kind == "other":
            self._auxiliary_value(name, variant, checked)
        elif self._elsewhere:
            self._arithmetic(variant, checked)
        elif number is not None and all(m.kind == "field" for m in meanings):
            # "v = s = 0" gives two fields a value; "g = dL/dw = …" names one of them twice.
            for one in _distinct_fields(meanings):
                self._field(one, statement, variant, checked, rest, name)
        else:
            self._field(main, statement, variant, checked, rest, name)

    def _best_variant(self, statement: Statement) -> tuple[Variant, Checked]:
        """Read a chain as written, unless only a mended reading makes it hold."""
        tried = [
            (v, check_links(v, self._scope(v, statement), self._source))
            for v in statement.variants
        ]
        for variant, checked in tried:
            if checked.links and checked.all_hold:
                return variant, checked
        for variant, checked in tried:
            if self._mends_epsilon(variant):
                return variant, checked
        return tried[0]

    def _mends_epsilon(self, variant: Variant) -> bool:
        """Recognise a flattened ``epsilon = 10-8``."""
        lefts = left_names(variant.parts)
        return bool(
            variant.repairs
            and lefts
            and self._notation.meaning(lefts[0]).name == "eps"
            and printed(variant.parts[-1].node) is not None
        )

    def _note_repairs(self, variant: Variant) -> None:
        self._result.repairs.extend(variant.repairs)

    def _meaning(self, name: Name, statement: Statement) -> Meaning:
        meaning = self._notation.meaning(name)
        if statement.parameter and meaning.kind == "field" and self._notation.several:
            track = statement.parameter if statement.parameter in ("w", "b") else ""
            meaning = replace(meaning, parameter=meaning.parameter or track)
        return meaning

    # -- givens ----------------------------------------------------------------------------------

    def _hyper(self, name: str, last: Part, checked: Checked, variant: Variant) -> None:
        if name == "weight_decay" or name not in PUBLISHED:
            return
        span = checked.value_of_last
        if span is None or not span.is_point:
            return
        try:
            value = HYPERS[name].read(span.low)
        except AdamrefError:
            return
        if name in ("beta1", "beta2") and value == 0:
            return
        number = printed(last.node)
        text = number.text if number is not None else span.text()
        if name not in self._result.given or not self._result.claims:
            self._result.given[name] = Given(text, last.line)
            self._world.hypers[name] = value
            self._world.changed()
        if checked.links:
            self._arithmetic(variant, checked)

    def _auxiliary_value(self, name: Name, variant: Variant, checked: Checked) -> None:
        if checked.value_of_last is not None:
            self._auxiliary[_aux_key(name)] = checked.value_of_last
            if checked.links:
                self._arithmetic(variant, checked)
            return
        self._objective(name, variant.parts[-1].node)

    def _objective(self, name: Name, tree: Node) -> None:
        """Take a loss in terms of the parameters as the source of gradients."""
        if name.base not in ("L", "J", "f", "E", "C", "Loss", "loss"):
            return
        from adamref.documents.objectives import differentiated

        for parameter in [n for n in names(tree) if self._track(n) is not None]:
            track = str(self._track(parameter))
            derivative = differentiated(tree, parameter)
            if derivative is not None and track not in self._world.gradients:
                self._world.gradients[track] = gradient_from(
                    derivative, self._track, self._auxiliary
                )

    def _track(self, name: Name) -> str | None:
        """Return which parameter a name is; None if it is none."""
        meaning = self._notation.meaning(name)
        is_parameter = meaning.kind == "field" and meaning.name == "theta"
        return meaning.parameter if is_parameter else None

    # -- chains without a name -------------------------------------------------------------------

    def _nameless(self, statement: Statement, variant: Variant, checked: Checked) -> None:
        if not self._elsewhere and checked.links and self._is_step(variant.parts[0].node):
            rest = variant.parts[1:]
            self._field(Meaning("field", "delta", statement.parameter), statement, variant, checked, rest)
            return
        if checked.links:
            self._arithmetic(variant, checked)
            return
        if self._function(variant):
            return
        if len(variant.parts) == 1 and statement.display and self._pending is not None:
            tree = variant.parts[0].node
            if not names(tree) and not isinstance(tree, Number):
                meaning, _ = self._pending
                self._field(meaning, statement, variant, checked, variant.parts)

    def _is_step(self, tree: Node) -> bool:
        """Recognise the step written as an expression: ``α·m̂/(√v̂ + ε) = 0.0991``."""
        step = Name("delta")
        if self._notation.meaning(step).name != "delta":
            return False
        return any(
            recognise(step, node, self._notation) is not None for node in (tree, Negative(tree))
        )

    def _function(self, variant: Variant) -> bool:
        """Recognise ``f(w) = …`` and ``g(w) = …``, a function of the parameter."""
        left = variant.parts[0].node
        if not (isinstance(left, Binary) and left.sign == "juxtaposed"):
            return False
        if not (isinstance(left.left, Name) and isinstance(left.right, Name)):
            return False
        if len(variant.parts) < 2 or self._track(left.right) is None:
            return False
        tree = variant.parts[-1].node
        if left.left.base in ("f", "L", "J", "E", "C"):
            self._objective(left.left, tree)
        return True

    def _arithmetic(self, variant: Variant, checked: Checked) -> None:
        """Judge a chain that is about no field: only its relations."""
        number = printed(variant.parts[-1].node, variant.relations[-1])
        if number is None or checked.first is None:
            return
        holds = checked.all_hold
        last = variant.parts[-1]
        expected = checked.first.text()
        because = "every relation in it holds"
        if not holds:
            because = f"the left side is {expected}"
        self._result.claims.append(
            Claim(
                last.line,
                last.column,
                quoted(self._source, last.line),
                "arithmetic",
                None,
                None,
                number.text,
                expected,
                "holds" if holds else "wrong",
                because,
                checked.links,
            )
        )

    # -- fields ----------------------------------------------------------------------------------

    def _field(
        self,
        meaning: Meaning,
        statement: Statement,
        variant: Variant,
        checked: Checked,
        rest: Sequence[Part],
        name: Name | None = None,
    ) -> None:
        number = printed(rest[-1].node, variant.relations[-1] if variant.relations else "=")
        bare = len(rest) == 1
        if self._is_formula(rest, number):
            self._formula(meaning, name, rest, statement)
            return
        if number is None and checked.value_of_last is None:
            self._unread(rest[-1].line, rest[-1].column, "value", meaning,
                         "it has no value: a symbol in it is not known", statement)
            return
        if bare and number is not None and self._is_given(meaning, number, rest[-1]):
            return
        FieldClaim(self, meaning, variant, checked, rest, number, bare).judge()

    def _is_formula(self, rest: Sequence[Part], number: Printed | None) -> bool:
        if number is not None:
            return False
        last = rest[-1].node
        return bool(names(last)) and not any(
            isinstance(n, Number) and n.unit < 1 for n in walk(last)
        )

    def _formula(
        self, meaning: Meaning, name: Name | None, rest: Sequence[Part], statement: Statement
    ) -> None:
        if name is None:
            return
        if meaning.name == "g":
            tree, track = rest[-1].node, meaning.parameter
            if track not in self._world.gradients and any(
                self._track(n) is not None for n in names(tree)
            ):
                self._world.gradients[track] = gradient_from(tree, self._track, self._auxiliary)
            return
        part = rest[0]
        form = recognise(name, part.node, self._notation)
        self._pending = (replace(meaning), part.line)
        if form is None:
            if _mentions_step(name, rest, self._notation):
                self._unread(part.line, part.column, "formula", meaning,
                             "it is not a form of this line that adamref knows", statement)
            return
        quote = quoted(self._source, part.line)
        verdict = "holds" if form.dialect == "paper" else "dialect"
        because = (
            f"it is the line {form.field} of Algorithm 1"
            if verdict == "holds"
            else f"it is the line {form.field} in the dialect {form.dialect}"
        )
        if form.field == "theta":
            self._result.forms.setdefault(form.dialect, part.line)
        self._result.claims.append(
            Claim(
                part.line, part.column, quote, "formula", form.field, None, None,
                form.dialect, verdict, because,
            )
        )

    def _is_given(self, meaning: Meaning, number: Printed, part: Part) -> bool:
        """Take a bare number as given, where nothing in the document derives it."""
        world, clock = self._world, self._clock
        value = point(number.value)
        track = meaning.parameter
        if meaning.name == "theta":
            if ("theta", track) not in world.start:
                world.start["theta", track] = number.value
                key = "theta" if not track else f"theta.{track}"
                self._result.given[key] = Given(number.text, part.line)
                clock.start(meaning.time)
                return True
            if meaning.time == "0" or (not clock.busy and not meaning.time):
                if world.start["theta", track] != number.value:
                    self._restart(track, number, part)
                return True
            return False
        if meaning.name == "g":
            if track in world.gradients:
                return False
            t = clock.time_of(meaning)
            while world.truth("g", track, t) not in (None, value) and not meaning.time:
                t += 1  # a second gradient without an index is that of the next step
            if world.truth("g", track, t) is not None:
                return world.truth("g", track, t) == value
            world.give("g", track, t, value)
            clock.saw("g", track, t)
            return True
        if meaning.name in ("m", "v") and not clock.busy:
            if meaning.time in ("0", "t-1", "init") or (number.value == 0 and not meaning.time):
                world.start[meaning.name, track] = number.value
                return True
            t = int(meaning.time) if meaning.time.isdigit() else None
            if t is not None and world.truth("g", track, t) is None:
                # A state to start from: m_1 and v_1 are given, step 2 is worked.
                world.first = max(world.first, t + 1)
                world.start[meaning.name, track] = number.value
                self._result.given[f"{meaning.name}_{t}"] = Given(number.text, part.line)
                clock.mark(t + 1)
                return True
        return False

    def _restart(self, track: str, number: Printed, part: Part) -> None:
        """Begin a new worked example."""
        world = self._world
        world.start = {("theta", track): number.value}
        for table in (world.given, world.known, world.authors):
            table.clear()
        world.changed()
        self._clock.restart()
        self._result.given["theta"] = Given(number.text, part.line)

    # -- what could not be read ------------------------------------------------------------------

    def _garbled(self, event: Garbled) -> None:
        about = [self._notation.meaning(n) for n in event.names]
        steps = any(m.kind == "field" and m.name.endswith("_hat") for m in about)
        moments = any(m.kind == "field" and m.name in ("m", "v") and m.time for m in about)
        rates = any(m.kind == "hyper" and m.name.startswith("beta") for m in about)
        if self._result.claims and self._result.claims[-1].line == event.line and (
            self._result.claims[-1].verdict == "unread"
        ):
            return
        if not (event.whole_line or steps or moments or rates):
            return
        field_name = next((m.name for m in about if m.kind == "field"), None)
        self._result.claims.append(
            Claim(
                event.line, 1, event.quote or quoted(self._source, event.line),
                "code" if event.code else "formula", field_name, None, None, None, "unread",
                event.because,
            )
        )

    def _unread(
        self,
        line: int,
        column: int,
        kind: str,
        meaning: Meaning,
        because: str,
        statement: Statement,
    ) -> None:
        self._result.claims.append(
            Claim(
                line, column, quoted(self._source, line), "code" if statement.code else kind,
                meaning.name, None, None, None, "unread", because,
            )
        )

    # -- what the claims need --------------------------------------------------------------------

    def _scope(self, variant: Variant, statement: Statement) -> Scope:
        """Say what the names on the right of a chain stand for, and which numbers are exact."""
        lefts = left_names(variant.parts)
        meanings = [self._meaning(n, statement) for n in lefts]
        main = next((m for m in meanings if m.kind == "field"), None)
        t = self._clock.peek(main) if main is not None else self._clock.now
        return Scope(
            self._notation, self._world, t, main, self._auxiliary, frozenset(self._exact_numbers())
        )

    def _exact_numbers(self) -> set[Fraction]:
        hypers = self._world.hypers
        exact = set(hypers.values()) | {1 - hypers["beta1"], 1 - hypers["beta2"]}
        return exact | {abs(x) for x in self._world.start.values()}


def _distinct_fields(meanings: Sequence[Meaning]) -> list[Meaning]:
    """Keep one meaning a field and parameter: the one that says most about the step."""
    kept: dict[tuple[str, str], Meaning] = {}
    for meaning in meanings:
        key = (meaning.name, meaning.parameter)
        if key not in kept or (meaning.time.isdigit() and not kept[key].time.isdigit()):
            kept[key] = meaning
    return list(kept.values())


def _aux_key(name: Name) -> str:
    return name.base + (f"_{name.index}" if name.index else "")


def _mentions_step(name: Name, rest: Sequence[Part], notation: Notation) -> bool:
    """Say whether a formula that was not recognised speaks of Adam's quantities at all."""
    if name.hat:
        return True
    for part in rest:
        for other in names(part.node):
            meaning = notation.meaning(other)
            if meaning.kind == "hyper" and meaning.name.startswith("beta"):
                return True
            if meaning.kind == "field" and meaning.name.endswith("_hat"):
                return True
    return False


def _corrects_bias(events: Sequence[Event], notation: Notation) -> bool:
    """Say whether a document speaks of corrected moments anywhere."""
    for event in events:
        if isinstance(event, Statement):
            for part in event.parts:
                if any(
                    notation.meaning(n).name in ("m_hat", "v_hat") for n in names(part.node)
                ):
                    return True
    return False


def _other_sections(events: Sequence[Event], notation: Notation) -> dict[int, int]:
    """Find the sections that work another optimizer to its end, updating the parameter.

    Only where another section works Adam; elsewhere a heading such as "momentum part" is about a
    part of Adam. Returns where each begins and ends.
    """
    found = {}
    adam = False
    for start, section in enumerate(events):
        if not isinstance(section, Section) or section.other is None:
            continue
        end = next(
            (i for i in range(start + 1, len(events))
             if isinstance(events[i], Section) and events[i].level <= section.level),  # type: ignore[union-attr]
            len(events),
        )
        updates = any(
            isinstance(e, Statement)
            and (lefts := left_names(e.parts))
            and notation.meaning(lefts[0]).name == "theta"
            for e in events[start:end]
        )
        if section.other and updates:
            found[start] = end
        adam = adam or (not section.other and updates and section.level > 0)
    return found if adam else {}


@final
class FieldClaim:
    """One chain on one field, on its way to a verdict."""

    def __init__(
        self,
        judge: Judge,
        meaning: Meaning,
        variant: Variant,
        checked: Checked,
        rest: Sequence[Part],
        number: Printed | None,
        bare: bool,
    ) -> None:
        self._judge = judge
        self._world: World = judge._world  # noqa: SLF001
        self._clock: Clock = judge._clock  # noqa: SLF001
        self._meaning = meaning
        self._checked = checked
        self._last = rest[-1]
        self._number = number
        self._bare = bare
        self._variant = variant

    def judge(self) -> None:
        """Find the step that is meant, judge the number, and note it."""
        meaning = self._meaning
        times = self._clock.times(meaning, self._world)
        best: tuple[int, str, str] | None = None
        for t in times:
            outcome = self._verdict(t)
            if outcome is None:
                continue
            if best is None or _RANK[outcome[0]] < _RANK[best[1]]:
                best = (t, *outcome)
            if best[1] == "holds":
                break
        if best is None:
            self._underivable(times[0])
            return
        t, verdict, because = best
        if verdict == "wrong" and self._recaps(t):
            return
        if verdict == "wrong" and (name := self._assumed()) is not None:
            verdict, because = "unread", f"{name} is not given, so it cannot be judged"
        self._record(t, verdict, because)

    # -- verdicts --------------------------------------------------------------------------------

    def _verdict(self, t: int) -> tuple[str, str] | None:
        """Return verdict and reason for one step; None if the right value is not known there."""
        name, track = self._meaning.name, self._meaning.parameter
        if name == "g" and track not in self._world.gradients:
            return self._gradient_verdict(t)
        candidates = self._world.candidates(name, track, t)
        if (name, track, t) in self._world.authors:
            candidates = self._fresh(t)
        if not candidates:
            return None
        sound = [c.span for c in candidates if not c.tainted]
        tainted = [c.span for c in candidates if c.tainted]
        if (how := self._fits(sound)) is not None:
            return "holds", how
        if (dialect := self._dialect(t)) is not None:
            return dialect
        if (how := self._fits(tainted)) is not None:
            return "follows", f"it follows from the wrong number before it ({how})"
        return "wrong", self._why_wrong(t)

    def _fresh(self, t: int) -> list:  # type: ignore[type-arg]
        """Work the value again, as if it had not been printed yet."""
        key = (self._meaning.name, self._meaning.parameter, t)
        with self._world.assuming(key, None):
            return self._world.candidates(*key)

    def _fits(self, spans: Sequence[Span]) -> str | None:
        """Say how the claimed number comes from one of these values."""
        options = [option for span in spans for option in self._signed(span)]
        if (number := self._number) is None:
            shown = (self._checked.value_of_last, self._checked.wide_value_of_last)
            meets = any(s is not None and s.meets(option) for s in shown for option in options)
            return "as far as it is worked" if meets else None
        found = {number.fits(option) for option in options}
        if self._checked.whole and number.unit == 1:
            found.discard("rounded")  # arithmetic of whole numbers is exact: nothing was rounded
        for how in _HOW:
            if how in found:
                return _HOW[how].format(places=_places(number))
        return self._supported(spans)

    def _signed(self, span: Span) -> list[Span]:
        """Allow a step to be printed as what is added, or as what is subtracted."""
        if self._meaning.name != "delta":
            return [span]
        return [span, Span(-span.high, -span.low)]

    def _supported(self, spans: Sequence[Span]) -> str | None:
        """Accept a number that the chain reaches from roundings of right values.

        Every relation in the chain must hold, and its first expression, each decimal widened to
        what may have been rounded to it, must hold the right value.
        """
        if self._number is None or not self._checked.all_hold or not self._checked.links:
            return None
        first = self._checked.wide_first
        if first is None:
            return None
        if any(first.meets(option) for span in spans for option in self._signed(span)):
            return "right, as far as the rounded numbers in it reach"
        return None

    def _dialect(self, t: int) -> tuple[str, str] | None:
        """See whether a step is right in another dialect than the paper's."""
        judge, name = self._judge, self._meaning.name
        if name not in _LATE:
            return None
        stated = judge._result.forms  # noqa: SLF001
        for dialect, rule in DIALECTS.items():
            if dialect == "paper" or name not in rule.fields:
                continue
            if "no-bias-correction" in dialect and judge._corrects:  # noqa: SLF001
                continue
            if stated and dialect not in stated:
                continue
            line = rule.line(name)
            made = self._world.line_candidates(
                line, rule, self._meaning.parameter, t, tainted=False
            )
            spans = [c.span for c in made if not c.tainted]
            if self._fits(spans) is not None:
                return "dialect", f"it is right in the dialect {dialect}"
        return None

    def _gradient_verdict(self, t: int) -> tuple[str, str] | None:
        """Judge a gradient by the author's own expression for it."""
        if self._checked.first is None:
            return None
        del t
        if self._checked.all_hold:
            return "holds", "it is what the expression before it gives"
        return "wrong", f"the expression before it gives {self._checked.first.text()}"

    def _why_wrong(self, t: int) -> str:
        truth = self._world.truth(self._meaning.name, self._meaning.parameter, t)
        return f"{truth.text() if truth else 'another value'} is right"

    def _recaps(self, t: int) -> bool:
        """Pass over a bare number that need not be about this step at all."""
        if not self._bare:
            return False
        key = (self._meaning.name, self._meaning.parameter, t)
        timed = self._meaning.time.isdigit()
        if key not in self._world.authors or timed:
            return False
        for (name, _, _), span in self._world.authors.items():
            if name == self._meaning.name and self._number and self._number.fits(span):
                return True
        self._judge._unread(  # noqa: SLF001
            self._last.line, self._last.column, "value", self._meaning,
            "nothing says which step it is about", self._statement(),
        )
        return True

    def _assumed(self) -> str | None:
        """Name a hyperparameter that a verdict rests on and the document never gives."""
        judge = self._judge
        needed = {
            "m": ("beta1",), "v": ("beta2",), "m_hat": ("beta1",), "v_hat": ("beta2",),
            "delta": ("alpha", "beta1", "beta2"), "theta": ("alpha", "beta1", "beta2"),
        }.get(self._meaning.name, ())
        if judge._defaults_meant:  # noqa: SLF001
            needed = tuple(n for n in needed if n == "alpha")
        return next((n for n in needed if n not in judge._result.given), None)  # noqa: SLF001

    def _underivable(self, t: int) -> None:
        """Handle a number whose right value nothing in the document leads to."""
        if self._infer_gradient(t):
            self.judge()
            return
        self._judge._unread(  # noqa: SLF001
            self._last.line, self._last.column, "value", self._meaning,
            "the document does not give what it would follow from", self._statement(),
        )

    def _infer_gradient(self, t: int) -> bool:
        """Find the gradient in the author's own expression for m: 0.9*0 + 0.1*(-15)."""
        name, track = self._meaning.name, self._meaning.parameter
        if name not in ("m", "v") or self._checked.first is None:
            return False
        if self._world.truth("g", track, t) is not None:
            return False
        first = self._checked.first
        for before in self._world.candidates(name, track, t - 1):
            if not (first.is_point and before.span.is_point):
                continue
            beta = self._world.hypers["beta1" if name == "m" else "beta2"]
            rest = (first.low - beta * before.span.low) / (1 - beta)
            for written in self._checked.first_numbers:
                for g in (written, -written):
                    if rest == (g if name == "m" else g * g):
                        self._world.give("g", track, t, point(g))
                        self._clock.saw("g", track, t)
                        return True
        return False

    def _statement(self) -> Statement:
        return Statement((self._variant,), False, False, 0)

    # -- recording -------------------------------------------------------------------------------

    def _record(self, t: int, verdict: str, because: str) -> None:
        judge, name, track = self._judge, self._meaning.name, self._meaning.parameter
        world, number, last = self._world, self._number, self._last
        truth = world.truth(name, track, t)
        if name == "g" and track not in world.gradients:
            truth = self._checked.first
        causes, unexplained, author = (), None, None
        if number is not None:
            claimed = number
        else:
            assert self._checked.value_of_last is not None
            claimed = _unprinted(self._checked.value_of_last)
        if verdict == "wrong":
            shown = self._checked.shown
            explained = explain(world, name, track, t, claimed, truth, shown)
            causes, unexplained = explained.causes, explained.unexplained
        if verdict == "wrong":
            author = self._from_author(t, truth)
        if number is None:
            because = f"no number is printed; as written it gives {claimed.text}: {because}"
        expected = truth
        if expected is not None and name == "delta" and claimed.value * expected.middle < 0:
            expected = Span(-expected.high, -expected.low)
            if verdict == "holds":
                because += " (printed as what is subtracted)"
        judge._result.claims.append(  # noqa: SLF001
            Claim(
                last.line,
                last.column,
                quoted(judge._source, last.line),  # noqa: SLF001
                "value",
                name,
                t,
                claimed.text,
                None if expected is None else expected.text(),
                verdict,
                because,
                self._checked.links,
                causes,
                unexplained,
                track,
                author,
            )
        )
        if verdict != "unread":
            sign = -1 if name == "delta" and truth and claimed.value * truth.middle < 0 else 1
            span = claimed.span
            if sign < 0:
                span = Span(-span.high, -span.low)
            world.settle(name, track, t, span, sign * claimed.value, verdict)
        self._clock.saw(name, track, t)

    def _from_author(self, t: int, truth: Span | None) -> str | None:
        tainted = [c.span for c in self._fresh(t) if c.tainted]
        if not tainted or truth is None or tainted[0].meets(truth):
            return None
        return tainted[-1].text()


_RANK = {"holds": 0, "dialect": 1, "follows": 2, "wrong": 3}
_HOW = {
    "exact": "exactly right",
    "rounded": "right, rounded at {places}",
    "truncated": "right, truncated at {places}",
}


def _places(number: Printed) -> str:
    if number.unit >= 1:
        return "a whole number" if number.unit == 1 else f"units of {number.unit}"
    count = 0
    while number.unit * 10**count < 1:
        count += 1
    return f"{count} decimal place{'s' if count > 1 else ''}"


def _unprinted(value: Span) -> Printed:
    """Stand in for a number that the author left as an expression: 12 digits of its value."""
    text = value.text(12)
    shown = Fraction(text) if "e" not in text else Fraction(float(text))
    width = max(abs(shown) / 10**11, Fraction(1, 10**30))
    return Printed(shown, width, continued=False, text=text)


