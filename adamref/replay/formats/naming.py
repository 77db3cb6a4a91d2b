"""Which parameter a number of torch's optimizers stands for.

An optimizer of torch numbers its parameters through its groups, and its state has nothing else of
them unless it was given their names. The shapes of the states say much, the order of the model's
own state the rest; where neither does, it is said and not guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, final

from adamref.replay.formats.words import BUFFERS

if TYPE_CHECKING:
    from adamref.replay.checkpoint import ParameterGroup, StoredArray
    from adamref.replay.formats.torch_states import OptimizedParameter

UNSAID = "and nothing says which belongs to which"
"""How the reason ends where names could not be given."""

Shape = tuple[int, ...]


@final
@dataclass
class Naming:
    """Names by number.

    Attributes
    ----------
    names : dict of int to str
    notes : list of str
    unread : list of (str, str)
    """

    names: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)


def named(
    params: Sequence[OptimizedParameter],
    thetas: Mapping[str, StoredArray],
    groups: Sequence[ParameterGroup],
    ordered: bool,
) -> Naming:
    """Find the names of parameters that have numbers.

    Parameters
    ----------
    params : sequence of OptimizedParameter
        Those with numbers.
    thetas : mapping of str to StoredArray
        The parameters by name, and what else stands among them.
    groups : sequence of ParameterGroup
    ordered : bool
        Whether these stand in the model's own order.
    """
    found = Naming()
    thetas = {name: x for name, x in thetas.items() if not name.endswith(BUFFERS)}
    if not params or not thetas:
        return found
    if ordered and len({one.group for one in params}) == 1 and _agree(params, thetas):
        found.names = {int(one.key): name for one, name in zip(params, thetas, strict=True)}
        found.notes.append(
            "names are given to numbers in the order of the model's state, whose shapes all agree"
        )
        return found
    of_shape: dict[Shape, list[str]] = defaultdict(list)
    for name, array in thetas.items():
        of_shape[array.shape].append(name)
    numbered: dict[Shape, list[OptimizedParameter]] = defaultdict(list)
    for one in params:
        if one.shape is not None:
            numbered[one.shape].append(one)
    ways: set[str] = set()
    for shape, ones in numbered.items():
        way = _of_one_shape(shape, ones, of_shape.get(shape, []), groups, ordered, found)
        ways |= {way} if way else set()
    found.notes += sorted(ways)
    return found


def _agree(params: Sequence[OptimizedParameter], thetas: Mapping[str, StoredArray]) -> bool:
    return len(params) == len(thetas) and all(
        one.shape in (None, array.shape) for one, array in zip(params, thetas.values(), strict=True)
    )


def _of_one_shape(
    shape: Shape,
    ones: list[OptimizedParameter],
    names: list[str],
    groups: Sequence[ParameterGroup],
    ordered: bool,
    found: Naming,
) -> str:
    """Name those of one shape, and return how."""
    keys = [int(one.key) for one in ones]
    if len(ones) == len(names) == 1:
        found.names[keys[0]] = names[0]
        return "names are given to numbers by shape, where one parameter alone has it"
    if len(ones) == len(names) and ordered and len({one.group for one in ones}) == 1:
        found.names |= dict(zip(keys, names, strict=True))
        return "names are given to numbers of a shape in the order of the model's state"
    split = _by_habit(ones, names, groups)
    if split and (ordered or all(len(some) == 1 for some, _ in split)):
        for some, theirs in split:
            found.names |= {int(one.key): x for one, x in zip(some, theirs, strict=True)}
        return "biases and norms are taken to be those in the group that is not decayed"
    because = (
        f"of shape {shape} there are {len(ones)} states and {len(names)} parameters "
        f"({_few(names)}), {UNSAID}"
    )
    found.unread.append((f"states {_few([str(key) for key in keys])}", because))
    return ""


def _by_habit(
    ones: list[OptimizedParameter], names: list[str], groups: Sequence[ParameterGroup]
) -> list[tuple[list[OptimizedParameter], list[str]]] | None:
    """Split both by whether they are decayed: a bias or a norm is not, as trainers have it."""

    def decayed(one: OptimizedParameter) -> bool:
        return groups[one.group].hyper.get("weight_decay", 0.0) != 0

    def spared(name: str) -> bool:
        *layers, last = name.lower().split(".")
        return last == "bias" or any("norm" in x or x.startswith("ln") for x in (*layers, last))

    if len({decayed(one) for one in ones}) < 2 or len({one.group for one in ones}) != 2:
        return None
    split = [
        ([x for x in ones if decayed(x) is yes], [x for x in names if spared(x) is not yes])
        for yes in (True, False)
    ]
    return split if all(len(some) == len(theirs) for some, theirs in split) else None


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
