"""Running the contenders: each measurement in a process of its own, in turns, over some rounds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, final

from benchmarks.inputs import CHECKED, HYPERS, decimals
from benchmarks.peers import without
from benchmarks.plan import MPFR_LOOP

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.plan import Comparison, Contender, Measurement

_ROOT = Path(__file__).parent.parent
_LONGEST_SECONDS = 900

_ONE_THREAD = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
        "NUMBA_NUM_THREADS",
    ),
    "1",
)


@final
class Disagreement(Exception):
    """Two contenders of a measurement do not show the same parameters, to the tolerance.

    Attributes
    ----------
    measurement, contender : str
    got, expected : list of str
        What the contender shows, and what the first of the measurement shows.
    """

    def __init__(
        self, measurement: str, contender: str, got: list[str], expected: list[str]
    ) -> None:
        self.measurement = measurement
        self.contender = contender
        self.got = got
        self.expected = expected
        super().__init__(
            f"{measurement}: theta of {contender} = {got}, but should be {expected}: "
            "it does not do the same work"
        )


@final
class OwnFailure(Exception):
    """A contender failed that needs no more than adamref does."""


@final
@dataclass
class Row:
    """What was measured of one contender; without samples, why there are none."""

    contender: Contender
    clock: str = "cpu"
    samples: list[dict[str, Any]] = field(default_factory=list)
    missing: str | None = None

    @property
    def seconds(self) -> float | None:
        """Time of a unit of work: the median of the rounds; None: it is missing."""
        return median(s[self.clock] for s in self.samples) if self.samples else None

    def ratio(self, to: Row, comparison: Comparison) -> float | None:
        """Compare the times of each round with those of a peer, and take the median."""
        if not self.samples or not to.samples:
            return None
        clock = self.clock
        pairs = [(a[clock], b[clock]) for a, b in zip(self.samples, to.samples, strict=True)]
        return median(b / a if comparison.speed else a / b for a, b in pairs)


@final
@dataclass(frozen=True)
class Result:
    """A measurement and its rows."""

    measurement: Measurement
    rows: tuple[Row, ...]

    def ratio(self, row: Row, comparison: Comparison) -> float | None:
        """Return a cell of a column of ratios."""
        (peer,) = (r for r in self.rows if r.contender.name == comparison.peer)
        return row.ratio(peer, comparison)


def measure(
    measurement: Measurement,
    rounds: int,
    program: tuple[Path | None, str | None],
    say: Callable[[str], None],
) -> Result:
    """Run the contenders of a measurement in turns; what is missing is left out.

    Parameters
    ----------
    measurement : Measurement
    rounds : int
    program : tuple
        The compiled C loop, or None and why there is none.
    say : callable
        Is told what is under way.

    Raises
    ------
    Disagreement
        If a contender shows other parameters than the first one.
    OwnFailure
        If a contender fails that needs nothing else than adamref.
    """
    rows = tuple(Row(contender, measurement.clock) for contender in measurement.contenders)
    for row in rows:
        if row.contender.worker == MPFR_LOOP:
            row.missing = program[1]
        elif row.contender.needs:
            row.missing = without(row.contender.needs)
    for i in range(rounds):
        say(f"{measurement.name}, {measurement.title}: round {i + 1} of {rounds}")
        # There and back, so that a machine that grows slower favours nobody.
        for row in rows if i % 2 == 0 else reversed(rows):
            if row.missing is None:
                _sample(row, measurement, program[0])
    done = [row for row in rows if row.samples]
    expected = done[0].samples[0]["check"] if done else []
    for row in done:
        for sample in () if row.contender.limit else row.samples:
            if not _agree(sample["check"], expected, measurement.tolerance):
                name = f"{measurement.name}, {measurement.title}"
                raise Disagreement(name, row.contender.name, sample["check"], expected)
    return Result(measurement, rows)


def _sample(row: Row, measurement: Measurement, program: Path | None) -> None:
    contender = row.contender
    case = {**measurement.case, **contender.settings}
    if contender.worker == MPFR_LOOP:
        command, given = [str(program)], _written(case)
    else:
        command = [sys.executable, "-m", "benchmarks.worker", contender.worker]
        given = json.dumps(case)
    inherited = {name: x for name, x in os.environ.items() if name != "MPMATH_NOGMPY"}
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter, or the program just compiled
            command,
            input=given,
            capture_output=True,
            text=True,
            cwd=_ROOT,
            env={**inherited, **_ONE_THREAD, **contender.environment},
            timeout=_LONGEST_SECONDS,
            check=True,
        )
    except subprocess.CalledProcessError as failed:
        said = failed.stderr.strip().splitlines()
        _give_up(row, f"it failed ({said[-1] if said else f'exit {failed.returncode}'})")
    except subprocess.TimeoutExpired:
        _give_up(row, f"it took more than {_LONGEST_SECONDS} s")
    else:
        row.samples.append(json.loads(done.stdout))


def _give_up(row: Row, why: str) -> None:
    if not row.contender.needs and row.contender.worker != MPFR_LOOP:
        message = f"{row.contender.name}: {why}"
        raise OwnFailure(message)
    row.samples.clear()
    row.missing = why


def _written(case: Mapping[str, Any]) -> str:
    """Write a trajectory as mpfr_loop.c reads it."""
    theta, gradients = decimals(case["parameters"], case["steps"])
    sizes = (case["bits"], case["parameters"], case["steps"], case["least"], CHECKED)
    hypers = (HYPERS[name] for name in ("alpha", "beta1", "beta2", "eps"))
    return "\n".join(map(str, chain(sizes, hypers, theta, *gradients)))


def _agree(got: list[str], expected: list[str], tolerance: float) -> bool:
    pairs = zip(map(float, got), map(float, expected), strict=True)
    return all(abs(a - b) <= tolerance * abs(b) for a, b in pairs)
