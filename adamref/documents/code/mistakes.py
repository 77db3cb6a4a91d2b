"""Mistakes that are no formula's: a sign that means something else, a test, a loop, a reset."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from adamref.documents.claims import Cause, Claim
from adamref.documents.code.places import beside, past_the_end
from adamref.documents.code.reviews import GIVEN_AS_A_MISTAKE, is_criticised
from adamref.documents.code.variables import is_kept, roles_of
from adamref.documents.code.words import FIRST, PARAMETER, SECOND, TIME, by_name
from adamref.expressions.nodes import Binary, Name, Negative, Node, Number, names, walk
from adamref.rules.family import called

if TYPE_CHECKING:
    from adamref.documents.code.blocks import Block
    from adamref.documents.code.statements import Assignment, ReadProgram, WrittenLoop
    from adamref.documents.source import Source
    from adamref.rules.optimizer import Optimizer

_EXCLUSIVE = frozenset(
    "c c++ cpp cuda java javascript js typescript ts rust rs go csharp cs swift kotlin php".split()
)


def mistakes(group: Sequence[ReadProgram], source: Source, optimizer: Optimizer) -> Iterator[Claim]:
    """Yield what is wrong with how programs are written."""
    every = [one for its in group for one in its.assignments if not one.block.quoted]
    roles = roles_of(every)
    used = {n.base for x in every if x.value is not None for n in names(x.value)}

    def claim(line: int, fault: str, says: str, about: str | None = None) -> Claim:
        quote, cause = source.quote(line), Cause(fault, says, reproduces=True)
        if is_criticised(source, line):
            return Claim(line, 1, quote, "code", "unread", GIVEN_AS_A_MISTAKE, about)
        return Claim(line, 1, quote, "code", "wrong", says, about, claimed=quote, causes=(cause,),
                     optimizer=optimizer.name)  # fmt: skip

    for one in every:
        if one.raised and _is_exclusive(one.block) and _is_of_a_step(one, roles):
            yield claim(one.line, "exclusive-or", _exclusive(one))
        its = {roles.get(n.base) for n in (one.target, *names(one.value or one.target))}
        if its & {FIRST, SECOND, PARAMETER} and (says := _divides_whole_numbers(one)):
            yield claim(one.line, "integer-division", says)
        if (reset := _reset(one, every, roles)) is not None:
            yield claim(*reset)
        if _is_made_anew(one):
            says = "the optimizer is made anew at each step: its averages and its count begin again"
            yield claim(one.line, "state-reset", says)
        if says := beside(one, every):
            yield claim(one.line, "index-of-another-loop", says)
        if one.target.base in used and _counts_elements(one, every, roles):
            says = f"{one.target.text} advances for each element, not once in a step"
            yield claim(one.line, "t-per-tensor", says)
    told = {one.line for one in every if one.raised}
    for block in dict.fromkeys(one.block for one in every):
        if _is_exclusive(block):
            yield from (
                claim(line, "exclusive-or", says)
                for line, says in _as_a_default(block) if line not in told
            )  # fmt: skip
    for loop in (loop for its in group for loop in its.loops):
        held = any(loop in one.loops for one in every)
        if held and (says := _its_own_bound(loop)):
            yield claim(loop.line, "index-of-another-loop", says)
        if held and (says := past_the_end(loop, source.lines)):
            yield claim(loop.line, "element-past-the-end", says)
        if not loop.variable and _lacks_magnitude(loop.over):
            yield claim(loop.line, "magnitude-missing",
                        "a difference is compared without its absolute value: a falling parameter "
                        "ends the loop at once")  # fmt: skip


def at_odds(claims: Sequence[Claim], assignments: Sequence[Assignment]) -> Iterator[Claim]:
    """Yield claims; an update of one element in another dialect than its neighbours' is wrong."""
    places = {one.line: (one.block, one.function, one.scope, one.loops) for one in assignments}
    steps: dict[object, list[Claim]] = {}
    for one in claims:
        if one.field == "theta" and one.verdict in ("holds", "dialect"):
            steps.setdefault(places.get(one.line), []).append(one)
    alone: dict[int, tuple[str | None, int]] = {}
    for its in steps.values():
        forms = Counter(one.expected for one in its)
        (usual, most), *others = forms.most_common()
        if most > 1 and [count for _, count in others] == [1]:
            line = next(one.line for one in its if one.expected == usual)
            alone |= {one.line: (usual, line) for one in its if one.expected != usual}
    for one in claims:
        if one.field != "theta" or one.line not in alone:
            yield one
            continue
        usual, line = alone[one.line]
        says = f"it is in the dialect {one.expected}, and line {line} beside it is in {usual}"
        causes = (Cause("dialects-mixed", says, reproduces=True),)
        yield replace(
            one, verdict="wrong", because=says, claimed=one.quote, expected=None, causes=causes
        )


def _is_exclusive(block: Block) -> bool:
    """Say whether ``^`` is the exclusive or in a block, and no power."""
    return not block.pseudo and (block.is_python or block.language in _EXCLUSIVE)


def _is_of_a_step(one: Assignment, roles: dict[str, str]) -> bool:
    """Say whether a variable is one of a step, or made of a rate and the count of steps."""
    used = {roles.get(n.base) or by_name(n) for n in names(one.value or one.target)}
    return bool(roles.get(one.target.base)) or (TIME in used and any("rate" in x for x in used))


def _exclusive(one: Assignment) -> str:
    for node in walk(one.value) if one.value is not None else ():
        if not isinstance(node, Binary) or node.sign != "^":
            continue
        base, power = _whole(node.left), _whole(node.right)
        if base is not None and power is not None:
            return f"^ is the exclusive or here: {base}^{power} is {base ^ power}, and no power"
    return "^ is the exclusive or here, and no power"


_WHOLE = frozenset("c c++ cpp cuda java rust rs go csharp cs swift kotlin scala fortran".split())
"""Languages in which one whole number divided by another is a whole number."""


def _divides_whole_numbers(one: Assignment) -> str:
    """Say that ``1 / 2`` is 0, where it is."""
    for node in walk(one.value) if one.value is not None else ():
        if one.block.language not in _WHOLE or not isinstance(node, Binary) or node.sign != "/":
            continue
        sides = [x for x in (node.left, node.right) if isinstance(x, Number) and x.text.isdigit()]
        above, below = (int(x.value) for x in sides) if len(sides) == 2 else (0, 1)
        if below and above % below:
            return f"{above} / {below} is {above // below} here: both are whole numbers"
    return ""


_DEFAULT = re.compile(r"([^\W\d]\w*)\s*[:=]\s*(-?\d+)\s*\^\s*\(?\s*(-?\d+)")


def _as_a_default(block: Block) -> Iterator[tuple[int, str]]:
    """Find numbers with an exclusive or among what parameters are by default."""
    for i, text in enumerate(_without_comments(block)):
        for match in _DEFAULT.finditer(text):
            base, power = int(match[2]), int(match[3])
            if by_name(Name(match[1])):
                says = f"{base}^{power} is {base ^ power}, and no power"
                yield block.first + i, f"^ is the exclusive or here: {says}"


def _without_comments(block: Block) -> Iterator[str]:
    """Yield the lines of a block, with blanks for what only people read."""
    text = "\n".join(block.lines)
    marks = _PROSE_PYTHON if block.is_python else _PROSE
    yield from marks.sub(lambda x: "\n" * x[0].count("\n"), text).split("\n")


_PROSE = re.compile(
    r"/\*.*?(?:\*/|\Z)|//[^\n]*|\"[^\"\n]*\"|'[^'\n]*'|^\s*\*[^\n]*", re.DOTALL | re.MULTILINE
)
_PROSE_PYTHON = re.compile(
    r"\"{3}.*?(?:\"{3}|\Z)|'{3}.*?(?:'{3}|\Z)|#[^\n]*|\"[^\"\n]*\"|'[^'\n]*'", re.DOTALL
)


def _whole(node: Node) -> int | None:
    if isinstance(node, Negative):
        inner = _whole(node.of)
        return None if inner is None else -inner
    is_whole = isinstance(node, Number) and node.value.denominator == 1
    return int(node.value) if is_whole and isinstance(node, Number) else None


def _reset(
    one: Assignment, every: Sequence[Assignment], roles: dict[str, str]
) -> tuple[int, str, str] | None:
    """Find a moment that is set to 0 in the loop over the steps."""
    is_zero = isinstance(one.value, Number) and one.value.value == 0
    counts = one.loops and (not one.loops[-1].variable or _counts_steps(one.loops[-1].variable))
    if not is_zero or not counts or roles.get(one.target.base) not in (FIRST, SECOND):
        return None
    for other in every:
        if other.target != one.target or other.line <= one.line or other.value is None:
            continue
        again = one.target.base in {n.base for n in names(other.value)}
        if again and other.loops == one.loops and not one.target.index:
            says = f"{one.target.text} is set to 0 at each step: it never averages anything"
            return one.line, "state-reset", says
    return None


def _is_made_anew(one: Assignment) -> bool:
    """Say whether an optimizer is made in the loop in which it makes a step, beside that step."""
    made = any(called(n.base.rpartition(".")[2]) is not None for n in one.mentions)
    if one.value is not None or not one.loops or not made:
        return False
    lines = one.block.lines[one.line - one.block.first :]
    depth = len(lines[0]) - len(lines[0].lstrip())
    step = re.compile(
        rf"\s{{{depth}}}(?:\w.*\W)?{re.escape(one.target.text)}\.(?:step|update|apply\w*)\("
    )
    for line in lines[1:]:
        if line.strip() and len(line) - len(line.lstrip()) < depth:
            return False
        if (stepped := step.match(line)) is not None:
            return not _stands_alone(line[stepped.end() :], one)
    return False


def _stands_alone(arguments: str, one: Assignment) -> bool:
    """Say whether a step is given a number, and beside it only what the loop goes over."""
    its = {loop.variable for loop in one.loops}
    given = arguments.partition(")")[0]
    said = re.findall(r"(?<![\w.])[A-Za-z_]\w*", given)
    return re.search(r"(?<![\w.])\d", given) is not None and {*said} <= its


def _counts_elements(one: Assignment, every: Sequence[Assignment], roles: dict[str, str]) -> bool:
    """Say whether a count of steps moves in the loop over the elements of the moments."""
    base, element = one.target.base, one.loops[-1].variable if one.loops else ""
    is_count = (roles.get(base) or by_name(one.target)) == TIME and not one.target.index
    alone = is_kept(one) and one.value is not None and len(names(one.value)) == 1
    return bool(is_count and element and alone) and any(
        (other.loops, other.function, other.target.index) == (one.loops, one.function, element)
        and roles.get(other.target.base) in (FIRST, SECOND)
        and other.value is not None
        and other.target.key in {n.key for n in names(other.value)}
        for other in every
    )


def _counts_steps(variable: str) -> bool:
    return by_name(Name(variable)) == TIME or variable == "_"


def _its_own_bound(loop: WrittenLoop) -> str:
    """Say that a loop asks for an element by its own count, which there is not yet."""
    if loop.variable and re.search(rf"\[\s*{re.escape(loop.variable)}\s*\]", loop.over):
        return f"the loop over {loop.variable} is bounded by an element of index {loop.variable}"
    return ""


def _lacks_magnitude(test: str) -> bool:
    """Say whether a test holds the change of a parameter, without its size, above a number."""
    try:
        tree = ast.parse(test.replace("^", "**"), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Gt | ast.GtE):
            continue
        left = node.left
        if isinstance(left, ast.BinOp) and isinstance(left.op, ast.Sub):
            one, other = _root(left.left), _root(left.right)
            if one and one == other and by_name(Name(one)) == PARAMETER:
                return True
    return False


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Subscript):
        node = node.value
    found = node.id if isinstance(node, ast.Name) else ""
    return re.sub(r"_(?:new|old|prev|next|t)$", "", found)
