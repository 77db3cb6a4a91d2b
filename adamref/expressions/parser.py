"""Parsing tokens into chains of expressions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, Any, final

from lark import Lark, Transformer, Tree, v_args
from lark import Token as LarkToken
from lark.exceptions import LarkError, UnexpectedToken, VisitError
from lark.lexer import Lexer

from adamref.errors import Unparsable
from adamref.expressions.cases import COMPARISONS
from adamref.expressions.nodes import (
    Binary,
    Call,
    CaseCondition,
    Choice,
    Largest,
    Name,
    Negative,
    Node,
    Number,
    Sum,
    smallest,
)
from adamref.expressions.tokens import SUM_OVER, tokenize

if TYPE_CHECKING:
    from adamref.expressions.token import Token

MAX_TOKENS = 600
MAX_LENGTH = 10_000
MAX_DEPTH = 120

_FUNCTIONS = {"ln": "log", "sgn": "sign"}


@final
@dataclass(frozen=True)
class Chain:
    """Expressions joined by relations: ``a = b = c ≈ d``.

    Attributes
    ----------
    parts : tuple of Node
    relations : tuple of str
        ``"="`` or ``"≈"``, one fewer than parts.
    spans : tuple of (int, int)
        For each part, the indices of its first token and of the one after its last.
    """

    parts: tuple[Node, ...]
    relations: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]


class _Given(Lexer):
    """Hands tokens that are already cut to the parser."""

    def __init__(self, lexer_conf: Any) -> None:
        """Accept lark's configuration, of which nothing is needed."""

    def lex(self, data: Sequence[Token]) -> Iterator[LarkToken]:  # type: ignore[override]
        for position, token in enumerate(data):
            yield LarkToken(token.kind, token.text, start_pos=position)


@v_args(inline=True)
class _Builder(Transformer[Any, Any]):
    """Builds nodes, and refuses trees that are too deep."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        super().__init__()
        self._tokens = tokens
        self._depth: dict[int, int] = {}
        self._kept: list[Node] = []

    def _built(self, node: Node, *below: Node) -> Node:
        depth = 1 + max((self._depth.get(id(n), 0) for n in below), default=0)
        if depth > MAX_DEPTH:
            raise Unparsable("the expression", 1, f"nested more than {MAX_DEPTH} deep")
        self._depth[id(node)] = depth
        self._kept.append(node)  # keeps the id from being used again
        return node

    def _value(self, token: LarkToken) -> Any:
        assert token.start_pos is not None
        return self._tokens[token.start_pos].value

    def number(self, token: LarkToken) -> Node:
        value = self._value(token)
        assert isinstance(value, Number)
        return self._built(value)

    def name(self, token: LarkToken) -> Node:
        value = self._value(token)
        assert isinstance(value, Name)
        return self._built(value)

    def grouped(self, _open: LarkToken, inner: Node, _close: LarkToken) -> Node:
        if isinstance(inner, Number | Name):
            return inner
        return self._built(replace(inner, grouped=True), inner)

    def binary(self, left: Node, sign: LarkToken, right: Node) -> Node:
        spelled = {"PLUS": "+", "MINUS": "-", "TIMES": "*", "SLASH": "/"}[sign.type]
        return self._built(Binary(spelled, left, right), left, right)

    def juxtaposed(self, left: Node, right: Node) -> Node:
        return self._built(Binary("juxtaposed", left, right), left, right)

    def raised(self, base: Node, _sign: LarkToken, exponent: Node) -> Node:
        return self._built(Binary("^", base, exponent), base, exponent)

    def fraction(self, _frac: LarkToken, top: Node, bottom: Node) -> Node:
        return self._built(Binary("/", top, bottom, grouped=True), top, bottom)

    def negative(self, _sign: LarkToken, of: Node) -> Node:
        return self._built(Negative(of), of)

    def positive(self, _sign: LarkToken, of: Node) -> Node:
        return of

    def call(self, function: LarkToken, of: Node) -> Node:
        own = {"SQRT": "sqrt", "TOTAL": "total"}
        spelled = own.get(function.type) or str(function).strip("\\ ")
        return self._built(Call(_FUNCTIONS.get(spelled, spelled), of), of)

    def largest(
        self, sign: LarkToken, _open: LarkToken, left: Node, _comma: LarkToken, right: Node,
        _close: LarkToken,
    ) -> Node:  # fmt: skip
        if "min" in str(sign):
            return smallest(left, right)
        return self._built(Largest(left, right), left, right)

    def total(self, sign: LarkToken, of: Node) -> Node:
        found = SUM_OVER.fullmatch(str(sign))
        assert found is not None
        low, high = parse(found["low"]), parse(found["high"] or found["letter"])
        return self._built(Sum(found["index"], low, high, of), of)

    def condition(self, left: Node, sign: LarkToken, right: Node) -> CaseCondition:
        return CaseCondition(left, COMPARISONS[str(sign).strip()], right)

    def choice(self, _open: LarkToken, *parts: Any) -> Node:
        *rest, otherwise, _close = parts
        cases = tuple(zip(rest[0::4], rest[2::4], strict=True))
        below = (x for value, said in cases for x in (value, said.left, said.right))
        return self._built(Choice(cases, otherwise), *below, otherwise)

    def chain(self, *parts: Any) -> tuple[list[Node], list[LarkToken]]:
        return list(parts[0::2]), list(parts[1::2])


@cache
def _grammar() -> Lark:
    text = files("adamref.expressions").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(text, start="chain", parser="lalr", lexer=_Given)


def parse_tokens(tokens: Sequence[Token], line: str = "") -> Chain:
    """Parse tokens into a chain.

    Raises
    ------
    Unparsable
        If they do not form one, or it is longer than 600 tokens or nested deeper than 120.
    """
    shown = line or " ".join(t.text for t in tokens)
    if not tokens:
        raise Unparsable(shown, 1, "nothing stands here")
    if len(tokens) > MAX_TOKENS:
        raise Unparsable(shown, 1, f"{len(tokens)} tokens, but at most {MAX_TOKENS} are read")
    _check_brackets(tokens, shown)
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        if token.kind not in _TERMINALS:
            raise Unparsable(shown, token.start + 1, f"{token.text!r} is not arithmetic")
        if after is not None and token.kind == after.kind == "NUMBER":
            raise Unparsable(shown, after.start + 1, "two numbers stand side by side")
        if after is not None and token.kind == "SQRT" and after.text == "[":
            raise Unparsable(shown, after.start + 1, "only square roots are read")
    try:
        tree = _grammar().parse(tokens)
        _check_depth(tree, shown)
        parts, relations = _Builder(tokens).transform(tree)
    except UnexpectedToken as error:
        at = error.token.start_pos
        where = tokens[at] if error.token.type != "$END" and at is not None else None
        column = where.start + 1 if where else tokens[-1].end + 1
        because = f"{where.text!r} does not fit there" if where else "it ends too soon"
        raise Unparsable(shown, column, because) from None
    except VisitError as error:
        if isinstance(error.orig_exc, Unparsable):
            raise error.orig_exc from None
        raise
    except LarkError as error:
        raise Unparsable(shown, 1, str(error).splitlines()[0]) from None
    marks = [-1, *(r.start_pos for r in relations), len(tokens)]
    spans = tuple((a + 1, b) for a, b in pairwise(marks))
    return Chain(tuple(parts), tuple(str(r) for r in relations), spans)


def parse(text: str, *, decimal_comma: bool = False) -> Node:
    """Parse one expression.

    Raises
    ------
    Unparsable
        If the text is not one expression.

    >>> parse("(3*w - 4)**2").sign
    '^'
    """
    if len(text) > MAX_LENGTH:
        raise Unparsable(text, 1, f"{len(text)} characters, but at most {MAX_LENGTH} are read")
    chain = parse_tokens(tokenize(text, decimal_comma=decimal_comma), text)
    if len(chain.parts) != 1:
        raise Unparsable(text, 1, "one expression is wanted, without a relation")
    return chain.parts[0]


_TERMINALS = frozenset(
    (
        "NUMBER NAME PLUS MINUS TIMES SLASH POW LPAR RPAR LBRACE RBRACE FRAC SQRT FUNC SUM TOTAL "
        "MAX OPEN IF COMPARE ALSO CLOSE COMMA REL"
    ).split()
)


def _check_depth(tree: Tree[Any], shown: str) -> None:
    """Refuse what is nested without brackets, before the builder recurses into it."""
    waiting = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_DEPTH + 1:
            raise Unparsable(shown, 1, f"nested more than {MAX_DEPTH} deep")
        waiting.extend((n, depth + 1) for n in node.children if isinstance(n, Tree))


def _check_brackets(tokens: Sequence[Token], shown: str) -> None:
    depth = 0
    for token in tokens:
        if token.kind in ("LPAR", "LBRACE", "OPEN"):
            depth += 1
        elif token.kind in ("RPAR", "RBRACE", "CLOSE"):
            depth -= 1
        if depth > MAX_DEPTH:
            raise Unparsable(shown, token.start + 1, f"nested more than {MAX_DEPTH} deep")
