"""Small theorems, made up for a test of the checker: whether it accepts their steps, or why not."""

from __future__ import annotations

from sympy import Function, Integer, Limit, oo, symbols

from adamref.logic.check import algebra
from adamref.logic.facts import Always
from adamref.logic.proof import ProofStep, Use
from adamref.logic.statement import Statement
from adamref.theorems.points import Space
from adamref.theorems.record import Theorem
from adamref.theorems.spaces import points
from adamref.theorems.symbols import i, t

x, y, z = symbols("x y z", real=True)
f, g, h = (Function(name, real=True) for name in "fgh")
IH = "induction hypothesis"


def theorem(claim, *steps, domain=(), hypotheses=None, id_="test", runs=()):
    return Theorem(
        id=id_,
        title="",
        says="",
        statement=Statement(claim, tuple(domain), hypotheses or {}),
        proof=lambda _: steps,
        source="",
        space=Space(points(), runs),
    )


def refusal(claim, *steps, **more):
    """Return why a proof is refused, or None."""
    return algebra(theorem(claim, *steps, **more)).refusal


def step(claim, by, name="only", where=()):
    return ProofStep(name, claim, "", by, where)


def proved(claim, by, **more):
    return refusal(claim, step(claim, by), **more) is None


def limit(expr):
    return Limit(expr, t, oo)


def supposed(relation, low=0):
    """Return a hypothesis called "supposed", and its use at an index from which on it holds."""
    return {"supposed": Always(relation, i, Integer(low))}, Use("supposed", {i: Integer(0)})
