"""Words that mean something where sentences speak of Adam's steps: each becomes a sign.

``C`` the correction, ``X`` its absence, ``V`` the second moment, ``M`` any moment, ``T`` a step,
``R`` the learning rate, ``A`` a mean, ``S`` its subtraction; ``m`` makes, ``s`` smaller, ``l``
larger, ``r`` shrinks, ``i`` enlarges, ``G`` exceeds, ``U`` is at most, ``b`` is, ``y`` by or after;
``n`` denies, ``q`` says that it is always so, ``h`` hedges; ``.`` parts clauses, ``w`` is any word.
"""

from __future__ import annotations

import re

_LETTER = r"(?:_\{?[a-z]\}?|[ₜₖₙᵢ])?"
_HAT = r"(?:\\(?:wide)?hat\s*\{?\s*LETTER\s*\}?|LETTER\u0302|LETTER_?hat)"
M_HAT, V_HAT = (_HAT.replace("LETTER", x) + _LETTER for x in "mv")

_OF_GRADIENTS = r"(?! of (?!the (?:past |recent )?gradients?|gradients?|g\b))"
_FROM_GRADIENTS = r"(?! from (?!the gradient|each gradient|g\b))"
_SIGNS = {
    "X": (
        r"without|lacking|skipp\w+|drop(?:ping|s|ped)?|disabl\w+|turning off|omitt\w+",
        r"leaving out|no (?=bias|correct)|ohne|sans|sin",
    ),
    "C": (
        (
            r"(?:bias[- ]?)?correct(?:ion|ions|ing)s?(?: step| factor)?s?"
            r"(?! (?:of|to) (?:the )?(?:gradient|step|direction|error|weight|rate))|debiasing"
        ),
        r"(?:bias-?|verzerrungs-?)?korrektur\w*|correcci[oó]n",
    ),
    "V": (
        rf"second(?: raw)? moments?|{V_HAT}|(?<![\w\\])\\?v{_LETTER}(?![\w'’(])",
        r"squared gradients|zweite\w* moment\w*",
    ),
    "M": (
        rf"(?:first )?moments?|{M_HAT}|(?<![\w\\])m{_LETTER}(?![\w'’(])|(?:moving )?averages?",
        r"estimat(?:e|es|ors?)|both|them|beiden?|momente\w*|mittelwerte?|les deux|ambos",
    ),
    "T": (r"(?:step ?(?:length|size)s?|steps?|updates?|schritt\w*|pas|pasos?)(?! \d)",),
    "R": (
        r"(?:the )?(?:learning[- ]rate|lr|lernrate|taux d['’]apprentissage|tasa de aprendizaje)",
        r"\\alpha\b|α|\\eta\b|η",
    ),
    "A": (r"(?:mean|average|expect(?:ation|ed value)|mittelwert|moyenne|media)" + _OF_GRADIENTS,),
    "S": (
        r"subtract(?:ed|s|ing)|abgezogen|soustraite?|restada",
        r"(?:taken off|taken away|removed)" + _FROM_GRADIENTS,
    ),
    "n": (r"not|never|no|cannot|nor|neither|nothing|nicht|nie|kein\w*|ne|jamais|nunca|\w+n['’]t",),
    "m": (r"makes?|made|making|renders?|turns?|leaves?|macht|machen|rend|hace",),
    "s": (r"smaller|lower|tinier|kleiner|plus petite?s?|más pequeñ\w+",),
    "l": (r"larger|bigger|greater|größer|plus grande?s?|más grandes?",),
    "r": (
        r"shrinks?|reduc(?:e|es|ed)|decreases?|lowers?|diminish(?:es)?|scales? down",
        r"damp(?:en)?s?|verkleinert?|réduit|reduce",
    ),
    "i": (
        r"enlarges?|increases?|scales? up|magnif(?:y|ies)|boosts?|amplif(?:y|ies)|rais(?:e|es)",
        r"vergrößert?|augmente",
    ),
    "G": (
        r"(?:longer|more) than|exceeds?|(?<=larger )than|(?<=bigger )than|(?<=greater )than",
        r"länger als|größer als|plus long que|más largos? que|surpass\w*",
    ),
    "U": (
        r"bounded by|limited (?:by|to)|at most|capped (?:by|at)|höchstens|au plus|como máximo",
        r"(?:no|not) (?:longer|larger|bigger|more|greater) than|\\leq?\b|≤",
    ),
    "b": (r"is|are|be|been|becomes?|gets?|wird|werden|ist|sind|est|sont|es|son|was|were",),
    "y": (r"by|through|due to|thanks to|after|with|nach|durch|mit|par|après|por|tras",),
    "q": (
        r"always|ever|whatever|regardless|irrespective|no matter|under (?:all|any)",
        r"in every case|any|immer|stets|egal|toujours|quel que soit|siempre|guarantee[ds]?",
        r"(?:for|at) all|\\forall|∀",
    ),
    "h": (
        r"if|when|whenever|unless|only|would|might|should|may|almost|nearly|about|roughly",
        r"approx\w*|typical\w*|usual\w*|often|most(?:ly)?|sometimes|practice|constant|seems?",
        r"first(?= (?:steps?|updates?|few))|same sign|claim\w*|believ\w*|think\w*|true|false",
        r"wrong|myth|wenn|falls|fast|etwa|meist|si|presque|casi|\\approx|≈|≲|\\lesssim|equal",
        r"could|suppos\w+|assum\w+|for large|in the limit|once|ideally|heuristic\w*|intuit\w*",
        r"suggest\w*|contrary|mistake\w*|misread\w*|thought|said to",
    ),
    ".": (
        r"[;:,]|\b(?:but|whereas|while|because|so|hence|thus|therefore|aber|weil|parce|porque)\b",
    ),
    "w": (r"[^\W\d_]+|\d+(?:[.,]\d+)?|[/·*√]|\\[a-z]+",),
}
_LETTERS = tuple(_SIGNS)
_MARKS = str.maketrans("$*`{}|", "      ")


def _word(sign: str, words: tuple[str, ...]) -> str:
    every = "|".join(words)
    return every if sign in ".w" else rf"(?<!\w)(?:{every})(?!\w)"


_SIGN = re.compile(
    "|".join(f"(?P<s{i}>{_word(*one)})" for i, one in enumerate(_SIGNS.items())), re.IGNORECASE
)


def signs_of(text: str) -> tuple[str, list[int]]:
    """Return the signs of a sentence, and where the words stand that they are of."""
    signs: list[str] = []
    places: list[int] = []
    for match in _SIGN.finditer(text.translate(_MARKS)):
        signs.append(_LETTERS[int(str(match.lastgroup)[1:])])
        places.append(match.start())
    return "".join(signs), places
