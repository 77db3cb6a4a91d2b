"""`adamref.mutate`: plants the catalogue's faults into an optimizer under somebody's tests."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, final

from adamref.errors import CannotRun
from adamref.mutation.harness import Harness
from adamref.mutation.minimal import minimal
from adamref.mutation.orders import KnownUse, Order
from adamref.mutation.planning import Planned, homes, planned
from adamref.mutation.result import FaultRun, Mutation, TargetUse
from adamref.mutation.runs import Job, Ran, Runner
from adamref.mutation.showing import Shower
from adamref.oracle.observe.sessions.optimizers import optimizer_of
from adamref.processes import processors

if TYPE_CHECKING:
    from adamref.mutation.orders import RunTold, Tried

_COLLECTING_S, _FIRST_S, _LEAST_S, _SLOWER = 120.0, 600.0, 10.0, 10.0
"""Seconds to collect the tests, for the run without a fault, and at least for one with; and how
many times as long as the first took it may."""

_ONE_TENSOR = {
    "tensors": "a call of it is about one tensor",
    "skip": "it is not called where a gradient is missing",
}
_LACKS: Mapping[str, Mapping[str, str]] = {
    "function": _ONE_TENSOR,
    "class": _ONE_TENSOR,
    "optax": {"skip": "its gradients are never missing"},
    "sklearn": {"skip": "its gradients are never missing"},
}
"""By interface what no call of it sees."""


def mutate(
    target: str,
    command: Sequence[str],
    *,
    adapter: str | None = None,
    optimizer: str | None = None,
    faults: Sequence[str] = (),
    every_value: bool = False,
    every_test: bool = False,
    own_rounding: bool = False,
    jobs: int | None = None,
    budget: float | None = None,
    timeout: float | None = None,
    smallest: bool = False,
    tracked: Callable[[Any, int], Any] = lambda runs, _total: runs,
) -> Mutation:
    """Plant faults into an implementation, one a run of its tests, and say which they notice.

    Parameters
    ----------
    target : str
        ``module:attribute`` or ``file.py:attribute``, as the tests import it.
    command : sequence of str
        What runs the tests. Of pytest single tests are known; of others whether they passed.
    adapter : str, optional
        How the target is called; found out if not given.
    optimizer : str, optional
        What it is; by its name if not given.
    faults : sequence of str
        The ids of those that are planted; all if empty.
    every_value : bool
        Whether faults with a parameter are planted with each of its values.
    every_test : bool
        Whether all tests are run that fail, not only up to the first.
    own_rounding : bool
        Whether faults are planted as changes of the target's own numbers: for tests that compare
        to the bit, which no other right implementation passes.
    jobs : int, optional
        How many runs at a time; one a processor if not given.
    budget : float, optional
        Seconds after which no other fault is planted.
    timeout : float, optional
        Seconds for a run with a fault; if not given ten times as long as without, and 10 at least.
    smallest : bool
        Whether the smallest set of probes that kills all of them is worked out too.
    tracked : callable
        Passes the runs on one by one, of so many, as a progress bar does.

    Returns
    -------
    Mutation

    Raises
    ------
    CannotRun
        If there are no tests, they cannot be collected, crash or hang, or reach no step of it.
    UnknownName
        If there is no such fault.
    """
    from adamref.faults import get

    for name in faults:
        get(name)
    began = time.monotonic()
    runner = Runner(command, jobs or processors(), _COLLECTING_S)
    name = optimizer or optimizer_of(target)
    order = Order(target, name, adapter, own_rounding=own_rounding)
    try:
        work = _Work(runner, order, began, budget, timeout, every_test=every_test)
        found = work.baseline()
        if isinstance(found, Mutation):
            return found
        its = work.told
        decoupled = "adamw" if its.interface in {"keras", "optax"} else ""
        where = homes(work.known, its.takes, name, decoupled)
        along = its.interface == "class" and not its.names
        interface = "fast" if along else its.interface
        lacks = _LACKS.get(interface, {})
        plan = planned(where, lacks=lacks, every_value=every_value, only=faults)
        harness = Harness(target, interface, its.takes, its.names)
        found = work.planted(plan, Shower(harness), tracked)
        if smallest:
            found = replace(found, minimal=minimal(where, plan, harness))
        return found
    finally:
        runner.close()


@final
class _Work:
    """The runs of one call."""

    def __init__(
        self,
        runner: Runner,
        order: Order,
        began: float,
        budget: float | None,
        timeout: float | None,
        *,
        every_test: bool,
    ) -> None:
        self._runner, self._order, self._began = runner, order, began
        self._budget, self._timeout, self._every_test = budget, timeout, every_test
        self.known: list[KnownUse] = []
        self.told: RunTold
        self._reaching: dict[str, Tried] = {}
        self._total = 0
        self._kills: dict[str, int] = {}
        self._seconds = 0.0

    def baseline(self) -> Mutation | None:
        """Run the tests with the target itself, then with a right drop-in."""
        self._runner.open(self._order)
        first = self._one("observe", _FIRST_S if self._timeout is None else self._timeout)
        if first.status != "ran":
            raise self._cannot(f"the tests of the target itself did not end: {_end_of(first)}")
        if first.told is not None and first.told.refused:
            raise self._cannot(first.told.refused)
        if first.told is not None and first.told.failed:
            raise self._cannot(f"a step could not be followed: {first.told.failed}")
        if first.failed:
            return self._failed(first, self._because(first))
        if first.told is None or not first.told.known:
            if self._runner.knows_tests and first.told and not first.told.interface:
                raise self._cannot(f"no test imports {self._order.target}")
            raise self._cannot(f"no test takes a step of {self._order.target}")
        self.told, self.known = first.told, first.told.known
        tests = first.told.tests
        if tests and all(x.skipped for x in tests.values()):
            raise self._cannot("every test is skipped")
        self._total = len(tests)
        self._reaching = {n: x for n, x in tests.items() if x.reached}
        if not any(x.dialect for x in self.known):
            says = "its steps in the tests are not those of any optimizer that is known"
            return self._failed(first, says)
        right = self._one("right", self._most(), tuple(self._reaching))
        if right.status != "ran":
            return self._failed(
                right, f"the tests did not end with a right drop-in: {_end_of(right)}"
            )
        if right.failed:
            says = (
                "the tests fail with a right drop-in, which rounds each exact step once; where "
                "they compare to the bit, --own-rounding plants faults in the target's own numbers"
            )
            return self._failed(right, says)
        return None

    def _because(self, first: Ran) -> str:
        """Say whether the tests fail by themselves, or because their steps are looked at."""
        tests = tuple(n for n, x in first.told.tests.items() if x.failed) if first.told else ()
        again = self._one("off", self._most(), tests)
        if again.failed:
            return "the tests fail with the target itself"
        return "the tests fail where steps are merely followed, as of memory do: leave them out"

    def planted(
        self, plan: Sequence[Planned], shower: Shower, tracked: Callable[[Any, int], Any]
    ) -> Mutation:
        """Plant what is to be planted."""
        used = {(x.dialect, x.configuration.dtype) for x in self.known if x.dialect is not None}
        by_id = {x.fault.id: x for x in plan}
        runs: dict[str, FaultRun] = {}
        for one in plan:
            if one.standing in {"dialect", "equivalent", "undetectable"}:
                runs[one.fault.id] = _run_of(one, one.standing, because=one.because)
            elif not _has_place(one, used):
                home = one.home
                assert home is not None
                says = f"no test uses it as {home.dialect.optimizer}"
                runs[one.fault.id] = _run_of(one, "survived", because=says)
        left = [x for x in _spread(plan) if x.fault.id not in runs]
        for job, ran in tracked(self._runner.run(self._jobs(left)), len(left)):
            runs[job.name] = self._judged(by_id[job.name], ran)
        for one in left:
            says = f"the {self._budget or 0:g} seconds were over"
            runs.setdefault(one.fault.id, _run_of(one, "not-run", because=says))
        for name, run in runs.items():
            if run.verdict == "survived":
                runs[name] = replace(run, shown_by=shower.of(by_id[name]))
        return replace(self._result("passed"), faults=tuple(runs[x.fault.id] for x in plan))

    def _jobs(self, left: Sequence[Planned]) -> Iterator[Job]:
        for one in left:
            if self._budget is not None and time.monotonic() - self._began > self._budget:
                return
            order = replace(
                self._order, mode="fault", fault=one.fault.id, known=tuple(self.known),
                tests=tuple(self._ordered()), stops=not self._every_test,
            )  # fmt: skip
            yield Job(one.fault.id, order, self._most())

    def _ordered(self) -> list[str]:
        """Return the tests that reach the target, those that kill most in a second first."""

        def worth(name: str) -> float:
            return (self._kills.get(name, 0) + 0.5) / (self._reaching[name].seconds + 0.01)

        return sorted(self._reaching, key=worth, reverse=True)

    def _most(self) -> float:
        if self._timeout is not None:
            return self._timeout
        return max(_LEAST_S, _SLOWER * self._seconds)

    def _one(self, mode: Any, seconds: float, tests: tuple[str, ...] = ()) -> Ran:
        order = replace(self._order, mode=mode, known=tuple(self.known), tests=tests)
        began = time.monotonic()
        ((_, ran),) = self._runner.run(iter([Job(mode, order, seconds)]))
        self._seconds = max(self._seconds, time.monotonic() - began)
        return ran

    def _judged(self, one: Planned, ran: Ran) -> FaultRun:
        told = ran.told
        seconds = sum(x.seconds for x in told.tests.values()) if told else 0.0
        if ran.status == "late":
            at = (ran.at,) if ran.at else ()
            return _run_of(one, "timeout", by=at, because=ran.says, seconds=seconds)
        if ran.failed:
            tests = told.tests if told else {}
            by = tuple(n for n, x in tests.items() if x.failed) or ((ran.at,) if ran.at else ())
            for name in by:
                self._kills[name] = self._kills.get(name, 0) + 1
            because = ran.says if ran.status == "crashed" else ""
            return _run_of(one, "killed", by=by, because=because, seconds=seconds)
        is_seen = told is not None and told.changed
        says = ("the numbers differ in the tests, and no test looks at them closely enough"
                if is_seen else "none of the inputs of the tests shows it")  # fmt: skip
        if told is not None and told.failed:
            says = f"a step could not be followed: {told.failed}"
        return _run_of(one, "survived", because=says, seconds=seconds)

    def _failed(self, ran: Ran, says: str) -> Mutation:
        tests = ran.told.tests if ran.told else {}
        failures = tuple((n, x.says) for n, x in tests.items() if x.failed)
        if not failures and ran.says:
            failures = ((" ".join(self._runner.command), ran.says),)
        self.known = self.known or (ran.told.known if ran.told else [])
        if ran.told is not None and not hasattr(self, "told"):
            self.told = ran.told
        return replace(self._result("failed"), because=says, failures=failures)

    def _result(self, baseline: Any) -> Mutation:
        told = getattr(self, "told", None)
        uses = tuple(map(_use, sorted(self.known, key=lambda x: -x.steps)))
        notes = [
            f"Steps of {x.dtype}{' with ' * bool(x.options)}{', '.join(x.options)} are none of an "
            "optimizer that is known: nothing was planted there."
            for x in uses
            if not x.optimizer
        ]
        return Mutation(
            self._order.target, told.interface if told else "", tuple(self._runner.command),
            baseline, uses=uses, tests=self._total, reaching=len(self._reaching),
            seconds=time.monotonic() - self._began, notes=tuple(notes),
        )  # fmt: skip

    def _cannot(self, says: str) -> CannotRun:
        return CannotRun(" ".join(self._runner.command), says)


def _end_of(ran: Ran) -> str:
    return ran.says + (f", in {ran.at}" if ran.at else "")


def _use(one: KnownUse) -> TargetUse:
    its = one.configuration
    words = (n if x == "on" else f"{n}={x}" for n, x in its.options)
    options = (*its.set, *words)
    dialect: Mapping[str, str] = dict(one.dialect.axes) if one.dialect else {}
    return TargetUse(
        its.dtype, options, one.dialect.optimizer if one.dialect else "", dialect, one.steps
    )


def _has_place(one: Planned, used: set[Any]) -> bool:
    """Say whether some configuration of the tests has a place for a fault."""
    from adamref.oracle.explain.hypotheses import of_faults

    return any(of_faults(dialect, dtype, [one.fault]) for dialect, dtype in used)


def _spread(plan: Sequence[Planned]) -> list[Planned]:
    """Return faults in an order in which each chapter has its turn, the core ones first.

    So whatever time there is, what was planted by then is of every kind.
    """
    chapters: dict[tuple[bool, str], list[Planned]] = {}
    for one in plan:
        chapters.setdefault((one.standing != "core", one.family), []).append(one)
    found: list[Planned] = []
    for is_edge in (False, True):
        some = [x for (edge, _), x in chapters.items() if edge == is_edge]
        found += [x for turn in itertools.zip_longest(*some) for x in turn if x is not None]
    return found


def _run_of(one: Planned, verdict: Any, **more: Any) -> FaultRun:
    its = one.fault
    core = one.standing == "core"
    return FaultRun(its.id, its.says, its.effect, one.family, core, verdict, **more)
