"""One step of an algorithm on one array: what all functional steps share."""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from adamref.errors import MissingInput, NotANumber, OutOfDomain, UnknownName
from adamref.fast.arrays import fits, legal, parameter
from adamref.fast.options import Chosen
from adamref.fast.work import Worker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adamref.fast.method import Array, Hyper, Method

State: TypeAlias = "dict[str, Any]"
"""t, the number of steps taken, and the arrays (and running numbers) by name."""

_RATES = ("beta1", "beta2")
_NOT_NEGATIVE = ("lr", "eps", "weight_decay", "psi")
_MOST_STEPS = 1 << 62
_FORMS = ("paper", "eps-hat")


def stepped(
    method: Method,
    theta: Array,
    grad: Array,
    state: Mapping[str, Any] | None,
    hyper: Hyper,
    options: Mapping[str, Any],
    *,
    l2: float = 0.0,
    decay: float = 0.0,
) -> tuple[Array, State]:
    """Work one step of an algorithm.

    Parameters
    ----------
    method : Method
    theta, grad : arrays
    state : mapping or None
    hyper : mapping of str to float
    options : mapping
    l2, decay : float
        Weight decay: added to the gradient, and decoupled from it.
    """
    chosen = Chosen.among(options)
    hyper = {name: read(name, x) for name, x in hyper.items()}
    l2, decay = (read("weight_decay", x) for x in (l2, decay))
    if state is None:
        state = fresh(method, theta, chosen)
    for name in ("t", *method.states, *method.running):
        if name not in state:
            raise MissingInput(name, f"a state of {method.name} has it")
    arrays = {name: state[name] for name in method.states}
    fits("grad", grad, legal(theta, arrays, in_place=chosen.in_place), "theta")
    if not chosen.in_place:
        theta = theta.copy()
        arrays = {name: array.copy() for name, array in arrays.items()}
    running = {name: float(state[name]) for name in method.running}
    t = steps_taken(state["t"]) + 1
    worker = Worker(method, theta, tuple(arrays.values()), chosen, l2)
    worker.step(grad, method.scalars(t, hyper, running), 1 - hyper["lr"] * decay)
    made = {"t": t, **arrays, **running}
    if chosen.in_place and isinstance(state, dict):
        state.update(made)
        return theta, state
    return theta, made


def steps_taken(t: Any) -> int:
    """Return the t of a state.

    Raises
    ------
    OutOfDomain
        If it is no number of steps.
    """
    try:
        whole = operator.index(t) if np.ndim(t) == 0 else -1
    except TypeError:
        whole = -1
    if not 0 <= whole <= _MOST_STEPS:
        raise OutOfDomain("t", t, "a whole number >= 0: the steps taken")
    return whole


def fresh(method: Method, theta: object, chosen: Chosen) -> State:
    """Return the state before the first step."""
    array = parameter("theta", theta)
    kind = array.dtype if chosen.state_dtype is None else np.dtype(chosen.state_dtype)
    arrays = {name: np.zeros_like(array, kind) for name in method.states}
    for name, zero in arrays.items():
        parameter(name, zero)
    return {"t": 0, **arrays, **method.running}


def read(name: str, given: Any) -> Any:
    """Return a hyperparameter as a float, if it lies where the algorithms are defined.

    Numbers of any kind and decimal strings are taken, rounded to float64 once; what is no number,
    such as the form, stays.

    Raises
    ------
    OutOfDomain, NotANumber, UnknownName
    """
    if name == "form" and given not in _FORMS:
        raise UnknownName("form", given, _FORMS)
    if name not in (*_RATES, *_NOT_NEGATIVE):
        return given
    if isinstance(given, bool):
        raise NotANumber(name, given, "it is a truth value")
    try:
        value = float(given)
    except (TypeError, ValueError, OverflowError) as because:
        raise NotANumber(name, given, str(because)) from None
    if name in _RATES and not 0 <= value < 1:
        raise OutOfDomain(name, given, "in [0, 1)")
    if not 0 <= value < math.inf:
        raise OutOfDomain(name, given, "finite and not negative")
    return value
