"""A function that loops by itself, run step by step: it waits where it asks for a gradient.

It runs in a thread. When it asks for the gradient at its parameters, these are shown, and it is
answered with the next gradient that comes; when it is to end, with an exception.
"""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Any, final

from adamref.oracle.observe.sessions.session import Failed

if TYPE_CHECKING:
    from collections.abc import Callable

_PATIENCE_S = 60.0
"""Nobody is waited for longer; a session has a shorter time of its own."""


class _End(BaseException):
    """Ends a loop; nothing that it catches."""


@final
class Loop:
    """A loop that asks for gradients.

    Parameters
    ----------
    run : callable
        Runs the loop; it is given the function that answers with gradients.
    """

    def __init__(self, run: Callable[[Callable[..., Any]], Any]) -> None:
        self._asked: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._answers: queue.Queue[Any] = queue.Queue()
        self._thread = threading.Thread(target=self._work, args=(run,), daemon=True)
        self._thread.start()
        self._ended = False

    def at(self) -> Any:
        """Return the parameters at which the next gradient is asked for.

        Raises
        ------
        Failed
            If it raised, or returned although it was to go on.
        """
        what, value = self._asked.get(timeout=_PATIENCE_S)
        if what == "asks":
            return value
        self._ended = True
        if what == "raised":
            raise value
        raise Failed("refusal", "it ended by itself, and takes no further step")

    def answer(self, gradient: Any) -> None:
        """Give a gradient."""
        if self._ended:
            raise Failed("refusal", "it ended by itself, and takes no further step")
        self._answers.put(gradient)

    def end(self) -> None:
        """End it."""
        if not self._ended:
            self._answers.put(_End())
            self._ended = True

    def _work(self, run: Callable[[Callable[..., Any]], Any]) -> None:
        def gradient(x: Any, *_: Any, **__: Any) -> Any:
            self._asked.put(("asks", x))
            found = self._answers.get()
            if isinstance(found, _End):
                raise found
            return found

        try:
            back = run(gradient)
        except _End:
            return
        except Exception as error:  # noqa: BLE001 - told to whoever asks next
            self._asked.put(("raised", error))
        else:
            self._asked.put(("returned", back))
