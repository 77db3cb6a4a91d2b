"""A function that minimises by itself: ``minimise(func, grad, x0, …, steps)``.

It is handed a function that answers with the gradients under check, and waits in it between steps
(`forms.loops`). Its states are its own: none is shown.
"""

from __future__ import annotations

import contextlib
import inspect
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.oracle.observe.calling.adapter import Adapter
from adamref.oracle.observe.calling.calls import calling
from adamref.oracle.observe.calling.names import Words, parameters
from adamref.oracle.observe.calling.signs import Sign
from adamref.oracle.observe.forms import words
from adamref.oracle.observe.forms.loops import Loop
from adamref.oracle.observe.forms.trying import HYPER
from adamref.oracle.observe.sessions.session import Failed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from adamref.oracle.observe.sessions.session import Held, Start

_STEPS = 16384
"""More than the longest probe has; some keep an array of as many."""

_GRADS = frozenset(
    "grad gradf fgrad gradient df dfdx fprime jac jacobian gradfn gradfunc g dx"
    " gradientfunction gradfunction grads derivative gradients nablaf dfun".split()
)
_FUNCS = frozenset(
    "f func fun fn objective loss lossfn cost costfn costfunction function"
    " objectivefunction lossfunction obj fx".split()
)
_STARTS = frozenset(
    "x0 x init initial start theta0 w0 params params0 theta w initialparams"
    " startpoint initx xinit start_x initialguess initialtheta winit point".split()
)
_COUNTS = frozenset(
    "steps nsteps numsteps niter niters numiters numiter maxiter maxiters iters"
    " iterations niterations maxiterations numiterations epochs nepochs numepochs"
    " n t maxsteps nit maxit itermax maxepochs numits".split()
)


@dataclass(frozen=True)
class _LoopPlan:
    """What is handed to which parameter: the gradient, the function, the start, the count."""

    grad: str
    func: str
    start: str
    counts: tuple[str, ...]
    pair: bool


@final
class LoopingAdapter(Adapter):
    """A function that loops, and asks for gradients."""

    name: ClassVar[str] = "looping"
    order: ClassVar[int] = 86
    abilities: ClassVar[frozenset[str]] = frozenset({"tensors", "skip", "shapes", "carries"})
    leading: ClassVar[int] = 0

    @classmethod
    def recognises(cls, target: Any) -> Sign:
        """Recognise a function with a start and something that gives gradients, by their names."""
        if isinstance(target, type) or not callable(target):
            return Sign.NONE
        return Sign.TRIAL if next(_plans(target), None) else Sign.NONE

    def _maker(self, target: Any) -> Callable[..., Any]:
        named = parameters(target).named
        ours = words.hypers(named)
        self._speak = Words({mine: theirs for mine, theirs in ours.items() if mine != "betas"})
        because = "it is not known how to call it"
        for plan in _plans(target):
            self._plan = plan
            keywords = {theirs: HYPER[mine] for mine, theirs in ours.items()} | self._args
            try:
                with calling("a trial"):
                    if self._works(target, keywords):
                        break
                because = "the parameters at which it asks for gradients do not move"
            except Failed as failure:
                because = failure.says
        else:
            raise Failed("refusal", because)

        def make(**hyper: Any) -> Mapping[str, Any]:
            return hyper

        known = [x for n, x in named.items() if n in ours.values() or n in self._args]
        listed = [x.replace(kind=x.KEYWORD_ONLY) for x in known]
        make.__signature__ = inspect.Signature(listed)  # type: ignore[attr-defined]
        return make

    def _speaks(self) -> Words:
        return self._speak

    def _can(self) -> set[str]:
        return set()

    def _loads(self, start: Start) -> Any:
        del start
        return False, (), {}

    def _works(self, target: Any, keywords: Mapping[str, Any]) -> bool:
        theta, grads = np.full(3, 8.5), [np.array([0.75, -1.5, 2.25]), np.array([1.5, 0.5, -2.0])]
        loop = self._loop(target, theta, keywords)
        try:
            seen = [np.array(loop.at(), dtype=np.float64)]
            for g in grads:
                loop.answer(self._answer(g))
                seen.append(np.array(loop.at(), dtype=np.float64))
        finally:
            loop.end()
        return bool(np.all(seen[0] == theta)) and all(
            np.all(np.isfinite(b)) and np.all(a != b) and np.all(abs(b - a) < np.abs(theta))
            for a, b in pairwise(seen)
        )

    def _answer(self, gradient: Any) -> Any:
        return (0.0, gradient) if self._plan.pair else gradient

    def _loop(self, target: Any, theta: Any, keywords: Mapping[str, Any]) -> Loop:
        plan = self._plan
        given = {plan.start: theta, **dict.fromkeys(plan.counts, _STEPS), **keywords}
        named = parameters(target).named
        # No step is too small to go on.
        given |= {n: 0.0 for n in named if _is_tolerance(n) and n not in given}

        def run(gradient: Callable[..., Any]) -> Any:
            with calling("step"):
                more = {plan.func: lambda *_, **__: 0.0} if plan.func else {}
                return target(**given, **more, **{plan.grad: gradient})

        return Loop(run)

    def begin(self) -> None:
        """Make a new loop for each tensor."""
        for loop in getattr(self, "_loops", ()):
            loop.end()
        self._at = [self._array(x) for x in self._start.thetas]
        self._loops = [
            self._loop(self._target, x, self._keywords | self._args) for x in self._at
        ]  # fmt: skip
        self._at = [np.array(loop.at()) for loop in self._loops]

    def update(self, grads: Sequence[Any]) -> None:
        """Take a step."""
        for i, g in enumerate(grads):
            if g is not None:
                self._loops[i].answer(self._answer(g))
                self._at[i] = np.array(self._loops[i].at())

    def theta(self, i: int) -> Any:
        """Return the parameters at which the next gradient is asked for."""
        return self._at[i]

    def entries(self, i: int) -> Mapping[str, Any]:
        """Return nothing: all that it holds are variables of its own."""
        del i
        return {}

    def put(self, i: int, name: str, value: Any, kind: str | None) -> None:
        """Refuse: there are no entries."""
        del i, name, value, kind
        raise Failed("refusal", "its states are variables of its own")

    def place(self, tensors: Sequence[Held]) -> None:
        """Refuse: a loop begins where it begins."""
        del tensors
        raise Failed("refusal", "its states are variables of its own")

    @contextlib.contextmanager
    def _calling(self, what: str) -> Iterator[None]:
        with calling(what):
            yield


def _plans(target: Any) -> Iterator[_LoopPlan]:
    try:
        named = parameters(target).named
    except TypeError:
        return
    hyper = set(words.hypers(named).values())
    plain = {n: words.compact(n) for n in named if n not in hyper}
    counts = tuple(n for n, x in plain.items() if x in _COUNTS)
    starts = [n for n, x in plain.items() if x in _STARTS and n not in counts]
    grads = [n for n, x in plain.items() if x in _GRADS and n not in starts]
    funcs = [n for n, x in plain.items() if x in _FUNCS]
    for start in starts[:1]:
        for grad in grads[:1]:
            yield _LoopPlan(grad, (funcs or [""])[0], start, counts, pair=False)
        if not grads and funcs:
            yield _LoopPlan(funcs[0], "", start, counts, pair=True)
            yield _LoopPlan(funcs[0], "", start, counts, pair=False)


def _is_tolerance(name: str) -> bool:
    return words.compact(name) in frozenset("tol tolerance gtol xtol ftol precision thresh".split())
