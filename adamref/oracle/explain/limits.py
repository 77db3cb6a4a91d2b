"""Limits: edges where an implementation stops being Adam, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref import faults
from adamref.golden.flags import NOTES
from adamref.oracle.explain.hypotheses import of_faults
from adamref.oracle.judge.coarse import Small
from adamref.oracle.judge.hypothesis import correct
from adamref.oracle.observe.finding import Finding

if TYPE_CHECKING:
    from adamref.oracle.judge.identification import Identified
    from adamref.oracle.judge.results import FirstDifference
    from adamref.oracle.observe.table import Table
    from adamref.oracle.observe.trial import Trial

EDGES = (
    "square-overflow", "square-underflow", "subnormal-flushed", "lerp-overflow", "inf-hidden",
    "zero-over-zero", "eps-underflow", "counter-float32", "counter-int32", "betas-narrowed",
)  # fmt: skip
"""The flags of edge probes that are limits of arithmetic."""

_CAUSES = {
    "betas-in-float32": "betas-narrowed",
    "beta2-in-float32": "betas-narrowed",
    "powers-in-float32": "betas-narrowed",
    "counter-float32": "",
    "counter-int32": "",
    "eps-zero-replaced": "",
    "nan-replaced": "",
    "nan-element-skipped": "",
    "nan-step-skipped": "",
}
"""Faults that may be behind the difference on an edge probe, and under which name they are told."""

_SAYS = {
    "square-overflow": "g*g overflows in {dtype} for |g| > {root_of_largest:.2g}",
    "square-underflow": "g*g underflows to zero in {dtype} for |g| < {root_of_smallest:.2g}",
    "eps-underflow": "epsilon is zero in {dtype}",
}
"""What there is to say of a format; of the others the note of the flag."""


def limit(
    table: Table, trial: Trial, number: int, found: Identified, first: FirstDifference
) -> Finding:
    """Name the limit behind the first difference of an edge probe."""
    id_, says = _named(table, trial, number, found)
    if id_ == "lerp-overflow" and first.field != "m":
        id_, says = _flag("square-overflow", found)
    if id_ == "inf-hidden" and first.got == "nan":
        id_ = "infinity-lost"
        says = "an infinite moment becomes NaN, as in m + (1 - beta1)*(g - m)"
    if _is_subnormal(first, found):
        # Whatever else the probe is for.
        id_, says = (
            _flag("subnormal-flushed", found)
            if first.got in ("0.0", "-0.0")
            else ("subnormal-rounded", "subnormal numbers have few digits")
        )
    return Finding(id_, trial.name, "limit", f"{says}; first at {first}")


def _is_subnormal(first: FirstDifference, found: Identified) -> bool:
    least = 2.0 ** found.machine.of(first.field).min_exponent
    return 0 < abs(float(first.want)) < least


def _named(table: Table, trial: Trial, number: int, found: Identified) -> tuple[str, str]:
    own = table.only(table.columns["trial"] == number)
    small = Small(own, found.machine)
    if not small.accounts(correct(found.fit.dialect)):
        told = [x for x in faults.cases() if x.id in _CAUSES and not x.told_as]
        for one in of_faults(found.fit.dialect, "float64", told, failed={}):
            (id_,) = one.ids
            if small.accounts(one):
                return _CAUSES[id_] or id_, one.faults[0].says
    for flag in trial.flags:
        if flag in EDGES:
            return _flag(flag, found)
    return "edge", "it differs where numbers leave the normal range"


def _flag(flag: str, found: Identified) -> tuple[str, str]:
    fmt = found.machine.compute
    if flag not in _SAYS:
        return flag, NOTES[flag].fault
    said = _SAYS[flag].format(
        dtype=fmt.dtype,
        root_of_largest=float(fmt.largest) ** 0.5,
        root_of_smallest=max(float(fmt.smallest), 5e-324) ** 0.5 / 2**0.5,
    )
    return flag, said
