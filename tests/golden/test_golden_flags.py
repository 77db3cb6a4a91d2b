"""Each flag is honest: its fault, carried out, is seen on each probe that carries the flag."""

from __future__ import annotations

import numpy as np
import pytest

from adamref.golden.catalogue import probes
from adamref.golden.making import DEFAULT, DEFAULT_ALPHA, GENERIC, GENERIC_ALPHA, GRADIENTS, THETA
from golden_combinations import classes, combined, signature
from golden_faults import MARGIN_ULP, faulty, recorded, separation, simulated

PROBES = probes()
SHORT = [name for name, probe in PROBES.items() if probe.steps < 200]
LONG = sorted(PROBES.keys() - set(SHORT))
PLAIN = [
    name
    for name in SHORT
    if PROBES[name].rule in ("adam", "amsgrad")
    and not PROBES[name].axes
    and PROBES[name].hyper == "literal"
]


def least_of(probe):
    """By how many ulps each flag of a probe is seen at least; by none that is not carried out."""
    want = recorded(probe)
    return {
        flag: min((separation(probe, got, want) for got in faulty(flag, probe)), default=0)
        for flag in probe.flags
    }


def in_turns():
    """Every other probe always, and each that has a flag which none before it has."""
    seen = set()
    for i, name in enumerate(x for x in SHORT if PROBES[x].flags):
        is_always = i % 2 == 0 or not seen.issuperset(PROBES[name].flags)
        if is_always:
            seen.update(PROBES[name].flags)
        yield pytest.param(name, marks=() if is_always else pytest.mark.long)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*in_turns()])
def test_each_flag_separates(name):
    assert [flag for flag, off in least_of(PROBES[name]).items() if off <= MARGIN_ULP] == []


@pytest.mark.long
@pytest.mark.parametrize("name", [x for x in LONG if PROBES[x].flags])
def test_each_flag_of_the_long_probes_separates(name):
    assert [flag for flag, off in least_of(PROBES[name]).items() if off <= MARGIN_ULP] == []


@pytest.mark.parametrize("name", PLAIN)
def test_without_a_fault_the_decimals_agree_with_the_golden_values(name):
    """An Adam written by hand, in another arithmetic, rounded once: the same to the last bit."""
    probe = PROBES[name]
    assert separation(probe, simulated(probe), recorded(probe)) == 0


def test_a_lost_v_that_the_maximum_hides_is_seen_in_v_only():
    for word in ("amsgrad", "amsgrad-v-hat"):
        probe = PROBES[f"resume-{word}-float64"]
        want = recorded(probe)
        (got,) = faulty("v-lost-on-resume", probe)
        assert {key: fields["theta"] for key, fields in got.items()} == {
            key: fields["theta"] for key, fields in want.items()
        }
        assert separation(probe, got, want) > MARGIN_ULP


def generic_and_default():
    generic = {name: float(text) for name, text in GENERIC.items()}
    default = {name: float(text) for name, text in DEFAULT.items()}
    return (
        (THETA, GRADIENTS, {**generic, "alpha": float(GENERIC_ALPHA)}),
        (THETA, GRADIENTS, {**default, "alpha": float(DEFAULT_ALPHA)}),
        ((0.5,), ((1.0,),) * 6, {**default, "alpha": float(DEFAULT_ALPHA)}),
    )


def test_generic_values_tell_single_faults_apart_that_the_defaults_do_not():
    """44 faults. Three pairs of them give the same theta whatever the input; 41 is all there is."""
    single = [rule for name, rule in combined() if "+" not in name]
    assert len(single) == 44
    counts = [
        len(classes([signature(rule, given, ("theta",)) for rule in single]))
        for given in generic_and_default()
    ]
    assert counts == [41, 40, 34]


@pytest.mark.long
def test_generic_values_tell_pairs_of_faults_apart_that_the_defaults_do_not():
    """Single faults and pairs: how many traces they leave, at binary32 accuracy.

    No input tells all of them apart: m without correction and the step with m, for one, are the
    same step, and a fault is hidden where another leaves its line unused.
    """
    rules = [rule for _, rule in combined()]
    assert len(rules) == 831
    seen = {}
    for fields in (("theta",), ("m", "v", "theta")):
        for which, given in zip(
            ("generic", "default", "constant"), generic_and_default(), strict=True
        ):
            seen[which, fields] = len(classes([signature(r, given, fields) for r in rules]))
    assert seen == {
        ("generic", ("theta",)): 597,
        ("default", ("theta",)): 532,
        ("constant", ("theta",)): 393,
        ("generic", ("m", "v", "theta")): 680,
        ("default", ("m", "v", "theta")): 623,
        ("constant", ("m", "v", "theta")): 487,
    }


@pytest.mark.long
def test_what_all_core_probes_together_tell_apart():
    """Of binary32 Adam; the probes that are not named here add nothing to these three."""
    named = ("generic-float32-literal", "defaults-float32-literal", "sparse-float32")
    rows = []
    for _, rule in combined():
        parts = [signature(rule, of_a_probe(PROBES[name]), ("m", "v", "theta")) for name in named]
        rows.append(np.concatenate(parts))
    assert len(classes(rows)) == 683


def of_a_probe(probe):
    (tensor,) = probe.tensors
    return tensor.theta, tensor.listed(probe.steps), {**probe.hypers, "alpha": probe.alpha_at(1)}
