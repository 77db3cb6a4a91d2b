"""The implementations in examples/check answer the protocol, and are right."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from adamref import fast
from adamref.oracle.observe.sessions.opened import opened
from adamref.oracle.observe.sessions.session import Failed, Held, Start

EXAMPLES = Path(__file__).parents[2] / "examples" / "check"
README = EXAMPLES / "README.md"
HYPER = {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.1}
THETAS = (np.array([0.5, 2.0, -0.0]), np.array([[1.0], [3.0]]))
GRADS = ([-15.0, 0.25, 0.0], [[1e-3], [-1e4]])
STEPS = {
    "adam": fast.Adam,
    "adam-l2": fast.Adam,
    "adamw": fast.AdamW,
    "amsgrad": fast.AMSGrad,
}


@pytest.fixture(scope="session")
def compiled(tmp_path_factory):
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if not compiler or not README.exists():
        pytest.skip("no C compiler, or no examples: the implementation in C is NOT tried here")
    program = tmp_path_factory.mktemp("check") / "adam"
    options = ["-std=c99", "-O2", "-Wall", "-Wextra", "-Werror", "-pedantic"]
    source = EXAMPLES / "adam.c"
    subprocess.run([compiler, *options, "-o", program, source, "-lm"], check=True)
    return str(program)


@pytest.fixture
def asked(request):
    """Return a function that gives a session with an example."""
    sessions = []

    def found(name):
        if not README.exists():
            pytest.skip("no examples: they are NOT tried here")
        if name == "c":
            made = opened(command=request.getfixturevalue("compiled"))
        elif name == "node":
            if not shutil.which("node"):
                pytest.skip("no node: the implementation in JavaScript is NOT tried here")
            made = opened(command=f"node '{EXAMPLES / 'adam.mjs'}'", timeout=20)
        else:
            request.getfixturevalue("monkeypatch").syspath_prepend(EXAMPLES)
            made = opened("adam_numpy:step")
        sessions.append(made.session)
        return made.session

    yield found
    for session in sessions:
        session.close()


def expected(dtype, optimizer, hyper, loaded=None):
    """Return three steps of `adamref.fast`, the second without a gradient of the first tensor."""
    names = {"amsgrad": ()}.get(optimizer, ("weight_decay",))
    betas = (hyper["beta1"], hyper["beta2"])
    arrays = [theta.astype(dtype) for theta in THETAS]
    given = {name: hyper[name] for name in ("lr", "eps", *names)}
    made = STEPS[optimizer](arrays, betas=betas, **given)
    if loaded:
        for i, held in enumerate(loaded):
            arrays[i][...] = held.theta
            made.state[str(i)].update(
                t=held.t, **{n: x.astype(dtype) for n, x in held.states.items()}
            )
    grads = [np.array(g, dtype) for g in GRADS]
    for given in (grads, [None, grads[1]], grads):
        made.step(given)
        states = [made.state[str(i)] for i in range(2)]
        yield [x.copy() for x in arrays], [{n: np.copy(x) for n, x in s.items()} for s in states]


def compared(session, dtype, steps):
    grads = [np.array(g) for g in GRADS]
    near = {"rtol": 8 * np.finfo(dtype).eps, "atol": 1e-12}
    for given, (thetas, states) in zip((grads, [None, grads[1]], grads), steps, strict=True):
        for held, theta, state in zip(session.step(given), thetas, states, strict=True):
            assert held.t == state["t"]
            assert set(held.dtypes.values()) == {dtype}
            assert not held.remarks
            np.testing.assert_allclose(held.theta, theta, **near)
            for name, values in held.states.items():
                np.testing.assert_allclose(held.states[name], state[name], **near)
                assert values.shape == theta.shape


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("name", "optimizer"),
    [("c", x) for x in STEPS] + [("node", "adam"), ("numpy", "adam")],
)
def test_it_steps_skips_and_loads_as_it_should(asked, name, optimizer, dtype):
    session = asked(name)
    hyper = {**HYPER, "weight_decay": 0.0} if optimizer == "adam" else HYPER
    start = Start(dtype, optimizer, THETAS, hyper)
    abilities = session.start(start)
    assert {"load", "lr", "skip", "tensors"} <= abilities.can
    compared(session, dtype, expected(dtype, optimizer, hyper))
    maxima = {"v_max": 0.75} if optimizer == "amsgrad" else {}
    held = [
        Held(x + 1, {n: np.full_like(x, y) for n, y in {"m": 0.25, "v": 0.5, **maxima}.items()}, 99)
        for x in THETAS
    ]
    session.load(held)
    compared(session, dtype, expected(dtype, optimizer, hyper, held))


@pytest.mark.parametrize("name", ["c", "node", "numpy"])
def test_every_number_goes_through(asked, name):
    """A gradient of 0 and no state leave theta as it is, to the bit."""
    values = [5e-324, -0.0, 2.0**-1022, np.nextafter(1, 2), -np.finfo(float).max, np.inf, np.nan]
    session = asked(name)
    session.start(Start("float64", "adam", (np.array(values),), HYPER))
    (held,) = session.step([np.zeros(len(values))])
    assert [x.hex() for x in held.theta.tolist()] == [float(x).hex() for x in values]


@pytest.mark.parametrize("name", ["c", "node"])
def test_what_it_has_not_it_refuses_and_goes_on(asked, name):
    session = asked(name)
    for dtype, optimizer in (("float16", "adam"), ("float32", "rmsprop")):
        with pytest.raises(Failed, match=r"it refused: (dtype|optimizer) should be") as failed:
            session.start(Start(dtype, optimizer, THETAS, HYPER))
        assert failed.value.id == "refusal"
    session.start(Start("float32", "adam", THETAS, HYPER))
    assert len(session.step([np.array(g) for g in GRADS])) == 2
