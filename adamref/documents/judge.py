"""Judging a document under one reading of its notation.

Statements are taken in order. Givens fill the world; a chain on a field becomes a claim, judged
against the field's right value; a chain on nothing known is arithmetic and checked as such; a
formula is recognised as a line of the rule; and what looks like mathematics about a step but is not
understood is listed as unread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, final

from adamref.documents.case import Case, Given, Worked
from adamref.documents.claims import Claim
from adamref.documents.dialects import PAPER, moments
from adamref.documents.field_claim import FieldClaim
from adamref.documents.formulas import recognise
from adamref.documents.givens import (
    LOSSES,
    restart,
    take_bare,
    take_function,
    take_gradient_formula,
    take_hyper,
    take_objective,
)
from adamref.documents.links import CheckedChain, NameScope, check_links
from adamref.documents.phrases import not_meant
from adamref.documents.regions import Component, Marker
from adamref.documents.roles import Meaning, Notation
from adamref.documents.spans import printed
from adamref.documents.statements import Event, Garbled, Part, Variant, WrittenChain, left_names
from adamref.documents.subjects import Heading, Subject, about_another
from adamref.documents.survey import Treatment, corrects_bias, starts_after
from adamref.expressions.names import plain_index
from adamref.expressions.nodes import Name, Negative, Node, Number, names, walk

if TYPE_CHECKING:
    from adamref.documents.habits import Finer
    from adamref.documents.source import Source
    from adamref.rules.optimizer import Optimizer


@final
class DocumentJudge:
    """Works through the statements of a document once.

    Parameters
    ----------
    source : Source
    notation : Notation
        How to read its names.
    subject : Subject
        What it calls its optimizer.
    optimizer : Optimizer
        What that may be.
    defaults_meant : bool
        Whether the document says that it uses the usual hyperparameters.
    explains : bool
        Whether to look for the causes of wrong numbers.
    finer : mapping of place to Fraction, optional
        See `Case`.
    """

    def __init__(
        self,
        source: Source,
        notation: Notation,
        subject: Subject,
        optimizer: Optimizer,
        *,
        defaults_meant: bool,
        explains: bool = True,
        finer: Finer | None = None,
    ) -> None:
        self._case = Case(source, notation, optimizer, defaults_meant, explains, finer=finer or {})
        self._subject = subject
        self._before = False
        self._pending: Meaning | None = None
        self._elsewhere: Subject | None = None
        self._component = ""

    def judge(self, chapter: Treatment, given: Mapping[str, Given] | None = None) -> Case:
        """Judge every statement.

        Parameters
        ----------
        chapter : Treatment
        given : mapping of str to Given, optional
            What the document gives only further down.
        """
        case = self._case
        case.begin_with(given or {})
        case.corrects = corrects_bias(chapter.events, case.notation)
        case.starts_after = starts_after(chapter.events, case.notation)
        self._before = True
        self._run(chapter.before)
        if chapter.before:
            case.claims.clear()
            case.clock.restart()
        self._before = False
        self._run(chapter.events)
        return case

    def _run(self, events: Sequence[Event]) -> None:
        case = self._case
        for event in events:
            self._elsewhere = None
            if isinstance(event, Marker):
                if case.notation.markers:
                    case.clock.mark(event.t)
            elif isinstance(event, Garbled):
                self._garbled(event)
            elif isinstance(event, Component):
                self._component = plain_index(event.index) if case.notation.components else ""
            elif isinstance(event, Heading):
                if case.notation.restarts:
                    restart(case)
            else:
                self._statement(event)

    # -- statements ------------------------------------------------------------------------------

    def _statement(self, statement: WrittenChain) -> None:
        case = self._case
        line = case.source.lines[statement.last_line - 1] if statement.last_line else ""
        if not_meant(line) and len(statement.parts) > 1:
            self._passed_over(statement)
            return
        self._elsewhere = about_another(line, statement.parts[-1].column, self._subject)
        if statement.time is not None:
            case.clock.mark(statement.time)
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
        number = worked.number
        if main.kind == "hyper":
            take_hyper(case, main, worked)
        elif main.kind == "time":
            if number is not None and number.value.denominator == 1:
                case.clock.mark(int(number.value))
        elif main.kind == "other":
            self._auxiliary(name, worked)
        elif self._elsewhere is None:
            several = number is not None and all(m.kind == "field" for m in meanings)
            # "v = s = 0" gives two fields a value; "g = dL/dw = …" names one of them twice.
            for one in _distinct(meanings) if several else [main]:
                self._field(one, worked, name)
            return
        if checked.links:
            case.arithmetic(variant, checked)
        elif main.kind == "field" and self._elsewhere is not None and not _is_formula(worked):
            because = f"the sentence is about {self._elsewhere.name}"
            self._unread(worked.last, main, because, worked, kind="value")

    def _passed_over(self, statement: WrittenChain) -> None:
        """List a number that its own sentence does not stand by."""
        lefts = left_names(statement.parts)
        meaning = self._case.notation.meaning(lefts[0]) if lefts else None
        if meaning is not None and meaning.kind == "field":
            because = "the sentence gives it as a mistake, or as what might have been"
            self._case.unread(
                statement.parts[-1], meaning, because, kind="value", code=statement.code
            )

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
            if self._mends_epsilon(variant):
                return variant, checked
        return tried[0]

    def _mends_epsilon(self, variant: Variant) -> bool:
        """Recognise a flattened ``epsilon = 10-8``."""
        lefts = left_names(variant.parts)
        return bool(
            variant.repairs
            and lefts
            and self._case.notation.meaning(lefts[0]).name == "eps"
            and printed(variant.parts[-1].node) is not None
        )

    def _meaning(self, name: Name, statement: WrittenChain) -> Meaning:
        meaning = self._case.notation.meaning(name)
        if statement.parameter and meaning.kind == "field" and self._case.notation.several:
            track = statement.parameter if statement.parameter in ("w", "b") else ""
            meaning = replace(meaning, parameter=meaning.parameter or track)
        if statement.time is not None and meaning.parameter.isdigit() and not meaning.time:
            meaning = replace(meaning, time=str(statement.time))
        if self._component and meaning.kind == "field":
            meaning = replace(meaning, parameter=meaning.parameter or self._component)
        return meaning

    def _scope(self, variant: Variant, statement: WrittenChain) -> NameScope:
        """Say what the names on the right of a chain stand for, and which numbers are exact."""
        case = self._case
        meanings = [self._meaning(n, statement) for n in left_names(variant.parts)]
        main = next((m for m in meanings if m.kind == "field"), None)
        t = case.clock.peek(main) if main is not None else case.clock.now
        exact = case.exact_numbers()
        return NameScope(case.notation, case.world, t, case.clock, main, case.auxiliary, exact)

    def _auxiliary(self, name: Name, worked: Worked) -> None:
        checked = worked.checked
        value = checked.value_of_last
        tree = worked.last.node
        if name.base in LOSSES and any(self._case.track(n) is not None for n in names(tree)):
            take_objective(self._case, name, tree)
        elif value is not None:
            behind = checked.shown if checked.all_hold else ()
            self._case.auxiliary[name.labels[0]] = tuple(dict.fromkeys((value, *behind)))

    # -- chains without a name -------------------------------------------------------------------

    def _nameless(self, statement: WrittenChain, variant: Variant, checked: CheckedChain) -> None:
        first = variant.parts[0].node
        if self._elsewhere is None and checked.links and self._is_step(first):
            meaning = Meaning("field", "delta", statement.parameter)
            self._field(meaning, Worked(statement, variant, checked, variant.parts[1:]), None)
        elif checked.links:
            self._case.arithmetic(variant, checked)
        elif take_function(self._case, variant.parts):
            return
        elif self._puts_numbers_in(statement, variant) and self._pending is not None:
            self._field(self._pending, Worked(statement, variant, checked, variant.parts), None)

    @staticmethod
    def _puts_numbers_in(statement: WrittenChain, variant: Variant) -> bool:
        """Recognise numbers put into the formula above, without its left side."""
        tree = variant.parts[0].node
        alone = len(variant.parts) == 1 and statement.display
        return alone and not names(tree) and not isinstance(tree, Number)

    def _is_step(self, tree: Node) -> bool:
        """Recognise the step written as an expression: ``α·m̂/(√v̂ + ε) = 0.0991``."""
        step, notation, optimizer = Name("delta"), self._case.notation, self._case.optimizer
        if notation.meaning(step).name != "delta":
            return False
        return any(
            recognise(step, node, notation, optimizer) is not None
            for node in (tree, Negative(tree))
        )

    # -- fields ----------------------------------------------------------------------------------

    def _field(self, meaning: Meaning, worked: Worked, name: Name | None) -> None:
        if _is_formula(worked):
            self._formula(meaning, name, worked)
        elif worked.number is None and worked.checked.value_of_last is None:
            because = "it has no value: a symbol in it is not known"
            self._unread(worked.last, meaning, because, worked, kind="value")
        elif not take_bare(self._case, meaning, worked) and not self._before:
            FieldClaim(self._case, meaning, worked).judge()

    def _formula(self, meaning: Meaning, name: Name | None, worked: Worked) -> None:
        if name is None:
            return
        if meaning.name == "g":
            take_gradient_formula(self._case, meaning, worked.last.node)
            return
        part = worked.rest[0]
        form = recognise(name, part.node, self._case.notation, self._case.optimizer)
        self._pending = meaning
        if form is None:
            if _mentions_step(name, worked.rest, self._case.notation):
                known = "it is not a form of this line that adamref knows"
                because = self._case.no_rule or known
                self._unread(part, meaning, because, worked, kind="formula")
            return
        is_paper = form.dialect == PAPER
        optimizer = self._case.optimizer
        source = "Algorithm 1" if optimizer.name == "adam" else optimizer.title
        where = f"of {source}" if is_paper else f"in the dialect {form.dialect}"
        if form.field == "theta":
            self._case.forms.setdefault(form.dialect, part.line)
        self._case.claim(
            part,
            "formula",
            "holds" if is_paper else "dialect",
            f"it is the line {form.field} {where}",
            field=form.field,
            expected=form.dialect,
        )

    # -- what could not be read ------------------------------------------------------------------

    def _garbled(self, event: Garbled) -> None:
        case = self._case
        about = [case.notation.meaning(n) for n in event.names]
        steps = any(m.kind == "field" and m.name.endswith("_hat") for m in about)
        states = (*moments(case.rule), "theta")
        timed = any(m.kind == "field" and m.name in states and m.time for m in about)
        rates = any(m.kind == "hyper" and m.name.startswith("beta") for m in about)
        before = case.claims[-1] if case.claims else None
        if before is not None and (before.line, before.verdict) == (event.line, "unread"):
            return
        if not (event.whole_line or steps or timed or rates):
            return
        made = Claim(
            event.line,
            1,
            event.quote or case.quote(event.line),
            "code" if event.code else "formula",
            "unread",
            event.because,
            next((m.name for m in about if m.kind == "field"), None),
            optimizer=case.optimizer.name,
        )
        case.claims.append(made)

    def _unread(
        self, part: Part, meaning: Meaning, because: str, worked: Worked, *, kind: str
    ) -> None:
        self._case.unread(part, meaning, because, kind=kind, code=worked.statement.code)


def _is_formula(worked: Worked) -> bool:
    """Say whether a chain ends in symbols rather than in a number."""
    if worked.number is not None:
        return False
    last = worked.last.node
    return bool(names(last)) and not any(isinstance(n, Number) and n.unit < 1 for n in walk(last))


def _distinct(meanings: Sequence[Meaning]) -> list[Meaning]:
    """Keep one meaning a field and parameter: the one that says most about the step."""
    kept: dict[tuple[str, str, str], Meaning] = {}
    timed = {(m.name, m.parameter) for m in meanings if m.time.isdigit()}
    for meaning in meanings:
        named = (meaning.name, meaning.parameter)
        if meaning.time.isdigit() or named not in timed:
            kept.setdefault((*named, meaning.time if named in timed else ""), meaning)
    return list(kept.values())


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
