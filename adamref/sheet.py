"""The worked sheet: every line of every step, in symbols, with numbers put in, and its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from adamref.errors import ShapeMismatch, UnknownName
from adamref.numbers.exact import exact, is_special
from adamref.numbers.rounding import Digits, plain
from adamref.render import Result
from adamref.rules.notation import (
    ATOM,
    LATEX,
    PRODUCT,
    SUM,
    TEXT,
    in_reading_order,
    render,
    symbolic_names,
)
from adamref.rules.symbols import PREVIOUS, g, theta_prev
from adamref.sheet_letters import SheetLetters, letters_of

if TYPE_CHECKING:
    from sympy import Symbol

    from adamref.objective import Objective
    from adamref.rules.notation import Names, Style
    from adamref.rules.rule import Line, Rule
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
    blank : bool
        Whether the result is left to be found.
    answer : str
        In LaTeX, what stands on the left and its value.
    """

    name: str
    left: str
    symbols: str
    numbers: str
    latex: str
    value: str
    exact: bool
    hex: str = ""
    blank: bool = False
    answer: str = ""

    @property
    def text(self) -> str:
        """The row as one line of text."""
        return _equation(self.left, self.symbols, self.numbers, self.result, self.sign)

    @property
    def sign(self) -> str:
        """What stands before the result, in text."""
        return "=" if self.exact or self.blank else "≈"

    @property
    def result(self) -> str:
        """The result, or the blank in which it is to be written."""
        return BLANK if self.blank else self.value


@final
@dataclass(frozen=True)
class SheetStep:
    """The rows of one step."""

    t: int
    rows: tuple[Row, ...]


@final
@dataclass(frozen=True, repr=False)
class Sheet(Result):
    """A worked sheet.

    Attributes
    ----------
    title : str
    given : mapping of str to str
        Hyperparameters and start.
    note : str
        To what the numbers were rounded, and at what precision they were worked.
    steps : tuple of SheetStep
    key : bool
        Whether the values of its blanks stand at its end.
    code : str
        Python that works it again; empty where nobody said.
    """

    kind: ClassVar[str] = "step"
    title: str
    given: Mapping[str, str]
    note: str
    steps: tuple[SheetStep, ...]
    key: bool = True
    code: str = ""

    @property
    def blanks(self) -> tuple[tuple[int, Row], ...]:
        """What is left to be found, with its t."""
        return tuple((step.t, row) for step in self.steps for row in step.rows if row.blank)

    @property
    def given_in_words(self) -> str:
        """What is given, as a list of equations."""
        return ", ".join(f"{name} = {value}" for name, value in self.given.items())

    def __repr__(self) -> str:
        steps = f"{len(self.steps)} step{'s' * (len(self.steps) != 1)}"
        return f"<Sheet {self.title}: {self.given_in_words}; {steps}>"


def work_out(
    rule: Rule,
    trace: Trace,
    theta: Any,
    *,
    state: Mapping[str, Any] | None = None,
    objective: Objective | None = None,
    digits: int = 12,
    hypers: Mapping[str, str] | None = None,
    letters: Sequence[str] = (),
    blank: Sequence[str] = (),
    key: bool = True,
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
    letters : sequence of str, optional
        An author's letters: ``w,s,v`` for theta, v and m, or ``NAME=LETTER``.
    blank : sequence of str, optional
        The fields whose results are left to be found.
    key : bool
        Whether these stand at its end.

    Raises
    ------
    ShapeMismatch
        If the parameter is not a scalar.
    UnknownName
        If the rule has no such field.
    OutOfDomain
        If letters cannot be told apart.
    """
    if np.shape(np.asarray(trace[0]["g"], dtype=object)) != ():
        raise ShapeMismatch("theta", np.shape(theta), (), "a worked sheet")
    for name in blank:
        if name not in rule.fields:
            raise UnknownName("field", name, rule.fields)
    own = letters_of(rule, letters)
    if "theta" not in own.own and objective is not None and objective.variables:
        own = SheetLetters({**own.own, "theta": objective.variables[0]})
    asked = {name: trace.about[name] for name in rule.defaults}
    known = {**asked, "theta": theta}
    start = {name: rule.line(name).begun(known) for name in rule.states if name != "theta"}
    start |= {**(state or {}), "theta": theta}
    before = {name: _written(value, digits) for name, value in start.items()}
    hypers = {**asked, **(hypers or {})}
    steps = []
    for i, step in enumerate(trace):
        now = dict(hypers)
        if len(alphas := now.get("alpha", "").split(", ")) > 1:
            now["alpha"] = alphas[i]
        written = {n: _shown(x, n in step.exact, digits) for n, x in step.values.items()}
        hidden = frozenset((*blank, *(name + PREVIOUS for name in blank if i)))
        at = _At(step, before, written, now, own, hidden)
        rows = (at.gradient(objective), *map(at.line, rule.lines))
        steps.append(SheetStep(step.t, rows))
        before = {name: written[name] for name in rule.states}
    given = {own.plain(name): value for name, value in asked.items()}
    given[own.plain("theta") + "_0"] = _written(theta, digits)
    note = f"Rounded to {trace.about['rounded to']}, worked at {trace.about['precision']}."
    if "hyper" in trace.about:
        note += f" Hyperparameters are held as {trace.about['hyper']}."
    for name in rule.defaults:
        if name.startswith("beta") and hypers.get(name) == "1":
            note += (
                f" {name} = {asked[name]} is held as 1: 1 - {name} is 0, and its correction 0/0."
            )
    return Sheet(rule.title, given, note, tuple(steps), key)


@final
@dataclass(frozen=True)
class _At:
    """The names and the numbers of one step, to write its lines with."""

    step: Step
    before: Mapping[str, str]
    written: Mapping[str, str]
    hypers: Mapping[str, str]
    letters: SheetLetters
    hidden: frozenset[str]

    def names(self, style: Style) -> Names:
        """Write an author's letters where there are any, and indices as numbers."""
        t, earlier = str(self.step.t), str(self.step.t - 1)
        usual = symbolic_names(style, t, earlier)

        def names(symbol: Symbol) -> tuple[str, int]:
            time = earlier if symbol.name.endswith(PREVIOUS) else t
            own = self.letters.written(symbol.name.removesuffix(PREVIOUS), style, time)
            return usual(symbol) if own is None else (own, ATOM)

        return names

    def numbers(self, style: Style) -> Names:
        """Write the number that stands for each symbol."""

        def names(symbol: Symbol) -> tuple[str, int]:
            name = symbol.name
            if name in self.hidden:
                return _blank(style), ATOM
            if name.endswith(PREVIOUS):
                return _number(self.before[name.removesuffix(PREVIOUS)], style)
            if name in ("t", "size"):
                return str(self.step.t) if name == "t" else "1", ATOM
            return _number(self.written.get(name) or self.hypers[name], style)

        return names

    def line(self, line: Line) -> Row:
        """Work a line of the rule."""

        def sides(style: Style) -> tuple[str, str, str]:
            names, numbers = self.names(style), self.numbers(style)
            left = names(line.symbol)[0]
            return left, render(line.expr, names, style), render(line.expr, numbers, style)

        return self._row(line.name, sides)

    def gradient(self, objective: Objective | None) -> Row:
        """Work the derivative, where there is one."""

        def sides(style: Style) -> tuple[str, str, str]:
            names, numbers = self.names(style), self.numbers(style)
            left = names(g)[0]
            if objective is None or not objective.variables:
                return left, "", ""
            expr = in_reading_order(objective.gradient[0])
            symbols = render(expr, lambda _: names(theta_prev), style)
            return left, symbols, render(expr, lambda _: numbers(theta_prev), style)

        return self._row("g", sides)

    def _row(self, name: str, sides: Callable[[Style], tuple[str, str, str]]) -> Row:
        exactly, number, value = name in self.step.exact, self.step[name], self.written[name]
        blank = name in self.hidden
        sign = "=" if exactly else r"\approx"
        in_latex = _number(value, LATEX)[0]
        left, *middle = sides(LATEX)
        shown = (_blank(LATEX), "=") if blank else (in_latex, sign)
        latex = _equation(left, middle[0], middle[1], *shown)
        hex_ = "" if isinstance(number, Decimal) else float(number).hex()
        answer = f"{left} {sign} {in_latex}"
        return Row(name, *sides(TEXT), latex, value, exactly, hex_, blank, answer)


BLANK = "____"
"""Where a result is to be written, in text."""


def _blank(style: Style) -> str:
    return r"\square" if style is LATEX else BLANK


def _equation(left: str, symbols: str, numbers: str, value: str, sign: str) -> str:
    middle = [side for side in (symbols, numbers) if side and side != value]
    return " = ".join([left, *middle]) + f" {sign} {value}"


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
    short = Digits(max(digits, 20)).round(fraction)
    return plain(short if Fraction(short) == fraction else Digits(digits).round(fraction))
