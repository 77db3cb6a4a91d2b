"""The loop over mini-batches: each example once an epoch, and the mean is that of the batch.

5,000 examples in five batches of 1,000. The loss of a batch is divided by the examples that are in
it, 1,000, and not by all, 5,000: the averaged gradient of the batches is then that of all examples,
exactly; divided by 5,000 it is a fifth of that.
"""

import argparse
from fractions import Fraction
from pathlib import Path

import numpy as np
from descents import Moments, watched
from pictures import curves

HYPER = {"lr": 0.05, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}


def examples(count, seed=5):
    """Return whole numbers x and y, about on a line, so that sums of them are exact."""
    draw = np.random.default_rng(seed)
    x = draw.integers(-8, 9, count)
    return x, 3 * x - 4 + draw.integers(-2, 3, count)


def batches(count, size, draw):
    """Yield the numbers of the examples of each batch: every one once, in another order."""
    order = draw.permutation(count)
    for start in range(0, count, size):
        yield order[start : start + size]


def gradient(w, b, x, y, over):
    """Return the gradient of ``sum((w*x + b - y)**2) / over``."""
    rest = w * x + b - y
    return 2 * (rest * x).sum() / over, 2 * rest.sum() / over


def averaged(count, size, over):
    """Return the mean of the batches' gradients and the gradient of all, as fractions."""
    x, y = (np.array([Fraction(int(i)) for i in z], object) for z in examples(count))
    w, b = Fraction(1, 2), Fraction(-1, 3)
    every = list(batches(count, size, np.random.default_rng(0)))
    parts = [gradient(w, b, x[i], y[i], over) for i in every]
    mean = tuple(sum(p[k] for p in parts) / len(parts) for k in (0, 1))
    return mean, gradient(w, b, x, y, count)


def train(count, size, epochs):
    """Train a line; return the losses, how often each example was seen, and what was judged."""
    x, y = examples(count)
    params = {"line": np.zeros(2)}
    optimizer = Moments(params, **HYPER)
    watch = watched(optimizer)
    draw, losses, seen = np.random.default_rng(1), [], np.zeros(count, int)
    for _ in range(epochs):
        for i in batches(count, size, draw):
            seen[i] += 1
            w, b = params["line"]
            losses.append(float(np.mean((w * x[i] + b - y[i]) ** 2)))
            optimizer.step({"line": np.array(gradient(w, b, x[i], y[i], len(i)))})
    return losses, seen, watch.report(), params["line"]


def main(count=5000, size=1000, epochs=40, out=None):
    """Run it; return what was judged."""
    for over in (size, count):
        mean, full = averaged(count, size, over)
        ratio = mean[0] / full[0]
        print(f"divided by {over}: the averaged gradient is {ratio} of that of all examples")
        assert ratio == mean[1] / full[1] == Fraction(size, over)
    losses, seen, judged, line = train(count, size, epochs)
    print(f"each example was seen {seen.min()} to {seen.max()} times in {epochs} epochs")
    print(f"the line is {line[0]:.4f} x {line[1]:+.4f}; the last loss {losses[-1]:.3f}")
    print(judged)
    path = out and Path(out) / "mini-batches.png"
    curves(path, "Mini-batches of 1,000", "step", "loss of the batch", {"Adam": losses}, log=True)
    assert (seen == epochs).all()
    return judged


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--out", default="training")
    main(**vars(parser.parse_args()))
