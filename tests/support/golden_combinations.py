"""How many single faults and pairs of faults a set of inputs tells apart."""

from __future__ import annotations

from itertools import combinations

import numpy as np

import adamref
from adamref import faults, rules
from adamref.golden.flags import NOTES
from adamref.numbers import formats

ULPS = 8
"""Two traces are told apart if some value differs by more than this many ulps of binary32."""


_BESIDE = (
    "m-gradient-subtracted", "v-gradient-subtracted", "m-of-square", "m_hat-with-beta2",
    "v_hat-with-beta1", "both-uncorrected", "without-alpha", "plain-gradient-step",
    "parameter-forgotten",
)  # fmt: skip
_WITHOUT = ("correction-misses-root", "eps-subtracted")
"""A fixed set: the counts of the tests are of these."""


def combined():
    """Return Adam with each of some faults in a single line, and each pair in different lines."""
    flagged = {*_BESIDE, *(id_ for note in NOTES.values() for id_ in note.faults)}
    flagged -= set(_WITHOUT)
    ones = [x for x in faults.of_one_line(rules.ADAM) if x.fault.id in flagged]
    found = [(one.fault.id, one.rule) for one in ones]
    for one, other in combinations(ones, 2):
        if one.line != other.line:
            both = one.rule.edited(**{other.line: other.rule.line(other.line).expr})
            found.append((f"{one.fault.id} + {other.fault.id}", both))
    return found


def signature(rule, inputs, fields):
    """Return what shows of a run: the fields, step by step, as one row of numbers."""
    theta, gradients, hyper = inputs
    trace = adamref.run(rule, list(theta), [list(g) for g in gradients], dtype="float64", **hyper)
    return np.concatenate([np.ravel(step[name]) for step in trace for name in fields])


def classes(rows):
    """Group rows that no value tells apart; the first member of each group stands for it."""
    heads: list[np.ndarray] = []
    groups: list[list[int]] = []
    for i, row in enumerate(rows):
        for head, group in zip(heads, groups, strict=True):
            if _alike(head, row):
                group.append(i)
                break
        else:
            heads.append(row)
            groups.append([i])
    return groups


def _alike(one, other):
    with np.errstate(all="ignore"):
        both = np.isnan(one) & np.isnan(other) | (one == other)
        # An ulp of binary32 is at most 2**-23 of the number.
        size = np.maximum(np.maximum(np.abs(one), np.abs(other)), float(_LEAST))
        finite = np.isfinite(one) & np.isfinite(other)
        near = finite & (np.abs(one - other) <= ULPS * 2.0**-23 * size)
    return bool(np.all(both | near))


_LEAST = formats.BINARY32.smallest
