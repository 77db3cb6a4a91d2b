"""Statements worked in numbers: a near-miss where it fails, a theorem where w = 0.5.

What is worked is the statement itself, by the rule's own program, in exact arithmetic or, where
there is a root, in enclosures; the digits that are shown are right.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING, Any, final

from sympy import And, Integer
from sympy.core.function import AppliedUndef

from adamref.derive.example import examples, given, needed
from adamref.derive.put_in import bracketed, with_numbers
from adamref.derive.written import WrittenNumber, shown, written
from adamref.numbers.enclosure import Enclosure
from adamref.numbers.rational import Rational
from adamref.rules import ADAM
from adamref.rules.symbols import PREVIOUS
from adamref.theorems.evaluation import Evaluation, NoValue, assumed, holds
from adamref.theorems.points import Point, Space
from adamref.typeset.notation import WIDE, latex, spelled, width
from adamref.typeset.tree import DataTable, Display, Math, Paragraph

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from adamref.logic.statement import Statement
    from adamref.numbers.carrier import Carrier
    from adamref.theorems.points import Number
    from adamref.theorems.quantities import Run
    from adamref.theorems.record import Theorem
    from adamref.typeset.tree import Block, Inline, Sentence

_DIGITS = 10
_SHORT = 14
_MANY = 100
_NARROW = 30
_BITS = 1 << 16, 400
_ROWS = 6
_FEW = 4
_RELATIONS = {"Equality": "=", "Unequality": r"\neq", "LessThan": r"\le", "StrictLessThan": "<",
              "GreaterThan": r"\ge", "StrictGreaterThan": ">"}  # fmt: skip
_DENIED = {"=": r"\neq", r"\neq": "=", r"\le": ">", "<": r"\ge", r"\ge": "<", ">": r"\le"}


@final
@dataclass(frozen=True)
class WorkedPart:
    """A part of a claim at a point: its two sides, and whether they are as it says."""

    claim: Any
    left: WrittenNumber
    right: WrittenNumber
    holds: bool


def refuted(statement: Statement, space: Space, point: Point) -> tuple[Block, ...]:
    """Work a false statement where it fails: the point, what the rule gives, and the two sides.

    The point alone where it is about a limit, or its sides are too long to be of use.
    """
    found = _worked(statement, space, point)
    values = [Math(x) for x in _relevant(point, statement, space, found[0] if found else None)]
    said = ("", *_between(values), ".") if values else ("It needs no values.",)
    there = Paragraph(said, "Counterexample")
    if found is None:
        return (there,)
    where, parts = found
    failing = [_sides(part, denied=True) for part in parts if not part.holds]
    return (there, *_table(where, space, statement), *failing)


def _between(parts: Sequence[Inline]) -> Iterator[Inline]:
    for number, part in enumerate(parts):
        yield from (", ", part) if number else (part,)


def _relevant(
    point: Point, statement: Statement, space: Space, where: Evaluation | None
) -> Iterator[str]:
    """Yield what has which value at a point: what the statement rests on, and was read there."""
    names = needed(statement, space)
    assumed = (*statement.domain, *(one.relation for one in statement.hypotheses.values()))
    names |= {symbol.name for one in assumed for symbol in one.free_symbols}
    values = {k: v for k, v in point.values.items() if space.functions or k in names}
    yield from valued(Point(values, point.sequences), where.elements if where else None)


def exemplified(theorem: Theorem) -> tuple[Block, ...]:
    """Work a theorem on the gradients of the worked example, if it is about such; else nothing."""
    statement, space = theorem.statement, theorem.space
    if theorem.verdict != "PROVED" or not statement.claim.atoms(AppliedUndef):
        return ()
    for point in examples(statement, space):
        found = _worked(statement, space, point)
        if found is None:
            continue
        where, parts = found
        if not (where.reached and all(part.holds for part in parts)):
            continue
        said = Paragraph(("", *given(point, statement, where)))
        worked = (line for part in parts for line in _worked_out(part, where))
        runs = _either(where, statement) if space.means else _table(where, space, statement)
        return (said, *runs, *worked, *map(_sides, parts))
    return ()


def _worked(
    statement: Statement, space: Space, point: Point
) -> tuple[Evaluation, list[WorkedPart]] | None:
    carriers: tuple[Carrier, ...] = (Rational(_BITS[0]), Enclosure(_BITS[1]))
    claim = statement.claim
    parts = claim.args if isinstance(claim, And) else (claim,)
    for carrier in carriers:
        where = Evaluation(carrier, space, point, statement.meanings)
        try:
            if not assumed(statement, where):
                return None
            made = [_part(part, where) for part in parts]
        except (NoValue, KeyError):
            continue
        if None not in made:
            return where, [part for part in made if part is not None]
    return None


def _part(part: Any, where: Evaluation) -> WorkedPart | None:
    left, right = (written(where.carrier, where.value(side)) for side in part.args)
    found = holds(part, where)
    if found is None or left is None or right is None:
        return None
    return WorkedPart(part, left, right, found)


def valued(point: Point, read: AbstractSet[tuple[str, int]] | None = None) -> Iterator[str]:
    """Yield what has which value at a point, in LaTeX; of many in a row only where they begin.

    Of a row only those elements that were read, where these are given.
    """
    for name, value in point.values.items():
        yield _given_value(spelled(name), value)
    for name, row in point.sequences.items():
        places = [at for at in range(len(row)) if read is None or (name, at) in read]
        if len(places) <= _FEW:
            for at in places:
                yield _given_value(f"{spelled(name)}_{{{at}}}", row[at])
        else:
            said = ", ".join(shown(Fraction(row[at])).latex for at in places)
            first, last = (f"{spelled(name)}_{{{at}}}" for at in (places[0], places[-1]))
            yield rf"({first}, \dots, {last}) = ({said})"


def _given_value(name: str, value: Number) -> str:
    number = shown(Fraction(value))
    return f"{name} {number.sign} {number.latex}"


def _sides(part: WorkedPart, *, denied: bool = False) -> Display:
    """Write the two sides as numbers, each beside what it is a value of if that is short."""
    sign = _RELATIONS[type(part.claim).__name__]
    left, right = (_valued(side) for side in part.claim.args)
    before = f"{left} {part.left.sign} " if left else ""
    after = f" {part.right.sign} {right}" if right else ""
    between = _DENIED[sign] if denied else sign
    if between == "=" and not (part.left.exact and part.right.exact):
        between = r"\approx"
    if between in ("=", r"\approx") and part.left.latex == part.right.latex and (before or after):
        return Display(f"{before}{part.left.latex}{after}")
    return Display(f"{before}{part.left.latex} {between} {part.right.latex}{after}")


def _worked_out(part: WorkedPart, where: Evaluation) -> Iterator[Display]:
    """Show of each side that is made of others how its number comes about."""

    def number_of(value: Any) -> str | None:
        found = written(where.carrier, value)
        return None if found is None else found.latex

    for side, number in zip(part.claim.args, (part.left, part.right), strict=True):
        made = with_numbers(side, where, number_of)
        if made is None or made == number.latex:
            continue
        if width(latex(side)) + width(made) <= _NARROW:
            yield Display(f"{latex(side)} = {made} {number.sign} {number.latex}")
        elif width(made) <= WIDE:
            rows = (f"& {latex(side)}", f"& = {made}", f"& {number.sign} {number.latex}")
            yield Display(r"\begin{aligned} " + r" \\ ".join(rows) + r" \end{aligned}")


def _valued(side: Any) -> str:
    """Write an expression; nothing for a number, and for what is wide."""
    written = latex(side)
    return "" if side.is_number or width(written) > _NARROW else written


def _table(where: Evaluation, space: Space, statement: Statement) -> Iterator[DataTable]:
    """Yield what the rule gave, step by step, for each run that the statement speaks of."""
    spoken = {one.func.__name__ for one in statement.claim.atoms(AppliedUndef)}
    for one in space.runs:
        steps = where.worked(one)
        fields = _determined(one, where.point, spoken)
        known = spoken & {one.function(name).__name__ for name in one.rule.fields}
        if not (known and 0 < len(steps) <= _ROWS):
            continue
        head = tuple((Math(spelled(one.function(name).__name__)),) for name in fields)
        rows: list[tuple[Sentence, ...]] = []
        for at, step in list(enumerate(steps, 1))[-1 if _is_of_one_step(one) else 0 :]:
            cells = [written(where.carrier, step[name]) for name in fields]
            if None in cells:
                # What a root makes is no rational number.
                near = Evaluation(Enclosure(_BITS[1]), space, where.point, statement.meanings)
                near.field(one, fields[-1], at)
                again = near.worked(one)[at - 1]
                cells = [
                    cell or written(near.carrier, again[name])
                    for cell, name in zip(cells, fields, strict=True)
                ]
            rows.append(((str(at),), *((_cell(cell),) for cell in cells)))
        yield DataTable(((Math("t"),), *head), tuple(rows))


def _is_of_one_step(run: Run) -> bool:
    """Say whether a run has the hyperparameters of the step it is taken to, at all steps.

    What it gave at earlier ones is not what the rule gives there, and enters into nothing.
    """
    return any("t" in {x.name for x in value.free_symbols} for value in run.hypers.values())


def _determined(run: Run, point: Point, spoken: set[str]) -> list[str]:
    """Return what a table shows: what leads to what is spoken of, as far as a point determines it.

    That is what rests on no other hyperparameter.
    """
    hypers = {
        name
        for name in run.rule.defaults
        if {symbol.name for symbol in run.hyper(name, Integer(1)).free_symbols} <= {*point.values}
    }
    of_theta = run.function("theta").__name__ in spoken if "theta" in run.rule.fields else False
    known = {"g", "t", "size", *hypers, *(("theta" + PREVIOUS,) if of_theta else ())}
    while True:
        more = {
            line.name
            for line in run.rule.lines
            if {x.name for x in line.expr.free_symbols} <= known | {line.name + PREVIOUS}
        }
        more |= {name + PREVIOUS for name in more}
        if more <= known:
            break
        known |= more
    rests = {"g"} | {
        one.__name__.removesuffix(run.mark)
        for name in run.rule.fields[1:]
        if run.function(name).__name__ in spoken
        for part in run.resting(run.function(name))
        for one in part
    }
    return [name for name in run.rule.fields if name in known & rests]


def _cell(value: WrittenNumber | None) -> Inline:
    return "no value" if value is None else Math(value.latex)


def _either(where: Evaluation, statement: Statement) -> Iterator[Block]:
    """Show what each of the runs makes of which an expectation is the mean, and their mean."""
    for value in statement.claim.atoms(AppliedUndef):
        field = value.func.__name__.removeprefix("E_")
        at_a_step = {symbol.name for symbol in value.free_symbols} <= {*where.point.values}
        if field not in ADAM.fields[1:] or value.func.__name__ == field or not at_a_step:
            continue
        at = where.whole(value.args[0])
        each = [where.field(run, field, at) for run in where.space.runs]
        total = reduce(where.carrier.add, each)
        mean = where.carrier.divide(total, where.carrier.lift(Fraction(len(each))))
        found = [written(where.carrier, one) for one in (*each, mean)]
        if None not in found:
            *ones, last = (one for one in found if one is not None)
            added = " + ".join(
                bracketed(one.latex) if one.latex.startswith("-") else one.latex for one in ones
            )
            near = all(one.exact for one in ones)
            yield Display(
                rf"{latex(value)} = \frac{{{added}}}{{{len(ones)}}}"
                rf" {last.sign if near else '='} {last.latex}"
            )
