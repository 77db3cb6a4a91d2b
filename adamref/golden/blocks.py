"""A step worked block by block, and each element as far as it needs.

The rule is run on blocks of elements in float64, or in pairs of float64 numbers, with an error
bound (`adamref.numbers.columns`). Where both ends of what a number may be round to the same, it is
settled. What is left goes to pairs, which also decide the exact ties of m and v; and what is still
left goes to balls at a rising precision, one element at a time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from adamref.golden.settling import settle
from adamref.golden.waiting import Waiting
from adamref.numbers import formats
from adamref.numbers.column import Column
from adamref.numbers.columns import Columns
from adamref.numbers.exact import Extended, exact
from adamref.numbers.grids import Grid, Grids, grid_of
from adamref.numbers.lanes import Number, Tape
from adamref.numbers.replay import TapeReplay
from adamref.numbers.scalar import OutOfRange
from adamref.numbers.signs import Signs, followed, sign_of
from adamref.problem import Problem
from adamref.rules.program import compiled
from adamref.rules.symbols import PREVIOUS
from adamref.stepper import settled

if TYPE_CHECKING:
    from types import ModuleType

    from adamref.numbers.arrays import Mask
    from adamref.numbers.compiled import Compiled
    from adamref.numbers.formats import Format
    from adamref.rules.rule import Rule
    from adamref.rules.stage import Stage


_BLOCK, _BLOCK_COMPILED = 16384, 32768
"""Elements that are worked together: what is in use stays in a core's cache."""
_WORTH_COMPILING = 1 << 18
"""Elements, from which on a tape is compiled where that is possible. It takes some 20 ms."""
_MIDDLE = 2.0**64
"""Elements that are 0, or between this and its reciprocal, are worked together where others are
too small or too large."""
_BUCKET = 32
"""Exponents are followed in steps of so many, so that blocks can share a plan."""
_PLANS = 8
_FEW, _SINGLE = 4096, 6
"""Elements that are not worth compiling for, or even writing a plan for: balls take 0.1 ms each."""
_ROUGHLY, _WITH_TIES, _CLOSELY = "roughly", "with ties", "closely"
_CLOSE = 5
"""Outputs: a pair, the most that it is off, and what it is a multiple of (a unit, and a share)."""


@final
class _Plan(NamedTuple):
    """What to do for a block."""

    work: TapeReplay | Compiled
    rounded: dict[str, int]
    """Where the outputs of a field begin: its values, rounded, and where they are settled."""
    close: dict[str, int]
    """And of one that must be looked at closely: what `settle` takes."""


@final
class Blocks:
    """What is the same for all blocks of a step.

    Parameters
    ----------
    rule : Rule
    exacts : mapping of str to exact numbers
        What all elements share.
    arrays : mapping of str to arrays
        theta, g and the states.
    """

    def __init__(
        self, rule: Rule, exacts: Mapping[str, Extended], arrays: Mapping[str, NDArray[Any]]
    ) -> None:
        fmts = {name: formats.get(array.dtype) for name, array in arrays.items()}
        self._rule = rule
        self._arrays = arrays
        size = arrays["theta"].size
        self._compiles = size >= _WORTH_COMPILING and _llvm().can_compile(fmts.values())
        self._block = min(_BLOCK_COMPILED if self._compiles else _BLOCK, size)
        self._exacts = exacts
        self._fmts = fmts
        # In the order in which the rule makes them.
        self._fields = tuple(line.name for line in rule.lines if line.name in fmts)
        self._inputs = {name if name == "g" else name + PREVIOUS: name for name in fmts}
        self._stages: dict[Any, Stage] = {}
        self._plans: dict[Any, _Plan] = {}
        self._wide = formats.BINARY64 in fmts.values()
        self._pairs, self._grids, self._signs = Columns(pairs=True), Grids(), Signs()
        self._first = self._pairs if self._wide else Columns(pairs=False)

    def fill(self, made: Mapping[str, NDArray[Any]]) -> None:
        """Fill arrays with theta and the states after the step.

        Block by block; what a block leaves unsettled waits until there is a block of it.
        """
        sources = {
            name: array.reshape(-1) if array.flags.c_contiguous else array.flat
            for name, array in self._arrays.items()
        }
        results = {name: a.reshape(-1) for name, a in made.items()}
        size, block = made["theta"].size, self._block
        waiting = {name: Waiting(block) for name in made}
        for start in range(0, size, block):
            part = slice(start, min(start + block, size))
            inputs = {name: np.asarray(values[part]) for name, values in sources.items()}
            into = {name: values[part] for name, values in results.items()}
            for name, done in self._looked(inputs, into, self._first, _ROUGHLY).items():
                if not done.all():
                    needed = {n: inputs[n] for n in self._needed(name)}
                    waiting[name].add(start, np.flatnonzero(~done), needed)
            for name, left in waiting.items():
                while left.count >= block or (left.count and part.stop == size):
                    at, some = left.taken()
                    results[name][at] = self._surely(name, some)
        for start in range(0, size, block):
            part = slice(start, min(start + block, size))
            for name, values in results.items():
                self._sign(name, sources, values[part], part)

    def _surely(self, field: str, inputs: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        """Settle a field of every element: by its ties, in pairs, and what is left in balls."""
        left = np.arange(len(inputs["g"]))
        found = np.empty(left.size)
        looks = [(self._first, _WITH_TIES)] * (not self._compiles) + [(self._pairs, _CLOSELY)]
        for carrier, look in looks:
            if self._compiles and left.size <= _SINGLE:
                break
            some = {name: array[left] for name, array in inputs.items()}
            into = np.empty(left.size)
            done = self._looked(some, {field: into}, carrier, look)[field]
            found[left] = into
            left = left[~done]
            if not left.size:
                return found
        for i in left:
            found[i] = self._in_balls(field, inputs, int(i))
        return found

    def _looked(
        self,
        inputs: Mapping[str, NDArray[Any]],
        into: Mapping[str, NDArray[Any]],
        carrier: Columns,
        look: str,
    ) -> dict[str, Mask]:
        """Fill arrays for some fields, and return where they are settled.

        Where something might overflow or underflow, a close look leaves the extreme elements alone.
        """
        try:
            return self._worked(inputs, into, carrier, look)
        except OutOfRange:
            done = {name: np.zeros(len(array), dtype=bool) for name, array in into.items()}
        middle = np.flatnonzero(_in_the_middle(inputs))
        if look == _CLOSELY and middle.size:
            some = {name: array[middle] for name, array in inputs.items()}
            parts = {name: np.empty(middle.size) for name in into}
            try:
                near = self._worked(some, parts, carrier, look)
            except OutOfRange:
                return done
            for name, array in into.items():
                array[middle], done[name][middle] = parts[name], near[name]
        return done

    def _worked(
        self,
        inputs: Mapping[str, NDArray[Any]],
        into: Mapping[str, NDArray[Any]],
        carrier: Columns,
        look: str,
    ) -> dict[str, Mask]:
        """Run the rule.

        Raises
        ------
        OutOfRange
            If something might overflow or underflow.
        """
        fields = tuple(name for name in self._fields if name in into)
        sure: Mask | None = None
        arrays, ranges = [], []
        for name in (self._inputs[symbol] for symbol in self._stage(fields, carrier).inputs):
            array, legal, extremes = self._legal(
                name, inputs[name], measured=carrier is self._pairs
            )
            if legal is not None:
                sure = legal if sure is None else sure & legal
            arrays.append(array)
            ranges.append(extremes)
        # The last ones, which waited until the end, may be few.
        compiles = self._compiles and (look == _ROUGHLY or len(inputs["g"]) >= _FEW)
        plan = self._plan(fields, carrier, tuple(ranges), look, compiles=compiles)
        filled = {at: into[name] for name, at in plan.rounded.items()}
        made = plan.work.run(arrays, filled)
        found = {}
        for name in fields:
            if name in plan.rounded:
                done = made[plan.rounded[name] + 1]
            else:
                at = plan.close[name]
                first, rest, off, unit, share = made[at : at + _CLOSE]
                into[name][...], done = settle(first, rest, off, unit, share, self._fmts[name])
            found[name] = done if sure is None else done & sure
        return found

    @np.errstate(invalid="ignore")  # comparing a NaN of bfloat16 warns
    def _legal(
        self, name: str, array: NDArray[Any], *, measured: bool
    ) -> tuple[NDArray[Any], Mask | None, tuple[int, int]]:
        """Return numbers with a 0 where one is not finite or a v is negative, and their exponents.

        The mask is None where none is.
        """
        nonnegative = name in self._rule.nonnegative
        if measured and self._compiles and array.dtype == np.float64:
            found = _llvm().extent(array)
            if found is not None and not (nonnegative and array.min() < 0):
                return array, None, _bucket(*found)
        right: Mask | None = None
        if nonnegative and not array.min() >= 0:
            right = array >= 0
            array = np.where(right, array, 0)
        if not measured:
            return array, right, _extremes(self._fmts[name])
        sizes = array if nonnegative else np.abs(array)
        if not math.isfinite(sizes.max()):
            finite = np.isfinite(array)
            array = np.where(finite, array, 0)
            sizes = np.abs(array)
            right = finite if right is None else right & finite
        return array, right, _bucket(*_exponents(sizes))

    def _plan(
        self,
        fields: tuple[str, ...],
        carrier: Columns,
        ranges: tuple[tuple[int, int], ...],
        look: str,
        *,
        compiles: bool,
    ) -> _Plan:
        """Write the rule down for numbers of some sizes, once for the blocks that have them."""
        key = fields, carrier, ranges, look, compiles
        if key not in self._plans:
            tape = Tape(whole=compiles)
            stage = self._stage(fields, carrier)
            columns = [
                Column(
                    tape.input(),
                    nonnegative=self._inputs[x] in self._rule.nonnegative,
                    least=a,
                    most=b,
                )
                for x, (a, b) in zip(stage.inputs, ranges, strict=True)
            ]
            grids: list[Grid | None] = [None] * len(fields)
            # What is compiled sees ties at once: there they cost less than to wait.
            if look != _ROUGHLY or compiles:
                grids = self._written_in_grids(fields, tape)
            outputs: list[Number] = []
            rounded, close = {}, {}
            for name, value, grid in zip(fields, stage.run(columns), grids, strict=True):
                column, fmt = carrier.result(value), self._fmts[name]
                # Pairs are rounded to binary64 on the tape, to others with a close look.
                if look == _CLOSELY or (self._wide and fmt is not formats.BINARY64):
                    close[name] = len(outputs)
                    low = 0.0 if column.low is None else column.low
                    known = (0.0, 0.0) if grid is None else (grid.unit, grid.share)
                    outputs += (column.high, low, column.bound(), *known)
                else:
                    rounded[name] = len(outputs)
                    outputs += column.ends(fmt, grid)
            if len(self._plans) >= _PLANS:
                self._plans.pop(next(iter(self._plans)))
            kind = _llvm().Compiled if compiles else TapeReplay
            work = kind(tape, outputs, self._block)
            self._plans[key] = _Plan(work, rounded, close)
        return self._plans[key]

    def _needed(self, field: str) -> tuple[str, ...]:
        """Return the inputs that a field depends on; all where what is shared cannot be worked."""
        try:
            stage = self._stage((field,), self._pairs)
        except OutOfRange:  # as the logarithm of a rate that is 0
            return tuple(self._inputs.values())
        return tuple(self._inputs[symbol] for symbol in stage.inputs)

    def _written_in_grids(self, fields: tuple[str, ...], tape: Tape) -> list[Grid | None]:
        """Write down of what each result is known to be a whole multiple."""
        stage = self._stage(fields, self._grids)
        inputs = zip(stage.inputs, tape.inputs, strict=True)
        return stage.run([grid_of(lane, self._fmts[self._inputs[x]]) for x, lane in inputs])

    def _stage(self, fields: tuple[str, ...], carrier: Any) -> Stage:
        """Carry out in a carrier what all elements share, for the fields that are wanted."""
        key = fields, carrier
        if key not in self._stages:
            stage = compiled(self._rule, fields).stage(carrier)
            self._stages[key] = stage.given(self._exacts, frozenset(self._inputs))
        return self._stages[key]

    def _in_balls(self, field: str, inputs: Mapping[str, NDArray[Any]], at: int) -> float:
        """Settle one element at whatever precision it takes."""
        exactly = {name: exact(float(array[at])) for name, array in inputs.items()}
        gradient = exactly.pop("g")
        # What the field does not depend on may be anything.
        start = {name: (exactly.get(name, Fraction(0)),) for name in self._fields}
        step = int(self._exacts["t"])
        what = Problem(self._rule, (), start, ((gradient,),), (self._exacts,), {}, step)
        (found,), _ = settled(what, {field: self._fmts[field]})
        (value,), _ = found[field]
        return float(value)

    def _sign(
        self, field: str, sources: Mapping[str, Any], result: NDArray[Any], part: slice
    ) -> None:
        """Give exact zeros of a field the sign that IEEE 754's operations give them.

        What decides it is the same for all elements whose inputs have the same signs; where numbers
        of both signs meet, each is followed by itself. A number that only rounds to 0 has its own.
        """
        zeros = np.flatnonzero(result == 0)
        if not zeros.size:
            return
        stage = self._stage((field,), self._signs)
        inputs = [
            np.asarray(sources[self._inputs[x]][part])[zeros].astype(np.float64)
            for x in stage.inputs
        ]
        kinds = np.stack([_kinds(array) for array in inputs] or [np.zeros(zeros.size)])
        _, first, which = np.unique(kinds, axis=1, return_index=True, return_inverse=True)
        signs = np.empty(first.size)
        for k, at in enumerate(first):
            (signs[k],) = map(float, stage.run([sign_of(float(x[at])) for x in inputs]))
        found = signs[which.reshape(-1)]
        for at in np.flatnonzero(np.isnan(found)):
            (sign,) = stage.run([followed(float(x[at])) for x in inputs])
            found[at] = float(sign)
        known = found == 0
        result[zeros[known]] = found[known]


def _llvm() -> ModuleType:
    """Return what compiles, which few are large enough for: LLVM takes a while to load."""
    from adamref.numbers import compiled as llvm

    return llvm


def _kinds(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a number for each kind of input that signs tell apart."""
    sizes = np.where(np.isinf(array), 3.0, np.where(array == 0, 1.0, 2.0))
    return np.where(np.isnan(array), 0.0, np.copysign(sizes, array))


def _extremes(fmt: Format) -> tuple[int, int]:
    """Return between which binary logarithms the numbers of a format lie."""
    return fmt.min_exponent - fmt.precision + 1, fmt.max_exponent + 1


def _exponents(sizes: NDArray[Any]) -> tuple[int, int]:
    """Return between which binary logarithms some finite numbers >= 0 lie that are not 0."""
    most, least = float(sizes.max()), float(sizes.min())
    if most == 0:
        return 0, 0
    if least == 0:
        least = float(np.where(sizes == 0, most, sizes).min())
    return math.frexp(least)[1] - 1, math.frexp(most)[1]


def _bucket(lower: int, upper: int) -> tuple[int, int]:
    """Round outward, to few different ones."""
    return lower // _BUCKET * _BUCKET, -(-upper // _BUCKET) * _BUCKET


def _in_the_middle(inputs: Mapping[str, NDArray[Any]]) -> Mask:
    """Say which elements are neither very small nor very large."""
    inside = np.ones(len(inputs["g"]), dtype=bool)
    for values in inputs.values():
        sizes = np.abs(values.astype(np.float64))
        inside &= (sizes == 0) | ((sizes >= 1 / _MIDDLE) & (sizes <= _MIDDLE))
    return inside
