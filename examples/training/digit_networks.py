"""Networks of 2 to 5 layers on the digits, with dropout at one rate and at graded ones."""

import argparse
from pathlib import Path

from digits import images, right
from early import trained
from layers import Network
from pictures import curves

EACH = {
    "784-300-10": ((784, 300, 10), ()),
    "784-300-100-10": ((784, 300, 100, 10), ()),
    "784-400-200-100-10": ((784, 400, 200, 100, 10), ()),
    "the same, dropout 0.3": ((784, 400, 200, 100, 10), (0.3, 0.3, 0.3)),
    "the same, graded": ((784, 400, 200, 100, 10), (0.3, 0.2, 0.1)),
    "784-400-200-100-50-10": ((784, 400, 200, 100, 50, 10), ()),
}
"""Sizes, and how probably a number goes out after each layer in between."""


def main(epochs=8, train=2000, out=None):
    """Run all; return what was judged."""
    data = images(train)
    every, lines = [], {}
    for name, (sizes, drop) in EACH.items():
        network = Network(sizes, drop=drop)
        made = trained(network, data, epochs=epochs, patience=3, says=name)
        rights = right(network.predict(data[2]), data[3])
        gap = made.valid[made.best] - made.train[made.best]
        print(
            f"{name:22} best of {len(made.train)} epochs: {made.best + 1}; validation loss "
            f"{made.valid[made.best]:.4f}, {gap:+.4f} to training; digits {rights:.2%}"
        )
        print(f"{'':22} {made.watch.report()}")
        every.append(made.watch.report())
        lines[name] = made.valid
    path = out and Path(out) / "digit-networks.png"
    curves(path, "Networks on digits", "epoch", "validation loss", lines)
    return every


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--out", default="training")
    main(**vars(parser.parse_args()))
