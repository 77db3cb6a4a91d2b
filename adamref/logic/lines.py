"""Whether the fields of runs are there: what the lines they rest on divide by, or take a root of.

It is shown by what is assumed, by the steps of the proof, and by the signs of the fields as far as
their lines keep them: ``v`` is an average of squares, so that its root is real, and that root and
epsilon > 0 are together not 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, final

from sympy import Dummy, Expr, Integer, Piecewise, Sum, together
from sympy.core.function import Application, AppliedUndef

from adamref.logic.context import Context
from adamref.logic.defined import KINDS, is_nonnegative, is_positive
from adamref.logic.facts import Fact
from adamref.logic.functions import FUNCTIONS
from adamref.logic.refusal import Refused
from adamref.logic.relations import ge, gt, ne

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sympy import Symbol
    from sympy.core.relational import Relational

    from adamref.logic.facts import Always, Recurrence

Shown: TypeAlias = "tuple[tuple[Fact, frozenset[Symbol]], ...]"
"""What a proof has shown, and for all values of which indices."""
Signs: TypeAlias = "Mapping[Any, bool]"
"""The functions that are >= 0 at a step, and whether they are known to be > 0."""


@final
@dataclass(frozen=True)
class RunLines:
    """The lines of a run, and what may be used of what they speak of.

    Attributes
    ----------
    run : Recurrence
    domain : tuple of Relational
    supposed : tuple of Always
        The hypotheses of the theorem.
    shown : Shown
    """

    run: Recurrence
    domain: tuple[Relational, ...]
    supposed: tuple[Always, ...] = ()
    shown: Shown = ()

    def lacking(self, value: Expr) -> str:
        """Say what is not known to be defined of the lines on which a field rests at a step >= 1.

        Empty if all is.
        """
        at = value.args[0]
        now, earlier = self.run.resting(value.func)
        before = Dummy("k", integer=True)
        try:
            if at != 1:
                self._must_be_there(earlier, before, (before - 1, at - 1 - before), at - 1)
            self._must_be_there(now, at, (at - 1,), at)
        except Refused as refused:
            return f"{value} rests on what may not be there: {refused}"
        return ""

    def _kept(self, functions: Sequence[Any], last: Expr) -> Signs:
        """Return what signs fields have at every step from 1 to the last.

        This is an induction: what is guessed holds at step 1, and at a step if at the one before.
        What does not is guessed no more, till all holds.
        """
        guessed: Signs = dict.fromkeys(functions, True)
        step = Dummy("k", integer=True)
        while True:
            first = self._signs(functions, Integer(1), (last - 1,), {})
            later = self._signs(functions, step, (step - 2, last - step), guessed)
            kept = {
                f: guessed[f] and first[f] and later[f]
                for f in functions
                if f in guessed and f in first and f in later
            }
            if kept == guessed:
                return kept
            guessed = kept

    def _must_be_there(
        self, functions: Sequence[Any], at: Expr, conditions: tuple[Expr, ...], last: Expr
    ) -> None:
        asked = {need for f in functions for need in self._needs(self._said(f, at, functions))}
        if not (asked := self._lacking(asked, Context(self.domain, conditions))):
            return
        kept = self._kept(functions, last)
        signs = self._signs(functions, at, conditions, kept)
        both = {f: kept.get(f, False) or signs.get(f, False) for f in {**kept, **signs}}
        known = self._known(at, conditions, both, kept)
        if not (asked := self._lacking(asked, known)):
            return
        proved = [f for f in self._shown_at(at) if all(map(known.holds, f.conditions))]
        known = Context(known.relations, known.conditions, [*known.facts, *proved])
        for kind, needed in sorted(self._lacking(asked, known), key=str):
            raise Refused(f"{needed} must be {kind}, which is not known")

    def _needs(self, expr: Expr) -> Iterator[tuple[str, Expr]]:
        """Say what must hold for an expression to be defined, of what its run makes.

        What is asked in the case of a choice, of inputs, and of all elements of a tensor at once,
        is looked at where a proof uses it.
        """
        if isinstance(expr, Piecewise):
            return
        for part in expr.args:
            yield from self._needs(part)
        if (function := FUNCTIONS.get(type(expr))) is not None:
            for kind, needed in function.needs(expr):
                values = {value.func for value in needed.atoms(AppliedUndef)}
                if (not values or values & self.run.fields) and not _over_a_tensor(needed):
                    yield kind, needed

    def _lacking(self, needs: set[tuple[str, Expr]], known: Context) -> set[tuple[str, Expr]]:
        return {(kind, one) for kind, one in needs if not KINDS[kind](one, known)}

    def _signs(
        self, functions: Sequence[Any], at: Expr, conditions: tuple[Expr, ...], kept: Signs
    ) -> Signs:
        """Return what signs the lines of a step make, one after the other."""
        signs: dict[Any, bool] = {}
        for function in functions:
            known = self._known(at, conditions, signs, kept)
            said = self._said(function, at, functions)
            ways = (function(at), said, together(said))
            if any(is_positive(way, known) for way in ways):
                signs[function] = True
            elif any(is_nonnegative(way, known) for way in ways):
                signs[function] = False
        return signs

    def _said(self, function: Any, at: Expr, functions: Sequence[Any]) -> Expr:
        """Return what a line says at a step; at the first one with the values before it."""
        said = self.run.said(function, at)
        if at == 1:
            for before in functions:
                if (value := self.run.begun(before)) is not None:
                    said = said.xreplace({before(Integer(0)): value})
        return said

    def _known(self, at: Expr, conditions: tuple[Expr, ...], now: Signs, before: Signs) -> Context:
        known = Context(self.domain, conditions)
        facts = [*_facts(now, at)]
        if known.holds(at - 2):
            facts += _facts(before, at - 1)
        else:
            facts += _facts(self._at_least_once_begun(before, known), at - 1)
        facts += [one.fact.at({one.index: at}) for one in self.supposed]
        facts += [fact for fact, _ in self.shown if not fact.relation.has(AppliedUndef, Sum)]
        holding = [fact for fact in facts if all(map(known.holds, fact.conditions))]
        return Context(known.relations, known.conditions, holding)

    def _shown_at(self, at: Expr) -> Iterator[Fact]:
        for fact, indices in self.shown:
            yield fact
            if any(value.func in self.run.fields for value in fact.relation.atoms(AppliedUndef)):
                for index in indices:
                    yield fact.at({index: at})
                    yield fact.at({index: at - 1})

    def _at_least_once_begun(self, kept: Signs, known: Context) -> Signs:
        """Return what signs fields have that kept them from before the first step."""
        found = {}
        for function, strict in kept.items():
            value = self.run.begun(function)
            if value is not None and is_nonnegative(value, known):
                found[function] = strict and is_positive(value, known)
        return found


def defined_by(known: Context) -> Iterator[Fact]:
    """Return what was shown of divisors and below roots where a line was put in."""
    for relation in (*(ne(d, 0) for d in known.divisors), *(ge(r, 0) for r in known.radicands)):
        yield Fact(relation, known.conditions, "a step divides by it, or takes its root")


def _over_a_tensor(expr: Expr) -> bool:
    """Say whether an expression speaks of all elements of a tensor at once."""
    own = (Application, Piecewise)
    return any(
        type(part) not in FUNCTIONS and not isinstance(part, AppliedUndef)
        for part in expr.atoms(*own)
    )


def _facts(signs: Signs, at: Expr) -> Iterator[Fact]:
    for function, strict in signs.items():
        relation = (gt if strict else ge)(function(at), 0)
        yield Fact(relation, (), f"what the lines of {function} keep")
