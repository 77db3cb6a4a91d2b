"""Reading a program: its assignments and loops, in order. Nothing of it is run."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, final

from adamref.documents.code.likeness import as_python, fields_in, loop_header
from adamref.documents.code.trees import name, tree, variables
from adamref.documents.code.words import PARAMETER, TIME, by_name
from adamref.errors import Unparsable
from adamref.expressions.nodes import Name

if TYPE_CHECKING:
    from adamref.documents.code.blocks import Block
    from adamref.expressions.nodes import Node

MAX_LENGTH = 400_000

_GOES_ON = re.compile(r"[-+*/=]\s*$(?<!\*/)(?<!\+\+)(?<!--)")
_CONTINUES = re.compile(
    r"\s+(?!\*[\w.\[\]]+\s*[-+*/]?=(?!=))(?:[+/](?![/*+=])|[*-](?![*=/\s-]\s*$)(?![*=/-]))\s*[\w(]"
)
"""What a line ends with, or the next begins with, if a statement goes on there."""


@final
@dataclass(frozen=True)
class WrittenLoop:
    """A loop.

    Attributes
    ----------
    line : int
    variable : str
        What counts in it; empty for one with a test.
    first : int or None
        What it counts from, where that is said.
    over : str
        What it runs over, or its test.
    """

    line: int
    variable: str
    first: int | None
    over: str


@final
@dataclass(frozen=True)
class Assignment:
    """A variable that is given a value.

    Attributes
    ----------
    target : Name
    value : Node or None
        None where it is no arithmetic.
    line : int
    loops : tuple of WrittenLoop
        Those that it stands in, the outermost first.
    scope : str
        The classes and the function that it stands in, with dots between.
    raised : bool
        Whether ``^`` stands in it.
    block : Block
    because : str
        Why its value is no arithmetic.
    mentions : tuple of Name
        The variables in a value that is no arithmetic.
    also : int
        The line of the scaling that it goes on from; 0 for none.
    function : int
        Where the function begins that it stands in, if it is no Python; 0 for none.
    """

    target: Name
    value: Node | None
    line: int
    loops: tuple[WrittenLoop, ...]
    scope: str
    raised: bool
    block: Block
    because: str = ""
    mentions: tuple[Name, ...] = ()
    also: int = 0
    function: int = 0


@final
@dataclass
class ReadProgram:
    """What was read of a block."""

    assignments: list[Assignment] = field(default_factory=list)
    loops: list[WrittenLoop] = field(default_factory=list)


def program(block: Block) -> ReadProgram:
    """Read a block: as Python where it is, else statement by statement."""
    text = "\n".join(block.lines)
    made = ReadProgram()
    if len(text) > MAX_LENGTH:
        return made
    whole = _parsed(textwrap.dedent(text.replace("^", "**")))
    if whole is not None:
        _Reader(block, made, block.first - 1).statements(whole, (), "")
        return made
    open_: list[tuple[int, WrittenLoop]] = []
    scope = ""
    for number, piece in _pieces(block):
        if (defined := _CLASS.match(piece)) is not None:
            scope = next(filter(None, defined.groups()))
        _piece(block, made, number, piece, open_, scope)
    begins = block.functions
    made.assignments = [
        replace(one, function=begins[bisect_right(begins, one.line) - 1])
        for one in made.assignments
    ]
    return made


_CLASS = re.compile(
    r"^\s*(?:(?:pub|public|private|final|abstract|static|export|default|internal|sealed|open)\s+)*"
    r"(?:class|impl(?:\s*<[^>]*>)?(?:\s+[\w:<>]+\s+for)?|procedure|algorithm)\s+([A-Za-z][\w-]*)"
    # A method that stands outside its class: of Go, and of C++.
    r"|^\s*func\s*\(\s*\w+\s+\*?([A-Za-z]\w*)\s*\)"
    r"|^(?!return\b)(?:[\w<>:,]+[ \t*&]+){1,4}([A-Za-z]\w*)::\w+\s*\([^;=]*$",
    re.IGNORECASE,
)


def _piece(
    block: Block,
    made: ReadProgram,
    number: int,
    piece: str,
    open_: list[tuple[int, WrittenLoop]],
    scope: str,
) -> None:
    """Read a line of what is no Python as a whole; what is indented below a loop is in it."""
    depth = len(piece) - len(piece.lstrip())
    while open_ and open_[-1][0] >= depth:
        open_.pop()
    loops = tuple(loop for _, loop in open_)
    header = loop_header(piece)
    if header is not None:
        loop = WrittenLoop(number, *header)
        made.loops.append(loop)
        open_.append((depth, loop))
        return
    begun = [f"{x} = {number}" for x, number in fields_in(piece) if by_name(Name(x)) == TIME]
    for line in (*begun, *as_python(piece, block.language)):
        if (inner := loop_header(line)) is not None:
            loops = (*loops, WrittenLoop(number, *inner))
            made.loops.append(loops[-1])
            continue
        parsed = _parsed(line)
        if parsed is not None:
            _Reader(block, made, number - 1).statements(parsed, loops, scope)


def _pieces(block: Block) -> Iterator[tuple[int, str]]:
    """Yield lines, those joined whose brackets are open or that go on with an operator."""
    kept, start = "", 0
    lines = _by_index(block.lines)
    for number, line in enumerate(lines, block.first):
        start = start or number
        kept = f"{kept} {line.strip()}" if kept else line
        opened = sum(kept.count(c) for c in "([") - sum(kept.count(c) for c in ")]")
        after = lines[number - block.first + 1 : number - block.first + 2]
        goes_on = opened > 0 or _GOES_ON.search(line) or any(map(_CONTINUES.match, after))
        if goes_on and number - start < 12 and line.strip():
            continue
        yield start, kept
        kept, start = "", 0
    if kept:
        yield start, kept


_LANE = re.compile(r"(?<![\w.])(\w+)\.([xyzw])(?!\w)")


def _by_index(lines: Sequence[str]) -> Sequence[str]:
    """Write the four elements of a short vector, ``m.x`` to ``m.w``, as elements."""
    lanes: dict[str, set[str]] = {}
    for line in lines:
        for match in _LANE.finditer(line):
            lanes.setdefault(match[1], set()).add(match[2])
    whole = {name for name, its in lanes.items() if its == set("xyzw")}
    if not whole:
        return lines

    def element(match: re.Match[str]) -> str:
        at = "xyzw".index(match[2])
        return f"{match[1]}[{at}]" if match[1] in whole else match[0]

    return [_LANE.sub(element, line) for line in lines]


def _parsed(text: str) -> list[ast.stmt] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


@final
class _Reader:
    """Walks Python's own trees."""

    def __init__(self, block: Block, made: ReadProgram, before: int) -> None:
        self._block, self._made, self._before = block, made, before

    def statements(
        self, body: Sequence[ast.stmt], loops: tuple[WrittenLoop, ...], scope: str
    ) -> None:
        for one in body:
            self._one(one, loops, scope)

    def _one(self, one: ast.stmt, loops: tuple[WrittenLoop, ...], scope: str) -> None:
        if isinstance(one, ast.Assign) and len(one.targets) == 1:
            self._assign(one.targets[0], one.value, one, loops, scope)
        elif isinstance(one, ast.AnnAssign) and one.value is not None:
            self._assign(one.target, one.value, one, loops, scope)
        elif isinstance(one, ast.AugAssign):
            joined = ast.BinOp(one.target, one.op, one.value)
            self._assign(one.target, joined, one, loops, scope)
        elif isinstance(one, ast.Return) and one.value is not None:
            self._returned(one.value, one, loops, scope)
        elif isinstance(one, ast.Expr):
            self._in_place(one, loops, scope)
        elif isinstance(one, ast.For | ast.While):
            loop = self._loop(one)
            self._made.loops.append(loop)
            self.statements(one.body, (*loops, loop), scope)
        else:
            inner = scope
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inner = f"{scope}.{one.name}".strip(".")
            for part in ("body", "orelse", "finalbody"):
                self.statements(getattr(one, part, []), loops, inner)

    def _loop(self, one: ast.For | ast.While) -> WrittenLoop:
        line = one.lineno + self._before
        if isinstance(one, ast.While):
            return WrittenLoop(line, "", None, ast.unparse(one.test))
        over = ast.unparse(one.iter)
        target = one.target.elts[0] if isinstance(one.target, ast.Tuple) else one.target
        return WrittenLoop(line, ast.unparse(target), _first(one.iter), over)

    def _assign(
        self,
        target: ast.expr,
        value: ast.expr,
        at: ast.stmt,
        loops: tuple[WrittenLoop, ...],
        scope: str,
    ) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            if isinstance(value, ast.Tuple | ast.List) and len(target.elts) == len(value.elts):
                for one, its in zip(target.elts, value.elts, strict=True):
                    self._assign(one, its, at, loops, scope)
            return
        try:
            left = name(target)
        except Unparsable:
            return
        because = ""
        mentions: tuple[Name, ...] = ()
        try:
            right: Node | None = tree(value)
        except Unparsable as error:
            right, because, mentions = None, error.because, tuple(variables(value))
        line = at.lineno + self._before
        raised = "^" in _without_comment(self._block.lines[line - self._block.first])
        self._made.assignments.append(
            Assignment(left, right, line, loops, scope, raised, self._block, because, mentions)
        )

    def _returned(
        self, value: ast.expr, at: ast.stmt, loops: tuple[WrittenLoop, ...], scope: str
    ) -> None:
        """Read ``return w - lr * g``: what is returned is the parameter that it begins with."""
        for made in value.elts if isinstance(value, ast.Tuple) else (value,):
            root = made
            while isinstance(root, ast.BinOp) and isinstance(root.op, ast.Add | ast.Sub):
                root = root.left
            with suppress(Unparsable):
                if root is not made and by_name(name(root)) == PARAMETER:
                    self._assign(root, made, at, loops, scope)

    def _in_place(self, one: ast.Expr, loops: tuple[WrittenLoop, ...], scope: str) -> None:
        """Read ``m.mul_(b).add_(g)`` and ``multiply(m, b, out=m)``, which change m."""
        if isinstance(one.value, ast.Call):
            for word in (x for x in one.value.keywords if x.arg == "out"):
                self._assign(word.value, one.value, one, loops, scope)
                return
        root, in_place = one.value, False
        while isinstance(root, ast.Call) and isinstance(root.func, ast.Attribute):
            in_place |= root.func.attr.endswith("_") and not root.func.attr.startswith("_")
            root = root.func.value
        if in_place and isinstance(root, ast.Name | ast.Attribute | ast.Subscript):
            self._assign(root, one.value, one, loops, scope)


def _first(over: ast.expr) -> int | None:
    """Return what a loop over ``range`` or ``enumerate`` counts from."""
    if not isinstance(over, ast.Call) or not isinstance(over.func, ast.Name):
        return None
    if over.func.id in ("range", "trange"):
        begun = over.args[0] if len(over.args) > 1 else ast.Constant(0)
    elif over.func.id == "enumerate":
        said = [x.value for x in over.keywords if x.arg == "start"]
        begun = over.args[1] if len(over.args) > 1 else (said[0] if said else ast.Constant(0))
    else:
        return None
    if isinstance(begun, ast.Constant) and isinstance(begun.value, int):
        return int(begun.value)
    return None


def _without_comment(line: str) -> str:
    return re.sub(r"(?:#|//).*|\"[^\"]*\"|'[^']*'", "", line)
