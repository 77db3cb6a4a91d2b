"""Feeds every reader of documents what atheris makes up; run by a long test.

python fuzz_documents.py SEEDS -max_total_time=20
"""

from __future__ import annotations

import sys


def main() -> None:
    """Fuzz until the time is over, or a reader raises something else than that it cannot read."""
    import atheris

    with atheris.instrument_imports(include=["adamref.documents", "adamref.expressions"]):
        from adamref.documents.formats import formats
        from adamref.documents.source import from_bytes
        from adamref.errors import Unreadable

    names = [f"x{one.suffixes[0]}" if one.suffixes else "x" for one in formats()]

    def one(data: bytes) -> None:
        """Read bytes as a document whose name the first of them chooses."""
        if not data:
            return
        try:
            source = from_bytes(data[1:], names[data[0] % len(names)])
        except Unreadable:
            return
        for row in range(1, len(source.lines) + 1):
            source.quote(row)
            source.place(row)

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
