"""Which optimizer an implementation is by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adamref.oracle.observe.calling.signs import Sign
from adamref.oracle.observe.sessions.detect import looks, signs
from adamref.oracle.observe.sessions.load import name_of
from adamref.rules.family import called


def optimizer_of(target: Any, args: Mapping[str, Any] | None = None) -> str:
    """Guess an optimizer from the name of an implementation and its arguments; else empty.

    Of an object that a class or a factory makes, what it is made from counts as well.

    Parameters
    ----------
    target : str or object
        ``module:attribute``, or the object.
    args : mapping, optional

    >>> optimizer_of("torch.optim:AdamW"), optimizer_of("mine:step", {"amsgrad": True})
    ('adamw', 'amsgrad')
    """
    given = args or {}
    found = _first(_places(target))
    # That a trial may tell a function says nothing of it: a factory that takes anything is no less.
    is_function = Sign.SIGNATURE in signs(target)
    if found is None and not isinstance(target, str | type) and not is_function:
        bases = (look.made for look in looks(target, given) if Sign.BASE in signs(look.made))
        kinds = (base.__name__ for made in bases for base in type(made).__mro__)
        found = _first(kinds)
    if given.get("amsgrad") is True:
        return "amsgrad"
    if found in {None, "adam"} and given.get("weight_decay"):
        return "adam-l2"
    if found == "gradient-descent" and given.get("momentum"):
        return "heavy-ball"
    return found or ""


def _places(target: Any) -> list[str]:
    """Return the names that may say which optimizer it is, the most telling first."""
    whole = target if isinstance(target, str) else name_of(target)
    module, _, path = whole.rpartition(":")
    bases = [x.__name__ for x in target.__mro__] if isinstance(target, type) else []
    # step of the module adamw says no less than the class AdamW.
    return [path.rpartition(".")[2], *bases, module.rpartition(".")[2]]


def _first(names: Any) -> str | None:
    found = (called(name) for name in names)
    return next((one.name for one in found if one is not None), None)
