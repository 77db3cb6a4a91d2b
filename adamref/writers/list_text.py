"""Ids and titles as text: a line each, by group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from adamref.writers.tables import table

if TYPE_CHECKING:
    from adamref.listing import Listing


def named(name: str) -> tuple[tuple[str, str], ...]:
    """Say by which name all of a group is asked for, if there is one."""
    return (("  ", ""), (f"({name})", "cyan")) if name else ()


def write(listing: Listing) -> RenderableType:
    """Lay ids out, those of one group below its title."""
    widest = max((len(id_) for id_ in listing.ids), default=0)
    parts: list[RenderableType] = []
    for group in listing.groups:
        made = table("id", "title", whole=("id",))
        made.show_header = False
        made.columns[0].min_width = widest  # the titles of all groups begin in one column
        for id_, title in group.entries:
            made.add_row(Text(id_, style="cyan"), Text(title))
        headline = Text.assemble((group.title, "bold"), *named(group.name))
        parts += [headline, Padding(made, (0, 0, 0, 2)), Text()]
    plural = "s" if len(listing.ids) != 1 else ""
    return Group(*parts, Text(f"{len(listing.ids)} id{plural} of {listing.of}."))
