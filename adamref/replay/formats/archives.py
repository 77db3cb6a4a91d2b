"""Zip archives whose members are read where they lie: nothing is ever extracted.

Their own list of members is not believed: members that share bytes, or that say to hold far more
than the file does, are how a small file fills a disk.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from adamref.errors import Unreadable
from adamref.replay.formats.reading import bytes_at, leads_out, limited, size_of

_BEGINS = b"PK\x03\x04"
_LOCAL = struct.Struct("<4s22xHH")
_MOST_RATIO, _FROM = 200, 1 << 30
"""A bomb says to hold 1 GiB or more, and 200 times what its file has. A checkpoint of the first
steps, with both moments 0, comes to about 3: its parameters do not compress."""
_PIECE = 1 << 18


@final
@dataclass(frozen=True)
class Member:
    """A file in an archive.

    Attributes
    ----------
    path, name : str
        Of the archive, and in it.
    offset : int
        Where its bytes begin in the archive's file.
    packed, size : int
        Bytes in the file, and when unpacked; the same where it is stored as it is.
    deflated : bool
    """

    path: str
    name: str
    offset: int
    packed: int
    size: int
    deflated: bool

    def stream(self) -> Iterator[bytes]:
        """Yield its bytes in pieces of at most 256 KiB, from the beginning.

        Raises
        ------
        Unreadable
            If it is damaged, or holds another number of bytes than it says.
        """
        work, left, at = zlib.decompressobj(-zlib.MAX_WBITS), self.packed, self.offset
        given, rest = 0, b""
        while left or rest:
            if not rest:
                count = min(left, _PIECE)
                rest = bytes_at(self.path, at, count)
                left, at = left - count, at + count
            if not self.deflated:
                piece, rest = rest, b""
            else:
                try:
                    piece, rest = work.decompress(rest, _PIECE), work.unconsumed_tail
                except zlib.error as because:
                    raise self.damaged(str(because)) from because
            given += len(piece)
            if given > self.size:
                raise self.damaged(f"it holds more than the {self.size} bytes that it says")
            yield piece
            if work.eof:
                break
        while self.deflated and not work.eof and (piece := work.decompress(b"", _PIECE)):
            given += len(piece)
            yield piece
        if given != self.size:
            raise self.damaged(f"it holds {given} bytes and says {self.size}")

    def whole(self) -> bytes:
        """Return all of it; it must be a description, not an array."""
        limited(self.path, self.size, f"{self.name} in it")
        return b"".join(self.stream())

    def beginning(self, count: int) -> bytes:
        """Return its first bytes, fewer if it has no more."""
        if not self.deflated:
            return bytes_at(self.path, self.offset, min(count, self.size))
        found = b""
        for piece in self.stream():
            found += piece
            if len(found) >= count:
                break
        return found[:count]

    def damaged(self, because: str) -> Unreadable:
        """Return the error that names it."""
        return Unreadable(self.path, f"{self.name} in it is damaged: {because}")


def is_archive(path: str, offset: int = 0) -> bool:
    """Say whether a zip archive with something in it begins there."""
    return size_of(path) >= offset + 22 and bytes_at(path, offset, 4) == _BEGINS


def members(path: str, offset: int = 0, length: int | None = None) -> dict[str, Member]:
    """Return the members of an archive by name, in its order.

    Parameters
    ----------
    path : str
    offset, length : int
        Which part of the file is the archive; all of it if not given.

    Raises
    ------
    Unreadable
        If it is none, is cut off, is a bomb, or has a member that is encrypted, compressed
        otherwise than by Deflate, named twice, or named so that it would lie elsewhere.
    """
    size = size_of(path)
    end = size if length is None else offset + length
    if end > size:
        raise Unreadable(path, f"it ends {end - size} bytes too soon: it is cut off")
    found: dict[str, Member] = {}
    try:
        with Path(path).open("rb") as file, ZipFile(_part(file, offset, end)) as archive:
            for entry in archive.infolist():
                if not entry.filename.endswith("/"):
                    _must_be_plain(path, entry, found)
                    file.seek(offset + entry.header_offset)
                    found[entry.filename] = _member(path, entry, file)
    except Unreadable:
        raise
    # The last is what zipfile raises for an archive that asks for a later version than it knows.
    except (BadZipFile, OSError, ValueError, struct.error, NotImplementedError) as because:
        raise Unreadable(path, f"it is no whole zip archive: {because}") from because
    _no_bomb(path, list(found.values()), end - offset, end)
    return found


def _must_be_plain(path: str, entry: ZipInfo, found: dict[str, Member]) -> None:
    why = (
        "leads out of the archive" if leads_out(entry.filename)
        else "is there twice" if entry.filename in found
        else "is encrypted" if entry.flag_bits & 1
        else f"is compressed by method {entry.compress_type}"
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED)
        else "is stored as it is, and says two sizes"
        if entry.compress_type == ZIP_STORED and entry.compress_size != entry.file_size
        else ""
    )  # fmt: skip
    if why:
        raise Unreadable(path, f"{entry.filename!r} in it {why}")


def _member(path: str, entry: ZipInfo, file: IO[bytes]) -> Member:
    """Return a member, before whose own header the file stands."""
    signature, names, extra = _LOCAL.unpack(file.read(_LOCAL.size))
    if signature != _BEGINS:
        raise BadZipFile(f"{entry.filename!r} is not where it says")
    return Member(
        path,
        entry.filename,
        file.tell() + names + extra,
        entry.compress_size,
        entry.file_size,
        entry.compress_type == ZIP_DEFLATED,
    )


def _part(file: IO[bytes], start: int, end: int) -> IO[bytes]:
    return file if start == 0 and end == size_of(file.name) else _Part(file, start, end)  # type: ignore[return-value]


@final
class _Part:
    """A part of a file, as a file that can be sought in and read."""

    def __init__(self, file: IO[bytes], start: int, end: int) -> None:
        self._file, self._start, self._end, self._at = file, start, end, 0

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        length = self._end - self._start
        at = (0, self._at, length)[whence] + offset
        if at < 0:
            raise OSError("a place before the beginning")
        self._at = at
        return at

    def read(self, count: int = -1) -> bytes:
        left = max(0, self._end - self._start - self._at)
        self._file.seek(self._start + self._at)
        found = self._file.read(left if count < 0 else min(count, left))
        self._at += len(found)
        return found


def _no_bomb(path: str, held: list[Member], length: int, end: int) -> None:
    last = 0
    for one in sorted(held, key=lambda one: one.offset):
        if one.offset < last:
            raise Unreadable(path, f"it is a zip bomb: {one.name!r} shares bytes with another")
        last = one.offset + one.packed
    if last > end:
        raise Unreadable(path, "it ends too soon: it is cut off")
    said = sum(one.size for one in held)
    if said >= _FROM and said > _MOST_RATIO * length:
        raise Unreadable(
            path,
            f"it is a zip bomb: {length} bytes say to hold {said}, more than {_MOST_RATIO} times",
        )
