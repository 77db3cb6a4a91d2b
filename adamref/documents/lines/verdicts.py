"""The verdict on a line that a document writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, final

from adamref.documents.claims import Cause
from adamref.documents.dialects import PAPER, moments, rates, rests_on
from adamref.documents.lines.compare import agreeing, rules_of, steps
from adamref.documents.lines.differences import Departure, difference
from adamref.documents.lines.literals import numbers_for
from adamref.documents.lines.sums import other_ends
from adamref.documents.lines.symbols import WrittenLine, letters
from adamref.documents.lines.trajectories import CORRECTED
from adamref.documents.lines.written import right_line, said, style_of
from adamref.errors import CannotEvaluate
from adamref.expressions.nodes import Binary, Name, Negative
from adamref.expressions.nodes import names as names_in
from adamref.rules.family import family

if TYPE_CHECKING:
    from adamref.documents.lines.trajectories import Fixed
    from adamref.rules.optimizer import Optimizer
    from adamref.rules.rule import Rule

_RELATIVES = ("gradient-descent", "momentum", "heavy-ball", "sgd", "rmsprop", "adagrad", "ewa")
"""What a text on another optimizer mentions in passing; they have one decay rate at most."""


_STEPS_KNOWN = ("adam", "adam-l2", "adamw", "rmsprop", "adagrad")
"""Those whose steps are written in few ways: what is none of them is wrong."""


@final
@dataclass(frozen=True)
class Judged:
    """What is thought of a line.

    Attributes
    ----------
    verdict : {"holds", "dialect", "wrong", "unread"}
    because : str
    field : str
    dialect : str
        In which it holds.
    expected : str or None
        The line as it should stand, in the author's letters.
    causes : tuple of Cause
    optimizer : str
        By whose rule it was judged.
    numbers : tuple of (str, Fraction)
        What its numbers are: hyperparameters it has no letters for.
    """

    verdict: str
    because: str
    field: str
    dialect: str = ""
    expected: str | None = None
    causes: tuple[Cause, ...] = ()
    optimizer: str = ""
    numbers: Fixed = ()


@final
@dataclass(frozen=True)
class Setting:
    """What surrounds a line.

    Attributes
    ----------
    optimizer : Optimizer
        Of the text that it stands in.
    letters : mapping of str to str
        How other lines write the symbols of the rule.
    average : bool
        Whether the text calls what stands on the left an average.
    certain : bool
        Whether what stands on the left is known by words.
    code : bool
    explains : bool
        Whether to look for what is wrong with it, which takes a while.
    numbers : mapping of str to Fraction
        What hyperparameters are that other lines have as numbers.
    """

    optimizer: Optimizer
    letters: Mapping[str, str]
    average: bool = False
    certain: bool = False
    code: bool = False
    explains: bool = True
    numbers: Mapping[str, Fraction] = field(default_factory=dict)


def judged(line: WrittenLine, setting: Setting) -> Judged:
    """Judge a line: by the optimizer at hand, then by those that may be mentioned beside it."""
    optimizer = setting.optimizer
    candidates = list(_candidates(line, optimizer, setting.numbers))
    try:
        label, some, fixed = _matching(line, candidates)
        if label is not None:
            return replace(_right(line, label, optimizer), numbers=fixed)
        if (other := _relative(line, setting)) is not None:
            return other
    except CannotEvaluate as error:
        return Judged("unread", str(error), line.field)
    if not some:
        because = "the rule has not all the symbols of it"
        return Judged("unread", because, line.field)
    if not (_is_certain(line, setting) or setting.certain):
        known = "it is not a form of this line that adamref knows"
        return Judged("unread", known, line.field)
    return _wrong(line, candidates, setting)


def is_line(line: WrittenLine, optimizer: Optimizer) -> bool:
    """Say whether a line is one of an optimizer, in some dialect."""
    try:
        return _matching(line, list(_candidates(line, optimizer, {})))[0] is not None
    except CannotEvaluate:
        return False


def _candidates(
    line: WrittenLine, optimizer: Optimizer, known: Mapping[str, Fraction]
) -> Iterator[tuple[str, Rule, Fixed]]:
    spoken = {line.field, *(line.meaning(name).name for name in names_in(line.right))}
    seen = set()
    for label, rule in rules_of(optimizer, line):
        # Dialects that make the fields of the line alike are one.
        its = frozenset((x.name, x.expr) for name in spoken for x in rests_on(rule, name))
        key = (its, "v_max" in rule.fields, "alpha_t" in rule.fields)
        if key in seen:
            continue
        seen.add(key)
        for fixed in numbers_for(line, rule, known):
            yield label, rule, fixed


def _matching(
    line: WrittenLine, candidates: list[tuple[str, Rule, Fixed]]
) -> tuple[str | None, bool, Fixed]:
    """Return the first dialect that has a line, whether any could have, and its numbers."""
    some = False
    known: dict[object, WrittenLine] = {}
    for label, rule, fixed in candidates:
        for variant in _variants(line, rule):
            # What a name stands for is worked out once, not for each rule.
            one = known.setdefault((variant.renamed, variant.right), variant)
            agrees = agreeing(one, rule, fixed)
            some |= agrees is not None
            if agrees:
                return label, True, fixed
    return None, some, ()


def _variants(line: WrittenLine, rule: Rule) -> Iterator[WrittenLine]:
    """Yield a line as it stands, and as others have its letters.

    A step may have the other sign, and no size; with AMSGrad v_hat is its maximum; and where a rule
    has another line for m_hat, it may still be the corrected m. What alpha_t is, a rule may say.
    """
    yield line
    renamings = [
        (("v_hat", "v_max"),) if "v_max" in rule.fields else (),
        (("m_hat", "m" + CORRECTED), ("v_hat", "v" + CORRECTED)),
        (("alpha", "alpha_t"),) if "alpha_t" in rule.fields and _has_step_size(line) else (),
    ]
    for renamed in filter(None, renamings):
        field = dict(renamed).get(line.field, line.field)
        yield replace(line, renamed=renamed, field=field)
    if line.field == "delta":
        scaled = Binary("*", Name("alpha"), line.right)
        for node in (Negative(line.right), scaled, Negative(scaled)):
            yield replace(line, right=node)


def _has_step_size(line: WrittenLine) -> bool:
    """Say whether a line has a step size with an index of the step."""
    return any(n.base in ("alpha", "eta") and n.index == "t" for n in names_in(line.right))


def _right(line: WrittenLine, label: str, optimizer: Optimizer) -> Judged:
    usual = label == PAPER
    source = "Algorithm 1" if optimizer.name == "adam" else optimizer.title
    where = f"of {source}" if usual else f"in the dialect {label}"
    because = f"it is the line {line.field} {where}"
    verdict = "holds" if usual else "dialect"
    return Judged(verdict, because, line.field, label, label, optimizer=optimizer.name)


def _relative(line: WrittenLine, setting: Setting) -> Judged | None:
    """Judge a line by the rules of optimizers that are mentioned in passing.

    The one average that a program keeps is what its step is divided by, and of no relative.
    """
    alone = setting.code and "m" not in setting.optimizer.rule.fields
    if alone and line.field in moments(setting.optimizer.rule):
        return None
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
    if line.field.endswith("_hat"):
        return line.field.removesuffix("_hat") in used | {line.field} or line.field in used
    if line.field in states:
        if setting.average:
            return True
        return bool(used & set(rates(rule))) if two else line.field in second
    if line.field == "theta":
        corrected = {name for name in used if name.endswith("_hat")}
        return bool(corrected | (used & second)) and (two or bool(used & second))
    return False


def _wrong(
    line: WrittenLine, candidates: list[tuple[str, Rule, Fixed]], setting: Setting
) -> Judged:
    rule = next((rule for _, rule, _ in candidates if line.field in rule.fields), None)
    plain = "it is no line of any dialect"
    if rule is None or not setting.explains:
        return Judged("wrong", plain, line.field)
    own = {**setting.letters, **letters(line, steps(line)[-1])}
    own |= {rate: _number(value) for _, _, fixed in candidates[:1] for rate, value in fixed}
    style = style_of(own, code=setting.code)
    found = _explained(line, candidates)
    if isinstance(found, Departure):
        rule, name, says = found.rule, "solved", said(found, own, style)
        name = found.fault.id if found.fault is not None else name
    else:
        name, says = "sum-ends", found or ""
    if not says and line.field == "theta" and setting.optimizer.name not in _STEPS_KNOWN:
        because = "it is not a form of this line that adamref knows"
        return Judged("unread", because, line.field)
    expected = right_line(rule, line.field, own, style)
    causes = (Cause(name, says, reproduces=True),) if says else ()
    because = f"it should be {expected}"
    return Judged("wrong", because, line.field, "", expected, causes)


def _explained(
    line: WrittenLine, candidates: list[tuple[str, Rule, Fixed]]
) -> Departure | str | None:
    for says, one in other_ends(line):
        if _matching(one, candidates)[0] is not None:
            return says
    return difference(line, [(rule, fixed) for _, rule, fixed in candidates])


def _number(value: Fraction) -> str:
    return f"{float(value):g}"
