"""A step worked block by block, and each element as far as it needs.

The rule is run on blocks of elements in float64, or in pairs of float64 numbers, with an error
bound (`adamref.numbers.columns`). Where both ends of what a number may be round to the same, it is
settled. What is left goes to pairs, which also decide the exact ties of m and v; and what is still
left goes to balls at a rising precision, one element at a time.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple, final

import numpy as np

from adamref.golden.settling import settle
from adamref.numbers import formats
from adamref.numbers.column import Column, OutOfRange
from adamref.numbers.columns import Columns
from adamref.numbers.exact import exact
from adamref.numbers.grids import Grids, grid_of
from adamref.numbers.lanes import Tape
from adamref.numbers.replay import Replay
from adamref.numbers.signs import Signs, sign_of
from adamref.problem import Problem
from adamref.rules.program import compiled
from adamref.rules.symbols import PREVIOUS
from adamref.stepper import settled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from adamref.numbers.exact import Extended
    from adamref.numbers.formats import Format
    from adamref.numbers.grids import Grid
    from adamref.numbers.lanes import Number
    from adamref.rules.rule import Rule
    from adamref.rules.stage import Stage

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]
    Found = tuple[NDArray[Any], Mask]


_BLOCK = 16384
"""Elements that are worked together: what is in use stays in a core's cache."""
_MIDDLE = 2.0**64
"""Elements that are 0, or between this and its reciprocal, are worked together where others are
too small or too large."""
_BUCKET = 32
"""Exponents are followed in steps of so many, so that blocks can share a plan."""
_PLANS = 8


@final
class _Plan(NamedTuple):
    """What to do for a block, and how many of its outputs each field has."""

    replay: Replay
    outputs: tuple[int, ...]


@final
class Work:
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
        self._block = min(_BLOCK, arrays["theta"].size)
        self._exacts = exacts
        self._fmts = fmts
        self._fields = tuple(name for name in fmts if name != "g")
        self._order = tuple(line.name for line in rule.lines)
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
        waiting = {name: _Waiting(block) for name in made}
        for start in range(0, size, block):
            part = slice(start, min(start + block, size))
            inputs = {name: np.asarray(values[part]) for name, values in sources.items()}
            for name, (values, done) in self._roughly(inputs).items():
                results[name][part] = values
                if not done.all():
                    needed = {n: inputs[n] for n in self._needed(name)}
                    waiting[name].add(start, np.flatnonzero(~done), needed)
            for name, left in waiting.items():
                while left.count >= block or (left.count and part.stop == size):
                    at, some = left.taken()
                    results[name][at] = self._surely(name, some)

    def _roughly(self, inputs: Mapping[str, NDArray[Any]]) -> dict[str, Found]:
        """Return, by field, the values that an error bound alone settles, and which these are."""
        count = len(inputs["theta"])
        fields = tuple(name for name in self._order if name in self._fields)
        try:
            found, sure = self._worked(fields, self._first, inputs)
        except OutOfRange:
            return dict.fromkeys(self._fields, (np.zeros(count), np.zeros(count, dtype=bool)))
        made = {}
        for name, outputs in zip(fields, found, strict=True):
            if len(outputs) > 2:
                first, rest, off = outputs
                values, done = settle(first, rest, off, self._fmts[name], None)
            else:
                values, done = outputs
            made[name] = values, done if sure is None else done & sure
        return made

    def _surely(self, field: str, inputs: Mapping[str, NDArray[Any]]) -> Floats:
        """Settle a field of every element: in pairs, and what is left in balls."""
        wide = {name: values.astype(np.float64) for name, values in inputs.items()}
        with np.errstate(all="ignore"):
            found, done = self._closely(field, wide)
        for i in np.flatnonzero(~done):
            found[i] = self._in_balls(field, wide, int(i))
        return found

    def _closely(self, field: str, inputs: Mapping[str, Floats]) -> Found:
        """Settle in pairs, exact ties of m and v too."""
        count = len(inputs["g"])
        found, done = np.zeros(count), np.zeros(count, dtype=bool)
        for chosen in (slice(None), np.flatnonzero(_in_the_middle(inputs))):
            some = {name: values[chosen] for name, values in inputs.items()}
            if not some["g"].size:
                continue
            try:
                ((first, rest, off),), sure = self._worked((field,), self._pairs, some, close=True)
            except OutOfRange:
                continue
            grid = self._grid(field, some)
            values, near = settle(first, rest, off, self._fmts[field], grid)
            found[chosen], done[chosen] = values, near if sure is None else near & sure
            break
        return found, done

    def _worked(
        self,
        fields: tuple[str, ...],
        carrier: Columns,
        inputs: Mapping[str, NDArray[Any]],
        *,
        close: bool = False,
    ) -> tuple[list[Sequence[Any]], Mask | None]:
        """Run the rule, and say of which elements the error bounds speak; None: of all.

        Returns
        -------
        tuple
            For each field, in the order of the rule, what it rounds to and where that is settled;
            or, if it must be looked at closely, a pair and its error bound.

        Raises
        ------
        OutOfRange
            If something might overflow or underflow.
        """
        needed = self._stage(fields, carrier).inputs
        sure: Mask | None = None
        arrays, ranges = [], []
        for name in (self._inputs[symbol] for symbol in needed):
            array, right, extremes = self._legal(name, inputs[name], measured=self._wide or close)
            if right is not None:
                sure = right if sure is None else sure & right
            arrays.append(array)
            ranges.append(extremes)
        plan = self._plan(fields, carrier, tuple(ranges), close=close)
        found = iter(plan.replay.run(arrays))
        return [tuple(next(found) for _ in range(n)) for n in plan.outputs], sure

    def _legal(
        self, name: str, array: NDArray[Any], *, measured: bool
    ) -> tuple[NDArray[Any], Mask | None, tuple[int, int]]:
        """Return numbers with a 0 where one is not finite or a v is negative, and their exponents.

        The mask is None where none is.
        """
        right: Mask | None = None
        if name in ("v", "v_max") and not array.min() >= 0:
            right = array >= 0
            array = np.where(right, array, 0)
        if not measured:
            return array, right, _extremes(self._fmts[name])
        sizes = array if name in ("v", "v_max") else np.abs(array)
        if not math.isfinite(sizes.max()):
            finite = np.isfinite(array)
            array = np.where(finite, array, 0)
            sizes = np.abs(array)
            right = finite if right is None else right & finite
        return array, right, _exponents(sizes)

    def _plan(
        self,
        fields: tuple[str, ...],
        carrier: Columns,
        ranges: tuple[tuple[int, int], ...],
        *,
        close: bool,
    ) -> _Plan:
        """Write the rule down for numbers of some sizes, once for the blocks that have them."""
        key = fields, carrier, ranges, close
        if key not in self._plans:
            tape = Tape()
            stage = self._stage(fields, carrier)
            columns = [
                Column(tape.input(), nonnegative=self._inputs[x] in ("v", "v_max"), least=a, most=b)
                for x, (a, b) in zip(stage.inputs, ranges, strict=True)
            ]
            outputs: list[tuple[Number, ...]] = []
            for name, value in zip(fields, stage.run(columns), strict=True):
                column, fmt = carrier.result(value), self._fmts[name]
                if close or (self._wide and fmt is not formats.BINARY64):
                    low = 0.0 if column.low is None else column.low
                    outputs.append((column.high, low, column.bound()))
                else:
                    outputs.append(column.ends(fmt))
            if len(self._plans) >= _PLANS:
                self._plans.pop(next(iter(self._plans)))
            replay = Replay(tape, [x for some in outputs for x in some], self._block)
            self._plans[key] = _Plan(replay, tuple(map(len, outputs)))
        return self._plans[key]

    def _needed(self, field: str) -> tuple[str, ...]:
        """Return the inputs that a field depends on."""
        stage = self._stage((field,), self._pairs)
        return tuple(self._inputs[symbol] for symbol in stage.inputs)

    def _grid(self, field: str, inputs: Mapping[str, Floats]) -> Grid | None:
        """Return of what each result is known to be a whole multiple; None: nothing is known."""
        stage = self._stage((field,), self._grids)
        names = [self._inputs[symbol] for symbol in stage.inputs]
        (grid,) = stage.run([grid_of(inputs[name], self._fmts[name]) for name in names])
        found: Grid | None = grid
        return found

    def _stage(self, fields: tuple[str, ...], carrier: Any) -> Stage:
        """Carry out in a carrier what all elements share, for the fields that are wanted."""
        key = fields, carrier
        if key not in self._stages:
            stage = compiled(self._rule, fields).stage(carrier)
            self._stages[key] = stage.given(self._exacts, frozenset(self._inputs))
        return self._stages[key]

    def _in_balls(self, field: str, inputs: Mapping[str, Floats], at: int) -> float:
        """Settle one element at whatever precision it takes."""
        exactly = {name: exact(float(values[at])) for name, values in inputs.items()}
        gradient = exactly.pop("g")
        # What the field does not depend on may be anything.
        start = {name: (exactly.get(name, Fraction(0)),) for name in self._fields}
        step = int(self._exacts["t"])
        what = Problem(self._rule, (), start, ((gradient,),), (self._exacts,), {}, step)
        (found,), _ = settled(what, {field: self._fmts[field]})
        (value,), (is_exact,) = found[field]
        return self._signed(field, inputs, at) if is_exact and value == 0 else float(value)

    def _signed(self, field: str, inputs: Mapping[str, Floats], at: int) -> float:
        """Return 0 with the sign that IEEE 754's operations give it, +0 if terms cancel."""
        stage = self._stage((field,), self._signs)
        (sign,) = stage.run([sign_of(float(inputs[self._inputs[s]][at])) for s in stage.inputs])
        return math.copysign(0.0, sign) if sign == 0 else 0.0


@final
class _Waiting:
    """Elements of one field that are not settled yet."""

    def __init__(self, block: int) -> None:
        self.count = 0
        self._block = block
        self._places: list[NDArray[np.int64]] = []
        self._inputs: list[dict[str, NDArray[Any]]] = []

    def add(self, start: int, left: NDArray[np.int64], inputs: Mapping[str, NDArray[Any]]) -> None:
        """Add elements of a block."""
        self.count += left.size
        self._places.append(left + start)
        self._inputs.append({name: values[left] for name, values in inputs.items()})

    def taken(self) -> tuple[NDArray[np.int64], dict[str, NDArray[Any]]]:
        """Return where up to a block of them stand, and their inputs; they wait no longer."""
        places = np.concatenate(self._places)
        inputs = {n: np.concatenate([x[n] for x in self._inputs]) for n in self._inputs[0]}
        block = self._block
        self.count = max(0, self.count - block)
        self._places = [places[block:]]
        self._inputs = [{name: values[block:] for name, values in inputs.items()}]
        return places[:block], {name: values[:block] for name, values in inputs.items()}


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
    lower, upper = math.frexp(least)[1] - 1, math.frexp(most)[1]
    return lower // _BUCKET * _BUCKET, -(-upper // _BUCKET) * _BUCKET


def _in_the_middle(inputs: Mapping[str, Floats]) -> Mask:
    """Say which elements are neither very small nor very large."""
    inside = np.ones(len(inputs["g"]), dtype=bool)
    for values in inputs.values():
        sizes = np.abs(values)
        inside &= (sizes == 0) | ((sizes >= 1 / _MIDDLE) & (sizes <= _MIDDLE))
    return inside
