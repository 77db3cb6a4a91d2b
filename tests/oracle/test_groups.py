"""Groups of parameters with rates of their own are judged by these."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from adamref.oracle.check import check
from adamref.oracle.observe.running import Record
from adamref.oracle.observe.sessions import messages
from adamref.oracle.observe.sessions.session import Abilities, Failed, Held, Start
from adamref.oracle.observe.table import table_of
from adamref.oracle.observe.trials import trials

OWN = ({}, {"lr": 0.25, "weight_decay": 0.0})


def test_groups_go_both_ways_to_the_bit():
    start = Start("float32", "adam", (np.zeros(1), np.zeros(1)), {"lr": 0.1})
    able = Abilities(frozenset(), frozenset({"lr"}), groups=OWN)
    assert messages.read_abilities(messages.abilities(able), start).groups == OWN


def test_groups_that_are_none_are_refused():
    start = Start("float32", "adam", (np.zeros(1),), {"lr": 0.1})
    with pytest.raises(Failed, match="groups"):
        messages.read_abilities({"ok": True, "groups": 1}, start)


def test_a_row_has_the_numbers_of_its_group():
    (trial,) = trials("float32", "adamw", ["random-large-float32"])
    held = [[Held(theta) for theta in trial.thetas]]
    record = Record(trial, held, Abilities(frozenset(), frozenset(), groups=OWN))
    seen = table_of([record], "float32", "adamw")
    second = seen.tensor == 1
    assert {*seen.alpha[second]} == {0.25}
    assert {*seen.weight_decay[second]} == {0.0}
    assert {*seen.alpha[~second]} == {trial.alphas[0]}
    assert {*seen.weight_decay[~second]} == {trial.hyper["weight_decay"]}


def in_torch(factor):
    """Return what makes an Adam whose tensors after the first have another rate."""
    torch = pytest.importorskip("torch")

    def made(params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        first, *rest = list(params)
        groups = [{"params": [first], "lr": factor[0] * lr}]
        groups += [{"params": rest, "lr": factor[1] * lr}] if rest else []
        return torch.optim.Adam(groups, lr=lr, betas=betas, eps=eps)

    return made


@pytest.mark.skipif(not importlib.util.find_spec("torch"), reason="the extra torch")
@pytest.mark.parametrize(("factors", "verdict"), [((1, 10), "conforms"), ((2, 10), "deviates")])
def test_two_rates_stay_two_where_one_is_what_was_asked_for(factors, verdict):
    probes = ["random-generic-float32", "random-large-float32"]
    assert check(in_torch(factors), isolate=False, probes=probes).verdict == verdict
