"""`adamref replay` on files: exit codes, formats, and errors of one line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from command import called
from steps import HYPER, Training

_NUMBERS = [x for n, v in HYPER.items() for x in ("--" + n.replace("_", "-"), str(v))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made, training = tmp_path_factory.mktemp("replay"), Training(size=60)
    before = training.after(20)
    after = training.step(before)
    wrong = {**after, "theta": after["theta"] + np.float32(0.01)}
    for name, one in {"before": before, "after": after, "wrong": wrong}.items():
        np.savez(made / f"{name}.npz", **one)
    return made


def test_a_right_step_exits_with_0_and_says_so(folder: Path) -> None:
    code, out, _ = called("replay", "before.npz", "after.npz", *_NUMBERS, cwd=folder)
    assert code == 0
    assert out.startswith("before.npz to after.npz: holds")


@pytest.mark.slow
@pytest.mark.parametrize("format_", ["text", "json", "html"])
def test_a_wrong_one_exits_with_1_in_every_format(folder: Path, format_: str) -> None:
    files = ("before.npz", "wrong.npz")
    code, out, _ = called(
        "replay", *files, *_NUMBERS, "--no-diagnose", "--format", format_, cwd=folder
    )
    assert code == 1
    if format_ == "json":
        assert json.loads(out)["groups"][0]["tensors"][0]["off"] == 60
    else:
        assert "deviates" in out
        assert "60" in out


@pytest.mark.parametrize("format_", ["text", "json", "html"])
def test_one_alone_is_judged_in_every_format(folder: Path, format_: str) -> None:
    rates = ("--beta1", "0.9", "--beta2", "0.999")
    code, out, _ = called("replay", "before.npz", *rates, "--format", format_, cwd=folder)
    assert code == 0
    assert "holds" in out


def test_what_is_not_there_is_told_in_one_line(folder: Path) -> None:
    code, out, err = called("replay", "before.npz", "gone.npz", cwd=folder)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "gone.npz" in err


def test_nothing_in_common_is_nothing_judged(folder: Path, tmp_path: Path) -> None:
    held = dict(np.load(folder / "after.npz"))
    np.savez(tmp_path / "short.npz", **{n: x if n == "t" else x[:5] for n, x in held.items()})
    code, out, err = called(
        "replay", "before.npz", str(tmp_path / "short.npz"), *_NUMBERS, cwd=folder
    )
    assert (code, err.count("\n")) == (2, 1)
    assert "nothing could be judged: theta: shapes differ" in err
    assert "shapes differ" in out
