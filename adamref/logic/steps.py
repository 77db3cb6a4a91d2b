"""What proofs are written with: steps, what they use, and a function for each common inference.

The functions make `Step`s and decide nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sympy import Integer

from adamref.logic.arithmetic import Certificate, Combination, Identity, Squares
from adamref.logic.cases import Parts
from adamref.logic.induction import Induction
from adamref.logic.magnitudes import Magnitudes
from adamref.logic.order import Extremes
from adamref.logic.proof import HYPOTHESIS, Cite, Inference, Step, Use, Used
from adamref.logic.relations import substituted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sympy import Expr, Symbol
    from sympy.logic.boolalg import Boolean

    Where: TypeAlias = tuple[Expr, ...]
    Part: TypeAlias = tuple[str, str, Inference]

__all__ = [
    "HYPOTHESIS",
    "Certificate",
    "Cite",
    "Combination",
    "Identity",
    "Induction",
    "Inference",
    "Squares",
    "Step",
    "Use",
    "Used",
    "certificate",
    "combination",
    "extremes",
    "identity",
    "induction",
    "magnitudes",
    "parts",
    "squares",
]


def identity(
    name: str, claim: Boolean, because: str, uses: Sequence[Used] = (), where: Where = ()
) -> Step:
    """Show an equation: both sides have the same normal form, once the equations are put in."""
    return Step(name, claim, because, Identity(tuple(uses)), where)


def combination(
    name: str,
    claim: Boolean,
    because: str,
    of: Sequence[tuple[Used, Expr]],
    then: Sequence[Used] = (),
    where: Where = (),
) -> Step:
    """Show an equation: it is a combination of others, each times an expression."""
    return Step(name, claim, because, Combination(tuple(of), tuple(then)), where)


def certificate(
    name: str,
    claim: Boolean,
    because: str,
    terms: Sequence[Expr] = (),
    uses: Sequence[Used] = (),
    where: Where = (),
) -> Step:
    """Show an inequality: the difference is a sum of terms whose signs can be read off."""
    return Step(name, claim, because, Certificate(tuple(terms), tuple(uses)), where)


def squares(
    name: str,
    claim: Boolean,
    because: str,
    terms: Sequence[Expr] = (),
    uses: Sequence[Used] = (),
    where: Where = (),
) -> Step:
    """Compare two numbers >= 0 by their squares, whose difference is certified by terms."""
    return Step(name, claim, because, Squares(tuple(terms), tuple(uses)), where)


def extremes(
    name: str, claim: Boolean, because: str, uses: Sequence[Used] = (), where: Where = ()
) -> Step:
    """Compare maxima and minima by their arguments."""
    return Step(name, claim, because, Extremes(tuple(uses)), where)


def magnitudes(
    name: str,
    claim: Boolean,
    because: str,
    terms: Sequence[tuple[Expr, ...]],
    more: Sequence[Expr] = (),
    uses: Sequence[Used] = (),
    where: Where = (),
) -> Step:
    """Bound the size of a sum of products by what bounds their factors."""
    return Step(name, claim, because, Magnitudes(tuple(terms), tuple(more), tuple(uses)), where)


def parts(name: str, claim: Boolean, because: str, steps: Sequence[str], where: Where = ()) -> Step:
    """Show a conjunction, each part of which was shown."""
    return Step(name, claim, because, Parts(tuple(steps)), where)


def induction(
    name: str,
    claim: Boolean,
    because: str,
    over: Symbol,
    start: int,
    base: Part,
    step: Part,
    where: Where = (),
) -> Step:
    """Show a relation for every index from a start on.

    Base and step are each a name, a sentence that says why, and an inference; the latter may use
    the claim at the index before as ``"induction hypothesis"``.
    """
    first = Step(base[0], substituted(claim, {over: Integer(start)}), *base[1:])
    later = Step(step[0], claim, *step[1:])
    return Step(name, claim, because, Induction(over, start, (first,), (later,)), where)
