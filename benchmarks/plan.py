"""What is measured: the cases, the contenders of each, and what they are compared with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, final

from benchmarks.inputs import STEP, bits_for

if TYPE_CHECKING:
    from collections.abc import Mapping

MPFR_LOOP = "mpfr_loop.c"
"""The worker that is a C program; the others are names of `benchmarks.worker`."""

# The reference shows 20 digits, or a float64; agreement to 12 is asked for.
_TO_12_DIGITS = 1e-12
# In float32, u = 2^-24: the last rounding of theta is within u of theta. The update is below a
# 300th of each theta shown, and its own relative error below 16 u for its operations and 2^-16
# where 1 - beta2 came from a beta2 in float32, together below u of theta. The reference has its
# own u; 4 u are allowed.
_TO_FLOAT32 = 2.0**-22

_PLAIN = {"MPMATH_NOGMPY": "1"}
_ON_PYTHON, _ON_GMPY2 = {"backend": "python"}, {"backend": "gmpy"}


@final
@dataclass(frozen=True)
class Contender:
    """Something that does the work of a measurement.

    Attributes
    ----------
    name : str
        Its row of the table.
    worker : str
    needs : str
        The Python package it cannot do without; "" where adamref's own dependencies suffice.
    settings : mapping
        What of the case is different for it.
    environment : mapping of str to str
        Variables of its process.
    """

    name: str
    worker: str
    needs: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    limit: bool = False
    """Whether it is a limit of the machine: it does less than the work, and shows no parameters."""


@final
@dataclass(frozen=True)
class Comparison:
    """A column of ratios.

    With ``speed``, how many times as fast as ``peer`` a contender is; else how many times as long
    it takes.
    """

    peer: str
    speed: bool

    @property
    def title(self) -> str:
        """The head of the column."""
        return f"times as fast as {self.peer}" if self.speed else f"time / {self.peer}'s"


@final
@dataclass(frozen=True)
class Measurement:
    """Contenders that do the same work; the first is the one whose results the others must have.

    Attributes
    ----------
    tolerance : float
        The greatest relative difference of the parameters that contenders show.
    unit, per_second : str, float
        In what times are told, and how many of it a second has.
    """

    name: str
    title: str
    case: Mapping[str, Any]
    contenders: tuple[Contender, ...]
    comparisons: tuple[Comparison, ...]
    tolerance: float
    unit: str
    per_second: float
    clock: str = "cpu"
    """What is compared: "cpu", or "wall" where contenders work with several threads."""


NAMES = ("trajectory", "exact-step", "fast-step", "watching", "replay")


def plan(*, quick: bool) -> list[Measurement]:
    """Return all measurements; the quick ones are so small that their times mean nothing."""
    least = 0.01 if quick else 0.3
    made = [
        _trajectory({"digits": digits, "parameters": 16, "steps": 20 if quick else 1000}, least)
        for digits in ((50,) if quick else (50, 200))
    ]
    made += [
        _exact_step({"elements": elements, "dtype": dtype, "t": STEP}, least)
        for elements in ((1024,) if quick else (10**6, 10**7))
        for dtype in ("float32", "float64")
    ]
    made += [
        _fast_step({"elements": elements, "dtype": "float32", "t": STEP}, least)
        for elements in ((1024,) if quick else (10**3, 10**5, 10**6, 10**7, 5 * 10**7))
    ]
    wide, batch = (32, 4) if quick else (1000, 128)
    made += [
        _watching({"wide": wide, "batch": batch, "kind": x}, least) for x in ("foreach", "fused")
    ]
    made += [
        _replay({"elements": elements}, least)
        for elements in ((5000,) if quick else (10**6, 10**7, 10**8))
    ]
    return made


def _replay(case: Mapping[str, Any], least: float) -> Measurement:
    def ours(name: str, workers: int, needs: str = "") -> Contender:
        return Contender(name, "replaying", needs, {"workers": workers})

    return Measurement(
        "replay",
        f"{case['elements']:,} elements of AdamW in float32, 24 bytes each",
        {**case, "least": least},
        (
            ours("this process", 0),
            ours("one worker", 1, "distributed"),
            ours("two workers", 2, "distributed"),
            Contender("limit: reading the files", "reading", limit=True),
        ),
        (
            Comparison("limit: reading the files", speed=False),
            Comparison("one worker", speed=True),
        ),
        0.0,  # who works does not change what is found
        "ns per element",
        1e9,
        "wall",
    )


def _watching(case: Mapping[str, Any], least: float) -> Measurement:
    wide, batch = case["wide"], case["batch"]
    return Measurement(
        "watching",
        f"AdamW, {case['kind']}, {wide * (wide + 10) + 10:,} parameters, batches of {batch}",
        {**case, "least": least},
        (
            Contender("not watched", "training", "torch", {"watched": False}),
            Contender("watched", "training", "torch", {"watched": True}),
        ),
        (Comparison("not watched", speed=False),),
        0.0,  # what is looked at is not changed
        "ms per step",
        1e3,
    )


def _trajectory(size: Mapping[str, int], least: float) -> Measurement:
    return Measurement(
        "trajectory",
        f"{size['parameters']} parameters x {size['steps']:,} steps at {size['digits']} digits",
        {**size, "bits": bits_for(size["digits"]), "least": least},
        (
            Contender("adamref balls", "balls"),
            Contender("plain mpmath", "mpmath-loop", "", _ON_PYTHON, _PLAIN),
            Contender("mpmath on gmpy2", "mpmath-loop", "gmpy2", _ON_GMPY2),
            Contender("gmpy2 mpfr", "gmpy2-loop", "gmpy2"),
            Contender("C MPFR loop", MPFR_LOOP),
        ),
        (Comparison("plain mpmath", speed=True),),
        _TO_12_DIGITS,
        "µs per parameter-step",
        1e6,
    )


def _exact_step(size: Mapping[str, Any], least: float) -> Measurement:
    # Of the same arrays the first few thousand elements: the time of one does not depend on how
    # many there are, and 10^7 would take minutes.
    few = {"elements": min(size["elements"], 4096), "digits": 50}
    return Measurement(
        "exact-step",
        f"{size['elements']:,} elements in {size['dtype']}",
        {**size, "least": least},
        (
            _exactly("exact_step, decimal strings", "decimal"),
            _exactly("exact_step, float literals", "float"),
            _exactly("compiled, decimal strings", "decimal", "numba"),
            _exactly("compiled, float literals", "float", "numba"),
            Contender("torch fused", "torch-step", "torch"),
            Contender("mpmath, element by element", "mpmath-step", "", few | _ON_PYTHON, _PLAIN),
            Contender("mpmath on gmpy2, the same", "mpmath-step", "gmpy2", few | _ON_GMPY2),
        ),
        (
            Comparison("torch fused", speed=False),
            Comparison("mpmath, element by element", speed=True),
        ),
        _TO_FLOAT32 if size["dtype"] == "float32" else _TO_12_DIGITS,
        "ns per element",
        1e9,
    )


def _exactly(name: str, hypers: str, needs: str = "") -> Contender:
    return Contender(name, "exact-step", needs, {"hypers": hypers, "compiled": bool(needs)})


def _fast_step(size: Mapping[str, Any], least: float) -> Measurement:
    def ours(kernel: str, threads: int, needs: str = "") -> Contender:
        name = f"fast, {kernel}, {threads} thread{'s' * (threads > 1)}"
        return Contender(name, "fast", needs, {"kernel": kernel, "threads": threads})

    def torch(name: str, kind: str, threads: int = 1) -> Contender:
        return Contender(name, "torch-step", "torch", {"kind": kind, "threads": threads})

    return Measurement(
        "fast-step",
        f"{size['elements']:,} elements in {size['dtype']}",
        {**size, "least": least},
        (
            ours("numpy", 1),
            ours("numpy", 2),
            ours("numba", 1, "numba"),
            ours("numba", 2, "numba"),
            torch("torch fused", "fused"),
            torch("torch fused, 2 threads", "fused", 2),
            torch("torch foreach", "foreach"),
            torch("torch for-loop", "loop"),
            Contender("scikit-learn", "scikit-learn", "sklearn"),
            Contender("naive NumPy", "naive"),
            Contender("limit: root and division", "arithmetic", limit=True),
            Contender("limit: 7 words of memory", "traffic", limit=True),
        ),
        (
            Comparison("torch fused", speed=False),
            Comparison("naive NumPy", speed=True),
        ),
        _TO_FLOAT32,
        "ns per element",
        1e9,
        "wall",
    )
