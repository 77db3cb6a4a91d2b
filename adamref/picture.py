"""Pictures by matplotlib (the extra ``plot``), each with a text that says what is to be seen.

No window is opened, and nothing of pyplot's is touched: a picture is a figure of its own.
"""

from __future__ import annotations

import base64
import html
import io
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

from adamref.errors import MissingPackage
from adamref.output import write_whole

if TYPE_CHECKING:
    from pathlib import Path

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
"""Those of Okabe & Ito 2008, which people who see colours differently tell apart too."""

_DASHES = ("-", "--", ":", "-.")
_MARKS = ("o", "s", "^", "D", "v", "P")
_DPI = 144
_WIDE = 100


@final
@dataclass(frozen=True, repr=False)
class Picture:
    """A figure of matplotlib, and what it shows in words.

    A notebook shows it with its text, for those who do not see it.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
    alt : str
        The alternative text: what is drawn, from where to where, and the greatest values.
    """

    figure: Any
    alt: str

    def save(self, path: str | os.PathLike[str], *, dpi: float = _DPI) -> Path:
        """Write it to a file, its format by the name: PNG, SVG or PDF; the text goes along.

        Parameters
        ----------
        path : str or path
        dpi : float
            Dots an inch, for PNG.

        Returns
        -------
        pathlib.Path
            Where it is.

        Raises
        ------
        ValueError
            matplotlib's own, if it knows no such format.
        """
        from pathlib import Path

        place = Path(path)
        kind = place.suffix.removeprefix(".").lower() or "png"
        says = {"pdf": "Subject"}.get(kind, "Description")
        about = {says: self.alt} if kind in ("png", "svg", "pdf") else None
        write_whole(
            place, lambda file: self.figure.savefig(file, format=kind, dpi=dpi, metadata=about)
        )
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
    figure, axes = _figure(len(series))
    figure.suptitle(title, fontsize="medium")
    told = []
    for ax, (name, lines) in zip(axes, series.items(), strict=True):
        for i, (label, values) in enumerate(lines.items()):
            ax.plot(
                t, values, _DASHES[i % len(_DASHES)], color=_COLOURS[i % len(_COLOURS)],
                label=label, marker="o" if len(t) <= 30 else "", markersize=3,
            )  # fmt: skip
            told.append(f"{label} {_course(values)}")
        ax.set_ylabel(name)
        if len(lines) > 1:
            ax.legend(fontsize="small")
    _whole_steps(axes[-1])
    alt = f"{title}, against t = {t[0]} to {t[-1]}: {'; '.join(told)}."
    return Picture(figure, alt)


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
    figure, (ax,) = _figure(1)
    ax.set_title(title, fontsize="medium")
    told = []
    for i, (name, pairs) in enumerate(points.items()):
        seen = [(x, y) for x, y in pairs if 0 < x < math.inf and 0 < y < math.inf]
        ax.plot(
            *zip(*(seen or [(math.nan, math.nan)]), strict=True), _MARKS[i % len(_MARKS)],
            color=_COLOURS[i % len(_COLOURS)], label=name, markersize=3, alpha=0.6,
        )  # fmt: skip
        told.append(f"{name} at most {max((y for _, y in seen), default=0):.3g}")
    if limit is not None:
        ax.axhline(limit[0], color="#b3261e", linestyle="--", linewidth=1, label=limit[1])
    places = [x for pairs in points.values() for x, _ in pairs if 0 < x < math.inf]
    wide = bool(places) and max(places) > _WIDE * min(places)
    ax.set(xlabel=across, ylabel=up, xscale="log" if wide else "linear", yscale="log")
    ax.legend(fontsize="small")
    return Picture(figure, f"{title}, {up} against {across}: {', '.join(told)}.")


def _figure(rows: int) -> tuple[Any, Any]:
    try:
        from matplotlib.figure import Figure
    except ImportError as missing:
        raise MissingPackage("matplotlib", "a plot", "plot") from missing
    figure = Figure(figsize=(7, 1.2 + (1.4 if rows > 3 else 1.8) * rows), layout="constrained")
    axes = figure.subplots(rows, 1, sharex=True, squeeze=False)[:, 0]
    for ax in axes:
        ax.grid(alpha=0.3)
    return figure, axes


def _whole_steps(ax: Any) -> None:
    from matplotlib.ticker import MaxNLocator

    ax.set_xlabel("t")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))


def _course(values: Sequence[float]) -> str:
    """Say where a line goes: from its first to its last value, by way of its extremes."""
    seen = [x for x in values if not math.isnan(x)]
    if not seen:
        return "is nowhere a number"
    course = f"goes from {values[0]:.4g} to {values[-1]:.4g}" if len(values) > 1 else ""
    between = [f"{x:.4g}" for x in (min(seen), max(seen)) if x not in (values[0], values[-1])]
    by = f" by way of {' and '.join(between)}" if between and course else ""
    return f"{course}{by}" if course else f"is {values[0]:.4g}"
