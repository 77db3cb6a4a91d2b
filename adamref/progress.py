"""What is seen of work that takes long: a bar where parts are counted, else a sign of life."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")

PATIENCE_S = 2.0
"""Something appears on standard error once the work has taken this long, in seconds."""


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
                _signs.end()
                bar.start()
                shown = True
            yield item
            bar.advance(task)
    finally:
        if shown:
            bar.stop()


class _Signs:
    """The sign of life that is shown, if any: a bar takes its place."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shown: Any = None
        self._timer: threading.Timer | None = None

    def begin(self, what: str) -> None:
        """Show one in a while, unless that is ended before."""
        self._timer = threading.Timer(PATIENCE_S, self._show, (what,))
        self._timer.daemon = True
        self._timer.start()

    def end(self) -> None:
        """Take it away, or let it never come."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._shown is not None:
                self._shown.stop()
                self._shown = None

    def _show(self, what: str) -> None:
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        with self._lock:
            if self._timer is None:  # it ended meanwhile
                return
            columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
            self._shown = Progress(*columns, console=Console(stderr=True), transient=True)
            self._shown.add_task(what, total=None)
            self._shown.start()


_signs = _Signs()


@contextmanager
def alive(what: str) -> Iterator[None]:
    """Show that work goes on, and for how long, once two seconds have gone by.

    Where its parts are counted, `tracked` shows its bar instead. Nothing is shown where standard
    error is no terminal.
    """
    if not sys.stderr.isatty():
        yield
        return
    _signs.begin(what)
    try:
        yield
    finally:
        _signs.end()
