"""Every value held against the exact one, and what is no part of what is wrong elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adamref.numbers.arrays import ulp
from adamref.oracle.explain.judged import Judgement
from adamref.oracle.judge.coarse import Small
from adamref.oracle.judge.differences import first_differences
from adamref.oracle.judge.exactly import right_values, states_of
from adamref.oracle.judge.fit import over_bound, where_forgiven

if TYPE_CHECKING:
    from adamref.oracle.explain.diagnosis import BestHypothesis
    from adamref.oracle.judge.identification import Identified
    from adamref.oracle.observe.table import Table

_UNKNOWN_ULPS = 64.0
"""On edge probes: how far a value may be off where the bound says nothing."""


def measured(seen: Table, found: Identified) -> Judgement:
    """Hold every value against the exact one, rounded once."""
    right = right_values(seen, found.fit.dialect, found.numbers, found.machine)
    shown = seen.carried is None and seen.unseen is None
    certified = shown and states_of(found.fit.dialect) <= seen.visible
    bound, over = {}, {}
    core = seen.columns["core"]
    for name, error in found.fit.bound.items():
        # Of a theta that is carried on unseen it is what shows that is rounded.
        fmt = (seen.carried if name == "theta" else None) or found.machine.of(name)
        with np.errstate(all="ignore"):
            # The right value is rounded itself, by half an ulp at most.
            unit = np.nan_to_num(ulp(right[name], fmt), nan=0.0)
            # Where states are hidden it is not known but for float64's own errors.
            unsure = 0.0 if certified else found.fit.slack[name]
            known = np.where(seen.columns["taken"], error + unsure + unit / 2, 0.0)
            bound[name] = np.where(np.isinf(known) & ~core, _UNKNOWN_ULPS * unit, known)
        over[name] = over_bound(seen.got[name], right[name], bound[name])
        rule = found.fit.dialect.rule
        over[name] = where_forgiven(rule, found.machine, name, seen, right[name], over[name])
        if found.conforms:
            # What is inside the bound of the exact value itself is inside: half ulps do not count.
            inside = core & (found.fit.over[name] <= 1)
            over[name] = np.where(inside, np.minimum(over[name], 1.0), over[name])
    differences = first_differences(seen, found, right, bound, over)
    return Judgement(found, right, bound, over, differences)


def beyond(seen: Table, judgement: Judgement) -> frozenset[int]:
    """Return the trials that differ at an edge alone, which is no part of what is wrong elsewhere.

    Of a core trial these are the lanes that what is done before a step brought there.
    """
    found, explanation = judgement.found, judgement.explanation
    if not found.conforms and explanation is None:
        return frozenset()
    wrong = np.logical_or.reduce([over > 1 for over in judgement.over.values()])
    inside = wrong & seen.columns["core"] & seen.columns["judged"]
    core = set(seen.columns["trial"][inside].tolist())
    return frozenset(
        number
        for number in judgement.differences
        if number not in core
        and (explanation is None or not _explains(seen, number, found, explanation))
    )


def _explains(seen: Table, number: int, found: Identified, explanation: BestHypothesis) -> bool:
    own = seen.only(seen.columns["trial"] == number)
    return Small(own, found.machine).accounts(explanation.hypothesis)
