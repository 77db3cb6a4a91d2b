"""The worked sheet: every line of every step, in symbols, with numbers put in, and its result."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, final

import numpy as np

from adamref.errors import ShapeMismatch
from adamref.numbers.exact import exact, is_special, terminates
from adamref.numbers.rounding import Digits, plain
from adamref.rules.notation import (
    ATOM,
    LATEX,
    PRODUCT,
    SUM,
    TEXT,
    in_reading_order,
    render,
    spelled,
    symbolic_names,
)
from adamref.rules.symbols import PREVIOUS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sympy import Symbol

    from adamref.objective import Objective
    from adamref.rules.notation import Names, Style
    from adamref.rules.rule import Rule
    from adamref.trace import Step, Trace


@final
@dataclass(frozen=True)
class Row:
    """One line, worked.

    Attributes
    ----------
    name : str
        The field.
    left, symbols, numbers : str
        In text: the symbol, its right-hand side, and the same with numbers put in.
    latex : str
        All of it in LaTeX.
    value : str
        The result.
    exact : bool
        Whether the value is the real number itself.
    hex : str
        For a float format, the value in C99 hexadecimal; otherwise empty.
    """

    name: str
    left: str
    symbols: str
    numbers: str
    latex: str
    value: str
    exact: bool
    hex: str = ""

    @property
    def text(self) -> str:
        """The row as one line of text."""
        middle = [part for part in (self.symbols, self.numbers) if part and part != self.value]
        sign = "=" if self.exact else "≈"
        return " = ".join([self.left, *middle]) + f" {sign} {self.value}"


@final
@dataclass(frozen=True)
class SheetStep:
    """The rows of one step."""

    t: int
    rows: tuple[Row, ...]


@final
@dataclass(frozen=True)
class Sheet:
    """A worked sheet.

    Attributes
    ----------
    title : str
    given : mapping of str to str
        Hyperparameters and start.
    note : str
        To what the numbers were rounded, and at what precision they were worked.
    steps : tuple of SheetStep
    """

    title: str
    given: Mapping[str, str]
    note: str
    steps: tuple[SheetStep, ...]

    def __repr__(self) -> str:
        body = "\n".join(
            f"t = {step.t}\n" + "\n".join("  " + row.text for row in step.rows)
            for step in self.steps
        )
        return f"<Sheet {self.title}\n{body}>"

    def _repr_html_(self) -> str:
        from adamref.pages import rendered
        from adamref.version import VERSION

        return rendered("sheet.html", sheet=self, version=VERSION)


def work_out(
    rule: Rule,
    trace: Trace,
    theta: Any,
    *,
    state: Mapping[str, Any] | None = None,
    objective: Objective | None = None,
    digits: int = 12,
    hypers: Mapping[str, str] | None = None,
) -> Sheet:
    """Lay a trace of one scalar parameter out as a worked sheet.

    Parameters
    ----------
    rule : Rule
        The rule that was run.
    trace : Trace
        Its trace.
    theta : number
        The parameter before the first step.
    state : mapping of str to number, optional
        The rest of the state before the first step; what is missing starts at the rule's value.
    objective : Objective, optional
        Where the gradients came from; its variable names the parameter.
    digits : int
        How many significant digits to write of the starting values.
    hypers : mapping of str to str, optional
        How to write hyperparameters, where a machine holds other numbers than were asked for.

    Raises
    ------
    ShapeMismatch
        If the parameter is not a scalar.
    """
    if np.shape(np.asarray(trace[0]["g"], dtype=object)) != ():
        raise ShapeMismatch("theta", np.shape(theta), (), "a worked sheet")
    variable = objective.variables[0] if objective is not None and objective.variables else None
    asked = {name: trace.about[name] for name in rule.defaults}
    start = _start(rule, theta, state, asked)
    before = {name: _written(value, digits) for name, value in start.items()}
    hypers = {**asked, **(hypers or {})}
    steps = []
    for i, step in enumerate(trace):
        now = {**hypers, "size": "1"}
        if len(alphas := now.get("alpha", "").split(", ")) > 1:
            now["alpha"] = alphas[i]
        written = {n: _shown(x, n in step.exact, digits) for n, x in step.values.items()}
        steps.append(_step(rule, step, before, written, now, variable, objective))
        before = {name: written[name] for name in rule.states}
    given = {**asked, (variable or "theta") + "_0": _written(theta, digits)}
    note = f"Rounded to {trace.about['rounded to']}, worked at {trace.about['precision']}."
    if "hyper" in trace.about:
        note += f" Hyperparameters are held as {trace.about['hyper']}."
    return Sheet(rule.title, given, note, tuple(steps))


def _start(
    rule: Rule, theta: Any, state: Mapping[str, Any] | None, asked: Mapping[str, str]
) -> dict[str, Any]:
    known = {**asked, "theta": theta}
    values: dict[str, Any] = {
        name: rule.line(name).begun(known) for name in rule.states if name != "theta"
    }
    return {**values, **(state or {}), "theta": theta}


def _step(
    rule: Rule,
    step: Step,
    before: Mapping[str, str],
    written: Mapping[str, str],
    hypers: Mapping[str, str],
    variable: str | None,
    objective: Objective | None,
) -> SheetStep:
    t = str(step.t)
    earlier = str(step.t - 1)
    rows = [_gradient_row(step, before, written, variable, objective, t, earlier)]
    for line in rule.lines:
        pieces: dict[str, str] = {}
        for style in (TEXT, LATEX):
            symbolic = _renamed(symbolic_names(style, t, earlier), variable, style, t, earlier)
            numeric = _numbers(before, written, hypers, t, style)
            pieces["left" + style.name] = symbolic(line.symbol)[0]
            pieces["symbols" + style.name] = render(line.expr, symbolic, style)
            pieces["numbers" + style.name] = render(line.expr, numeric, style)
        rows.append(_row(line.name, pieces, step, written[line.name]))
    return SheetStep(step.t, tuple(rows))


def _gradient_row(
    step: Step,
    before: Mapping[str, str],
    written: Mapping[str, str],
    variable: str | None,
    objective: Objective | None,
    t: str,
    earlier: str,
) -> Row:
    pieces = {"lefttext": spelled("g", TEXT, t), "leftlatex": spelled("g", LATEX, t)}
    for style in (TEXT, LATEX):
        symbols = numbers = ""
        if objective is not None and variable is not None:
            derivative = in_reading_order(objective.gradient[0])

            def symbolic(symbol: Symbol, style: Style = style) -> tuple[str, int]:
                return style.index(symbol.name, earlier), ATOM

            def numeric(_symbol: Symbol, style: Style = style) -> tuple[str, int]:
                return _number(before["theta"], style)

            symbols = render(derivative, symbolic, style)
            numbers = render(derivative, numeric, style)
        pieces["symbols" + style.name] = symbols
        pieces["numbers" + style.name] = numbers
    return _row("g", pieces, step, written["g"])


def _row(name: str, pieces: Mapping[str, str], step: Step, value: str) -> Row:
    exactly = name in step.exact
    in_latex = _number(value, LATEX)[0]
    middle = [
        part
        for part in (pieces["symbolslatex"], pieces["numberslatex"])
        if part and part != in_latex
    ]
    sign = "=" if exactly else r"\approx"
    latex = " = ".join([pieces["leftlatex"], *middle]) + f" {sign} {in_latex}"
    number = step[name]
    is_float = not isinstance(number, Decimal)
    return Row(
        name,
        pieces["lefttext"],
        pieces["symbolstext"],
        pieces["numberstext"],
        latex,
        value,
        exactly,
        float(number).hex() if is_float else "",
    )


def _renamed(names: Names, variable: str | None, style: Style, t: str, earlier: str) -> Names:
    """Write the objective's own letter for theta."""
    if variable is None:
        return names

    def renamed(symbol: Symbol) -> tuple[str, int]:
        if symbol.name == "theta":
            return style.index(variable, t), ATOM
        if symbol.name == "theta" + PREVIOUS:
            return style.index(variable, earlier), ATOM
        return names(symbol)

    return renamed


def _numbers(
    before: Mapping[str, str],
    written: Mapping[str, str],
    hypers: Mapping[str, str],
    t: str,
    style: Style,
) -> Names:
    """Write the number that stands for each symbol."""

    def names(symbol: Symbol) -> tuple[str, int]:
        name = symbol.name
        if name.endswith(PREVIOUS):
            return _number(before[name.removesuffix(PREVIOUS)], style)
        if name == "t":
            return t, ATOM
        return _number(written.get(name) or hypers[name], style)

    return names


def _number(text: str, style: Style) -> tuple[str, int]:
    """Write a number, and say how tightly it binds."""
    binding = SUM if text.startswith("-") else ATOM
    if style is not LATEX or "e" not in text:
        return text, binding
    mantissa, _, exponent = text.partition("e")
    if not exponent.lstrip("-").isdigit():
        return text, binding
    power = f"10^{{{int(exponent)}}}"
    if mantissa in ("1", "-1"):
        return mantissa.replace("1", "") + power, SUM if mantissa == "-1" else PRODUCT
    return rf"{mantissa} \times {power}", SUM if mantissa.startswith("-") else PRODUCT


def _shown(value: Any, exactly: bool, digits: int) -> str:
    """Write a result; a rounded one with all its digits, trailing zeros too."""
    if not isinstance(value, Decimal):
        return plain(Decimal(str(value)))
    text = plain(value)
    if exactly or not value.is_finite() or value == 0:
        return text
    mantissa, e, exponent = text.partition("e")
    missing = digits - len(value.as_tuple().digits)
    if missing > 0:
        mantissa += ("" if "." in mantissa else ".") + "0" * missing
    return mantissa + e + exponent


def _written(value: Any, digits: int) -> str:
    """Write a caller's number: as it is if it is a short decimal, else rounded."""
    number = exact(value)
    if is_special(number):
        return str(number)
    fraction = Fraction(number)
    if terminates(fraction):
        as_decimal = Digits(100).round(fraction)
        if Fraction(as_decimal) == fraction and len(as_decimal.as_tuple().digits) <= max(
            digits, 20
        ):
            return plain(as_decimal)
    return plain(Digits(digits).round(fraction))
