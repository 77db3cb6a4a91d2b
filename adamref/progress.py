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
                _signs.hide()
                bar.start()
                shown = True
            yield item
            bar.advance(task)
    finally:
        if shown:
            bar.stop()
            _signs.show_again()


class _Signs:
    """The sign of life that is shown, if any: a bar takes its place until all parts are done."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._what = ""
        self._shown: Any = None
        self._timer: threading.Timer | None = None

    def begin(self, what: str) -> None:
        """Show one in a while, unless that is ended before."""
        self._what = what
        self._wait(PATIENCE_S)

    def end(self) -> None:
        """Take it away, or let it never come."""
        self._what = ""
        self.hide()

    def hide(self) -> None:
        """Take it away for a while."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._shown is not None:
                self._shown.stop()
                self._shown = None

    def show_again(self) -> None:
        """Show it again, where there is one, as soon as what follows is more than a moment."""
        if self._what:
            self._wait(PATIENCE_S / 4)

    def _wait(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._show)
        self._timer.daemon = True
        self._timer.start()

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        with self._lock:
            if self._timer is not threading.current_thread():  # it ended meanwhile
                return
            columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
            self._shown = Progress(*columns, console=Console(stderr=True), transient=True)
            self._shown.add_task(self._what, total=None)
            self._shown.start()


_signs = _Signs()


@contextmanager
def alive(what: str) -> Iterator[None]:
    """Show that work goes on, and for how long, once two seconds have gone by.

    While its parts are counted, `tracked` shows its bar instead. Nothing is shown where standard
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
