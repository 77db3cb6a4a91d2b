"""What is known while a document is read: the givens, and every value at every step.

For each field and step there are two kinds of knowledge. The *truth* follows from the givens alone.
*Candidates* are what an honest author may have worked with: an author carries on a number as it is
printed, or the unrounded value behind it, and nothing between the two. Once a number was wrong,
what follows from it is a candidate as well; such a one is tainted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias, TypeVar, final

from adamref.documents.candidates import Candidate, combined, distinct
from adamref.documents.spans import Printed, Span, point, worked
from adamref.errors import Unworkable
from adamref.expressions.effort import left_out, spend
from adamref.rules.program import Program
from adamref.rules.subexpressions import subexpressions
from adamref.rules.symbols import PREVIOUS, Total, size

if TYPE_CHECKING:
    from sympy import Expr

    from adamref.documents.gradients import Gradient
    from adamref.rules.rule import Line, Rule

_MOST_UNROUNDED = 4
MAX_STEP = 400


Key = tuple[str, str, int]
"""A field, a parameter and a step."""

_Kept = TypeVar("_Kept")
_BySteps: TypeAlias = dict[int, dict[Key, _Kept]]
"""What was worked out, by steps, so that what rests on a step is forgotten together."""


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
    constants : dict of str to Span
        For each parameter the gradient of every step, where the document says that it is one.
    sound_only : bool
        Whether what follows from a wrong number counts only where nothing else is known.
    changes : int
        How often what is given was changed.
    unjudged : dict of key to (str, Printed)
        Numbers that are taken as they are printed, as nothing says what they follow from: of each
        the hyperparameter that is missing. Their author may carry on what was not rounded.
    """

    rule: Rule
    hypers: dict[str, Fraction]
    start: dict[tuple[str, str], Fraction] = field(default_factory=dict)
    given: dict[Key, Span] = field(default_factory=dict)
    known: dict[Key, list[Candidate]] = field(default_factory=dict)
    authors: dict[Key, Span] = field(default_factory=dict)
    units: dict[Key, Fraction] = field(default_factory=dict)
    gradients: dict[str, Gradient] = field(default_factory=dict)
    constants: dict[str, Span] = field(default_factory=dict)
    first: int = 1
    alphas: dict[int, Fraction] = field(default_factory=dict)
    sound_only: bool = False
    changes: int = 0
    unjudged: dict[Key, tuple[str, Printed]] = field(default_factory=dict)
    _truths: _BySteps[Span | None] = field(default_factory=dict)
    _cache: _BySteps[list[Candidate]] = field(default_factory=dict)
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
            constants=self.constants,
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
        truths = self._truths.setdefault(t, {})
        if key not in truths:
            truths[key] = None  # a field that would need itself is not known
            try:
                found = self._worked_out(key, lambda n, p, s: self._only(self._truth(n, p, s)))
            except Unworkable:
                del truths[key]
                raise
            truths[key] = found[0].span if found else None
        return truths[key]

    def candidates(self, name: str, parameter: str, t: int) -> list[Candidate]:
        """Return what an author may have worked with for a value, the truth first."""
        key = (name, parameter, t)
        if key in self.known:
            return self._known(key)
        begin = self._cached_until.get(parameter, self.first)
        end = min(t, self._horizon)
        for s in range(self._after_known(parameter, begin, end), end):
            self._cached_until[parameter] = s
            for state in self.rule.states:
                self._candidates(state, parameter, s)
        return self._candidates(*key)

    def _after_known(self, parameter: str, begin: int, t: int) -> int:
        """Return the step after the last before t of which all states are known."""
        states = self.rule.states
        while t > begin and not all((x, parameter, t - 1) in self.known for x in states):
            t -= 1
        return t

    def _candidates(self, name: str, parameter: str, t: int) -> list[Candidate]:
        key = (name, parameter, t)
        if key in self.known:
            return self._known(key)
        cache = self._cache.setdefault(t, {})
        if key not in cache:
            cache[key] = self._worked_out(key, self._candidates)
        return cache[key]

    def _known(self, key: Key) -> list[Candidate]:
        known = self.known[key]
        return ([c for c in known if not c.tainted] or known) if self.sound_only else known

    @property
    def _horizon(self) -> int:
        return self.first + MAX_STEP

    @property
    def _elements(self) -> int:
        """How many parameters the document speaks of."""
        return len({parameter for _, parameter in self.start} | {key[1] for key in self.known})

    def changed(self, since: int | None = None) -> None:
        """Forget what was worked out from a step on: a given or a printed number is new."""
        self.changes += 1
        _set_aside(self._truths, since)
        _set_aside(self._cache, since)
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
        until = dict(self._cached_until)
        aside = _set_aside(self._cache, key[2])
        for other, s in until.items():
            self._cached_until[other] = min(s, key[2])
        try:
            yield
        finally:
            if kept is None:
                self.known.pop(key, None)
            else:
                self.known[key] = kept
            _set_aside(self._cache, key[2])
            self._cache.update(aside)
            self._cached_until = until

    def settle(self, key: Key, number: Printed, verdict: str, shown: Sequence[Span] = ()) -> None:
        """Note the number that the document prints for a value, and the verdict on it.

        From here on it may be carried on as printed, or in the unrounded values that it may have
        been rounded from. Those behind a wrong number are the right ones, and what its author has
        worked it from: the values that the chain before it has, ``shown``. Those behind the number
        of another dialect are what that one makes of it, ``shown`` again.
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
            Candidate(span, tainted, kept=frozenset((name,)))
            for span in shown
            if number.fits(span) is not None
        ]
        self.known[key] = distinct([*unrounded, as_printed, *own, *before])
        self.authors[key] = point(number.value)
        _set_aside(self._cache, t)
        self._cached_until[parameter] = min(self._cached_until.get(parameter, t), t)

    def give(self, name: str, parameter: str, t: int, value: Span) -> None:
        """Take a value as given: nothing in the document derives it."""
        self.given[name, parameter, t] = value
        self.known[name, parameter, t] = [Candidate(value)]
        self.authors[name, parameter, t] = value
        self.changed(t)

    def take_back(self, key: Key) -> None:
        """Take a value as not given after all."""
        for table in (self.given, self.known, self.authors):
            table.pop(key, None)
        self.changed(key[2])

    def intermediates(self, parameter: str, t: int) -> list[Candidate]:
        """Return what stands inside the lines of a step: products, sums, roots, powers."""
        found: list[Candidate] = []
        for line in self.rule.lines:
            for part in subexpressions(line.expr):
                with left_out():
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
        other.authors, other.sound_only = self.authors, not tainted
        spend(1 + len(self.known) // 64)
        other.known = dict(self.known)
        for key in [(name, parameter, t) for name in (line.name, "delta")]:
            other.known.pop(key, None)
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
        if name not in lines or (_reduces(lines[name]) and self._elements > 1):
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
            always = self.constants.get(parameter)
            return [] if always is None else [Candidate(always)]
        places = [lookup("theta", other, t - 1) for other in gradient.parameters]

        def at(spans: tuple[Span, ...]) -> Span | None:
            return gradient.at(dict(zip(gradient.parameters, spans, strict=True)))

        return combined(places, at)

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
        numbers = tuple([(n, x.numerator, x.denominator) for n, x in exacts.items()])
        choices = []
        for name in inputs:
            before = name.endswith(PREVIOUS)
            options = lookup(name.removesuffix(PREVIOUS), parameter, t - 1 if before else t)
            if not options:
                return []
            choices.append(options)

        def at(spans: tuple[Span, ...]) -> Span | None:
            return worked(program, output, dict(zip(inputs, spans, strict=True)), numbers)

        return combined(choices, at)

    def _alpha_at(self, t: int) -> dict[str, Fraction]:
        """Return the step size of a step, if one was stated for it or before."""
        stated = [s for s in self.alphas if s <= t]
        return {"alpha": self.alphas[max(stated)]} if stated else {}


def _set_aside(table: _BySteps[_Kept], since: int | None) -> _BySteps[_Kept]:
    """Take out of a table what was worked out from a step on, or all of it."""
    return {t: table.pop(t) for t in [t for t in table if since is None or t >= since]}


@lru_cache(maxsize=4096)
def _reduces(line: Line) -> bool:
    """Say whether a line asks for all elements of a tensor at once."""
    return bool(line.expr.has(Total)) or size in line.expr.free_symbols


@lru_cache(maxsize=4096)
def _program(name: str, expr: Expr) -> Program:
    return Program([(name, expr)])
