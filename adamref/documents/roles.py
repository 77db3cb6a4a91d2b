"""Which letter means what: the notation of a document."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, final

from adamref.documents.dialects import moments, rates
from adamref.documents.letters import (
    RATES,
    by_numbers,
    by_rates,
    corrections,
    differential,
    has_elements,
    maxima,
    moving,
    steps,
    unusual_letters,
)
from adamref.documents.spans import printed
from adamref.documents.spellings import plain_infinity, spellings
from adamref.documents.statements import Event, WrittenChain
from adamref.expressions.nodes import Binary, Name, Node, Number, names

if TYPE_CHECKING:
    from adamref.rules.rule import Rule

# Ways in which authors name the two moments, the usual one first.
CONVENTIONS: tuple[dict[str, str], ...] = (
    {"m": "m", "M": "m", "v": "v", "V": "v", "s": "v", "S": "v", "r": "v", "u": "v"},
    {"v": "m", "V": "m", "s": "v", "S": "v", "r": "v", "G": "v"},
    {"s": "m", "r": "v"},
    {"r": "m", "s": "v"},
    {"m": "m", "n": "v"},
    {"v": "v", "s": "m"},
)
_PARAMETERS = ("theta", "w", "W", "omega", "Theta", "x", "p", "b")
_ALWAYS = ("theta", "w", "W", "omega", "Theta", "PARAMETER")
_HYPERS = {"alpha": "alpha", "eta": "alpha", "epsilon": "eps", "lambda": "weight_decay"}
_WORDED = re.compile(r"\W*(?:lr|learning|step|rate)", re.IGNORECASE)
"""How a size is called that has no letter so far."""
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
    rule : Rule
        What the document works by: its fields and hyperparameters are what names may stand for.
    moments : mapping of str to str
        The letters of the moments.
    parameters : tuple of str
        The letters that are parameters.
    several : bool
        Whether w and b (or other letters) are parameters side by side.
    bound : mapping of name to str
        Hyperparameters that words next to a letter settled ("step size ε").
    coordinates : mapping of str to str
        Letters that are elements of the parameter, by number: x and y beside vectors of two.
    components : bool
        Read a number in an index as a component of a vector, not as a step.
    markers : bool
        Take "step 2" for the second update, rather than for a stage of the procedure.
    zero_based : bool
        Count steps from 0 in the indices of gradients and moments.
    restarts : bool
        Begin a new worked example at each heading.
    maxima : frozenset of str
        Letters whose hat stands for the largest so far, as with AMSGrad, and for no correction.
    corrected : mapping of str to str
        Names without a hat that a formula makes corrected moments of.
    steps : frozenset of str
        Differentials that stand for the step that is taken, and for no gradient: ``dx``.
    """

    rule: Rule
    moments: dict[str, str]
    parameters: tuple[str, ...]
    several: bool
    bound: dict[tuple[str, str], str] = field(default_factory=dict)
    coordinates: dict[str, str] = field(default_factory=dict)
    components: bool = False
    markers: bool = True
    zero_based: bool = False
    restarts: bool = False
    maxima: frozenset[str] = frozenset()
    corrected: Mapping[str, str] = field(default_factory=dict)
    steps: frozenset[str] = frozenset()
    _known: dict[Name, Meaning] = field(init=False, default_factory=dict, compare=False, repr=False)

    def meaning(self, name: Name) -> Meaning:
        """Say what a name stands for."""
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = self._meant(name)
        return found

    def _meant(self, name: Name) -> Meaning:
        bound = self._declared(name) or self.bound.get((name.base, name.index))
        if bound is not None:
            return Meaning("hyper", bound)
        time, parameter = _index(name.index)
        if (known := self.coordinates.get(parameter or time)) is not None:
            time, parameter = time if parameter else "", known
        if not self.several and not parameter.isdigit():
            parameter = ""
        is_element = name.base in self.coordinates  # its number says the step
        if self.components and time.isdigit() and not parameter.isdigit() and not is_element:
            time, parameter = "", parameter + time
        if (own := self._own(name, parameter, time)) is not None:
            return own
        hyper = self._hyper(name)
        if hyper is not None:
            step = name.index if hyper == "alpha" and name.index.isdigit() else ""
            return Meaning("hyper", hyper, time=step)
        if name.base == "t" and not name.index:
            return Meaning("time", "t")
        if (joined := self._joined(name)) is not None:
            return joined
        if name.unusual:
            return Meaning("other", name.base)
        if name.base in self.maxima and name.hat and "v_max" in self.rule.fields:
            return Meaning("field", "v_max", parameter, time)
        if name.base in self.moments:
            corrected = "_hat" if name.hat or name.prime else ""
            return Meaning("field", self.moments[name.base] + corrected, parameter, time)
        if name.base in self.corrected and not name.hat:
            return Meaning("field", self.corrected[name.base], parameter, time)
        if self.steps and differential(name) in self.steps:
            return Meaning("field", "delta", "", time if time.isdigit() else "")
        if name.base in ("g", "G", "grad") and not name.hat:
            return Meaning("field", "g", parameter, time)
        if name.base == "delta":
            return Meaning("field", name.base, parameter, time)
        if name.accent == "tilde" and name.base in self.parameters:
            return Meaning("other", name.base)  # something made of it, and which is not said
        if name.base in self.parameters or name.base == "PARAMETER":
            if self.rule.lines and "theta" not in self.rule.fields:
                return Meaning("field", "g", parameter, time)  # an average of something else
            track = name.base if self.several and name.base in ("w", "b") else ""
            track = self.coordinates.get(name.base, track)
            return Meaning("field", "theta", parameter or track, time)
        if self._is_averaged(name, time):
            return Meaning("field", "g", parameter, time)
        return Meaning("other", name.base)

    def _declared(self, name: Name) -> str | None:
        """Read the name of a hyperparameter that the rule declares: it means that, and no other."""
        plain = name.base + name.index
        known = any(hyper.name == plain for hyper in self.rule.own)
        return plain if known and plain in self.rule.defaults and not name.hat else None

    def _own(self, name: Name, parameter: str, time: str) -> Meaning | None:
        """Read a name by the rule's own spelling: a line, with a step or without."""
        known = spellings(self.rule)
        if (other := known.other(name)) is not None:
            return Meaning("hyper" if other in self.rule.defaults else "field", other)
        line = known.line(name)
        if line is None:
            return None
        # A letter that has another meaning is the line only with the index of a step.
        taken = name.base in (*_HYPERS, *RATES, *_ALWAYS, "t") and not name.accent
        return None if taken and not time else Meaning("field", line, parameter, time)

    def _is_averaged(self, name: Name, time: str) -> bool:
        """Say whether a letter may be what is averaged, where nothing is trained: x_t, T_1."""
        alone = bool(self.rule.lines) and "theta" not in self.rule.fields
        counted = time.isdigit() or time[:1] == "t"
        return alone and counted and len(name.base) == 1 and not (name.hat or name.prime)

    def under(self, rule: Rule) -> Notation:
        """Return how the names are read by another rule, in its usual letters."""
        return replace(self, rule=rule, moments=conventions(rule)[0])

    def _hyper(self, name: Name) -> str | None:
        if name.hat:
            return None
        if name.base in _HYPERS:
            return _HYPERS[name.base]
        known = rates(self.rule)
        if name.base in RATES and not self._is_prefix(name.base):
            if len(known) == 1 and name.index in ("", "1", "2"):
                return known[0]
            if f"beta{name.index}" in known:
                return f"beta{name.index}"
        if name.base == "mu" and len(known) == 1 and not name.index:
            return known[0]
        return name.base if name.base in self.rule.defaults else None

    def _is_prefix(self, letter: str) -> bool:
        """Say whether a letter is that of a field: rho is no decay rate where rho_t is one."""
        return any(field.partition("_")[0] == letter for field in self.rule.fields)

    def _joined(self, name: Name) -> Meaning | None:
        """Read ``v_max_1``, ``v_{max,1}`` and ``v̂max_1`` as the field ``v_max``."""
        spelled = unicodedata.normalize("NFD", name.base + plain_infinity(name.index))
        plain = "".join(c for c in spelled if c.isalnum())
        for line in self.rule.lines:
            letter, _, rest = line.name.partition("_")
            ending = "t?" if rest == "t" else rest
            found = re.fullmatch(letter + ending + r"(\d*)", plain)
            if rest and rest != "hat" and found is not None:
                return Meaning("field", line.name, "", found[1])
            pieces = name.index.split(",")
            if name.base == letter and rest in pieces and len(pieces) == 2:
                return Meaning("field", line.name, "", pieces[1 - pieces.index(rest)])
        return None


def _index(index: str) -> tuple[str, str]:
    """Split an index into what it says of the step and of the parameter."""
    time, parameter = "", ""
    for piece in re.split(r"[,;]", index):
        if piece in _TRACKS:
            parameter = _TRACKS[piece]
        elif (match := re.fullmatch(r"\[(\d+)\]", piece)) is not None:
            parameter = match[1]  # an element of a vector
        elif (match := re.fullmatch(r"(d?[wbW])(\d+)", piece)) is not None:
            parameter, time = _TRACKS[match[1]], match[2]
        elif piece:
            time = piece
    return time, parameter


def notation(events: Sequence[Event], rule: Rule) -> Notation:
    """Work out the notation of a document from the names it uses, and from what it works by."""
    seen: Counter[str] = Counter()
    letters: set[str] = set()
    assigned: Counter[str] = Counter()
    tracks: set[str] = set()
    labelled: dict[str, str] = {}
    small_delta = False
    for event in events:
        if not isinstance(event, WrittenChain):
            continue
        for part in event.parts:
            letters.update(n.base for n in names(part.node) if not _WORDED.match(n.text))
        left = event.parts[0].node
        if isinstance(left, Binary) and left.sign == "juxtaposed" and isinstance(left.left, Name):
            left = left.left
        if not isinstance(left, Name):
            continue
        seen[left.base] += 1
        track = _index(left.index)[1]
        tracks.update({track, "" if track.isdigit() else event.parameter} - {""})
        if track.isdigit() and len(event.parameter) == 1:
            labelled[event.parameter] = track
        if len(event.parts) > 1 and not names(event.parts[-1].node):
            assigned[left.base] += left.base != "b" or not left.index.isdigit()
            last = printed(event.parts[-1].node)
            if left.base == "delta" and last is not None and 0 < last.value < 1e-5:
                small_delta = True
    parameters = [p for p in _PARAMETERS if p in _ALWAYS or (p == "b" and "b" in tracks)]
    usual = any(letter in letters and assigned[letter] for letter in _ALWAYS)
    if not usual:
        parameters += [letter for letter in ("x", "p", "y", "z", "a") if assigned[letter] >= 2]
    columns, vectors = has_elements(events, timed=True), has_elements(events, timed=False)
    coordinates = {}
    if vectors and assigned["x"] and assigned["y"] and not usual:
        coordinates = {letter: str(i) for i, letter in enumerate("xyz", 1)}
        parameters += [letter for letter in coordinates if letter not in parameters]
    coordinates |= labelled  # by the labels of a table's rows or columns
    parameters += [letter for letter in labelled if letter not in parameters]
    bound = unusual_letters(events, letters, tracks, small_delta=small_delta)
    moved = moving(events)
    parameters += [letter for letter in sorted(moved) if letter not in parameters]
    certain = {"m", "M", *("vV" if seen["m"] + seen["M"] else "")}
    loose = {*CONVENTIONS[0], *CONVENTIONS[1]} - certain
    sure = {*certain, *parameters, *rule.fields, *_HYPERS} - loose
    own = by_rates(events, rule, sure, loose)
    known = {letter: x for letter, x in _moments(seen, rule).items() if letter not in moved}
    several = "b" in tracks or (assigned["b"] >= 2 and assigned["w"] >= 2)
    if several and "b" not in parameters:
        parameters.append("b")
    made = Notation(
        rule,
        known | own,
        tuple(parameters),
        several,
        bound,
        coordinates,
        components=columns,
        maxima=maxima(events),
    )
    return _by_use(events, made, {*parameters, *_HYPERS, *RATES, *certain})


def _by_use(events: Sequence[Event], made: Notation, sure: Collection[str]) -> Notation:
    """Add the letters that are moments by their numbers, and corrected ones by their formulas."""
    worked = by_numbers(events, _given_rates(events, made), sure)
    made = replace(made, moments={**made.moments, **worked}) if worked else made
    made = replace(made, steps=steps(events, _size_of_step(events, made)))
    found: dict[str, set[str]] = {}
    for left, of in corrections(events):
        if made.meaning(left).kind == "other" and made.meaning(of).name in moments(made.rule):
            found.setdefault(left.base, set()).add(made.meaning(of).name + "_hat")
    alone = {base: its.pop() for base, its in found.items() if len(its) == 1}
    return replace(made, corrected=alone) if alone else made


def _size_of_step(events: Sequence[Event], named: Notation) -> Callable[[Node], bool]:
    """Say what recognises the step size, by its letter or by the value that it is given."""
    values = set()
    for event in events:
        if isinstance(event, WrittenChain) and isinstance(event.parts[0].node, Name):
            number = printed(event.parts[-1].node)
            if named.meaning(event.parts[0].node).name == "alpha" and number is not None:
                values.add(number.value)

    def is_size(node: Node) -> bool:
        if isinstance(node, Name):
            return named.meaning(node).name == "alpha"
        return isinstance(node, Number) and node.value in values

    return is_size


def _given_rates(events: Sequence[Event], named: Notation) -> dict[str, Fraction]:
    """Return the decay rate of each moment, where there are two: as it is given, or the usual."""
    known = {"m": "beta1", "v": "beta2"}
    if not {*known} <= {*moments(named.rule)} or not {*known.values()} <= {*rates(named.rule)}:
        return {}
    values = {rate: Fraction(named.rule.defaults[rate]) for rate in known.values()}
    for event in events:
        if isinstance(event, WrittenChain) and isinstance(event.parts[0].node, Name):
            meaning = named.meaning(event.parts[0].node)
            number = printed(event.parts[-1].node)
            if meaning.name in values and number is not None:
                values[meaning.name] = number.value
    return {moment: values[rate] for moment, rate in known.items()}


def conventions(rule: Rule) -> tuple[dict[str, str], ...]:
    """Return the ways to name the moments of a rule, the usual one first."""
    states = [name for name in moments(rule) if "_" not in name]
    if not rule.lines or set(states) == {"m", "v"}:
        return CONVENTIONS
    own = {name: name for name in states}
    if not states:
        return ({},)
    if len(states) == 1:
        # Any of the usual letters: there is nothing else that it could be.
        letters = "mMvVsSrunU" if states == ["m"] else "vVsSrRunUhGE"
        return (dict.fromkeys(letters, states[0]) | own,)
    rest = [name for name in states if name != "m"]
    second = "v" if "v" in rest else "".join(rest[:1])
    usual = {letter: second if x == "v" else x for letter, x in CONVENTIONS[0].items()}
    return (usual | own,)


def _moments(seen: Counter[str], rule: Rule) -> dict[str, str]:
    """Choose the convention that the letters on left-hand sides point to."""
    known = conventions(rule)
    used = {letter for letter in seen if seen[letter]}
    if {"m", "n"} <= used and used.isdisjoint("vVsSru"):
        return next(x for x in (*known, {}) if "n" in x or not x) or known[0]
    if len(known) == 1 or used & {"m", "M"}:
        return known[0]
    if used & {"v", "V"} and used & {"s", "S", "r"}:
        return known[1]
    if {"s", "r"} <= used:
        return known[2]
    return known[0]
