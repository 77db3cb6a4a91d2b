"""Orders of rounded operations, and the bound on their error that follows one by one.

The standard model (Higham 2002, section 2.2): an operation returns ``x (1 + d) + e`` instead of
x, with ``|d| <= u`` and ``|e| <= eta``. Rounding to nearest in a format of precision p with
subnormals satisfies it for ``u = 2^-p``, and for ``2^-p / (1 + 2^-p)`` too (Jeannerod & Rump
2018); eta is half the least positive number. A sum, a difference and a root of numbers of the
format do not underflow: there e = 0. Overflow is excluded. An operation within k ulps of the
right value, the ulp taken there, satisfies it with 2 k u and 2 k eta, so that k = 1/2 is IEEE
arithmetic; roots and quotients carry such a k, and powers.

An order of operations is that of `adamref.bounds.operations`. `Rounded.error` derives the
bound, and `Rounded.derivation` the proof: both go through the same formulas, which are theorems
themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from sympy import Abs, Expr, Integer, Symbol, sqrt

from adamref.bounds.operations import Operand, Operation, Value, operands, over_the_reals
from adamref.logic.instances import instance_of
from adamref.logic.magnitudes import Applied
from adamref.logic.proof import ProofStep
from adamref.logic.relations import ge, gt, le
from adamref.theorems.operations import (
    ULPS,
    absolute,
    eta,
    exact,
    held,
    off,
    relative,
    rounding_errors,
    size_of,
    symbol,
    u,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from sympy.core.relational import Relational
    from sympy.logic.boolalg import Boolean

    from adamref.theorems.record import Theorem

x, y, x_, y_ = (Symbol(name, real=True) for name in ("x", "y", "x'", "y'"))
"""In the theorems about one operation: exact values, and what was computed for them."""

a, b_, d, e, r, s = (Symbol(name, real=True) for name in ("a", "b", "d", "e", "r", "s"))
"""There: bounds on the errors of x and y; the two errors of an operation, and bounds on them."""


def after_rounding(size: Expr, error: Expr, grown: Expr, added: Expr) -> Expr:
    """Bound the error after a rounding of a value of that size that had an error before."""
    return (1 + grown) * error + grown * size + added


def of_product(one: Expr, error: Expr, other: Expr, its_error: Expr) -> Expr:
    """Bound the error of a product of two values with errors."""
    return Abs(one) * its_error + Abs(other) * error + error * its_error


def of_sum(error: Expr, its_error: Expr) -> Expr:
    """Bound the error of a sum or difference of two values with errors."""
    return error + its_error


def of_root(value: Expr, error: Expr) -> Expr:
    """Bound the error of a root of a value >= 0 that is at least as large as its error."""
    return error / (sqrt(value) + sqrt(value - error))


def of_small_root(error: Expr) -> Expr:
    """Bound the error of a root of any value >= 0."""
    return sqrt(error)


def of_quotient(one: Expr, error: Expr, other: Expr, its_error: Expr) -> Expr:
    """Bound the error of a quotient whose divisor is larger than its error."""
    return (error + Abs(one / other) * its_error) / (Abs(other) - its_error)


def propagated(
    kind: str, sizes: Sequence[Expr], errors: Sequence[Expr], least: Sequence[Expr] | None = None
) -> Expr:
    """Bound the error of an operation before it is rounded.

    Parameters
    ----------
    kind : str
    sizes, errors : sequence of Expr
        Of the operands: the exact values (or what their absolute values are at most), and bounds.
    least : sequence of Expr, optional
        What they are at least, for a divisor and under a root; default: `sizes`.
    """
    least = sizes if least is None else least
    match kind:
        case "product":
            return of_product(sizes[0], errors[0], sizes[1], errors[1])
        case "sum" | "difference":
            return of_sum(*errors)
        case "quotient":
            return of_quotient(sizes[0], errors[0], least[1], errors[1])
        case "root":
            return of_root(least[0], errors[0]) if errors[0] != 0 else Integer(0)
        case "stored" | "power":
            return errors[0]
    inner = of_product(sizes[0], errors[0], sizes[1], errors[1])
    return of_sum(inner, errors[2])


@final
class Rounded:
    """An order of operations with every rounding in it.

    Parameters
    ----------
    order : Value

    Attributes
    ----------
    order : Value
    errors : mapping of Operation to (Expr, Expr)
        The symbols of the errors of each rounding.
    """

    def __init__(self, order: Value) -> None:
        self.order = order
        self.errors = rounding_errors(order)

    def computed(self, value: Value | None = None) -> Expr:
        """Return what is computed, in terms of the errors of the roundings."""
        value = self.order if value is None else value
        if isinstance(value, Operation):
            grown, added = self.errors[value]
            return self.unrounded(value) * (1 + grown) + added
        assert isinstance(value, Operand)
        return held(value)

    def unrounded(self, operation: Operation) -> Expr:
        """Return what is computed before its last rounding."""
        return over_the_reals(operation.kind, tuple(map(self.computed, operation.of)), sqrt)

    def error(self, value: Value | None = None) -> Expr:
        """Derive a bound on the error."""
        value = self.order if value is None else value
        if isinstance(value, Operation):
            before = self.propagated(value)
            return after_rounding(size_of(value), before, relative(value), absolute(value))
        assert isinstance(value, Operand)
        return off(value)

    def propagated(self, operation: Operation) -> Expr:
        """Derive a bound on the error before the last rounding."""
        sizes = [exact(part) for part in operation.of]
        errors = [self.error(part) for part in operation.of]
        return propagated(operation.kind, sizes, errors)

    @property
    def exact(self) -> Expr:
        """What the order would give over the reals."""
        return exact(self.order)

    @property
    def size(self) -> Expr:
        """Its absolute value."""
        return size_of(self.order)

    @property
    def claim(self) -> Relational:
        """That the error is at most the bound."""
        return le(Abs(self.computed() - self.exact), self.error())

    @property
    def domain(self) -> tuple[Relational, ...]:
        """What is assumed of u, eta, the errors of roundings, and operands with errors."""
        found = [ge(u, 0), ge(eta, 0)]
        kinds = {operation.kind for operation in self.errors}
        found += [ge(ulps, 0) for kind, ulps in ULPS.items() if kind in kinds]
        for operation, (grown, added) in self.errors.items():
            found.append(le(Abs(grown), relative(operation)))
            if added != 0:
                found.append(le(Abs(added), absolute(operation)))
            if operation.kind == "quotient":
                divisor = operation.of[1]
                found.append(gt(Abs(exact(divisor)) - self.error(divisor), 0))
            if operation.kind == "root":
                (radicand,) = operation.of
                size, error = exact(radicand), self.error(radicand)
                if error == 0:
                    found.append(ge(size, 0))
                else:
                    found += [gt(size, 0), ge(size - error, 0), ge(self.computed(radicand), 0)]
        for operand in operands(self.order):
            if operand.computed:
                found.append(le(Abs(held(operand) - symbol(operand)), off(operand)))
            if operand.nonnegative:
                found.append(ge(symbol(operand), 0))
        return tuple(dict.fromkeys(found))

    def derivation(self, lemmas: Mapping[str, Theorem]) -> tuple[ProofStep, ...]:
        """Derive the claim, one operation after the other.

        Parameters
        ----------
        lemmas : mapping of str to Theorem
            The theorems about one operation: ``"rounding"`` and the kinds of operations.
        """
        return tuple(self._derived(lemmas))

    def _derived(self, lemmas: Mapping[str, Theorem]) -> Iterator[ProofStep]:
        shown: dict[Value, str] = {}
        said: dict[Boolean, str] = {}
        for number, operation in enumerate(self.errors, 1):
            before = yield from self._propagation(operation, number, lemmas, shown, said)
            step = self._rounding(operation, number, lemmas["rounding"], before)
            shown[operation] = said[step.claim] = step.name
            yield step

    def _propagation(
        self,
        operation: Operation,
        number: int,
        lemmas: Mapping[str, Theorem],
        shown: Mapping[Value, str],
        said: dict[Boolean, str],
    ) -> Generator[ProofStep, None, tuple[str, ...]]:
        """Say what the operation makes of the errors of its operands, if they have any.

        It returns the name of the step that says so; that may be an earlier one.
        """
        parts = [(exact(v), self.computed(v), self.error(v)) for v in operation.of]
        if all(error == 0 for _, _, error in parts):
            return ()
        kind, uses = (
            operation.kind,
            tuple(dict.fromkeys(shown[v] for v in operation.of if v in shown)),
        )
        if kind in {"fma", "fms", "fnma"}:
            one, other, added = parts
            product: tuple[Expr, Expr, Expr] = (one[0] * other[0], one[1] * other[1], Integer(0))
            if one[2] != 0 or other[2] != 0:
                step = _applied(
                    lemmas["product"], [one, other], f"errors of the product in {number}", uses
                )
                if (name := said.setdefault(step.claim, step.name)) == step.name:
                    yield step
                product = (*product[:2], of_product(one[0], one[2], other[0], other[2]))
                uses = (*(shown[v] for v in operation.of[2:] if v in shown), name)
            parts = [added, product] if kind == "fnma" else [product, added]
            kind = "sum" if kind == "fma" else "difference"
        step = _applied(lemmas[kind], parts, f"errors before {number}", uses)
        if (name := said.setdefault(step.claim, step.name)) == step.name:
            yield step
        return (name,)

    def _rounding(
        self, operation: Operation, number: int, lemma: Theorem, before: tuple[str, ...]
    ) -> ProofStep:
        grown, added = self.errors[operation]
        at = {
            x: exact(operation),
            x_: self.unrounded(operation),
            a: self.propagated(operation),
            d: grown,
            e: added,
            r: relative(operation),
            s: absolute(operation),
        }
        claim = instance_of(lemma.statement.claim, at)
        if operation.kind == "root":
            # A root is its own absolute value; SymPy writes |sqrt(x)| as sqrt(|x|).
            claim = le(claim.args[0], self.error(operation))
        return ProofStep(
            f"operation {number}",
            claim,
            f"The {_NAMES.get(operation.kind, operation.kind)} is rounded.",
            Applied(lemma, at, before),
        )


def _applied(
    lemma: Theorem, parts: list[tuple[Expr, Expr, Expr]], name: str, uses: tuple[str, ...]
) -> ProofStep:
    """Make the step that applies the theorem about an operation to values with errors."""
    at = dict(zip((x, x_, a, y, y_, b_), [part for group in parts for part in group], strict=False))
    return ProofStep(
        name,
        instance_of(lemma.statement.claim, at),
        "The errors so far go through the operation.",
        Applied(lemma, at, uses),
    )


_NAMES = {
    "fma": "fused multiply-add",
    "fms": "fused multiply-subtract",
    "fnma": "fused multiply-add",
    "stored": "number",
}
"""What an operation is called where that is not its kind."""
