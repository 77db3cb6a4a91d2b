"""Each flag's fault, carried out: what an implementation with it would give on a probe.

A fault of the rule is an edit of its lines, run like the rule itself. A fault of the driver is
worked by a small Adam in decimals of 120 digits, written here by hand, that shares nothing with the
rules; without a fault it must agree with the golden values, which is a test of its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from adamref import faults, rules
from adamref.golden.flags import NOTES
from adamref.golden.worked import worked
from adamref.numbers import formats

VISIBLE = ("m", "v", "u", "v_max", "theta")
"""What an implementation may show of itself."""

MARGIN_ULP = 8
"""More than the rounding errors of a step in any usual order come to, in the probe's dtype."""

_CONTEXT = Context(prec=120, Emax=10**9, Emin=-(10**9), traps=[])


def recorded(probe):
    """Return the right values: {(step, tensor): {field: floats}}."""
    return _floats(worked(probe))


def _floats(moments):
    return {
        (m.step, m.tensor): {
            name: [float(x) for x in np.ravel(value)]
            for name, value in m.taken.values.items()
            if name in VISIBLE
        }
        for m in moments
        if m.taken is not None
    }


def separation(probe, got, want):
    """Return the greatest difference at the recorded steps, in ulps of the wanted value."""
    fmt = probe.format
    worst = 0.0
    for (step, tensor), fields in want.items():
        if step not in probe.recorded:
            continue
        other = got.get((step, tensor))
        if other is None:
            continue
        for name in fields.keys() & other.keys():
            for one, right in zip(other[name], fields[name], strict=True):
                worst = max(worst, _ulps(fmt, one, right))
    return worst


def _ulps(fmt, got, want):
    if math.isnan(got) or math.isnan(want):
        return 0.0 if math.isnan(got) and math.isnan(want) else math.inf
    if math.isinf(got) or math.isinf(want):
        return 0.0 if got == want else math.inf
    return float(abs(Fraction(got) - Fraction(want)) / fmt.ulp(Fraction(want)))


def faulty(flag, probe):
    """Yield what implementations with the fault give, one for each variant of it."""
    if flag in _DRIVER:
        for changes in _DRIVER[flag](probe):
            yield simulated(probe, **changes)
    elif flag in _PROBES:
        for other, rule in _PROBES[flag](probe):
            yield _floats(worked(other, rule))
    else:
        for rule in _rules(flag, probe.the_rule):
            yield _floats(worked(probe, rule))


# Faults of the rule.


def _rules(flag, rule):
    if flag in ("decay-order", "maximum-order"):
        yield _other_order(rule)
        return
    made = [x for id_ in NOTES[flag].faults if (x := faults.get(id_).applied(rule)) is not None]
    # One moment alone has nothing to correct where its beta is 0: both, where there are both.
    yield from made[:1] if flag == "uncorrected" else made


def _other_order(rule):
    if rule.dialect["amsgrad"] != "none":
        return rules.get(rule.name, maximum="v" if rule.dialect["amsgrad"] == "v_hat" else "v_hat")
    before = rule.dialect["weight_decay"] == "decoupled-before"
    return rules.get(rule.name, weight_decay="decoupled-after" if before else "decoupled-before")


# The same rule, or another legitimate one, on other inputs.


def _other_rule(probe, name, **axes):
    rule = rules.get(name, **axes)
    values = {key: text for key, text in probe.values.items() if key in rule.defaults}
    return replace(probe, values=values), rule


def _form(probe, form):
    return [_other_rule(probe, probe.rule, form=form)]


def _changed(probe, **tensor):
    tensors = tuple(replace(x, **tensor) for x in probe.tensors)
    return [(replace(probe, tensors=tensors), None)]


def _without_maximum(probe):
    other, rule = _other_rule(probe, "adam")
    kept = tuple(
        replace(x, state={key: value for key, value in x.state.items() if key != "v_max"})
        for x in probe.tensors
    )
    return [(replace(other, tensors=kept), rule)]


def _without_v(probe):
    state = probe.tensors[0].state
    return _changed(probe, state={**state, "v": (0.0,) * len(state["v"])})


def _values(probe, **values):
    return [(replace(probe, values={**probe.values, **values}), None)]


_PROBES = {
    "eps-hat": lambda p: _form(p, "eps-hat"),
    "eps-inside-root": lambda p: _form(p, "eps-inside"),
    "decay-ignored": lambda p: _values(p, weight_decay="0"),
    "decay-l2": lambda p: [_other_rule(p, "adam-l2")],
    "decay-decoupled": lambda p: [_other_rule(p, "adamw")],
    "maximum-ignored": _without_maximum,
    "v-lost-on-resume": _without_v,
    "state-lost-on-resume": lambda p: _changed(p, state={}),
    "t-lost-on-resume": lambda p: _changed(p, t=1),
    "schedule-ignored": lambda p: [(replace(p, alpha=p.alpha[:1]), None)],
    "default-eps": lambda p: [*_values(p, eps="1e-7"), *_values(p, eps="0.1")],
    "default-alpha": lambda p: [(replace(p, alpha=("0.01",)), None)],
}


# Faults of the driver and of the arithmetic.


@dataclass
class Element:
    theta: Decimal
    m: Decimal
    v: Decimal
    v_max: Decimal


def _same(x):
    return x


def _plain_average(rate, before, x):
    return rate * before + (1 - rate) * x


def simulated(
    probe,
    *,
    gradient=lambda gs: gs,
    t_of=lambda _tensor, _step, taken: taken,
    beta=_same,
    eps=_same,
    square=lambda x: x * x,
    stored=_same,
    theta_stored=_same,
    average=_plain_average,
    power=lambda rate, t: rate**t,
    left_out=lambda _j, _g: False,
    shared=False,
    denominator=_same,
):
    """Carry Adam or AMSGrad (maximum of v) out in decimals, with a fault in it."""
    assert probe.rule in ("adam", "amsgrad")
    with localcontext(_CONTEXT):
        rate1, rate2 = (beta(Decimal(probe.hypers[name])) for name in ("beta1", "beta2"))
        small = eps(Decimal(probe.hypers["eps"]))
        got = {}
        for i, tensor in enumerate(probe.tensors):
            elements = [
                Element(Decimal(x), *(_of_state(tensor, name, j) for name in ("m", "v", "v_max")))
                for j, x in enumerate(tensor.theta)
            ]
            taken = tensor.t - 1
            for step, given in enumerate(tensor.listed(probe.steps), 1):
                gs = gradient(given if given is None else [Decimal(g) for g in given])
                if gs is _ZEROS:
                    gs = [Decimal(0)] * len(elements)
                if gs is None:
                    continue
                taken += 1
                t = t_of(i, step, taken)
                live = [
                    (e, g)
                    for j, (e, g) in enumerate(zip(elements, gs, strict=True))
                    if not left_out(j, g)
                ]
                for e, g in live:
                    e.m = stored(average(rate1, e.m, stored(g)))
                    e.v = stored(_plain_average(rate2, e.v, square(stored(g))))
                    e.v_max = _greater(e.v_max, e.v)
                if shared:
                    mean = sum(e.v for e, _ in live) / len(live)
                    for e, _ in live:
                        e.v = mean
                for e, _ in live:
                    second = e.v_max if probe.rule == "amsgrad" else e.v
                    m_hat = e.m / (1 - power(rate1, t))
                    v_hat = second / (1 - power(rate2, t))
                    below = denominator(v_hat.sqrt() + small)
                    step_made = Decimal(probe.alpha_at(step)) * m_hat / below
                    e.theta = theta_stored(e.theta - step_made)
                got[step, i] = {
                    name: [_in(probe.format, getattr(e, name)) for e in elements]
                    for name in ("m", "v", "theta")
                }
        return got


_ZEROS: Any = object()


def _in(fmt, x):
    return fmt.round(Fraction(x)) if x.is_finite() else float(x)


def _of_state(tensor, name, j):
    values = tensor.state.get(name)
    return Decimal(values[j]) if values else Decimal(0)


def _greater(one, other):
    if one.is_nan() or other.is_nan():
        return Decimal("nan")
    return max(one, other)


def rounding(fmt):
    def rounded(x):
        return Decimal(fmt.round(Fraction(x))) if x.is_finite() else x

    return rounded


def _flushing(fmt):
    least = Decimal(2.0**fmt.min_exponent)
    return lambda x: x * 0 if abs(x) < least else x


def _lerp(fmt):
    in_format = rounding(fmt)
    return lambda rate, before, x: before + (1 - rate) * in_format(x - before)


@cache
def _running_product(rate, t):
    """Multiply in binary32, step by step; from the product of the step before."""
    if t == 0:
        return np.float32(1)
    return np.float32(_running_product(rate, t - 1) * np.float32(float(rate)))


def _any_nan(gs):
    return any(g.is_nan() for g in gs)


def _capped(limit):
    return {"t_of": lambda _i, _s, t: min(t, limit)}


_DRIVER = {
    "moments-shared": lambda _: [{"shared": True}],
    "zero-gradient-skipped": lambda _: [{"left_out": lambda _j, g: g == 0}],
    "lerp-overflow": lambda p: [{"average": _lerp(p.format)}],
    "eps-underflow": lambda p: [{"eps": rounding(p.format)}],
    "update-absorbed": lambda p: [{"theta_stored": rounding(p.format)}],
    "t-per-tensor": lambda p: [
        {"t_of": lambda i, step, _: (step - 1) * len(p.tensors) + i + 1}
    ],
    "t-while-missing": lambda _: [{"t_of": lambda _i, step, _t: step}],
    "missing-as-zero": lambda _: [{"gradient": lambda gs: _ZEROS if gs is None else gs}],
    "counter-float32": lambda _: [_capped(2**24)],
    "counter-bfloat16": lambda _: [_capped(256)],
    "counter-int32": lambda _: [{"t_of": lambda _i, _s, t: t if t < 2**31 else t - 2**32}],
    "betas-narrowed": lambda p: [
        {"beta": rounding(formats.BINARY32 if "jump" in p.name else formats.BFLOAT16)}
    ],
    "power-accumulated": lambda _: [
        {"power": lambda rate, t: Decimal(float(_running_product(rate, t)))}
    ],
    "vector-tail": lambda p: [
        {"left_out": lambda j, _g, k=k: j >= len(p.tensors[0].theta) // k * k} for k in (4, 8)
    ],
    "zero-power": lambda _: [
        {"power": lambda rate, t: Decimal(1) if rate == 0 and t % 64 == 0 else rate**t}
    ],
    "square-overflow": lambda p: [{"square": lambda x: rounding(p.format)(x * x)}],
    "square-underflow": lambda p: [{"square": lambda x: rounding(p.format)(x * x)}],
    "subnormal-flushed": lambda p: [{"stored": _flushing(p.format)}],
    "nan-spread": lambda _: [
        {"gradient": lambda gs: [Decimal("nan")] * len(gs) if _any_nan(gs) else gs},
        {"gradient": lambda gs: None if _any_nan(gs) else gs},
    ],
    "nan-hidden": lambda _: [
        {"gradient": lambda gs: [Decimal(0) if g.is_nan() else g for g in gs]}
    ],
    "inf-hidden": lambda p: [
        {
            "gradient": lambda gs: [
                Decimal(float(p.format.largest)).copy_sign(g) if g.is_infinite() else g
                for g in gs
            ]
        }
    ],
    "zero-over-zero": lambda _: [{"denominator": lambda x: max(x, Decimal("1e-30"))}],
}  # fmt: skip
