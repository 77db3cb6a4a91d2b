"""A comparison as text: a sentence a finding, the first one first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

if TYPE_CHECKING:
    from adamref.comparisons.comparison import Comparison


def write(found: Comparison) -> RenderableType:
    """Lay a comparison out."""
    first, *rest = found.says
    return Group(Text(first, style="bold"), *(Text(f"- {says}") for says in rest))
