"""One step of Adam for whole arrays, every element correctly rounded, each with a proof.

The rule is run on blocks of elements in float64, or in pairs of float64 numbers, with an error
bound (`adamref.numbers.columns`). Where both ends of what a number may be round to the same, it is
settled. What is left goes to pairs, which also decide the exact ties of m and v; and what is still
left goes to balls at a rising precision, one element at a time.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, final

import numpy as np

from adamref import rules
from adamref.errors import MissingInput, NotANumber, OutOfDomain, ShapeMismatch, UnknownName
from adamref.golden.settling import settle, settle_closely
from adamref.numbers import formats
from adamref.numbers.columns import Column, Columns, OutOfRange
from adamref.numbers.exact import exact
from adamref.numbers.grids import Grids, grid_of
from adamref.numbers.signs import Signs, sign_of
from adamref.problem import Problem
from adamref.rules.hyper import HYPERS
from adamref.rules.program import compiled
from adamref.rules.symbols import PREVIOUS
from adamref.stepper import settled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from adamref.numbers.exact import Extended
    from adamref.numbers.formats import Format
    from adamref.rules.rule import Rule
    from adamref.rules.stage import Stage

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

OPTIMIZERS = ("adam", "adam-l2", "adamw", "amsgrad")
FORMS = ("paper", "eps-hat", "eps-inside")
_BLOCK, _BLOCK_OF_PAIRS = 16384, 8192
"""Elements that are worked together: what is in use stays in a core's cache."""
_MIDDLE = 2.0**64
"""Elements that are 0, or between this and its reciprocal, are worked together where others are
too small or too large."""


@final
class ExactStep(NamedTuple):
    """What a step makes: arrays of the shapes and dtypes of the inputs.

    v_max is None but for AMSGrad.
    """

    theta: NDArray[Any]
    m: NDArray[Any]
    v: NDArray[Any]
    v_max: NDArray[Any] | None


def exact_step(
    theta: ArrayLike,
    grad: ArrayLike,
    m: ArrayLike,
    v: ArrayLike,
    *,
    t: int,
    lr: Any,
    beta1: Any,
    beta2: Any,
    eps: Any,
    weight_decay: Any = 0,
    v_max: ArrayLike | None = None,
    optimizer: str = "adam",
    form: str = "paper",
) -> ExactStep:
    """Work one step, every element of every result the real number rounded once.

    Exact: each result is the real function of the inputs that the rule states, rounded to nearest
    with ties to even in its own dtype; theta comes from the m and v that were not rounded. Finite
    inputs overflow only in that last rounding, and underflow only there.

    Parameters
    ----------
    theta, grad, m, v : array_like
        One shape, any strides; each float16, bfloat16 (of ml_dtypes), float32 or float64. None of
        them is written to.
    t : int
        The step that is taken, 1 for the first.
    lr, beta1, beta2, eps, weight_decay : float, int, Fraction, Decimal or decimal string
        A float is the dyadic number it stores, ``"0.9"`` is 9/10.
    v_max : array_like, optional
        For AMSGrad, the greatest v so far.
    optimizer : {"adam", "adam-l2", "adamw", "amsgrad"}
        L2 adds ``weight_decay * theta`` to the gradient; AdamW multiplies theta by
        ``1 - lr * weight_decay``; AMSGrad keeps the maximum of v before its correction.
    form : {"paper", "eps-hat", "eps-inside"}
        Where epsilon stands: ``sqrt(v_hat) + eps``; the order at the end of section 2, with eps
        added to the uncorrected root; ``sqrt(v_hat + eps)``.

    Returns
    -------
    ExactStep
        theta, m, v and v_max, of the shapes and dtypes of the inputs.

    Raises
    ------
    OutOfDomain, UnknownName, NotANumber, MissingInput
        For a hyperparameter, name, dtype or missing v_max.
    ShapeMismatch
        If the shapes differ.
    UndecidedRounding
        If a theta stayed undecided at the greatest precision tried; the error carries its
        enclosure.

    Notes
    -----
    What is not a finite number follows the rule in the extended reals, with IEEE 754's conventions:

    ==============================  ==========================================================
    input                           result
    ==============================  ==========================================================
    grad is nan                     m, v, theta (and v_max) are nan
    grad is inf or -inf             m is that infinity, v is inf, theta nan (inf/inf)
    m is an infinity                m stays it (with the opposite grad: nan), theta is the other
    v is inf, m finite              v is inf, the step is 0
    v < 0, and the new v too        theta is nan (the root of a negative number)
    eps = 0, v = 0, m = 0           theta is nan (0/0)
    eps = 0, v = 0, m not 0         theta is an infinity, away from the sign of m
    theta is an infinity            theta stays it
    exact result 0                  the sign that IEEE's operations give, +0 if terms cancelled
    result that rounds to 0         its sign
    ==============================  ==========================================================

    Sources: Kingma & Ba 2015, Algorithm 1 and section 2; Loshchilov & Hutter 2019; Reddi, Kale &
    Kumar 2018; the method: Ziv 1991.

    >>> step = exact_step([0.5], [-15.0], [0.0], [0.0],
    ...                   t=1, lr="0.1", beta1="0.9", beta2="0.999", eps="1e-8")
    >>> float(step.theta[0]), float(step.m[0]), float(step.v[0])
    (0.5999999999333333, -1.5, 0.225)
    """
    if optimizer not in OPTIMIZERS:
        raise UnknownName("optimizer", optimizer, OPTIMIZERS)
    if form not in FORMS:
        raise UnknownName("form", form, FORMS)
    rule = _rule(optimizer, form)
    if isinstance(t, bool) or not isinstance(t, int | np.integer) or t < 1:
        raise OutOfDomain("t", t, "a whole number >= 1")
    hypers = {"alpha": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "weight_decay": weight_decay}
    exacts: dict[str, Extended] = {n: HYPERS[n].read(x) for n, x in hypers.items()}
    if "weight_decay" not in rule.defaults and exacts.pop("weight_decay") != 0:
        raise OutOfDomain("weight_decay", weight_decay, f"0 for {optimizer}; see adam-l2 and adamw")
    exacts["t"] = Fraction(int(t))
    given = {"theta": theta, "g": grad, "m": m, "v": v}
    if "v_max" in rule.states:
        if v_max is None:
            raise MissingInput("v_max", "AMSGrad keeps the greatest v")
        given["v_max"] = v_max
    elif v_max is not None:
        raise OutOfDomain("v_max", "an array", f"absent for {optimizer}")
    return step_of(rule, exacts, given)


@lru_cache(maxsize=32)
def _rule(optimizer: str, form: str) -> Rule:
    return rules.get(optimizer, form=form)


def step_of(
    rule: Rule, exacts: Mapping[str, Extended], given: Mapping[str, ArrayLike]
) -> ExactStep:
    """Work one step of any of Adam's rules, from the exact numbers its program asks for.

    Parameters
    ----------
    rule : Rule
        One whose states are among theta, m, v and v_max.
    exacts : mapping of str to exact numbers
        Hyperparameters, with complements and bases where they differ
        (`adamref.conventions`), and t.
    given : mapping of str to array_like
        theta, g and the states, by field; one shape.
    """
    arrays = {name: _array(name, values) for name, values in given.items()}
    shape = arrays["theta"].shape
    for name, array in arrays.items():
        if array.shape != shape:
            raise ShapeMismatch("grad" if name == "g" else name, array.shape, shape, "theta")
    fields = tuple(name for name in arrays if name != "g")
    made = {name: np.empty(shape, arrays[name].dtype) for name in fields}
    if arrays["theta"].size:
        work = _Work(rule, exacts, {name: formats.get(a.dtype) for name, a in arrays.items()})
        _over_blocks(work, arrays, made)
    return ExactStep(made["theta"], made["m"], made["v"], made.get("v_max"))


def _array(name: str, values: ArrayLike) -> NDArray[Any]:
    array = np.asarray(values)
    public = "grad" if name == "g" else name
    if array.dtype == object or array.dtype.kind in "USO":
        raise NotANumber(public, values, "it should be an array of floats")
    try:
        formats.get(array.dtype)
    except UnknownName:
        known = tuple(known.dtype for known in formats.FORMATS)
        raise UnknownName(f"dtype of {public}", str(array.dtype), known) from None
    return array


def _over_blocks(
    work: _Work, arrays: Mapping[str, NDArray[Any]], made: Mapping[str, NDArray[Any]]
) -> None:
    """Work block by block; what a block leaves unsettled waits until there is a block of it."""
    sources = {n: a.reshape(-1) if a.flags.c_contiguous else a.flat for n, a in arrays.items()}
    results = {name: a.reshape(-1) for name, a in made.items()}
    size = arrays["theta"].size
    waiting: dict[str, _Waiting] = {name: _Waiting() for name in made}
    with np.errstate(all="ignore"):
        for start in range(0, size, work.block):
            part = slice(start, min(start + work.block, size))
            inputs = {
                name: np.asarray(values[part]).astype(np.float64, copy=False)
                for name, values in sources.items()
            }
            for name, (values, done) in work.roughly(inputs).items():
                results[name][part] = values
                if not done.all():
                    needed = {n: inputs[n] for n in work.needed(name)}
                    waiting[name].add(start, np.flatnonzero(~done), needed)
                if waiting[name].count >= work.block or (waiting[name].count and part.stop == size):
                    at, some = waiting.pop(name).together()
                    results[name][at] = work.surely(name, some)
                    waiting[name] = _Waiting()


@final
class _Waiting:
    """Elements of one field that are not settled yet."""

    def __init__(self) -> None:
        self.count = 0
        self._places: list[NDArray[np.int64]] = []
        self._inputs: list[dict[str, Floats]] = []

    def add(self, start: int, left: NDArray[np.int64], inputs: Mapping[str, Floats]) -> None:
        """Add elements of a block."""
        self.count += left.size
        self._places.append(left + start)
        self._inputs.append({name: values[left] for name, values in inputs.items()})

    def together(self) -> tuple[NDArray[np.int64], dict[str, Floats]]:
        """Return where they all stand, and their inputs."""
        some = {n: np.concatenate([x[n] for x in self._inputs]) for n in self._inputs[0]}
        return np.concatenate(self._places), some


@final
class _Work:
    """What is the same for all blocks of a step."""

    def __init__(
        self, rule: Rule, exacts: Mapping[str, Extended], fmts: Mapping[str, Format]
    ) -> None:
        self._rule = rule
        self._exacts = exacts
        self._fmts = fmts
        self._fields = tuple(name for name in fmts if name != "g")
        self._inputs = {name if name == "g" else name + PREVIOUS: name for name in fmts}
        self._stages: dict[Any, Stage] = {}
        self._wide = formats.BINARY64 in fmts.values()
        self._pairs, self._grids, self._signs = Columns(pairs=True), Grids(), Signs()
        self._first = self._pairs if self._wide else Columns(pairs=False)
        self.block = _BLOCK_OF_PAIRS if self._wide else _BLOCK

    def roughly(self, inputs: Mapping[str, Floats]) -> dict[str, tuple[Any, Mask]]:
        """Return, by field, the values that an error bound alone settles, and which these are."""
        count = len(inputs["theta"])
        try:
            columns, sure = self._columns(self._fields, self._first, inputs, measured=self._wide)
        except OutOfRange:
            return dict.fromkeys(self._fields, (np.zeros(count), np.zeros(count, dtype=bool)))
        found = {}
        for name, column in columns.items():
            fmt = self._fmts[name]
            if self._wide and fmt is not formats.BINARY64:
                values, done = settle_closely(column, fmt, None)
            else:
                values, done = settle(column, fmt)
            found[name] = values, done if sure is None else done & sure
        return found

    def needed(self, field: str) -> tuple[str, ...]:
        """Return the inputs that a field depends on."""
        stage = self._stage((field,), self._pairs)
        return tuple(self._inputs[symbol] for symbol in stage.inputs)

    def surely(self, field: str, inputs: Mapping[str, Floats]) -> Floats:
        """Settle a field of every element: in pairs, and what is left in balls."""
        found, done = self._closely(field, inputs)
        for i in np.flatnonzero(~done):
            found[i] = self._in_balls(field, inputs, int(i))
        return found

    def _closely(self, field: str, inputs: Mapping[str, Floats]) -> tuple[Floats, Mask]:
        """Settle in pairs, exact ties of m and v too."""
        count = len(inputs["g"])
        found, done = np.zeros(count), np.zeros(count, dtype=bool)
        for chosen in (slice(None), np.flatnonzero(_in_the_middle(inputs))):
            some = {name: values[chosen] for name, values in inputs.items()}
            if not some["g"].size:
                continue
            try:
                columns, sure = self._columns((field,), self._pairs, some, measured=True)
            except OutOfRange:
                continue
            grid = self._spacing(field, some)
            values, near = settle_closely(columns[field], self._fmts[field], grid)
            found[chosen], done[chosen] = values, near if sure is None else near & sure
            break
        return found, done

    def _columns(
        self,
        fields: tuple[str, ...],
        carrier: Columns,
        inputs: Mapping[str, Floats],
        *,
        measured: bool,
    ) -> tuple[dict[str, Column], Mask | None]:
        """Run the rule, and say of which elements the error bounds speak; None: of all.

        Raises
        ------
        OutOfRange
            If something might overflow or underflow.
        """
        stage = self._stage(fields, carrier)
        sure: Mask | None = None
        columns = []
        for symbol in stage.inputs:
            name = self._inputs[symbol]
            array = inputs[name]
            nonnegative = name in ("v", "v_max")
            sizes = array
            if not nonnegative:
                sizes = np.abs(array) if measured else array
            elif not array.min() >= 0:
                right = array >= 0
                array = sizes = np.where(right, array, 0.0)
                sure = right if sure is None else sure & right
            if measured and not math.isfinite(float(sizes.max())):
                finite = np.isfinite(array)
                array = np.where(finite, array, 0.0)
                sizes = np.abs(array)
                sure = finite if sure is None else sure & finite
            least, most = _exponents(sizes) if measured else _extremes(self._fmts[name])
            columns.append(Column(array, nonnegative=nonnegative, least=least, most=most))
        found = stage.run(columns)
        count = len(inputs["g"])
        outputs = zip((name for name in self._order if name in fields), found, strict=True)
        return {name: carrier.result(value, count) for name, value in outputs}, sure

    @property
    def _order(self) -> tuple[str, ...]:
        return tuple(line.name for line in self._rule.lines)

    def _spacing(self, field: str, inputs: Mapping[str, Floats]) -> Any:
        """Return of what each result is known to be a whole multiple; None: nothing is known."""
        stage = self._stage((field,), self._grids)
        names = [self._inputs[symbol] for symbol in stage.inputs]
        (grid,) = stage.run([grid_of(inputs[name], self._fmts[name]) for name in names])
        return None if grid is None else grid.spacing()

    def _stage(self, fields: tuple[str, ...], carrier: Any) -> Stage:
        """Carry out in a carrier what all elements share, for the fields that are wanted."""
        key = fields, carrier
        if key not in self._stages:
            stage = compiled(self._rule, fields).stage(carrier)
            self._stages[key] = stage.given(self._exacts, frozenset(self._inputs))
        return self._stages[key]

    def _in_balls(self, field: str, inputs: Mapping[str, Floats], at: int) -> float:
        """Settle one element at whatever precision it takes."""
        exactly = {name: exact(float(values[at])) for name, values in inputs.items()}
        gradient = exactly.pop("g")
        # What the field does not depend on may be anything.
        start = {name: (exactly.get(name, Fraction(0)),) for name in self._fields}
        step = int(self._exacts["t"])
        what = Problem(self._rule, (), start, ((gradient,),), (self._exacts,), {}, step)
        (found,), _ = settled(what, {field: self._fmts[field]})
        (value,), (is_exact,) = found[field]
        return self._signed(field, inputs, at) if is_exact and value == 0 else float(value)

    def _signed(self, field: str, inputs: Mapping[str, Floats], at: int) -> float:
        """Return 0 with the sign that IEEE 754's operations give it, +0 if terms cancel."""
        stage = self._stage((field,), self._signs)
        (sign,) = stage.run([sign_of(float(inputs[self._inputs[s]][at])) for s in stage.inputs])
        return math.copysign(0.0, sign) if sign == 0 else 0.0


def _extremes(fmt: Format) -> tuple[float, float]:
    """Return between which binary logarithms the numbers of a format lie."""
    return fmt.min_exponent - fmt.precision + 1, fmt.max_exponent + 1


def _exponents(sizes: Floats) -> tuple[float, float]:
    """Return between which binary logarithms some finite numbers >= 0 lie that are not 0."""
    most, least = float(sizes.max()), float(sizes.min())
    if most == 0:
        return 0.0, 0.0
    if least == 0:
        least = float(np.where(sizes == 0, most, sizes).min())
    return math.frexp(least)[1] - 1, math.frexp(most)[1]


def _in_the_middle(inputs: Mapping[str, Floats]) -> Mask:
    """Say which elements are neither very small nor very large."""
    inside = np.ones(len(inputs["g"]), dtype=bool)
    for values in inputs.values():
        sizes = np.abs(values)
        inside &= (sizes == 0) | ((sizes >= 1 / _MIDDLE) & (sizes <= _MIDDLE))
    return inside
