"""Tables without lines, for a terminal."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, final

from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

_PROSE = 16
"""Cells that a column of words has at least, where they are more."""


def table(
    *headings: str,
    numeric: Collection[str] = (),
    whole: Collection[str] = (),
    gap: int = 2,
    elastic: str = "",
) -> Fitted:
    """Return a table with these columns: numeric ones flush right, they and whole ones unbroken.

    One with an elastic column is as wide as the terminal, and where that is narrow this column is
    cut short; in another, cells of words are broken over several lines. Where a terminal is too
    narrow even for that, each row is laid out by itself, a line a cell.
    """
    wide = bool(elastic)
    made = Fitted(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="dim", expand=wide)
    for heading in headings:
        made.add_column(
            heading,
            justify="right" if heading in numeric else "left",
            overflow="ellipsis" if wide else "fold",
            no_wrap=wide or heading in whole or heading in numeric,
            ratio=1 if heading == elastic else None,
        )
    return made


@final
class Fitted(Table):
    """A table where it fits a terminal, and its rows below each other where it does not."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay it out."""
        if self._least(console, options) <= options.max_width:
            yield from super().__rich_console__(console, options)
        else:
            yield from self._below_each_other()

    def _least(self, console: Console, options: ConsoleOptions) -> int:
        """Return the cells that it needs: those of numbers, and room for words."""
        gaps = sum(self.padding[1::2]) * (len(self.columns) - 1)
        free = options.update_width(10_000)
        return gaps + sum(self._least_of(one, console, free) for one in self.columns)

    def _least_of(self, column: Column, console: Console, options: ConsoleOptions) -> int:
        if column.width is not None:
            return column.width
        cells = (column.header, *column.cells)
        measured = [Measurement.get(console, options, cell) for cell in cells]
        longest = max(one.maximum for one in measured)
        if column.ratio is not None:
            return min(longest, _PROSE)
        if column.no_wrap:
            return max(longest, column.min_width or 0)
        return max(min(longest, _PROSE), *(one.minimum for one in measured))

    def _below_each_other(self) -> Iterator[Text | Padding]:
        first, *others = self.columns
        rows = zip(*(list(column.cells) for column in self.columns), strict=True)
        for name, *cells in rows:
            title = Text(f"{first.header} " if first.justify == "right" else "", style="dim")
            yield title.append_text(name if isinstance(name, Text) else Text(str(name)))
            grid = Table.grid(padding=(0, 2, 0, 0))
            grid.add_column(no_wrap=True)
            grid.add_column(overflow="fold")
            for column, cell in zip(others, cells, strict=True):
                if str(cell).strip():
                    grid.add_row(Text(str(column.header), style="dim"), cell)
            yield Padding(grid, (0, 0, 0, 2))
