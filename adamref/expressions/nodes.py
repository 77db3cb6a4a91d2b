"""The tree that an expression is read into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias, final


@final
@dataclass(frozen=True)
class Number:
    """A number as printed.

    Attributes
    ----------
    value : Fraction
        Exactly the decimal that is printed.
    unit : Fraction
        One unit of its last printed digit: ``1/1000`` for 0.225, 1 for 15.
    text : str
        As it stands in the document.
    continued : bool
        Whether an ellipsis follows: more digits exist.
    """

    value: Fraction
    unit: Fraction
    text: str
    continued: bool = False


@final
@dataclass(frozen=True)
class Name:
    """A symbol as the author writes it, taken apart.

    Attributes
    ----------
    base : str
        The letter, or its name for Greek (``beta``); ``grad`` for any way to write a gradient.
    index : str
        What stands in the subscript, hats removed: ``1``, ``t-1``, ``dw``, or empty.
    hat : bool
        Whether it wears a hat, or is called corrected.
    prime : bool
        Whether a prime follows.
    accent : str
        What it wears: hat, tilde, bar, check; norm where it stands between double bars.
    text : str
        As it stands in the document.
    """

    base: str
    index: str = ""
    hat: bool = False
    prime: bool = False
    text: str = ""
    accent: str = ""

    @property
    def key(self) -> tuple[str, str, bool, bool]:
        """What makes two spellings the same symbol."""
        return self.base + self.unusual, self.index, self.hat, self.prime

    @property
    def unusual(self) -> str:
        """The accent, if it is none that people give a corrected moment."""
        return "" if self.accent in ("hat", "tilde") else self.accent

    @property
    def labels(self) -> tuple[str, ...]:
        """Spellings under which its value may be known: its own, and without its index."""
        own = self.base + self.unusual + "^" * self.hat + "'" * self.prime
        return (f"{own}_{self.index}", own) if self.index else (own,)


@final
@dataclass(frozen=True)
class Negative:
    """A minus sign before something."""

    of: Node
    grouped: bool = False


@final
@dataclass(frozen=True)
class Binary:
    """Two operands and a sign: ``+ - * / ^``, or ``juxtaposed`` for a product without a sign."""

    sign: str
    left: Node
    right: Node
    grouped: bool = False


@final
@dataclass(frozen=True)
class Call:
    """A function of one argument: sqrt, exp, log, abs, sign; total, a sum over no index."""

    function: str
    of: Node
    grouped: bool = False


@final
@dataclass(frozen=True)
class Sum:
    """The sum of terms over an index, both ends included.

    Attributes
    ----------
    index : str
        The letter that counts.
    low, high : Node
        Where it starts and ends.
    of : Node
        A term.
    """

    index: str
    low: Node
    high: Node
    of: Node
    grouped: bool = False


@final
@dataclass(frozen=True)
class Largest:
    """The larger of two expressions."""

    left: Node
    right: Node
    grouped: bool = False


@final
@dataclass(frozen=True)
class CaseCondition:
    """Two expressions and how they are said to compare: ``> < ≥ ≤``."""

    left: Node
    sign: str
    right: Node


@final
@dataclass(frozen=True)
class Choice:
    """What holds under conditions, the first that is met, and what else."""

    cases: tuple[tuple[Node, CaseCondition], ...]
    otherwise: Node
    grouped: bool = False


Node: TypeAlias = Number | Name | Negative | Binary | Call | Sum | Largest | Choice


def smallest(left: Node, right: Node) -> Node:
    """Return the smaller of two expressions."""
    return Negative(Largest(Negative(left), Negative(right)), grouped=True)


def children(node: Node) -> tuple[Node, ...]:
    """Return the operands of a node."""
    if isinstance(node, Binary | Largest):
        return node.left, node.right
    if isinstance(node, Sum):
        return node.low, node.high, node.of
    if isinstance(node, Negative | Call):
        return (node.of,)
    if isinstance(node, Choice):
        cases = (part for value, said in node.cases for part in (value, said.left, said.right))
        return (*cases, node.otherwise)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """Visit a tree, parents first, without recursion."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        yield here
        waiting.extend(reversed(children(here)))


def names(node: Node) -> list[Name]:
    """List the names in a tree, from left to right; every reading asks, so it is remembered."""
    known: tuple[Name, ...] | None = vars(node).get(_NAMES)
    if known is None:
        known = tuple([n for n in walk(node) if isinstance(n, Name)])
        object.__setattr__(node, _NAMES, known)  # what is no field is no part of its value
    return list(known)


_NAMES = "_names_in_it"


def numbers(node: Node) -> list[Number]:
    """List the numbers in a tree, from left to right."""
    return [n for n in walk(node) if isinstance(n, Number)]
