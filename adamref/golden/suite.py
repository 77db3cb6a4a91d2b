"""The suite in a directory: written, and read back.

A directory holds one file a probe, the schemas, and a manifest with the SHA-256 sum of each file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from adamref.errors import Unreadable
from adamref.golden.canonical import canonical
from adamref.golden.vectors import GENERATOR, document
from adamref.output import emit
from adamref.outside import read_json

if TYPE_CHECKING:
    from adamref.golden.probe import Probe
    from adamref.golden.vectors import Bounding

MANIFEST = "manifest.json"
MANIFEST_SCHEMA = "adamref.golden-manifest/1"
SCHEMAS = ("probe.schema.json", "manifest.schema.json")
"""How the schemas are called in a suite."""


@final
@dataclass(frozen=True)
class Manifest:
    """What a suite says that it holds.

    Attributes
    ----------
    generator : str
        Name and version of what wrote it.
    complete : bool
        Whether every probe of the catalogue is there; not so after ``adamref golden NAME``.
    sums : mapping of str to str
        SHA-256 of each file by its name, in hexadecimal.
    """

    generator: str
    complete: bool
    sums: dict[str, str]

    @property
    def probes(self) -> tuple[str, ...]:
        """The names of the probes, in the catalogue's order."""
        return tuple(name.removesuffix(".json") for name in self.sums if name not in SCHEMAS)


def packaged() -> Path:
    """Return the directory of the suite that comes with the package."""
    return Path(str(files("adamref").joinpath("data", "golden")))


def schema_text(name: str) -> str:
    """Return one of `SCHEMAS`, as it ships with the package."""
    file = files("adamref").joinpath("schemas", f"golden-{name}")
    return file.read_text(encoding="utf-8")


def sha256(data: bytes) -> str:
    """Return the SHA-256 sum, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def texts(probes: Iterable[Probe], bounding: Bounding) -> Iterator[tuple[str, str]]:
    """Work and bound probes, and yield the name and text of each one's file."""
    for probe in probes:
        yield f"{probe.name}.json", canonical(document(probe, bounding))


def write(
    directory: str, made: Iterable[tuple[str, str]], *, complete: bool
) -> Iterator[tuple[str, str]]:
    """Write a suite, and pass on what was written.

    Each file is written whole or not at all, the manifest last; until then the directory is no
    suite. Files that an older manifest lists, and this one does not, are removed.

    Raises
    ------
    Unreadable
        If the directory cannot be made or written.
    """
    target = Path(directory)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unreadable(directory, f"cannot be written: {error.strerror or error}") from None
    before = _listed_before(target)
    sums = {}
    for name, text in (*((name, schema_text(name)) for name in SCHEMAS), *made):
        emit(text, str(target / name))
        sums[name] = sha256(text.encode("utf-8"))
        if name not in SCHEMAS:
            yield name, text
    emit(canonical(_manifest(sums, complete)), str(target / MANIFEST))
    for name in before - sums.keys():
        # A manifest from elsewhere may list anything.
        if Path(name).name == name and name.endswith(".json"):
            (target / name).unlink(missing_ok=True)


def _manifest(sums: dict[str, str], complete: bool) -> dict[str, Any]:
    listed = [{"file": name, "sha256": sum_} for name, sum_ in sums.items()]
    return {
        "schema": MANIFEST_SCHEMA,
        "generator": GENERATOR,
        "complete": complete,
        "files": listed,
    }


def _listed_before(target: Path) -> set[str]:
    try:
        return set(manifest(target).sums)
    except Unreadable:
        return set()


def manifest(directory: Path) -> Manifest:
    """Read a suite's manifest.

    Raises
    ------
    Unreadable
        If there is none, or it is not one.
    """
    found = read_json(directory / MANIFEST, "golden-manifest.schema.json")
    sums = {entry["file"]: entry["sha256"] for entry in found["files"]}
    return Manifest(found["generator"], found["complete"], sums)


def strays(directory: Path, listed: Sequence[str]) -> list[str]:
    """Return the JSON files of a suite that its manifest does not list."""
    there = (path.name for path in directory.glob("*.json"))
    return sorted(set(there) - set(listed) - {MANIFEST})
