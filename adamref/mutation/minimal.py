"""The smallest set of probes that kills every fault that can be told, as one test file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from adamref.mutation.covering import smallest_cover
from adamref.mutation.result import Minimal
from adamref.mutation.showing import LONGEST, WITHIN, machine_of, needed, written
from adamref.oracle.explain.hypotheses import of_faults
from adamref.tolerances.faults_missed import ShortestInputs
from adamref.version import VERSION

if TYPE_CHECKING:
    from adamref.mutation.harness import Harness
    from adamref.mutation.planning import Home, Planned
    from adamref.oracle.observe.trial import Trial


def minimal(where: Sequence[Home], plan: Sequence[Planned], harness: Harness) -> Minimal:
    """Return the smallest set of probes for what a target is.

    Parameters
    ----------
    where : sequence of Home
        One after another: faults that the probes of those before tell ask for no more.
    plan : sequence of Planned
    harness : Harness
        Which says what can be asked of it.
    """
    names: list[str] = []
    told: list[str] = []
    untold: list[str] = []
    tests: list[str] = []
    for home in where:
        mine = [x for x in plan if x.standing == "core" and x.home == home]
        if not mine:
            continue
        looked = ShortestInputs(
            home.dialect, home.dtype, machine_of(home), without=harness.cannot | {"defaults"},
            fields=("theta",), most=LONGEST,
        )  # fmt: skip
        can = {
            i
            for i, x in enumerate(looked.trials)
            if needed(x) <= harness.controls
            and harness.makes(home.dialect.optimizer)
            and (not _loads(x) or harness.loads({n for held in x.states for n in held}))
        }
        known = {}
        for one in mine:
            ones = of_faults(home.dialect, home.dtype, [one.fault])
            known[one.fault.id] = looked.telling(ones[0]) & can if ones else frozenset()
        cost = {i: float(_size(x)) for i, x in enumerate(looked.trials)}
        chosen = smallest_cover(known, cost)
        told += [n for n, x in known.items() if x]
        untold += [n for n, x in known.items() if not x]
        for i in chosen:
            names.append(looked.trials[i].name)
            kills = [n for n, x in known.items() if i in x]
            tests.append(_test(looked.trials[i], looked, i, home, kills))
    return Minimal(tuple(names), tuple(told), tuple(untold), _file(harness, tests, len(told)))


def _size(trial: Trial) -> int:
    return len(trial.grads) * sum(x.size for x in trial.thetas)


def _loads(trial: Trial) -> bool:
    return any(trial.states) or any(t != 1 for t in trial.firsts)


def _test(trial: Trial, looked: ShortestInputs, i: int, home: Home, kills: Sequence[str]) -> str:
    name = "".join(x if x.isalnum() else "_" for x in f"{home.dialect.optimizer}_{trial.name}")
    states = "None"
    if _loads(trial):
        cells = []
        for held, first in zip(trial.states, trial.firsts, strict=True):
            inner = ", ".join(
                f"{n!r}: np.array({[float(v) for v in x.ravel()]}, {home.dtype!r})"
                f"{'.reshape(' + str(x.shape) + ')' if x.ndim > 1 else ''}"
                for n, x in held.items() if n in home.dialect.rule.states
            )  # fmt: skip
            cells.append(f"({{{inner}}}, {first - 1})")
        states = f"[{', '.join(cells)}]"
    return f'''
def test_{name}():
    """{trial.says} It tells {len(kills)} faults, {kills[0]} among them."""
{written(trial, looked.expected(i), home.dtype, home.dialect.optimizer)}
    states = {states}
    compare(Optimizer(thetas, numbers), gradients, rates, right, states)
'''


_COMPARE = '''

def compare(its, gradients, rates, right, states):
    """Take all steps, and hold theta after each against what is right."""
    if states is not None:
        its.load(states)
    for step, (gradient, rate, expected) in enumerate(zip(gradients, rates, right), 1):
        its.step(gradient, rate)
        for i, (theta, (value, bound)) in enumerate(zip(its.thetas(), expected)):
            where = f"step {step}, tensor {i}"
            assert is_within(theta, value, bound), f"{where}: {theta}, not {value} within {bound}"
'''


def _file(harness: Harness, tests: Sequence[str], count: int) -> str:
    head = f'''"""The smallest tests that tell {count} mistakes in an optimizer from a right one.

Written by adamref {VERSION}. Each value is the exact one, rounded once; beside it stands how far a
right implementation may be from it, whatever its order of operations. Only the class Optimizer
knows whose it is; the rest needs NumPy alone.
"""

'''
    return head + harness.text() + "\n" + WITHIN + _COMPARE + "\n".join(tests)
