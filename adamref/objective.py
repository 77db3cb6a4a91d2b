"""An objective whose derivative supplies the gradients: the closed loop."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, final

from sympy import Abs, Derivative, E, Expr, Function, Rational, Symbol, diff, exp, log, sign

from adamref.errors import CannotEvaluate, OutOfDomain, ShapeMismatch, UnknownName
from adamref.rules.program import Program

if TYPE_CHECKING:
    from adamref.numbers.carrier import Carrier


@final
class Objective:
    """A function of the parameters, given as an expression.

    Parameters
    ----------
    expression : str or sympy.Expr
        For example ``"(3*w - 4)**2"``. Text is read by adamref's own grammar and never evaluated as
        code; sqrt, exp, log and abs are known, decimals are exact.
    names : sequence of str, optional
        The variables in the order of the parameters; needed if there are several. Default: the only
        variable, or all of them in order of first appearance.

    Raises
    ------
    Unparsable
        If the text is not an expression.
    UnknownName
        If a variable of the expression is not among ``names``.
    OutOfDomain
        If two of the names are the same.

    >>> Objective("(3*w - 4)**2").gradient
    (18*w - 24,)
    """

    def __init__(self, expression: str | Expr, names: Sequence[str] | None = None) -> None:
        if isinstance(expression, str):
            # The grammar takes a tenth of a second to load: only for who has text.
            from adamref.expressions.parser import parse
            from adamref.expressions.symbolic import to_sympy, variables

            tree = parse(expression)
            self.variables = tuple(names) if names is not None else variables(tree)
            self.symbols = {name: Symbol(name, real=True) for name in self.variables}
            self.expr = to_sympy(tree, self.symbols)
        else:
            free = sorted(expression.free_symbols, key=lambda s: s.name)
            self.variables = tuple(names) if names is not None else tuple(s.name for s in free)
            self.symbols = {s.name: s for s in free}
            for symbol in free:
                if symbol.name not in self.variables:
                    raise UnknownName("variable", symbol.name, self.variables)
            self.expr = expression
        if len(set(self.variables)) != len(self.variables):
            raise OutOfDomain("names", self.variables, "distinct")
        self.text = str(expression)

    @cached_property
    def gradient(self) -> tuple[Expr, ...]:
        """The partial derivatives, in the order of the variables.

        Raises
        ------
        CannotEvaluate
            If one is not an expression in the functions that are known.
        """
        parts = []
        for name in self.variables:
            symbol = self.symbols.get(name, Symbol(name, real=True))
            part = diff(self.expr, symbol).replace(sign, lambda x: x / Abs(x))
            strange = {a for a in part.atoms() if not isinstance(a, Symbol | Rational) and a != E}
            if strange or part.has(Derivative) or part.atoms(Function) - part.atoms(*_KNOWN):
                raise CannotEvaluate(f"the derivative by {name}", f"it is {part}")
            parts.append(part)
        return tuple(parts)

    @cached_property
    def _program(self) -> Program:
        # Names of its own: beta and t would mean the rule's.
        own = {
            self.symbols[n]: Symbol(f"x{i}")
            for i, n in enumerate(self.variables)
            if n in self.symbols
        }
        return Program((f"d{i}", part.xreplace(own)) for i, part in enumerate(self.gradient))

    def at(self, carrier: Carrier, theta: Sequence[Any]) -> list[Any]:
        """Return the gradient at a point, in a carrier's values.

        Raises
        ------
        ShapeMismatch
            If the point has not as many coordinates as there are variables.
        """
        if len(theta) != len(self.variables):
            raise ShapeMismatch(
                "theta", (len(theta),), (len(self.variables),), "the objective's variables"
            )
        values = {f"x{i}": value for i, value in enumerate(theta)}
        found = self._program.run(carrier, values, {})
        return [found[f"d{i}"] for i in range(len(theta))]

    def __repr__(self) -> str:
        return f"<Objective {self.text} of {', '.join(self.variables)}>"


_KNOWN = (exp, log, Abs)
