"""The protocol's page, its schema, and what really goes both ways."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import jsonschema
import numpy as np
import pytest

import check_targets
from adamref.oracle.check import check
from adamref.oracle.observe.sessions import child, messages
from adamref.oracle.observe.sessions.opened import opened
from adamref.oracle.observe.sessions.process import ProcessSession
from adamref.oracle.observe.sessions.session import Abilities, Failed, Held, Remark, Start
from command import schema

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "protocol.md"
HYPER = {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
START = Start("float32", "adam", (np.array([0.5, 2.0]), np.array(1.0)), HYPER)


def of(kind):
    """Return the validator of a kind of line."""
    whole = schema("protocol")
    return jsonschema.Draft202012Validator({**whole, "anyOf": [{"$ref": f"#/$defs/{kind}"}]})


def test_the_lines_of_the_page_are_of_the_schema():
    lines = re.search(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)[1].splitlines()
    for line in lines:
        document = json.loads(line)
        of("request" if "op" in document else "answer").validate(document)
    assert {json.loads(x).get("op") for x in lines} == {"init", "step", "load", "exit", None}


def test_the_page_names_every_field_of_the_schema():
    text = PAGE.read_text()
    defs = schema("protocol")["$defs"]
    named = {n for d in ("init", "step", "load", "started") for n in defs[d]["properties"]}
    assert not [
        name for name in named - {"ok", "op"} if f"`{name}" not in text and f'"{name}"' not in text
    ]


STARTS = [
    START,
    Start(
        "bfloat16", "adamax", (np.array([np.nan, -0.0, np.inf]),), HYPER, True, ("m", "u"), False
    ),
    Start("float64", "adam", (np.zeros((0, 3)),), {}),
]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("style", ["hexadecimal", "decimal"])
def test_what_is_asked_is_of_the_schema(start, style):
    held = [
        Held(x, {"m": x, "v": x}, 3, {"m": "float64"}, beside={"copy": x}) for x in start.thetas
    ]
    request = json.loads(json.dumps(messages.init(start, style)))
    of("init").validate(request)
    of("load").validate(messages.load(held, style))
    of("step").validate(messages.step([*start.thetas[:-1], None], 0.1, style))
    of("stepped").validate({"tensors": [messages.held(x, style) for x in held]})
    remark = Remark("note-it", "note", "It is so.")
    of("started").validate(
        messages.abilities(Abilities(frozenset({"load"}), frozenset(), {"lr": 0.1}, (remark,)))
    )


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        ("answer", {"ok": 1, "can": []}),
        ("answer", {"tensors": [{"m": ["0"]}]}),
        ("answer", {"tensors": [{"theta": "0"}]}),
        ("answer", {"tensors": [{"theta": ["one"]}]}),
        ("request", {"op": "step"}),
        ("request", {"op": "jump", "grads": []}),
        (
            "request",
            {"op": "init", "dtype": "float8", "optimizer": "adam", "tensors": [], "hyper": {}},
        ),
    ],
)
def test_what_is_none_of_it_is_refused(kind, document):
    assert not of(kind).is_valid(document)


def test_what_goes_between_a_check_and_a_program_is_of_the_schema(monkeypatch):
    asked, answered = [], []
    sent, received = child.Child.send, child.Child.receive

    def send(self, line):
        asked.append(json.loads(line))
        sent(self, line)

    def receive(self, count, seconds):
        for answer in received(self, count, seconds):
            answered.append(json.loads(answer))
            yield answer

    monkeypatch.setattr(child.Child, "send", send)
    monkeypatch.setattr(child.Child, "receive", receive)
    session = opened(check_targets.step, isolate=True).session
    # A process of ours is sent arrays packed, as no other is; it takes those of the protocol too.
    session._style = session._first_style = "hexadecimal"
    session.start(START)
    session.load(session.step([np.array([-15.0, 0.25]), np.array(1.0)]))
    session.close()
    assert [x["op"] for x in asked] == ["hello", "target", "named", "init", "step", "load"]
    for request, answer in zip(asked[3:], answered[3:], strict=True):
        of("request").validate(request)
        of("answer").validate(answer)


DECIMALS = """
import json, sys
for line in sys.stdin:
    request = json.loads(line)
    if request["op"] == "exit": break
    if "0x" in line:
        answer = {"numbers": "decimal"} if request["op"] == "init" else {"error": "no hexadecimal"}
    elif request["op"] == "init":
        theta = [x["theta"] for x in request["tensors"]]
        answer = {"ok": True, "can": []}
    else:
        answer = {"tensors": [{"theta": x} for x in theta]}
    print(json.dumps(answer), flush=True)
"""


def test_a_program_without_hexadecimal_is_started_in_decimals(tmp_path):
    (tmp_path / "program.py").write_text(DECIMALS)
    session = ProcessSession([sys.executable, str(tmp_path / "program.py")])
    for _ in range(2):
        assert session.start(START).can == {"shapes"}
        one, _ = session.step([np.array([-15.0, 0.25]), np.array(1.0)])
        assert one.theta.tolist() == [0.5, 2.0]
    session.close()


def test_asking_twice_for_decimals_is_garbage(tmp_path):
    (tmp_path / "program.py").write_text(DECIMALS.replace('if "0x" in line', "if True"))
    session = ProcessSession([sys.executable, str(tmp_path / "program.py")])
    with pytest.raises(Failed, match="the answer to init is") as failed:
        session.start(START)
    assert failed.value.id == "garbage"
    session.close()


def narrow(x):
    """Round float32 to bfloat16."""
    bits = np.asarray(x, np.float32).view(np.uint32).astype(np.uint64)
    up = bits + 0x7FFF + ((bits >> 16) & 1)
    return (up & 0xFFFF0000).astype(np.uint32).view(np.float32)


def with_a_narrow_m(theta, grad, state, *, lr, beta1, beta2, eps):
    f = np.float32
    s = state or {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}
    t = s["t"] + 1
    m = narrow(f(beta1) * s["m"] + f(1 - beta1) * grad)
    v = f(beta2) * s["v"] + f(1 - beta2) * grad * grad
    root = np.sqrt(v / f(1 - beta2**t)) + f(eps)
    return theta - f(lr) * (m / f(1 - beta1**t)) / root, {"m": m, "v": v, "t": t}


@pytest.mark.slow
@pytest.mark.parametrize("given", ["m=bfloat16,v=float32", {"m": "bfloat16"}])
def test_each_state_may_have_a_dtype_of_its_own(given):
    probes = ("generic-float32-literal", "random-generic-float32")
    report = check(with_a_narrow_m, state_dtype=given, probes=probes)
    assert report.verdict == "conforms"


@pytest.mark.slow
def test_a_narrow_state_that_was_not_asked_for_is_a_fault():
    report = check(with_a_narrow_m, probes=("generic-float32-literal", "random-generic-float32"))
    assert report.verdict == "deviates"
    assert report.diagnosis[0].faults == ("m-in-bfloat16",)
