"""Runs of a rule inside a theorem: its fields as functions of the step."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, final

from sympy import (
    Abs,
    Dummy,
    Expr,
    Function,
    Ge,
    Gt,
    Integer,
    Lambda,
    Le,
    Lt,
    Ne,
    Piecewise,
    Poly,
    Sum,
    Symbol,
    expand,
    sign,
    true,
)
from sympy.core.function import AppliedUndef

from adamref.logic.facts import Fact
from adamref.logic.relations import (
    eq,
    excess,
    expression,
    ge,
    gt,
    is_strict,
    le,
    lt,
    ne,
    slack,
)
from adamref.rules.symbols import PREVIOUS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sympy.core.relational import Relational

    from adamref.logic.facts import Recurrence
    from adamref.rules.rule import Rule


@final
@dataclass(frozen=True)
class Run:
    """A rule, run on a sequence of gradients: the fields are functions of the step.

    Attributes
    ----------
    rule : Rule
    mark : str
        Tells the fields of two runs in one theorem apart: ``m`` and ``m'``.
    gradient : callable, optional
        The gradient of step i as an expression; default: ``g(i)``, any sequence.
    hypers : mapping of str to Expr
        Expressions that stand for hyperparameters; default: their symbols. A Lambda is a schedule:
        the value at each step.
    starts : mapping of str to Expr
        The values before the first step that are the caller's, as that of ``theta``.
    """

    rule: Rule
    mark: str = ""
    gradient: Callable[[Expr], Expr] | None = None
    hypers: Mapping[str, Expr] = field(default_factory=dict)
    starts: Mapping[str, Expr] = field(default_factory=dict)

    def __call__(self, name: str, at: Any) -> Expr:
        """Return a field at a step, or the gradient."""
        if name == "g":
            return self._gradient(expression(at))
        self.rule.line(name)
        return self.function(name)(expression(at))

    def function(self, name: str) -> Any:
        """Return the function of the step that a field is."""
        return Function(name + self.mark, real=True)

    @property
    def fields(self) -> set[Any]:
        """The functions of the step that its lines define."""
        return {self.function(line.name) for line in self.rule.lines}

    @property
    def speaks_of(self) -> frozenset[Any]:
        """The symbols and functions that mean something in this run, and nothing else in another.

        The index of a step is not among them: a run has all steps.
        """
        probe = Dummy("k", integer=True)
        meant = [self("g", probe), *self.starts.values()]
        meant += [self.hyper(name, probe) for name in self.rule.defaults]
        symbols = {s for expr in meant for s in expr.free_symbols} - {probe}
        functions = {value.func for expr in meant for value in expr.atoms(AppliedUndef)}
        functions |= self.fields
        return frozenset(symbols | functions)

    def is_same_as(self, other: Recurrence) -> bool:
        """Whether two runs are one: the same gradients, however they are written."""
        probe = Dummy("k", integer=True)
        return (
            isinstance(other, Run)
            and self.rule == other.rule
            and self.mark == other.mark
            and self("g", probe) == other("g", probe)
            and dict(self.hypers) == dict(other.hypers)
            and dict(self.starts) == dict(other.starts)
        )

    def is_case_of(self, other: Recurrence) -> bool:
        """Whether this run has what the other one fixes, so that what holds of that holds here.

        What the other fixes may speak of no hyperparameter that has a value of its own here: it
        would be another one. What holds of a number need not hold of a schedule.
        """
        if not isinstance(other, Run):
            return False
        probe = Dummy("k", integer=True)
        fixed = {**other.hypers, **other.starts}
        return (
            self.rule == other.rule
            and self.mark == other.mark
            and (other.gradient is None or self("g", probe) == other("g", probe))
            and all(self.hypers.get(name) == value for name, value in other.hypers.items())
            and all(name in other.hypers for name in self._scheduled)
            and all(self.starts.get(name) == value for name, value in other.starts.items())
            and not any(value.free_symbols & self._put_in.keys() for value in fixed.values())
        )

    @property
    def _put_in(self) -> dict[Any, Any]:
        plain = self.hypers.keys() - self._scheduled
        return {Symbol(name, real=True): self.hypers[name] for name in plain}

    @property
    def _scheduled(self) -> set[str]:
        return {name for name, value in self.hypers.items() if isinstance(value, Lambda)}

    @property
    def meanings(self) -> dict[Any, Any]:
        """What this run has in the place of a symbol for a hyperparameter and of the gradient."""
        index = Dummy("k", integer=True)
        found = self._put_in
        found[Function("g" + self.mark, real=True)] = Lambda(index, self("g", index))
        return found

    def hyper(self, name: str, step: Expr) -> Expr:
        """Return what stands for a hyperparameter at a step."""
        value = self.hypers.get(name, Symbol(name, real=True))
        return value(step) if isinstance(value, Lambda) else value

    def line(self, name: str, at: Any) -> Fact:
        """Return a line of the rule as an equation at a step t >= 1."""
        return self._equation(name, self.rule.line(name).expr, expression(at))

    def case(self, name: str, at: Any, which: int = 0) -> Fact:
        """Return a line that chooses, where it chooses one of its cases.

        It is an equation where the conditions of that case hold, and not those of the cases before.
        A sign is ``x/|x|`` where x is not 0.

        Raises
        ------
        ValueError
            If the line holds no choice, or more than one, or there is no such case.
        """
        expr, step = self.rule.line(name).expr, expression(at)
        choices = expr.atoms(Piecewise, sign)
        if len(choices) != 1:
            raise ValueError(f"line {name} of {self.rule.title} holds {len(choices)} choices")
        (choice,) = choices
        value, needed = _chosen(choice, which)
        fact = self._equation(name, expr.xreplace({choice: value}), step)
        given = [
            relation.func(*(self._said(x, step) for x in relation.args), evaluate=False)
            for relation in needed
        ]
        whole = [r for r in given if (d := excess(r)) is not None and d.is_integer]
        return replace(
            fact,
            conditions=(*fact.conditions, *(slack(r) - (1 if is_strict(r) else 0) for r in whole)),
            given=tuple(relation for relation in given if relation not in whole),
            says=f"{fact.says}, case {which + 1}",
        )

    def initial(self, name: str) -> Expr | None:
        """Return the value of a field before the first step; None where none is given."""
        begun = self.starts.get(name, self.rule.line(name).initial)
        if isinstance(begun, str):
            return self.initial(begun) if begun == "theta" else self.hyper(begun, Integer(1))
        return None if begun is None else expression(begun)

    def start(self, name: str) -> Fact:
        """Return the value of a field before the first step as an equation."""
        initial = self.initial(name)
        assert initial is not None, f"{name} starts at a value of the caller's"
        says = f"{name} before the first step"
        return Fact(eq(self(name, Integer(0)), initial), (), says, self)

    def _equation(self, name: str, expr: Expr, step: Expr) -> Fact:
        self._same_gradient(step)
        says = f"line {name} of {self.rule.title}"
        return Fact(eq(self(name, step), self._said(expr, step)), (step - 1,), says, self)

    def _said(self, expr: Expr, step: Expr) -> Expr:
        made = {symbol: self._meaning(symbol.name, step) for symbol in expr.free_symbols}
        # xreplace keeps the order of the source; then powers and products may evaluate again.
        return _evaluated(expr.xreplace(made))

    def _meaning(self, name: str, step: Expr) -> Expr:
        if name == "g":
            return self._gradient(step)
        if name == "t":
            return step
        if name.endswith(PREVIOUS):
            return self.function(name.removesuffix(PREVIOUS))(step - 1)
        if name in self.rule.defaults:
            return self.hyper(name, step)
        return self.function(name)(step)

    def _same_gradient(self, step: Expr) -> None:
        """Check that the gradient is one expression of the step, and known before its fields are.

        Where it is only known at some steps, it is a value of a function at the others.
        """
        probe = Dummy("k", integer=True)
        anywhere = self._gradient(probe)
        here = expression(anywhere).xreplace({probe: step})
        if not isinstance(anywhere, AppliedUndef) and expand(here - self._gradient(step)) != 0:
            raise ValueError(f"the gradient at {step} is not what it is at any step")
        own = self.fields
        for value in expression(anywhere).atoms(AppliedUndef):
            if value.func in own and not expand(value.args[0] - probe).is_negative:
                raise ValueError(f"the gradient speaks of {value}, which it leads to")
        for expr in (*self.hypers.values(), *self.starts.values()):
            if any(value.func in own for value in expression(expr).atoms(AppliedUndef)):
                raise ValueError(f"{expr} speaks of the run itself")

    def _gradient(self, step: Expr) -> Expr:
        if self.gradient is not None:
            return self.gradient(step)
        return Function("g" + self.mark, real=True)(step)


@final
@dataclass(frozen=True)
class Mean:
    """Expectations of the fields of a run whose gradients are random.

    An expectation is linear: it passes through a line that is linear in what is random, and through
    no other. Any distribution will do, of dependent gradients too.
    """

    run: Run

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
        says = f"line {name} of {self.run.rule.title}, and the expectation is linear"
        return Fact(eq(self(name, step), result), (step - 1,), says, self.run)

    def _random(self) -> set[Any]:
        """Return values of the functions that are random: the fields and what the gradient is."""
        probe = Dummy("k", integer=True)
        fields = {self.run.function(line.name)(probe) for line in self.run.rule.lines}
        fields |= self.run("g", probe).atoms(AppliedUndef)
        for name in self.rule.defaults:
            # A schedule may speak of a run on the same gradients.
            fields |= self.run.hyper(name, probe).atoms(AppliedUndef)
        return fields

    def start(self, name: str) -> Fact:
        """Return the expectation of a field before the first step, which is not random."""
        fact = self.run.start(name)
        return Fact(eq(self(name, Integer(0)), fact.relation.rhs), (), fact.says, self.run)


class NotLinear(ValueError):
    """An expectation does not pass through a line that is not linear in what is random."""

    def __init__(self, line: str, term: str) -> None:
        super().__init__(f"line {line} holds {term}, through which no expectation passes")


_OPPOSITE = {Gt: le, Ge: lt, Lt: ge, Le: gt, Ne: eq}


def _chosen(choice: Expr, which: int) -> tuple[Expr, list[Relational]]:
    """Return the value of a case of a choice, and what must hold for it to be taken."""
    if isinstance(choice, sign):
        (x,) = choice.args
        cases: Sequence[Any] = ((x / Abs(x), ne(x, 0)), (Integer(0), true))
    else:
        cases = choice.args
    if not 0 <= which < len(cases):
        raise ValueError(f"{choice} has {len(cases)} cases")
    value, condition = cases[which]
    needed = [_OPPOSITE[before.func](*before.args) for _, before in cases[:which]]
    return value, needed if condition == true else [*needed, condition]


def _evaluated(expr: Expr) -> Expr:
    """Let powers and products evaluate, and sums stand as they are."""
    if not expr.args or isinstance(expr, Sum):
        return expr
    return expr.func(*map(_evaluated, expr.args))


def _mean_name(name: str) -> str:
    return {"g": "E_g", "g**2": "E_g2"}.get(name, f"E_{name}")
