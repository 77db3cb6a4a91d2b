"""Steps that are followed, and made anew: by the right rule, and by one with a fault."""

from __future__ import annotations

import numpy as np
import pytest

from adamref.fast import adam_step
from adamref.mutation.covering import smallest_cover
from adamref.mutation.following import FOLLOWER
from adamref.mutation.identifying import identify
from adamref.mutation.injection import _live
from adamref.mutation.live.functions import LiveFunction
from adamref.mutation.live.instances import LiveInstances
from adamref.mutation.orders import Order

DRAW = 2015


def made_class():
    """Return a class of several arrays that nobody has patched yet."""

    class Adam:
        def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
            self.params, self.lr, self.betas, self.eps = params, lr, betas, eps
            self.m = [np.zeros_like(x) for x in params]
            self.v = [np.zeros_like(x) for x in params]
            self.t = [0 for _ in params]

        def step(self, grads):
            b1, b2 = self.betas
            for i, g in enumerate(grads):
                if g is None:
                    continue
                self.t[i] += 1
                self.m[i][...] = b1 * self.m[i] + (1 - b1) * g
                self.v[i][...] = b2 * self.v[i] + (1 - b2) * g * g
                m_hat, v_hat = self.m[i] / (1 - b1 ** self.t[i]), self.v[i] / (1 - b2 ** self.t[i])
                self.params[i] -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)

    return Adam


@pytest.fixture(autouse=True)
def _as_before():
    before = dict(vars(FOLLOWER))
    yield
    vars(FOLLOWER).update(before)


def runs(kind, dtype):
    """Return the arrays after five steps, of which one lacks a gradient."""
    rng = np.random.default_rng(DRAW)
    params = [rng.standard_normal(3).astype(dtype), rng.standard_normal((2, 2)).astype(dtype)]
    its = kind(params, lr=0.01)
    for i in range(5):
        grads = [rng.standard_normal(x.shape).astype(dtype) for x in params]
        its.step([grads[0], None if i == 2 else grads[1]])
    return [x.astype(np.float64) for x in params]


@pytest.fixture(params=["float32", "float64"])
def followed(request):
    """Return a class whose steps are followed, what it makes, and the dtype."""
    kind = LiveInstances(made_class(), "adam").installed()
    FOLLOWER.mode = "off"
    right = runs(kind, request.param)
    FOLLOWER.mode, FOLLOWER.observed = "observe", {}
    assert all(map(np.array_equal, runs(kind, request.param), right))
    dialects = {c: identify("adam", c, steps) for c, steps in FOLLOWER.observed.items()}
    assert {x.optimizer for x in dialects.values()} == {"adam"}
    FOLLOWER.dialects = dialects
    return kind, right, request.param


def test_a_right_drop_in_rounds_otherwise_at_most(followed):
    kind, right, dtype = followed
    FOLLOWER.mode, FOLLOWER.fault, FOLLOWER.steps = "right", "", 0
    unit = np.finfo(dtype).eps
    for mine, its in zip(runs(kind, dtype), right, strict=True):
        # Each of five steps of about 0.01 rounds theta once, and the step to some units.
        np.testing.assert_allclose(mine, its, rtol=5 * unit, atol=5 * 0.02 * 16 * unit)
    assert (FOLLOWER.steps, FOLLOWER.unknown, FOLLOWER.failed) == (5, 0, "")


@pytest.mark.parametrize(
    ("fault", "which"),
    [("gradient-negated", (0, 1)), ("first-tensor-only", (1,)), ("missing-as-zero", (1,)),
     ("gradient-stale", (0, 1)), ("schedule-late", ()), ("state-lost-on-resume", ())],
)  # fmt: skip
def test_a_fault_changes_what_it_says(followed, fault, which):
    kind, right, dtype = followed
    FOLLOWER.mode, FOLLOWER.fault, FOLLOWER.changed = "fault", fault, 0
    FOLLOWER.own_rounding = True
    made = runs(kind, dtype)
    assert bool(FOLLOWER.changed) == bool(which)
    changed = tuple(i for i, (x, y) in enumerate(zip(made, right, strict=True)) if (x != y).any())
    assert changed == which


def test_a_fault_of_the_first_tensor_alone_leaves_the_second_still(followed):
    kind, _, dtype = followed
    FOLLOWER.mode, FOLLOWER.fault = "fault", "first-tensor-only"
    rng = np.random.default_rng(DRAW)
    begun = [rng.standard_normal(3), rng.standard_normal((2, 2))]
    assert np.array_equal(runs(kind, dtype)[1], begun[1].astype(dtype))


class OverLists:
    """A class whose parameters and gradients are lists, and cannot be one array."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        self.made = made_class()(params, lr, betas, eps)

    def step(self, grads):
        self.made.step(grads)


def test_a_class_over_lists_is_followed_without_its_adapter_being_said():
    live = _live(OverLists, Order("mine:OverLists", "adam", None))
    assert isinstance(live, LiveInstances)
    assert FOLLOWER.interface == "class"


def test_a_function_with_its_state_handed_on():
    step = LiveFunction(adam_step, "adam").installed()

    def last():
        rng, theta, state = np.random.default_rng(DRAW), np.ones(3), None
        for _ in range(4):
            theta, state = step(theta, rng.standard_normal(3), state, lr=0.1)
        return theta

    right = last()
    FOLLOWER.mode, FOLLOWER.observed = "observe", {}
    last()
    FOLLOWER.dialects = {c: identify("adam", c, x) for c, x in FOLLOWER.observed.items()}
    FOLLOWER.mode, FOLLOWER.fault = "fault", "t-counted-twice"
    assert np.abs(last() - right).max() > 1e-3
    FOLLOWER.mode, FOLLOWER.fault = "right", ""
    np.testing.assert_allclose(last(), right, rtol=1e-14)


def test_the_smallest_cover_is_found():
    told = {
        "a": frozenset({1, 2}),
        "b": frozenset({2, 3}),
        "c": frozenset({3, 4}),
        "d": frozenset(),
    }
    assert len(smallest_cover(told, {})) == 2
    assert smallest_cover({"a": frozenset({5})}, {}) == [5]
    assert smallest_cover({}, {}) == []
