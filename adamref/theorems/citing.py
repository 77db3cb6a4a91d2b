"""What a theorem rests on: the theorems that its proof cites, and those that theirs do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamref.logic.induction import Induction
from adamref.logic.proof import Cite
from adamref.theorems.library import theorem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from adamref.logic.proof import ProofStep
    from adamref.theorems.record import Theorem


def cited(one: Theorem) -> tuple[str, ...]:
    """Return the ids of the theorems that a proof cites itself, in its order."""
    return tuple(dict.fromkeys(_in_steps(one.proof(one.statement))))


def with_grounds(theorems: Iterable[Theorem]) -> list[Theorem]:
    """Return theorems, each after what it rests on."""
    found: dict[str, Theorem] = {}

    def visit(one: Theorem) -> None:
        if one.id not in found:
            for name in cited(one):
                visit(theorem(name))
            found[one.id] = one

    for one in theorems:
        visit(one)
    return list(found.values())


def _in_steps(steps: Sequence[ProofStep]) -> Iterator[str]:
    for step in steps:
        if isinstance(step.by, Induction):
            yield from _in_steps(step.by.base)
            yield from _in_steps(step.by.step)
        for used in step.by.uses:
            if isinstance(used, Cite):
                yield used.theorem.id
