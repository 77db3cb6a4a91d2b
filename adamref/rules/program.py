"""Turning a rule's lines into a short program that any carrier can run.

The expressions are walked once; each distinct subexpression becomes one operation. Three shapes get
inputs of their own, because an implementation may hold other numbers there than the reals would
give (see `adamref.conventions`):

- ``1 - beta`` on its own: the *complement* of a decay rate;
- ``beta**t``: the *base* of a power;
- ``1 - beta**t``: as above, and never computed by a cancelling subtraction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, final

from sympy import (
    Abs,
    Add,
    E,
    Expr,
    Ge,
    Gt,
    Le,
    Lt,
    Max,
    Min,
    Mul,
    Piecewise,
    Pow,
    Rational,
    Symbol,
    exp,
    log,
    sign,
    true,
)

from adamref.errors import CannotEvaluate
from adamref.rules.instructions import BASE, COMPLEMENT, MethodCall, Power
from adamref.rules.stage import Left, Stage
from adamref.rules.symbols import Total

if TYPE_CHECKING:
    from adamref.numbers.carrier import Carrier
    from adamref.numbers.exact import Extended
    from adamref.rules.rule import Rule

_UNARY = {
    Abs: "magnitude",
    exp: "exponential",
    log: "logarithm",
    sign: "signum",
    Total: "total",
}
_FOLDED = {Max: "larger", Min: "smaller"}


@final
class Program:
    """Expressions compiled to straight-line code over a carrier.

    Parameters
    ----------
    outputs : iterable of (str, sympy.Expr)
        Names and expressions, in order; later ones may use the symbols of earlier ones.
    wanted : collection of str, optional
        The names whose values are returned; default: all.
    """

    def __init__(
        self, outputs: Iterable[tuple[str, Expr]], wanted: Collection[str] | None = None
    ) -> None:
        self.inputs: dict[str, int] = {}
        self.constants: dict[Fraction, int] = {}
        self.powers: dict[Power, int] = {}
        self.operations: list[tuple[int, MethodCall]] = []
        self.outputs: dict[str, int] = {}
        self._seen: dict[MethodCall, int] = {}
        self._registers = 0
        for name, expr in outputs:
            self.outputs[name] = self._compile(expr)
        if wanted is not None:
            self.outputs = {name: at for name, at in self.outputs.items() if name in wanted}

    def run(
        self, carrier: Carrier, values: Mapping[str, Any], exacts: Mapping[str, Extended]
    ) -> dict[str, Any]:
        """Carry the program out.

        Parameters
        ----------
        carrier : Carrier
            The arithmetic.
        values : mapping of str to carrier values
            State and gradient, by symbol name.
        exacts : mapping of str to exact numbers
            Hyperparameters and t. ``beta1.complement`` and ``beta1.base`` may be among them; they
            default to ``1 - beta1`` and ``beta1``.

        Returns
        -------
        dict
            A carrier value for each output.
        """
        stage = self.stage(carrier).given(exacts, frozenset(values))
        found = stage.run([values[name] for name in stage.inputs])
        return dict(zip(self.outputs, found, strict=True))

    def stage(self, carrier: Carrier) -> Stage:
        """Return the program in a carrier, with nothing but its constants known."""
        registers: list[Any] = [None] * self._registers
        for constant, at in self.constants.items():
            registers[at] = carrier.lift(constant)
        return Stage(carrier, self._left, registers, tuple(self.constants.values()))

    @cached_property
    def _left(self) -> Left:
        known = frozenset(self.constants.values())
        outputs = tuple(self.outputs.values())
        return Left(self.inputs, self.powers, self.operations, outputs, known)

    def _compile(self, expr: Expr) -> int:
        if isinstance(expr, Symbol):
            return self._input(expr.name)
        if isinstance(expr, Rational):
            return self._constant(Fraction(expr.p, expr.q))
        if expr == E:
            return self._do("exponential", self._constant(Fraction(1)))
        if isinstance(expr, Add):
            return self._sum(expr)
        if isinstance(expr, Mul):
            return self._product(expr.args)
        if isinstance(expr, Pow):
            return self._power(expr)
        if expr.func in _FOLDED:
            first, *rest = (self._compile(a) for a in expr.args)
            for other in rest:
                first = self._do(_FOLDED[expr.func], first, other)
            return first
        if isinstance(expr, Piecewise):
            return self._choice(expr)
        if expr.func in _UNARY:
            return self._do(_UNARY[expr.func], self._compile(expr.args[0]))
        raise CannotEvaluate(str(expr), f"no arithmetic has the function {expr.func.__name__}")

    def _choice(self, expr: Piecewise) -> int:
        """Compile ``Piecewise((x, a > b), …, (y, True))``, from the last case backwards."""
        *cases, (otherwise, always) = expr.args
        if always != true:
            raise CannotEvaluate(str(expr), "its last case should hold otherwise")
        result = self._compile(otherwise)
        for value, condition in reversed(cases):
            if not isinstance(condition, Gt | Lt | Ge | Le):
                raise CannotEvaluate(str(condition), "a case should be an inequality")
            more, less = condition.gts, condition.lts
            made = self._compile(value)
            if isinstance(condition, Gt | Lt):
                parts = self._difference(more, less), made, result
            else:
                parts = self._difference(less, more), result, made
            result = self._do("chosen", *parts)
        return result

    def _difference(self, x: Expr, y: Expr) -> int:
        first = self._compile(x)
        if y == 0:
            return first
        negated = self._do("negate", self._compile(y))
        return negated if x == 0 else self._do("add", first, negated)

    def _sum(self, expr: Add) -> int:
        if len(expr.args) == 2 and expr.args[0] == 1:
            subtracted = _negated(expr.args[1])
            if isinstance(subtracted, Symbol) and subtracted.name.startswith("beta"):
                return self._input(subtracted.name + COMPLEMENT)
            if subtracted is not None and (power := _timed_power(subtracted, from_one=True)):
                return self._timed(power)
        first, *rest = expr.args
        total = self._compile(first)
        for term in rest:
            total = self._do("add", total, self._compile(term))
        return total

    def _product(self, factors: tuple[Expr, ...]) -> int:
        below = [f.base for f in factors if isinstance(f, Pow) and f.exp == -1]
        above = [f for f in factors if not (isinstance(f, Pow) and f.exp == -1)]
        negative = False
        if above and above[0] == -1:
            negative, above = True, above[1:]
        result = self._compile(above[0]) if above else self._constant(Fraction(1))
        for factor in above[1:]:
            result = self._do("multiply", result, self._compile(factor))
        for divisor in below:
            result = self._do("divide", result, self._compile(divisor))
        return self._do("negate", result) if negative else result

    def _power(self, expr: Pow) -> int:
        if power := _timed_power(expr, from_one=False):
            return self._timed(power)
        base = self._compile(expr.base)
        if expr.exp == Rational(1, 2):
            return self._do("root", base)
        exponent = expr.exp.doit()
        if not isinstance(exponent, Rational):
            # A variable exponent of an objective: x**y = exp(y * log(x)).
            scaled = self._do("multiply", self._compile(expr.exp), self._do("logarithm", base))
            return self._do("exponential", scaled)
        return self._do("power", base, exponent=Fraction(exponent.p, exponent.q))

    def _input(self, name: str) -> int:
        if name in self.outputs:
            return self.outputs[name]
        return self.inputs.setdefault(name, self._claim(name not in self.inputs))

    def _constant(self, value: Fraction) -> int:
        return self.constants.setdefault(value, self._claim(value not in self.constants))

    def _timed(self, power: Power) -> int:
        return self.powers.setdefault(power, self._claim(power not in self.powers))

    def _do(self, method: str, *operands: int, exponent: Fraction | None = None) -> int:
        """Return where the result of an operation stands, which is done once."""
        call = MethodCall(method, operands, exponent)
        if call not in self._seen:
            self._seen[call] = self._claim(True)
            self.operations.append((self._seen[call], call))
        return self._seen[call]

    def _claim(self, new: bool) -> int:
        if new:
            self._registers += 1
        return self._registers - 1


@lru_cache(maxsize=256)
def compiled(rule: Rule, wanted: tuple[str, ...] | None = None) -> Program:
    """Compile the lines of a rule; if only some fields are wanted, those up to the last of them."""
    lines = [(line.name, line.expr) for line in rule.lines]
    if wanted is not None:
        last = max(i for i, (name, _) in enumerate(lines) if name in wanted)
        lines = lines[: last + 1]
    return Program(lines, wanted)


@lru_cache(maxsize=8192)
def program_of(expr: Expr) -> Program:
    """Compile one expression; its output is called ``made``."""
    return Program([("made", expr)])


def _negated(term: Expr) -> Expr | None:
    """Return x where a term is -1 times x."""
    if isinstance(term, Mul) and term.args[0] == -1:
        rest = term.args[1:]
        return rest[0] if len(rest) == 1 else Mul(*rest, evaluate=False)
    return None


def _timed_power(expr: Expr, *, from_one: bool) -> Power | None:
    """Recognise a rate raised to a count, or an exact base to an exponent in which t stands."""
    names = {s.name for s in expr.exp.free_symbols} if isinstance(expr, Pow) else set()
    if names and isinstance(expr.base, Symbol) and expr.base.name.startswith("beta"):
        return Power(expr.base.name + BASE, expr.exp, from_one)
    if "t" in names and isinstance(expr.base, Rational):
        return Power(Fraction(expr.base.p, expr.base.q), expr.exp, from_one)
    return None
