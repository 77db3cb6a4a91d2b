"""Pictures of averages: their weights, their bias, and what they make of noise."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from adamref import rules
from adamref.drawing import Curve, Panel
from adamref.errors import OutOfDomain
from adamref.picture import Picture, curves
from adamref.plots.formulas import sides, value
from adamref.rules import EWA
from adamref.stepper import run

if TYPE_CHECKING:
    from adamref.rules import Rule

_RATES = ("0.5", "0.9", "0.98")


def average_weights() -> Picture:
    """Draw how much a value counts that is n steps old, for several decay rates.

    The formula is that of the theorem ``window-weights``.
    """
    ages = range(51)
    _, weight = sides("window-weights")
    lines = {
        f"β = {rate}": Curve(ages, [value("window-weights", weight, beta=rate, n=n) for n in ages])
        for rate in _RATES
    }
    return curves(
        "How much a value of the age n counts in an average with decay rate β",
        "n",
        [Panel("weight", lines)],
        seen="The larger β is, the less the newest value counts, and the longer old ones do.",
    )


def bias_correction(
    beta1: Any = "0.9", beta2: Any = "0.999", *, steps: int = 100, rule: Rule | str = "adam"
) -> Picture:
    """Draw what the bias correction mends: the moments of a gradient that is always 1.

    The moments m and v start at 0 and come near to 1 as slowly as beta1 and beta2 are near to 1;
    m_hat and v_hat are 1 from the first step on. The values are those of the rule, certified.

    Parameters
    ----------
    beta1, beta2 : number
        Decay rates, as `adamref.run` takes them.
    steps : int
        How many.
    rule : Rule or str
        A rule with the lines m_hat and v_hat.

    Raises
    ------
    OutOfDomain
        If the rule has no bias correction; or for a hyperparameter or a number of steps.

    Source: Kingma & Ba 2015, section 3.

    >>> bias_correction(steps=3).alt[:63]
    'The moments of a gradient that is always 1, against t = 1 to 3:'
    """
    which = rules.get(rule) if isinstance(rule, str) else rule
    pairs = (("m", "m_hat"), ("v", "v_hat"))
    if not all(name in which.fields for pair in pairs for name in pair):
        raise OutOfDomain("rule", which.name, "one that corrects the bias of m and v")
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise OutOfDomain("steps", steps, "a whole number >= 1")
    trace = run(which, 0, [1] * steps, digits=12, beta1=beta1, beta2=beta2)
    t = [step.t for step in trace]
    made = [
        Panel(
            f"{plain}, {corrected}",
            {n: Curve(t, [float(x) for x in trace[n]]) for n in (plain, corrected)},
        )
        for plain, corrected in pairs
    ]
    return curves("The moments of a gradient that is always 1", "t", made)


_DAYS = 180
_WINDOWS = {"0.5": 2, "0.9": 10, "0.98": 50}


def temperatures() -> Picture:
    """Draw averages of noisy daily temperatures over about 2, 10 and 50 days.

    The temperatures are made up: half a year's course, and noise from a fixed formula. An average
    with decay rate beta is said to look at 1/(1 - beta) days.
    """
    days = range(1, _DAYS + 1)
    noisy = [round(_season(day) + _noise(day), 1) for day in days]
    lines = {"a day": Curve(days, noisy, points=True)}
    for rate, window in _WINDOWS.items():
        trace = run(EWA, 0, [str(x) for x in noisy], digits=12, beta1=rate)
        lines[f"β = {rate}, 1/(1 − β) = {window} days"] = Curve(
            days, [float(x) for x in trace["m"]]
        )
    return curves(
        "Noisy temperatures, and averages of them that start at 0",
        "day",
        [Panel("degrees Celsius", lines)],
        seen="A longer memory is smoother and later, and begins the farther too low.",
    )


def _season(day: int) -> float:
    return 12 - 10 * math.cos(2 * math.pi * day / (2 * _DAYS))


def _noise(day: int) -> float:
    """Return noise between -5 and 5 that is the same everywhere."""
    scrambled = (day * 2654435761 + 12345) % 2**32
    scrambled = (scrambled ^ (scrambled >> 15)) * 2246822519 % 2**32
    return float(Fraction(scrambled, 2**32) - Fraction(1, 2)) * 10
