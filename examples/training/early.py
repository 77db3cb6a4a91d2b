"""Training of a network that stops early, and returns the parameters that validated best."""

import sys
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from descents import Moments, watched
from digits import right
from layers import Network, cross_entropy
from rich.console import Console
from rich.progress import track

HYPER = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}


@dataclass
class Training:
    """What a training gave.

    Attributes
    ----------
    network : Network
        With the parameters of the best epoch.
    watch : adamref.watching.handle.Watch
        Of its steps.
    train, valid, rights : list of float
        By epoch: the loss of the batches, that of validation, and the share of digits read right.
    best : int
        The epoch that validated best, from 0.
    """

    network: Network
    watch: Any
    train: list = field(default_factory=list)
    valid: list = field(default_factory=list)
    rights: list = field(default_factory=list)
    best: int = 0


def trained(network, data, *, epochs, size=100, patience=5, penalty=None, seed=1, says="epochs"):
    """Train until validation has not been better for some epochs, or all are over.

    Parameters
    ----------
    network : Network
    data : tuple of arrays
        x and y to train by, x and y to validate.
    epochs, size, patience : int
        How many at most, images in a batch, and how many epochs without a better one end it.
    penalty : callable, optional
        See `Network.gradients`.
    """
    x, y, x_valid, y_valid = data
    params = network.params
    optimizer = Moments(params, **HYPER)
    made, best = Training(network, watched(optimizer)), None
    draw = np.random.default_rng(seed)
    bar = {"console": Console(stderr=True), "transient": True, "disable": not sys.stderr.isatty()}
    for epoch in track(range(epochs), says, **bar):
        losses = []
        order = draw.permutation(len(y))
        for start in range(0, len(y), size):
            at = order[start : start + size]
            loss, grads = network.gradients(x[at], y[at], penalty)
            optimizer.step(grads)
            losses.append(loss)
        p = network.predict(x_valid)
        made.train.append(float(np.mean(losses)))
        made.valid.append(cross_entropy(p, y_valid))
        made.rights.append(right(p, y_valid))
        if best is None or made.valid[-1] < made.valid[made.best]:
            made.best, best = epoch, {key: z.copy() for key, z in params.items()}
        elif epoch - made.best >= patience:
            break
    for key, z in (best or {}).items():
        params[key][...] = z
    return made
