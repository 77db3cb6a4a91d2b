"""The handle of a watch: counts steps, has some of them judged, and says what was found."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias, final

from adamref.errors import StepDeviates
from adamref.replay.pairing import named
from adamref.watching.beside import StepsBeside, not_judged_because, not_moved_in_part
from adamref.watching.judging import StepJudge
from adamref.watching.result import WatchedStep, WatchFinding, WatchReport

if TYPE_CHECKING:
    from types import TracebackType

    from adamref.replay.replaying import ToldOfSteps
    from adamref.replay.result import Replay, TensorVerdict
    from adamref.watching.seen import SeenStep

OnDeviation: TypeAlias = "Literal['raise', 'warn'] | Callable[[WatchedStep], object]"
Rate: TypeAlias = "float | Callable[[int], float]"

_DIAGNOSED = 3
"""Of so many steps that deviate the cause is looked for: it takes seconds."""

_KEPT = 10
"""So many of the steps that deviate are kept."""


@final
class Watch:
    """A watched optimizer; a context manager, at whose end the watching ends.

    Parameters
    ----------
    what : str
        The optimizer, as it is called in messages.
    every : int
        The first step is judged, and every so many-th.
    on_deviation : {"raise", "warn"} or callable
    told : ToldOfSteps
    rate : callable, optional
        The learning rate by how many steps were taken before.

    Attributes
    ----------
    steps : int
        How many were taken since.
    every : int
    is_open : bool
        Whether it still watches.
    """

    def __init__(
        self,
        what: str,
        every: int,
        on_deviation: OnDeviation,
        told: ToldOfSteps,
        rate: Callable[[int], float] | None = None,
    ) -> None:
        self.steps = 0
        self.every, self.is_open = every, True
        self._what, self._on_deviation = what, on_deviation
        self._told, self._rate = told, rate
        self._judge, self._beside = StepJudge(told), StepsBeside()
        self._judged = self._elements = 0
        self._worst = 0.0
        self._findings: dict[tuple[str, str], WatchFinding] = {}
        self._deviating: list[WatchedStep] = []
        self._ends: list[Callable[[], object]] = []

    def due(self) -> bool:
        """Count a step that begins, and say whether it is to be judged."""
        self.steps += 1
        return self.is_due(self.steps)

    def is_due(self, number: int) -> bool:
        """Say whether the step of a number, from 1, is to be judged."""
        return number == 1 or number % self.every == 0

    def forget(self) -> None:
        """Take whatever counters a loaded state has."""
        self._beside.forget()

    def at_end(self, end: Callable[[], object]) -> None:
        """Call something when the watching ends."""
        self._ends.append(end)

    def close(self) -> None:
        """End the watching. What was found stays."""
        self.is_open = False
        while self._ends:
            self._ends.pop()()

    def report(self) -> WatchReport:
        """Return what was found so far."""
        order = {"deviation": 0, "note": 1}
        found = sorted(self._findings.values(), key=lambda x: (order[x.severity], x.step))
        return WatchReport(
            self._what, self.steps, self._judged, self._elements, self._worst, tuple(found),
            tuple(self._deviating),
        )  # fmt: skip

    def see(self, step: SeenStep) -> WatchedStep:
        """Judge a step.

        Raises
        ------
        StepDeviates
            If it is not right, and a deviation is to be raised.
        """
        said, tensors = self._beside.found(step)
        replay, elements, worst, diagnose = None, 0, 0.0, True
        if tensors:
            diagnose = len(self._deviating) < _DIAGNOSED
            verdict = self._judge.judged(step, tensors, self._numbers(step), diagnose=diagnose)
            replay, elements, worst = verdict.replay, verdict.elements, verdict.worst
            said += not_moved_in_part(tensors) if worst > 1 else ()
        found = [WatchFinding(x.id, x.severity, x.says, step.number) for x in said]
        if replay is not None:
            found += _of_replay(replay, step.number, diagnosed=diagnose)
        each = (
            (one.name, not_judged_because(step, one)) for one in step.tensors if one.has_gradient
        )
        found += [
            WatchFinding("not-judged", "note", f"{name}: {why}", step.number)
            for name, why in (*step.unread, *each)
            if why
        ]
        made = WatchedStep(step.number, elements, worst, tuple(found), replay)
        self._note(made)
        if made.deviations:
            self._alarm(made)
        return made

    def _numbers(self, step: SeenStep) -> Mapping[str, float]:
        """Return the numbers that were said for a step."""
        if self._rate is None:
            return self._told.hyper
        taken = max((one.t_before or 0 for one in step.tensors), default=0)
        return {**self._told.hyper, "lr": float(self._rate(taken))}

    def _note(self, step: WatchedStep) -> None:
        self._judged += 1
        self._elements += step.elements
        self._worst = max(self._worst, step.worst)
        for one in step.findings:
            # A t or a number in a sentence is another each time: what it is about is the same.
            key = one.id, one.severity
            old = self._findings.get(key)
            self._findings[key] = one if old is None else replace(old, times=old.times + 1)
        if step.deviations and len(self._deviating) < _KEPT:
            self._deviating.append(step)

    def _alarm(self, step: WatchedStep) -> None:
        said = f"{self._what}, step {step.number}: {step}"
        if callable(self._on_deviation):
            self._on_deviation(step)
        elif self._on_deviation == "warn":
            warnings.warn(said, RuntimeWarning, stacklevel=2)
        else:
            raise StepDeviates(said, step)

    def __enter__(self) -> Watch:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        found = self.report()
        first = next((x for x in found.findings if x.severity == "deviation"), None)
        return f"<watch of {found.headline}" + (f"\n  {first}>" if first else ">")


def _of_replay(found: Replay, number: int, *, diagnosed: bool) -> Iterator[WatchFinding]:
    """Yield what a replay found: each cause once, with the tensors of which it is one."""
    for said in found.findings:
        yield WatchFinding(said.id, said.severity, said.says, number)
    for name, because in found.unread:
        yield WatchFinding("not-judged", "note", f"{name}: {because}", number)
    by_cause: dict[tuple[str, str], list[TensorVerdict]] = {}
    for group in found.groups:
        for one in group.tensors:
            for key in (
                _causes(one, diagnosed=diagnosed) if one.off else ()
            ):  # what counted otherwise is a finding
                by_cause.setdefault(key, []).append(one)
    for (id_, says), tensors in by_cause.items():
        off, of = (sum(getattr(x, n) for x in tensors) for n in ("off", "elements"))
        where = named([x.name for x in tensors])
        all_ = f"{says}, in {where} ({off} of {of} elements are off)"
        yield WatchFinding(id_, "deviation", all_, number)


def _causes(one: TensorVerdict, *, diagnosed: bool) -> Iterator[tuple[str, str]]:
    if not diagnosed:
        yield "deviates-again", "no right step leads from the state before to the one after"
    elif not one.diagnosis:
        first = one.first
        said = "" if first is None else (
            f": {first.field}{list(first.index)} of {one.name} is {first.got}, "
            f"but should be between {first.low} and {first.high}"
        )  # fmt: skip
        yield "unexplained", f"no right step leads from the state before to the one after{said}"
    for cause in one.diagnosis:
        names = [f"another-{name}" for name in cause.hyper]
        yield (*cause.faults, *names, "deviates")[0], cause.says
