"""What a picture is made of, and drawing it by matplotlib, for a light ground or a dark one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

from adamref.errors import MissingPackage

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
"""Those of Okabe & Ito 2008, which people who see colours differently tell apart too."""
_ON_DARK = ("#56b4e9", "#e69f00", "#2fbf94", "#cc79a7", "#5f9ed1", "#f0e442")
"""Lighter ones, for a dark ground."""
_INK = {False: "#1c1f24", True: "#e6e8eb"}
_LIMIT = {False: "#b3261e", True: "#ff8a80"}

_DASHES = ("-", "--", ":", "-.")
_MARKS = ("o", "s", "^", "D", "v", "P")


@final
@dataclass(frozen=True)
class Curve:
    """A line of a picture, or points: places across, and a value at each; NaN is left out."""

    x: Sequence[float]
    y: Sequence[float]
    points: bool = False
    steps: bool = False


@final
@dataclass(frozen=True)
class Panel:
    """Curves over one another, by their labels; ``up`` is what stands at the axis."""

    up: str
    curves: Mapping[str, Curve]
    logarithmic: bool = False


@final
@dataclass(frozen=True)
class Guide:
    """A straight line across a picture, or upright in it, and what it is."""

    at: float
    says: str
    upright: bool = False


def drawn(
    title: str,
    across: str,
    panels: Sequence[Panel],
    guides: Sequence[Guide] = (),
    *,
    logarithmic: bool = False,
    dark: bool = False,
) -> Any:
    """Draw panels one below the other, with straight lines in the last.

    Parameters
    ----------
    title, across : str
        What stands above, and at the axis below.
    panels : sequence of Panel
    guides : sequence of Guide
    logarithmic : bool
        Whether it is drawn by magnitude across.
    dark : bool
        For a dark ground.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    MissingPackage
        If matplotlib is not installed.
    """
    figure, axes = _figure(len(panels), dark=dark)
    ink, colours = _INK[dark], _ON_DARK if dark else _COLOURS
    figure.suptitle(title, fontsize="medium", color=ink)
    for ax, panel in zip(axes, panels, strict=True):
        for i, (label, curve) in enumerate(panel.curves.items()):
            colour = colours[i % len(colours)]
            if curve.points:
                xy = (curve.x, curve.y) if len(curve.x) else ([math.nan], [math.nan])
                mark = _MARKS[i % len(_MARKS)]
                ax.plot(*xy, mark, color=colour, label=label, markersize=3, alpha=0.6)
                continue
            ax.plot(
                curve.x, curve.y, _DASHES[i % len(_DASHES)], color=colour, label=label,
                marker="o" if len(curve.x) <= 30 else "", markersize=3,
                drawstyle="steps-post" if curve.steps else "default",
            )  # fmt: skip
        ax.set_ylabel(panel.up, color=ink)
        if panel.logarithmic:
            ax.set_yscale("log")
    last = axes[-1]
    for guide in guides:
        _guided(last, guide, _LIMIT[dark])
    if logarithmic:
        last.set_xscale("log")
    elif across == "t":
        from matplotlib.ticker import MaxNLocator

        last.xaxis.set_major_locator(MaxNLocator(integer=True))
    last.set_xlabel(across, color=ink)
    for ax, panel in zip(axes, panels, strict=True):
        if len(panel.curves) > 1 or guides or _is_scatter(panel):
            ax.legend(fontsize="small", labelcolor=ink, facecolor="none", edgecolor=ink)
    return figure


def _guided(ax: Any, guide: Guide, colour: str) -> None:
    """Draw a straight line, and say along it what it is."""
    said = {"color": colour, "fontsize": "small"}
    if guide.upright:
        ax.axvline(guide.at, color=colour, linestyle="--", linewidth=1)
        ax.text(
            guide.at, 0.97, f" {guide.at:g}: {guide.says}", transform=ax.get_xaxis_transform(),
            rotation=90, ha="right", va="top", **said,
        )  # fmt: skip
    else:
        ax.axhline(guide.at, color=colour, linestyle="--", linewidth=1)
        ax.text(
            0.99, guide.at, guide.says, transform=ax.get_yaxis_transform(), ha="right",
            va="bottom", **said,
        )  # fmt: skip


def _is_scatter(panel: Panel) -> bool:
    return any(curve.points for curve in panel.curves.values())


def _figure(rows: int, *, dark: bool) -> tuple[Any, Any]:
    try:
        from matplotlib.figure import Figure
    except ImportError as missing:
        raise MissingPackage("matplotlib", "a plot", "plot") from missing
    height = 3.6 if rows == 1 else 1.2 + (1.4 if rows > 3 else 1.8) * rows
    figure = Figure(figsize=(7, height), layout="constrained")
    axes = figure.subplots(rows, 1, sharex=True, squeeze=False)[:, 0]
    ink = _INK[dark]
    if dark:
        figure.set_facecolor("#16181c")
    for ax in axes:
        ax.grid(alpha=0.3)
        ax.set_facecolor("none")
        ax.tick_params(colors=ink, which="both")
        for spine in ax.spines.values():
            spine.set_edgecolor(ink)
    return figure, axes
