"""Implementations in a process of their own: whatever they do, an answer or a finding, in time."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import check_targets as targets
from adamref.errors import Ambiguous, CannotLoad, UnknownName
from adamref.oracle.observe.sessions import messages
from adamref.oracle.observe.sessions.child import HOST, begin
from adamref.oracle.observe.sessions.opened import opened
from adamref.oracle.observe.sessions.process import ProcessSession
from adamref.oracle.observe.sessions.session import Abilities, Failed, Held, Remark, Start

HYPER = {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
START = Start("float32", "adam", (np.array([0.5, 2.0]), np.array(1.0)), HYPER)
GRADS = [np.array([-15.0, 0.25]), np.array(1.0)]


@pytest.fixture
def reach():
    """Open sessions, and close them."""
    sessions = []

    def made(target=None, timeout=5.0, **options):
        found = opened(target, timeout=timeout, **options)
        sessions.append(found.session)
        return found

    yield made
    for session in sessions:
        session.close()


@pytest.fixture
def program(reach):
    """Run a Python program that answers by a function of the request."""

    def made(body, timeout=5.0):
        lines = ["import json, os, sys, time, signal", "def out(x): print(x, flush=True)", body]
        source = "\n".join(lines)
        assert "'" not in source
        return reach(command=f"{sys.executable} -c '{source}'", timeout=timeout).session

    return made


def failure(session):
    try:
        session.start(START)
        session.step(GRADS)
    except Failed as failed:
        return failed
    raise AssertionError("it answered")


@pytest.mark.parametrize("target", [targets.step, targets.Adam, targets.transformation])
def test_it_gives_the_same_bits_as_here(reach, target):
    answers = []
    for isolate in (True, False):
        session = reach(target, isolate=isolate).session
        abilities = session.start(START)
        held = session.step(GRADS)
        session.load([Held(x.theta, x.states, 1000) for x in held])
        answers.append((abilities, held, session.step(GRADS, lr=0.5)))
    (one, *two), (three, *four) = answers
    assert one == three
    for here, there in zip([x for y in two for x in y], [x for y in four for x in y], strict=True):
        assert here.theta.tobytes() == there.theta.tobytes()
        assert {n: x.tobytes() for n, x in here.states.items()} == {
            n: x.tobytes() for n, x in there.states.items()
        }
        assert (here.t, here.dtypes, here.remarks) == (there.t, there.dtypes, there.remarks)


def bits(steps):
    return [(x.theta.tobytes(), x.states["m"].tobytes(), x.t) for held in steps for x in held]


@pytest.mark.parametrize("isolate", [True, False])
def test_steps_asked_for_at_once_are_those_asked_for_one_by_one(reach, isolate):
    session = reach(targets.step, isolate=isolate).session
    grads, lrs = [GRADS, [-x for x in GRADS], GRADS], [0.1, 0.25, 0.5]
    session.start(START)
    one_by_one = [session.step(g, lr) for g, lr in zip(grads, lrs, strict=True)]
    session.start(START)
    assert bits(session.steps(grads, lrs)) == bits(one_by_one)


def test_what_fails_among_steps_fails_at_its_own(reach):
    session = reach(targets.hangs_later, timeout=0.3).session
    session.start(START)
    taken = session.steps([GRADS, [np.full(2, 13.0), GRADS[1]], GRADS], [None] * 3)
    assert next(taken)[0].t == 1
    with pytest.raises(Failed, match=r"it gave no answer within 0\.3 s"):
        next(taken)
    session.start(START)
    assert session.step(GRADS)[0].t == 1


def test_steps_that_nobody_waits_for_answer_nothing_else(reach):
    session = reach(targets.step).session
    session.start(START)
    taken = session.steps([GRADS] * 50, [None] * 50)
    next(taken)
    taken.close()
    session.start(START)
    assert session.step(GRADS)[0].t == 1


def test_what_can_be_imported_is_isolated(reach):
    found = reach(targets.step)
    assert found[1:5] == (True, "check_targets:step", "function", "")
    assert found.words == {"step": None}
    found = reach("adamref.fast:AdamW", args={"form": "eps-hat"})
    assert found[1:5] == (True, "adamref.fast:AdamW", "fast", "adamw")


def test_arguments_arrive(reach):
    session = reach(targets.step, args={"eps": 1e9}).session
    assert "eps" not in session.start(START).controls
    assert abs(session.step(GRADS)[0].theta[0] - 0.5) < 1e-6


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "id_", "says"),
    [
        (targets.aborts, "signal", "it was ended by SIGABRT"),
        (targets.segfaults, "signal", "it was ended by SIGSEGV"),
        (targets.exits, "exit", "it called sys.exit('enough') in step"),
        (targets.leaves, "exit", "it left with status 7; it wrote to standard error: so long"),
        (targets.raises, "exception", "ValueError: not today in raises (check_targets.py:"),
        (targets.too_many, "wrong-shape", "theta has shape (6,), but should have (2,)"),
    ],
)
def test_each_end_has_its_name_and_a_new_process_comes_after_it(reach, target, id_, says):
    session = reach(target).session
    for _ in range(2):
        failed = failure(session)
        assert failed.id == id_
        assert says in failed.says


def test_a_hang_is_ended_in_time(reach):
    session = reach(targets.hangs_later, timeout=0.3).session
    session.start(START)
    session.step(GRADS)
    begin = time.monotonic()
    with pytest.raises(Failed, match=r"it gave no answer within 0\.3 s") as failed:
        session.step([np.full(2, 13.0), GRADS[1]])
    assert failed.value.id == "timeout"
    assert time.monotonic() - begin < 3
    session.start(START)
    assert session.step(GRADS)[0].t == 1


@pytest.mark.parametrize("target", [targets.prints, targets.floods, targets.reads])
def test_what_it_prints_and_reads_is_none_of_the_protocol(reach, target):
    session = reach(target).session
    session.start(START)
    assert session.step(GRADS)[0].t == 1
    assert session.step(GRADS)[0].t == 2


def test_threads_that_it_leaves_do_not_hold_up_the_end(reach):
    session = reach(targets.leaves_a_thread).session
    session.start(START)
    session.step(GRADS)
    begin = time.monotonic()
    session.close()
    assert time.monotonic() - begin < 3


def test_a_failure_to_find_it_is_raised_by_opened(reach):
    with pytest.raises(CannotLoad, match="check_targets has no stepp") as raised:
        reach("check_targets:stepp")
    assert raised.value.target == "check_targets:stepp"
    with pytest.raises(Ambiguous, match="it has init and update, and step") as ambiguous:
        reach("check_targets:Both")
    assert tuple(ambiguous.value.choices) == ("optax", "class")
    with pytest.raises(UnknownName, match="adapter 'x' is unknown"):
        reach(targets.step, adapter="x")
    with pytest.raises(CannotLoad, match="the program cannot be run: No such file"):
        reach(command="./no-such-program")
    with pytest.raises(CannotLoad, match="cannot be split"):
        reach(command="'")


ECHO = """
for line in sys.stdin:
    op = json.loads(line)["op"]
    if op == "init": out(json.dumps({"ok": True, "can": ["load", "speed"]}))
    if op == "load": out(json.dumps({"ok": True}))
    if op == "step":
        """


@pytest.mark.parametrize(
    ("answer", "id_", "says"),
    [
        ('out("what?")', "garbage", 'its answer to step is "what?", but should be a JSON object'),
        ('out("[1, 2]")', "garbage", 'its answer to step is "[1, 2]", but should be a JSON'),
        ('out("x" * 200)', "garbage", f'"{"x" * 80}…"'),
        ('out("[" * 100000)', "garbage", "but should be a JSON object"),
        ("os.write(1, bytes(range(1, 20)))", "garbage", 'to step is "........", but should'),
        (
            'out("{}")',
            "garbage",
            "tensors in the answer to step is None, but should be a list of 2",
        ),
        ('out(json.dumps({"tensors": [{}] * 2}))', "garbage", "tensors[0].theta is None"),
        (
            'out(json.dumps({"tensors": [{"theta": ["1", "x"]}] * 2}))',
            "garbage",
            "tensors[0].theta[1] is 'x', but should be a number",
        ),
        (
            'out(json.dumps({"tensors": [{"theta": ["1", "2", "3"]}] * 2}))',
            "wrong-shape",
            "theta has shape (3,), but should have (2,)",
        ),
        ('out(json.dumps({"error": "no float32"}))', "refusal", "it refused: no float32"),
        ("sys.exit(3)", "exit", "it left with status 3"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "signal", "it was ended by SIGKILL"),
        ("os.close(1); time.sleep(60)", "exit", "it closed its standard output"),
        ("1/0", "exit", "ZeroDivisionError: division by zero"),
        ('out("{}"); out("{}")', "garbage", "tensors in the answer"),
        ('sys.stdout.write("{"); sys.stdout.flush()', "timeout", 'it wrote "{", but no end of'),
    ],
)
def test_a_program_that_breaks_the_protocol(program, answer, id_, says):
    failed = failure(program(ECHO + answer, timeout=0.5))
    assert failed.id == id_
    assert says in failed.says


def test_an_answer_without_a_question_is_garbage(program):
    session = program('out("{\\"ok\\": true}\\nhello")\ntime.sleep(60)')
    session.start(START)
    time.sleep(0.05)
    with pytest.raises(Failed, match='it wrote "hello" without being asked') as failed:
        session.step(GRADS)
    assert failed.value.id == "garbage"


RIGHT = (
    'out(json.dumps({"tensors": [{"theta": ["1", 2.5], "m": ["0x1.999999999999ap-4"], "t": 1}, '
    '{"theta": ["nan"], "v": None, "u": ["1e-3"]}]}))'
)


def test_a_program_shows_what_it_likes(program):
    session = program(ECHO + RIGHT)
    abilities = session.start(START)
    assert (abilities.can, abilities.controls) == ({"load", "shapes"}, set(HYPER))
    one, two = session.step(GRADS)
    assert (one.theta.tolist(), one.states["m"].tolist(), one.t) == ([1.0, 2.5], [0.1, 0.1], 1)
    assert one.dtypes == {"theta": "float32", "m": "float64"}
    assert [x.id for x in one.remarks] == ["wider-dtype", "wrong-shape"]
    assert np.isnan(two.theta)
    assert (two.theta.shape, set(two.states), two.t, two.remarks) == ((), {"u"}, None, ())
    session.load([one, two])


def test_a_refusal_leaves_the_process_running(program):
    body = ECHO.replace('out(json.dumps({"ok": True}))', 'out(json.dumps({"error": "not me"}))')
    session = program(body + RIGHT)
    session.start(START)
    with pytest.raises(Failed, match="it refused: not me"):
        session.load([Held(x) for x in START.thetas])
    assert session.step(GRADS)[0].t == 1


def test_requests_are_decimals_where_they_are_asked_for(program):
    body = ECHO.replace('"can": ["load", "speed"]', '"numbers": "decimal"')
    given = 'json.loads(line)["grads"]'
    session = program(
        f'{body}sys.exit(9) if "0x" in line else '
        f'out(json.dumps({{"tensors": [{{"theta": x}} for x in {given}]}}))'
    )
    session.start(START)
    one, two = session.step([np.array([-0.5, np.inf]), np.array(5e-324)])
    assert (one.theta.tolist(), float(two.theta)) == ([-0.5, np.inf], 5e-324)


@pytest.mark.slow
def test_large_arrays_go_through_both_ways_at_once(reach):
    """Pipes hold 64 KiB: whoever wrote all before reading would wait for ever."""
    theta = np.linspace(-1, 1, 40_000, dtype=np.float32).astype(np.float64)
    session = reach(targets.step, timeout=20).session
    session.start(Start("float32", "adam", (theta,), HYPER))
    assert session.step([theta])[0].theta.shape == theta.shape


def test_processes_that_it_started_end_with_it(program, tmp_path):
    note = tmp_path / "pid"
    body = (
        f'child = os.fork()\nif child == 0: time.sleep(60)\nopen("{note}", "w").write(str(child))\n'
    )
    session = program(body + ECHO + "time.sleep(60)", timeout=0.5)
    assert failure(session).id == "timeout"
    pid = int(note.read_text())
    for _ in range(100):
        if not _runs(pid):
            break
        time.sleep(0.02)
    assert not _runs(pid)


def test_processes_in_a_session_of_their_own_end_with_it(program, tmp_path):
    """One that a fork of a fork leaves behind, after it called setsid."""
    note = tmp_path / "pid"
    body = (
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        f'    child = os.fork()\n    if child: open("{note}", "w").write(str(child)); os._exit(0)\n'
        "    time.sleep(60)\n"
    )
    session = program(body + ECHO + "time.sleep(60)", timeout=1)
    assert failure(session).id == "timeout"
    pid = int(note.read_text())
    for _ in range(100):
        if not _runs(pid):
            break
        time.sleep(0.02)
    assert not _runs(pid)


def _runs(pid):
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat")
        return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_what_was_begun_is_taken_by_the_first_who_asks_and_by_no_other(reach):
    begin(HOST)
    first, second = (reach(targets.step).session for _ in range(2))
    begin(HOST)
    third = reach(targets.step).session
    processes = {x._child._process.pid for x in (first, second, third)}
    assert len(processes) == 3
    answers = []
    for session in (first, second, third):
        session.start(START)
        answers.append([x.theta.tobytes() for x in session.step(GRADS)])
    assert answers[0] == answers[1] == answers[2]


def test_it_does_not_run_before_it_is_started():
    with pytest.raises(Failed, match="it does not run"):
        ProcessSession([sys.executable]).step(GRADS)


def test_messages_say_all_that_they_are_made_of():
    start = Start("bfloat16", "adamw", START.thetas, HYPER, defaults=True)
    sent = json.loads(json.dumps(messages.init(start)))
    back = messages.read_init(sent)
    assert (back.dtype, back.optimizer, back.hyper, back.defaults) == (
        "bfloat16",
        "adamw",
        HYPER,
        True,
    )
    abilities = Abilities(
        frozenset({"load"}), frozenset({"lr"}), {"eps": 1e-7}, (Remark("a", "limit", "b"),)
    )
    sent = json.loads(json.dumps(messages.abilities(abilities)))
    assert messages.read_abilities(sent, start) == abilities


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"ok": 1},
        {"ok": True, "can": "load"},
        {"ok": True, "controls": [1]},
        {"ok": True, "defaults": {"eps": "x"}},
        {"ok": True, "remarks": [{"severity": "grave"}]},
    ],
)
def test_an_answer_to_init_that_is_none(answer):
    with pytest.raises(Failed) as failed:
        messages.read_abilities(answer, START)
    assert failed.value.id == "garbage"
