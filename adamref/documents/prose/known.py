"""The words by which well-known claims about Adam are known, and the theorem that settles each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True)
class KnownClaim:
    """A claim that many texts make.

    Attributes
    ----------
    theorem : str
        The id of the theorem that settles it.
    stems : tuple of str
        One of these stands in the sentence, in lower case; most have none.
    words : tuple of re.Pattern
        All of these stand near each other in one sentence.
    about : re.Pattern
        This stands in it, or in one of the two sentences before it.
    averages : bool
        Whether it is about any average with decaying weights, in a text on Adam or not.
    never : re.Pattern
        What stands in the sentence if it is another claim.
    """

    theorem: str
    stems: tuple[str, ...]
    words: tuple[re.Pattern[str], ...]
    about: re.Pattern[str]
    never: re.Pattern[str]
    averages: bool = False


def _known(
    theorem: str,
    stems: str,
    *words: str,
    about: str = "",
    never: str = r"(?!)",
    averages: bool = False,
) -> KnownClaim:
    every, here, other = (
        [re.compile(one, re.IGNORECASE) for one in group] for group in (words, (about,), (never,))
    )
    return KnownClaim(theorem, tuple(stems.split()), tuple(every), here[0], other[0], averages)


_CORRECTION = (
    r"(?:bias[- ]?correct\w*|debias\w*|(?:bias-?|verzerrungs-?)korrektur\w*"
    r"|correction (?:du|de) biais|correcci[oó]n (?:del?|de) sesgo)"
)
_SKIP = (
    r"\b(?:skip\w*|omit\w*|without|leav\w+ out|left out|drop\w*|ignor\w*|no|ohne|weg\w*lass\w*"
    r"|auslass\w*|sans|omett\w*|sin|omit\w*)\b"
)
_SKIP_IT = (
    rf"{_SKIP}\s+(?:\w+\s+){{0,2}}?(?:step|it|correct\w*|bias\w*|schritt|korrektur\w*|étape|paso"
    r"|correcci[oó]n)\b"
)
_WITHOUT = rf"{_SKIP}[^.;,]{{0,25}}{_CORRECTION}|{_CORRECTION}\W+(?:\w+\W+){{0,3}}{_SKIP}"
_RATE = (
    r"\b(?:learning[- ]rates?|step[- ]?size (?:hyper-?)?param\w*|lr|lernrate"
    r"|taux d['’]apprentissage|tasa de aprendizaje)\b|\\alpha\b|α|\\eta\b|η"
)
_STEP = (
    r"\b(?:step[- ]?sizes?|steps?|updates?|parameter (?:changes?|updates?)|schritt\w*"
    r"|aktualisierung\w*|pas|mises? à jour|pasos?|actualizaci\w+)\b"
)
_BOUNDED = (
    r"\b(?:bounded|at most|never (?:exceeds?|larger|more)|(?:no|not) (?:larger|more|bigger) than"
    r"|limited (?:by|to)|upper[- ]bound\w*|beschränkt|höchstens|bornée?s?|au plus|acotad\w+"
    r"|como (?:máximo|mucho))\b"
)
_AT_MOST_RATE = (
    rf"(?:{_STEP})[^.;]{{0,60}}{_BOUNDED}(?!\s*\d)[^.;]{{0,60}}(?:{_RATE}|\bstep[- ]?size\b)"
    rf"|(?:{_RATE})[^.;]{{0,40}}\b(?:bounds|limits|caps|upper[- ]bound)\b[^.;]{{0,40}}(?:{_STEP})"
)
_GRADIENT = r"\b(?:gradient\w*|gradiente\w*)\b"
_CONVERGES = r"\b(?:converg\w+|konverg\w+)"
_SLOWLY = r"\b(?:slow\w*|langsam\w*|verlangsam\w*|ralenti\w*|lent\w*)\b"
_SMALL_STEPS = (
    r"\b(?:steps?|updates?|schritte?|pas|pasos?)\b[^.;,]{0,30}"
    r"\b(?:small\w*|tiny|slow\w*|klein\w*|petit\w*|pequeñ\w*)\b"
    r"|\b(?:small\w*|tiny|kleine?|petits?)\s+(?:\w+\s+)?(?:steps?|updates?|schritte?|pas)\b"
)
_PAPER_BOUND = (
    r"1\s*[-−]\s*(?:\\beta|β)_?\{?[1₁]\}?\s*\)?\}?\s*(?:/|\{)\s*\\?(?:sqrt|√)\s*[({]*\s*1\s*[-−]\s*"
    r"(?:\\beta|β)_?\{?[2₂]"
)

_BIAS = "bias korrektur biais sesgo"
_CONVERGENCE = "converg konverg"
_BOUNDS = "bound most exceed than limit caps beschränkt höchstens born plus acotad como"

KNOWN = (
    _known(
        "uncorrected-slows-convergence", _CONVERGENCE,
        _SKIP_IT, rf"{_SLOWLY}[^.;]{{0,30}}{_CONVERGES}"
        rf"|{_CONVERGES}[^.;]{{0,30}}{_SLOWLY}", about=rf"{_CORRECTION}|\b(?:un)?bias\w*",
        never=r"\bsgd\b|without adam|momentum",
    ),
    _known(
        "uncorrected-slows-convergence", _CONVERGENCE,
        _CORRECTION, r"\b(?:speeds? up|accelerat\w*|faster"
        r"|schneller|beschleunig\w*|accél[eè]r\w*|plus vite|aceler\w*|más rápid\w*)\b", _CONVERGES,
    ),
    _known(
        "uncorrected-always-farther", _BIAS,
        _WITHOUT, r"\b(?:always|every step|immer|toujours|siempre)\b",
        r"\b(?:worse|farther|further|behind|weiter|loin|lejos|peor|schlechter)\b",
    ),
    _known(
        "uncorrected-longer-defaults", _BIAS,
        _WITHOUT, _SMALL_STEPS,
        never=r"\b(?:large|larger|too big|longer|huge|größer|grands?|grandes?)\b",
    ),
    _known(
        "uncorrected-longer-defaults", _BIAS,
        r"\bbias\w* (?:to|toward)s? (?:zero|0)\b", _SMALL_STEPS,
        never=r"\b(?:large|larger|too big|longer|huge)\b",
    ),
    _known(
        "uncorrected-longer-defaults", "correct",
        _SMALL_STEPS, r"\b(?:early|first|initial)\b", r"\b(?:compared (?:with|to)|than)\b",
        never=r"\b(?:large|larger|too big|longer|huge)\b",
    ),
    _known(
        "weights", _BIAS,
        r"\bbias\w*[^.;]{0,30}\b(?:zero|0)\b", r"\b(?:because|since|as|due to)\b",
        rf"{_GRADIENT}[^.;]{{0,10}}\b(?:are|being)\b[^.;]{{0,20}}\b(?:zeros?|small|sparse|tiny)\b",
    ),
    _known(
        "adamax-step-at-most-alpha", _BOUNDS,
        _AT_MOST_RATE, about=r"\badamax\b",
        never=r"\b(?:clip\w*|regret|loss)\b",
    ),
    _known(
        "step-bound-defaults", _BOUNDS,
        _AT_MOST_RATE,
        never=r"\b(?:clip\w*|regret|loss|first step|adamax|schedul\w*|warm-?up|lipschitz)\b"
        rf"|{_PAPER_BOUND}",
    ),
    _known(
        "paper-step-bound-first-violation", "sqrt √",
        _STEP, rf"{_BOUNDED}|\\leq?\b|≤", _PAPER_BOUND,
    ),
    _known(
        "first-step", "first erste premier primer",
        r"\b(?:first (?:step|update)|erste\w* (?:schritt|update)|premier pas"
        r"|primer paso)\b", _RATE, r"\b(?:regardless|whatever|independent\w*|no matter"
        r"|(?:always|exactly|about|roughly) (?:\w+ )?(?:alpha|the learning rate)|unabhängig|egal"
        r"|indépendant\w*|quel que soit|independiente\w*)\b", never=_CORRECTION,
    ),
    _known(
        "scale-invariance-claimed", "scal skal magnitude échelle",
        r"\b(?:invarian\w+|independent of|unaffected by"
        r"|(?:does|do) not depend on|(?:is|are) not a function of|unabhängig|indépendant\w*"
        r"|independiente\w*)\b", rf"\b(?:re-?)?scal\w+[^.;]{{0,20}}{_GRADIENT}"
        rf"|{_GRADIENT}[^.;]{{0,20}}\b(?:re-?)?scal\w+|\bmagnitudes? of (?:the |its )?gradients?\b"
        rf"|skalierung\w*[^.;]{{0,20}}{_GRADIENT}|échelle[^.;]{{0,20}}{_GRADIENT}"
        rf"|\b(?:re)?escal\w*[^.;]{{0,20}}{_GRADIENT}", never=r"\beps\w*|ε|ϵ",
    ),
    _known(
        "scale-invariance-claimed", "gradient",
        r"\b(?:large|larger|big|bigger|huge|strong|steep)\b",
        rf"{_GRADIENT}", r"\b(?:longer|larger|bigger|greater)\s+(?:\w+\s+)?(?:steps?|updates?)\b",
        about=r"\badam\b", never=r"\b(?:adagrad|sgd|descent|momentum|warm-?up|correct\w*|rate)\b",
    ),
    _known(
        "window-mean-age", "forget memor remember",
        r"\\beta|β|\bbeta", r"\b(?:larger|greater|higher|bigger|closer to (?:1|one))\b",
        r"\b(?:forgets?|forgotten|memory|remembers?)\b",
        r"\b(?:faster|sooner|quicker|more quickly|shorter|slower|longer)\b", averages=True,
    ),
    _known(
        "unbiased-v-hat", "varian",
        r"(?<!high )(?<!low )(?<!large )(?<!small )\b(?:variances?|varianz|varianza)\b",
        r"\b(?:second (?:raw )?moments?|squared gradients?|mean and (?:the )?(?:variance|spread)"
        r"|uses? the|zweite\w* moment\w*|quadrierte\w* gradient\w*|mittelwert und"
        r"|moyenne et|segundo momento|media y)\b|(?<![\w\\])\\?(?:v|hat v|v_t|v_\{t\})(?![\w'’])"
        r"|[‘']v[’']", rf"{_GRADIENT}|\bmoments?\b|\bmoving averages?\b",
        never=r"un-?cent(?:er|re)|non-?cent|unzentr|no centrad|raw variance|adabelief|radam|rectif"
        r"|warm-?up|\breduc\w+|mini-?batch|stochastic|nois[ey]|\bsquared mean|minus|initiali[sz]"
        r"|\+",
    ),
    _known(
        "l2-is-weight-decay", "decay zerfall abnahme décroissance decaimiento",
        r"\bL_?\{?[2₂]\}?(?!\w)|\bL²|ℓ_?[2₂]", r"\bweight[- ]decay\b"
        r"|\bgewichts(?:zerfall|abnahme)\b|décroissance des poids|decaimiento de (?:los )?pesos",
        r"\b(?:same|identical|equivalent|equals?|i\.e\.|aka|also (?:called|known)|known as"
        r"|gleich\w*|identisch|äquivalent|équivalente?s?|identiques?|equivalentes?|mism[oa]s?|igual)\b",
        never=r"\bsgd\b|gradient descent|\bonly\b|differ\w*|unlike|decoupl\w*|adamw|unterscheid\w*"
        r"|entkoppel\w*|diffèr\w*|découpl\w*|difier\w*|desacopl\w*",
    ),
    _known(
        "adagrad-sum", "adagrad",
        r"\badagrad\b", r"\b(?:sum\w*|accumulat\w*|summe|somme|suma)\b",
        r"\bgradients?\b", never=r"squar\w*|²|\^\{?2|quadr\w*|carrés?\b|cuadrad\w*|second",
    ),
    _known(
        "online-adam-worst", _CONVERGENCE,
        r"\badam\b",
        r"\b(?:always|guarante\w+|proven|provably|immer|garantier\w*|toujours|garanti\w*|siempre"
        r"|garantiz\w*)\b", _CONVERGES,
        never=r"\b(?:amsgrad|variants?|under|assum\w*|if|unlike|counter-?example\w*|reddi)\b",
    ),
    _known(
        "ten-days-e-folding", "0.9 0,9",
        r"(?<!\d)1\s*/\s*e\b|\\frac\s*\{?1\}?\s*\{?e\}?|\be-fold\w*",
        r"\b0[.,]9\b", r"\b(?:10|ten|zehn|dix|diez)\b", averages=True,
    ),
    _known(
        "window-age-and-one", "beta β",
        r"\\frac\s*\{1\}\s*\{1\s*-\s*\\beta|(?<!\d)1\s*/\s*\(\s*1\s*[-−]\s*(?:\\beta|β|beta)",
        r"\b(?:days?|steps?|values?|iterations?|samples?|observations?|points?|tage?n?|schritte?n?"
        r"|werte?n?|jours?|valeurs?|itérations?|días?|pasos?|valores)\b|day['’]s",
        r"\\approx|≈|≃|\\simeq|\b(?:last|previous|past|about|roughly|approximately|window|memory"
        r"|averag\w+|letzten|etwa|ungefähr|derniers?|environ|últim\w*|aproximadamente)\b",
        never=r"mean age|\\sqrt", averages=True,
    ),
)  # fmt: skip
"""In the order in which they are told."""
