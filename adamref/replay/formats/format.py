"""What a format of checkpoints is: how it is recognised, and how it becomes a tree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, final


@final
@dataclass(frozen=True)
class Contents:
    """What a file or a folder holds.

    Attributes
    ----------
    tree : dict
        See `adamref.replay.formats.tree`.
    ordered : bool
        Whether the parameters stand in the order in which the model has them.
    notes : tuple of str
    """

    tree: dict[Any, Any]
    ordered: bool = False
    notes: tuple[str, ...] = field(default=())


@final
@dataclass(frozen=True)
class CheckpointFormat:
    """A format of checkpoints.

    Attributes
    ----------
    name : str
    order : int
        Those with a smaller one are asked first.
    folder : bool
        Whether it is a folder, and not a file.
    recognises : callable
        Whether a path holds it, by what is there and not by how it is called.
    read : callable
        Its `Contents`. Raises `adamref.errors.Unreadable`.
    """

    name: str
    order: int
    folder: bool
    recognises: Callable[[str], bool]
    read: Callable[[str], Contents]
