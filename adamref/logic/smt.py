"""The SMT checker: z3 decides each arithmetic step of a proof on its own, without its certificate.

What the algebra checker rewrites or writes as a sum of squares is given to z3 as hypotheses and the
negation of the claim, in nonlinear real arithmetic; ``unsat`` is a proof. Values of functions,
powers with an unknown exponent and sums are free real variables; a root, an absolute value and a
maximum are axiomatised.

Controls: the hypotheses alone must be satisfiable, so that nothing is proved from a contradiction;
without the induction hypothesis, and with an equation moved by a constant, z3 must find a
counterexample.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, final

from sympy import Add, And, Dummy, Eq, Expr, Ge, Gt, Le, Lt, Min, Mul, Ne, Pow, Sum, Symbol

from adamref.logic.normal import Atoms, Undecided
from adamref.logic.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adamref.logic.context import Context
    from adamref.logic.proof import Obligation

EFFORT, LITTLE = 4_000_000, 100_000
"""z3's units of work for a question, and for one that is asked first: time is the machine's matter.

The questions of the proofs need 2.4 million at most, and 16 thousand where they are asked first.
"""


def installed() -> bool:
    """Say whether z3 is there."""
    return find_spec("z3") is not None


@final
@dataclass(frozen=True)
class SmtAnswer:
    """What z3 says of an obligation: "proved", "refuted", "unknown"; and the failed control."""

    status: str
    says: str = ""


def ask(obligation: Obligation) -> SmtAnswer:
    """Decide an obligation, with its controls."""
    context, claim = obligation.context, obligation.claim
    try:
        asked = _Question(context, claim)
    except (Undecided, Refused) as undecided:
        return SmtAnswer("unknown", str(undecided))
    found = asked.answer()
    if found.status != "proved":
        return found
    if asked.contradictory():
        return SmtAnswer("unknown", "the hypotheses contradict each other")
    without = _without_hypothesis(obligation)
    # A question of its own: what is known also decides how roots and absolute values are read.
    if without is not None and _Question(without, claim).answer().status == "proved":
        return SmtAnswer("unknown", "the claim does not need the induction hypothesis")
    if isinstance(claim, Eq) and asked.moved().status == "proved":
        # An inequality may hold with room to spare.
        return SmtAnswer("unknown", f"{claim} is proved with 1 added to a side as well")
    return found


def refute(context: Context, claim: Any) -> SmtAnswer:
    """Decide that a claim contradicts what is known, which itself is no contradiction."""
    asked = _Question(context, claim)
    if asked.contradictory():
        return SmtAnswer("unknown", "the equations contradict each other")
    return asked.refuted()


def _without_hypothesis(obligation: Obligation) -> Context | None:
    """Return what is known but for the induction hypothesis, where that is used."""
    context, hypothesis = obligation.context, obligation.hypothesis
    if hypothesis is None:
        return None
    kept = [f for f in context.facts if f.relation != hypothesis.relation]
    if len(kept) == len(context.facts):
        return None
    try:
        return type(context)(context.relations, context.conditions, kept)
    except Refused:
        return None  # the case in which a line is used is one by the hypothesis


@final
class _Question:
    """What is known and a claim, put into z3's terms once for all that is asked about them.

    Raises
    ------
    Undecided, Refused
        If an expression has no translation.
    """

    def __init__(self, context: Context, claim: Any) -> None:
        wanted = list(claim.args) if isinstance(claim, And) else [claim]
        translation = _Translation(context, [*context.known, *wanted])
        self._given = [translation.relation(relation) for relation in context.known]
        self._given += [translation.term(condition) >= 0 for condition in context.conditions]
        self._sides = [(translation.term(w.args[0]), translation.term(w.args[1])) for w in wanted]
        self._wanted = [_compared(w, *sides) for w, sides in zip(wanted, self._sides, strict=True)]
        self._axioms = translation.axioms()

    def answer(self) -> SmtAnswer:
        """Say whether the claim follows."""
        return self._follows(self._wanted)

    def moved(self) -> SmtAnswer:
        """Say whether an equation follows with one side moved by 1."""
        ((left, right),) = self._sides
        return self._follows([left == right + 1])

    def contradictory(self) -> bool:
        """Say whether what is known contradicts itself."""
        import z3

        return bool(_satisfiable([*self._given, *self._axioms], EFFORT) == z3.unsat)

    def refuted(self) -> SmtAnswer:
        """Say whether the claim contradicts what is known."""
        import z3

        result = _satisfiable([*self._given, *self._axioms, *self._wanted], EFFORT)
        return SmtAnswer("refuted" if result == z3.unsat else "unknown", f"z3 says {result}")

    def _follows(self, goal: list[Any]) -> SmtAnswer:
        import z3

        negated = z3.Not(z3.And(*goal))
        # What follows whatever roots and quotients are needs none of their equations.
        if _satisfiable([*self._given, negated], LITTLE) == z3.unsat:
            return SmtAnswer("proved")
        result = _satisfiable([*self._given, *self._axioms, negated], EFFORT)
        if result == z3.unsat:
            return SmtAnswer("proved")
        return SmtAnswer("refuted" if result == z3.sat else "unknown", f"z3 says {result}")


def _satisfiable(formulas: list[Any], effort: int) -> Any:
    import z3

    solver = z3.SolverFor("QF_NRA")
    solver.set("rlimit", effort)
    solver.add(*formulas)
    return solver.check()


def _compared(relation: Any, left: Any, right: Any) -> Any:
    """Return the z3 formula of a relation, of which the sides are translated."""
    kinds: list[tuple[type, Any]] = [
        (Eq, left == right),
        (Ne, left != right),
        (Le, left <= right),
        (Lt, left < right),
        (Ge, left >= right),
        (Gt, left > right),
    ]
    return next(made for kind, made in kinds if isinstance(relation, kind))


@final
class _Translation:
    """SymPy expressions as z3 terms, over shared atoms."""

    def __init__(self, context: Context, relations: Iterable[Any]) -> None:
        self._context = context
        self._atoms: Atoms = context.atoms()
        self._atoms.prepare([side for relation in relations for side in relation.args])
        self._variables: dict[Any, Any] = {}
        self._extra: list[Any] = []
        self._quotients: dict[tuple[int, int], Any] = {}
        self._axiomatised: set[Any] = set()

    def relation(self, relation: Any) -> Any:
        """Translate a relation."""
        return _compared(relation, *(self.term(side) for side in relation.args))

    def term(self, expr: Expr) -> Any:
        """Translate an expression."""
        return self._rational(self._atoms.of(expr))

    def axioms(self) -> list[Any]:
        """Say what is known of the atoms met so far."""
        made: list[Any] = []
        pending = True
        while pending:
            pending = False
            for atom in list(self._atoms.meaning):
                if atom in self._axiomatised or atom not in self._variables:
                    continue
                self._axiomatised.add(atom)
                made += self._about(atom)
                pending = True
        return [*made, *self._extra]

    def _about(self, atom: Dummy) -> list[Any]:
        import z3

        variable, meaning = self._variables[atom], self._atoms.meaning[atom]
        if atom in self._atoms.maxima:
            one, other = map(self._rational, self._atoms.maxima[atom])
            is_one = z3.Or(variable == one, variable == other)
            if isinstance(meaning, Min):
                return [variable <= one, variable <= other, is_one]
            return [variable >= one, variable >= other, is_one]
        if atom in self._atoms.relations:
            _, value = self._atoms.relations[atom]
            square = self._rational(value)
            return [variable >= 0, z3.Implies(square >= 0, variable * variable == square)]
        if isinstance(meaning, Sum) and self._context.nonnegative(meaning):
            return [variable > 0 if self._context.positive(meaning) else variable >= 0]
        if isinstance(meaning, Pow) and self._context.nonnegative(meaning.base):
            strict = self._context.positive(meaning.base)
            return [variable > 0 if strict else variable >= 0]
        return []

    def _rational(self, expr: Expr) -> Any:
        import z3

        if expr.is_Rational:
            return z3.Q(int(expr.p), int(expr.q))
        if isinstance(expr, Symbol):
            if expr not in self._variables:
                self._variables[expr] = z3.Real(f"{expr.name}#{len(self._variables)}")
            return self._variables[expr]
        if isinstance(expr, Add):
            terms = [self._rational(a) for a in expr.args]
            return z3.Sum(terms)
        if isinstance(expr, Mul):
            return self._product(expr)
        assert isinstance(expr, Pow), expr
        exponent = int(expr.exp)
        base = self._rational(expr.base)
        power = z3.Product([base] * abs(exponent))
        return power if exponent > 0 else self._quotient(z3.RealVal(1), power)

    def _product(self, expr: Mul) -> Any:
        import z3

        number, rest = expr.as_coeff_Mul()
        if number != 1:
            return z3.Q(int(number.p), int(number.q)) * self._rational(rest)
        top, bottom = expr.as_numer_denom()
        if bottom == 1:
            return z3.Product([self._rational(a) for a in Mul.make_args(top)])
        above = z3.Product([self._rational(a) for a in Mul.make_args(top)])
        below = z3.Product([self._rational(a) for a in Mul.make_args(bottom)])
        return self._quotient(above, below)

    def _quotient(self, above: Any, below: Any) -> Any:
        """Name a quotient, always the same: q with q * below = above, where below is not 0."""
        import z3

        key = (above.get_id(), below.get_id())
        if key in self._quotients:
            return self._quotients[key]
        quotient = self._quotients[key] = z3.Real(f"quotient/{len(self._extra)}")
        # With a divisor that may be 0 the quotient is unknown, and nothing follows from it.
        self._extra.append(z3.Implies(below != 0, quotient * below == above))
        return quotient
