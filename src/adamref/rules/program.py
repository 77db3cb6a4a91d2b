"""Turning a rule's lines into a short program that any carrier can run.

The expressions are walked once; each distinct subexpression becomes one operation. Three shapes get
inputs of their own, because an implementation may hold other numbers there than the reals would
give (see `adamref.conventions`):

- ``1 - beta`` on its own: the *complement* of a decay rate;
- ``beta**t``: the *base* of a power;
- ``1 - beta**t``: as above, and never computed by a cancelling subtraction.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, final

from sympy import Abs, Add, E, Expr, Max, Mul, Pow, Rational, Symbol, exp, log

from adamref.rules.straight import straight_line

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Mapping, Sequence

    from adamref.numbers.carrier import Carrier
    from adamref.numbers.exact import Extended
    from adamref.rules.rule import Rule
    from adamref.rules.straight import Straight

COMPLEMENT = ".complement"
BASE = ".base"

_UNARY = {Abs: "magnitude", exp: "exponential", log: "logarithm"}


@final
@dataclass(frozen=True)
class Operation:
    """One instruction: a carrier's method, and where its operands are (register numbers)."""

    method: str
    operands: tuple[int, ...]
    exponent: Fraction | None = None

    def carried_out(self, carrier: Carrier, registers: Sequence[Any]) -> Any:
        """Do it in a carrier."""
        operands = [registers[i] for i in self.operands]
        if self.exponent is not None:
            operands.append(self.exponent)
        return getattr(carrier, self.method)(*operands)


@final
@dataclass(frozen=True)
class Power:
    """An input raised to an exponent that depends on exact inputs only, such as ``beta**t``."""

    base: str | Fraction
    exponent: Expr
    from_one: bool

    @cached_property
    def symbols(self) -> frozenset[str]:
        """The names in its exponent."""
        return frozenset(s.name for s in self.exponent.free_symbols)


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
        self.operations: list[tuple[int, Operation]] = []
        self.outputs: dict[str, int] = {}
        self._seen: dict[Operation, int] = {}
        self._registers = 0
        for name, expr in outputs:
            self.outputs[name] = self._compile(expr)
        if wanted is not None:
            self.outputs = {name: at for name, at in self.outputs.items() if name in wanted}
        used = {at for _, operation in self.operations for at in operation.operands}
        self.ends = tuple(i for i, at in enumerate(self.outputs.values()) if at not in used)

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
        stage = self.stage(carrier).given(exacts, values)
        found = stage.run([values[name] for name in stage.inputs])
        return dict(zip(self.outputs, found, strict=True))

    def stage(self, carrier: Carrier) -> Stage:
        """Return the program in a carrier, with nothing but its constants known."""
        registers: list[Any] = [None] * self._registers
        for constant, at in self.constants.items():
            registers[at] = carrier.lift(constant)
        known = frozenset(self.constants.values())
        return Stage(carrier, self, registers, known, self.inputs, self.powers, self.operations)

    def _compile(self, expr: Expr) -> int:
        if isinstance(expr, Symbol):
            return self._input(expr.name)
        if isinstance(expr, Rational):
            return self._constant(Fraction(expr.p, expr.q))
        if expr == E:
            return self._operation(Operation("exponential", (self._constant(Fraction(1)),)))
        if isinstance(expr, Add):
            return self._sum(expr)
        if isinstance(expr, Mul):
            return self._product(expr.args)
        if isinstance(expr, Pow):
            return self._power(expr)
        if isinstance(expr, Max):
            first, *rest = (self._compile(a) for a in expr.args)
            for other in rest:
                first = self._operation(Operation("larger", (first, other)))
            return first
        if expr.func in _UNARY:
            return self._operation(Operation(_UNARY[expr.func], (self._compile(expr.args[0]),)))
        raise AssertionError(f"no carrier knows {expr.func.__name__}")

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
            total = self._operation(Operation("add", (total, self._compile(term))))
        return total

    def _product(self, factors: tuple[Expr, ...]) -> int:
        below = [f.base for f in factors if isinstance(f, Pow) and f.exp == -1]
        above = [f for f in factors if not (isinstance(f, Pow) and f.exp == -1)]
        negative = False
        if above and above[0] == -1:
            negative, above = True, above[1:]
        result = self._compile(above[0]) if above else self._constant(Fraction(1))
        for factor in above[1:]:
            result = self._operation(Operation("multiply", (result, self._compile(factor))))
        for divisor in below:
            result = self._operation(Operation("divide", (result, self._compile(divisor))))
        return self._operation(Operation("negate", (result,))) if negative else result

    def _power(self, expr: Pow) -> int:
        if power := _timed_power(expr, from_one=False):
            return self._timed(power)
        base = self._compile(expr.base)
        if expr.exp == Rational(1, 2):
            return self._operation(Operation("root", (base,)))
        exponent = expr.exp.doit()
        if not isinstance(exponent, Rational):
            # A variable exponent of an objective: x**y = exp(y * log(x)).
            scaled = Operation(
                "multiply",
                (self._compile(expr.exp), self._operation(Operation("logarithm", (base,)))),
            )
            return self._operation(Operation("exponential", (self._operation(scaled),)))
        return self._operation(Operation("power", (base,), Fraction(exponent.p, exponent.q)))

    def _input(self, name: str) -> int:
        if name in self.outputs:
            return self.outputs[name]
        return self.inputs.setdefault(name, self._claim(name not in self.inputs))

    def _constant(self, value: Fraction) -> int:
        return self.constants.setdefault(value, self._claim(value not in self.constants))

    def _timed(self, power: Power) -> int:
        return self.powers.setdefault(power, self._claim(power not in self.powers))

    def _operation(self, operation: Operation) -> int:
        if operation not in self._seen:
            self._seen[operation] = self._claim(True)
            self.operations.append((self._seen[operation], operation))
        return self._seen[operation]

    def _claim(self, new: bool) -> int:
        if new:
            self._registers += 1
        return self._registers - 1


@final
class Stage:
    """A program in a carrier, as far as it can be carried out with what is known.

    Parameters
    ----------
    carrier : Carrier
    program : Program
    registers : sequence
        Carrier values, where they are known.
    known : frozenset of int
        Where.
    inputs, powers : mapping
        Those that are not known yet, and where they go.
    operations : sequence of (int, Operation)
        What is left to do.
    alike : Stage, optional
        One that has the same left to do, with less known.
    """

    def __init__(
        self,
        carrier: Carrier,
        program: Program,
        registers: Sequence[Any],
        known: frozenset[int],
        inputs: Mapping[str, int],
        powers: Mapping[Power, int],
        operations: Sequence[tuple[int, Operation]],
        alike: Stage | None = None,
    ) -> None:
        self._carrier = carrier
        self._program = program
        self._registers = list(registers)
        self.known = known
        self._inputs = inputs
        self._powers = powers
        self._operations = operations
        self._alike = alike

    @cached_property
    def straight(self) -> Straight | None:
        """What is left as a function; None if the carrier has none, or something is not finite."""
        new = self.known if self._alike is None else self.known - self._alike.known
        if not self._carrier.all_finite(self._registers[at] for at in new):
            return None
        if self._alike is not None:
            return self._alike.straight
        places, results = tuple(self._inputs.values()), tuple(self._program.outputs.values())
        return straight_line(self._operations, places, results, self._carrier.plain)

    def given(self, exacts: Mapping[str, Extended], varying: Container[str] = ()) -> Stage:
        """Carry out what follows from some exact numbers; the rest waits for more.

        Parameters
        ----------
        exacts : mapping of str to exact numbers
            As for `Program.run`.
        varying : container of str
            Inputs that stay open all the same, to be given to `run`.
        """
        carrier, registers, known = self._carrier, self._registers.copy(), set(self.known)
        inputs, powers, left = {}, {}, []
        for name, at in self._inputs.items():
            value = None if name in varying else _exact_input(name, exacts)
            if value is None:
                inputs[name] = at
            else:
                registers[at] = carrier.lift(value)
                known.add(at)
        for power, at in self._powers.items():
            base = _exact_input(power.base, exacts) if isinstance(power.base, str) else power.base
            if base is None or not power.symbols <= exacts.keys():
                powers[power] = at
            else:
                exponent = evaluate_exactly(power.exponent, exacts)
                raised = carrier.one_minus_power if power.from_one else carrier.exact_power
                registers[at] = raised(base, exponent)
                known.add(at)
        for at, operation in self._operations:
            if known.issuperset(operation.operands):
                registers[at] = operation.carried_out(carrier, registers)
                known.add(at)
            else:
                left.append((at, operation))
        same = len(left) == len(self._operations) and inputs.keys() == self._inputs.keys()
        return Stage(
            carrier,
            self._program,
            registers,
            frozenset(known),
            inputs,
            powers,
            left,
            self if same else None,
        )

    def run(self, values: Sequence[Any]) -> list[Any]:
        """Carry out the rest.

        Parameters
        ----------
        values : sequence of carrier values
            For `inputs`, in that order.

        Returns
        -------
        list
            A carrier value for each output of the program, in order.

        Raises
        ------
        KeyError
            If the base or the exponent of a power was not given.
        """
        for power in self._powers:
            raise KeyError(power.base)
        registers = self._registers.copy()
        for at, value in zip(self._inputs.values(), values, strict=True):
            registers[at] = value
        for (at, operation), done_with in zip(self._operations, self._released, strict=True):
            registers[at] = operation.carried_out(self._carrier, registers)
            for i in done_with:
                registers[i] = None
        return [registers[at] for at in self._program.outputs.values()]

    @cached_property
    def _released(self) -> list[list[int]]:
        """For each operation that is left, the registers that nothing needs after it."""
        needed = set(self._program.outputs.values())
        released = []
        for _, operation in reversed(self._operations):
            fresh = set(operation.operands) - needed
            needed |= fresh
            released.append(sorted(fresh))
        return released[::-1]

    def run_all(self, columns: Sequence[Sequence[Any]]) -> list[list[Any]]:
        """Carry out the rest for many elements at once.

        Parameters
        ----------
        columns : sequence of sequences of carrier values
            For `inputs`, in that order, a value an element.

        Returns
        -------
        list of list
            For each output of the program, a carrier value an element.
        """
        found = None if self._powers else self._run_straight(columns)
        if found is not None:
            return found
        rows = [self.run(values) for values in zip(*columns, strict=True)]
        return [list(column) for column in zip(*rows, strict=True)]

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs that are not known."""
        return tuple(self._inputs)

    def _run_straight(self, columns: Sequence[Sequence[Any]]) -> list[list[Any]] | None:
        """Carry out the rest without a look at each value; None if one was not finite."""
        if self.straight is None or not all(map(self._carrier.all_finite, columns)):
            return None
        found = self.straight(self._registers, columns)
        ends = (found[i] for i in self._program.ends)
        return found if all(map(self._carrier.all_finite, ends)) else None


@lru_cache(maxsize=256)
def compiled(rule: Rule, wanted: tuple[str, ...] | None = None) -> Program:
    """Compile the lines of a rule; if only some fields are wanted, those up to the last of them."""
    lines = [(line.name, line.expr) for line in rule.lines]
    if wanted is not None:
        last = max(i for i, (name, _) in enumerate(lines) if name in wanted)
        lines = lines[: last + 1]
    return Program(lines, wanted)


def evaluate_exactly(expr: Expr, exacts: Mapping[str, Extended]) -> Fraction:
    """Evaluate an exponent, a polynomial in t and hyperparameters, in exact rationals."""
    if isinstance(expr, Symbol):
        value = exacts[expr.name]
        return value if isinstance(value, Fraction) else Fraction(value)
    if isinstance(expr, Rational):
        return Fraction(expr.p, expr.q)
    parts = [evaluate_exactly(a, exacts) for a in expr.args]
    if isinstance(expr, Add):
        return sum(parts, Fraction(0))
    assert isinstance(expr, Mul), expr
    product = Fraction(1)
    for part in parts:
        product *= part
    return product


def _exact_input(name: str, exacts: Mapping[str, Extended]) -> Extended | None:
    """Return what is given for an input; None if nothing is."""
    if name in exacts:
        return exacts[name]
    if name.endswith(COMPLEMENT):
        rate = exacts.get(name.removesuffix(COMPLEMENT))
        return None if rate is None else 1 - rate
    return exacts.get(name.removesuffix(BASE))


def _negated(term: Expr) -> Expr | None:
    """Return x where a term is -1 times x."""
    if isinstance(term, Mul) and term.args[0] == -1:
        rest = term.args[1:]
        return rest[0] if len(rest) == 1 else Mul(*rest, evaluate=False)
    return None


def _timed_power(expr: Expr, *, from_one: bool) -> Power | None:
    """Recognise an exact base raised to an exponent in which t stands."""
    if not isinstance(expr, Pow) or "t" not in {s.name for s in expr.exp.free_symbols}:
        return None
    if isinstance(expr.base, Symbol) and expr.base.name.startswith("beta"):
        return Power(expr.base.name + BASE, expr.exp, from_one)
    if isinstance(expr.base, Rational):
        return Power(Fraction(expr.base.p, expr.base.q), expr.exp, from_one)
    return None
