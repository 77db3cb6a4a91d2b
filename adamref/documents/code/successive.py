"""Changes of one variable that go together: ``m *= b1`` and ``m += (1 - b1) * g`` are one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from adamref.expressions.nodes import Binary, Call, Largest, Name, Negative, Node, names

if TYPE_CHECKING:
    from adamref.documents.code.statements import Assignment


def joined(assignments: Sequence[Assignment]) -> list[Assignment]:
    """Join a variable's scaling with what is added to it next, where nothing uses it between."""
    made: list[Assignment] = []
    for one in assignments:
        before = _scaling(made, one)
        if before is None or before.value is None or one.value is None:
            made.append(one)
        else:
            made.remove(before)
            value = put(one.value, one.target, before.value)
            made.append(replace(one, value=value, also=before.line))
    return made


def put(node: Node, name: Name, value: Node) -> Node:
    """Put a value in the place of a name."""
    if isinstance(node, Name):
        return value if node.key == name.key else node
    if isinstance(node, Binary | Largest):
        return replace(node, left=put(node.left, name, value), right=put(node.right, name, value))
    if isinstance(node, Negative | Call):
        return replace(node, of=put(node.of, name, value))
    return node


def _scaling(made: Sequence[Assignment], one: Assignment) -> Assignment | None:
    """Return the scaling of a variable that an addition to it goes on from."""
    if not _has(one, ("+", "-")):
        return None
    base = one.target.base
    for other in reversed(made):
        if other.target == one.target and (other.loops, other.scope) == (one.loops, one.scope):
            return other if _has(other, ("*", "/")) else None
        used = () if other.value is None else names(other.value)
        if base in {other.target.base, *(n.base for n in used)}:
            return None
    return None


def _has(one: Assignment, signs: tuple[str, ...]) -> bool:
    """Say whether a variable becomes itself, joined to something else by one of some signs."""
    made = one.value
    if not isinstance(made, Binary) or made.sign not in signs:
        return False
    return one.target.key in {x.key for x in (made.left, made.right) if isinstance(x, Name)}
