"""A comparison as one self-contained HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from adamref.pages import fragment, rendered

if TYPE_CHECKING:
    from adamref.comparisons.comparison import Comparison


def write(found: Comparison) -> str:
    """Write a comparison as one page: the sentences, and the report of each below, folded."""
    sides = [(x.target, x.report) for x in (found.a, found.b) if x.report is not None]
    return rendered(
        "compare.html",
        a=found.a,
        b=found.b,
        says=found.says,
        # What others wrote was escaped when the page of each was made.
        reports=[(name, Markup(fragment(x.to_html()))) for name, x in sides],  # noqa: S704
    )
