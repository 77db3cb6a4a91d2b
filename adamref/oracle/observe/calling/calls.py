"""Calls into an implementation: whatever it does, an answer or one `Failed`."""

from __future__ import annotations

import traceback
import warnings
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, final

import numpy as np

from adamref.errors import AdamrefError, MissingPackage
from adamref.oracle.observe.sessions.session import Failed

if TYPE_CHECKING:
    from types import TracebackType

_OURS = Path(__file__).resolve().parents[2]
_INSTALLED = ("site-packages", "dist-packages")


def calling(what: str) -> AbstractContextManager[None]:
    """Turn what is raised inside into `Failed`.

    Warnings are silenced: overflow is among the inputs, and where warnings are errors (as under
    some test runners) a correct implementation would stop at it. One call inside another is silent
    already.

    Parameters
    ----------
    what : str
        What is done, for the message: ``step``, ``__init__``.
    """
    return _Calling(what)


_silent = False


@final
class _Calling(AbstractContextManager[None]):
    """A call; a class, as several are made for each step that is checked."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        global _silent  # noqa: PLW0603 - as the filters of warnings are the process's
        self._is_outermost = not _silent
        if self._is_outermost:
            _silent = True
            self._warnings, self._numbers = warnings.catch_warnings(), np.errstate(all="ignore")
            self._warnings.__enter__()
            self._numbers.__enter__()
            warnings.simplefilter("ignore")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        global _silent  # noqa: PLW0603
        if self._is_outermost:
            self._numbers.__exit__(kind, error, trace)
            self._warnings.__exit__(kind, error, trace)
            _silent = False
        if isinstance(error, SystemExit):
            raise Failed("exit", f"it called sys.exit({error.code!r}) in {self._what}") from error
        # What is not installed is no fault of theirs.
        if isinstance(error, Exception) and not isinstance(error, Failed | MissingPackage):
            # Whatever somebody's code raises is a finding.
            raise Failed("exception", _told(error, self._what)) from error


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
