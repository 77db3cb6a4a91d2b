"""What is known of a row that a program may branch on: numbers, and what is true or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adamref.numbers.arrays import distinct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.table import Table

_HYPERS = ("alpha", "beta1", "beta2", "eps", "weight_decay")


def numbers_of(table: Table, right: Mapping[str, Array]) -> list[tuple[str, Array]]:
    """Return the numbers of a row that a program may branch on."""
    c = table.columns
    g, size = np.abs(c["g"]), table.sizes
    element = c["element"].astype(float)
    with np.errstate(all="ignore"):
        norm = np.sqrt(_over(table.groups, np.square(g)))
        together = np.sqrt(_over(table.together, np.square(g)))
        largest = _largest(table.groups, g)
        found = [
            ("t", c["t"].astype(float)),
            ("the element's number", element),
            ("the step", c["step"].astype(float)),
            ("the number of the tensor", c["tensor"].astype(float)),
            ("the number of elements", size),
            ("the element's number from the end", size - 1 - element),
            ("the element's number less half of how many there are", element - size / 2),
            ("the row's number", _index(table, 0)),
            ("the column's number", _index(table, -1)),
            ("the number of axes", _of_theta(table, lambda x: x.ndim)),
            ("the number of tensors", np.array([len(x.thetas) for x in table.trials])[c["trial"]]),
            ("beta1^t", _powered(c, "beta1")),
            ("beta2^t", _powered(c, "beta2")),
            ("t*(1 - beta1)", _windows(c, "beta1")),
            ("t*(1 - beta2)", _windows(c, "beta2")),
            ("RAdam's rho", _rho(c)),
            ("|g|", g),
            ("the norm of the tensor's gradient", norm),
            ("the norm of all gradients", together),
            ("the largest |g| of the tensor", largest),
            ("|theta|", np.abs(table.before["theta"])),
            ("g", c["g"]),
            ("theta", table.before["theta"]),
        ]
        found += [
            (f"|{name}| before", np.abs(table.before[name]))
            for name in sorted(table.visible & table.before.keys())
        ]
        known = sorted(table.visible & right.keys())
        found += [(f"the right |{name}|", np.abs(right[name])) for name in known]
        if {"m", "v"} <= set(known) and "beta2" in c:
            before = np.sqrt(table.before["v"] / -np.expm1((c["t"] - 1) * np.log(c["beta2"])))
            found.append(("|g| over the root of the corrected v before", g / before))
            found.append(
                ("the right |m| over the root of v", np.abs(right["m"]) / np.sqrt(right["v"]))
            )
        if "v" in known and {"beta2", "eps"} <= c.keys():
            corrected = right["v"] / -np.expm1(c["t"] * np.log(c["beta2"].astype(float)))
            found.append(("the corrected v over epsilon", corrected / c["eps"]))
            found.append(
                ("the root of the corrected v over epsilon", np.sqrt(corrected) / c["eps"])
            )
        if "step" in right:
            found.append(("the right |step| over alpha", np.abs(right["step"])))
        for name in _HYPERS:
            if name in c:
                found.append((name, np.nan_to_num(c[name].astype(float))))
    return [(name, np.asarray(x, dtype=float)) for name, x in found]


def _rho(c: Mapping[str, NDArray[np.generic]]) -> Array:
    """Return the degrees of freedom of v by which RAdam branches (Liu et al. 2020)."""
    if "beta2" not in c:
        return np.full(len(c["t"]), np.nan)
    t, b = c["t"].astype(float), c["beta2"].astype(float)
    return np.asarray(2 / (1 - b) - 1 - 2 * t * b**t / (1 - b**t))


def facts_of(table: Table) -> list[tuple[str, NDArray[np.bool_]]]:
    """Return what is true or not of a row."""
    c, before = table.columns, table.before
    g, element = c["g"], c["element"]
    rows = _of_theta(table, lambda x: x.shape[0] if x.ndim else 1)
    columns = _of_theta(table, lambda x: x.shape[-1] if x.ndim else 1)
    matrix = _of_theta(table, lambda x: x.ndim) > 1
    lost = ~np.isfinite(g)
    counts = np.array([len(x.thetas) for x in table.trials])[c["trial"]]
    several, last = counts > 1, c["tensor"] == counts - 1
    square = _of_theta(table, lambda x: float(x.ndim > 1 and len(set(x.shape)) == 1)) > 0
    defaults = np.array([x.defaults for x in table.trials])[c["trial"]]
    last_alpha = rate_before(table)
    found = [
        ("g = 0", g == 0),
        ("g < 0", g < 0),
        ("g is not finite", lost),
        ("the tensor's gradient has an element that is not finite", _any(table.groups, lost)),
        ("some gradient has an element that is not finite", _any(table.together, lost)),
        ("all g of its row are 0", matrix & ~_any(_rows(table), g != 0)),
        ("theta = 0", before["theta"] == 0),
        ("theta < 0", before["theta"] < 0),
        ("it is the first step after a load", c["reloaded"]),
        ("alpha is not that of the first step", c["alpha"] != c["alpha_first"]),
        ("alpha is not that of the step before", c["alpha"] != last_alpha),
        ("alpha is less than that of the step before", c["alpha"] < last_alpha),
        ("alpha is more than that of the step before", c["alpha"] > last_alpha),
        ("the tensor is one of several", several),
        ("the tensor is the last of several", several & last),
        ("another tensor comes after it", several & ~last),
        ("a tensor of its shape comes before it", several & _alike(table, -1)),
        ("a tensor of its shape comes after it", several & _alike(table, 1)),
        ("the element's number is shape[0] or more", element >= rows),
        ("the row's number is shape[-1] or more", matrix & (_index(table, 0) >= columns)),
        ("the column's number is shape[0] or more", matrix & (_index(table, -1) >= rows)),
        ("the tensor is square", square),
        ("a gradient was missing before", c["step"] > c["t"] - _first_t(table) + 1),
        ("it was made without hyperparameters", defaults),
    ]  # fmt: skip
    others = {x: _size_of(table, x) for x in ("first tensor", "tensor before", "last tensor")}
    found += [
        (f"the element's number is the size of the {x} or more", several & (element >= size))
        for x, size in others.items()
    ]
    found += [
        (f"{name} before {sign}", rows_)
        for name in sorted(table.visible & before.keys())
        for sign, rows_ in (("= 0", before[name] == 0), ("< 0", before[name] < 0))
    ]
    shown = sorted(table.visible & {"m"})
    pairs = [("g", name, g, table.got[name]) for name in shown]
    pairs += [("g", "theta", g, before["theta"])]
    pairs += [(name, "theta", table.got[name], before["theta"]) for name in shown]
    if "weight_decay" in c:
        with np.errstate(all="ignore"):
            decayed = g + c["weight_decay"] * before["theta"]
        pairs += [("g + lambda*theta", name, decayed, table.got[name]) for name in shown]
    pairs += [("g", f"{n} before", g, before[n]) for n in sorted(table.visible & {"m"})]
    for one, other, x, y in pairs:
        found.append((f"{one} and {other} have opposite signs", np.sign(x) * np.sign(y) < 0))
        found.append((f"{one} and {other} have the same sign", np.sign(x) == np.sign(y)))
    found += [(f"{n} = 0", c[n] == 0) for n in ("eps", "weight_decay", "beta1", "beta2") if n in c]
    return [(says, np.asarray(x, dtype=bool)) for says, x in found]


def rate_before(table: Table) -> Array:
    """Return what alpha was at the step before, of a first step what it is.

    Where another rate than the trial's is fixed inside it is the same throughout.
    """
    c = table.columns
    alphas = [np.asarray(x.alphas, dtype=float) for x in table.trials]
    pairs = list(zip(c["trial"].tolist(), (c["step"] - 1).tolist(), strict=True))
    now, last = (np.array([alphas[i][max(k - by, 0)] for i, k in pairs]) for by in (0, 1))
    return np.where(now == c["alpha"], last, c["alpha"])


def _size_of(table: Table, which: str) -> Array:
    """Return the size of another tensor of each row's trial; NaN where there is none before."""
    trial, tensor = table.columns["trial"].tolist(), table.columns["tensor"].tolist()
    sizes = [[float(theta.size) for theta in x.thetas] for x in table.trials]
    found = {
        (i, j): {"first tensor": its[0], "tensor before": last, "last tensor": its[-1]}[which]
        for i, its in enumerate(sizes)
        for j, last in enumerate([np.nan, *its[:-1]])
    }
    return np.array([found[pair] for pair in zip(trial, tensor, strict=True)])


def _alike(table: Table, towards: int) -> NDArray[np.bool_]:
    """Say whether a tensor of the same shape comes before, or after, of each row's trial."""
    trial, tensor = table.columns["trial"].tolist(), table.columns["tensor"].tolist()
    shapes = [[theta.shape for theta in x.thetas] for x in table.trials]
    found = {
        (i, j): shape in (its[:j] if towards < 0 else its[j + 1 :])
        for i, its in enumerate(shapes)
        for j, shape in enumerate(its)
    }
    return np.array([found[pair] for pair in zip(trial, tensor, strict=True)])


def _rows(table: Table) -> NDArray[np.intp]:
    """Return a number for each row of a tensor at a step: all with one first index."""
    below = _of_theta(table, lambda x: np.prod(x.shape[1:]) if x.ndim > 1 else x.size)
    keys = np.stack([table.groups, table.columns["element"] // np.maximum(below, 1)], axis=1)
    return distinct(keys)[1]


def _powered(columns: Mapping[str, NDArray[np.generic]], rate: str) -> Array:
    """Return a power of a rate that a correction has; nothing where there is no such rate."""
    base = np.asarray(columns.get(rate, np.nan), dtype=np.float64)
    return np.power(base, columns["t"].astype(np.float64))


def _windows(columns: Mapping[str, NDArray[np.generic]], rate: str) -> Array:
    """Return t in windows of an average, of 1/(1 - b) steps each; nothing without such a rate."""
    base = np.asarray(columns.get(rate, np.nan), dtype=np.float64)
    return np.asarray(columns["t"].astype(np.float64) * (1 - base))


def _of_theta(table: Table, of: object) -> Array:
    """Return something of each row's tensor."""
    known = {
        (i, j): float(of(theta))  # type: ignore[operator]
        for i, trial in enumerate(table.trials)
        for j, theta in enumerate(trial.thetas)
    }
    pairs = zip(table.columns["trial"].tolist(), table.columns["tensor"].tolist(), strict=True)
    return np.array([known[pair] for pair in pairs])


def _index(table: Table, axis: int) -> Array:
    """Return where each row's element stands along an axis, from 0 on; NaN without two axes."""
    element = table.columns["element"]
    below = _of_theta(table, lambda x: np.prod(x.shape[1:]) if axis == 0 else 1)
    length = _of_theta(table, lambda x: x.shape[axis] if x.ndim > 1 else np.nan)
    with np.errstate(all="ignore"):
        return np.asarray(element // np.maximum(below, 1) % length, dtype=np.float64)


def _first_t(table: Table) -> Array:
    firsts = [list(x.firsts) for x in table.trials]
    pairs = zip(table.columns["trial"].tolist(), table.columns["tensor"].tolist(), strict=True)
    return np.array([firsts[i][j] for i, j in pairs], dtype=float)


def _over(groups: NDArray[np.intp], x: Array) -> Array:
    return np.asarray(np.bincount(groups, weights=x)[groups], dtype=np.float64)


def _largest(groups: NDArray[np.intp], x: Array) -> Array:
    found = np.full(int(groups.max()) + 1, -np.inf)
    np.fmax.at(found, groups, x)
    return found[groups]


def _any(groups: NDArray[np.intp], rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.bincount(groups, weights=rows)[groups] > 0
