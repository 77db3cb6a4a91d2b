"""`adamref.replay` on steps in memory: right ones hold, and what was done otherwise is named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adamref
from adamref.errors import MissingInput, OutOfDomain, ShapeMismatch, UnknownName
from adamref.replay.checkpoint import ArrayInMemory
from adamref.replay.given import checkpoint_of
from adamref.replay.judging import identified, judged, sampled
from adamref.replay.pairing import paired
from adamref.replay.showing import first_off
from adamref.replay.workers import Here
from steps import HYPER, USUAL, Training


def _replayed(before: dict, after: dict, **options: object) -> adamref.Replay:
    return adamref.replay(before, after, **{**HYPER, **options})


@pytest.fixture(scope="module")
def training() -> Training:
    return Training()


@pytest.fixture(scope="module")
def before(training: Training) -> dict:
    return training.after(50)


def test_a_right_step_holds(training: Training, before: dict) -> None:
    found = _replayed(before, training.step(before))
    (tensor,) = found.groups[0].tensors
    assert (found.verdict, found.exit_code, tensor.off) == ("holds", 0, 0)
    assert 0.1 < tensor.max_over_bound <= 1
    assert sum(tensor.histogram) == tensor.elements == 200


@pytest.mark.slow
@pytest.mark.parametrize(
    ("done", "says", "faults"),
    [
        ({"lr": 1.1e-3}, "lr was 0.0011 where 0.001 is written", ()),
        (
            {"weight_decay": 0.0},
            "decay missing: weight_decay was 0 where 0.01 is written",
            ("decay-ignored",),
        ),
        ({"state": {"t": 49}}, "t was 50 where 51 is written", ("t-behind",)),
        ({"beta2": 0.99}, "beta2 was 0.99 where 0.999 is written", ()),
    ],
)
def test_one_number_that_was_another_is_named(
    training: Training, before: dict, done: dict, says: str, faults: tuple[str, ...]
) -> None:
    after = {**training.step(before, **done), "t": 51}
    found = _replayed(before, after, dialect=USUAL, hyper="literal")
    (cause,) = found.groups[0].tensors[0].diagnosis
    assert (found.verdict, found.exit_code) == ("deviates", 1)
    assert (cause.says, cause.faults, cause.confirmed) == (says, faults, True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lost", "fault"),
    [
        (("m", "v"), "state-lost-on-resume"),
        (("m",), "m-lost-on-resume"),
        (("v",), "v-lost-on-resume"),
    ],
)
def test_a_state_that_starts_from_zero_is_named(
    training: Training, before: dict, lost: tuple[str, ...], fault: str
) -> None:
    after = training.step(before, state={n: np.zeros_like(before[n]) for n in lost})
    found = _replayed(before, after, dialect=USUAL)
    assert [x.faults for x in found.groups[0].tensors[0].diagnosis] == [(fault,)]


@pytest.mark.slow
def test_decay_that_is_missing_in_one_tensor_is_told_of_that_alone(training: Training) -> None:
    other = Training(seed=1)
    before = {"w": training.after(50), "b": other.after(50)}
    after = {"w": training.step(before["w"]), "b": other.step(before["b"], weight_decay=0.0)}
    found = _replayed(before, after, dialect=USUAL, hyper="literal")
    verdicts = {x.name: x.verdict for x in found.groups[0].tensors}
    assert verdicts == {"w": "holds", "b": "deviates"}
    (cause,) = next(x for x in found.groups[0].tensors if x.name == "b").diagnosis
    assert cause.faults == ("decay-ignored",)


@pytest.mark.parametrize("field", ["theta", "v"])
@pytest.mark.parametrize("way", [-1, 1])
def test_one_ulp_outside_the_bound_is_found(
    training: Training, before: dict, field: str, way: int
) -> None:
    """In the orders in which a step was found, no ulp more is let pass than is proved."""
    after = training.step(before)
    pair = paired(checkpoint_of(before, "before"), checkpoint_of(after, "after")).pairs[0]
    hyper = {"alpha" if n == "lr" else n: x for n, x in HYPER.items()}
    setting, holds = identified(sampled([pair], 200), dict(pair.kept_in), "adamw", hyper, {}, None)
    assert holds
    fit = setting.fitted_in_order(setting.table(sampled([pair], 200)))
    reach = fit.bound[field][17] + fit.slack[field][17]
    last = np.float32(fit.value[field][17] + way * reach)
    inside = last if abs(float(last) - fit.value[field][17]) <= reach else np.nextafter(
        last, np.float32(-way * np.inf)
    )  # fmt: skip
    outside = np.nextafter(inside, np.float32(way * np.inf))
    for value, off in ((inside, 0), (outside, 1)):
        changed = after[field].copy()
        changed[17] = value
        its = replace(pair, after={**pair.after, field: ArrayInMemory.of(changed)})
        (found,) = judged(setting, [its], Here())
        # theta follows from v: another v may be off there too.
        follows = field == "v" and found.off == 1 and first_off(setting, its, found).field != "v"
        assert found.off == off or follows, (value, off)
        if off:
            assert found.first == 17


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lost", "says"),
    [
        ({"weight_decay": 0.0}, "decay missing: weight_decay was 0 where 0.01 is written"),
        ({"lr": 2e-3}, "lr was 0.002 where 0.001 is written"),
    ],
)
def test_a_greatest_v_with_decay_is_judged_like_any(lost: dict, says: str) -> None:
    one = Training("amsgradw")
    before = one.after(50)
    found = _replayed(before, one.step(before, **lost))
    assert (found.verdict, found.groups[0].optimizer) == ("deviates", "adamw")
    assert [x.says for x in found.groups[0].tensors[0].diagnosis] == [says]


@pytest.mark.parametrize("asked", [{"optimizer": "amsgrad"}, {"dialect": "amsgrad=v_hat"}])
def test_a_greatest_v_that_is_not_stored_is_told(before: dict, asked: dict) -> None:
    found = _replayed(before, {**before, "t": 51}, **asked)
    assert (found.verdict, found.unread[0][0]) == ("not-judged", "theta")
    assert "v_max" in found.unread[0][1]


def test_a_dialect_that_no_rule_has_is_refused(before: dict) -> None:
    with pytest.raises(OutOfDomain, match="dialect"):
        _replayed(before, before, dialect="weight_decay=none")


@pytest.mark.slow
def test_an_element_that_is_no_step_is_found_in_its_place(training: Training, before: dict) -> None:
    after = training.step(before)
    changed = after["theta"].copy()
    changed[17] = before["theta"][17] + 0.01
    found = _replayed(before, {**after, "theta": changed}, diagnose=False)
    (tensor,) = found.groups[0].tensors
    assert (tensor.off, tensor.first.index, tensor.first.field) == (1, (17,), "theta")
    assert not float(tensor.first.low) <= changed[17] <= float(tensor.first.high)


@pytest.mark.parametrize("name", ["lr", "beta1", "beta2", "eps"])
def test_a_number_that_nobody_says_is_inferred(training: Training, before: dict, name: str) -> None:
    found = _replayed(before, training.step(before), **{name: None, "optimizer": "adamw"})
    low, high = map(float, found.inferred[name])
    assert found.verdict == "holds"
    assert low <= HYPER[name] <= high
    assert (high - low) < 0.01 * HYPER[name]
    assert found.groups[0].source[name] == "inferred"


def test_numbers_are_those_of_most_where_some_were_updated_otherwise(training: Training) -> None:
    steps = {name: training.after(50) for name in "abc"}
    after = {
        name: training.step(one, weight_decay=0.0 if name == "b" else HYPER["weight_decay"])
        for name, one in steps.items()
    }
    found = _replayed(steps, after, weight_decay=None, optimizer="adamw", dialect=USUAL)
    verdicts = {x.name: x.verdict for group in found.groups for x in group.tensors}
    assert verdicts == {"a": "holds", "b": "deviates", "c": "holds"}
    (cause,) = found.groups[0].tensors[1].diagnosis
    assert cause.faults == ("decay-ignored",)


_RATES = st.sampled_from([0.0, 0.5, 0.9, 0.95, 0.99])


@settings(max_examples=10, deadline=None)
@given(
    optimizer=st.sampled_from(["adam", "adamw", "amsgrad", "amsgradw"]),
    dtype=st.sampled_from(["float32", "float64", "bfloat16"]),
    lr=st.sampled_from([1e-4, 3e-4, 0.1]),
    beta1=_RATES,
    beta2=st.sampled_from([0.9, 0.99, 0.999, 0.9999]),
    eps=st.sampled_from([1e-8, 1e-6, 1e-3]),
    steps=st.integers(1, 5),
    scale=st.sampled_from([1e-30, 1e-22, 1e-12, 1.0, 1e8]),
    zeros=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_no_element_of_a_right_step_is_off(
    optimizer: str, dtype: str, lr: float, beta1: float, beta2: float, eps: float, steps: int,
    scale: float, zeros: bool, seed: int,
) -> None:  # fmt: skip
    hyper = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps}
    if optimizer.endswith("w"):
        hyper["weight_decay"] = 0.1
    one = Training(optimizer, 40, dtype, hyper=hyper, seed=seed)
    one.sizes = one.sizes * scale
    if zeros:
        one.sizes[::3] = 0
    before = one.after(steps)
    named = None if optimizer == "amsgradw" else optimizer
    found = adamref.replay(before, one.step(before), optimizer=named, diagnose=False, **hyper)
    assert found.verdict == "holds", found.to_json()["groups"][0]["tensors"]


@pytest.mark.slow
def test_the_json_is_as_its_schema_says(training: Training, before: dict) -> None:
    from importlib.resources import files

    import jsonschema

    schema = json.loads((files("adamref") / "schemas" / "replay.schema.json").read_text("utf-8"))
    wrong = training.step(before, lr=2e-3)
    for after in (training.step(before), wrong):
        found = _replayed(before, after, dialect=USUAL, hyper="literal", infer=True)
        jsonschema.validate(json.loads(json.dumps(found.to_json())), schema)


def test_tensors_that_cannot_be_paired_are_listed(training: Training, before: dict) -> None:
    after = training.step(before)
    short = {n: x if n == "t" else x[:7] for n, x in after.items()}
    olds = {"w": before, "gone": before, "cut": before, "no t": {**before, "t": None}}
    news = {"w": after, "new": after, "cut": short, "no t": {**after, "t": None}}
    found = _replayed(olds, news)
    assert found.verdict == "holds"
    assert {name for name, _ in found.unread} == {"gone", "new", "cut", "no t"}


@pytest.mark.slow
def test_a_counter_that_did_not_count_is_told(training: Training, before: dict) -> None:
    after = {**training.step(before), "t": 55}
    found = _replayed(before, after, diagnose=False)
    assert [x.id for x in found.findings] == ["t-not-by-steps"]


@pytest.mark.parametrize(
    ("before_", "options", "error"),
    [
        (3, {}, OutOfDomain),
        ({"w": 3}, {}, OutOfDomain),
        ({"theta": np.zeros(2), "m": np.zeros(3)}, {}, ShapeMismatch),
        ({"w": {}}, {}, MissingInput),
        ({"theta": np.zeros(2)}, {"optimizer": "sgd"}, UnknownName),
        ({"theta": np.zeros(2)}, {"hyper": "none"}, UnknownName),
        ({"theta": np.zeros(2)}, {"beta1": 1.0}, OutOfDomain),
        ({"theta": np.zeros(2)}, {"lr": float("nan")}, OutOfDomain),
        ({"theta": np.zeros(2)}, {"eps": -1e-8}, OutOfDomain),
        ({"theta": np.zeros(2)}, {"steps": 0}, OutOfDomain),
    ],
)
def test_what_makes_no_sense_is_refused(before_: object, options: dict, error: type) -> None:
    with pytest.raises(error):
        adamref.replay(before_, {"theta": np.zeros(2)}, **options)


def test_groups_that_are_written_have_numbers_of_their_own(
    training: Training, before: dict, tmp_path: Path
) -> None:
    olds = {"a.weight": before, "a.bias": before}
    plain = training.step(before, weight_decay=0.0, lr=0.01)
    news = {"a.weight": training.step(before), "a.bias": plain}
    groups = {
        "biases": {"tensors": ["*.bias"], "weight_decay": 0.0, "lr": 0.01},
        "rest": {"tensors": ["*"], "weight_decay": 0.01, "lr": 1e-3},
    }
    file = tmp_path / "groups.json"
    file.write_text(json.dumps(groups), "utf-8")
    options = {name: HYPER[name] for name in ("beta1", "beta2", "eps")}
    for given_ in (groups, str(file)):
        found = adamref.replay(olds, news, groups=given_, **options)
        assert found.verdict == "holds"
        assert {x.name for x in found.groups} == {"biases", "rest"}
    with pytest.raises(OutOfDomain, match="tensors"):
        adamref.replay(olds, news, groups={"biases": {"lr": 0.01}})
