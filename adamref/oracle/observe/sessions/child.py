"""A program that answers one line for each line that it is sent, whatever else it does."""

from __future__ import annotations

import contextlib
import os
import secrets
import selectors
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, final

from adamref.errors import CannotLoad
from adamref.oracle.observe.sessions.session import Failed

HOST = (sys.executable, "-m", "adamref.oracle.observe.sessions.host")
"""What runs an implementation that can be imported."""

_LONGEST_LINE = 1 << 26
_KEPT = 1 << 14  # of standard error, in bytes
_LINES = 20
_PIECE = 1 << 16
_GRACE = 0.5  # seconds to leave after being asked to


@final
class Child:
    """A running program, in a process group of its own.

    Both of its outputs and its input are served at once, without a thread, so that no full pipe can
    hold up either side.

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
                start_new_session=True,
                bufsize=0,
                env={**os.environ, _MARK: mark},
            )
        except (OSError, ValueError) as error:
            because = error.strerror if isinstance(error, OSError) else str(error)
            raise CannotLoad(argv[0], f"the program cannot be run: {because}") from error
        for pipe in self._pipes():
            os.set_blocking(pipe.fileno(), False)
        self._read = bytearray()
        self._errors = b""
        self._ready = selectors.DefaultSelector()
        self._ready.register(self._stdout, selectors.EVENT_READ)
        self._ready.register(self._stderr, selectors.EVENT_READ)
        # Whoever drops it without closing it leaves no process behind.
        self._end = weakref.finalize(self, _end, self._process, self._ready, mark)

    def ask(self, line: str, count: int, seconds: float) -> Iterator[bytes]:
        """Send a line, and yield the next so many that come.

        Parameters
        ----------
        line : str
        count : int
        seconds : float
            For each of them.

        Raises
        ------
        Failed
            timeout, signal, exit or garbage; the program has ended by then.
        """
        try:
            self._hold_silent()
            request = line.encode() + b"\n"
            for _ in range(count):
                request = self._awaited(request, time.monotonic() + seconds, seconds)
                answer, _, self._read = self._read.partition(b"\n")
                yield bytes(answer)
        except GeneratorExit:
            raise
        except BaseException:  # an interrupt as well: it would be out of step
            self.kill()
            raise

    def close(self, line: str) -> None:
        """Ask it to leave with a last line; after half a second, end it."""
        # It is closed by now where somebody interrupted.
        with contextlib.suppress(OSError, ValueError):
            os.write(self._stdin.fileno(), line.encode() + b"\n")
        with contextlib.suppress(OSError):
            self._stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE)
        self.kill()

    def kill(self) -> None:
        """End it, and all processes that it started, in its group or in one of their own."""
        self._end()

    @property
    def stderr(self) -> str:
        """The last 20 lines that it wrote to standard error."""
        lines = self._errors.decode("utf-8", "replace").splitlines()
        return "\n".join([x for x in lines if x.strip()][-_LINES:])

    def _pipes(self) -> tuple[IO[bytes], ...]:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._stdin, self._stdout, self._stderr = process.stdin, process.stdout, process.stderr
        return self._stdin, self._stdout, self._stderr

    def _hold_silent(self) -> None:
        if self._read:
            says = f"it wrote {quoted(self._read)} without being asked"
            raise Failed("garbage", self._with_errors(says))

    def _awaited(self, request: bytes, deadline: float, seconds: float) -> bytes:
        """Read until there is a line; return what is left of the request."""
        scanned = 0
        while b"\n" not in self._read[scanned:]:
            scanned = len(self._read)
            request = self._sent(request)
            left = deadline - time.monotonic()
            if left <= 0:
                raise Failed("timeout", self._with_errors(self._late(seconds)))
            events = self._ready.select(min(left, 0.05))
            self._serve(events)
            if not events and self._process.poll() is not None:
                raise self._ended()
        return request

    def _sent(self, request: bytes) -> bytes:
        """Write what can be written; be told when the rest can be."""
        waits = self._stdin in self._ready.get_map()
        if request:
            request = _written(self._stdin.fileno(), request)
        if request and not waits:
            self._ready.register(self._stdin, selectors.EVENT_WRITE)
        if waits and not request:
            self._ready.unregister(self._stdin)
        return request

    def _serve(self, events: list[tuple[selectors.SelectorKey, int]]) -> None:
        """Read what there is."""
        for key, _ in events:
            if key.fileobj is self._stdin:
                continue
            if key.fileobj is self._stderr:
                piece = _piece(self._stderr.fileno())
                self._errors = (self._errors + piece)[-_KEPT:]
                if not piece:
                    self._ready.unregister(self._stderr)
            else:
                piece = _piece(self._stdout.fileno())
                self._read += piece
                if not piece:
                    raise self._ended()
                if len(self._read) > _LONGEST_LINE and b"\n" not in piece:
                    says = f"it wrote a line of more than {_LONGEST_LINE} bytes"
                    raise Failed("garbage", self._with_errors(says))

    def _late(self, seconds: float) -> str:
        if self._read:
            return f"it wrote {quoted(self._read)}, but no end of the line within {seconds:g} s"
        return f"it gave no answer within {seconds:g} s, all that --timeout allows"

    def _ended(self) -> Failed:
        """Say how it ended, once its output has."""
        try:
            code = self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            return Failed("exit", self._with_errors("it closed its standard output"))
        with contextlib.suppress(OSError):
            while piece := os.read(self._stderr.fileno(), _PIECE):
                self._errors = (self._errors + piece)[-_KEPT:]
        rest = f" after {quoted(self._read)}" if self._read else ""
        if code < 0:
            return Failed("signal", self._with_errors(f"it was ended by {_signal(-code)}{rest}"))
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


def _written(fd: int, data: bytes) -> bytes:
    try:
        return data[os.write(fd, data[:_PIECE]) :]
    except BlockingIOError:
        return data
    except OSError:  # it reads no more; what it has to say may still come
        return b""


def _piece(fd: int) -> bytes:
    try:
        return os.read(fd, _PIECE)
    except OSError:
        return b""


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


_MARK = "ADAMREF_STARTED_BY"
"""A variable of the environment by which those are known that a program started."""


def _end_marked(mark: str) -> None:
    """End the processes that left their group, where the system shows them."""
    sought = f"{_MARK}={mark}".encode()
    for _ in range(_ROUNDS):
        found = False
        for place in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if sought in (place / "environ").read_bytes():
                    os.kill(int(place.name), signal.SIGKILL)
                    found = True
        if not found:
            return


_ROUNDS = 10
"""How often those that were started meanwhile are looked for."""


def _end(process: subprocess.Popen[bytes], ready: selectors.BaseSelector, mark: str) -> None:
    ready.close()
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    for pipe in (process.stdin, process.stdout, process.stderr):
        with contextlib.suppress(OSError):
            if pipe is not None:
                pipe.close()
    _end_marked(mark)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(5)
