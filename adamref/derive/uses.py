"""What a theorem is used for in adamref, found from what uses it: nothing here is a list of ids."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from adamref.bounds import generated, moments, orders
from adamref.bounds.orders import ORDERS
from adamref.derive.reading import citing
from adamref.documents.prose.known import KNOWN
from adamref.documents.prose.pointers import WINDOWS
from adamref.faults import every
from adamref.rules import family
from adamref.theorems.index import ids, indexed
from adamref.tolerances import free
from adamref.typeset.tree import Reference, Verbatim

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sympy import Expr

    from adamref.rules.rule import Rule
    from adamref.theorems.record import Theorem
    from adamref.typeset.tree import Inline, Sentence

_FEW, _MOST = 2, 8


def uses(theorem: Theorem) -> tuple[Sentence, ...]:
    """Return a sentence for each thing in adamref that rests on a theorem, or shows it."""
    return tuple(tuple(sentence) for sentence in _uses(theorem))


def _uses(theorem: Theorem) -> Iterator[Iterable[Inline]]:
    name = theorem.id
    if functions := _bounding().get(name):
        yield (
            "Tolerances: it is used by ", *_listed(map(Verbatim, functions)),
            ", by which ", Verbatim("adamref check"), " and ", Verbatim("adamref tolerance"),
            " judge.",
        )  # fmt: skip
    if (order := _ordered().get(name)) is not None:
        field, way = order
        yield (
            "Tolerances: it is the bound of one of the orders of operations in which ",
            Verbatim("adamref check"), " works ", Verbatim(field), ", by the name ",
            Verbatim(way), ".",
        )  # fmt: skip
    if name in _told():
        yield (
            "Documents: where a text says so, ", Verbatim("adamref audit"),
            " points to this theorem.",
        )  # fmt: skip
    if faults := _faults(theorem):
        yield (
            "Faults: ", *_listed(map(Verbatim, faults)),
            " is the mistake that it is about; ", Verbatim("adamref check"), " names it.",
        )  # fmt: skip
    if dialects := _dialects(theorem):
        yield (
            "Dialects: ", *_listed(map(Verbatim, dialects)), "; ", Verbatim("adamref check"),
            " tells them apart.",
        )  # fmt: skip
    if optimizers := [one.name for one in family().values() if name in one.reductions]:
        yield (
            "Rules: the tests hold ", *_listed(map(Verbatim, optimizers)),
            " against Adam or its relatives by it.",
        )  # fmt: skip
    if others := citing(name):
        more = len(others) - _MOST
        said = _titled(others) if len(others) <= _FEW else _listed(map(Reference, others[:_MOST]))
        yield (
            "Proofs: ", *said,
            f" and {more} more rest on it." if more > 0 else
            " rests on it." if len(others) == 1 else " rest on it.",
        )  # fmt: skip


def _titled(names: Iterable[str]) -> Iterator[Inline]:
    """Name theorems by what they are called, and by their ids."""
    for at, name in enumerate(names):
        yield from ("; " if at else "", f"\u201c{_titles()[name]}\u201d (", Reference(name), ")")


@cache
def _titles() -> Mapping[str, str]:
    return {name: title for one in indexed().values() for name, title in one.theorems.items()}


def _listed(items: Iterable[Inline]) -> Iterator[Inline]:
    for at, item in enumerate(items):
        yield from (", ", item) if at else (item,)


@cache
def _bounding() -> Mapping[str, tuple[str, ...]]:
    """Return by theorem what names it in the modules that work bounds: modules, and functions."""
    found: dict[str, tuple[str, ...]] = {}
    for module in (generated, moments, orders, free):
        own = {
            name: value
            for name, value in vars(module).items()
            if getattr(value, "__module__", "") == module.__name__
        }
        for name, value in {"": module, **own}.items():
            place = f"{module.__name__}.{name}".rstrip(".")
            for one in {*re.findall(r"[a-z]+(?:-[a-z0-9]+)+", value.__doc__ or "")} & {*ids()}:
                found[one] = (*found.get(one, ()), place)
    return found


@cache
def _ordered() -> Mapping[str, tuple[str, str]]:
    """Return by theorem the field and the order of operations that it bounds."""
    return {
        f"rounding-{field.replace('_', '-')}-{way}": (field, way)
        for field, ways in ORDERS.items()
        for way in ways
    }


@cache
def _told() -> frozenset[str]:
    return frozenset((*WINDOWS, *(claim.theorem for claim in KNOWN)))


def _rules(theorem: Theorem) -> tuple[Rule, ...]:
    spaces = (theorem.space, *(miss.space for miss in theorem.near_misses if miss.space))
    return tuple(dict.fromkeys(run.rule for space in spaces for run in space.runs))


def _faults(theorem: Theorem) -> tuple[str, ...]:
    """Return the faults that make one rule of a theorem of another rule that it is about."""
    about = _rules(theorem)
    if len(about) == 1:
        return ()
    return tuple(
        dict.fromkeys(
            fault
            for right in about
            for lines, fault in _made_of(right)
            if any(lines == _lines(other) for other in about if other != right)
        )
    )


@cache
def _made_of(rule: Rule) -> tuple[tuple[Any, str], ...]:
    """Return what each fault that has a name of its own makes of a rule."""
    made = ((fault, fault.applied(rule)) for fault in every() if fault.parameter is None)
    return tuple((_lines(one), fault.id) for fault, one in made if one is not None)


def _lines(rule: Rule) -> tuple[Any, ...]:
    return tuple((line.name, _worked_out(line.expr)) for line in rule.lines)


@cache
def _worked_out(expr: Expr) -> Expr:
    return expr.doit()


def _dialects(theorem: Theorem) -> tuple[str, ...]:
    """Return the values of axes on which the rules of a theorem are not the usual one."""
    found = []
    for rule in _rules(theorem):
        usual = family()[rule.name].rule.dialect if rule.name in family() else rule.dialect
        found += [f"{rule.name} {k}={v}" for k, v in rule.dialect.items() if usual.get(k) != v]
    return tuple(dict.fromkeys(found))
