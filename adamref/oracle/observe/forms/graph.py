"""The numbers that an object holds, at any depth, by the way that leads to them."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

Path: TypeAlias = "tuple[tuple[str, Any], ...]"
"""A way from a root: ``("attr", name)``, ``("item", key)`` or, of a closure, ``("cell", i)``."""

_DEPTH, _MOST = 5, 100_000
_CLOSED = (ModuleType, FunctionType, MethodType, BuiltinFunctionType, type, str, bytes)


def leaves(
    root: Any, without: Collection[int] = (), *, lists: bool = True
) -> Iterator[tuple[Path, Any]]:
    """Yield all numbers and arrays of numbers below a root.

    Parameters
    ----------
    root : object
    without : collection of int
        The identities of objects that are left out: what was handed over.
    lists : bool
        Whether a list of nothing but numbers is one, as an array is.
    """
    seen = set(without)
    waiting: deque[tuple[Path, Any]] = deque([((), root)])
    count = 0
    if isinstance(root, FunctionType):  # made by another: its variables are what it keeps
        cells = enumerate(root.__closure__ or ())
        waiting = deque(
            ((("cell", i),), x) for i, cell in cells if (x := _content(cell)) is not None
        )
    while waiting and count < _MOST:
        path, value = waiting.popleft()
        count += 1
        if id(value) in seen:
            continue
        if is_leaf(value) and (lists or not isinstance(value, list)):
            yield path, value
            continue
        seen.add(id(value))
        if len(path) < _DEPTH:
            waiting += [((*path, step), x) for step, x in _below(value)]


def is_leaf(value: Any) -> bool:
    """Say whether it is a number, an array of numbers, or a list of nothing but numbers."""
    if isinstance(value, bool | Mapping) or value is None:
        return False
    if isinstance(value, int | float | np.generic):
        return True
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return getattr(value.dtype, "kind", "f") != "O"
    return isinstance(value, list) and bool(value) and all(_is_nested(x) for x in value)


def at(root: Any, path: Path) -> Any:
    """Return what a way leads to; None where there is nothing."""
    for kind, name in path:
        try:
            root = _step(root, kind, name)
        except (AttributeError, KeyError, IndexError, TypeError):
            return None
    return root


def put(root: Any, path: Path, value: Any) -> Any:
    """Write to where a way leads; return the root, which is another where it cannot be changed."""
    if not path:
        return value
    (kind, name), rest = path[0], path[1:]
    inner = _step(root, kind, name)
    new = put(inner, rest, value)
    if new is inner:
        return root
    if hasattr(root, "_replace") and kind == "item":
        return root._replace(**{root._fields[name]: new})
    if isinstance(root, tuple):
        return (*root[:name], new, *root[name + 1 :])
    if kind == "cell":
        root.__closure__[name].cell_contents = new
    elif kind == "attr":
        setattr(root, name, new)
    else:
        root[name] = new
    return root


def _step(root: Any, kind: str, name: Any) -> Any:
    if kind == "cell":
        return _content(root.__closure__[name])
    return getattr(root, name) if kind == "attr" else root[name]


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not yet bound
        return None


def text(path: Path) -> str:
    """Return a name for a way, for people."""
    return ".".join(str(key) for _, key in path)


def _below(value: Any) -> Iterator[tuple[tuple[str, Any], Any]]:
    if isinstance(value, _CLOSED):
        return
    if isinstance(value, Mapping):
        yield from ((("item", key), x) for key, x in list(value.items()))
    elif isinstance(value, list | tuple):
        yield from ((("item", i), x) for i, x in enumerate(value))
    elif not (hasattr(value, "dtype") and hasattr(value, "shape")):
        own = dict(getattr(value, "__dict__", {}))
        for kind in type(value).__mro__:
            for name in vars(kind).get("__slots__", ()):
                own.setdefault(name, getattr(value, name, None))
        yield from ((("attr", name), x) for name, x in own.items())


def _is_nested(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(_is_nested(x) for x in value)
    # Not NumPy's numbers: a list of those is one of tensors without axes.
    return type(value) in {int, float}
