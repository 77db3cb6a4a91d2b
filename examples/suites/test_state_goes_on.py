"""A run that is loaded goes on as one that was not: as torch's tests of states have it."""

import numpy as np

from adamref.fast import Adam


def run(steps, optimizer, theta, rng):
    for _ in range(steps):
        optimizer.step([2 * theta + rng.standard_normal(4)])


def test_a_loaded_state_goes_on_alike():
    one = np.array([1.0, -2.0, 3.0, 0.5])
    first = Adam([one], lr=1e-2)
    run(10, first, one, np.random.default_rng(2))
    two = one.copy()
    second = Adam([two], lr=1e-2)
    second.load_state_dict(first.state_dict())
    run(10, first, one, np.random.default_rng(3))
    run(10, second, two, np.random.default_rng(3))
    np.testing.assert_allclose(one, two)


def test_it_moves_and_counts():
    theta = np.zeros(2)
    optimizer = Adam([theta])
    optimizer.step([np.ones(2)])
    assert optimizer.t == 1
    assert not np.allclose(theta, 0)
