"""What sentences assert of Adam that a theorem settles: right, or wrong where it says the contrary.

A sentence is read by its meaning: each word that means something here becomes a sign (`meanings`),
and all others become one sign for any word. An assertion is an order of such signs, so that it
does not matter by which words it is made. What is hedged, asked, put under a condition or said of
another optimizer asserts nothing here.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from adamref.documents.claims import Cause, Claim
from adamref.documents.prose.meanings import M_HAT, V_HAT, signs_of
from adamref.documents.subjects import optimizers_named

if TYPE_CHECKING:
    from adamref.documents.prose.sentences import Sentence
    from adamref.documents.source import Source

_ADAM = re.compile(r"\bAdam", re.IGNORECASE)
_FREE = re.compile(
    r"\b(?:clip\w*|regret|adamax|lion|sign ?sgd|amsgrad|adabelief|sgd|adagrad|batch ?norm\w*|lamb"
    r"|cent(?:er|re)d rmsprop|schedul\w*|trust[- ]ratio|warm-?up|rectif\w*)\b",
    re.IGNORECASE,
)
"""What makes of a sentence one of something else."""
_MAY = re.compile(
    r"correct|korrektur|correcc|debias|subtract|taken off|taken away|removed|abgezogen|soustrait"
    r"|restada|learning[- ]rate|lernrate|apprentissage|aprendizaje|alpha|eta|α|η|\blr\b|sqrt|√",
    re.IGNORECASE,
)
"""What stands in a sentence that asserts any of these; most have none, and this is soon seen."""
_SECTION = 40
"""How many lines above a sentence its heading may stand."""
_ABOVE = 12
"""How many lines above may ask what is true."""
_CAN = re.compile(r"\b(?:can|kann|können|peut|peuvent|puede[n]?)\b", re.IGNORECASE)
_QUIZ = re.compile(
    r"\btrue or false\b|\bwahr oder falsch\b|\bvrai ou faux\b|\bquiz\b|\bmyths?\b", re.IGNORECASE
)
_RATIO = re.compile(
    rf"(?:\\lvert|\||\\left\|)\s*{M_HAT}\s*(?:\\rvert|\||\\right\|)\s*(?:\\leq?(?:slant)?\b|≤|<=)\s*"
    rf"(?:\\sqrt\s*\{{?\s*{V_HAT}\s*\}}?|√\s*\(?\s*{V_HAT}|sqrt\(\s*{V_HAT}\s*\))",
    re.IGNORECASE,
)


@final
@dataclass(frozen=True)
class _Assertion:
    """An order of signs, with what is true of it.

    Attributes
    ----------
    order : re.Pattern
    holds : bool
        Whether it is true as it stands; one that is denied is the contrary.
    says : str
        What is true.
    theorem : str
        That settles it.
    universal : bool
        Whether it asserts something only where it says that it is always so.
    """

    order: re.Pattern[str]
    holds: bool
    says: str
    theorem: str
    universal: bool = False


_LARGER = "the correction divides by 1 - beta^t, which is below 1: it makes both moments larger"
_RAW = "no mean is subtracted: v averages the squared gradients themselves"
_LONGER = (
    "a step can be longer than the learning rate: after gradients of 0, a first one makes one of "
    "up to (1 - beta1)/sqrt(1 - beta2) times it, about 3.16 at the defaults"
)
_WEIGHTS, _UNBIASED, _BOUND = "weights", "unbiased-v-hat", "step-bound-reached"
_ANY = "[wnq]{0,3}"
_MOMENTS = "[MV](?:w?[MV]){0,3}"


def _assertion(
    order: str, says: str, theorem: str, *, holds: bool, universal: bool = False
) -> _Assertion:
    return _Assertion(re.compile(order), holds, says, theorem, universal)


_MADE = tuple(
    _assertion(order, _LARGER, _WEIGHTS, holds=holds)
    for holds, adjective, verb in ((False, "s", "r"), (True, "l", "i"))
    for order in (
        rf"(?<!X)(?<!Xw)(?<!Xww)C{_ANY}m{_ANY}{_MOMENTS}{_ANY}{adjective}",
        rf"(?<!X)(?<!Xw)(?<!Xww)C{_ANY}{verb}{_ANY}{_MOMENTS}",
        rf"{_MOMENTS}b{_ANY}(?:m{_ANY})?(?:{adjective}|{verb})w?yw?C",
        rf"^w?y{_ANY}C\.?{_MOMENTS}b{_ANY}{adjective}",
        rf"{_MOMENTS}bw?y{_ANY}C{_ANY}{adjective}",
    )
)
_STEPS = (
    _assertion(rf"T{_ANY}b?{_ANY}l?Gw?R(?!w)", _LONGER, _BOUND, holds=True),
    _assertion(rf"T{_ANY}b?{_ANY}Uw?R(?!w)", _LONGER, _BOUND, holds=False, universal=True),
)
_ASSERTIONS = (
    *_MADE,
    _assertion(rf"n?w?A{_ANY}b{_ANY}S", _RAW, _UNBIASED, holds=False),
    _assertion(rf"[wVM]{_ANY}S{_ANY}A", _RAW, _UNBIASED, holds=False),
    *_STEPS,
)


def assertions(source: Source, spoken: Sequence[Sentence]) -> Iterator[Claim]:
    """Judge each sentence that asserts what a theorem proves, or the contrary.

    Parameters
    ----------
    source : Source
    spoken : sequence of Sentence
    """
    text = "\n".join(source.lines)
    if not _ADAM.search(text):
        return
    asking = [number for number, line in enumerate(source.lines, 1) if _QUIZ.search(line)]
    before = ""
    for sentence in spoken:
        said = sentence.text
        if _MAY.search(said) and not _is_asked(sentence, asking) and not _FREE.search(said):
            found = _found(said, _subject(source, sentence, before))
            if found is not None:
                one, place, holds = found
                yield _claim(source, sentence, place, one, holds=holds)
        before = said


def _is_asked(sentence: Sentence, asking: Sequence[int]) -> bool:
    """Say whether a sentence is a question, or one of the lines just above it asks what is true."""
    line = sentence.line(0)
    above = asking[bisect.bisect_right(asking, line - _ABOVE) : bisect.bisect_right(asking, line)]
    return bool(above) or sentence.text.rstrip()[-1:] in "?？"


def _subject(source: Source, sentence: Sentence, before: str) -> str:
    """Return what stands before a sentence: the one before it, or its heading."""
    line = sentence.line(0)
    near = source.lines[max(line - 1 - _SECTION, 0) : line - 1]
    heading = next((x for x in reversed(near) if x.lstrip().startswith("#")), "")
    return f"{heading} {before}"


def _found(said: str, before: str) -> tuple[_Assertion, int, bool] | None:
    """Return what a sentence asserts, where, and whether it is right."""
    others = {s.optimizers[0].name for _, s in optimizers_named(said)} - {
        "adam",
        "adamw",
        "adam-l2",
    }
    if others:
        return None
    ratio = _RATIO.search(said)
    if ratio is not None:
        signs, _ = signs_of(said)
        return (_STEPS[-1], ratio.start(), False) if "q" in signs and "h" not in signs else None
    signs, places = signs_of(said)
    for one in _ASSERTIONS:
        match = one.order.search(signs)
        if match is None:
            continue
        start, end = _clause(signs, match.start(), match.end())
        if "h" in signs[:end] or (one.theorem == _UNBIASED and not _of_v(signs, before)):
            continue
        denials = signs[start : match.end()].count("n")
        if one.universal and "q" not in signs and not denials:
            continue
        holds = one.universal is False and one.holds is not (denials % 2 == 1)
        if one.theorem == _BOUND and holds and not _CAN.search(said):
            continue  # it tells of a step, and not of what may be
        return one, places[match.start()], holds
    return None


def _of_v(signs: str, before: str) -> bool:
    """Say whether the second moment is what a sentence, or what stands before it, is about."""
    if "V" in signs:
        return True
    return "V" in signs_of(before)[0] and signs.startswith("w")


def _clause(signs: str, start: int, end: int) -> tuple[int, int]:
    """Return the clause around a place, with what leads into it."""
    begin = signs.rfind(".", 0, start) + 1
    stop = signs.find(".", end)
    return begin, len(signs) if stop < 0 else stop


def _claim(
    source: Source, sentence: Sentence, place: int, one: _Assertion, *, holds: bool
) -> Claim:
    line = sentence.line(place)
    column = max(
        source.lines[line - 1].find(sentence.text[place : place + 12].split("\n")[0]) + 1, 1
    )
    says = f"{one.says} (theorem {one.theorem})"
    causes = () if holds else (Cause("contrary-to-theorem", says, reproduces=True),)
    return Claim(
        line,
        column,
        source.quote(line)[:160],
        "statement",
        "holds" if holds else "wrong",
        f"it is so: {says}" if holds else says,
        claimed=None if holds else " ".join(sentence.text.split())[:160],
        causes=causes,
    )
