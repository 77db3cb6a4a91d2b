"""What covers ranges, judged by the dialect that everything else turned out to be.

All values at once are held against their bounds, and the exact ones are worked only for what is
outside of them, or at an edge.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from adamref.numbers import formats
from adamref.oracle.explain.judgement import explained
from adamref.oracle.explain.measuring import beyond, measured
from adamref.oracle.judge.identification import Fitters, candidates, identified, options
from adamref.oracle.observe.digits import readings
from adamref.oracle.observe.distinct import table_of_distinct
from adamref.oracle.observe.table import parted, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from adamref.oracle.explain.asked import Asked
    from adamref.oracle.explain.judged import Judgement
    from adamref.oracle.judge.identification import Identified
    from adamref.oracle.observe.running import Record
    from adamref.oracle.observe.table import Table

_MOST_LANES = 600
"""Elements that a cause is looked for in: of the wrong ones, and of the right ones."""


def swept(
    asked: Asked, seen: Table, judgement: Judgement, records: Sequence[Record]
) -> list[tuple[Table, Judgement]]:
    """Judge what covers ranges where all else conforms; return what is not inside its bounds.

    Parameters
    ----------
    asked : Asked
    seen : Table
        What the judgement is of.
    judgement : Judgement
        It conforms.
    records : sequence of Record
        Of the trials that are judged apart.
    """
    found = []
    for part in parted(records, asked.optimizer):
        tables = list(_tables(asked, seen, judgement, part))
        if not tables:
            continue
        # What is right elsewhere as it was worked in more digits may have been worked in fewer.
        ways = chain([judgement.found], _narrower(asked, seen, judgement.found))
        table, wrong, as_what = _nearest(tables, ways)
        looked_at = wrong | ~table.columns["core"]
        if looked_at.any():
            found.append(_judged(asked, table, replace(judgement, found=as_what), wrong))
    return found


def _nearest(
    tables: Sequence[Table], ways: Iterable[Identified]
) -> tuple[Table, NDArray[np.bool_], Identified]:
    """Return the table and the arithmetic by which fewest rows are outside, and those.

    Where none is, the arithmetics after it are not looked at.
    """
    made = []
    for found, table in ((x, table) for x in ways for table in tables):
        made.append((table, _outside(table, found), found))
        if not made[-1][1].any():
            break
    return min(made, key=lambda x: int(x[1].sum()))


def _narrower(asked: Asked, seen: Table, found: Identified) -> Iterator[Identified]:
    """Yield the same dialect in each narrower arithmetic that accounts for a table as well."""
    least = formats.get(asked.dtype).precision
    dialect, given = found.fit.dialect, options(seen, asked.optimizer)
    for fmt in formats.FORMATS if asked.compute is None else ():
        if not least <= fmt.precision < found.machine.compute.precision:
            continue
        machine = replace(found.machine, compute=fmt)
        some = candidates(asked.optimizer, asked.pins, machine, given, dialect.stored)
        one = identified(Fitters(seen, machine), [x for x in some if x.axes == dialect.axes])
        if one is not None:
            yield one


def _tables(
    asked: Asked, seen: Table, judgement: Judgement, records: Sequence[Record]
) -> Iterator[Table]:
    """Yield what was seen, as theta may be read."""
    # What is done before a step may depend on all of a tensor.
    lay_out = table_of if judgement.behaviours else table_of_distinct
    for read, _, _ in readings(records, formats.get(asked.dtype)):
        table = replace(lay_out(read, asked.dtype, asked.optimizer), carried=seen.carried)
        if len(table):
            for behaviour in judgement.behaviours:
                table = behaviour.applied(table)
            yield table


def _outside(table: Table, found: Identified) -> NDArray[np.bool_]:
    """Return the core rows with a value outside its bound."""
    fit = Fitters(table, found.machine).fitted(found.fit.dialect, thoroughly=True).fit
    wrong = np.logical_or.reduce([over > 1 for over in fit.over.values()])
    return np.asarray(wrong & table.columns["core"] & table.columns["judged"])


def _judged(
    asked: Asked, table: Table, judgement: Judgement, wrong: NDArray[np.bool_]
) -> tuple[Table, Judgement]:
    found, dialect = judgement.found, judgement.found.fit.dialect
    some = table.rows(_some(table, wrong))
    if not wrong.any():
        fitted = Fitters(some, found.machine).fitted(dialect, thoroughly=True)
        theirs = measured(some, replace(fitted, conforms=True))
    else:
        axes = {axis: value for axis, value in dialect.axes if axis not in asked.pins}
        own = replace(asked, pins={**axes, **asked.pins})
        given = options(some, asked.optimizer)
        possible = candidates(asked.optimizer, own.pins, found.machine, given, dialect.stored)
        theirs = explained(own, some, [(Fitters(some, found.machine), possible)])
    theirs.behaviours, theirs.beyond = judgement.behaviours, beyond(some, theirs)
    return some, theirs


def _some(table: Table, wrong: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the rows of elements that are looked at: some wrong, some right, those at an edge."""
    columns = table.columns
    lanes = np.unique(columns["lane"][wrong])
    beside = np.isin(columns["trial"], np.unique(columns["trial"][wrong])) & columns["core"]
    others = np.setdiff1d(np.unique(columns["lane"][beside]), lanes)
    edges = np.unique(columns["lane"][~columns["core"]])
    chosen = np.concatenate([_thinned(lanes), _thinned(others), edges])
    return np.flatnonzero(np.isin(columns["lane"], chosen))


def _thinned(lanes: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return some lanes, evenly, the first and the last among them."""
    if len(lanes) <= _MOST_LANES:
        return lanes
    return lanes[np.linspace(0, len(lanes) - 1, _MOST_LANES).round().astype(np.intp)]
