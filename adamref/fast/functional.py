"""One step of an algorithm on one array: what all functional steps share."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol

import numpy as np

from adamref.errors import MissingInput, NotANumber, OutOfDomain, UnknownName
from adamref.fast.arrays import copies, fits, legal, may_raise, parameter, put_back
from adamref.fast.options import Chosen
from adamref.fast.work import Worker

if TYPE_CHECKING:
    from adamref.fast.method import Array, Declared, Method, Scalars, State

P = ParamSpec("P")
_MOST_STEPS = 1 << 62


class FunctionalStep(Protocol[P]):
    """A functional step."""

    def __call__(
        self,
        theta: Array,
        grad: Array,
        state: State | None = None,
        *args: P.args,
        **hyper: P.kwargs,
    ) -> tuple[Array, State]:
        """Work one step of an algorithm.

        Parameters
        ----------
        theta, grad : arrays
            One shape, any strides; one dtype of float16, bfloat16 (of ml_dtypes), float32, float64.
        state : mapping, optional
            ``t`` and the arrays as the last step returned them; None before the first.
        **hyper
            The hyperparameters, as the class explains them, with beta1 and beta2 apart; and
            `adamref.fast.Options`: in_place, maximize, threads, kernel, state_dtype.

        Returns
        -------
        tuple
            The new theta and state. Unless it is done in place, the arrays are new ones.

        Raises
        ------
        ShapeMismatch, WrongDtype, ReadOnly, OutOfDomain, NotANumber, UnknownName, MissingInput
            Before anything is written to.

        Notes
        -----
        float32 and float64 are worked in their own precision, narrower ones in float32, rounded
        once when they are stored: their own 8 or 11 bits would lose the step. Corrections and step
        size are worked in float64 always, by log1p and expm1, and rounded once. The error is within
        the bounds of `adamref.bounds` for the algorithm's order of operations.
        """


def step_of(
    kind: type[Declared], _scalars: Callable[Concatenate[State, P], Scalars], /
) -> FunctionalStep[P]:
    """Return an algorithm's functional step; ``scalars`` shows type checkers its keywords."""

    def step(
        theta: Array, grad: Array, state: State | None = None, **hyper: Any
    ) -> tuple[Array, State]:
        return _stepped(kind, theta, grad, state, hyper)

    own = signature(step)
    *arrays, options = own.parameters.values()
    keywords = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=x, annotation=type(x).__name__)
        for name, x in kind.defaults.items()
    ]
    options = options.replace(name="options", annotation="Unpack[Options]")
    made: Any = step
    made.__signature__ = own.replace(parameters=[*arrays, *keywords, options])
    made.__name__ = made.__qualname__ = f"{kind.__name__.lower()}_step"
    made.__module__ = kind.__module__
    made.__doc__ = str(FunctionalStep.__call__.__doc__).replace("an algorithm", kind.__name__, 1)
    found: FunctionalStep[P] = made
    return found


def _stepped(
    kind: type[Declared],
    theta: Array,
    grad: Array,
    state: Mapping[str, Any] | None,
    given: Mapping[str, Any],
) -> tuple[Array, State]:
    method, defaults = kind.method, kind.defaults
    chosen = Chosen.among({name: x for name, x in given.items() if name not in defaults})
    hyper = defaults | read(kind, given)
    decay = hyper.pop("weight_decay")
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
    made = {"t": steps_taken(state["t"]) + 1, **arrays}
    made |= {name: float(state[name]) for name in method.running}
    worker = Worker(method, theta, tuple(arrays.values()), chosen, 0.0 if kind.decoupled else decay)
    keep = 1 - hyper["lr"] * decay if kind.decoupled else 1.0
    scalars = method.scalars(made, **hyper)
    kept = copies(worker.arrays) if chosen.in_place and may_raise() else ()
    try:
        worker.step(grad, scalars, keep)
    except BaseException:
        put_back(kept)
        raise
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


def read(kind: type[Declared], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the hyperparameters of an algorithm that are given, each in its domain.

    Numbers of any kind and decimal strings are taken, rounded to float64 once: decay rates in
    [0, 1), all others finite and not negative.

    Raises
    ------
    OutOfDomain, NotANumber, UnknownName
    """
    for name, (what, known) in kind.words.items():
        if name in given and given[name] not in known:
            raise UnknownName(what, given[name], known)
    return {
        name: given[name] if name in kind.words else number(name, given[name])
        for name in kind.defaults
        if name in given
    }


def number(name: str, given: Any) -> float:
    """Return a hyperparameter as a float, if it lies in its domain."""
    if isinstance(given, bool):
        raise NotANumber(name, given, "it is a truth value")
    try:
        value = float(given)
    except (TypeError, ValueError, OverflowError) as because:
        raise NotANumber(name, given, str(because)) from None
    if name.startswith("beta") and not 0 <= value < 1:
        raise OutOfDomain(name, given, "in [0, 1)")
    if not 0 <= value < math.inf:
        raise OutOfDomain(name, given, "finite and not negative")
    return value
