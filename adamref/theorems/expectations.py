"""Expectations of the fields of a run whose gradients are random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

from sympy import Dummy, Expr, Function, Integer, Poly
from sympy.core.function import AppliedUndef

from adamref.logic.facts import Fact, definition
from adamref.logic.relations import eq, expression

if TYPE_CHECKING:
    from adamref.logic.facts import Recurrence
    from adamref.rules.rule import Rule
    from adamref.theorems.quantities import Run


@final
@dataclass(frozen=True)
class Mean:
    """Expectations of the fields of a run whose gradients are random.

    An expectation is linear: it passes through a line that is linear in what is random, and through
    no other. Any distribution will do, of dependent gradients too.
    """

    run: Run

    @property
    def mark(self) -> str:
        """That of the run, as an expectation of which it stands."""
        return f"E_{self.run.mark}"

    @property
    def fields(self) -> set[Any]:
        """The functions of the step that are expectations of its fields."""
        return {self.function(line.name) for line in self.rule.lines}

    @property
    def speaks_of(self) -> frozenset[Any]:
        """What the run speaks of, and the expectations."""
        gradient = {self.function(name) for name in ("g", "g**2")}
        return self.run.speaks_of | self.fields | gradient

    @property
    def meanings(self) -> dict[Any, Any]:
        """Nothing is put in: what holds of one expectation is not said of another."""
        return {}

    @property
    def lacking(self) -> str:
        """What a line of the run speaks of before it is there."""
        return self.run.lacking

    def begins(self, function: Any) -> int:
        """Return the first step at which the expectation of a field has a value."""
        (name,) = (x.name for x in self.rule.lines if self.function(x.name) == function)
        return self.run.begins(self.run.function(name))

    def resting(self, function: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Return the fields of the run on which that rests of which it is the expectation."""
        (name,) = (x.name for x in self.rule.lines if self.function(x.name) == function)
        return self.run.resting(self.run.function(name))

    def said(self, function: Any, at: Expr) -> Expr:
        """Return what the line of a field of the run says at a step."""
        return self.run.said(function, at)

    def begun(self, function: Any) -> Expr | None:
        """Return the value of a field of the run before the first step."""
        return self.run.begun(function)

    def is_same_as(self, other: Recurrence) -> bool:
        """Whether two are expectations of one run."""
        return isinstance(other, Mean) and self.run.is_same_as(other.run)

    def is_case_of(self, other: Recurrence) -> bool:
        """Whether the two are one."""
        return self.is_same_as(other)

    def __call__(self, name: str, at: Any) -> Expr:
        """Return the expectation of a field at a step; ``g`` and ``g**2`` are the gradient's."""
        return self.function(name)(expression(at))

    @property
    def rule(self) -> Rule:
        """The rule of the run."""
        return self.run.rule

    def function(self, name: str) -> Any:
        """Return the function of the step that the expectation of a field is."""
        return Function(_mean_name(name) + self.run.mark, real=True)

    @definition
    def line(self, name: str, at: Any) -> Fact:
        """Return a line of the rule in expectation.

        Raises
        ------
        NotLinear
            If the line is not linear in the quantities that are random.
        """
        step = expression(at)
        expr = self.run.line(name, step).relation.rhs
        inputs = [self.run("g", step), *(self.run(f, step - 1) for f in self.run.rule.states)]
        inputs += [self.run(x.name, step) for x in self.run.rule.lines if x.name != name]
        means = {self.run("g", step) ** 2: self("g**2", step), self.run("g", step): self("g", step)}
        for f in self.run.rule.states:
            means[self.run(f, step - 1)] = self(f, step - 1)
        for other in self.run.rule.lines:
            means[self.run(other.name, step)] = self(other.name, step)
        random = [q for q in inputs if expr.has(q)]
        result: Expr = Integer(0)
        poly = Poly(expr, *random)
        for powers, coefficient in poly.terms():
            monomial = Integer(1)
            for q, power in zip(random, powers, strict=True):
                monomial *= q**power
            if any(coefficient.has(value.func) for value in self._random()):
                raise NotLinear(name, str(coefficient))
            if monomial == 1:
                result += coefficient
            elif monomial in means and not any(coefficient.has(q) for q in random):
                result += coefficient * means[monomial]
            else:
                raise NotLinear(name, str(monomial))
        says = f"line {name} of {self.run.rule.called}, and the expectation is linear"
        return Fact(eq(self(name, step), result), (step - 1,), says, self)

    def _random(self) -> set[Any]:
        """Return values of the functions that are random: the fields and what the gradient is."""
        probe = Dummy("k", integer=True)
        fields = {self.run.function(line.name)(probe) for line in self.run.rule.lines}
        fields |= self.run("g", probe).atoms(AppliedUndef)
        for name in self.rule.defaults:
            # A schedule may speak of a run on the same gradients.
            fields |= self.run.hyper(name, probe).atoms(AppliedUndef)
        return fields

    @definition
    def start(self, name: str) -> Fact:
        """Return the expectation of a field before the first step, which is not random."""
        fact = self.run.start(name)
        return Fact(eq(self(name, Integer(0)), fact.relation.rhs), (), fact.says, self)


class NotLinear(ValueError):
    """An expectation does not pass through a line that is not linear in what is random."""

    def __init__(self, line: str, term: str) -> None:
        super().__init__(f"line {line} holds {term}, through which no expectation passes")


def _mean_name(name: str) -> str:
    return {"g": "E_g", "g**2": "E_g2"}.get(name, f"E_{name}")
