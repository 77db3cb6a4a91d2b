"""Baselines and golden files that were damaged at random: each is used or refused in a line."""

from __future__ import annotations

import json
import random

import pytest

import reports
from adamref.errors import Unreadable
from adamref.golden import catalogue, suite
from adamref.oracle.report.baseline import against, as_baseline, read
from adamref.tolerances.golden import errors_of
from damaged import damaged

ODD = [
    None, True, -1, 0, 1.5, 10**400, float("nan"), 1e300, "", "x" * 5000, "\x1b[31m", "../../x",
    "0x1p+99999", "\ud800", [], {}, [[]], {"\x1b[2J": 1},
]  # fmt: skip
MOST = 1000
"""Characters of a message: it may quote a little of the file, and no more."""


def damaged_text(draw, document):
    """Write a document that was damaged: in its structure, its bytes, or at its end."""
    text = json.dumps(damaged(draw, document, ODD))
    kind = draw.random()
    if kind < 0.2:
        return text[: draw.randrange(len(text))].encode()
    made = bytearray(text.encode())
    for _ in range(draw.randrange(1, 4) if kind < 0.4 else 0):
        made[draw.randrange(len(made))] = draw.randrange(256)
    return bytes(made)


def is_a_line(said):
    """Say whether a message is one line that a terminal shows as it is."""
    return "\n" not in said and said.isprintable() and len(said) < MOST


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_baseline_is_compared_with_or_refused_in_a_line(tmp_path, call, seed):
    draw, report = random.Random(seed), reports.conforming()
    whole = json.loads(json.dumps(as_baseline(report)))
    path = tmp_path / "base.json"
    refused = {}
    for _ in range(60):
        path.write_bytes(damaged_text(draw, whole))
        try:
            against(report, path)
        except Unreadable as error:
            refused[path.read_bytes()] = str(error)
    assert len(refused) > 30
    assert [said for said in refused.values() if not is_a_line(said)] == []
    for data in [*refused][:5]:
        path.write_bytes(data)
        with pytest.raises(Unreadable):
            read(path)
        code, out, err = call("check", "json:dumps", "--against", path)
        assert (code, out) == (2, "")
        assert is_a_line(err.removesuffix("\n"))
        assert str(path) in err


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_manifest_is_verified_or_refused_in_a_line(tmp_path, call, seed):
    name = "missing-float32"
    made = suite.texts([catalogue.probes()[name]], errors_of)
    assert list(suite.write(str(tmp_path), made, complete=False))
    path = tmp_path / suite.MANIFEST
    whole = json.loads(path.read_text("utf-8"))
    draw = random.Random(seed)
    codes = []
    for _ in range(25):
        path.write_bytes(damaged_text(draw, whole))
        code, out, err = call("golden", "--verify", tmp_path)
        codes.append(code)
        assert code in (0, 1, 2), err
        assert not (code == 2 and out)
        assert code != 2 or is_a_line(err.removesuffix("\n")), err
        assert "\x1b" not in out
    assert codes.count(2) > 10


@pytest.mark.parametrize("seed", range(2))
def test_a_damaged_probe_is_a_finding(tmp_path, call, seed):
    """Its sum in the manifest is brought up to date, as who edits it would do."""
    name = "missing-float32"
    made = suite.texts([catalogue.probes()[name]], errors_of)
    assert list(suite.write(str(tmp_path), made, complete=False))
    path, manifest = tmp_path / f"{name}.json", tmp_path / suite.MANIFEST
    whole, listed = (json.loads(one.read_text("utf-8")) for one in (path, manifest))
    draw = random.Random(seed)
    for _ in range(10):
        path.write_bytes(damaged_text(draw, whole))
        for entry in listed["files"]:
            if entry["file"] == path.name:
                entry["sha256"] = suite.sha256(path.read_bytes())
        manifest.write_text(json.dumps(listed), "utf-8")
        code, out, err = call("golden", "--verify", tmp_path, name)
        assert (code, err) == (1, "")
        assert f"{path.name}: " in out
        assert "\x1b" not in out
