"""The first answer of an implementation: how long it is waited for, and what it may complain of."""

from __future__ import annotations

import contextlib
import sys
import time

import numpy as np

import check_targets as targets
from adamref.oracle.observe.sessions.opened import opened
from adamref.oracle.observe.sessions.session import Failed, Start

HYPER = {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
START = Start("float32", "adam", (np.array([0.5, 2.0]),), HYPER)


def failure(**how):
    with contextlib.closing(opened(**how).session) as session:
        try:
            session.start(START)
            session.step([np.array([-15.0, 0.25])])
        except Failed as failed:
            return failed
    raise AssertionError("it answered")


def test_a_program_that_never_answers_is_ended_in_the_time_that_was_given():
    begin = time.monotonic()
    failed = failure(command=f"{sys.executable} -c 'import time; time.sleep(60)'", timeout=0.5)
    assert failed.says == "it gave no answer within 0.5 s, all that the timeout allows"
    assert time.monotonic() - begin < 5


def test_so_is_a_module_whose_import_hangs(tmp_path):
    """How long this package itself takes to start is not counted."""
    (tmp_path / "never_imported.py").write_text("import time\ntime.sleep(60)\n")
    failed = failure(target=f"{tmp_path}/never_imported.py:step", timeout=0.5)
    assert failed.says == "it gave no answer within 0.5 s, all that the timeout allows"


def test_a_function_that_wants_tensors_is_told_what_it_got():
    failed = failure(target=targets.wants_tensors)
    assert failed.id == "exception"
    assert "object has no attribute 'detach'" in failed.says
    assert failed.says.count("it was given NumPy arrays: where it wants tensors, ") == 1
