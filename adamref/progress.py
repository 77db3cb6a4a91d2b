"""A progress bar for what takes long."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")

PATIENCE_S = 2.0
"""A bar appears on standard error once the work has taken this long, in seconds."""


def tracked(items: Iterable[T], what: str, total: int) -> Iterator[T]:
    """Pass items on one by one, showing how many are done once two seconds have gone by."""
    from rich.console import Console
    from rich.progress import Progress

    bar = Progress(console=Console(stderr=True), transient=True)
    started = time.monotonic()
    task = bar.add_task(what, total=total)
    shown = False
    try:
        for item in items:
            if not shown and time.monotonic() - started > PATIENCE_S:
                bar.start()
                shown = True
            yield item
            bar.advance(task)
    finally:
        if shown:
            bar.stop()
