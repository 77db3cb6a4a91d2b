"""Pictures: what is drawn as numbers, a text that says what is to be seen, and the drawing.

matplotlib (the extra ``plot``) draws, when a picture is shown or saved. No window is opened, and
nothing of pyplot's is touched: a picture is a figure of its own.
"""

from __future__ import annotations

import base64
import csv
import html
import io
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, final

from adamref.drawing import Curve, Guide, Panel, drawn
from adamref.output import write_whole

if TYPE_CHECKING:
    from pathlib import Path

_DPI = 144
_WIDE = 100
_ROWS = 9
"""Of a table that stands beside a picture; all numbers are in its CSV."""


@final
@dataclass(frozen=True, repr=False)
class Picture:
    """What is drawn, and what it shows in words.

    A notebook shows it with its text, for those who do not see it.

    Attributes
    ----------
    title : str
    across : str
        What stands at the axis below.
    panels : tuple of Panel
        One below the other.
    alt : str
        The alternative text: what is drawn, from where to where, and the greatest values.
    guides : tuple of Guide
        Straight lines in the last panel.
    logarithmic : bool
        Whether it is drawn by magnitude across.
    seen : str
        What is to be seen in it: a sentence, or nothing.
    """

    title: str
    across: str
    panels: tuple[Panel, ...]
    alt: str
    guides: tuple[Guide, ...] = field(default=())
    logarithmic: bool = False
    seen: str = ""

    @property
    def caption(self) -> str:
        """What stands below it, or above its numbers where there is no picture."""
        return f"{self.title}. {self.seen}".rstrip()

    @cached_property
    def figure(self) -> Any:
        """The figure of matplotlib, for a light ground.

        Raises
        ------
        MissingPackage
            If matplotlib is not installed.
        """
        return self._drawn(dark=False)

    def _drawn(self, *, dark: bool) -> Any:
        return drawn(
            self.title, self.across, self.panels, self.guides, logarithmic=self.logarithmic,
            dark=dark,
        )  # fmt: skip

    def svg(self, *, dark: bool = False) -> str:
        """Return it as an SVG image, for a light ground or a dark one; twice the same bytes.

        Raises
        ------
        MissingPackage
            If matplotlib is not installed.
        """
        figure = self._drawn(dark=dark)
        from matplotlib import rc_context

        data = io.StringIO()
        with rc_context({"svg.hashsalt": self.title, "svg.fonttype": "none"}):
            about = {"Description": self.alt, "Title": self.title, "Date": None}
            figure.savefig(data, format="svg", metadata=about, transparent=True)
        return data.getvalue()

    def table(self, most: int = _ROWS) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """Return what is drawn as numbers, for people: a head, and at most so many rows."""
        head, *rows = self._rows()
        if len(rows) > most:
            places = [float(row[0]) for row in rows]
            marked = [guide.at for guide in self.guides if guide.upright]
            rows = [rows[at] for at in _chosen(places, most, marked)]
        return tuple(map(str, head)), [tuple(_short(cell) for cell in row) for row in rows]

    def csv(self) -> str:
        """Return all that is drawn as comma-separated numbers, below the names of the lines."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(self._rows())
        return text.getvalue()

    def _rows(self) -> Iterator[list[Any]]:
        """Yield a head and the numbers: a line a column, at places that all of them have."""
        curves = {name: curve for panel in self.panels for name, curve in panel.curves.items()}
        yield [self.across, *curves]
        columns = [dict(zip(curve.x, curve.y, strict=True)) for curve in curves.values()]
        for x in sorted({x for column in columns for x in column}):
            yield [x, *(column.get(x, math.nan) for column in columns)]

    def save(self, path: str | os.PathLike[str], *, dpi: float = _DPI, dark: bool = False) -> Path:
        """Write it to a file, its format by the name: PNG, SVG, PDF or CSV; the text goes along.

        Parameters
        ----------
        path : str or path
        dpi : float
            Dots an inch, for PNG.
        dark : bool
            For a dark ground.

        Returns
        -------
        pathlib.Path
            Where it is.

        Raises
        ------
        ValueError
            matplotlib's own, if it knows no such format.
        MissingPackage
            If matplotlib is not installed, and it is no CSV.
        """
        from pathlib import Path

        place = Path(path)
        kind = place.suffix.removeprefix(".").lower() or "png"
        if kind in ("csv", "svg"):
            data = (self.csv() if kind == "csv" else self.svg(dark=dark)).encode()
            write_whole(place, lambda file: file.write(data))
            return place
        about = {"pdf": {"Subject": self.alt, "CreationDate": None}}.get(kind)
        about = about or ({"Description": self.alt} if kind == "png" else None)
        figure = self._drawn(dark=True) if dark else self.figure
        write_whole(place, lambda file: figure.savefig(file, format=kind, dpi=dpi, metadata=about))
        return place

    def _repr_html_(self) -> str:
        data = io.BytesIO()
        self.figure.savefig(data, format="png", dpi=_DPI)
        source = base64.b64encode(data.getvalue()).decode()
        width = round(self.figure.get_figwidth() * 96)
        alt = html.escape(self.alt, quote=True)
        return (
            f'<img style="max-width: 100%; width: {width}px; background: #ffffff" alt="{alt}" '
            f'src="data:image/png;base64,{source}">'
        )

    def __repr__(self) -> str:
        return f"<Picture {self.alt}>"


def panels(
    series: Mapping[str, Mapping[str, Sequence[float]]], t: Sequence[int], title: str
) -> Picture:
    """Draw values against t, a panel below the other for each name.

    Parameters
    ----------
    series : mapping of str to mapping of str to sequence of float
        By the name of a panel, and by that of a line in it: a value for each t; NaN is left out.
    t : sequence of int
    title : str

    Raises
    ------
    MissingPackage
        If matplotlib is not installed.
    """
    made = tuple(
        Panel(name, {label: Curve(t, values) for label, values in lines.items()})
        for name, lines in series.items()
    )
    return shown(curves(title, "t", made))


def scattered(
    points: Mapping[str, Sequence[tuple[float, float]]],
    across: str,
    up: str,
    title: str,
    *,
    limit: tuple[float, str] | None = None,
) -> Picture:
    """Draw points in a colour and with a mark for each name, upwards by magnitude.

    Across too, where they lie more than two orders of magnitude apart.

    Parameters
    ----------
    points : mapping of str to sequence of pairs
    across, up : str
        What stands at the axes.
    title : str
    limit : tuple of float and str, optional
        A line at this height, and what it is.

    Raises
    ------
    MissingPackage
        If matplotlib is not installed.
    """
    told, drawn = [], {}
    for name, pairs in points.items():
        seen = [(x, y) for x, y in pairs if 0 < x < math.inf and 0 < y < math.inf]
        drawn[name] = Curve([x for x, _ in seen], [y for _, y in seen], points=True)
        told.append(f"{name} at most {max((y for _, y in seen), default=0):.3g}")
    places = [x for pairs in points.values() for x, _ in pairs if 0 < x < math.inf]
    wide = bool(places) and max(places) > _WIDE * min(places)
    alt = f"{title}, {up} against {across}: {', '.join(told)}."
    guides = () if limit is None else (Guide(*limit),)
    return shown(Picture(title, across, (Panel(up, drawn, True),), alt, guides, wide))


def curves(
    title: str,
    across: str,
    panels: Iterable[Panel],
    guides: Iterable[Guide] = (),
    *,
    logarithmic: bool = False,
    seen: str = "",
) -> Picture:
    """Make a picture of lines; its text says where each goes, and what is to be seen besides."""
    made, straight = tuple(panels), tuple(guides)
    lines = ((label, curve) for panel in made for label, curve in panel.curves.items())
    told = [f"{label} {_course(curve.y)}" for label, curve in lines]
    told += [_marked(across, guide) for guide in straight]
    xs = [x for panel in made for curve in panel.curves.values() for x in curve.x]
    ends = f"{_plain(min(xs))} to {_plain(max(xs))}" if xs else "nothing"
    says = f" {seen}" if seen else ""
    alt = f"{title}, against {across} = {ends}: {'; '.join(told)}.{says}"
    return Picture(title, across, made, alt, straight, logarithmic, seen)


def shown(picture: Picture) -> Picture:
    """Return a picture that is drawn at once, so that what is missing is said at once."""
    _ = picture.figure
    return picture


def _marked(across: str, guide: Guide) -> str:
    if guide.upright:
        return f"{guide.says} at {across} = {_plain(guide.at)}"
    return f"{guide.says} is {guide.at:.4g}"


def _plain(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 1e4 and value != int(value) else f"{value:g}"


def _short(cell: Any) -> str:
    if isinstance(cell, float) and math.isnan(cell):
        return "–"
    return f"{cell:.5g}"


def _chosen(places: Sequence[float], most: int, marked: Sequence[float]) -> list[int]:
    """Return the rows to show of many: the first ones closer together, and what is marked."""
    last = len(places) - 1
    found = {round(last ** (k / (most - 1))) for k in range(1, most)} | {0}
    near = {min(range(len(places)), key=lambda i: abs(places[i] - at)) for at in marked}
    return sorted(found | near)


def _course(values: Sequence[float]) -> str:
    """Say where a line goes: up, down, along, or between which values it starts and ends."""
    seen = [x for x in values if not math.isnan(x)]
    if not seen:
        return "is nowhere a number"
    low, high, first, last = (f"{x:.4g}" for x in (min(seen), max(seen), seen[0], seen[-1]))
    if low == high:
        course = f"is {first}" if len(values) == 1 else f"stays at {first}"
    elif {first, last} == {low, high}:
        course = f"{'rises' if seen[0] < seen[-1] else 'falls'} from {first} to {last}"
    else:
        course = f"starts at {first}, ends at {last}, and stays between {low} and {high}"
    return course + (", and is then no number" if math.isnan(values[-1]) else "")
