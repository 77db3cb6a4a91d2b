"""From a program's expressions, as Python's parser has them, to trees of arithmetic."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from fractions import Fraction
from typing import final

from adamref.errors import Unparsable
from adamref.expressions.nodes import (
    Binary,
    Call,
    Largest,
    Name,
    Negative,
    Node,
    Number,
    smallest,
)

_SIGNS: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^", ast.BitXor: "^",
    ast.MatMult: "*",
}  # fmt: skip
_ONE = {
    "sqrt": "sqrt", "sqrtf": "sqrt", "sqrt_": "sqrt", "abs": "abs", "fabs": "abs", "fabsf": "abs",
    "absolute": "abs", "exp": "exp", "expf": "exp", "log": "log",
    "sign": "sign", "sign_": "sign", "sgn": "sign", "signum": "sign",
}  # fmt: skip
_POWERS = frozenset(("pow", "powf", "powi", "power", "pow_"))
_MAXIMA = frozenset(("max", "fmax", "fmaxf", "maximum"))
_MINIMA = frozenset(("min", "fmin", "fminf", "minimum"))
_SAME = frozenset(
    "float int double f32 f64 float32 float64 asarray array clone copy item detach numpy tensor "
    "to float_ view squeeze cast conj list tuple array stack float64".split()
)
_ZEROS = frozenset(("zeros", "zeros_like", "zeroslike", "zero_", "numeric"))
_ALL_ALIKE = frozenset(("c", "rep", "fill", "full", "repeat"))
MAX_DEPTH = 100


def tree(node: ast.expr, depth: int = 0) -> Node:
    """Return the arithmetic of an expression.

    Raises
    ------
    Unparsable
        If something in it is no arithmetic, or it is nested more than 100 deep.
    """
    if depth > MAX_DEPTH:
        raise Unparsable("the expression", 1, f"nested more than {MAX_DEPTH} deep")
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return number(node)
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        return name(node)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return Negative(tree(node.operand, depth + 1))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd):
        return tree(node.operand, depth + 1)
    if isinstance(node, ast.BinOp) and type(node.op) in _SIGNS:
        left, right = tree(node.left, depth + 1), tree(node.right, depth + 1)
        return Binary(_SIGNS[type(node.op)], left, right)
    if isinstance(node, ast.Call):
        return _call(node, depth + 1)
    if isinstance(node, ast.IfExp):
        return _either(node, depth + 1)
    if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.DictComp):
        return _element(node, depth + 1)
    raise _strange(node)


def _either(node: ast.IfExp, depth: int) -> Node:
    """Read ``a if x else b`` as the one of the two that is worked; the other is a name, or none."""
    simple = ast.Name | ast.Attribute | ast.Subscript | ast.Constant
    worked = [x for x in (node.body, node.orelse) if not isinstance(x, simple)]
    if len(worked) != 1:
        raise _strange(node)
    return tree(worked[0], depth)


def _element(node: ast.ListComp | ast.GeneratorExp | ast.DictComp, depth: int) -> Node:
    """Read what is made of each element, with what it is taken from for the element."""
    if len(node.generators) != 1 or node.generators[0].ifs:
        raise _strange(node)
    over = node.generators[0]
    made = node.value if isinstance(node, ast.DictComp) else node.elt
    return tree(_Put(dict(_elements(over.target, over.iter))).visit(deepcopy(made)), depth)


def _elements(target: ast.expr, over: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names that stand for elements, and what these are elements of.

    A count, and a key of ``items()``, are none.
    """
    called = over.func if isinstance(over, ast.Call) else None
    args = over.args if isinstance(over, ast.Call) else []
    parts = target.elts if isinstance(target, ast.Tuple) else []
    if isinstance(called, ast.Name) and called.id == "zip" and len(parts) == len(args):
        for part, its in zip(parts, args, strict=True):
            yield from _elements(part, its)
    elif isinstance(called, ast.Name) and called.id == "enumerate" and args and len(parts) == 2:
        yield from _elements(parts[1], args[0])
    elif isinstance(called, ast.Attribute) and called.attr == "items" and len(parts) == 2:
        yield from _elements(parts[1], called.value)
    elif isinstance(target, ast.Name) and called is None:
        yield target.id, over


@final
class _Put(ast.NodeTransformer):
    """Puts what they are elements of in the place of names, but for indices."""

    def __init__(self, known: Mapping[str, ast.expr]) -> None:
        self._known = known

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """Leave what picks an element as it is."""
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Exchange a name."""
        return self._known.get(node.id, node)


def number(node: ast.Constant) -> Node:
    """Return a number as the decimal that stands there."""
    value = node.value
    assert isinstance(value, int | float)
    if value != value or abs(value) == float("inf"):  # noqa: PLR0124
        raise _strange(node)
    exact = Fraction(repr(value)) if isinstance(value, float) else Fraction(int(value))
    return Number(exact, Fraction(1), repr(value))


def name(node: ast.expr) -> Name:
    """Return a variable: its name, with what it is an attribute of, and its indices.

    Raises
    ------
    Unparsable
        If it is the result of something.
    """
    text = ast.unparse(node)
    indices: list[str] = []
    while isinstance(node, ast.Subscript):
        key = node.slice
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            within = ast.unparse(node.value)
            return Name(f"{within}.{key.value}", ",".join(reversed(indices)), text=text)
        indices.append(ast.unparse(key).replace(" ", ""))
        node = node.value
    index = ",".join(reversed([x for x in indices if x not in (":", "...")]))
    if isinstance(node, ast.Name):
        return Name(node.id, index, text=text)
    if isinstance(node, ast.Attribute):
        if node.attr in ("data", "value", "T") and not isinstance(node.value, ast.Call):
            return Name(name(node.value).base, index, text=text)
        return Name(ast.unparse(node), index, text=text)
    raise _strange(node)


def variables(node: ast.expr) -> Iterator[Name]:
    """Yield the variables in an expression, whether it is read or not."""
    for one in ast.walk(node):
        if isinstance(one, ast.Name | ast.Attribute):
            with suppress(Unparsable):
                yield name(one)


def _call(node: ast.Call, depth: int) -> Node:
    """Read a function, or a method, whose object is then its first argument."""
    called = node.func
    if isinstance(called, ast.Name):
        word, given = called.id, list(node.args)
    elif isinstance(called, ast.Attribute):
        word = called.attr
        module = isinstance(called.value, ast.Name) and called.value.id.lower() in _MODULES
        given = list(node.args) if module else [called.value, *node.args]
    else:
        raise _strange(node)
    kept = {x.arg: x.value for x in node.keywords if x.arg is not None}
    if "grad" in word.lower():
        return Name("grad", text=ast.unparse(node))
    zero = [x for x in given if isinstance(x, ast.Constant) and x.value == 0]
    every = word in _ALL_ALIKE and bool(given) and (len(zero) == len(given) or word != "c")
    if word in _ZEROS or (every and zero):
        return Number(Fraction(0), Fraction(1), "0")
    args = [tree(x, depth) for x in given if not isinstance(x, ast.Starred)]
    more = {k: tree(x, depth) for k, x in kept.items() if k in {"alpha", "value"}}
    made = _applied(word.lower(), args, more)
    if made is None:
        raise _strange(node)
    return made


_MODULES = frozenset(
    "np numpy math mathf torch tf jnp cp std t k keras cupy jax mx nd f cmath ops xp lax".split()
)


def _applied(word: str, args: list[Node], more: dict[str, Node]) -> Node | None:
    if len(args) == 1:
        if word in _ONE:
            return Call(_ONE[word], args[0])
        if word in ("square", "squared"):
            return Binary("^", args[0], Number(Fraction(2), Fraction(1), "2"))
        return args[0] if word in _SAME else None
    if len(args) == 2:
        return _of_two(word, args[0], args[1], more)
    if len(args) == 3:
        one, two, three = args
        weight = more.get("value")
        sign = {"addcmul": "*", "addcdiv": "/"}.get(word.rstrip("_"))
        if sign is not None:
            joined: Node = Binary(sign, two, three)
            joined = joined if weight is None else Binary("*", weight, joined)
            return Binary("+", one, joined)
        if word.rstrip("_") == "lerp":
            return Binary("+", one, Binary("*", three, Binary("-", two, one)))
    return None


def _of_two(word: str, one: Node, two: Node, more: dict[str, Node]) -> Node | None:
    plain = word.rstrip("_")
    if word in _POWERS or plain == "pow":
        return Binary("^", one, two)
    if word in _MAXIMA:
        return Largest(one, two)
    if word in _MINIMA:
        return smallest(one, two)
    weighted = Binary("*", more["alpha"], two) if "alpha" in more else two
    signs = {"add": "+", "sub": "-", "subtract": "-", "mul": "*", "multiply": "*", "div": "/",
             "divide": "/", "true_divide": "/"}  # fmt: skip
    sign = signs.get(plain)
    return None if sign is None else Binary(sign, one, weighted)


def _strange(node: ast.expr) -> Unparsable:
    text = ast.unparse(node)
    return Unparsable(text, 1, f"{text[:60]!r} is not arithmetic")
