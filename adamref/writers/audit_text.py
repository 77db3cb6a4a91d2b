"""The audit as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from adamref.documents import summary
from adamref.output import printable
from adamref.writers.pointed import HEADING, pointed
from adamref.writers.tables import table

if TYPE_CHECKING:
    from adamref.documents.claims import Claim
    from adamref.documents.findings import Audit, Audits

_COLOURS = {
    "holds": "green",
    "wrong": "bold red",
    "follows": "yellow",
    "dialect": "cyan",
    "doubtful": "magenta",
    "partly-read": "yellow",
    "unread": "dim",
    "nothing-read": "yellow",
}


def write(audits: Audit | Audits) -> RenderableType:
    """Lay audits out: the verdict, the first wrong number, all claims, the corrected sheet.

    Of several documents those are reported that are wrong; then comes a line for each, and one for
    all.
    """
    several = len(audits.documents) > 1
    parts: list[RenderableType] = []
    for audit in audits.documents:
        if not several or audit.verdict == "wrong":
            parts += [Text(), *_document(audit)]
    if several:
        parts += [Text(), *map(_one_line, audits.documents), Text(summary.of_all(audits))]
    return Group(*parts[1:])


def _one_line(audit: Audit) -> Text:
    line = Text(f"{printable(audit.path)}: ")
    line.append(audit.verdict, style=_COLOURS[audit.verdict])
    if audit.first_wrong is not None:
        line.append(f", first at {summary.place(audit.claims[audit.first_wrong])}")
    return line.append(f"; {summary.summary(audit)}" if audit.claims else "")


def _document(audit: Audit) -> list[RenderableType]:
    headline = Text(f"{printable(audit.path)}: ", style="bold")
    headline.append(summary.verdict(audit), style=_COLOURS[audit.verdict])
    headline.append(f"\n{summary.summary(audit)}")
    parts: list[RenderableType] = [headline]
    if audit.given:
        parts.append(Text(f"Given: {summary.given(audit)}"))
    if audit.first_wrong is not None:
        parts += [Text(), *_first_wrong(audit.claims[audit.first_wrong])]
    if rows := summary.claim_rows(audit):
        made = table(
            *summary.HEADINGS,
            numeric=("line", "t", "claimed", "right"),
            whole=("line", "t", "verdict"),
        )
        for *cells, verdict, because in rows:
            texts = [Text(printable(cell)) for cell in (*cells, because)]
            made.add_row(*texts[:-1], Text(verdict, style=_COLOURS[verdict]), texts[-1])
        parts += [Text(), made]
    if formulas := summary.formulas_said(audit):
        parts += [Text(), Text(formulas)]
    for i, (name, stands, says) in enumerate(pointed(audit)):
        if i == 0:
            parts += [Text(), Text(HEADING, style="bold")]
        body = Text(f"{name}\n", style="cyan")
        body.append(printable(f"{stands} {says}"), style="default")
        parts.append(Padding(body, (0, 0, 0, 2)))
    if audit.repairs:
        lines = [f"  line {r.line}: {r.found} read as {r.meant}" for r in audit.repairs]
        title = Text("Repairs of damaged text", style="bold")
        parts += [Text(), title, Text("\n".join(lines))]
    if audit.verdict == "wrong" and (sheet := summary.corrected_sheet(audit)):
        made = table("worked", "the document", "right", numeric=("the document", "right"), gap=3)
        for row in sheet:
            worked = f"{row.left} = {row.symbols}" if row.symbols else row.left
            document = Text(row.document, style=_COLOURS.get(row.verdict, ""))
            made.add_row(worked, document, row.right)
        parts += [Text(), Text("The corrected sheet", style="bold"), made]
    return parts


def _first_wrong(claim: Claim) -> list[RenderableType]:
    body = Text().append(f"{printable(claim.quote)}\n", style="italic")
    body.append("\n".join(summary.explained(claim)))
    title = Text(f"First wrong: {summary.place(claim)}", style="bold red")
    return [title, Padding(body, (0, 0, 0, 2))]
