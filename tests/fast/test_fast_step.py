"""What a step of any algorithm does with arrays: shapes, strides, blocks, threads, kernels."""

from __future__ import annotations

import dataclasses
import math
import os
import subprocess
import sys
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adamref import fast
from adamref.errors import (
    MissingInput,
    MissingPackage,
    NotANumber,
    OutOfDomain,
    ReadOnly,
    ShapeMismatch,
    UnknownName,
    WrongDtype,
)
from adamref.fast import work
from adamref.fast.passes import one_minus_power
from adamref.numbers.ball import Ball
from adamref.strategies import SHAPES, arrays, hyperparameters, numbers
from algorithms import DTYPES, STEPS, dtype_of

EACH = pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
KERNELS = pytest.mark.parametrize("kernel", ["numpy", "numba"], indirect=True)


@pytest.fixture
def kernel(request):
    if request.param == "numba":
        pytest.importorskip("numba")
    return request.param


def drawn(seed, shape, dtype, count=2):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape).astype(dtype) for _ in range(count)]


def stepped(step, theta, gradients, **options):
    """Take steps, and return everything that came of them as bytes."""
    state = None
    for gradient in gradients:
        theta, state = step(theta, gradient, state, lr=0.01, **options)
    return as_bits(theta, state)


def as_bits(theta, state):
    return theta.tobytes(), {n: np.asarray(x).tobytes() for n, x in state.items()}


@EACH
@pytest.mark.parametrize("dtype", DTYPES)
def test_in_place_equals_out_of_place(step, dtype):
    theta, *gradients = drawn(1, (3, 5), dtype_of(dtype), 4)
    outside = stepped(step, theta, gradients, weight_decay=0.1)
    state, inside = None, theta.copy()
    for gradient in gradients:
        made, state = step(inside, gradient, state, lr=0.01, weight_decay=0.1, in_place=True)
        assert made is inside
    assert as_bits(inside, state) == outside


@EACH
def test_nothing_but_theta_and_the_state_is_written_to(step):
    theta, grad = drawn(2, 9, "f4")
    before = theta.copy(), grad.copy()
    _, state = step(theta, grad)
    held = {n: np.copy(x) for n, x in state.items()}
    grad.flags.writeable = theta.flags.writeable = False
    for x in state.values():
        if isinstance(x, np.ndarray):
            x.flags.writeable = False
    step(theta, grad, state)
    assert np.array_equal(theta, before[0])
    assert np.array_equal(grad, before[1])
    assert all(np.array_equal(state[n], held[n]) for n in held)


@EACH
@given(data=st.data(), shape=SHAPES)
@settings(max_examples=15)
def test_strides_do_not_change_bits(step, data, shape):
    theta, grad = (
        data.draw(arrays("float32", shape, elements=st.floats(-4, 4, width=32))) for _ in range(2)
    )
    found, state = step(theta, grad, lr=0.01, weight_decay=0.1)
    plain, other = step(theta.copy(order="C"), grad.copy(order="C"), lr=0.01, weight_decay=0.1)
    assert found.shape == shape
    assert np.array_equal(found, plain)
    assert all(np.array_equal(state[n], other[n]) for n in other)
    # A view is written through.
    target = theta.copy()
    whole = np.zeros((*shape[:-1], 2 * shape[-1]), "f4") if shape else np.zeros((), "f4")
    view = whole[..., ::2] if shape else whole
    view[...] = target
    step(view, grad, lr=0.01, weight_decay=0.1, in_place=True)
    assert np.array_equal(view, plain)
    assert not shape or (whole[..., 1::2] == 0).all()


@EACH
def test_order_and_blocks_do_not_change_bits(step, monkeypatch):
    theta, *gradients = drawn(3, 1000, "f4", 4)
    whole = stepped(step, theta, gradients, weight_decay=0.1)
    turned = np.random.default_rng(4).permutation(1000)
    mixed, _ = stepped(step, theta[turned], [g[turned] for g in gradients], weight_decay=0.1)
    assert np.frombuffer(mixed, "f4").tolist() == np.frombuffer(whole[0], "f4")[turned].tolist()
    monkeypatch.setattr(work, "_BLOCK", 97 * 4)
    assert stepped(step, theta, gradients, weight_decay=0.1) == whole
    # And where NumPy gathers the blocks.
    apart = np.zeros((1000, 2), "f4")
    apart[:, 0] = theta
    assert stepped(step, apart[:, 0], gradients, weight_decay=0.1)[0] == whole[0]


@EACH
@KERNELS
def test_threads_do_not_change_bits(step, kernel, monkeypatch):
    theta, *gradients = drawn(5, 5000, "f4", 3)
    one = stepped(step, theta, gradients, weight_decay=0.1, kernel=kernel)
    monkeypatch.setattr(work, "_WORTH_A_THREAD", 1000)
    monkeypatch.setattr(work, "_BLOCK_OF_A_THREAD", 1024)
    assert stepped(step, theta, gradients, weight_decay=0.1, threads=2, kernel=kernel) == one
    assert stepped(step, theta, gradients, weight_decay=0.1, threads=3, kernel=kernel) == one


@pytest.mark.slow
@EACH
@pytest.mark.parametrize("dtype", DTYPES)
@given(data=st.data())
@settings(max_examples=10)
def test_numba_gives_the_same_bits(step, dtype, data):
    pytest.importorskip("numba")
    kind = dtype_of(dtype)
    # Whatever is finite: subnormals, zeros, numbers whose squares overflow.
    theta, *gradients = (
        np.array(data.draw(st.lists(numbers(kind), min_size=7, max_size=7))).astype(kind)
        for _ in range(3)
    )
    one = stepped(step, theta, gradients, weight_decay=0.1)
    other = stepped(step, theta, gradients, weight_decay=0.1, kernel="numba")
    for a, b in (
        (one[0], other[0]),
        *((one[1][n], other[1][n]) for n in one[1] if n not in ("t", "mu_product")),
    ):
        first, second = np.frombuffer(a, kind), np.frombuffer(b, kind)
        assert np.array_equal(first.astype(float), second.astype(float), equal_nan=True)


@EACH
@KERNELS
def test_a_gradient_in_the_same_memory_is_read_first(step, kernel):
    for parts in (np.s_[:], np.s_[::-1]):
        theta = np.linspace(1, 2, 40_000)
        plain = step(theta, theta[parts].copy(), weight_decay=0.5, kernel=kernel)
        _, state = step(theta, theta[parts], weight_decay=0.5, kernel=kernel, in_place=True)
        assert np.array_equal(theta, plain[0])
        assert all(np.array_equal(state[n], plain[1][n]) for n in state)
    whole = np.linspace(1, 2, 40_001)
    theta, grad = whole[1:], whole[:-1]
    plain = step(theta.copy(), grad.copy(), kernel=kernel)
    step(theta, grad, kernel=kernel, in_place=True)
    assert np.array_equal(theta, plain[0])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_threads_work_in_a_forked_child(monkeypatch):
    monkeypatch.setattr(work, "_WORTH_A_THREAD", 1000)
    theta, grad = drawn(15, 200_000, "f4")
    fast.adam_step(theta, grad, threads=2)
    code = (
        "import os, sys, numpy as np\n"
        "from adamref import fast\nfrom adamref.fast import work\n"
        "work._WORTH_A_THREAD = 1000\n"
        "x = np.ones(200_000, 'f4')\nfast.adam_step(x, x, threads=2)\n"
        "child = os.fork()\n"
        "if not child:\n    fast.adam_step(x, x, threads=2); os._exit(7)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], timeout=60, check=False)
    assert done.returncode == 7


@EACH
def test_resuming_equals_no_pause(step):
    theta, *gradients = drawn(6, 11, "f8", 7)
    whole = stepped(step, theta, gradients)
    state = None
    for gradient in gradients[:3]:
        theta, state = step(theta, gradient, state, lr=0.01)
    state = {n: np.copy(x) if isinstance(x, np.ndarray) else x for n, x in state.items()}
    for gradient in gradients[3:]:
        theta, state = step(theta, gradient, state, lr=0.01)
    assert as_bits(theta, state) == whole


@EACH
@KERNELS
def test_going_along_is_going_against_the_negative(step, kernel):
    theta, *gradients = drawn(7, 13, "f4", 4)
    along = stepped(step, theta, gradients, maximize=True, kernel=kernel)
    assert along == stepped(step, theta, [-g for g in gradients], kernel=kernel)
    decayed = stepped(step, theta, gradients, maximize=True, weight_decay=0.5, kernel=kernel)
    assert decayed == stepped(step, theta, [-g for g in gradients], weight_decay=0.5, kernel=kernel)


@pytest.mark.parametrize(
    "step", [STEPS[n] for n in STEPS if n not in ("momentum", "adamax", "lion")]
)
def test_numpy_says_which_square_overflows_where_the_caller_wants_it(step, monkeypatch):
    theta, grad = drawn(13, 4000, "f4")
    grad[-1] = 1e30
    monkeypatch.setattr(work, "_WORTH_A_THREAD", 1000)
    monkeypatch.setattr(work, "_BLOCK_OF_A_THREAD", 1024)
    for threads in (1, 2):
        with np.errstate(over="raise"), pytest.raises(FloatingPointError, match="overflow"):
            step(theta, grad, threads=threads)
        with np.errstate(over="ignore"):
            step(theta, grad, threads=threads)


# What the theorems say.


@given(
    hyper=hyperparameters(("lr", "beta1", "beta2")),
    exponent=st.integers(-20, 20),
    seed=st.integers(0, 1000),
)
def test_the_scale_of_the_gradient_does_not_matter(hyper, exponent, seed):
    """With eps = 0 a power of two on every gradient changes no bit of the steps."""
    theta, *gradients = drawn(seed, 5, "f8", 6)
    scaled = [g * 2.0**exponent for g in gradients]
    one, other = theta, theta
    first = second = None
    for g, h in zip(gradients, scaled, strict=True):
        one, first = fast.adam_step(one, g, first, eps=0.0, **hyper)
        other, second = fast.adam_step(other, h, second, eps=0.0, **hyper)
    assert one.tobytes() == other.tobytes()


@given(hyper=hyperparameters(), seed=st.integers(0, 1000))
def test_the_sign_goes_through(hyper, seed):
    theta, *gradients = drawn(seed, 5, "f4", 5)
    one = stepped_with(fast.adamw_step, theta, gradients, hyper)
    other = stepped_with(fast.adamw_step, -theta, [-g for g in gradients], hyper)
    assert np.array_equal(one, -other)


def stepped_with(step, theta, gradients, hyper):
    state = None
    for gradient in gradients:
        theta, state = step(theta, gradient, state, **hyper)
    return theta


@given(hyper=hyperparameters(("lr", "beta1", "beta2")), grad=st.floats(1e-100, 1e100))
def test_the_first_step_is_the_step_size(hyper, grad):
    """With eps = 0, whatever the gradient: five roundings and the coefficients' own."""
    theta, _ = fast.adam_step(np.zeros(2), np.array([grad, -grad]), eps=0.0, **hyper)
    assert np.abs(theta / [-hyper["lr"], hyper["lr"]] - 1).max() <= 16 * 2.0**-53


@given(hyper=hyperparameters(("lr", "beta1", "beta2")), grad=st.floats(1e-60, 1e60))
def test_a_constant_gradient_gives_equal_steps(hyper, grad):
    theta, state = np.zeros(1), None
    for t in range(1, 30):
        before = theta
        theta, state = fast.adam_step(theta, np.array([grad]), state, eps=0.0, **hyper)
        # Each step of the recurrences rounds thrice; theta itself is rounded too.
        room = 8 * (t + 4) * 2.0**-53 * hyper["lr"] + np.spacing(abs(theta[0]))
        assert abs(before[0] - theta[0] - hyper["lr"]) <= room


def largest_ratio(beta1, beta2, t):
    """The theorem step-bound: |m_hat| / sqrt(v_hat) is at most this."""
    if beta2 < 1e-100:
        return math.inf  # beyond float64, or nearly
    q = beta1 * beta1 / beta2
    geometric = t if q == 1 else (1 - q**t) / (1 - q)
    corrections = math.sqrt(one_minus_power(beta2, t)) / one_minus_power(beta1, t)
    return (1 - beta1) / math.sqrt(1 - beta2) * math.sqrt(geometric) * corrections


@given(data=st.data(), hyper=hyperparameters(("lr", "beta1", "beta2", "eps")))
def test_no_step_is_longer_than_the_bound(data, hyper):
    steps = st.lists(st.one_of(st.just(0.0), st.floats(-1e3, 1e3)), min_size=1, max_size=12)
    theta, state = np.zeros(1), None
    for t, grad in enumerate(data.draw(steps), 1):
        before = theta
        theta, state = fast.adam_step(theta, np.array([grad]), state, **hyper)
        limit = hyper["lr"] * largest_ratio(hyper["beta1"], hyper["beta2"], t)
        if state["v"][0] < 1e-290:
            return  # 0/0, and squares that underflow: the theorem is about the reals
        assert abs(theta[0] - before[0]) <= limit * (1 + 1e-9) + np.spacing(abs(before[0]))


@given(beta=st.floats(0, 1, exclude_max=True), t=st.integers(1, 10**9))
def test_the_corrections_keep_their_digits(beta, t):
    ball = Ball(300)
    with ball.working():
        right = ball.one_minus_power(Fraction(beta), Fraction(t))
        off = abs(Fraction(one_minus_power(beta, t)) - Ball.ends(right)[0])
        assert off <= Ball.ends(right)[1] * Fraction(8, 2**53)


# What is wrong is said before anything is written.


def test_errors_say_what_was_got_and_what_should_be():
    theta, grad = drawn(8, 3, "f4")
    with pytest.raises(ShapeMismatch, match=r"grad has shape \(2,\), but should have \(3,\)"):
        fast.adam_step(theta, grad[:2])
    with pytest.raises(
        WrongDtype, match="grad has dtype float64, but should have float32, as theta"
    ):
        fast.adam_step(theta, grad.astype("f8"))
    with pytest.raises(WrongDtype, match="theta has dtype int64, but should have float16 or"):
        fast.adam_step(np.arange(3), grad)
    with pytest.raises(WrongDtype, match="theta has dtype list"):
        fast.adam_step([0.5], grad)
    with pytest.raises(OutOfDomain, match=r"beta1 = 1\.0, but should be in \[0, 1\)"):
        fast.adam_step(theta, grad, beta1=1.0)
    with pytest.raises(OutOfDomain, match="lr = nan, but should be finite and not negative"):
        fast.adam_step(theta, grad, lr=math.nan)
    with pytest.raises(NotANumber, match="eps = 'tiny', but should be a float, an int"):
        fast.adam_step(theta, grad, eps="tiny")
    with pytest.raises(NotANumber, match=r"lr = True.*truth value"):
        fast.adam_step(theta, grad, lr=True)
    with pytest.raises(OutOfDomain, match="weight_decay = -1, but"):
        fast.adamw_step(theta, grad, weight_decay=-1)
    with pytest.raises(OutOfDomain, match="threads = 0, but should be from 1 to"):
        fast.adam_step(theta, grad, threads=0)
    with pytest.raises(OutOfDomain, match=r"threads = 1\.5, but should be a whole number"):
        fast.adam_step(theta, grad, threads=1.5)
    with pytest.raises(UnknownName, match="kernel 'cuda' is unknown; known are numpy, numba"):
        fast.adam_step(theta, grad, kernel="cuda")
    with pytest.raises(UnknownName, match="form 'inside' is unknown"):
        fast.adam_step(theta, grad, form="inside")
    with pytest.raises(UnknownName, match="kind of momentum 'nesterov' is unknown"):
        fast.momentum_step(theta, grad, kind="nesterov")
    with pytest.raises(UnknownName, match="option 'foreach' is unknown; known are in_place"):
        fast.adam_step(theta, grad, foreach=True)
    with pytest.raises(MissingInput, match="v is missing: a state of adam has it"):
        fast.adam_step(theta, grad, {"t": 1, "m": theta})
    with pytest.raises(ShapeMismatch, match=r"v has shape \(1,\)"):
        fast.adam_step(theta, grad, {"t": 1, "m": theta, "v": theta[:1]})


def test_hyperparameters_may_be_any_numbers():
    theta, grad = drawn(14, 3, "f4")
    plain = stepped_with(
        fast.adamw_step, theta, [grad], {"lr": 0.25, "beta1": 0.5, "weight_decay": 0.5}
    )
    for half, quarter in ((Fraction(1, 2), "0.25"), (np.float32(0.5), Fraction(1, 4))):
        hyper = {"lr": quarter, "beta1": half, "weight_decay": half}
        assert np.array_equal(stepped_with(fast.adamw_step, theta, [grad], hyper), plain)
        again = theta.copy()
        optimizer = fast.AdamW([again], quarter, (half, "0.999"), weight_decay=half)
        optimizer.step([grad])
        assert np.array_equal(again, plain)


def test_what_cannot_be_written_to_is_refused_whole():
    theta, grad = drawn(9, 3, "f4")
    _, state = fast.adam_step(theta, grad)
    before = {n: np.copy(x) for n, x in state.items()}
    theta.flags.writeable = False
    with pytest.raises(ReadOnly, match="theta is read-only, but should be writeable"):
        fast.adam_step(theta, grad, state, in_place=True)
    theta.flags.writeable = True
    state["v"].flags.writeable = False
    with pytest.raises(ReadOnly, match="v is read-only"):
        fast.adam_step(theta, grad, state, in_place=True)
    assert all(np.array_equal(state[n], before[n]) for n in before)


def test_a_missing_numba_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.setattr(fast.Adam, "method", dataclasses.replace(fast.Adam.method))
    theta, grad = drawn(10, 3, "f4")
    with pytest.raises(
        MissingPackage, match=r"numba is not installed, and kernel='numba' needs it"
    ):
        fast.adam_step(theta, grad, kernel="numba")


def test_states_may_have_a_wider_dtype():
    kind = dtype_of("bfloat16")
    theta, grad = drawn(11, 5, kind)
    narrow, state = fast.adam_step(theta, grad, state_dtype="float32")
    assert state["m"].dtype == np.float32
    assert narrow.dtype == kind
    # Worked in float32 and rounded once: as the same numbers in float32, rounded.
    wide, _ = fast.adam_step(theta.astype("f4"), grad.astype("f4"))
    assert np.array_equal(narrow, wide.astype(kind))


@KERNELS
def test_memory_is_the_state_and_a_few_blocks(kernel):
    theta, grad = drawn(12, 1_000_000, "f4")
    optimizer = fast.Adam([theta], kernel=kernel, weight_decay=0.1)
    optimizer.step([grad])
    tracemalloc.start()
    optimizer.step([grad])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Nothing that grows with the arrays: views, scalars, and no block at all.
    assert peak < 64_000
    tracemalloc.start()
    fast.adam_step(theta, grad, optimizer.state["0"], in_place=True)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64_000
