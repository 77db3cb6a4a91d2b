"""Writes ``docs/catalogue/faults.md``, the catalogue as a table.

Run ``python tests/support/fault_page.py``.

What separates a fault from a right implementation, and from other faults, is worked out by
simulation (`adamref/mutation/separation.py`), in the first of some settings in which anything
does. A test writes the file again.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, final

from adamref import faults
from adamref.faults.precision import APPROXIMATE
from adamref.mutation.separation import ProbeSetting
from adamref.rules.adam import ADAMS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from adamref.faults import Fault

TARGET = Path(__file__).parents[2] / "docs" / "catalogue" / "faults.md"

SETTINGS: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("adam", "float32", {}),
    ("adam", "float64", {}),
    ("adamw", "float32", {}),
    ("adamw", "float64", {}),
    ("adam-l2", "float32", {}),
    ("amsgrad", "float32", {}),
    ("amsgrad", "float32", {"amsgrad": "v_hat"}),
)
"""Optimizer, dtype and pins. A fault is shown in the first in which a probe separates it."""

_NAMED = 2
"""How many of the separating probes are named."""

_RULES = tuple(one.rule for one in ADAMS)

_CONVENTION = re.compile("-(literal|rounded|mixed)$")
"""Probes that differ in this only have the same inputs: one of them is named."""

_HEAD = """# The fault catalogue

Do not edit: `python tests/support/fault_page.py` writes this page from the catalogue
(`adamref/faults`) and a simulation.

What `adamref check` can name when an implementation deviates: {count} faults, and pairs of them.
Each is an edit of the rule's lines, or of what is fed into them. `adamref audit` names those that
edit a single line of the rule that a document works by.

- A fault with a **parameter** in braces is tried at the values that are listed; it is reported with
  the value in its name.
- **Seen in** names projects with the numbers of their issues, and documents. Where nobody has seen
  it yet stands what it contradicts.
- **Separated by**: how many core probes tell a fault from a right implementation, and the first of
  them. They are those of Adam in float32, unless another optimizer or dtype is named: then those
  before it have no place for the fault, or cannot show it. *Edge* probes lie where numbers leave
  the normal range or t passes 2²⁴; a fault that shows there only is a limit.
- **Not told from**: other faults that are the same on every probe. A diagnosis names one and lists
  the rest. With `axis=value`, the fault is also a legitimate dialect: it is reported as that, and
  deviates only where `--dialect` pins another.

A probe counts if no rounding can hide the difference: a step from the right state gives an interval
for each value, wide enough for every order of operations, once for the rule and once for the fault,
and some two of these do not meet (`adamref/mutation/separation.py` has the details). {core}
faults, counted with their values, are separated by core probes, {edge} by edge probes only, {none}
by none; {alone} are told from every other one.
"""

_TAIL = """## Told by other means

`{id}`: {says}. {effect}. Seen in: {source}. It is looked for last, and told by the size of the
errors and that they go either way, not by values: so there is no row for it above.

A fault that is *told as* another differs from that in lines which an implementation keeps to
itself: only documents tell the two apart.
"""


@final
@dataclass(frozen=True)
class Coverage:
    """What the probes can tell of a fault.

    Attributes
    ----------
    setting : str
        The optimizer and the dtype in which it is shown.
    core, edge : tuple of str
        The probes that separate it from a right implementation.
    alike : tuple of str
        Faults, and other dialects by their axes, that no probe tells from it there.
    """

    setting: str
    core: tuple[str, ...]
    edge: tuple[str, ...]
    alike: tuple[str, ...]


def coverage() -> dict[str, Coverage]:
    """Return what can be told, by the fault's id; faults that no probe separates are left out."""
    found: dict[str, Coverage] = {}
    for optimizer, dtype, pins in SETTINGS:
        if len(found) == len(shown()):
            break
        setting = ProbeSetting(optimizer, dtype, pins)
        found |= {
            id_: Coverage(
                setting.name,
                tuple(setting.separating(id_, "core")),
                tuple(setting.separating(id_, "edge")),
                tuple(setting.alike(id_)),
            )
            for id_ in setting.faults
            if id_ not in found
        }
    return found


def page(found: Mapping[str, Coverage]) -> str:
    """Return the text of ``docs/catalogue/faults.md``."""
    head = _HEAD.format(
        count=len(faults.every()),
        core=sum(bool(x.core) for x in found.values()),
        edge=sum(not x.core for x in found.values()),
        none=len(shown()) - len(found),
        alone=sum(not x.alike for x in found.values()),
    )
    parts = [head]
    for title, family in faults.families().items():
        parts.append("\n".join([f"## {title}", "", *_table(family, found), ""]))
    told = APPROXIMATE
    parts.append(
        _TAIL.format(
            id=told.id,
            says=_sentence(told.says),
            effect=_sentence(told.effect),
            source=linked(told.source(*_RULES)),
        )
    )
    return "\n".join(parts)


def shown() -> list[Fault]:
    """Return the faults that a check tells, for each value of their parameters."""
    return [fault for fault in faults.cases() if not fault.told_as]


def _table(family: Sequence[Fault], found: Mapping[str, Coverage]) -> Iterator[str]:
    head = ("fault", "what is done", "how it shows", "seen in", "separated by", "not told from")
    yield _row(head)
    yield _row(["---"] * len(head))
    for fault in family:
        its = [found.get(case.id) for case in fault.cases]
        alike = dict.fromkeys(x for one in its if one for x in one.alike)
        yield _row(
            [f"`{fault.id}`{_values(fault)}", _escaped(fault.says), _escaped(fault.effect),
             linked(_escaped(fault.seen_in)) or f"contradicts {_contradicted(fault)}",
             f"told as `{fault.told_as}`" if fault.told_as else _separated(its),
             ", ".join(f"`{x}`" for x in alike)]
        )  # fmt: skip


def _contradicted(fault: Fault) -> str:
    return _escaped(fault.contradicted(*_RULES))


def _values(fault: Fault) -> str:
    """Say which values of its parameter are tried."""
    its = fault.parameter
    if its is None:
        return ""
    values = ", ".join(x if isinstance(x, str) else f"{x:g}" for x in its.values)
    return f": {its.name} in {its.unit}, {values}"


def _separated(its: Sequence[Coverage | None]) -> str:
    """Say what separates a fault; of several values, that which the fewest probes separate."""
    if None in its:
        return "**none**"
    one = min((x for x in its if x), key=lambda x: len(x.core) or len(x.edge) / 1000)
    names, kind = (one.core, "") if one.core else (one.edge, " edge")
    where = "" if one.setting == "adam in float32" else f", {one.setting}"
    firsts = list({_CONVENTION.sub("", x): f"`{x}`" for x in reversed(names)}.values())[::-1]
    more = ["…"] if len(firsts) > _NAMED else []
    least = "at least " if len(its) > 1 else ""
    return f"{least}{len(names)}{kind}{where}: {', '.join(firsts[:_NAMED] + more)}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def linked(source: str) -> str:
    """Link issues and pull requests to GitHub, which leads from one kind to the other.

    >>> linked("numpy/numpy#1 (its kin)")
    '[numpy/numpy#1](https://github.com/numpy/numpy/issues/1) (its kin)'
    """
    return re.sub(r"([\w.-]+/[\w.-]+)#(\d+)", r"[\1#\2](https://github.com/\1/issues/\2)", source)


def _escaped(text: str) -> str:
    """Keep what Markdown would take for a column, or for emphasis."""
    return text.replace("|", r"\|").replace("*", r"\*")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def main() -> None:
    """Write the page where it belongs, or to a file that is named."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    target.write_text(page(coverage()), encoding="utf-8")


if __name__ == "__main__":
    main()
