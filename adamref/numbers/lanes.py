"""Operations on arrays, written down first: done for block after block by what does them fastest.

A `Lane` stands for one float64 number an element. Its operators put an operation on a `Tape`; of
two that are the same there is one. `adamref.numbers.replay` carries a tape out with NumPy, in
buffers that are used again, `adamref.numbers.compiled` with LLVM.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, final

from adamref.numbers import double_double

if TYPE_CHECKING:
    from adamref.numbers.formats import Format

Number: TypeAlias = "Lane | float"
"""One number an element, or one for all."""
Operand: TypeAlias = "int | float"
"""On a tape: the number of a lane, or a number for all elements."""


class Instruction(NamedTuple):
    """What is done, to what, and which lanes it makes; ``fmt`` is what it rounds to."""

    name: str
    operands: tuple[Operand, ...]
    made: tuple[int, ...]
    fmt: Format | None = None


@final
class Lane:
    """One float64 number an element."""

    __slots__ = ("at", "tape")

    def __init__(self, tape: Tape, at: int) -> None:
        self.tape = tape
        self.at = at

    def __add__(self, other: Number) -> Lane:
        return self.tape.one("add", self, other)

    def __radd__(self, other: float) -> Lane:
        return self.tape.one("add", other, self)

    def __sub__(self, other: Number) -> Lane:
        return self.tape.one("subtract", self, other)

    def __rsub__(self, other: float) -> Lane:
        return self.tape.one("subtract", other, self)

    def __mul__(self, other: Number) -> Lane:
        return self.tape.one("multiply", self, other)

    def __rmul__(self, other: float) -> Lane:
        return self.tape.one("multiply", other, self)

    def __truediv__(self, other: Number) -> Lane:
        return self.tape.one("divide", self, other)

    def __rtruediv__(self, other: float) -> Lane:
        return self.tape.one("divide", other, self)

    def __neg__(self) -> Lane:
        return self.tape.one("negate", self)

    def __abs__(self) -> Lane:
        return self.tape.one("magnitude", self)

    def root(self) -> Lane:
        """Take the square root."""
        return self.tape.one("root", self)

    def binade(self) -> Lane:
        """Take the greatest power of two not above the magnitude; inf for 0.

        Of what is below ``2**-1022`` it is 0.
        """
        return self.tape.one("binade", self)

    def with_sign_of(self, other: Lane) -> Lane:
        """Take the magnitude of this and the sign of another."""
        return self.tape.one("copysign", self, other)

    def choose(self, one: Number, other: Number) -> Lane:
        """Take the one where this is >= 0, the other elsewhere."""
        return self.tape.one("choose", self, one, other)

    def unless_zero(self, other: Lane) -> Lane:
        """Take this, but another where this is 0 or -0."""
        return self.tape.one("unless_zero", self, other)

    def rounded(self, fmt: Format) -> Lane:
        """Round to a format, once, to nearest with ties to even."""
        return self.tape.one("rounded", self, fmt=fmt)

    def same(self, other: Lane) -> Lane:
        """Say where two are the same number, with the same sign; nan is none."""
        return self.tape.one("same", self, other)


@final
class Tape:
    """Operations in the order in which they are done.

    Parameters
    ----------
    whole : bool
        Whether an exact sum or product is one operation, or several of float64 numbers.
    """

    def __init__(self, *, whole: bool = False) -> None:
        self.whole = whole
        self.inputs: list[Lane] = []
        self.instructions: list[Instruction] = []
        self._lanes = 0
        self._seen: dict[Any, tuple[Lane, ...]] = {}

    def input(self) -> Lane:
        """Take one more array of numbers."""
        lane = self._new()
        self.inputs.append(lane)
        return lane

    def one(self, name: str, *operands: Number, fmt: Format | None = None) -> Lane:
        """Put an operation with one result on the tape."""
        return self.put(name, operands, fmt=fmt)[0]

    def put(
        self, name: str, operands: Sequence[Number], *, results: int = 1, fmt: Format | None = None
    ) -> tuple[Lane, ...]:
        """Put an operation on the tape, if it is not there."""
        key: list[Any] = [name, fmt]
        at: list[Operand] = []
        for x in operands:
            if isinstance(x, Lane):
                at.append(x.at)
                key.append(x.at)
            else:
                # As a pair it is never taken for a lane, nor 0.0 for -0.0.
                at.append(x)
                key.append((x, math.copysign(1, x)))
        seen = tuple(key)
        if seen not in self._seen:
            made = tuple([self._new() for _ in range(results)])
            self.instructions.append(Instruction(name, tuple(at), tuple([x.at for x in made]), fmt))
            self._seen[seen] = made
        return self._seen[seen]

    def needed(self, outputs: Iterable[Number]) -> list[Instruction]:
        """Return the instructions that the outputs depend on."""
        wanted = {x.at for x in outputs if isinstance(x, Lane)}
        kept = []
        for instruction in reversed(self.instructions):
            if not wanted.isdisjoint(instruction.made):
                kept.append(instruction)
                wanted.update([x for x in instruction.operands if isinstance(x, int)])
        return kept[::-1]

    def _new(self) -> Lane:
        self._lanes += 1
        return Lane(self, self._lanes - 1)


def magnitude(a: Number) -> Number:
    """Take the absolute value."""
    return abs(a) if isinstance(a, Lane) else math.fabs(a)


def larger(a: Number, b: Number) -> Lane:
    """Take the greater of two; nan if one is. One of the two is a lane."""
    return _tape(a, b).one("larger", a, b)


def smaller(a: Number, b: Number) -> Number:
    """Take the lesser of two; nan if one is."""
    if isinstance(a, Lane) or isinstance(b, Lane):
        return _tape(a, b).one("smaller", a, b)
    return min(a, b)


def two_sum(a: Number, b: Number) -> tuple[Lane, Lane]:
    """Return the rounded sum and its error; exact. One of the two is a lane."""
    return _exactly("two_sum", a, b)


def two_product(a: Number, b: Number) -> tuple[Lane, Lane]:
    """Return the rounded product and its error; exact. One of the two is a lane."""
    return _exactly("two_product", a, b)


def two_square(a: Lane) -> tuple[Lane, Lane]:
    """Return the rounded square and its error; exact."""
    return _exactly("two_square", a)


_IN_PARTS: Mapping[str, Callable[..., Any]] = {
    "two_sum": double_double.two_sum,
    "two_product": double_double.two_product,
    "two_square": double_double.two_square,
}


def _exactly(name: str, *operands: Number) -> tuple[Lane, Lane]:
    tape = _tape(*operands)
    if tape.whole:
        high, low = tape.put(name, operands, results=2)
    else:
        high, low = _IN_PARTS[name](*operands)
    return high, low


def _tape(*operands: Number) -> Tape:
    return next(x.tape for x in operands if isinstance(x, Lane))
