"""Formulas for gradients, as a document has them, worked at a point."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import final

from adamref.documents.spans import Span, evaluated, point
from adamref.errors import CannotEvaluate
from adamref.expressions.nodes import Name, Node, Number, names


@final
@dataclass(frozen=True)
class Gradient:
    """A formula for a gradient: a function of the parameters.

    Attributes
    ----------
    tree : Node
    parameters : tuple of str
        The parameters that stand in it.
    track : callable
        Says which parameter a name is; None for a name that is none.
    constants : mapping of str to tuple of Span
        What its other names stand for, as printed first.
    """

    tree: Node
    parameters: tuple[str, ...]
    track: Callable[[Name], str | None]
    constants: Mapping[str, tuple[Span, ...]]

    def at(self, where: Mapping[str, Span]) -> Span | None:
        """Return the gradient at a point; None if a name in it has no value."""

        def lookup(leaf: Number | Name) -> Span:
            if isinstance(leaf, Number):
                return point(leaf.value)
            track = self.track(leaf)
            if track is not None:
                return where[track]
            for label in leaf.labels:
                if label in self.constants:
                    return self.constants[label][0]
            raise CannotEvaluate(leaf.text, "it has no value here")

        try:
            return evaluated(self.tree, lookup)
        except CannotEvaluate:
            return None


def gradient_from(
    tree: Node,
    track: Callable[[Name], str | None],
    constants: Mapping[str, tuple[Span, ...]],
) -> Gradient:
    """Make a gradient out of a formula for it."""
    parameters = dict.fromkeys(t for n in names(tree) if (t := track(n)) is not None)
    return Gradient(tree, tuple(parameters), track, constants)
