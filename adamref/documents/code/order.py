"""What stands before what in a program: where its count begins, and what is used too early."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from adamref.documents.code.variables import is_kept
from adamref.expressions.nodes import Name, Node, Number, names

if TYPE_CHECKING:
    from adamref.documents.code.statements import Assignment
    from adamref.documents.code.variables import Variables
    from adamref.documents.roles import Meaning


def counted(
    one: Assignment, value: Node, assignments: Sequence[Assignment], variables: Variables
) -> int:
    """Return what a program's count of steps is at the first step, where a line uses it.

    Parameters
    ----------
    one : Assignment
        The line.
    value : Node
        What is assigned, with all that it is made of.
    assignments : sequence of Assignment
        Those of the whole program.
    variables : Variables
    """
    counts = {n.base for n in names(value) if variables.meaning(n).kind == "time"}
    for loop in reversed(one.loops):
        if loop.variable in counts and loop.first is not None:
            return loop.first
    if not counts:
        return 1
    for other in assignments:
        if other.target.base in counts and isinstance(other.value, Name):
            counts.add(other.value.base)  # the same under another name
    its = [x for x in assignments if _is_one_of(x.target.base, counts) and x.scope == one.scope]
    numbered = any(isinstance(x.value, Number) for x in its)
    begun = 0 if one.block.language in _BEGUN_AT_0 and not numbered else None
    moved = False
    for other in its:
        around = one.loops[: len(other.loops)]
        later = other.loops == around and other.function == one.function
        if isinstance(other.value, Number):
            begun, moved = int(other.value.value), False
        elif other.line <= one.line and is_kept(other):
            moved = True
        elif is_kept(other) and later and not moved and begun is not None:
            return begun
    return begun + 1 if begun is not None and moved else 1


def powers_above(
    one: Assignment, assignments: Sequence[Assignment], variables: Variables
) -> list[Assignment]:
    """Return the lines above one in which the powers of rates are taken that it uses."""
    used = {n.base for n in names(one.value or one.target)}
    found = []
    for other in assignments:
        if other.line < one.line and other.target.base in used and other.value is not None:
            kinds = {variables.meaning(n).kind for n in names(other.value)}
            if kinds == {"hyper", "time"}:
                found.append(other)
    return found


_BEGUN_AT_0 = ("go", "csharp", "java")
"""The languages whose fields are 0 if nothing else is said."""


def _is_one_of(base: str, names_: Collection[str]) -> bool:
    """Say whether a variable is one of some, or the field of one that bears its name."""
    if base in names_:
        return True
    return "." not in base and any(x.rpartition(".")[2] == base for x in names_)


def stale(
    one: Assignment, field: str, assignments: Sequence[Assignment], stored: Mapping[str, Name]
) -> str:
    """Say that a moment is read as it was, where its new value waits in a variable of its own.

    Parameters
    ----------
    one : Assignment
        The line, as it stands.
    field : str
        What is assigned.
    assignments : sequence of Assignment
        Those of the whole program.
    stored : mapping of str to Name
        The variables in which moments are worked before they are stored (`fields.stored_later`).
    """
    if one.value is None or field not in ("theta", "delta", "m_hat", "v_hat"):
        return ""
    read = {name.base: name.text.strip() for name in names(one.value)}
    for local, state in stored.items():
        made = next(x for x in assignments if x.target.base == local)
        put = [x for x in assignments if isinstance(x.value, Name) and x.value.base == local]
        waits = made.line < one.line < max(x.line for x in put)
        if waits and state.base in read and one.function == made.function:
            return f"{read[state.base]} is still the old one: {local} is stored in it only later"
    return ""


def used_early(
    one: Assignment,
    meaning: Meaning,
    value: Node,
    assignments: Sequence[Assignment],
    variables: Variables,
    done: Collection[str],
) -> str:
    """Say that a moment is used before it is brought up to date, if that is so.

    Parameters
    ----------
    one : Assignment
        The line.
    meaning : Meaning
        Of what is assigned.
    value : Node
        What is assigned, with all that it is made of.
    assignments : sequence of Assignment
        Those of the whole program.
    variables : Variables
    done : collection of str
        The variables that have been brought up to date above it.
    """
    # A function is called for each step.
    again = one.loops or one.scope or one.function
    if meaning.name not in ("theta", "m_hat", "v_hat") or not again:
        return ""
    fields = {n.base: variables.meaning(n).name for n in names(value)}
    used = {x for x, field in fields.items() if field.removesuffix("_hat") in ("m", "v")}
    used -= {*variables.behind, *done, one.target.base}
    for later in assignments:
        same = (later.loops, later.scope, later.function, later.block) == (
            one.loops,
            one.scope,
            one.function,
            one.block,
        )
        base = later.target.base
        # A corrected value is made anew at each step, and no sum of what it was.
        worked = later.value is not None and not isinstance(later.value, Number)
        anew = is_kept(later) or (fields.get(base, "").endswith("_hat") and worked)
        if same and later.line > one.line and base in used and anew:
            return f"{later.target.text} is used before it is brought up to date"
    return ""
