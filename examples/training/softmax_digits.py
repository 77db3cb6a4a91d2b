"""A softmax of 784 inputs and 10 classes on real digits, each of its steps judged."""

import argparse
from pathlib import Path

import numpy as np
from digits import by_element, images, right, right_by_element
from early import trained
from layers import Network
from pictures import curves


def main(epochs=12, train=4000, out=None):
    """Run it; return what was judged."""
    data = images(train)
    network = Network((784, 10))
    _, _, x, y = data
    nothing = np.full((len(y), 10), 0.1)
    print(f"a uniform softmax: {right_by_element(nothing, y):.4f} of the elements are right")
    assert right_by_element(nothing, y) == by_element(nothing, y) == 0.9
    made = trained(network, data, epochs=epochs, says="softmax")
    p = network.predict(x)
    print(
        f"after {len(made.train)} epochs, the best of them {made.best + 1}: validation loss "
        f"{made.valid[made.best]:.4f}\n"
        f"digits read right {right(p, y):.2%}; elements right {right_by_element(p, y):.4f}"
    )
    assert abs(right_by_element(p, y) - by_element(p, y)) < 1e-9
    print(made.watch.report())
    lines = {"training": made.train, "validation": made.valid}
    path = out and Path(out) / "softmax-digits.png"
    curves(path, "784-10 softmax on 5,000 digits", "epoch", "mean cross-entropy", lines)
    return made.watch.report()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--out", default="training")
    main(**vars(parser.parse_args()))
