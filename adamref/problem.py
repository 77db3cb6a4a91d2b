"""What is to be run: a rule, exact inputs, and where the gradients come from.

Everything a caller hands over is validated and made exact here, once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.conventions import CONVENTIONS, held, scalars
from adamref.errors import (
    MissingInput,
    NotANumber,
    OutOfDomain,
    ShapeMismatch,
    UnknownName,
    readable,
)
from adamref.numbers.exact import Extended, exact, is_special
from adamref.objective import Objective

if TYPE_CHECKING:
    from adamref.numbers.formats import Format
    from adamref.rules.rule import Rule


@final
@dataclass(frozen=True)
class Problem:
    """A run in exact numbers.

    Attributes
    ----------
    rule : Rule
    shape : tuple of int
        Shape of the parameter; everything below is flattened to its elements.
    start : mapping of str to tuple of exact numbers
        theta and the rest of the state before the first step.
    gradients : tuple of tuple of exact numbers, or Objective
        A tuple a step, or the objective that supplies them.
    hypers : tuple of mapping of str to exact number
        What the program asks for, a mapping a step; t and the tensor's size are among it.
    given : mapping of str to str
        The hyperparameters as the caller wrote them.
    first : int
        The t of the first step.
    """

    rule: Rule
    shape: tuple[int, ...]
    start: Mapping[str, tuple[Extended, ...]]
    gradients: tuple[tuple[Extended, ...], ...] | Objective
    hypers: tuple[Mapping[str, Extended], ...]
    given: Mapping[str, str]
    first: int

    @property
    def size(self) -> int:
        """The number of elements of the parameter."""
        return len(self.start["theta"])

    def restarted(self, state: Mapping[str, tuple[Extended, ...]], at: int) -> Problem:
        """Return the problem of its step number ``at`` (from 0) alone, from another state."""
        gradients = self.gradients
        if not isinstance(gradients, Objective):
            gradients = gradients[at : at + 1]
        return Problem(
            self.rule,
            self.shape,
            state,
            gradients,
            self.hypers[at : at + 1],
            self.given,
            self.first + at,
        )

    def element(self, at: int) -> Problem:
        """Return the problem of one element, where elements do not meet."""
        assert not isinstance(self.gradients, Objective)
        return Problem(
            self.rule,
            (),
            {name: (values[at],) for name, values in self.start.items()},
            tuple((step[at],) for step in self.gradients),
            self.hypers,
            self.given,
            self.first,
        )


def problem(
    rule: Rule,
    theta: Any,
    gradients: Any,
    *,
    steps: int | None = None,
    state: Mapping[str, Any] | None = None,
    t: int = 1,
    convention: str = "literal",
    compute: str | None = None,
    fmt: Format | None = None,
    **hyper: Any,
) -> Problem:
    """Validate the inputs of a run and make them exact.

    See `adamref.stepper.run` for the parameters and for what is raised.
    """
    if isinstance(t, bool) or not isinstance(t, int | np.integer) or t < 1:
        raise OutOfDomain("t", t, "a whole number >= 1")
    if convention not in CONVENTIONS:
        raise UnknownName("hyperparameter convention", convention, CONVENTIONS)
    if fmt is None and convention != "literal":
        raise OutOfDomain("convention", convention, "literal where no dtype is given")
    if fmt is None and compute is not None:
        raise OutOfDomain("compute", compute, "absent where no dtype is given")
    scalar = None if fmt is None else scalars(fmt, compute)
    elements, shape = _elements(theta, "theta")
    found: tuple[tuple[Extended, ...], ...] | Objective
    if isinstance(gradients, str | Objective) or hasattr(gradients, "free_symbols"):
        found = gradients if isinstance(gradients, Objective) else Objective(gradients)
        if len(found.variables) != len(elements):
            raise ShapeMismatch(
                "theta", shape, (len(found.variables),), "the objective's variables"
            )
        count = 1 if steps is None else steps
    else:
        found = _given_gradients(gradients, shape)
        count = len(found) if steps is None else steps
        if count != len(found):
            raise OutOfDomain("steps", count, f"{len(found)}, the number of gradients")
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1:
        raise OutOfDomain("steps", count, "a whole number >= 1")
    given = _hypers(rule, hyper, int(count))
    exacts = []
    for i in range(int(count)):
        values = {
            name: rule.hypers[name].read(value[i] if name == "alpha" else value)
            for name, value in given.items()
        }
        numbers = held(values, convention, scalar)
        exacts.append({**numbers, "t": Fraction(int(t) + i), "size": Fraction(len(elements))})
    begun = {name: (x,) * len(elements) for name, x in exacts[0].items()} | {"theta": elements}
    start = {"theta": elements, **_state(rule, state or {}, shape, begun)}
    shown = {
        name: _shown(value) if name == "alpha" else readable(value) for name, value in given.items()
    }
    return Problem(rule, shape, start, found, tuple(exacts), shown, int(t))


def _elements(value: Any, name: str) -> tuple[tuple[Extended, ...], tuple[int, ...]]:
    """Flatten a scalar, sequence or array into exact numbers, and tell its shape."""
    if isinstance(value, str) or not isinstance(value, Sequence | np.ndarray):
        if hasattr(value, "__array__") and not isinstance(value, np.generic):
            value = np.asarray(value)
        else:
            return (exact(value, name),), ()
    array = _as_array(value, name)
    flat = [exact(x, f"{name}[{i}]") for i, x in enumerate(array.ravel())]
    return tuple(flat), array.shape


def _as_array(value: Any, name: str) -> np.ndarray[Any, Any]:
    if isinstance(value, np.ndarray):
        return value
    try:
        array = np.array(value, dtype=object)
    except ValueError:
        raise NotANumber(name, value, "its rows differ in length") from None
    if any(isinstance(x, Sequence) and not isinstance(x, str) for x in array.ravel()):
        raise NotANumber(name, value, "its rows differ in length")
    return array


def _given_gradients(gradients: Any, shape: tuple[int, ...]) -> tuple[tuple[Extended, ...], ...]:
    if isinstance(gradients, np.ndarray) and gradients.ndim == 0:
        gradients = [gradients[()]]
    try:
        listed = list(gradients)
    except TypeError:
        listed = [gradients]
    if not listed:
        raise MissingInput("gradients", "a run needs at least one step")
    found = []
    for i, gradient in enumerate(listed):
        elements, got = _elements(gradient, f"gradients[{i}]")
        if got != shape:
            raise ShapeMismatch(f"gradients[{i}]", got, shape, "theta")
        found.append(elements)
    return tuple(found)


def _state(
    rule: Rule,
    state: Mapping[str, Any],
    shape: tuple[int, ...],
    known: Mapping[str, tuple[Extended, ...]],
) -> dict[str, tuple[Extended, ...]]:
    names = tuple(name for name in rule.states if name != "theta")
    for name in state:
        if name not in names:
            raise UnknownName("state", name, names)
    size = int(np.prod(shape))
    start = {}
    for name in names:
        if name in state:
            elements, got = _elements(state[name], name)
            if got != shape:
                raise ShapeMismatch(name, got, shape, "theta")
            start[name] = elements
        else:
            begun = rule.line(name).begun(known)
            start[name] = (Fraction(begun),) * size if isinstance(begun, int) else begun
    return start


def _hypers(rule: Rule, hyper: Mapping[str, Any], count: int) -> dict[str, Any]:
    """Return the hyperparameters by the rule's names; alpha as a list with an entry a step."""
    named = dict(hyper)
    if "lr" in named and "alpha" in rule.defaults:
        if "alpha" in named:
            raise OutOfDomain("lr", named["lr"], "absent where alpha is given: they are the same")
        named["alpha"] = named.pop("lr")
    if "betas" in named:
        betas = named.pop("betas")
        if not isinstance(betas, Sequence) or isinstance(betas, str) or len(betas) != 2:
            raise OutOfDomain("betas", betas, "a pair (beta1, beta2)")
        for name in ("beta1", "beta2"):
            if name in named:
                raise OutOfDomain(name, named[name], "absent where betas is given")
        named |= {"beta1": betas[0], "beta2": betas[1]}
    for name in named:
        if name not in rule.defaults:
            raise UnknownName(f"hyperparameter of {rule.name}", name, tuple(rule.defaults))
    full: dict[str, Any] = {**rule.defaults, **named}
    if "alpha" in full:
        alpha = full["alpha"]
        if isinstance(alpha, np.ndarray) and alpha.ndim == 0:
            alpha = alpha[()]
        if isinstance(alpha, str) or not isinstance(alpha, Sequence | np.ndarray):
            full["alpha"] = [alpha] * count
        elif len(alpha) != count:
            raise ShapeMismatch("alpha", (len(alpha),), (count,), "the steps")
    return full


def _shown(schedule: Sequence[Any]) -> str:
    """Write one alpha, or the whole schedule."""
    written = [readable(x) for x in schedule]
    return written[0] if len(set(written)) == 1 else ", ".join(written)


def not_finite(problem: Problem) -> list[str]:
    """List the gradients that are not finite numbers, as ``g[t=2, 0] = nan``."""
    if isinstance(problem.gradients, Objective):
        return []
    return [
        f"g[t={problem.first + i}{f', {j}' if problem.shape else ''}] = {value}"
        for i, step in enumerate(problem.gradients)
        for j, value in enumerate(step)
        if is_special(value)
    ]
