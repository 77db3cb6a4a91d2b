"""What surrounds the lines: tensors, counters, restarts, vector registers, long runs."""

from __future__ import annotations

from collections.abc import Iterator

from adamref.golden.drawn import Drawn
from adamref.golden.making import (
    DEFAULT,
    DEFAULT_ALPHA,
    GENERIC,
    GRADIENTS,
    THETA,
    WIDE,
    generic_of,
    probe,
    rule_of,
    single,
)
from adamref.golden.probe import Probe, Tensor

_SECOND = ((0.25, -1.0), (1.5, 0.5), (-0.5, 0.75), (1.0, 1.0), (0.5, -0.25))
_THIRD = ((2.0, 0.5), (0.25, -0.75), (1.0, 0.5), (-0.5, 0.25), (0.75, 1.5))


def several() -> Iterator[Probe]:
    """Yield several tensors, gradients that come late, and gradients that are missing."""
    tensors = (
        Tensor((0.5, -1.0), ((1.0, 0.5), (-0.5, 0.25), (0.75, 1.0), (0.5, -2.0), (1.0, 1.0))),
        Tensor((0.25,), (None, None, (1.5,), (-0.75,), (0.5,))),
        Tensor((0.0, 1.0, -0.5), ((0.5, 1.0, -1.0), None, (2.0, 0.25, 0.5), None, (1.0,) * 3)),
    )
    for dtype in WIDE:
        yield probe(
            f"tensors-{dtype}",
            "Three tensors that get a gradient at every step: each has the same t.",
            (tensors[0], Tensor((0.25, 2.0), _SECOND), Tensor((0.0, 0.5), _THIRD)),
            ("t-per-tensor",),
            dtype=dtype,
        )
        yield probe(
            f"missing-{dtype}",
            "A tensor whose gradient comes late, and one whose gradient is missing at times: it "
            "keeps its state, and its own t counts the steps that it took.",
            tensors,
            ("t-while-missing", "missing-as-zero"),
            dtype=dtype,
        )


def resume() -> Iterator[Probe]:
    """Yield starts from a given state, as after loading a checkpoint."""
    state = {"m": (0.25, -0.375, 0.03125), "v": (0.125, 0.5, 0.0078125)}
    # Above v, and above v_hat, which at t = 41 is about 25 times v.
    maximum = {"amsgrad": (2.0, 4.0, 1.0), "amsgrad-v-hat": (64.0, 128.0, 32.0)}
    for dtype in WIDE:
        for word in ("adam", "adamw"):
            yield probe(
                f"resume-{word}-{dtype}",
                "Going on from a state at t = 41: m, v and t must all have come along.",
                single(THETA, GRADIENTS[:3], state=state, t=41),
                ("state-lost-on-resume", "t-lost-on-resume"),
                dtype=dtype,
                word=word,
                values=generic_of(rule_of(word)) | {"beta2": "0.999"},
            )
        for word, greatest in maximum.items():
            yield probe(
                f"resume-{word}-{dtype}",
                "Going on from a state whose maximum is far above v: theta hides a v that was "
                "lost, so v itself must be looked at.",
                single(THETA, GRADIENTS[:3], state={**state, "v_max": greatest}, t=41),
                ("v-lost-on-resume", "state-lost-on-resume", "maximum-ignored"),
                dtype=dtype,
                word=word,
                values={**GENERIC, "beta2": "0.999"},
            )


def jumps() -> Iterator[Probe]:
    """Yield a t at which counters stop counting, with a beta2 for which it still matters."""
    # With fewer digits m would be a tie, and m_hat next to one: 1 - beta1**t is 1 - 10**-1358000.
    state = {"m": (257 / 1024, -515 / 1024), "v": (261 / 1024, 133 / 1024)}
    hypers = {**GENERIC, "beta2": "0.99999999"}
    for dtype in WIDE:
        for name, t, flags in (
            # In binary32 one step more or less at 2**24 changes v_hat by half an ulp.
            ("2e24", 2**24 - 1, ("counter-float32",) * (dtype == "float64")),
            ("2e31", 2**31 - 1, ("counter-int32",)),
        ):
            yield probe(
                f"jump-{name}-{dtype}",
                f"From t = 2**{name[2:]} - 1 on, with 1 - beta2 = 1e-8: beta2**t still counts.",
                single((0.0, 0.0), ((0.5, -1.0), (0.25, 0.75), (-1.0, 0.5)), state=state, t=t),
                (*flags, "betas-narrowed"),
                dtype=dtype,
                kind="edge",
                values=hypers,
            )


def vectors() -> Iterator[Probe]:
    """Yield 13 elements: one more than three registers of four, five more than one of eight."""
    theta = tuple((i - 6) / 8 for i in range(13))
    for dtype in (*WIDE, "bfloat16", "float16"):
        yield probe(
            f"tail-{dtype}",
            "13 elements: what is left over behind full vector registers.",
            single(theta, Drawn(seed=1971, low=-3)),
            ("vector-tail", "moments-shared"),
            dtype=dtype,
            steps=2,
        )


def long() -> Iterator[Probe]:
    """Yield 2000 steps: what grows with t."""
    recorded = (1, 2, 3, 10, 100, 256, 257, 300, 1000, 2000)
    for dtype in WIDE:
        yield probe(
            f"long-{dtype}",
            "2000 steps at the default betas: what sticks or grows with t.",
            single((0.5, -0.25), Drawn(seed=2014, low=-8, span=4)),
            ("counter-bfloat16", "betas-narrowed", "correction-by-power")
            + (("power-accumulated",) if dtype == "float64" else ()),
            dtype=dtype,
            values=DEFAULT,
            alpha=DEFAULT_ALPHA,
            steps=2000,
            recorded=recorded,
        )
