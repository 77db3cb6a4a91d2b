"""Steps of real training, judged: two checkpoints and what lies between them.

``adamref.replay`` is this package, and is called: ``adamref.replay(before, after)`` is
`adamref.replay.replaying.replay`.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any, final

if TYPE_CHECKING:
    from adamref.replay.result import Replay


@final
class _CallablePackage(ModuleType):
    """A package with the name of the function that it is about."""

    def __call__(self, *args: Any, **options: Any) -> Replay:
        """Judge the step between two checkpoints."""
        from adamref.replay.replaying import replay

        return replay(*args, **options)


# The module's class may be exchanged: Python's data model, "Customizing module attribute access".
sys.modules[__name__].__class__ = _CallablePackage
