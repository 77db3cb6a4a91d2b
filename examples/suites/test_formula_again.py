"""The test has the formula a second time, with tolerances: as tinygrad's and others have it."""

import numpy as np

from adamref.fast import Adam


def test_steps_agree_with_the_formula():
    rng = np.random.default_rng(1)
    theta = rng.standard_normal((3, 3)).astype(np.float32)
    mine, m, v = theta.copy(), np.zeros_like(theta), np.zeros_like(theta)
    optimizer = Adam([theta], lr=1e-3)
    for t in range(1, 11):
        g = rng.standard_normal((3, 3)).astype(np.float32)
        optimizer.step([g])
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        mine = mine - 1e-3 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    np.testing.assert_allclose(theta, mine, rtol=1e-4, atol=1e-5)
