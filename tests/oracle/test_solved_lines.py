"""What was solved in one dialect is asked of another only where that knows the same numbers."""

from __future__ import annotations

import numpy as np

import observed
from adamref.oracle.explain.lines import causes
from adamref.oracle.judge.fit import Fitter
from adamref.oracle.judge.identification import Identified


def wrong(theta, g, state, t, h):
    """RMSprop with its momentum's rate in the average of squares."""
    del t
    v = h["beta1"] * state["v"] + (1 - h["beta1"]) * g * g
    b = h["beta1"] * state["b"] + g / (np.sqrt(v) + h["eps"])
    return theta - h["lr"] * b, {"v": v, "b": b}


def solved(seen, known, optimizer="rmsprop", **axes):
    dialect = observed.paper("float64", optimizer=optimizer, **axes)
    numbers, machine = observed.numbers(seen, dialect), observed.machine("float64")
    fit = Fitter(seen, numbers, machine, apart=True).fit(dialect)
    return causes(Identified(fit, machine, numbers, conforms=False), seen, known)


def test_a_dialect_without_a_number_is_not_told_that_it_stands_in_its_lines():
    random = np.random.default_rng(3)
    thetas, states = [np.ones(24)], [{n: random.uniform(1, 2, 24) for n in ("v", "b")}]
    grads = [[random.uniform(1, 4, 24)] for _ in range(4)]
    hyper = {"beta1": 0.75, "beta2": 0.9, "eps": 0.25}
    trial = observed.trial(thetas, grads, hyper=hyper, states=states)
    session = observed.Stepping(wrong, visible=("v",))
    seen = observed.seen(session, [trial], "float64", "rmsprop")
    known = {}
    with_it = solved(seen, known, momentum="rate-outside")
    assert "β₁ stands for β₂" in [x.change for x in with_it if x.lines == ("v",)]
    without = solved(seen, known)
    assert without
    assert not any("β₁" in x.change for x in without)


def negative(theta, g, state, t, h):
    """Adam with 1 - 1/beta2**t, which is negative."""
    m = h["beta1"] * state["m"] + (1 - h["beta1"]) * g
    v = h["beta2"] * state["v"] + (1 - h["beta2"]) * g * g
    step = m / (1 - h["beta1"] ** t) / (np.sqrt(v / (1 - h["beta2"] ** -t)) + h["eps"])
    return theta - h["lr"] * step, {"m": m, "v": v}


def test_a_root_of_something_negative_is_told():
    random = np.random.default_rng(4)
    trial = observed.trial([np.ones(8)], [[random.uniform(-4, 4, 8)] for _ in range(3)])
    seen = observed.seen(observed.Stepping(negative), [trial], "float64", "adam")
    with np.errstate(invalid="ignore"):
        (only,) = solved(seen, {}, "adam")
    assert "is negative" in only.change
    assert (only.where.says, only.confirmed) == ("", False)
    assert only.wrong == only.explained == 8
