"""Adapters declare themselves: those of the package by being there, others by an entry point."""

from __future__ import annotations

import json
import os
import pkgutil
import re
import subprocess
import sys

import numpy as np
import pytest

import check_targets as targets
import packages
from adamref.oracle.observe import adapters
from adamref.oracle.observe.calling.adapter import Adapter
from adamref.oracle.observe.sessions.declared import GROUP, declared
from adamref.oracle.observe.sessions.detect import chosen
from adamref.oracle.observe.sessions.session import Start

OUTSIDE = '''
import numpy as np

from adamref.oracle.observe.calling.adapter import Adapter
from adamref.oracle.observe.calling.names import Words
from adamref.oracle.observe.calling.signs import by_methods
from adamref.oracle.observe.calling.values import cast


class Sprung:
    """Adam over a list of arrays, in a form of its own."""

    def __init__(self, arrays, pace=0.001, b1=0.9, b2=0.999, eps=1e-8):
        self.arrays, self.hyper = arrays, [pace, b1, b2, eps]
        self.moments = [{"mean": 0 * x, "square": 0 * x, "n": 0} for x in arrays]

    def advance(self, grads):
        pace, b1, b2, eps = self.hyper
        for x, g, s in zip(self.arrays, grads, self.moments, strict=True):
            s["n"] += 1
            s["mean"] = b1 * s["mean"] + (1 - b1) * g
            s["square"] = b2 * s["square"] + (1 - b2) * g * g
            root = np.sqrt(s["square"] / (1 - b2 ** s["n"]))
            x -= pace * (s["mean"] / (1 - b1 ** s["n"])) / (root + eps)


class SprungAdapter(Adapter):
    name = "sprung"
    order = 80
    words = Words({"lr": "pace"})
    states = {"m": ("mean",), "v": ("square",)}
    counters = ("n",)

    @classmethod
    def recognises(cls, target):
        return by_methods(target, "advance")

    def begin(self):
        self.arrays = [self._array(x) for x in self._start.thetas]
        self.optimizer = self._make(self.arrays, **self._keywords)

    def _set_rate(self, lr):
        self.optimizer.hyper[0] = lr

    def update(self, grads):
        self.optimizer.advance(grads)

    def theta(self, i):
        return self.arrays[i]

    def entries(self, i):
        return self.optimizer.moments[i]

    def put(self, i, name, value, kind):
        state = self.optimizer.moments[i]
        state[name] = cast(state[name], value, kind)

    def place(self, tensors):
        for array, held in zip(self.arrays, tensors, strict=True):
            array[...] = held.theta
'''


def test_every_module_is_one_adapter_with_a_name_and_a_place_of_its_own():
    modules = {x.name for x in pkgutil.iter_modules(adapters.__path__)}
    own = [x for x in declared().values() if x.__module__.startswith(adapters.__name__)]
    assert sorted(x.__module__.rpartition(".")[2] for x in own) == sorted(modules)
    assert list(declared())[:5] == ["function", "torch", "optax", "keras", "class"]
    assert len({x.order for x in own}) == len(own)


@pytest.fixture
def outside(tmp_path):
    """An installed package with an adapter: a folder that Python finds, and its metadata."""
    packages.written(tmp_path, "sprung", {GROUP: "sprung = sprung:SprungAdapter"}, sprung=OUTSIDE)
    return {**os.environ, "PYTHONPATH": str(tmp_path)}


def ran(argv, env):
    return subprocess.run(argv, env=env, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("chosen_by", [["--adapter", "sprung"], []])
def test_an_adapter_of_another_package_reaches_what_it_recognises(outside, chosen_by):
    argv = [sys.executable, "-m", "adamref", "check", "sprung:Sprung", "--format", "json"]
    for probe in ("random-generic-float32", "random-state-float32", "random-rate-tiny-float32"):
        argv += ["--probes", probe]
    done = ran([*argv, *chosen_by], outside)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["verdict"] == "conforms"
    assert {x["verdict"] for x in report["probes"]} == {"holds"}
    assert report["accuracy"]["m"] is not None


@pytest.mark.slow
def test_an_unknown_adapter_is_told_with_those_of_other_packages(outside):
    argv = [sys.executable, "-m", "adamref", "check", "sprung:Sprung", "--adapter", "spring"]
    done = ran(argv, outside)
    assert done.returncode == 2
    assert re.search(r"'spring' is unknown; known are function, .*, sprung", done.stderr)


def test_a_package_that_is_missing_is_named_with_the_extra_that_brings_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match=r"torch is not installed, .*: pip install 'torch==2"):
        chosen(targets.step, "torch")


def test_a_state_of_any_name_is_shown_and_loaded():
    def step(theta, grad, state, *, lr, gamma):
        s = state or {"z": np.zeros_like(theta)}
        z = gamma * s["z"] + grad
        return theta - lr * z, {"z": z}

    adapter = chosen(step)
    assert isinstance(adapter, Adapter)
    theta, hyper = np.array([0.5, 2.0]), {"lr": 0.25, "gamma": 0.5}
    start = Start("float64", "adam", (theta,), hyper, states=("z",), timed=False)
    abilities = adapter.start(start)
    assert abilities.controls == {"lr", "gamma"}
    assert "load" in abilities.can
    adapter.step([np.ones(2)])
    (held,) = adapter.step([np.ones(2)])
    np.testing.assert_array_equal(held.states["z"], [1.5, 1.5])
    adapter.load([held])
    (again,) = adapter.step([np.ones(2)])
    np.testing.assert_array_equal(again.states["z"], [1.75, 1.75])
