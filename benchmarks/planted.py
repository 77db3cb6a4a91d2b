"""How many planted faults are found and named, and how many of them simpler tests would find.

Each fault of ``tests/support/planted.py`` is checked with its state visible. The simpler tests run
on the very same steps, at the published defaults, with a weight decay of 0.01 where there is one.
These are counts: they depend on no clock.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Case = tuple[str, str, str]

NAME = "planted"
PROCESSES = 2
_SUPPORT = Path(__file__).parent.parent / "tests" / "support"
_SEED, _ELEMENTS = 2015, 4
_DEFAULTS = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
_DECAY = {"adamw": 0.01, "adam-l2": 0.01}
_FEW = 31
"""A quick run takes one fault in so many."""


@final
@dataclass(frozen=True)
class Outcome:
    """What became of a planted fault.

    Attributes
    ----------
    optimizer, dtype, fault : str
    found : bool
        Whether the check says that it deviates.
    first : bool
        Whether the diagnosis is this fault alone.
    named : bool
        Whether it is that, or among those that no probe tells from the diagnosis.
    diagnosis : list of str
    simple : dict of str to bool
        Which of the simpler tests fail, as they should.
    """

    optimizer: str
    dtype: str
    fault: str
    found: bool
    first: bool
    named: bool
    diagnosis: list[str]
    simple: dict[str, bool]


def measure(*, quick: bool, say: Callable[[str], None]) -> list[Outcome]:
    """Plant every fault, in two processes; a quick run takes a few."""
    every = list(_support("planted").every())
    chosen = every[::_FEW] if quick else every
    say(f"{NAME}: {len(chosen)} faults")
    for optimizer, dtype in dict.fromkeys(case[:2] for case in chosen):
        alarms = [name for name, test in SIMPLE.items() if test(optimizer, dtype, "")]
        if alarms:
            message = f"{alarms} fail for a right {optimizer} in {dtype}: they tell nothing"
            raise AssertionError(message)
    with ProcessPoolExecutor(PROCESSES) as pool:
        return list(pool.map(_outcome, chosen, chunksize=4))


def as_json(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the counts, and every outcome."""
    return {"counts": counts(outcomes), "outcomes": [asdict(x) for x in outcomes]}


def as_text(outcomes: Sequence[Outcome]) -> str:
    """Return a sentence and a table of the counts."""
    found = counts(outcomes)
    listed = ", ".join(f"{name} {count}" for name, count in list(found.items())[:4])
    width = max(map(len, found))
    lines = [f"{NAME}: {listed}", "", f"| {'':{width}} | faults |", f"| {'-' * width} | -----: |"]
    lines += [f"| {name:{width}} | {count:6} |" for name, count in found.items()]
    missed = [x for x in outcomes if not x.named]
    if missed:
        lines += ["", *(f"not named: {_described(x)}" for x in missed)]
    return "\n".join(lines)


def counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Count them."""
    return {
        "planted": len(outcomes),
        "deviation found": _count(x.found for x in outcomes),
        "cause named first": _count(x.first for x in outcomes),
        "named, or in the class that is": _count(x.named for x in outcomes),
        **{name: _count(x.simple[name] for x in outcomes) for name in SIMPLE},
    }


def _count(of: Iterable[bool]) -> int:
    return sum(of)


def _described(x: Outcome) -> str:
    told = " + ".join(x.diagnosis) or "nothing"
    return f"{x.fault} ({x.optimizer} in {x.dtype}): the diagnosis is {told}"


def _support(name: str) -> Any:
    """Return a module that belongs to the tests."""
    if str(_SUPPORT) not in sys.path:
        sys.path.insert(0, str(_SUPPORT))
    return import_module(name)


def _outcome(case: Case) -> Outcome:
    optimizer, dtype, fault = case
    report = _support("planted").checked(optimizer, dtype, fault)
    said = report.diagnosis[0] if report.diagnosis else None
    first = said is not None and said.faults == (fault,)
    alike = said is not None and (fault,) in said.equivalent
    return Outcome(
        optimizer,
        dtype,
        fault,
        report.verdict == "deviates",
        first,
        first or alike,
        list(said.faults) if said else [],
        {name: test(optimizer, dtype, fault) for name, test in SIMPLE.items()},
    )


def _differs(steps: int) -> Callable[[str, str, str], bool]:
    """Compare theta with the right step's in float64, as frameworks' own tests do."""

    def test(optimizer: str, dtype: str, fault: str) -> bool:
        rng = np.random.default_rng(_SEED)
        theta = rng.standard_normal(_ELEMENTS).astype(np.float32).astype(np.float64)
        grads = rng.standard_normal((steps, _ELEMENTS)).astype(np.float32).astype(np.float64)
        got = _after(optimizer, dtype, fault, theta, lambda i, _theta: grads[i], steps)
        want = _after(optimizer, "float64", "", theta, lambda i, _theta: grads[i], steps)
        return not np.allclose(got, want, rtol=1e-5, atol=1e-6)

    return test


def _diverges(optimizer: str, dtype: str, fault: str) -> bool:
    """Minimise theta**2 from 1.0, 300 steps of 0.1."""
    got = _after(optimizer, dtype, fault, np.ones(1), lambda _i, theta: 2 * theta, 300, lr=0.1)
    return not bool((np.abs(got) < 0.1).all())


def _after(
    optimizer: str,
    dtype: str,
    fault: str,
    theta: Array,
    gradient: Callable[[int, Array], Array],
    steps: int,
    **hyper: float,
) -> Array:
    """Return theta after some steps."""
    from adamref.oracle.observe.sessions.session import Start

    decay = {"weight_decay": _DECAY.get(optimizer, 0.0)}
    session = _support("planted").session(optimizer, dtype, fault)
    session.start(Start(dtype, optimizer, (theta,), {**_DEFAULTS, **decay, **hyper}))
    for i in range(steps):
        theta = session.step([gradient(i, theta)])[0].theta
    return theta


SIMPLE: Mapping[str, Callable[[str, str, str], bool]] = {
    "allclose after 3 steps": _differs(3),
    "allclose after 10 steps": _differs(10),
    "converges on a parabola": _diverges,
}
"""Simpler tests: each says whether it fails, and so finds a fault; the empty id is that of none."""
