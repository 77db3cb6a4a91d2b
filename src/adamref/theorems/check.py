"""The algebra checker: every step of a proof, and that the last one is the theorem."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, final

from sympy import Ge, Gt, Le, Lt, Ne, expand
from sympy.core.function import UndefinedFunction

from adamref.theorems.context import Context, Refused, is_strict, slack
from adamref.theorems.facts import Captured, Fact, substituted
from adamref.theorems.proof import Cite, Obligation, Use

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sympy import Expr, Symbol
    from sympy.core.relational import Relational
    from sympy.logic.boolalg import Boolean

    from adamref.theorems.proof import Step, Used
    from adamref.theorems.record import Statement, Theorem

HYPOTHESIS = "induction hypothesis"


@final
@dataclass
class Scope:
    """What steps may refer to, while a proof is checked."""

    statement: Statement
    facts: dict[str, Fact] = field(default_factory=dict)
    conditions: tuple[Expr, ...] = ()
    obligations: list[Obligation] = field(default_factory=list)
    step: str = ""
    citing: tuple[str, ...] = ()

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
        if isinstance(used, Fact):
            return used
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
        for symbol in at:
            free = symbol == own.index if own is not None else symbol not in self.fixed
            if not (symbol.is_integer and free) or (
                name == HYPOTHESIS and fact.relation.has(symbol)
            ):
                raise Refused(f"{name!r} speaks of one {symbol}, not of all")
        try:
            return fact.at(at)
        except Captured as captured:
            raise Refused(str(captured)) from None

    @property
    def fixed(self) -> set[Symbol]:
        """The symbols that stand for one value: something besides an index's range is assumed."""
        found = {s for r in self.relations for s in r.free_symbols}
        for supposed in self.statement.hypotheses.values():
            found |= supposed.relation.free_symbols | supposed.low.free_symbols
            found |= set() if supposed.high is None else supposed.high.free_symbols
            found.discard(supposed.index)
        return found

    def may_induct(self, over: Symbol) -> None:
        """Check that what is assumed at t is assumed at t - 1 as well."""
        for relation in self.relations:
            if relation.has(over):
                raise Refused(f"{relation} ties the index of the induction")
        for name, supposed in self.statement.hypotheses.items():
            tied = supposed.relation.has(over) or supposed.low.has(over)
            # A hypothesis up to t holds up to t - 1 as well.
            if supposed.high is not None and supposed.high.has(over):
                tied = tied or not expand(supposed.high).coeff(over) > 0
            if tied:
                raise Refused(f"hypothesis {name!r} is about one {over}")

    def context(self, uses: Sequence[Used]) -> Context:
        """Return what is known in the current step."""
        facts = [self.fact(used) for used in uses]
        return Context(self.relations, (*self.conditions, *self.domain_conditions), facts)

    def holds(self, condition: Expr, ranges: tuple[Expr, ...] = ()) -> bool:
        """Say whether a condition on indices holds in the current step."""
        return self.context(()).holds(condition, ranges)

    def oblige(self, context: Context, claim: Boolean) -> None:
        """Note an obligation, for other checkers."""
        self.obligations.append(Obligation(self.step, context, claim, self.facts.get(HYPOTHESIS)))

    def nested(
        self,
        claim: Boolean,
        steps: Sequence[Step],
        values: Mapping[Symbol, Expr],
        *,
        hypothesis: Fact | None = None,
        where: tuple[Expr, ...] = (),
    ) -> None:
        """Check a proof inside a proof."""
        conditions = tuple(c.subs(values) for c in self.conditions)
        inner = Scope(
            self.statement,
            dict(self.facts),
            (*conditions, *where),
            self.obligations,
            self.step,
            self.citing,
        )
        if hypothesis is not None:
            inner.facts[HYPOTHESIS] = hypothesis
        inner.run(steps, claim, needs=hypothesis is not None)

    def run(self, steps: Sequence[Step], claim: Boolean, *, needs: bool = False) -> None:
        """Check steps in order, and that they end in a claim."""
        if not steps:
            raise Refused(f"nothing is said about {claim}")
        outer, asked = self.step, set()
        for step in steps:
            if step.name in self.facts or step.name in self.statement.hypotheses:
                raise Refused(f"two steps are called {step.name!r}")
            self.step = f"{outer}/{step.name}" if outer else step.name
            kept, self.conditions = self.conditions, (*self.conditions, *step.where)
            try:
                step.by.check(step.claim, self)
            except Refused as refused:
                raise refused.at(self.step) from None
            conditions = (*self.conditions, *self.domain_conditions)
            self.conditions = kept
            asked |= _names(step)
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

    def used_up(self, steps: Sequence[Step]) -> None:
        """Check that every hypothesis of the theorem is used."""
        asked = set().union(*(_names(step) for step in steps))
        for name in self.statement.hypotheses:
            if name not in asked:
                raise Refused(f"hypothesis {name!r} is not used")

    def _cited(self, cite: Cite) -> Fact:
        theorem: Any = cite.theorem
        if theorem.id in self.citing:
            raise Refused(f"{theorem.id} rests on itself")
        outcome = algebra(theorem, citing=self.citing)
        if outcome.refusal is not None:
            raise Refused(f"{theorem.id} is not proved: {outcome.refusal}")
        if theorem.statement.hypotheses:
            raise Refused(f"{theorem.id} has hypotheses, and cannot be cited")
        known = self.context(cite.given)
        conditions = []
        for relation in theorem.statement.domain:
            wanted = _put_in(relation, cite.at)
            if isinstance(wanted, Ne):
                if not known.nonzero(wanted.args[0] - wanted.args[1]):
                    raise Refused(f"{theorem.id} needs {wanted}")
                continue
            difference = slack(wanted)
            if difference.is_integer:
                conditions.append(difference - (1 if is_strict(wanted) else 0))
            elif not (known.positive if is_strict(wanted) else known.nonnegative)(difference):
                raise Refused(f"{theorem.id} needs {wanted}")
        return Fact(
            _put_in(theorem.statement.claim, cite.at), tuple(conditions), f"theorem {theorem.id}"
        )


def _put_in(relation: Any, at: Mapping[Any, Any]) -> Any:
    """Put expressions in for symbols, and Lambdas in for functions."""
    symbols = {k: v for k, v in at.items() if not isinstance(k, UndefinedFunction)}
    relation = substituted(relation, symbols)
    for function, meaning in at.items():
        if isinstance(function, UndefinedFunction):
            left, right = (side.replace(function, meaning) for side in relation.args)
            relation = relation.func(left, right, evaluate=False)
    return relation


def _names(step: Step) -> set[str]:
    """Return the names that a step, or a proof inside it, uses."""
    inner = [s for part in ("base", "step") for s in getattr(step.by, part, ())]
    return set(step.by.names).union(*(_names(s) for s in inner))


@final
@dataclass(frozen=True)
class Algebra:
    """The outcome of a check.

    Attributes
    ----------
    refusal : str or None
        Why the proof is not accepted: the first reason.
    obligations : tuple of Obligation
        What a solver can check besides, up to the step that was refused.
    structural : bool
        The refusal is no matter of arithmetic: the steps do not add up to the claim, or use what is
        not there. No solver can have another opinion.
    """

    refusal: str | None
    obligations: tuple[Obligation, ...]
    structural: bool = False


def algebra(
    theorem: Theorem, statement: Statement | None = None, citing: tuple[str, ...] = ()
) -> Algebra:
    """Check the proof of a theorem, or the same proof for another statement (a near-miss)."""
    what = theorem.statement if statement is None else statement
    scope = Scope(what, citing=(*citing, theorem.id))
    try:
        steps = theorem.proof(what)
        scope.run(steps, what.claim)
        scope.used_up(steps)
    except Refused as refused:
        pending = scope.obligations[-1].step if scope.obligations else None
        return Algebra(str(refused), tuple(scope.obligations), pending != refused.step)
    return Algebra(None, tuple(scope.obligations))


__all__ = ["HYPOTHESIS", "Algebra", "Scope", "algebra"]
