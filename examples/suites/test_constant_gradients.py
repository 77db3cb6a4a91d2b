"""Ten steps with the same gradients against a recorded sequence: as Keras's tests have it."""

import numpy as np

from adamref.fast import Adam


def test_ten_steps_of_the_same_gradients():
    theta = np.ones(10, np.float32)
    optimizer = Adam([theta], lr=1.0, eps=1e-7)
    grads = np.arange(0.1, 1.1, 0.1, dtype=np.float32)
    recorded = [[1.0 - n] * 10 for n in range(1, 6)]
    for row in recorded:
        optimizer.step([grads])
        np.testing.assert_allclose(theta, row, rtol=1e-5, atol=1e-5)
