"""The lines of a program, judged by an optimizer's rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, final

from adamref.documents.claims import Cause, Claim
from adamref.documents.code.blocks import is_quoted
from adamref.documents.code.fields import fields_of, kept_behind, made_of, stored_later
from adamref.documents.code.order import counted, powers_above, stale, used_early
from adamref.documents.code.places import of_another, of_another_loop
from adamref.documents.code.reviews import GIVEN_AS_A_MISTAKE, is_criticised
from adamref.documents.code.variables import Variables, correction, is_kept, roles_of
from adamref.documents.code.words import (
    FIRST,
    GRADIENT,
    PARAMETER,
    SECOND,
    TIME,
    by_name,
    is_corrected,
)
from adamref.documents.dialects import moments, rates
from adamref.documents.lines.once import JudgedLines
from adamref.documents.lines.settings import Judged, Setting
from adamref.documents.lines.symbols import WrittenLine, letters
from adamref.errors import CannotEvaluate
from adamref.expressions.nodes import (
    Binary,
    Call,
    Largest,
    Name,
    Negative,
    Node,
    names,
)
from adamref.faults import get
from adamref.rules.family import family
from adamref.rules.optimizer import Optimizer

if TYPE_CHECKING:
    from adamref.documents.code.statements import Assignment
    from adamref.documents.roles import Meaning
    from adamref.documents.source import Source

MAX_TERMS = 400
"""How large an expression may grow when what it is made of is put into it."""


def judge_program(
    assignments: Sequence[Assignment], optimizer: Optimizer, source: Source, *, explains: bool
) -> list[Claim]:
    """Judge the lines of a program in order.

    Parameters
    ----------
    assignments : sequence of Assignment
    optimizer : Optimizer
    source : Source
    explains : bool
        Whether to look for what is wrong with a line, which takes a while.
    """
    return _Walk(assignments, optimizer, source, explains).claims()


@final
@dataclass
class _Walk:
    assignments: Sequence[Assignment]
    optimizer: Optimizer
    source: Source
    explains: bool
    known: dict[str, Node] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    done: list[tuple[Assignment, str]] = field(default_factory=list)
    lines: JudgedLines = field(default_factory=JudgedLines)
    numbers: dict[str, Fraction] = field(default_factory=dict)
    told: list[Assignment] = field(default_factory=list)
    stored: dict[str, Name] = field(default_factory=dict)

    def claims(self) -> list[Claim]:
        self.set = {one.target.base for one in self.assignments}
        roles = roles_of(self.assignments)
        self.variables = Variables(self.optimizer.rule, roles, _corrected(self.assignments, roles))
        own = fields_of(self.assignments, self.variables, self.optimizer)
        self.variables = replace(self.variables, own=own)
        self._take_corrections()
        self.stored = stored = stored_later(self.assignments, self.variables)
        made: list[Claim] = []
        for one in self.assignments:
            state = stored.get(one.target.base)
            made += self._one(one if state is None else replace(one, target=state))
            if state is not None:
                self.known[one.target.base] = state
        return made

    def _take_corrections(self) -> None:
        """Take what is made of rates and the step alone, once, below where it is used.

        A kernel stands above what calls it, and is given the corrections by name.
        """
        roles, seen = self.variables.roles, set[str]()
        for one in self.assignments:
            if one.value is None:
                continue
            base, used = one.target.base, names(one.value)
            rest = {_role(name, roles) for name in used}
            once = sum(other.target.base == base for other in self.assignments) == 1
            made = any(x.startswith("rate") for x in rest) and not is_kept(one)
            if once and made and base in seen and all(x.startswith(("rate", TIME)) for x in rest):
                self._keep(one.target, self._inlined(one.value))
            seen |= {name.base for name in used}

    def _one(self, one: Assignment) -> Iterator[Claim]:
        meaning = self.variables.meaning(one.target)
        if one.value is None:
            self.known.pop(one.target.base, None)
            yield from self._unread(one, meaning)
            return
        self.variables = replace(self.variables, behind=frozenset(self._behind(one)))
        value = self._inlined(one.value)
        used = names(value)
        if meaning.kind == "time" or not used:
            self.known.pop(one.target.base, None)
            return
        if meaning.name == "g" and self._adds_decay(value):
            yield self._claim(one, self._decayed_first())
            return
        if meaning.kind != "field" or meaning.name == "g":
            if meaning.name != "g" or len(used) > 1:
                self._keep(one.target, value)
            return
        if isinstance(one.value, Name):
            return  # the same under another name
        if meaning.name == "theta" and self._is_part(one):
            self._keep(one.target, value)  # decayed first: the step goes on from that
            return
        if self._is_scaled(one):
            yield from self._in_place(one, meaning, value)
        else:
            yield from self._field(one, meaning, value)
        if meaning.name == "theta":
            self.known.pop(one.target.base, None)

    def _behind(self, one: Assignment) -> Iterator[str]:
        """Yield the variables that are brought up to date later, where the rule has them so."""
        states = kept_behind(self.optimizer)
        done = {x.target.base for x, _ in self.done if x.scope == one.scope}
        for other in self.assignments if states else ():
            base = other.target.base
            later = other.scope == one.scope and other.line > one.line and base not in done
            if later and is_kept(other) and self.variables.meaning(other.target).name in states:
                yield base

    def _unread(self, one: Assignment, meaning: Meaning) -> Iterator[Claim]:
        """Tell a field that is made of another one, or of a rate, in a way that is not read."""
        used = {self.variables.meaning(name).name for name in one.mentions}
        lines = {x for x in used if x in self.optimizer.rule.fields or x.endswith("_hat")}
        others = lines - {"theta", "g", meaning.name}
        read = bool(others or used & set(rates(self.optimizer.rule)))
        if meaning.kind == "field" and meaning.name != "g" and read:
            yield self._claim(one, Judged("unread", one.because, meaning.name))

    def _adds_decay(self, value: Node) -> bool:
        """Say whether decay is added to the gradient where it should be taken off the parameter."""
        meant = {self.variables.meaning(n).name for n in names(value)}
        decoupled = "theta_decayed" in self.optimizer.rule.fields
        return decoupled and meant == {"g", "theta", "weight_decay"}

    def _decayed_first(self) -> Judged:
        """Tell decay that goes through the moments, and judge what comes after it without decay."""
        self.optimizer = family()["adam"] if self.optimizer.name == "adamw" else self.optimizer
        self.variables = self.variables.under(self.optimizer.rule)
        says = get("decay-l2").says
        return Judged("wrong", says, "g", causes=(Cause("decay-l2", says, reproduces=True),))

    def _is_part(self, one: Assignment) -> bool:
        """Say whether a parameter is made of itself and hyperparameters alone, as in its decay."""
        meanings = [self.variables.meaning(n) for n in names(one.value)] if one.value else []
        kinds = {m.kind if m.kind != "field" else m.name for m in meanings}
        return is_kept(one) and kinds == {"theta", "hyper"}

    def _is_scaled(self, one: Assignment) -> bool:
        """Say whether a moment is replaced by a multiple of itself: its corrected value."""
        base, value = one.target.base, one.value
        if not isinstance(value, Binary) or value.sign not in ("/", "*"):
            return False
        # 1 - beta**t may have a name of its own.
        known = [self.known.get(n.base) for n in names(value) if n.base != base]
        used = [n for x in known if x is not None for n in names(x)]
        used += [n for n in names(value) if n.base == base or n.base not in self.known]
        roles = self.variables.roles
        rest = {_role(n, roles) for n in used if n.base != base}
        state = roles.get(base) in (FIRST, SECOND) and base not in self.variables.corrected
        its = any(n.base == base for n in used)
        return state and its and bool(rest) and all(r.startswith(("rate", TIME)) for r in rest)

    def _in_place(self, one: Assignment, meaning: Meaning, value: Node) -> Iterator[Claim]:
        """Judge a moment that is kept corrected: the next step then goes on from that."""
        base = one.target.base
        before = self.variables
        self.variables = replace(before, corrected=before.corrected | {base})
        line = WrittenLine(
            f"{meaning.name}_hat",
            one.target,
            value,
            before,
            counted(one, value, self.assignments, self.variables),
        )
        found = self.lines.judge(line, self._setting(one, meaning, value))
        copied = any(
            isinstance(x.value, Name)
            and base in (x.value.base, x.target.base)
            and x.scope == one.scope
            for x in self.assignments
        )
        averaged = any(x.target.base == base and x.scope == one.scope for x, _ in self.done)
        if averaged and not copied and found.verdict != "unread":
            says = f"{one.target.text} is overwritten by its corrected value"
            found = _mistaken(found, f"{meaning.name}-overwritten", says)
        self.done.append((one, f"{meaning.name}_hat"))
        if found.verdict != "unread":
            yield self._claim(one, found)

    def _keep(self, target: Name, value: Node) -> None:
        """Keep what a variable that is none of the rule's is made of."""
        if len(names(value)) <= MAX_TERMS:
            self.known[target.base] = value
        else:
            self.known.pop(target.base, None)

    def _inlined(self, node: Node) -> Node:
        if isinstance(node, Name):
            known = self.known.get(node.base)
            return known or (correction(node) if node.base not in self.set else node)
        if isinstance(node, Binary | Largest):
            return replace(node, left=self._inlined(node.left), right=self._inlined(node.right))
        if isinstance(node, Negative | Call):
            return replace(node, of=self._inlined(node.of))
        return node

    # -- a field ---------------------------------------------------------------------------------

    def _field(self, one: Assignment, meaning: Meaning, value: Node) -> Iterator[Claim]:
        done = {x.target.base for x, _ in self.done if x.scope == one.scope}
        early = used_early(one, meaning, value, self.assignments, self.variables, done)
        early = early or stale(one, meaning.name, self.assignments, self.stored)
        line = WrittenLine(
            meaning.name,
            one.target,
            value,
            self.variables,
            counted(one, value, self.assignments, self.variables),
        )
        setting = self._setting(one, meaning, value)
        found = self.lines.judge(line, setting)
        if found.verdict == "wrong" and line.counted == 0:
            above = powers_above(one, self.assignments, self.variables)
            right = self.lines.judge(replace(line, counted=1), setting) if above else found
            if right.verdict != "wrong":
                found = right
                yield from (self._claim(x, _behind(found)) for x in above if x not in self.told)
                self.told += above
        if found.verdict in ("holds", "dialect"):
            found = self._in_its_place(one, meaning, value, found)
        if early and found.verdict in ("holds", "dialect"):
            found = _mistaken(found, "m-used-before-update", early)
        if found.verdict in ("holds", "dialect"):
            self.numbers |= dict(found.numbers)
            with suppress(CannotEvaluate):
                self.texts = {**letters(line, 2), **self.texts}
        self.done.append((one, meaning.name))
        if found.verdict != "unread" or self._is_mathematical(value):
            yield self._claim(one, found)

    def _setting(self, one: Assignment, meaning: Meaning, value: Node) -> Setting:
        own = {self.variables.meaning(name).name for name in names(value)}
        state = meaning.name in moments(self.optimizer.rule)
        two = len(moments(self.optimizer.rule)) > 1
        certain = state and two and {meaning.name, "g"} <= own and is_kept(one)
        certain |= one.target.base in self.variables.own
        if meaning.name == "theta" and is_kept(one):
            # What only this optimizer has stands in its step, under a name or put into it.
            fields = frozenset(own & {*self.optimizer.rule.fields, "g"} - {"theta"})
            certain |= fields in made_of(self.optimizer)
            certain |= bool(fields & set(self.variables.own.values()))
        ahead = "nesterov" in self.source.quote(one.line).lower()
        by = self.optimizer
        if ahead and meaning.name == "theta" and by.name in ("momentum", "heavy-ball", "sgd"):
            by, certain = _looking_ahead(), True
        rated = {name: x for name, x in self.numbers.items() if name in rates(by.rule)}
        return Setting(
            by,
            self.texts,
            code=True,
            alone=True,
            certain=certain,
            explains=self.explains,
            numbers=rated,
        )

    def _in_its_place(
        self, one: Assignment, meaning: Meaning, value: Node, found: Judged
    ) -> Judged:
        """Look at what a right formula is made with: whose gradient, which element."""
        if (other := of_another(one, value, lambda n: _role(n, self.variables.roles))) is not None:
            return _mistaken(found, *other)
        if says := of_another_loop(one, value):
            return _mistaken(found, "index-of-another-loop", says)
        corrects = [n for x, n in self.done if n.endswith("_hat") and x.scope == one.scope]
        if meaning.name == "theta" and found.dialect.startswith("no-bias") and corrects:
            says = f"{corrects[0]} is worked and not used"
            return _mistaken(found, "correction-unused", says)
        return found

    def _is_mathematical(self, value: Node) -> bool:
        """Say whether a decay rate or a moment stands in a line."""
        meanings = [self.variables.meaning(name) for name in names(value)]
        return any(
            (m.kind == "hyper" and m.name.startswith("beta"))
            or (m.kind == "field" and m.name not in ("g", "theta"))
            for m in meanings
        )

    def _claim(self, one: Assignment, found: Judged) -> Claim:
        remark = re.search(r"(?:#|//|%|--|/\*)(.*)$", self.source.quote(one.line))
        quoted = one.block.quoted or (remark and is_quoted(remark[1]))
        if found.verdict == "wrong" and (quoted or is_criticised(self.source, one.line)):
            found = Judged("unread", GIVEN_AS_A_MISTAKE, found.field)
        return Claim(
            one.line,
            1,
            self.source.quote(one.line),
            "code",
            found.verdict,
            found.because,
            found.field,
            claimed=self.source.quote(one.line) if found.verdict == "wrong" else None,
            expected=found.expected,
            causes=found.causes,
            optimizer=found.optimizer or self.optimizer.name,
        )


@cache
def _looking_ahead() -> Optimizer:
    """Return momentum that looks ahead, as a line says it does."""
    return Optimizer.of(family()["sgd"].get(momentum="rate-outside", nesterov="on"))


def _behind(found: Judged) -> Judged:
    says = "the power is taken before the count moves: the first one is to the power of 0"
    return _mistaken(found, "t-behind", says)


def _mistaken(found: Judged, fault: str, says: str) -> Judged:
    cause = Cause(fault, says, reproduces=True)
    return replace(found, verdict="wrong", because=says, expected=None, causes=(cause,))


def _corrected(assignments: Sequence[Assignment], roles: Mapping[str, str]) -> frozenset[str]:
    """Return the variables that are moments without their bias: named so, or a multiple of one.

    ``a = m / (1 - beta1)`` is meant as m corrected, whatever it is called.
    """
    found = {one.target.base for one in assignments if is_corrected(one.target.base)}
    assert isinstance(roles, dict)
    for one in assignments:
        its = {} if one.value is None else {n.base: _role(n, roles) for n in names(one.value)}
        states = {role for role in its.values() if role in (FIRST, SECOND)}
        rest = set(its.values()) - states
        scaled = isinstance(one.value, Binary) and one.value.sign in ("/", "*")
        own = roles.get(one.target.base, "")
        if scaled and len(states) == 1 and rest and all(r.startswith(("rate", TIME)) for r in rest):
            if one.target.base in its or own in (PARAMETER, GRADIENT):
                continue
            found.add(one.target.base)
            roles[one.target.base] = next(iter(states))
    return frozenset(found)


def _role(name: Name, roles: Mapping[str, str]) -> str:
    return roles.get(name.base) or by_name(name) or "?"
