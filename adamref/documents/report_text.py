"""The audit as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from adamref.documents.summary import (
    corrected_sheet,
    explained,
    formulas_said,
    is_plain_formula,
    summary,
)
from adamref.output import printable

if TYPE_CHECKING:
    from rich.console import RenderableType

    from adamref.documents.claims import Claim
    from adamref.documents.findings import Findings

_COLOURS = {
    "holds": "green",
    "wrong": "bold red",
    "follows": "yellow",
    "dialect": "cyan",
    "unread": "dim",
    "nothing-read": "yellow",
}


def as_text(audit: Findings) -> RenderableType:
    """Lay an audit out: the verdict, the first wrong number, all claims, the corrected sheet."""
    parts: list[RenderableType] = [_headline(audit)]
    if audit.given:
        given = ", ".join(f"{n} = {g.value} (line {g.line})" for n, g in audit.given.items())
        parts.append(Text(f"Given: {given}"))
    if audit.first_wrong is not None:
        parts += [Text(), _first_wrong(audit.claims[audit.first_wrong])]
    if not all(is_plain_formula(claim) for claim in audit.claims):
        parts += [Text(), _claims(audit)]
    if formulas := formulas_said(audit):
        parts += [Text(), Text(formulas)]
    if audit.repairs:
        parts += [Text(), _repairs(audit)]
    rows = corrected_sheet(audit) if audit.verdict == "wrong" else []
    if rows:
        parts += [Text(), Text("The corrected sheet", style="bold"), _sheet(audit)]
    return Group(*parts)


def _headline(audit: Findings) -> Text:
    text = Text(f"{printable(audit.path)}: ", style="bold")
    text.append(audit.verdict, style=_COLOURS[audit.verdict])
    text.append(f"\n{summary(audit)}")
    return text


def _first_wrong(claim: Claim) -> RenderableType:
    about = f", {claim.field} at t = {claim.t}" if claim.field else ""
    lines = Text(f"First wrong: line {claim.line}{about}", style="bold red")
    body = Text()
    body.append(f"{printable(claim.quote)}\n", style="italic")
    if claim.verdict == "wrong":
        right = f", but {claim.expected} is right" if claim.expected else ""
        body.append(f"{claim.claimed} stands there{right}.")
    else:
        body.append(f"{claim.claimed} is right, but an equation that leads to it does not hold.")
    for said in _explained(claim):
        body.append(f"\n{said}")
    return Group(lines, Padding(body, (0, 0, 0, 2)))


def _explained(claim: Claim) -> list[str]:
    """Say what accounts for a wrong number, in sentences."""
    said = [explained(cause) for cause in claim.causes]
    if claim.unexplained is not None:
        said.append(f"Unexplained: {claim.unexplained}.")
    return said


def _claims(audit: Findings) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("line", "of", "t", "claimed", "right", "verdict", "because"):
        table.add_column(
            heading,
            justify="right" if heading in ("line", "t", "claimed", "right") else "left",
            overflow="fold",
            no_wrap=heading in ("line", "t", "verdict"),
        )
    for claim in audit.claims:
        if is_plain_formula(claim):
            continue
        about = claim.field or claim.kind
        if claim.kind in ("formula", "code") and claim.field:
            about = f"{claim.field}, {claim.kind}"
        if claim.parameter:
            about += f" ({claim.parameter})"
        numeric = claim.kind not in ("formula", "code")
        table.add_row(
            str(claim.line),
            Text(printable(about)),
            "" if claim.t is None else str(claim.t),
            (claim.claimed or "") if numeric else "",
            (claim.expected or "") if numeric else "",
            Text(claim.verdict, style=_COLOURS[claim.verdict]),
            Text(printable(_because(claim))),
        )
    return table


def _because(claim: Claim) -> str:
    said = [claim.because]
    said += [cause.says for cause in claim.causes]
    if claim.unexplained is not None:
        said.append(f"unexplained: {claim.unexplained}")
    if claim.from_author is not None:
        said.append(f"from the author's own numbers: {claim.from_author}")
    said += [f"does not hold: {link.quote}" for link in claim.links if not link.holds]
    return "; ".join(said)


def _repairs(audit: Findings) -> RenderableType:
    listed = Text("Repairs of damaged text", style="bold")
    lines = [f"  line {r.line}: {r.found} read as {r.meant}" for r in audit.repairs]
    return Group(listed, Text("\n".join(lines)))


def _sheet(audit: Findings) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    table.add_column("worked")
    table.add_column("the document", justify="right")
    table.add_column("right", justify="right")
    for row in corrected_sheet(audit):
        worked = f"{row.left} = {row.symbols}" if row.symbols else row.left
        table.add_row(worked, Text(row.document, style=_COLOURS.get(row.verdict, "")), row.right)
    return table
