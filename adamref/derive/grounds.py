"""What a step of a proof uses, each with what it says, and the sum by which an inequality holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, final

from sympy import Abs, Add, And, Ge, Gt, Integer, Le, Lt, Symbol

from adamref.logic.arithmetic import Certificate, Squares
from adamref.logic.facts import Fact
from adamref.logic.instances import instance_of
from adamref.logic.proof import HYPOTHESIS, Cite, Use
from adamref.logic.relations import expression, ge, substituted
from adamref.typeset.notation import displayed, latex
from adamref.typeset.tree import Display, Math, Paragraph, Reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from adamref.logic.induction import Induction
    from adamref.logic.proof import ProofStep, Used
    from adamref.logic.statement import Statement
    from adamref.typeset.tree import Block, Inline


@final
@dataclass(frozen=True)
class KnownSoFar:
    """What the steps of a proof may use so far, and what the page has shown of it.

    Attributes
    ----------
    places : mapping of str to str
        Where it stands, by its name.
    says : mapping of str to relation
        What it says, by its name.
    shown : set of str
        The formulas that stand on the page, and are not shown again; it grows.
    """

    places: Mapping[str, str]
    says: Mapping[str, Any]
    shown: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, statement: Statement) -> KnownSoFar:
        """Return what a statement assumes."""
        supposed = statement.hypotheses
        places = dict.fromkeys(supposed, "assumed")
        return cls(places, {name: one.relation for name, one in supposed.items()})

    def and_step(self, step: ProofStep, place: str) -> KnownSoFar:
        """Return it with a step, and where that stands."""
        places, says = {**self.places, step.name: place}, {**self.says, step.name: step.claim}
        return replace(self, places=places, says=says)

    def supposing(self, step: ProofStep, by: Induction) -> KnownSoFar:
        """Return it with the claim of an induction for the index before."""
        before = substituted(step.claim, {by.over: by.over - 1})
        return replace(self, says={**self.says, HYPOTHESIS: before})


def claimed(claim: Any) -> Iterator[Display]:
    """Display a relation, or each of several."""
    for part in claim.args if isinstance(claim, And) else (claim,):
        yield Display(displayed(part))


def used(uses: Iterable[Used], known: KnownSoFar) -> Iterator[Block]:
    """Name what a step uses, and display what of it does not stand on the page."""
    named: dict[tuple[Inline, ...], None] = {}
    displays: dict[tuple[Inline, ...], list[Display]] = {}
    for one in uses:
        name, formulas = _named(one, known), list(_formulas(one, known))
        told = known.shown
        if new := [x for x in formulas if x.latex not in told and not _LONG.search(x.latex)]:
            told.update(x.latex for x in new)
            displays.setdefault(name, []).extend(new)
        else:
            named[name] = None
    if others := [name for name in named if name not in displays]:
        yield Paragraph(("Used: ", *_joined(others), "."))
    for name, new in displays.items():
        yield Paragraph(("Used: ", *name, ":"))
        yield from new


def as_a_sum(step: ProofStep) -> Iterator[Block]:
    """Display the terms of which none is negative, and by which an inequality holds."""
    by = step.by
    if not isinstance(by, Certificate | Squares) or not by.terms:
        return
    if not isinstance(step.claim, Le | Lt | Ge | Gt):
        return
    less, more = step.claim.args if isinstance(step.claim, Le | Lt) else reversed(step.claim.args)
    what = "the greater side less the smaller"
    if isinstance(by, Squares):
        less = less.args[0] if isinstance(less, Abs) else less
        less, more = less**2, more**2
        what = "the square of the greater side less that of the smaller"
    if len(by.terms) == 1 and latex(more - less) == latex(by.terms[0]):
        return  # its sign can be read off as it stands
    display = Display(displayed(ge(Add(*by.terms, evaluate=False), Integer(0))))
    if not _LONG.search(display.latex):
        kind = "a sum of terms that are not negative" if len(by.terms) > 1 else "not negative"
        yield Paragraph((f"Then {what} is {kind}:",))
        yield display


_LONG = re.compile(r"\d{25}")
"""A number of so many digits says nothing to a reader, and is wider than a page."""


def _formulas(used: Used, known: KnownSoFar) -> Iterator[Display]:
    """Display what is used, but a step or an assumption that is used as it stands."""
    if isinstance(used, Fact):
        yield from claimed(used.relation)
    elif isinstance(used, Cite):
        yield from claimed(instance_of(used.theorem.statement.claim, used.at))
    elif isinstance(used, Use):
        at = {symbol: expression(value) for symbol, value in used.at.items()}
        yield from claimed(substituted(known.says[used.name], at))
    elif used == HYPOTHESIS:
        yield from claimed(known.says[used])


def _named(used: Used, known: KnownSoFar) -> tuple[Inline, ...]:
    if isinstance(used, Cite):
        named = [(k, v) for k, v in used.at.items() if isinstance(k, Symbol) and k != v]
        put_in = [Math(f"{latex(k)} = {latex(v)}") for k, v in named]
        return ("theorem ", Reference(used.theorem.id), *_for(put_in))
    name = used if isinstance(used, str) else used.name if isinstance(used, Use) else used.says
    return (f"“{name}” ({known.places[name]})" if name in known.places else name,)


def _for(put_in: Sequence[Math]) -> tuple[Inline, ...]:
    """Say what is put in for what."""
    return (" for ", *_joined(((one,) for one in put_in), ", ")) if put_in else ()


def _joined(parts: Iterable[Sequence[Inline]], separator: str = "; ") -> Iterator[Inline]:
    for number, part in enumerate(parts):
        if number:
            yield separator
        yield from part
