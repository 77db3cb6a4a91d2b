"""A network of 4 inputs and layers of 5, 3 and 2, in lists of weights and biases, trained by Adam.

51 parameters, and 102 numbers of state. Beside it stands an update that divides m by 1 - beta1 and
v by 1 - beta2 at every step: the corrections of the first step, for good. The step is then r_t
times the right one, r_t = (1 - beta1^t)/(1 - beta1) / sqrt((1 - beta2^t)/(1 - beta2)), but for
epsilon: 1 at first, 2.0771 at most, at t = 12, and sqrt(1 - beta2)/(1 - beta1) = 0.3162 in the end.
`adamref check five_three_two:constant_step` names it.
"""

import argparse
from itertools import pairwise
from pathlib import Path

import numpy as np
from descents import Descent, Moments, watched
from pictures import curves

SIZES = (4, 5, 3, 2)
HYPER = {"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}


def constant_step(theta, grad, state, *, lr, beta1, beta2, eps):
    """Take a step with the corrections of the first one, whatever t is."""
    old = state or {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}
    m = beta1 * old["m"] + (1 - beta1) * grad
    v = beta2 * old["v"] + (1 - beta2) * grad**2
    m_fit, v_fit = m / (1 - beta1), v / (1 - beta2)
    theta = theta - (lr * m_fit) / (eps + np.sqrt(v_fit))
    return theta, {"m": m, "v": v, "t": old["t"] + 1}


class Constant(Descent):
    """The same as an optimizer."""

    rule, states = "adam", ("m", "v")

    def change(self, state, g, **hyper):
        """Return what is taken from theta."""
        moved, made = constant_step(np.zeros_like(g), g, {**state, "t": 0}, **hyper)
        state |= {"m": made["m"], "v": made["v"]}
        return -moved


def ratio(t, beta1=0.9, beta2=0.999):
    """Return r_t."""
    return (1 - beta1**t) / (1 - beta1) / np.sqrt((1 - beta2**t) / (1 - beta2))


def network(seed=4):
    """Return weights and biases, a list each, and all of them by name."""
    draw = np.random.default_rng(seed)
    pairs = list(pairwise(SIZES))
    weights = [draw.normal(size=pair) / np.sqrt(pair[0]) for pair in pairs]
    biases = [np.zeros(width) for _, width in pairs]
    named = {f"W{i}": x for i, x in enumerate(weights)} | {f"b{i}": x for i, x in enumerate(biases)}
    return weights, biases, named


def examples(count=64, seed=6):
    """Return inputs, and two smooth functions of them."""
    x = np.random.default_rng(seed).normal(size=(count, 4))
    return x, np.column_stack([np.tanh(x[:, 0] - x[:, 1]), np.sin(x[:, 2]) * np.cos(x[:, 3])])


def forward(weights, biases, x):
    """Return what each layer gives: tanh in between, the last one as it is."""
    layers = [x]
    for i, (w, b) in enumerate(zip(weights, biases, strict=True)):
        z = layers[-1] @ w + b
        layers.append(np.tanh(z) if i < len(weights) - 1 else z)
    return layers


def gradients(weights, biases, x, y):
    """Return the mean squared error and its gradient, by name."""
    layers = forward(weights, biases, x)
    rest = layers[-1] - y
    back, found = 2 * rest / rest.size, {}
    for i in range(len(weights) - 1, -1, -1):
        found[f"W{i}"], found[f"b{i}"] = layers[i].T @ back, back.sum(axis=0)
        back = (back @ weights[i].T) * (1 - layers[i] ** 2)
    return float(np.mean(rest**2)), found


def train(make, steps):
    """Train the network; return the losses and what was judged."""
    x, y = examples()
    weights, biases, params = network()
    optimizer = make(params, **HYPER)
    watch, losses = watched(optimizer), []
    held = [x for state in optimizer.state.values() for n, x in state.items() if n != "t"]
    counts = sum(x.size for x in params.values()), sum(x.size for x in held)
    assert counts == (51, 102)
    for _ in range(steps):
        loss, grads = gradients(weights, biases, x, y)
        losses.append(loss)
        optimizer.step(grads)
    return losses, watch.report()


def main(steps=150, out=None):
    """Run both; return what was judged of the right one and of the other."""
    found = {
        name: train(make, steps) for name, make in (("right", Moments), ("constant", Constant))
    }
    for name, (losses, judged) in found.items():
        print(f"{name:9} loss {losses[-1]:.4f}; {judged}")
    ratios = [ratio(t) for t in range(1, 100_001)]
    at = int(np.argmax(ratios)) + 1
    print(f"r_t is greatest at t = {at}: {ratios[at - 1]:.4f}; in the end {ratios[-1]:.4f}")
    assert at == 12
    lines = {"with corrections": found["right"][0], "with those of t = 1": found["constant"][0]}
    where = out and Path(out)
    title = "4-5-3-2, trained by Adam"
    curves(
        where and where / "five-three-two.png", title, "step", "mean squared error", lines, log=True
    )
    places = np.unique(np.geomspace(1, 100_000, 400).astype(int))
    heights = {"r_t": (np.log10(places), [ratio(int(t)) for t in places])}
    title = "How many times the right step"
    curves(where and where / "constant-correction.png", title, "log10 t", "r_t", heights)
    return found["right"][1], found["constant"][1]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--out", default="training")
    main(**vars(parser.parse_args()))
