"""An implementation in a process of its own: a crash, a hang or an exit of it is a finding."""

from __future__ import annotations

import contextlib
import json
import operator
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias, final

from adamref import errors
from adamref.errors import AdamrefError
from adamref.oracle.observe import vocabulary
from adamref.oracle.observe.sessions import messages
from adamref.oracle.observe.sessions.child import Child, child, quoted
from adamref.oracle.observe.sessions.session import Abilities, Failed, Held, Session, Start

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.sessions.wire import Style

_USUAL, _FIRST = 10.0, 60.0
"""Seconds for an answer, and for the first of a process, which may import a framework."""

Steps: TypeAlias = "Sequence[Sequence[Array | None]]"
Rates: TypeAlias = "Sequence[float | None]"


@final
@dataclass(frozen=True, eq=False)
class _Ahead:
    """What was asked before its turn: a start, or steps, of so many answers."""

    count: int
    start: Start | None = None
    grads: Steps = ()
    lrs: Rates = ()

    def starts(self, start: Start) -> bool:
        """Say whether it is that start, of the same arrays."""
        mine = self.start
        if mine is None or mine.thetas is not start.thetas:
            return False
        return replace(mine, thetas=()) == replace(start, thetas=())

    def steps(self, grads: Steps, lrs: Rates) -> bool:
        """Say whether it is those steps, with the same arrays."""
        same = self.start is None and len(self.grads) == len(grads)
        return same and self.lrs == lrs and all(map(operator.is_, self.grads, grads))


@final
class ProcessSession(Session):
    """A program that speaks the process protocol.

    Parameters
    ----------
    argv : sequence of str
    timeout : float, optional
        Seconds for each answer; if not given 10, but 60 for the first of a process.
    target : mapping, optional
        What `adamref.oracle.observe.sessions.host` is to import: the first line that it is sent.

    Attributes
    ----------
    adapter : str
        By which it is reached.
    names : list of str
        Those that may say which optimizer it is (`wording.names_of`).
    words : dict of str to object
        Its name and those of its arguments, with what these are (`wording.words_of`).
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        timeout: float | None = None,
        target: Mapping[str, Any] | None = None,
    ) -> None:
        self.adapter, self.names = "command", list[str]()
        self.words: dict[str, Any] = {}
        self._argv, self._target = tuple(argv), target
        self._timeout = _USUAL if timeout is None else timeout
        self._child: Child | None = None
        self._start: Start | None = None
        self._answered = False
        self._told: set[str] = set()
        self._ahead: deque[_Ahead] = deque()
        self._first = _FIRST if timeout is None else timeout
        # What a process of ours is sent and answers is read by this code: no digits are needed.
        self._style: Style = "hexadecimal" if target is None else "packed"
        self._first_style: Style = self._style

    def open(self) -> None:
        """Run the program, if it does not run.

        Raises
        ------
        Failed
        AdamrefError
            If there is no such program or implementation, or it is not known how to call it.
        """
        if self._child is not None:
            return
        self._child, self._answered = child(self._argv), False
        if self._target is not None:
            # How long this package takes to start is no matter of the implementation's.
            self._ask({"op": "hello"}, _FIRST)
            self._answered = False
            answer = self._ask({"op": "target", **self._target, "spoken": vocabulary.spoken()})
            self.adapter, self.names = str(answer["adapter"]), list(answer["names"])
            self.words = dict(answer["words"])
            self._told = set()

    def start(self, start: Start) -> Abilities:
        """Start over, after a failure in a new process."""
        ahead = self._foreseen(lambda one: one.starts(start))
        if not ahead:
            self._settle()
            self.open()
        self._start = start
        if self._target is not None and start.optimizer not in self._told:
            named = {start.optimizer: vocabulary.named(start.optimizer)}
            self._ask({"op": "named", "named": named}, _FIRST)
            self._told.add(start.optimizer)
        if not ahead:
            self._send(messages.init(start, self._first_style))
        (answer,) = self._answers("init")
        if messages.wants_decimals(answer):
            # It cannot read hexadecimal: it will not be sent any again.
            self._first_style = "decimal"
            answer = self._ask(messages.init(start, "decimal"))
        wished = self._target is None and answer.get("numbers") == "decimal"
        self._style = "decimal" if wished else self._first_style
        abilities: Abilities = self._read(messages.read_abilities, answer, start)
        return abilities

    @property
    def ahead(self) -> int:
        """How many starts were asked for ahead of their turn."""
        return sum(one.start is not None for one in self._ahead)

    def foresee(self, start: Start, grads: Steps, lrs: Rates) -> bool:
        """Ask a process of ours ahead, while its answers to the last request are still to come."""
        if self._child is None or start.optimizer not in self._told:
            return False
        self._child.send(json.dumps(messages.init(start, self._style)))
        self._ahead.append(_Ahead(1, start=start))
        if grads:
            self._child.send(json.dumps(self._steps(grads, lrs)))
            self._ahead.append(_Ahead(len(grads), grads=grads, lrs=lrs))
        return True

    def step(self, grads: Sequence[Array | None], lr: float | None = None) -> list[Held]:
        """Take a step."""
        return self._held(self._ask(messages.step(grads, lr, self._style)))

    def steps(self, grads: Steps, lrs: Rates) -> Iterator[list[Held]]:
        """Take steps; a process of ours goes on with the next while one is read."""
        if self._target is None:
            return super().steps(grads, lrs)
        if not self._foreseen(lambda one: one.steps(grads, lrs)):
            self._send(self._steps(grads, lrs))
        return self._taken(len(grads))

    def _steps(self, grads: Steps, lrs: Rates) -> dict[str, Any]:
        each = [messages.step(g, lr, self._style) for g, lr in zip(grads, lrs, strict=True)]
        return {"op": "steps", "each": each}

    def _taken(self, due: int) -> Iterator[list[Held]]:
        try:
            for answer in self._answers("steps", due):
                due -= 1
                yield self._held(answer)
        except Failed:
            due = 0  # it takes no step after one that failed
            raise
        finally:
            if due:
                self._drop()

    def load(self, tensors: Sequence[Held]) -> None:
        """Go on from other states."""
        answer = self._ask(messages.load(tensors, self._style))
        self._read(messages.confirm, "load", answer)

    def close(self) -> None:
        """End the process."""
        if self._child is not None:
            self._child.close(json.dumps({"op": "exit"}))
            self._child = None

    def _ask(self, request: dict[str, Any], seconds: float | None = None) -> dict[str, Any]:
        self._send(request)
        (answer,) = self._answers(request["op"], 1, seconds)
        return answer

    def _send(self, request: dict[str, Any]) -> None:
        if self._ahead and self._ahead[0].start is None and self._start is not None:
            # It has taken other steps by then than it is to take.
            self.start(self._start)
        self._settle()
        if self._child is None:
            raise Failed("exit", "it does not run any more")
        try:
            self._child.hold_silent()
        except Failed:
            self._drop()
            raise
        self._child.send(json.dumps(request))

    def _answers(
        self, asked: str, count: int = 1, seconds: float | None = None
    ) -> Iterator[dict[str, Any]]:
        """Yield so many answers to what was sent."""
        assert self._child is not None
        if seconds is None:
            seconds = self._timeout if self._answered else self._first
        lines = self._child.receive(count, seconds)
        for _ in range(count):
            try:
                answer = self._answer(next(lines), asked)
            except Failed as failure:
                if failure.id == "timeout" and not self._answered:
                    # It has had its time once; it need not have it at every start.
                    self._first = self._timeout
                self._drop()
                raise
            if "error" in answer:
                raise self._error(answer)
            yield answer

    def _foreseen(self, is_it: Callable[[_Ahead], bool]) -> bool:
        """Say whether what is to be asked was asked ahead, next; then it is so no more."""
        if not (self._ahead and is_it(self._ahead[0])):
            return False
        self._ahead.popleft()
        return True

    def _settle(self) -> None:
        """Let nothing be due of what was asked ahead and is not wanted."""
        while self._ahead:
            count = self._ahead.popleft().count
            with contextlib.suppress(Failed, AdamrefError):
                for _ in self._answers("steps", count):
                    pass

    def _answer(self, line: bytes, asked: str) -> dict[str, Any]:
        self._answered = True
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError):  # also of numbers of thousands of digits
            answer = None
        if not isinstance(answer, dict):
            says = f"its answer to {asked} is {quoted(line)}, but should be a JSON object"
            raise Failed("garbage", says)
        return answer

    def _held(self, answer: Mapping[str, Any]) -> list[Held]:
        tensors: list[Held] = self._read(messages.read_step, answer, self._start)
        return tensors

    def _error(self, answer: Mapping[str, Any]) -> Exception:
        """Return what an answer reports: a refusal, or what an adapter found."""
        says = str(answer["error"])
        if self._target is None:
            return Failed("refusal", f"it refused: {says}")
        kind = getattr(errors, str(answer.get("raised")), None)
        if isinstance(kind, type) and issubclass(kind, AdamrefError):
            error = kind.__new__(kind)
            error.args = (says,)
            error.__dict__.update(answer.get("values", {}))
            return error
        failed = Failed(str(answer.get("failed")), says)
        if failed.id != "refusal":
            self._drop()
        return failed

    def _read(self, reader: Any, *given: Any) -> Any:
        """Read an answer; after one that cannot be read the process is not asked again."""
        try:
            return reader(*given)
        except Failed:
            self._drop()
            raise

    def _drop(self) -> None:
        self._ahead.clear()
        if self._child is not None:
            self._child.kill()
            self._child = None
