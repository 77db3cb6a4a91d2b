"""Judging one chain on one field: the step that is meant, the verdict, and the reasons."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, final

from adamref.documents import allowances
from adamref.documents.causes import Explanation, explain, rounded_too_far
from adamref.documents.dialects import PAPER, dialects, differing, extensions, symbols_of
from adamref.documents.givens import take_gradient_in, take_result
from adamref.documents.habits import Shown
from adamref.documents.other_methods import by_relative
from adamref.documents.prose.surroundings import leaves_out_epsilon
from adamref.documents.reasons import reason
from adamref.documents.repetitions import repeated
from adamref.documents.spans import Printed, Span, point, unprinted
from adamref.errors import Unworkable
from adamref.expressions.effort import within

if TYPE_CHECKING:
    from adamref.documents.candidates import Candidate
    from adamref.documents.case import Case, Worked
    from adamref.documents.roles import Meaning
    from adamref.rules import Rule


@final
class FieldClaim:
    """One chain on one field, on its way to a verdict."""

    def __init__(self, case: Case, meaning: Meaning, worked: Worked) -> None:
        self._case = case
        self._world = case.world
        self._clock = case.clock
        self._meaning = meaning
        self._worked = worked
        self._checked = worked.checked
        self._number = worked.number
        read = case.finer.get((worked.last.line, worked.last.column))
        self._habit: tuple[Fraction, Printed] | None = None
        self._made: Sequence[Span] = ()  # what another dialect makes of it
        if read is not None and self._number is not None:
            self._habit = read.unit, self._number
            self._number = read

    def judge(self) -> None:
        """Find the step that is meant, judge the number, and note it."""
        meaning = self._meaning
        times = self._clock.times(meaning, self._world, bare=self._worked.bare)
        best: tuple[int, str, str] | None = None
        for t in times:
            outcome = self._verdict(t)
            if outcome is None:
                continue
            if best is None or _RANK[outcome[0]] < _RANK[best[1]]:
                best = (t, *outcome)
            if best[1] == "holds":
                break
        if best is None:
            self._underivable(times[0])
            return
        t, verdict, because = best
        if verdict == "wrong" and (self._recaps(t) or self._is_of_another(t)):
            return
        if verdict == "wrong" and (name := self._assumed(t)) is not None:
            self._unjudged(t, name)
            return
        self._record(t, verdict, because)

    # -- verdicts --------------------------------------------------------------------------------

    def _verdict(self, t: int) -> tuple[str, str] | None:
        """Return verdict and reason for one step; None if the right value is not known there."""
        name, track = self._meaning.name, self._meaning.parameter
        candidates = self._world.candidates(name, track, t)
        if (name, track, t) in self._world.authors:
            candidates = self._fresh(t)
        if name == "g" and not candidates:
            return self._gradient_verdict()
        if not candidates:
            return self._dialect(t)  # a field that only another dialect has
        sound = [c.span for c in candidates if not c.tainted]
        tainted = [c.span for c in candidates if c.tainted]
        if (how := self._fits(sound)) is not None:
            return "holds", how
        if "alpha" in self._symbols:
            with closing(allowances.other_step_sizes(self._world, t)) as others:
                for _ in others:
                    if (how := self._fits(self._sound(t))) is not None:
                        return "holds", how
        said = self._case.source.says(leaves_out_epsilon)
        if "eps" in self._symbols and (said or self._number is None):
            with allowances.without_epsilon(self._world, partial(self._fresh, t, "delta")) as small:
                if (small or said) and self._fits(self._sound(t)) is not None:
                    return "holds", "right, with epsilon neglected"
        if (dialect := self._dialect(t)) is not None:
            return dialect
        how = self._fits(tainted) or (self._may_follow(t) if tainted else "")
        if not how and tainted and (found := self._dialect(t, tainted=True)):
            how = found[1]
        if how:
            return "follows", f"it follows from the wrong number before it ({how})"
        truth = self._case.truth(name, track, t)
        return "wrong", f"{truth.text() if truth else 'another value'} is right"

    def _fresh(self, t: int, name: str = "") -> list[Candidate]:
        """Work the value again, as if it had not been printed yet; or that of another field."""
        key = (name or self._meaning.name, self._meaning.parameter, t)
        with self._world.assuming(key, None):
            return self._world.candidates(*key)

    def _sound(self, t: int) -> list[Span]:
        """Return what the value is, without what follows from something wrong."""
        return [c.span for c in self._fresh(t) if not c.tainted]

    def _fits(self, spans: Sequence[Span]) -> str | None:
        """Say how the claimed number comes from one of these values, the right one first."""
        options = [option for span in spans for option in self._signed(span)]
        right = self._signed(spans[0]) if spans else []
        if (number := self._number) is None:
            shown = self._checked.ends.values()
            meets = any(value.meets(option) for value in shown for option in options)
            return "as far as it is worked" if meets else None
        exact = self._meaning.name == "g" and self._checked.whole and number.unit == 1
        for option in options:
            how = number.fits(option)
            if how is not None and not (exact and how == "rounded"):
                return reason(number, how, option, right)
        if any(number.is_float_of(option) for option in options):
            return "right, as binary64 arithmetic gives it"
        return self._supported(spans)

    def _may_follow(self, t: int) -> str:
        """Say how a number comes from what a wrong number before it was rounded from."""
        number, track = self._claimed(), self._meaning.parameter
        made = allowances.behind_wrong(self._world, track, t, number, lambda: self._fresh(t))
        found = self._number and any(number.fits(x) for span in made for x in self._signed(span))
        return "as it was before rounding" * bool(found)

    def _signed(self, span: Span) -> list[Span]:
        """Allow a step to be printed as what is added, or as what is subtracted."""
        return [span, -span] if self._meaning.name == "delta" else [span]

    def _supported(self, spans: Sequence[Span]) -> str | None:
        """Accept a number that the chain reaches from roundings of right values.

        All of it must hold, and its first expression give the right value unrounded.
        """
        if self._number is None or not self._checked.all_hold or not self._checked.links:
            return None
        if self._habit is not None or self._checked.begins is None:
            return None
        firsts = self._checked.begins.values()
        options = [option for span in spans for option in self._signed(span)]
        if any(first.meets(option) for first in firsts for option in options):
            return "right, as the rounded numbers in it give it"
        return None

    def _dialect(self, t: int, *, tainted: bool = False) -> tuple[str, str] | None:
        """See whether a step is right in another dialect than the usual one."""
        case, name = self._case, self._meaning.name
        if name == "g":
            return None  # no rule has a line for it
        stated = {hyper for hyper, value in self._world.hypers.items() if value}
        for more, says, rule in extensions(case.optimizer):
            if more <= stated and name in rule.fields and self._fits_rule(rule, t, tainted=tainted):
                return "dialect", f"it is right for {says}"
        for dialect, rule in dialects(case.optimizer).items():
            if dialect in (PAPER, *case.barred) or not differing(case.rule, rule, name):
                continue
            if rule.dialect.get("bias_correction") == "off" and case.corrects:
                continue
            if case.forms and dialect not in case.forms:
                continue
            if self._fits_rule(rule, t, tainted=tainted):
                case.used.append((dialect, (name, self._meaning.parameter, t)))
                return "dialect", f"it is right in the dialect {dialect}"
        return None

    def _fits_rule(self, rule: Rule, t: int, *, tainted: bool) -> bool:
        line = rule.line(self._meaning.name)
        made = self._world.line_candidates(line, rule, self._meaning.parameter, t, tainted=tainted)
        self._made = [c.span for c in made if c.tainted == tainted]
        return self._fits(self._made) is not None

    def _gradient_verdict(self) -> tuple[str, str] | None:
        """Judge a gradient by the author's own expression for it."""
        if (first := self._checked.first) is None:
            return None
        if self._checked.all_hold:
            return "holds", "it is what the expression before it gives"
        return "wrong", f"the expression before it gives {first.text()}"

    def _recaps(self, t: int) -> bool:
        """Take a bare number for a repetition of another, where this field is done already."""
        key = (self._meaning.name, self._meaning.parameter, t)
        if not self._worked.bare or self._number is None or self._meaning.time.isdigit():
            return False
        found = repeated(self._world, self._clock, key, self._number)
        if found is not None:
            self._repeated(*found)
        elif key in self._world.authors:
            self._unread("nothing says which step it is about")
        return found is not None or key in self._world.authors

    def _is_of_another(self, t: int) -> bool:
        """Take a second number for what it is by another method, if its sentence speaks of one."""
        key = (self._meaning.name, self._meaning.parameter, t)
        said = by_relative(self._case, key, self._worked)
        if said and self._number is not None:
            self._add(t, "dialect", said, claimed=self._number.text, expected=self._number.text)
        elif said is not None:
            self._unread("it is said of another method, which is not known")
        return said is not None

    def _repeated(self, track: str, t: int) -> None:
        """Note that a number was printed before."""
        wrong = [
            c
            for c in self._case.claims
            if (c.field, c.parameter, c.t) == (self._meaning.name, track, t)
            and c.verdict in ("wrong", "follows")
        ]
        truth = self._world.truth(self._meaning.name, track, t)
        assert self._number is not None
        self._add(
            t,
            "follows" if wrong else "holds",
            f"it repeats the value of step {t}",
            claimed=self._number.text,
            expected=None if truth is None else truth.text(),
        )

    def _assumed(self, t: int) -> str | None:
        """Name a hyperparameter that a verdict rests on and the document never gives."""
        symbols, world = self._symbols, self._world
        if hyper := allowances.rests_on_unjudged(world, self._meaning, t, self._number):
            return hyper
        if self._meaning.name == "g" and ("theta", self._meaning.parameter, t - 1) in world.known:
            symbols = frozenset()
        elif self._meaning.name == "g" and t > world.first:
            symbols = symbols_of(self._case.rule, "theta")  # it is that of where that step led
        needed = [n for n in self._case.rule.defaults if n in symbols and n[:3] != "eps"]
        judged = ("alpha",) if self._case.defaults_meant else needed
        return next((n for n in needed if n in judged and n not in self._case.given), None)

    def _unjudged(self, t: int, hyper: str) -> None:
        """Leave a number undecided that rests on what is not given, and go on from it.

        What stands before it may still not give it, whatever that hyperparameter is.
        """
        key = (self._meaning.name, self._meaning.parameter, t)
        if self._checked.links and not self._checked.all_hold and self._worked.is_arithmetic:
            self._case.arithmetic(self._worked.variant, self._checked)
        else:
            self._record(t, "unread", f"{hyper} is not given, so it cannot be judged")
        if self._number is not None and key not in self._world.authors:
            self._world.give(*key, point(self._number.value))
            self._world.unjudged[key] = hyper, self._number
        self._clock.saw(*key)

    @property
    def _symbols(self) -> frozenset[str]:
        """Everything that the right value rests on within its step."""
        return symbols_of(self._case.rule, self._meaning.name)

    def _underivable(self, t: int) -> None:
        """Handle a number whose right value nothing in the document leads to."""
        in_it = take_gradient_in(self._case, self._meaning, self._worked, t)
        if in_it or self._constant_gradient(t):
            self.judge()
            return
        self._case.arithmetic_of(self._worked)
        take_result(self._case, self._meaning, self._number, t)
        self._unread(self._case.no_rule or "the document does not give what it would follow from")

    def _constant_gradient(self, t: int) -> bool:
        """Take the gradient to be what it was before, if that makes the number right."""
        key = ("g", self._meaning.parameter, t)
        value = self._case.constant.get(self._meaning.parameter)
        if value is None or self._world.truth(*key) is not None:
            return False
        outcome = None
        self._world.give(*key, value)
        try:
            outcome = self._verdict(t)
        finally:
            if outcome is None or outcome[0] != "holds":
                self._world.take_back(key)
        return key in self._world.given

    # -- recording -------------------------------------------------------------------------------

    def _record(self, t: int, verdict: str, because: str) -> None:
        name, track = self._meaning.name, self._meaning.parameter
        judged = self._case if verdict in ("wrong", "follows", "dialect") else self._world
        truth = judged.truth(name, track, t)
        if name == "g" and truth is None:
            truth = self._checked.first
        claimed = self._claimed()
        flipped = name == "delta" and truth is not None and claimed.value * truth.middle < 0
        expected = -truth if flipped and truth is not None else truth
        because += " (printed as what is subtracted)" * flipped
        if self._number is None:
            because = f"no number is printed; as written it gives {claimed.text}: {because}"
        found, author = Explanation((), None), None
        if verdict == "wrong" and self._case.causes is not None:
            try:
                with within(self._case.causes):
                    author = self._from_author(t, truth)
                    found = self._explained(t, claimed, truth)
            except Unworkable:
                because += "; what made it was not looked for to the end"
        self._add(
            t,
            verdict,
            because,
            claimed=claimed.text,
            expected=None if expected is None else expected.text(),
            found=found,
            author=author,
        )
        if verdict in ("holds", "dialect", "wrong") and self._number is not None:
            self._case.noted(self._shown(t, self._sound(t)), wrong=verdict == "wrong")
        if verdict != "unread":
            key = (name, track, t)
            shown: Sequence[Span] = self._made if verdict == "dialect" else ()
            if verdict == "wrong" and self._checked.all_hold:
                shown = self._checked.shown
            self._world.settle(key, -claimed if flipped else claimed, verdict, shown)
            self._world.units[name, track, t] = claimed.unit
        self._clock.saw(name, track, t)

    def _shown(self, t: int, values: Sequence[Span]) -> Shown:
        """Return the claimed number beside those of some values that it may be a rounding of."""
        assert self._number is not None
        last, number = self._worked.last, self._number
        written = self._checked.shown if self._checked.all_hold else ()
        possible = [v for s in values for v in self._signed(s)]
        fitting = [v for v in (*possible, *written) if number.fits(v) is not None]
        about = (self._meaning.name, self._meaning.parameter, t)
        return Shown((last.line, last.column), about, number, tuple(fitting))

    def _explained(self, t: int, claimed: Printed, truth: Span | None) -> Explanation:
        key, shown = (self._meaning.name, self._meaning.parameter, t), self._checked.shown
        rights = [v for s in self._sound(t) for v in self._signed(s)] if self._habit else []
        return rounded_too_far(self._habit, rights) or explain(
            self._world, key, claimed, truth, shown
        )

    def _claimed(self) -> Printed:
        if self._number is not None:
            return self._number
        assert self._checked.value_of_last is not None
        return unprinted(self._checked.value_of_last)

    def _add(
        self,
        t: int,
        verdict: str,
        because: str,
        *,
        claimed: str,
        expected: str | None,
        found: Explanation | None = None,
        author: str | None = None,
    ) -> None:
        found = found or Explanation((), None)
        self._case.claim(
            self._worked.last,
            "value",
            verdict,
            because,
            field=self._meaning.name,
            t=t,
            claimed=claimed,
            expected=expected,
            links=self._checked.links,
            causes=found.causes,
            unexplained=found.unexplained,
            parameter=self._meaning.parameter,
            from_author=author,
        )

    def _unread(self, because: str) -> None:
        self._clock.touched, code = True, self._worked.statement.code
        self._case.unread(self._worked.last, self._meaning, because, kind="value", code=code)

    def _from_author(self, t: int, truth: Span | None) -> str | None:
        tainted = [c.span for c in self._fresh(t) if c.tainted]
        if not tainted or truth is None or tainted[0].meets(truth):
            return None
        return tainted[-1].text()


_RANK = {"holds": 0, "dialect": 1, "follows": 2, "wrong": 3}
