"""What kind of statement a chain is: symbols or numbers, and of which quantities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from adamref.documents.spans import printed
from adamref.documents.statements import left_names
from adamref.expressions.nodes import Name, Number, names, walk

if TYPE_CHECKING:
    from adamref.documents.case import Case, Worked
    from adamref.documents.roles import Meaning, Notation
    from adamref.documents.statements import Part, Variant, WrittenChain


def is_formula(worked: Worked) -> bool:
    """Say whether a chain ends in symbols rather than in a number."""
    if worked.number is not None:
        return False
    last = worked.last.node
    return bool(names(last)) and not any(isinstance(n, Number) and n.unit < 1 for n in walk(last))


def is_law(worked: Worked, case: Case) -> bool:
    """Say whether a chain says what a gradient is wherever the parameter may be: ``0.1 + 0.1 w``.

    A chain that goes on to a number is worked at one place, and so is one whose names say a step.
    """
    last = worked.last.node
    if worked.number is not None or not worked.bare:
        return False
    used = [name for name in names(last) if case.track(name) is not None]
    return bool(used) and not any(name.index[-1:].isdigit() for name in used)


def meant(notation: Notation, name: Name, statement: WrittenChain, component: str) -> Meaning:
    """Say what a name stands for where it stands: in its row, or below the parameter of a line."""
    meaning = notation.meaning(name)
    if statement.parameter and meaning.kind == "field" and notation.several:
        track = statement.parameter if statement.parameter in ("w", "b") else ""
        meaning = replace(meaning, parameter=meaning.parameter or track)
    of_row = meaning.parameter.isdigit() or (statement.method and meaning.kind == "field")
    if statement.time is not None and of_row and not meaning.time:
        meaning = replace(meaning, time=str(statement.time))
    if component and meaning.kind == "field":
        meaning = replace(meaning, parameter=meaning.parameter or component)
    return meaning


def distinct(meanings: Sequence[Meaning]) -> list[Meaning]:
    """Keep one meaning a field and parameter: the one that says most about the step."""
    kept: dict[tuple[str, str, str], Meaning] = {}
    timed = {(m.name, m.parameter) for m in meanings if m.time.isdigit()}
    for meaning in meanings:
        named = (meaning.name, meaning.parameter)
        if meaning.time.isdigit() or named not in timed:
            kept.setdefault((*named, meaning.time if named in timed else ""), meaning)
    return list(kept.values())


def mentions_step(name: Name, rest: Sequence[Part], notation: Notation) -> bool:
    """Say whether a formula that was not recognised speaks of Adam's quantities at all."""
    if name.hat:
        return True
    for part in rest:
        for other in names(part.node):
            meaning = notation.meaning(other)
            if meaning.kind == "hyper" and meaning.name.startswith("beta"):
                return True
            if meaning.kind == "field" and meaning.name.endswith("_hat"):
                return True
    return False


def puts_numbers_in(statement: WrittenChain, variant: Variant) -> bool:
    """Recognise numbers put into the formula above, without its left side."""
    tree = variant.parts[0].node
    alone = len(variant.parts) == 1 and statement.display
    return alone and not names(tree) and not isinstance(tree, Number)


def mends_epsilon(variant: Variant, notation: Notation) -> bool:
    """Recognise a flattened ``epsilon = 10-8``."""
    lefts = left_names(variant.parts)
    return bool(
        variant.repairs
        and lefts
        and notation.meaning(lefts[0]).name == "eps"
        and printed(variant.parts[-1].node) is not None
    )
