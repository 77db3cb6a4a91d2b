"""Traces: what every run, document and implementation is turned into before it is compared."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, final, overload

import numpy as np

from adamref.errors import OutOfDomain, UnknownName, meant
from adamref.numbers.rounding import plain
from adamref.render import Result
from adamref.spelling import printable_here

if TYPE_CHECKING:
    from adamref.picture import Picture


@final
@dataclass(frozen=True, eq=False)
class Step:
    """The values of one step, by field name in the rule's order; any may be missing.

    Attributes
    ----------
    t : int
        The step, 1 for the first.
    values : mapping of str to value
        Scalars, or NumPy arrays of the parameter's shape (dtype object for decimals).
    exact : frozenset of str
        The fields whose value here is the real number itself, nothing rounded away.
    """

    t: int
    values: Mapping[str, Any]
    exact: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Step)
            and (self.t, self.exact) == (other.t, other.exact)
            and (
                self.values.keys() == other.values.keys()
                and all(
                    _same_array(value, other.values[name]) for name, value in self.values.items()
                )
            )
        )

    __hash__ = None  # type: ignore[assignment]  # it may hold arrays

    def __reduce__(self) -> tuple[Any, ...]:
        return Step, (self.t, dict(self.values), self.exact)

    def __getitem__(self, name: str) -> Any:
        if name not in self.values:
            raise UnknownName("field", name, tuple(self.values))
        return self.values[name]

    def __getattr__(self, name: str) -> Any:
        values = self.__dict__.get("values", {})
        if name in values:
            return values[name]
        has = f"it has {', '.join(values)}{meant(name, values)}"
        raise AttributeError(f"a step has no field {name!r}; {has}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.values]

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.values)

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={_in_short(value)}" for name, value in self.values.items())
        return f"Step(t={self.t}, {inside})"

    def __str__(self) -> str:
        return printable_here(repr(self))


@final
@dataclass(frozen=True, eq=False)
class Trace(Sequence[Step], Result):
    """Steps in order, and what they came from.

    ``trace[i]`` is the i-th step (counted from 0), ``trace.at(t)`` the step with that t,
    ``trace["theta"]`` the list of one field's values.

    Attributes
    ----------
    steps : tuple of Step
    fields : tuple of str
        The order in which two traces are compared.
    about : mapping of str to str
        Where the numbers come from: rule, dialect, rounding, working precision, hyperparameters.
    """

    kind: ClassVar[str] = "trace"

    steps: tuple[Step, ...]
    fields: tuple[str, ...]
    about: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "about", MappingProxyType(dict(self.about)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Trace) and (self.steps, self.fields, dict(self.about)) == (
            other.steps,
            other.fields,
            dict(other.about),
        )

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return Trace, (self.steps, self.fields, dict(self.about))

    def __len__(self) -> int:
        return len(self.steps)

    @overload
    def __getitem__(self, at: int) -> Step: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Step, ...]: ...
    @overload
    def __getitem__(self, at: str) -> list[Any]: ...
    def __getitem__(self, at: int | slice | str) -> Any:
        if isinstance(at, str):
            if at not in self.fields:
                raise UnknownName("field", at, self.fields)
            return [step.values.get(at) for step in self.steps]
        return self.steps[at]

    def at(self, t: int) -> Step:
        """Return the step with a given t.

        Raises
        ------
        UnknownName
            If the trace has no such step.
        """
        for step in self.steps:
            if step.t == t:
                return step
        raise UnknownName("step", t, tuple(str(step.t) for step in self.steps))

    def plot(self, *fields: str) -> Picture:
        """Draw fields against t, a panel each; of arrays the first elements, a line each.

        Parameters
        ----------
        *fields : str
            By default theta and what comes before it, as far as the trace has them.

        Raises
        ------
        UnknownName
            If the trace has no such field.
        OutOfDomain
            If it has no step.
        MissingPackage
            If matplotlib is not installed.
        """
        from adamref.picture import panels

        if not self.steps:
            raise OutOfDomain("steps", 0, "one at least, to be drawn")
        series = {name: _lines(name, self[name]) for name in fields or reversed(self.fields)}
        about = ", ".join(f"{key}={value}" for key, value in self.about.items() if key in _SAID[:2])
        title = f"A trace of {about}" if about else "A trace"
        return panels(series, [step.t for step in self.steps], title)

    def rows(self) -> list[list[str]]:
        """Return the trace as text, a row a step: t, then every field."""
        return [
            [str(s.t), *(_shown(s.values.get(name)) for name in self.fields)] for s in self.steps
        ]

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.fields)

    def __repr__(self) -> str:
        about = ", ".join(f"{key}={value}" for key, value in self.about.items() if key in _SAID)
        ts = [step.t for step in self.steps]
        steps = f"{len(ts)} step{'s' * (len(ts) != 1)}"
        span = f", t = {ts[0]} to {ts[-1]}" if len(ts) > 1 else ""
        return f"<Trace {about}{': ' * bool(about)}{steps}{span}; {', '.join(self.fields)}>"

    def in_columns(self) -> str:
        """Return the trace as text: a row a step, of many the first and the last."""
        header = ["t", *self.fields]
        rows = self.rows()
        if len(rows) > _SHOWN_ROWS:
            rows = [*rows[: _SHOWN_ROWS - 1], ["…"] * len(header), rows[-1]]
        widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
        lines = [
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            for row in [header, *rows]
        ]
        about = ", ".join(f"{key}={value}" for key, value in self.about.items())
        return f"<Trace {about}\n" + "\n".join(lines) + ">"


_DRAWN = 4
"""Elements of an array that a plot shows."""


def _lines(name: str, values: Sequence[Any]) -> dict[str, list[float]]:
    """Return values by the label of a line: of a field, or of each of its first elements."""
    arrays = [np.asarray(math.nan if x is None else x, dtype=float) for x in values]
    shape = max((x.shape for x in arrays), key=len)
    if shape == ():
        return {name: [float(x) for x in arrays]}
    each = [np.broadcast_to(x, shape) for x in arrays]
    labels = {at: f"{name}[{', '.join(map(str, at))}]" for at in list(np.ndindex(shape))[:_DRAWN]}
    return {label: [float(x[at]) for x in each] for at, label in labels.items()}


_SAID = ("rule", "form", "rounded to")
"""What a short description has of what a trace is about."""

_SHOWN_ROWS = 12
_SHOWN_DIGITS = Context(prec=28, Emax=MAX_EMAX, Emin=MIN_EMIN)


@final
@dataclass(frozen=True)
class Difference(Result):
    """The first place where two traces differ.

    Attributes
    ----------
    t : int
    field : str
    index : tuple of int
        Place in the array; empty for a scalar.
    got, want : value
        What stands there in the first and in the second trace.
    """

    kind: ClassVar[str] = "difference"

    t: int
    field: str
    index: tuple[int, ...]
    got: Any
    want: Any

    @property
    def says(self) -> str:
        """Say it in a sentence."""
        place = "".join(f", {i}" for i in self.index)
        return (
            f"{self.field}[t={self.t}{place}] = {_shown(self.got)}, "
            f"but should be {_shown(self.want)}"
        )

    def __repr__(self) -> str:
        return f"<Difference {self.says}>"


def first_difference(
    got: Trace,
    want: Trace,
    agree: Callable[[Any, Any, str, int], bool] | None = None,
) -> Difference | None:
    """Find the first value in which two traces differ, in the order of ``want``.

    A field or step that one of the traces lacks is passed over: a trace may be partial.

    Parameters
    ----------
    got, want : Trace
        The traces to compare, step by step and field by field.
    agree : callable, optional
        ``agree(got, want, field, t)`` says whether two scalars agree. Default: they are the same
        real number; NaN agrees with NaN, and the two zeros agree.

    Returns
    -------
    Difference or None
        None if nothing differs.

    Raises
    ------
    ShapeMismatch
        If two arrays to be compared have different shapes.
    """
    from adamref.errors import ShapeMismatch

    matches = agree or _same_number
    have = {step.t: step for step in got}
    for step in want:
        if step.t not in have:
            continue
        for name in want.fields:
            if name not in step.values or name not in have[step.t].values:
                continue
            ours, theirs = np.asarray(have[step.t][name]), np.asarray(step[name])
            if ours.shape != theirs.shape:
                raise ShapeMismatch(f"{name}[t={step.t}]", ours.shape, theirs.shape, "want")
            for index in np.ndindex(ours.shape):
                if not matches(ours[index], theirs[index], name, step.t):
                    return Difference(step.t, name, index, _item(ours[index]), _item(theirs[index]))
    return None


def _same_number(got: Any, want: Any, _field: str, _t: int) -> bool:
    from adamref.numbers.exact import exact

    one, other = exact(_item(got)), exact(_item(want))
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    return one == other


def _same_array(one: Any, other: Any) -> bool:
    """Compare two values element by element; NaN is the same as NaN."""
    left, right = np.asarray(one), np.asarray(other)
    pairs = zip(left.ravel(), right.ravel(), strict=False)
    return left.shape == right.shape and all(a == b or (a != a and b != b) for a, b in pairs)  # noqa: PLR0124


def _item(value: Any) -> Any:
    """Unwrap a 0-d array, so that a scalar is shown as one."""
    return value[()] if isinstance(value, np.ndarray) and value.shape == () else value


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, np.ndarray) and value.ndim:
        inside = [_shown(x) for x in value[:4]]
        return "[" + ", ".join(inside + ["…"] * (len(value) > 4)) + "]"
    value = _item(value)
    if isinstance(value, Decimal):
        # A context of its own: the caller's must not decide how a trace looks.
        return plain(_SHOWN_DIGITS.plus(value))
    return str(value)


_FEW_DIGITS = Context(prec=9, Emax=MAX_EMAX, Emin=MIN_EMIN)


def _in_short(value: Any) -> str:
    """Write a value in 9 digits, an array of more than 4 numbers by its shape."""
    if isinstance(value, np.ndarray) and value.size > 4:
        return f"array{value.shape}"
    value = _item(value)
    if isinstance(value, np.ndarray):
        return "[" + ", ".join(_in_short(x) for x in value) + "]"
    return plain(_FEW_DIGITS.plus(value)) if isinstance(value, Decimal) else _shown(value)


def exactly_written(value: Any) -> Any:
    """Write a value as JSON can hold it and give it back: None, a string, or lists of strings.

    Decimals are plain, floats C99 hexadecimal; what is not finite is nan, inf or -inf.
    """
    value = _item(value)
    if isinstance(value, np.ndarray):
        return [exactly_written(x) for x in value]
    if value is None:
        return None
    if isinstance(value, Decimal):
        return plain(value) if value.is_finite() else str(float(value))
    if isinstance(value, float | np.floating):
        return float(value).hex() if math.isfinite(value) else str(float(value))
    return str(value)
