"""Which letter means what: the notation of a document."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, final

from adamref.documents.spans import printed
from adamref.documents.statements import Statement
from adamref.expressions.nodes import Binary, Name, names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.documents.statements import Event

# Ways in which authors name the two moments, the usual one first.
CONVENTIONS: tuple[dict[str, str], ...] = (
    {"m": "m", "M": "m", "v": "v", "V": "v", "s": "v", "S": "v", "r": "v", "u": "v", "n": "v"},
    {"v": "m", "V": "m", "s": "v", "S": "v", "r": "v", "G": "v"},
    {"s": "m", "r": "v"},
    {"r": "m", "s": "v"},
    {"m": "m", "n": "v"},
    {"v": "v", "s": "m"},
)
_PARAMETERS = ("theta", "w", "W", "omega", "Theta", "x", "p", "b")
_ALWAYS = ("theta", "w", "W", "omega", "Theta", "PARAMETER")
_TRACKS = {"dw": "w", "db": "b", "dW": "w", "W": "w", "w": "w", "b": "b", "theta": "", "dtheta": ""}


@final
@dataclass(frozen=True)
class Meaning:
    """What a name stands for.

    Attributes
    ----------
    kind : {"field", "hyper", "time", "other"}
    name : str
        The field, the hyperparameter, or the name itself.
    parameter : str
        Which parameter, where there are several.
    time : str
        What its index says about the step: digits, ``t``, ``t+1``, ``new``, or empty.
    """

    kind: str
    name: str
    parameter: str = ""
    time: str = ""


@final
@dataclass(frozen=True)
class Notation:
    """How to read the names of one document.

    Attributes
    ----------
    moments : mapping of str to str
        The letters of the moments.
    parameters : tuple of str
        The letters that are parameters.
    several : bool
        Whether w and b (or other letters) are parameters side by side.
    bound : mapping of name to str
        Hyperparameters that words next to a letter settled ("step size ε").
    components : bool
        Read a number in an index as a component of a vector, not as a step.
    markers : bool
        Take "step 2" for the second update, rather than for a stage of the procedure.
    zero_based : bool
        Count steps from 0 in the indices of gradients and moments.
    restarts : bool
        Begin a new worked example at each heading.
    """

    moments: dict[str, str]
    parameters: tuple[str, ...]
    several: bool
    bound: dict[tuple[str, str], str] = field(default_factory=dict)
    components: bool = False
    markers: bool = True
    zero_based: bool = False
    restarts: bool = False

    def meaning(self, name: Name) -> Meaning:
        """Say what a name stands for."""
        bound = self.bound.get((name.base, name.index))
        if bound is not None:
            return Meaning("hyper", bound)
        time, parameter = _index(name.index)
        if not self.several:
            parameter = ""
        if self.components and time.isdigit():
            time, parameter = "", parameter + time
        hyper = _hyper(name)
        if hyper is not None:
            step = name.index if hyper == "alpha" and name.index.isdigit() else ""
            return Meaning("hyper", hyper, time=step)
        if name.base == "t" and not name.index:
            return Meaning("time", "t")
        if name.base in self.moments:
            corrected = "_hat" if name.hat or name.prime else ""
            return Meaning("field", self.moments[name.base] + corrected, parameter, time)
        if name.base in ("g", "G", "grad") and not name.hat:
            return Meaning("field", "g", parameter, time)
        if name.base == "delta":
            return Meaning("field", "delta", parameter, time)
        if name.base in self.parameters or name.base == "PARAMETER":
            track = name.base if self.several and name.base in ("w", "b") else ""
            return Meaning("field", "theta", parameter or track, time)
        return Meaning("other", name.base)


def _index(index: str) -> tuple[str, str]:
    """Split an index into what it says of the step and of the parameter."""
    time, parameter = "", ""
    for piece in re.split(r"[,;]", index):
        if piece in _TRACKS:
            parameter = _TRACKS[piece]
        elif (match := re.fullmatch(r"(d?[wbW])(\d+)", piece)) is not None:
            parameter, time = _TRACKS[match[1]], match[2]
        elif piece:
            time = piece
    return time, parameter


def _hyper(name: Name) -> str | None:
    if name.hat:
        return None
    if name.base in ("alpha", "eta"):
        return "alpha"
    if name.base == "epsilon":
        return "eps"
    if name.base in ("beta", "rho", "gamma", "B") and name.index in ("1", "2"):
        return f"beta{name.index}"
    if name.base == "lambda":
        return "weight_decay"
    return None


def notation(events: Sequence[Event]) -> Notation:
    """Work out the notation of a document from the names it uses."""
    seen: Counter[str] = Counter()
    letters: set[str] = set()
    assigned: Counter[str] = Counter()
    tracks: set[str] = set()
    small_delta = False
    for event in events:
        if not isinstance(event, Statement):
            continue
        for part in event.parts:
            letters.update(n.base for n in names(part.node))
        left = event.parts[0].node
        if isinstance(left, Binary) and left.sign == "juxtaposed" and isinstance(left.left, Name):
            left = left.left
        if not isinstance(left, Name):
            continue
        seen[left.base] += 1
        tracks.update({_index(left.index)[1], event.parameter} - {""})
        if len(event.parts) > 1 and not names(event.parts[-1].node):
            assigned[left.base] += left.base != "b" or not left.index.isdigit()
            last = printed(event.parts[-1].node)
            if left.base == "delta" and last is not None and 0 < last.value < 1e-5:
                small_delta = True
    parameters = [p for p in _PARAMETERS if p in _ALWAYS or (p == "b" and "b" in tracks)]
    usual = any(letter in letters for letter in _ALWAYS)
    if not (usual and assigned_usual(assigned)):
        parameters += [letter for letter in ("x", "p", "y", "z", "a") if assigned[letter] >= 2]
    bound: dict[tuple[str, str], str] = {}
    if "rho" in letters and "beta" not in letters and small_delta:
        bound = {("epsilon", ""): "alpha", ("delta", ""): "eps"}
    if "b" not in tracks and not letters & {"beta", "rho"}:
        bound |= {("b", "1"): "beta1", ("b", "2"): "beta2"}
    several = "b" in tracks or (assigned["b"] >= 2 and assigned["w"] >= 2)
    if several and "b" not in parameters:
        parameters.append("b")
    return Notation(_moments(seen), tuple(parameters), several, bound)


def assigned_usual(assigned: Counter[str]) -> bool:
    """Say whether one of the usual parameter letters is given a number."""
    return any(assigned[letter] for letter in _ALWAYS)


def _moments(seen: Counter[str]) -> dict[str, str]:
    """Choose the convention that the letters on left-hand sides point to."""
    used = {letter for letter in seen if seen[letter]}
    if used & {"m", "M"}:
        return CONVENTIONS[0]
    if used & {"v", "V"} and used & {"s", "S", "r"}:
        return CONVENTIONS[1]
    if {"s", "r"} <= used:
        return CONVENTIONS[2]
    return CONVENTIONS[0]
