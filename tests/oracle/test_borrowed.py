"""What float32 is asked, bfloat16 is asked as well."""

from __future__ import annotations

import numpy as np
import pytest

import drawn
import plantable
from adamref import faults
from adamref.numbers import formats
from adamref.numbers.arrays import nearest
from adamref.oracle.observe.trials import trials


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "amsgrad", "lion"])
def test_all_that_golden_vectors_ask_in_float32_is_asked(optimizer):
    ones, others = (
        {x.name.replace(f"-{dtype}", ""): x for x in trials(dtype, optimizer)}
        for dtype in ("float32", "bfloat16")
    )
    lacking = {x for x in ones.keys() - others.keys() if not x.startswith("defaults")}
    assert all(x.startswith("random") for x in lacking), lacking
    for name in ones.keys() & others.keys():
        assert (ones[name].kind, ones[name].needs) == (others[name].kind, others[name].needs), name
        assert len(ones[name].grads) == len(others[name].grads)


def test_their_numbers_are_of_the_format():
    for trial in trials("bfloat16", "adamw"):
        numbers = [*trial.thetas, *(x for s in trial.states for x in s.values())]
        numbers += [g for step in trial.grads for g in step if g is not None]
        for x in numbers:
            assert np.array_equal(x, nearest(x, formats.get("bfloat16")), equal_nan=True)


@pytest.mark.long
@pytest.mark.parametrize("id_", ["t-while-missing", "schedule-late"])
def test_what_is_wrong_with_a_missing_gradient_or_a_schedule_is_found(id_):
    fault = faults.get(id_)
    its = drawn.planted(fault, "adam", "bfloat16")
    names = [x.name for x in trials("bfloat16", "adam") if not x.apart]
    report = plantable.judged(its, "bfloat16", names=names)
    assert report.verdict == "deviates"
    assert (id_,) in (report.diagnosis[0].faults, *report.diagnosis[0].equivalent)
