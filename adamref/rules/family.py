"""Every optimizer that adamref knows: its own, and those of other packages.

They share Adam's symbols: the decay of a first moment is beta1, that of a second moment beta2,
whatever the source calls them. A package adds its own by the entry point ``adamref.rules``: an
`adamref.rules.optimizer.Optimizer`, or a sequence of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points

from adamref.errors import UnknownName
from adamref.rules.adabelief import ADABELIEFS
from adamref.rules.adagrad import ADAGRADS
from adamref.rules.adam import ADAMS
from adamref.rules.adamax import ADAMAXES
from adamref.rules.adan import ADANS
from adamref.rules.ademamix import ADEMAMIXES
from adamref.rules.adopt import ADOPTS
from adamref.rules.average import AVERAGES
from adamref.rules.cautious import CAUTIOUS
from adamref.rules.descent import DESCENTS
from adamref.rules.lamb import LAMBS
from adamref.rules.lion import LIONS
from adamref.rules.nadam import NADAMS
from adamref.rules.optimizer import Optimizer
from adamref.rules.radam import RADAMS
from adamref.rules.rmsprop import RMSPROPS
from adamref.rules.schedule_free import SCHEDULE_FREES
from adamref.rules.sgd import SGDS
from adamref.rules.stable_adamw import STABLE_ADAMWS

_OWN: tuple[Optimizer, ...] = (
    *ADAMS,
    *DESCENTS,
    *AVERAGES,
    *RMSPROPS,
    *ADAGRADS,
    *ADAMAXES,
    *NADAMS,
    *SGDS,
    *ADANS,
    *LAMBS,
    *STABLE_ADAMWS,
    *RADAMS,
    *ADABELIEFS,
    *LIONS,
    *ADOPTS,
    *ADEMAMIXES,
    *CAUTIOUS,
    *SCHEDULE_FREES,
)


@cache
def family() -> Mapping[str, Optimizer]:
    """Return every optimizer by its name, adamref's own first."""
    found = {optimizer.name: optimizer for optimizer in _OWN}
    for entry in entry_points(group="adamref.rules"):
        given = entry.load()
        for optimizer in (given,) if isinstance(given, Optimizer) else given:
            found.setdefault(optimizer.name, optimizer)
    return found


def training() -> tuple[str, ...]:
    """Return the names of those that have a parameter, and so can be checked."""
    return tuple(name for name, one in family().items() if one.trains)


def optimizer(name: str) -> Optimizer:
    """Return an optimizer by its name.

    Raises
    ------
    UnknownName
        If there is none.
    """
    if name not in family():
        raise UnknownName("rule", name, tuple(family()))
    return family()[name]


def called(name: str) -> Optimizer | None:
    """Return the optimizer that a class or function of some name is, if there is one.

    A name is read word by word, whether its words are parted by capitals or by underscores. The
    longest run of words counts: AdamW is no Adam. A word may be several without a sign of it: then
    it is what it begins or ends with, and the shortest of those, as myownadam is no NAdam; but for
    names so short that they are parts of other words, as Lion's is of million.

    >>> called("FusedAdamW").name, called("AdamWithWarmup").name, called("MyOwnAdam").name
    ('adamw', 'adam', 'adam')
    >>> called("my_step")
    """
    known = {x: one for one in reversed(list(family().values())) for x in one.called}
    words = [x.lower() for x in _WORDS.findall(name)]
    count = len(words)
    runs = {"".join(words[i:j]) for i in range(count) for j in range(i + 1, count + 1)}
    if found := runs & known.keys():
        return known[max(found, key=len)]
    parts = [x for x in known for word in words if len(x) > _SHORT or x == "adam"
             if word.startswith(x) or word.endswith(x)]  # fmt: skip
    return known[min(parts, key=len)] if parts else None


_SHORT = 4
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


def axes() -> dict[str, tuple[str, ...]]:
    """Return every axis of every optimizer, with all the values that it may have."""
    found: dict[str, tuple[str, ...]] = {}
    for one in family().values():
        for axis in one.axes:
            known = found.get(axis.name, ())
            found[axis.name] = tuple(dict.fromkeys((*known, *axis.values)))
        for name, value in one.fixed.items():
            found[name] = tuple(dict.fromkeys((*found.get(name, ()), value)))
    return found
