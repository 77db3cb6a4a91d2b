"""A progress bar for what takes long."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")

PATIENCE_S = 2.0
"""A bar appears on standard error once the work has taken this long, in seconds."""


def tracked(items: Iterable[T], what: str, total: int) -> Iterable[T]:
    """Pass items on one by one, showing how many are done once two seconds have gone by.

    Nothing is shown of a single item, or where standard error is no terminal.
    """
    return _with_bar(items, what, total) if total > 1 and sys.stderr.isatty() else items


def _with_bar(items: Iterable[T], what: str, total: int) -> Iterable[T]:
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
