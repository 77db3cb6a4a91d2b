"""Why a step is not accepted."""

from __future__ import annotations


class Refused(ValueError):
    """A step is not proved, and why; ``step`` is its path once it is known."""

    def __init__(self, why: str, step: str | None = None) -> None:
        super().__init__(why if step is None else f"step {step!r}: {why}")
        self.why = why
        self.step = step

    def at(self, step: str) -> Refused:
        """Return the refusal with the step it belongs to; the innermost one stays."""
        return self if self.step is not None else Refused(self.why, step)


class Captured(ValueError):
    """An expression may not be put in where one of its symbols is bound by a sum."""
