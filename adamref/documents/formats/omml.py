"""Word's mathematical markup (OMML) in LaTeX."""

from __future__ import annotations

from adamref.documents.formats.format import Writing
from adamref.documents.formats.markup import Node, accented, commanded, joined, script

_SUMS = {"∑": r"\sum", "∏": r"\prod", "∫": r"\int", "": r"\int"}
_SETTINGS = frozenset(
    "m:rPr m:fPr m:radPr m:sSupPr m:sSubPr m:sSubSupPr m:dPr m:naryPr m:accPr m:barPr m:funcPr "
    "m:mPr m:eqArrPr m:limLowPr m:limUppPr m:boxPr m:groupChrPr m:ctrlPr m:borderBoxPr "
    "m:sPrePr m:argPr m:phantPr w:rPr".split()
)


def omml(node: Node, mark: str) -> Writing:
    """Write a formula in LaTeX, between signs of dollar."""
    return joined(_text(mark, node), _all(node), _text(mark, node))


def _all(node: Node | None) -> Writing:
    return joined(*(_one(child) for child in node.children)) if node else Writing()


def _one(node: Node) -> Writing:
    tag = node.tag
    if tag in _SETTINGS:
        return Writing()
    if tag in ("m:t", "w:t", "text"):
        return _text(node.said().replace("\u2212", "-").replace("\n", " "), node)
    if tag == "m:f":
        return commanded(r"\frac", node, _all(node.first("m:num")), _all(node.first("m:den")))
    if tag == "m:rad":
        degree = _all(node.first("m:deg")).text.strip()
        return commanded(rf"\sqrt[{degree}]" if degree else r"\sqrt", node, _all(node.first("m:e")))
    if tag in ("m:sSup", "m:sSub", "m:sSubSup"):
        return _scripts(node)
    if tag == "m:acc":
        return accented(_all(node.first("m:e")), _setting(node, "m:accPr", "m:chr", "\u0302"), node)
    if tag == "m:bar":
        return commanded(r"\bar", node, _all(node.first("m:e")))
    if tag == "m:d":
        return _bracketed(node)
    if tag == "m:nary":
        return _summed(node)
    if tag == "m:func":
        name = _all(node.first("m:fName"))
        return joined(_text("\\", node), name, _text(" ", node), _all(node.first("m:e")))
    if tag in ("m:limLow", "m:limUpp"):
        sign = "_" if tag == "m:limLow" else "^"
        return script(_all(node.first("m:e")), sign, node, _all(node.first("m:lim")))
    if tag in ("m:m", "m:eqArr"):
        rows = [x for x in node.children if x.tag in ("m:mr", "m:e")]
        return _between(node, [_row(x) for x in rows], r" \\ ")
    return _all(node)


def _scripts(node: Node) -> Writing:
    made = _all(node.first("m:e"))
    for mark, tag in (("_", "m:sub"), ("^", "m:sup")):
        index = node.first(tag)
        if index is not None:
            made = script(made, mark, node, _all(index))
    return made


def _bracketed(node: Node) -> Writing:
    opened = _setting(node, "m:dPr", "m:begChr", "(")
    closed = _setting(node, "m:dPr", "m:endChr", ")")
    parts = [_all(child) for child in node.children if child.tag == "m:e"]
    return joined(_text(opened, node), _between(node, parts, ", "), _text(closed, node))


def _summed(node: Node) -> Writing:
    sign = _setting(node, "m:naryPr", "m:chr", "∫")
    made = _text(_SUMS.get(sign, sign), node)
    for mark, tag in (("_", "m:sub"), ("^", "m:sup")):
        limit = _all(node.first(tag))
        made = joined(made, commanded(mark, node, limit)) if limit.pieces else made
    return joined(made, _text(" ", node), _all(node.first("m:e")))


def _row(node: Node) -> Writing:
    if node.tag == "m:e":
        return _all(node)
    return _between(node, [_all(x) for x in node.children if x.tag == "m:e"], " & ")


def _between(node: Node, parts: list[Writing], mark: str) -> Writing:
    return joined(*[x for part in parts for x in (_text(mark, node), part)][1:])


def _setting(node: Node, settings: str, name: str, usual: str) -> str:
    """Return a sign that the settings of an element name."""
    held = node.first(settings)
    said = held.first(name) if held else None
    return usual if said is None else said.attributes.get("val", "")


def _text(text: str, node: Node) -> Writing:
    made = Writing()
    made.add(text, node.line, node.column, 1)
    return made
