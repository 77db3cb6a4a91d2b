"""What an implementation declares to do before or beside a step: to clip, to skip, to scale.

A behaviour changes what a rule is given: the gradient, which rows take the step, their t, their
weight decay. It does so in the table of what was observed, so that whoever looks at the table
afterwards sees a plain step. Most are faults of the catalogue, as nobody asked for them; declared,
the same drive is none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.errors import OutOfDomain, UnknownName
from adamref.faults.driver import PASSING_ZERO_ROWS, PASSING_ZEROS
from adamref.faults.gradients import by_norm, by_value, divided, running_mean, skipping
from adamref.faults.inputs import Inputs, feeding
from adamref.oracle.judge import guesses

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adamref.faults.inputs import Drive, Rows
    from adamref.oracle.observe.table import Table

_COLUMNS = ("g", "alpha", "taken", "t", "weight_decay")
"""What a behaviour may change."""

SCOPES: Mapping[str, tuple[str, ...]] = {
    "tensor": ("trial", "tensor", "step"),
    "all": ("trial", "step"),
}
"""What is looked at together: a tensor, or all of them."""

Form = tuple[str, ...]


@final
@dataclass(frozen=True)
class BehaviourKind:
    """A kind of behaviour.

    Attributes
    ----------
    axis : str
        Its name in a dialect.
    says : str
        What it does, as a sentence without its full stop; its number in braces, and its form.
    forms : mapping of tuple of str to callable
        The ways in which it may be done, the usual first; each returns the drive for its number.
    number : callable or None
        Returns the numbers that come into question, from what was seen; None: it has none.
    words : frozenset of str
        By which the name of a target or of an argument declares it, written as one word.
    is_told : bool
        Whether it is taken for a dialect where nothing declares it.
    is_place : bool
        Whether its number is that of a tensor, and may be 0.
    """

    axis: str
    says: str
    forms: Mapping[Form, Callable[[Any], Drive]]
    number: Callable[[Table], Iterator[float]] | None = None
    words: frozenset[str] = field(default_factory=frozenset)
    is_told: bool = False
    is_place: bool = False


@final
@dataclass(frozen=True)
class Behaviour:
    """A behaviour, in one of its forms and with its number."""

    kind: BehaviourKind
    form: Form
    number: float | None

    @property
    def value(self) -> str:
        """Its value on its axis."""
        number = [] if self.number is None else [f"{self.number:.10g}"]
        return ":".join([*number, *self.form]) or "on"

    @property
    def says(self) -> str:
        """What it does, as a sentence without its full stop."""
        number = "" if self.number is None else f"{self.number:.10g}"
        return self.kind.says.format(*(_MEANT.get(x, x) for x in self.form), number=number)

    def applied(self, table: Table) -> Table:
        """Return a table in which it is done; the same where it changes nothing there."""
        inputs = Inputs({name: table.columns[name] for name in _COLUMNS})
        with np.errstate(all="ignore"):
            made = self.kind.forms[self.form](self.number)(inputs, table)
        if made is None:
            return table
        columns = {**table.columns, **made.columns}
        if "g" in made.roundings:
            columns["g_rounded"] = made.roundings["g"] + table.columns.get("g_rounded", 0.0)
        return replace(table, columns=columns)


@final
@dataclass(frozen=True)
class DeclaredBehaviour:
    """What is declared of a behaviour: its kind, and what is known of its form and number."""

    kind: BehaviourKind
    form: frozenset[str] = frozenset()
    number: float | None = None

    @property
    def said(self) -> str:
        """It, as it is pinned."""
        number = [] if self.number is None else [f"{self.number:.10g}"]
        value = ":".join([*number, *sorted(self.form)])
        name = self.kind.axis.replace("_", "-")
        return f"{name}={value}" if value else name

    def variants(self, table: Table) -> Iterator[Behaviour]:
        """Yield what it may be: every form, with every number that a table speaks for."""
        for form in self.kind.forms:
            if not self.form <= {*form}:
                continue
            if self.kind.number is None or self.number is not None:
                yield Behaviour(self.kind, form, self.number)
            else:
                for number in dict.fromkeys(self.kind.number(table)):
                    yield Behaviour(self.kind, form, number)


def _no_decay_in(out: Callable[[Rows], NDArray[np.bool_]]) -> Callable[[Any], Drive]:
    return lambda _: feeding(
        "no-decay", "weight_decay", lambda decay, table: np.where(out(table), 0.0, decay)
    )


def _is_below_2d(table: Rows) -> NDArray[np.bool_]:
    pairs = zip(table.columns["trial"], table.columns["tensor"], strict=True)
    return np.array([np.ndim(table.trials[i].thetas[j]) < 2 for i, j in pairs])


_CLIPS = frozenset({"clip", "clipped", "clipping", "gradclip", "clipgrad", "gradientclipping"})

KINDS = tuple(
    BehaviourKind(**each)
    for each in (
        {
            "axis": "running_mean",
            "says": "the mean of {number} micro-batches is rounded",
            "forms": {(): running_mean},
            "number": lambda _: iter((4.0,)),
        },
        {
            "axis": "loss_scale",
            "says": "gradients are divided by {number}",
            "forms": {(): divided},
            "number": guesses.scales,
            "words": frozenset(
                {"lossscale", "gradscale", "gradscaler", "scaler", "invscale", "unscale",
                 "unscaled", "rescalegrad"}
            ),
        },
        {
            "axis": "skip_nonfinite",
            "says": "a step with a gradient{1} that is not finite is skipped, and {0}",
            "forms": {
                (counts, scope): lambda _, names=names, counts=counts: skipping(
                    *names, is_counted=counts == "counted"
                )
                for scope, names in (*SCOPES.items(),)[::-1]
                for counts in ("uncounted", "counted")
            },
            "words": frozenset(
                {"skip", "skipnan", "skipinf", "skipnonfinite", "skipifnonfinite", "skipoverflow",
                 "applyiffinite", "skipnotfinite", "foundinf", "scaler", "gradscaler"}
            ),
        },
        {
            "axis": "clip_value",
            "says": "gradients are clipped by value, at {number}",
            "forms": {(): by_value},
            "number": guesses.values,
            "words": frozenset(
                {*_CLIPS, "clipvalue", "clipbyvalue", "gradclipvalue", "maxvalue", "clamp"}
            ),
        },
        {
            "axis": "clip_norm",
            "says": "the gradient{0} is clipped to the norm {number}{1}",
            "forms": {
                (scope, beside): lambda limit, names=names, beside=beside: by_norm(
                    limit, *names, beside=float(beside)
                )
                for scope, names in SCOPES.items()
                for beside in ("0", "1e-6")
            },
            "number": guesses.norms,
            "words": frozenset(
                {*_CLIPS, "clipnorm", "clipbynorm", "globalclipnorm", "clipbyglobalnorm",
                 "gradclipnorm", "clipgradnorm", "maxnorm", "maxgradnorm"}
            ),
        },
        {
            "axis": "lazy_rows",
            "says": "a row of a tensor whose gradient is zero throughout is passed over",
            "forms": {(): lambda _: PASSING_ZERO_ROWS},
            "words": frozenset({"sparse", "lazy", "lazyrows", "lazymode", "lazyupdate"}),
        },
        {
            "axis": "lazy_elements",
            "says": "an element whose gradient is zero is passed over",
            "forms": {(): lambda _: PASSING_ZEROS},
            "words": frozenset({"sparse", "lazy", "lazymode", "lazyupdate"}),
        },
        {
            "axis": "rate_below_2d",
            "says": "tensors of less than two axes have {number} times the learning rate",
            "forms": {(): lambda factor: feeding(
                f"rate-{factor}", "alpha",
                lambda alpha, table: np.where(_is_below_2d(table), factor * alpha, alpha),
            )},
            "number": lambda table: guesses.rates(table, _is_below_2d(table)),
            "words": frozenset({"lrmult", "lrmultiplier", "biaslr", "biaslrfactor", "biasrate"}),
        },
        {
            "axis": "no_decay_below_2d",
            "says": "tensors of less than two axes are not decayed",
            "forms": {(): _no_decay_in(_is_below_2d)},
            "words": frozenset({"nodecay", "decaymask", "mask"}),
            "is_told": True,
        },
        {
            "axis": "no_decay_of_tensor",
            "says": "tensor {number}, counted from 0, is not decayed",
            "forms": {
                (): lambda number: _no_decay_in(lambda table: table.columns["tensor"] == number)(0)
            },
            "number": lambda table: iter(range(int(table.columns["tensor"].max()) + 1)),
            "words": frozenset({"nodecay", "decaymask", "mask", "exclude"}),
            "is_place": True,
        },
    )
)  # fmt: skip
"""The kinds of behaviours, in the order in which they are done."""

_MEANT = {
    "all": " of all tensors", "tensor": " of a tensor",
    "0": "", "1e-6": ", as g*min(1, limit/(norm + 1e-6))",
    "counted": "counted", "uncounted": "not counted",
}  # fmt: skip

_BY_AXIS = {kind.axis: kind for kind in KINDS}

_MOST_AT_ONCE = 3
"""How many behaviours are found out together, where their words declare them."""

_PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


def read(pins: Iterable[str]) -> tuple[list[str], tuple[DeclaredBehaviour, ...]]:
    """Part what is pinned into axes of a rule, as they are, and behaviours, in their order.

    A behaviour is ``AXIS``, ``AXIS=NUMBER``, or ``AXIS=NUMBER:FORM``, each part of it optional.

    Raises
    ------
    UnknownName, OutOfDomain
        If a behaviour has no such form or number, or is pinned twice.
    """
    rest: list[str] = []
    found: dict[str, DeclaredBehaviour] = {}
    for pin in pins:
        axis, _, value = pin.partition("=")
        axis = axis.strip().replace("-", "_")
        if axis not in _BY_AXIS:
            rest.append(pin)
        elif axis in found:
            raise OutOfDomain(f"dialect {axis}", value, f"pinned once; it is {found[axis].said}")
        else:
            found[axis] = _read(_BY_AXIS[axis], value.strip())
    return rest, _in_order(found.values())


def _read(kind: BehaviourKind, value: str) -> DeclaredBehaviour:
    known = dict.fromkeys(token for form in kind.forms for token in form)
    tokens = [x.strip() for x in value.split(":")] if value not in ("", "on", "true") else []
    number = None
    if kind.number is not None and tokens and tokens[0] not in {*known} - {"0", "1e-6"}:
        number = _number(kind, tokens.pop(0))
    for token in tokens:
        if token not in known:
            raise UnknownName(f"dialect {kind.axis}", token, tuple(known))
    return DeclaredBehaviour(kind, frozenset(tokens), number)


def _number(kind: BehaviourKind, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (0 < number < math.inf or (kind.is_place and number == 0)):
        least = "at least 0" if kind.is_place else "greater than 0"
        raise OutOfDomain(f"dialect {kind.axis}", text, f"a number {least}, then its form")
    return number


def declared_by(words: Mapping[str, Any]) -> tuple[DeclaredBehaviour, ...]:
    """Return what names declare: of a target, with None, and of arguments, with what they are.

    >>> [x.said for x in declared_by({"adam": None, "max_norm": 1.0})]
    ['clip-norm=1']
    """
    found: dict[str, DeclaredBehaviour] = {}
    for name, value in words.items():
        parts = [x.lower() for x in _PARTS.findall(name)]
        count = len(parts)
        runs = {"".join(parts[i:j]) for i in range(count) for j in range(i + 1, count + 1)}
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        for kind in KINDS:
            if not runs & kind.words or (is_number and not value > 0):
                continue
            known = float(value) if is_number and kind.number and not kind.is_place else None
            found.setdefault(kind.axis, DeclaredBehaviour(kind, number=known))
    return _in_order(found.values())


def means(count: int) -> tuple[DeclaredBehaviour, ...]:
    """Return what there is where a step takes the mean of so many micro-batches."""
    (kind,) = (x for x in KINDS if x.axis == "running_mean")
    return (DeclaredBehaviour(kind, number=float(count)),) if count > 1 else ()


def told() -> tuple[DeclaredBehaviour, ...]:
    """Return what is taken for a dialect though nothing declares it."""
    return tuple(DeclaredBehaviour(kind) for kind in KINDS if kind.is_told)


def done(
    declared: Sequence[DeclaredBehaviour], table: Table
) -> Iterator[tuple[tuple[Behaviour, ...], Table]]:
    """Yield what several may be at once, each with the table in which they are done in turn."""
    if not declared:
        yield (), table
        return
    for first in declared[0].variants(table):
        made = first.applied(table)
        for rest, whole in done(declared[1:], made):
            yield (first, *rest), whole


def is_exercised(before: Table, after: Table) -> bool:
    """Say whether what was done changes something that is judged, and leaves something as it was.

    What rounds alone does. A decay that is nowhere left is none that is left out somewhere.
    """
    rows = before.columns["core"] & before.columns["judged"] & before.columns["taken"]
    if after is before:
        return False
    changed = {n: before.columns[n][rows] != after.columns[n][rows] for n in _COLUMNS}
    decayed = after.columns["weight_decay"][rows] != 0
    rounds = after.columns.get("g_rounded") is not before.columns.get("g_rounded")
    return (rounds or any(x.any() for x in changed.values())) and bool(
        not changed["weight_decay"].any() or decayed.any()
    )


def is_told_of(declared: Sequence[DeclaredBehaviour]) -> bool:
    """Say whether they are taken for a dialect though nothing declares them."""
    return any(x.kind.is_told for x in declared)


def undecayed(table: Table) -> Table:
    """Return a table in which nothing is decayed."""
    decay = np.zeros_like(table.columns["weight_decay"])
    return replace(table, columns={**table.columns, "weight_decay": decay})


def subsets(declared: Sequence[DeclaredBehaviour]) -> Iterator[tuple[DeclaredBehaviour, ...]]:
    """Yield some of them, the fewest first."""
    for count in range(1, min(len(declared), _MOST_AT_ONCE) + 1):
        yield from combinations(declared, count)


def _in_order(found: Iterable[DeclaredBehaviour]) -> tuple[DeclaredBehaviour, ...]:
    return tuple(sorted(found, key=lambda x: KINDS.index(x.kind)))
