"""Hyperparameters that are fixed inside an implementation, as its first steps show them.

A run with gradients of many sizes is worked by each dialect, and the numbers are sought with which
it comes nearest: Gauss and Newton's iteration, damped (Levenberg 1944; Marquardt 1963), over the
logarithms of sizes and the log-odds of rates. What is found is known to the digits that the format
leaves; an author writes few, so the shortest decimal among what is left is taken. No verdict rests
on it: the implementation is then judged by these numbers as by any.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, final

import numpy as np

from adamref import rules
from adamref.numbers import formats
from adamref.numbers.arrays import nearest
from adamref.oracle.judge.dialects import dialects
from adamref.oracle.judge.hypothesis import correct
from adamref.oracle.judge.numbers import HeldNumbers
from adamref.oracle.judge.simulation import Simulator, inputs_of
from adamref.oracle.observe.running import published, run_one
from adamref.oracle.observe.table import table_of
from adamref.oracle.observe.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adamref.numbers.arrays import Array
    from adamref.oracle.judge.dialects import Dialect
    from adamref.oracle.observe.running import Record
    from adamref.oracle.observe.sessions.session import Abilities, Session
    from adamref.oracle.observe.table import Table

_ELEMENTS, _STEPS, _SEED = 48, 6, 2015
_ROUNDS = 40
"""Iterations at most; a dozen are usual."""

_NEAR, _LEAST_NEAR = 64.0, 1e-11
"""How many unit roundoffs a step may be off, as a share of it, where the numbers are right; and in
float64 so much, as 1 - beta is one of two numbers there."""

_CLEARLY_NEARER = 0.5
"""A later start has to come nearer by that."""

_FAR = 1e3
"""No share counts for more."""

_STARTS: tuple[Mapping[str, float], ...] = ({}, {"beta2": 0.95}, {"beta1": 0.5, "beta2": 0.9})
"""Where the search begins, beside the published defaults."""

_LEAST_RATE = 1e-5
"""A decay rate below is none."""

_DIGITS = 6
"""Significant digits that an author writes at most, of a number or of 1 less it."""


@final
@dataclass(frozen=True)
class Inferred:
    """A hyperparameter as it was found.

    Attributes
    ----------
    value : float
        The shortest decimal that agrees with what was seen.
    off : float
        How far another may be from it that would agree as well, as a share.
    """

    value: float
    off: float


def inferred(session: Session, dtype: str, optimizer: str) -> dict[str, Inferred]:
    """Return the hyperparameters that cannot be set and are not told, by the names of a session.

    They do not depend on a dtype, and a narrow one hides them: float32 is asked first.

    Parameters
    ----------
    session : Session
        Opened; it is started once, and once more where something narrow takes no float32.
    dtype : str
    optimizer : str

    Returns
    -------
    dict
        Empty where all is known, or no numbers come near what was seen. An implementation that
        fails has nothing to infer from.
    """
    narrow = formats.get(dtype).precision < formats.BINARY32.precision
    for kind in ("float32", dtype) if narrow else (dtype,):
        record = run_one(session, _trial(kind, published(optimizer)), kind, optimizer)
        if record.abilities is not None and not record.failed and not record.refused:
            return _from(record, record.abilities, kind, optimizer)
    return {}


def _from(record: Record, able: Abilities, dtype: str, optimizer: str) -> dict[str, Inferred]:
    hypers = [n for n in rules.optimizer(optimizer).rule.defaults if n != "weight_decay"]
    names = [n for n in hypers if _theirs(n) not in able.controls | able.defaults.keys()]
    if not names:
        return {}
    seen = table_of([record], dtype, optimizer)
    told = able.defaults.keys() - able.controls  # what can be set is as the trial has it
    given = {n: able.defaults[_theirs(n)] for n in hypers if _theirs(n) in told}
    near = max(_NEAR * float(formats.get(dtype).unit_roundoff), _LEAST_NEAR)
    found: tuple[float, dict[str, Inferred]] | None = None
    for dialect in dialects(optimizer, {}, [("literal", dtype)]):
        if not set(names) <= dialect.rule.defaults.keys():
            continue
        one = nearest_numbers(seen, dialect, names, given, near)
        found = one if found is None or one[0] < _CLEARLY_NEARER * found[0] else found
        if found[0] < near:
            search = _Search(seen, dialect, given, near)
            numbers = search.as_published(found[1], _published(optimizer, names))
            return {_theirs(n): x for n, x in numbers.items()}
    return {}


def nearest_numbers(
    seen: Table, dialect: Dialect, names: Sequence[str], given: Mapping[str, float], near: float
) -> tuple[float, dict[str, Inferred]]:
    """Return the numbers of a dialect that come nearest to a table, and how near they come.

    Parameters
    ----------
    seen : Table
    dialect : Dialect
    names : sequence of str
        What is sought, by adamref's names.
    given : mapping of str to float
        The others.
    near : float
        As which share of a step it is near enough; where one start leads there, no other is tried.

    Returns
    -------
    tuple
        The share of a step by which it is off on average, and the numbers by name.
    """
    found: tuple[float, dict[str, Inferred]] | None = None
    search = _Search(seen, dialect, given, near)
    for more in _STARTS:
        start = _published(dialect.optimizer, names)
        start |= {n: x for n, x in more.items() if n in names}
        one = search.nearest(start)
        found = one if found is None or one[0] < _CLEARLY_NEARER * found[0] else found
        if found[0] < near:
            break
    assert found is not None
    return found


def _theirs(name: str) -> str:
    return "lr" if name == "alpha" else name


def _published(optimizer: str, names: Sequence[str]) -> dict[str, float]:
    known = published(optimizer)
    return {n: known[_theirs(n)] or 1e-8 for n in names}


def _trial(dtype: str, hyper: Mapping[str, float]) -> Trial:
    """Return gradients of every size from 1 down to where any epsilon shows, or nearly."""
    draw, fmt = np.random.default_rng(_SEED), formats.get(dtype)
    least = -10 if dtype == "float16" else -40
    sizes = 2.0 ** np.linspace(0, least, _ELEMENTS)
    grads = [
        nearest(sizes * draw.uniform(0.5, 2, _ELEMENTS) * draw.choice([-1, 1], _ELEMENTS), fmt)
        for _ in range(_STEPS)
    ]
    return Trial(
        name="inference",
        kind="core",
        says="Gradients of many sizes.",
        thetas=(np.zeros(_ELEMENTS),),
        grads=tuple((g,) for g in grads),
        hyper={n: x for n, x in hyper.items() if n != "lr"},
        alphas=(hyper["lr"],) * _STEPS,
        states=({},),
        firsts=(1,),
    )


@final
class _Search:
    """The hyperparameters of a dialect that come nearest to a table."""

    def __init__(
        self, seen: Table, dialect: Dialect, given: Mapping[str, float], near: float
    ) -> None:
        self._seen, self._dialect, self._given, self._near = seen, dialect, given, near
        self._fields = ("theta", *sorted(seen.visible & set(dialect.rule.states)))
        # What a step is too small for says nothing of it.
        moved = np.abs(seen.got["theta"] - seen.before["theta"])
        # An average may cancel: what it loses is a share of what it was put together from.
        self._scales = {n: np.abs(seen.got[n]) + np.abs(seen.before[n]) for n in self._fields}
        with np.errstate(all="ignore"):
            weight = np.minimum(1.0, moved / (np.abs(seen.got["theta"]) + moved))
        self._weights = {name: np.ones(len(seen)) for name in self._fields} | {"theta": weight}
        self._scales["theta"] = moved

    def nearest(self, start: Mapping[str, float]) -> tuple[float, dict[str, Inferred]]:
        """Return by how much of a step the nearest is off, and the numbers that it has."""
        names = list(start)
        x = np.array([_outward(n, start[n]) for n in names])
        off, damping = self._off(names, x), 1e-3
        slopes = np.zeros((off.size, len(names)))
        for _ in range(_ROUNDS):
            slopes = np.stack([self._slope(names, x, i, off) for i in range(len(names))], axis=1)
            normal, right = slopes.T @ slopes, -(slopes.T @ off)
            scale = np.diag(normal).copy()
            scale[scale == 0] = 1.0
            better = False
            while damping < 1e8 and not better:
                step = np.linalg.solve(normal + damping * np.diag(scale), right)
                new = x + np.clip(step, -2, 2)
                its = self._off(names, new)
                better = float(its @ its) < float(off @ off)
                damping = damping / 8 if better else damping * 4
            if not better:
                break
            done = float(its @ its) > (1 - 1e-6) * float(off @ off)
            x, off = new, its
            if done:
                break
        size = float(np.sqrt(np.mean(off**2)))
        return size, self._read(names, x, slopes, size)

    def as_published(
        self, found: Mapping[str, Inferred], published: Mapping[str, float]
    ) -> dict[str, Inferred]:
        """Return what was found, the published one for each that is as near with it.

        What other numbers are off by moves what depends on them a little.
        """
        best = dict(found)
        for name, value in published.items():
            tried = {**best, name: replace(best[name], value=value)}
            x = np.array([_outward(n, one.value) for n, one in tried.items()])
            if float(np.sqrt(np.mean(self._off(list(tried), x) ** 2))) < self._near:
                best = tried
        return best

    def _read(
        self, names: Sequence[str], x: Array, slopes: Array, size: float
    ) -> dict[str, Inferred]:
        """Round what was found as far as it is known: three standard deviations, and more."""
        spread = np.linalg.pinv(slopes.T @ slopes)
        found = {}
        for i, name in enumerate(names):
            off = 4 * size * float(np.sqrt(max(spread[i, i], 0.0)))
            off = max(off, self._near)
            found[name] = Inferred(_shortest(name, float(x[i]), off), off)
        return found

    def _slope(self, names: Sequence[str], x: Array, i: int, off: Array) -> Array:
        moved, width = x.copy(), 1e-4
        moved[i] += width
        return (self._off(names, moved) - off) / width

    def _off(self, names: Sequence[str], x: Array) -> Array:
        """Return the errors of all fields, as shares of what is there, one after another."""
        seen = self._seen
        values = {n: _inward(n, float(y)) for n, y in zip(names, x, strict=True)}
        columns = dict(seen.columns)
        for name, value in {**self._given, **values}.items():
            columns[name] = np.full(len(seen), value)
        table = replace(seen, columns=columns)
        inputs = inputs_of(table, HeldNumbers(table, "literal", None))
        made = Simulator(table).run(correct(self._dialect).model(inputs, table), self._fields)
        shares = []
        for name in self._fields:
            with np.errstate(all="ignore"):
                share = (made[name] - seen.got[name]) / self._scales[name] * self._weights[name]
            share = np.clip(np.nan_to_num(share, nan=_FAR, posinf=_FAR, neginf=-_FAR), -_FAR, _FAR)
            # What did not move says nothing.
            shares.append(np.where(self._scales[name] > 0, share, 0.0))
        return np.concatenate(shares)


def _outward(name: str, value: float) -> float:
    """Return a hyperparameter on a line without ends: a rate's log-odds, or a logarithm."""
    if name.startswith("beta"):
        value = min(max(value, _LEAST_RATE), 1 - 1e-9)
        return float(np.log(value / (1 - value)))
    return float(np.log(max(value, 1e-30)))


def _inward(name: str, x: float) -> float:
    x = min(max(x, -80.0), 80.0)
    return float(1 / (1 + np.exp(-x))) if name.startswith("beta") else float(np.exp(x))


def _shortest(name: str, x: float, off: float) -> float:
    """Return the shortest decimal that agrees with a hyperparameter to within a share."""
    value = _inward(name, x)
    if name.startswith("beta") and value < _LEAST_RATE:
        return 0.0
    low, high = sorted((_inward(name, x - off), _inward(name, x + off)))
    return shortest_between(low, value, high, name, _DIGITS)


def shortest_between(low: float, value: float, high: float, name: str, digits: int) -> float:
    """Return the shortest decimal between two numbers, near one; of a rate, or of its complement.

    Parameters
    ----------
    low, value, high : float
    name : str
        The hyperparameter.
    digits : int
        Significant digits that are written at most; where none will do it is the value itself.
    """
    is_rate = name.startswith("beta")
    for count in range(digits):
        near = [float(f"{value:.{count}e}")]
        if is_rate:
            near.append(float(f"{1 - float(f'{1 - value:.{count}e}'):.{min(digits + 6, 15)}g}"))
        for one in near:
            if low <= one <= high and (one < 1 or not is_rate):
                return one
    return value
