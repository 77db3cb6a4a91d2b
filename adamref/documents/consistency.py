"""Whether a document works all its steps in one dialect."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from adamref.documents.dialects import dialects, differing

if TYPE_CHECKING:
    from adamref.documents.case import Case
    from adamref.documents.claims import Claim
    from adamref.documents.habits import Place, Shown
    from adamref.documents.world import Key


_FEW = 4
"""By so many units of the last place numbers differ that come of rounded ones."""


def mixed(case: Case) -> dict[Place, str]:
    """Find the numbers that are right only in a dialect that as many other steps refuse.

    A trajectory has one dialect: a step that is right in another one is a mistake, as where the
    decay is not multiplied by the step size once. A text that works the same step in both compares
    them, and one that writes several forms may mean any.

    Returns
    -------
    mapping of (int, int) to str
        By the places of the numbers, what tells the dialect from the usual one.
    """
    judged = {
        (c.field, c.parameter, c.t): (c.line, c.column)
        for c in case.claims
        if c.verdict == "dialect"
    }
    if not judged or len(case.forms) > 1:
        return {}
    held = [s for s in case.shown if s.place not in judged.values()]
    found = defaultdict(set)
    for label, about in case.used:
        if about in judged:
            found[label].add(about)
    return {
        judged[about]: label
        for label, abouts in found.items()
        if len(_refusing(case, label, abouts, held)) >= len(abouts)
        for about in abouts
    }


def barred(case: Case, apart: Mapping[Place, str]) -> frozenset[str]:
    """Return the dialects that are out where some are, each with all that differ in more."""
    return frozenset(more for label in apart.values() for more in _with_more(case, label))


def told(case: Case, apart: Mapping[Place, str]) -> None:
    """Say of numbers that are wrong in what dialect they would be right."""
    for i, claim in enumerate(case.claims):
        label = apart.get((claim.line, claim.column))
        if label is not None and claim.verdict == "wrong":
            says = f"it would be in the dialect {label}, in which other steps are not"
            case.claims[i] = replace(claim, because=f"{claim.because}; {says}")


def _with_more(case: Case, label: str) -> list[str]:
    """Return the dialects that differ from the usual one in all in which one does, or in more."""
    known = dialects(case.optimizer)
    apart = known[label].dialect.items() - case.optimizer.rule.dialect.items()
    return [other for other, rule in known.items() if apart <= rule.dialect.items()]


def _refusing(case: Case, label: str, abouts: Collection[Key], held: list[Shown]) -> list[Shown]:
    """List the right numbers of the same fields that a dialect does not give; none of its steps."""
    rule = dialects(case.optimizer)[label]
    names, steps = {about[0] for about in abouts}, {about[2] for about in abouts}
    refusing = []
    for shown in held:
        name, parameter, t = shown.about
        if name not in names or not differing(case.rule, rule, name):
            continue
        made = case.world.line_candidates(rule.line(name), rule, parameter, t, tainted=True)
        near = _FEW * shown.number.unit
        if any(abs(abs(c.span.middle) - abs(shown.number.value)) <= near for c in made):
            continue  # the dialects differ by too little there
        if t in steps:
            return []  # worked in both: they are compared
        refusing.append(shown)
    return refusing


def conflicting(claim: Claim, case: Case | None) -> Claim:
    """Say of an update that stands in another dialect what the two make of the same numbers.

    Parameters
    ----------
    claim : Claim
        A formula or a line of code.
    case : Case or None
        What was judged of the optimizer that it is about, if anything.

    Returns
    -------
    Claim
        The claim, with the line that has another form in its reason.
    """
    is_line = claim.kind in ("formula", "code")
    if case is None or not is_line or (claim.verdict, claim.field) != ("dialect", "theta"):
        return claim
    others = {d: line for d, line in case.forms.items() if d != claim.expected}
    if not others:
        return claim
    dialect, line = next(iter(others.items()))
    because = f"{claim.because}, but line {line} has the form {dialect}"
    here, there = _updates(case, str(claim.expected), dialect)
    if here and there:
        because += f": the first step gives {here} here and {there} there"
    return replace(claim, because=because)


def _updates(judged: Case, one: str, other: str) -> tuple[str | None, str | None]:
    made: list[str | None] = []
    own = dialects(judged.optimizer)
    for dialect in (one, other):
        if dialect not in own:
            made.append(None)  # of an optimizer that has a hyperparameter more
            continue
        # The truth in that dialect: from the givens alone, not from what the author printed.
        clean = judged.world.anew(own[dialect])
        span = clean.truth("theta", "", judged.world.first)
        made.append(None if span is None else span.text(12))
    return made[0], made[1]
