"""Plots of errors as inline SVG: no script; colours come from the page, light or dark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from markupsafe import Markup

from adamref.oracle.report.axes import axis
from adamref.pages import rendered

if TYPE_CHECKING:
    from adamref.oracle.judge.results import ErrorPoint

FIELDS = ("theta", "m", "v", "v_max", "u")
"""The fields in the order of their colours; the page has a class ``series-N`` for each."""

_WIDTH, _HEIGHT = 460, 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 22, 12, 44
_LEAST = 0.01
"""Errors below a hundredth of an ulp, or of a bound, need no telling apart."""


@final
@dataclass(frozen=True)
class Plot:
    """A plot with its caption."""

    caption: str
    svg: Markup


def plots(points: Sequence[ErrorPoint]) -> tuple[Plot, ...]:
    """Plot errors, in ulps and as shares of their bounds, against t and against ``|g|``.

    Empty where there are no points.
    """
    if not points:
        return ()
    return tuple(
        Plot(f"{y_says} against {x_says}", _drawn(points, x, x_says, y, y_says))
        for y, y_says in (("ulp", "error in ulps"), ("over_bound", "error / bound"))
        for x, x_says in (("t", "step t"), ("g", "|g|"))
    )


def fields(points: Iterable[ErrorPoint]) -> list[str]:
    """Return the fields that have points, the known ones first."""
    seen = dict.fromkeys(point.field for point in points)
    return [f for f in FIELDS if f in seen] + [f for f in seen if f not in FIELDS]


def colour(field: str) -> int:
    """Return the number of a field's colour."""
    return FIELDS.index(field) if field in FIELDS else len(FIELDS)


def _drawn(points: Sequence[ErrorPoint], x: str, x_says: str, y: str, y_says: str) -> Markup:
    """Draw a scatter plot; of shares of a bound with a line at 1."""
    values = {
        field: [
            (abs(float(getattr(point, x))), abs(float(getattr(point, y))))
            for point in points
            if point.field == field
        ]
        for field in fields(points)
    }
    together = [pair for pairs in values.values() for pair in pairs]
    # The limit is to be seen, however small the errors are.
    limits = [1.0] if y == "over_bound" else []
    across = axis([one for one, _ in together], whole=x == "t")
    up = axis([*(one for _, one in together), *limits], least=_LEAST)

    def right(share: float) -> float:
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def down(share: float) -> float:
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)

    def dots(pairs: Iterable[tuple[float, float]]) -> str:
        """Write the points as one path of dots; those that fall on the same place once."""
        places = {(round(right(across.at(a))), round(down(up.at(b)))) for a, b in pairs}
        return "".join(f"M{a} {b}h.01" for a, b in sorted(places))

    drawn = rendered(
        "plot.html",
        width=_WIDTH,
        height=_HEIGHT,
        left=_LEFT,
        right=_WIDTH - _RIGHT,
        top=_TOP,
        bottom=_HEIGHT - _BOTTOM,
        x_says=x_says,
        y_says=y_says,
        across=[(round(right(tick.at), 1), tick.label) for tick in across.ticks],
        up=[(round(down(tick.at), 1), tick.label) for tick in up.ticks],
        limit=round(down(up.at(limits[0])), 1) if limits else None,
        dots=[(field, colour(field), dots(pairs)) for field, pairs in values.items()],
    )
    return Markup(drawn)  # noqa: S704 - the template escapes what it is given
