"""What is left of a program, done for all elements at once with nothing but the arithmetic itself.

A loop that looks at each value costs more than the operations of a fast carrier. Here an operation
is done for all elements before the next, so that what Python itself costs is shared.
"""

from __future__ import annotations

from itertools import islice, repeat
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from adamref.rules.stage import Operation

    Straight = Callable[[Sequence[Any], Sequence[Sequence[Any]]], list[list[Any]]]


def straight_line(
    operations: Sequence[tuple[int, Operation]],
    inputs: Sequence[int],
    outputs: Sequence[int],
    plain: Mapping[str, Callable[..., Any]],
) -> Straight | None:
    """Make a function from registers and columns of inputs to columns of outputs.

    Parameters
    ----------
    operations : sequence of (int, Operation)
    inputs : sequence of int
        The registers of the inputs, in the order of the columns.
    outputs : sequence of int
        The registers of the outputs.
    plain : mapping of str to callable
        Each operation, without a look at its operands.

    Returns
    -------
    callable or None
        None if an operation is not among the plain ones.
    """
    tape: list[tuple[int, Callable[..., Any], int, int | None]] = []
    for at, operation in operations:
        one, other = (*operation.operands, None)[:2]
        assert one is not None
        method = operation.method
        if operation.exponent == 2:
            method, other = "multiply", one
        if method not in plain:
            return None
        tape.append((at, plain[method], one, other))

    def run(registers: Sequence[Any], columns: Sequence[Sequence[Any]]) -> list[list[Any]]:
        found: list[Iterable[Any]] = list(map(repeat, registers))
        for at, column in zip(inputs, columns, strict=True):
            found[at] = column
        for at, do, one, other in tape:
            if other is None:
                found[at] = list(map(do, found[one]))
            else:
                found[at] = list(map(do, found[one], found[other]))
        return [list(islice(found[at], len(columns[0]))) for at in outputs]

    return run
