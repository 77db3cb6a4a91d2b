"""Reading what is listed: pairs of names and numbers, gradients one after the other."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from adamref.expressions.nodes import Name
from adamref.expressions.parser import MAX_TOKENS

if TYPE_CHECKING:
    from adamref.documents.regions import Placed

OPERATORS = frozenset(("PLUS", "MINUS", "TIMES", "SLASH", "POW", "REL", "FRAC", "SQRT"))


def after_colon(rest: list[Placed]) -> list[Placed] | None:
    """Find the number in "gradient at theta: 4", which ends its line."""
    for i, placed in enumerate(rest[:6]):
        if placed.token.kind in ("COLON", "REL") and i > 0:
            value = rest[i + 1 :]
            kinds = [p.token.kind for p in value]
            return value if kinds in (["NUMBER"], ["MINUS", "NUMBER"]) else None
        if placed.token.kind not in ("TEXT", "NAME", "NUMBER", "MATH", "VERB"):
            return None
    return None


def listed_gradients(phrase: str, rest: list[Placed]) -> list[list[Placed]]:
    """Find the numbers in "gradients 5, 4, 2" and "gradients 1.4 then 1.1".

    And behind words with a colon: "gradients that fade: 5, 4, 2", "a gradient that falls: 5, 4, 2".
    """
    several = phrase.lower().endswith("gradients")
    first = rest[0].token.text.lower() if rest else ""
    if not several and not (phrase.lower() == "gradient" and first in _IN_TURN):
        return []
    kinds = [p.token.kind for p in rest[:_FEW_WORDS]]
    kinds[:1] = ["TEXT"] if first in _IN_TURN else kinds[:1]  # "that" may be a t with a hat
    if "COLON" in kinds and {*kinds[: kinds.index("COLON")]} <= {"TEXT", "VERB"}:
        rest = rest[kinds.index("COLON") :]
    elif not several:
        return []
    found: list[list[Placed]] = []
    sign: list[Placed] = []
    for placed in rest:
        kind = placed.token.kind
        if kind == "NUMBER":
            found.append([*sign, placed])
            sign = []
        elif kind == "MINUS":
            sign = [placed]
        elif kind not in ("COMMA", "MATH", "COLON", "VERB") and not (
            kind == "TEXT" and placed.token.text.lower() in ("then", "and", "are")
        ):
            break
    return found if len(found) > 1 else []


_FEW_WORDS = 7
_IN_TURN = frozenset("that which sequence series changes over decreases increases".split())
"""What follows "gradient" where the numbers are those of steps, and of no components."""


def gives_number(rest: list[Placed]) -> bool:
    """Say whether a number follows a phrase at once, with nothing or filler in between."""
    kinds = [p.token.kind for p in rest[:6]]
    while kinds and kinds[0] in ("MATH", "VERB"):
        kinds.pop(0)
    if kinds and kinds[0] == "MINUS":
        kinds.pop(0)
    return bool(kinds) and kinds[0] == "NUMBER" and (len(kinds) < 2 or kinds[1] not in OPERATORS)


def aligned(placed: list[Placed]) -> list[Placed]:
    """Read a line with a name and, far to the right, a number: ``x     -1.01``, no difference."""
    kinds = [p.token.kind for p in placed]
    if kinds not in (["NAME", "NUMBER"], ["NAME", "MINUS", "NUMBER"], ["NAME", "PLUS", "NUMBER"]):
        return placed
    name, sign = placed[0].token, placed[1].token
    apart = len(placed) > 2 and placed[2].token.start > sign.end
    if apart or sign.start - name.end < _WIDE:
        return placed
    relation = replace(name, kind="REL", text="=", start=sign.start, end=sign.start, value=None)
    return [placed[0], replace(placed[1], token=relation), *placed[1 + ("PLUS" in kinds) :]]


_WIDE = 3


def list_before(
    placed: list[Placed], at: int, kinds: tuple[str, ...]
) -> tuple[int, list[list[Placed]]] | None:
    """Find the names in ``(x, y) =``: where they begin, and the tokens of each."""
    i = at - 1
    closed = i >= 0 and placed[i].token.kind == "RPAR"
    i -= closed
    found: list[list[Placed]] = []
    while i >= 0 and placed[i].token.kind in kinds:
        found.insert(0, [placed[i]])
        i -= 2 * _is_member(placed, i)
        if i >= 1 and placed[i - 1].token.kind == "COMMA":
            i -= 2
            continue
        i -= 1
        break
    if closed:
        if i < 0 or placed[i].token.kind != "LPAR":
            return None
        i -= 1
    return (i + 1, found) if len(found) > 1 else None


def pair_before(placed: list[Placed], at: int) -> tuple[int, list[list[Placed]]] | None:
    """Read ``betas = (0.9, 0.999)`` as two names."""
    if at < 1 or placed[at - 1].token.text not in ("betas", "β", r"\beta", "beta", "βs"):
        return None
    here = placed[at - 1]
    return at - 1, [
        [replace(here, token=replace(here.token, kind="NAME", value=Name("beta", index)))]
        for index in ("1", "2")
    ]


def list_after(placed: list[Placed], at: int) -> tuple[int, list[list[Placed]]] | None:
    """Find the numbers in ``= (3, 4)``: where they end, and the tokens of each."""
    i = at + 1
    opened = i < len(placed) and placed[i].token.kind == "LPAR"
    i += opened
    found: list[list[Placed]] = []
    while i < len(placed):
        start = i
        if placed[i].token.kind == "MINUS":
            i += 1
        if i >= len(placed) or placed[i].token.kind != "NUMBER":
            return None
        i += 1
        found.append(placed[start:i])
        if i + 1 < len(placed) and placed[i].token.text == "." and opened:
            i += 1  # "-8.]", as NumPy prints it
        if i < len(placed) and placed[i].token.kind == "COMMA":
            if not opened and not _is_number(placed[i + 1 : i + 3]):
                break  # the sentence goes on
            i += 1
            continue
        break
    if opened:
        if i >= len(placed) or placed[i].token.kind != "RPAR":
            return None
        i += 1
    return (i, found) if len(found) > 1 else None


def _is_number(placed: Sequence[Placed]) -> bool:
    kinds = [p.token.kind for p in placed]
    return kinds[:1] == ["NUMBER"] or kinds == ["MINUS", "NUMBER"]


def _is_member(placed: Sequence[Placed], at: int) -> bool:
    """Say whether a name is that of a member, ``self.eps``."""
    if not 2 <= at < len(placed) or placed[at].token.kind != "NAME":
        return False
    owner, point, name = (placed[at + k].token for k in (-2, -1, 0))
    together = owner.end == point.start and point.end == name.start
    return owner.kind == "TEXT" and point.text == "." and together


def names_after(placed: list[Placed], at: int) -> tuple[int, int]:
    """Count the names in ``= a, b``, and say where they end."""
    i, count = at + 1, 0
    while i < len(placed):
        i += 2 * _is_member(placed, i + 2)
        if placed[i].token.kind != "NAME":
            break
        i, count = i + 1, count + 1
        if i + 1 < len(placed) and placed[i].token.kind == "COMMA":
            i += 1
        else:
            break  # what stands side by side is a product, and no list
    return i, count


def elements(
    placed: list[Placed], at: int, kinds: Collection[str]
) -> tuple[int, list[list[Placed]]] | None:
    """Read ``m = 0.1 * (4, -6) = (0.4, -0.6)`` as a statement for each element of the vectors.

    Parameters
    ----------
    placed : list of Placed
    at : int
        Where the relation behind the name stands.
    kinds : collection of str
        The kinds of tokens that a chain may be made of.

    Returns
    -------
    (int, list) or None
        Where the chain ends, and the tokens of each statement; an element of m_1 is m with the
        index ``1,[1]``.
    """
    name = placed[at - 1].token if at else None
    if name is None or name.kind not in ("NAME", "PHRASE") or not isinstance(name.value, Name):
        return None
    before = placed[at - 2].token.kind if at > 1 else ""
    root = placed[at - 2 : at - 1] if before == "SQRT" else []
    if before in _JOINED and not _follows_number(placed, at - 1):
        # An expression, of which the name is the end: that of a square is read.
        root = placed[at - 3 : at - 1] if _is_square(placed, at) else []
        if not root:
            return None
    end, pieces = _with_lists(placed, at, kinds)
    begun = _begins_beside(placed, at, end)
    if begun and name.value.base in _NUMBERS:
        return None  # "alpha = 0.1  x_0 = (1, 2)" are two
    if begun:
        # "m_1 = 0.1 g_1 = (1, 2)" is one, however wide its blanks are.
        close = replace(placed[begun].token, start=placed[begun - 1].token.end)
        pieces[begun - at] = [[replace(placed[begun], token=close)]]
    sizes = {len(piece) for piece in pieces if len(piece) > 1}
    if len(sizes) != 1 or _multiplies(pieces):
        return None
    made = []
    for number in range(sizes.pop()):
        token = replace(name, kind="NAME", value=element(name.value, number + 1))
        chosen = [piece[number] if len(piece) > 1 else piece[0] for piece in pieces]
        named = replace(placed[at - 1], token=token)
        its = [replace(p, token=token) if p.token.kind == "NAME" else p for p in root]
        made.append([*its, named, *(p for part in chosen for p in part)])
    return end, made


_NUMBERS = frozenset("alpha eta beta epsilon lambda rho gamma mu lr t k n i".split())
"""Letters of what is one number for all elements."""


def _follows_number(placed: Sequence[Placed], at: int) -> bool:
    """Say whether ``alpha = 0.1`` or ``t = 1`` ends where a name stands: it begins another."""
    tokens = [p.token for p in placed[max(at - 3, 0) : at]]
    if [t.kind for t in tokens] != ["NAME", "REL", "NUMBER"]:
        return False
    return isinstance(tokens[0].value, Name) and tokens[0].value.base in _NUMBERS


def _begins_beside(placed: Sequence[Placed], at: int, end: int) -> int:
    """Return where a name with a relation behind it follows the first number of a chain, or 0."""
    kinds = [p.token.kind for p in placed[at : at + 4]]
    return at + 2 if kinds == ["REL", "NUMBER", "NAME", "REL"] and at + 3 < end else 0


def _is_square(placed: Sequence[Placed], at: int) -> bool:
    """Say whether a name multiplied by itself, element by element, stands before a place."""
    tokens = [p.token for p in placed[max(at - 3, 0) : at]]
    if [t.kind for t in tokens] != ["NAME", "TIMES", "NAME"]:
        return False
    begins = at < 4 or placed[at - 4].token.kind not in _JOINED
    one, other = tokens[0].value, tokens[2].value
    same = isinstance(one, Name) and isinstance(other, Name) and one.key == other.key
    return begins and same and _BY_ELEMENT.search(tokens[1].text) is not None


_JOINED = OPERATORS - {"SQRT", "REL"} | {"NUMBER", "NAME", "RPAR", "RBRACE"}


def _multiplies(pieces: Sequence[Sequence[Sequence[Placed]]]) -> bool:
    """Say whether two lists are multiplied, and not element by element: matrices, say."""
    plain = [
        len(piece) == 1
        and piece[0][0].token.kind == "TIMES"
        and not _BY_ELEMENT.search(piece[0][0].token.text)
        for piece in pieces
    ]
    parted = [piece for piece, times in zip(pieces, plain, strict=True) if not times]
    return any(len(a) > 1 and len(b) > 1 for a, b in pairwise(parted))


_BY_ELEMENT = re.compile(r"[⊙∘]|odot|circ|otimes")


def _with_lists(
    placed: list[Placed], at: int, kinds: Collection[str]
) -> tuple[int, list[list[list[Placed]]]]:
    """Take a chain apart into tokens and lists; each element of a list keeps its brackets."""
    pieces: list[list[list[Placed]]] = []
    i = at
    while i < len(placed) and len(pieces) < MAX_TOKENS:  # a longer chain is not read
        opens, before = placed[i].token.kind == "LPAR", placed[i - 1].token.kind
        found = _vector(placed, i, kinds) if opens and before in _BEFORE_A_VECTOR else None
        if opens and before in ("NUMBER", "RPAR") and list_after(placed, i - 1) is None:
            found = None  # a reference: "0.9 [12, p. 3]"
        if found is not None:
            end, parts = found
            pieces.append([[placed[i], *part, placed[end - 1]] for part in parts])
            i = end
            if [p.token.kind for p in placed[i : i + 2]] == ["NAME", "REL"]:
                break  # another statement stands beside it
            continue
        if placed[i].token.kind not in kinds:
            break
        pieces.append([[placed[i]]])
        i += 1
    return i, pieces


_BEFORE_A_VECTOR = frozenset(
    ("REL", "TIMES", "PLUS", "MINUS", "SLASH", "NUMBER", "LPAR", "RPAR", "MATH")
)
"""What may stand before a vector; brackets behind a name or a function hold what it is of."""


def _vector(
    placed: Sequence[Placed], at: int, kinds: Collection[str]
) -> tuple[int, list[list[Placed]]] | None:
    """Find the elements of ``(4 - 0.5, 3)``: where it ends, and the tokens of each."""
    parts: list[list[Placed]] = [[]]
    depth = 0
    for i in range(at, len(placed)):
        token = placed[i].token
        depth += (token.kind in ("LPAR", "LBRACE")) - (token.kind in ("RPAR", "RBRACE"))
        if depth == 0:
            whole = len(parts) > 1 and all(parts)
            return (i + 1, parts) if whole else None
        if depth == 1 and (token.kind == "COMMA" or (token.kind, token.text) == ("STOP", ";")):
            parts.append([])
        elif token.kind not in kinds or token.kind == "REL":
            if (token.kind, token.text) != ("STOP", "."):  # "-8.]", as NumPy prints it
                return None
        elif i > at:
            parts[-1].append(placed[i])
    return None


def starting_point(placed: list[Placed]) -> tuple[int, int, list[list[Placed]]] | None:
    """Find the tuple in "we start at (0.4, 0.5)", as a statement for each element of it.

    Returns
    -------
    (int, int, list) or None
        Where the words begin, where the tuple ends, and the tokens of each statement.
    """
    for i, word in enumerate(placed):
        if word.token.kind not in ("TEXT", "PHRASE") or not _STARTS.match(word.token.text):
            continue
        at = i + 1
        while at < min(len(placed), i + _FEW) and (
            placed[at].token.kind in ("TEXT", "VERB", "MATH") or placed[at].token.text == "`"
        ):
            at += 1
        found = list_after(placed, at - 1)
        if found is None or placed[at].token.kind != "LPAR":
            continue
        made = []
        for number, value in enumerate(found[1], 1):
            name = replace(word.token, kind="NAME", value=element(Name("PARAMETER"), number))
            relation = replace(word.token, kind="REL", text="=")
            made.append([replace(word, token=name), replace(word, token=relation), *value])
        return i, found[0], made
    return None


def of_one(placed: list[Placed]) -> list[Placed]:
    """Write ``f(x, y) =`` as ``f(x) =``: which parameters it is of, its expression says.

    And ``f(1, -2) =`` as ``f =``: it is a value of the function.
    """
    kinds = [p.token.kind for p in placed]
    made: list[Placed] = []
    i = 0
    while i < len(placed):
        end = i
        if (
            i
            and kinds[i - 1 : i + 1] == ["NAME", "LPAR"]
            and placed[i - 1].token.text in _FUNCTIONS
        ):
            values = list_after(placed, i - 1)
            if values is not None and kinds[values[0] : values[0] + 1] == ["REL"]:
                i = end = values[0]
        if i >= 3 and kinds[i - 3 : i] == ["NAME", "LPAR", "NAME"]:
            while kinds[end : end + 2] == ["COMMA", "NAME"]:
                end += 2
        i = end if kinds[end : end + 2] == ["RPAR", "REL"] else i
        made.append(placed[i])
        i += 1
    return made


_FUNCTIONS = frozenset("fFLJEChQ")
_STARTS = re.compile(r"(?:start|begin|initial)", re.IGNORECASE)
_FEW = 6
"""How many words and signs may stand between the word and the tuple."""


def element(name: Name, number: int) -> Name:
    """Return the name of an element of a vector."""
    return replace(name, index=f"{name.index},[{number}]" if name.index else f"[{number}]")
