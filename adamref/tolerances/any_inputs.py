"""Bounds that hold for all gradients: of a rule that divides an average by the root of another.

Whatever the gradients are, an error of m is a sum of shares of them, and so is v:

    |m' - m| <= sum of C_k |g_(t-k)| + a,        v = sum of (1 - beta2) beta2^k g_(t-k)^2

so that by Cauchy and Schwarz ``|m' - m| <= E sqrt(v) + a`` with a number E that depends on t alone,
as ``|m| <= kappa sqrt(v)`` does (theorem step-bound). v itself has no cancellation: what it is off
by is a share of it, and what underflows. C_k is read off the line of m in each order of operations:
an update loses ``p |m| + q |g| + a`` at most, and errors go on multiplied by beta1 + p.

The rest of the step is then a function of m and v within these bounds. Sizes of sqrt(v) are covered
by cells, from none to that of the largest gradient, and each line is worked in interval arithmetic
on each cell, in each order. theta loses ``r |theta| + a`` a step; with the size of what it moves by
that is put in shares of where it ends: no condition on theta is left.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.bounds import Bounded
from adamref.bounds.arithmetic import OUTWARD
from adamref.errors import OutOfDomain
from adamref.oracle.judge.bounding import Bounding
from adamref.oracle.judge.simulation import inputs_of
from adamref.oracle.judge.working import evaluated
from adamref.rules import symbols
from adamref.rules.instructions import COMPLEMENT
from adamref.rules.orders import SHARED, average
from adamref.rules.program import program_of
from adamref.rules.symbols import PREVIOUS
from adamref.tolerances.free import greatest, raised_in
from adamref.tolerances.shares import GROWN, Setup, Shares, hyper, shares_of, sure, update_loses

if TYPE_CHECKING:
    from sympy import Expr

    from adamref.faults.inputs import Inputs
    from adamref.numbers.arrays import Array, Indices
    from adamref.rules.rule import Rule

_CELLS_AN_OCTAVE = 4
_BELOW_EPS = 24
"""Octaves below the least number that is added to the root of v: there that number is all."""

_CHUNK = 1 << 19
"""Lanes that are worked at once."""


@final
@dataclass(frozen=True)
class AnyInputs:
    """Bounds for all gradients up to a size.

    Attributes
    ----------
    theta : tuple of float
        Shares of |theta| where it ends, and an absolute error beside them.
    m : tuple of float
        The same of m: as it may cancel, the first is 0.
    v, v_max : tuple of float
    """

    theta: tuple[float, float]
    m: tuple[float, float]
    v: tuple[float, float]
    v_max: tuple[float, float]


def refuse_other_rules(rule: Rule) -> None:
    """Refuse a rule for which no bound is known that holds for all gradients.

    Raises
    ------
    OutOfDomain
        It says which line is in the way.
    """
    want = "one whose states are averages of g and of g**2 alone, unless inputs are given"
    averaged = {line.name: one for line in rule.lines if (one := average(line.name, line.expr))}
    for name in rule.states:
        is_maximum = name == "v_max" and rule.dialect.get("amsgrad", "none") != "none"
        if name == "theta" or is_maximum:
            continue
        one = averaged.get(name)
        wanted = {"m": symbols.g, "v": symbols.g**2}.get(name)
        plain = one is not None and one.rest == 0 and one.rate.is_Symbol
        if one is None or not plain or wanted is None or (one.put_in - wanted).expand() != 0:
            raise OutOfDomain("optimizer", f"{rule.name} ({rule.line(name).text()})", want)
    if rule.reduces or "v" not in averaged or "theta" not in rule.fields:
        raise OutOfDomain("optimizer", rule.name, want)


def any_inputs(setup: Setup, sizes: tuple[float, float]) -> AnyInputs:
    """Bound a rule after all steps of a table, for all gradients within sizes.

    Parameters
    ----------
    setup : Setup
    sizes : tuple of float
        Between these every gradient is that is not 0; the first may be 0.
    """
    return _AnyInputs(setup, sizes).bounds()


@final
@dataclass(frozen=True)
class _AnyInputs:
    setup: Setup
    sizes: tuple[float, float]

    def bounds(self) -> AnyInputs:
        """Put it all together."""
        with np.errstate(all="ignore"):
            averaged = self.setup.averages
            shares = {name: shares_of(self.setup, one, name) for name, one in averaged.items()}
            theta = min((x.followed() for x in self._steps(shares)), key=sum)
            largest = self.sizes[1]
            m, v = shares.get("m"), shares["v"]
            of_m = (0.0, float(m.of_all[-1] * largest + m.absolute[-1]) if m else 0.0)
            of_v = (float(v.greatest[-1]), float(v.absolute[-1]))
            of_max = of_v
            if self.setup.rule.dialect.get("amsgrad") == "v_hat":
                shares_, beside = self._of_v_hat(Bounding(self.setup.machine), v)[1]
                of_max = float(shares_[-1]), float(beside[-1])
            if not self._fits():
                return AnyInputs(*[(math.inf, math.inf)] * 4)
        return AnyInputs(theta, of_m, of_v, of_max)

    def _fits(self) -> bool:
        """Say whether nothing overflows of the largest gradients."""
        g = self.sizes[1]
        sizes = {"m": g, "v": g * g}
        return all(
            math.isfinite(update_loses(self.setup, one, name, sizes[name], g))
            for name, one in self.setup.averages.items()
        )

    def _steps(self, shares: Mapping[str, Shares]) -> list[_Steps]:
        """Return for each t what theta loses, in one way or two to bound it."""
        edges = self._edges()
        cells, count = len(edges) - 1, len(self.setup.table)
        many = max(1, _CHUNK // (2 * cells))
        parts = []
        for first in range(0, count, many):
            at = np.arange(first, min(first + many, count))
            parts.append(self._some_steps(at, edges, shares))
        joined = [np.concatenate(x) for x in zip(*parts, strict=True)]
        kept, moved, *losses = joined
        return [_Steps(kept, moved, *losses[i : i + 2]) for i in range(0, len(losses), 2)]

    def _edges(self) -> Array:
        """Return the ends of cells of the root of v, or of what stands for it in the divisor."""
        least, largest = self.sizes
        names = ("eps", "eps_root")
        columns = self.setup.literal.columns
        added = [float(columns[n][0]) for n in names if n in columns]
        added = [x for x in added if x > 0 and math.isfinite(x)]
        b, w = (float(columns["beta2" + x][0]) for x in ("", COMPLEMENT))
        if least > 0:
            begin = math.sqrt(w * b ** (len(self.setup.table) - 1)) * least
        else:
            begin = min([*added, largest]) * 2.0**-_BELOW_EPS
        begin = min(max(begin, 2.0**-500), largest / 2)
        steps = math.ceil(_CELLS_AN_OCTAVE * math.log2(largest / begin))
        inner = np.geomspace(begin, largest * GROWN, steps + 1)
        return inner if least > 0 else np.concatenate([[0.0], inner])

    def _some_steps(self, at: Indices, edges: Array, shares: Mapping[str, Shares]) -> list[Array]:
        cells = len(edges) - 1
        rows = np.repeat(at, cells)
        low, high = np.tile(edges[:-1], len(at)), np.tile(edges[1:], len(at)) * OUTWARD
        work = Bounding(self.setup.machine)
        given = self._given(work, rows, low, high, shares)
        found = []
        for size in (self.setup.tiny, 1.0):
            theta = Bounded(np.zeros(len(rows)), np.full(len(rows), size), np.zeros(len(rows)))
            lines = self._worked(work, rows, {**given, "theta" + PREVIOUS: theta})
            found.append(lines["theta"])
        alone = {**given, "theta" + PREVIOUS: _exactly(1.0, len(rows))}
        alone |= {n: _exactly(0.0, len(rows)) for n in ("m", "g")}
        kept, moved = self._worked(work, rows, alone)["theta"], found[0].size
        every = [kept.size, moved]
        narrow = self.setup.machine.narrowed("theta")
        if narrow is None:
            every += _loses(*found)
        else:
            every += _loses(*(work.rounded(x, narrow) for x in found))
            # What is stored is no farther from what was worked than theta as it was before: by no
            # more than it moves, which for small steps is less than half a unit of theta.
            slope, still = _loses(*found)
            every += [2 * slope + (1 - kept.least) * OUTWARD, 2 * still + moved]
        return [np.asarray(x.reshape(len(at), cells).max(axis=1)) for x in every]

    def _given(
        self, work: Bounding, rows: Indices, low: Array, high: Array, shares: Mapping[str, Shares]
    ) -> dict[str, Any]:
        """Return m, v, what a maximum is, and g, on each cell at each step."""
        given: dict[str, Any] = {}
        v, top = shares["v"], high * high * OUTWARD
        of_v = v.greatest[rows], v.absolute[rows]
        cell = _between(low * low * (2 - OUTWARD), top, of_v[0] * top + of_v[1])
        scale = np.ones(len(rows))
        maximum = self.setup.rule.dialect.get("amsgrad", "none")
        if maximum != "none":
            below = _between(np.zeros(len(rows)), top, cell.error)
            if maximum == "v":
                given |= {"v": below, "v_max": cell}
            else:
                c2, off = self._of_v_hat(work, v)
                scale = np.sqrt(c2[rows]) * OUTWARD
                under = c2[rows] * top
                error = of_v[0] * under + of_v[1]
                given["v"] = _between(np.zeros(len(rows)), under, error)
                given["v_max"] = replace(cell, error=off[0][rows] * top + off[1][rows])
        else:
            given["v"] = cell
        none = np.zeros(len(rows))
        if "m" in shares:
            m = shares["m"]
            size, off_m = m.size[rows] * high * scale, m.of_root[rows] * high * scale
            given["m"] = Bounded(none, size * OUTWARD, (off_m + m.absolute[rows]) * OUTWARD)
        w2 = float(self.setup.literal.columns["beta2" + COMPLEMENT][0])
        g = np.minimum(high * scale / math.sqrt(w2) * OUTWARD, self.sizes[1])
        given["g"] = Bounded(none, g, none)
        return given

    def _of_v_hat(self, work: Bounding, v: Shares) -> tuple[Array, tuple[Array, Array]]:
        """Return the correction of v, and what a maximum of corrected ones is off by."""
        every = np.arange(len(self.setup.table))
        one = _exactly(1.0, len(every))
        of_one = self._worked(work, every, {"v": replace(one, error=v.greatest)}, "v_hat")["v_hat"]
        tiny = Bounded(np.zeros(len(every)), np.full(len(every), 2.0**-1022), v.absolute)
        of_none = self._worked(work, every, {"v": tiny}, "v_hat")["v_hat"]
        # A correction is what v is to its corrected value.
        c2 = 1 / of_one.least
        shares = np.maximum.accumulate(of_one.error * c2)
        return c2, (sure(shares), sure(np.maximum.accumulate(of_none.error)))

    def _worked(
        self, work: Bounding, rows: Indices, given: Mapping[str, Any], until: str = "theta"
    ) -> dict[str, Any]:
        """Work the lines that are not given, in all orders."""
        setup = self.setup
        literal, held = (inputs_of(setup.table, x) for x in (setup.literal, setup.held))
        made = dict(given)
        known: dict[Any, Any] = {}
        groups = np.zeros(len(rows), dtype=np.intp)
        for line in self.setup.rule.lines:
            if line.name in given:
                continue
            orders: Sequence[Expr] = self.setup.allowed.allowed[line.name]
            each = []
            for expr in orders:
                program = program_of(expr)
                for symbol in program.inputs:
                    if symbol not in made:
                        made[symbol] = self._operand(work, symbol, rows, literal, held)
                powers = {p: self._power(p, rows, literal, held) for p in program.powers}
                # Powers of one line and another are the same objects.
                powers = {p: known.setdefault(("power", p), (x,))[0] for p, x in powers.items()}
                each.append(evaluated(program, made, powers, work, groups, known))
            found = greatest(each)
            narrow = self.setup.machine.narrowed(line.name)
            # theta is rounded by whoever asks: that is bounded in two ways.
            if narrow is not None and line.name in self.setup.rule.states and line.name != "theta":
                found = work.rounded(found, narrow)
            made[line.name] = found
            if line.name == until:
                break
        return made

    def _operand(
        self, work: Bounding, symbol: str, rows: Indices, literal: Inputs, held: Inputs
    ) -> Bounded:
        if symbol in SHARED or symbol in literal.slack:
            make = work.shared if symbol in SHARED else None
            right, its = (
                make(np.asarray(x.columns[symbol])[rows]) if make is not None
                else hyper(work, x, symbol, rows)
                for x in (literal, held)
            )  # fmt: skip
            return _as_of(right, its)
        return work.column(np.asarray(literal.columns[symbol])[rows])

    def _power(self, power: Any, rows: Indices, literal: Inputs, held: Inputs) -> Bounded:
        setup = self.setup
        right, its = (raised_in(setup.machine, setup.allowed, power, x) for x in (literal, held))
        return Bounding(setup.machine).take(_as_of(right, its), rows)


@final
@dataclass(frozen=True)
class _Steps:
    """What theta keeps at each t, moves by, and loses: as a share of it, and beside that."""

    kept: Array
    moved: Array
    slope: Array
    off: Array

    def followed(self) -> tuple[float, float]:
        """Follow the errors of theta: shares of where it is, and what is beside them."""
        share, beside = 0.0, 0.0
        columns = (self.kept, self.slope, self.off, self.moved)
        for keeps, loses, lost, moves in zip(*(x.tolist() for x in columns), strict=True):
            grown = keeps + loses
            if not keeps or not math.isfinite(lost):
                return math.inf, math.inf
            share = (grown * share + loses) / keeps * OUTWARD
            beside = (grown * beside + share * moves + lost) * OUTWARD
        return share * GROWN, beside * GROWN


def _loses(still: Bounded, at_one: Bounded) -> list[Array]:
    """Return what theta loses as a share of it, and beside that: the line through two errors.

    The errors are the greatest of some that are linear in the size of theta: below that line.
    """
    low, high = (np.where(np.isnan(x.error), np.inf, x.error) for x in (still, at_one))
    return [np.maximum(high - low, 0) * OUTWARD + high * 2.0**-50, low]


def _exactly(value: float, count: int) -> Bounded:
    return Bounded(np.full(count, value), np.zeros(count), np.zeros(count))


def _between(low: Array, high: Array, error: Array) -> Bounded:
    middle = low / 2 + high / 2
    return Bounded(middle, (high - low) / 2 * OUTWARD + middle * 2.0**-50, error)


def _as_of(right: Bounded, its: Bounded) -> Bounded:
    """Bound what an implementation has by what it should be: other numbers stand for it."""
    apart = np.abs(right.value - its.value)
    same = (apart == 0) & (right.slack == its.slack)
    off = np.where(same, its.error, (its.error + apart + right.slack + its.slack) * OUTWARD)
    return replace(right, error=off)
