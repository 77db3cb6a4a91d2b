"""Writing the mathematics of a record in LaTeX: m(t) is m_t, and an expectation has its E."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias, final

from sympy import Abs, Add, Eq, Expr, Ge, Gt, Le, Lt, Mul, Ne
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE, precedence_traditional

from adamref.rules.symbols import SPELLINGS, spelling

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sympy import Symbol
    from sympy.core.relational import Relational

    Numbers: TypeAlias = Callable[[Any], str | None]

_RELATIONS = {Eq: "=", Ne: r"\neq", Le: r"\le", Lt: "<", Ge: r"\ge", Gt: ">"}
_MEANS = {"E_g2": "g^{2}"}


@final
class _Printer(LatexPrinter):  # type: ignore[misc]
    """SymPy's printer, with the spellings of the field; or with numbers, where it is given them."""

    def __init__(self, numbers: Numbers | None = None) -> None:
        super().__init__()
        self._numbers = numbers

    def _print(self, expr: Any, **kwargs: Any) -> str:
        found = None if self._numbers is None else self._numbers(expr)
        if found is None:
            return str(super()._print(expr, **kwargs))
        exponent = kwargs.get("exp")
        return found if exponent is None else f"{found}^{{{exponent}}}"

    def _print_Symbol(self, expr: Symbol, style: str = "plain") -> str:  # noqa: N802
        if style != "plain":
            return str(super()._print_Symbol(expr, style=style))
        return spelled(expr.name)

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
        # TeX takes a group of one accented letter for that letter, whose prime is a superscript.
        opens = "{}" if inside.startswith("\\") and "'" in inside else ""
        return inside if exp is None else rf"{{{opens}{inside}}}^{{{exp}}}"

    def _print_Add(self, expr: Any, order: str | None = None) -> str:  # noqa: N802
        written = ""
        for term in self.summands(expr, order):
            negative = bool(written) and _subtracted(term)
            part = self._print(-term if negative else term)
            if self._needs_add_brackets(-term if negative else term):
                part = rf"\left({part}\right)"
            sign = (" - " if negative else " + ") if written else ""
            written += sign + part
        return written

    def summands(self, expr: Any, order: str | None = None) -> list[Any]:
        """Return the terms of a sum as they are written: t - i, not -i + t."""
        terms = self._as_ordered_terms(expr, order=order)
        return sorted(terms, key=_subtracted)

    def _print_Relational(self, expr: Any) -> str:  # noqa: N802
        left, right = (self._print(side) for side in expr.args)
        return f"{left} {_RELATIONS[expr.func]} {right}"

    _print_Equality = _print_Unequality = _print_Relational  # noqa: N815
    _print_LessThan = _print_StrictLessThan = _print_Relational  # noqa: N815
    _print_GreaterThan = _print_StrictGreaterThan = _print_Relational  # noqa: N815

    def _print_And(self, expr: Any) -> str:  # noqa: N802
        return r" \quad\text{and}\quad ".join(self._print(a) for a in expr.args)


def _subtracted(term: Any) -> bool:
    """Say whether a term of a sum is written with a minus; of a sum in it, if all of that is."""
    if isinstance(term, Add):
        return all(map(_subtracted, term.args))
    return bool(term.could_extract_minus_sign())


_ERRORS = re.compile(r"(?P<letter>[Ek])_(?P<of>\w+)")
_NAMED = re.compile(r"(?P<name>\w*?)_?(?P<number>\d*)(?P<mark>['+\-*]*)")


def spelled(name: str) -> str:
    r"""Write a name: ``m_hat'`` is \hat{m}', ``d1`` is d_1, a word stays one."""
    match = _NAMED.fullmatch(name)
    assert match is not None, name
    plain, number, mark = match["name"], match["number"], match["mark"]
    if plain + number in SPELLINGS:
        written = spelling(plain + number).latex
    elif (error := _ERRORS.fullmatch(plain + number)) is not None:
        # What bounds an error of something: E_m; and within how many ulps it is worked: k_root.
        written = f"{error['letter']}_{{{spelled(error['of'])}}}"
    elif number:
        written = f"{spelled(plain)}_{{{number}}}"
    elif plain.endswith("_hat"):
        written = rf"\hat{{{spelled(plain.removesuffix('_hat'))}}}"
    else:
        written = spelling(plain).latex
    raised = "'" * len(mark) if set(mark) <= {"'"} else f"^{{{mark}}}"
    return written + raised


def _timed(name: str, index: str) -> str:
    """Write a field with its time index; the mark of a second run becomes a superscript."""
    written = spelled(name)
    # A second subscript stands on a group: rho_infinity at step t.
    return f"{{{written}}}_{{{index}}}" if "_" in written else f"{written}_{{{index}}}"


def latex(what: Any, numbers: Numbers | None = None) -> str:
    """Write an expression or a relation.

    Parameters
    ----------
    what : Expr or Relational
    numbers : callable, optional
        What is to stand in the place of a part, in LaTeX; None leaves the part as it is.
    """
    return str(_Printer(numbers).doprint(what))


def summands(expr: Any) -> list[Any]:
    """Return the terms of a sum in the order in which they are written; else what is given."""
    return _Printer().summands(expr) if isinstance(expr, Add) else [expr]


WIDE = 66
"""Characters in a line of a displayed formula, about."""


def displayed(relation: Any) -> str:
    """Write a relation to stand alone: over several lines, aligned, if it is wide."""
    printer = _Printer()
    if width(str(printer.doprint(relation))) <= WIDE:
        return str(printer.doprint(relation))
    left, right = (_lines(side, printer) for side in relation.args)
    sign = _RELATIONS[relation.func]
    rows = [f"& {left[0]}", *(rf"& \quad {line}" for line in left[1:])]
    rows += [rf"& \quad {sign} {right[0]}", *(rf"& \qquad\quad {line}" for line in right[1:])]
    return r"\begin{aligned} " + r" \\ ".join(rows) + r" \end{aligned}"


def _lines(expr: Any, printer: _Printer, closing: str = "") -> list[str]:
    """Write an expression on lines that are not too wide: sums, and products of one, are split."""
    whole = str(printer.doprint(expr))
    if width(whole) <= WIDE:
        return [whole + closing]
    if isinstance(expr, Abs):
        return _enclosed("|", expr.args[0], "|", printer, closing)
    if isinstance(expr, Mul) and (sums := [a for a in expr.args if isinstance(a, Add)]):
        widest = max(sums, key=lambda a: width(str(printer.doprint(a))))
        others = Mul(*(a for a in expr.args if a is not widest), evaluate=False)
        before = str(printer.parenthesize(others, precedence_traditional(expr)))
        inside = str(printer.doprint(widest))
        if width(before) > WIDE / 2 and width(inside) <= WIDE:
            # What is wide stands elsewhere: a factor is on a line of its own, whole.
            alone = str(printer.parenthesize(others, PRECEDENCE["Mul"], strict=True))
            return [alone, rf"\quad \times \left({inside}\right){closing}"]
        return _enclosed(rf"{before} \Bigl(", widest, r"\Bigr)", printer, closing)
    if not isinstance(expr, Add):
        return [whole + closing]
    rows: list[str] = []
    for term in printer.summands(expr):
        negative = bool(rows) and _subtracted(term)
        if negative and isinstance(-term, Add):  # what is subtracted is the whole of it
            first, *rest = _enclosed(r"\Bigl(", -term, r"\Bigr)", printer, "")
        else:
            first, *rest = _lines(-term if negative else term, printer)
            if isinstance(term, Add) and not rest:
                first = rf"\left({first}\right)"
        sign = ("- " if negative else "+ ") if rows else ""
        if rows and not rest and width(rows[-1] + first) <= WIDE:
            rows[-1] += f" {sign}{first}"
        else:
            rows += [sign + first, *rest]
    return [*rows[:-1], rows[-1] + closing]


def _enclosed(opening: str, inside: Any, shut: str, printer: _Printer, closing: str) -> list[str]:
    first, *rest = _lines(inside, printer, f" {shut}{closing}")
    if width(opening + first) > WIDE:
        return [opening, *(rf"\quad {line}" for line in (first, *rest))]
    return [f"{opening} {first}", *(rf"\quad {line}" for line in rest)]


def width(written: str) -> int:
    """Estimate how many characters wide a formula is, those above one another counted once."""
    plain = re.sub(r"\\(?:left|right|mathrm|quad|bar|hat|tilde|displaystyle)\b", "", written)
    while (match := _FRACTION.search(plain)) is not None:
        plain = plain.replace(match[0], "x" * max(len(match[1]), len(match[2])), 1)
    return len(re.sub(r"\\[a-zA-Z]+", "x", plain).translate(_UNSEEN))


_FRACTION = re.compile(r"\\frac\{([^{}]*)\}\{([^{}]*)\}")
_UNSEEN = str.maketrans("", "", "{}_^ ")


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
            if above.get(entry) == f"{sign} {low}" and sign == r"\le":
                written.append(f"{latex(entry)} = {low}")
            elif entry in above:
                written.append(f"{low} {sign} {latex(entry)} {above[entry]}")
            else:
                turned = r"\ge" if sign == r"\le" else ">"
                written.append(f"{latex(entry)} {turned} {low}")
        else:
            written.append(latex(entry))
    return written
