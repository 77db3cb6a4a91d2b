"""From signs on a page to lines of text: scripts, fractions, roots, hats by where they stand.

A PDF says where each sign is and nothing of what it belongs to: 15² and 152 differ only in that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import final

_HATS = {"ˆ": r"\hat", "^": r"\hat", "\u0302": r"\hat", "¯": r"\bar", "\u0304": r"\bar"}
_HATS |= {"˜": r"\tilde", "\u0303": r"\tilde"}


@final
@dataclass(frozen=True)
class Glyph:
    """A sign, or several that have been put together.

    Attributes
    ----------
    text : str
    left, right, base, size : float
        In points; ``base`` is the height of the line on which it stands.
    """

    text: str
    left: float
    right: float
    base: float
    size: float

    @property
    def middle(self) -> float:
        """The middle between its left and its right end."""
        return (self.left + self.right) / 2


@final
@dataclass(frozen=True)
class Stroke:
    """A level stroke: the bar of a fraction, the top of a root, or a line of a table."""

    left: float
    right: float
    height: float


def lines(signs: Iterable[Glyph], rules: Iterable[Stroke]) -> Iterator[str]:
    """Return the lines of a page from top to bottom; wide gaps are tabulators."""
    left = [sign for sign in signs if sign.text.strip()]
    if not left:
        return
    usual = Counter(round(sign.size, 1) for sign in left).most_common(1)[0][0]
    left = _hatted(left)
    for rule in sorted(rules, key=lambda one: one.right - one.left):
        left = _ruled(left, rule, usual)
    for _, line in sorted(_parted(left, usual), key=lambda one: -one[0]):
        yield _written(line, tabs=True)


def _hatted(signs: list[Glyph]) -> list[Glyph]:
    """Put hats on the letters below them."""
    hats = [sign for sign in signs if sign.text in _HATS]
    if not hats:
        return signs
    rest = [sign for sign in signs if sign.text not in _HATS]
    for hat in hats:
        below = [
            (abs(one.middle - hat.middle), at)
            for at, one in enumerate(rest)
            if one.left - 1 <= hat.middle <= one.right + 1
            and one.text[:1].isalpha()
            and abs(one.base - hat.base) < one.size
        ]
        if below:
            at = min(below)[1]
            rest[at] = replace(rest[at], text=f"{_HATS[hat.text]}{{{rest[at].text}}}")
        else:
            rest.append(hat)
    return rest


def _ruled(signs: list[Glyph], rule: Stroke, usual: float) -> list[Glyph]:
    """Put together what a rule makes a fraction or a root; a table's rule makes nothing."""
    inside = [s for s in signs if rule.left - 1.5 <= s.middle <= rule.right + 1.5]
    under = [s for s in inside if 0 < rule.height - s.base < 1.7 * usual]
    root = next(
        (s for s in signs if s.text == "√" and abs(s.right - rule.left) < 0.25 * usual + 1), None
    )
    if root is not None and under:
        held = [s for s in under if s is not root]
        if not held:
            return signs
        text = rf"\sqrt{{{_written(held)}}}"
        made = Glyph(text, root.left, rule.right, _base(held), max(s.size for s in held))
        return [s for s in signs if s is not root and s not in held] + [made]
    over = [s for s in inside if 0 <= s.base - rule.height < 1.3 * usual]
    if not over or not under or not (_is_bar(rule, over, usual) and _is_bar(rule, under, usual)):
        return signs
    if not _is_filled(rule, [*over, *under], usual):
        return signs
    text = rf"\frac{{{_written(over)}}}{{{_written(under)}}}"
    size = max(s.size for s in (*over, *under))
    made = Glyph(text, rule.left, rule.right, rule.height - 0.25 * usual, max(size, usual))
    return [s for s in signs if s not in over and s not in under] + [made]


def _base(signs: list[Glyph]) -> float:
    largest = max(s.size for s in signs)
    return next(s.base for s in signs if s.size == largest)


def _is_bar(rule: Stroke, signs: list[Glyph], usual: float) -> bool:
    """Say whether signs stand close together in the middle of a rule."""
    signs = sorted(signs, key=lambda s: s.left)
    left, right = signs[0].left, max(s.right for s in signs)
    reach, gap = signs[0].right, 0.0
    for sign in signs[1:]:
        gap = max(gap, sign.left - reach)
        reach = max(reach, sign.right)
    centred = abs((left + right) - (rule.left + rule.right)) / 2 < 0.4 * usual
    return gap < 0.8 * usual and centred


def _is_filled(rule: Stroke, signs: list[Glyph], usual: float) -> bool:
    """Say whether the wider of two lots of signs is as wide as the rule."""
    wide = max(s.right for s in signs) - min(s.left for s in signs)
    return rule.right - rule.left < wide + 0.8 * usual


def _parted(signs: list[Glyph], usual: float) -> list[tuple[float, list[Glyph]]]:
    """Part signs into lines, each with its height; small ones go to the line they stand at."""
    found: list[tuple[float, list[Glyph]]] = []
    large = sorted((s for s in signs if s.size >= 0.85 * usual), key=lambda s: -s.base)
    for sign in large:
        if found and abs(found[-1][0] - sign.base) < 0.3 * usual:
            found[-1][1].append(sign)
        else:
            found.append((sign.base, [sign]))
    alone: list[Glyph] = []
    for sign in (s for s in signs if s.size < 0.85 * usual):
        near = [
            (_distance(sign, line), at)
            for at, (base, line) in enumerate(found)
            if abs(base - sign.base) < 0.75 * usual
        ]
        if near and min(near)[0] < 1.5 * usual:
            found[min(near)[1]][1].append(sign)
        else:
            alone.append(sign)
    for sign in sorted(alone, key=lambda s: -s.base):
        if found and abs(found[-1][0] - sign.base) < 0.3 * sign.size:
            found[-1][1].append(sign)
        else:
            found.append((sign.base, [sign]))
    return found


def _distance(sign: Glyph, line: list[Glyph]) -> float:
    """Return how far a small sign stands from the nearest sign of a line before it."""
    before = [abs(sign.left - s.right) for s in line if s.left <= sign.left]
    return min(before, default=abs(sign.right - line[0].left))


def _written(signs: list[Glyph], *, tabs: bool = False) -> str:
    """Write a line's signs from left to right, small ones below or above it as scripts."""
    large = max(s.size for s in signs)
    body = [s.base for s in signs if s.size > 0.85 * large]
    base = sorted(body)[len(body) // 2]
    pieces: list[str] = []
    scripts = {"_": "", "^": ""}
    reach: float | None = None

    def end_scripts() -> None:
        for mark, text in scripts.items():
            if text:
                pieces.append(f"{mark}{{{text.strip()}}}")
            scripts[mark] = ""

    for sign in sorted(signs, key=lambda s: s.left):
        gap = 0.0 if reach is None else sign.left - reach
        raised = sign.base - base
        small = sign.size < 0.85 * large
        mark = "^" if raised > 0.15 * large else "_" if raised < -0.08 * large else ""
        blank = " " if gap > 0.15 * sign.size else ""
        if small and mark and (pieces or any(scripts.values())):
            scripts[mark] += (blank if scripts[mark] else "") + sign.text
        else:
            end_scripts()
            pieces.append("\t" if tabs and gap > 1.1 * large else blank)
            pieces.append(sign.text)
        reach = max(sign.right, reach if reach is not None else sign.right)
    end_scripts()
    return "".join(pieces).strip()
