"""An array that is compressed: it is unpacked from its beginning on, and never kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.replay.checkpoint import StoredArray
from adamref.replay.formats.dtypes import WIDTHS, dtype_of

if TYPE_CHECKING:
    from adamref.replay.formats.archives import Member


@final
class _Place:
    """Where unpacking has come to."""

    def __init__(self, member: Member) -> None:
        self._pieces: Iterator[bytes] = member.stream()
        self._at, self._rest = 0, b""

    def read(self, start: int, count: int) -> bytes | None:
        """Return bytes; None if they were passed already."""
        if start < self._at:
            return None
        found = bytearray()
        while len(found) < count:
            if self._at + len(self._rest) <= start:
                self._at += len(self._rest)
                self._rest = next(self._pieces)
                continue
            skip = start - self._at
            part = self._rest[skip : skip + count - len(found)]
            found += part
            start += len(part)
            self._rest, self._at = self._rest[skip + len(part) :], self._at + skip + len(part)
        return bytes(found)


@final
@dataclass(frozen=True, eq=False)
class DeflatedArray(StoredArray):
    """An array in row-major order that is compressed in an archive.

    Reading on from where the last reading ended costs what is read; going back begins anew.

    Attributes
    ----------
    member : Member
    offset : int
        Bytes before its first element, when unpacked.
    swapped : bool
        Whether the bytes of an element are in the other order than this machine's.
    """

    member: Member
    offset: int
    swapped: bool = False
    _places: list[_Place] = field(default_factory=list, init=False, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_places": []}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def _elements(self, start: int, stop: int) -> np.ndarray:
        dtype, width = dtype_of(self.dtype), WIDTHS[self.dtype]
        at, count = self.offset + start * width, (stop - start) * width
        data = self._places[0].read(at, count) if self._places else None
        if data is None:
            self._places[:] = [_Place(self.member)]
            data = self._places[0].read(at, count)
        assert data is not None
        found = np.frombuffer(data, dtype)
        return found.byteswap() if self.swapped else found
