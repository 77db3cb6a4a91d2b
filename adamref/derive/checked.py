"""Who checked a theorem, and what that means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.theorems import kernel
from adamref.theorems.citing import cited
from adamref.theorems.prove import CHECKERS, may_be_left_out
from adamref.typeset.tree import Bullets, Paragraph, Reference, Verbatim

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from adamref.theorems.prove import Outcome
    from adamref.theorems.record import Theorem
    from adamref.typeset.tree import Block, Inline, Sentence

NAMES = {"algebra": "algebra", "smt": "z3", "numbers": "search", "kernel": "Coq"}

_MEANS = {
    "algebra": "each step is multiplied out and compared, or the signs of its terms are read off; "
    "a second program, which shares no code with the first, does it again. The formulas of each "
    "step are what they check, and not its sentences",
    "smt": "it must find each step of arithmetic true by itself, without the sum of terms that the "
    "proof gives",
    "numbers": "values are tried, most of them where the claim nearly fails, and none may be a "
    "counterexample. That proves nothing, but it finds statements that are wrong",
    "kernel": "it is proved once more in Coq, over definitions made from the rule's own lines",
}
_REFUTES = {
    "algebra": "exact arithmetic must find the claim false at the counterexample",
    "smt": "z3 must find it false there too",
    "numbers": "a search that does not know the counterexample must find one",
    "kernel": "it is proved in Coq that it is false",
}


def who_checked(
    theorem: Theorem, outcomes: Mapping[str, Outcome], told: set[str]
) -> tuple[Block, ...]:
    """Say what the checkers said of a theorem, or which of them do, and what each means.

    Parameters
    ----------
    theorem : Theorem
    outcomes : mapping of str to Outcome
        By id.
    told : set of str
        What has been said before of what a checker means, and is not said again; it grows.
    """
    outcome = outcomes.get(theorem.id)
    if outcome is None:
        names = [name for name in CHECKERS if _applies(theorem, name)]
        by = _listed([NAMES[name] for name in names])
        said = f"Recorded as {theorem.verdict} by {by}{_near_misses(theorem)}. "
        again = Verbatim(f"adamref prove {theorem.id}")
        verdict: Sentence = (said, again, " checks it again.")
    else:
        names = [name for name in CHECKERS if outcome.checks[name].status == "passed"]
        verdict = (_said(outcome), *_grounds(theorem, outcomes))
    means = _REFUTES if theorem.verdict == "REFUTED" else _MEANS
    new = [f"{NAMES[name]}: {means[name]}." for name in names]
    new = [one for one in new if one not in told]
    told.update(new)
    return (Paragraph(verdict), *((Bullets(tuple((one,) for one in new)),) if new else ()))


def _near_misses(theorem: Theorem) -> str:
    count = len(theorem.near_misses)
    false = "near-miss" if count == 1 else f"{count} near-misses"
    return f"; the same proof must fail for the {false}" if count else ""


def _listed(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


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
