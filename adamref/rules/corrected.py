"""Averages that are kept corrected for their bias, by a decay rate that changes with t.

``rate = beta*(1 - beta**(t - 1))/(1 - beta**t)`` is 0 at the first step; an average with it is at
each step what another with ``beta`` is after it was corrected.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sympy import evaluate

from adamref.rules.optimizer import Axis
from adamref.rules.rule import Line
from adamref.rules.symbols import beta1, beta2, beta3, current, keep1, keep2, keep3, t

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sympy import Symbol

    from adamref.rules.rule import Rule

AVERAGES = Axis(
    "averages",
    ("biased", "corrected"),
    says=("usual", "torch-optimi, pytorch-optimizer: kept corrected, by a rate that changes"),
)

_SOURCE = "torch-optimi, debias_beta"
_RATES = {beta1: keep1, beta2: keep2, beta3: keep3}


def kept_corrected(rule: Rule, hats: Mapping[str, str], rates: Mapping[str, Symbol]) -> Rule:
    """Return a rule that keeps averages as it uses them: corrected.

    Parameters
    ----------
    rule : Rule
    hats : mapping of str to str
        The line that corrects each average, by the average's name.
    rates : mapping of str to Symbol
        The decay rate of each.
    """
    with evaluate(False):
        for name, hat in hats.items():
            beta = rates[name]
            keep = _RATES[beta]
            rate = beta * (1 - beta ** (t + -1)) / (1 - beta**t)
            line = Line(keep.name, rate, "decay rate of an average that is corrected", _SOURCE)
            rule = rule.substituted(beta, keep, name).inserted(line, before=name)
            rule = rule.substituted(current(hat), current(name))
            rule = replace(rule, lines=tuple(x for x in rule.lines if x.name != hat))
    return rule
