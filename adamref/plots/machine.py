"""Pictures of what float formats do to Adam: rounding errors, and moments that stand still."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from adamref import fast
from adamref.drawing import Curve, Guide, Panel
from adamref.numbers import formats
from adamref.picture import Picture, curves
from adamref.plots.formulas import sides, value
from adamref.rules import ADAM
from adamref.stepper import run

_LONG, _EVERY = 600, 6


def stalled_second_moment() -> Picture:
    """Draw v in bfloat16, where the gradient is 1 for good: it stops at a quarter.

    Each step is the rule's, rounded once; beside it v as it should be. Where it stops is what the
    theorem ``stalling-bfloat16-from-0`` says.
    """
    exact = run(ADAM, 0, [1] * _LONG, digits=6)
    stored = run(ADAM, 0, [1] * _LONG, dtype="bfloat16", resync=True)
    at = range(0, _LONG, _EVERY)
    t = [exact[i].t for i in at]
    lines = {
        "v in the reals": Curve(t, [float(exact[i]["v"]) for i in at]),
        "v stored in bfloat16": Curve(t, [float(stored[i]["v"]) for i in at]),
    }
    _, end = sides("stalling-bfloat16-from-0")
    return curves(
        "The second moment of a gradient that is always 1, β₂ = 0.999",
        "t",
        [Panel("v", lines)],
        [Guide(value("stalling-bfloat16-from-0", end), "where it stops for good")],
        seen="Where a change is less than half of the gap to the next number, v stays where it is.",
    )


def float32_errors(steps: int = 300) -> Picture:
    """Draw how far float32 is from the exact trajectory, in ulps of each field, against t.

    `adamref.fast.Adam` in float32, on gradients from a fixed formula, against the rule on the same
    ones, certified. Errors of the steps before are carried along.

    Parameters
    ----------
    steps : int
        How many.
    """
    single, fields = formats.get("float32"), {"θ": "theta", "m": "m", "v": "v"}
    gradients = [np.float32(((k * 7919) % 2001 + 1) / 997) for k in range(1, steps + 1)]
    theta = np.ones(1, np.float32)
    optimizer = fast.Adam([theta], lr=1e-3)
    made: dict[str, list[float]] = {"θ": [], "m": [], "v": []}
    for g in gradients:
        optimizer.step([np.full(1, g)])
        state = optimizer.state_dict()["state"]["0"]
        for name, found in (("θ", theta), ("m", state["m"]), ("v", state["v"])):
            made[name].append(float(found[0]))
    given = [float(g) for g in gradients]
    exact = run(ADAM, 1.0, given, digits=20, alpha=1e-3, beta1=0.9, beta2=0.999, eps=1e-8)
    lines = {
        name: Curve(
            range(1, steps + 1),
            [
                float(
                    abs(Fraction(got) - (right := Fraction(step[fields[name]]))) / single.ulp(right)
                )
                for got, step in zip(values, exact, strict=True)
            ],
        )
        for name, values in made.items()
    }
    return curves(
        "How far Adam in float32 is from the exact trajectory",
        "t",
        [Panel("error in ulps", lines)],
        seen="Errors of the moments fade as the moments forget; those of θ add up.",
    )
