"""From a target to a session: in a process of its own where that can be."""

from __future__ import annotations

import contextlib
import marshal
import os
import shlex
import sys
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from adamref.errors import CannotIsolate, CannotLoad, MissingInput
from adamref.oracle.observe.sessions.child import HOST
from adamref.oracle.observe.sessions.detect import chosen
from adamref.oracle.observe.sessions.load import importable, name_of, named
from adamref.oracle.observe.sessions.optimizers import optimizer_named, optimizer_of
from adamref.oracle.observe.sessions.process import ProcessSession
from adamref.oracle.observe.sessions.session import Failed, Session
from adamref.oracle.observe.sessions.wording import words_of


class Opened(NamedTuple):
    """A session, and what is known of its implementation.

    Attributes
    ----------
    session : Session
    isolated : bool
        Whether it runs in a process of its own.
    name : str
        The target, for people.
    adapter : str
        By which it is reached; ``command`` for a program.
    optimizer : str
        Which it is by its name; empty where that says nothing.
    words : mapping of str to object
        Its name and those of its arguments, with what these are.
    """

    session: Session
    isolated: bool
    name: str
    adapter: str
    optimizer: str
    words: Mapping[str, Any]


def opened(
    target: Any = None,
    *,
    isolate: bool | Literal["auto"] = "auto",
    adapter: str | None = None,
    args: Mapping[str, Any] | None = None,
    command: str | None = None,
    device: str | None = None,
    timeout: float | None = None,
) -> Opened:
    """Reach an implementation.

    Parameters
    ----------
    target : str or object, optional
        ``module:attribute``, a function, a class, or what returns an optimizer.
    isolate : bool or "auto"
        In a process of its own; "auto": where that process can import it.
    adapter : str, optional
    args : mapping, optional
        For the constructor, beside the hyperparameters.
    command : str, optional
        A program and its arguments, in place of a target.
    device : str, optional
    timeout : float, optional
        Seconds for each answer; 10 if not given, but 60 for the first.

    Raises
    ------
    CannotLoad
        If there is no such implementation or program.
    Ambiguous
        If it is not known how to call it.
    CannotIsolate
        If it is to run in a process of its own, and cannot.
    """
    if command is not None:
        return _program(command, timeout)
    if target is None:
        raise MissingInput("target", "there is neither a target nor a command")
    found = target if isinstance(target, str) else importable(target)
    words = _written(args or {})
    if isolate is False or (isolate == "auto" and (found is None or words is None)):
        return _here(target, adapter, args or {}, device)
    if found is None:
        says = "it is no attribute of a module there (closures, lambdas and notebooks are not)"
        raise CannotIsolate(name_of(target), says)
    if words is None:
        raise CannotIsolate(found, f"the arguments {dict(args or {})} are not all plain values")
    request = {"target": found, "adapter": adapter, "args": words, "device": device}
    session = ProcessSession(HOST, timeout=timeout, target={**request, "path": sys.path})
    with contextlib.suppress(Failed):  # whoever starts it is told again
        session.open()
    optimizer = optimizer_named(session.names, args)
    return Opened(session, True, found, session.adapter, optimizer, session.words)


def _program(command: str, timeout: float | None) -> Opened:
    try:
        argv = _split(command, windows=os.name == "nt")
    except ValueError as error:
        raise CannotLoad(command, f"the command cannot be split: {error}") from error
    if not argv:
        raise CannotLoad(repr(command), "the command is empty")
    session = ProcessSession(argv, timeout=timeout)
    session.open()
    return Opened(session, True, command, session.adapter, "", session.words)


def _split(command: str, *, windows: bool) -> list[str]:
    """Split a command as a shell does; on Windows a backslash stands between folders."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.commenters = True, ""
    if windows:
        lexer.escape = ""
    return list(lexer)


def _here(target: Any, adapter: str | None, args: Mapping[str, Any], device: str | None) -> Opened:
    name = target if isinstance(target, str) else name_of(target)
    if isinstance(target, str):
        target = named(target)
    made = chosen(target, adapter, args, device)
    words = words_of(target, args)
    return Opened(made, False, name, made.name, optimizer_of(target, args), words)


def _written(args: Mapping[str, Any]) -> str | None:
    """Write arguments for another process; None if they cannot be written.

    So that infinities and NaN, which no literal writes, are among them.
    """
    plain = dict(args)
    try:
        written = marshal.dumps(plain)
    except ValueError:
        return None
    # What only lends its memory is written, as bytes.
    again = marshal.loads(written)  # noqa: S302 - written here
    return written.hex() if repr(again) == repr(plain) else None
