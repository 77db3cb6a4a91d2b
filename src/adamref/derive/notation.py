"""Writing the mathematics of a record in LaTeX: m(t) is m_t, and an expectation has its E."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, final

from sympy import Eq, Expr, Ge, Gt, Le, Lt, Ne
from sympy.printing.latex import LatexPrinter

from adamref.rules.symbols import SPELLINGS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sympy import Symbol
    from sympy.core.relational import Relational

_RELATIONS = {Eq: "=", Ne: r"\neq", Le: r"\le", Lt: "<", Ge: r"\ge", Gt: ">"}
_MEANS = {"E_g2": "g^{2}"}


@final
class _Printer(LatexPrinter):  # type: ignore[misc]
    """SymPy's printer, with the spellings of the field."""

    def _print_Symbol(self, expr: Symbol, style: str = "plain") -> str:  # noqa: N802
        spelling = SPELLINGS.get(expr.name)
        if spelling is not None:
            return spelling.latex
        return str(super()._print_Symbol(expr, style=style))

    def _print_Function(self, expr: Any, exp: str | None = None) -> str:  # noqa: N802
        name = expr.func.__name__
        index = self._print(expr.args[0]) if len(expr.args) == 1 else None
        if index is None or not hasattr(expr.func, "_kwargs"):
            return str(super()._print_Function(expr, exp))
        if name in _MEANS:
            inside = rf"\mathbb{{E}}\left[{_timed('g', index)}^{{2}}\right]"
        elif name.startswith("E_"):
            inside = rf"\mathbb{{E}}\left[{_timed(name.removeprefix('E_'), index)}\right]"
        else:
            inside = _timed(name, index)
        return inside if exp is None else rf"{{{inside}}}^{{{exp}}}"

    def _print_Add(self, expr: Any, order: str | None = None) -> str:  # noqa: N802
        terms = self._as_ordered_terms(expr, order=order)
        # t - i, not -i + t: what is subtracted comes last.
        terms.sort(key=lambda term: term.could_extract_minus_sign())
        written = ""
        for term in terms:
            negative = bool(written) and term.could_extract_minus_sign()
            part = self._print(-term if negative else term)
            if self._needs_add_brackets(-term if negative else term):
                part = rf"\left({part}\right)"
            sign = (" - " if negative else " + ") if written else ""
            written += sign + part
        return written

    def _print_Relational(self, expr: Any) -> str:  # noqa: N802
        left, right = (self._print(side) for side in expr.args)
        return f"{left} {_RELATIONS[expr.func]} {right}"

    _print_Equality = _print_Unequality = _print_Relational  # noqa: N815
    _print_LessThan = _print_StrictLessThan = _print_Relational  # noqa: N815
    _print_GreaterThan = _print_StrictGreaterThan = _print_Relational  # noqa: N815

    def _print_And(self, expr: Any) -> str:  # noqa: N802
        return r" \quad\text{and}\quad ".join(self._print(a) for a in expr.args)


_MARKED = re.compile(r"(?P<name>\w+?)(?P<mark>['+\-*]*)$")


def _timed(name: str, index: str) -> str:
    """Write a field with its time index; the mark of a second run becomes a superscript."""
    match = _MARKED.match(name)
    assert match is not None, name
    plain, mark = match["name"], match["mark"]
    spelling = SPELLINGS.get(plain)
    if spelling is not None:
        written = spelling.latex
    elif len(plain) == 1:
        written = plain
    else:
        written = rf"\mathrm{{{plain}}}"
    raised = "'" * len(mark) if set(mark) <= {"'"} else f"^{{{mark}}}"
    return f"{written}{raised}_{{{index}}}"


def latex(what: Any) -> str:
    """Write an expression or a relation."""
    return str(_Printer().doprint(what))


def domain(relations: Sequence[Relational]) -> list[str]:
    r"""Write what is assumed of symbols, one symbol after the other: ``0 <= β < 1``."""
    below: dict[Expr, tuple[str, str]] = {}
    order: list[Any] = []
    above: dict[Expr, str] = {}
    for relation in relations:
        left, right = relation.args
        if isinstance(relation, Ge | Gt) and right.is_number and left not in below:
            below[left] = (latex(right), r"\le" if isinstance(relation, Ge) else "<")
            order.append(left)
        elif isinstance(relation, Le | Lt) and left in below and left not in above:
            above[left] = f"{_RELATIONS[relation.func]} {latex(right)}"
        else:
            order.append(relation)
    written = []
    for entry in order:
        if entry in below:
            low, sign = below[entry]
            if entry in above:
                written.append(f"{low} {sign} {latex(entry)} {above[entry]}")
            else:
                turned = r"\ge" if sign == r"\le" else ">"
                written.append(f"{latex(entry)} {turned} {low}")
        else:
            written.append(latex(entry))
    return written
