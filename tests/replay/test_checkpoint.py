"""An array of a checkpoint gives the elements that are asked for, and no others."""

from __future__ import annotations

import numpy as np
import pytest

from adamref.errors import OutOfDomain
from adamref.replay.checkpoint import ArrayInMemory


def test_elements_are_given_flat_and_in_order():
    array = ArrayInMemory.of(np.arange(6, dtype=np.float16).reshape(2, 3))
    assert (array.shape, array.dtype, array.size) == ((2, 3), "float16", 6)
    assert array.read(2, 5).tolist() == [2, 3, 4]
    assert array.read(6, 6).shape == (0,)
    assert ArrayInMemory.of(np.float32(2)).read(0, 1).tolist() == [2]


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (3, 2), (0, 7)])
def test_places_that_do_not_exist_are_refused(start, stop):
    with pytest.raises(OutOfDomain, match="within 0 and 6"):
        ArrayInMemory.of(np.zeros(6)).read(start, stop)
