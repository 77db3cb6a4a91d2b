"""What stands on a page about its letters: each is introduced, and what is proved is said."""

from __future__ import annotations

import re

import pytest
from sympy import Add
from sympy.core.function import AppliedUndef

from adamref.derive.again import derived
from adamref.derive.grounds import KnownSoFar, as_a_sum
from adamref.logic.induction import Induction
from adamref.logic.relations import ge, is_strict, le
from adamref.render import render
from adamref.theorems.library import chapter_of, theorems
from adamref.theorems.operations import standard_model
from adamref.theorems.symbols import beta1, beta2, t
from adamref.typeset.notation import displayed, domain, spelled
from adamref.typeset.prose import typeset
from adamref.typeset.tree import Display, Math

ALL = list(theorems().values())
IN_THE_HEAD = {*"t g m v alpha beta1 beta2 eps m_hat v_hat delta theta".split()}


def relations(statement):
    hypotheses = (one.relation for one in statement.hypotheses.values())
    return (statement.claim, *statement.domain, *hypotheses)


def names(one):
    """The letters of a statement that its runs, its indices and the rounded operations leave."""
    said = relations(one.statement)
    symbols = {symbol for x in said for symbol in x.free_symbols}
    functions = {x.func.__name__ for relation in said for x in relation.atoms(AppliedUndef)}
    fields = {run.function(name).__name__ for run in one.runs for name in run.rule.fields}
    known = {symbol for named, _ in standard_model(symbols) for symbol in named}
    known |= {x.index for x in one.statement.hypotheses.values()}
    named = {symbol.name for symbol in symbols - known}
    named -= {name for run in one.runs for name in run.rule.defaults}
    return (named | {x for x in functions - fields if not x.startswith("E_")}) - IN_THE_HEAD


def test_every_letter_of_a_statement_is_introduced():
    missing = []
    for one in ALL:
        # Where something is assumed of each of its values, that says what it is.
        text = " ".join((one.says, *chapter_of(one.id).opening, *one.statement.hypotheses))
        formulas = " ".join(part.latex for part in typeset(text) if isinstance(part, Math))
        for name in sorted(names(one) - one.letters.keys()):
            written = re.escape(spelled(name))
            if not re.search(rf"(?<![A-Za-z\\]){written}(?![A-Za-z'])", formulas):
                missing.append((one.id, name))
    assert missing == []


def every_step(steps, known):
    for step in steps:
        yield step, known
        if isinstance(step.by, Induction):
            yield from every_step(step.by.base, known)
            yield from every_step(step.by.step, known.supposing(step, step.by))
        known = known.and_step(step, "here")


@pytest.mark.slow
def test_a_strict_inequality_is_shown_by_what_is_positive():
    strict = 0
    for one in ALL:
        known = KnownSoFar.of(one.statement)
        for step, before in every_step(one.proof(one.statement), known):
            if not getattr(step.claim, "is_Relational", False) or not is_strict(step.claim):
                continue
            said = list(as_a_sum(step, before))
            for block in said:
                if isinstance(block, Display):
                    strict += 1
                    assert re.search(r"> 0(?!\d)", block.latex), (one.id, step.name)
                else:
                    assert "positive" in "".join(map(str, block.parts)), (one.id, step.name)
    assert strict >= 100


def test_what_of_a_sum_is_positive_is_said():
    text = render(derived("adamax-step-bound-near-limit", checked=False), "md")
    assert "Then the greater side less the smaller is a sum of positive terms:" in text
    assert r"\left(1 - \beta_2\right) + \left(\beta_2 - \beta_1\right) > 0" in text
    assert r"\frac{\beta_2 - \beta_1}{\beta_2} > 0" in text


def test_a_sum_that_is_added_is_written_with_a_plus():
    sum_ = Add(beta1, beta2 - beta1, evaluate=False)
    assert displayed(ge(sum_, 0)) == r"\beta_1 + \left(\beta_2 - \beta_1\right) \ge 0"


def test_a_range_of_one_number_is_that_number():
    assert domain((ge(t, 3), le(t, 3))) == ["t = 3"]
    text = render(derived("paper-step-bound-first-violation", checked=False), "md")
    assert "$n = 210$" in text
    assert r"210 \le n" not in text


def test_a_start_that_is_free_is_said_and_worked():
    text = render(derived("stalling-tie-odd", checked=False), "md")
    assert "from any $v_{0}$" in text
    assert "v_{0} = 8.875" in text
    assert r"| $t$ | $g$ | $v$ |" in text, "no column of what is not spoken of"
    assert "the gap to the next number above" in text


def test_a_run_of_another_rule_has_its_own_source_and_letters():
    text = render(derived("amsgrad-corrected-later-falls", checked=False), "md")
    assert "AMSGrad (Kingma & Ba 2015, Algorithm 1; Reddi, Kale & Kumar 2018, Algorithm 2)" in text
    assert "on the gradients $c$, $0$" in text
    assert "**Source.** torch.optim.Adam" in text, "a module's name has no capital"
    text = render(derived("online-adam-regret", checked=False), "md")
    assert r"on the gradients $C$, $-1$, $-1$, $C$" in text, "its proof speaks of Adam's lines"
    assert r"$\mathrm{low}$: the lower end of the interval" in text


def test_what_is_put_in_for_a_letter_may_hold_it():
    text = render(derived("online-adam-regret", checked=False), "md")
    assert "with $k - 1$ in place of $k$" in text
    assert "for $k = k - 1$" not in text


def test_no_step_says_again_what_one_said():
    for one in ALL:
        claims = [step.claim for step in one.proof(one.statement) if not step.where]
        assert len(set(claims)) == len(claims), one.id
