"""Hyperparameters: a domain is an interval, and what lies outside is told."""

from __future__ import annotations

import pickle
import re
from dataclasses import replace
from fractions import Fraction

import pytest

from adamref import rules
from adamref.errors import MissingInput, OutOfDomain
from adamref.rules.family import family
from adamref.rules.hyper import COMMON, Hyper


@pytest.mark.parametrize(
    ("domain", "inside", "outside", "wanted"),
    [
        ("[0, inf)", ("0", "1e308"), ("-1e-9", "inf", "nan"), "a finite number >= 0"),
        ("(0, inf)", ("1e-9",), ("0",), "a finite number > 0"),
        ("[0, 1)", ("0", "0.999"), ("1", "-0.1"), "in [0, 1)"),
        ("(-1/2, 1]", ("1", "-0.49"), ("-0.5", "1.01"), "in (-1/2, 1]"),
        ("(-inf, inf)", ("-7", "7"), ("inf",), "a finite number"),
    ],
)
def test_a_number_is_read_in_its_domain(domain, inside, outside, wanted):
    hyper = Hyper("nu", "a share", inside[0], domain)
    assert [hyper.read(x) for x in inside] == [Fraction(x) for x in inside]
    for x in outside:
        with pytest.raises(OutOfDomain, match=re.escape(f"nu = {x}, but should be {wanted}")):
            hyper.read(x)


@pytest.mark.parametrize("domain", ["0..1", "[0, 1", "[a, b)", ""])
def test_a_domain_is_an_interval(domain):
    with pytest.raises(OutOfDomain, match="the domain of nu"):
        Hyper("nu", "a share", "0.5", domain)


def test_a_value_for_probes_lies_in_the_domain():
    with pytest.raises(OutOfDomain, match="nu = 2"):
        Hyper("nu", "a share", "2", "[0, 1]")


def test_a_rule_declares_what_is_not_common_and_may_have_a_common_one_otherwise():
    with pytest.raises(MissingInput, match="the hyperparameter nu is missing: adam has it"):
        replace(rules.ADAM, defaults={**rules.ADAM.defaults, "nu": "0.5"})
    eps = Hyper("eps", "may be below 0", "0.1", "(-inf, inf)")
    rule = replace(rules.ADAM, own=(eps,))
    assert rule.hypers["eps"] is eps
    assert rule.hypers["beta1"] is COMMON["beta1"]
    assert rules.ADAM.hypers["eps"] is COMMON["eps"]


@pytest.mark.parametrize("name", family())
def test_what_a_rule_declares_travels_with_it(name):
    rule = family()[name].rule
    assert pickle.loads(pickle.dumps(rule)).hypers == rule.hypers


@pytest.mark.parametrize("name", family())
def test_what_one_rule_alone_declares_is_used_in_some_dialect(name):
    one = family()[name]
    assert {hyper.name for hyper in one.rule.own} <= one.hypers.keys()
