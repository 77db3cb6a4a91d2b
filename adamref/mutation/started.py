"""What a Python does that a command starts: it follows the target, and tells at its end."""

from __future__ import annotations

import atexit
import os

from adamref.mutation.injection import inject, told
from adamref.mutation.orders import ordered

_ORDER = ordered()


def _tell() -> None:
    assert _ORDER is not None
    found = told(_ORDER)
    if found.interface or found.refused:  # it has imported the target
        found.write(f"{_ORDER.out}.told-{os.getpid()}")


if _ORDER is not None:
    inject(_ORDER)
    atexit.register(_tell)
