"""L1 and L2 on the softmax of the digits, and an L1 without its absolute value.

- L1 adds the rate times the sum of |w|; its slope is the rate, with the sign of w. L2 adds the rate
  times the sum of w²; its slope is 2 rate w. So L2 pulls harder only where |w| > 1/2, and which of
  the two is "more aggressive" is a matter of how large the weights are: here all are smaller.
- Written without the absolute value, the penalty has the slope of the rate everywhere: it pulls no
  weight to 0, but all of them down, without end, and the loss below any bound.
"""

import argparse
from pathlib import Path

import numpy as np
from digits import images, right
from early import trained
from layers import Network
from pictures import curves

RATE = 1e-3


def l1(w):
    """Return what L1 adds, and its slope."""
    return RATE * float(np.abs(w).sum()), np.float32(RATE) * np.sign(w)


def l2(w):
    """Return what L2 adds, and its slope."""
    return RATE * float((w * w).sum()), np.float32(2 * RATE) * w


def no_absolute_value(w):
    """Return what the sum of the weights themselves adds, and its slope."""
    return RATE * float(w.sum()), np.full_like(w, RATE)


EACH = {"none": None, "L1": l1, "L2": l2, "L1 without | |": no_absolute_value}


def main(epochs=8, train=2000, out=None):
    """Run all; return each network's weights, and what was judged of its steps."""
    data = images(train)
    found, lines = {}, {}
    for name, penalty in EACH.items():
        network = Network((784, 10))
        made = trained(network, data, epochs=epochs, patience=epochs, penalty=penalty, says=name)
        w, p = network.params["W0"], network.predict(data[2])
        size = np.abs(w)
        print(
            f"{name:15} loss {made.train[-1]:8.4f}, digits {right(p, data[3]):.2%}; weights: sum "
            f"{w.sum():.2f}, of sizes {size.sum():.1f}, of squares {(w * w).sum():.2f}; above 1/2 "
            f"{np.mean(size > 0.5):.2%}, below 0.001 {np.mean(size < 1e-3):.1%}"
        )
        print(f"{'':15} {made.watch.report()}")
        found[name], lines[name] = (w, made.watch.report()), made.train
    path = out and Path(out) / "penalties.png"
    curves(path, "Penalties on a softmax of digits", "epoch", "loss with its penalty", lines)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--out", default="training")
    main(**vars(parser.parse_args()))
