"""One step of Adam for whole arrays, every element correctly rounded, each with a proof.

How it is worked is in `adamref.golden.blocks`.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, final

import numpy as np

from adamref import rules
from adamref.errors import MissingInput, NotANumber, OutOfDomain, ShapeMismatch, UnknownName
from adamref.golden.blocks import Blocks
from adamref.numbers import formats
from adamref.rules.hyper import HYPERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from adamref.numbers.exact import Extended
    from adamref.rules.rule import Rule

OPTIMIZERS = ("adam", "adam-l2", "adamw", "amsgrad")
FORMS = ("paper", "eps-hat", "eps-inside")


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
    m is an infinity, beta1 > 0     m stays it (with the opposite grad: nan), theta is the other
    v is inf, m finite              v is inf, the step is 0
    v < 0, and the new v too        theta is nan (the root of a negative number)
    eps = 0, v = 0, m = 0           theta is nan (0/0)
    eps = 0, v = 0, m not 0         theta is an infinity, away from the sign of m
    theta is an infinity            theta stays it (nan with L2, or where lr * weight_decay = 1)
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
    made = step_of(rule, exacts, given)
    return ExactStep(made["theta"], made["m"], made["v"], made.get("v_max"))


@lru_cache(maxsize=32)
def _rule(optimizer: str, form: str) -> Rule:
    return rules.get(optimizer, form=form)


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
        Blocks(rule, exacts, arrays).fill(made)
    return made


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
