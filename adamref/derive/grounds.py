"""What a step of a proof uses, each with what it says, and the sum by which an inequality holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, final

from sympy import Abs, Add, And, Ge, Gt, Integer, Le, Lt, Mod, Mul, Symbol, expand
from sympy.core.relational import Relational

from adamref.logic.arithmetic import Certificate, Squares
from adamref.logic.context import Context
from adamref.logic.facts import Fact
from adamref.logic.instances import instance_of
from adamref.logic.magnitudes import Magnitudes
from adamref.logic.proof import HYPOTHESIS, Cite, Use
from adamref.logic.relations import eq, expression, ge, gt, is_strict, substituted
from adamref.theorems.symbols import t
from adamref.typeset.notation import displayed, latex, summands
from adamref.typeset.tree import Display, Math, Paragraph, Reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sympy import Expr

    from adamref.logic.induction import Induction
    from adamref.logic.proof import ProofStep, Used
    from adamref.logic.statement import Statement
    from adamref.theorems.quantities import Run
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
    assumes : tuple of relation
        The domain of every symbol.
    slopes : mapping of Expr to Expr
        What stands for a gradient whose formula nobody would read.
    shown : set of str
        The formulas that stand on the page, and are not shown again; it grows.
    """

    places: Mapping[str, str]
    says: Mapping[str, Any]
    assumes: tuple[Any, ...] = ()
    slopes: Mapping[Expr, Expr] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, statement: Statement, runs: Iterable[Run] = ()) -> KnownSoFar:
        """Return what a statement about runs assumes."""
        supposed = statement.hypotheses
        places = dict.fromkeys(supposed, "assumed")
        says = {name: one.relation for name, one in supposed.items()}
        slopes = {expand(run("g", t)): replace(run, gradient=None)("g", t) for run in runs}
        slopes = {slope: letter for slope, letter in slopes.items() if slope.has(Mod)}
        return cls(places, says, statement.domain, slopes)

    def and_step(self, step: ProofStep, place: str) -> KnownSoFar:
        """Return it with a step, and where that stands."""
        places, says = {**self.places, step.name: place}, {**self.says, step.name: step.claim}
        return replace(self, places=places, says=says)

    def supposing(self, step: ProofStep, by: Induction) -> KnownSoFar:
        """Return it with the claim of an induction for the index before."""
        before = substituted(step.claim, {by.over: by.over - 1})
        return replace(self, says={**self.says, HYPOTHESIS: before})

    def readable(self, what: Any) -> Any:
        """Return what is shown of a relation: gradients by their letter."""
        if not (self.slopes and what.has(Mod)):
            return what
        found = {x: self.slopes.get(expand(x)) for x in what.atoms(Add) if x.has(Mod)}
        return what.xreplace({x: letter for x, letter in found.items() if letter is not None})


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


def as_a_sum(step: ProofStep, known: KnownSoFar) -> Iterator[Block]:
    """Display the terms of which none is negative, and by which an inequality holds."""
    by = step.by
    if isinstance(by, Magnitudes):
        yield from _triangle(step.claim, by)
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
    above = gt if is_strict(step.claim) else ge
    if set(by.terms) == {Integer(0)}:
        return
    terms = [known.readable(term) for term in by.terms]
    display = Display(displayed(above(Add(*terms, evaluate=False), Integer(0))))
    if not _LONG.search(display.latex):
        yield Paragraph((f"Then {what} is {_signs(step, by, known)}:",))
        yield display


def _triangle(claim: Any, by: Magnitudes) -> Iterator[Block]:
    """Display what stands between the bars as the sum whose parts are bounded one by one."""
    size = claim.args[0]
    parts = [Mul(*factors, evaluate=False) for factors in by.terms]
    if not isinstance(size, Abs) or (len(parts) == 1 and len(by.terms[0]) == 1):
        return
    whole = Add(*parts, evaluate=False) if len(parts) > 1 else parts[0]
    display = Display(displayed(eq(size, Abs(whole, evaluate=False))))
    if not _LONG.search(display.latex):
        each = "part of this sum" if len(parts) > 1 else "factor"
        yield Paragraph((f"Each {each} is bounded by itself:",))
        yield display


_LONG = re.compile(r"\d{25}")
"""A number of so many digits says nothing to a reader, and is wider than a page."""
_PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


def _signs(step: ProofStep, by: Certificate | Squares, known: KnownSoFar) -> str:
    """Say what is read off the terms of a sum: that none is negative, and which are positive."""
    terms = summands(Add(*by.terms, evaluate=False))
    if not is_strict(step.claim):
        return "a sum of terms that are not negative" if len(terms) > 1 else "not negative"
    if len(terms) == 1:
        return "positive"
    relations = [*known.assumes, *(one for use in by.uses for one in _relations(use, known))]
    parts = (part for one in relations for part in (one.args if isinstance(one, And) else (one,)))
    context = Context([x for x in parts if isinstance(x, Relational)], step.where)
    positive = [at for at, term in enumerate(terms) if context.positive(term)]
    if len(positive) == len(terms):
        return "a sum of positive terms"
    # What makes a term positive may be an equation that is put in, as the checker does.
    at = positive[-1] if positive else len(terms)
    place = "last" if at == len(terms) - 1 else _PLACES[at] if at < len(_PLACES) else "one"
    one = f"the {place} of them is" if positive and place != "one" else "one of them is"
    return f"a sum of terms that are not negative, and {one} positive"


def _relations(used: Used, known: KnownSoFar) -> Iterator[Any]:
    """Yield what is used, as it is used."""
    if isinstance(used, Fact):
        yield used.relation
    elif isinstance(used, Cite):
        yield instance_of(used.theorem.statement.claim, used.at)
    elif isinstance(used, Use):
        at = {symbol: expression(value) for symbol, value in used.at.items()}
        yield substituted(known.says[used.name], at)
    elif used in known.says:
        yield known.says[used]


def _formulas(used: Used, known: KnownSoFar) -> Iterator[Display]:
    """Display what is used, but a step or an assumption that is used as it stands."""
    if not isinstance(used, str) or used == HYPOTHESIS:
        for one in _relations(used, known):
            yield from claimed(known.readable(one))


def _named(used: Used, known: KnownSoFar) -> tuple[Inline, ...]:
    if isinstance(used, Cite):
        named = [(k, v) for k, v in used.at.items() if isinstance(k, Symbol) and k != v]
        # A letter may stand for another expression in it: n for n - 1.
        new = [(Math(f"{latex(k)} = {latex(v)}"),) for k, v in named if not _has(v, k)]
        other = [(Math(latex(v)), " in place of ", Math(latex(k))) for k, v in named if _has(v, k)]
        said = ((" for ", new), (" with ", other))
        put_in = [part for word, parts in said if parts for part in (word, *_joined(parts, ", "))]
        return ("theorem ", Reference(used.theorem.id), *put_in)
    name = used if isinstance(used, str) else used.name if isinstance(used, Use) else used.says
    return (f"“{name}” ({known.places[name]})" if name in known.places else name,)


def _has(value: Any, letter: Symbol) -> bool:
    return letter in expression(value).free_symbols


def _joined(parts: Iterable[Sequence[Inline]], separator: str = "; ") -> Iterator[Inline]:
    for number, part in enumerate(parts):
        if number:
            yield separator
        yield from part
