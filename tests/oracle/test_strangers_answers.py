"""Whatever a program answers: what it holds, or a failure that says in short what is wrong."""

from __future__ import annotations

import random
import sys
import textwrap

import numpy as np
import pytest

from adamref.oracle.observe.sessions import messages
from adamref.oracle.observe.sessions.process import ProcessSession
from adamref.oracle.observe.sessions.session import MOST_SAID, Failed, Start
from adamref.outside import parsed
from damaged import damaged

HYPER = {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
START = Start("float32", "adam", (np.array([0.5, 2.0]), np.array(1.0)), HYPER)
STARTED = {
    "ok": True, "can": ["load", "lr"], "controls": ["lr"], "defaults": {"lr": "0x1p+0"},
    "remarks": [{"id": "a-b", "severity": "note", "says": "x"}], "groups": [{"lr": "0x1p+0"}],
    "micro_batches": 1,
}  # fmt: skip
TENSOR = {
    "theta": ["0x1p+0", "0x1p+1"], "m": ["0.5", "1"], "v": ["1", "2"], "t": 1,
    "dtypes": {"m": "float64"}, "beside": {"copy": ["1", "2"]},
    "remarks": [{"id": "a-b", "severity": "note", "says": "x"}],
}  # fmt: skip
STEPPED = {"tensors": [TENSOR, {"theta": ["1"], "m": ["1"], "v": ["1"], "t": "1"}]}
ODD = [
    None, True, False, 0, -1, 1.5, 10**30, 1e308, float("nan"), float("inf"), "", "nan",
    "0x1p99999", "1e99999", "x" * 100_000, "\x1b[2J", [], {}, [None], [[1]], {"a": {}}, ["1"] * 99,
    "1" * 31,
    [{"severity": "error", "says": "y" * 100_000}], ["1", "2"], "float16",
]  # fmt: skip


@pytest.mark.parametrize(
    ("read", "document"), [(messages.read_abilities, STARTED), (messages.read_step, STEPPED)]
)
def test_a_damaged_answer_is_read_or_fails_in_short(read, document):
    draw = random.Random(3)
    read(document, START)
    failures = []
    for _ in range(1500):
        made = damaged(draw, document, ODD)
        with np.errstate(all="ignore"):
            try:
                found = read(made, START)
            except Failed as failure:
                failures.append(failure)
                continue
        remarks = found.remarks if read is messages.read_abilities else found[0].remarks
        assert all(len(x.says) <= MOST_SAID + 100 for x in remarks)
        if read is messages.read_step:
            assert [x.theta.shape for x in found] == [x.shape for x in START.thetas]
    assert len(failures) > 300
    assert {failure.id for failure in failures} <= {"garbage", "wrong-shape"}
    assert max(len(failure.says) for failure in failures) <= MOST_SAID + 100


ANSWERS = {
    "null": "null",
    "a list": "[1, 2]",
    "a number": "3",
    "a text": '"x"',
    "an empty object": "{}",
    "a wrong key": '{"tensor": []}',
    "tensors of null": '{"tensors": [null, null]}',
    "theta of null": '{"tensors": [{"theta": null}, {"theta": null}]}',
    "theta that is missing": '{"tensors": [{"m": ["1", "2"]}, {"m": ["1"]}]}',
    "deep": "[" * 100_000,
    "a deep object": '{"tensors":' * 50_000,
    "long whole numbers": '{"tensors": [{"theta": [' + "9" * 5000 + ', 1]}, {"theta": [1]}]}',
}


def program(tmp_path, body):
    path = tmp_path / "program.py"
    path.write_text(textwrap.dedent(body))
    return [sys.executable, str(path)]


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_of_another_kind_is_garbage(tmp_path, answer):
    argv = program(
        tmp_path,
        f"""
        import sys
        sys.stdin.readline()
        print('{{"ok": true}}', flush=True)
        sys.stdin.readline()
        print({answer!r}, flush=True)
        sys.stdin.readline()
        """,
    )
    session = ProcessSession(argv, timeout=20)
    try:
        session.start(START)
        with pytest.raises(Failed) as failed:
            session.step([np.ones(2), np.array(1.0)])
    finally:
        session.close()
    assert failed.value.id == "garbage"
    assert len(failed.value.says) <= MOST_SAID + 100


def test_a_refusal_of_megabytes_is_repeated_in_part(tmp_path):
    body = """
        import json, sys
        sys.stdin.readline()
        print(json.dumps({"error": "no " + "x" * 3_000_000 + " end"}), flush=True)
    """
    session = ProcessSession(program(tmp_path, body), timeout=20)
    try:
        with pytest.raises(Failed) as failed:
            session.start(START)
    finally:
        session.close()
    says = failed.value.says
    assert says.startswith("it refused: no xxx")
    assert says.endswith(" end")
    assert "characters)" in says
    assert len(says) < MOST_SAID + 100


def test_numbers_of_thousands_of_digits_are_no_json_here():
    with pytest.raises(ValueError, match="not finite"):
        parsed('{"t": ' + "9" * 5000 + "}")
