"""The newer optimizers, every dialect, against steps written out by hand in mpmath.

A step is written for a whole tensor, a list of numbers; what is kept from step to step is a dict.
"""

from __future__ import annotations

from decimal import Context, Decimal

import mpmath
import numpy as np
import pytest
from mpmath import mpf, sqrt

from adamref import rules, run

DIGITS = 50
THETA = ("0.5", "-0.0625", "1.75", "0")
GRADIENTS = (
    ("0.75", "-1.5", "0.002", "0"),
    ("-0.5", "-0.625", "2", "3"),
    ("1.25", "0.8125", "-1", "-0.125"),
    ("0.3125", "0", "0.6875", "-0.25"),
    ("-9", "0.4375", "-0.5625", "0"),
    ("0.875", "-0.9375", "1.5", "0.5"),
    ("0.25", "2.9375", "-1.5", "0.75"),
)
HYPER = {
    "alpha": "0.1",
    "beta1": "0.8",
    "beta2": "0.9",
    "beta3": "0.95",
    "eps": "0.01",
    "eps_root": "0.003",
    "weight_decay": "0.2",
    "alpha_mix": "3",
    "warmup": "4",
}
A, B1, B2, B3, EPS, ROOT, DECAY, MIX, WARM = HYPER


def decayed_before(theta, g, h, axes, *, active=True):
    """L2 and decoupled decay, where they come first."""
    kind = axes.get("weight_decay", "none")
    if kind == "l2":
        g = [x + h[DECAY] * y for x, y in zip(g, theta, strict=True)]
    if kind == "decoupled-before" and active:
        theta = [y - h[A] * h[DECAY] * y for y in theta]
    return theta, g


def averaged(kept, name, beta, values):
    old = kept.get(name, [mpf(0)] * len(values))
    kept[name] = [beta * x + (1 - beta) * y for x, y in zip(old, values, strict=True)]
    return kept[name]


def length(t, b2):
    """RAdam's rho at step t and at infinity."""
    at_infinity = (1 + b2) / (1 - b2)
    return at_infinity - 2 * t * b2**t / (1 - b2**t), at_infinity


def rectification(t, b2):
    rho, top = length(t, b2)
    return sqrt((rho - 4) * (rho - 2) * top / ((top - 4) * (top - 2) * rho))


def radam(theta, g, t, kept, h, axes):
    b1, b2 = h[B1], h[B2]
    is_long = length(t, b2)[0] > int(axes["threshold"])
    moves = is_long or axes["unrectified"] == "momentum"
    theta, g = decayed_before(theta, g, h, axes, active=moves)
    m = averaged(kept, "m", b1, g)
    v = averaged(kept, "v", b2, [x * x for x in g])
    made = []
    for y, a, b in zip(theta, m, v, strict=True):
        step = a / (1 - b1**t)
        if is_long and axes["form"] == "paper":
            step = step * rectification(t, b2) / (sqrt(b / (1 - b2**t)) + h[EPS])
        elif is_long:
            step = step * rectification(t, b2) * sqrt(1 - b2**t) / (sqrt(b) + h[EPS])
        made.append(y - h[A] * step if moves else y)
    return made


def adabelief(theta, g, t, kept, h, axes):
    b1, b2 = h[B1], h[B2]
    theta, g = decayed_before(theta, g, h, axes)
    m = averaged(kept, "m", b1, g)
    v = averaged(kept, "v", b2, [(x - y) ** 2 for x, y in zip(g, m, strict=True)])
    floor = h[ROOT] if axes["form"] == "eps-root" else h[EPS]
    v = kept["v"] = [x + floor for x in v]
    if axes["amsgrad"] == "v":
        before = kept.get("v_max", v)
        v = kept["v_max"] = [max(x, y) for x, y in zip(before, v, strict=True)]
    made = []
    for y, a, b in zip(theta, m, v, strict=True):
        step = a / (1 - b1**t)
        if axes["rectify"] == "off":
            step = step / (sqrt(b / (1 - b2**t)) + h[EPS])
        elif length(t, b2)[0] > 5:
            step = step * rectification(t, b2) * sqrt(1 - b2**t) / (sqrt(b) + h[EPS])
        made.append(y - h[A] * step)
    return made


def lion(theta, g, _t, kept, h, axes):
    theta, g = decayed_before(theta, g, h, axes)
    before = kept.get("m", [mpf(0)] * len(g))
    signs = [mpmath.sign(h[B1] * x + (1 - h[B1]) * y) for x, y in zip(before, g, strict=True)]
    averaged(kept, "m", h[B2], g)
    return [y - h[A] * s for y, s in zip(theta, signs, strict=True)]


def adopt(theta, g, t, kept, h, axes):
    theta, g = decayed_before(theta, g, h, axes, active=t > 1)
    squares = [x * x for x in g]
    if t == 1:
        kept["v"] = squares
        return theta
    ratios = [x / max(sqrt(v), h[EPS]) for x, v in zip(g, kept["v"], strict=True)]
    if axes["clip"] != "none":
        bound = mpmath.root(t - 1 if axes["clip"] == "paper" else t, 4)
        ratios = [min(max(x, -bound), bound) for x in ratios]
    m = averaged(kept, "m", h[B1], ratios)
    averaged(kept, "v", h[B2], squares)
    return [y - h[A] * x for y, x in zip(theta, m, strict=True)]


def ademamix(theta, g, t, kept, h, axes):
    b1, b2, b3, mix = h[B1], h[B2], h[B3], h[MIX]
    if axes["schedule"] == "paper":
        mix = min(t * mix / h[WARM], mix)
        if t < h[WARM]:
            # Half-lives, of which ln(1/2) cancels, grow evenly.
            done = t / h[WARM]
            b3 = mpmath.exp(1 / ((1 - done) / mpmath.log(b1) + done / mpmath.log(b3)))
    theta, g = decayed_before(theta, g, h, axes)
    m = averaged(kept, "m", b1, g)
    v = averaged(kept, "v", b2, [x * x for x in g])
    slow = averaged(kept, "slow", b3, g)
    return [
        y - h[A] * (a / (1 - b1**t) + mix * c) / (sqrt(b / (1 - b2**t)) + h[EPS])
        for y, a, b, c in zip(theta, m, v, slow, strict=True)
    ]


def cautious(theta, g, t, kept, h, axes):
    b1, b2, n = h[B1], h[B2], len(theta)
    theta, g = decayed_before(theta, g, h, axes)
    m = averaged(kept, "m", b1, g)
    v = averaged(kept, "v", b2, [x * x for x in g])
    agree = [a * x > 0 for a, x in zip(m, g, strict=True)]
    if axes["scale"] == "paper":
        scale = mpf(n) / (sum(agree) + 1)
    else:
        scale = 1 / max(mpf(sum(agree)) / n, mpf("0.001"))
    made = [
        y - h[A] * scale * a / (1 - b1**t) / (sqrt(b / (1 - b2**t)) + h[EPS]) if moves else y
        for y, a, b, moves in zip(theta, m, v, agree, strict=True)
    ]
    if axes["weight_decay"] == "decoupled-after":
        return [y - h[A] * h[DECAY] * y for y in made]
    return made


def schedule_free(theta, g, t, kept, h, axes):
    """The paper's three sequences: y is theta, x the average, z the fast iterate."""
    form, b1, b2 = axes["form"], h[B1], h[B2]
    z = kept.get("z", theta)
    x = [(y - (1 - b1) * w) / b1 for y, w in zip(theta, z, strict=True)]
    if form == "keras":
        theta = [y - h[A] * h[DECAY] * y for y in theta]
        x = [(y - (1 - b1) * w) / b1 for y, w in zip(theta, z, strict=True)]
    v = averaged(kept, "v", b2, [a * a for a in g])
    size = h[A] * min(t / h[WARM], 1) if axes["warm_up"] == "linear" else h[A]
    kept["greatest"] = max(kept.get("greatest", 0), size)
    weight = kept["greatest"] ** 2
    if form == "paper":
        size = h[A] * sqrt(1 - b2**t)
        weight = size**2
        u = [a / (sqrt(b) + h[EPS]) for a, b in zip(g, v, strict=True)]
    else:
        u = [a / (sqrt(b / (1 - b2**t)) + h[EPS]) for a, b in zip(g, v, strict=True)]
    if form != "keras":
        u = [a + h[DECAY] * y for a, y in zip(u, theta, strict=True)]
    kept["weights"] = kept.get("weights", 0) + weight
    share = mpf(1) / t if form == "keras" else weight / kept["weights"]
    z = kept["z"] = [w - size * a for w, a in zip(z, u, strict=True)]
    x = [(1 - share) * a + share * w for a, w in zip(x, z, strict=True)]
    return [b1 * a + (1 - b1) * w for a, w in zip(x, z, strict=True)]


BY_HAND = {
    "radam": radam,
    "adabelief": adabelief,
    "lion": lion,
    "adopt": adopt,
    "ademamix": ademamix,
    "cautious-adamw": cautious,
    "schedule-free-adamw": schedule_free,
}
CASES = {
    f"{name} {' '.join(rule.dialect.values())}": (rule, by_hand)
    for name, by_hand in BY_HAND.items()
    for rule in rules.optimizer(name).rules()
}


def worked_by_hand(by_hand, axes):
    h = {name: mpf(x) for name, x in HYPER.items()}
    theta, kept, found = [mpf(x) for x in THETA], {}, []
    for t, g in enumerate(GRADIENTS, 1):
        theta = by_hand(theta, [mpf(x) for x in g], t, kept, h, axes)
        found.append([Decimal(mpmath.nstr(x, DIGITS + 30)) for x in theta])
    return found


@pytest.mark.parametrize("case", CASES)
def test_the_numbers_are_those_worked_by_hand(case):
    rule, by_hand = CASES[case]
    hyper = {name: HYPER[name] for name in rule.defaults}
    trace = run(rule, THETA, GRADIENTS, digits=DIGITS, **hyper)
    with mpmath.workdps(2 * DIGITS):
        want = worked_by_hand(by_hand, rule.dialect)
    round_once = Context(prec=DIGITS).plus
    for step, theta in zip(trace, want, strict=True):
        assert list(step["theta"]) == [round_once(x) for x in theta], step.t


def test_these_inputs_tell_every_dialect_from_the_others():
    """No two have the same last theta, unless only what they keep differs."""
    with mpmath.workdps(2 * DIGITS):
        for name in BY_HAND:
            ends = [
                tuple(worked_by_hand(by_hand, rule.dialect)[-1])
                for rule, by_hand in CASES.values()
                if rule.name == name and rule.dialect.get("averages") != "corrected"
            ]
            assert len(set(ends)) == len(ends), name


@pytest.mark.parametrize("name", ["radam", "adan", "stable-adamw"])
def test_averages_that_are_kept_corrected_are_the_corrected_ones(name):
    """theta is the same; each average is what the correction makes of the other's."""
    optimizer = rules.optimizer(name)
    for rule in optimizer.rules({"averages": "corrected"}):
        biased = optimizer.get(**{**rule.dialect, "averages": "biased"})
        hyper = {name: HYPER[name] for name in rule.defaults}
        made = run(rule, THETA, GRADIENTS, digits=DIGITS, **hyper)
        other = run(biased, THETA, GRADIENTS, digits=DIGITS, **hyper)
        hats = [x for x in biased.fields if x.endswith("_hat") and x not in rule.fields]
        assert {*hats} == {x + "_hat" for x in ("m", "v", "n") if x in rule.fields}
        for one, its in zip(made, other, strict=True):
            assert list(one["theta"]) == list(its["theta"])
            for hat in hats:
                assert list(one[hat.removesuffix("_hat")]) == list(its[hat])


def test_a_tensors_elements_are_worked_together():
    """Cautious AdamW: another element's mask moves the first one."""
    rule = rules.get("cautious-adamw", scale="mean", weight_decay="decoupled-before")
    alone, agreed, opposed = (
        run(rule, theta, grads, digits=12, weight_decay=0)[-1]["theta"]
        for theta, grads in (
            (["1"], [["1"], ["1"]]),
            (["1", "1"], [["1", "1"], ["1", "1"]]),
            (["1", "1"], [["1", "1"], ["1", "-0.001"]]),
        )
    )
    assert alone[0] == agreed[0] != opposed[0]
    assert np.shape(opposed) == (2,)


def test_the_fast_iterate_starts_as_theta():
    rule = rules.get("schedule-free-adamw")
    assert rule.line("z").initial == "theta"
    first = run(rule, ["0.5", "2"], [["0", "0"]], digits=12)[0]
    assert list(first["z"]) == [Decimal("0.5"), Decimal(2)]
