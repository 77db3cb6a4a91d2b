"""Steps of real training, judged: two checkpoints and what lies between them.

``adamref.replay`` is this package, and is called: ``adamref.replay(before, after)`` is
`adamref.replay.replay`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, final

if TYPE_CHECKING:
    from adamref.replay.replaying import replay
    from adamref.replay.result import Replay

__all__ = ["replay"]


def __getattr__(name: str) -> Any:
    if name != "replay":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    # When it is first asked for: who reads checkpoints needs none of the judging.
    return import_module("adamref.replay.replaying").replay


@final
class _CallablePackage(ModuleType):
    """A package with the name of the function that it is about."""

    def __call__(self, *args: Any, **options: Any) -> Replay:
        """Judge the step between two checkpoints."""
        made: Replay = self.replay(*args, **options)
        return made


# The module's class may be exchanged: Python's data model, "Customizing module attribute access".
sys.modules[__name__].__class__ = _CallablePackage
