"""What a contender does, and the taking of its time."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, final

if TYPE_CHECKING:
    from collections.abc import Callable


@final
@dataclass(frozen=True)
class Task:
    """Work whose inputs are ready.

    Attributes
    ----------
    work : callable
        Does what is timed, and returns what `show` needs.
    show : callable
        Writes the first new parameters as decimals, from what the first call of `work` returned.
    count : int
        How many units (parameter-steps, elements) one call of `work` does.
    about : str
        The version of what does the arithmetic.
    cpu : callable
        Returns the seconds of CPU that were taken so far, by all processes at work.
    peak : callable or None
        Returns how many bytes of memory any of them has had at most.
    close : callable
        Clears away what the work needed.
    """

    work: Callable[[], Any]
    show: Callable[[Any], list[str]]
    count: int
    about: str
    cpu: Callable[[], float] = time.process_time
    peak: Callable[[], int] | None = None
    close: Callable[[], Any] = field(default=lambda: None)


def timed(task: Task, least: float) -> dict[str, Any]:
    """Do the work once to warm up, then for at least so many seconds.

    Returns
    -------
    dict
        "cpu" and "wall", both in seconds a unit; "runs"; "check", the parameters shown; "about";
        "peak", bytes of memory or None.
        CPU time is what is compared: on a busy machine it does not count the time that other
        processes had, and it would count a second thread.
    """
    check = task.show(task.work())
    runs = 0
    cpu_start, wall_start = task.cpu(), time.perf_counter()
    while True:
        task.work()
        runs += 1
        wall = time.perf_counter() - wall_start
        if wall >= least:
            break
    cpu = task.cpu() - cpu_start
    peak = None if task.peak is None else task.peak()
    task.close()
    units = runs * task.count
    return {
        "cpu": cpu / units,
        "wall": wall / units,
        "runs": runs,
        "check": check,
        "about": task.about,
        "peak": peak,
    }
