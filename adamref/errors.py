"""One exception class for each kind of failure, each carrying its values.

Every class derives from `AdamrefError` and from the built-in exception a caller would expect
(`ValueError`, `TypeError`, …). A message says what was got, what it should be, and where.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, final


def readable(value: object) -> str:
    """Write a value for a message, whatever its size."""
    try:
        return str(value)
    except ValueError:  # Python refuses to write very long integers
        bits = value.bit_length() if isinstance(value, int) else "very many"
        return f"a number of {bits} bits"


def _quoted(value: object) -> str:
    try:
        return repr(value)
    except ValueError:
        return readable(value)


class AdamrefError(Exception):
    """The base of every exception that adamref raises on purpose.

    Attributes
    ----------
    to_paste : str
        Code that goes with the message, its lines as they are; usually none.
    """

    to_paste = ""

    @property
    def says(self) -> str:
        """The message alone."""
        return super().__str__()

    def __str__(self) -> str:
        return f"{self.says}:\n\n{self.to_paste}" if self.to_paste else self.says

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[AdamrefError], args: tuple[Any, ...], values: dict[str, Any]) -> Any:
    """Make an exception again that was sent from another process."""
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(values)
    return error


@final
class OutOfDomain(AdamrefError, ValueError):
    """A hyperparameter or setting lies outside the set on which the rule is defined."""

    def __init__(self, name: str, got: object, domain: str) -> None:
        super().__init__(f"{name} = {readable(got)}, but should be {domain}")
        self.name = name
        self.got = got
        self.domain = domain


@final
class StepDeviates(AdamrefError, ArithmeticError):
    """A watched optimizer took a step that is not right.

    Attributes
    ----------
    step : WatchedStep
        What was found of it.
    """

    def __init__(self, says: str, step: Any) -> None:
        super().__init__(says)
        self.step = step


@final
class NotANumber(AdamrefError, TypeError):
    """A value cannot be read as one exact real number."""

    def __init__(self, name: str, got: object, because: str = "") -> None:
        reason = f": {because}" if because else ""
        super().__init__(
            f"{name} = {_quoted(got)}, but should be a float, an int, a Fraction, a Decimal "
            f"or a decimal string{reason}"
        )
        self.name = name
        self.got = got


@final
class ShapeMismatch(AdamrefError, ValueError):
    """Two arrays that belong together have different shapes."""

    def __init__(self, name: str, got: tuple[int, ...], want: tuple[int, ...], of: str) -> None:
        super().__init__(f"{name} has shape {got}, but should have {want}, the shape of {of}")
        self.name = name
        self.got = got
        self.want = want


_MANY = 30
"""More names than so are not listed in a message: the nearest are."""


def nearest(got: object, known: Iterable[str], most: int = 5) -> tuple[str, ...]:
    """Return the names that come nearest to one that does not exist, the nearest first.

    >>> nearest("adanw", ("adam", "adamw", "lion"), 1)
    ('adamw',)
    """
    from difflib import SequenceMatcher

    name = str(got).casefold()

    def likeness(one: str) -> float:
        other = one.casefold()
        inside = min(len(name), len(other)) > 2 and (name in other or other in name)
        return SequenceMatcher(None, name, other).ratio() + inside

    return tuple(sorted(known, key=likeness, reverse=True)[:most])


def meant(got: object, known: Iterable[str]) -> str:
    """Ask for the name that was probably meant: a clause for a message, empty if there is none."""
    from difflib import SequenceMatcher

    for one in nearest(got, known, 1):
        if SequenceMatcher(None, str(got).casefold(), one.casefold()).ratio() >= _ALIKE:
            return f"; did you mean {one}?"
    return ""


_ALIKE = 0.6
"""How alike two names are at least for one to be meant by the other: difflib's own measure."""


@final
class UnknownName(AdamrefError, LookupError):
    """A rule, dialect, dtype, field or option of that name does not exist.

    The message has the names that there are, of many the five that come nearest.
    """

    def __init__(self, kind: str, got: object, known: tuple[str, ...]) -> None:
        says = f"{kind} {got!r} is unknown; "
        if len(known) > _MANY:
            says += f"of {len(known)} the nearest are {', '.join(nearest(got, known))}"
        else:
            says += f"known are {', '.join(known)}{meant(got, known)}"
        super().__init__(says)
        self.kind = kind
        self.got = got
        self.known = known

    def __str__(self) -> str:
        """Give the message itself; LookupError's relative KeyError would quote it."""
        return str(self.args[0])


@final
class MissingInput(AdamrefError, TypeError):
    """Something the rule needs was not given."""

    def __init__(self, name: str, because: str) -> None:
        super().__init__(f"{name} is missing: {because}")
        self.name = name


@final
class UndecidedRounding(AdamrefError, ArithmeticError):
    """A value could not be rounded: its enclosure still holds a rounding boundary.

    Attributes
    ----------
    where : str
        Field and step, for example ``theta[t=3]``.
    low, high : fractions.Fraction
        Exact ends of the enclosure; the true value lies between them.
    precision : int
        Bits of working precision at which the loop ended.
    """

    def __init__(self, where: str, low: object, high: object, precision: int, to: str) -> None:
        super().__init__(
            f"{where} could not be rounded to {to}: at {precision} bits it lies in "
            f"[{_short(low)}, {_short(high)}], which still holds a rounding boundary"
        )
        self.where = where
        self.low = low
        self.high = high
        self.precision = precision


@final
class Unparsable(AdamrefError, ValueError):
    """Text that should be a mathematical expression is not one adamref can read.

    Attributes
    ----------
    text : str
        What was to be read.
    column : int
        1-based column at which reading stopped.
    """

    def __init__(self, text: str, column: int, because: str) -> None:
        shown = text if len(text) <= 60 else text[:57] + "..."
        super().__init__(f"cannot read {shown!r} at column {column}: {because}")
        self.text = text
        self.column = column
        self.because = because


@final
class Unreadable(AdamrefError, OSError):
    """A file or document cannot be read at all."""

    def __init__(self, path: str, because: str) -> None:
        super().__init__(f"{path}: {because}")
        self.path = path
        self.because = because


def _short(value: object) -> str:
    """Write an exact fraction in at most 25 significant digits."""
    from decimal import Context, Decimal
    from fractions import Fraction

    if not isinstance(value, Fraction):
        return str(value)
    context = Context(prec=25)
    return str(context.divide(Decimal(value.numerator), Decimal(value.denominator)))


@final
class CannotEvaluate(AdamrefError, ArithmeticError):
    """An expression has no value: a symbol without one, or an exponent beyond all use."""

    def __init__(self, what: str, because: str) -> None:
        super().__init__(f"{what} has no value: {because}")
        self.what = what
        self.because = because


@final
class Unworkable(AdamrefError):
    """An expression is beyond what is worked out: its numbers, or what it takes in all."""

    def __init__(self) -> None:
        super().__init__("it is too large to work out")


@final
class WrongDtype(AdamrefError, TypeError):
    """An array has a dtype that nothing is worked in, or is no array."""

    def __init__(self, name: str, got: str, want: str) -> None:
        super().__init__(f"{name} has dtype {got}, but should have {want}")
        self.name = name
        self.got = got
        self.want = want


@final
class ReadOnly(AdamrefError, ValueError):
    """An array is to be updated in place, but cannot be written to."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is read-only, but should be writeable: it is updated in place "
            f"(without in_place a step returns new arrays)"
        )
        self.name = name


@final
class MissingPackage(AdamrefError, ImportError):
    """Something needs an optional package that is not installed."""

    def __init__(self, package: str, needed_for: str, extra: str) -> None:
        super().__init__(
            f"{package} is not installed, and {needed_for} needs it: {installing(extra)}"
        )
        self.package = package
        self.extra = extra


def installing(extra: str) -> str:
    """Return the line that installs what an extra stands for: its packages, by name and version."""
    import re
    from importlib.metadata import PackageNotFoundError, requires

    try:
        stated = requires("adamref") or []
    except PackageNotFoundError:
        stated = []
    ours = (re.fullmatch(rf"([^;]+?)\s*;\s*extra\s*==\s*['\"]{extra}['\"]", x) for x in stated)
    packages = [one[1] for one in ours if one]
    if not packages or any(one.startswith("adamref") for one in packages):
        return f"install adamref with its extra {extra}"
    return f"pip install {' '.join(repr(one) for one in packages)}"


@final
class CannotLoad(AdamrefError, ImportError):
    """Something that is not adamref's own cannot be had: it is not there, or it is broken."""

    def __init__(self, target: str, because: str) -> None:
        super().__init__(f"{target}: {because}")
        self.target = target
        self.because = because


@final
class Ambiguous(AdamrefError, ValueError):
    """It does not show by itself how an implementation is to be called."""

    def __init__(
        self, target: str, because: str, choices: tuple[str, ...], wrapper: str = ""
    ) -> None:
        says = f"{target}: {because}; say which adapter: {', '.join(choices)}"
        if wrapper:
            says += ", or check a wrapper, with what it is given put right"
        super().__init__(says)
        self.target = target
        self.because = because
        self.choices = choices
        self.to_paste = wrapper


@final
class CannotIsolate(AdamrefError, ValueError):
    """Another process cannot import an implementation."""

    def __init__(self, target: str, because: str) -> None:
        super().__init__(f"{target} cannot run in a process of its own: {because}")
        self.target = target
        self.because = because


@final
class CannotFollow(AdamrefError, ValueError):
    """It is not known how the steps of a target could be followed."""

    def __init__(self, target: str, because: str) -> None:
        super().__init__(f"{target}: {because}")
        self.target = target
        self.because = because


@final
class CannotRun(AdamrefError, RuntimeError):
    """Tests cannot be run, whatever is planted under them."""

    def __init__(self, command: str, because: str) -> None:
        super().__init__(f"{command}: {because}")
        self.command = command
        self.because = because


@final
class NoWorkers(AdamrefError, RuntimeError):
    """There is nobody who could do the work."""

    def __init__(self, scheduler: str, because: str) -> None:
        super().__init__(f"{scheduler}: {because}")
        self.scheduler = scheduler
        self.because = because
