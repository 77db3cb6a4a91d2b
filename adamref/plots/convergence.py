"""A picture of the problem on which Adam does not converge."""

from __future__ import annotations

from mpmath import libmp
from sympy import Function, Integer

from adamref.drawing import Curve, Guide, Panel
from adamref.picture import Picture, curves
from adamref.plots.formulas import evaluation

_PERIODS = 30
_PROBLEM = {"C": 3, "alpha": "0.5", "low": -1}


def adam_cycle() -> Picture:
    """Draw where Adam and AMSGrad go on the online problem of Reddi, Kale and Kumar.

    The losses are 3 x, -x, -x, over and over, on the interval from -1 to 1; the points are those
    that the theorems ``online-adam-worst`` and ``online-amsgrad-best`` speak of.
    """
    place = Function("x", real=True)
    steps = range(1, 3 * _PERIODS + 2)
    lines = {}
    for label, name in (("Adam", "online-adam-worst"), ("AMSGrad", "online-amsgrad-best")):
        where = evaluation(name, **_PROBLEM)
        found = [float(libmp.to_float(where.value(place(Integer(at))))) for at in steps]
        lines[label] = Curve(steps, found)
    return curves(
        "The losses 3 x, -x, -x over and over, on -1 to 1, with alpha = 0.5: where Adam and "
        "AMSGrad go",
        "t",
        [Panel("x", lines)],
        [Guide(-1.0, "the best point")],
        seen="Adam is back at 1, the worst point, after every three losses; AMSGrad leaves it.",
    )
