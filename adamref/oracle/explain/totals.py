"""What is known of whole tensors: norms, sums and greatest values, of one, of some, or of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sympy import Symbol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.table import Table

_KNOWN = (
    "norm", "norm_all", "mean_size", "size", "most_step", "most_norm_step", "rms_step",
    "norm_step", "norm_theta", "trust",
)  # fmt: skip
"""What a step knows of whole tensors, by name: the likelier ones first."""


def totals(
    seen: Table, values: Mapping[str, Array], alone: Mapping[Symbol, Array]
) -> dict[Symbol, Array]:
    """Return what is known of whole tensors, by rows.

    Parameters
    ----------
    seen : Table
    values : mapping of str to float64 array
        What a step knows.
    alone : mapping of sympy.Symbol to float64 array
        What stands at a place by itself: the means and greatest values of tensors are taken.
    """
    found = {Symbol(n, real=True): values[n] for n in _KNOWN if n in values}
    with np.errstate(all="ignore"):
        found |= {Symbol(n, real=True): x for n, x in _of_gradients(seen).items()}
    whole = ("mean(", "max(")
    found |= {x: y for x, y in alone.items() if x.name.startswith(whole) and "axis" not in x.name}
    # What is no number tells nothing of what was made of it.
    return {x: np.where(np.isfinite(y), y, np.nan) for x, y in found.items()}


def _of_gradients(seen: Table) -> dict[str, Array]:
    """Return what gradients come to over tensors that are stepped together, by rows."""
    groups, together, size = seen.groups, seen.together, np.abs(seen.columns["g"])
    # One number a tensor at a step.
    _, first = np.unique(groups, return_index=True)
    step = together[first]
    count = np.bincount(groups)
    squares, sizes = (np.bincount(groups, weights=x).astype(float) for x in (np.square(size), size))
    most = np.zeros(len(first))
    np.maximum.at(most, groups, size)
    every = {
        "Σg²": squares, "Σ|g|": sizes, "Σ‖g‖": np.sqrt(squares), "Σn": count.astype(float),
    }  # fmt: skip
    sums = {n: np.bincount(step, weights=x) for n, x in every.items()}
    greatest = np.zeros(len(sums["Σg²"]))
    np.maximum.at(greatest, step, most)
    found = {"Σg²": squares, "Σ|g|": sizes, "rms(g)": np.sqrt(squares / count)}
    found |= {f"{n} over all tensors": x[step] for n, x in sums.items()}
    found["rms(g) over all tensors"] = np.sqrt(sums["Σg²"] / sums["Σn"])[step]
    found["max|g| over all tensors"] = greatest[step]
    found |= _by_order(squares, step, seen.columns["tensor"][first])
    # Of an empty tensor, or one that is left out, there is no row: who comes first is not known.
    whole = np.array([len(x.thetas) for x in seen.trials])[seen.columns["trial"][first]]
    some = np.bincount(step)[step] < whole
    found |= {n: np.where(some, np.nan, x) for n, x in found.items() if n.startswith("‖g of")}
    return {n: x[groups] for n, x in found.items()}


def _by_order(squares: Array, step: NDArray[Any], number: NDArray[Any]) -> dict[str, Array]:
    """Return norms of the tensors that come before others of a step, by tensors and steps."""
    order = np.lexsort((number, step))
    begins = np.flatnonzero(np.concatenate([[True], np.diff(step[order]) != 0]))
    place = np.arange(len(order)) - np.repeat(begins, np.diff([*begins, len(order)]))
    # A row a step, a column a tensor.
    at = step[order], place
    its = np.zeros((step.max() + 1, place.max() + 1))
    its[at] = squares[order]
    last = np.bincount(step) - 1
    shifted = np.concatenate([np.full((len(its), 1), np.nan), its[:, :-1]], axis=1)
    made = {
        "first tensor": its[step[order], 0],
        "last tensor": its[step[order], last[step[order]]],
        "tensor before": shifted[at],
        "tensors so far": np.cumsum(its, axis=1)[at],
        "tensors from here on": np.cumsum(its[:, ::-1], axis=1)[:, ::-1][at],
    }
    back = np.argsort(order, kind="stable")
    return {f"‖g of the {n}‖": np.sqrt(x[back]) for n, x in made.items()}
