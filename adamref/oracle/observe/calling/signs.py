"""By what an adapter recognises an implementation; the stronger sign decides."""

from __future__ import annotations

from enum import IntEnum
from typing import Any


class Sign(IntEnum):
    """What tells that an implementation is of a form; the least is that a trial may tell it."""

    NONE = 0
    TRIAL = 1
    SIGNATURE = 2
    METHODS = 3
    BASE = 4


def by_base(target: Any, module: str, *names: str) -> Sign:
    """Recognise a class, or an instance of one, that has a base of a module.

    By the names of both, so that no framework is imported to ask.
    """
    kind = target if isinstance(target, type) else type(target)
    for base in kind.__mro__:
        within = base.__module__ == module or base.__module__.startswith(module + ".")
        if within and base.__name__ in names:
            return Sign.BASE
    return Sign.NONE


def by_methods(target: Any, *names: str) -> Sign:
    """Recognise what has methods."""
    has = all(callable(getattr(target, name, None)) for name in names)
    return Sign.METHODS if has else Sign.NONE
