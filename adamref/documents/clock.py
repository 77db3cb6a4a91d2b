"""Which step a statement is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from adamref.documents.dialects import moments
from adamref.documents.world import MAX_STEP, World

if TYPE_CHECKING:
    from adamref.documents.roles import Meaning, Notation


@final
class Clock:
    """Follows the steps of a document as it is read.

    A step begins where the document says so ("step 2", ``t = 2``, an index), or where an early
    field comes again after the parameter was updated.
    """

    def __init__(self, notation: Notation) -> None:
        self.now = 1
        self.touched = False
        self._notation = notation
        self._order = {name: i for i, name in enumerate(notation.rule.fields)}
        self._last = notation.rule.fields[-1]
        self._seen: set[tuple[str, str, int]] = set()
        self._said = 0  # the step that the document says it is at
        self._by_row = False  # a table said it, of a row alone
        self._theta_offset = 0
        self._started = ""
        self._gradient_offset = 0

    @property
    def busy(self) -> bool:
        """Whether a value of some step was already worked, or could not be."""
        return self.touched or any(name != "g" for name, _, _ in self._seen)

    def has_worked(self, track: str) -> bool:
        """Say whether a value of some step of a parameter was worked."""
        return any(name != "g" and parameter == track for name, parameter, _ in self._seen)

    def leads(self, track: str) -> bool:
        """Say whether a row has the gradient of its step: what is behind it is where that led."""
        return self._by_row and ("g", track, self.now) in self._seen

    @property
    def is_said(self) -> bool:
        """Whether anything has said which step it is: words, an index, or a field of a step."""
        return not self._by_row and (self._said > 0 or self.busy)

    @property
    def upcoming(self) -> int:
        """The step that what is stated now counts from."""
        done = any(name == self._last and t == self.now for name, _, t in self._seen)
        return self.now + done

    def mark(self, t: int, *, row: bool = False) -> None:
        """Note that the document says which step begins, in words or by a row of a table."""
        self._by_row = row
        if t == 0 and self._notation.zero_based:
            t = 1
        if 1 <= t <= MAX_STEP * 10**6:
            self.now = self._said = t

    def begins(self, track: str) -> bool:
        """Say whether the document said which step it is at, and nothing of it was worked yet."""
        worked = any(t == self.now and parameter == track for _, parameter, t in self._seen)
        return self._said == self.now and not worked

    def start(self, index: str) -> None:
        """Note the index of the starting parameter: theta_0, or theta_1 with some authors."""
        self._started = index
        if index == "1":
            self._theta_offset = 1

    def starts_here(self, index: str) -> bool:
        """Take theta_1 for the starting parameter, whose value it has, if no index was given."""
        if index == "1" and not self._started and not self.busy:
            self._theta_offset = 1
        return index == "1" and self._theta_offset == 1

    def restart(self) -> None:
        """Begin a new worked example."""
        self.now = 1
        self.touched = False
        self._said = 0
        self._seen.clear()

    def saw(self, name: str, parameter: str, t: int) -> None:
        """Note that a field was worked at a step."""
        if name == "g" and t == 0:
            self._gradient_offset = 1
        self._seen.add((name, parameter, t))
        if name != "g" or t > self.now:
            self.now = max(t, 1) if name != "g" else self.now

    def peek(self, meaning: Meaning) -> int:
        """Return the most likely step of a statement, without moving on."""
        return self._guesses(meaning)[0]

    def time_of(self, meaning: Meaning) -> int:
        """Return the step of a gradient that is given."""
        index = meaning.time
        if index.startswith("@") and index[1:].isdigit():
            return int(index[1:]) + 1 - self._theta_offset
        if index.isdigit():
            if index == "0":
                self._gradient_offset = 1
            return int(index) + max(self._gradient_offset, int(self._notation.zero_based))
        t = self.now
        while (self._last, meaning.parameter, t) in self._seen:
            t += 1
        return t

    def times(self, meaning: Meaning, world: World, *, bare: bool) -> list[int]:
        """List the steps that a statement may be about, the most likely first.

        An index that cannot be meant as a step, because nothing of that step is known, is passed
        over where a chain shows what was done; some authors number the lines of one step 1, 2, 3.
        A bare number with such an index is about that step and no other.
        """
        guesses = self._guesses(meaning)
        if meaning.time.isdigit() and (
            bare or meaning.name in ("g", *moments(self._notation.rule))
        ):
            return guesses[:1]
        possible = [
            t for t in guesses if t >= world.first and world.candidates("g", meaning.parameter, t)
        ]
        return possible or [guesses[-1] if meaning.time.isdigit() else guesses[0]]

    def _guesses(self, meaning: Meaning) -> list[int]:
        name, track, index = meaning.name, meaning.parameter, meaning.time
        if name == "g":
            # Without an index: that of the next step, or that of the one it says once more.
            again = [self.now] if not index and self._said == self.now else []
            return list(dict.fromkeys([self.time_of(meaning), *again]))
        now = self._next(name, track)
        if index.isdigit():
            stated = self.stated(meaning)
            return list(dict.fromkeys([stated, now, self.now]))
        if index in ("t-1", "prev", "old"):
            return [max(self.now - 1, 1), now]
        # Without an index: this step, or the next if the field has been worked already.
        return list(dict.fromkeys([now, self.now, self.now + 1]))

    def stated(self, meaning: Meaning) -> int:
        """Return the step that a number in an index says."""
        is_parameter = meaning.name == "theta"
        shift = self._theta_offset if is_parameter else -self._notation.zero_based
        return int(meaning.time) - shift

    def _next(self, name: str, track: str) -> int:
        """Return the current step, or the next one if this field starts it over."""
        t = self.now
        done = (self._last, track, t) in self._seen
        if done and name != self._last and (name, track, t) in self._seen:
            return t + 1
        if (name, track, t) in self._seen and any(
            self._order.get(n, 99) < self._order.get(name, 99) and s == t + 1 and p == track
            for n, p, s in self._seen
        ):
            return t + 1
        return t
