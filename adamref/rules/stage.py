"""A program in a carrier: carried out as far as what is known goes, then for many elements.

What depends on the hyperparameters alone is done once for all steps, what depends on t once for all
elements of a step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, final

from adamref.numbers.carrier import Carrier, Finite
from adamref.numbers.operations import REDUCTIONS
from adamref.rules.instructions import MethodCall, Power, Raised, exact_input
from adamref.rules.straight import Straight, straight_line

if TYPE_CHECKING:
    from adamref.numbers.exact import Extended


@final
class Left:
    """What is left to do of a program, whatever the numbers are.

    Parameters
    ----------
    inputs, powers : mapping
        Those that are not known, and where they go.
    operations : sequence of (int, MethodCall)
    outputs : tuple of int
        Where the results will be.
    known : frozenset of int
        The registers that are filled.
    """

    def __init__(
        self,
        inputs: Mapping[str, int],
        powers: Mapping[Power, int],
        operations: Sequence[tuple[int, MethodCall]],
        outputs: tuple[int, ...],
        known: frozenset[int],
    ) -> None:
        self.inputs = inputs
        self.powers = powers
        self.operations = operations
        self.outputs = outputs
        self._known = known
        self._after: dict[tuple[tuple[str, ...], frozenset[str]], Advance] = {}
        self._straight: dict[type, Straight | None] = {}

    def after(self, exacts: Mapping[str, Extended], varying: frozenset[str]) -> Advance:
        """Say what follows from exact numbers of some names, and what is left then."""
        key = tuple(exacts), varying
        if key not in self._after:
            self._after[key] = self._advance(exacts, varying)
        return self._after[key]

    def _advance(self, exacts: Mapping[str, Extended], varying: frozenset[str]) -> Advance:
        def is_given(name: str) -> bool:
            return name not in varying and exact_input(name, exacts) is not None

        known = set(self._known)
        inputs = [(name, at) for name, at in self.inputs.items() if is_given(name)]
        powers = [
            power.among(exacts, at)
            for power, at in self.powers.items()
            if power.symbols <= exacts.keys()
            and (isinstance(power.base, Fraction) or exact_input(power.base, exacts) is not None)
        ]
        known.update(at for _, at in inputs)
        known.update(power.at for power in powers)
        done, left = [], []
        for at, operation in self.operations:
            if known.issuperset(operation.operands) and operation.method not in REDUCTIONS:
                known.add(at)
                done.append((at, operation))
            else:
                left.append((at, operation))
        rest = Left(
            {name: at for name, at in self.inputs.items() if at not in known},
            {power: at for power, at in self.powers.items() if at not in known},
            left,
            self.outputs,
            frozenset(known),
        )
        return Advance(inputs, powers, done, tuple(known - self._known), rest)

    @cached_property
    def released(self) -> list[list[int]]:
        """For each operation, the registers that nothing needs after it."""
        needed = set(self.outputs)
        released = []
        for _, operation in reversed(self.operations):
            fresh = set(operation.operands) - needed
            needed |= fresh
            released.append(sorted(fresh))
        return released[::-1]

    @cached_property
    def reduces(self) -> bool:
        """Whether some operation needs all elements of a tensor at once."""
        return any(operation.method in REDUCTIONS for _, operation in self.operations)

    @cached_property
    def ends(self) -> tuple[int, ...]:
        """Which outputs no operation that is left reads."""
        read = {at for _, operation in self.operations for at in operation.operands}
        return tuple(i for i, at in enumerate(self.outputs) if at not in read)

    def straight(self, carrier: Carrier) -> Straight | None:
        """Return it as one function for many elements; None if the carrier has none."""
        kind = type(carrier)
        if kind not in self._straight:
            places = tuple(self.inputs.values())
            self._straight[kind] = straight_line(
                self.operations, places, self.outputs, carrier.plain
            )
        return self._straight[kind]


@final
@dataclass(frozen=True)
class Advance:
    """What can be done once some names are known: which registers it makes, and what is left."""

    inputs: Sequence[tuple[str, int]]
    powers: Sequence[Raised]
    operations: Sequence[tuple[int, MethodCall]]
    made: tuple[int, ...]
    left: Left


@final
class Stage:
    """A program in a carrier, as far as it can be carried out with what is known.

    Parameters
    ----------
    carrier : Carrier
    left : Left
        What is not done yet.
    registers : sequence
        Carrier values, where they are known.
    made : tuple of int
        Which of them are new.
    before : Stage, optional
        The one in which the others were made.
    """

    def __init__(
        self,
        carrier: Carrier,
        left: Left,
        registers: list[Any],
        made: tuple[int, ...],
        before: Stage | None = None,
    ) -> None:
        self._carrier = carrier
        self._left = left
        self._registers = registers
        self._made = made
        self._before = before
        self._finite: bool | None = None

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs that are not known."""
        return tuple(self._left.inputs)

    def is_finite(self) -> bool:
        """Say whether all that is known is a finite number."""
        if self._finite is None:
            known = [self._registers[at] for at in self._made]
            outside = self._before is None or self._before.is_finite()
            self._finite = outside and self._carrier.all_finite(known)
        return self._finite

    def given(self, exacts: Mapping[str, Extended], varying: frozenset[str] = frozenset()) -> Stage:
        """Carry out what follows from some exact numbers; the rest waits for more.

        Parameters
        ----------
        exacts : mapping of str to exact numbers
            As for `Program.run`.
        varying : frozenset of str
            Inputs that stay open all the same, to be given to `run`.
        """
        carrier, registers = self._carrier, self._registers.copy()
        advance = self._left.after(exacts, varying)
        for name, at in advance.inputs:
            registers[at] = carrier.lift(exact_input(name, exacts))  # type: ignore[arg-type]
        for power in advance.powers:
            registers[power.at] = power.carried_out(carrier, exacts)
        for at, operation in advance.operations:
            registers[at] = operation.carried_out(carrier, registers)
        return Stage(carrier, advance.left, registers, advance.made, self)

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
        left = self._left
        for power in left.powers:
            raise KeyError(power.base)
        registers = self._registers.copy()
        for at, value in zip(left.inputs.values(), values, strict=True):
            registers[at] = value
        for (at, operation), done_with in zip(left.operations, left.released, strict=True):
            registers[at] = operation.carried_out(self._carrier, registers)
            for i in done_with:
                registers[i] = None
        return [registers[at] for at in left.outputs]

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
        if self._left.reduces:
            return self._run_together(columns)
        found = None if self._left.powers else self._run_straight(columns)
        if found is not None:
            return found
        rows = [self.run(values) for values in zip(*columns, strict=True)]
        return [list(column) for column in zip(*rows, strict=True)]

    def _run_together(self, columns: Sequence[Sequence[Any]]) -> list[list[Any]]:
        """Carry out the rest operation by operation: some need all elements at once."""
        left, count = self._left, len(columns[0])
        made: dict[int, Sequence[Any]] = dict(zip(left.inputs.values(), columns, strict=True))

        def column(at: int) -> Sequence[Any]:
            return made[at] if at in made else [self._registers[at]] * count

        for at, operation in left.operations:
            made[at] = operation.of_all(self._carrier, [column(i) for i in operation.operands])
        return [list(column(at)) for at in left.outputs]

    def _run_straight(self, columns: Sequence[Sequence[Any]]) -> list[list[Any]] | None:
        """Carry out the rest without a look at each value; None if one was not finite."""
        straight = self._left.straight(self._carrier)
        if straight is None or not self.is_finite():
            return None
        all_finite = self._carrier.all_finite
        for column in columns:
            if type(column) is not Finite and not all_finite(column):
                return None
        found = straight(self._registers, columns)
        for i in self._left.ends:
            if not all_finite(found[i]):
                return None
        return found
