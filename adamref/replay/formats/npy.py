"""Headers of NumPy's arrays."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib import format as npy

from adamref.replay.formats.arrays import ArrayInFile
from adamref.replay.formats.deflated import DeflatedArray
from adamref.replay.formats.dtypes import WIDTHS
from adamref.replay.formats.tree import NotRead

if TYPE_CHECKING:
    from adamref.replay.checkpoint import StoredArray
    from adamref.replay.formats.archives import Member

_HEADER = 1 << 17
_MOST_LETTERS = 1 << 22


def array_of(member: Member) -> StoredArray | str | NotRead:
    """Return an array of an archive, or the text that it is.

    A type of two bytes without a name is taken for bfloat16: so NumPy writes it, and no other.

    Raises
    ------
    Unreadable
        If it is damaged.
    """
    start = io.BytesIO(member.beginning(_HEADER))
    try:
        version = npy.read_magic(start)
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, by_columns, dtype = read(start)
    except Exception as because:  # NumPy parses a header as Python does: anything may come of it
        said = " ".join(str(because).split())[:200] or type(because).__name__
        raise member.damaged(f"it is no array of NumPy's ({said})") from because
    if dtype.hasobject:
        return NotRead("it is an array of Python objects, which is a pickle: none is run")
    offset = start.tell()
    if min(shape, default=0) < 0 or offset + math.prod(shape) * dtype.itemsize != member.size:
        held = member.size - offset
        raise member.damaged(f"shape {shape} of {dtype} does not take {held} bytes")
    if dtype.kind in "US":
        return _text(member, offset, dtype)
    name = "bfloat16" if dtype.kind == "V" and dtype.itemsize == 2 else dtype.name
    if name not in WIDTHS or dtype.names:
        return NotRead(f"it is of {dtype}, which is no type of a tensor")
    swapped = not dtype.isnative
    if member.deflated:
        if by_columns and sum(n > 1 for n in shape) > 1:
            return NotRead("it is compressed by columns: save it in row-major order")
        return DeflatedArray(shape, name, member, offset, swapped)
    strides = tuple(math.prod(shape[:i]) for i in range(len(shape))) if by_columns else None
    return ArrayInFile(shape, name, member.path, member.offset + offset, strides, swapped)


def _text(member: Member, offset: int, dtype: np.dtype[Any]) -> str | NotRead:
    if member.size - offset != dtype.itemsize:
        return NotRead("it is an array of text")
    if dtype.itemsize > _MOST_LETTERS:
        return NotRead(f"it is a text of {dtype.itemsize} bytes")
    found = np.frombuffer(member.whole(), dtype, 1, offset)[0]
    return found.decode("latin-1") if isinstance(found, bytes) else str(found)
