"""Workers of Dask: on this machine, or wherever a scheduler has them.

What is sent to them is of which file, from where to where, and as what it is judged; what comes
back is counts. The elements are read where they are judged. A worker that dies costs its piece:
another does it, and where it takes worker after worker with it, it is told as not judged.
"""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from adamref.errors import MissingPackage, NoWorkers, OutOfDomain
from adamref.replay.workers import Lost, Made, Task, Workers
from adamref.version import VERSION

if TYPE_CHECKING:
    from distributed import Client, Future, LocalCluster

AHEAD = 3
"""Tasks that are given away before their time, a thread: a worker has the next one when it is
done, and what is waiting takes no memory to speak of."""

PATIENCE = 60.0
"""Seconds without any worker after which none is waited for."""

ENVIRONMENT = {
    **dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), 1),
    **dict.fromkeys(("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"), 2**26),
}
"""Of processes that are started here. With Dask's own threshold (65,536) glibc gives the memory of
each array back to the system, and pages that are asked for anew take as long as the work."""

CONFIGURATION = {
    "distributed.nanny.pre-spawn-environ": ENVIRONMENT,
    "distributed.scheduler.allowed-failures": 1,
}
"""Of a cluster that is started here."""

ANSWER = 10.0
"""Seconds in which a scheduler has to answer."""

_LOOK = 2.0
"""Seconds after which it is looked whether there are workers."""


def seen_from_anywhere(given: object) -> str | None:
    """Return the path of a checkpoint as other processes have it.

    Raises
    ------
    OutOfDomain
        If it is no path: what is in memory is judged where it is.
    """
    if given is None:
        return None
    if not isinstance(given, (str, os.PathLike)):
        raise OutOfDomain("before, after", given, "paths, where workers are to read them")
    return str(Path(os.fspath(given)).absolute())


@contextmanager
def dask_workers(
    scheduler: str | None, workers: int | None, paths: Sequence[str]
) -> Iterator[Workers]:
    """Give work to the workers of a scheduler, or to so many of this machine.

    Parameters
    ----------
    scheduler : str or None
        Its address.
    workers : int or None
        How many processes of one thread are started here; they end with this.
    paths : sequence of str
        What they have to be able to read.

    Raises
    ------
    MissingPackage
    OutOfDomain
        If both are given, or no such number.
    NoWorkers
        If the scheduler does not answer, or none of its workers can read the files.
    """
    if scheduler is not None and workers is not None:
        raise OutOfDomain("workers", workers, "left out, where a scheduler has its own")
    if workers is not None and workers < 1:
        raise OutOfDomain("workers", workers, "at least 1")
    try:
        from distributed import Client
    except ImportError as missing:
        raise MissingPackage("distributed", "work for several processes", "dask") from missing
    with ExitStack() as opened:
        if scheduler is None:
            client = opened.enter_context(Client(opened.enter_context(local_cluster(workers or 1))))
            yield DaskWorkers(client, None)
            return
        try:
            client = opened.enter_context(Client(scheduler, timeout=ANSWER, set_as_default=False))
        except (OSError, ValueError) as because:
            raise NoWorkers(scheduler, f"it does not answer: {because}") from because
        yield DaskWorkers(client, _able(client, scheduler, paths))


def local_cluster(workers: int) -> LocalCluster:
    """Start processes of one thread on this machine, and a scheduler that they ask."""
    import dask
    from distributed import LocalCluster

    with dask.config.set(CONFIGURATION):
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            # Without the page that shows how it goes; what is left of its server has any port that
            # is free, of this machine alone: Dask's own may be another cluster's.
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
            silence_logs=logging.CRITICAL,
        )


def _able(client: Client, scheduler: str, paths: Sequence[str]) -> list[str]:
    """Return the addresses of the workers that have this version, and the files as they are here.

    Raises
    ------
    NoWorkers
        If there is none.
    """
    here = _seen(paths)
    # By its module, so that a worker that has none of adamref says so.
    found: dict[str, Any] = client.run(_seen, paths, on_error="return")
    able = [address for address, seen in found.items() if seen == here]
    if able:
        return able
    if not found:
        raise NoWorkers(scheduler, "it has no workers")
    address, seen = next(iter(found.items()))
    if isinstance(seen, BaseException):
        because = f"adamref cannot be asked there: {type(seen).__name__}: {seen}"
    elif seen[0] != here[0]:
        because = f"it has adamref {seen[0]}, and this is {here[0]}"
    else:
        path = next(p for p, x, y in zip(paths, seen[1], here[1], strict=True) if x != y)
        because = f"it does not see {path} as it is here"
    raise NoWorkers(scheduler, f"none of its workers can do it; {address}: {because}")


def _seen(paths: Sequence[str]) -> tuple[str, list[int | None]]:
    """Return the version, and the sizes of files; of a folder, how many entries it has."""
    return VERSION, [_extent(Path(path)) for path in paths]


def _extent(path: Path) -> int | None:
    try:
        return sum(1 for _ in path.iterdir()) if path.is_dir() else path.stat().st_size
    except OSError:
        return None


@final
@dataclass(frozen=True)
class DaskWorkers(Workers):
    """Workers of Dask.

    Attributes
    ----------
    client : Client
    able : list of str or None
        The addresses of those that may be asked; None for all of them.
    """

    client: Client
    able: list[str] | None

    def each(
        self, work: Callable[[Task], Made], tasks: Iterable[Task]
    ) -> Iterator[tuple[Task, Made | Lost]]:
        """Yield what becomes of each task, in order.

        Raises
        ------
        NoWorkers
            If none is left, and none comes back.
        AdamrefError
            What the work raised.
        """
        ahead: deque[tuple[Task, Future]] = deque()
        for task in tasks:
            ahead.append((task, self._given(work, task)))
            if len(ahead) >= AHEAD * max(self._threads(), 1):
                yield self._next(work, ahead)
        while ahead:
            yield self._next(work, ahead)

    def _given(self, work: Callable[[Task], Any], task: Task) -> Future:
        # A result is that of a file as it is now: none is taken from an earlier task.
        return self.client.submit(work, task, pure=False, workers=self.able)

    def _threads(self) -> int:
        return sum(self.client.nthreads().values())

    def _next(
        self, work: Callable[[Task], Any], ahead: deque[tuple[Task, Future]]
    ) -> tuple[Task, Any]:
        """Return what became of the first task that was given away.

        Dask holds every task of a worker that dies for what may have killed it. One that it gives
        up for that is done once more, when no other is under way that could be to blame.
        """
        task, future = ahead.popleft()
        made = self._result(future)
        if isinstance(made, Lost):
            for _, other in ahead:
                self._wait(other)
            made = self._result(self._given(work, task))
        return task, made

    def _result(self, future: Future) -> Any:
        from distributed import KilledWorker

        self._wait(future)
        if future.status == "finished":
            return future.result()
        if future.status != "error":
            raise NoWorkers(self._address, f"it gave a task up: {future.status}")
        error = future.exception()
        if isinstance(error, KilledWorker):
            return Lost()
        raise error

    @property
    def _address(self) -> str:
        return str(self.client.scheduler.address)

    def _wait(self, future: Future) -> None:
        """Wait until a task is done, as long as there is anybody to do it."""
        from distributed import wait

        without = 0.0
        while not future.done():
            try:
                with self.client.as_current():
                    wait([future], timeout=_LOOK)
            except TimeoutError:
                without = 0.0 if self._threads() else without + _LOOK
                if without > PATIENCE:
                    raise NoWorkers(self._address, "its workers died, and none came back") from None
