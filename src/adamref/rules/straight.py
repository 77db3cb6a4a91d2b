"""Straight-line Python for what is left of a program: nothing but the arithmetic itself.

A loop that looks up each operation costs as much as the operations of a fast carrier. The function
made here is written once for a program, from register numbers and the carrier's own operators.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from adamref.rules.program import Operation

    Straight = Callable[[Sequence[Any], Sequence[Sequence[Any]]], list[tuple[Any, ...]]]


def straight_line(
    operations: Sequence[tuple[int, Operation]],
    inputs: Collection[int],
    outputs: Iterable[int],
    written: Mapping[str, str],
) -> Straight | None:
    """Make a function from registers and columns of inputs to rows of outputs.

    Parameters
    ----------
    operations : sequence of (int, Operation)
    inputs : collection of int
        The registers of the inputs, in the order of the columns.
    outputs : iterable of int
        The registers of the outputs.
    written : mapping of str to str
        How Python writes each operation, as ``{0} + {1}``.

    Returns
    -------
    callable or None
        None if an operation cannot be written so.
    """
    body = []
    for at, operation in operations:
        one, other = (*operation.operands, None)[:2]
        method = operation.method
        if operation.exponent == 2:
            method, other = "multiply", one
        if method not in written:
            return None
        body.append(f"r{at} = " + written[method].format(f"r{one}", f"r{other}"))
    made = {at for at, _ in operations}
    read = {i for _, operation in operations for i in operation.operands} | set(outputs)
    known = sorted(read - made - set(inputs))
    lines = [
        "def step(registers, columns):",
        *(f"    r{at} = registers[{at}]" for at in known),
        "    rows = []",
        f"    for {''.join(f'r{at}, ' for at in inputs)} in zip(*columns, strict=True):",
        *(f"        {line}" for line in body),
        f"        rows.append(({''.join(f'r{at}, ' for at in outputs)}))",
        "    return rows",
    ]
    namespace: dict[str, Any] = {}
    # The text is made of register numbers and the carrier's operators alone.
    exec("\n".join(lines), namespace)  # noqa: S102
    step: Straight = namespace["step"]
    return step
