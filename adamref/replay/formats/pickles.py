"""Pickles, read as the list of what they would do: nothing in one is ever called or imported.

A pickle is a program for a small stack machine. Those of its instructions that make numbers, text,
lists and dicts are followed; a name of a class or a function stays a name (`GlobalName`), and what
would be called stays what it would be called with (`Made`).
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, final

from adamref.errors import Unreadable


@final
@dataclass(frozen=True)
class GlobalName:
    """A class or a function of some module, by its name alone."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@final
@dataclass(eq=False)
class Made:
    """What a call would give.

    Attributes
    ----------
    by : object
        What would be called: a `GlobalName`, or anything else that a pickle put there.
    args : tuple
    state : object
        What it would be given afterwards, if anything.
    pairs : dict
        What would be put into it by key.
    items : list
        What would be appended to it.
    """

    by: Any
    args: tuple[Any, ...] = ()
    state: Any = None
    pairs: dict[Any, Any] = field(default_factory=dict)
    items: list[Any] = field(default_factory=list)

    def is_of(self, *names: str) -> bool:
        """Say whether it would be made by one of these."""
        return isinstance(self.by, GlobalName) and str(self.by) in names


@final
@dataclass(frozen=True, eq=False)
class Elsewhere:
    """A reference to what lies outside of the pickle."""

    to: Any


def shown(node: Any) -> str:
    """Return text, a number or a name as text; of anything else what it is.

    What is nested without end cannot be written.
    """
    plain = str | int | float | GlobalName
    return str(node)[:300] if isinstance(node, plain) else f"a {type(node).__name__}"


_MARK = object()


@final
class _Machine:
    """The stack, and what was to be remembered."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def to_mark(self) -> list[Any]:
        at = len(self.stack) - 1
        while self.stack[at] is not _MARK:
            at -= 1
            if at < 0:
                raise IndexError("a mark is missing")
        found = self.stack[at + 1 :]
        del self.stack[at:]
        return found

    def put(self, value: Any) -> None:
        self.stack.append(value)

    def two(self) -> tuple[Any, Any]:
        second, first = self.stack.pop(), self.stack.pop()
        return first, second


def _extended(where: Any, values: list[Any]) -> None:
    items = where.items if isinstance(where, Made) else where
    if not isinstance(items, list):
        raise TypeError("something is appended to what is no list")
    items += values


def _set(where: Any, flat: list[Any]) -> None:
    pairs = where.pairs if isinstance(where, Made) else where
    if not isinstance(pairs, dict) or len(flat) % 2:
        raise TypeError("something is put by a key into what is no dict")
    for key, value in zip(flat[::2], flat[1::2], strict=True):
        pairs[_key(key)] = value


def _key(key: Any) -> Any:
    """Return a key, which must be flat: hashing what is nested without end ends the process."""
    plain = str | int | float | bool | bytes | None | Made | GlobalName
    if isinstance(key, plain) or (
        isinstance(key, tuple) and all(isinstance(x, plain) for x in key)
    ):
        return key
    raise TypeError("a key of a dict is neither a number nor text")


def _instance(machine: _Machine) -> None:
    by, *args = machine.to_mark()
    machine.put(Made(by, tuple(args)))


def _reduce(machine: _Machine) -> None:
    by, args = machine.two()
    if not isinstance(args, tuple):
        raise TypeError("what something is called with is no tuple")
    machine.put(Made(by, args))


def _new_with_keywords(machine: _Machine) -> None:
    args, keywords = machine.two()
    machine.put(Made(machine.stack.pop(), (args, keywords)))


def _build(machine: _Machine) -> None:
    made, state = machine.two()
    if not isinstance(made, Made):
        raise TypeError("something that is no object is given a state")
    machine.put(made)
    made.state = state


def _stack_global(machine: _Machine) -> None:
    module, name = machine.two()
    if not (isinstance(module, str) and isinstance(name, str)):
        raise TypeError("a name is no text")
    machine.put(GlobalName(module, name))


def _memoize(machine: _Machine) -> None:
    machine.memo[len(machine.memo)] = machine.stack[-1]


def _below(machine: _Machine, action: Callable[[Any, list[Any]], None]) -> None:
    values = machine.to_mark()
    action(machine.stack[-1], values)


def _top(machine: _Machine, count: int) -> None:
    values = machine.stack[len(machine.stack) - count :]
    if len(values) != count:
        raise IndexError("a tuple is longer than the stack")
    del machine.stack[len(machine.stack) - count :]
    machine.put(tuple(values))


def _pairs(flat: list[Any]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    _set(found, flat)
    return found


_ACTIONS: dict[str, Callable[[_Machine], object]] = {
    "MARK": lambda m: m.put(_MARK),
    "POP": lambda m: m.stack.pop(),
    "POP_MARK": lambda m: m.to_mark(),
    "DUP": lambda m: m.put(m.stack[-1]),
    "NONE": lambda m: m.put(None),
    "NEWTRUE": lambda m: m.put(True),
    "NEWFALSE": lambda m: m.put(False),
    "EMPTY_LIST": lambda m: m.put([]),
    "EMPTY_DICT": lambda m: m.put({}),
    "EMPTY_TUPLE": lambda m: m.put(()),
    "EMPTY_SET": lambda m: m.put([]),
    "LIST": lambda m: m.put(m.to_mark()),
    "DICT": lambda m: m.put(_pairs(m.to_mark())),
    "TUPLE": lambda m: m.put(tuple(m.to_mark())),
    "FROZENSET": lambda m: m.put(m.to_mark()),
    "TUPLE1": lambda m: _top(m, 1),
    "TUPLE2": lambda m: _top(m, 2),
    "TUPLE3": lambda m: _top(m, 3),
    "APPEND": lambda m: _extended(m.stack[-2], [m.stack.pop()]),
    "APPENDS": lambda m: _below(m, _extended),
    "ADDITEMS": lambda m: _below(m, _extended),
    "SETITEM": lambda m: _set(m.stack[-3], list(m.two())),
    "SETITEMS": lambda m: _below(m, _set),
    "STACK_GLOBAL": _stack_global,
    "REDUCE": _reduce,
    "NEWOBJ": _reduce,
    "NEWOBJ_EX": _new_with_keywords,
    "OBJ": _instance,
    "BUILD": _build,
    "BINPERSID": lambda m: m.put(Elsewhere(m.stack.pop())),
    "MEMOIZE": _memoize,
    "PROTO": lambda _: None,
    "FRAME": lambda _: None,
}
_VALUES = frozenset(
    "INT BININT BININT1 BININT2 LONG LONG1 LONG4 FLOAT BINFLOAT STRING BINSTRING SHORT_BINSTRING "
    "UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8 BINBYTES SHORT_BINBYTES BINBYTES8 "
    "BYTEARRAY8".split()
)


def read_pickle(data: bytes, path: str, what: str) -> Any:
    """Return what a pickle holds, with names for classes and calls.

    Sets are lists. Numbers, text, bytes, tuples, lists and dicts are themselves.

    Parameters
    ----------
    data : bytes
        It may have more after it.
    path, what : str
        For messages: the file, and what of it is read.

    Raises
    ------
    Unreadable
        If it is cut off or damaged, or has an instruction that no checkpoint needs.
    """
    machine = _Machine()
    try:
        for code, arg, _ in pickletools.genops(data):
            if code.name == "STOP":
                return machine.stack.pop()
            _follow(machine, code.name, arg)
    except Exception as because:  # a pickle that is damaged fails in any way whatever
        said = " ".join(str(because).split())[:200] or type(because).__name__
        raise Unreadable(path, f"{what} is no pickle that can be read: {said}") from because
    raise Unreadable(path, f"{what} is a pickle that does not end")


def _follow(machine: _Machine, name: str, arg: Any) -> None:
    """Follow one instruction."""
    if name in _VALUES:
        machine.put(arg)
    elif name in ("BINGET", "GET", "LONG_BINGET"):
        machine.put(machine.memo[arg])
    elif name in ("BINPUT", "PUT", "LONG_BINPUT"):
        machine.memo[arg] = machine.stack[-1]
    elif name == "GLOBAL":
        module, _, attribute = str(arg).partition(" ")
        machine.put(GlobalName(module, attribute))
    elif name in _ACTIONS:
        _ACTIONS[name](machine)
    else:
        raise TypeError(f"the instruction {name} is not read")
