"""Plots of what Adam does, drawn by matplotlib (the extra ``plot``), each with a text.

`Trace.plot` and `Report.plot` draw what was run and what was checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adamref import rules
from adamref.errors import OutOfDomain
from adamref.picture import Picture, panels
from adamref.stepper import run

if TYPE_CHECKING:
    from adamref.rules import Rule

__all__ = ["Picture", "bias_correction"]


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
    MissingPackage
        If matplotlib is not installed.

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
    title = "The moments of a gradient that is always 1"
    series = {
        f"{plain}, {corrected}": {n: [float(x) for x in trace[n]] for n in (plain, corrected)}
        for plain, corrected in pairs
    }
    return panels(series, [step.t for step in trace], title)
