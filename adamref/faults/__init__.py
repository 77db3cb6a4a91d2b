"""The fault catalogue: every mistake that a diagnosis can name, family by family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.errors import UnknownName
from adamref.faults import (
    corrections,
    decay,
    driver,
    epsilon,
    gradients,
    hyper,
    moments,
    precision,
)

if TYPE_CHECKING:
    from adamref.faults.fault import Fault

FAULTS: tuple[Fault, ...] = (
    *moments.FAULTS,
    *corrections.FAULTS,
    *epsilon.FAULTS,
    *decay.FAULTS,
    *gradients.FAULTS,
    *hyper.FAULTS,
    *driver.FAULTS,
    *precision.FAULTS,
)
"""In the order in which equally good explanations are preferred."""


def get(id_: str) -> Fault:
    """Return a fault by its id.

    Raises
    ------
    UnknownName
        If there is none.
    """
    for fault in (*FAULTS, precision.APPROXIMATE):
        if fault.id == id_:
            return fault
    raise UnknownName("fault", id_, tuple(fault.id for fault in FAULTS))
