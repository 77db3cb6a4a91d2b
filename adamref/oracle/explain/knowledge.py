"""What a step knows, in columns: what may stand in a line in place of the right thing."""

from __future__ import annotations

from functools import partial
from itertools import pairwise, product
from typing import TYPE_CHECKING

import numpy as np
from sympy import Abs, Expr, Symbol, evaluate, sqrt

from adamref.faults.inputs import groups
from adamref.oracle.explain.elements import WIDTHS
from adamref.oracle.explain.facts import rate_before
from adamref.oracle.explain.totals import totals
from adamref.oracle.judge.hypothesis import lines_of
from adamref.oracle.judge.simulation import Model, Simulator, inputs_of
from adamref.rules import symbols
from adamref.rules.symbols import PREVIOUS
from adamref.solving.inversion import valued
from adamref.solving.knowledge import Knowledge
from adamref.solving.laws import RUNS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from adamref.numbers.arrays import Array
    from adamref.oracle.explain.elements import Elements
    from adamref.oracle.judge.identification import Identified
    from adamref.oracle.observe.table import Table


def known_of(
    name: str,
    found: Identified,
    seen: Table,
    shown: frozenset[str],
    hidden: frozenset[str],
    elements: Elements,
) -> Knowledge:
    """Return what a step knows: its inputs, the states before it, and those made so far.

    Parameters
    ----------
    name : str
        The line.
    found : Identified
    seen : Table
    shown, hidden : frozenset of str
        States that are taken as they were observed, or as the right lines make them.
    elements : Elements
        Of the table.
    """
    values = _columns(found, seen, shown, hidden, elements)
    its_own = _alone(seen, values, elements)
    return Knowledge(
        values,
        _as_likely(values),
        its_own,
        totals(seen, values, its_own),
        _earlier(name, seen, elements),
        _sizes(values),
    )


def _sizes(values: Mapping[str, Array]) -> dict[Expr, Array]:
    """Return to what size somebody keeps a value: of the states before, and of theta."""
    with evaluate(False):
        found: list[Expr] = [Abs(symbols.previous(x)) for x in ("m", "theta")]
        v, b, t = symbols.previous("v"), symbols.current("beta2"), symbols.current("t")
        found += [sqrt(v / (1 - b ** (t - 1))), sqrt(v)]
    return {
        x: valued(x, values, len(values["t"]))
        for x in found
        if {y.name for y in x.free_symbols} <= values.keys()
    }


def _columns(
    found: Identified,
    seen: Table,
    shown: frozenset[str],
    hidden: frozenset[str],
    elements: Elements,
) -> dict[str, Array]:
    """Return what a step knows, by name."""
    dialect = found.fit.dialect
    inputs = inputs_of(seen, found.numbers)
    known = {*dialect.rule.defaults, *(f"{x}.complement" for x in found.numbers.rates)}
    values = {n: np.asarray(x, float) for n, x in inputs.columns.items() if n in known}
    values |= {n: np.asarray(inputs.columns[n], float) for n in ("g", "t")}
    values |= {n + PREVIOUS: x for n, x in seen.before.items() if n in dialect.rule.states}
    unseen = frozenset(dialect.rule.states) - seen.visible - {"theta"}
    if unseen:
        run = Simulator(seen).run(Model(lines_of(dialect), inputs), tuple(unseen))
        made = {n: np.asarray(x, float) for n, x in run.items()}
        values |= {n + PREVIOUS: _before(seen, values[n + PREVIOUS], x) for n, x in made.items()}
        values |= {n: x for n, x in made.items() if n in hidden}
    values |= {n: seen.got[n] for n in shown}
    values |= dict(zip(RUNS, (_tensors(seen), seen.columns["step"].astype(float)), strict=True))
    values |= _beside(seen) | {n: elements.of(values["g"], x) for n, x in POOLED.items()}
    step = right_step(found, seen, shown)
    if step is not None:
        values |= _of_step(seen, step)
    return {n: x for n, x in values.items() if x.shape == (len(seen),)}


def _before(seen: Table, start: Array, made: Array) -> Array:
    """Return what a hidden state was before each row, from what it was after the last."""
    found = start.copy()
    for rows in seen.lanes:
        found[rows[1:]] = made[rows[:-1]]
    return found


def _tensors(seen: Table) -> Array:
    """Return for each row the number of its tensor, over all trials."""
    return groups(seen, "trial", "tensor").astype(float)


def right_step(found: Identified, seen: Table, shown: frozenset[str]) -> Array | None:
    """Return the right step over alpha, from what was shown; None where a rule has none."""
    lines, inputs = lines_of(found.fit.dialect), inputs_of(seen, found.numbers)
    if "delta" not in lines or "alpha" not in inputs.columns:
        return None
    made = Simulator(seen).run(Model(lines, inputs, shown=shown), ("delta",))["delta"]
    with np.errstate(all="ignore"):
        return np.asarray(made / inputs.columns["alpha"], dtype=np.float64)


def _of_step(seen: Table, step: Array) -> dict[str, Array]:
    """Return what is known of the steps of whole tensors, by their rates: what bounds them."""
    with np.errstate(all="ignore"):
        norm, theta = (
            np.sqrt(np.bincount(seen.groups, weights=np.square(x)))[seen.groups]
            for x in (step, seen.before["theta"])
        )
        root_mean_square = norm / np.sqrt(seen.sizes)
        # What bounds a step comes before what it bounds: where they are the same it is meant.
        return {
            "most_step": np.maximum(1, root_mean_square),
            "most_norm_step": np.maximum(1, norm),
            "norm_step": norm,
            "rms_step": root_mean_square,
            "norm_theta": theta,
            "trust": theta / norm,
        }


def _beside(seen: Table) -> dict[str, Array]:
    """Return what is no rule's: what was before, and what is of whole tensors."""
    c, groups = seen.columns, seen.groups
    g = c["g"]
    with np.errstate(all="ignore"):
        total = np.bincount(groups, weights=g)
        squares = np.bincount(groups, weights=np.square(g))
        together = seen.together
        every = np.bincount(together, weights=np.square(g))
        return {
            "g_last": c["g_last"].astype(float),
            "size": seen.sizes,
            "norm": np.sqrt(squares)[groups],
            "norm_all": np.sqrt(every)[together],
            "mean_size": np.bincount(groups, weights=np.abs(g))[groups] / seen.sizes,
            "mean_g": total[groups] / np.bincount(groups)[groups],
            "alpha_first": c["alpha_first"].astype(float),
            "alpha_last": rate_before(seen),
            "theta_first": c["theta_first"].astype(float),
            "theta_earlier": c["theta_earlier"].astype(float),
        }


def _as_likely(values: Mapping[str, Array]) -> dict[Expr, Array]:
    """Return expressions that are as likely as a symbol."""
    count = len(values["t"])
    t = symbols.current("t")
    with evaluate(False):
        found: list[Expr] = [t - 1, t + 1]
        found.append(1 - symbols.current("alpha") * symbols.current("weight_decay"))
        found.append(symbols.current("alpha") / Symbol("alpha_last", real=True))
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


def _alone(seen: Table, values: Mapping[str, Array], elements: Elements) -> dict[Symbol, Array]:
    """Return what may stand at a place by itself: values of other elements, and means over axes."""
    g = values["g"]
    found: dict[str, Array] = {}
    for x in (n for n in _OF_ELEMENTS if n in values):
        for index in elements.indices:
            its = elements.of(values[x], index)
            if x != "g" or index not in POOLED.values():
                found[f"{_said(x)}{index}"] = its
            if x == "g":
                # What is squared may have had either sign: it is no place of its own.
                found[f"{_said(x)}{index}²"] = np.square(its)
    with np.errstate(all="ignore"):
        averaged = {"g": g, "g²": np.square(g), "|g|": np.abs(g)}
        averaged |= {_said(n): values[n] for n in _OF_ELEMENTS[1:] if n in values}
        if {"weight_decay", "theta_prev"} <= values.keys():
            total = g + values["weight_decay"] * values["theta_prev"]
            averaged |= {"(g + λ·θₜ₋₁)²": np.square(total), "|g + λ·θₜ₋₁|": np.abs(total)}
        for said, column in averaged.items():
            for (axis, which), (of, work) in product(_AXES, _OVER):
                found[f"{of}({said} over the {which} axis)"] = elements.over(
                    column, partial(_over, axis=axis, work=work)
                )
            whole = elements.over(column, lambda y: np.full(y.size, y.mean()))
            found[f"mean({said})"] = whole
            if not said.endswith("²"):
                greatest = elements.over(np.abs(column), lambda y: np.full(y.size, y.max()))
                found[f"max(|{said.strip('|')}|)"] = greatest
        for axis, which in _AXES:
            mean = elements.over(g, partial(_over, axis=axis, work=np.mean))
            found[f"mean(g over the {which} axis)²"] = np.square(mean)
        t, element = values["t"], seen.columns["element"]
        before, sizes = t - seen.columns["step"], seen.sizes
        for k in WIDTHS:
            found[f"(t + i // {k})"] = t + element // k
            # Counted on with each chunk of a tensor, and never set back.
            done = (seen.columns["step"] - 1) * -(-sizes // k)
            found[f"(t, counted once for each {k} elements)"] = before + done + element // k + 1
        found["(t + i)"], found["(t + the tensor's number)"] = (
            t + element,
            t + seen.columns["tensor"],
        )
        found["(the steps since α changed)"] = _since_a_change(seen)
        for x in (n for n in ("m_prev", "v_prev") if n in values):
            name = x.removesuffix(PREVIOUS)
            found[f"{name}ₜ₋₂"] = seen.columns[f"{name}_earlier"].astype(float)
        found["mean(g over all axes but the first)"] = elements.over(g, _mean_of_rest)
    return {Symbol(n, real=True): x for n, x in found.items()}


def _since_a_change(seen: Table) -> Array:
    """Return t, counted anew from each step on at which alpha is another."""
    c = seen.columns
    step, t = c["step"].astype(int), c["t"].astype(float)
    last = [[0, *_last_changes(x.alphas)] for x in seen.trials]
    pairs = zip(c["trial"].tolist(), step.tolist(), strict=True)
    since = np.array([last[i][min(k, len(last[i]) - 1)] for i, k in pairs])
    return np.where(since > 0, step - since + 1, t)


def _last_changes(alphas: Sequence[float | None]) -> list[int]:
    """Return for each step the last at which alpha was another than before, from 1 on; 0: none."""
    found, last = [], 0
    for k, (before, now) in enumerate(pairwise((alphas[0], *alphas) if alphas else ()), start=1):
        last = k if now != before else last
        found.append(last)
    return found


def _earlier(name: str, seen: Table, elements: Elements) -> dict[Symbol, Array]:
    """Return what a loop that works in place finds in other elements: of those before, new values.

    What it finds of those after is known as what was there before the step.
    """
    if name not in seen.visible and name != "theta":
        return {}
    own = np.arange(len(seen))
    order = np.empty(len(seen), dtype=int)
    order[np.lexsort((seen.columns["element"], seen.columns["tensor"]))] = own
    found = {}
    for index in (x for x in elements.indices if x in _EARLIER):
        at = elements.of(own.astype(float), index)
        there = np.nan_to_num(at).astype(int)
        value = np.where(order[there] < order, seen.got[name][there], seen.before[name][there])
        its = np.where(np.isnan(at) | (there == own), np.nan, value)
        found[Symbol(f"{name}{index}", real=True)] = its
    return found


_EARLIER = ("[i-1]", "[(i-1) mod n]", " of the tensor before", " of the first tensor")
"""Where an element stands that a loop comes to before."""

_OF_ELEMENTS = ("g", "m_prev", "v_prev", "theta_prev", "m", "v")
"""What elements have of their own."""

POOLED = {"g_before": "[i-1]", "g_next": "[i+1]"}
"""Gradients that are put together with other things too, by their names and indices."""


def _said(name: str) -> str:
    bare = name.removesuffix(PREVIOUS)
    return f"{bare}ₜ₋₁" if bare != name else name


def _over(x: Array, axis: int, work: Callable[..., Array]) -> Array:
    if not x.ndim:
        return np.full(x.size, np.nan)
    return np.broadcast_to(work(x, axis=axis, keepdims=True), x.shape).ravel()


_AXES = ((-1, "last"), (0, "first"))
_OVER = (("mean", np.mean), ("Σ", np.sum))


def _mean_of_rest(x: Array) -> Array:
    if x.ndim < 2:
        return np.full(x.size, np.nan)
    means = x.mean(axis=tuple(range(1, x.ndim)), keepdims=True)
    return np.broadcast_to(means, x.shape).ravel()
