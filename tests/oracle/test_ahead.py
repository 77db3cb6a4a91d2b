"""What a process is asked ahead of its turn is answered as if it had been asked in its turn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import check_targets as targets
from adamref.oracle.observe import running, trials
from adamref.oracle.observe.asking import asked
from adamref.oracle.observe.sessions.opened import opened
from adamref.oracle.observe.sessions.process import ProcessSession
from adamref.oracle.observe.sessions.session import Failed, Start

HYPER = {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
START = Start("float32", "adam", (np.array([0.5, 2.0]), np.array(1.0)), HYPER)
GRADS = [np.array([-15.0, 0.25]), np.array(1.0)]


@pytest.fixture
def reach():
    """Open sessions, and close them."""
    sessions = []

    def made(target, timeout=5.0):
        sessions.append(opened(target, isolate=True, timeout=timeout).session)
        return sessions[-1]

    yield made
    for session in sessions:
        session.close()


def bits(steps):
    return [(x.theta.tobytes(), x.states["m"].tobytes(), x.t) for held in steps for x in held]


def numbers(session, start, count):
    """Start over, and return what each of so many steps answers."""
    session.start(start)
    return bits(session.steps([GRADS] * count, [None] * count))


@pytest.mark.parametrize("wanted", [3, 2])
def test_what_is_asked_ahead_is_answered_as_if_it_had_been_asked_in_its_turn(reach, wanted):
    """Also where something else is asked for than was foreseen."""
    session = reach(targets.step)
    other = replace(START, hyper={**HYPER, "lr": 0.25})
    first, second = numbers(session, START, 2), numbers(session, other, wanted)
    session.start(START)
    taken = session.steps([GRADS] * 2, [None] * 2)
    session.foresee(other, [GRADS] * 3, [None] * 3)
    assert bits(taken) == first
    assert numbers(session, other, wanted) == second
    assert numbers(session, START, 2) == first


def test_a_failure_of_what_was_asked_ahead_is_that_of_what_is_asked_then(reach):
    session = reach(targets.hangs_later, timeout=1)
    session.start(START)
    taken = session.steps([GRADS], [None])
    hangs = [np.full(2, 13.0), GRADS[1]]
    session.foresee(START, [GRADS, hangs], [None, None])
    assert len(bits(taken)) == 2
    session.start(START)
    steps = session.steps([GRADS, hangs], [None, None])
    assert next(steps)[0].t == 1
    with pytest.raises(Failed, match=r"it gave no answer within 1 s"):
        next(steps)
    assert len(numbers(session, START, 2)) == 4


def test_what_was_asked_ahead_and_hangs_is_waited_for_where_nobody_wants_it(reach):
    session = reach(targets.hangs_later, timeout=1)
    session.start(START)
    taken = session.steps([GRADS], [None])
    session.foresee(START, [[np.full(2, 13.0), GRADS[1]]], [None])
    assert len(bits(taken)) == 2
    assert len(numbers(session, START, 1)) == 2


@pytest.mark.slow
@pytest.mark.parametrize("target", [targets.step, targets.hangs_later, targets.raises])
def test_trials_asked_ahead_say_what_those_asked_one_by_one_say(reach, monkeypatch, target):
    names = [f"random-{x}-float32" for x in ("generic", "rows", "scalar", "tensors")]
    some = [x for x in trials.trials("float32", "adam") if x.name in names or any(x.states)]
    asked_ahead, found = [], []
    foresee = ProcessSession.foresee
    monkeypatch.setattr(
        ProcessSession,
        "foresee",
        lambda *given: asked_ahead.append(given) or foresee(*given),
    )
    for ahead in (running._AHEAD, 0):
        monkeypatch.setattr(running, "_AHEAD", ahead)
        records, findings = asked(reach(target), some, "float32", "adam")
        steps = [bits(x.steps) if x.steps else None for x in records]
        found.append((steps, [x.failed and x.failed.says for x in records], findings))
        assert bool(asked_ahead) == (ahead > 0)
        asked_ahead.clear()
    assert len(some) >= 6
    assert found[0] == found[1]
