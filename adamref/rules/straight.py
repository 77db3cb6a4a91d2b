"""What is left of a program, done for all elements at once with nothing but the arithmetic itself.

A loop that looks at each value costs more than the operations of a fast carrier. Here an operation
is done for all elements before the next, so that what Python itself costs is shared; and what a
carrier has at hand for two operations is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import islice, repeat
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from adamref.numbers.carrier import Finite

if TYPE_CHECKING:
    from adamref.rules.instructions import MethodCall

Straight = Callable[[Sequence[Any], Sequence[Sequence[Any]]], list[list[Any]]]


class _Entry(NamedTuple):
    """An operation: where its result goes, its name, and its operands."""

    at: int
    method: str
    one: int
    other: int | None


class _Step(NamedTuple):
    """The same, ready to be done; ``passes`` says that its elements are read once only."""

    at: int
    do: Callable[..., Any]
    one: int
    other: int | None
    passes: bool


def straight_line(
    operations: Sequence[tuple[int, MethodCall]],
    inputs: Sequence[int],
    outputs: Sequence[int],
    plain: Mapping[str, Callable[..., Any]],
) -> Straight | None:
    """Make a function from registers and columns of inputs to columns of outputs.

    Parameters
    ----------
    operations : sequence of (int, MethodCall)
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
    entries = _simplified([_entry(at, x) for at, x in operations], inputs, outputs)
    if any(entry.method not in plain for entry in entries):
        return None
    varying = _varying(entries, inputs)
    times = _uses(entries, outputs)
    once: list[_Step] = []
    tape: list[_Step] = []
    for at, method, one, other in entries:
        # What one operation alone reads goes to it element by element.
        step = _Step(at, plain[method], one, other, times[at] == 1 and at not in outputs)
        (tape if at in varying else once).append(step)
    made = {step.at for step in once}
    shared = [x for x in times if x not in varying and x not in made]
    size = 1 + max((*times, *inputs))
    fresh = -min((0, *times))

    def run(registers: Sequence[Any], columns: Sequence[Sequence[Any]]) -> list[list[Any]]:
        # What is fresh has negative numbers: it comes at the end.
        found: list[Any] = [None] * (size + fresh)
        for at in shared:
            found[at] = repeat(registers[at])
        for at, column in zip(inputs, columns, strict=True):
            found[at] = column
        for at, do, one, other, _ in once:
            operands = (next(found[x]) for x in (one, other) if x is not None)
            found[at] = repeat(do(*operands))
        for at, do, one, other, passes in tape:
            made = map(do, found[one]) if other is None else map(do, found[one], found[other])
            found[at] = made if passes else Finite(made)
        count = len(columns[0])
        results = [found[at] for at in outputs]
        return [x if isinstance(x, list) else Finite(islice(x, count)) for x in results]

    return run


def _entry(at: int, operation: MethodCall) -> _Entry:
    one, other = (*operation.operands, None)[:2]
    assert one is not None
    if operation.exponent == 2:
        return _Entry(at, "multiply", one, one)
    return _Entry(at, operation.method, one, other)


def _simplified(
    entries: Sequence[_Entry], inputs: Sequence[int], outputs: Sequence[int]
) -> list[_Entry]:
    """Subtract instead of adding what is negated, and scale by a quotient that all share.

    ``s * (x / d)`` is ``x * (s / d)``, and ``x / d`` is ``x * (1 / d)``: of balls both hold the
    number. What is asked for is divided as it stands, so that it is exact where that is.
    """
    varying, used = _varying(entries, inputs), _uses(entries, outputs)
    made = {entry.at: entry for entry in entries}
    fresh = -1
    found: list[_Entry] = []
    for entry in entries:
        at, method, one, other = entry
        inner = made.get(other) if other is not None else None
        if method == "add" and inner is not None and inner.method == "negate":
            found.append(_Entry(at, "subtract", one, inner.one))
        elif (
            method == "multiply"
            and one not in varying
            and inner is not None
            and inner.method == "divide"
            and inner.other not in varying
            and used[inner.at] == 1
        ):
            # Registers of its own, counted from the end.
            found += (
                _Entry(fresh, "divide", one, inner.other),
                _Entry(at, "multiply", fresh, inner.one),
            )
            fresh -= 1
        elif method == "divide" and one in varying and other not in varying and at not in outputs:
            found += (
                _Entry(fresh, "inverse", cast("int", other), None),
                _Entry(at, "multiply", fresh, one),
            )
            fresh -= 1
        else:
            found.append(entry)
    read = _uses(found, outputs)
    return [entry for entry in found if entry.at in read]


def _varying(entries: Sequence[_Entry], inputs: Sequence[int]) -> set[int]:
    """Return the registers whose values differ from element to element."""
    varying = {*inputs}
    for entry in entries:
        if entry.one in varying or entry.other in varying:
            varying.add(entry.at)
    return varying


def _uses(entries: Sequence[_Entry], outputs: Sequence[int]) -> Counter[int]:
    """Count how often a register is read."""
    used = Counter(x for _, _, *operands in entries for x in operands if x is not None)
    used.update(outputs)
    return used
