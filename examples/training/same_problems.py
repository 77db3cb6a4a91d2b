"""Five optimizers on the same problems, each step of each of them judged."""

import argparse
from pathlib import Path

import numpy as np
from descents import EACH, watched
from pictures import curves


def bowl(x):
    """Return the value and the gradient of a bowl a hundred times as steep one way as the other."""
    steep = np.array([1, 100], x.dtype)
    return float(np.sum(steep * x * x) / 2), steep * x


def banana(x):
    """Return those of Rosenbrock's valley."""
    a, b = x
    rest = b - a * a
    value = (1 - a) ** 2 + 100 * rest**2
    return float(value), np.array([-2 * (1 - a) - 400 * a * rest, 200 * rest], x.dtype)


def noisy(x, draw):
    """Return those of a round bowl, its gradient with noise of the size of the start."""
    return float(np.sum(x * x) / 2), x + draw.normal(size=2).astype(x.dtype)


PROBLEMS = {
    "a bowl": (bowl, (1.0, 1.0), {"gradient descent": 0.01, "momentum": 0.02}),
    "Rosenbrock's valley": (banana, (-1.2, 1.0), {"gradient descent": 1e-3, "momentum": 1e-3}),
    "a noisy bowl": (noisy, (2.0, -1.0), {"gradient descent": 0.05, "momentum": 0.05}),
}
RATES = {"RMSprop": 0.01, "AdaGrad": 0.3, "Adam": 0.05}


def run(problem, steps):
    """Return the values along the way, and what was judged, by optimizer."""
    gradient, start, rates = PROBLEMS[problem]
    found = {}
    for name, (make, others) in EACH.items():
        draw = np.random.default_rng(7)
        params = {"x": np.array(start, np.float32)}
        hyper = {"lr": {**RATES, **rates}[name], **others}
        optimizer = make(params, **hyper)
        watch = watched(optimizer, **make.watched)
        values = []
        for _ in range(steps):
            value, g = gradient(params["x"], draw) if gradient is noisy else gradient(params["x"])
            values.append(value)
            optimizer.step({"x": g})
        found[name] = values, watch.report()
    return found


def main(steps=100, out=None):
    """Run all; return what was judged."""
    every = []
    for problem in PROBLEMS:
        found = run(problem, steps)
        print(f"\n{problem}: after {steps} steps")
        for name, (values, judged) in found.items():
            print(f"  {name:16} value {values[-1]:.3g}; {judged}")
            every.append(judged)
        lines = {name: np.maximum(values, 1e-12) for name, (values, _) in found.items()}
        name = problem.replace("'", "").replace(" ", "-").lower()
        path = out and Path(out) / f"same-problems-{name}.png"
        curves(path, f"Five optimizers on {problem}", "step", "value", lines, log=True)
    return every


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--out", default="training")
    main(**vars(parser.parse_args()))
