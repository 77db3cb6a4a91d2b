"""Right implementations of any rule: its lines in some order, each operation rounded to a format.

A rounding is NumPy's, or of a float64 result that has digits to spare; nothing of the arithmetic of
bounds is in it.
"""

from __future__ import annotations

import numpy as np

from adamref.numbers.arrays import nearest
from adamref.numbers.formats import BINARY32
from adamref.oracle.judge.numbers import HeldNumbers
from adamref.oracle.judge.simulation import inputs_of, powers_of
from adamref.oracle.judge.working import Plain, Work
from adamref.tolerances.free import FreeRun
from adamref.tolerances.inputs import laid_out


class Rounded(Work):
    """Float64 with every result rounded to a format."""

    def __init__(self, fmt):
        self.fmt, self.operations = fmt, Plain.operations

    def column(self, values, rounded=None):
        del rounded
        return nearest(np.asarray(values, dtype=np.float64), self.fmt)

    def near(self, values, off):
        del off
        return values

    def unsure(self, values, off):
        del off
        return values

    def hyper(self, values, slack=None):
        del slack
        return nearest(values, self.fmt)

    def shared(self, values):
        return nearest(values, self.fmt)

    def corrected(self, values, power, exponent, base, *, from_one):
        del power, exponent, base, from_one
        return nearest(values, self.fmt)

    def do(self, method, *operands):
        return nearest(np.asarray(self.operations[method](*operands)), self.fmt)

    def total(self, x, groups):
        found = np.zeros(groups.max() + 1)
        for group, each in zip(groups, np.broadcast_to(x, groups.shape), strict=True):
            found[group] = nearest(found[group] + each, self.fmt)
        return found[groups]

    def rounded(self, x, fmt):
        return nearest(x, fmt)

    def take(self, x, rows):
        return x[rows] if np.ndim(x) else x

    def where(self, which, x, y):
        return np.where(which, x, y)

    def joined(self, parts, count):
        out = np.empty(count)
        for rows, values in parts:
            out[rows] = values
        return out


def corrected_in(fmt, how, inputs):
    """A power, or 1 minus it: in float64, by a library's power, or by a product that is kept."""

    def made(power):
        exact = powers_of(power, inputs, Plain())
        plain = power.from_one and isinstance(power.base, str) and str(power.exponent) == "t"
        if how == "exact" or not plain:
            return nearest(exact, fmt)
        base, t = nearest(inputs.columns[power.base], fmt), inputs.columns["t"]
        if how == "power":
            raised = nearest(base**t, fmt)
        else:
            raised = np.ones_like(base)
            for step in range(1, int(t.max()) + 1):
                raised = np.where(step <= t, nearest(raised * base, fmt), raised)
        return nearest(1 - raised, fmt)

    return made


def rounded_run(rule, trial, dtype, *, lines, work, how="exact", stored=None, convention=None):
    """Run a rule on an input: theta and the states after the last step.

    Parameters
    ----------
    lines : mapping of str to sympy.Expr
        Those that stand in another order.
    work, stored : Format, mapping of str to Format
        In what operations are rounded, and what is kept.
    how : str
        How 1 - beta**t is worked.
    convention : (str, Format)
        Which numbers stand for the hyperparameters.
    """
    table = laid_out([trial], dtype, rule.name)
    inputs = inputs_of(table, HeldNumbers(table, *(convention or ("literal", None))))
    ordered = {line.name: (lines.get(line.name, line.expr),) for line in rule.lines}
    wide = work if work.precision >= BINARY32.precision else BINARY32
    raised = corrected_in(wide, how, inputs)
    run = FreeRun(
        table,
        inputs,
        Rounded(work),
        lambda power: nearest(raised(power), work),
        ordered,
        stored or {},
    )
    last = table.columns["step"] == len(trial.grads)
    return {name: x[last] for name, x in run.run().items()}
