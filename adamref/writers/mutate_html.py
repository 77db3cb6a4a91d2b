"""What tests see of planted faults as one self-contained HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.mutation.summary import apart, headline, of_tests, sentence, shown, survivors
from adamref.pages import rendered

if TYPE_CHECKING:
    from adamref.mutation.result import Mutation


def write(found: Mutation) -> str:
    """Write it as one page: the survivors with a test each, what was killed by what."""
    return rendered(
        "mutate.html",
        found=found,
        headline=headline(found),
        of_tests=of_tests(found),
        apart=apart(found),
        survivors=survivors(found),
        shown=shown,
        sentence=sentence,
        killed=found.of("killed", "timeout"),
        left=found.of("dialect", "equivalent", "undetectable", "not-run"),
    )
