"""Calls into an implementation: whatever it does, an answer or one `Failed`."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from adamref.errors import AdamrefError, MissingPackage
from adamref.oracle.observe.sessions.session import Failed

_OURS = Path(__file__).resolve().parents[2]
_INSTALLED = ("site-packages", "dist-packages")


@contextmanager
def calling(what: str) -> Iterator[None]:
    """Turn what is raised inside into `Failed`.

    Warnings are silenced: overflow is among the inputs, and where warnings are errors (as under
    some test runners) a correct implementation would stop at it. One call inside another is silent
    already.

    Parameters
    ----------
    what : str
        What is done, for the message: ``step``, ``__init__``.
    """
    try:
        with _silence():
            yield
    except (Failed, MissingPackage):  # what is not installed is no fault of theirs
        raise
    except SystemExit as left:
        raise Failed("exit", f"it called sys.exit({left.code!r}) in {what}") from left
    except Exception as error:  # whatever somebody's code raises is a finding
        raise Failed("exception", _told(error, what)) from error


_silent = False


@contextmanager
def _silence() -> Iterator[None]:
    global _silent  # noqa: PLW0603 - as the filters of warnings are the process's
    if _silent:
        yield
        return
    _silent = True
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    finally:
        _silent = False


def _told(error: Exception, what: str) -> str:
    text = " ".join(str(error).split())
    if len(text) > 300:
        text = text[:297] + "..."
    told = traceback.extract_tb(error.__traceback__)
    frames = [x for x in told if _OURS not in Path(x.filename).parents]
    # The last line of their own code says more than the last of a library's.
    own = [x for x in frames if not any(part in x.filename for part in _INSTALLED)]
    where = f" in {what}"
    if own or frames:
        frame = (own or frames)[-1]
        where = f" in {frame.name} ({Path(frame.filename).name}:{frame.lineno})"
    name = type(error).__name__
    if isinstance(error, AdamrefError):
        name = f"adamref.{name}"
    wrong = _NOT_TENSORS if isinstance(error, _OF_KIND) and "numpy.ndarray" in text else ""
    return f"{name}: {text}{where}{wrong}" if text else f"{name}{where}"


_OF_KIND = (AttributeError, TypeError)
_NOT_TENSORS = (
    "; it was given NumPy arrays: where it wants tensors, check a function around it that makes "
    "them (torch.from_numpy) and gives arrays back"
)
