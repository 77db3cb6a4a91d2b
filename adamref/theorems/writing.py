"""What chapters are written with: theorems, and for their proofs `show`.

It says what a step claims, and its methods how that follows. They make steps and decide nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, final

from sympy import Integer, true

from adamref.logic.arithmetic import Certificate, Combination, Identity, Squares
from adamref.logic.cases import Parts
from adamref.logic.induction import Induction
from adamref.logic.magnitudes import Magnitudes
from adamref.logic.order import Extremes
from adamref.logic.proof import Cite, Inference, ProofStep, Use, Used
from adamref.logic.relations import substituted
from adamref.theorems.quantities import Run
from adamref.theorems.record import Statement, Steps, Theorem, near_miss

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sympy import Expr, Symbol
    from sympy.logic.boolalg import Boolean

__all__ = [
    "Cite",
    "ProofStep",
    "Run",
    "Statement",
    "Steps",
    "Theorem",
    "Use",
    "Used",
    "near_miss",
    "show",
]


def show(name: str, claim: Boolean = true, where: tuple[Expr, ...] = ()) -> ToShow:
    """Begin a step: its name, and what it claims where some integer expressions are >= 0.

    The base and the step of an induction need no claim: it is that of the induction.
    """
    return ToShow(name, claim, where)


@final
@dataclass(frozen=True)
class ToShow:
    """A step of which it is not yet said how it follows; each method is an inference.

    ``because`` says why, for people: a sentence.
    """

    name: str
    claim: Boolean
    where: tuple[Expr, ...]

    def by(self, because: str, inference: Inference) -> ProofStep:
        """Show it by any inference."""
        return ProofStep(self.name, self.claim, because, inference, self.where)

    def identity(self, because: str, uses: Sequence[Used] = ()) -> ProofStep:
        """Show an equation: both sides have one normal form, once the equations are put in."""
        return self.by(because, Identity(tuple(uses)))

    def combination(
        self, because: str, of: Sequence[tuple[Used, Expr]], then: Sequence[Used] = ()
    ) -> ProofStep:
        """Show an equation: it is a combination of others, each times an expression."""
        return self.by(because, Combination(tuple(of), tuple(then)))

    def certificate(
        self, because: str, terms: Sequence[Expr] = (), uses: Sequence[Used] = ()
    ) -> ProofStep:
        """Show an inequality: the difference is a sum of terms whose signs can be read off."""
        return self.by(because, Certificate(tuple(terms), tuple(uses)))

    def squares(
        self, because: str, terms: Sequence[Expr] = (), uses: Sequence[Used] = ()
    ) -> ProofStep:
        """Compare two numbers >= 0 by their squares, whose difference is certified by terms."""
        return self.by(because, Squares(tuple(terms), tuple(uses)))

    def extremes(self, because: str, uses: Sequence[Used] = ()) -> ProofStep:
        """Compare maxima and minima by their arguments."""
        return self.by(because, Extremes(tuple(uses)))

    def magnitudes(
        self,
        because: str,
        terms: Sequence[tuple[Expr, ...]],
        more: Sequence[Expr] = (),
        uses: Sequence[Used] = (),
    ) -> ProofStep:
        """Bound the size of a sum of products by what bounds their factors."""
        return self.by(because, Magnitudes(tuple(terms), tuple(more), tuple(uses)))

    def parts(self, because: str, steps: Sequence[str]) -> ProofStep:
        """Show a conjunction, each part of which was shown."""
        return self.by(because, Parts(tuple(steps)))

    def induction(
        self, over: tuple[Symbol, int] | tuple[Symbol, int, str], base: Steps, step: Steps
    ) -> ProofStep:
        """Show a relation for every index from a start on: over says which, and perhaps why.

        Base and step are the proofs at the start and after it; the latter may use the claim at the
        index before as ``"induction hypothesis"``.
        """
        index, start, *said = over
        because = said[0] if said else f"By induction over {index}, from {index} = {start} on."
        first = _ending(base, substituted(self.claim, {index: Integer(start)}))
        return self.by(because, Induction(index, start, first, _ending(step, self.claim)))


def _ending(steps: Steps, claim: Boolean) -> tuple[ProofStep, ...]:
    """Return steps, the last of which shows a claim unless it says what it shows."""
    *before, last = (steps,) if isinstance(steps, ProofStep) else steps
    return (*before, replace(last, claim=claim) if last.claim == true else last)
