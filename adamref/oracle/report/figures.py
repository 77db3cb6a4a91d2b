"""How a report writes measured numbers."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adamref.oracle.judge.results import Accuracy

ACCURACY = ("max ulp", "mean ulp", "rounded right", "error / bound", "values")
"""The headings of the table of the accuracy."""


def accuracy_cells(row: Accuracy) -> tuple[str, str, str, str, str]:
    """Write a row of the accuracy: max, mean, share correctly rounded, error over bound, count."""
    if not row.count:
        return "", "", "", "", "0"
    return (
        number(row.max_ulp),
        number(row.mean_ulp),
        _percent(row.correctly_rounded),
        _over_bound(row.max_over_bound),
        f"{row.count:,}",
    )


def number(value: float) -> str:
    """Write a measured number to three digits."""
    if 1000 <= value < 1e7:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _percent(share: float) -> str:
    """Write a share; one that is not all is not written as all, one that is not none not as none.

    The two decimals are those of ten thousand values, about what a check has.
    """
    if 0 < share < 1:
        return f"{min(max(100 * share, 0.01), 99.99):.2f}%"
    return f"{100 * share:.0f}%" if isfinite(share) else "nan"


def _over_bound(value: float) -> str:
    """Write an error as a share of its bound; outside and inside of 1 stay apart."""
    written = number(value)
    if written != "1" or value == 1:
        return written
    return "> 1" if value > 1 else "0.999"
