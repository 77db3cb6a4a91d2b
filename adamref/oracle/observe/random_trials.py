"""Seeded random inputs, with all the digits of a dtype, and others that a golden vector has not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from adamref.golden.making import GENERIC_ALPHA, generic_of
from adamref.oracle.observe.draw import Draw
from adamref.oracle.observe.trial import Trial
from adamref.rules.hyper import COMMON

if TYPE_CHECKING:
    from adamref.numbers.arrays import Array
    from adamref.rules.rule import Rule

_ALPHA = float(GENERIC_ALPHA)


def random_trials(dtype: str, rule: Rule) -> Iterator[Trial]:
    """Yield inputs for a rule with all the digits of the dtype, from seeded generators."""
    generic = {name: float(text) for name, text in generic_of(rule).items()}
    usual = {name: float(text) for name, text in rule.defaults.items() if name != "alpha"}
    draw = Draw(dtype, 2015, rule)

    def made(name: str, says: str, thetas: list[Array], steps: int, **more: object) -> Trial:
        # In float16 the square of a small gradient would be subnormal.
        spread, low = more.pop("spread", 4), more.pop("low", 0 if dtype == "float16" else -5)
        hyper: dict[str, float] = more.pop("hyper", {})  # type: ignore[assignment]
        grads = tuple(
            tuple(draw.gradient(theta.shape, low, spread) for theta in thetas)  # type: ignore[arg-type]
            for _ in range(steps)
        )
        plain: dict[str, object] = {
            "kind": "core",
            "hyper": {**generic, **_those(generic, **hyper)},
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
            hyper={name: x for name, x in usual.items() if name != "weight_decay"},
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
                hyper={"beta1": betas[0], "beta2": betas[1], "eps": eps},
            )
    if draw.has_states:
        yield from _late(dtype, {**usual, "weight_decay": 0.0}, made, draw)
    nan = made("random-nan", "A NaN after some steps: its element is lost, no other.",
               [draw.theta((4,))], 5)  # fmt: skip
    yield replace(nan, grads=tuple((_with_nan(g[0], i),) for i, g in enumerate(nan.grads)))
    if dtype != "float16" and "eps" in generic:
        yield made(
            "random-eps-zero",
            "Epsilon 0 and small gradients: nothing stands in for it.",
            [np.zeros(6)],
            4,
            hyper={"eps": 0.0},
            low=-26,
            spread=-18,
        )
    yield made(
        "random-checkpoint",
        "Started anew after four steps, with its own state given back.",
        [draw.theta((6,))],
        7,
        reload=(4,),
    )
    # Where the state is hidden, what was kept of it shows at the second step.
    whole = made(
        "random-whole-blocks",
        "16 rows of 256 elements: large enough to be kept in fewer bits, block by block.",
        [draw.theta((16, 256))],
        2,
    )
    yield replace(whole, judged=(2,))
    idle = made(
        "random-idle",
        "Gradients that are zero throughout, of a tensor and of both: averages decay all the same.",
        [draw.theta((5,)), draw.theta((5, 2))],
        6,
    )
    grads = [[np.zeros_like(g) if (i, j) in _IDLE else g for j, g in enumerate(step)]
             for i, step in enumerate(idle.grads)]  # fmt: skip
    yield replace(idle, grads=tuple(map(tuple, grads)))
    yield made(
        "random-squares",
        "Three tensors, the first and the last as high as wide: rows are no columns.",
        [draw.theta((3, 3)), draw.theta((2, 3)), draw.theta((2, 2))],
        3,
    )


_IDLE = {(1, 1), (3, 0), (3, 1), (4, 0)}
"""At which step which of the two tensors has no gradient."""


def _those(known: Mapping[str, float], **values: float) -> dict[str, float]:
    """Return those values whose hyperparameters a rule has."""
    return {name: x for name, x in values.items() if name in known}


def _late(
    dtype: str, usual: Mapping[str, float], made: Callable[..., Trial], draw: Draw
) -> Iterator[Trial]:
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
            hyper={**usual, "eps": float(COMMON["eps"].generic), "beta2": beta2},
            states=(draw.state((5,)),),
            firsts=(t,),
        )
    yield made(
        "random-burst",
        "Large gradients after small ones, late: steps of fifty times alpha, which nothing clips.",
        [np.zeros(4)],
        3,
        hyper={**usual, "beta1": 0.25, "beta2": 0.9999},
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
