"""What covers a range: every step, sizes of tensors, orders of magnitude.

They are judged by the dialect that the other trials showed, all of their steps: one look at much,
where those are many looks at a little.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from math import ceil, log2
from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.golden.making import DEFAULT, GENERIC_ALPHA, generic_of
from adamref.numbers import formats
from adamref.oracle.observe.draw import Draw
from adamref.oracle.observe.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from adamref.numbers.arrays import Array
    from adamref.rules.rule import Rule

_ALPHA = float(GENERIC_ALPHA)
SIZES = (1, 7, 8, 9, 31, 32, 33, 63, 64, 65, 255, 256, 257, 4095, 4096, 4097, 65537)
"""Elements of tensors: about those of vector registers, blocks and threads."""

STEPS, MORE_STEPS = 150, 2000
_KINDS, _FEW = 97, 257
"""Of how many kinds are the elements of a tensor with more than a few."""

_WHOLE = 5000
"""Elements of the largest tensor where a step depends on all of them together."""

_ORDERS = 128
"""Orders of magnitude of an input, at most; more are thinned evenly."""


def sweeps(dtype: str, rule: Rule, *, squares: bool, thorough: bool = False) -> Iterator[Trial]:
    """Yield what covers ranges, for a rule in a dtype.

    Parameters
    ----------
    dtype : str
    rule : Rule
    squares : bool
        Whether it is of the kind of Adam, of whose moments it is known what overflows.
    thorough : bool
        Whether minutes may go by.
    """
    sweep = _Sweep(dtype, rule)
    yield sweep.steps(MORE_STEPS if thorough else STEPS)
    for size in (*SIZES, *(_more_sizes() if thorough else ())):
        if size <= _WHOLE or not rule.reduces:
            yield sweep.size(size)
    for shape in _shapes() if thorough else _SHAPES:
        yield sweep.shape(shape)
    yield sweep.by_columns()
    if squares:
        yield from sweep.magnitudes()
        yield from sweep.rates()
    if thorough and sweep.draw.has_states:
        yield sweep.reloaded(interleaved=False)
        yield sweep.reloaded(interleaved=True)


_SHAPES = ((3, 5), (2, 3, 4), (2, 3, 4, 5))


def _shapes() -> list[tuple[int, ...]]:
    return [shape for axes in range(5) for shape in product((1, 2, 3, 4), repeat=axes)]


def _more_sizes() -> list[int]:
    """Return sizes of every remainder modulo 64, and large ones."""
    return [*(128 + rest for rest in range(64)), 2**17 + 3, 2**20 - 1, 2**20]


@final
@dataclass
class _Sweep:
    dtype: str
    rule: Rule
    draw: Draw = field(init=False)

    def __post_init__(self) -> None:
        self.draw = Draw(self.dtype, 1412, self.rule)
        self._format = formats.get(self.dtype)
        # In float16 the square of a small gradient would be subnormal.
        self._range = (0, 4) if self.dtype == "float16" else (-5, 4)

    def _trial(
        self, name: str, says: str, thetas: Sequence[Array], grads: Sequence[Sequence[Any]],
        hyper: dict[str, float] | None = None, **more: Any,
    ) -> Trial:  # fmt: skip
        generic = {name: float(text) for name, text in generic_of(self.rule).items()}
        known = {name: x for name, x in (hyper or {}).items() if name in generic}
        usual: dict[str, Any] = {
            "kind": "core",
            "alphas": (_ALPHA,) * len(grads),
            "states": ({},) * len(thetas),
            "firsts": (1,) * len(thetas),
        }
        return Trial(
            name=f"sweep-{name}-{self.dtype}",
            says=says,
            thetas=tuple(thetas),
            grads=tuple(map(tuple, grads)),
            hyper={**generic, **known},
            apart=True,
            **{**usual, **more},
        )

    def _drawn(
        self, name: str, says: str, shape: tuple[int, ...], steps: int, **more: Any
    ) -> Trial:
        grads = [[self._gradient(shape)] for _ in range(steps)]
        return self._trial(name, says, [self.draw.theta(shape)], grads, **more)

    def steps(self, count: int) -> Trial:
        """Return every step from a fresh start on."""
        narrow = self.dtype in ("float16", "bfloat16")
        usual = {} if narrow else {n: float(DEFAULT[n]) for n in ("beta1", "beta2")}
        says = f"Every step to t = {count}: nothing happens at some of them alone."
        return self._drawn("steps", says, (4,), count, hyper=usual)

    def size(self, count: int) -> Trial:
        """Return two steps of a tensor; elements of a large one are of some kinds, in no order."""
        says = f"{count:,} elements: blocks, and what is left over behind them."
        if count <= _FEW or self.rule.reduces:
            return self._drawn(f"size-{count}", says, (count,), 2)
        at = self.draw.places(count, _KINDS)
        theta = self.draw.theta((_KINDS,))[at]
        grads = [[self._gradient((_KINDS,))[at]] for _ in range(2)]
        return self._trial(f"size-{count}", says, [theta], grads)

    def shape(self, shape: tuple[int, ...]) -> Trial:
        """Return two steps of a tensor with some axes."""
        name = "x".join(map(str, shape)) or "scalar"
        says = f"A tensor of shape {shape}: elements stay where they are."
        return self._drawn(f"shape-{name}", says, shape, 2)

    def by_columns(self) -> Trial:
        """Return two steps of arrays that lie in memory column by column, as Fortran has them."""
        shape, says = (3, 4), "Arrays that lie in memory by columns: an element is where it says."
        theta, *grads = (
            np.asfortranarray(x)
            for x in (self.draw.theta(shape), *(self._gradient(shape) for _ in range(2)))
        )
        return self._trial("by-columns", says, [theta], [[g] for g in grads])

    def _gradient(self, shape: tuple[int, ...]) -> Array:
        return self.draw.gradient(shape, *self._range)

    def magnitudes(self) -> Iterator[Trial]:
        """Yield every order of magnitude of a gradient, a state and a parameter."""
        fmt, draw = self._format, self.draw
        low, high = fmt.min_exponent, fmt.max_exponent
        # With (1 - beta) g**2 normal and its sum finite; and beyond.
        least, most = (low + 12) // 2, (high - 4) // 2
        inner = _thinned(least, most)
        below, above = _thinned(low - fmt.precision + 1, least - 1), _thinned(most + 1, high - 1)
        for name, sizes, kind, *flags in (
            ("gradients", inner, "core"),
            ("extremes", above, "edge", "square-overflow"),
            ("tiny-gradients", below, "edge", "subnormal-flushed"),
        ):
            # At an edge exact values are worked, step by step: one tells what there is.
            given = [[draw.of_sizes(sizes)] for _ in range(2 if kind == "core" else 1)]
            says = f"Gradients of every order of magnitude from 2**{sizes[0]} to 2**{sizes[-1]}."
            yield self._trial(
                name, says, [np.zeros(len(sizes))], given, kind=kind, flags=tuple(flags)
            )  # fmt: skip
        yield from self._thetas(low, high - 2, least, most)
        small = [e for e in inner if e < -8]
        if small:
            says = "Parameters as small as their steps are."
            given = [[draw.of_sizes(small)] for _ in range(2)]
            yield self._trial("small", says, [draw.of_sizes(small)], given)
        # Steps of alpha m/(sqrt(v) + eps) that are normal numbers.
        kept = _thinned(low + 16, high - 4)
        zero, one = np.zeros(len(kept)), np.ones(len(kept))
        for name, m, v in (
            ("first-moments", draw.of_sizes(kept), one),
            ("second-moments", one / 2, np.abs(draw.of_sizes(kept))),
        ):
            says = f"{name.capitalize()} of every order of magnitude, which decay."
            yield self._trial(
                name, says, [zero], [[zero]], states=({"m": m, "v": v},), firsts=(17,)
            )  # fmt: skip
        under = list(range(low - fmt.precision + 1, low))
        says = "Subnormal parameters, gradients and moments."
        x, m, v, g = (draw.of_sizes(under) for _ in range(4))
        states = ({"m": m, "v": np.abs(v)},)
        yield self._trial(
            "subnormals", says, [x], [[g]], states=states, firsts=(17,), kind="edge",
            flags=("subnormal-flushed",),
        )  # fmt: skip

    def _thetas(self, low: int, high: int, least: int, most: int) -> Iterator[Trial]:
        """Yield every order of magnitude of a parameter, from low to high.

        Where it decays, core are those of which what is taken away, ``alpha*lambda*theta``, is a
        normal number; or, where the decay goes into the averages, the penalty's square, as that of
        a gradient from ``2**least`` to ``2**most`` is. The others are at an edge.
        """
        name = "weight_decay"
        says = "Parameters of every order of magnitude, with no gradient: they stay as they are."
        inner = (low, high)
        outer: list[tuple[str, str, int, int]] = []
        if name in self.rule.hypers:
            says = "Parameters of every order of magnitude, with no gradient: they decay."
            decay = float(self.rule.hypers[name].generic)
            if any("theta" in self.rule.resting(x)[1] for x in self.rule.nonnegative):
                inner = (least + _below(decay), most)
            else:
                inner = (low + _below(decay * _ALPHA), high)
            outer = [
                ("tiny", "subnormal-flushed", low, inner[0] - 1),
                ("huge", "square-overflow", inner[1] + 1, high),
            ]
        yield self._decaying("thetas", says, inner)
        for size, flag, first, last in outer:
            if first <= last:
                says = f"Parameters of 2**{first} to 2**{last}, with no gradient: they decay."
                yield self._decaying(
                    f"{size}-thetas", says, (first, last), steps=1, kind="edge", flags=(flag,)
                )

    def _decaying(
        self, name: str, says: str, ends: Sequence[int], steps: int = 2, **more: Any
    ) -> Trial:
        drawn = self.draw.of_sizes(_thinned(*ends))
        return self._trial(name, says, [drawn], [[np.zeros(len(drawn))]] * steps, **more)

    def rates(self) -> Iterator[Trial]:
        """Yield learning rates, and epsilons with gradients of their size."""
        low = self._format.min_exponent
        rates = [e for e in (-100, -50, -30, -24, 7) if e > low + 12]
        for e in rates:
            says = f"A learning rate of 2**{e}: it is taken as it is."
            yield self._drawn(
                f"rate-{e}", says, (3,), 2, alphas=(2.0**e,) * 2
            ) if e > 0 else self._from_zero(e)  # fmt: skip
        if rates[0] < -24:
            # Each step is larger than all before it together, and shows.
            alphas = tuple(2.0**e for e in range(low + 12, 1, 6))
            grads = [[self.draw.gradient((2,), 0, 1)] for _ in alphas]
            says = "Learning rates of every order of magnitude, one after the other."
            yield self._trial("rates", says, [np.zeros(2)], grads, alphas=alphas)
        for e in (-50, -30, -20):
            if 2 * e > low + 12:
                says = f"Gradients of the size of an epsilon of 2**{e}."
                given = [[self.draw.gradient((4,), e - 1, e + 1)] for _ in range(2)]
                yield self._trial(f"eps-{e}", says, [np.zeros(4)], given, {"eps": 2.0**e})

    def _from_zero(self, e: int) -> Trial:
        """Return a small rate from theta = 0, where its steps show."""
        says = f"A learning rate of 2**{e}: it is taken as it is."
        given = [[self._gradient((3,))] for _ in range(2)]
        return self._trial(f"rate-{e}", says, [np.zeros(3)], given, alphas=(2.0**e,) * 2)

    def reloaded(self, *, interleaved: bool) -> Trial:
        """Return a run that is started anew with its own state after each step."""
        name = "interleaved" if interleaved else "reloads"
        says = "Started anew with its own state after each step"
        says += ", between steps of another run." if interleaved else "."
        return self._drawn(
            name, says, (5,), 12, reload=tuple(range(1, 12)), interleaved=interleaved
        )


def _below(factor: float) -> int:
    """Return how many orders of magnitude a factor takes away."""
    return ceil(-log2(factor))


def _thinned(low: int, high: int) -> list[int]:
    """Return exponents from one to another, both among them, at most `_ORDERS`."""
    return sorted({*range(low, high, max(1, (high - low) // _ORDERS + 1)), high})
