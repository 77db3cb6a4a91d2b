"""Networks of layers: ReLU in between, a softmax at the end, in float32."""

from itertools import pairwise

import numpy as np

LEAST = 1e-10
"""What a probability is clipped to before its logarithm is taken."""


def softmax(z):
    """Return probabilities; the greatest of a row is taken off first, so that none overflows."""
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def cross_entropy(p, y):
    """Return the mean of ``-log p`` of the right classes, of probabilities that are clipped."""
    return float(-np.mean(np.log(np.clip(p[np.arange(len(y)), y], LEAST, 1))))


class Network:
    """A network.

    Parameters
    ----------
    sizes : sequence of int
        Of the inputs, each layer, and the classes.
    seed : int
    drop : sequence of float
        With which probability a number goes out that comes out of each layer in between; those
        that stay are divided by 1 - drop, so that their mean stays. Nothing is dropped but in
        training.
    """

    def __init__(self, sizes, seed=0, drop=()):
        draw = np.random.default_rng(seed)
        self.params = {}
        for i, (m, n) in enumerate(pairwise(sizes)):
            scale = np.sqrt(2 / m) if i < len(sizes) - 2 else 0.01
            self.params[f"W{i}"] = (scale * draw.normal(size=(m, n))).astype(np.float32)
            self.params[f"b{i}"] = np.zeros(n, np.float32)
        self.depth, self._draw = len(sizes) - 1, draw
        self.drop = tuple(drop) or (0.0,) * (self.depth - 1)

    def forward(self, x, *, training=False):
        """Return what each layer gives, the probabilities last, and what was kept of each."""
        layers, masks = [x], []
        for i in range(self.depth):
            z = layers[-1] @ self.params[f"W{i}"] + self.params[f"b{i}"]
            if i == self.depth - 1:
                layers.append(softmax(z))
                break
            rate = self.drop[i] if training else 0.0
            kept = (self._draw.random(z.shape) >= rate).astype(np.float32) / np.float32(1 - rate)
            masks.append(kept)
            layers.append(np.maximum(z, 0) * kept)
        return layers, masks

    def gradients(self, x, y, penalty=None):
        """Return the mean cross-entropy, with its penalty, and its gradient.

        Parameters
        ----------
        x : array, shape (examples, inputs)
        y : array of int
        penalty : callable, optional
            Of a matrix of weights: what it adds to the loss, and the gradient of that.
        """
        layers, masks = self.forward(x, training=True)
        back = layers[-1].copy()
        back[np.arange(len(y)), y] -= 1
        back /= np.float32(len(y))
        loss, found = cross_entropy(layers[-1], y), {}
        for i in range(self.depth - 1, -1, -1):
            found[f"W{i}"], found[f"b{i}"] = layers[i].T @ back, back.sum(axis=0)
            if i:
                back = (back @ self.params[f"W{i}"].T) * masks[i - 1] * (layers[i] > 0)
            if penalty is not None:
                more, slope = penalty(self.params[f"W{i}"])
                loss += more
                found[f"W{i}"] += slope
        return loss, found

    def predict(self, x):
        """Return the probabilities."""
        return self.forward(x)[0][-1]
