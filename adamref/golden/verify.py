"""Checking a suite: its files against the manifest, and every value against a new computation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from adamref.errors import AdamrefError
from adamref.golden.canonical import canonical
from adamref.golden.catalogue import probes
from adamref.golden.classes import class_of
from adamref.golden.suite import MANIFEST, SCHEMAS, Manifest, manifest, schema_text, sha256, strays
from adamref.golden.vectors import GENERATOR, WITHOUT_BOUNDS, document, inputs, probe_of
from adamref.output import printable
from adamref.outside import departure, parsed

if TYPE_CHECKING:
    from adamref.golden.vectors import Bounding


@final
@dataclass(frozen=True)
class Recomputed:
    """What was found about one file, or about the suite as a whole.

    Attributes
    ----------
    file : str
    probe : str or None
        Its name; None for a schema or the manifest.
    findings : tuple of str
        What is wrong with it, a sentence each; empty if it holds.
    """

    file: str
    probe: str | None
    findings: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def verify(
    directory: Path, names: Sequence[str] = (), *, bounding: Bounding
) -> tuple[int, Iterator[Recomputed]]:
    """Check a suite, or some probes of it.

    A file of before there were bounds in them (``adamref.golden-probe/1``) has all else checked.

    Returns
    -------
    int, iterator of Recomputed
        How many outcomes there are, and each as it is found.

    Raises
    ------
    Unreadable
        If the directory has no manifest that can be read.
    """
    said = manifest(directory)
    wanted = [f"{name}.json" for name in names] or list(said.sums)
    return len(wanted) + 1, _outcomes(directory, said, wanted, bounding, whole=not names)


def _outcomes(
    directory: Path, said: Manifest, wanted: Sequence[str], bounding: Bounding, *, whole: bool
) -> Iterator[Recomputed]:
    yield Recomputed(MANIFEST, None, tuple(_of_the_whole(directory, said)) if whole else ())
    for name in wanted:
        probe = None if name in SCHEMAS else name.removesuffix(".json")
        yield Recomputed(name, probe, tuple(_of_a_file(directory, said, name, bounding)))


def _of_the_whole(directory: Path, said: Manifest) -> Iterator[str]:
    for name in strays(directory, list(said.sums)):
        yield f"{name} is there, but the manifest does not list it"
    for name in SCHEMAS:
        if name not in said.sums:
            yield f"{name} is not listed"
    if said.complete and said.generator == GENERATOR:
        for name in probes():
            if name not in said.probes:
                yield f"{name}.json is not listed, but the catalogue of {GENERATOR} has it"


def _of_a_file(directory: Path, said: Manifest, name: str, bounding: Bounding) -> Iterator[str]:
    if name not in said.sums:
        yield "the manifest does not list it"
        return
    try:
        data = (directory / name).read_bytes()
    except FileNotFoundError:
        yield "is missing, but the manifest lists it"
        return
    except OSError as error:
        yield f"cannot be read: {error.strerror or error}"
        return
    if sha256(data) != said.sums[name]:
        yield f"SHA-256 is {sha256(data)}, but should be {said.sums[name]}, as the manifest has it"
    try:
        text = data.decode("utf-8")
        found = parsed(text)
    except ValueError as error:
        yield f"is not JSON: {printable(str(error))}"
        return
    if name in SCHEMAS:
        if text != schema_text(name):
            yield f"is not the schema of {GENERATOR}"
        return
    if (apart := departure(found, "golden-probe.schema.json")) is not None:
        yield f"is no probe: {printable(apart)}"
        return
    if beyond := _beyond(found):
        yield f"is not worked: {beyond}"
        return
    yield from _of_a_probe(name, found, said, bounding)
    if text != canonical(found):
        yield "is not written in the canonical layout"


def _beyond(found: dict[str, Any]) -> str | None:
    """Say what of a probe, as it is written, would take hours or gigabytes to work."""
    steps = found["steps"]
    elements = sum(tensor["size"] for tensor in found["tensors"])
    drawn = [t["gradients"]["drawn"] for t in found["tensors"] if "drawn" in t["gradients"]]
    if steps * elements > _MOST_VALUES:
        return f"{steps} steps of {elements} elements are more than {_MOST_VALUES} values"
    if any(abs(x["low"]) > _MOST_EXPONENT or x["span"] > _MOST_EXPONENT for x in drawn):
        return f"a gradient is drawn beyond 2^{_MOST_EXPONENT}"
    return None


_MOST_VALUES, _MOST_EXPONENT = 10**6, 2_000
"""Far beyond all probes of the catalogue, and all that the formats hold."""


def _of_a_probe(name: str, found: Any, said: Manifest, bounding: Bounding) -> Iterator[str]:
    is_older = found["schema"] == WITHOUT_BOUNDS
    try:
        probe = probe_of(found)
        want = document(probe, None if is_older else bounding)
        kind = class_of(probe)
    except AdamrefError as error:
        yield f"cannot be worked: {error}"
        return
    except (
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:  # by its schema, and what it says does not go together
        yield f"is no probe: {type(error).__name__}: {error}"
        return
    if probe.kind != kind:
        yield f"class = {probe.kind}, but should be {kind}"
    if f"{probe.name}.json" != name:
        yield f"name = {probe.name}, but the file is {name}"
    if said.generator != GENERATOR:
        want["generator"] = said.generator
    if different := _difference(want, found):
        yield different
    elif said.generator == GENERATOR and probe.name in probes():
        catalogued = probes()[probe.name]
        listed = {key: value for key, value in found.items() if key != "trace"}
        if different := _difference({**inputs(catalogued), "schema": found["schema"]}, listed):
            yield f"is not the catalogue's probe: {different}"
        elif probe.recorded != catalogued.recorded:
            yield f"steps {probe.recorded} are recorded, but should be {catalogued.recorded}"


def _difference(want: Any, got: Any, path: str = "") -> str | None:
    """Tell the first difference of two documents."""
    if isinstance(want, dict) and isinstance(got, dict):
        for key in (*want, *(key for key in got if key not in want)):
            where = _place(path, key, want)
            if key == "bound" and _same_bounds(want[key], got.get(key)):
                continue
            if key not in got:
                return f"{where} is missing"
            if key not in want:
                return f"{where} should not be there"
            if found := _difference(want[key], got[key], where):
                return found
        return None
    if isinstance(want, list) and isinstance(got, list):
        if len(want) != len(got):
            return f"{path} has {len(got)} entries, but should have {len(want)}"
        for i, (one, other) in enumerate(zip(want, got, strict=True)):
            if found := _difference(one, other, f"{path}[{i}]"):
                return found
        return None
    return None if want == got else f"{path} = {got}, but should be {want}"


_LAST_DIGIT = 1.02
"""Bounds are rounded up to three digits; where a library's functions differ by the last bit of a
float64 number, that may be the next ones."""


def _same_bounds(want: Sequence[str], got: Any) -> bool:
    if got is None or len(want) != len(got):
        return False
    pairs = [(float(x), float(y)) for x, y in zip(want, got, strict=True)]
    return all(x == y or x / _LAST_DIGIT <= y <= x * _LAST_DIGIT for x, y in pairs)


def _place(path: str, key: str, holder: dict[str, Any]) -> str:
    """Name a place: the key behind its holder; in the trace by step, tensor and t."""
    if key == "fields":
        return f"step {holder['step']}, tensor {holder['tensor']}, t = {holder['t']}: "
    if key in ("hex", "dec", "bound"):
        return f"{path} ({key})"
    return f"{path}.{key}" if path and not path.endswith(": ") else f"{path}{key}"
