"""Counters of tensors, and copies of their masters: what a step may leave, and what deviates."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import adamref
from steps import HYPER, Training

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)


@pytest.fixture(scope="module")
def training() -> Training:
    return Training(size=60)


@pytest.fixture(scope="module")
def before(training: Training) -> dict:
    return training.after(8)


def _replayed(before: dict, after: dict, **options: object) -> adamref.Replay:
    return adamref.replay(before, after, diagnose=False, **{**HYPER, **options})


def _verdicts(found: adamref.Replay) -> dict[str, str]:
    return {x.name: x.verdict for group in found.groups for x in group.tensors}


def test_a_tensor_that_stood_still_had_no_gradient(training: Training, before: dict) -> None:
    olds, news = {"w": before, "b": before}, {"w": training.step(before), "b": before}
    found = _replayed(olds, news)
    assert (found.verdict, _verdicts(found)) == ("holds", {"w": "holds"})
    ((name, because),) = found.unread
    assert name == "b"
    assert "no gradient" in because


def test_all_that_stand_still_took_no_step(before: dict) -> None:
    found = _replayed({"w": before, "b": before}, {"w": before, "b": before})
    assert _verdicts(found) == {"w": "deviates", "b": "deviates"}


@pytest.mark.parametrize("t", [8, 7, 10])
def test_a_counter_that_goes_another_way_deviates_in_its_tensor(
    training: Training, before: dict, t: int
) -> None:
    olds = {"w": before, "b": before}
    news = {"w": training.step(before), "b": {**training.step(before), "t": t}}
    found = _replayed(olds, news)
    assert _verdicts(found) == {"w": "holds", "b": "deviates"}
    tensor = next(x for x in found.groups[0].tensors if x.name == "b")
    assert tensor.diagnosis[0].says.startswith(f"t goes from 8 to {t}")
    assert [x.id for x in found.findings] == ["t-not-by-steps", "t-differs"]


@pytest.mark.parametrize(("steps", "verdict"), [(3, "holds"), (5, "holds"), (6, "deviates")])
def test_of_several_steps_a_tensor_may_have_taken_fewer(
    training: Training, before: dict, steps: int, verdict: str
) -> None:
    after = before
    for _ in range(steps):
        after = training.step(after)
    whole = after
    for _ in range(5 - steps):
        whole = training.step(whole)
    whole = {**whole, "t": 13}
    found = _replayed({"w": before, "b": before}, {"w": whole, "b": after}, steps=5)
    assert _verdicts(found)["b"] == verdict
    assert ("steps-left-out" in [x.id for x in found.findings]) == (steps == 3)


def test_no_step_and_moments_are_a_contradiction(before: dict) -> None:
    found = adamref.replay({"w": before, "b": {**before, "t": 0}}, **HYPER)
    assert _verdicts(found) == {"w": "holds", "b": "deviates"}
    zeros = {**before, "t": 0, "m": 0 * before["m"], "v": 0 * before["v"]}
    found = adamref.replay({"w": before, "b": zeros}, **HYPER)
    assert (found.verdict, [x.id for x in found.findings]) == ("holds", ["t-differs"])


def _with_copy(one: dict, copy: np.ndarray) -> dict:
    rest = {name: x for name, x in one.items() if name != "theta"}
    return {**rest, "master": one["theta"], "theta": copy}


def _copies(training: Training, before: dict) -> tuple[dict, dict]:
    after = training.step(before, lr=0.1)
    return (_with_copy(x, x["theta"].astype(BFLOAT16)) for x in (before, after))


@pytest.mark.parametrize("kept_as", [BFLOAT16, np.dtype(np.float32)])
def test_a_master_rounded_is_right(training: Training, before: dict, kept_as: np.dtype) -> None:
    olds, news = _copies(training, before)
    olds, news = ({**x, "theta": x["theta"].astype(kept_as)} for x in (olds, news))
    found = _replayed(olds, news, lr=0.1)
    assert (found.verdict, found.findings) == ("holds", ())


def test_a_copy_that_is_another_deviates(training: Training, before: dict) -> None:
    olds, news = _copies(training, before)
    changed = news["theta"].copy()
    changed[17] *= BFLOAT16.type(1.03)
    found = _replayed(olds, {**news, "theta": changed}, lr=0.1)
    (tensor,) = found.groups[0].tensors
    assert (found.verdict, tensor.off) == ("deviates", 0)
    assert tensor.diagnosis[0].says.endswith("rounded to bfloat16, in 1 of 60 elements")
    one = adamref.replay({**news, "theta": changed}, **HYPER)
    assert one.verdict == "deviates"


def test_a_copy_of_the_step_before_is_told(training: Training, before: dict) -> None:
    olds, news = _copies(training, before)
    (tensor,) = _replayed(olds, {**news, "theta": olds["theta"]}, lr=0.1).groups[0].tensors
    assert (tensor.verdict, len(tensor.diagnosis)) == ("deviates", 1)
    assert "of the checkpoint before" in tensor.diagnosis[0].says


def test_a_copy_cut_off_is_a_note(training: Training, before: dict) -> None:
    olds, news = _copies(training, before)
    bits = news["master"].view(np.uint32) >> 16
    cut = bits.astype(np.uint16).view(BFLOAT16)
    found = _replayed(olds, {**news, "theta": cut}, lr=0.1)
    assert (found.verdict, [x.id for x in found.findings]) == ("holds", ["copy-not-nearest"])


_SIZES = st.floats(width=32, allow_nan=True, allow_infinity=True)


@given(
    master=hnp.arrays(np.float32, 5, elements=_SIZES),
    kind=st.sampled_from(["bfloat16", "float16", "float32"]),
)
def test_no_copy_to_nearest_is_told_anything(master: np.ndarray, kind: str) -> None:
    dtype = BFLOAT16 if kind == "bfloat16" else np.dtype(kind)
    with np.errstate(all="ignore"):
        copy = master.astype(dtype)
    state = {"m": np.zeros(5), "v": np.zeros(5), "t": 3}
    found = adamref.replay({**state, "master": master, "theta": copy}, **HYPER)
    tensor = found.groups[0].tensors[0]
    assert (found.findings, tensor.diagnosis) == ((), ())
