"""An interrupted command ends soon, with what it has started, in one line and with 130."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals between processes"),
]

SLEEPING = """
import time
import numpy as np

def step(theta, g, m, v, t, lr, beta1, beta2, eps):
    time.sleep(0.1)
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
    return theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v
"""


def is_running(group):
    """Say whether a process of a group has not ended."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def ends(group):
    """Say whether all processes of a group end soon."""
    for _ in range(100):
        if not is_running(group):
            return True
        time.sleep(0.1)
    return False


def started(arguments, place):
    """Start a command that has something to do for long, in a group of its own."""
    for name in ("slow.py", "other.py"):
        (place / name).write_text(SLEEPING)
    notes = place / "notes"
    notes.mkdir()
    page = "Adam: alpha = 0.1, w_0 = 1, g_1 = 15\nm_1 = 1.6\n" * 400
    for i in range(1000):
        (notes / f"{i}.md").write_text(page)
    ran = subprocess.Popen(
        [sys.executable, "-m", "adamref", *arguments],
        cwd=place, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    time.sleep(4)
    assert ran.poll() is None, ran.communicate()
    return ran


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "slow.py:step"],
        ["check", "slow.py:step", "other.py:step"],
        ["prove", "--no-kernel"],
        ["audit", "notes"],
        ["step", "--theta", "0.5", "--objective", "(3*w - 4)**2", "--alpha", "0.1",
         "--steps", "10000", "--digits", "300"],
    ],
    ids=lambda x: "-".join(x[:3]),
)  # fmt: skip
def test_an_interrupted_command_ends_with_130_and_all_that_it_started(arguments, tmp_path):
    ran = started(arguments, tmp_path)
    os.killpg(ran.pid, signal.SIGINT)
    _, said = ran.communicate(timeout=30)
    assert (ran.returncode, said.strip()) == (130, "adamref: interrupted")
    assert ends(ran.pid)


@pytest.mark.parametrize(
    "arguments", [["audit", "notes"], ["check", "slow.py:step", "other.py:step"]]
)
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_what_a_command_started_ends_with_it_however_that_ends(arguments, how, tmp_path):
    ran = started(arguments, tmp_path)
    ran.send_signal(how)
    ran.communicate(timeout=30)
    assert ends(ran.pid)
