"""What a step knows, in columns: what may stand in a line in place of the right thing."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from sympy import Expr, Symbol, evaluate, sqrt

from adamref.oracle.judge.hypothesis import lines_of
from adamref.oracle.judge.simulation import Model, Simulator, inputs_of
from adamref.rules import symbols
from adamref.rules.symbols import PREVIOUS
from adamref.solving.inversion import valued

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array
    from adamref.oracle.judge.identification import Identified
    from adamref.oracle.observe.table import Table


def columns(
    found: Identified, seen: Table, shown: frozenset[str], hidden: frozenset[str]
) -> dict[str, Array]:
    """Return what a step knows, by name: its inputs, the states before it, and those made so far.

    Parameters
    ----------
    found : Identified
    seen : Table
    shown, hidden : frozenset of str
        States that are taken as they were observed, or as the right lines make them.
    """
    dialect = found.fit.dialect
    inputs = inputs_of(seen, found.numbers)
    known = {*dialect.rule.defaults, *(f"{x}.complement" for x in found.numbers.rates)}
    values = {n: np.asarray(x, float) for n, x in inputs.columns.items() if n in known}
    values |= {n: np.asarray(inputs.columns[n], float) for n in ("g", "t")}
    values |= {n + PREVIOUS: x for n, x in seen.before.items() if n in dialect.rule.states}
    if hidden:
        made = Simulator(seen).run(Model(lines_of(dialect), inputs), tuple(hidden))
        values |= {n: np.asarray(x, float) for n, x in made.items()}
    values |= {n: seen.got[n] for n in shown}
    values |= _beside(seen)
    return {n: x for n, x in values.items() if x.shape == (len(seen),)}


def _beside(seen: Table) -> dict[str, Array]:
    """Return what is no rule's: gradients of other rows, and of whole tensors."""
    c, groups = seen.columns, seen.groups
    g = c["g"]
    with np.errstate(all="ignore"):
        total = np.bincount(groups, weights=g)
        squares = np.bincount(groups, weights=np.square(g))
        together = seen.together
        every = np.bincount(together, weights=np.square(g))
        found = {
            "g_last": c["g_last"].astype(float),
            "size": seen.sizes,
            "norm": np.sqrt(squares)[groups],
            "norm_all": np.sqrt(every)[together],
            "mean_size": np.bincount(groups, weights=np.abs(g))[groups] / seen.sizes,
            "mean_g": total[groups] / np.bincount(groups)[groups],
            "alpha_first": c["alpha_first"].astype(float),
            "theta_first": c["theta_first"].astype(float),
            "theta_earlier": c["theta_earlier"].astype(float),
        }
    order = np.lexsort((c["element"], groups))
    for name, by in (("g_before", 1), ("g_next", -1)):
        moved, same = np.roll(g[order], by), np.roll(groups[order], by) == groups[order]
        found[name] = np.empty_like(g)
        found[name][order] = np.where(same, moved, np.nan)
    return found


def as_likely(values: Mapping[str, Array]) -> dict[Expr, Array]:
    """Return expressions that are as likely as a symbol."""
    count = len(values["t"])
    t = symbols.current("t")
    with evaluate(False):
        found: list[Expr] = [t - 1, t + 1]
        for rate, moment in (("beta1", "m"), ("beta2", "v")):
            if rate not in values:
                continue
            b, x = symbols.current(rate), symbols.current(moment)
            found += [1 - b, b**t, 1 - b**t, 1 - b ** (t - 1), 1 - b ** (t + 1)]
            if moment in values:
                found += [x / (1 - b**t), sqrt(x / (1 - b**t)), sqrt(x)][
                    : 1 if rate == "beta1" else 3
                ]
    # What is worked from a symbol that is not there has no values.
    return {
        x: valued(x, values, count)
        for x in found
        if {y.name for y in x.free_symbols} <= values.keys()
    }


def alone(seen: Table, values: Mapping[str, Array]) -> dict[Symbol, Array]:
    """Return what may stand at a place by itself: values of other elements, and means over axes.

    Parameters
    ----------
    seen : Table
    values : mapping of str to float64 array
        What a step knows.
    """
    names = [n for n in ("g", "m_prev", "v_prev") if n in values]
    g, tensors = values["g"], list(_tensors(seen))
    found: dict[str, Array] = {}
    with np.errstate(all="ignore"):
        for x in names:
            own = _said(x)
            found[f"{own} in Fortran's order"] = _over(
                tensors, values[x], lambda y: y.ravel(order="F")
            )
            found[f"{own} from Fortran's order"] = _over(
                tensors, values[x], lambda y: y.reshape(y.shape[::-1]).transpose().ravel()
            )
            if x != "g":
                for by, where in ((1, "i-1"), (-1, "i+1")):
                    found[f"{own}[{where}]"] = _over(tensors, values[x], partial(_moved, by=by))
        for said, column in (("g", g), ("g²", np.square(g)), ("|g|", np.abs(g))):
            for axis, which in ((-1, "last"), (0, "first")):
                found[f"mean({said} over the {which} axis)"] = _over(
                    tensors, column, partial(_mean, axis=axis)
                )
        for x in names:
            if x != "g":
                name = x.removesuffix(PREVIOUS)
                found[f"{name}ₜ₋₂"] = seen.columns[f"{name}_earlier"].astype(float)
        found["mean(g over all axes but the first)"] = _over(tensors, g, _mean_of_rest)
        found["mean(g²)"] = _over(tensors, np.square(g), lambda y: np.full(y.size, y.mean()))
    return {Symbol(n, real=True): x for n, x in found.items()}


def _said(name: str) -> str:
    bare = name.removesuffix(PREVIOUS)
    return f"{bare}ₜ₋₁" if bare != name else name


def _moved(x: Array, by: int) -> Array:
    """Return the values of neighbours; NaN where there is none."""
    made = np.roll(x.ravel(), by)
    made[slice(by) if by > 0 else slice(by, None)] = np.nan
    return made


def _mean(x: Array, axis: int) -> Array:
    if x.ndim < 2:
        return np.full(x.size, np.nan)
    return np.broadcast_to(x.mean(axis=axis, keepdims=True), x.shape).ravel()


def _mean_of_rest(x: Array) -> Array:
    if x.ndim < 2:
        return np.full(x.size, np.nan)
    means = x.mean(axis=tuple(range(1, x.ndim)), keepdims=True)
    return np.broadcast_to(means, x.shape).ravel()


def _tensors(seen: Table) -> list[tuple[NDArray[np.intp], tuple[int, ...]]]:
    """Return the rows of each tensor at each step, in the order of its elements, and its shape."""
    c = seen.columns
    order = np.lexsort((c["element"], seen.groups))
    ends = np.flatnonzero(np.diff(seen.groups[order])) + 1
    found = []
    for rows in np.split(order, ends):
        if rows.size:
            shape = seen.trials[c["trial"][rows[0]]].thetas[c["tensor"][rows[0]]].shape
            if rows.size == math.prod(shape):
                found.append((rows, shape))
    return found


def _over(
    tensors: list[tuple[NDArray[np.intp], tuple[int, ...]]],
    x: Array,
    of: Callable[[Array], Array],
) -> Array:
    """Return what is made of whole tensors, element by element; NaN where one is not whole."""
    made = np.full(len(x), np.nan)
    for rows, shape in tensors:
        made[rows] = of(x[rows].reshape(shape))
    return made
