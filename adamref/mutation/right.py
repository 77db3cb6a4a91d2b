"""A right implementation of any rule, behind the interface of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.golden.making import generic_of
from adamref.mutation.stepping import worked as worked_lines
from adamref.numbers import formats
from adamref.numbers.arrays import nearest
from adamref.oracle.observe.sessions.session import ABILITIES, Abilities, Held, Session, Start
from adamref.rules.instructions import BASE, COMPLEMENT
from adamref.rules.symbols import PREVIOUS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sympy import Expr

    from adamref.numbers.arrays import Array
    from adamref.rules.rule import Rule


@final
class Right(Session):
    """A rule's lines in float64, theta and the states rounded to the dtype after each step."""

    def __init__(self, rule: Rule) -> None:
        self._lines = {line.name: line.expr for line in rule.lines}
        self._names = [name for name in rule.states if name != "theta"]
        self._usual = {n: float(x) for n, x in generic_of(rule).items()}
        self._rule = rule

    def start(self, start: Start) -> Abilities:
        """Start over."""
        self._dtype, self._hyper = start.dtype, {**self._usual, **start.hyper}
        self._held = [
            Held(x, {name: np.full_like(x, self._begun(name, x)) for name in self._names}, 0)
            for x in start.thetas
        ]
        able = frozenset(ABILITIES) - {"defaults"}
        # What a trial says nothing of has a value of its own.
        own = {n: x for n, x in self._usual.items() if n not in start.hyper}
        controls = (frozenset(self._usual) - {"alpha"} - own.keys()) | {"lr"}
        return Abilities(able, controls, own)

    def load(self, tensors: Sequence[Held]) -> None:
        """Go on from other states."""
        self._held = [
            Held(x.theta, {n: self._loaded(n, x) for n in self._names}, x.t) for x in tensors
        ]

    def step(self, grads: Sequence[Array | None], lr: float | None = None) -> list[Held]:
        """Take a step."""
        alpha = self._hyper["lr"] if lr is None else lr
        with np.errstate(all="ignore"):
            self._held = [
                held if g is None else self._stepped(held, g, alpha)
                for held, g in zip(self._held, grads, strict=True)
            ]
        return self._held

    def close(self) -> None:
        """Do nothing."""

    def _loaded(self, name: str, tensor: Held) -> Array:
        """Return a state that is loaded; one that only this dialect has begins anew."""
        theta = tensor.theta
        return tensor.states.get(name, np.full_like(theta, self._begun(name, theta)))

    def _begun(self, name: str, theta: Array) -> Any:
        return self._rule.line(name).begun({**self._hyper, "theta": theta})

    def _stepped(self, held: Held, g: Array, alpha: float) -> Held:
        t = (held.t or 0) + 1
        known: dict[str, Any] = {**self._hyper, "alpha": alpha, "g": g, "t": float(t)}
        known |= {name + PREVIOUS: x for name, x in held.states.items()}
        known["theta" + PREVIOUS] = held.theta
        known["size"] = float(held.theta.size)
        known |= worked(self._lines, {n: np.asarray(x) for n, x in known.items()})
        states = {name: self._rounded(known[name]) for name in self._names}
        return Held(self._rounded(known["theta"]), states, t)

    def _rounded(self, x: Any) -> Array:
        return nearest(np.asarray(x, dtype=np.float64), formats.get(self._dtype))


def worked(lines: Mapping[str, Expr], known: Mapping[str, Array]) -> dict[str, Array]:
    """Work lines in float64 from what is known by name: hyperparameters, t, g and the states."""
    columns: dict[str, Any] = dict(known)
    for name in known:
        columns.setdefault(name + COMPLEMENT, 1 - columns[name])
        columns.setdefault(name + BASE, columns[name])
        columns.setdefault(name + ".one-minus-base", 1 - columns[name])
    return worked_lines(lines, columns, np.zeros(np.shape(columns["g"]), dtype=np.intp))
