"""The frameworks' forms, Adan, LAMB and StableAdamW, in every dialect, by hand in mpmath.

Each step by hand takes theta, g and the states as lists over the elements of a tensor, and says
what the next are; it knows nothing of the rules.
"""

from __future__ import annotations

from decimal import Context, Decimal
from functools import partial

import mpmath
import pytest
from mpmath import mpf, sqrt

from adamref import run
from adamref.golden.making import generic_of
from adamref.rules import family

DIGITS = 40
THETA = ("0.5", "-0.0625", "1.75")
GRADIENTS = (
    ("0.75", "-1.5", "0.375"),
    ("-0.5", "-0.625", "0"),
    ("0.01", "0.8125", "-1"),
    ("-1.75", "0.4375", "12.5"),
)


pairs = partial(zip, strict=True)


class Hand:
    """The hyperparameters and the states of a tensor, by name; a state is 0 before it is set."""

    def __init__(self, hyper, size):
        self.__dict__.update(hyper)
        self.size, self.states = size, {}

    def average(self, name, beta, new):
        return self.keep(name, [beta * x + (1 - beta) * y for x, y in pairs(self.old(name), new)])

    def old(self, name, start=0):
        return self.states.get(name, [mpf(start)] * self.size)

    def keep(self, name, new):
        self.states[name] = new
        return new


def l2(h, theta, g, decay):
    return [y + h.weight_decay * x for x, y in pairs(theta, g)] if decay == "l2" else g


def shrunk(h, theta, decay, rate=None):
    rate = h.alpha if rate is None else rate
    return [x - rate * h.weight_decay * x for x in theta] if decay == "decoupled-before" else theta


def minus(theta, steps):
    return [x - y for x, y in pairs(theta, steps)]


def rmsprop(h, theta, g, t, *, form, centered, momentum, bias_correction, weight_decay):
    g = l2(h, theta, g, weight_decay)
    theta = shrunk(h, theta, weight_decay)
    share = 1 - h.beta2**t if bias_correction == "on" else 1
    second = [x / share for x in h.average("v", h.beta2, [x * x for x in g])]
    if centered == "on":
        centre = [x / share for x in h.average("centre", h.beta2, g)]
        second = [x - y * y for x, y in pairs(second, centre)]
    inside = form == "eps-inside"
    below = [sqrt(x + h.eps) if inside else sqrt(x) + h.eps for x in second]
    ratio = [x / y for x, y in pairs(g, below)]
    if momentum == "none":
        return minus(theta, [h.alpha * x for x in ratio])
    rate = 1 if momentum == "rate-outside" else h.alpha
    ball = h.keep("b", [h.beta1 * x + rate * y for x, y in pairs(h.old("b"), ratio)])
    if momentum == "nesterov":
        return minus(theta, [h.beta1 * x + h.alpha * y for x, y in pairs(ball, ratio)])
    return minus(theta, [x * h.alpha / rate for x in ball])


def nadam(h, theta, g, t, *, look_ahead, form, weight_decay):
    g = l2(h, theta, g, weight_decay)
    theta = shrunk(h, theta, weight_decay)
    m = h.average("m", h.beta1, g)
    v = h.average("v", h.beta2, [x * x for x in g])
    inside = h.eps_root if form == "eps-root" else 0
    eps = h.eps / (sqrt(1 - h.beta2**t) if form == "eps-hat" else 1)
    below = [sqrt(x / (1 - h.beta2**t) + inside) + eps for x in v]
    b = h.beta1
    if look_ahead == "scheduled":
        momenta = [b * (1 - mpf("0.96") ** (i * h.psi) / 2) for i in range(1, t + 2)]
        all_now, all_next = mpmath.fprod(momenta[:-1]), mpmath.fprod(momenta)
        first = [
            momenta[-1] * x / (1 - all_next) + (1 - momenta[-2]) * y / (1 - all_now)
            for x, y in pairs(m, g)
        ]
    elif look_ahead == "constant":
        first = [b * x / (1 - b ** (t + 1)) + (1 - b) * y / (1 - b**t) for x, y in pairs(m, g)]
    else:
        first = [(b * x + (1 - b) * y) / (1 - b**t) for x, y in pairs(m, g)]
    return minus(theta, [h.alpha * x / y for x, y in pairs(first, below)])


def adamax(h, theta, g, t, *, form, zero_norm, weight_decay):
    g = l2(h, theta, g, weight_decay)
    theta = shrunk(h, theta, weight_decay)
    m = h.average("m", h.beta1, g)
    within = h.eps if form == "eps-in-norm" else 0
    beside = h.eps if form == "eps-outside" else 0
    u = h.keep("u", [max(h.beta2 * x, abs(y) + within) for x, y in pairs(h.old("u"), g)])
    undivided = zero_norm == "undivided"
    below = [mpf(1) if undivided and y == 0 else y + beside for y in u]
    return minus(theta, [h.alpha / (1 - h.beta1**t) * x / y for x, y in pairs(m, below)])


def adagrad(h, theta, g, t, *, form, schedule, start, weight_decay):
    g = l2(h, theta, g, weight_decay)
    theta = shrunk(h, theta, weight_decay)
    begun = h.v_start if start == "given" else 0
    total = h.keep("v", [x + y * y for x, y in pairs(h.old("v", begun), g)])
    rate = h.alpha / (1 + (t - 1) * h.alpha_decay) if schedule == "inverse" else h.alpha
    inside = form == "eps-inside"
    below = [sqrt(x + h.eps) if inside else sqrt(x) + h.eps for x in total]
    return minus(theta, [rate * x / y for x, y in pairs(g, below)])


def sgd(h, theta, g, t, *, momentum, nesterov, weight_decay):
    g = l2(h, theta, g, weight_decay)
    theta = shrunk(h, theta, weight_decay)
    if momentum == "none":
        return minus(theta, [h.alpha * x for x in g])
    share = {
        "rate-outside": lambda: mpf(1),
        "dampened": lambda: 1 if t == 1 else 1 - h.dampening,
        "average": lambda: 1 - h.beta1,
        "rate-inside": lambda: h.alpha,
    }[momentum]()
    ball = h.keep("b", [h.beta1 * x + share * y for x, y in pairs(h.old("b"), g)])
    moved = ball
    if nesterov == "on":
        moved = [
            h.beta1 * x + (share if momentum == "rate-inside" else 1) * y for x, y in pairs(ball, g)
        ]
    return minus(theta, [x * (1 if momentum == "rate-inside" else h.alpha) for x in moved])


def adan(h, theta, g, t, *, form, averages, weight_decay):
    del averages  # theta is the same
    theta = shrunk(h, theta, weight_decay)
    gained = minus(g, h.old("g")) if t > 1 else [mpf(0)] * h.size
    h.keep("g", g)
    m = h.average("m", h.beta1, g)
    v = h.average("v", h.beta2, gained)
    n = h.average("n", h.beta3, [(x + h.beta2 * y) ** 2 for x, y in pairs(g, gained)])
    inside = h.eps_root if form == "eps-root" else 0
    c1, c2, c3 = (1 - b**t for b in (h.beta1, h.beta2, h.beta3))
    theta = minus(theta, [
        h.alpha * (x / c1 + h.beta2 * y / c2) / (sqrt(z / c3 + inside) + h.eps)
        for x, y, z in pairs(m, v, n)
    ])  # fmt: skip
    if weight_decay == "proximal":
        theta = [x / (1 + h.alpha * h.weight_decay) for x in theta]
    return theta


def adam_ratio(h, g, t, *, corrected=True, inside=0):
    m = h.average("m", h.beta1, g)
    v = h.average("v", h.beta2, [x * x for x in g])
    c1, c2 = (1 - h.beta1**t, 1 - h.beta2**t) if corrected else (1, 1)
    return [x / c1 / (sqrt(y / c2 + inside) + h.eps) for x, y in pairs(m, v)]


def length(xs):
    return sqrt(sum(x * x for x in xs))


def lamb(h, theta, g, t, *, form, bias_correction, weight_decay, norm):
    inside = h.eps_root if form == "eps-root" else 0
    theta = shrunk(h, theta, weight_decay)
    update = adam_ratio(h, g, t, corrected=bias_correction == "on", inside=inside)
    if weight_decay == "in-update":
        update = [x + h.weight_decay * y for x, y in pairs(update, theta)]
    size = min(length(theta), mpf(10)) if norm == "clamped" else length(theta)
    trust = size / length(update) if size and length(update) else 1
    return minus(theta, [h.alpha * trust * x for x in update])


def stable_adamw(h, theta, g, t, *, clip, averages, weight_decay):
    del averages  # theta is the same
    g = l2(h, theta, g, weight_decay)
    theta = shrunk(h, theta, weight_decay)
    ratio = adam_ratio(h, g, t)
    second = [x / (1 - h.beta2**t) for x in h.old("v")]
    if clip == "paper":
        shares = [x * x / max(y, h.eps**2) for x, y in pairs(g, second)]
    else:
        shares = [(x / (sqrt(y) + h.eps) / h.clip_at) ** 2 for x, y in pairs(g, second)]
    rate = h.alpha / max(mpf(1), sqrt(sum(shares) / h.size))
    if weight_decay == "by-clipped-rate":
        theta = shrunk(h, theta, "decoupled-before", rate)
    return minus(theta, [rate * x for x in ratio])


BY_HAND = {
    "rmsprop": rmsprop,
    "nadam": nadam,
    "adamax": adamax,
    "adagrad": adagrad,
    "sgd": sgd,
    "adan": adan,
    "lamb": lamb,
    "stable-adamw": stable_adamw,
}
RULES = [rule for name in BY_HAND for rule in family()[name].rules()]


def worked(rule, theta, gradients, hyper):
    """Return theta after each step, worked by hand at twice the digits."""
    with mpmath.workdps(2 * DIGITS):
        h = Hand({name: mpf(x) for name, x in hyper.items()}, len(theta))
        now = [mpf(x) for x in theta]
        for t, g in enumerate(gradients, 1):
            now = BY_HAND[rule.name](h, now, [mpf(x) for x in g], t, **rule.dialect)
            yield [Decimal(mpmath.nstr(x, DIGITS + 25)) for x in now]


def compare(rule, theta, gradients, **hyper):
    hyper = {"alpha": "0.1", **generic_of(rule), **hyper}
    trace = run(rule, list(theta), [list(g) for g in gradients], digits=DIGITS, **hyper)
    once = Context(prec=DIGITS).plus
    for got, want in pairs(trace["theta"], worked(rule, theta, gradients, hyper)):
        assert list(got) == [once(x) for x in want]


@pytest.mark.parametrize("rule", RULES, ids=lambda r: "-".join((r.name, *r.dialect.values())))
def test_the_numbers_of_a_dialect_are_those_worked_by_hand(rule):
    compare(rule, THETA, GRADIENTS)


@pytest.mark.parametrize(
    "rule", tuple(family()["lamb"].rules()), ids=lambda r: "-".join(r.dialect.values())
)
def test_lamb_knows_tensors_of_norm_zero_and_above_ten(rule):
    for theta in (("0", "0"), ("30", "-40")):
        compare(rule, theta, (("1", "-2"), ("0.5", "0.25")))


def test_lamb_of_a_gradient_of_zero_stays():
    rule = family()["lamb"].get(weight_decay="none")
    compare(rule, ("1", "-2"), (("0", "0"), ("0.5", "0.25")))


def test_adamax_undivided_moves_what_had_no_gradient_by_its_average_alone():
    rule = family()["adamax"].get(zero_norm="undivided")
    compare(rule, ("1", "-2"), (("0", "0"), ("0.5", "0"), ("0", "0.25")))


def test_stable_adamw_clips_a_step_that_is_far_from_its_average():
    """At a leap of the gradient the root mean square is above 1: eta is below alpha."""
    rule = family()["stable-adamw"].rule
    trace = run(rule, ["1", "2"], [["0.01", "0.02"]] * 3 + [["5", "1"]])
    etas = [float(x[0]) for x in trace["eta"]]
    assert etas[:3] == [0.001] * 3
    assert 0.0003 < etas[3] < 0.0006
