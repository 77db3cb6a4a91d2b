"""Plots of errors as inline SVG: no script; colours come from the page, light or dark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

from markupsafe import Markup, escape

from adamref.oracle.report.axes import axis

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from adamref.oracle.judge.results import Point
    from adamref.oracle.report.axes import Axis

FIELDS = ("theta", "m", "v", "v_max", "u")
"""The fields in the order of their colours; the page has a class ``series-N`` for each."""

_WIDTH, _HEIGHT = 460, 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 22, 12, 44
_LEAST = 0.01
"""Errors below a hundredth of an ulp, or of a bound, need no telling apart."""


@final
@dataclass(frozen=True)
class Series:
    """The points of a field.

    Attributes
    ----------
    name : str
    colour : int
        The N of its class ``series-N``.
    x, y : tuple of float
    """

    name: str
    colour: int
    x: tuple[float, ...]
    y: tuple[float, ...]


@final
@dataclass(frozen=True)
class Plot:
    """A plot with its caption."""

    caption: str
    svg: Markup


def plots(points: Sequence[Point]) -> tuple[Plot, ...]:
    """Plot errors, in ulps and as shares of their bounds, against t and against ``|g|``.

    Empty where there are no points.
    """
    if not points:
        return ()
    horizontal = (("t", "step t", True), ("g", "|g|", False))
    vertical = (("ulp", "error in ulps"), ("over_bound", "error / bound"))
    made = []
    for y_name, y_says in vertical:
        for x_name, x_says, whole in horizontal:
            series = [_series(points, field, x_name, y_name) for field in fields(points)]
            limit = 1.0 if y_name == "over_bound" else None
            made.append(
                Plot(
                    f"{y_says} against {x_says}",
                    drawn(series, x_says=x_says, y_says=y_says, whole=whole, limit=limit),
                )
            )
    return tuple(made)


def fields(points: Iterable[Point]) -> list[str]:
    """Return the fields that have points, the known ones first."""
    seen = dict.fromkeys(point.field for point in points)
    return [f for f in FIELDS if f in seen] + [f for f in seen if f not in FIELDS]


def colour(field: str) -> int:
    """Return the number of a field's colour."""
    return FIELDS.index(field) if field in FIELDS else len(FIELDS)


def _series(points: Sequence[Point], field: str, x_name: str, y_name: str) -> Series:
    chosen = [point for point in points if point.field == field]
    x = tuple(abs(float(getattr(point, x_name))) for point in chosen)
    y = tuple(abs(float(getattr(point, y_name))) for point in chosen)
    return Series(field, colour(field), x, y)


def drawn(
    series: Sequence[Series], *, x_says: str, y_says: str, whole: bool, limit: float | None
) -> Markup:
    """Draw a scatter plot, with a line at ``limit`` if there is one."""
    across = axis([x for one in series for x in one.x], whole=whole)
    values = [y for one in series for y in one.y]
    # The limit is to be seen, however small the errors are.
    up = axis([*values, *([limit] if limit is not None else [])], least=_LEAST)
    parts = [_frame(across, up, x_says, y_says)]
    if limit is not None:
        parts.append(_level(up, limit))
    parts += [_dots(one, across, up) for one in series]
    label = f"Scatter plot: {y_says} against {x_says}"
    return _tag(
        "svg",
        Markup().join(parts),
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        aria_label=label,
        class_="plot",
    )


def _x(across: Axis, value: float) -> float:
    return _LEFT + across.at(value) * (_WIDTH - _LEFT - _RIGHT)


def _y(up: Axis, value: float) -> float:
    return _HEIGHT - _BOTTOM - up.at(value) * (_HEIGHT - _TOP - _BOTTOM)


def _frame(across: Axis, up: Axis, x_says: str, y_says: str) -> Markup:
    """Draw the grid, the numbers beside it and what they mean."""
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    parts = []
    for tick in up.ticks:
        y = _HEIGHT - _BOTTOM - tick.at * (_HEIGHT - _TOP - _BOTTOM)
        parts.append(_line("grid", _LEFT, y, right, y))
        parts.append(_text(tick.label, _LEFT - 6, y + 4, "end"))
    for tick in across.ticks:
        x = _LEFT + tick.at * (_WIDTH - _LEFT - _RIGHT)
        parts.append(_line("grid", x, _TOP, x, bottom))
        parts.append(_text(tick.label, x, bottom + 16, "middle"))
    parts.append(_line("axis", _LEFT, bottom, right, bottom))
    parts.append(_line("axis", _LEFT, _TOP, _LEFT, bottom))
    parts.append(_text(x_says, (_LEFT + right) / 2, _HEIGHT - 8, "middle"))
    middle = (_TOP + bottom) / 2
    parts.append(_text(y_says, 13, middle, "middle", transform=f"rotate(-90 13 {middle:g})"))
    return Markup().join(parts)


def _level(up: Axis, limit: float) -> Markup:
    y = _y(up, limit)
    line = _line("limit", _LEFT, y, _WIDTH - _RIGHT, y)
    return line + _text("the bound", _WIDTH - _RIGHT - 4, y - 5, "end")


def _dots(series: Series, across: Axis, up: Axis) -> Markup:
    """Draw the points as one path of dots; those that fall on the same place once."""
    places = {
        (round(_x(across, x)), round(_y(up, y)))
        for x, y in zip(series.x, series.y, strict=True)
    }  # fmt: skip
    path = "".join(f"M{x} {y}h.01" for x, y in sorted(places))
    title = _tag("title", escape(series.name))
    return _tag("path", title, d=path, class_=f"dots series-{series.colour}")


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    return _tag("path", d=f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}", class_=kind)


def _text(says: str, x: float, y: float, anchor: str, **more: str) -> Markup:
    return _tag("text", escape(says), x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, **more)


def _tag(name: str, inner: Markup | None = None, **attributes: Any) -> Markup:
    """Write an element; an underscore inside of an attribute's name stands for a hyphen."""
    written = Markup().join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), value)
        for key, value in attributes.items()
    )
    return Markup("<{0}{1}>{2}</{0}>").format(name, written, inner or Markup())
