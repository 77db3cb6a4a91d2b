"""A step between two states as a table of the check: a row for each element."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from adamref import rules
from adamref.oracle.observe.table import Table, Unseen
from adamref.oracle.observe.trial import Trial

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array, Indices


def between(
    before: Mapping[str, Array],
    after: Mapping[str, Array],
    *,
    t: Indices,
    hyper: Mapping[str, float],
    optimizer: str,
    unseen: Unseen,
    g: Array | None,
    places: Indices,
    tensors: Indices,
) -> Table:
    """Lay out one step of elements of a tensor.

    Parameters
    ----------
    before, after : mapping of str to float64 array
        theta and the states, by adamref's names: flat arrays of one length.
    t : array of int
        Of the step: what the counter is after it.
    hyper : mapping of str to float
        By adamref's names; what is not given is NaN.
    optimizer : str
    unseen : Unseen
        How the gradient is solved for, where it was not seen.
    g : float64 array or None
        The gradient, where it was.
    places, tensors : array of int
        Which elements these are, and of which tensor.
    """
    count = len(before["theta"])
    one = rules.optimizer(optimizer)
    hypers = [name for name in one.hypers if name != "alpha"]
    none = {"eps_root": 0.0, "weight_decay": 0.0} | {n: one.hypers[n].neutral for n in one.optional}
    given = {n: hyper.get(n, none.get(n, np.nan)) for n in ("alpha", *hypers)}
    whole = {
        "trial": 0,
        "tensor": 0,
        "step": 1,
        "t": t,
        "calls": t,
        "taken": True,
        "fresh": True,
        "reloaded": True,
        "judged": True,
        "core": True,
        "answered_t": np.nan,
        "alpha_first": given["alpha"],
        "g": np.nan if g is None else g,
        "g_last": 0.0,
        "g_total_so_far": np.nan,
        **given,
    }
    columns = {name: np.array(np.broadcast_to(x, count)) for name, x in whole.items()}
    lane = np.arange(count)
    columns |= {"lane": lane, "element": places, "tensor": tensors}
    columns |= {f"{name}_earlier": x for name, x in before.items() if name in {"theta", "m", "v"}}
    columns["theta_first"] = before["theta"]
    owners = [tensors == i for i in range(int(tensors.max()) + 1)]
    trial = Trial(
        name="step",
        kind="core",
        says="The step between two checkpoints.",
        thetas=tuple(before["theta"][own] for own in owners),
        grads=((None,) * len(owners),),
        hyper={n: x for n, x in given.items() if n != "alpha"},
        alphas=(given["alpha"],),
        states=({},) * len(owners),
        firsts=tuple(int(t[own][0]) if own.any() else 1 for own in owners),
    )
    return Table(
        (trial,),
        columns,
        dict(before),
        dict(after),
        frozenset(before) - {"theta"},
        (lane[None, :],),
        ("alpha", *hypers),
        unseen=unseen if g is None else None,
    )
