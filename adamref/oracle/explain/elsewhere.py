"""Lines as they are written elsewhere: in another dialect, or with a mistake that has a name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from adamref import rules
from adamref.oracle.explain.hypotheses import singles
from adamref.oracle.judge.hypothesis import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sympy import Expr

    from adamref.oracle.judge.dialects import Dialect

_DIALECT, _FAULT = 2.5, 3.0
"""What they cost beside what is solved for (`adamref.solving.solve`)."""


def written_elsewhere(
    dialect: Dialect, name: str
) -> Iterator[tuple[Mapping[str, Expr], str, float]]:
    """Yield rules that may have another line, what it is called there, and what that costs.

    Parameters
    ----------
    dialect : Dialect
    name : str
        Of the line.

    Yields
    ------
    tuple
        The lines of a dialect that differs on one axis, or of this one with one fault.
    """
    optimizer = rules.optimizer(dialect.optimizer)
    own = dict(dialect.axes)
    for axis in optimizer.axes if dialect.stored == "moments" else ():
        for value in axis.values:
            axes = {**own, axis.name: value}
            if value != own[axis.name] and optimizer.made({**optimizer.fixed, **axes}) is not None:
                lines = lines_of(replace(dialect, axes=tuple(axes.items())))
                if name in lines:
                    yield lines, f"the line is that of {axis.name}={value}", _DIALECT
    right = lines_of(dialect)
    for one in singles(dialect, "", failed={}):
        changed = {n for n, x in one.lines.items() if x is not right.get(n)}
        if changed and name in one.lines:
            (fault,) = one.faults
            yield one.lines, fault.says, _FAULT
