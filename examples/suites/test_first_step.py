"""One step, whose values were printed once: as courses and their graders have it."""

import numpy as np

from adamref.fast import Adam


def test_one_step_with_the_values_of_the_sheet():
    theta = np.array([1.0, 2.0])
    optimizer = Adam([theta], lr=0.1)
    optimizer.step([np.array([0.5, -0.5])])
    np.testing.assert_allclose(theta, [0.9, 2.1], rtol=1e-4)
    np.testing.assert_allclose(optimizer.state["0"]["m"], [0.05, -0.05], rtol=1e-4)
    np.testing.assert_allclose(optimizer.state["0"]["v"], [0.00025, 0.00025], rtol=1e-4)
