"""The certified vector oracle against balls: every element, every result, to the bit."""

from __future__ import annotations

import math
import tracemalloc
from fractions import Fraction
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamref import rules, run
from adamref.errors import MissingInput, OutOfDomain, ShapeMismatch, UnknownName
from adamref.golden import blocks
from adamref.golden.exact import FORMS, OPTIMIZERS, exact_step, step_of
from adamref.numbers import formats
from adamref.numbers.exact import exact as exactly
from adamref.problem import Problem
from adamref.rules.hyper import HYPERS
from adamref.stepper import settled

DECIMAL = {"lr": "0.001", "beta1": "0.9", "beta2": "0.999", "eps": "1e-8"}
LITERAL = {"lr": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
GENERIC = {"lr": "0.013", "beta1": "0.83", "beta2": "0.97", "eps": "0.0137"}
NARROW = ("float16", "bfloat16", "float32")


def kind_of(dtype):
    if dtype == "bfloat16":
        return np.dtype(pytest.importorskip("ml_dtypes").bfloat16)
    return np.dtype(dtype)


def in_balls(arrays, hypers, *, t, optimizer="adam", form="paper", weight_decay=0, **_):
    """Return what the stepper makes of every element, one by one."""
    names = {"lr": "alpha"}
    exacts = {names.get(n, n): HYPERS[names.get(n, n)].read(x) for n, x in hypers.items()}
    rule = rules.get(optimizer, form=form)
    if "weight_decay" in rule.defaults:
        exacts["weight_decay"] = HYPERS["weight_decay"].read(weight_decay)
    exacts["t"] = Fraction(t)
    fields = [name for name in arrays if name != "grad"]
    targets = {name: formats.get(arrays[name].dtype) for name in fields}
    found = {name: np.empty(arrays[name].size, arrays[name].dtype) for name in fields}
    flat = {name: a.ravel() for name, a in arrays.items()}
    for i in range(flat["grad"].size):
        state = {name: (exactly(float(flat[name][i])),) for name in fields}
        gradient = ((exactly(float(flat["grad"][i])),),)
        (step,), _ = settled(Problem(rule, (), state, gradient, (exacts,), {}, t), targets)
        for name in fields:
            found[name][i] = step[name][0][0]
    return found


def stepped(arrays, hypers, **options):
    """Work the step, and see that the same tape compiled gives the same bits."""
    got = exact_step(**arrays, **hypers, **options)
    with mock.patch.object(blocks, "_WORTH_COMPILING", 0):
        compiled = exact_step(**arrays, **hypers, **options)
    for one, other in zip(got, compiled, strict=True):
        assert one is other is None or one.tobytes() == other.tobytes()
    return got


def agree(arrays, hypers, **options):
    """Assert that both give the same numbers, to the bit but for the sign of a zero; say so."""
    got = stepped(arrays, hypers, **options)
    want = in_balls(arrays, hypers, **options)
    for name, right in want.items():
        result = getattr(got, name)
        assert result.dtype == arrays[name].dtype
        assert result.shape == arrays[name].shape
        one, other = result.ravel().astype(float), right.astype(float)
        same = (one == other) | (np.isnan(one) & np.isnan(other))
        i = int(np.argmin(same))
        assert same.all(), (
            f"{name}[{i}] = {one[i].hex()}, but should be {other[i].hex()} "
            f"[{ {n: float(a.ravel()[i]) for n, a in arrays.items()} }, {hypers}, {options}]"
        )
    return bool(want)


def state_of(numbers, dtype, maximum=False):
    """Make arrays of a dtype of four (or five) columns of numbers; v is not negative."""
    theta, grad, m, v, *more = (np.asarray(x, dtype=np.float64) for x in numbers)
    arrays = {"theta": theta, "grad": grad, "m": m, "v": np.abs(v)}
    if maximum:
        arrays["v_max"] = np.abs(more[0])
    with np.errstate(over="ignore"):
        return {name: a.astype(kind_of(dtype)) for name, a in arrays.items()}


def random_state(seed, count, dtype, maximum=False):
    rng = np.random.default_rng(seed)
    return state_of(
        rng.standard_normal((5, count)) * [[1], [1], [0.3], [0.1], [0.2]], dtype, maximum
    )


KINDS = {"decimal": DECIMAL, "literal": LITERAL, "generic": GENERIC}
# Each two of form, optimizer, dtype and hyperparameters meet always, all four in make test-long.
MET = [
    pytest.param(optimizer, form, dtype, hypers, id=f"{form}-{optimizer}-{dtype}-{name}",
                 marks=() if (i + j + k + n) % 3 == 0 else pytest.mark.long)
    for i, form in enumerate(FORMS)
    for j, optimizer in enumerate(OPTIMIZERS)
    for k, dtype in enumerate((*NARROW, "float64"))
    for n, (name, hypers) in enumerate(KINDS.items())
]  # fmt: skip


@pytest.mark.parametrize(("optimizer", "form", "dtype", "hypers"), MET)
def test_random_elements(optimizer, form, dtype, hypers):
    maximum = optimizer == "amsgrad"
    decay = {"weight_decay": "0.17"} if optimizer in ("adam-l2", "adamw") else {}
    arrays = random_state(1, 40, dtype, maximum)
    assert agree(arrays, hypers, t=3, optimizer=optimizer, form=form, **decay)


@pytest.mark.parametrize("dtype", [*NARROW, "float64"])
@pytest.mark.parametrize("hypers", [DECIMAL, LITERAL], ids=["decimal", "literal"])
def test_midpoints_and_other_short_numbers(dtype, hypers):
    """(9 m + g)/10 of short numbers is a midpoint in many elements; 0, ±1 and powers of two too."""
    rng = np.random.default_rng(5)
    digits = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}[dtype]
    top = 1 << digits - 1
    m = rng.integers(top, 2 * top, 150)
    m -= (9 * m) % 10 // 2  # near multiples of ten
    g = 10 * rng.integers(0, top // 8, 150) + 5 - 9 * (m % 10)
    arrays = state_of((rng.integers(-3, 4, 150), g, m, rng.integers(0, 4, 150)), dtype)
    assert agree(arrays, hypers, t=1)


def test_many_ties_are_met_and_settled_without_balls(monkeypatch):
    """At beta1 = 9/10 some percent of float32 m are exact midpoints: no error bound tells them."""
    arrays = random_state(7, 20_000, "float32")
    looked, in_balls = [], []
    look = blocks.Blocks._looked

    def counted(self, inputs, into, carrier, how):
        looked.append((how, len(inputs["g"])))
        return look(self, inputs, into, carrier, how)

    monkeypatch.setattr(blocks.Blocks, "_looked", counted)
    monkeypatch.setattr(blocks.Blocks, "_in_balls", lambda *given: in_balls.append(given))
    exact_step(**arrays, **DECIMAL, t=4)
    unsettled, closely = (
        sum(count for how, count in looked if how == name) for name in ("with ties", "closely")
    )
    assert 0.01 < unsettled / 20_000 < 0.2
    assert closely < unsettled / 50
    assert not in_balls


@pytest.mark.parametrize("dtype", [*NARROW, "float64"])
@pytest.mark.parametrize(
    "hypers", [DECIMAL, LITERAL, GENERIC], ids=["decimal", "literal", "generic"]
)
def test_moments_that_cancel(dtype, hypers):
    """9 m + g may be so near to 0 that pairs know fewer of its digits than the format has."""
    kind = kind_of(dtype)
    rest = Fraction(1 - Fraction(str(hypers["beta1"])))
    grad, m = [], []
    for k in range(40):
        m.append(float(np.asarray(1 + k * 2.0**-6, dtype=kind)))
        near = np.asarray(float(-m[-1] * (1 - rest) / rest), dtype=kind)
        for _ in range(k % 8):
            near = np.nextafter(near, kind.type(0))
        grad.append(float(near))
    arrays = state_of(([0.0] * 40, grad, m, [1.0] * 40), dtype)
    assert agree(arrays, hypers, t=1)
    # In L2's gradient too, which v has the square of.
    arrays = state_of((grad, m, [0.0] * 40, [0.0] * 40), dtype)
    decay = Fraction(rest / (1 - rest))
    assert agree(arrays, hypers, t=1, optimizer="adam-l2", weight_decay=decay)


@pytest.mark.parametrize("nothing", ["lr", "beta1", "beta2", "eps"])
@pytest.mark.parametrize("optimizer", ["adam", "amsgrad"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_hyperparameter_of_0_leaves_nothing_to_balls(nothing, optimizer, dtype, monkeypatch):
    arrays = random_state(17, 200, dtype, optimizer == "amsgrad")
    in_balls = []
    one_by_one = blocks.Blocks._in_balls

    def counted(self, *given):
        in_balls.append(given)
        return one_by_one(self, *given)

    monkeypatch.setattr(blocks.Blocks, "_in_balls", counted)
    exact_step(**arrays, **{**DECIMAL, nothing: 0}, t=3, optimizer=optimizer)
    assert len(in_balls) <= 1


@pytest.mark.parametrize("dtype", [*NARROW, "float64"])
@pytest.mark.parametrize("form", ["decoupled-before", "decoupled-after"])
def test_decay_leaves_nothing_to_balls(form, dtype, monkeypatch):
    """Its chains are the longest: low parts grow there, and the range of exponents."""
    in_balls = []
    monkeypatch.setattr(blocks.Blocks, "_in_balls", lambda *given: in_balls.append(given) or 0.0)
    arrays = random_state(19, 400, dtype)
    rule = rules.get("adamw", weight_decay=form)
    exacts = {HYPERS[n if n != "lr" else "alpha"].name: Fraction(x) for n, x in GENERIC.items()}
    arrays["g"] = arrays.pop("grad")
    step_of(rule, {**exacts, "weight_decay": Fraction("0.17"), "t": Fraction(3)}, arrays)
    assert not in_balls


EDGES = {
    "float32": [0.0, -0.0, 1e-45, -1e-45, 1.1754944e-38, 3.4e38, -3.4e38, 1e20, 1.0, -1e-8, 1e-12],
    "float64": [
        0.0,
        -0.0,
        5e-324,
        -5e-324,
        2.3e-308,
        1.7e308,
        -1.7e308,
        1e200,
        1.0,
        -1e-160,
        1e-12,
    ],
    "float16": [0.0, -0.0, 6e-8, -6e-8, 6.1e-5, 65504.0, -65504.0, 1e3, 1.0, -1e-4, 1e-2],
}
SPECIAL = [math.inf, -math.inf, math.nan]


@pytest.mark.parametrize("dtype", EDGES)
@pytest.mark.parametrize("eps", ["1e-8", 0, "1e-30"])
@pytest.mark.parametrize("optimizer", ["adam", "amsgrad"])
def test_edges(dtype, eps, optimizer):
    values = EDGES[dtype]
    grid = np.array(np.meshgrid(values, values, indexing="ij")).reshape(2, -1)
    theta, grad = grid
    m, v = np.roll(theta, 17), np.abs(np.roll(grad, 29))
    arrays = state_of((theta, grad, m, v, np.roll(v, 3)), dtype, optimizer == "amsgrad")
    assert agree(arrays, {**DECIMAL, "eps": eps}, t=2, optimizer=optimizer)


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("optimizer", ["adam", "adamw", "amsgrad"])
def test_what_is_not_finite_stays_where_it_is(place, optimizer):
    columns = np.tile(np.array([[0.5], [1.5], [-0.25], [0.125], [0.25]]), (1, 8))
    columns[place, 1:4] = SPECIAL
    arrays = state_of(columns, "float32", optimizer == "amsgrad")
    assert agree(arrays, DECIMAL, t=2, optimizer=optimizer)
    got = exact_step(**arrays, **DECIMAL, t=2, optimizer=optimizer)
    assert np.isfinite(got.theta[[0, 4, 5, 6, 7]]).all()


@pytest.mark.parametrize("dtype", [*NARROW, "float64"])
@pytest.mark.parametrize(("grad", "want"), [(1.0, -0.0), (-1.0, 0.0)])
def test_a_step_size_of_0_leaves_the_sign_that_ieee_754_gives(dtype, grad, want):
    """-0 minus +0 is -0; minus -0 it is +0."""
    arrays = state_of(([-0.0, 2.0], [grad, grad], [0.0, 0.0], [0.0, 0.0]), dtype)
    got = stepped(arrays, {**DECIMAL, "lr": 0}, t=1).theta.astype(float)
    assert math.copysign(1, got[0]) == math.copysign(1, want)
    assert got.tolist() == [0.0, 2.0]


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_a_square_that_overflows_is_infinite_without_a_warning(dtype):
    kind = kind_of(dtype)
    grad = np.array([0.0, float(formats.get(kind).largest)]).astype(kind)
    zero = np.zeros(2, kind)
    got = exact_step(zero, grad, zero, zero, t=1, optimizer="adam-l2", **DECIMAL)
    assert np.isinf(got.v).tolist() == [False, True]
    assert got.theta[1] == kind.type(-0.001)


def test_a_negative_v_makes_theta_nan_and_nothing_else():
    got = exact_step(
        np.float32([1, 1]), np.float32([0.1, 0.1]), np.float32([0, 0]), np.float32([-1, 1]),
        **DECIMAL, t=1,
    )  # fmt: skip
    assert np.isnan(got.theta).tolist() == [True, False]
    assert got.v[0] == np.float32(-0.99899)


@pytest.mark.parametrize(
    ("m", "grad", "want"), [(0.0, 0.0, 0.0), (-0.0, -0.0, -0.0), (-0.0, 0.0, 0.0), (1.0, -9.0, 0.0)]
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("v", [1.0, 1e-38, 1e-300])  # in columns, and in balls
def test_exact_zeros_have_the_sign_of_ieee_754(m, grad, want, dtype, v):
    arrays = state_of(([-0.0], [grad], [m], [v]), dtype)
    got = stepped(arrays, DECIMAL, t=1)
    assert math.copysign(1, got.m[0]) == math.copysign(1, want)
    assert got.m[0] == got.theta[0] == 0
    # -0 minus +0 is -0; minus -0 it is +0, and so it is where terms cancelled on the way.
    same = m == 1 or math.copysign(1, want) < 0
    assert math.copysign(1, got.theta[0]) == (1 if same else -1)


@given(st.data())
def test_drawn_elements(data):
    dtype = data.draw(st.sampled_from([*NARROW, "float64"]))
    width = {"float16": 16, "bfloat16": 16, "float32": 32, "float64": 64}[dtype]
    floats = st.floats(width=width if dtype != "bfloat16" else 32, allow_nan=True)
    rows = data.draw(st.lists(st.tuples(*[floats] * 4), min_size=1, max_size=4))
    rates = st.sampled_from(["0", "0.9", 0.9, "0.999", 0.5, 1 - 1e-8])
    hypers = {
        "lr": data.draw(st.sampled_from(["0", "0.001", 1e-3, 1, "1e-30"])),
        "beta1": data.draw(rates),
        "beta2": data.draw(rates),
        "eps": data.draw(st.sampled_from(["1e-8", 0, 1, 1e-8])),
    }
    arrays = state_of(np.array(rows).T, dtype)
    assert agree(arrays, hypers, t=data.draw(st.sampled_from([1, 2, 100, 2**24])))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_shapes_strides_and_orders(dtype):
    flat = random_state(3, 24, dtype)
    want = exact_step(**flat, **DECIMAL, t=5)
    for shape, view in (
        ((2, 3, 4), lambda a: a.reshape(2, 3, 4)),
        ((4, 6), lambda a: np.asfortranarray(a.reshape(4, 6))),
        ((24,), lambda a: np.repeat(a, 2)[::2]),
        ((24,), lambda a: a[::-1].copy()[::-1]),
    ):
        got = exact_step(**{name: view(a) for name, a in flat.items()}, **DECIMAL, t=5)
        assert got.theta.shape == shape
        assert got.theta.tobytes() == want.theta.tobytes()
        assert got.m.tobytes() == want.m.tobytes()
    single = exact_step(**{name: a[7].reshape(()) for name, a in flat.items()}, **DECIMAL, t=5)
    assert single.theta.shape == ()
    assert single.theta == want.theta[7]
    empty = exact_step(**{name: a[:0].reshape(0, 3) for name, a in flat.items()}, **DECIMAL, t=5)
    assert empty.theta.shape == (0, 3)


def test_states_may_have_another_dtype_than_the_parameter():
    arrays = random_state(9, 60, "float32")
    for theta, state in (("bfloat16", "float32"), ("float32", "float64"), ("float64", "float16")):
        mixed = {
            name: a.astype(kind_of(theta if name in ("theta", "grad") else state))
            for name, a in arrays.items()
        }
        assert agree(mixed, DECIMAL, t=6)


def test_blocks_do_not_change_bits(monkeypatch):
    for dtype in ("float32", "float64"):
        arrays = random_state(11, 1000, dtype)
        whole = stepped(arrays, DECIMAL, t=2)
        monkeypatch.setattr(blocks, "_BLOCK", 97)
        monkeypatch.setattr(blocks, "_BLOCK_COMPILED", 101)
        for one, other in zip(whole, stepped(arrays, DECIMAL, t=2), strict=True):
            assert one is other is None or one.tobytes() == other.tobytes()
        monkeypatch.undo()


def test_inputs_are_not_written_to():
    arrays = random_state(13, 100, "float32")
    before = {name: a.copy() for name, a in arrays.items()}
    for a in arrays.values():
        a.flags.writeable = False
    exact_step(**arrays, **DECIMAL, t=2)
    assert all(np.array_equal(a, before[name]) for name, a in arrays.items())


def test_what_is_wrong_is_said():
    four = ([1.0], [1.0], [0.0], [0.0])
    with pytest.raises(ShapeMismatch, match=r"grad has shape \(2,\), but should have \(1,\)"):
        exact_step([1.0], [1.0, 2.0], [0.0], [0.0], t=1, **DECIMAL)
    with pytest.raises(OutOfDomain, match="t = 0, but should be a whole number >= 1"):
        exact_step(*four, t=0, **DECIMAL)
    with pytest.raises(OutOfDomain, match="beta1 = 1"):
        exact_step(*four, t=1, **{**DECIMAL, "beta1": 1})
    with pytest.raises(UnknownName, match="optimizer 'nobody' is unknown"):
        exact_step(*four, t=1, optimizer="nobody", **DECIMAL)
    with pytest.raises(UnknownName, match="dtype of m 'int64' is unknown"):
        exact_step([1.0], [1.0], [0], [0.0], t=1, **DECIMAL)
    with pytest.raises(MissingInput, match="v_max is missing"):
        exact_step(*four, t=1, optimizer="amsgrad", **DECIMAL)
    with pytest.raises(OutOfDomain, match="v_max = an array, but should be absent for adam"):
        exact_step(*four, t=1, v_max=[0.0], **DECIMAL)
    with pytest.raises(OutOfDomain, match=r"weight_decay = 0\.1, but should be 0 for adam"):
        exact_step(*four, t=1, weight_decay=0.1, **DECIMAL)


@pytest.mark.long
@pytest.mark.parametrize("hypers", [DECIMAL, LITERAL], ids=["decimal", "literal"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_quarter_of_a_million_elements(dtype, hypers):
    arrays = random_state(17, 250_000, dtype)
    assert agree(arrays, hypers, t=10)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_thetas_made_to_lie_next_to_a_midpoint(dtype):
    """A small theta is set so that theta + delta comes as near to a midpoint as its ulp allows."""
    fmt = formats.get(dtype)
    rng = np.random.default_rng(19)
    arrays = random_state(23, 30, dtype)
    hypers = {**DECIMAL, "lr": "1"}
    for i in range(30):
        inputs = {n: arrays[n][i] for n in ("m", "v")}
        step = run(
            rules.ADAM, 0, [arrays["grad"][i]], state=inputs, t=3, digits=60,
            alpha="1", beta1="0.9", beta2="0.999", eps="1e-8",
        )[0]  # fmt: skip
        delta = Fraction(step.delta)
        near = Fraction(fmt.round(delta * (1 + Fraction(int(rng.integers(1, 99)), 10**5))))
        midpoint = near + fmt.ulp(near) / 2
        arrays["theta"][i] = fmt.round(midpoint - delta)
    assert agree(arrays, hypers, t=3)


def test_memory_is_the_results_and_a_few_blocks():
    count = 400_000
    arrays = random_state(29, count, "float32")
    tracemalloc.start()
    exact_step(**arrays, **DECIMAL, t=4)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    results = 3 * 4 * count
    assert peak < results + 60 * 8 * blocks._BLOCK


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_a_nan_among_the_states_is_no_warning(dtype, size):
    """Comparing a NaN of bfloat16 with a number warns where the others are silent."""
    kind = kind_of(dtype)
    arrays = [np.zeros(size, kind) for _ in range(4)]
    arrays[3][-1] = np.nan
    made = exact_step(*arrays, t=1, lr="0.1", beta1="0.9", beta2="0.999", eps="1e-8")
    assert np.isnan(made.v.astype(float)[-1])
    assert np.isnan(made.theta.astype(float)[-1])
