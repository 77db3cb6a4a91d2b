"""A derivation as a document without a format: headings, sentences, displayed formulas, lists.

It is made of the records alone; a writer turns it into Markdown, LaTeX or whatever comes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, final

from sympy import And, Symbol
from sympy.core.function import AppliedUndef

from adamref.derive.notation import displayed, domain, latex
from adamref.logic.induction import Induction
from adamref.logic.proof import Cite, Use
from adamref.logic.relations import eq
from adamref.render import Result
from adamref.theorems.citing import cited
from adamref.theorems.library import chapter_title
from adamref.theorems.prove import CHECKERS
from adamref.theorems.symbols import t

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from adamref.logic.facts import Always
    from adamref.logic.proof import ProofStep, Used
    from adamref.logic.statement import Statement
    from adamref.theorems.prove import Outcome
    from adamref.theorems.quantities import Run
    from adamref.theorems.record import NearMiss, Theorem


@final
@dataclass(frozen=True)
class Math:
    """A formula inside a sentence, in LaTeX."""

    latex: str


@final
@dataclass(frozen=True)
class Display:
    """A formula on lines of its own."""

    latex: str


@final
@dataclass(frozen=True)
class Reference:
    """A theorem that is cited, by its id."""

    id: str


Inline: TypeAlias = "str | Math | Reference"


@final
@dataclass(frozen=True)
class Paragraph:
    """Sentences, some of them with formulas; a label stands in bold before them."""

    parts: tuple[Inline, ...]
    label: str = ""


@final
@dataclass(frozen=True)
class Numbered:
    """A list of numbered entries, each made of blocks."""

    entries: tuple[tuple[Block, ...], ...]


@final
@dataclass(frozen=True)
class Section:
    """A theorem: its title, its id, and what is said about it."""

    title: str
    id: str
    blocks: tuple[Block, ...]


@final
@dataclass(frozen=True)
class Chapter:
    """Theorems about one thing, in the order of the book."""

    title: str
    sections: tuple[Section, ...]


Block: TypeAlias = "Paragraph | Display | Numbered"


@final
@dataclass(frozen=True)
class Book(Result):
    """Derivations: the result of ``adamref derive``."""

    kind: ClassVar[str] = "derive"
    chapters: tuple[Chapter, ...]
    title: str = "What is proved about Adam"

    @property
    def ids(self) -> frozenset[str]:
        """The theorems that are in it."""
        return frozenset(one.id for chapter in self.chapters for one in chapter.sections)


def book(theorems: Iterable[Theorem], outcomes: Mapping[str, Outcome]) -> Book:
    """Lay records out, in the order given; those of one chapter that stand together make one.

    What the checkers said of a theorem is given by its id, or not at all.
    """
    parted = groupby(theorems, key=lambda theorem: chapter_title(theorem.id))
    return Book(
        tuple(
            Chapter(title, tuple(section(one, outcomes) for one in together))
            for title, together in parted
        )
    )


def section(theorem: Theorem, outcomes: Mapping[str, Outcome]) -> Section:
    """Lay a record out, with what the checkers said of it and what it rests on, or that none did.

    Parameters
    ----------
    theorem : Theorem
    outcomes : mapping of str to Outcome
        By id; what is not in it was not checked now.
    """
    blocks: list[Block] = [Paragraph((theorem.says,))]
    blocks += list(_statement(theorem.statement))
    blocks += [Paragraph(tuple(_run(run, fields)), "Where") for run, fields in _spoken_of(theorem)]
    steps = theorem.proof(theorem.statement)
    if steps:
        blocks.append(Paragraph((), "Proof"))
        blocks.append(_steps(steps))
    if theorem.counterexample is not None:
        blocks.append(Paragraph((f"It is false at {theorem.counterexample!r}.",), "Refutation"))
    for miss in theorem.near_misses:
        blocks += list(_near_miss(theorem, miss))
    if (outcome := outcomes.get(theorem.id)) is not None:
        blocks.append(Paragraph((_checked(outcome), *_grounds(theorem, outcomes)), "Checked"))
    else:
        blocks.append(Paragraph((f"Not now; {theorem.verdict} is its record.",), "Checked"))
    blocks.append(Paragraph((theorem.source + ".",), "Source"))
    return Section(theorem.title, theorem.id, tuple(blocks))


def _statement(statement: Statement) -> Iterator[Block]:
    yield from _claim(statement.claim)
    if assumed := list(_assumed(statement)):
        yield Paragraph(tuple(assumed), "Assumed")


def _claim(claim: Any) -> Iterator[Display]:
    for part in claim.args if isinstance(claim, And) else (claim,):
        yield Display(displayed(part))


def _spoken_of(theorem: Theorem) -> list[tuple[Run, list[str]]]:
    """Return the runs that a statement or one of its near-misses speaks of, and their fields."""
    statements = (theorem.statement, *(miss.statement for miss in theorem.near_misses))
    spaces = (theorem.space, *(miss.space for miss in theorem.near_misses if miss.space))
    values = (value for s in statements for value in s.claim.atoms(AppliedUndef))
    names = {value.func.__name__.removeprefix("E_") for value in values}
    found: list[tuple[Run, list[str]]] = []
    for run in (run for space in spaces for run in space.runs):
        fields = [field for field in run.rule.fields if run.function(field).__name__ in names]
        if fields and not any(run.is_same_as(other) for other, _ in found):
            found.append((run, fields))
    return found


def _joined(parts: Iterable[Sequence[Inline]], separator: str = ", ") -> Iterator[Inline]:
    """Put parts of a sentence after each other, with a separator between."""
    for number, part in enumerate(parts):
        if number:
            yield separator
        yield from part


def _run(run: Run, fields: Sequence[str]) -> Iterator[Inline]:
    """Say which rule fields belong to, on which gradients, and with which hyperparameters."""
    # A sentence begins with text.
    yield from ("", *_joined([Math(latex(run.function(field)(t)))] for field in fields))
    yield f": {run.rule.title}, {run.rule.source}"
    if run.gradient is not None:
        yield from (", on the gradients ", Math(latex(run.gradient(t))), " at step t")
    for name in run.hypers:
        value = run.hyper(name, t)
        yield from (", with ", Math(latex(value)), " for ", Math(latex(Symbol(name, real=True))))
    for name, value in run.starts.items():
        yield from (", from ", Math(latex(eq(run.function(name)(0), value))))
    yield "."


def _assumed(statement: Statement) -> Iterator[Inline]:
    said = list(_joined([Math(relation)] for relation in domain(statement.domain)))
    for name, one in statement.hypotheses.items():
        said += (f"; {name}: " if said else f"{name}: ", Math(latex(one.relation)))
        said += (" for every ", Math(_range(one)))
    return iter([*said, "."] if said else [])


def _range(hypothesis: Always) -> str:
    index, low = latex(hypothesis.index), latex(hypothesis.low)
    if hypothesis.high is None:
        return rf"{index} \ge {low}"
    return rf"{low} \le {index} \le {latex(hypothesis.high)}"


def _steps(steps: Sequence[ProofStep]) -> Numbered:
    return Numbered(tuple(tuple(_step(step)) for step in steps))


def _step(step: ProofStep) -> Iterator[Block]:
    where = _conditions(step)
    yield Paragraph((step.because, *where), step.name)
    yield from _claim(step.claim)
    if isinstance(step.by, Induction):
        over, start = latex(step.by.over), latex(step.by.start)
        yield Paragraph(("At ", Math(f"{over} = {start}"), ":"))
        yield _steps(step.by.base)
        yield Paragraph(("At ", Math(f"{over} > {start}"), ", if it holds one step before:"))
        yield _steps(step.by.step)
    elif step.by.uses:
        yield Paragraph(tuple(_used(step.by.uses)))


def _conditions(step: ProofStep) -> tuple[Inline, ...]:
    said = _joined([Math(rf"{latex(condition)} \ge 0")] for condition in step.where)
    return (" (where ", *said, ")") if step.where else ()


def _used(uses: Iterable[Used]) -> Iterator[Inline]:
    """Name what a step uses."""
    yield from ("Used: ", *_joined(dict.fromkeys(map(_named, uses)), "; "), ".")


def _named(used: Used) -> tuple[Inline, ...]:
    if isinstance(used, str):
        return (used,)
    if isinstance(used, Use):
        return (used.name,)
    if isinstance(used, Cite):
        put_in = ", ".join(
            f"{k} = {v}" for k, v in used.at.items() if isinstance(k, Symbol) and k != v
        )
        return ("theorem ", Reference(used.theorem.id), f" for {put_in}" if put_in else "")
    return (used.says,)


def _near_miss(theorem: Theorem, miss: NearMiss) -> Iterator[Block]:
    yield Paragraph((miss.says,), "Near-miss")
    if miss.statement.claim != theorem.statement.claim:
        yield from _claim(miss.statement.claim)
    yield Paragraph((f"It is false at {miss.counterexample!r}.",))


def _checked(outcome: Outcome) -> str:
    said = []
    for name in CHECKERS:
        check = outcome.checks[name]
        detail = f" ({check.says})" if check.says and name != "algebra" else ""
        said.append(f"{_NAMES[name]}: {check.status}{detail}")
    return f"{outcome.verdict}. " + "; ".join(said) + "."


def _grounds(theorem: Theorem, outcomes: Mapping[str, Outcome]) -> Iterator[Inline]:
    """Name the theorems that a proof cites, with what was found of them."""
    names = [name for name in cited(theorem) if name in outcomes]
    if names:
        yield " It rests on "
        yield from _joined((Reference(name), f" ({outcomes[name].verdict})") for name in names)
        yield "."


_NAMES = {"algebra": "algebra", "smt": "z3", "numbers": "search", "kernel": "Coq"}
