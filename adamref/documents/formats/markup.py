"""Trees of mathematical markup, and what they are in LaTeX: MathML and Word's OMML."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final

from adamref.documents.formats.format import Writing

DEEPEST = 60
"""Elements further down are taken for children of the last that is kept."""

_SILENT = dict.fromkeys(map(ord, "\u2061\u2062\u2063\u2064\u200b\u200c\u200d\ufeff"))
HATS = {
    **dict.fromkeys("^ˆ\u0302\ufe3f", r"\hat"),
    **dict.fromkeys("¯‾_\u0304\u0305\u00af\u203e", r"\bar"),
    **dict.fromkeys("~˜\u0303", r"\tilde"),
    **dict.fromkeys("→⃗\u20d7", r"\vec"),
    **dict.fromkeys("ˇ\u030c", r"\check"),
    **dict.fromkeys("˙\u0307", r"\dot"),
}
"""Accents, by the sign that is set above."""
_PRIMES = ("'", "′")
_FENCES = {"prefix": "left", "postfix": "right"}


@final
@dataclass
class Node:
    """An element, where its tag stands in the file, and what is in it."""

    tag: str
    line: int = 1
    column: int = 1
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    text: str = ""

    def first(self, tag: str) -> Node | None:
        """Return the first child of a kind."""
        return next((child for child in self.children if child.tag == tag), None)

    def find(self, tag: str) -> Node | None:
        """Return the first of a kind among all that are in it."""
        waiting = [self]
        while waiting:
            one = waiting.pop()
            if one.tag == tag:
                return one
            waiting += reversed(one.children)
        return None

    def said(self) -> str:
        """Return all text that is in it."""
        return self.text + "".join(child.said() for child in self.children)


@final
@dataclass
class Growing:
    """A tree while its tags pass by."""

    root: Node
    path: list[Node] = field(default_factory=list)
    deeper: int = 0

    def __post_init__(self) -> None:
        self.path = [self.root]

    def start(self, node: Node) -> None:
        """Open an element."""
        self.path[-1].children.append(node)
        if len(self.path) < DEEPEST:
            self.path.append(node)
        else:
            self.deeper += 1

    def end(self, tag: str) -> None:
        """Close an element, and what was left open in it."""
        if self.deeper:
            self.deeper -= 1
        elif any(node.tag == tag for node in self.path[1:]):
            while self.path.pop().tag != tag:
                pass

    def add(self, text: str) -> None:
        """Add text to the element that is open."""
        node = self.path[-1]
        if node.children and not text.strip():
            return
        if node.children and not self.deeper:
            node.children.append(Node("text", node.line, node.column, text=text))
        else:
            (node.children[-1] if self.deeper else node).text += text


def commanded(command: str, line: Node, *arguments: Writing) -> Writing:
    """Write a LaTeX command with its arguments, placed where an element stands."""
    made = Writing()
    made.add(command, line.line, line.column, 1)
    for argument in arguments:
        made.add("{", line.line, line.column, 1)
        made.extend(argument)
        made.add("}", line.line, line.column, 1)
    return made


def joined(*parts: Writing) -> Writing:
    """Write some things side by side."""
    made = Writing()
    for part in parts:
        made.extend(part)
    return made


def script(base: Writing, mark: str, node: Node, index: Writing) -> Writing:
    """Write a subscript or superscript; a base of several signs is held together."""
    text = base.text.strip()
    simple = len(text) <= 1 or text.startswith(("\\", "(", "[", "|")) or text.isalnum()
    held = base if simple or "_" in text or "^" in text else commanded("", node, base)
    return joined(held, commanded(mark, node, index))


def accented(base: Writing, sign: str, node: Node) -> Writing:
    """Write a letter with a sign above it: a hat, or what stands above in small."""
    accent = HATS.get(sign.strip()[:1])
    if accent is not None:
        return commanded(accent, node, base)
    return script(base, "^", node, commanded("", node))


def mathml(node: Node) -> Writing:
    """Write a MathML element in LaTeX."""
    tag = node.tag
    if tag in ("annotation", "annotation-xml", "mphantom", "none", "mprescripts"):
        return Writing()
    if tag == "mspace":
        return _text(" ", node)
    if tag == "mtext":
        return commanded(r"\text", node, _text(node.said(), node))
    if not node.children:
        return _text(_signs(node), node)
    parts = _with_cases(node, [mathml(child) for child in node.children])
    if tag == "semantics":
        return parts[0]
    if tag == "mfrac" and len(parts) == 2:
        return commanded(r"\frac", node, *parts)
    if tag == "msqrt":
        return commanded(r"\sqrt", node, joined(*parts))
    if tag == "mroot" and len(parts) == 2:
        return commanded(rf"\sqrt[{parts[1].text}]", node, parts[0])
    if tag in ("msub", "munder") and len(parts) == 2:
        return script(parts[0], "_", node, parts[1])
    if tag == "mover" and len(parts) == 2:
        if node.children[1].said().strip()[:1] in HATS:
            return accented(parts[0], node.children[1].said(), node)
        return script(parts[0], "^", node, parts[1])
    if tag in ("msup", "msubsup") and node.children[-1].said().strip() in _PRIMES:
        return joined(parts[0], _text("'", node), *(commanded("_", node, x) for x in parts[1:-1]))
    if tag == "msup" and len(parts) == 2:
        return script(parts[0], "^", node, parts[1])
    if tag in ("msubsup", "munderover") and len(parts) == 3:
        return joined(script(parts[0], "_", node, parts[1]), commanded("^", node, parts[2]))
    if tag == "mfenced":
        return _fenced(node, parts)
    if tag == "mtable":
        return _rows(node, parts, r"\\")
    if tag in ("mtr", "mlabeledtr"):
        return _rows(node, parts, "&")
    own = [_text(_signs(node), node)] if node.text.strip() else []
    return joined(*own, *parts)


def _text(text: str, node: Node) -> Writing:
    made = Writing()
    made.add(text, node.line, node.column, 1)
    return made


def _signs(node: Node) -> str:
    """Return the text of a token, apart from its neighbours where it is a word or a relation."""
    text = " ".join(node.said().translate(_SILENT).replace("\u2212", "-").split())
    if text == "|" and node.attributes.get("form") in _FENCES:
        return rf" \{_FENCES[node.attributes['form']]}| "
    worded = node.tag == "mi" and len(text) > 1 and text.isalpha()
    return f" {text} " if worded or node.tag == "mo" else text


def _fenced(node: Node, parts: list[Writing]) -> Writing:
    opened, closed = (node.attributes.get(k, d) for k, d in (("open", "("), ("close", ")")))
    mark = (node.attributes.get("separators", ",").strip() or " ")[0]
    between = [x for part in parts for x in (_text(mark, node), part)][1:]
    return joined(_text(opened, node), *between, _text(closed, node))


def _with_cases(node: Node, parts: list[Writing]) -> list[Writing]:
    """Write a table behind a brace that is never closed as cases."""
    said = [child.said().strip() for child in node.children]
    made = list(parts)
    for i, child in enumerate(node.children):
        if i and child.tag == "mtable" and said[i - 1] == "{" and "}" not in said[i + 1 :]:
            begin, end = _text(r" \begin{cases} ", child), _text(r" \end{cases} ", child)
            made[i - 1], made[i] = Writing(), joined(begin, parts[i], end)
    return made


def _rows(node: Node, parts: list[Writing], mark: str) -> Writing:
    between = [x for part in parts for x in (_text(f" {mark} ", node), part)][1:]
    return joined(*between)
