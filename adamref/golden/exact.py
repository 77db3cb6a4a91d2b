"""One step of Adam for whole arrays, every element correctly rounded, each with a proof.

How it is worked is in `adamref.golden.blocks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adamref import rules
from adamref.errors import MissingInput, NotANumber, OutOfDomain, ShapeMismatch, UnknownName
from adamref.golden.blocks import Blocks
from adamref.numbers import formats
from adamref.numbers.exact import Extended, exact
from adamref.problem import Problem
from adamref.rules.family import training
from adamref.rules.hyper import COMMON
from adamref.stepper import settled

if TYPE_CHECKING:
    from adamref.rules.rule import Rule

_ADAMS_STATES = ("m", "v", "v_max")


class _Made(NamedTuple):
    """theta and Adam's states."""

    theta: NDArray[Any]
    m: NDArray[Any] | None
    v: NDArray[Any] | None
    v_max: NDArray[Any] | None


@final
class ExactStep(_Made):
    """What a step makes: arrays of the shapes and dtypes of the inputs.

    A tuple (theta, m, v, v_max); of these a state that the rule has not is None: v_max but for
    AMSGrad. The states of any rule are in `states`.
    """

    _others: Mapping[str, NDArray[Any]] = MappingProxyType({})

    def __repr__(self) -> str:
        held = {"theta": self.theta, **self.states}
        return f"ExactStep({', '.join(f'{name}={_in_short(x)}' for name, x in held.items())})"

    @classmethod
    def of(cls, made: Mapping[str, NDArray[Any]]) -> ExactStep:
        """Return theta and states by name as one."""
        step = cls(made["theta"], *(made.get(name) for name in _ADAMS_STATES))
        step._others = {n: x for n, x in made.items() if n not in cls._fields}
        return step

    @property
    def states(self) -> dict[str, NDArray[Any]]:
        """Every state of the rule, by name."""
        adams = zip(_ADAMS_STATES, self[1:], strict=True)
        return {**{n: x for n, x in adams if x is not None}, **self._others}


def _in_short(array: NDArray[Any]) -> str:
    """Write a few numbers as they are, more by their dtype and shape."""
    if array.size <= 4:
        return str(array.tolist())
    return f"{array.dtype}{list(array.shape)}"


def exact_step(
    theta: ArrayLike,
    grad: ArrayLike,
    m: ArrayLike | None = None,
    v: ArrayLike | None = None,
    *,
    t: int,
    lr: Any,
    beta1: Any = None,
    beta2: Any = None,
    eps: Any = None,
    weight_decay: Any = 0,
    v_max: ArrayLike | None = None,
    optimizer: str = "adam",
    form: str | None = None,
    dialect: Mapping[str, str] = MappingProxyType({}),
    state: Mapping[str, ArrayLike] = MappingProxyType({}),
    **hyper: Any,
) -> ExactStep:
    """Work one step, every element of every result the real number rounded once.

    Exact: each result is the real function of the inputs that the rule states, rounded to nearest
    with ties to even in its own dtype; theta comes from the m and v that were not rounded. Finite
    inputs overflow only in that last rounding, and underflow only there.

    Parameters
    ----------
    theta, grad, m, v : array_like
        One shape, any strides, either byte order, no mask; each float16, bfloat16 (of ml_dtypes),
        float32 or float64. None of them is written to.
    t : int
        The step that is taken, 1 for the first.
    lr, beta1, beta2, eps, weight_decay : float, int, Fraction, Decimal or decimal string
        A float is the dyadic number it stores, ``"0.9"`` is 9/10.
        What is missing takes the published default.
    v_max : array_like, optional
        For AMSGrad, the greatest v so far.
    optimizer : str
        Any of `adamref.rules.family` that has a parameter. "adam-l2" adds ``weight_decay * theta``
        to the gradient; "adamw" multiplies theta by ``1 - lr * weight_decay``; "amsgrad" keeps the
        maximum of v before its correction.
    form : str, optional
        Where epsilon stands, of an optimizer that has such an axis. Of Adam and its kin "paper",
        ``sqrt(v_hat) + eps``; "eps-hat", the order at the end of section 2, with eps added to the
        uncorrected root; "eps-inside", ``sqrt(v_hat + eps)``; "eps-root",
        ``sqrt(v_hat + eps_root) + eps``.
    dialect : mapping of str to str, optional
        Values on axes of the optimizer, as `adamref.rules.get` takes them.
    state : mapping of str to array_like, optional
        The states that other rules than Adam's have, by name. Where a rule sums over a tensor
        (cautious AdamW), the arrays are one tensor.
    **hyper
        The other hyperparameters of the rule.

    Returns
    -------
    ExactStep
        theta, m, v and v_max, of the shapes and dtypes of the inputs; in ``states`` every state.

    Raises
    ------
    OutOfDomain, UnknownName, NotANumber, MissingInput
        For a hyperparameter, name, dtype or missing state.
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
    m is an infinity, beta1 > 0     m stays it (with the opposite grad: nan), theta is the other
    v is inf, m finite              v is inf, the step is 0
    v < 0, and the new v too        theta is nan (the root of a negative number)
    eps = 0, v = 0, m = 0           theta is nan (0/0)
    eps = 0, v = 0, m not 0         theta is an infinity, away from the sign of m
    theta is an infinity            theta stays it (nan with L2, or where lr * weight_decay = 1)
    exact result 0                  the sign that IEEE's operations give; what cancels is +0
    result that rounds to 0         its sign
    ==============================  ==========================================================

    Sources: Kingma & Ba 2015, Algorithm 1 and section 2; Loshchilov & Hutter 2019; Reddi, Kale &
    Kumar 2018; the method: Ziv 1991.

    >>> step = exact_step([0.5], [-15.0], [0.0], [0.0],
    ...                   t=1, lr="0.1", beta1="0.9", beta2="0.999", eps="1e-8")
    >>> float(step.theta[0]), float(step.m[0]), float(step.v[0])
    (0.5999999999333333, -1.5, 0.225)
    """
    axes = {**({} if form is None else {"form": form}), **dialect}
    rule = _rule(optimizer, tuple(axes.items()))
    if isinstance(t, bool) or not isinstance(t, int | np.integer) or t < 1:
        raise OutOfDomain("t", t, "a whole number >= 1")
    named = {"alpha": lr, "beta1": beta1, "beta2": beta2, "eps": eps, **hyper}
    exacts = _exacts(rule, {n: x for n, x in named.items() if x is not None}, weight_decay)
    exacts["t"] = Fraction(int(t))
    arrays = {"m": m, "v": v, "v_max": v_max, **state}
    held = _held(rule, {n: x for n, x in arrays.items() if x is not None})
    return ExactStep.of(step_of(rule, exacts, {"theta": theta, "g": grad, **held}))


@lru_cache(maxsize=32)
def _rule(optimizer: str, axes: tuple[tuple[str, str], ...]) -> Rule:
    if optimizer not in training():
        raise UnknownName("optimizer", optimizer, training())
    return rules.get(optimizer, **dict(axes))


def _exacts(rule: Rule, named: Mapping[str, Any], weight_decay: Any) -> dict[str, Extended]:
    """Read the hyperparameters of a rule; those that are not named are as published."""
    decay = COMMON["weight_decay"].read(weight_decay)
    if "weight_decay" in rule.defaults:
        named = {**named, "weight_decay": decay}
    elif decay != 0:
        wanted = f"0 for {rule.name}; see adam-l2, adamw and the dialects"
        raise OutOfDomain("weight_decay", weight_decay, wanted)
    for name in named:
        if name not in rule.defaults:
            raise UnknownName(f"hyperparameter of {rule.name}", name, tuple(rule.defaults))
    full = {**rule.defaults, **named}
    return {name: hyper.read(full[name]) for name, hyper in rule.hypers.items()}


def _held(rule: Rule, given: Mapping[str, ArrayLike]) -> Mapping[str, ArrayLike]:
    """Return the states that a rule needs, if they are those that are given."""
    needed = tuple(name for name in rule.states if name != "theta")
    for name in given:
        if name not in needed:
            raise OutOfDomain(name, "an array", f"absent for {rule.name}")
    for name in needed:
        if name not in given:
            raise MissingInput(name, f"{rule.line(name).says}; a step of {rule.name} needs it")
    return given


def step_of(
    rule: Rule, exacts: Mapping[str, Extended], given: Mapping[str, ArrayLike]
) -> dict[str, NDArray[Any]]:
    """Work one step of any rule, from the exact numbers its program asks for.

    Parameters
    ----------
    rule : Rule
    exacts : mapping of str to exact numbers
        Hyperparameters, with complements and bases where they differ
        (`adamref.conventions`), and t.
    given : mapping of str to array_like
        theta, g and the states, by field; one shape. Of a rule that sums over a tensor, one tensor.
    """
    arrays = {name: _array(name, values) for name, values in given.items()}
    shape = arrays["theta"].shape
    for name, array in arrays.items():
        if array.shape != shape:
            raise ShapeMismatch("grad" if name == "g" else name, array.shape, shape, "theta")
    fields = tuple(name for name in arrays if name != "g")
    made = {name: np.empty(shape, arrays[name].dtype) for name in fields}
    orders = {name: np.asarray(given[name]).dtype for name in fields}
    if arrays["theta"].size and rule.reduces:
        _fill_together(rule, exacts, arrays, made)
    elif arrays["theta"].size:
        Blocks(rule, exacts, arrays).fill(made)
    return {name: array.astype(orders[name], copy=False) for name, array in made.items()}


def _fill_together(
    rule: Rule,
    exacts: Mapping[str, Extended],
    arrays: Mapping[str, NDArray[Any]],
    made: Mapping[str, NDArray[Any]],
) -> None:
    """Work a step whose elements meet, all of them at once, in rationals and balls."""
    given = {name: tuple(exact(float(x)) for x in array.flat) for name, array in arrays.items()}
    gradient = given.pop("g")
    hypers = {**exacts, "size": Fraction(len(gradient))}
    first = int(exacts["t"])
    what = Problem(rule, made["theta"].shape, given, (gradient,), (hypers,), {}, first)
    (found,), _ = settled(what, {name: formats.get(array.dtype) for name, array in made.items()})
    for name, array in made.items():
        array.ravel()[:] = [float(x) for x in found[name][0]]


def _array(name: str, values: ArrayLike) -> NDArray[Any]:
    public = "grad" if name == "g" else name
    if np.ma.isMaskedArray(values):
        raise NotANumber(public, values, "a mask says nothing here: fill or compress it before")
    array = np.asarray(values)
    if array.dtype == object or array.dtype.kind in "USO":
        raise NotANumber(public, values, "it should be an array of floats")
    try:
        array = array.astype(array.dtype.newbyteorder("="), copy=False)
        formats.get(array.dtype)
    except UnknownName:
        known = tuple(known.dtype for known in formats.FORMATS)
        raise UnknownName(f"dtype of {public}", str(array.dtype), known) from None
    return array
