"""What is known while a document is read: the givens, and every value at every step.

For each field and step there are two kinds of knowledge. The *truth* follows from the givens alone.
*Candidates* are what an honest author may have worked with: an author carries on a number as it is
printed, or the unrounded value behind it, and nothing between the two. Once a number was wrong,
what follows from it is a candidate as well; such a one is tainted.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, final

from adamref.documents.spans import Printed, Span, point, worked
from adamref.rules.program import Program
from adamref.rules.subexpressions import subexpressions
from adamref.rules.symbols import PREVIOUS, Total, size

if TYPE_CHECKING:
    from sympy import Expr

    from adamref.documents.gradients import Gradient
    from adamref.rules.rule import Line, Rule

_MOST_COMBINATIONS = 64
_MOST_CANDIDATES = 8
_MOST_UNROUNDED = 4
MAX_STEP = 400


@final
@dataclass(frozen=True)
class Candidate:
    """A value an author may have worked with.

    Attributes
    ----------
    span : Span
        A point, or the tight enclosure of an irrational number.
    tainted : bool
        Whether it rests on a wrong number.
    carried : frozenset of str
        The fields of which a printed number went into it.
    kept : frozenset of str
        The fields of which the unrounded value went into it, though a number is printed.
    """

    span: Span
    tainted: bool = False
    carried: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()

    @property
    def strangeness(self) -> int:
        """How far its author is from one habit: to carry printed numbers on, or never to."""
        both = len(self.carried & self.kept)
        return 2 * both + min(len(self.carried), len(self.kept))


Key = tuple[str, str, int]
"""A field, a parameter and a step."""


@final
@dataclass
class World:
    """The state of knowledge about one worked example.

    Attributes
    ----------
    rule : Rule
        What the document works by.
    hypers : mapping of str to Fraction
        As the document gives them, or the published defaults.
    alphas : mapping of int to Fraction
        Step sizes stated later, by the step from which they count.
    authors : mapping of key to Span
        The numbers that the document prints or gives; ``units`` holds one unit of their last
        digit.
    gradients : mapping of str to Gradient
        For each parameter the derivative of the objective, where the document has it.
    """

    rule: Rule
    hypers: dict[str, Fraction]
    start: dict[tuple[str, str], Fraction] = field(default_factory=dict)
    given: dict[Key, Span] = field(default_factory=dict)
    known: dict[Key, list[Candidate]] = field(default_factory=dict)
    authors: dict[Key, Span] = field(default_factory=dict)
    units: dict[Key, Fraction] = field(default_factory=dict)
    gradients: dict[str, Gradient] = field(default_factory=dict)
    first: int = 1
    alphas: dict[int, Fraction] = field(default_factory=dict)
    _truths: dict[Key, Span | None] = field(default_factory=dict)
    _cache: dict[Key, list[Candidate]] = field(default_factory=dict)
    _truth_until: dict[str, int] = field(default_factory=dict)
    _cached_until: dict[str, int] = field(default_factory=dict)

    def anew(self, rule: Rule) -> World:
        """Return the same problem, worked by a rule from its givens alone."""
        return World(
            rule,
            self.hypers,
            self.start,
            self.given,
            gradients=self.gradients,
            alphas=self.alphas,
            first=self.first,
        )

    def truth(self, name: str, parameter: str, t: int) -> Span | None:
        """Return what follows from the givens alone; None if they do not suffice."""
        key = (name, parameter, t)
        # Step by step from the start, so that a late step does not recurse through all before it.
        for s in range(self._truth_until.get(parameter, self.first), min(t, self._horizon)):
            self._truth_until[parameter] = s
            for state in self.rule.states:
                self._truth(state, parameter, s)
        return self._truth(*key)

    def _truth(self, name: str, parameter: str, t: int) -> Span | None:
        key = (name, parameter, t)
        if key not in self._truths:
            self._truths[key] = None  # a field that would need itself is not known
            found = self._worked_out(key, lambda n, p, s: self._only(self._truth(n, p, s)))
            self._truths[key] = found[0].span if found else None
        return self._truths[key]

    def candidates(self, name: str, parameter: str, t: int) -> list[Candidate]:
        """Return what an author may have worked with for a value, the truth first."""
        key = (name, parameter, t)
        if key in self.known:
            return self.known[key]
        for s in range(self._cached_until.get(parameter, self.first), min(t, self._horizon)):
            self._cached_until[parameter] = s
            for state in self.rule.states:
                self._candidates(state, parameter, s)
        return self._candidates(*key)

    def _candidates(self, name: str, parameter: str, t: int) -> list[Candidate]:
        key = (name, parameter, t)
        if key in self.known:
            return self.known[key]
        if key not in self._cache:
            self._cache[key] = self._worked_out(key, self._candidates)
        return self._cache[key]

    @property
    def _horizon(self) -> int:
        return self.first + MAX_STEP

    @property
    def _elements(self) -> int:
        """How many parameters the document speaks of."""
        return len({parameter for _, parameter in self.start} | {key[1] for key in self.known})

    def changed(self, since: int | None = None) -> None:
        """Forget what was worked out from a step on: a given or a printed number is new."""
        for table in (self._truths, self._cache):
            for key in [k for k in table if since is None or k[2] >= since]:
                del table[key]
        for until in (self._truth_until, self._cached_until):
            for parameter, s in until.items():
                until[parameter] = self.first if since is None else min(s, since)

    @contextmanager
    def assuming(self, key: Key, candidates: list[Candidate] | None) -> Iterator[None]:
        """For a while, take a value for something else, or as not printed (None)."""
        kept = self.known.get(key)
        if candidates is None:
            self.known.pop(key, None)
        else:
            self.known[key] = candidates
        cache, until = dict(self._cache), dict(self._cached_until)
        self._cache = {k: v for k, v in cache.items() if k[2] < key[2]}
        self._cached_until.clear()
        try:
            yield
        finally:
            if kept is None:
                self.known.pop(key, None)
            else:
                self.known[key] = kept
            self._cache, self._cached_until = cache, until

    def settle(self, key: Key, number: Printed, verdict: str, shown: Sequence[Span] = ()) -> None:
        """Note the number that the document prints for a value, and the verdict on it.

        From here on it may be carried on as printed, or in the unrounded values that it may have
        been rounded from. Those behind a wrong number are the right ones, and what its author has
        worked it from: the values that the chain before it has, ``shown``.
        """
        name, parameter, t = key
        wrong, tainted = verdict == "wrong", verdict in ("wrong", "follows")
        truth = self.truth(*key)
        if truth is None and not tainted:
            # Nothing in the document leads to it: from here on it is as good as given.
            self.give(name, parameter, t, point(number.value))
            return
        with self.assuming(key, None):
            fresh = self.candidates(*key)
        before = [c for c in self.known.get(key, ()) if c.carried == {name}]
        behind = [c for c in fresh if (wrong and not c.tainted) or number.fits(c.span) is not None]
        unrounded = [replace(c, kept=c.kept | {name}) for c in behind[:_MOST_UNROUNDED]]
        if truth is not None:
            unrounded.insert(0, Candidate(truth, kept=frozenset((name,))))
        as_printed = Candidate(point(number.value), tainted, frozenset((name,)))
        own = [
            Candidate(span, tainted=True, kept=frozenset((name,)))
            for span in shown
            if tainted and number.fits(span) is not None
        ]
        self.known[key] = _distinct([*unrounded, as_printed, *own, *before])
        self.authors[key] = point(number.value)
        for later in [k for k in self._cache if k[2] >= t]:
            del self._cache[later]
        self._cached_until[parameter] = min(self._cached_until.get(parameter, t), t)

    def give(self, name: str, parameter: str, t: int, value: Span) -> None:
        """Take a value as given: nothing in the document derives it."""
        self.given[name, parameter, t] = value
        self.known[name, parameter, t] = [Candidate(value)]
        self.authors[name, parameter, t] = value
        self.changed(t)

    def intermediates(self, parameter: str, t: int) -> list[Candidate]:
        """Return what stands inside the lines of a step: products, sums, roots, powers."""
        found: list[Candidate] = []
        for line in self.rule.lines:
            for part in subexpressions(line.expr):
                within = self._program_candidates(
                    _program(line.name, part), line.name, parameter, t, self._candidates
                )
                found += [c for c in within if not c.tainted]
        return found

    def line_candidates(
        self, line: Line, rule: Rule, parameter: str, t: int, *, tainted: bool
    ) -> list[Candidate]:
        """Work another rule's line from the candidates of this world.

        Used for faults and dialects: the lines between that the document never prints are worked by
        that other rule, too.
        """
        other = self.anew(rule)
        other.authors = self.authors
        names = set(rule.fields)
        other.known = {
            k: ([c for c in v if tainted or not c.tainted] or v)
            for k, v in self.known.items()
            if k[0] in names and not (k[0] in (line.name, "delta") and k[2] == t)
        }
        return other.candidates(line.name, parameter, t)

    @staticmethod
    def _only(span: Span | None) -> list[Candidate]:
        return [] if span is None else [Candidate(span)]

    def _worked_out(
        self, key: Key, lookup: Callable[[str, str, int], list[Candidate]]
    ) -> list[Candidate]:
        name, parameter, t = key
        if key in self.given:
            return [Candidate(self.given[key])]
        if t > self._horizon:
            return []
        if t < self.first:
            return self._beginning(name, parameter)
        if name == "g":
            return self._gradient(parameter, t, lookup)
        lines = {line.name: line for line in self.rule.lines}
        if name not in lines or (self._elements > 1 and _reduces(lines[name])):
            return []  # of a tensor that the document gives by its elements
        return self._line(lines[name], parameter, t, lookup)

    def _beginning(self, name: str, parameter: str) -> list[Candidate]:
        """Return what a state is before the first step; some begin as the parameter does."""
        start = self.start.get((name, parameter))
        if start is None and name in self.rule.states:
            usual = self.rule.line(name).initial
            if isinstance(usual, str):
                start = self.start.get((usual, parameter), self.hypers.get(usual))
            elif usual is not None:
                start = Fraction(usual)
        return [] if start is None else [Candidate(point(start))]

    def _gradient(
        self, parameter: str, t: int, lookup: Callable[[str, str, int], list[Candidate]]
    ) -> list[Candidate]:
        gradient = self.gradients.get(parameter)
        if gradient is None:
            return []
        places = [lookup("theta", other, t - 1) for other in gradient.parameters]

        def at(spans: tuple[Span, ...]) -> Span | None:
            return gradient.at(dict(zip(gradient.parameters, spans, strict=True)))

        return _combined(places, at)

    def _line(
        self,
        line: Line,
        parameter: str,
        t: int,
        lookup: Callable[[str, str, int], list[Candidate]],
    ) -> list[Candidate]:
        program = _program(line.name, line.expr)
        return self._program_candidates(program, line.name, parameter, t, lookup)

    def _program_candidates(
        self,
        program: Program,
        output: str,
        parameter: str,
        t: int,
        lookup: Callable[[str, str, int], list[Candidate]],
    ) -> list[Candidate]:
        exacts = {**self.hypers, **self._alpha_at(t), "t": Fraction(t), "size": Fraction(1)}
        inputs = [n for n in program.inputs if n.partition(".")[0] not in exacts]
        bases = (p.base for p in program.powers if not isinstance(p.base, Fraction))
        if any(base.partition(".")[0] not in self.hypers for base in bases):
            return []  # another rule's line, with a rate that this one does not have
        choices = []
        for name in inputs:
            before = name.endswith(PREVIOUS)
            options = lookup(name.removesuffix(PREVIOUS), parameter, t - 1 if before else t)
            if not options:
                return []
            choices.append(options)

        def at(spans: tuple[Span, ...]) -> Span | None:
            return worked(program, output, dict(zip(inputs, spans, strict=True)), exacts)

        return _combined(choices, at)

    def _alpha_at(self, t: int) -> dict[str, Fraction]:
        """Return the step size of a step, if one was stated for it or before."""
        stated = [s for s in self.alphas if s <= t]
        return {"alpha": self.alphas[max(stated)]} if stated else {}


@lru_cache(maxsize=4096)
def _reduces(line: Line) -> bool:
    """Say whether a line asks for all elements of a tensor at once."""
    return bool(line.expr.has(Total)) or size in line.expr.free_symbols


@lru_cache(maxsize=4096)
def _program(name: str, expr: Expr) -> Program:
    return Program([(name, expr)])


def _combined(
    choices: Sequence[Sequence[Candidate]], work: Callable[[tuple[Span, ...]], Span | None]
) -> list[Candidate]:
    """Work something from every choice of its inputs, the least strange choices first.

    Those of one habit come before mixtures, so that a bound on their number drops no truth and no
    author who always does the same.
    """
    mixed = []
    for combination in itertools.product(*choices):
        tainted = any(c.tainted for c in combination)
        carried = frozenset().union(*(c.carried for c in combination))
        kept = frozenset().union(*(c.kept for c in combination))
        mixed.append((combination, Candidate(_NOTHING, tainted, carried, kept)))
    mixed.sort(key=lambda one: (one[1].tainted, one[1].strangeness))
    sound = [one for one in mixed if not one[1].tainted][:_MOST_COMBINATIONS]
    tainted_ones = [one for one in mixed if one[1].tainted][:_MOST_COMBINATIONS]
    found = []
    for combination, about in (*sound, *tainted_ones):
        span = work(tuple(c.span for c in combination))
        if span is not None:
            found.append(replace(about, span=span))
    return _distinct(found)


_NOTHING = point(0)


def _distinct(found: Sequence[Candidate]) -> list[Candidate]:
    """Keep different values, the untainted ones first, and not too many."""
    kept: dict[tuple[Fraction, bool], Candidate] = {}
    for one in sorted(found, key=lambda c: c.tainted):
        known = one.span.nearly
        if not (one.tainted and (known, False) in kept):
            kept.setdefault((known, one.tainted), one)
    sound = [c for c in kept.values() if not c.tainted][:_MOST_CANDIDATES]
    return sound + [c for c in kept.values() if c.tainted][:_MOST_CANDIDATES]
