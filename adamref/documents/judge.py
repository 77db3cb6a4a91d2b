"""Judging a document under one reading of its notation.

Statements are taken in order. Givens fill the world; a chain on a field becomes a claim, judged
against the field's right value; a chain on nothing known is arithmetic and checked as such; a
formula is recognised as a line of the rule; and what looks like mathematics about a step but is not
understood is listed as unread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import final

from adamref.documents.anew import Kept, inherit, kept_before, restart
from adamref.documents.asides import is_elsewhere, is_step, might_have_been, supposes_size
from adamref.documents.case import Case, Given, Worked
from adamref.documents.code.successive import put
from adamref.documents.columns import judge_columns
from adamref.documents.dialects import dialects
from adamref.documents.equations import equates, expects, part_ways
from adamref.documents.field_claim import FieldClaim
from adamref.documents.forms import (
    distinct,
    is_formula,
    is_law,
    meant,
    mends_epsilon,
    mentions_step,
    puts_numbers_in,
)
from adamref.documents.givens import (
    LOSSES,
    leave_others,
    take_bare,
    take_function,
    take_gradient_formula,
    take_hyper,
    take_numbers,
    take_objective,
)
from adamref.documents.lines.once import JudgedLines
from adamref.documents.lines.said_steps import at_said_step
from adamref.documents.lines.settings import Judged, Setting
from adamref.documents.lines.symbols import WrittenLine, letters
from adamref.documents.lines.two_decays import TwoDecays
from adamref.documents.lines.unrolled import OwnRecurrences
from adamref.documents.links import CheckedChain, check_links, of_another_step
from adamref.documents.phrases import far_step
from adamref.documents.prose.surroundings import around, is_average, rates_at, repeated
from adamref.documents.regions import Anew, Component, Marker
from adamref.documents.roles import Meaning
from adamref.documents.scope import NameScope
from adamref.documents.statements import Event, Garbled, Part, Variant, WrittenChain, left_names
from adamref.documents.subjects import Heading, Subject, about_another, stranger
from adamref.documents.survey import Treatment, corrects_bias, starts_after
from adamref.documents.unread import list_garbled, list_too_large
from adamref.errors import CannotEvaluate, Unworkable
from adamref.expressions.effort import at_most, left, spend
from adamref.expressions.names import plain_index
from adamref.expressions.nodes import Name, Node, names

MOST_FOR_ONE = 16_000
"""How many operations are spent on one statement; after one that takes more half as many."""

FOR_A_STATEMENT = 20
"""What it counts as to see what a statement is about."""


@final
class DocumentJudge:
    """Works through the statements of a document once.

    Parameters
    ----------
    case : Case
        How it is read, and what it is judged by.
    subject : Subject
        What it calls its optimizer.
    """

    def __init__(self, case: Case, subject: Subject) -> None:
        self._case = case
        self._subject = subject
        self._before = self._alone = False
        self._pending: Meaning | None = None
        self._elsewhere: Subject | None = None
        self._component, self._far_on, self._too_large = "", -1, 0
        self._letters: Mapping[str, str] = {}
        self._stages: dict[object, Node] = {}
        self._kept: Mapping[int, Kept] = {}
        self._lines = JudgedLines(case.causes)
        self._own = OwnRecurrences()
        self._decays = TwoDecays(case, case.notation.meaning)

    def judge(self, chapter: Treatment, given: Mapping[str, Given] | None = None) -> Case:
        """Judge every statement.

        Parameters
        ----------
        chapter : Treatment
        given : mapping of str to Given, optional
            What the document gives only further down.
        """
        case = self._case
        before = left()
        case.begin_with(given or {})
        case.corrects = corrects_bias(chapter.events, case.notation)
        case.starts_after = starts_after((*chapter.before, *chapter.events), case.notation)
        self._before = True
        self._run(chapter.before)
        if chapter.before:
            leave_others(case, chapter)
        heard = len(case.claims)
        self._run(chapter.elsewhere)
        del case.claims[heard:]  # they are judged in chapters of their own
        if chapter.before or chapter.elsewhere:
            inherit(case, self._kept, Anew(0, chapter.level))
        self._before = False
        self._run(chapter.events)
        judge_columns(case, chapter.events)
        case.took = before - left()
        return case

    def _run(self, events: Sequence[Event]) -> None:
        case = self._case
        for event in events:
            self._elsewhere = None
            if isinstance(event, Marker):
                if case.notation.markers:
                    case.clock.mark(event.t)
            elif isinstance(event, Garbled):
                list_garbled(case, event)
            elif isinstance(event, Component):
                self._component = plain_index(event.index) if case.notation.components else ""
            elif isinstance(event, Anew):
                inherit(case, self._kept, event)
            elif isinstance(event, Heading):
                self._kept = kept_before(self._kept, event, case)
                self._alone = event.is_row and event.about is not None
                self._decays.leave()
                if case.notation.restarts:
                    restart(case)
            elif isinstance(event, WrittenChain):
                self._tried(event)

    def _tried(self, statement: WrittenChain) -> None:
        """Judge a statement; what cannot be worked out is listed, and nothing is made of it."""
        before = len(self._case.claims)
        try:
            with at_most(MOST_FOR_ONE >> self._too_large):
                spend(FOR_A_STATEMENT)
                self._statement(statement)
        except Unworkable as error:
            del self._case.claims[before:]
            self._too_large += 1
            lefts = left_names(statement.parts)
            meaning = self._meaning(lefts[0], statement) if lefts else Meaning("other", "")
            list_too_large(self._case, statement, meaning, str(error))

    # -- statements ------------------------------------------------------------------------------

    def _statement(self, statement: WrittenChain) -> None:
        case = self._case
        line = case.source.lines[statement.last_line - 1] if statement.last_line else ""
        if might_have_been(case, statement):
            return
        self._elsewhere = about_another(line, statement.parts[-1].column, self._subject)
        begins = left_names(statement.parts)[:1]
        if is_elsewhere(case, statement, self._meaning(begins[0], statement) if begins else None):
            return
        if statement.time is not None:
            case.clock.mark(statement.time, row=True)
        variant, checked = self._best_variant(statement)
        case.repairs.extend(variant.repairs)
        lefts = left_names(variant.parts)
        if not lefts:
            self._nameless(statement, variant, checked)
            return
        worked = Worked(statement, variant, checked, variant.parts[len(lefts) :])
        meanings = [self._meaning(name, statement) for name in lefts]
        main = next((m for m in meanings if m.kind == "field"), meanings[0])
        name = lefts[meanings.index(main)]
        if part_ways(case, worked.rest, main.name if main.kind == "field" else None):
            return
        if main.kind == "hyper" and main.name == "alpha" and is_formula(worked):
            self._line(Meaning("field", "alpha_t"), name, worked.last, worked)
        elif case.folded is not None and main.name == "alpha" and name.index:
            self._field(Meaning("field", "alpha_t", time=main.time), worked, name)
            return
        elif main.kind == "hyper" and main.name == "alpha" and is_step(case, worked, self._lines):
            self._field(Meaning("field", "delta", statement.parameter), worked, None)
            return
        elif main.kind == "hyper":
            for one in meanings:  # "beta1 = beta2 = 0.5" gives both
                take_hyper(case, one, worked)
        elif main.kind == "time":
            if (number := worked.number) is not None and number.value.denominator == 1:
                case.clock.mark(int(number.value))
        elif main.kind == "other":
            self._auxiliary(name, worked)
        elif self._elsewhere is None and not self._is_far_on(main, statement, line):
            several = worked.number is not None and all(m.kind == "field" for m in meanings)
            # "v = s = 0" gives two fields a value; "g = dL/dw = …" names one of them twice.
            for one in distinct(meanings) if several else [main]:
                self._field(one, worked, name)
            return
        if checked.links:
            case.arithmetic(variant, checked)
        elif main.kind == "field" and self._elsewhere is not None and not is_formula(worked):
            because = f"the sentence is about {self._elsewhere.name}"
            self._unread(worked.last, main, because, worked, kind="value")

    def _is_far_on(self, meaning: Meaning, statement: WrittenChain, line: str) -> bool:
        """Say whether powers in a line of the paragraph say a step that is not worked here."""
        if not meaning.time and far_step(line) > self._case.clock.now + 1:
            self._far_on = statement.paragraph
        return not meaning.time and self._far_on == statement.paragraph

    def _best_variant(self, statement: WrittenChain) -> tuple[Variant, CheckedChain]:
        """Read a chain as written, unless only a mended reading makes it hold."""
        tried = [
            (v, check_links(v, self._scope(v, statement), self._case.source))
            for v in statement.variants
        ]
        for variant, checked in tried:
            if checked.links and checked.all_hold:
                return variant, checked
        for variant, checked in tried:
            if mends_epsilon(variant, self._case.notation):
                return variant, checked
        return tried[0]

    def _meaning(self, name: Name, statement: WrittenChain) -> Meaning:
        return meant(self._case.notation, name, statement, self._component)

    def _scope(self, variant: Variant, statement: WrittenChain) -> NameScope:
        """Say what the names on the right of a chain stand for, and which numbers are exact."""
        case = self._case
        meanings = [self._meaning(n, statement) for n in left_names(variant.parts)]
        main = next((m for m in meanings if m.kind == "field"), None)
        t = case.clock.peek(main) if main is not None else case.clock.now
        used = [n for part in variant.parts for n in names(part.node)]
        return NameScope(
            case.notation,
            case.world,
            t,
            case.clock,
            main,
            case.auxiliary,
            case.exact_numbers,
            case.folded,
            frozenset(n.index for n in used if case.notation.meaning(n).name == "alpha"),
            main is not None or statement.time is not None or case.clock.is_said,
            case.truncates,
        )

    def _auxiliary(self, name: Name, worked: Worked) -> None:
        checked, tree = worked.checked, worked.last.node
        value = checked.value_of_last
        if name.base in LOSSES and any(self._case.track(n) is not None for n in names(tree)):
            take_objective(self._case, name, tree)
        elif value is not None:
            behind = checked.shown if checked.all_hold else ()
            self._case.auxiliary[name.labels[0]] = tuple(dict.fromkeys((value, *behind)))
        elif not worked.statement.code and (own := self._own.beside(None, name, worked.last)):
            self._note(own, WrittenLine("", name, tree, self._case.notation), worked.last)

    def _nameless(self, statement: WrittenChain, variant: Variant, checked: CheckedChain) -> None:
        first, case = variant.parts[0].node, self._case
        if expects(case, variant) or statement.paragraph == self._far_on:
            return
        if statement.time is None and supposes_size(case, variant):
            return
        if (
            self._elsewhere is None
            and checked.links
            and self._lines.is_step(first, self._case.notation, self._case.optimizer)
        ):
            meaning = Meaning("field", "delta", statement.parameter)
            self._field(meaning, Worked(statement, variant, checked, variant.parts[1:]), None)
        elif checked.links:
            scope = self._scope(variant, statement)
            if statement.time is not None or not of_another_step(variant, scope, checked):
                self._case.arithmetic(variant, checked)
        elif take_function(case, variant.parts) or equates(case, statement, variant, self._subject):
            return
        elif puts_numbers_in(statement, variant) and self._pending is not None:
            self._field(self._pending, Worked(statement, variant, checked, variant.parts), None)

    # -- fields ----------------------------------------------------------------------------------

    def _field(self, meaning: Meaning, worked: Worked, name: Name | None) -> None:
        if (other := stranger(worked.statement.method, self._subject)) is not None:
            because = f"its column is about {other.name}"
            self._unread(worked.last, meaning, because, worked, kind="value")
            return
        unknown = worked.number is None and worked.checked.value_of_last is None
        symbols = is_formula(worked) or (meaning.name == "g" and is_law(worked, self._case))
        if symbols or (unknown and self._is_read(meaning, name, worked)):
            self._formula(meaning, name, worked)
        elif worked.number is None and self._case.source.kind(worked.last.line).startswith("code"):
            return  # no number is printed: the line is judged as part of the program
        elif unknown:
            because = "it has no value: a symbol in it is not known"
            self._unread(worked.last, meaning, because, worked, kind="value")
        elif not take_bare(self._case, meaning, worked) and not self._before:
            FieldClaim(self._case, meaning, worked).judge()

    def _is_read(self, meaning: Meaning, name: Name | None, worked: Worked) -> bool:
        """Say whether symbols with numbers among them are understood as a line of the rule."""
        if name is None or not self._case.rule.lines:
            return False
        line = WrittenLine(meaning.name, name, worked.rest[0].node, self._case.notation)
        setting = Setting(self._case.optimizer, self._letters, explains=False)
        return self._lines.is_read(line, setting)

    def _formula(self, meaning: Meaning, name: Name | None, worked: Worked) -> None:
        if name is None or meaning.name == "g":
            if name is not None:
                take_gradient_formula(self._case, meaning, worked.last.node)
                self._decays.gradient(worked.last)
            return
        self._pending = meaning
        relations = worked.variant.relations[-len(worked.rest) :]
        for part, relation in zip(worked.rest, relations, strict=True):
            if names(part.node) and relation == "=":
                self._line(meaning, name, part, worked)

    def _line(self, meaning: Meaning, name: Name, part: Part, worked: Worked) -> None:
        """Judge what a field is said to be, in symbols; code is read as a whole elsewhere."""
        case = self._case
        if worked.statement.code or case.source.kind(part.line).startswith("code"):
            return
        line = WrittenLine(meaning.name, name, part.node, case.notation)
        setting = Setting(
            case.optimizer,
            self._letters,
            is_average(case.source, part.line),
            alone=self._alone,
            numbers=rates_at(case, line),
            repeated=repeated(case.source, part),
            explains=case.causes is not None,
            around=around(case.source, part.line, self._subject),
        )
        found = self._lines.judge(line, setting) if case.rule.lines else None
        if found is not None and found.verdict in ("wrong", "unread"):
            found = self._goes_on(line, setting, worked) or found
        if meaning.name == "theta":
            self._stages[name.key] = part.node
            if found is not None and (says := self._decays.update(part)):
                found = replace(found, verdict="wrong", because=says, expected=None)
        found = self._own.beside(found, name, part)
        if found is None or found.verdict == "unread":
            if mentions_step(name, worked.rest, case.notation):
                because = case.no_rule or (found.because if found else "")
                self._unread(part, meaning, because, worked, kind="formula")
            return
        self._note(found, line, part)

    def _goes_on(self, line: WrittenLine, setting: Setting, worked: Worked) -> Judged | None:
        """Judge a line by the step said beside it, or a second change with the first put in."""
        chain, lines = [part.node for part in worked.rest], self._case.source.lines
        tried = [at_said_step(line, chain, lines, worked.last.line)]
        first = self._stages.get(line.left.key)
        if first is not None and line.left.key in {n.key for n in names(line.right)}:
            tried.append(replace(line, right=put(line.right, line.left, first)))
        found = [self._lines.judge(one, setting) for one in tried if one is not None]
        return next((x for x in found if x.verdict in ("holds", "dialect")), None)

    def _note(self, found: Judged, line: WrittenLine, part: Part) -> None:
        case = self._case
        if found.verdict != "wrong":
            with suppress(CannotEvaluate):
                self._letters = {**letters(line, 2), **self._letters}
            own = found.optimizer == case.optimizer.name
            if found.field == "alpha_t" and own:
                case.folded = dialects(case.optimizer).get(found.dialect)
            if found.field == "theta" and own and found.dialect:
                case.forms.setdefault(found.dialect, part.line)
            take_numbers(case, found.numbers if own else (), part)
        case.claim(
            part,
            "formula",
            found.verdict,
            found.because,
            field=found.field or None,
            claimed=case.quote(part.line) if found.verdict == "wrong" else None,
            expected=found.expected,
            causes=found.causes,
            optimizer=found.optimizer or case.optimizer.name,
        )

    # -- what could not be read ------------------------------------------------------------------

    def _unread(
        self, part: Part, meaning: Meaning, because: str, worked: Worked, *, kind: str
    ) -> None:
        self._case.unread(part, meaning, because, kind=kind, code=worked.statement.code)
