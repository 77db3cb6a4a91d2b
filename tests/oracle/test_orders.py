"""Bounds hold for right NumPy code in every order of operations, and for little else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import observed
from adamref.numbers import formats
from adamref.oracle.judge.dialects import dialects
from adamref.oracle.judge.fit import Fitter, over_bound
from adamref.oracle.observe.trials import trials as trials_of
from adamref.rules.family import training
from adamref.rules.orders import averages

DTYPES = ("float16", "float32", "float64")
MOMENTS = {
    "beta": lambda b, x, y: b * x + (1 - b) * y,
    "lerp": lambda b, x, y: x + (1 - b) * (y - x),
    "back": lambda b, x, y: b * (x - y) + y,
}
SECONDS = {
    **{name: lambda b, v, g, how=how: how(b, v, g * g) for name, how in MOMENTS.items()},
    "weight-first": lambda b, v, g: b * v + ((1 - b) * g) * g,
}


def plain(h, m, v, c1, c2):
    return h["lr"] * (m / c1) / (np.sqrt(v / c2) + h["eps"])


def quotient_first(h, m, v, c1, c2):
    return h["lr"] * ((m / c1) / (np.sqrt(v / c2) + h["eps"]))


def reciprocal(h, m, v, c1, c2):
    return h["lr"] * (m * (1 / c1)) / (np.sqrt(v * (1 / c2)) + h["eps"])


def root_divided(h, m, v, c1, c2):
    """As torch's loop does."""
    return (h["lr"] / c1) * (m / (np.sqrt(v) / c2**0.5 + h["eps"]))


def folded(h, m, v, c1, c2):
    """As the end of the paper's section 2 has it, with epsilon scaled to match."""
    root = c2**0.5
    return (h["lr"] * root / c1) * m / (np.sqrt(v) + h["eps"] * root)


STEPS = (plain, quotient_first, reciprocal, root_divided, folded)


def adam(m_order="beta", v_order="beta", step=plain, *, narrow=False, spoilt=lambda x, _: x):
    """Adam in NumPy, where a Python float is rounded to the arrays' dtype when it is used.

    narrow: with corrections that are worked in the dtype too; spoilt: changes v or the step.
    """

    def stepped(theta, g, state, t, h):
        kind = theta.dtype.type
        b1, b2 = h["beta1"], h["beta2"]
        m = MOMENTS[m_order](b1, state["m"], g)
        v = spoilt(SECONDS[v_order](b2, state["v"], g), "v").astype(kind)
        one = kind if narrow else float
        c1, c2 = 1 - one(b1) ** one(t), 1 - one(b2) ** one(t)
        delta = spoilt(step(h, m, v, c1, c2), "delta").astype(kind)
        return theta - delta, {"m": m, "v": v}

    return stepped


# Exponents of gradients, so that squares reach the subnormals, but nothing ends or begins at zero.
RANGES = {"float16": (-4, 6), "float32": (-66, 60), "float64": (-520, 500)}


@st.composite
def trials(draw, dtype, *, loaded=True, count=24):
    """Draw a state and gradients of all digits, with sizes from a narrow or a wide range."""
    low, high = RANGES[dtype]
    centre, spread = draw(st.integers(low, high)), draw(st.sampled_from([0, 3, 40]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def numbers(low_, high_):
        sizes = np.exp2(random.uniform(max(low, low_), min(high, high_), count))
        return np.where(random.random(count) < 0.5, -sizes, sizes).astype(dtype)

    near = (centre - spread, centre + spread)
    state = {"m": numbers(*near), "v": numbers(*near) ** 2}
    eps = st.sampled_from([2.0**-6, 1.0] if dtype == "float16" else [1e-8, 0.25, 1e-4])
    return observed.trial(
        [numbers(-3, 3)],
        [[numbers(*near)] for _ in range(3)],
        alpha=draw(st.sampled_from([0.1, 0.001, 0.75])),
        states=[{n: x.astype(np.float64) for n, x in state.items()}] if loaded else None,
        firsts=[draw(st.sampled_from([1, 2, 17, 1000, 99_999]))] if loaded else None,
        hyper={
            "beta1": draw(st.sampled_from([0.9, 0.5, 0.0, 0.99])),
            "beta2": draw(st.sampled_from([0.999, 0.9, 0.99, 0.75])),
            "eps": draw(eps),
        },
    )


def judged(step, trial, dtype, *, visible=("m", "v"), dialect=None):
    seen = observed.seen(observed.Stepping(step, visible=visible), [trial], dtype)
    dialect = dialect or observed.paper(dtype)
    fitter = Fitter(seen, observed.numbers(seen, dialect), observed.machine(dtype))
    return fitter.fit(dialect, thoroughly=True)


def worst(made):
    return {name: float(over.max()) for name, over in made.over.items()}


@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=60)
@given(data=st.data())
def test_right_code_is_inside_in_every_order_of_operations(dtype, data):
    step = adam(
        data.draw(st.sampled_from(list(MOMENTS)), "m"),
        data.draw(st.sampled_from(list(SECONDS)), "v"),
        data.draw(st.sampled_from(STEPS), "step"),
        narrow=data.draw(st.booleans(), "narrow") and dtype != "float16",
    )
    made = judged(step, data.draw(trials(dtype)), dtype)
    assert max(worst(made).values()) <= 1, (worst(made), made.orders)
    assert made.over.keys() == {"m", "v", "theta"}


@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=40)
@given(data=st.data())
def test_right_code_with_hidden_states_is_inside_at_every_step(dtype, data):
    """Errors of m and v go on from step to step; theta is judged from its own last value."""
    step = adam(
        data.draw(st.sampled_from(list(MOMENTS)), "m"),
        data.draw(st.sampled_from(list(SECONDS)), "v"),
        data.draw(st.sampled_from(STEPS), "step"),
    )
    trial = data.draw(trials(dtype, loaded=False))
    made = judged(step, trial, dtype, visible=())
    assert max(worst(made).values()) <= 1, (worst(made), made.orders)
    assert made.over.keys() == {"theta"}


def off_by(units, of):
    """Change v or the step by so many unit roundoffs of itself."""

    def spoilt(x, name):
        if name != of:
            return x
        unit = float(formats.get(x.dtype.name).unit_roundoff)
        return x.astype(np.float64) * (1 + units * unit)

    return spoilt


def in_the_middle(dtype, seed):
    """A step from theta = 0, where nothing hides its digits, with a state that fits the gradient.

    From a state of zero v may be b*(0 - g*g) + g*g, which is right to two digits only; and at
    t = 20 these powers of beta are so small that hardly anything is lost from 1 - beta**t.
    """
    random = np.random.default_rng(seed)
    g, m, v = (random.uniform(1, 2, 64).astype(dtype) for _ in range(3))
    return observed.trial(
        [np.zeros(64)],
        [[g]],
        states=[{"m": m.astype(np.float64), "v": v.astype(np.float64)}],
        firsts=[20],
        hyper={"beta1": 0.5, "beta2": 0.75, "eps": 2.0**-6},
    )


SEEDS = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize(("dtype", "units"), [("float16", 4), ("float32", 4), ("float64", 8)])
@settings(max_examples=20)
@given(seed=SEEDS)
def test_four_units_in_v_are_found(dtype, units, seed):
    """In float64 eight: the right value comes from float64 too, and may be off as much again."""
    made = judged(adam(spoilt=off_by(units, "v")), in_the_middle(dtype, seed), dtype)
    assert made.over["v"].max() > 1
    assert made.over["m"].max() <= 1


@pytest.mark.parametrize(("dtype", "units"), [("float16", 24), ("float32", 24), ("float64", 160)])
@settings(max_examples=20)
@given(seed=SEEDS)
def test_a_few_dozen_units_in_the_step_are_found(dtype, units, seed):
    """In float64 a hundred more, since corrections are known to sixteen units only."""
    made = judged(adam(spoilt=off_by(units, "delta")), in_the_middle(dtype, seed), dtype)
    assert made.over["theta"].max() > 1
    assert made.over["v"].max() <= 1


@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=4)
@given(seed=SEEDS)
def test_a_hidden_v_that_is_wrong_shows_in_theta(dtype, seed):
    """beta2 in place of its complement, with gradients that change from step to step."""

    def swapped(theta, g, state, t, h):
        return adam()(theta, g, state, t, {**h, "beta2": 1 - h["beta2"]})

    trial = in_the_middle(dtype, seed)
    ((g,),) = trial.grads
    trial = observed.trial(trial.thetas, [[g], [2 * g[::-1]], [g / 4]], hyper=trial.hyper)
    assert judged(adam(), trial, dtype, visible=()).over["theta"].max() <= 1
    assert judged(swapped, trial, dtype, visible=()).over["theta"].max() > 1


def test_float32_corrections_cost_a_hundred_units_and_are_inside_as_such():
    """1 - 0.999 in float32 is right to three digits less; the order of it is named."""
    random = np.random.default_rng(2)
    trial = observed.trial([np.zeros(64)], [[random.uniform(0.5, 8, 64).astype("float32")]])
    made = judged(adam(narrow=True), trial, "float32")
    assert made.orders["correction"] in ("power", "running-product")
    assert made.over["theta"].max() <= 1
    assert judged(adam(), trial, "float32").orders["correction"] == "exact"


def test_the_first_order_that_holds_is_taken():
    """Where two orders account for everything it is the usual one."""
    made = judged(adam(step=quotient_first), in_the_middle("float32", 1), "float32")
    assert made.orders["theta"] == "plain, size-first"


def test_a_step_with_a_missing_gradient_has_no_freedom():
    """Nothing may change there, not by the last bit."""
    trial = observed.trial([[0.5]], [[[3.0]], [None], [[1.0]]])
    made = judged(adam(), trial, "float32")
    assert [made.bound[n][1] for n in ("theta", "m", "v")] == [0, 0, 0]
    assert [made.over[n][1] for n in ("theta", "m", "v")] == [0, 0, 0]


def test_what_lies_over_a_bound_is_a_share_of_it():
    """NaN for NaN is right, one for the other infinitely wrong; no bound says nothing but that."""
    nan, inf = np.nan, np.inf
    got = np.array([1.0, 1.5, nan, nan, inf, inf, 2.0, 1.0, nan])
    want = np.array([1.0, 1.0, nan, 1.0, inf, 1.0, 1.0, 2.0, 1.0])
    bound = np.array([0.0, 0.25, 0.1, 0.1, 0.1, 0.1, 0.0, inf, inf])
    assert over_bound(got, want, bound).tolist() == [0, 2, 0, inf, 0, inf, inf, 0, inf]


FAMILY = ("adam", "adamw", "adam-l2", "amsgrad", "adabelief", "lion", "radam", "nadam", "adamax")


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("optimizer", FAMILY)
def test_what_a_few_orders_refuse_every_order_refuses(optimizer, dtype):
    """Each is bounded by them, whatever the dialect, with room to spare."""
    random = np.random.default_rng(20_261)
    sizes = np.exp2(random.uniform(-6, 6, (5, 24)))
    theta, m, *grads = np.where(random.random((5, 24)) < 0.5, -sizes, sizes)
    started = {"m": m, "mu_product": np.full(24, 0.7), **dict.fromkeys(("v", "u", "v_max"), m * m)}
    hyper = {"beta1": 0.83, "beta2": 0.97, "eps": 0.0137, "weight_decay": 0.17, "psi": 0.004}
    refused = 0
    for alpha in (0.75, 5.88):
        trial = observed.trial(
            [theta], [[g] for g in grads], alpha=alpha, states=[started], firsts=[3], hyper=hyper
        )
        seen = observed.seen(observed.Stepping(off_by_a_quarter), [trial], dtype, optimizer)
        for dialect in dialects(optimizer, {}, [("mixed", "float32")]):
            refused += refused_by_all(seen, dialect, dtype)
    assert refused > 0


def beginning(optimizer, dtype, *, loads):
    """Return the small core trials of an optimizer."""
    core = [x for x in trials_of(dtype, optimizer) if x.kind == "core" and not x.defaults]
    core = [x for x in core if loads or "load" not in x.needs]
    return [x for x in core if x.thetas[0].size * len(x.grads) <= 60]


@pytest.mark.slow
@pytest.mark.parametrize("visible", [("m", "v"), ()], ids=["shown", "hidden"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
def test_they_do_on_what_probes_ask(optimizer, dtype, visible):
    """Where epsilon is all of a divisor, a correction is near 0, or an average has no memory."""
    small = beginning(optimizer, dtype, loads=bool(visible))
    session = observed.Stepping(off_by_a_quarter, visible=visible)
    seen = observed.seen(session, small, dtype, optimizer)
    assert len(small) >= 20
    for dialect in dialects(optimizer, {}, [("mixed", "float32")]):
        assert refused_by_all(seen, dialect, dtype) > 0


@pytest.mark.long
@pytest.mark.parametrize("optimizer", training())
def test_they_do_for_every_optimizer(optimizer):
    small = beginning(optimizer, "float32", loads=False)
    session = observed.Stepping(off_by_a_quarter, visible=())
    seen = observed.seen(session, small, "float32", optimizer)
    assert len(small) >= 20
    for dialect in dialects(optimizer, {}, [("mixed", "float32")]):
        refused_by_all(seen, dialect, "float32")


def off_by_a_quarter(theta, g, *_):
    """Step to where nothing is near, so that an error is a share of every bound."""
    return (theta * 1.25 + g).astype(theta.dtype), {"m": g, "v": g * g}


def refused_by_all(seen, dialect, dtype):
    """Hold what a few orders refuse against every order; return how many rows that are.

    One that says nothing where the first speaks accounts for nothing there.
    """
    fitter = Fitter(seen, observed.numbers(seen, dialect), observed.machine(dtype))
    ordered = averages(dialect.rule, "beta")
    least, rows, spoken = fitter.least_over(dialect, ordered), seen.columns["judged"], None
    for _, order, fields in fitter.steps(dialect.rule, ordered):
        known = np.isfinite(fields["theta"].error)
        spoken = known if spoken is None else spoken
        over = fitter.over(dialect.rule, "theta", fields["theta"])
        over[spoken & ~known] = np.inf
        refused = rows & (least > 1)
        assert (over > 1)[refused].all(), (dialect, order)
        # With room to spare: it is a bound, and no accident of these numbers.
        assert (over >= least * (1 + 2.0**-20))[rows & (over > 0)].all(), (dialect, order)
    return int((rows & (least > 1)).sum())


@pytest.mark.parametrize(
    ("betas", "orders"),
    [
        ((0.0, 0.0), ("lerp", "lerp")),
        ((0.0, 0.1), ("lerp", "beta")),
        ((0.9, 0.0), ("beta", "lerp")),
    ],
)
def test_what_another_order_of_a_hidden_average_accounts_for_is_not_refused(betas, orders):
    """Without a memory an average by lerp loses what it takes back, and the usual one nothing."""
    accounted = 0
    for seed in range(6):
        random = np.random.default_rng(seed)
        grads = np.exp2(random.uniform(-4, 4, (4, 24))) * random.choice([-1, 1], (4, 24))
        hyper = {"beta1": betas[0], "beta2": betas[1], "eps": 1e-8}
        trial = observed.trial([np.zeros(24)], [[g] for g in grads], hyper=hyper)
        seen = observed.seen(observed.Stepping(adam(*orders), visible=()), [trial])
        dialect = observed.paper("float32")
        numbers = observed.numbers(seen, dialect)
        fitter = Fitter(seen, numbers, observed.machine("float32"))
        if not fitter.misses(fitter.fit(dialect, thoroughly=True)):
            accounted += 1
            assert not fitter.refuses(dialect, thoroughly=True)
    assert accounted


def test_a_hidden_state_is_bounded_past_steps_that_are_not_judged():
    """As optax's RMSprop: no other row has its bound from theirs, but for what is carried on."""

    def step(theta, g, state, t, h):
        v = h["beta2"] * state["v"] + (1 - h["beta2"]) * g * g
        power = np.float32(h["beta2"]) ** np.float32(t)  # in the format, which loses digits
        b = h["beta1"] * state["b"] - h["lr"] * g / np.sqrt(v / (1 - power) + h["eps"])
        return theta + b, {"v": v, "b": b}

    random = np.random.default_rng(4)
    grads = [[random.uniform(0.5, 8, 64).astype("float32")] for _ in range(4)]
    states = [{"v": np.zeros(64), "b": np.zeros(64)}]
    trial = observed.trial([np.zeros(64)], grads, states=states, judged=(1, 3, 4))
    seen = observed.seen(observed.Stepping(step, visible=("v",)), [trial], optimizer="rmsprop")
    axes = {"form": "eps-inside", "momentum": "signed", "bias_correction": "on"}
    dialect = observed.paper("float32", optimizer="rmsprop", **axes)
    fitter = Fitter(seen, observed.numbers(seen, dialect), observed.machine("float32"))
    made = fitter.fit(dialect)
    assert made.orders["correction"] in {"power", "running-product"}
    assert not fitter.misses(made)
    assert np.isfinite(made.bound["theta"][seen.columns["judged"]]).all()
