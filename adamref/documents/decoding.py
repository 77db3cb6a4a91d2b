"""From bytes to text: which encoding, and what a file is that is no text."""

from __future__ import annotations

import codecs
import re
from pathlib import PurePath

from adamref.errors import Unreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# HTML and XML, Python and editors, LaTeX.
_DECLARED = re.compile(
    rb"""charset\s*=\s*["']?\s*([\w.:-]+)|<\?xml[^>]*encoding\s*=\s*["']([\w.:-]+)"""
    rb"""|coding[:=]\s*([\w.-]+)|\\usepackage\s*\[([\w-]+)\]\s*\{inputenc\}""",
    re.IGNORECASE,
)
_INPUTENC = {"latin9": "iso-8859-15", "ansinew": "cp1252", "applemac": "mac-roman"}
_HEAD = 4096

# What begins like this is known by name, and not read.
_SIGNATURES = (
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"BM", "a bitmap picture"),
    (b"\0\0\x01\0", "an icon"),
    (b"{\\rtf", "a document in Rich Text Format"),
    (b"%!PS", "a PostScript file"),
    (b"AT&TFORM", "a DjVu document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\0", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x7fELF", "a binary file, a program"),
    (b"MZ\x90\0", "a binary file, a program"),
    (b"\xca\xfe\xba\xbe", "a binary file, a program"),
    (b"\x93NUMPY", "an array of NumPy"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    (b"SQLite format 3\0", "a SQLite database"),
    (b"OggS", "a sound or film"),
    (b"ID3", "a sound"),
    (b"\x1aE\xdf\xa3", "a film"),
    (b"fLaC", "a sound"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLD_OFFICE = {
    ".xls": "an old Excel sheet (.xls)",
    ".ppt": "an old PowerPoint presentation (.ppt)",
    ".msg": "a message of Outlook",
}
_CONTAINED = (
    (b"ppt/", "a PowerPoint presentation"),
    (b"xl/", "an Excel sheet"),
    (b"opendocument.text", "an OpenDocument text (.odt)"),
    (b"opendocument", "an OpenDocument file"),
    (b"epub", "an EPUB book"),
    (b"Index/Document.iwa", "a Pages document"),
    (b".npy", "arrays of NumPy"),
)


def decoded(data: bytes, path: str) -> str:
    """Return a file's text: by its byte order mark, as UTF-8, or as it says it is encoded.

    Raises
    ------
    Unreadable
        If it is no text, or its encoding is neither UTF-8 nor said.
    """
    mark = next((name for start, name in _MARKS if data.startswith(start)), None)
    if mark is None and (what := known(data, path)):
        raise Unreadable(path, f"this is {what}, which is not read")
    if mark is None and b"\0" in data:
        raise Unreadable(path, "this is a binary file (it holds NUL bytes), not text")
    try:
        return data.decode(mark or "utf-8")
    except UnicodeDecodeError as error:
        return _as_declared(data, path, mark, error)


def _as_declared(data: bytes, path: str, mark: str | None, error: UnicodeDecodeError) -> str:
    name = None if mark else declared(data)
    try:
        if name is not None:
            return data.decode(name)
    except UnicodeDecodeError:
        pass
    where = f"byte 0x{data[error.start]:02x} at offset {error.start}"
    if mark or name:
        said = mark or name
        raise Unreadable(path, f"its encoding is said to be {said}, but it is not ({where})")
    raise Unreadable(
        path,
        f"not UTF-8 ({where}), and nothing in it says what else; save it as UTF-8 "
        "(iconv -f latin1 -t utf8 does, if it is Latin-1)",
    )


def declared(data: bytes) -> str | None:
    """Return the encoding that a text says it has, if Python knows it and it is one for text."""
    for match in _DECLARED.finditer(data[:_HEAD]):
        said = next(group for group in match.groups() if group).decode("ascii", "replace")
        try:
            found = codecs.lookup(_INPUTENC.get(said.lower(), said))
        except (LookupError, ValueError):
            continue
        if found._is_text_encoding and not found.name.startswith(("idna", "punycode", "unicode")):  # noqa: SLF001 - nothing public says it
            return found.name
    return None


def known(data: bytes, path: str) -> str | None:
    """Return what a file is that is no text and not read, if it is known by how it begins."""
    suffix = PurePath(path).suffix.lower()
    if data.startswith(_OLE):
        return _OLD_OFFICE.get(suffix, "an old Word document (.doc)")
    if data.startswith(b"PK\x03\x04"):
        head = data[:_HEAD] + data[-_HEAD:]
        return next((what for mark, what in _CONTAINED if mark in head), "a ZIP archive")
    if data[:4] == b"RIFF":
        return "a WebP picture" if data[8:12] == b"WEBP" else "a sound or film"
    if data[4:8] == b"ftyp":
        return "a HEIC picture" if data[8:11] in (b"hei", b"mif") else "a film"
    return next((what for start, what in _SIGNATURES if data.startswith(start)), None)
