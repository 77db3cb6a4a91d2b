"""A pytest plugin that runs the tests as often as it is told, each time in a fork of this process.

Everything is imported and collected once. It is loaded by ``-p`` where ``adamref mutate`` runs
pytest, and nowhere else.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from adamref.mutation.following import FOLLOWER
from adamref.mutation.injection import inject, obey, told
from adamref.mutation.orders import Order, Tried, ordered

_ORDER = ordered()
_POLL_S = 0.005

if _ORDER is not None:
    inject(_ORDER)


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to be spread over processes: it is told so by who orders."""
    if getattr(config.option, "numprocesses", None) or getattr(config.option, "dist", "no") != "no":
        raise pytest.UsageError("adamref mutate runs the tests in processes itself: leave out -n")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run the tests as ordered."""
    if _ORDER is None:
        return None
    if session.testsfailed and not session.config.option.continue_on_collection_errors:
        return None  # pytest says what could not be collected
    if _ORDER.served:
        _serve(session, _ORDER)
    else:
        _run(session, _ORDER)
    return True


def _say(folder: Path, what: Any) -> None:
    with (folder / "told").open("a", encoding="utf-8") as file:
        file.write(json.dumps(what) + "\n")


def _has_one_thread() -> bool:
    """Say whether this process is one that a fork copies whole."""
    import psutil

    return bool(psutil.Process().num_threads() == 1)


if hasattr(os, "fork"):

    def _serve(session: pytest.Session, order: Order) -> None:
        """Obey orders that come, one a line, each in a fork; say when each has ended."""
        running: dict[int, tuple[str, float]] = {}
        late: set[str] = set()
        parent = os.getppid()
        folder = Path(order.out)
        _say(folder, {"collected": len(session.items), "can_fork": _has_one_thread()})
        with (folder / "orders").open(encoding="utf-8") as orders:
            is_over, rest = False, ""
            while not is_over or running:
                rest += "" if is_over else orders.read()
                *lines, rest = rest.split("\n")
                for line in lines:
                    asked = json.loads(line)
                    if asked is None:
                        is_over = True
                        continue
                    one = Order.read(asked["order"])
                    # Whoever ends this one ends all that it started.
                    pid = os.fork()
                    if pid == 0:
                        _apart(session, one)
                    running[pid] = asked["id"], time.monotonic() + asked["seconds"]
                for pid, (name, until) in list(running.items()):
                    done, status = os.waitpid(pid, os.WNOHANG)
                    if done:
                        del running[pid]
                        _end_group(pid)
                        how = os.waitstatus_to_exitcode(status)
                        _say(folder, {"id": name, "status": "late" if name in late else how})
                    elif time.monotonic() > until:
                        late.add(name)
                        _end_group(pid)
                time.sleep(_POLL_S)
                if os.getppid() != parent:  # whoever ordered is gone
                    break
        for pid in running:
            _end_group(pid)

    def _end_group(pid: int) -> None:
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)

    def _apart(session: pytest.Session, order: Order) -> None:
        """Run in the fork, and leave without a word."""
        status = 3
        try:
            os.setsid()
            nothing = os.open(os.devnull, os.O_RDWR)
            for fd in (0, 1, 2):
                os.dup2(nothing, fd)
            _run(session, order)
            status = 0
        finally:
            os._exit(status)

else:

    def _serve(session: pytest.Session, order: Order) -> None:
        """Say that nothing forks here: every run is begun anew."""
        _say(Path(order.out), {"collected": len(session.items), "can_fork": False})


def _run(session: pytest.Session, order: Order) -> None:
    obey(order)
    by_id = {item.nodeid: item for item in session.items}
    items = [by_id[x] for x in order.tests if x in by_id] if order.tests else session.items
    seen = _Seen()
    session.config.pluginmanager.register(seen, "adamref-mutation-seen")
    at = Path(f"{order.out}.at")
    FOLLOWER.reached = seen.reach
    for i, item in enumerate(items):
        at.write_text(item.nodeid, encoding="utf-8")
        seen.begin(item.nodeid)
        following = items[i + 1] if i + 1 < len(items) else None
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if (order.stops and seen.failed) or session.shouldstop:
            break
    FOLLOWER.mode = "off" if order.mode != "observe" else order.mode
    found = told(order)
    found.tests = seen.tests
    found.write(order.out)


class _Seen:
    """What came of each test."""

    def __init__(self) -> None:
        self.tests: dict[str, Tried] = {}
        self.failed = False
        self._now = ""
        self._reached: set[str] = set()
        self._begun = 0.0

    def begin(self, name: str) -> None:
        """Note which test is next."""
        self._now, self._begun = name, time.perf_counter()

    def reach(self) -> None:
        """Note that it takes a step of the target."""
        self._reached.add(self._now)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what came of a part of it."""
        before = self.tests.get(report.nodeid, Tried())
        says = before.says
        if report.failed and not says:
            says = _last_line(report)
        self.failed |= report.failed
        self.tests[report.nodeid] = Tried(
            before.failed or report.failed,
            before.skipped or report.skipped,
            report.nodeid in self._reached,
            before.seconds + report.duration,
            says,
        )


def _last_line(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    text = str(crash.message if crash is not None else report.longrepr)
    return next((x.strip() for x in text.splitlines() if x.strip()), "")[:300]
