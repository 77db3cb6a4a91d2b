"""Tables without lines, for a terminal."""

from __future__ import annotations

from collections.abc import Collection

from rich.table import Table


def table(
    *headings: str,
    numeric: Collection[str] = (),
    whole: Collection[str] = (),
    gap: int = 2,
    elastic: str = "",
) -> Table:
    """Return a table with these columns: numeric ones flush right, whole ones unbroken.

    One with an elastic column is as wide as the terminal, and where that is narrow this column is
    cut short; in another, cells are broken over several lines.
    """
    wide = bool(elastic)
    made = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="dim", expand=wide)
    for heading in headings:
        made.add_column(
            heading,
            justify="right" if heading in numeric else "left",
            overflow="ellipsis" if wide else "fold",
            no_wrap=wide or heading in whole,
            ratio=1 if heading == elastic else None,
        )
    return made
