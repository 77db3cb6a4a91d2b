"""What an implementation is run on: the inputs of the golden vectors, and seeded random ones.

A trial is an input without answers: the right values are worked for the dialect that the
implementation turns out to have.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, final

import numpy as np

from adamref.golden import catalogue
from adamref.golden.making import GENERIC, GENERIC_ALPHA, GENERIC_DECAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from adamref.golden.probe import Probe, Tensor
    from adamref.oracle.session import Array

_ALSO = {"adam-l2": "adam", "adamw": "adam", "amsgrad": "adam"}
"""The inputs of Adam are inputs of these too."""

_DECAYS = ("adam-l2", "adamw")


@final
@dataclass(frozen=True)
class Trial:
    """One input.

    Attributes
    ----------
    name : str
    kind : {"core", "edge"}
    says : str
        Why it is there.
    thetas : tuple of float64 array
    grads : tuple
        A tuple a step, of a gradient a tensor; None where it is missing.
    hyper : mapping of str to float
        By adamref's names, without alpha.
    alphas : tuple of float
        One a step.
    states : tuple of mapping
        m, v, … of each tensor before the first step; empty for a fresh start.
    firsts : tuple of int
        The t of the first step of each tensor.
    defaults : bool
        To be constructed without hyperparameters.
    reload : int or None
        After so many steps it is started anew and given its own state again.
    flags : tuple of str
        The faults that it hunts (`adamref.golden.flags`).
    judged : tuple of int
        The steps, from 1, that are compared; empty: all.
    """

    name: str
    kind: Literal["core", "edge"]
    says: str
    thetas: tuple[Array, ...]
    grads: tuple[tuple[Array | None, ...], ...]
    hyper: Mapping[str, float]
    alphas: tuple[float, ...]
    states: tuple[Mapping[str, Array], ...]
    firsts: tuple[int, ...]
    defaults: bool = False
    reload: int | None = None
    flags: tuple[str, ...] = ()
    judged: tuple[int, ...] = field(default=())

    @property
    def needs(self) -> tuple[str, ...]:
        """What an implementation must be able to do for it."""
        wanted = {
            "load": any(self.states) or any(t != 1 for t in self.firsts) or bool(self.reload),
            "lr": len(set(self.alphas)) > 1,
            "skip": any(g is None for step in self.grads for g in step),
            "tensors": len(self.thetas) > 1,
            "defaults": self.defaults,
            "shapes": any(theta.ndim != 1 for theta in self.thetas),
        }
        return tuple(name for name, needed in wanted.items() if needed)


def trials(dtype: str, optimizer: str, names: Sequence[str] = ()) -> list[Trial]:
    """Return every trial of a dtype and an optimizer, or those of some names.

    Raises
    ------
    UnknownName
        If there is no such trial for them.
    """
    from adamref.errors import UnknownName

    found = {trial.name: trial for trial in _all(dtype, optimizer)}
    for name in names:
        if name not in found:
            raise UnknownName(f"probe for {optimizer} in {dtype}", name, tuple(found))
    return [found[name] for name in names] if names else list(found.values())


def _all(dtype: str, optimizer: str) -> Iterator[Trial]:
    of = (optimizer, _ALSO.get(optimizer, optimizer))
    for probe in catalogue.probes().values():
        if probe.dtype == dtype and probe.rule in of:
            yield _for(optimizer, _of_probe(probe))
    if optimizer in (*_ALSO, "adam"):
        for trial in _random(dtype, optimizer):
            yield _for(optimizer, trial)


def _for(optimizer: str, trial: Trial) -> Trial:
    """Give a trial what an optimizer has beyond Adam."""
    hyper, states = dict(trial.hyper), trial.states
    if optimizer in _DECAYS:
        hyper.setdefault("weight_decay", 0.0)
    if optimizer == "amsgrad":
        states = tuple({**s, "v_max": s.get("v_max", s["v"])} if s else s for s in states)
    return replace(trial, hyper=hyper, states=states)


def _of_probe(probe: Probe) -> Trial:
    listed = [_of_tensor(tensor, probe.steps) for tensor in probe.tensors]
    # Beside what is recorded, what comes before and after: a change of behaviour shows there.
    judged = {s + d for s in (*probe.recorded, *_ENDS) for d in (-1, 0, 1)}
    return Trial(
        name=probe.name,
        kind=probe.kind,
        says=probe.says,
        thetas=tuple(np.array(tensor.theta) for tensor in probe.tensors),
        grads=tuple(zip(*listed, strict=True)),
        hyper=probe.hypers,
        alphas=tuple(probe.alpha_at(s) for s in range(1, probe.steps + 1)),
        states=tuple(
            {name: np.array(x) for name, x in tensor.state.items()} for tensor in probe.tensors
        ),
        firsts=tuple(tensor.t for tensor in probe.tensors),
        defaults=probe.constructor == "defaults",
        flags=probe.flags,
        judged=tuple(sorted(s for s in judged if 1 <= s <= probe.steps)),
    )


def _of_tensor(tensor: Tensor, steps: int) -> list[Array | None]:
    return [None if g is None else np.array(g) for g in tensor.listed(steps)]


_ENDS = (128, 200, 500, 512, 1024, 1500)
"""Steps of long probes that are looked at too: where something may end."""

_HYPER = {name: float(text) for name, text in GENERIC.items()}
_DEFAULTS = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
_ALPHA = float(GENERIC_ALPHA)


def _random(dtype: str, optimizer: str) -> Iterator[Trial]:
    """Yield inputs with all the digits of the dtype, from seeded generators."""
    decay = {"weight_decay": float(GENERIC_DECAY["weight_decay"])} if optimizer in _DECAYS else {}
    generic, usual = {**_HYPER, **decay}, {**_DEFAULTS, **decay}
    draw = _Draw(dtype, 2015)

    def made(name: str, says: str, thetas: list[Array], steps: int, **more: object) -> Trial:
        # In float16 the square of a small gradient would be subnormal.
        spread, low = more.pop("spread", 4), more.pop("low", 0 if dtype == "float16" else -5)
        hyper = more.pop("hyper", generic)
        grads = tuple(
            tuple(draw.gradient(theta.shape, low, spread) for theta in thetas)  # type: ignore[arg-type]
            for _ in range(steps)
        )
        plain: dict[str, object] = {
            "kind": "core",
            "hyper": hyper,
            "alphas": (_ALPHA,) * steps,
            "states": ({},) * len(thetas),
            "firsts": (1,) * len(thetas),
            "grads": grads,
        }
        return Trial(name=f"{name}-{dtype}", says=says, thetas=tuple(thetas), **{**plain, **more})  # type: ignore[arg-type]

    yield made("random-generic", "Random values with all digits.", [draw.theta((11,))], 9)
    if dtype != "float16":  # there the default epsilon is zero
        yield made(
            "random-defaults",
            "Random values at the default hyperparameters.",
            [draw.theta((16,))],
            12,
            hyper=usual,
            alphas=(0.001,) * 12,
        )
    yield made(
        "random-many",
        "1003 elements: blocks, vector registers, threads and what is left over behind them.",
        [draw.theta((1003,))],
        3,
    )
    yield made("random-scalar", "A tensor without axes.", [draw.theta(())], 4)
    rows = made("random-rows", "Rows of zeros, as embeddings have them.", [draw.theta((4, 3))], 6)
    yield replace(rows, grads=tuple((_without_rows(g[0], i),) for i, g in enumerate(rows.grads)))
    yield made(
        "random-large",
        "Gradients up to 500, in two tensors of different norms: nothing clips them.",
        [draw.theta((5,)), draw.theta((3,))],
        4,
        spread=9 if dtype != "float16" else 4,
    )
    yield made(
        "random-state",
        "Going on from a state with all digits at t = 17.",
        [draw.theta((7,))],
        3,
        states=(draw.state((7,)),),
        firsts=(17,),
    )
    yield made(
        "random-blocks", "4099 elements: more than a block of a kernel.", [draw.theta((4099,))], 1
    )
    yield made("random-axes", "A tensor with four axes.", [draw.theta((2, 1, 3, 2))], 3)
    yield made("random-empty", "A tensor without elements beside another.",
               [np.zeros(0), draw.theta((3,))], 2)  # fmt: skip
    for name, rate in (
        ("large", 0.75),
        ("zero", 0.0),
        ("tiny", 2.0**-10 if dtype == "float16" else 2.0**-20),
    ):
        yield made(
            f"random-rate-{name}",
            f"A learning rate of {rate:g}: nothing bounds it, nothing stands in for it.",
            [np.zeros(3)],
            3,
            alphas=(rate,) * 3,
        )
    for name, betas, eps in (
        ("long-memory", (0.995, 0.9995), 1.0),
        ("no-memory", (0.5, 0.0), 0.25),
    ):
        if dtype in ("float32", "float64"):
            yield made(
                f"random-{name}",
                f"beta1 = {betas[0]:g}, beta2 = {betas[1]:g}, eps = {eps:g}: nothing bounds them.",
                [draw.theta((4,))],
                5,
                hyper={**generic, "beta1": betas[0], "beta2": betas[1], "eps": eps},
            )
    yield from _late(dtype, made, draw)
    nan = made("random-nan", "A NaN after some steps: its element is lost, no other.",
               [draw.theta((4,))], 5)  # fmt: skip
    yield replace(nan, grads=tuple((_with_nan(g[0], i),) for i, g in enumerate(nan.grads)))
    if dtype != "float16":
        yield made(
            "random-eps-zero",
            "Epsilon 0 and small gradients: nothing stands in for it.",
            [np.zeros(6)],
            4,
            hyper={**generic, "eps": 0.0},
            low=-26,
            spread=-18,
        )
    yield made(
        "random-checkpoint",
        "Started anew after four steps, with its own state given back.",
        [draw.theta((6,))],
        7,
        reload=4,
    )


def _late(dtype: str, made: Callable[..., Trial], draw: _Draw) -> Iterator[Trial]:
    """Yield starts where small counters end, with a beta2 for which it still matters."""
    if dtype in ("float16", "bfloat16"):
        return
    for name, t, beta2 in (
        ("2e15", 2**15 - 2, 0.99999), ("2e16", 2**16 - 2, 0.99999), ("1e6", 10**6 - 1, 0.999999),
    ):  # fmt: skip
        yield made(
            f"random-t-{name}",
            f"From t = {t} on, with beta2 = {beta2}: counters may end there.",
            [draw.theta((5,))],
            4,
            hyper={**_DEFAULTS, "eps": float(GENERIC["eps"]), "beta2": beta2},
            states=(draw.state((5,)),),
            firsts=(t,),
        )
    yield made(
        "random-burst",
        "Large gradients after small ones, late: steps of fifty times alpha, which nothing clips.",
        [np.zeros(4)],
        3,
        hyper={**_DEFAULTS, "beta1": 0.25, "beta2": 0.9999},
        states=({n: x * 2.0**-12 for n, x in draw.state((4,)).items()},),
        firsts=(30_001,),
    )


def _with_nan(g: Array | None, step: int) -> Array:
    assert g is not None
    g = g.copy()
    g[2] = np.nan if step == 2 else g[2]
    return g


def _without_rows(g: Array | None, step: int) -> Array:
    assert g is not None
    g = g.copy()
    g[[step % 4, (step + 1) % 4] if step else [3]] = 0.0
    g[(step + 2) % 4, step % 3] = 0.0
    return g


@final
class _Draw:
    """Numbers of a dtype; away from zero, so that nothing in a trial leaves the normal range."""

    def __init__(self, dtype: str, seed: int) -> None:
        self._bits = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}[dtype]
        self._random = np.random.default_rng(seed)

    def _numbers(self, shape: tuple[int, ...], low: float, high: float) -> Array:
        sizes = 2.0 ** self._random.uniform(low, high, shape)
        signs = np.where(self._random.random(shape) < 0.5, -1.0, 1.0)
        significand, exponent = np.frexp(sizes)
        kept = np.round(np.ldexp(significand, self._bits))
        return np.asarray(signs * np.ldexp(kept, exponent - self._bits))

    def theta(self, shape: tuple[int, ...]) -> Array:
        return self._numbers(shape, -3, 1)

    def gradient(self, shape: tuple[int, ...], low: int, high: int) -> Array:
        return self._numbers(shape, low, high)

    def state(self, shape: tuple[int, ...]) -> dict[str, Array]:
        m = self._numbers(shape, -4, 0)
        return {"m": m, "v": np.abs(self._numbers(shape, -4, 1))}
