"""A parabola is solved to 3 %: the criterion of optax's tests of its aliases."""

import numpy as np
import pytest

from adamref.fast import Adam


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_optimum_is_reached(dtype):
    optimum = np.array([-1.0, 1.0], dtype)
    point = np.array([-10.0, 10.0], dtype)
    optimizer = Adam([point], lr=1e-1)
    for _ in range(400):
        optimizer.step([2 * (point - optimum)])
    np.testing.assert_allclose(point, optimum, rtol=3e-2, atol=3e-2)
