"""The algebra checker: every step of a proof, and that the last one is the theorem."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, final

from sympy import Expr, Ge, Gt, Le, Lt, Ne, Symbol

from adamref.logic.closed import (
    DEFINITIONS,
    INFERENCES,
    RECORDS,
    is_one_of,
    must_be,
    must_be_data,
)
from adamref.logic.conditions import in_the_end
from adamref.logic.context import Context
from adamref.logic.defined import must_be_defined
from adamref.logic.facts import Fact
from adamref.logic.instances import instance_of, may_be_put_in, same_meaning
from adamref.logic.lines import defined_by
from adamref.logic.proof import HYPOTHESIS, Algebra, Cite, Obligation, ProofStep, Scope, Use, Used
from adamref.logic.refusal import Captured, Refused
from adamref.logic.relations import expression, is_strict, slack
from adamref.logic.runs import Runs
from adamref.logic.wellformed import functions_of, must_be_plain, must_be_plain_statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sympy.core.relational import Relational
    from sympy.logic.boolalg import Boolean

    from adamref.logic.facts import Recurrence
    from adamref.logic.lines import Shown
    from adamref.logic.proof import Inference, Provable
    from adamref.logic.statement import Statement


@final
@dataclass
class Checking(Scope):
    """What steps may refer to, while a proof is checked."""

    statement: Statement
    facts: dict[str, Fact] = field(default_factory=dict)
    conditions: tuple[Expr, ...] = ()
    obligations: list[Obligation] = field(default_factory=list)
    step: str = ""
    by: Inference | None = None
    citing: tuple[str, ...] = ()
    runs: Runs = field(default_factory=Runs)
    seen: dict[Fact, None] = field(default_factory=dict)
    pinned: dict[str, frozenset[Symbol]] = field(default_factory=dict)
    varied: set[Symbol] = field(default_factory=set)
    contexts: list[Context] = field(default_factory=list)

    @property
    def domain_conditions(self) -> tuple[Expr, ...]:
        """The conditions of the theorem on its indices."""
        return tuple(
            slack(r) - (1 if is_strict(r) else 0)
            for r in self.statement.domain
            if isinstance(r, Ge | Gt | Le | Lt) and slack(r).is_integer
        )

    @property
    def relations(self) -> tuple[Relational, ...]:
        """The conditions of the theorem on its real symbols."""
        return tuple(
            r
            for r in self.statement.domain
            if not (isinstance(r, Ge | Gt | Le | Lt) and slack(r).is_integer)
        )

    def fact(self, used: Used) -> Fact:
        """Return what is used.

        Raises
        ------
        Refused
            If there is no such step or hypothesis, or it may not be used so.
        """
        if not isinstance(used, str):
            must_be(used, RECORDS, "something used")
        if isinstance(used, Fact):
            return self._made_again(used)
        if isinstance(used, Cite):
            return self._cited(used)
        name, at = (used.name, used.at) if isinstance(used, Use) else (used, {})
        if name in self.facts:
            fact = self.facts[name]
        elif name in self.statement.hypotheses:
            fact = self.statement.hypotheses[name].fact
        else:
            raise Refused(f"there is no step or hypothesis {name!r} before this one")
        own = self.statement.hypotheses.get(name)
        for symbol, value in at.items():
            free = symbol == own.index if own is not None else symbol not in self.fixed
            if not (isinstance(symbol, Symbol) and symbol.is_integer and free) or (
                name == HYPOTHESIS and fact.relation.has(symbol)
            ):
                raise Refused(f"{name!r} speaks of one {symbol}, not of all")
            if own is None:
                self.vary(symbol, name, value)
            if not expression(value).is_integer:
                raise Refused(f"{name!r} speaks of whole numbers, and {value} may be none")
        return fact.at(at)

    def _made_again(self, used: Fact) -> Fact:
        """Return what the definition that a fact names makes, whatever the fact says."""
        made = used.made
        if not (type(made) is partial and is_one_of(made.func, DEFINITIONS)):
            raise Refused(f"{used.relation} is the fact of no definition")
        for given in (*made.args, *made.keywords.values()):
            must_be_data(given)
        fact: Fact = made()
        if fact.run is not None:
            self.meet(fact.run)
        return fact

    def meaning(self, function: str) -> object:
        """Return what a function of the statement means that is worked out; None for another."""
        return self.statement.meanings.get(function)

    def vary(self, index: Symbol, name: str, value: Any = None) -> None:
        """Note that a step is used for other values of an index than the one it was shown for.

        Raises
        ------
        Refused
            If it was shown for one value only: it follows from the induction hypothesis.
        """
        if index in self.pinned.get(name, frozenset()) and value != index:
            raise Refused(f"{name!r} speaks of one {index}, not of all")
        self.varied.add(index)

    @property
    def supposes(self) -> bool:
        """Whether anything is assumed by a hypothesis, of the theorem or of an induction."""
        return HYPOTHESIS in self.facts or bool(self.statement.hypotheses)

    @property
    def fixed(self) -> set[Symbol]:
        """The symbols that stand for one value: something besides an index's range is assumed."""
        found = {s for r in self.relations for s in r.free_symbols}
        for supposed in self.statement.hypotheses.values():
            own = supposed.relation.free_symbols | supposed.low.free_symbols
            own |= set() if supposed.high is None else supposed.high.free_symbols
            found |= own - {supposed.index}
        return found

    def may_induct(self, over: Symbol) -> None:
        """Check that what is assumed at t is assumed at t - 1 as well."""
        for relation in self.relations:
            if relation.has(over):
                raise Refused(f"{relation} ties the index of the induction")
        self.varied.add(over)
        for name, supposed in self.statement.hypotheses.items():
            tied = supposed.relation.has(over) or supposed.low.has(over)
            # A hypothesis up to t holds up to t - 1 as well.
            if supposed.high is not None and supposed.high.has(over):
                tied = tied or not in_the_end(supposed.high, over)
            if tied:
                raise Refused(f"hypothesis {name!r} is about one {over}")

    def context(self, uses: Sequence[Used], shown: Sequence[Fact] = ()) -> Context:
        """Return what is known in the current step, and by what an inference has shown itself."""
        facts = [*(self.fact(used) for used in uses), *shown]
        for fact in facts:
            must_be_plain(fact.relation)
        # What a theorem that is cited needs is known where the step is, and perhaps nowhere else.
        here = self.conditions
        self.seen |= {replace(f, conditions=(*f.conditions, *here)): None for f in facts}
        made = Context(self.relations, (*self.conditions, *self.domain_conditions), facts)
        self.contexts.append(made)
        return made

    def holds(self, condition: Expr, ranges: tuple[Expr, ...] = ()) -> bool:
        """Say whether a condition on indices holds in the current step."""
        return self.context(()).holds(condition, ranges)

    def oblige(self, context: Context, claim: Boolean) -> None:
        """Note an obligation, for other checkers."""
        hypothesis = self.facts.get(HYPOTHESIS)
        self.obligations.append(Obligation(self.step, context, claim, hypothesis, self.by))

    def nested(
        self,
        claim: Boolean,
        steps: Sequence[ProofStep],
        values: Mapping[Symbol, Expr],
        *,
        hypothesis: Fact | None = None,
        over: Symbol | None = None,
        where: tuple[Expr, ...] = (),
    ) -> None:
        """Check a proof inside a proof."""
        conditions = tuple(c.subs(values) for c in self.conditions)
        inner = Checking(
            self.statement,
            dict(self.facts),
            (*conditions, *where),
            self.obligations,
            self.step,
            self.by,
            self.citing,
            self.runs,
            dict(self.seen),
            dict(self.pinned),
            self.varied,
        )
        if hypothesis is not None:
            inner.facts[HYPOTHESIS] = hypothesis
            # What follows from it holds for this index, and for no other one yet.
            own = frozenset() if over is None else frozenset({over})
            inner.pinned[HYPOTHESIS] = own | self.pinned.get(HYPOTHESIS, frozenset())
        inner.run(steps, claim, needs=hypothesis is not None)

    def run(self, steps: Sequence[ProofStep], claim: Boolean, *, needs: bool = False) -> None:
        """Check steps in order, and that they end in a claim."""
        if not steps:
            raise Refused(f"nothing is said about {claim}")
        outer, asked = self.step, set()
        for step in steps:
            if step.name in {*self.facts, *self.statement.hypotheses, HYPOTHESIS}:
                raise Refused(f"two steps are called {step.name!r}")
            self.step = f"{outer}/{step.name}" if outer else step.name
            kept, self.conditions = self.conditions, (*self.conditions, *step.where)
            try:
                must_be(step.by, INFERENCES, "an inference")
                must_be_data(step)
                must_be_plain(step.claim, *step.where)
                self.by = step.by
                step.by.check(step.claim, self)
                self._must_be_defined(step.claim)
            except Refused as refused:
                raise refused.at(self.step) from None
            except Captured as captured:
                raise Refused(str(captured)).at(self.step) from None
            conditions = (*self.conditions, *self.domain_conditions)
            self.conditions = kept
            asked |= _names(step)
            pins = (self.pinned.get(name, frozenset()) for name in _names(step))
            self.pinned[step.name] = frozenset().union(*pins)
            self.facts[step.name] = Fact(step.claim, conditions, f"step {step.name!r}")
        self.step = outer
        last = steps[-1]
        if last.claim != claim:
            raise Refused(f"the last step shows {last.claim}, but {claim} is claimed")
        for condition in last.where:
            if not self.holds(condition):
                raise Refused(f"{claim} is shown only where {condition} >= 0")
        for step in steps[:-1]:
            if step.name not in asked:
                raise Refused(f"step {step.name!r} is used by no other")
        if needs and HYPOTHESIS not in asked:
            raise Refused("the induction hypothesis is not used")

    def used_up(self, steps: Sequence[ProofStep]) -> None:
        """Check that every hypothesis of the theorem is used."""
        asked = set().union(*(_names(step) for step in steps))
        for name in self.statement.hypotheses:
            if name not in asked:
                raise Refused(f"hypothesis {name!r} is not used")

    @property
    def everywhere(self) -> Shown:
        """What has been shown or used, and the indices of which it is said for all values."""
        fixed = self.fixed.union(*(run.speaks_of for run in self.runs.met.values()))
        named = [(fact, self.pinned.get(name, frozenset())) for name, fact in self.facts.items()]
        named += [(fact, frozenset()) for fact in self.seen]
        named += [(fact, frozenset()) for one in self.contexts for fact in defined_by(one)]
        return tuple(
            (fact, frozenset(s for s in fact.relation.free_symbols if s.is_integer) - fixed - own)
            for fact, own in named
            if not fact.given
        )

    def _must_be_defined(self, claim: Boolean) -> None:
        """Check that a claim is defined where it is made, by what has been shown or used so far."""
        known = self.context(())
        facts = [
            fact
            for fact in dict.fromkeys((*self.facts.values(), *self.seen))
            if not fact.given and all(known.holds(c) for c in fact.conditions)
        ]
        context = Context(known.relations, known.conditions, facts)
        must_be_defined(claim, context, self.runs.begins)

    def meet(self, run: Recurrence) -> None:
        """Note a run that a proof speaks of: its mark stands for no other."""
        self.runs.meet(run)

    def shown(self, theorem: Provable, at: Mapping[Any, Any]) -> Mapping[str, Recurrence]:
        """Check another theorem, and return the runs that it speaks of, by their marks.

        What is put in for its symbols and functions is none that means one thing there.

        Raises
        ------
        Refused
            If it is not proved, rests on the one that is checked, or has hypotheses.
        """
        must_be(theorem, RECORDS, "a theorem")
        if theorem.id in self.citing:
            raise Refused(f"{theorem.id} rests on itself")
        if theorem.statement.hypotheses:
            raise Refused(f"{theorem.id} has hypotheses, and cannot be cited")
        if id(theorem) not in _SHOWN:
            outcome = algebra(theorem, citing=self.citing)
            if outcome.refusal is not None:
                raise Refused(f"{theorem.id} is not proved: {outcome.refusal}")
            # The theorem is kept with its runs, so that no other object gets its identity.
            _SHOWN[id(theorem)] = (theorem, outcome.runs)
        put_in = {str(key) for key, value in at.items() if key != value}
        for name, meaning in theorem.statement.meanings.items():
            if self.meaning(name) != meaning or name in put_in:
                raise Refused(f"{name} of {theorem.id} means something else here")
        return _SHOWN[id(theorem)][1]

    def _cited(self, cite: Cite) -> Fact:
        theorem = cite.theorem
        at: dict[Any, Any] = dict(cite.at)
        for run in self.shown(theorem, at).values():
            at |= self._as_here(theorem, run, cite)
        known = self.context(cite.given)
        for key, value in at.items():
            may_be_put_in(key, value, known)
        conditions = []
        for relation in theorem.statement.domain:
            wanted = instance_of(relation, at)
            if not isinstance(wanted, Ne) and slack(wanted).is_integer:
                conditions.append(slack(wanted) - (1 if is_strict(wanted) else 0))
            elif not known.states(wanted):
                raise Refused(f"{theorem.id} needs {wanted}")
        return Fact(
            instance_of(theorem.statement.claim, at), tuple(conditions), f"theorem {theorem.id}"
        )

    def _as_here(self, theorem: Provable, run: Recurrence, cite: Cite) -> dict[Any, Any]:
        """Read a theorem about any gradients and hyperparameters as one about the run here.

        What is put in must be what this run has: its fields are those of one run.
        """
        here = self.runs.met.get(run.mark) or self.runs.bound.get(run.mark) or run
        made: dict[Any, Any] = {}
        if not here.is_same_as(run):
            if not here.is_case_of(run):
                raise Refused(f"{theorem.id} is about another run marked {run.mark!r}")
            made = here.meanings
        self.meet(here)
        for key, value in cite.at.items():
            if key in run.speaks_of and not same_meaning(value, made.get(key, key)):
                raise Refused(f"{theorem.id} is about a run with one {key}, not about any")
        return made


_SHOWN: dict[int, tuple[Provable, Mapping[str, Recurrence]]] = {}
"""Cited theorems that were proved, by identity: one is cited many times, and checked once."""


def _names(step: ProofStep) -> set[str]:
    """Return the names that a step, or a proof inside it, uses."""
    inner = [s for part in ("base", "step") for s in getattr(step.by, part, ())]
    return set(step.by.names).union(*(_names(s) for s in inner))


def algebra(
    theorem: Provable, statement: Statement | None = None, citing: tuple[str, ...] = ()
) -> Algebra:
    """Check the proof of a theorem, or the same proof for another statement (a near-miss)."""
    what = theorem.statement if statement is None else statement
    scope = Checking(what, citing=(*citing, theorem.id))
    try:
        must_be(theorem, RECORDS, "a theorem")
        must_be_plain_statement(what)
        scope.runs = Runs.of(theorem.meant, frozenset(what.meanings))
        steps = theorem.proof(what)
        scope.run(steps, what.claim)
        scope.used_up(steps)
        scope.runs.must_be_bound(functions_of(what))
        scope.runs.must_be_fixed(scope.varied)
        scope.runs.must_be_there(what, scope.everywhere)
    except Refused as refused:
        pending = scope.obligations[-1].step if scope.obligations else None
        return Algebra(str(refused), tuple(scope.obligations), pending != refused.step)
    return Algebra(None, tuple(scope.obligations), runs=scope.runs.met)
