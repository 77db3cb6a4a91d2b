"""An exponentially weighted average of a year of temperatures, with its correction and without.

The year is drawn, but for the four values that a lecture gives: days 1 and 2, 180 and 181. How far
back an average looks has no one answer; what is printed are three, each a theorem
(`adamref derive windows`).
"""

import argparse
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
from descents import Momentum, watched
from pictures import curves

import adamref
from adamref import rules

DAYS = 365
GIVEN = {1: 4.0, 2: 4.95, 180: 15.0, 181: 14.6}
"""Degrees Celsius, by day."""

BETAS = ("0.5", "0.9", "0.98")


def year(seed=1):
    """Return a temperature for each day: a season, and weather that lasts for some days."""
    draw = np.random.default_rng(seed)
    day = np.arange(1, DAYS + 1)
    weather, weathers = 0.0, []
    for _ in day:
        weather = 0.7 * weather + draw.normal(scale=1.5)
        weathers.append(weather)
    found = 9.5 - 5.5 * np.cos(2 * np.pi * (day - 15) / DAYS) + np.array(weathers)
    for at, degrees in GIVEN.items():
        found[at - 1] = degrees
    return found.round(2)


def averaged(values, beta):
    """Return the average after each day as a program works it, and what was judged of it.

    It is the state of momentum, with the temperature for a gradient, and judged as such.
    """
    params, hyper = {"year": np.zeros(1)}, {"lr": 1.0, "beta1": float(beta)}
    optimizer = Momentum(params, **hyper)
    watch = watched(optimizer)
    found = []
    for value in values:
        optimizer.step({"year": np.array([value])})
        found.append(float(optimizer.state["year"]["m"][0]))
    return found, watch.report()


def corrected(values, beta):
    """Return the corrected average after each day: the exact one, of the decimals, rounded once."""
    steps = adamref.run(rules.EWA_CORRECTED, 0, [f"{x:.2f}" for x in values], beta1=beta)
    return [float(step.m_hat) for step in steps]


def windows(beta):
    """Return three answers to how far back an average looks, in days."""
    b = Fraction(beta)
    return {
        "as much as a plain mean of": float((1 + b) / (1 - b)),
        "mean age of what is in it": float(b / (1 - b)),
        "a weight falls to 1/e in": -1 / math.log(b),
    }


def main(days=DAYS, out=None):
    """Run it; return what was judged."""
    values = year()[:days]
    every, lines = [], {"temperature": values}
    for beta in BETAS:
        plain, judged = averaged(values, beta)
        right = corrected(values, beta)
        print(f"beta = {beta}")
        for says, size in windows(beta).items():
            print(f"  {says} {size:.2f} days")
        print(f"  day 2: {plain[1]:.4f}, corrected {right[1]:.4f}; {judged}")
        # It is a mean of what was, the newest with the greatest weight.
        far = range(1, len(values) + 1)
        assert all(values[:t].min() <= right[t - 1] <= values[:t].max() for t in far)
        every.append(judged)
        lines[f"beta = {beta}"] = plain
        if beta == "0.98":
            lines["beta = 0.98, corrected"] = right
    path = out and Path(out) / "temperatures.png"
    curves(path, "A year of temperatures, and averages", "day", "degrees Celsius", lines)
    return every


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--out", default="training")
    main(**vars(parser.parse_args()))
