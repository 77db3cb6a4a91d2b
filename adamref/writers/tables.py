"""Tables without lines, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Collection


def table(
    *headings: str, numeric: Collection[str] = (), whole: Collection[str] = (), gap: int = 2
) -> Table:
    """Return a table with these columns: numeric ones flush right, whole ones unbroken."""
    made = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="dim")
    for heading in headings:
        made.add_column(
            heading,
            justify="right" if heading in numeric else "left",
            overflow="fold",
            no_wrap=heading in whole,
        )
    return made


def wide_table(*headings: str, numeric: Collection[str] = (), elastic: str) -> Table:
    """Return a table as wide as the terminal: where that is narrow, one column is cut short."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    for heading in headings:
        made.add_column(
            heading,
            justify="right" if heading in numeric else "left",
            no_wrap=True,
            overflow="ellipsis",
            ratio=1 if heading == elastic else None,
        )
    return made
