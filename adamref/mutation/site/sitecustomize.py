"""Loaded by every Python that a command starts which ``adamref mutate`` runs, before anything else.

What another ``sitecustomize`` does is done too.
"""

import importlib.machinery
import importlib.util
import sys
from pathlib import Path

_HERE = str(Path(__file__).parent)


def _others() -> None:
    """Load the one that would have been found without this."""
    path = [x for x in sys.path if x != _HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", path)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


_others()
from adamref.mutation import started  # noqa: E402, F401
