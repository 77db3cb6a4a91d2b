"""A replay as text: the verdict, each group with its numbers, each tensor that deviates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from adamref.replay.summary import alike, headline, numbers_of

if TYPE_CHECKING:
    from adamref.replay.result import GroupVerdict, Replay, TensorVerdict


def write(found: Replay) -> RenderableType:
    """Lay a replay out."""
    return Group(*_parts(found))


def _parts(found: Replay) -> Iterator[RenderableType]:
    yield Text(headline(found), style="bold")
    for group in found.groups:
        yield Text("")
        yield Text(f"{group.name}: {group.verdict}; {numbers_of(group)}")
        yield from (Padding(part, (0, 0, 0, 2)) for part in _of_group(group))
    for finding in found.findings:
        yield Text(f"\n{finding.severity}: {finding.says}")
    if found.unread:
        yield Text("\nNot judged:")
        for name, because in found.unread:
            yield Text(f"  {name}: {because}")


def _of_group(group: GroupVerdict) -> Iterator[RenderableType]:
    for low_high in group.inferred:
        yield Text(f"{low_high.name} was between {low_high.low} and {low_high.high}")
    held = [x for x in group.tensors if x.verdict == "holds"]
    if held:
        count = sum(x.elements for x in held)
        most = max(x.max_over_bound or 0.0 for x in held)
        tensors = f"{len(held)} tensor{'s' * (len(held) != 1)}"
        yield Text(f"{tensors} of {count} elements: none is off, the worst at {most:.2g} bounds")
    for tensors_ in alike(group.tensors):
        yield from _deviating(tensors_)


def _deviating(tensors: Sequence[TensorVerdict]) -> Iterator[RenderableType]:
    """Yield what tensors that deviate alike have in common, and the first of them."""
    first = tensors[0]
    for cause in first.diagnosis:
        sure = "" if cause.confirmed else " (not confirmed)"
        called = f" [{', '.join(cause.faults)}]" if cause.faults else ""
        yield Text(f"{cause.says}{called}{sure}", style="red")
    if not first.diagnosis and (first.first is None or first.first.lines):
        yield Text("nothing explains this:", style="red")
    for x in tensors[:10]:
        yield Text(
            f"  {x.name} {list(x.shape)} {x.dtype}: {x.off} of {x.elements} elements are off"
        )
    if len(tensors) > 10:
        yield Text(f"  and {len(tensors) - 10} other tensors")
    if (off := first.first) is not None:
        place = ", ".join(map(str, off.index))
        yield Text(
            f"  first {first.name}[{place}]: {off.field} is {off.got}, "
            f"but should be between {off.low} and {off.high}"
        )
