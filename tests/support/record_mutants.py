"""Records changed at random: what their checkers should refuse, unless it is true as well."""

from __future__ import annotations

import random
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from sympy import And, Eq, Ge, Gt, Integer, Le, Limit, Lt, Ne, Sum
from sympy.core.function import AppliedUndef

from adamref.logic.check import algebra
from adamref.logic.facts import Always
from adamref.logic.induction import Induction
from adamref.logic.proof import Cite, Use
from adamref.second.again import again
from adamref.theorems.derived import derived
from adamref.theorems.library import theorems
from adamref.theorems.search import search

if TYPE_CHECKING:
    from adamref.theorems.record import Theorem

_RELATIONS = (Eq, Ge, Gt, Le, Lt, Ne)
_WEAKER = {Gt: Ge, Lt: Le}


@dataclass(frozen=True)
class Mutant:
    """A record with one change.

    Attributes
    ----------
    of : Theorem
    kind : str
        What was changed.
    says : str
        How, in one line, that tells it from others.
    theorem : Theorem
    weaker : bool
        Whether what it says follows from what the record says, by its form alone.
    """

    of: Theorem
    kind: str
    says: str
    theorem: Theorem
    weaker: bool = False


@cache
def _records() -> tuple[Theorem, ...]:
    return tuple(t for t in theorems().values() if t.verdict == "PROVED")


def mutant(seed: int) -> Mutant:
    """Return a mutant, the same for a seed; another kind where a record has not the one drawn."""
    drawn = random.Random(seed)
    while True:
        record = drawn.choice(_records())
        kind = drawn.choice(list(_KINDS))
        made = _KINDS[kind](record, drawn)
        if made is not None:
            changed, says, weaker = made
            return Mutant(record, kind, f"{record.id}: {kind}: {says}", changed, weaker)


def accepted(changed: Theorem) -> bool:
    """Say whether a proof is accepted by both checkers; a proof that cannot be made is not."""
    try:
        shown = algebra(changed)
    except (AssertionError, AttributeError, IndexError, KeyError, StopIteration, TypeError):
        return False
    except ValueError:
        return False
    return shown.refusal is None and not any(again(one).wrong for one in shown.obligations)


def found_false(changed: Theorem) -> str:
    """Return where a statement is false, if the search finds that; it looks everywhere."""
    for space in (changed.space, derived(changed.statement, changed.space)):
        found = search(changed.statement, space)
        if found.counterexample is not None:
            return str(found.counterexample)
    return ""


# What is changed.


def _places(expr: Any, fits: Any, path: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    """Return the places of some parts of a relation; not the ends of a limit."""
    found = [path] if path and fits(expr) else []
    for at, part in enumerate(expr.args):
        if not (isinstance(expr, Limit) and at > 0):
            found += _places(part, fits, (*path, at))
    return found


def _changed(expr: Any, path: tuple[int, ...], change: Any) -> Any:
    if not path:
        return change(expr)
    args = list(expr.args)
    args[path[0]] = _changed(args[path[0]], path[1:], change)
    if isinstance(expr, (And, *_RELATIONS)):
        return expr.func(*args, evaluate=False)
    if isinstance(expr, Sum):
        return Sum(args[0], tuple(args[1]))
    return expr.func(*args)


def _with_claim(record: Theorem, claim: Any) -> Theorem:
    return replace(record, statement=replace(record.statement, claim=claim))


def _of_claim(record: Theorem, drawn: random.Random, fits: Any, change: Any) -> Any:
    claim = record.statement.claim
    places = _places(claim, fits)
    if not places:
        return None
    made = _changed(claim, drawn.choice(places), change)
    if made == claim:
        return None
    return _with_claim(record, made), f"{made}", False


def _constant(record: Theorem, drawn: random.Random) -> Any:
    by = drawn.choice((Integer(1), Integer(-1), Integer(1) / 2))
    return _of_claim(record, drawn, lambda e: e.is_Rational, lambda e: e + by)


def _sign(record: Theorem, drawn: random.Random) -> Any:
    def fits(expr: Any) -> bool:
        return bool(getattr(expr, "is_real", False)) and not expr.is_integer

    return _of_claim(record, drawn, fits, lambda e: -e)


def _relation(record: Theorem, drawn: random.Random) -> Any:
    claim = record.statement.claim
    parts = list(claim.args) if isinstance(claim, And) else [claim]
    at = drawn.randrange(len(parts))
    kind = drawn.choice([r for r in _RELATIONS if r is not parts[at].func])
    weaker = (
        _WEAKER.get(parts[at].func) is kind
        or (parts[at].func is Eq and kind in (Ge, Le))
        or (parts[at].func in (Gt, Lt) and kind is Ne)
    )
    parts[at] = kind(*parts[at].args, evaluate=False)
    made = And(*parts, evaluate=False) if isinstance(claim, And) else parts[0]
    return _with_claim(record, made), f"{made}", weaker


def _bound(record: Theorem, drawn: random.Random) -> Any:
    by = drawn.choice((1, -1))

    def change(whole: Any) -> Any:
        index, low, high = whole.limits[0]
        ends = (index, low + by, high) if drawn.random() < 0.5 else (index, low, high + by)
        return Sum(whole.function, ends)

    return _of_claim(record, drawn, lambda e: isinstance(e, Sum), change)


def _index(record: Theorem, drawn: random.Random) -> Any:
    by = drawn.choice((1, -1))
    return _of_claim(
        record, drawn, lambda e: isinstance(e, AppliedUndef), lambda e: e.func(e.args[0] + by)
    )


def _field(record: Theorem, drawn: random.Random) -> Any:
    claim = record.statement.claim
    functions = sorted({v.func for v in claim.atoms(AppliedUndef)}, key=str)
    others = {f for run in record.runs for f in run.fields} | set(functions)
    if not functions or len(others) < 2:
        return None
    function = drawn.choice(functions)
    other = drawn.choice(sorted(others - {function}, key=str))
    parts = claim.args if isinstance(claim, And) else (claim,)
    made = [p.func(*(s.replace(function, other) for s in p.args), evaluate=False) for p in parts]
    whole = And(*made, evaluate=False) if isinstance(claim, And) else made[0]
    return _with_claim(record, whole), f"{function} -> {other}", False


def _assumption(record: Theorem, drawn: random.Random) -> Any:
    statement = record.statement
    if not statement.domain:
        return None
    at = drawn.randrange(len(statement.domain))
    domain = statement.domain[:at] + statement.domain[at + 1 :]
    return (
        replace(record, statement=replace(statement, domain=domain)),
        (f"without {statement.domain[at]}"),
        False,
    )


def _domain(record: Theorem, drawn: random.Random) -> Any:
    statement = record.statement
    ordered = [k for k, r in enumerate(statement.domain) if isinstance(r, Ge | Gt | Le | Lt)]
    if not ordered:
        return None
    at, by = drawn.choice(ordered), drawn.choice((1, -1, Integer(1) / 3))
    relation = statement.domain[at]
    moved = relation.func(relation.args[0], relation.args[1] + by, evaluate=False)
    wider = (by < 0) is isinstance(relation, Ge | Gt)
    domain = (*statement.domain[:at], moved, *statement.domain[at + 1 :])
    made = replace(record, statement=replace(statement, domain=domain))
    return made, f"{relation} -> {moved}", not wider


def _hypothesis(record: Theorem, drawn: random.Random) -> Any:
    statement = record.statement
    if not statement.hypotheses:
        return None
    name = drawn.choice(sorted(statement.hypotheses))
    old = statement.hypotheses[name]
    high = old.low if old.high is None else old.high - 1
    new = (
        Always(old.relation, old.index, old.low + 1, old.high)
        if drawn.random() < 0.5
        else (Always(old.relation, old.index, old.low, high))
    )
    said = {**statement.hypotheses, name: new}
    made = replace(record, statement=replace(statement, hypotheses=said))
    return made, f"{name} from {new.low} to {new.high}", False


# In the proof: the statement stays, and so does its truth; the proof should fall.


def _steps(record: Theorem) -> tuple[Any, ...]:
    return record.proof(record.statement)


def _in_proof(record: Theorem, drawn: random.Random, change: Any) -> Any:
    steps = list(_steps(record))
    places = [k for k, step in enumerate(steps)]
    drawn.shuffle(places)
    for at in places:
        made = change(steps[at], steps)
        if made is not None:
            changed = (*steps[:at], made, *steps[at + 1 :])
            says = f"step {steps[at].name}"
            return replace(record, proof=lambda _, c=changed: c), says, True
    return None


def _circle(record: Theorem, drawn: random.Random) -> Any:
    """Let a step rest on itself, on a later one, or on the theorem."""

    def change(step: Any, steps: list[Any]) -> Any:
        if not hasattr(step.by, "uses") or "uses" not in {f.name for f in fields(step.by)}:
            return None
        on: Any = drawn.choice((steps[-1].name, step.name, Cite(record)))
        return replace(step, by=replace(step.by, uses=(*step.by.uses, on)))

    return _in_proof(record, drawn, change)


def _citation(record: Theorem, drawn: random.Random) -> Any:
    """Put something else in where another theorem, or another index, is used."""
    del drawn

    def moved(used: Any) -> Any:
        if isinstance(used, Cite | Use) and used.at:
            at = {
                k: v + 1 if hasattr(v, "is_real") and v.is_real else v for k, v in used.at.items()
            }
            return replace(used, at=at)
        return used

    def change(step: Any, _: list[Any]) -> Any:
        names = {f.name for f in fields(step.by)} if is_dataclass(step.by) else set()
        if "uses" not in names or isinstance(step.by, Induction):
            return None
        uses = tuple(map(moved, step.by.uses))
        same = all(a is b for a, b in zip(uses, step.by.uses, strict=True))
        return None if same else replace(step, by=replace(step.by, uses=uses))

    return _in_proof(record, random.Random(0), change)


_KINDS = {
    "constant": _constant,
    "sign": _sign,
    "relation": _relation,
    "bound": _bound,
    "index": _index,
    "field": _field,
    "assumption": _assumption,
    "domain": _domain,
    "hypothesis": _hypothesis,
    "circle": _circle,
    "citation": _citation,
}
