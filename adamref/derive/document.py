"""A derivation as a document without a format, made of the records alone.

What is claimed and why it matters; the picture; the idea; each step with its reason; what is nearly
the same and false, worked in numbers; who checked it, and what rests on it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import groupby, starmap
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, final

from adamref.derive.checked import who_checked
from adamref.derive.grounds import KnownSoFar, as_a_sum, claimed, used
from adamref.derive.numbers import exemplified, refuted
from adamref.derive.reading import asked_of
from adamref.derive.uses import uses
from adamref.derive.where import joined, of_runs, of_symbols, spoken_of
from adamref.logic.cases import Parts
from adamref.logic.induction import Induction
from adamref.plots import pictures_of
from adamref.render import Result
from adamref.theorems.library import chapter_of
from adamref.typeset.notation import domain, latex
from adamref.typeset.tree import (
    Bullets,
    Chapter,
    Document,
    Figure,
    Math,
    Numbered,
    Paragraph,
    Portion,
    Section,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from adamref.logic.facts import Always
    from adamref.logic.proof import ProofStep
    from adamref.logic.statement import Statement
    from adamref.theorems.prove import Outcome
    from adamref.theorems.record import NearMiss, Theorem
    from adamref.typeset.tree import Block, Inline

TITLE = "What is proved about Adam"
_FEW = 3
_FALSE = "this is false:"
_CLAIMED = "This is claimed, and it is false:"


@final
@dataclass(frozen=True)
class Book(Result):
    """Derivations: the result of ``adamref derive``.

    Attributes
    ----------
    document : Document
    outcomes : mapping of str to Outcome
        What the checkers said now, by id.
    """

    kind: ClassVar[str] = "derive"
    document: Document
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether every theorem that was checked now is as it is recorded."""
        return all(one.as_recorded for one in self.outcomes.values())

    def __repr__(self) -> str:
        sections = self.document.sections
        said = ", ".join(section.id for section in sections[:_FEW])
        more = f" and {len(sections) - _FEW} more" if len(sections) > _FEW else ""
        return f"<Book {self.document.title}: {said}{more}>"


def book(
    theorems: Iterable[Theorem],
    outcomes: Mapping[str, Outcome] = MappingProxyType({}),
    *,
    title: str = TITLE,
    opening: tuple[Block, ...] = (),
) -> Book:
    """Lay records out, in the order given; those of one chapter that stand together make one.

    What the checkers said of a theorem is given by its id, or not at all.
    """
    parted = groupby(theorems, key=lambda theorem: chapter_of(theorem.id))
    seen: set[Block] = set()
    chapters = []
    for chapter, together in parted:
        told: set[str] = set()
        sections = tuple(_each_once(section(one, outcomes, told), seen) for one in together)
        opening_ = tuple(Paragraph((text,)) for text in chapter.opening)
        chapters.append(Chapter(chapter.title, sections, chapter.part, opening_))
    return Book(Document(title, tuple(chapters), opening, code=_AT_FIRST), outcomes)


def _each_once(section: Section, seen: set[Block]) -> Section:
    """Leave out the pictures that a document has shown before."""
    new = [block for block in section.blocks if isinstance(block, Figure) and block not in seen]
    portions = []
    for portion in section.portions:
        kept = tuple(b for b in portion.blocks if not isinstance(b, Figure) or b in new)
        portions.append(replace(portion, blocks=kept))
    seen.update(new)
    return replace(section, portions=tuple(one for one in portions if one.blocks))


def section(theorem: Theorem, outcomes: Mapping[str, Outcome], told: set[str]) -> Section:
    """Lay a record out, with what the checkers said of it and what it rests on, or that none did.

    Parameters
    ----------
    theorem : Theorem
    outcomes : mapping of str to Outcome
        By id; what is not in it was not checked now.
    told : set of str
        What the chapter has said of the checkers before, and does not say again; it grows.
    """
    return Section(
        theorem.heading,
        theorem.id,
        tuple(portion for portion in _portions(theorem, outcomes, told) if portion.blocks),
        (_AGAIN.format(id=theorem.id),),
    )


_AT_FIRST = (
    """\
from adamref.derive.again import derived

# derived(id) checks a theorem again, every step by every checker but Coq, and lays it out.""",
)
_AGAIN = """\
found = derived("{id}")
assert found.holds, found.outcomes
found"""


def _portions(
    theorem: Theorem, outcomes: Mapping[str, Outcome], told: set[str]
) -> Iterator[Portion]:
    statement, steps = theorem.statement, theorem.proof(theorem.statement)
    spoken = spoken_of(statement, theorem.space, steps)
    said = (
        *_statement(statement),
        *of_runs(spoken, statement),
        *of_symbols(statement, theorem.letters),
    )
    claim = (Paragraph((_CLAIMED,)),) if theorem.verdict == "REFUTED" else ()
    yield Portion("", (Paragraph((theorem.says,)), *claim, *said))
    found = uses(theorem)
    asked = tuple((one.asked,) for one in asked_of(theorem.id))
    yield Portion("Why it matters", _paragraphs(theorem.matters))
    yield Portion("", tuple(starmap(Figure, pictures_of(theorem.id))))
    yield Portion("Idea", _paragraphs(theorem.idea), "idea")
    if steps:
        proof = _steps(steps, KnownSoFar.of(statement, [x for x, _ in spoken]), "step {}")
        yield Portion("Proof", (proof,), "steps", folded=True)
    if theorem.counterexample is not None:
        false = refuted(theorem.statement, theorem.space, theorem.counterexample)
        yield Portion("Refutation", false, "idea")
    for miss in theorem.near_misses:
        yield Portion("Near-miss", tuple(_near_miss(theorem, miss)), "idea", folded=True)
    yield Portion("In numbers", exemplified(theorem), "idea", folded=True)
    yield Portion("Checked", who_checked(theorem, outcomes, told), "steps", folded=True, aside=True)
    if found:
        yield Portion("Used here", (Bullets(found),), "steps", folded=True, aside=True)
    if asked:
        yield Portion(
            "Questions it helps to answer", (Bullets(asked),), "steps", folded=True, aside=True
        )
    first = theorem.source.split()[0]
    # The name of a module stays as it is.
    source = theorem.source if "." in first else first[0].upper() + theorem.source[1:]
    yield Portion("Source", (Paragraph((source + ".",)),), aside=True)


def _paragraphs(text: str) -> tuple[Block, ...]:
    return (Paragraph((text,)),) if text else ()


def _statement(statement: Statement) -> Iterator[Block]:
    yield from claimed(statement.claim)
    said = list(joined([Math(relation)] for relation in domain(statement.domain)))
    named = tuple(starmap(_assumed, statement.hypotheses.items()))
    if len(named) == 1:
        said += ["; " if said else "", *named[0]]
    if said or named:
        listed = len(named) > 1
        end = ("; and:" if said else "What follows.") if listed else "."
        yield Paragraph(("", *said, end), "Assumed")
        if listed:
            yield Bullets(tuple((*one, ".") for one in named))


def _assumed(name: str, one: Always) -> tuple[Inline, ...]:
    """Say what is assumed at every index of a range, or at the only one."""
    if one.low == one.high:
        return (f"{name}: ", Math(latex(one.relation.subs(one.index, one.low))))
    return (f"{name}: ", Math(latex(one.relation)), " for every ", Math(_range(one)))


def _range(hypothesis: Always) -> str:
    index, low = latex(hypothesis.index), latex(hypothesis.low)
    if hypothesis.high is None:
        return rf"{index} \ge {low}"
    return rf"{low} \le {index} \le {latex(hypothesis.high)}"


def _steps(steps: Sequence[ProofStep], known: KnownSoFar, place: str) -> Numbered:
    """Lay steps out, with what they may use."""
    entries = []
    for number, step in enumerate(steps, 1):
        entries.append(tuple(_step(step, known)))
        known = known.and_step(step, place.format(number))
    return Numbered(tuple(entries))


def _step(step: ProofStep, known: KnownSoFar) -> Iterator[Block]:
    where = _conditions(step)
    yield Paragraph((step.because, *where), step.name)
    # What is put together of steps stands there already, part by part.
    displays = [] if isinstance(step.by, Parts) else list(claimed(step.claim))
    yield from displays
    known.shown.update(one.latex for one in displays)
    if isinstance(step.by, Induction):
        over, start = latex(step.by.over), latex(step.by.start)
        yield Paragraph(("For ", Math(f"{over} = {start}"), ":"))
        yield _steps(step.by.base, known, "step {} here")
        before = Math(rf"{over} - 1")
        yield Paragraph(("Let ", Math(f"{over} > {start}"), ", and let it hold for ", before, ":"))
        yield _steps(step.by.step, known.supposing(step, step.by), "step {} here")
    elif step.by.uses:
        yield from used(step.by.uses, known)
    yield from as_a_sum(step, known)


def _conditions(step: ProofStep) -> tuple[Inline, ...]:
    said = joined([Math(rf"{latex(condition)} \ge 0")] for condition in step.where)
    return (" (for ", *said, ")") if step.where else ()


def _supposing(theorem: Statement, miss: Statement) -> Iterator[Inline]:
    """Say that a claim is false, and without which assumptions of the theorem, or with which."""
    kept, now = dict.fromkeys(theorem.domain), dict.fromkeys(miss.domain)
    without: list[Sequence[Inline]] = [
        [Math(one)] for one in domain([x for x in kept if x not in now])
    ]
    without += [[f"“{name}”"] for name in theorem.hypotheses if name not in miss.hypotheses]
    besides: list[Sequence[Inline]] = [
        [Math(one)] for one in domain([x for x in now if x not in kept])
    ]
    besides += [
        _assumed(name, one)
        for name, one in miss.hypotheses.items()
        if theorem.hypotheses.get(name) != one
    ]
    if besides:
        yield from ("With ", *joined(besides))
        yield from (" in place of ", *joined(without)) if without else ()
    elif without:
        yield from ("Without ", *joined(without))
    yield f" {_FALSE}" if besides or without else _FALSE[0].upper() + _FALSE[1:]


def _near_miss(theorem: Theorem, miss: NearMiss) -> Iterator[Block]:
    yield Paragraph(tuple(_supposing(theorem.statement, miss.statement)))
    yield from claimed(miss.statement.claim)
    space = miss.space or theorem.space
    steps = theorem.proof(theorem.statement)
    known = [run for run, _ in spoken_of(theorem.statement, theorem.space, steps)]
    spoken = spoken_of(miss.statement, space)
    new = (x for x in spoken if not any(x[0].is_same_as(one) for one in known))
    yield from of_runs(new, miss.statement)
    yield Paragraph((miss.says,))
    yield from refuted(miss.statement, space, miss.counterexample)
