"""Columns of a table that have no name the rule knows, and are powers of a decay rate.

A table of moments may have a column for each denominator, by any name. What it is, its numbers say:
it is what nearly all of its rows are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING

from adamref.documents.dialects import rates
from adamref.documents.givens import LOSSES
from adamref.documents.spans import Printed, point, printed
from adamref.documents.statements import Part, WrittenChain
from adamref.errors import Unworkable
from adamref.expressions.effort import spend
from adamref.expressions.nodes import Name
from adamref.numbers.rounding import Digits, plain

if TYPE_CHECKING:
    from adamref.documents.case import Case
    from adamref.documents.statements import Event

_FEWEST = 3
"""Rows that have to agree, each with so many digits that it is no accident."""
_DIGITS = 200
_SHARE = 4
"""One row in so many may be wrong."""
_LATEST, _FINEST = 400, 10**9

_Row = tuple[int, Printed, Part]
_FORMS: Mapping[str, Callable[[Fraction, int], Fraction]] = {
    "1 - {rate}^t": lambda rate, t: 1 - rate**t,
    "{rate}^t": lambda rate, t: rate**t,
    "1/(1 - {rate}^t)": lambda rate, t: 1 / (1 - rate**t),
}


def judge_columns(case: Case, events: Sequence[Event]) -> None:
    """Judge the rows of columns that are a power of a decay rate in all rows but a few."""
    columns: dict[tuple[int, str], list[_Row]] = {}
    for event in events:
        if not isinstance(event, WrittenChain) or event.time is None or len(event.parts) != 2:
            continue
        name, last = event.parts[0].node, event.parts[1]
        number = printed(last.node)
        if not isinstance(name, Name) or number is None or not 0 < event.time <= _LATEST:
            continue
        if case.notation.meaning(name).kind == "other" and name.base not in LOSSES:
            column = columns.setdefault((event.paragraph, name.text), [])
            column.append((event.time, number, last))
    with suppress(Unworkable):  # nothing is left to be spent on it
        for rows in columns.values():
            _judge(case, rows)


def _judge(case: Case, rows: Sequence[_Row]) -> None:
    for rate in rates(case.rule):
        value = case.world.hypers[rate]
        if rate not in case.given or not 0 < value < 1 or value.denominator > _FINEST:
            continue
        for form, power in _FORMS.items():
            spend(len(rows))
            fits = [n.fits(point(power(value, t))) is not None for t, n, _ in rows]
            wrong = fits.count(False)
            shown = [n for fit, (_, n, _) in zip(fits, rows, strict=True) if fit]
            tell = sum(n.unit * _DIGITS <= n.value for n in shown)
            if tell < _FEWEST or wrong * _SHARE > len(rows):
                continue
            says = form.format(rate=rate)
            for (t, number, part), holds in zip(rows, fits, strict=True):
                right = plain(Digits(12).round(power(value, t)))
                because = f"the column is {says}" + ("" if holds else " in its other rows")
                verdict = "holds" if holds else "wrong"
                about = {"claimed": number.text, "expected": right}
                case.claim(part, "arithmetic", verdict, because, **about)
            return
