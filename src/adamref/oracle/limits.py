"""Limits: edges where an implementation stops being Adam, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.golden.flags import NOTES
from adamref.oracle.catalogue import FAULTS
from adamref.oracle.diagnosis import Small
from adamref.oracle.findings import Finding
from adamref.oracle.hypotheses import singles

if TYPE_CHECKING:
    from adamref.oracle.findings import Difference
    from adamref.oracle.identification import Identified
    from adamref.oracle.table import Table
    from adamref.oracle.trials import Trial

EDGES = (
    "square-overflow", "square-underflow", "subnormal-flushed", "lerp-overflow", "inf-hidden",
    "zero-over-zero", "eps-underflow", "counter-float32", "counter-int32", "betas-narrowed",
)  # fmt: skip
"""The flags of edge probes that are limits of arithmetic."""

_BY_COUNTER = ("counter-float32", "counter-int32", "counter-int16", "counter-float16")
_ALSO = ("eps-zero-replaced", "nan-replaced", "nan-element-skipped", "nan-step-skipped")


def limit(table: Table, trial: Trial, number: int, found: Identified, first: Difference) -> Finding:
    """Name the limit behind the first difference of an edge probe."""
    id_, says = _named(table, trial, number, found)
    if id_ == "lerp-overflow" and first.field != "m":
        id_, says = "square-overflow", NOTES["square-overflow"].fault
    return Finding(id_, trial.name, "limit", f"{says}; first at {first}")


def _named(table: Table, trial: Trial, number: int, found: Identified) -> tuple[str, str]:
    own = table.only(table.columns["trial"] == number)
    small = Small(own, found.machine)
    for one in singles(found.judged.dialect, found.machine.theta.dtype, limits=True):
        (id_,) = one.ids
        if (id_ in _BY_COUNTER or id_ in _ALSO) and small.accounts(one):
            fault = next(x for x in FAULTS if x.id == id_)
            return id_, fault.says
    for flag in trial.flags:
        if flag in EDGES:
            return flag, NOTES[flag].fault
    return "edge", "it differs where numbers leave the normal range"
