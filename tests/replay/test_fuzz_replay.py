"""Checkpoints that are damaged in any way are replayed, or refused in a line: nothing else."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import adamref
from adamref.errors import AdamrefError
from checkpoints import as_torch, distributed, safetensors, torch_file
from steps import HYPER, USUAL, Training

SIZES = {"a": 6, "b": 6, "c": 10}
EXAMPLES = int(os.environ.get("ADAMREF_DAMAGES", "12"))
KINDS = ("npz", "deflated", "safetensors", "torch", "distributed")


def _sides() -> tuple[dict, dict]:
    before, after = {}, {}
    for i, (name, size) in enumerate(SIZES.items()):
        training = Training(size=size, seed=i)
        before[name] = training.after(3)
        after[name] = training.step(before[name])
    return before, after


BEFORE, AFTER = _sides()


def _written(kind: str, path: Path, state: dict) -> Path:
    flat = {f"{name}.{field}": x for name, one in state.items() for field, x in one.items()}
    if kind in ("npz", "deflated"):
        with path.open("wb") as file:
            (np.savez if kind == "npz" else np.savez_compressed)(file, **flat)
        return path
    if kind == "safetensors":
        return safetensors(path, {n: np.asarray(x) for n, x in flat.items()})
    if kind == "torch":
        return torch_file(path, as_torch(state))
    return distributed(path, as_torch(state, numbers=False))


def _replayed(before: object, after: object) -> adamref.Replay | str:
    """Replay a step in the usual dialect, or return the error of ours."""
    try:
        return adamref.replay(before, after, dialect=USUAL, diagnose=False, **HYPER)
    except AdamrefError as because:
        return str(because)


def _files(path: Path) -> list[Path]:
    return sorted(x for x in path.rglob("*") if x.is_file()) if path.is_dir() else [path]


@st.composite
def _damages(draw: st.DrawFn) -> tuple:
    """Draw what is done to a file: a few bytes, its end, its place, or what is in it."""
    how = draw(st.sampled_from(["bytes", "cut", "grown", "swapped", "gone", "doubled"]))
    share = st.floats(0, 1, exclude_max=True)
    places = draw(st.lists(st.tuples(share, st.integers(0, 255)), min_size=1, max_size=6))
    return how, draw(share), places


def _damaged(path: Path, damage: tuple) -> None:
    how, which, places = damage
    files = _files(path)
    file = files[int(which * len(files))]
    data = file.read_bytes()
    at = [int(share * len(data)) for share, _ in places]
    if how == "bytes" and data:
        changed = bytearray(data)
        for place, (_, byte) in zip(at, places, strict=True):
            changed[place] = byte
        file.write_bytes(changed)
    elif how == "cut":
        file.write_bytes(data[: at[0]])
    elif how == "grown":
        file.write_bytes(data[: at[0]] + bytes(byte for _, byte in places) + data[at[0] :])
    elif how == "doubled":
        file.write_bytes(data + data)
    elif how == "gone":
        file.unlink()
    else:
        other = files[-1 - int(which * len(files))]
        held = other.read_bytes()
        other.write_bytes(data)
        file.write_bytes(held)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(damages=st.lists(_damages(), min_size=1, max_size=3), both=st.booleans())
def test_any_damage_is_a_verdict_or_an_error_of_ours(kind: str, damages: list, both: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        before, after = (
            _written(kind, Path(folder) / name, state)
            for name, state in (("before", BEFORE), ("after", AFTER))
        )
        for damage in damages:
            try:
                _damaged(after, damage)
                if both:
                    _damaged(before, damage)
            except (IndexError, FileNotFoundError):
                continue  # no file is left to be damaged
        found = _replayed(before, after)
        if isinstance(found, str):
            assert found.count("\n") == 0
            return
        assert found.verdict in ("holds", "deviates", "not-judged")
        for group in found.groups:
            for tensor in group.tensors:
                judged = sum(tensor.histogram)
                assert judged == (0 if tensor.verdict == "not-judged" else tensor.elements)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_undamaged_it_holds(kind: str, tmp_path: Path) -> None:
    paths = (_written(kind, tmp_path / n, x) for n, x in (("b", BEFORE), ("a", AFTER)))
    found = adamref.replay(*paths, **HYPER)
    assert found.verdict == "holds"
    assert sum(len(group.tensors) for group in found.groups) == len(SIZES)


def _changed(state: dict, names: dict[str, str], reshaped: set[str], dtype: str) -> dict:
    """Rename tensors, and give some another shape or dtype."""
    made = {}
    for name, one in state.items():
        held = dict(one)
        if name in reshaped:
            held = {n: x if n == "t" else x.reshape(2, -1) for n, x in held.items()}
            held["m"] = held["m"].astype(dtype)
        made[names.get(name, name)] = held
    return made


@pytest.mark.slow
@settings(max_examples=EXAMPLES, deadline=None)
@given(
    order=st.permutations(list(SIZES)),
    reshaped=st.sets(st.sampled_from(list(SIZES))),
    dtype=st.sampled_from(["float32", "float64", "float16"]),
)
def test_what_is_renamed_reshaped_or_swapped_never_holds_in_silence(
    order: list, reshaped: set, dtype: str
) -> None:
    names = dict(zip(SIZES, order, strict=True))
    changed = _changed(AFTER, names, reshaped, dtype)
    found = _replayed(BEFORE, changed)
    assert not isinstance(found, str)
    told = {name for name, _ in found.unread}
    tensors = {x.name: x for group in found.groups for x in group.tensors}
    for old, new in names.items():
        if old != new or old in reshaped:
            right = new in tensors and tensors[new].verdict == "holds"
            assert new in told or not right, (old, new)
    if names == {n: n for n in SIZES} and not reshaped:
        assert found.verdict == "holds"
