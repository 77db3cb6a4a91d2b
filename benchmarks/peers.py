"""What is compared with: whether it is here, and how to get it where it is not."""

from __future__ import annotations

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

_SOURCE = Path(__file__).with_name("mpfr_loop.c")
_GET_EXTRA = "pip install 'adamref[bench]', or make bench"
_GET_MPFR = "the headers of MPFR and GMP (Debian: apt-get install libmpfr-dev)"
_COMPILE_SECONDS = 120


def without(module: str) -> str | None:
    """Say that a Python package is missing and how to get it; None: it is here."""
    if find_spec(module) is not None:
        return None
    return f"{module} is not installed: {_GET_EXTRA}"


def built(folder: Path) -> tuple[Path | None, str | None]:
    """Compile the C loop; return the program, or what is missing and how to get it."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None, f"there is no C compiler: install one, and {_GET_MPFR}"
    program = folder / "mpfr_loop"
    command = [compiler, "-O2", str(_SOURCE), "-o", str(program), "-lmpfr", "-lgmp"]
    try:
        done = subprocess.run(  # noqa: S603 - the installed compiler, on a file of our own
            command, capture_output=True, text=True, timeout=_COMPILE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as failed:
        return None, f"{failed}; it needs {_GET_MPFR}"
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if "error" in line or "cannot" in line]
        # Without the path of the compiled file, which tells about the machine and not the fault.
        what = said[0].split("error: ")[-1] if said else f"cc ended with {done.returncode}"
        return None, f"it does not compile ({what}): it needs {_GET_MPFR}"
    return program, None
