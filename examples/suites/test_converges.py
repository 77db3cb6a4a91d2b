"""The loss of a small problem goes down: what torch's own tests and most others ask."""

import numpy as np

from adamref.fast import Adam


def test_the_loss_is_less_after_some_steps():
    rng = np.random.default_rng(0)
    weight, bias, x = rng.standard_normal((10, 5)), rng.standard_normal(10), rng.standard_normal(5)
    optimizer = Adam([weight, bias], lr=1e-3)

    def loss():
        return np.sum((weight @ x + bias) ** 2)

    before = loss()
    for _ in range(200):
        residual = 2 * (weight @ x + bias)
        optimizer.step([np.outer(residual, x), residual])
    assert loss() < before


def test_rosenbrock_goes_down():
    point = np.array([-1.5, 1.5])
    optimizer = Adam([point], lr=1e-2)

    def value():
        x, y = point
        return (1 - x) ** 2 + 100 * (y - x * x) ** 2

    before = value()
    for _ in range(300):
        x, y = point
        optimizer.step([np.array([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)])])
    assert value() < before
