"""What every format says of a replay in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.replay.result import GroupVerdict, Replay, TensorVerdict

_WORDS = {
    "holds": "a right step leads from the one to the other",
    "deviates": "no right step leads from the one to the other",
    "not-judged": "nothing could be judged",
}
_STEPS = {
    "holds": "right steps may lead from the one to the other",
    "deviates": "no right steps lead from the one to the other",
    "not-judged": "nothing could be judged",
}
_ALONE = {
    "holds": "its moments may be those of a run",
    "deviates": "its moments are those of no run",
    "not-judged": "nothing could be judged",
}


def headline(found: Replay) -> str:
    """Say what became of a replay, in a sentence."""
    tensors = [x for group in found.groups for x in group.tensors]
    off = [x for x in tensors if x.verdict == "deviates"]
    count = f"{len(tensors)} tensor{'s' * (len(tensors) != 1)}"
    if off:
        count = f"{len(off)} of {count} deviate{'s' * (len(off) == 1)}"
    if not found.after:
        return f"{found.before}: {found.verdict}, {_ALONE[found.verdict]} ({count})"
    between = f"{found.before} to {found.after}"
    words = _WORDS if found.steps == 1 else _STEPS
    return f"{between}: {found.verdict}, {words[found.verdict]} ({count})"


def numbers_of(group: GroupVerdict) -> str:
    """Say as what a group was judged, and with which numbers."""
    numbers = ", ".join(
        f"{name} {x:.10g}" + (" (inferred)" if group.source.get(name) == "inferred" else "")
        for name, x in group.hyper.items()
    )
    return f"{group.optimizer}, {numbers}" if numbers else group.optimizer


def alike(tensors: Sequence[TensorVerdict]) -> list[list[TensorVerdict]]:
    """Return the tensors that deviate, those with the same cause together."""
    found: dict[object, list[TensorVerdict]] = {}
    for x in tensors:
        if x.verdict == "deviates":
            key = tuple(cause.says for cause in x.diagnosis)
            found.setdefault(key, []).append(x)
    return list(found.values())
