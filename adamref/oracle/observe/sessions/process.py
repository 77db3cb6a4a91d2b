"""An implementation in a process of its own: a crash, a hang or an exit of it is a finding."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, final

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
        self.open()
        self._start = start
        if self._target is not None and start.optimizer not in self._told:
            named = {start.optimizer: vocabulary.named(start.optimizer)}
            self._ask({"op": "named", "named": named}, _FIRST)
            self._told.add(start.optimizer)
        answer = self._ask(messages.init(start, self._first_style))
        if messages.wants_decimals(answer):
            # It cannot read hexadecimal: it will not be sent any again.
            self._first_style = "decimal"
            answer = self._ask(messages.init(start, "decimal"))
        wished = self._target is None and answer.get("numbers") == "decimal"
        self._style = "decimal" if wished else self._first_style
        abilities: Abilities = self._read(messages.read_abilities, answer, start)
        return abilities

    def step(self, grads: Sequence[Array | None], lr: float | None = None) -> list[Held]:
        """Take a step."""
        return self._held(self._ask(messages.step(grads, lr, self._style)))

    def steps(
        self, grads: Sequence[Sequence[Array | None]], lrs: Sequence[float | None]
    ) -> Iterator[list[Held]]:
        """Take steps; a process of ours goes on with the next while one is read."""
        if self._target is None:
            yield from super().steps(grads, lrs)
            return
        each = [messages.step(g, lr, self._style) for g, lr in zip(grads, lrs, strict=True)]
        due = len(each)
        try:
            for answer in self._answers({"op": "steps", "each": each}, len(each)):
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
        (answer,) = self._answers(request, 1, seconds)
        return answer

    def _answers(
        self, request: dict[str, Any], count: int, seconds: float | None = None
    ) -> Iterator[dict[str, Any]]:
        """Send a request, and yield so many answers."""
        if self._child is None:
            raise Failed("exit", "it does not run any more")
        if seconds is None:
            seconds = self._timeout if self._answered else self._first
        lines = self._child.ask(json.dumps(request), count, seconds)
        for _ in range(count):
            try:
                answer = self._answer(next(lines), request["op"])
            except Failed as failure:
                if failure.id == "timeout" and not self._answered:
                    # It has had its time once; it need not have it at every start.
                    self._first = self._timeout
                self._drop()
                raise
            if "error" in answer:
                raise self._error(answer)
            yield answer

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
        if self._child is not None:
            self._child.kill()
            self._child = None
