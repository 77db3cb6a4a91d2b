"""What every report of an audit says: the sentence on top, and the corrected sheet."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from adamref.documents.findings import SheetRow
from adamref.rules.notation import LATEX, TEXT, render, spelled, symbolic_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.documents.case import Given
    from adamref.documents.claims import Cause, Claim
    from adamref.documents.findings import Audit, Audits
    from adamref.documents.prose.pointers import Pointer
    from adamref.documents.world import World

_VERDICTS = ("doubtful", "holds", "wrong", "follows", "dialect", "unread")
_SAID = {
    "holds": "{} hold",
    "wrong": "{} wrong",
    "follows": "{} only follow from a wrong number",
    "dialect": "{} in another dialect",
    "doubtful": "{} doubtful",
    "unread": "{} not read",
}


def summary(audit: Audit) -> str:
    """Say in one sentence what was found."""
    if not audit.claims:
        return "Nothing in it is a claim about a step of Adam."
    counts = Counter(claim.verdict for claim in audit.claims)
    total = len(audit.claims)
    said = [_SAID[v].format(counts[v]) for v in _VERDICTS if counts[v]]
    return f"{total} claim{'s' if total > 1 else ''}: {', '.join(said)}."


def of_all(audits: Audit | Audits) -> str:
    """Say in one sentence what was found in several documents."""
    counts = Counter(audit.verdict for audit in audits.documents)
    said = [f"{count} {_OF_ALL.get(verdict, verdict)}" for verdict, count in counts.most_common()]
    return f"{len(audits.documents)} documents: {', '.join(said)}."


_OF_ALL = {
    "holds": "hold",
    "partly-read": "with nothing wrong found and not all read",
    "nothing-read": "with nothing read",
}


def verdict(audit: Audit) -> str:
    """Say the verdict; of a document that was partly read, how much of it was not."""
    if audit.verdict != "partly-read":
        return audit.verdict
    unread = sum(claim.verdict == "unread" for claim in audit.claims)
    doubtful = sum(claim.verdict == "doubtful" for claim in audit.claims)
    total = len(audit.claims)
    said = [f"{unread} of {total} claims not read"] * bool(unread)
    said += [f"{doubtful} of {total} doubtful"] * bool(doubtful)
    return ", ".join(["nothing wrong found", *said])


def is_plain_formula(claim: Claim) -> bool:
    """Say whether a claim is a formula that Algorithm 1 has as well."""
    return bool(claim.field) and (claim.kind, claim.verdict, claim.optimizer) == (
        "formula",
        "holds",
        "adam",
    )


def formulas_said(audit: Audit) -> str:
    """Say in one sentence which formulas are Algorithm 1's own; empty if there are none."""
    plain = [claim for claim in audit.claims if is_plain_formula(claim)]
    return f"Formulas that are lines of Algorithm 1: {places(plain)}." if plain else ""


def places(several: Sequence[Claim | Pointer]) -> str:
    """Say where some things stand in the file."""
    numbers = list(dict.fromkeys(str(one.line) for one in several if not one.where))
    said = [f"line{'s' * (len(numbers) > 1)} {', '.join(numbers)}"] if numbers else []
    return "; ".join([*said, *dict.fromkeys(one.where for one in several if one.where)])


def given(audit: Audit) -> str:
    """List what the document gives, each with its line."""
    return ", ".join(f"{n} = {g.value} ({stands(g)})" for n, g in audit.given.items())


def stands(one: Claim | Given) -> str:
    """Say where something stands in the file."""
    return one.where or f"line {one.line}"


def place(claim: Claim) -> str:
    """Say where a claim stands, and of which value."""
    at = "" if claim.t is None else f" at t = {claim.t}"
    about = f", {claim.field}{at}" if claim.field else ""
    return f"{stands(claim)}{about}"


def explained(claim: Claim) -> list[str]:
    """Say what is wrong with a claim, and what accounts for it, in sentences."""
    if claim.kind in _IN_WORDS:
        its = [f"It should be {claim.expected}."] if claim.expected else []
        return [*(f"{_sentence(cause.says)}." for cause in claim.causes), *its]
    if claim.verdict == "wrong":
        right = f", but {claim.expected} is right" if claim.expected else ""
        said = [f"{claim.claimed} stands there{right}."]
    else:
        said = [f"{claim.claimed} is right, but an equation that leads to it does not hold."]
    said += [_accounted(cause) for cause in claim.causes]
    if claim.unexplained is not None:
        said.append(f"Unexplained: {claim.unexplained}.")
    return said


def _accounted(cause: Cause) -> str:
    """Say what a cause makes of the right numbers, and whether that is what stands there."""
    says = _sentence(cause.says)
    if cause.reproduces:
        return f"{says}, which is the number that stands there, to its last digit."
    return f"{says}, which is not yet the number that stands there."


def _sentence(says: str) -> str:
    """Begin with a capital, where that is no letter of a quantity: m_hat is no M_hat."""
    name = says.split(" ", 1)[0]
    return says[:1].upper() + says[1:] if len(name) > 1 and name.isalpha() else says


_IN_WORDS = ("formula", "code", "statement")
"""Kinds of claims that print no number."""

HEADINGS = ("line", "of", "t", "claimed", "right", "verdict", "because")
"""Of the table of the claims."""


def claim_rows(audit: Audit) -> list[tuple[str, ...]]:
    """Return the table of the claims; formulas that are Algorithm 1's own are left out."""
    told = [claim for claim in audit.claims if not is_plain_formula(claim)]
    return [_claim_row(claim) for claim in sorted(told, key=lambda c: c.verdict != "doubtful")]


def _claim_row(claim: Claim) -> tuple[str, ...]:
    about, numbers = claim.field or claim.kind, (claim.claimed or "", claim.expected or "")
    if claim.kind in _IN_WORDS:
        about, numbers = f"{claim.field}, {claim.kind}" if claim.field else about, ("", "")
    if claim.parameter:
        about += f" ({claim.parameter})"
    t = "" if claim.t is None else str(claim.t)
    return claim.where or str(claim.line), about, t, *numbers, claim.verdict, _because(claim)


def _because(claim: Claim) -> str:
    said = [claim.because, *(cause.says for cause in claim.causes)]
    if claim.unexplained is not None:
        said.append(f"unexplained: {claim.unexplained}")
    if claim.from_author is not None:
        said.append(f"from the author's own numbers: {claim.from_author}")
    said += [f"does not hold: {link.quote}" for link in claim.links if not link.holds]
    return "; ".join(dict.fromkeys(said))


def corrected_sheet(audit: Audit) -> list[SheetRow]:
    """Work the document's own problem right, line by line, beside what the document says."""
    if audit.sheet is not None:
        return list(audit.sheet)
    said: dict[tuple[str, str, str, int], Claim] = {}
    for claim in audit.claims:
        if claim.kind == "value" and claim.field and claim.t:
            said.setdefault((claim.optimizer, claim.field, claim.parameter, claim.t), claim)
    rows = []
    for optimizer, world in audit.worlds.items():
        # Work by the usual form: what the document does in another one is told as that.
        clean = world.anew(world.rule)
        places = {(t, parameter) for by, _, parameter, t in said if by == optimizer}
        for t, parameter in sorted(places):
            for name in clean.rule.fields:
                right = clean.truth(name, parameter, t)
                if right is not None:
                    claimed = said.get((optimizer, name, parameter, t))
                    rows.append(_row(clean, name, parameter, t, claimed, right.text()))
    return rows


def _row(
    world: World, name: str, parameter: str, t: int, claim: Claim | None, right: str
) -> SheetRow:
    text, latex = spelled(name, TEXT, str(t)), spelled(name, LATEX, str(t))
    symbols = ""
    if name != "g":
        expr = world.rule.line(name).expr
        symbols = render(expr, symbolic_names(TEXT, str(t), str(t - 1)), TEXT)
        latex += " = " + render(expr, symbolic_names(LATEX, str(t), str(t - 1)), LATEX)
    document = "" if claim is None or claim.claimed is None else claim.claimed
    verdict = "" if claim is None else claim.verdict
    left = text + (f" ({parameter})" if parameter else "")
    return SheetRow(left, symbols, latex, document, verdict, right)
