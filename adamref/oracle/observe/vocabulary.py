"""What the rules call things, as data.

An implementation in a process of its own needs of the rules no more than names. That process is
told them, and so has no need of SymPy, which takes longer to import than most implementations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adamref.rules.hyper import Hyper

_spoken: dict[str, dict[str, str]] = {}
_named: dict[str, dict[str, list[str]]] = {}


def spoken() -> Mapping[str, Mapping[str, str]]:
    """Return for each optimizer adamref's names of hyperparameters by those of implementations.

    Under the empty name stand those that several have.
    """
    return _spoken or _spoken_by_the_rules()


def named(optimizer: str) -> Mapping[str, list[str]]:
    """Return the names of the ``states`` and ``hypers`` that an optimizer has in some dialect.

    With those of the states that are not negative, as ``even``. They are none for one that is not
    known.
    """
    return _named.get(optimizer) or _named_by_the_rules(optimizer)


def tell(
    spoken: Mapping[str, Mapping[str, str]] | None = None,
    named: Mapping[str, Mapping[str, list[str]]] | None = None,
) -> None:
    """Take what these functions returned in another process, in place of asking the rules."""
    _spoken.update({name: dict(words) for name, words in (spoken or {}).items()})
    _named.update({name: dict(words) for name, words in (named or {}).items()})


@cache
def _spoken_by_the_rules() -> Mapping[str, Mapping[str, str]]:
    from adamref.rules.family import family  # SymPy: whoever is told need not wait
    from adamref.rules.hyper import COMMON

    common = _by_theirs(COMMON.values())
    own = {name: {**common, **_by_theirs(x.rule.own)} for name, x in family().items()}
    return {"": common, **own}


@cache
def _named_by_the_rules(optimizer: str) -> Mapping[str, list[str]]:
    from adamref.rules.family import family

    one = family().get(optimizer)
    if one is None:
        return {"states": [], "hypers": [], "even": []}
    even = sorted(one.rule.nonnegative)
    return {"states": list(one.states), "hypers": list(one.hypers), "even": even}


def _by_theirs(hypers: Iterable[Hyper]) -> dict[str, str]:
    found = {theirs: hyper.name for hyper in hypers for theirs in (hyper.name, *hyper.called)}
    return {theirs: "lr" if ours == "alpha" else ours for theirs, ours in found.items()}
