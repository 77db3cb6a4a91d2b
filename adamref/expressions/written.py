"""Writing a tree as text: in LaTeX or in Unicode, its symbols as their author has them."""

from __future__ import annotations

from adamref.expressions.nodes import Binary, Call, Largest, Name, Negative, Node, Number, Sum

_SUM, _PRODUCT, _POWER, _ATOM = 1, 2, 3, 4


def written(node: Node, *, latex: bool) -> str:
    """Write a tree.

    Parameters
    ----------
    node : Node
        A choice has no such form.
    latex : bool
        In LaTeX; else in Unicode with plain powers and indices.
    """
    return _told(node, latex)[0]


def _told(node: Node, latex: bool) -> tuple[str, int]:
    if isinstance(node, Number | Name):
        return node.text.strip() or str(getattr(node, "value", "")), _ATOM
    if isinstance(node, Negative):
        return f"-{_held(node.of, _PRODUCT, latex)}", _SUM
    if isinstance(node, Sum):
        index, of = node.index, _held(node.of, _PRODUCT, latex)
        low, high = written(node.low, latex=latex), written(node.high, latex=latex)
        if latex:
            return f"\\sum_{{{index}={low}}}^{{{high}}} {of}", _PRODUCT
        return f"Σ_{{{index}={low}}}^{{{high}}} {of}", _PRODUCT
    if isinstance(node, Largest):
        sides = ", ".join(written(x, latex=latex) for x in (node.left, node.right))
        return (f"\\max({sides})" if latex else f"max({sides})"), _ATOM
    if isinstance(node, Call):
        inner = written(node.of, latex=latex)
        if node.function == "abs":
            return f"|{inner}|", _ATOM
        if node.function == "sqrt" and latex:
            return f"\\sqrt{{{inner}}}", _ATOM
        return f"{node.function}({inner})", _ATOM
    assert isinstance(node, Binary)
    return _pair(node, latex)


def _pair(node: Binary, latex: bool) -> tuple[str, int]:
    if node.sign in ("+", "-"):
        right = _held(node.right, _SUM if node.sign == "+" else _PRODUCT, latex)
        return f"{_held(node.left, _SUM, latex)} {node.sign} {right}", _SUM
    if node.sign == "^":
        power = written(node.right, latex=latex)
        plain = not latex and power.isalnum()
        base = _held(node.left, _ATOM, latex)
        return f"{base}^{power}" if plain else f"{base}^{{{power}}}", _POWER
    if node.sign == "/" and latex:
        above, below = written(node.left, latex=True), written(node.right, latex=True)
        return f"\\frac{{{above}}}{{{below}}}", _ATOM
    left = _held(node.left, _PRODUCT, latex)
    right = _held(node.right, _POWER if node.sign == "/" else _PRODUCT, latex)
    between = "/" if node.sign == "/" else " " if latex else "·"
    return f"{left}{between}{right}", _PRODUCT


def _held(node: Node, least: int, latex: bool) -> str:
    text, binds = _told(node, latex)
    return text if binds >= least else f"({text})"
