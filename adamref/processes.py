"""Work in several processes at once, which end with the one that started them.

What a process has started is found by psutil, which knows how on Linux, macOS and Windows, and ends
no other that has got the number of one that is gone.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import psutil

_GRACE = 0.3
"""Seconds in which a process ends what it has started."""

MARK = "ADAMREF_STARTED_BY"
"""A variable of the environment by which those are known that a program started."""

_ROUNDS = 10
"""How often those that were started meanwhile are looked for."""

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
            # Not by its map, which cancels in this thread what the pool is told of in another.
            parts = [
                pool.submit(_each, work, given[i : i + at_once])
                for i in range(0, len(given), at_once)
            ]
        yield (x for part in parts for x in part.result())
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        children = active_children()
        started = [one for child in children for one in _started_by(child.pid)]
        for child in children:
            child.terminate()
        for child in children:
            child.join(_GRACE)
            child.kill()
        _end_all(started)
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def end_tree(pid: int) -> None:
    """End a process of ours, and all that it has started, as far as the system shows them."""
    import psutil

    with contextlib.suppress(psutil.Error):
        _end_all([*_started_by(pid), psutil.Process(pid)])
    # What lost its parent is in the group still, where there are groups.
    if hasattr(os, "killpg"):
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)


def end_marked(mark: str) -> None:
    """End the processes in whose environment `MARK` has a value, wherever the system shows that."""
    import psutil

    for _ in range(_ROUNDS):
        found = [
            one
            for one in psutil.process_iter(["environ"])
            if (one.info["environ"] or {}).get(MARK) == mark
        ]
        _end_all(found)
        if not found:
            return


def _started_by(pid: int | None) -> list[psutil.Process]:
    import psutil

    found: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        found = psutil.Process(pid).children(recursive=True)
    return found


def _end_all(processes: Sequence[psutil.Process]) -> None:
    import psutil

    for one in processes:
        with contextlib.suppress(psutil.Error):
            one.kill()


def processors() -> int:
    """Return how many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _each(work: Callable[[_Given], _Made], given: Sequence[_Given]) -> list[_Made]:
    return [work(x) for x in given]


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
    # Windows hands nothing on of what the parent ignores.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when the one that started it has ended, however that was."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE)
    os._exit(1)
