"""Running somebody's tests again and again: in forks of a process that has collected them, or anew.

A command that runs pytest is given a plugin (`adamref.mutation.pytest_runs`); any other command an
environment in which Python itself loads what follows the target (`sitecustomize`), and its exit
status says whether it failed.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias, final

from adamref.errors import CannotRun
from adamref.mutation.orders import VARIABLE, Order, RunTold
from adamref.processes import end_tree

Status: TypeAlias = Literal["ran", "crashed", "late"]

_POLL_S = 0.01
_PYTEST = ("pytest", "py.test", "pytest.exe", "py.test.exe")
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_LAST = 400


@final
@dataclass(frozen=True)
class Ran:
    """How a run went.

    Attributes
    ----------
    status : str
        ``ran`` to its end; ``crashed``; ``late``: it took longer than it may.
    failed : bool
        Whether a test failed, or the command, or anything else went wrong.
    told : RunTold or None
        None where it left nothing.
    at : str
        The test in which it was when it ended otherwise.
    says : str
        How it ended, or the end of what it wrote.
    """

    status: Status
    failed: bool
    told: RunTold | None = None
    at: str = ""
    says: str = ""


@final
@dataclass(frozen=True)
class Job:
    """An order, by the name under which its end is told, and the seconds that it may take."""

    name: str
    order: Order
    seconds: float


def is_pytest(command: Sequence[str]) -> int:
    """Return behind how many words of a command the arguments of pytest begin; 0 if it is no such.

    >>> is_pytest(["python", "-m", "pytest", "tests"]), is_pytest(["pytest"]), is_pytest(["make"])
    (3, 1, 0)
    """
    if Path(command[0]).name in _PYTEST:
        return 1
    for i in range(1, len(command) - 1):
        if command[i : i + 2] == ["-m", "pytest"]:
            return i + 2
    return 0


class Runner:
    """Runs of a command, several at a time.

    Parameters
    ----------
    command : sequence of str
    jobs : int
        How many at a time.
    patience : float
        Seconds until the tests have been collected.
    """

    def __init__(self, command: Sequence[str], jobs: int, patience: float) -> None:
        self.command, self.jobs, self._patience = list(command), jobs, patience
        self._folder = Path(tempfile.mkdtemp(prefix="adamref-mutate-"))
        self._started: list[subprocess.Popen[bytes]] = []
        self._server: subprocess.Popen[bytes] | None = None
        self._place = is_pytest(self.command)
        self._count = 0
        self._read = 0

    @property
    def knows_tests(self) -> bool:
        """Whether single tests can be chosen and are told."""
        return bool(self._place)

    def open(self, order: Order) -> None:
        """Collect the tests.

        Raises
        ------
        CannotRun
            If there are none, or they cannot be collected.
        """
        if not self._place:
            return
        orders, told = self._folder / "orders", self._folder / "told"
        orders.touch()
        told.touch()
        server = self._begun(replace(order, served=True, out=str(self._folder)), "collecting")
        until = time.monotonic() + self._patience
        while not (lines := self._told()):
            if server.poll() is not None:
                raise CannotRun(self._named, self._why(server.returncode, "collecting"))
            if time.monotonic() > until:
                says = f"the tests were not collected within {self._patience:g} s"
                raise CannotRun(self._named, f"{says}{self._at_the_end('collecting')}")
            time.sleep(_POLL_S)
        if not lines[0]["collected"]:
            raise CannotRun(self._named, "pytest collects no tests")
        if lines[0]["can_fork"]:
            self._server = server
        else:
            self._end(server)

    def run(self, jobs: Iterator[Job]) -> Iterator[tuple[Job, Ran]]:
        """Run what comes, so many at a time, and give each as it ends."""
        running: dict[str, tuple[Job, subprocess.Popen[bytes] | None, float]] = {}
        is_over = False
        while running or not is_over:
            while not is_over and len(running) < self.jobs:
                job = next(jobs, None)
                if job is None:
                    is_over = True
                    break
                job = replace(job, order=replace(job.order, out=self._out()))
                running[job.name] = job, self._go(job), time.monotonic() + job.seconds
            for name, how in self._ended(running):
                job, _, _ = running.pop(name)
                yield job, self._ran(job, how)
            time.sleep(_POLL_S)

    def close(self) -> None:
        """End all that was started, and leave no file."""
        if self._server is not None and self._server.poll() is None:
            with contextlib.suppress(OSError):
                self._ask(None)
        for one in self._started:
            self._end(one)
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _named(self) -> str:
        return " ".join(self.command)

    def _out(self) -> str:
        self._count += 1
        return str(self._folder / f"run-{self._count}")

    def _go(self, job: Job) -> subprocess.Popen[bytes] | None:
        if self._server is None:
            return self._begun(job.order, Path(job.order.out).name)
        self._ask({"id": job.name, "order": job.order.text(), "seconds": job.seconds})
        return None

    def _ask(self, what: Any) -> None:
        with (self._folder / "orders").open("a", encoding="utf-8") as file:
            file.write(json.dumps(what) + "\n")

    def _told(self) -> list[Any]:
        text = (self._folder / "told").read_text(encoding="utf-8")
        whole = text[: text.rfind("\n") + 1]
        return [json.loads(x) for x in whole.splitlines()]

    def _ended(self, running: Any) -> Iterator[tuple[str, int | str]]:
        """Return those that have ended, each with its status."""
        if self._server is not None:
            lines = self._told()[1:]
            for line in lines[self._read :]:
                self._read += 1
                yield line["id"], line["status"]
            if self._server.poll() is not None:
                for name in [x for x in running if x not in {y["id"] for y in lines}]:
                    yield name, "gone"
            return
        for name, (_, process, until) in list(running.items()):
            if process.poll() is not None:
                yield name, process.returncode
            elif time.monotonic() > until:
                self._end(process)
                yield name, "late"

    def _ran(self, job: Job, how: int | str) -> Ran:
        out = job.order.out
        at = _text(Path(f"{out}.at"))
        told = _told_in(out)
        if how == "late":
            says = f"it took longer than {job.seconds:.3g} s"
            return Ran("late", True, told, at, says)
        if self._place:
            if told is None or how not in (0, 1):
                return Ran("crashed", True, told, at, _how(how))
            return Ran("ran", any(x.failed for x in told.tests.values()), told)
        signalled = isinstance(how, int) and how < 0
        says = self._at_the_end(Path(out).name) if how else ""
        return Ran("crashed" if signalled else "ran", how != 0, told, "", f"{_how(how)}{says}")

    def _begun(self, order: Order, name: str) -> subprocess.Popen[bytes]:
        command, place = self.command, self._place
        environment = {**os.environ, VARIABLE: order.text(), "PYTHONDONTWRITEBYTECODE": "1"}
        for variable in _ONE_THREAD:
            environment.setdefault(variable, "1")
        paths = [str(Path(__file__).parents[2])]
        if place:
            plugin = ["-p", "adamref.mutation.pytest_runs", "-p", "no:cacheprovider"]
            command = [*command[:place], *plugin, *command[place:]]
        else:
            paths.insert(0, str(Path(__file__).parent / "site"))
        known = environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = os.pathsep.join([*paths, *([known] if known else [])])
        log = (self._folder / f"{name}.log").open("wb")
        try:
            made = subprocess.Popen(  # noqa: S603 - to run it is what was asked for
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env=environment, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise CannotRun(self._named, f"it cannot be run: {error.strerror}") from error
        finally:
            log.close()
        self._started.append(made)
        return made

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        if process.poll() is None:
            end_tree(process.pid)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)

    def _why(self, status: int, name: str) -> str:
        says = {2: "the tests cannot be collected", 4: "pytest refuses its arguments",
                5: "pytest collects no tests"}.get(status, _how(status))  # fmt: skip
        return says + ("" if status == 5 else self._at_the_end(name))

    def _at_the_end(self, name: str) -> str:
        """Return the end of what a run wrote: what went wrong."""
        lines = [x.strip() for x in _text(self._folder / f"{name}.log").splitlines() if x.strip()]
        errors = [x for x in lines if x.startswith(("E ", "ERROR", "usage:"))]
        says = " / ".join((errors or lines)[-3:])[-_LAST:]
        return f"; it wrote: {says}" if says else ""


def _how(how: int | str) -> str:
    if isinstance(how, str):
        return "its process is gone"
    if how < 0:
        with contextlib.suppress(ValueError):
            return f"it was ended by {signal.Signals(-how).name}"
    return f"it left with status {how}"


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def _told_in(out: str) -> RunTold | None:
    """Read what a run left; of a command, what its several processes left, together."""
    found = (
        [out]
        if Path(out).exists()
        else [str(x) for x in Path(out).parent.glob(f"{Path(out).name}.told-*")]
    )
    parts = []
    for path in found:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            parts.append(RunTold.read(path))
    if not parts:
        return None
    whole = parts[0]
    for one in parts[1:]:
        whole.known += [
            x for x in one.known if x.configuration not in {y.configuration for y in whole.known}
        ]
        whole.steps += one.steps
        whole.changed += one.changed
        whole.unknown += one.unknown
        whole.takes = whole.takes or one.takes
        whole.interface = whole.interface or one.interface
        whole.failed, whole.refused = whole.failed or one.failed, whole.refused or one.refused
    return whole
