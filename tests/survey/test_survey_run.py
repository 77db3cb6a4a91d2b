"""A small package is surveyed from end to end: its environment, its check, its record, its page."""

from __future__ import annotations

import sysconfig
import zipfile
from pathlib import Path

import pytest

from survey import environments, pages, record, rows, run

ROOT = Path(__file__).parents[2]
OPTIMIZER = """
import numpy as np


class Adam:
    def __init__(self, theta, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        self.theta, self.lr, self.beta1, self.beta2, self.eps = theta, lr, beta1, beta2, eps
        self.m, self.v, self.t = np.zeros_like(theta), np.zeros_like(theta), 0

    def step(self, grad):
        self.t += 1
        self.m = self.beta1 * self.m + (1 - self.beta1) * grad
        self.v = self.beta2 * self.v + (1 - self.beta2) * grad * grad
        m_hat = self.m / (1 - self.beta1)
        v_hat = self.v / (1 - self.beta2**self.t)
        self.theta = self.theta - self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
        return self.theta
"""
ROW = """
[environment]
package = "tiny"
version = "1.0"
install = ["{}"]

[[implementation]]
name = "tiny-adam"
title = "tiny `Adam`"
optimizer = "adam"
target = "tiny:Adam"
dtypes = ["float32"]
options = ["--probes=generic-float32-literal", "--probes=constant-float32"]
"""


def wheel(folder, name, files, needs=()):
    """Write a wheel by hand."""
    about = f"{name}-1.0.dist-info"
    path = folder / f"{name}-1.0-py3-none-any.whl"
    required = "".join(f"Requires-Dist: {x}\n" for x in needs)
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
        archive.writestr(
            f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{required}"
        )
        archive.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{about}/RECORD", "")
    return path


@pytest.fixture
def offline(tmp_path, monkeypatch):
    """Without a network: adamref and what it needs are those of the tests, by a path."""
    here = f"{ROOT}\n{sysconfig.get_path('purelib')}\n"
    stands = wheel(tmp_path, "adamref", {"adamref.pth": here})
    monkeypatch.setattr(environments, "_wheel", lambda: stands)
    monkeypatch.setattr(environments, "_core", list)
    monkeypatch.setattr(environments, "BESIDE", ())
    monkeypatch.setattr(environments, "LOCKS", tmp_path / "locks")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    return tmp_path


def declared(folder):
    path = folder / "tiny.toml"
    path.write_text(ROW.format(folder / "tiny-1.0-py3-none-any.whl"))
    return rows.read(path)


@pytest.mark.slow
def test_a_package_is_surveyed_and_surveyed_again(offline, monkeypatch):
    wheel(offline, "tiny", {"tiny.py": OPTIMIZER})
    results, said, left = offline / "results", [], []
    removed = environments.shutil.rmtree
    monkeypatch.setattr(
        environments.shutil, "rmtree", lambda x, **how: (left.append(x), removed(x, **how))
    )
    mine = declared(offline)
    assert run.survey(mine, results=results, tell=said.append) == ["tiny-adam"]
    assert not left[0].exists()
    assert any("tiny-adam float32: deviates" in x for x in said)
    one = record.read("tiny-adam", results)
    assert one["dtypes"]["float32"]["causes"][0]["faults"] == ["m_hat-without-power"]
    assert one["compared"]["with"] == "adamref.fast:Adam"
    assert (offline / "locks" / "tiny.txt").read_text() == "tiny==1.0\n"
    found = pages.texts(mine, {"tiny-adam": one})
    assert "## In float32: deviates" in found[pages.FOLDER / "tiny-adam.md"]
    # What is there is not done again; afresh, from nothing, it is the same.
    assert run.survey(mine, results=results, tell=said.append) == []
    before = record.path_of("tiny-adam", results).read_text()
    assert run.survey(mine, results=results, fresh=True, tell=said.append) == ["tiny-adam"]
    assert record.path_of("tiny-adam", results).read_text() == before


@pytest.mark.slow
def test_an_environment_that_would_get_a_gpu_s_stack_is_refused(offline):
    wheel(offline, "tiny", {"tiny.py": OPTIMIZER}, needs=["nvidia-cublas-cu12"])
    wheel(offline, "nvidia_cublas_cu12", {"nothing.py": ""})
    results = offline / "results"
    run.survey(declared(offline), results=results, tell=lambda _: None)
    one = record.read("tiny-adam", results)
    assert "nvidia" in one["because"]
    assert "GPU" in one["because"]
    assert pages.verdict(one) == "not judged"
    assert not (offline / "locks").exists()


@pytest.mark.slow
def test_a_package_that_cannot_be_had_is_a_row_that_says_why(offline):
    path = offline / "tiny.toml"
    path.write_text(ROW.format("tiny==1.0"))
    results = offline / "results"
    run.survey(rows.read(path), results=results, tell=lambda _: None)
    assert "tiny==1.0" in record.read("tiny-adam", results)["because"]


def test_a_program_that_the_machine_lacks_is_said():
    wanted = rows.Environment("c", "program", "c", "1", needs=("no-such-program-here",))
    with (
        pytest.raises(environments.NotMade, match="no-such-program-here"),
        environments.made(wanted),
    ):
        pytest.fail("it was made")
