"""A rule: an ordered list of symbolic lines, each with the place it was taken from.

A rule is data. It is proved about, printed, run in any arithmetic, and edited into a dialect or a
fault; nothing else in the package restates a formula of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, final

from sympy import Abs, Add, Expr, Max, Min, Mul, Piecewise, Pow, Rational, Symbol, evaluate

from adamref.errors import MissingInput, UnknownName
from adamref.rules import symbols
from adamref.rules.hyper import COMMON, Hyper
from adamref.rules.notation import LATEX, TEXT, render, symbolic_names
from adamref.spelling import printable_here


@final
@dataclass(frozen=True)
class Line:
    """One assignment of a rule.

    Attributes
    ----------
    name : str
        The field it defines, for example ``m_hat``.
    expr : sympy.Expr
        Its right-hand side, unevaluated, in the order of the source.
    says : str
        What the value is, in a few words.
    source : str
        Where the line was taken from.
    initial : int, str or None
        The value before step 1, where a later step asks for it; a name: that of theta ("theta") or
        of a hyperparameter, which it starts as; None: the caller gives it.
    """

    name: str
    expr: Expr
    says: str
    source: str
    initial: int | str | None = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "expr", symbols.interned(self.expr))

    @property
    def symbol(self) -> Symbol:
        """The symbol this line defines."""
        return symbols.current(self.name)

    def begun(self, known: Mapping[str, Any]) -> Any:
        """Return the value before step 1, of what is known by name: theta, hyperparameters.

        What the caller is to give is 0 here.
        """
        return known[self.initial] if isinstance(self.initial, str) else self.initial or 0

    def text(self) -> str:
        """Write the line in Unicode, for step t."""
        return self._write(TEXT)

    def latex(self) -> str:
        """Write the line in LaTeX, for step t."""
        return self._write(LATEX)

    def _write(self, style: Any) -> str:
        names = symbolic_names(style)
        return f"{names(self.symbol)[0]} = {render(self.expr, names, style)}"

    def __repr__(self) -> str:
        return f"<Line {self.text()}>"

    def __str__(self) -> str:
        return printable_here(repr(self))

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"


@final
@dataclass(frozen=True)
class Rule:
    """An optimizer's update of one parameter by one gradient.

    Attributes
    ----------
    name : str
        For example ``adam``.
    title : str
        For people.
    lines : tuple of Line
        In the order in which they are worked. The last one defines ``theta``, unless the rule is
        an average only.
    source : str
        Paper and section.
    defaults : mapping of str to str
        Published default hyperparameters, as decimal strings. Its keys are the rule's
        hyperparameters.
    dialect : mapping of str to str
        Which legitimate variant this is, axis by axis; the axes that do not apply are absent.
    own : tuple of Hyper
        The hyperparameters that are not, or not so, among the common ones of
        `adamref.rules.hyper`; a dialect need not have them all.

    Raises
    ------
    MissingInput
        If a hyperparameter is neither a common one nor among its own.
    """

    name: str
    title: str
    lines: tuple[Line, ...]
    source: str
    defaults: Mapping[str, str]
    dialect: Mapping[str, str] = field(default_factory=dict)
    own: tuple[Hyper, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "defaults", MappingProxyType(dict(self.defaults)))
        object.__setattr__(self, "dialect", MappingProxyType(dict(self.dialect)))
        names = [line.name for line in self.lines]
        assert len(set(names)) == len(names), f"a field is defined twice: {names}"
        for name in self.defaults.keys() - COMMON.keys() - {hyper.name for hyper in self.own}:
            says = f"{self.name} has it and should declare it among its own"
            raise MissingInput(f"the hyperparameter {name}", says)

    def __hash__(self) -> int:
        return hash((self.name, self.lines, self.source, *self.defaults.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        plain = (dict(self.defaults), dict(self.dialect))
        return Rule, (self.name, self.title, self.lines, self.source, *plain, self.own)

    @property
    def called(self) -> str:
        """What the rule is called in a sentence: its title, without what explains it."""
        return self.title.partition(":")[0]

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The names of a step's values in order: the gradient, then every line."""
        return ("g", *(line.name for line in self.lines))

    @cached_property
    def given(self) -> frozenset[str]:
        """The names that any line may use beside the lines above it."""
        before = (line.name + symbols.PREVIOUS for line in self.lines)
        return frozenset(("g", symbols.t.name, symbols.size.name, *self.defaults, *before))

    @cached_property
    def states(self) -> tuple[str, ...]:
        """The fields whose previous value a step needs, in the order of the lines."""
        used = {s.name for line in self.lines for s in line.expr.free_symbols}
        return tuple(x.name for x in self.lines if x.name + symbols.PREVIOUS in used)

    @cached_property
    def nonnegative(self) -> frozenset[str]:
        """The states that are >= 0 if they were before: sums, averages and maxima of such."""
        known = frozenset(n for n, hyper in self.hypers.items() if hyper.is_nonnegative)
        sure = set(self.states)
        while True:
            kept = {n for n in sure if _is_nonnegative(self.line(n).expr, known | sure)}
            if kept == sure:
                return frozenset(kept)
            sure = kept

    @cached_property
    def hypers(self) -> Mapping[str, Hyper]:
        """The hyperparameters by name, each with its domain."""
        known = {**COMMON, **{hyper.name: hyper for hyper in self.own}}
        return MappingProxyType({name: known[name] for name in self.defaults})

    @cached_property
    def reduces(self) -> bool:
        """Whether some line asks for all elements of a tensor at once."""
        return any(line.expr.has(symbols.Total) for line in self.lines)

    def lacking(self) -> Iterator[str]:
        """Say what a step would ask for in vain: each name that stands for nothing, and where."""
        known = {*self.given}
        for line in self.lines:
            for name in sorted({s.name for s in line.expr.free_symbols} - known):
                yield f"{name} in the line of {line.name} is no hyperparameter or earlier field"
            known.add(line.name)

    def resting(self, name: str) -> tuple[list[str], list[str]]:
        """Return the fields on which one rests, itself too: of its own step, and of those before.

        Raises
        ------
        UnknownName
            If the rule has no such line.
        """
        now = self._spoken_of([name], ("",))
        names = self._names(now)
        states = [line.name for line in self.lines if line.name + symbols.PREVIOUS in names]
        return now, self._spoken_of(states, ("", symbols.PREVIOUS))

    def _spoken_of(self, found: list[str], endings: tuple[str, ...]) -> list[str]:
        """Return fields, and all those of which their lines speak with one of the endings."""
        while True:
            names = self._names(found)
            more = [
                line.name
                for line in self.lines
                if line.name not in found and any(line.name + end in names for end in endings)
            ]
            if not more:
                return found
            found = [*found, *more]

    def _names(self, fields: list[str]) -> set[str]:
        return {symbol.name for one in fields for symbol in self.line(one).expr.free_symbols}

    def line(self, name: str) -> Line:
        """Return the line that defines a field.

        Raises
        ------
        UnknownName
            If the rule has no such line.
        """
        for line in self.lines:
            if line.name == name:
                return line
        raise UnknownName("line", name, tuple(line.name for line in self.lines))

    def edited(self, **expressions: Expr) -> Rule:
        """Return the rule with the right-hand sides of some lines replaced."""
        for name in expressions:
            self.line(name)
        lines = tuple(
            replace(line, expr=expressions[line.name]) if line.name in expressions else line
            for line in self.lines
        )
        return replace(self, lines=lines)

    def substituted(self, old: Symbol, new: Expr, *names: str) -> Rule:
        """Return the rule with a symbol replaced on the right of some lines, or of all."""
        with evaluate(False):
            return self.edited(
                **{
                    line.name: line.expr.xreplace({old: new})
                    for line in self.lines
                    if not names or line.name in names
                }
            )

    def inserted(self, line: Line, *, before: str) -> Rule:
        """Return the rule with one more line, placed before a named one."""
        at = self.lines.index(self.line(before))
        return replace(self, lines=(*self.lines[:at], line, *self.lines[at:]))

    def text(self) -> str:
        """Write the rule's lines in Unicode, one below the other."""
        return "\n".join(line.text() for line in self.lines)

    def latex(self) -> str:
        """Write the rule as one LaTeX ``aligned`` block."""
        rows = (line.latex().replace(" = ", " &= ", 1) for line in self.lines)
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    def __repr__(self) -> str:
        axes = "".join(f", {axis}={value}" for axis, value in self.dialect.items())
        body = "".join(f"\n    {line.text()}" for line in self.lines)
        return f"<Rule {self.name}{axes}{body}>"

    def __str__(self) -> str:
        return printable_here(repr(self))

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"


def _is_rate(name: str) -> bool:
    return name.startswith("beta") or name in symbols.CHANGING_RATES


def _is_nonnegative(expr: Expr, known: frozenset[str]) -> bool:
    """Say whether an expression is built so that it is >= 0, if some names stand for such."""
    if isinstance(expr, Symbol):
        name = expr.name.removesuffix(symbols.PREVIOUS)
        return name in known or name in symbols.CHANGING_RATES
    if isinstance(expr, Rational):
        return bool(expr >= 0)
    if isinstance(expr, Abs) or (isinstance(expr, Pow) and expr.exp % 2 == 0):
        return True
    if isinstance(expr, Piecewise):
        return all(_is_nonnegative(value, known) for value, _ in expr.args)
    parts = [_is_nonnegative(x, known) for x in expr.args]
    if isinstance(expr, Max):
        return any(parts)
    if isinstance(expr, Add) and len(expr.args) == 2 and expr.args[0] == 1:
        # The complement of a decay rate.
        rate = -expr.args[1]
        return all(parts) or (isinstance(rate, Symbol) and _is_rate(rate.name))
    return isinstance(expr, Add | Mul | Min | Pow) and all(parts)
