"""Work in several processes at once, which end with the one that started them."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from typing import Any, TypeVar

_GRACE = 0.3
"""Seconds in which a process ends what it has started."""

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


@contextmanager
def worked_apart(
    work: Callable[[_Given], _Made],
    given: Sequence[_Given],
    jobs: int | None = None,
    *,
    at_once: int = 1,
) -> Iterator[Iterator[_Made]]:
    """Let processes work, and give what is made of each in order, as it is ready.

    Where the block is left before all is made, as it is where somebody interrupts, every process is
    ended: none says a word.

    Parameters
    ----------
    work : callable
        A function of a module, as other processes find it.
    given : sequence
    jobs : int, optional
        How many processes; by default one a processor, and never more than there is work for.
    at_once : int
        How many of them a process takes at a time.
    """
    most = min(jobs or processors(), -(-len(given) // at_once)) or 1
    # A fork would inherit threads of numerical libraries, which it has not.
    pool = ProcessPoolExecutor(most, mp_context=get_context("spawn"), initializer=_ends_in_order)
    try:
        with _deaf_to_interrupts():
            made = pool.map(work, given, chunksize=at_once)
        yield made
    except BaseException:
        children = active_children()
        for child in children:
            child.terminate()
        for child in children:
            child.join(_GRACE)
            child.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def processors() -> int:
    """Return how many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Let processes that are started meanwhile not hear of interrupts: they are ended by us."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, heard)


def _ends_in_order() -> None:
    """Let a process that is ended leave its blocks, which end what it has started itself."""

    def leave(*_: Any) -> None:
        # Where it is in a function that cannot raise, the interpreter would complain of that.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        sys.exit(1)

    signal.signal(signal.SIGTERM, leave)
