"""Which variable of a program is which quantity: by its name, else by what it is made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, final

from adamref.documents.code.words import (
    DECAY,
    EPS,
    FIRST,
    GRADIENT,
    PARAMETER,
    RATE,
    RATE1,
    RATE2,
    SECOND,
    SIZE,
    TIME,
    by_name,
    is_loose,
    plain,
)
from adamref.documents.dialects import moments, rates
from adamref.documents.roles import Meaning
from adamref.expressions.nodes import Binary, Call, Largest, Name, Node, Number, names, walk

if TYPE_CHECKING:
    from adamref.documents.code.statements import Assignment
    from adamref.rules.rule import Rule

_TRACKS = {
    **dict.fromkeys("w dw weight weights vdw sdw mdw mw vw".split(), "w"),
    **dict.fromkeys("b db bias biases vdb sdb mdb mb vb".split(), "b"),
}


def track(name: Name) -> str:
    """Return whose variable it is, as names say it: of weights ("w"), of biases ("b"), or empty."""
    said = re.findall(r"[a-z]+", plain(name.base))
    said += re.findall(r"d[wWbB]\b|(?<=')d?[wWbB](?=')", name.index)
    found = {_TRACKS[word.lower()] for word in said if word.lower() in _TRACKS}
    return found.pop() if len(found) == 1 else ""


@final
@dataclass(frozen=True)
class Variables:
    """How to read the variables of a program, for one rule.

    Attributes
    ----------
    rule : Rule
    roles : mapping of str to str
        What each is, by its name.
    corrected : frozenset of str
        Those that are moments without their bias.
    own : mapping of str to str
        Those that are fields of this optimizer alone, with the field.
    behind : frozenset of str
        Those that still have the value of the step before.
    """

    rule: Rule
    roles: Mapping[str, str]
    corrected: frozenset[str] = frozenset()
    own: Mapping[str, str] = field(default_factory=dict)
    behind: frozenset[str] = frozenset()

    def under(self, rule: Rule) -> Variables:
        """Return how they are read for another rule."""
        return replace(self, rule=rule)

    def meaning(self, name: Name) -> Meaning:
        """Say what a variable stands for."""
        role = self.roles.get(name.base) or by_name(name)
        time = "old" if name.base in self.behind else _time(name)
        if name.base in self.own:
            return Meaning("field", self.own[name.base], "", time)
        states = [x for x in moments(self.rule) if "_" not in x]
        if role in (FIRST, SECOND):
            wanted = "m" if role == FIRST else "v"
            if wanted not in states and len(states) == 1 and name.base in self.roles:
                wanted = states[0]
            others = [x for x in states if x != "m"]
            if wanted == "v" and wanted not in states and len(others) == 1:
                wanted = others[0]
            if wanted not in states:
                return Meaning("other", name.base)
            return Meaning("field", wanted + "_hat" * (name.base in self.corrected), "", time)
        if role == GRADIENT:
            return Meaning("field", "g", "", time)
        if role == PARAMETER:
            return Meaning("field", "theta", "", time)
        return self._number(role, name)

    def _number(self, role: str, name: Name) -> Meaning:
        known = rates(self.rule)
        meant = {RATE1: "beta1", RATE2: "beta2", SIZE: "alpha", EPS: "eps", DECAY: DECAY}.get(role)
        if role in (RATE, RATE1, RATE2) and len(known) == 1:
            meant = known[0]
        if meant is not None:
            return Meaning("hyper", meant)
        return Meaning("time", "t") if role == TIME else Meaning("other", name.base)


def _time(name: Name) -> str:
    """Return what an index says of the step; one that counts elements says nothing."""
    pieces = [x for x in name.index.split(",") if re.fullmatch(r"t(?:[-+]\d)?", x)]
    return pieces[0] if len(pieces) == 1 and pieces[0] == name.index else ""


_CORRECTION = re.compile(
    r"(?:bc|bias_?c(?:orr(?:ection)?)?|corr(?:ection)?)_?([12])", re.IGNORECASE
)


def correction(name: Name) -> Node:
    """Return what a variable is that is called by its purpose and made elsewhere: 1 - beta1^t."""
    found = _CORRECTION.fullmatch(name.base.rpartition(".")[2])
    if found is None:
        return name
    power = Binary("^", Name(f"beta{found[1]}", text=f"beta{found[1]}"), Name("t", text="t"))
    return Binary("-", Number(Fraction(1), Fraction(1), "1"), power, grouped=True)


def is_kept(one: Assignment) -> bool:
    """Say whether a variable is made of what it was."""
    return one.value is not None and one.target.base in {n.base for n in names(one.value)}


def roles_of(assignments: Sequence[Assignment]) -> dict[str, str]:
    """Return what the variables of a program are: by name, and by what is averaged in them."""
    found: dict[str, str] = {}
    for one in assignments:
        for name in (one.target, *(names(one.value) if one.value is not None else ())):
            # What its index says, as of betas[1], is no property of the variable.
            if (role := by_name(replace(name, index=""))) and name.base not in found:
                found[name.base] = role
    averaged = {
        one.target.base
        for one in assignments
        if one.value is not None and one.target.base in {n.base for n in names(one.value)}
    }
    found |= _by_use(assignments, found, averaged)
    for one in assignments:
        made = one.value
        if made is None or one.target.base not in {n.base for n in names(made)}:
            continue
        role = found.get(one.target.base, "")
        if role in _NO_AVERAGE:
            continue
        own = _averaged(made, found)
        others = {x for x, its in found.items() if its == own and x in averaged - {one.target.base}}
        if own and (role not in (FIRST, SECOND) or (is_loose(one.target.base) and not others)):
            found[one.target.base] = own
    for one in assignments:
        # Of two that average the gradient alike the one with the second rate is the second.
        if one.target.base in averaged and one.value is not None and is_loose(one.target.base):
            used = {found.get(n.base) or by_name(n) for n in names(one.value)}
            if found.get(one.target.base) == FIRST and RATE2 in used and RATE1 not in used:
                found[one.target.base] = SECOND
    return found


def _by_use(
    assignments: Sequence[Assignment], known: Mapping[str, str], averaged: set[str]
) -> dict[str, str]:
    """Return what names that say nothing are used as: another name, what is averaged, what moves.

    What is averaged beside a variable's own old value is the gradient; what has something of an
    average, or of the gradient, taken from it is the parameter.
    """
    found: dict[str, str] = {}

    def role(name: Name) -> str:
        return found.get(name.base) or known.get(name.base) or by_name(name)

    for one in assignments:
        target, made = one.target.base, one.value
        for node in walk(made) if made is not None else ():
            if (name := _beside_a_root(node)) and not role(name):
                found[name.base] = EPS
        if isinstance(made, Name) and role(made) == GRADIENT and not known.get(target):
            found[target] = GRADIENT
        if not isinstance(made, Binary) or target not in averaged:
            continue
        of = {n.base: n for n in names(made) if n.base != target and not role(n)}
        rated = any(role(n).startswith("rate") for n in names(made))
        if made.sign == "+" and rated and len(of) == 1 and known.get(target) not in _NO_AVERAGE:
            found[next(iter(of))] = GRADIENT
        moves = made.sign == "-" and isinstance(made.left, Name) and made.left.base == target
        if moves and known.get(target, PARAMETER) == PARAMETER:
            found |= _sizes(made.right, role)
        if moves and not known.get(target) and _moves_by(made.right, role, averaged):
            found[target] = PARAMETER
    return found


def _sizes(step: Node, role: Callable[[Name], str]) -> dict[str, str]:
    """Find the size of a step that has the letter of a rate, where no other is there."""
    used = names(step)
    rates = {n.base for n in used if role(n) == RATE and not n.index}
    if len(rates) != 1 or any(role(n) in (SIZE, RATE1, RATE2) for n in used):
        return {}
    return dict.fromkeys(rates, SIZE)


def _beside_a_root(node: Node) -> Name | None:
    """Return the name that is added to a root, if one is."""
    if not isinstance(node, Binary) or node.sign != "+" or not isinstance(node.right, Name):
        return None
    left = node.left
    is_root = isinstance(left, Call) and left.function == "sqrt"
    if isinstance(left, Binary) and left.sign == "^" and isinstance(left.right, Number):
        is_root = left.right.value == Fraction(1, 2)
    return node.right if is_root else None


_NO_AVERAGE = (PARAMETER, TIME, GRADIENT, SIZE, EPS, RATE1, RATE2)


def _moves_by(step: Node, role: Callable[[Name], str], averaged: set[str]) -> bool:
    used = names(step)
    sized = any(role(n) == SIZE for n in used)
    sized |= any(isinstance(x, Number) and x.value < 1 for x in _factors(step))
    return sized and any(n.base in averaged or role(n) in (FIRST, SECOND, GRADIENT) for n in used)


def _averaged(made: Node, roles: Mapping[str, str]) -> str:
    """Say which moment averages this: the second has the gradient squared."""

    def is_gradient(node: Node) -> bool:
        return isinstance(node, Name) and roles.get(node.base) == GRADIENT

    if any(isinstance(x, Call) and x.function == "sqrt" and names(x) for x in walk(made)):
        return ""  # what is divided by a root is a step, and no moment
    squared = False
    for node in walk(made):
        # A maximum that takes the gradient in is what AdaMax has for a second moment.
        squared |= isinstance(node, Largest) and any(is_gradient(x) for x in walk(node))
        if not isinstance(node, Binary):
            continue
        power = node.sign == "^" and isinstance(node.right, Number) and node.right.value == 2
        squared |= power and any(is_gradient(x) for x in walk(node.left))
        squared |= sum(is_gradient(x) for x in _factors(node)) > 1
    if squared:
        return SECOND
    return FIRST if any(is_gradient(x) for x in walk(made)) else ""


def _factors(node: Node) -> Iterator[Node]:
    if isinstance(node, Binary) and node.sign in ("*", "juxtaposed"):
        yield from _factors(node.left)
        yield from _factors(node.right)
    else:
        yield node
