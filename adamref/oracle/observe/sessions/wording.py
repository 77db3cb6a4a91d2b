"""The words in which an implementation speaks of itself: its name, and its arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adamref.oracle.observe.calling.names import parameters
from adamref.oracle.observe.calling.signs import Sign
from adamref.oracle.observe.sessions.detect import looks, signs
from adamref.oracle.observe.sessions.load import name_of


def names_of(target: Any, args: Mapping[str, Any] | None = None) -> list[str]:
    """Return the names that may say which optimizer it is, the most telling first.

    Of an object that a factory makes, those of the classes that it is made from stand last.

    Parameters
    ----------
    target : str or object
        ``module:attribute``, or the object.
    args : mapping, optional
        For the constructor.

    >>> names_of("torch.optim:AdamW")
    ['AdamW', 'optim']
    """
    whole = target if isinstance(target, str) else name_of(target)
    module, _, path = whole.rpartition(":")
    bases = [x.__name__ for x in target.__mro__] if isinstance(target, type) else []
    # step of the module adamw says no less than the class AdamW.
    names = [path.rpartition(".")[2], *bases, module.rpartition(".")[2]]
    # That a trial may tell a function says nothing of it: a factory that takes anything is no less.
    if isinstance(target, str | type) or Sign.SIGNATURE in signs(target):
        return names
    made = (look.made for look in looks(target, args or {}))
    kinds = [type(x).__mro__ for x in made if Sign.BASE in signs(x)]
    return [*names, *(base.__name__ for mro in kinds for base in mro)]


def words_of(target: Any, args: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the name of a target, with None, and what its arguments are: given, or by default.

    An argument that is None, False or 0 says nothing, and one without a value neither. What is
    neither number nor text is told as True.

    >>> words_of(words_of, {"max_norm": 1.0})
    {'words_of': None, 'max_norm': 1.0}
    """
    defaults = {}
    if callable(target):
        named = parameters(target).named.values()
        defaults = {x.name: x.default for x in named if x.default is not x.empty}
    said = {name: x for name, x in {**defaults, **(args or {})}.items() if _says(x)}
    words = {n: x if isinstance(x, int | float | str) else True for n, x in said.items()}
    # Of what is defined inside something else, its own name.
    return {name_of(target).rpartition(":")[2].rpartition(".")[2]: None, **words}


def _says(value: Any) -> bool:
    return not (value is None or (isinstance(value, int | float) and not value))
