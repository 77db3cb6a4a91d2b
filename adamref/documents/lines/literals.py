"""Numbers that stand in a line in place of hyperparameters: which is what, by where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import islice, permutations, product
from types import MappingProxyType
from typing import TYPE_CHECKING

from adamref.documents.dialects import moments, rates
from adamref.documents.lines.symbols import own_rate
from adamref.documents.spans import printed
from adamref.expressions.nodes import Binary, Call, Name, Node, Number, numbers, walk
from adamref.expressions.nodes import names as names_in

if TYPE_CHECKING:
    from adamref.documents.lines.symbols import WrittenLine
    from adamref.documents.lines.trajectories import Fixed
    from adamref.rules.rule import Rule

_MOST = 8
"""So many ways of reading the numbers of a line are tried."""


def numbers_for(
    line: WrittenLine, rule: Rule, known: Mapping[str, Fraction] = MappingProxyType({})
) -> Iterator[Fixed]:
    """Yield what numbers in a line may be the hyperparameters of a rule it has no letters for.

    In an average a number below 1 is its rate. In a step a number to the power of t is a rate, one
    that something is multiplied by the step size, a small one that is added epsilon. What the lines
    before have them be, they are here.
    """
    meanings = [line.notation.meaning(name) for name in names_in(line.right)]
    named = {m.name for m in meanings if m.kind == "hyper"}
    own = own_rate(line.field)
    kept = any(m.name == line.field for m in meanings) and line.field in moments(rule)
    printed = {
        n.value for n in numbers(line.right) if 0 < n.value < 1 and n.value != Fraction(1, 2)
    }
    found: list[Fixed] = []
    if kept and not named & set(rates(rule)) and printed and own in rule.defaults:
        found = [((own, value),) for value in sorted(printed, reverse=True)]
    elif line.field in ("theta", "delta") or line.field.endswith("_hat"):
        found = list(islice(_of_a_step(line, rule, named), _MOST))
    if known and line.moment.shift is not None and not line.moment.letter:
        yield tuple(known.items())  # of one step, its numbers may be worked from them already
    theirs = [x for x in found if all(known.get(name, value) == value for name, value in x)]
    # Where none goes with what is known, the line is as it is, and wrong.
    yield from theirs or ([tuple(known.items())] if found else [()])


def _of_a_step(line: WrittenLine, rule: Rule, named: set[str]) -> Iterator[Fixed]:
    def is_time(node: Node) -> bool:
        return any(line.notation.meaning(n).kind == "time" for n in names_in(node))

    raised = list(dict.fromkeys(_raised(line.right, is_time)))
    free = [name for name in rates(rule) if name not in named]
    if line.field.endswith("_hat"):
        free = [name for name in free if name == own_rate(line.field.removesuffix("_hat"))]
    ways: list[list[Fixed]] = []
    if raised and len(raised) <= len(free):
        ways.append([tuple(zip(x, raised, strict=True)) for x in permutations(free, len(raised))])
    if line.field in ("theta", "delta"):
        sizes = [x for x in dict.fromkeys(_factors(line.right)) if x not in raised]
        small = [x for x in dict.fromkeys(_added(line.right)) if x < Fraction(1, 10)]
        for name, its in (("alpha", sizes), ("eps", small)):
            if its and name in rule.defaults and name not in named:
                ways.append([((name, x),) for x in its])
    for chosen in product(*ways) if ways else ():
        yield tuple(pair for one in chosen for pair in one)


def _raised(node: Node, is_time: Callable[[Node], bool]) -> Iterator[Fraction]:
    """Yield the numbers that are raised to a power of the step."""
    for one in walk(node):
        if not isinstance(one, Binary) or one.sign != "^":
            continue
        if isinstance(one.left, Number) and is_time(one.right):
            yield one.left.value


def _factors(node: Node) -> Iterator[Fraction]:
    """Yield the numbers that something with a name in it is multiplied by, or divided."""
    for one in walk(node):
        if not isinstance(one, Binary) or one.sign not in ("*", "/", "juxtaposed"):
            continue
        for number, other in ((one.left, one.right), (one.right, one.left)):
            divides = one.sign == "/" and number is one.right
            said = printed(number)
            if said is not None and not divides and names_in(other):
                yield said.value


def _added(node: Node) -> Iterator[Fraction]:
    """Yield the numbers that are added to something with a name in it."""
    for one in walk(node):
        if isinstance(one, Binary) and one.sign == "+":
            for number, other in ((one.left, one.right), (one.right, one.left)):
                said = printed(number)  # 1e-8 and 10^-8
                if said is not None and isinstance(other, Binary | Call | Name):
                    yield said.value
