"""What tests see of planted faults as text: the counts, each survivor, a test to paste."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from adamref.mutation.summary import apart, headline, of_tests, sentence, shown, survivors
from adamref.writers.tables import table

if TYPE_CHECKING:
    from adamref.mutation.result import Mutation

_LISTED = 40
"""Survivors that are listed; JSON and HTML have all."""


def write(found: Mutation) -> RenderableType:
    """Lay it out."""
    return Group(*_parts(found))


def _parts(found: Mutation) -> Iterator[RenderableType]:
    yield Text(headline(found), style="bold")
    for test, says in found.failures[:10]:
        yield Text(f"  {test}: {says}", style="red")
    if found.baseline == "failed":
        return
    yield Text(of_tests(found))
    if said := apart(found):
        yield Text(said)
    for note in found.notes:
        yield Text(note)
    passed = survivors(found)
    if passed:
        yield Text()
        yield Text("What passes, and what it does to a training run:", style="bold")
    for one in passed[:_LISTED]:
        edge = "" if one.core else " (edge)"
        yield Text.assemble((one.id, "red"), f"{edge}: {one.says}")
        yield Padding(Text(f"{sentence(one.effect)}. {sentence(one.because)}."), (0, 0, 0, 2))
        yield Padding(Text(f"Shown by {shown(one.shown_by)}", style="dim"), (0, 0, 0, 2))
    if len(passed) > _LISTED:
        yield Text(f"and {len(passed) - _LISTED} more: --format json has all")
    late = found.of("timeout")
    if late:
        made = table("did not end", "in")
        for one in late:
            made.add_row(one.id, ", ".join(one.by))
        yield from (Text(), made)
    first = next((x for x in passed if x.shown_by is not None and x.shown_by.test), None)
    if first is not None and first.shown_by is not None:
        yield Text()
        yield Text(f"A test that kills {first.id} (--format json and html have one for each):",
                   style="bold")  # fmt: skip
        yield Text()
        yield Text(first.shown_by.test, no_wrap=True, overflow="ignore")
    minimal = found.minimal
    if minimal is not None:
        yield Text()
        yield Text(
            f"{len(minimal.probes)} probes kill all {len(minimal.told)} faults that can be told: "
            f"{', '.join(minimal.probes)}."
        )
        if minimal.untold:
            yield Text(f"Not told by any that can be asked of it: {', '.join(minimal.untold)}.")
