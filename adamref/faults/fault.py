"""A fault: a mistake as an edit of the rule, or of what is fed into it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias, final

from sympy import Abs, Add, Expr, Integer, Max, Mul, Pow
from sympy.functions.elementary.piecewise import ExprCondPair

from adamref.errors import CannotLoad
from adamref.rules.notation import TEXT, render, symbolic_names
from adamref.rules.symbols import t

if TYPE_CHECKING:
    from adamref.faults.inputs import Drive
    from adamref.rules.rule import Rule

Edit: TypeAlias = "Callable[[Rule], Rule | None]"
Rounds: TypeAlias = "tuple[tuple[str, str], ...]"


@final
@dataclass(frozen=True)
class Parameter:
    """What the cases of one fault differ in: a constant.

    Attributes
    ----------
    name : str
        As it stands in braces in the fault's id and sentences.
    unit : str
        The unit of its values, for example ``units of g``.
    values : tuple
        Those that are tried.
    edit, drive, rounds : callable or None
        Each returns, for a value, what the fault of the same field has.
    dtypes : callable or None
        Returns the dtypes under check for which the fault is one, at a value.
    """

    name: str
    unit: str
    values: tuple[Any, ...]
    edit: Callable[[Any], Edit] | None = None
    drive: Callable[[Any], Drive] | None = None
    rounds: Callable[[Any], Rounds] | None = None
    dtypes: Callable[[Any], frozenset[str]] | None = None


@final
@dataclass(frozen=True)
class Fault:
    """A mistake.

    Attributes
    ----------
    id : str
        A name that never changes; of a fault with a parameter, with the parameter in braces.
    says : str
        What is done instead of the right thing, as a sentence without its full stop.
    effect : str
        How it shows.
    edit : callable or None
        Returns a rule with the mistake; None for a rule that has no place for it.
    drive : callable or None
        Returns other inputs; None where a table has no place for it.
    rounds : tuple of (str, str)
        Lines whose value is stored in a narrower dtype.
    parameter : Parameter or None
        A constant in which cases of it differ; these have ``edit``, ``drive`` and ``rounds``.
    seen_in : str
        Where it was seen: projects and the numbers of their issues, or documents.
    contradicts : str
        What it contradicts, where that is not the source of the lines that it edits, or of the
        rule whose inputs it exchanges.
    dtypes : frozenset of str
        The dtypes under check for which it is a mistake; empty: all.
    limit : bool
        Whether it shows on edge probes only.
    told_as : str
        The fault or dialect for which a check takes it: they differ in lines that an
        implementation keeps to itself. Only a document can tell it from that.
    """

    id: str
    says: str
    effect: str
    edit: Edit | None = None
    drive: Drive | None = None
    rounds: Rounds = ()
    parameter: Parameter | None = None
    seen_in: str = ""
    contradicts: str = ""
    dtypes: frozenset[str] = frozenset()
    limit: bool = False
    told_as: str = ""

    def __hash__(self) -> int:
        return hash(self.id)

    def contradicted(self, *rules: Rule) -> str:
        """Return what it contradicts in the first of some rules that have a place for it."""
        if self.contradicts:
            return self.contradicts
        for rule in rules if self.edit else ():
            if made := self.applied(rule):
                changed = [line.source for line in rule.lines if line not in made.lines]
                return "; ".join(dict.fromkeys(changed)) or rule.source
        return rules[0].source

    def source(self, *rules: Rule) -> str:
        """Return where it was seen, or else what it contradicts."""
        return self.seen_in or self.contradicted(*rules)

    @property
    def cases(self) -> tuple[Fault, ...]:
        """Itself, or what it is for each value of its parameter."""
        if self.parameter is None:
            return (self,)
        return tuple(self.at(value) for value in self.parameter.values)

    def at(self, value: Any) -> Fault:
        """Return what it is for a value of its parameter."""
        its = self.parameter
        assert its is not None, f"{self.id} has no parameter"
        text = {its.name: value if isinstance(value, str) else f"{value:g}"}
        return replace(
            self,
            id=self.id.format(**text),
            says=self.says.format(**text),
            effect=self.effect.format(**text),
            edit=its.edit(value) if its.edit else self.edit,
            drive=its.drive(value) if its.drive else self.drive,
            rounds=its.rounds(value) if its.rounds else self.rounds,
            dtypes=its.dtypes(value) if its.dtypes else self.dtypes,
            parameter=None,
        )

    def applied(self, rule: Rule) -> Rule | None:
        """Return a rule with the mistake in its lines; None where these have no place for it.

        Raises
        ------
        CannotLoad
            If the edit raises anything, which one of another package may.
        """
        if self.edit is None:
            return None
        try:
            made = self.edit(rule)
        except Exception as error:
            says = f"its edit of {rule.name} raised {type(error).__name__}: {error}"
            raise CannotLoad(f"the fault {self.id}", " ".join(says.split())) from error
        if made is None or made.lines == rule.lines:
            return None
        # A hyperparameter that the rule does not have is nowhere given.
        known = {*made.fields, *made.given} - (made.defaults.keys() - rule.defaults.keys())
        used = {s.name for line in made.lines for s in line.expr.free_symbols}
        return made if used <= known or self.drive is not None else None


@final
@dataclass(frozen=True)
class Slip:
    """A fault in a single line.

    Attributes
    ----------
    fault : Fault
    line : str
        The line that it edits.
    rule : Rule
        With the mistake in it.
    """

    fault: Fault
    line: str
    rule: Rule

    @property
    def is_bounded(self) -> bool:
        """Whether a maximum or a magnitude stands in the line, which may do nothing."""
        return bool(self.rule.line(self.line).expr.atoms(Max, Abs))

    def said(self, right: Rule, at: int) -> str:
        """Say what is done, with both lines as they stand at a step."""
        wrong, its = (_written(rule.line(self.line).expr, at) for rule in (self.rule, right))
        return f"{self.fault.says} ({wrong}, not {its})"


def remade(expr: Expr, args: Sequence[Expr]) -> Expr:
    """Return an expression of the same kind on other arguments; nothing is simplified."""
    if isinstance(expr, ExprCondPair):  # a case of a Piecewise, which never is
        return expr.func(*args)
    return expr.func(*args, evaluate=False)


def _written(expr: Expr, at: int) -> str:
    """Write a right-hand side with the numbers of a step in it."""
    names = symbolic_names(TEXT, str(at), str(at - 1))
    return render(_tidied(_with_step(expr, at)), names, TEXT)


def _with_step(expr: Expr, at: int) -> Expr:
    """Put the step's number in, and work what depends on nothing else."""
    if expr.free_symbols == {t}:
        return expr.subs(t, at).doit()
    if not expr.args:
        return expr
    return remade(expr, [_with_step(x, at) for x in expr.args])


def _tidied(expr: Expr) -> Expr:
    """Leave out factors 1 and terms 0, for people: nothing else is simplified."""
    args = [_tidied(x) for x in expr.args]
    if isinstance(expr, Mul):
        args = [Integer(0)] if 0 in args else [x for x in args if x != 1] or [Integer(1)]
    elif isinstance(expr, Add):
        args = [x for x in args if x != 0] or [Integer(0)]
    elif not args or (isinstance(expr, Pow) and args[0] == 1):
        return args[0] if args else expr
    elif isinstance(expr, Pow) and isinstance(args[0], Pow) and args[1] == args[0].exp == -1:
        return args[0].base
    if len(args) == 1 and isinstance(expr, Add | Mul):
        return args[0]
    return remade(expr, args)
