"""Runs of a rule inside a theorem: its fields as functions of the step."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
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
    Sum,
    Symbol,
    expand,
    sign,
    true,
)
from sympy.core.function import AppliedUndef

from adamref.logic.facts import Fact, definition
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
        The gradient of step i as an expression; default: ``g(i)``, any sequence. It is asked once,
        for any step, and kept as a Lambda: one expression for all steps.
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

    def __post_init__(self) -> None:
        if self.gradient is not None and type(self.gradient) is not Lambda:
            step = Dummy("k", integer=True)
            said = Lambda(step, expression(self.gradient(step)))
            object.__setattr__(self, "gradient", said)
        for name in ("hypers", "starts"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def __hash__(self) -> int:
        said = self.gradient, *self.hypers.items(), *self.starts.items()
        return hash((self.rule, self.mark, *said))

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

    @property
    def lacking(self) -> str:
        """What a line speaks of that is no hyperparameter or earlier field; empty where none."""
        return next(self.rule.lacking(), "")

    def begins(self, function: Any) -> int:
        """Return the first step at which a field has a value; 0 if it is there before the first."""
        (line,) = (x for x in self.rule.lines if self.function(x.name) == function)
        return 0 if line.initial is not None or line.name in self.starts else 1

    def resting(self, function: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Return the fields on which one rests, itself too: of its own step, and of those before.

        Both are in the order of the lines.
        """
        (name,) = (x.name for x in self.rule.lines if self.function(x.name) == function)
        now, earlier = (
            tuple(self.function(x.name) for x in self.rule.lines if x.name in names)
            for names in self.rule.resting(name)
        )
        return now, earlier

    def said(self, function: Any, at: Expr) -> Expr:
        """Return what the line of a field says at a step."""
        (line,) = (x for x in self.rule.lines if self.function(x.name) == function)
        return self._said(line.expr, at)

    def begun(self, function: Any) -> Expr | None:
        """Return the value of a field before the first step; None where none is given."""
        (name,) = (x.name for x in self.rule.lines if self.function(x.name) == function)
        return self.initial(name)

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

    @definition
    def line(self, name: str, at: Any) -> Fact:
        """Return a line of the rule as an equation at a step t >= 1."""
        return self._equation(name, self.rule.line(name).expr, expression(at))

    @definition
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

    @definition
    def start(self, name: str) -> Fact:
        """Return the value of a field before the first step as an equation."""
        initial = self.initial(name)
        assert initial is not None, f"{name} starts at a value of the caller's"
        says = f"{name} before the first step"
        return Fact(eq(self(name, Integer(0)), initial), (), says, self)

    def _equation(self, name: str, expr: Expr, step: Expr) -> Fact:
        self._known_before()
        says = f"line {name} of {self.rule.called}"
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

    def _known_before(self) -> None:
        """Check that the gradient, the hyperparameters and the starts are known before the fields.

        Raises
        ------
        ValueError
            If one of them speaks of what it leads to.
        """
        probe, own = Dummy("k", integer=True), self.fields
        for value in self._gradient(probe).atoms(AppliedUndef):
            if value.func in own and not expand(value.args[0] - probe).is_negative:
                raise ValueError(f"the gradient speaks of {value}, which it leads to")
        for expr in (*self.hypers.values(), *self.starts.values()):
            if any(value.func in own for value in expression(expr).atoms(AppliedUndef)):
                raise ValueError(f"{expr} speaks of the run itself")

    def _gradient(self, step: Expr) -> Any:
        if self.gradient is not None:
            return self.gradient(step)
        return Function("g" + self.mark, real=True)(step)


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
