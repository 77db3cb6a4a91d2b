"""safetensors: a header of JSON that says where in the file each tensor lies.

Source: the format's description, https://huggingface.co/docs/safetensors. The package of that name
gives slices along the axes of a tensor and not ranges of its elements, so it is not used.
"""

from __future__ import annotations

import math
import struct
from typing import Any

from adamref.errors import Unreadable
from adamref.replay.formats.arrays import ArrayInFile
from adamref.replay.formats.dtypes import WIDTHS
from adamref.replay.formats.format import CheckpointFormat, Contents
from adamref.replay.formats.reading import bytes_at, json_of, size_of
from adamref.replay.formats.tree import NotRead

DTYPES = {
    "F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16",
    "F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2", "F8_E8M0": "float8_e8m0fnu",
    "I64": "int64", "I32": "int32", "I16": "int16", "I8": "int8",
    "U64": "uint64", "U32": "uint32", "U16": "uint16", "U8": "uint8", "BOOL": "bool",
}  # fmt: skip
"""adamref's names of types by the format's."""

_LENGTH = struct.Struct("<Q")
_MOST_HEADER = 100_000_000
"""Bytes: the format's own limit."""


def _recognises(path: str) -> bool:
    if size_of(path) < _LENGTH.size + 2:
        return False
    start = bytes_at(path, 0, _LENGTH.size + 1)
    return start[-1:] == b"{" and _LENGTH.unpack_from(start)[0] <= _MOST_HEADER


def tensors(path: str) -> dict[str, Any]:
    """Return the tensors of a file by name.

    Raises
    ------
    Unreadable
        If it is cut off, or its header is none, or says of tensors what cannot be.
    """
    size = size_of(path)
    (length,) = _LENGTH.unpack(bytes_at(path, 0, _LENGTH.size))
    if length > min(_MOST_HEADER, size - _LENGTH.size):
        raise Unreadable(path, f"its header says to have {length} bytes: it is cut off, or none")
    begin = _LENGTH.size + length
    header = json_of(path, bytes_at(path, _LENGTH.size, length), "its header")
    header.pop("__metadata__", None)
    found = {name: _tensor(path, name, said, begin, size) for name, said in header.items()}
    last = 0
    arrays = [one for one in found.values() if isinstance(one, ArrayInFile) and one.size]
    spans = [(one.offset, one.size * WIDTHS[one.dtype]) for one in arrays]
    for offset, count in sorted(spans):
        if offset < last:
            raise Unreadable(path, "two of its tensors share bytes")
        last = offset + count
    return found


def _tensor(path: str, name: str, said: Any, begin: int, size: int) -> ArrayInFile | NotRead:
    try:
        dtype, shape, (low, high) = said["dtype"], tuple(said["shape"]), said["data_offsets"]
        numbers = (*shape, low, high)
        whole = all(type(x) is int and x >= 0 for x in numbers)
    except (KeyError, TypeError, ValueError):
        whole = False
    if not whole or low > high:
        raise Unreadable(path, f"its header does not say where {name!r} lies")
    if begin + high > size:
        raise Unreadable(path, f"{name!r} ends {begin + high - size} bytes after it: it is cut off")
    if dtype not in DTYPES:
        return NotRead(f"it is of {dtype!r}, which is no type of a tensor that is read")
    width = WIDTHS[DTYPES[dtype]]
    if math.prod(shape) * width != high - low:
        raise Unreadable(path, f"{name!r} of shape {shape} and {dtype} has {high - low} bytes")
    return ArrayInFile(shape, DTYPES[dtype], path, begin + low)


FORMAT = CheckpointFormat(
    "safetensors", 20, False, _recognises, lambda path: Contents(tensors(path))
)
