"""A tolerance as text: a table of the fields, of what it holds, and which faults it misses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from adamref.writers.tables import table

if TYPE_CHECKING:
    from adamref.tolerances.result import FieldTolerance, Missed, Tolerance

_SHOWN = 12
"""Faults that are listed, unless all are asked for in JSON."""


def write(tolerance: Tolerance) -> RenderableType:
    """Lay a tolerance out."""
    parts: list[RenderableType] = [Text(_headline(tolerance), style="bold"), Text()]
    parts += [_fields(tolerance.fields), Text()]
    theta = tolerance["theta"]
    if theta.is_known:
        call = f"numpy.allclose(theta, reference, rtol={theta.rtol:g}, atol={theta.atol:g})"
        parts += [Text(call), Text()]
    parts += [Text(f"- {says}") for says in (*_holds(tolerance), *tolerance.notes)]
    for work, fields in tolerance.other.items():
        title = f"Where each operation is rounded to {work}:"
        parts += [Text(), Text(title, style="bold"), _fields(fields)]
    if tolerance.tried:
        parts += [Text(), *_faults(tolerance)]
    return Group(*parts)


def _headline(tolerance: Tolerance) -> str:
    plural = "s" if tolerance.steps != 1 else ""
    stored = "".join(f", {n} in {x}" for n, x in tolerance.stored.items())
    return (
        f"{tolerance.optimizer} in {tolerance.dtype}{stored}, worked in {tolerance.compute}, "
        f"after {tolerance.steps} step{plural}: no right implementation is off by more than"
    )


def _fields(fields: tuple[FieldTolerance, ...]) -> RenderableType:
    made = table("field", "rtol", "atol", "ulps", "of what", numeric=("rtol", "atol", "ulps"))
    for one in fields:
        at = f"at {one.name} = {one.at:g}; " if one.at == one.at else ""
        if one.is_known:
            cells = f"{one.rtol:.3g}", f"{one.atol:.3g}", f"{one.ulps:.3g}"
        else:
            cells, at = ("none",) * 3, ""
        made.add_row(one.name, *cells, f"{at}{one.says}")
    return made


def _holds(tolerance: Tolerance) -> list[str]:
    """Say of what it holds."""
    hyper = ", ".join(f"{n} = {x:g}" for n, x in tolerance.hyper.items())
    orders = ", ".join(f"{n}={x}" for n, x in tolerance.orders.items())
    conventions = " or ".join(tolerance.conventions)
    return [
        "Under these conditions: " + "; ".join(tolerance.conditions) + ".",
        f"With {hyper}, which an implementation holds {conventions}.",
        f"In the orders of operations {orders}, and any in which the rest is known."
        if orders
        else "In every order of operations that is known.",
        "Against the exact real value, or that rounded once to the format.",
    ]


def _faults(tolerance: Tolerance) -> list[RenderableType]:
    missed, every = tolerance.missed, tolerance.caught + len(tolerance.missed)
    idle = sum(one.share == 0 for one in missed)
    title = (
        f"On {tolerance.tried}, this tolerance of theta tells {tolerance.caught} of {every} "
        f"planted faults. It lets {len(missed)} through: {len(missed) - idle} that change theta by "
        f"less than that, and {idle} that change nothing of it on these inputs."
    )
    made = table("fault", "share", "also in", "told by", numeric=("share",))
    for one in sorted(missed, key=lambda x: -x.share)[:_SHOWN]:
        made.add_row(one.fault, f"{one.share:.2g}", ", ".join(one.shows_in) or "–", _told(one))
    parts: list[RenderableType] = [Text(title, style="bold"), made]
    if len(missed) > _SHOWN:
        rest = f"and {len(missed) - _SHOWN} more: --format json has all, with inputs that tell them"
        parts.append(Text(rest))
    says = (
        "Share: the greatest difference of theta as a share of what is allowed. Also in: the "
        "states in which it would be seen. Told by: the shortest inputs that do."
    )
    return [*parts, Text(says, style="dim")]


def _told(one: Missed) -> str:
    found = one.shortest
    if found is None:
        return "no probe of this optimizer"
    steps = f"{found.steps} step{'s' if found.steps != 1 else ''}"
    elements = f"{found.elements} element{'s' if found.elements != 1 else ''}"
    return f"{found.field} after {steps} of {elements} of {found.probe}"
