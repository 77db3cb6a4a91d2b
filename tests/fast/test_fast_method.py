"""An algorithm is its mathematics and its fields; all that is called is derived from them."""

from __future__ import annotations

import inspect
import pickle
from dataclasses import field
from typing import get_type_hints

import numpy as np
import pytest

from adamref import fast
from adamref.errors import NotANumber, OutOfDomain, UnknownName
from adamref.fast import work
from adamref.fast.functional import step_of
from adamref.fast.method import Method
from algorithms import CLASSES, STEPS

# A small algorithm of nobody's: the sign of the gradient, or of one that lies some steps back.


def _scalars(state, *, lr=0.25, rho=0.5, rule="now", **_):
    return lr * (rho if rule == "damped" and state["t"] > 1 else 1.0), 0.0


def _block(theta, g, states, scalars, scratch):
    (last,), (lr, _), (step,) = states, scalars, scratch
    np.sign(g, step)
    np.multiply(step, lr, step)
    np.subtract(theta, step, theta)
    np.copyto(last, g)


def _loop(theta, g, states, scalars):
    (last,), (lr, _) = states, scalars
    for i in range(theta.size):
        theta[i] -= lr * np.sign(g[i])
        last[i] = g[i]


class SignDescent(
    fast.ArrayOptimizer, method=Method("sign", ("last",), _scalars, _block, _loop, scratch=1)
):
    lr: float = 0.25
    rho: float = 0.5
    weight_decay: float = 0.0
    rule: str = field(default="now", kw_only=True, metadata={"rule": ("now", "damped")})


sign_step = step_of(SignDescent, _scalars)
START, GRAD = np.array([1.0, 2.0, -3.0]), np.array([-15.0, 0.0, 1e-3])


def test_a_new_algorithm_has_its_functional_step():
    theta, state = sign_step(START, GRAD)
    assert theta.tolist() == [1.25, 2.0, -3.25]
    assert state.keys() == {"t", "last"}
    theta, state = sign_step(theta, GRAD, state, rho="0.25", rule="damped")
    assert theta.tolist() == [1.3125, 2.0, -3.3125]
    assert (sign_step.__name__, sign_step.__module__) == ("signdescent_step", __name__)
    assert "Work one step of SignDescent." in sign_step.__doc__


def test_and_its_class(tmp_path):
    one, other = START.copy(), START.copy()
    first, second = SignDescent([one], lambda t: 0.5 / t), SignDescent({"0": other}, 0.5)
    first.step([GRAD])
    second.step([GRAD])
    assert one.tolist() == other.tolist() == [1.5, 2.0, -3.5]
    first.save(tmp_path / "state.npz")
    second.load(tmp_path / "state.npz")
    second.load_state_dict(first.state_dict())
    assert first.state_dict()["algorithm"] == "sign"
    assert np.array_equal(second.state["0"]["last"], GRAD)
    assert pickle.loads(pickle.dumps(second)).state["0"]["t"] == 1


@pytest.mark.parametrize("kernel", ["numpy", "numba"])
def test_and_threads_kernels_and_weight_decay(kernel, monkeypatch):
    if kernel == "numba":
        pytest.importorskip("numba")
    monkeypatch.setattr(work, "_WORTH_A_THREAD", 1000)
    monkeypatch.setattr(work, "_BLOCK_OF_A_THREAD", 1024)
    rng = np.random.default_rng(3)
    theta, grad = rng.standard_normal((2, 5000)).astype("f4")
    plain, _ = sign_step(theta, grad, weight_decay=0.125, maximize=True)
    assert np.array_equal(plain, theta - np.float32(0.25) * np.sign(theta / 8 - grad))
    found, _ = sign_step(theta, grad, weight_decay=0.125, maximize=True, threads=3, kernel=kernel)
    assert np.array_equal(found, plain)


def test_and_its_hyperparameters_are_checked():
    with pytest.raises(OutOfDomain, match="rho = -1, but should be finite and not negative"):
        SignDescent([START], rho=-1)
    with pytest.raises(NotANumber, match="rho = 'much'"):
        sign_step(START, GRAD, rho="much")
    with pytest.raises(UnknownName, match="rule 'soon' is unknown; known are now, damped"):
        SignDescent([START], rule="soon")
    with pytest.raises(UnknownName, match="option 'beta1' is unknown"):
        sign_step(START, GRAD, beta1=0.9)
    with pytest.raises(TypeError, match="SignDescent: missing a required argument: 'params'"):
        SignDescent()
    with pytest.raises(TypeError, match="abstract class ArrayOptimizer"):
        fast.ArrayOptimizer([START])


def test_defaults_that_differ_are_refused():
    with pytest.raises(TypeError, match=r"lr is 0\.5 in Other, and 0\.25 below"):

        class Other(fast.ArrayOptimizer, method=SignDescent.method):
            lr: float = 0.5


def test_what_was_given_can_be_read_and_not_changed():
    optimizer = fast.Adam([np.ones(2)], 0.1, eps="1e-6")
    assert (optimizer.lr, optimizer.betas, optimizer.eps) == (0.1, (0.9, 0.999), "1e-6")
    with pytest.raises(AttributeError):
        optimizer.lr = 0.2


@pytest.mark.parametrize("name", CLASSES)
def test_signatures_say_what_is_called(name):
    kind, step = CLASSES[name], STEPS[name.lower()]
    method = kind.method
    shown = inspect.signature(step).parameters
    assert list(shown)[:3] == ["theta", "grad", "state"]
    assert all(x.kind is x.KEYWORD_ONLY for x in list(shown.values())[3:-1])
    # What type checkers see of the step are the keywords of the scalars.
    scalars = inspect.signature(method.scalars).parameters
    seen = [n for n, x in scalars.items() if x.kind is x.KEYWORD_ONLY]
    assert [n for n in shown if n in seen] == seen
    assert set(shown) == {"theta", "grad", "state", *seen, "weight_decay", "options"}
    built = inspect.signature(kind).parameters
    assert list(built)[:2] == ["params", "lr"]
    assert {n: x.default for n, x in built.items() if n in shown and n != "options"} == {
        n: x.default for n, x in shown.items() if n in built and n != "options"
    }
    assert get_type_hints(fast.Options).keys() >= {"threads", "kernel"}


def test_the_published_signatures():
    assert str(inspect.signature(fast.Adam)) == (
        "(params: 'Params', lr: 'Rate' = 0.001, betas: 'tuple[float, float]' = (0.9, 0.999), "
        "eps: 'float' = 1e-08, weight_decay: 'float' = 0.0, *, form: 'str' = 'paper', "
        "**options: 'Unpack[Options]') -> 'None'"
    )
    assert str(inspect.signature(fast.adam_step)) == (
        "(theta: 'Array', grad: 'Array', state: 'State | None' = None, *, lr: 'float' = 0.001, "
        "beta1: 'float' = 0.9, beta2: 'float' = 0.999, eps: 'float' = 1e-08, "
        "weight_decay: 'float' = 0.0, form: 'str' = 'paper', **options: 'Unpack[Options]') "
        "-> 'tuple[Array, State]'"
    )
