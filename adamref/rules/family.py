"""Every optimizer that adamref knows: its own, and those of other packages.

They share Adam's symbols: the decay of a first moment is beta1, that of a second moment beta2,
whatever the source calls them. A package adds its own by the entry point ``adamref.rules``: an
`adamref.rules.optimizer.Optimizer`, or a list or tuple of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from itertools import chain

from adamref import elsewhere
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

GROUP = "adamref.rules"
"""The entry points that other packages name their optimizers by."""

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
def _own() -> Mapping[str, Optimizer]:
    return {one.name: one for one in _OWN}


@cache
def family() -> Mapping[str, Optimizer]:
    """Return every optimizer by its name, adamref's own first.

    Raises
    ------
    CannotLoad
        If an entry point cannot be loaded, is no optimizer or one that cannot be worked, or has a
        name that is taken.
    """

    def names(one: Optimizer) -> tuple[str, ...]:
        return (one.name, *(x for x in one.called if x != one.name))

    found = dict(_own())
    taken = {*chain.from_iterable(map(names, _OWN))}
    for entry, one in elsewhere.each(
        GROUP, lambda x: isinstance(x, Optimizer), "optimizer", names, taken
    ):
        with entry.asked():
            rules = tuple(one.rules())
            for rule in rules:
                for name, hyper in rule.hypers.items():
                    hyper.read(rule.defaults[name])
        lacking = (f"{one.name}: {says}" for rule in rules for says in rule.lacking())
        if wrong := next(lacking, "" if rules else f"{one.name} has no dialect"):
            raise entry.refused(wrong)
        found[one.name] = one
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
    # No other package is asked for adamref's own: these may begin with one of them.
    found = _own().get(name) or family().get(name)
    if found is None:
        raise UnknownName("rule", name, tuple(family()))
    return found


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
