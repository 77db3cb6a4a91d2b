"""`adamref.check_many`: several implementations, each checked in a process of its own, at once."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from adamref.errors import (
    Ambiguous,
    CannotIsolate,
    CannotLoad,
    MissingInput,
    MissingPackage,
    OutOfDomain,
    UnknownName,
)
from adamref.oracle.check import BY_ITS_NAME, check
from adamref.oracle.observe.sessions.candidates import candidates
from adamref.oracle.report.findings import Report
from adamref.oracle.report.several import Checks, Unreached
from adamref.processes import worked_apart


def check_many(
    targets: Iterable[str | os.PathLike[str]],
    *,
    jobs: int | None = None,
    tracked: Callable[[Any], Any] = iter,
    **options: Any,
) -> Checks:
    """Check several implementations at once.

    Parameters
    ----------
    targets : iterable of str or path
        ``module:attribute`` or ``file.py:attribute``; or a file or folder: what in it looks like
        an optimizer.
    jobs : int, optional
        How many at a time; as many as there are processors if not given.
    tracked : callable
        Passes the checks on one by one, as a progress bar does.
    **options
        As `adamref.check` takes them, for each; they go to other processes.

    Returns
    -------
    Checks
        In the order of the targets, whatever is ready first. One that cannot be called does not
        end the others: it is told among those not reached.

    Raises
    ------
    CannotLoad
        If nothing in a folder looks like an optimizer.
    MissingInput
        If there is no target.
    UnknownName, OutOfDomain
        For an option.
    """
    began = time.perf_counter()
    if jobs is not None and jobs < 1:
        raise OutOfDomain("jobs", jobs, "a whole number, at least 1")
    names = expanded(targets)
    if not names:
        raise MissingInput("targets", "there is nothing to check")
    one = partial(_checked, path=list(sys.path), options=options)
    with worked_apart(one, names, jobs) as made:
        found = list(tracked(made))
    return Checks(
        tuple(x for x in found if isinstance(x, Report)),
        tuple(x for x in found if isinstance(x, Unreached)),
        time.perf_counter() - began,
    )


def expanded(targets: Iterable[str | os.PathLike[str]]) -> list[str]:
    """Return targets by name, each once: of a file or folder what may be an optimizer.

    Raises
    ------
    CannotLoad
    """
    found: list[str] = []
    for target in targets:
        name = os.fspath(target)
        place = Path(name)
        is_place = place.is_dir() or (place.suffix == ".py" and place.is_file())
        found += candidates(place) if is_place else [name]
    return list(dict.fromkeys(found))


def _checked(target: str, path: list[str], options: dict[str, Any]) -> Report | Unreached:
    sys.path[:] = path
    try:
        return check(target, isolate=True, **options)
    except (Ambiguous, CannotIsolate, CannotLoad, MissingPackage) as error:
        return Unreached(target, error.says.removeprefix(f"{target}: "), error.to_paste)
    except UnknownName as error:
        if error.kind != BY_ITS_NAME:
            raise  # an option
        return Unreached(target, error.says)
