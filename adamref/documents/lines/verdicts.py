"""The verdict on a line that a document writes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from sympy import Piecewise

from adamref.documents.claims import Cause
from adamref.documents.dialects import PAPER, dialects, moments, rates, rests_on
from adamref.documents.lines.allowances import allowed, doubtful
from adamref.documents.lines.closed_forms import for_one_gradient, only_for_one, right_form
from adamref.documents.lines.compare import steps
from adamref.documents.lines.differences import Departure, difference
from adamref.documents.lines.matching import candidates, is_line, matching
from adamref.documents.lines.settings import Judged, Setting
from adamref.documents.lines.sums import mended
from adamref.documents.lines.symbols import WrittenLine, letters
from adamref.documents.lines.written import in_letters, right_line, said, style_of, with_previous
from adamref.errors import CannotEvaluate
from adamref.expressions.nodes import Largest
from adamref.expressions.nodes import names as names_in
from adamref.expressions.written import written
from adamref.rules.family import family
from adamref.rules.notation import LATEX
from adamref.rules.symbols import PREVIOUS, current

if TYPE_CHECKING:
    from adamref.documents.lines.trajectories import Fixed
    from adamref.rules.optimizer import Optimizer
    from adamref.rules.rule import Rule

_RELATIVES = ("gradient-descent", "momentum", "heavy-ball", "sgd", "rmsprop", "adagrad", "ewa")
"""What a text on another optimizer mentions in passing; they have one decay rate at most."""


_STEPS_KNOWN = ("adam", "adam-l2", "adamw", "rmsprop", "adagrad")
"""Those whose steps are written in few ways: what is none of them is wrong."""


def judged(line: WrittenLine, setting: Setting) -> Judged:
    """Judge a line: by the optimizer at hand, then by those that may be mentioned beside it.

    Where one letter in it says nothing, or is that of what another letter is, and stands in other
    lines too, and the line is right if it is the gradient, then that is what it is.
    """
    for base in _perhaps_gradients(line, setting.repeated):
        found = _judged(replace(line, gradient=base), replace(setting, explains=False))
        if found.verdict in ("holds", "dialect"):
            return found
    return _judged(line, setting)


def _perhaps_gradients(line: WrittenLine, repeated: frozenset[str]) -> list[str]:
    """Return the letters that may be the gradient's, if nothing in the line is known to be."""
    meanings = {name: line.meaning(name) for name in names_in(line.right)}
    if any(x.kind == "field" and x.name == "g" for x in meanings.values()):
        return []
    own: dict[str, set[str]] = {line.field: {line.left.base}}
    for name, x in meanings.items():
        if x.kind == "field":
            own.setdefault(x.name, set()).add(name.base)
    found = {name.base for name, x in meanings.items() if x.kind == "other" and not name.hat}
    twice = {base for bases in own.values() if len(bases) > 1 for base in bases}
    found |= {name.base for name in meanings if name.base in twice} - {line.left.base}
    return sorted((found & repeated) - {"epsilon"})


def _judged(line: WrittenLine, setting: Setting) -> Judged:
    optimizer = setting.optimizer
    tried = list(candidates(line, optimizer, setting.numbers))
    try:
        label, some, fixed = matching(line, tried)
        if label is not None:
            return replace(_right(line, label, optimizer), numbers=fixed)
        for elsewhere in (_relative, allowed):
            if (other := elsewhere(line, setting)) is not None:
                return other
        if (other := for_one_gradient(line, tried, setting)) is not None:
            return other
    except CannotEvaluate as error:
        return Judged("unread", str(error), line.field)
    if not some:
        because = "the rule has not all the symbols of it"
        return Judged("unread", because, line.field)
    if not (_is_certain(line, setting) or setting.certain):
        known = "it is not a form of this line that adamref knows"
        return Judged("unread", known, line.field)
    if (doubt := doubtful(line, setting)) is not None:
        return Judged("unread", doubt, line.field)
    return _wrong(line, tried, setting)


def _right(line: WrittenLine, label: str, optimizer: Optimizer) -> Judged:
    usual = label == PAPER
    source = "Algorithm 1" if optimizer.name == "adam" else optimizer.title
    where = f"of {source}" if usual else f"in the dialect {label}"
    because = f"it is the line {line.field} {where}"
    verdict = "holds" if usual else "dialect"
    rule = dialects(optimizer).get(label)
    chooses = rule is not None and any(x.expr.has(Piecewise) for x in rests_on(rule, line.field))
    # One case of a rule that chooses does not say which dialect is meant.
    dialect = "" if chooses else label
    return Judged(verdict, because, line.field, dialect, label, optimizer=optimizer.name)


def _relative(line: WrittenLine, setting: Setting) -> Judged | None:
    """Judge a line by the rules of optimizers that are mentioned in passing.

    The one average that a program keeps, or a row of a table, is what its step is divided by, and
    of no relative.
    """
    alone = setting.alone and "m" not in setting.optimizer.rule.fields
    if alone and line.field in moments(setting.optimizer.rule):
        return None
    if line.field not in family()["adam"].rule.fields and line.field in line.notation.rule.fields:
        return None  # what this optimizer alone has
    two = len(rates(line.notation.rule)) > 1
    meanings = [line.notation.meaning(name) for name in names_in(line.right)]
    if two and any(m.kind == "hyper" and m.name.startswith("beta") for m in meanings):
        return None  # it tells two rates apart
    for name in _RELATIVES:
        other = family()[name]
        notation = line.notation.under(_richest(other))
        field = notation.meaning(line.left)
        if field.kind != "field":
            continue
        by_it = replace(line, notation=notation, field=field.name)
        if is_line(by_it, other):
            because = f"it is the line {field.name} of {other.title}"
            return Judged("holds", because, field.name, PAPER, PAPER, optimizer=name)
    return None


@cache
def _richest(optimizer: Optimizer) -> Rule:
    """Return the dialect with the most hyperparameters: it knows a name for all of them."""
    return max(optimizer.rules(), key=lambda rule: len(rule.defaults))


def _is_certain(line: WrittenLine, setting: Setting) -> bool:
    """Say whether a line can only be meant as that of the optimizer at hand."""
    meanings = [line.notation.meaning(name) for name in names_in(line.right)]
    used = {m.name for m in meanings if m.kind in ("field", "hyper")}
    rule = setting.optimizer.rule
    states = set(moments(rule))
    second = states - {"m"}
    two = len(rates(rule)) > 1
    own = rule.line(line.field) if line.field in states - {"m", "v"} else None
    if own is not None and {x.name.removesuffix(PREVIOUS) for x in own.expr.free_symbols} <= used:
        return True  # all that makes it stands there
    if line.field == "v_max":
        return isinstance(line.right, Largest) and bool(used & {"v", "v_hat"})
    if line.field.endswith("_hat"):
        return line.field.removesuffix("_hat") in used | {line.field} or line.field in used
    if line.field in states:
        if setting.average:
            return True
        return bool(used & set(rates(rule))) if two else line.field in second
    if line.field in ("theta", "delta"):
        corrected = {name for name in used if name.endswith("_hat")}
        return bool(corrected | (used & second)) and (two or bool(used & second))
    return False


def _wrong(line: WrittenLine, tried: list[tuple[str, Rule, Fixed]], setting: Setting) -> Judged:
    line, tried = _as_maximum(line, tried)
    rule = next((rule for _, rule, _ in tried if line.field in rule.fields), None)
    plain = "it is no line of any dialect"
    if rule is None or not setting.explains:
        return Judged("wrong", plain, line.field)
    own = {**setting.letters, **letters(line, steps(line)[-1])}
    own = with_previous(own, line.field)
    own |= {rate: _number(value) for _, _, fixed in tried[:1] for rate, value in fixed}
    style = style_of(own, code=setting.code)
    if causes := only_for_one(line, tried):
        expected = right_line(rule, line.field, own, style)
        return Judged("wrong", f"it should be {expected}", line.field, "", expected, causes)
    if (form := right_form(line, tried)) is not None:
        sides = (in_letters(x, own, style) for x in (current(line.field), form))
        expected = " = ".join(sides)
        return Judged("wrong", f"it should be {expected}", line.field, "", expected)
    found = _explained(line, tried, latex=style is LATEX)
    expected = right_line(rule, line.field, own, style)
    if isinstance(found, Departure):
        rule, name, says = found.rule, "solved", said(found, own, style)
        name = found.fault.id if found.fault is not None else name
    else:
        says, form = found or ("", "")
        name, expected = "maximum-of-two" if line.field == "v_max" else "sum-ends", form or expected
    if not says and line.field in ("theta", "delta") and setting.optimizer.name not in _STEPS_KNOWN:
        because = "it is not a form of this line that adamref knows"
        return Judged("unread", because, line.field)
    causes = (Cause(name, says, reproduces=True),) if says else ()
    because = f"it should be {expected}"
    return Judged("wrong", because, line.field, "", expected, causes)


def _as_maximum(
    line: WrittenLine, tried: list[tuple[str, Rule, Fixed]]
) -> tuple[WrittenLine, list[tuple[str, Rule, Fixed]]]:
    """Read what is made as the larger of two as the maximum over time, where rules keep one."""
    kept = [one for one in tried if "v_max" in one[1].fields]
    if not isinstance(line.right, Largest) or line.field not in ("v_hat", "v_max") or not kept:
        return line, tried
    if line.field == "v_hat":
        line = replace(line, renamed=(("v_hat", "v_max"),), field="v_max")
    used = {line.meaning(name).name for name in names_in(line.right)}
    # Those first that take it of what stands there.
    kept.sort(key=lambda one: _taken_of(one[1]) not in used)
    return line, kept


def _taken_of(rule: Rule) -> str:
    return "v_hat" if "v_hat" in {x.name for x in rule.line("v_max").expr.free_symbols} else "v"


def _of_two(line: WrittenLine) -> str:
    """Say that a maximum is of the last two values, and not of all so far."""
    seen = [(line.meaning(name), name) for name in names_in(line.right)]
    before = [name for m, name in seen if m.name in ("v", "v_hat") and m.time.endswith("-1")]
    if not before or any(m.name == "v_max" for m, _ in seen):
        return ""
    text, its = before[0].text.strip(), line.left.text.strip()
    return f"{text} stands where {its} of the step before should: it is the maximum so far"


def _explained(
    line: WrittenLine, tried: list[tuple[str, Rule, Fixed]], *, latex: bool
) -> Departure | tuple[str, str] | None:
    """Return what makes a line wrong: a change of the rule's, or words, with the right line."""
    for says, one in mended(line):
        if matching(one, tried)[0] is not None:
            return says, f"{line.left.text.strip()} = {written(one.right, latex=latex)}"
    if line.field == "v_max" and (says := _of_two(line)):
        return says, ""
    return difference(line, [(rule, fixed) for _, rule, fixed in tried])


def _number(value: Fraction) -> str:
    return f"{float(value):g}"
