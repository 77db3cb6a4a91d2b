"""For a fault that tests let pass: the smallest inputs that show it, and a test to paste."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.mutation.result import ShownBy
from adamref.numbers import formats
from adamref.numbers.arrays import nearest, ulp
from adamref.oracle.explain.hypotheses import of_faults
from adamref.oracle.judge.machine import Machine
from adamref.tolerances.faults_missed import ShortestInputs
from adamref.tolerances.given import read_given

if TYPE_CHECKING:
    from adamref.mutation.harness import Harness
    from adamref.mutation.planning import Home, Planned
    from adamref.numbers.arrays import Array
    from adamref.oracle.observe.trial import Trial

LONGEST = 64
"""Steps, and elements, of a probe that is written out in a test."""


def machine_of(home: Home) -> Machine:
    """Return in what a right implementation may work at worst: the dtype, or float32 if wider."""
    fmt = formats.get(home.dtype)
    narrow = fmt.precision < formats.BINARY32.precision
    states = {n: fmt for n in home.dialect.rule.states if n != "theta"}
    return Machine(formats.BINARY32 if narrow else fmt, fmt, states)


@final
class Shower:
    """Shows faults; what the probes make of a home is worked once.

    Parameters
    ----------
    harness : Harness or None
        Which tests are written with; None: none are.
    """

    def __init__(self, harness: Harness | None) -> None:
        self._harness = harness
        self._known: dict[Home, ShortestInputs] = {}

    def of(self, one: Planned) -> ShownBy | None:
        """Return the smallest inputs that show a fault, with a test where that is short."""
        home = one.home
        assert home is not None
        found = of_faults(home.dialect, home.dtype, [one.fault])
        if not found:
            return None
        cannot = self._harness.cannot if self._harness else frozenset()
        if home not in self._known:
            self._known[home] = ShortestInputs(
                home.dialect, home.dtype, machine_of(home), without=cannot | {"load", "defaults"},
                fields=("theta",),
            )  # fmt: skip
        looked = self._known[home]
        shortest = looked.of(found[0])
        if shortest is None:
            probe = one.probes[0] if one.probes else ""
            return ShownBy(probe, "theta", 0, 0, 0.0, 0.0, "") if probe else None
        given = read_given(shortest.document, {}, None, (None, None, ()))
        trial = given.trial(home.dialect.rule)
        again = ShortestInputs(
            home.dialect, home.dtype, machine_of(home), fields=("theta",), trials=[trial]
        )
        right = again.expected(0)
        units = ulp(right[-1][0][0], formats.get(home.dtype))
        bound = right[-1][0][1]
        difference = float("inf")
        if np.isfinite(shortest.times) and np.isfinite(bound).all():
            difference = float(np.max(shortest.times * bound / units))
        text = ""
        harness = self._harness if home.dtype in _WRITTEN else None
        makes = harness is not None and harness.makes(home.dialect.optimizer)
        if harness is not None and makes and needed(trial) <= harness.controls:
            text = pasted(one, trial, right, harness, home)
        return ShownBy(
            shortest.probe, shortest.field, shortest.steps, shortest.elements, difference,
            shortest.times, text,
        )  # fmt: skip


_WRITTEN = ("float16", "float32", "float64")
"""The dtypes that NumPy has by itself."""


_USUAL = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0}


def needed(trial: Trial) -> frozenset[str]:
    """Return the hyperparameters that are not as published, and so have to be set."""
    return frozenset({"lr", *(n for n, x in trial.hyper.items() if x != _USUAL.get(n))})


def pasted(
    one: Planned,
    trial: Trial,
    right: Sequence[Sequence[tuple[Array, Array]]],
    harness: Harness,
    home: Home,
) -> str:
    """Return a test file that a right implementation passes and a fault does not."""
    name = "".join(x if x.isalnum() else "_" for x in one.fault.id)
    dtype = home.dtype
    says = f"{one.fault.id}: {one.fault.says}. {one.fault.effect}."
    lines = textwrap.wrap(says, 90, initial_indent="    # ", subsequent_indent="    # ")
    said = "\n".join(lines)
    return f"""{harness.text(loads=False)}
{WITHIN}

def test_{name}():
{said}
{written(trial, right, dtype, home.dialect.optimizer)}
    its = Optimizer(thetas, numbers)
    for gradient, rate, expected in zip(gradients, rates, right):
        its.step(gradient, rate)
        for theta, (value, bound) in zip(its.thetas(), expected):
            assert is_within(theta, value, bound), f"{{theta}}, not {{value}} within {{bound}}"
"""


WITHIN = '''
def is_within(theta, value, bound):
    """Say whether no element is further off than a right implementation may be."""
    with np.errstate(all="ignore"):
        wide = np.asarray(theta).astype(np.float64)
        near = np.abs(wide - value) <= bound
    return bool(np.all(near | (wide == value) | (np.isnan(wide) & np.isnan(value))))
'''
"""What a test asks of the numbers that it has got."""


def written(
    trial: Trial,
    right: Sequence[Sequence[tuple[Array, Array]]],
    dtype: str,
    optimizer: str = "adam",
    indent: str = "    ",
) -> str:
    """Write a trial down, with what is right and how far a right implementation may be from it."""
    fmt = formats.get(dtype)

    def array(x: Array | None, kind: str = "") -> str:
        if x is None:
            return "None"
        numbers = ", ".join(_number(v) for v in np.ravel(x).tolist())
        shape = f".reshape({x.shape})" if x.ndim > 1 else ""
        return f"np.array([{numbers}]{', ' + repr(kind) if kind else ''}){shape}"

    def line(name: str, rows: Sequence[str]) -> str:
        return f"{indent}{name} = [\n" + "".join(f"{indent}    {x},\n" for x in rows) + f"{indent}]"

    thetas = line("thetas", [array(x, dtype) for x in trial.thetas])
    grads = line(
        "gradients", ["[" + ", ".join(array(g, dtype) for g in step) + "]" for step in trial.grads]
    )
    numbers: Mapping[str, Any] = {"lr": trial.alphas[0], **trial.hyper}
    numbers = {"lr": numbers["lr"], **_USUAL, **numbers}
    rates = f"{indent}rates = [{', '.join(map(_number, trial.alphas))}]"
    rows = []
    for step in right:
        cells = []
        for (value, bound), theta in zip(step, trial.thetas, strict=True):
            shape = theta.shape
            stored = nearest(value, fmt)
            # What is held against is rounded once: that is added.
            off = np.nan_to_num(bound, nan=0.0) + np.abs(stored - value)
            cells.append(f"({array(stored.reshape(shape))}, {array(off.reshape(shape))})")
        rows.append("[" + ", ".join(cells) + "]")
    said = ", ".join(f"{n!r}: {_number(x)}" for n, x in numbers.items())
    said += ", 'amsgrad': True" if optimizer == "amsgrad" else ""
    made = [thetas, grads, rates, f"{indent}numbers = {{{said}}}", line("right", rows)]
    return "\n".join(made)


def _number(x: float) -> str:
    return repr(float(x)) if np.isfinite(x) else f"float({str(float(x))!r})"
