"""Taking what a document gives: hyperparameters, starting values, gradients, objectives."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from adamref.documents.anew import override, restart
from adamref.documents.candidates import Candidate
from adamref.documents.case import Case, Given, Worked
from adamref.documents.dialects import moments, rates
from adamref.documents.gradients import gradient_from
from adamref.documents.objectives import differentiated
from adamref.documents.phrases import begins
from adamref.documents.spans import Printed, point, printed
from adamref.documents.subjects import adam, given_for
from adamref.errors import AdamrefError
from adamref.expressions.nodes import Binary, Name, Node, names
from adamref.numbers.rounding import Digits, plain
from adamref.rules.hyper import COMMON

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamref.documents.lines.trajectories import Fixed
    from adamref.documents.roles import Meaning
    from adamref.documents.statements import Part
    from adamref.documents.survey import Treatment

LOSSES = ("L", "J", "f", "E", "C", "Loss", "loss")


_HEDGED = re.compile(
    r"\b(?:typical|usual|default|common|often|recommend|suggest|popular|some|others?|paper|e\.g"
    r"|such as)",
    re.IGNORECASE,
)


def take_hyper(case: Case, meaning: Meaning, worked: Worked) -> None:
    """Note a hyperparameter.

    What a sentence calls typical or usual counts only while nothing else is stated. Once numbers
    were worked, only the step size may still change: from the next step on.
    """
    name, span = meaning.name, worked.checked.value_of_last
    hyper = {**COMMON, **case.optimizer.hypers}.get(name)
    if hyper is None or span is None or not span.is_point:
        return
    try:
        value = hyper.read(span.low)
    except AdamrefError:
        return
    line = worked.last.line
    if name in rates(case.rule) and not value and _limiting(case.source.lines, worked.last):
        return
    meant = given_for(case.source.lines[line - 1][worked.last.column - 1 :])
    if meant is not None and case.optimizer not in meant.optimizers and not meant.meets(adam()):
        return
    if meaning.time and name == "alpha":
        case.world.alphas[int(meaning.time)] = value  # a schedule: alpha_1 = 0.1, alpha_2 = 0.05
        case.world.changed(int(meaning.time))
        if name in case.given:
            return
    hedged = _HEDGED.search(case.source.lines[line - 1]) is not None
    if name in case.given and (hedged or case.clock.busy):
        if name == "alpha" and not hedged:
            case.world.alphas[case.clock.upcoming] = value
            case.world.changed(case.clock.upcoming)
        if not (name in case.hedged and not hedged):
            return
    number = printed(worked.last.node)
    case.given[name] = Given(number.text if number is not None else span.text(), line)
    (case.hedged.add if hedged else case.hedged.discard)(name)
    case.world.hypers[name] = value
    case.world.changed()


_SUPPOSES = re.compile(
    r"(?:^|[.;:!?(-])\W*(?:with|for|if|when|setting|letting|taking|putting|let)\b[^.;]*$",
    re.IGNORECASE,
)
_CONCLUDES = re.compile(
    r"^[^.;:]*?\b(?:is|are|gives?|becomes?|reduces?|turns?|equals?|recovers?|yields?|remains?"
    r"|leaves?|we get)\b",
    re.IGNORECASE,
)


def _limiting(lines: Sequence[str], part: Part) -> bool:
    """Say whether a sentence supposes a rate of 0 to say what the rule is then: it gives nothing.

    ``With beta1 = 0 Adam is RMSprop``, ``setting beta1 = 0 gives``; not ``with beta1 = 0:``.
    """
    line = lines[part.line - 1]
    before, after = line[: part.column - 1], line[part.column - 1 :]
    after = re.sub(r"^[\d.\s$]+", "", after)
    return bool(_SUPPOSES.search(before) and _CONCLUDES.match(after))


def take_numbers(case: Case, numbers: Fixed, part: Part) -> None:
    """Note the hyperparameters that a formula has as numbers, where nothing else gives them."""
    for name, value in numbers:
        if name not in case.given and not case.clock.busy:
            case.given[name] = Given(plain(Digits(12).round(value)), part.line)
            case.world.hypers[name] = value
            case.world.changed()


_CONSTANT = re.compile(
    r"\b(?:constant|konstante[rn]?|same)\s+gradient"
    r"|gradient(?! descent)[^.;]*?\b(?:constant|konstant|(?:in|at|for) (?:every|each|all)|always"
    r"|in jedem|immer|stets|constante?|à chaque|toujours|en cada|siempre)\b",
    re.IGNORECASE,
)
"""What says that a gradient is that of every step."""


def _says_constant(case: Case, part: Part) -> bool:
    line = case.source.lines[part.line - 1]
    ends = [m.end() for m in re.finditer(r"[.;!?]\s", line)]
    start = max((end for end in ends if end < part.column), default=0)
    sentence = line[start : min((end for end in ends if end >= part.column), default=len(line))]
    return bool(_CONSTANT.search(sentence)) and not _CHANGES.search(sentence)


_CHANGES = re.compile(r"\b(?:chang|var(?:y|ies)|differ|änder|until|then\b|first\b)", re.IGNORECASE)


def take_bare(case: Case, meaning: Meaning, worked: Worked) -> bool:
    """Take a bare number as given, where nothing in the document derives it.

    Returns
    -------
    bool
        Whether it was taken; otherwise it is a claim.
    """
    number = worked.number
    if not worked.bare or number is None:
        return False
    if meaning.name == "theta":
        in_row = worked.statement.time is not None and case.clock.busy
        if in_row and ("theta", meaning.parameter) not in case.world.start:
            return False  # a row that works a step ends in what it makes of the parameter
        return _parameter(case, meaning, number, worked.last)
    if meaning.name == "g":
        if not meaning.time and _says_constant(case, worked.last):
            override(case, meaning.parameter)
            case.world.constants.setdefault(meaning.parameter, point(number.value))
            case.world.changed()
        return _gradient(case, meaning, number)
    if meaning.name not in moments(case.rule):
        return False
    if case.clock.busy:
        # A program below what it works begins anew: nothing is claimed of a step.
        code = case.source.kind(worked.last.line).startswith("code")
        return code and number.value == 0 and not meaning.time
    return _moment(case, meaning, number, worked.last)


def take_objective(case: Case, name: Name, tree: Node) -> None:
    """Take a loss in terms of the parameters as the source of gradients."""
    if name.base not in LOSSES:
        return
    for parameter in names(tree):
        track = case.track(parameter)
        if track is None or (track in case.world.gradients and track not in case.inherited):
            continue
        derivative = differentiated(tree, parameter)
        if derivative is not None:
            override(case, track)
            case.world.gradients[track] = gradient_from(derivative, case.track, case.auxiliary)


def take_gradient_formula(case: Case, meaning: Meaning, tree: Node) -> None:
    """Take a formula for the gradient in terms of the parameters."""
    track = meaning.parameter
    if all(case.track(n) is None for n in names(tree)):
        return
    override(case, track)
    if track in case.world.gradients:
        return
    case.world.gradients[track] = gradient_from(tree, case.track, case.auxiliary)


def take_gradient_in(case: Case, meaning: Meaning, worked: Worked, t: int) -> bool:
    """Take the gradient that stands in the expression for a moment: 0.9*0 + 0.1*(-15)."""
    checked, key = worked.checked, ("g", meaning.parameter, t)
    first = checked.first
    if meaning.name not in moments(case.rule) or first is None or not first.is_point:
        return False
    if case.world.truth(*key) is not None:
        return False
    for value in (point(sign * x) for x in checked.first_numbers for sign in (1, -1)):
        with case.world.assuming(key, [Candidate(value)]):
            made = [c.span for c in case.world.candidates(meaning.name, meaning.parameter, t)]
        if first in made:
            case.world.give(*key, value)
            case.clock.saw(*key)
            return True
    return False


def take_function(case: Case, parts: tuple[Part, ...]) -> bool:
    """Recognise ``f(w) = …``: a function of the parameter. Say whether it is one."""
    left = parts[0].node
    if len(parts) < 2 or not (isinstance(left, Binary) and left.sign == "juxtaposed"):
        return False
    function, argument = left.left, left.right
    if not (isinstance(function, Name) and isinstance(argument, Name)):
        return False
    if case.track(argument) is None:
        return False
    if case.notation.meaning(function).name not in ("g", "delta", "theta"):
        # "Let h(x) = x^2": what is said of the parameter is what is minimised, by any letter.
        function = Name(LOSSES[0])
    take_objective(case, function, parts[-1].node)
    return True


def _parameter(case: Case, meaning: Meaning, number: Printed, part: Part) -> bool:
    world, clock, track = case.world, case.clock, meaning.parameter
    begins_anew = not (clock.busy or clock.leads(track)) and meaning.time in ("", "0")
    if track in case.inherited_start and begins_anew:
        case.inherited_start.discard(track)
        world.start.pop(("theta", track), None)
    if ("theta", track) not in world.start:
        worked = clock.has_worked(track) and meaning.time != "0"
        if worked and not begins(case.source.lines[part.line - 1][: part.column - 1]):
            return False  # it is where a step led
        world.start["theta", track] = number.value
        case.given["theta" if not track else f"theta.{track}"] = Given(number.text, part.line)
        clock.start(meaning.time)
        world.changed()
        return True
    known = case.given.get("theta" if not track else f"theta.{track}")
    if known is not None and known.line == part.line and number.text == known.value:
        return True  # it was taken from here before anything was judged
    same = world.start["theta", track] == number.value
    if same and clock.starts_here(meaning.time):
        return True
    if meaning.time == "0" or (not clock.busy and not meaning.time):
        if world.start["theta", track] != number.value:
            if meaning.time != "0" and _is_where_it_led(case, track, number):
                return False
            restart(case)
            world.start["theta", track] = number.value
            case.given["theta"] = Given(number.text, part.line)
        return True
    return False


def take_result(case: Case, meaning: Meaning, number: Printed | None, t: int) -> None:
    """Go on from where a step led, where nothing says from where it was taken."""
    if meaning.name == "theta" and number is not None:
        case.world.give("theta", meaning.parameter, t, point(number.value))
        case.clock.saw("theta", meaning.parameter, t)


def _is_where_it_led(case: Case, track: str, number: Printed) -> bool:
    """Say whether a number is where the first step leads, and so no new start: "I got w = 2.9"."""
    truth = case.world.truth("theta", track, case.world.first)
    return truth is not None and number.fits(truth) is not None


def _gradient(case: Case, meaning: Meaning, number: Printed) -> bool:
    world, clock, track = case.world, case.clock, meaning.parameter
    value, t = point(number.value), clock.time_of(meaning)
    led = world.candidates("g", track, t)
    if not any(number.fits(one.span) is not None for one in led):
        override(case, track)
    if track in world.gradients and led:
        return False
    while world.truth("g", track, t) not in (None, value) and not meaning.time:
        t += 1  # a second gradient without an index is that of the next step
    known = world.truth("g", track, t)
    if known is not None:
        return known == value
    key = ("g", track, t)
    case.gradients[key] = number
    if key in case.behind:
        world.give(*key, point(case.behind[key]))
        world.settle(key, number, "holds")
    else:
        world.give(*key, value)
    clock.saw(*key)
    if not meaning.time:
        case.constant[track] = value
    return True


def _moment(case: Case, meaning: Meaning, number: Printed, part: Part) -> bool:
    world, track = case.world, meaning.parameter
    starting = meaning.time == "0" and not case.notation.zero_based
    if starting or meaning.time in ("t-1", "init") or (number.value == 0 and not meaning.time):
        world.start[meaning.name, track] = number.value
        world.changed()
        return True
    late = case.starts_after > 0 and meaning.time == str(case.starts_after)
    if not late:
        return False
    # A state to start from: m_1 and v_1 are given, step 2 is worked.
    t = int(meaning.time)
    world.first = max(world.first, t + 1)
    world.start[meaning.name, track] = number.value
    world.changed()
    case.given[f"{meaning.name}_{t}"] = Given(number.text, part.line)
    case.clock.mark(t + 1)
    return True


def leave_others(case: Case, chapter: Treatment) -> None:
    """Keep of what comes before a chapter the givens, but no other optimizer's own defaults.

    A section on an optimizer that has another default means its own.
    """
    case.claims.clear()
    case.clock.restart()
    own = case.rule.defaults
    for name, given in tuple(case.given.items()):
        for start, end, about in chapter.closed:
            theirs = about.optimizers[0].rule.defaults
            if not start <= given.line < end or name not in own or name not in theirs:
                continue
            if Fraction(given.value) == Fraction(theirs[name]) != Fraction(own[name]):
                del case.given[name]
                case.world.hypers[name] = Fraction(own[name])
                case.world.changed()
                break
