"""Environments that are made for a package, and removed again. Never with a GPU's stack in them."""

from __future__ import annotations

import atexit
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from survey.rows import GLUE, HERE

if TYPE_CHECKING:
    from survey.rows import Environment

ROOT = HERE.parent
LOCKS = HERE / "locks"
BESIDE = ("ml_dtypes>=0.5", "setuptools>=77")
"""What adamref is given beside its own dependencies: bfloat16, and what old packages take for
granted."""

_GPU = re.compile(
    r"(nvidia|cuda|cupy|rocm|triton|pytorch-triton|jax-cuda|tensorrt)([-_.\d]|$).*|.*[-_](cu\d+|cuda\d*|rocm|gpu)(-.*)?"
)
_TIMEOUT = 3600.0
"""Seconds for a step of making one: far more than any needs."""


class NotMade(Exception):
    """An environment that could not be made: why, in a line or a few."""


@dataclass(frozen=True)
class Made:
    """An environment that stands.

    Parameters
    ----------
    folder : Path
        Where; it is removed afterwards.
    python : str
        The interpreter by which adamref is run.
    variables : mapping
        Of its processes.
    """

    folder: Path
    python: str
    variables: dict[str, str] = field(default_factory=dict)


def is_of_a_gpu(name: str) -> bool:
    """Say whether a package is part of a GPU's stack, by its name.

    >>> [is_of_a_gpu(x) for x in ("nvidia-cublas-cu12", "triton", "torch", "jax-cuda12-plugin")]
    [True, True, False, True]
    """
    return _GPU.fullmatch(name.lower().replace("_", "-")) is not None


@contextmanager
def made(wanted: Environment) -> Iterator[Made]:
    """Make an environment, and remove it.

    Raises
    ------
    NotMade
        If something that it needs is not there, cannot be installed, or would bring a GPU's stack.
    """
    for one in wanted.needs:
        if shutil.which(one) is None and not Path("/usr/include", one).exists():
            raise NotMade(f"needs {one}, which is not on this machine")
    folder = Path(tempfile.mkdtemp(prefix=f"survey-{wanted.name}-"))
    try:
        yield {"python": _python, "npm": _npm, "program": _program}[wanted.kind](wanted, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _variables(folder: Path) -> dict[str, str]:
    home = folder / "home"
    home.mkdir(exist_ok=True)
    kept = {k: x for k, x in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return {
        **kept, "HOME": str(home), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "",
        "JAX_PLATFORMS": "cpu", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONDONTWRITEBYTECODE": "",
    }  # fmt: skip


def _python(wanted: Environment, folder: Path) -> Made:
    python = str(folder / "bin" / "python")
    _run([sys.executable, "-m", "venv", "--without-pip", str(folder)])
    asked = [*wanted.install, *_core(), *BESIDE]
    lock = LOCKS / f"{wanted.name}.txt"
    pins = ["-c", str(lock)] if lock.exists() else []
    # What is never imported need not be compiled.
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python]
    install = [*pip, "install", "--quiet", "--no-compile"]
    report = folder / "report.json"
    _run([*install, "--dry-run", "--ignore-installed", "--report", str(report), *pins, *asked])
    found = resolved(json.loads(report.read_text("utf-8")))
    if gpu := [x for x in found if is_of_a_gpu(x.partition("==")[0])]:
        raise NotMade(f"would install {', '.join(gpu)}: a GPU's stack, which is never installed")
    if not lock.exists():
        LOCKS.mkdir(exist_ok=True)
        lock.write_text("".join(f"{x}\n" for x in found), "utf-8")
    _run([*install, "--no-deps", *found])
    _run([*install, "--no-deps", *wanted.alone, str(_wheel())])
    return Made(folder, python, _variables(folder))


def resolved(report: dict[str, list[dict[str, dict[str, str]]]]) -> list[str]:
    """Return what pip would install, pinned; without what a version says of how it was built."""
    found = (one["metadata"] for one in report["install"])
    pins = (f"{x['name'].lower()}=={x['version'].partition('+')[0]}" for x in found)
    return sorted(pins)


def _npm(wanted: Environment, folder: Path) -> Made:
    _run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder),
          *wanted.install])  # fmt: skip
    for path in GLUE.glob("*.mjs"):
        shutil.copy(path, folder)
    return Made(folder, sys.executable, _variables(folder))


def _program(wanted: Environment, folder: Path) -> Made:
    for path in GLUE.iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    _run([x.format(out=folder / wanted.name) for x in wanted.build], folder)
    return Made(folder, sys.executable, _variables(folder))


def _core() -> list[str]:
    said = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return list(said["project"]["dependencies"])


@cache
def _wheel() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="survey-wheel-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _run([sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet",
          "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)])  # fmt: skip
    return next(folder.glob("*.whl"))


def _run(command: list[str], folder: Path | None = None) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - what the declarations say
            command, cwd=folder, capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotMade(f"{command[0]}: {error}") from None
    if done.returncode:
        lines = [x for x in done.stderr.strip().splitlines() if not x.startswith("WARNING")]
        raise NotMade("\n".join(lines[-4:]) or f"{command[0]} ended with {done.returncode}")
