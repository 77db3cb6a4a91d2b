"""Which faults a tolerance lets through, and the inputs that tell them."""

from __future__ import annotations

import pytest

import adamref
from adamref import faults

ONE_STEP = {
    "rule": "adam",
    "dtype": "float32",
    "alpha": [0.01],
    "hyperparameters": {"beta1": 0.9, "beta2": "0.999", "eps": 1e-8},
    "tensors": [{"theta": [0.5, -1.0], "gradients": [[1.0, -2.0]]}],
}


@pytest.mark.long
def test_a_single_step_hides_what_the_past_does_and_another_input_shows_it():
    """The first step has no past: what forgets it passes, and the inputs that come along tell."""
    found = adamref.tolerance(given=ONE_STEP)
    missed = {one.fault: one for one in found.missed}
    assert {"m-forgets-its-past", "v-past-undecayed", "eps-omitted"} <= missed.keys()
    assert not {"root-forgotten", "update-added", "m-gradient-subtracted"} & missed.keys()
    assert found.caught + len(missed) > 150
    assert all(one.share <= 1 for one in found.missed)
    assert all(faults.get(name).says == one.says for name, one in missed.items())
    for name in ("m-forgets-its-past", "v-past-undecayed", "eps-omitted"):
        shortest = missed[name].shortest
        assert shortest is not None
        assert (shortest.steps, shortest.elements) == (1, 1)
        assert shortest.times > 1
        again = adamref.tolerance(given=shortest.document)
        assert name not in {one.fault for one in again.missed} or shortest.field != "theta"


@pytest.mark.slow
def test_a_state_shows_what_theta_hides():
    """Of one step a scaled gradient leaves theta as it is, and not m and v."""
    found = adamref.tolerance(given=ONE_STEP)
    doubled = next(one for one in found.missed if one.fault == "gradient-times-2")
    assert set(doubled.shows_in) == {"m", "v"}


@pytest.mark.slow
def test_a_missing_nan_is_told():
    """A NaN that is replaced is beyond every tolerance, where an input has one."""
    found = adamref.tolerance("adam", "float32", 2)
    one = next(one for one in found.missed if one.fault == "nan-replaced")
    assert one.share == 0
    assert one.shortest is not None
    assert "nan" in str(one.shortest.document)
