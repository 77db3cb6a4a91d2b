"""How the book is read: its parts, the ways through it, and which theorems answer a question.

What stands in which order is `adamref.proofs`'s to say; what a theorem says, its record's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, final

from adamref.theorems.index import indexed
from adamref.theorems.library import chosen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.theorems.record import Theorem


@final
@dataclass(frozen=True)
class BookPart:
    """A part of the book.

    Attributes
    ----------
    title : str
    chapters : tuple of str
        Their names; those without a theorem are left out.
    """

    title: str
    chapters: tuple[str, ...]


@final
@dataclass(frozen=True)
class ReadingPath:
    """A way through the book.

    Attributes
    ----------
    id : str
        By which ``adamref derive`` knows it.
    title, says : str
        For whom it is, and what he knows in the end.
    theorems : tuple of str
        Their ids, in the order in which they are read.
    """

    id: str
    title: str
    says: str
    theorems: tuple[str, ...]


@final
@dataclass(frozen=True)
class Question:
    """A question that people have, and the ids of the theorems that answer it."""

    asked: str
    theorems: tuple[str, ...]


def parts() -> tuple[BookPart, ...]:
    """Return the parts of the book, in its order."""
    together = groupby(indexed().items(), key=lambda chapter: chapter[1].part)
    found = (
        BookPart(title, tuple(n for n, one in group if one.theorems)) for title, group in together
    )
    return tuple(part for part in found if part.chapters)


def asked_of(theorem: str) -> tuple[Question, ...]:
    """Return the questions that a theorem answers, or helps to."""
    return tuple(one for one in QUESTIONS if theorem in one.theorems)


def selected(names: Sequence[str]) -> list[Theorem]:
    """Return the theorems with some ids, those of chapters, of reading paths and of ``all`` too.

    Raises
    ------
    UnknownName
        If something has no such name.
    """
    if not names or "all" in names:
        return chosen(())
    found: list[str] = []
    for name in names:
        found += PATHS[name].theorems if name in PATHS else (name,)
    return chosen(found)


def _path(id_: str, title: str, says: str, theorems: str) -> ReadingPath:
    return ReadingPath(id_, title, says, tuple(theorems.split()))


PATHS = {
    path.id: path
    for path in (
        _path(
            "student",
            "For a student: eight theorems",
            "You know what a gradient is. After these you know what Adam averages, why it divides "
            "by 1 - beta^t, how large a step can be, and that it need not converge.",
            "closed-form-m closed-form-v weights unbiased-m-hat first-step step-bound "
            "ten-days online-adam-worst",
        ),
        _path(
            "bias-correction",
            "A lecture on bias correction",
            "From the weights that do not add up to 1, by way of the factor that mends it, to what "
            "a program does that leaves it out or gets it nearly right.",
            "closed-form-m weights power-below-one unbiased-m-hat unbiased-v-hat "
            "uncorrected-m-unbiased drift-bound uncorrected-factor uncorrected-first-step-defaults "
            "uncorrected-largest uncorrected-slows-convergence constant-corrections-first-step "
            "constant-corrections-too-long",
        ),
        _path(
            "implementer",
            "For an implementer",
            "You write Adam in some language. After these you know which liberties change the "
            "result, which tests see it, and how far rounding may take you.",
            "first-step constant-gradient-step constant-corrections-first-step efficient-order "
            "eps-hat-between eps-inside-crosses eps-squared-inside scale-with-eps "
            "l2-is-weight-decay adamw-zero-decay decay-orders-differ amsgrad-orders-differ "
            "rounding rounding-m-beta rounding-m-lerp rounding-correction-power stalling-inside "
            "stalling-bfloat16-from-0 stalling-bfloat16-parameter",
        ),
        _path(
            "theorist",
            "For a theorist",
            "Sharp bounds and what reaches them, limits, and the counterexample to convergence.",
            "closed-form-m drift-term drift-bound drift-bound-reached cauchy-schwarz-discounted "
            "first-moment-below-second step-bound step-bound-reached step-bound-gap "
            "step-bound-monotone step-bound-limit step-bound-unbounded "
            "paper-step-bound-first-violation adamax-norm-limit adamax-step-bound "
            "v-hat-tends-to-mean adam-tends-to-adagrad-from-above "
            "adam-tends-to-adagrad-from-below online-adam-worst online-adam-regret "
            "online-amsgrad-best",
        ),
    )
}
"""The ways through the book, by their ids."""


def _asked(asked: str, theorems: str) -> Question:
    return Question(asked, tuple(theorems.split()))


QUESTIONS = (
    _asked("What does Adam average?", "closed-form-m closed-form-v v-hat-weighted-mean"),
    _asked("Why divide by 1 - beta^t?", "weights unbiased-m-hat unbiased-v-hat power-below-one"),
    _asked(
        "What if the bias correction is left out?",
        "uncorrected-m-unbiased uncorrected-factor uncorrected-first-step "
        "uncorrected-longer-defaults uncorrected-largest",
    ),
    _asked(
        "Does leaving it out slow convergence?",
        "uncorrected-slows-convergence uncorrected-always-farther uncorrected-slower-on-a-slope",
    ),
    _asked(
        "May I divide by 1 - beta instead?",
        "constant-corrections-first-step constant-corrections constant-corrections-too-long "
        "constant-corrections-unseen",
    ),
    _asked(
        "How big is the first step?", "first-step constant-gradient-step uncorrected-first-step"
    ),
    _asked(
        "How big can a step be?",
        "step-bound step-bound-reached step-bound-equal-rates step-bound-for-good "
        "step-bound-defaults step-bound-unbounded",
    ),
    _asked(
        "Is the paper's bound on a step right?",
        "paper-step-bound-sparse paper-step-bound-otherwise paper-step-bound-defaults "
        "paper-step-bound-first-violation",
    ),
    _asked(
        "Is epsilon inside or outside of the root?",
        "eps-inside-crosses eps-inside-farthest-below eps-squared-inside "
        "eps-squared-inside-step-at-most",
    ),
    _asked("What is eps-hat?", "efficient-order efficient-order-only eps-hat-between eps-hat-most"),
    _asked(
        "Does the scale of the gradients matter?",
        "scale-invariance scale-with-eps scale-invariance-claimed sign-symmetry",
    ),
    _asked("Over how many steps does an average look?", "window-mean-age window-mass ten-days"),
    _asked(
        "Is an average with beta = 0.9 that of the last 10 days?",
        "ten-days ten-days-mass ten-days-age ten-days-variance ten-days-e-folding",
    ),
    _asked("What if the mean of the gradients drifts?", "drift-term drift-bound drift-bound-limit"),
    _asked(
        "Is L2 regularisation weight decay?",
        "l2-is-weight-decay l2-is-no-decoupled-decay adamw-zero-decay decay-orders-differ",
    ),
    _asked(
        "Does Adam always converge?",
        "online-adam-worst online-adam-regret online-adam-corrected-worst online-amsgrad-best",
    ),
    _asked(
        "What does AMSGrad mend?",
        "amsgrad-never-decreases-corrected amsgrad-never-decreases-uncorrected "
        "amsgrad-orders-differ online-amsgrad-best amsgrad-is-adam",
    ),
    _asked(
        "Where does AdaMax come from?",
        "adamax-norm-limit adamax-norm-least adamax-step-bound adamax-step-at-most-alpha",
    ),
    _asked("What is the difference to RMSprop?", "rmsprop-is-adam uncorrected-factor"),
    _asked(
        "What is the difference to AdaGrad?",
        "adagrad-sum adagrad-is-adam adam-tends-to-adagrad-from-above "
        "adam-tends-to-adagrad-from-below",
    ),
    _asked("Are the two forms of momentum the same?", "momentum-heavy-ball momentum-velocity"),
    _asked(
        "How accurate must my implementation be?",
        "rounding rounding-m-beta rounding-m-lerp rounding-v-beta rounding-delta-size-first "
        "rounding-accumulated-m",
    ),
    _asked(
        "Why does v stand still in bfloat16?",
        "stalling-inside stalling-bfloat16-from-0 stalling-bfloat16-from-4",
    ),
    _asked("Why does a bfloat16 parameter not move?", "stalling-bfloat16-parameter"),
)
"""What people ask, in the order in which they learn."""


@cache
def citing(theorem: str) -> tuple[str, ...]:
    """Return the ids of the theorems whose proofs cite one, in the order of the book."""
    return tuple(
        name
        for chapter in indexed().values()
        for name, cited in chapter.cites.items()
        if theorem in cited
    )
