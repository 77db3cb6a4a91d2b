"""A program that answers one line for each line that it is sent, whatever else it does."""

from __future__ import annotations

import contextlib
import os
import queue
import secrets
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import IO, final

from adamref.errors import CannotLoad
from adamref.oracle.observe.sessions.session import Failed
from adamref.processes import MARK, end_marked, end_tree

HOST = (sys.executable, "-m", "adamref.oracle.observe.sessions.host")
"""What runs an implementation that can be imported."""

_LONGEST_LINE = 1 << 26
_KEPT = 1 << 14  # of standard error, in bytes
_LINES = 20
_PIECE = 1 << 16
_AHEAD = 1 << 20  # bytes that are read before anybody asks; then the program has to wait
_TOGETHER = 0.01  # seconds for which lines that follow each other fast are waited for
_PATIENCE = 0.05  # seconds after which it is looked whether a program that is silent still runs
_GRACE = 0.5  # seconds to leave after being asked to


@final
class Child:
    """A running program, in a process group of its own.

    Each of its outputs and its input is served by a thread, so that no full pipe can hold up either
    side: that is what all systems can do, since Windows has no way to wait for several pipes.

    Parameters
    ----------
    argv : sequence of str

    Raises
    ------
    CannotLoad
        If there is no such program.
    """

    def __init__(self, argv: Sequence[str]) -> None:
        mark = f"{os.getpid()}-{secrets.token_hex(8)}"
        try:
            self._process = subprocess.Popen(  # noqa: S603 - to run it is what was asked for
                list(argv),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                # Both keep the interrupts of a terminal from it: the one is of POSIX, the other of
                # Windows, and each is without effect on the other.
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
                bufsize=0,
                env={**os.environ, MARK: mark},
            )
        except (OSError, ValueError) as error:
            because = error.strerror if isinstance(error, OSError) else str(error)
            raise CannotLoad(argv[0], f"the program cannot be run: {because}") from error
        self._lines: deque[bytes] = deque()
        self._read = bytearray()
        self._pipes = _Pipes(self._process)
        # Whoever drops it without closing it leaves no process behind.
        self._end = weakref.finalize(self, _end, self._process, self._pipes, mark)

    def send(self, line: str) -> None:
        """Send a line, whatever it has still to answer: that is read first."""
        self._pipes.requests.put(line.encode() + b"\n")

    def hold_silent(self) -> None:
        """Hold it to have written nothing that is not an answer.

        Raises
        ------
        Failed
            garbage; the program has ended by then.
        """
        if self._lines or self._read:
            written = b"\n".join((*self._lines, self._read))
            self.kill()
            says = f"it wrote {quoted(written)} without being asked"
            raise Failed("garbage", self._with_errors(says))

    def receive(self, count: int, seconds: float) -> Iterator[bytes]:
        """Yield the next so many lines that come.

        Parameters
        ----------
        count : int
        seconds : float
            For each of them.

        Raises
        ------
        Failed
            timeout, signal, exit or garbage; the program has ended by then.
        """
        try:
            for due in range(count, 0, -1):
                if not self._lines:
                    self._await_lines(due, seconds)
                yield self._lines.popleft()
        except GeneratorExit:
            raise
        except BaseException:  # an interrupt as well: it would be out of step
            self.kill()
            raise

    def close(self, line: str) -> None:
        """Ask it to leave with a last line; after half a second, end it."""
        self._pipes.requests.put(line.encode() + b"\n")
        self._pipes.requests.put(None)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE)
        self.kill()

    def kill(self) -> None:
        """End it, and all processes that it started, in its group or in one of their own."""
        self._end()

    @property
    def stderr(self) -> str:
        """The last 20 lines that it wrote to standard error."""
        lines = self._pipes.errors.decode("utf-8", "replace").splitlines()
        return "\n".join([x for x in lines if x.strip()][-_LINES:])

    def _await_lines(self, due: int, seconds: float) -> None:
        """Read until there is a line: as many as come at once, so that few threads are changed."""
        deadline = time.monotonic() + seconds
        patience = _TOGETHER
        while not self._lines:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Failed("timeout", self._with_errors(self._late(seconds)))
            piece = self._pipes.answers.take(due, min(left, patience))
            if piece is None:
                # What it started may keep its output open.
                if self._process.poll() is not None and not self._pipes.answers:
                    raise self._ended()
                patience = _PATIENCE
                continue
            if not piece:
                raise self._ended()
            self._read += piece
            if b"\n" in piece:
                *lines, self._read = self._read.split(b"\n")
                self._lines.extend(map(bytes, lines))
            if len(self._read) > _LONGEST_LINE:
                says = f"it wrote a line of more than {_LONGEST_LINE} bytes"
                raise Failed("garbage", self._with_errors(says))

    def _late(self, seconds: float) -> str:
        if self._read:
            return f"it wrote {quoted(self._read)}, but no end of the line within {seconds:g} s"
        return f"it gave no answer within {seconds:g} s, all that the timeout allows"

    def _ended(self) -> Failed:
        """Say how it ended, once its output has."""
        try:
            code = self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            return Failed("exit", self._with_errors("it closed its standard output"))
        self._pipes.wait_for_errors()
        rest = f" after {quoted(self._read)}" if self._read else ""
        if how := _cut_off(code):
            return Failed("signal", self._with_errors(f"it was ended by {how}{rest}"))
        return Failed("exit", self._with_errors(f"it left with status {code}{rest}"))

    def _with_errors(self, says: str) -> str:
        """Add the end of what it wrote to standard error."""
        last = " / ".join(x.strip() for x in self.stderr.splitlines()[-3:])
        if not last:
            return says
        return f"{says}; it wrote to standard error: {last if len(last) <= 300 else last[-300:]}"


_begun: dict[tuple[str, ...], Child] = {}


def begin(argv: Sequence[str]) -> None:
    """Run a program that will be asked for soon, so that it loads while this process does too."""
    with contextlib.suppress(CannotLoad):  # whoever asks for it is told
        _begun[tuple(argv)] = Child(argv)


def child(argv: Sequence[str]) -> Child:
    """Return a running program that nobody has asked anything yet.

    Raises
    ------
    CannotLoad
        If there is no such program.
    """
    return _begun.pop(tuple(argv), None) or Child(argv)


def quoted(data: bytes | bytearray) -> str:
    """Return the first 80 printable characters of what was written, in quotes."""
    text = data[:400].decode("utf-8", "replace").strip()
    shown = "".join(x if x.isprintable() else "." for x in text)
    return f'"{shown[:80]}…"' if len(shown) > 80 or len(data) > 400 else f'"{shown}"'


def _cut_off(code: int) -> str:
    """Return what ended a process that did not leave: a signal, on Windows an exception."""
    if code < 0:
        try:
            return signal.Signals(-code).name
        except ValueError:
            return f"signal {-code}"
    return f"exception 0x{code:08X}" if code >= _FIRST_EXCEPTION else ""


_FIRST_EXCEPTION = 0xC0000000
"""Of the errors among the codes of Windows: 0xC0000005 is an access violation."""


@final
class _Answers:
    """What was written to standard output and nobody has taken yet."""

    def __init__(self) -> None:
        self._written = bytearray()
        self._lines, self._due = 0, 1
        self._ended = False
        self._changed = threading.Condition()

    def __len__(self) -> int:
        """How many bytes."""
        return len(self._written)

    def put(self, piece: bytes, over: Callable[[], bool]) -> None:
        """Add a piece, an empty one at the end; wait where nobody takes them, until it is over."""
        with self._changed:
            while len(self._written) >= _AHEAD and not over():
                self._changed.wait(0.1)
            self._written += piece
            self._lines += piece.count(b"\n")
            self._ended = not piece
            if self._is_enough():
                self._changed.notify_all()

    def take(self, due: int, seconds: float) -> bytes | None:
        """Return what was written, as soon as it is so many lines, or all that comes in some time.

        None if nothing was; nothing at the end.
        """
        with self._changed:
            self._due = due
            self._changed.wait_for(self._is_enough, seconds)
            if not self._written:
                return b"" if self._ended else None
            written = bytes(self._written)
            self._written.clear()
            self._lines = 0
            self._changed.notify_all()
            return written

    def _is_enough(self) -> bool:
        return self._ended or self._lines >= self._due or len(self._written) >= _AHEAD


@final
class _Pipes:
    """What serves the pipes of a process. It does not hold the `Child`, which is to be collected.

    Attributes
    ----------
    requests : queue of bytes
        What is to be written; None closes the pipe.
    answers : _Answers
        What was read.
    errors : bytes
        The end of what was written to standard error.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.requests: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self.answers = _Answers()
        self.errors = b""
        self._over = False
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        work = ((self._write, process.stdin), (self._answer, process.stdout))
        self._threads = [
            threading.Thread(target=serve, args=(pipe,), daemon=True)
            for serve, pipe in (*work, (self._keep, process.stderr))
        ]
        for thread in self._threads:
            thread.start()

    def wait_for_errors(self) -> None:
        """Wait until standard error is read to its end, unless something else keeps it open."""
        self._threads[-1].join(_GRACE)

    def close(self) -> None:
        """Let the threads end; the processes have."""
        self._over = True
        self.requests.put(None)
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(_GRACE)

    def _write(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError), pipe:
            while (request := self.requests.get()) is not None:
                left = memoryview(request)
                while left:  # where it reads no more, what it has to say may still come
                    left = left[os.write(pipe.fileno(), left[:_PIECE]) :]

    def _answer(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError), pipe:
            piece = b"?"
            while piece:
                piece = _piece(pipe)
                self.answers.put(piece, lambda: self._over)

    def _keep(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError), pipe:
            while piece := _piece(pipe):
                self.errors = (self.errors + piece)[-_KEPT:]


def _piece(pipe: IO[bytes]) -> bytes:
    try:
        return os.read(pipe.fileno(), _PIECE)
    except OSError:
        return b""


def _end(process: subprocess.Popen[bytes], pipes: _Pipes, mark: str) -> None:
    end_tree(process.pid)
    end_marked(mark)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(5)
    pipes.close()
