"""A check has what it needs on Windows too: nothing of it rests on what POSIX alone has."""

from __future__ import annotations

import ast
import os
import selectors
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

import adamref
from adamref import check
from adamref.oracle.observe.sessions.child import Child, _cut_off
from adamref.oracle.observe.sessions.opened import _split
from adamref.oracle.observe.sessions.session import Failed
from adamref.processes import end_marked, end_tree

ONLY_POSIX = {
    "os": {"fork", "forkpty", "getgid", "getpgid", "getsid", "getuid", "killpg", "mkfifo", "nice",
           "set_blocking", "setpgid", "setsid", "uname", "wait", "waitpid"},
    "signal": {"SIGALRM", "SIGCHLD", "SIGHUP", "SIGKILL", "SIGQUIT", "SIGUSR1", "alarm", "pause"},
    "selectors": {"*"}, "select": {"*"}, "fcntl": {"*"}, "resource": {"*"}, "termios": {"*"},
    "pty": {"*"}, "pwd": {"*"}, "grp": {"*"},
}  # fmt: skip
"""What Python on Windows lacks, or has for sockets alone."""

ADAM = """
import numpy as np

def step(theta, grad, state, *, lr, beta1, beta2, eps, weight_decay):
    state = state or {"m": 0 * theta, "v": 0 * theta, "t": 0}
    t = state["t"] + 1
    m = beta1 * state["m"] + (1 - beta1) * grad
    v = beta2 * state["v"] + (1 - beta2) * grad * grad
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    theta = theta - (lr * m_hat / (np.sqrt(v_hat) + eps)).astype(theta.dtype)
    return theta, {"m": m.astype(theta.dtype), "v": v.astype(theta.dtype), "t": t}
"""


def names_used(tree):
    """Yield what a file takes from modules, outside of blocks that ask whether it is there."""
    guarded = {
        id(inside)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "hasattr" in ast.unparse(node.test)
        for inside in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((name.name, "*") for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, name.name) for name in node.names)
            yield node.module, "*"
        elif isinstance(node, ast.Attribute) and id(node) not in guarded:
            yield ast.unparse(node.value), node.attr


@pytest.mark.slow
def test_no_file_takes_what_posix_alone_has():
    place = Path(adamref.__file__).parent
    found = {
        (str(file.relative_to(place)), f"{module}.{name}")
        for file in place.rglob("*.py")
        for module, name in names_used(ast.parse(file.read_text("utf-8")))
        if name in ONLY_POSIX.get(module, ())
    }
    assert found == set()


def asked(program, seconds):
    program.send("{}")
    return program.receive(1, seconds)


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """Take away what Windows lacks. psutil itself ends a process there in another way."""
    del tmp_path  # its folder is made by what is taken away here

    def kill(one):
        os.kill(one.pid, 9)

    monkeypatch.setattr(psutil.Process, "kill", kill)
    for name in ONLY_POSIX["os"] - {"waitpid"}:  # subprocess waits by it, here
        monkeypatch.delattr(os, name, raising=False)
    for name in ONLY_POSIX["signal"]:
        monkeypatch.delattr(signal, name, raising=False)
    for name in ("DefaultSelector", "PollSelector", "EpollSelector", "SelectSelector"):
        monkeypatch.delattr(selectors, name, raising=False)


@pytest.mark.slow
@pytest.mark.usefixtures("elsewhere")
def test_a_check_runs_where_posix_is_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "portable_adam.py").write_text(ADAM)
    report = check("portable_adam:step", probes=["generic-float32-literal"])
    assert (report.verdict, report.isolated) == ("conforms", True)


PROGRAMS = {
    "hangs": ("import time; time.sleep(60)", "timeout", "it gave no answer within 0.5 s"),
    "leaves": ("import sys; sys.exit(3)", "exit", "it left with status 3"),
    "is killed": ("import os; os.abort()", "signal", "it was ended by SIGABRT"),
    "is silent": ("import os, time; os.close(1); time.sleep(60)", "exit", "it closed its standard"),
    "complains": ("import sys; sys.exit('no such thing')", "exit", "error: no such thing"),
}  # fmt: skip


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("name", PROGRAMS)
def test_whatever_a_program_does_is_told_there(name):
    body, kind, says = PROGRAMS[name]
    program = Child([sys.executable, "-I", "-S", "-c", body])
    with pytest.raises(Failed) as caught:
        next(asked(program, 0.5 if kind == "timeout" else 20))
    assert caught.value.id == kind
    assert says in caught.value.says
    assert program._process.poll() is not None


@pytest.mark.usefixtures("elsewhere")
def test_what_a_program_says_without_end_is_cut_off_and_waits():
    body = "import sys\nwhile True: sys.stdout.write('x' * 65536)"
    program = Child([sys.executable, "-I", "-S", "-c", body])
    time.sleep(0.5)
    assert len(program._pipes.answers) <= 17 << 16
    with pytest.raises(Failed) as caught:
        next(asked(program, 2))
    assert caught.value.id in ("timeout", "garbage")


@pytest.mark.usefixtures("elsewhere")
def test_it_ends_with_all_that_it_started():
    body = (
        "import subprocess, sys, time\n"
        "ran = subprocess.Popen([sys.executable, '-I', '-S', '-c', 'import time; time.sleep(60)'],"
        " start_new_session=True)\n"
        "input()\nprint(ran.pid, flush=True)\ntime.sleep(60)"
    )
    program = Child([sys.executable, "-I", "-S", "-c", body])
    started = psutil.Process(int(next(asked(program, 20))))
    program.close("{}")
    assert psutil.wait_procs([started], timeout=10)[1] == [] or started.status() == "zombie"


@pytest.mark.slow
def test_what_lost_its_parent_is_known_by_its_mark():
    body = (
        "import subprocess, sys\n"
        "ran = subprocess.Popen([sys.executable, '-I', '-S', '-c', 'import time; time.sleep(60)'],"
        " start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "input()\nprint(ran.pid, flush=True)"
    )
    program = Child([sys.executable, "-I", "-S", "-c", body])
    started = psutil.Process(int(next(asked(program, 20))))
    program._process.wait(20)
    program.kill()
    assert psutil.wait_procs([started], timeout=10)[1] == [] or started.status() == "zombie"


def test_to_end_what_is_gone_is_nothing():
    program = Child([sys.executable, "-I", "-S", "-c", ""])
    program._process.wait(20)
    program.kill()
    end_marked("nobody has this mark")
    end_tree(program._process.pid)


@pytest.mark.parametrize(
    ("code", "says"), [(0, ""), (3, ""), (0xC0000005, "exception 0xC0000005"), (-200, "signal 200")]
)
def test_what_ended_a_program_is_said_as_the_system_says_it(code, says):
    assert _cut_off(code) == says


@pytest.mark.parametrize("windows", [False, True])
def test_a_command_is_split_as_the_system_writes_paths(windows):
    assert _split("run 'a b' --x=1 #2", windows=windows) == ["run", "a b", "--x=1", "#2"]
    path = r"C:\\tools\adam.exe" if not windows else r"C:\tools\adam.exe"
    assert _split(r'"C:\tools\adam.exe" -n', windows=True) == [r"C:\tools\adam.exe", "-n"]
    assert _split(path, windows=windows)[0].startswith("C:")
