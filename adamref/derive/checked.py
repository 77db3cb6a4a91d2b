"""Who checked a theorem, and what that means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.theorems import kernel
from adamref.theorems.citing import cited
from adamref.theorems.prove import CHECKERS, may_be_left_out
from adamref.typeset.tree import Bullets, Paragraph, Reference, Verbatim

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from adamref.theorems.prove import Outcome
    from adamref.theorems.record import Theorem
    from adamref.typeset.tree import Block, Inline, Sentence

NAMES = {"algebra": "algebra", "smt": "z3", "numbers": "search", "kernel": "Coq"}

_MEANS = {
    "algebra": "a normal form decides each step, and a second program that shares no code with the "
    "first decides it again. Whoever trusts these two need not trust the prose",
    "smt": "z3 is given each step of arithmetic without the hint that the proof gives the algebra, "
    "and must find it true",
    "numbers": "a search goes where the claim comes nearest to failing, and must find no "
    "counterexample. That is no proof, but it sees a statement that is wrong",
    "kernel": "it is proved once more in Coq, over definitions made from the rule's own lines",
}
_REFUTES = {
    "algebra": "exact arithmetic must find the claim false at the counterexample",
    "smt": "z3 must find it false there too",
    "numbers": "a search that does not know the counterexample must find one",
    "kernel": "it is proved in Coq that it is false",
}


def who_checked(theorem: Theorem, outcomes: Mapping[str, Outcome]) -> tuple[Block, ...]:
    """Say what the checkers said of a theorem, or which of them do, and what each means."""
    outcome = outcomes.get(theorem.id)
    if outcome is None:
        verdict: Sentence = (
            f"{theorem.verdict}, as it is recorded; not checked while this was written. ",
            Verbatim(f"adamref prove {theorem.id}"), " checks it again:",
        )  # fmt: skip
    else:
        verdict = (_said(outcome), *_grounds(theorem, outcomes))
    return (Paragraph(verdict), Bullets(tuple(map(tuple, _bullets(theorem, outcome)))))


def _bullets(theorem: Theorem, outcome: Outcome | None) -> Iterator[Iterator[Inline]]:
    means = _REFUTES if theorem.verdict == "REFUTED" else _MEANS
    for name in CHECKERS:
        if outcome is not None and outcome.checks[name].status != "passed":
            continue
        if outcome is None and not _applies(theorem, name):
            continue
        yield iter((f"{NAMES[name]}: {means[name]}.",))
    if count := len(theorem.near_misses):
        false = "near-miss is" if count == 1 else f"{count} near-misses are"
        yield iter((f"The {false} given to all of them too, and must be refused.",))


def _applies(theorem: Theorem, checker: str) -> bool:
    if checker == "kernel":
        return bool(kernel.of_record(theorem))
    return not may_be_left_out(theorem, checker)


def _said(outcome: Outcome) -> str:
    said = []
    for name in CHECKERS:
        check = outcome.checks[name]
        detail = f" ({check.says})" if check.says and name != "algebra" else ""
        said.append(f"{NAMES[name]}: {check.status}{detail}")
    return f"{outcome.verdict}. " + "; ".join(said) + "."


def _grounds(theorem: Theorem, outcomes: Mapping[str, Outcome]) -> Iterator[Inline]:
    """Name the theorems that a proof cites, with what was found of them."""
    names = [name for name in cited(theorem) if name in outcomes]
    if names:
        yield " It rests on "
        for at, name in enumerate(names):
            yield from (", ", Reference(name)) if at else (Reference(name),)
            yield f" ({outcomes[name].verdict})"
        yield "."
