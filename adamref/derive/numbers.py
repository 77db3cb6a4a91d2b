"""Statements worked in numbers: a near-miss where it fails, a theorem where w = 0.5.

What is worked is the statement itself, by the rule's own program, in exact arithmetic or, where
there is a root, in enclosures; the digits that are shown are right.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, final

from sympy import And, Integer
from sympy.core.function import AppliedUndef

from adamref.numbers.carrier import Unknown
from adamref.numbers.enclosure import Enclosure
from adamref.numbers.exact import terminates
from adamref.numbers.rational import Rational
from adamref.numbers.rounding import Digits, plain
from adamref.objective import Objective
from adamref.rules import ADAM
from adamref.rules.symbols import PREVIOUS
from adamref.stepper import run
from adamref.theorems.evaluation import Evaluation, NoValue, assumed, holds
from adamref.theorems.points import Point, Space
from adamref.typeset.notation import latex, spelled, width
from adamref.typeset.tree import DataTable, Display, Math, Paragraph, Verbatim

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from adamref.logic.statement import Statement
    from adamref.numbers.carrier import Carrier
    from adamref.theorems.points import Number
    from adamref.theorems.quantities import Run
    from adamref.theorems.record import Theorem
    from adamref.typeset.tree import Block, Inline, Sentence

EXAMPLE = {"theta": "0.5", "objective": "(3*w - 4)**2", "alpha": "0.1"}
"""The worked example: w = 0.5, and a parabola whose minimum is 4/3."""

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
class WrittenNumber:
    """A number in LaTeX, and whether it is written to its end."""

    latex: str
    exact: bool

    @property
    def sign(self) -> str:
        """What stands between what it is a value of, and it."""
        return "=" if self.exact else r"\approx"


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
    values = _relevant(point, statement, space, found[0] if found else None)
    there = Paragraph(("", *_between([Math(one) for one in values]), "."), "Counterexample")
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
    names = _needed(statement, space)
    assumed = (*statement.domain, *(one.relation for one in statement.hypotheses.values()))
    names |= {symbol.name for one in assumed for symbol in one.free_symbols}
    free = bool(space.functions or statement.meanings)
    values = {k: v for k, v in point.values.items() if free or k in names}
    yield from valued(Point(values, point.sequences), where.elements if where else None)


def exemplified(theorem: Theorem) -> tuple[Block, ...]:
    """Work a theorem on the gradients of the worked example, if it is about such; else nothing."""
    statement, space = theorem.statement, theorem.space
    if theorem.verdict != "PROVED" or not statement.claim.atoms(AppliedUndef):
        return ()
    for point in _examples(statement, space):
        found = _worked(statement, space, point)
        if found is None:
            continue
        where, parts = found
        if not (where.reached and all(part.holds for part in parts)):
            continue
        said = Paragraph(("", *_given(point, statement, space)))
        return (said, *_table(where, space, statement), *map(_sides, parts))
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
    left, right = (_shown(where.carrier, where.value(side)) for side in part.args)
    found = holds(part, where)
    if found is None or left is None or right is None:
        return None
    return WorkedPart(part, left, right, found)


def _shown(carrier: Carrier, value: Any) -> WrittenNumber | None:
    """Write a number; None for what is unknown."""
    if isinstance(value, Fraction):
        return shown(value)
    if isinstance(carrier, Enclosure) and not isinstance(value, float | Unknown):
        low, high = carrier.ends(value)
        return shown(low) if low == high else _agreed(low, high)
    return None


def _agreed(low: Fraction, high: Fraction) -> WrittenNumber | None:
    first, last = (Digits(_DIGITS).round(end) for end in (low, high))
    # What 0.9 makes is in an enclosure no decimal; to a hundred digits it is.
    whole = {Digits(_MANY).round(end) for end in (low, high)} == {first}
    return WrittenNumber(_tex(plain(first)), whole) if first == last else None


def shown(value: Fraction) -> WrittenNumber:
    """Write a rational number in LaTeX: as it is if that is short, else rounded to ten digits."""
    if terminates(value):
        text = plain(value)
        if len(text) <= _SHORT:
            return WrittenNumber(_tex(text), exact=True)
    whole = f"{value.numerator}/{value.denominator}"
    if len(whole) <= _SHORT and value.denominator != 1:
        sign = "-" if value < 0 else ""
        return WrittenNumber(
            rf"{sign}\tfrac{{{abs(value.numerator)}}}{{{value.denominator}}}", exact=True
        )
    return WrittenNumber(_tex(plain(Digits(_DIGITS).round(value))), exact=False)


def _tex(text: str) -> str:
    mantissa, e, exponent = text.partition("e")
    if not e:
        return text
    power = f"10^{{{int(exponent)}}}"
    return f"{mantissa.replace('1', '')}{power}" if mantissa in ("1", "-1") else (
        rf"{mantissa} \times {power}"
    )  # fmt: skip


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
    if between == "=" and before and after and part.left.latex == part.right.latex:
        return Display(f"{before}{part.left.latex}{after}")
    return Display(f"{before}{part.left.latex} {between} {part.right.latex}{after}")


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
        for at, step in enumerate(steps, 1):
            cells = [_shown(where.carrier, step[name]) for name in fields]
            if None in cells:
                # What a root makes is no rational number.
                near = Evaluation(Enclosure(_BITS[1]), space, where.point, statement.meanings)
                near.field(one, fields[-1], at)
                again = near.worked(one)[at - 1]
                cells = [
                    cell or _shown(near.carrier, again[name])
                    for cell, name in zip(cells, fields, strict=True)
                ]
            rows.append(((str(at),), *((_cell(cell),) for cell in cells)))
        yield DataTable(((Math("t"),), *head), tuple(rows))


def _determined(run: Run, point: Point, spoken: set[str]) -> list[str]:
    """Return the fields that a point determines: those that rest on no other hyperparameter."""
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
    found = [name for name in run.rule.fields if name in known]
    return [name for name in found if name != "theta" or of_theta]


def _cell(value: WrittenNumber | None) -> Inline:
    return "no value" if value is None else Math(value.latex)


def _needed(statement: Statement, space: Space) -> set[str]:
    """Return the symbols on whose values a claim depends, by way of the lines of its runs too."""
    names = {symbol.name for symbol in statement.claim.free_symbols}
    spoken = {one.func.__name__.removeprefix("E_") for one in statement.claim.atoms(AppliedUndef)}
    for one in space.runs:
        own = {name for name in one.rule.fields if one.function(name).__name__ in spoken}
        # Expectations are over runs of other marks, on whose fields they have the names.
        own |= {name for name in one.rule.fields if name in spoken and space.means}
        for line in reversed(one.rule.lines):
            if line.name in own:
                own |= {s.name.removesuffix(PREVIOUS) for s in line.expr.free_symbols}
        for name in own & one.rule.defaults.keys():
            names |= {symbol.name for symbol in one.hyper(name, Integer(1)).free_symbols}
    return names


def _given(point: Point, statement: Statement, space: Space) -> Iterator[Inline]:
    names = _needed(statement, space)
    said = [f"{name} = {value}" for name, value in point.values.items() if name in names]
    first, second = gradients()
    if "level" in point.sequences:
        yield from ("Take gradients that are ", Math(first), " on average")
    else:
        yield "Take "
        yield Verbatim(EXAMPLE["objective"])
        yield f" from w = {EXAMPLE['theta']}: with alpha = {EXAMPLE['alpha']} and eps = 0 its "
        yield from ("first gradients are ", Math(first), " and ", Math(second))
    yield f". Then, with {', '.join(said)}:" if said else ". Then:"


@cache
def gradients() -> tuple[str, ...]:
    """Return the first gradients of the worked example, which without epsilon are decimals."""
    trace = run(
        ADAM, EXAMPLE["theta"], Objective(EXAMPLE["objective"]), steps=2, digits=30,
        alpha=EXAMPLE["alpha"], eps="0",
    )  # fmt: skip
    return tuple(plain(step["g"]) for step in trace)


def _examples(statement: Statement, space: Space) -> Iterable[Point]:
    """Return points with the worked example's numbers: at the second step first."""
    first, second = gradients()
    usual: Mapping[str, Any] = {
        "alpha": EXAMPLE["alpha"], "beta1": ADAM.defaults["beta1"],
        "beta2": ADAM.defaults["beta2"], "beta": ADAM.defaults["beta1"], "c": first, "mu": first,
        "nu": plain(Fraction(first) ** 2), "weight_decay": "0.01", "j": 1, "i": 1,
    }  # fmt: skip
    names = _needed(statement, space)
    names |= {symbol.name for one in statement.domain for symbol in one.free_symbols}
    for at in (2, 1):
        for eps in ("0", ADAM.defaults["eps"]):
            known = {**usual, "eps": eps, "t": at, "n": at, "k": at}
            values = {name: known[name] for name in sorted(names) if name in known}
            if len(values) == len(names):
                rows = {"g": ("0", first, second)}
                yield Point(values, rows)
                yield Point(values, {**rows, "level": ("0", first, first), "spread": ("0",) * 3})
