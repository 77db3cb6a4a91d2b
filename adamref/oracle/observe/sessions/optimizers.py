"""Which optimizer an implementation is by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adamref.oracle.observe.sessions.wording import names_of
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
    return optimizer_named(names_of(target, args), args)


def optimizer_named(names: Sequence[str], args: Mapping[str, Any] | None = None) -> str:
    """Guess an optimizer from names, the most telling first, and arguments; else empty."""
    given = args or {}
    known = (called(name) for name in names)
    found = next((one.name for one in known if one is not None), None)
    if given.get("amsgrad") is True:
        return "amsgrad"
    if found in {None, "adam"} and given.get("weight_decay"):
        return "adam-l2"
    if found == "gradient-descent" and given.get("momentum"):
        return "heavy-ball"
    return found or ""
