"""No right implementation is called wrong, whatever it is made of, shown or hidden."""

from __future__ import annotations

import ml_dtypes  # noqa: F401  the checks of bfloat16 hand over its arrays
import numpy as np
import pytest

import unusual_state  # noqa: F401  registers its own
import unusual_work  # noqa: F401  registers its own
from adamref.oracle.check import check
from unusual import ALL, hidden

QUICK = {"by_lerp", "wider_copy", "running_powers"}
CASES = [
    pytest.param(one, dtype, shown, id=f"{one.name}-{dtype}-{'shown' if shown else 'hidden'}")
    for one in ALL
    for dtype in one.dtypes
    for shown in (True, False)
]


def said(report, axis):
    """Return what may be the dialect on an axis."""
    value = report.dialect.get(axis)
    return value if isinstance(value, list) else [value]


def holds(one, dtype, *, shown, names):
    step = one.step if shown else hidden(one.step)
    probes = [f"{name}-{dtype}" for name in names]
    with np.errstate(all="ignore"):
        report = check(step, isolate=False, dtype=dtype, optimizer="adam", probes=probes)
    assert report.verdict == "conforms", str(report)
    assert one.form in said(report, "form")
    if shown:
        assert one.stored in said(report, "stored")
    assert report.dialect["bias_correction"] is True


@pytest.mark.parametrize("one", [x for x in ALL if x.name in QUICK], ids=lambda x: x.name)
def test_one_of_each_kind_conforms(one):
    holds(one, "float32", shown=True, names=("random-generic",))


def test_what_rounding_took_is_found_wherever_the_first_theta_begins():
    """From 0 the first steps are added without rounding: what is kept of it is 0 there."""
    holds(next(x for x in ALL if x.name == "compensated"), "float32", shown=True, names=())


@pytest.mark.long
@pytest.mark.parametrize(("one", "dtype", "shown"), CASES)
def test_an_unusual_form_conforms_in_its_dialect(one, dtype, shown):
    holds(one, dtype, shown=shown, names=("random-generic", "random-state", "random-large"))


def test_there_are_forty_of_them():
    assert len(ALL) >= 40
    assert len({one.name for one in ALL}) == len(ALL)
