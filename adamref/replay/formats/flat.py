"""Parameters and states that are told apart by the words in their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, final

from adamref.replay.checkpoint import ParameterGroup, StoredArray
from adamref.replay.formats.dtypes import FLOATS
from adamref.replay.formats.settings import group_of
from adamref.replay.formats.tree import NotRead, Path, count
from adamref.replay.formats.words import COUNTERS, ENDINGS, FIELDS, HOLDERS, HYPER, SHORT, TOPS

Key = tuple[str, ...]


@final
@dataclass
class NamedStates:
    """What was found, by key: the parts of a name without what holds them.

    Attributes
    ----------
    thetas : dict of Key to (str, StoredArray)
        With the name.
    states : dict of Key to dict of str to StoredArray
        By the fields of `TensorState`.
    counters : dict of Key to int
        By the parts of what has them, and by its key.
    holders : dict of Key to Key
        What holds the states of a parameter.
    group : ParameterGroup or None
        Settings, where some stand by themselves.
    unread : list of (str, str)
    """

    thetas: dict[Key, tuple[str, StoredArray]] = field(default_factory=dict)
    states: dict[Key, dict[str, StoredArray]] = field(default_factory=dict)
    counters: dict[Key, int] = field(default_factory=dict)
    holders: dict[Key, Key] = field(default_factory=dict)
    group: ParameterGroup | None = None
    unread: list[tuple[str, str]] = field(default_factory=list)

    def t_of(self, key: Key) -> int | None:
        """Return the number of steps that a parameter has taken.

        It is its own counter, that of what holds its states, or the only value there is.
        """
        for where in (key, self.holders.get(key, key)):
            if where in self.counters:
                return self.counters[where]
        values = {*self.counters.values()}
        return values.pop() if len(values) == 1 else None


def told_by_names(leaves: Iterable[tuple[Path, Any]]) -> NamedStates:
    """Tell parameters, states, counters and settings apart."""
    found = NamedStates()
    held = [(".".join(path), _parts(path), leaf) for path, leaf in leaves]
    plain = not any(_of_word(parts, FIELDS) or _of_ending(parts) for _, parts, _ in held)
    settings: dict[str, Any] = {}
    for name, parts, leaf in held:
        if isinstance(leaf, NotRead):
            found.unread.append((name, leaf.because))
        elif parts[-1] in COUNTERS and (t := count(leaf)) is not None:
            found.counters[parts[:-1]] = found.counters[bare(parts[:-1])] = t
        elif parts[-1] in HYPER and _is_scalar(leaf):
            settings[parts[-1]] = leaf
        elif isinstance(leaf, StoredArray) and leaf.dtype not in FLOATS:
            found.unread.append((name, f"a tensor of {leaf.dtype} is no parameter and no state"))
        elif isinstance(leaf, StoredArray):
            told = _of_ending(parts) or _of_word(parts, SHORT if plain else FIELDS)
            if told is None:
                _add_theta(found, name, parts, leaf)
            else:
                _add_state(found, name, told, leaf)
    if settings:
        found.group = group_of("all", settings, frozenset())
    _by_other_names(found)
    return found


def _is_scalar(leaf: Any) -> bool:
    return isinstance(leaf, int | float) or (isinstance(leaf, StoredArray) and leaf.size == 1)


def _parts(path: Path) -> Key:
    return tuple(x for text in path for x in re.split(r"[./]", text) if x) or ("",)


def _held_by(parts: Key) -> int:
    """Return how many of the first parts say what holds the rest; numbers go with a holder."""
    at = 0
    while at < len(parts) - 1 and (
        parts[at] in HOLDERS or (at and parts[at].isdigit() and parts[at - 1] not in TOPS)
    ):
        at += 1
    return at


def bare(parts: Key) -> Key:
    """Return the parts of a name without what holds it, which may be all of them.

    >>> bare(("opt_state", "0", "dense", "kernel")), bare(("params", "w")), bare(("0", "weight"))
    (('dense', 'kernel'), ('w',), ('0', 'weight'))
    >>> bare(("params",)), bare(("state", "0"))
    ((), ('0',))
    """
    left = parts[_held_by(parts) :]
    return () if len(left) == 1 and left[0] in HOLDERS else left


_State = tuple[str, Key, Key]
"""The field, the key of the parameter, and what holds its states."""


def _of_word(parts: Key, words: Mapping[str, str]) -> _State | None:
    """Say of which state a name is by a part of it; what the parameters are held in has none.

    Of the short words only the first part and the last are asked: others are names of layers.
    """
    begin = _held_by(parts)
    if TOPS & {*parts[:begin]}:
        return None
    last = len(parts) - 1
    for at in (begin, last) if words is SHORT else range(begin, last + 1):
        if parts[at] in words:
            before, after = parts[:at], parts[at + 1 :]
            return words[parts[at]], bare(after or before), before
    return None


def _of_ending(parts: Key) -> _State | None:
    """Say of which state a name is by how its last part ends."""
    for ending, kept in ENDINGS.items():
        if parts[-1].endswith(ending):
            return kept, (parts[-1].removesuffix(ending),), parts[:-1]
    return None


def _add_theta(found: NamedStates, name: str, parts: Key, leaf: StoredArray) -> None:
    key = bare(parts)
    if key in found.thetas:
        key = parts
    # The name keeps the signs between its parts.
    shown = name
    for part in parts[: len(parts) - len(key)]:
        shown = shown.lstrip("./").removeprefix(part).lstrip("./")
    found.thetas[key] = (shown or name, leaf)


def _add_state(found: NamedStates, name: str, told: _State, leaf: StoredArray) -> None:
    kept, key, holder = told
    states = found.states.setdefault(key, {})
    if kept in states:
        found.unread.append((name, "there is another state of that parameter by this name"))
        return
    states[kept] = leaf
    found.holders.setdefault(key, holder)


def _by_other_names(found: NamedStates) -> None:
    """Find parameters of states that join the parts of a name by ``_``, if one alone fits.

    Where a name ends in what says that it is a parameter (``w.theta`` beside ``w.m``), the rest is
    its key if that is one of states.

    Where there is one parameter and states of one, they belong together whatever their names.
    """
    for key in [x for x in found.thetas if x[-1:] and x[-1] in TOPS]:
        if key not in found.states and key[:-1] in found.states and key[:-1] not in found.thetas:
            name, leaf = found.thetas.pop(key)
            found.thetas[key[:-1]] = (name.removesuffix(key[-1]).rstrip("./"), leaf)
    if len(found.thetas) == len(found.states) == 1:  # there is no name that could be another's
        theta, state = next(iter(found.thetas)), next(iter(found.states))
        found.holders[theta] = found.holders.pop(state)
        found.states[theta] = found.states.pop(state)
        return
    joined: dict[str, list[Key]] = {}
    for key in found.thetas:
        for at in range(len(key)):
            joined.setdefault("_".join(key[at:]), []).append(key)
    for key in [key for key in found.states if key not in found.thetas and len(key) == 1]:
        fits = joined.get(key[0], [])
        if len(fits) == 1 and fits[0] not in found.states:
            found.states[fits[0]] = found.states.pop(key)
            found.holders[fits[0]] = found.holders.pop(key)
