"""What was observed, as one table: a row for each element of each tensor at each step.

A lane is one element over the steps. A step starts from what the implementation itself held before
it (its own theta always, its own states where they are visible), so that rows can be judged one by
one; where states are hidden, a lane is worked from its first row on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.typing import NDArray

from adamref import rules
from adamref.faults.inputs import groups
from adamref.numbers import formats
from adamref.numbers.arrays import Array, Indices, nearest, ulp
from adamref.oracle.observe.sessions.session import HYPER, STATES, Held

if TYPE_CHECKING:
    from adamref.numbers.formats import Format
    from adamref.oracle.observe.running import Record
    from adamref.oracle.observe.trial import Trial


@final
@dataclass(frozen=True)
class Unseen:
    """How a gradient that was not seen is solved for: from m before and after the step.

    Attributes
    ----------
    compute : Format
        In which m was worked.
    stored : Format or None
        The narrower one in which it was then stored.
    """

    compute: Format
    stored: Format | None = None


@final
@dataclass(frozen=True)
class Table:
    """Rows, by column; every column is an array of the same length.

    Attributes
    ----------
    trials : tuple of Trial
    trial, tensor, element, lane, step, t : array of int
        step counts the trial's steps from 1, t those that the tensor has taken (for the first row
        of a lane its given t).
    calls : array of int
        How many tensors have been updated in the trial so far, this one included.
    taken : array of bool
        False where the gradient is missing: everything stays.
    fresh : array of bool
        The first row of a lane.
    reloaded : array of bool
        The first row after a state was loaded.
    core, judged : array of bool
    g, alpha, beta1, … : array of float64
        The inputs.
    g_last, g_total_so_far : array of float64
        The gradient of the step before, 0 at the first; the sum of all so far, this one included.
    g_rounded : array of float64
        Where a declared behaviour changed the gradient: the sizes of what was rounded by it.
    before, got : dict of str to array
        theta and the states, before and after the step: as the implementation showed them. A state
        that it does not show is NaN in got, and in before but for fresh rows.
    visible : frozenset of str
        The states that it shows on every row.
    lanes : tuple of array of int
        Rows of lanes of the same length: an index array of shape (steps, lanes) each.
    hypers : tuple of str
        The columns that are hyperparameters.
    carried : Format or None
        In what theta is shown, where it is taken to be carried on in more digits, which are not
        shown: before is then what it is but for a rounding, and a lane is worked from its first
        row on.
    unseen : Unseen or None
        How the gradient is known where it was not seen; g is then what was solved for, and off by a
        slack.
    """

    trials: tuple[Trial, ...]
    columns: dict[str, NDArray[Any]]
    before: dict[str, Array]
    got: dict[str, Array]
    visible: frozenset[str]
    lanes: tuple[Indices, ...]
    hypers: tuple[str, ...]
    carried: Format | None = None
    unseen: Unseen | None = None

    def __getattr__(self, name: str) -> NDArray[Any]:
        try:
            return self.__dict__["columns"][name]  # type: ignore[no-any-return]
        except KeyError:
            raise AttributeError(name) from None

    def __len__(self) -> int:
        return len(self.columns["g"])

    @cached_property
    def groups(self) -> Indices:
        """For each row, the number of its tensor at its step."""
        return groups(self, "trial", "tensor", "step")

    @cached_property
    def together(self) -> Indices:
        """For each row, the number of its step, of all tensors of the trial."""
        return groups(self, "trial", "step")

    @cached_property
    def sizes(self) -> Array:
        """For each row, how many elements its tensor has."""
        sizes = [theta.size for trial in self.trials for theta in trial.thetas]
        firsts = np.cumsum([0, *(len(trial.thetas) for trial in self.trials)])[:-1]
        places = firsts[self.columns["trial"]] + self.columns["tensor"] if sizes else []
        return np.array(sizes, dtype=np.float64)[np.asarray(places, dtype=np.intp)]

    def only(self, rows: NDArray[np.bool_]) -> Table:
        """Return the table of whole lanes: those with a row that is asked for."""
        lanes = np.isin(self.lane, np.unique(self.lane[rows]))
        at = np.flatnonzero(lanes)
        return self.rows(at)

    def rows(self, at: Indices) -> Table:
        """Return the table of some rows; lanes lose what is between them."""
        columns = {name: x[at] for name, x in self.columns.items()}
        return Table(
            self.trials,
            columns,
            {name: x[at] for name, x in self.before.items()},
            {name: x[at] for name, x in self.got.items()},
            self.visible,
            _lanes(columns["lane"]),
            self.hypers,
            self.carried,
            self.unseen,
        )

    @cached_property
    def unshown(self) -> tuple[Array, Array]:
        """For each row, by what theta as it is shown may be off, before and after it."""
        if self.carried is None:
            return np.zeros(len(self)), np.zeros(len(self))
        before, got = (
            np.nan_to_num(ulp(x["theta"], self.carried), nan=0.0, posinf=0.0) / 2
            for x in (self.before, self.got)
        )
        return np.where(self.columns["fresh"], 0.0, before), got


def table(
    records: Iterable[Record],
    dtype: str,
    states: Sequence[str] = STATES,
    hypers: Sequence[str] = HYPER,
    neutral: Mapping[str, float] = MappingProxyType({}),
) -> Table:
    """Lay out what was observed on the trials that answered, as far as they did.

    A theta that came in a wider dtype is rounded once to the one under check, unless the next step
    starts from it as it was. There is a column for
    each of the states and of the hyperparameters; what a trial does not give of these is NaN, or
    where to have none is a number, that number (``neutral``; 0 for eps_root and weight_decay).
    """
    records = list(records)
    made = [_tensor(i, record, j, states, hypers) for i, record, j in _tensors(records)]
    fmt = formats.get(dtype)
    for (_, record, _), part in zip(_tensors(records), made, strict=True):
        for values in () if _carries(record) else part[1:]:
            values["theta"] = nearest(values["theta"], fmt)
    trials = tuple(record.trial for record in _answered(records))
    if not made:
        empty = np.zeros(0)
        return Table(trials, {"g": empty, "lane": empty.astype(int)}, {}, {}, frozenset(), (), ())
    columns, before, got = ({n: np.concatenate([part[k][n] for part in made]) for n in made[0][k]}
                            for k in range(3))  # fmt: skip
    # Elements of tensors are lanes: number them through.
    firsts = np.cumsum([0, *(part[0]["lane"].max() + 1 for part in made)])[:-1]
    columns["lane"] = columns["lane"] + np.repeat(firsts, [len(part[0]["g"]) for part in made])
    for name, none in {"eps_root": 0.0, "weight_decay": 0.0, **neutral}.items():
        if name in columns:
            columns[name] = np.nan_to_num(columns[name], nan=none)
    held = [x for _, record, j in _tensors(records) for x in _stepped(record, j)]
    visible = frozenset(n for n in states if held and all(n in x.states for x in held))
    lanes = _lanes(columns["lane"])
    return Table(trials, columns, before, got, visible, lanes, ("alpha", *hypers))


def parted(records: Sequence[Record], optimizer: str) -> tuple[list[Record], list[Record]]:
    """Part the records that show what most of them show from those that lack some of it.

    What one probe lacks is lacking there, and hides nothing elsewhere. Those that did not answer
    are with the first.
    """
    states = dict.fromkeys((*rules.optimizer(optimizer).states, *STATES))
    shown = [_shown(record, states) for record in records]
    known = Counter(x for x in shown if x is not None)
    if len(known) < 2:
        return list(records), []
    most = max(known, key=lambda x: (known[x], len(x)))
    lacking = [x is not None and not most <= x for x in shown]
    pairs = list(zip(records, lacking, strict=True))
    return [x for x, lacks in pairs if not lacks], [x for x, lacks in pairs if lacks]


def _shown(record: Record, states: Iterable[str]) -> frozenset[str] | None:
    """Return the states that a record shows throughout; None where it shows no step."""
    held = [x for _, one, j in _tensors([record]) for x in _stepped(one, j)]
    return frozenset(n for n in states if all(n in x.states for x in held)) if held else None


def table_of(records: Iterable[Record], dtype: str, optimizer: str) -> Table:
    """Lay out what was observed, with the states and hyperparameters of an optimizer."""
    one = rules.optimizer(optimizer)
    hypers = [name for name in one.hypers if name != "alpha"]
    names, numbers = (dict.fromkeys(x) for x in ((*one.states, *STATES), (*hypers, *HYPER)))
    neutral = {n: one.hypers[n].neutral for n in one.optional}
    return table(records, dtype, tuple(names), tuple(numbers), neutral)


def _answered(records: Iterable[Record]) -> list[Record]:
    return [record for record in records if record.steps and not record.refused]


def _carries(record: Record) -> bool:
    return record.abilities is not None and "carries" in record.abilities.can


def _tensors(records: Iterable[Record]) -> list[tuple[int, Record, int]]:
    found = []
    for i, record in enumerate(_answered(records)):
        found += [(i, record, j) for j, theta in enumerate(record.trial.thetas) if theta.size]
    return found


def _tensor(
    number: int, record: Record, j: int, states: Sequence[str], hypers: Sequence[str]
) -> tuple[dict[str, Any], ...]:
    """Return the columns of one tensor of a record."""
    trial, size, count = record.trial, record.trial.thetas[j].size, len(record.steps)
    shape = (count, size)
    grads = [step[j] for step in trial.grads[:count]]
    taken = np.array([g is not None for g in grads])
    g = np.array([np.zeros(size) if x is None else x.reshape(-1) for x in grads])
    held = [step[j] for step in record.steps]
    shown: dict[str, Any] = {"theta": np.array([x.theta.reshape(-1) for x in held])}
    begun = {name: _first(record, j, name).reshape(-1) for name in states}
    ever = set().union(*(x.states for x in held))
    for name, start in begun.items():
        shown[name] = _shown_of(held if name in ever else (), name, start, np.cumsum(taken) == 0)
    before = {"theta": np.vstack([trial.thetas[j].reshape(1, -1), shown["theta"][:-1]])}
    for name, start in begun.items():
        before[name] = np.vstack([start[None, :], shown[name][:-1]])
    its = _of_group(record, j)
    rate = its.get("lr")
    steps = np.arange(1, count + 1)
    present = np.array([[x is not None for x in step] for step in trial.grads[:count]])
    calls = np.cumsum(present.ravel()).reshape(present.shape)[:, j]
    first = trial.firsts[j]
    by_step = {
        "step": steps,
        "t": first - 1 + np.cumsum(taken) + (~taken & (np.cumsum(taken) == 0)),
        "calls": calls + first - 1,
        "taken": taken,
        "fresh": steps == 1,
        "reloaded": np.isin(steps - 1, trial.reload) | ((steps == 1) & bool(trial.states[j])),
        "judged": np.isin(steps, trial.judged) if trial.judged else np.ones(count, dtype=bool),
        "alpha": np.array(trial.alphas[:count]) if rate is None else np.full(count, rate),
        "answered_t": np.array([np.nan if x.t is None else float(x.t) for x in held]),
    }
    columns = {n: np.broadcast_to(x[:, None], shape).ravel() for n, x in by_step.items()}
    whole: dict[str, Any] = {
        "trial": number,
        "tensor": j,
        "core": trial.kind == "core",
        **{n: its.get(n, trial.hyper.get(n, np.nan)) for n in hypers},
        "alpha_first": trial.alphas[0] if rate is None else rate,
    }
    columns |= {n: np.full(count * size, x) for n, x in whole.items()}
    lanes = np.broadcast_to(np.arange(size), shape).ravel()
    columns |= {"lane": lanes, "element": lanes.copy(), "g": g.ravel()}
    # Of every step, also of those that are not judged and whose rows nobody looks at. A program
    # that is started again from a checkpoint remembers no gradient.
    runs = np.split(g, trial.reload)
    with np.errstate(all="ignore"):
        columns["g_total_so_far"] = np.vstack([np.cumsum(x, axis=0) for x in runs]).ravel()
    zeros = np.zeros((1, size))
    columns["g_last"] = np.vstack([np.vstack([zeros, x])[: len(x)] for x in runs]).ravel()
    parts = np.split(np.arange(count), trial.reload)
    since = np.concatenate([_last_taken(x, taken) for x in parts])
    for name in {"theta", "m", "v"} & before.keys():
        columns[f"{name}_earlier"] = before[name][since].ravel()
    begins = np.concatenate([np.full(len(x), x[0] if len(x) else 0) for x in parts])
    columns["theta_first"] = before["theta"][begins].ravel()
    return (
        columns,
        {n: x.ravel() for n, x in before.items()},
        {n: x.ravel() for n, x in shown.items()},
    )


def _last_taken(steps: Indices, taken: NDArray[np.bool_]) -> Indices:
    """Return for each step of a run the last one before it that was taken, or else itself."""
    found = np.maximum.accumulate(np.where(taken[steps], steps, -1))
    before = np.concatenate([[-1], found[:-1]])[: len(steps)]
    return np.where(before < 0, steps, before)


def _of_group(record: Record, j: int) -> Mapping[str, float]:
    """Return the hyperparameters that the group of a tensor has of its own."""
    groups = () if record.abilities is None else record.abilities.groups
    return groups[j] if j < len(groups) else {}


def _first(record: Record, j: int, name: str) -> Array:
    """Return what a state of a tensor is before the first step."""
    state = record.trial.states[j]
    if name in state:
        return state[name]
    fresh = record.initial.get(name)
    return np.zeros(record.trial.thetas[j].shape) if fresh is None else fresh[j]


def _stepped(record: Record, j: int) -> list[Held]:
    """Return what a tensor held from its first step on: before, there may be nothing to show."""
    first = next((i for i, g in enumerate(record.trial.grads) if g[j] is not None), None)
    return [] if first is None else [step[j] for step in record.steps[first:]]


def _shown_of(held: Sequence[Held], name: str, start: Array, begun: NDArray[np.bool_]) -> Array:
    """Return what a state was shown to be, a row a step: NaN where it is not shown.

    Before the first step that was taken it is what it began as.
    """
    shown = np.full((len(begun), len(start)), np.nan)
    shown[begun] = start
    for i, one in enumerate(held):
        if name in one.states:
            shown[i] = one.states[name].reshape(-1)
    return shown


def _lanes(lane: Indices) -> tuple[Indices, ...]:
    """Return the rows of lanes, gathered by their length; rows of a lane are in order."""
    if not len(lane):
        return ()
    order = np.argsort(lane, kind="stable")
    _, starts, counts = np.unique(lane[order], return_index=True, return_counts=True)
    found = []
    for length in np.unique(counts):
        firsts = starts[counts == length]
        found.append(order[firsts[None, :] + np.arange(length)[:, None]])
    return tuple(found)
