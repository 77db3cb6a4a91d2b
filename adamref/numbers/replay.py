"""A tape carried out with NumPy, block by block, in buffers that are used again.

What costs in NumPy, beside the arithmetic, is what surrounds it: new memory for each result, and
numbers that have left the cache. Here a buffer goes to the next result as soon as nothing needs it,
so that a block's numbers stay where they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from adamref.numbers.arrays import nearest
from adamref.numbers.formats import BINARY16, BINARY32, Format
from adamref.numbers.lanes import Instruction, Lane, Number, Operand, Tape

Array: TypeAlias = NDArray[Any]
Done: TypeAlias = tuple[Callable[..., Any], tuple[Any, ...]]
"""A function, and the arrays and numbers it is called with; the last is the one it fills."""

CAST: dict[Format, Any] = {BINARY16: np.dtype(np.float16), BINARY32: np.dtype(np.float32)}
"""The formats to which NumPy rounds float64 in one step, to nearest with ties to even."""
_NONE: Mapping[int, Array] = MappingProxyType({})
_DOUBLE, _TRUTH = np.dtype(np.float64), np.dtype(np.bool_)
_EXPONENT = 0x7FF << 52
_BITS = {2: np.dtype(np.int16), 4: np.dtype(np.int32), 8: np.dtype(np.int64)}


@final
class TapeReplay:
    """A tape's outputs, for blocks of up to some number of elements.

    Parameters
    ----------
    tape : Tape
    outputs : sequence of Lane or float
    size : int
        The most elements of a block.
    """

    def __init__(self, tape: Tape, outputs: Sequence[Number], size: int) -> None:
        assert not tape.whole
        self._tape, self._outputs = tape, tuple(outputs)
        self._instructions = tape.needed(outputs)
        self._size = size
        self._places = _places(self._instructions, tape.inputs, self._outputs)
        self._kinds = _kinds(self._instructions, tape.inputs)
        self._memory = np.empty((1 + max(self._places.values(), default=0), size))
        self._bound: dict[int, tuple[list[Array], list[Done], list[Array]]] = {}

    def run(self, inputs: Sequence[Array], into: Mapping[int, Array] = _NONE) -> list[Array]:
        """Return the outputs for one block.

        Parameters
        ----------
        inputs : sequence of arrays
            One-dimensional, in the order of the tape's inputs; they are read only.
        into : mapping of int to array
            Arrays of their own for some of the outputs, by number.

        Returns
        -------
        list of arrays
            Read-only in spirit: the next run writes over them. Truth values and rounded numbers
            have dtypes of their own, all else is float64.
        """
        count = len(inputs[0])
        if count not in self._bound:
            # Whole blocks, and the last one.
            if len(self._bound) > 1:
                self._bound.pop(next(n for n in self._bound if n != self._size))
            self._bound[count] = self._bind(count)
        taken, done, made = self._bound[count]
        with np.errstate(all="ignore"):
            for array, values in zip(taken, inputs, strict=True):
                np.copyto(array, values)
            for function, arguments in done:
                function(*arguments)
            for i, array in into.items():
                np.copyto(array, made[i], casting="same_kind")
        return [into.get(i, array) for i, array in enumerate(made)]

    def _bind(self, count: int) -> tuple[list[Array], list[Done], list[Array]]:
        rows: list[Array] = [row[:count] for row in self._memory]
        views: dict[int, Array] = {
            at: self._memory[self._places[at]].view(kind)[:count]
            for at, kind in self._kinds.items()
            if kind is not _DOUBLE
        }

        def array(at: int) -> Array:
            return views[at] if at in views else rows[self._places[at]]

        def argument(x: Operand) -> Any:
            return array(x) if isinstance(x, int) else x

        done = [
            _function(x, tuple(argument(a) for a in x.operands), array(x.made[0]))
            for x in self._instructions
        ]
        made = [array(x.at) if isinstance(x, Lane) else np.full(count, x) for x in self._outputs]
        return [array(lane.at) for lane in self._tape.inputs], done, made


def _kinds(instructions: Sequence[Instruction], inputs: Sequence[Lane]) -> dict[int, Any]:
    """Return the dtype of each lane."""
    kinds: dict[int, Any] = {lane.at: _DOUBLE for lane in inputs}
    for name, _, (made,), fmt in instructions:
        if name == "rounded":
            assert fmt is not None
            kinds[made] = CAST.get(fmt, _DOUBLE)
        else:
            kinds[made] = _TRUTH if name == "same" else _DOUBLE
    return kinds


def _places(
    instructions: Sequence[Instruction], inputs: Sequence[Lane], outputs: Sequence[Number]
) -> dict[int, int]:
    """Give each lane a buffer: the one last used of those that nothing needs any more."""
    last: dict[int, int] = {}
    for i, instruction in enumerate(instructions):
        for x in instruction.operands:
            if isinstance(x, int):
                last[x] = i
    last |= {x.at: len(instructions) for x in outputs if isinstance(x, Lane)}
    places = {lane.at: i for i, lane in enumerate(inputs)}
    free = [places[lane.at] for lane in inputs if lane.at not in last]
    count = len(inputs)
    for i, (name, operands, (made,), _) in enumerate(instructions):
        done_with = [x for x in operands if isinstance(x, int) and last[x] == i]
        released = [places[x] for x in dict.fromkeys(done_with)]
        if name in _IN_PLACE:
            free += released
        if not free:
            free.append(count)
            count += 1
        places[made] = free.pop()
        if name not in _IN_PLACE:
            free += released
    return places


def _larger(one: Any, other: Any, out: Array) -> None:
    np.maximum(one, other, out=out)


def _smaller(one: Any, other: Any, out: Array) -> None:
    np.minimum(one, other, out=out)


def _binade(values: Array, out: Array) -> None:
    np.bitwise_and(values.view(np.int64), _EXPONENT, out.view(np.int64))
    np.copyto(out, np.inf, where=values == 0)


def _choose(sign: Array, one: Any, other: Any, out: Array) -> None:
    np.copyto(out, other)
    np.copyto(out, one, where=sign >= 0)


def _unless_zero(one: Array, other: Array, out: Array) -> None:
    np.copyto(out, one)
    np.copyto(out, other, where=one == 0)


_IN_PLACE: Mapping[str, Callable[..., Any]] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "negate": np.negative,
    "magnitude": np.abs,
    "root": np.sqrt,
    "larger": _larger,
    "smaller": _smaller,
    "copysign": np.copysign,
}
_OTHERS: Mapping[str, Callable[..., Any]] = {
    "binade": _binade,
    "choose": _choose,
    "unless_zero": _unless_zero,
}


def _function(instruction: Instruction, given: tuple[Any, ...], out: Array) -> Done:
    name = instruction.name
    if name in _IN_PLACE:
        return _IN_PLACE[name], (*given, out)
    if name in _OTHERS:
        return _OTHERS[name], (*given, out)
    if name == "same":
        bits = _BITS[given[0].itemsize]
        return _same, (*given, *(x.view(bits) for x in given), out)
    assert name == "rounded", name
    assert instruction.fmt is not None
    if instruction.fmt in CAST:
        return _cast, (given[0], out)
    return _round, (given[0], instruction.fmt, out)


def _same(one: Array, other: Array, bits: Array, others: Array, out: Array) -> None:
    np.equal(bits, others, out)
    np.logical_and(out, one == other, out)


def _cast(values: Array, out: Array) -> None:
    np.copyto(out, values, casting="same_kind")


def _round(values: Array, fmt: Format, out: Array) -> None:
    np.copyto(out, nearest(values, fmt))
