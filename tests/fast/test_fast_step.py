"""What a step of any algorithm does with arrays: shapes, strides, blocks, threads, kernels."""

from __future__ import annotations

import os
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adamref import fast
from adamref.fast import work
from adamref.strategies import SHAPES, arrays, numbers
from algorithms import DTYPES, STEPS, drawn, dtype_of, taken

EACH = pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
KERNELS = pytest.mark.parametrize("kernel", ["numpy", "numba"], indirect=True)


@pytest.fixture
def kernel(request):
    if request.param == "numba":
        pytest.importorskip("numba")
    return request.param


def stepped(step, theta, gradients, **options):
    """Take steps, and return everything that came of them as bytes."""
    return as_bits(*taken(step, theta, gradients, lr=0.01, **options))


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


def test_states_may_have_a_wider_dtype():
    kind = dtype_of("bfloat16")
    theta, grad = drawn(11, 5, kind)
    narrow, state = fast.adam_step(theta, grad, state_dtype="float32")
    assert state["m"].dtype == np.float32
    assert narrow.dtype == kind
    # Worked in float32 and rounded once: as the same numbers in float32, rounded.
    wide, _ = fast.adam_step(theta.astype("f4"), grad.astype("f4"))
    assert np.array_equal(narrow, wide.astype(kind))


@pytest.mark.filterwarnings("default")  # else a step keeps what it may have to put back
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
