"""One logistic unit with cross-entropy: its gradient against differences, and its training.

With ``p = 1 / (1 + exp(-(w x + b)))`` the gradient of the mean cross-entropy is ``(p - y) x`` and
``p - y`` in the mean; the derivative of the logistic function cancels.
"""

import argparse
from pathlib import Path

import numpy as np
from descents import EACH, watched
from pictures import curves

RATES = {"gradient descent": 1.0, "momentum": 1.0, "RMSprop": 0.02, "AdaGrad": 0.5, "Adam": 0.05}


def examples(count=200, seed=3):
    """Return points of two clouds that overlap, and which cloud each is of."""
    draw = np.random.default_rng(seed)
    y = draw.integers(0, 2, count)
    return draw.normal(size=(count, 2)) + np.where(y[:, None] == 1, 1.0, -1.0), y.astype(float)


def loss(theta, x, y):
    """Return the mean cross-entropy, of ``log(1 + exp(z)) - y z`` so that nothing overflows."""
    z = x @ theta[:-1] + theta[-1]
    return float(np.mean(np.logaddexp(0, z) - y * z))


def gradient(theta, x, y):
    """Return the gradient of it."""
    z = x @ theta[:-1] + theta[-1]
    rest = np.exp(-np.logaddexp(0, -z)) - y
    return np.append(rest @ x, rest.sum()) / len(y)


def difference(theta, x, y, h=2.0**-12):
    """Return the gradient by central differences: off by h²/6 of the third derivative."""
    units = h * np.eye(len(theta))
    return np.array([(loss(theta + e, x, y) - loss(theta - e, x, y)) / (2 * h) for e in units])


def allowed(theta, x, y, h=2.0**-12):
    """Return how far the differences may be off.

    The third derivative of log(1 + exp(z)) is at most 1/(6 sqrt(3)) in size, so that of the loss
    along one axis is at most that times the mean of the cubes |x|³; and the two losses, each off by
    some roundings of the sum, are divided by 2 h.
    """
    wide = np.column_stack([x, np.ones(len(y))])
    third = np.mean(np.abs(wide) ** 3, axis=0) / (6 * np.sqrt(3))
    rounding = 4 * len(y) * np.finfo(float).eps * max(loss(theta, x, y), 1)
    return h * h / 6 * third + rounding / h


def main(steps=100, out=None):
    """Run it; return what was judged."""
    x, y = examples()
    draw = np.random.default_rng(8)
    worst = 0.0
    for theta in 3 * draw.normal(size=(50, 3)):
        off = np.abs(gradient(theta, x, y) - difference(theta, x, y))
        worst = max(worst, float(np.max(off / allowed(theta, x, y))))
    print(f"at 50 places: at most {worst:.2f} of what central differences may be off")
    assert worst <= 1
    every, lines = [], {}
    for name, (make, others) in EACH.items():
        params, hyper = {"unit": np.zeros(3)}, {"lr": RATES[name], **others}
        optimizer = make(params, **hyper)
        watch = watched(optimizer, **make.watched)
        lines[name] = []
        for _ in range(steps):
            lines[name].append(loss(params["unit"], x, y))
            optimizer.step({"unit": gradient(params["unit"], x, y)})
        right = np.mean((x @ params["unit"][:-1] + params["unit"][-1] > 0) == (y == 1))
        print(f"  {name:16} loss {lines[name][-1]:.4f}, {right:.1%} right; {watch.report()}")
        every.append(watch.report())
    path = out and Path(out) / "logistic-unit.png"
    curves(path, "One logistic unit", "step", "mean cross-entropy", lines)
    return every


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--out", default="training")
    main(**vars(parser.parse_args()))
