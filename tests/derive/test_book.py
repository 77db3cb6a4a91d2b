"""Derivations as they are read: pictures, numbers, who checked it, what rests on it, notebooks."""

from __future__ import annotations

import json
import re

import pytest

from adamref import plots
from adamref.derive.again import derived
from adamref.derive.document import book
from adamref.derive.numbers import exemplified, refuted
from adamref.derive.reading import PATHS
from adamref.derive.uses import uses
from adamref.errors import UnknownName
from adamref.plots.steps import first_violation
from adamref.render import render, written
from adamref.theorems.index import ids
from adamref.theorems.library import chapter_of, theorem, theorems
from adamref.typeset.tree import DataTable, Display, Figure, Reference, Verbatim
from books import whole
from pages import read_html

ALL = list(theorems().values())


def text_of(sentence):
    return "".join(
        part.text if isinstance(part, Verbatim) else part.id if isinstance(part, Reference)
        else part if isinstance(part, str) else part.latex
        for part in sentence
    )  # fmt: skip


def told(name):
    return [text_of(sentence) for sentence in uses(theorem(name))]


# What is claimed in numbers.


def test_a_near_miss_is_worked_where_it_fails():
    (miss,) = theorem("step-bound").near_misses
    there, table, sides = refuted(miss.statement, theorem("step-bound").space, miss.counterexample)
    assert text_of(there.parts) == (
        r"\alpha = 1, \beta_1 = 0, \beta_2 = 0.5, t = 2, g_{1} = 0, g_{2} = 1."
    ), "there is no gradient 0"
    assert isinstance(table, DataTable)
    assert [text_of(cell) for cell in table.rows[1]][:4] == ["2", "1", "1", "0.5"]
    assert sides == Display(r"\left|{\Delta_{t}}\right| \approx 1.224744871 > 1 = \alpha")


@pytest.mark.slow
def test_every_near_miss_that_is_worked_fails():
    seen = 0
    for one in ALL:
        for miss in one.near_misses:
            blocks = refuted(miss.statement, miss.space or one.space, miss.counterexample)
            seen += len(blocks) > 1
            if len(blocks) > 1:
                assert any(isinstance(block, Display) for block in blocks), one.id
    assert seen >= 270


def test_a_run_of_another_rule_says_in_which_lines():
    text = render(derived("constant-corrections-first-step", checked=False), "md")
    assert r"with $\hat{m}'_{t} = \frac{m'_{t}}{1 - \beta_1}$" in text


def test_a_derivation_begins_with_the_recurrence():
    assert r"m_{t} &= \beta_1 \cdot m_{t-1}" in render(
        derived("weights", "first-step", checked=False), "md"
    )
    assert "A step of Adam" in render(derived("adagrad-sum", checked=False), "md"), "its letters"


@pytest.mark.slow
def test_every_path_has_worked_examples():
    assert sum(bool(exemplified(one)) for one in ALL) >= 36
    assert sum(bool(exemplified(theorem(n))) for n in PATHS["student"].theorems) >= 5


# Who checked it, and what rests on it.


def test_what_rests_on_a_theorem_is_found():
    assert any("adamref.bounds.generated.of_product" in one for one in told("rounding-product"))
    assert any("adamref.tolerances.free" in one for one in told("rounding-accumulated-m"))
    assert any("by the name lerp" in one for one in told("rounding-m-lerp"))
    assert any("adamref audit" in one for one in told("ten-days"))
    assert any(one.startswith("Faults: bias-correction-without-power") for one in told(
        "constant-corrections"
    ))  # fmt: skip
    assert any(one.startswith("Rules: ") and "adagrad" in one for one in told("adagrad-is-adam"))
    assert any("step-bound-no-momentum" in one for one in told("step-bound"))
    assert told("step-bound-gap") == []


@pytest.mark.slow
def test_many_theorems_are_used():
    kinds = [text_of(one).partition(":")[0] for each in ALL for one in uses(each)]
    assert {"Tolerances", "Documents", "Faults", "Dialects", "Rules", "Proofs"} == {*kinds}
    assert sum(bool(uses(one)) for one in ALL) >= 145


def test_a_derivation_says_what_the_checkers_mean():
    text = render(derived("power-below-one"), "md")
    assert "**Checked.** PROVED. algebra: passed; " in text
    assert "- algebra: each step is multiplied out and compared" in text
    assert "- Coq" not in text, "Coq was not asked"
    assert "- Coq: it is proved once more" in render(derived("weights", checked=False), "md")


def test_what_a_checker_means_is_said_once_in_a_chapter():
    text = render(derived("unbiased-m-hat", "unbiased-v-hat", checked=False), "md")
    assert text.count("- algebra: each step") == 1
    assert text.count("**Checked.** Recorded as PROVED by algebra, z3, search and Coq; ") == 2


def test_a_step_says_where_that_stands_which_it_uses():
    text = render(derived("moments-apart", checked=False), "md")
    assert "Used: “at most the size” (step 1 here)." in text
    assert "Used: “positive sum” (step 1):" in text
    assert "- start of $\\mu$: $\\mu_{0} = 0$." in text, "one index needs no quantifier"


def test_a_step_shows_what_it_uses_that_does_not_stand_on_the_page():
    text = render(derived("closed-form-m", "step-bound", checked=False), "md")
    shown = text.split("Let $t > 0$, and let it hold for $t - 1$:")[1]
    for used, says in {
        "line $m$ of Adam": r"m_{t} = \beta_1 m_{t - 1} + \left(1 - \beta_1\right) g_{t}",
        "induction hypothesis": r"m_{t - 1} = \left(1 - \beta_1\right) \sum_{i=1}^{t - 1}",
        "theorem `first-moment-below-second`": r"{m_{t}}^{2} \le",
    }.items():
        assert says in shown.split(f"Used: {used}:")[1].split("\n\n")[1]
    theorem = "theorem `power-below-one` for $\\beta = \\beta_1$"
    assert text.count(f"Used: {theorem}:") == 1, "a formula is shown once"
    assert f"Used: “square” (step 1); {theorem};" in text


def test_what_is_used_is_named_once():
    text = render(derived("rmsprop_forms", checked=False), "md")
    assert text.count("Used: $\\theta$ before the first step:") > 0
    assert not re.search(r"Used: ([^\n]*)\.\n\n *Used: \1:", text)


def test_an_inequality_shows_the_sum_by_which_it_holds():
    text = render(derived("moments-apart", "eps-inside-farthest-above", checked=False), "md")
    sums = text.split("Then the greater side less the smaller is a sum of terms that are")
    begun = r"$$\left(W x_{1} - \mu_{1}\right)^{2} + 2 "
    assert any(sum_.split("\n\n")[1].strip().startswith(begun) for sum_ in sums[1:])
    assert "Then the square of the greater side less that of the smaller is not negative:" in text


def test_a_refuted_claim_is_called_so_where_it_stands():
    found = derived("ten-days", checked=False).document
    assert found.sections[0].title.startswith("Refuted: ")
    assert "This is claimed, and it is false:\n\n$$" in render(derived("ten-days"), "md")


def test_letters_are_explained_below_the_rule():
    for name in ("weights", "first-step", "moments-apart"):
        text = render(derived(name, checked=False), "md")
        assert "Here $g_{t}$ is the gradient of the loss at $\\theta_{t-1}$" in text


def test_a_false_statement_is_called_false_before_it_stands():
    text = render(derived("step-bound", checked=False), "md")
    assert "This is false:\n\n$$\\left|{\\Delta_{t}}\\right| \\le \\alpha$$" in text


def test_the_symbols_of_rounded_operations_are_said():
    text = render(derived("rounding-denominator-paper", checked=False), "md")
    for said in ("$u$: the unit roundoff", "$d_{1}$, $d_{2}$: the relative error of a rounding",
                 "$k_{\\mathrm{root}}$: within how many ulps a root is"):  # fmt: skip
        assert said in text
    assert "k_{\\mathrm{div}}" not in text, "there is no quotient"
    assert "unit roundoff" not in render(derived("online-adam-regret", checked=False), "md")


def test_only_what_a_false_statement_rests_on_has_a_value():
    text = render(derived("rounding-m-beta", checked=False), "md")
    assert "b = 0.625" in text
    assert "k_{" not in text, "its operations are products and a sum"


# What it says of itself.


def test_every_theorem_says_why_it_matters_or_what_rests_on_it():
    assert [one.id for one in ALL if not (one.matters or uses(one))] == []


def test_what_is_said_is_said_in_sentences():
    for one in ALL:
        for text in (one.matters, one.idea, *chapter_of(one.id).opening):
            assert not text or text.endswith("."), (one.id, text)
            assert "_" not in re.sub(
                r"(?:m|v|eps)_hat|v_max|weight_decay|[a-zA-Z]_(?:[a-z0-9]|\([^)]*\))", "", text
            )


def test_the_idea_stands_in_the_proof():
    assert theorem("step-bound").idea == (
        "Square the step: then the first moment can be compared with the second, and v_t cancels."
    )
    assert sum(bool(one.idea) for one in ALL if one.verdict == "PROVED") >= 200


@pytest.mark.long
def test_the_whole_book_has_ways_through_it_and_an_index_by_question(call):
    code, text, _ = call("derive", "all", "--level", "statement")
    assert code == 0
    for path in PATHS.values():
        assert f"**{path.title}.**" in text
    assert "# Index by question" in text or "**Index by question.**" in text
    assert "- How big can a step be? [`step-bound`](#step-bound), " in text
    assert [x for x in re.findall(r"\]\(#([a-z0-9-]+)\)", text) if f'id="{x}"' not in text] == []


# Pictures.


@pytest.mark.parametrize("name", plots.names())
def test_a_picture_has_its_text_and_its_numbers(name):
    picture = plots.picture(name)
    assert picture.alt.startswith(picture.title)
    head, rows = picture.table()
    assert len(head) == len(rows[0]) >= 2
    assert 2 <= len(rows) <= 12
    lines = picture.csv().splitlines()
    assert lines[0].startswith(picture.across)
    assert len(lines) > len(rows)
    assert plots.picture(name) is picture


@pytest.mark.slow
@pytest.mark.parametrize("name", plots.names())
def test_a_picture_is_the_same_twice_on_either_ground(name):
    picture = plots.picture(name)
    light, dark = picture.svg(), picture.svg(dark=True)
    assert (light, dark) == (picture.svg(), picture.svg(dark=True))
    assert light != dark
    named = r"https?://(?:www\.w3\.org|purl\.org|creativecommons\.org|matplotlib\.org)/"
    assert "http" not in re.sub(named, "", light)


def test_the_paper_s_bound_is_passed_where_the_theorem_says():
    low = next(
        r.rhs for r in theorem("paper-step-bound-first-violation").statement.domain
        if str(r.lhs) == "n"
    )  # fmt: skip
    assert first_violation() == int(low) == 210
    assert ("210",) in [row[:1] for row in plots.picture("step-bound").table()[1]]


def test_every_picture_shows_theorems_that_there_are():
    shown = {name for theorems in plots._SHOWS.values() for name in theorems.split()}
    assert shown <= {*ids()}
    with pytest.raises(UnknownName, match="picture 'no-such' is unknown"):
        plots.picture("no-such")


def test_a_document_shows_a_picture_once():
    made = book([theorem("closed-form-m"), theorem("closed-form-v")]).document
    shown = [b for section in made.sections for b in section.blocks if isinstance(b, Figure)]
    assert [one.name for one in shown] == ["average-weights"]


@pytest.mark.slow
def test_pictures_are_written_beside(call, tmp_path):
    code, _, err = call("derive", "weights", "--pictures", str(tmp_path), "--quiet")
    assert (code, err) == (0, "")
    assert {p.name for p in tmp_path.iterdir()} == {
        f"bias-correction{ending}" for ending in (".svg", "-dark.svg", ".pdf", ".csv")
    }


# Whole documents.


@pytest.mark.slow
def test_a_path_in_every_format(tmp_path, call):
    for format_ in ("md", "html", "latex", "pdf", "notebook", "slides", "json"):
        file = tmp_path / f"student.{format_}"
        code, _, err = call("derive", "student", "--format", format_, "--output", str(file))
        assert (code, err) == (0, "")
        assert file.stat().st_size > 20_000
    page = (tmp_path / "student.html").read_text("utf-8")
    assert "For a student" in page
    assert not {"script", "link"} & read_html(page).seen


def executed(notebook):
    """Run a notebook in a kernel of its own, and return its cells."""
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    made = nbformat.reads(notebook, as_version=4)
    nbformat.validate(made)
    return nbclient.NotebookClient(made, timeout=300, kernel_name="python3").execute().cells


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_notebook_of_derivations_runs_in_a_clean_kernel():
    made = written(derived("closed-form-m", "weights", checked=False), "notebook")
    outputs = [output for cell in executed(made) for output in cell.get("outputs", [])]
    assert sum("text/html" in one.get("data", {}) for one in outputs) == 4
    assert any("PROVED. algebra: passed" in json.dumps(one) for one in outputs)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_notebook_of_a_sheet_runs_in_a_clean_kernel(call):
    code, out, _ = call(
        "step", "--theta", "0.5", "--objective", "(3*w - 4)**2", "--alpha", "0.1",
        "--letters", "w,s", "--blank", "m_hat", "--format", "notebook",
    )  # fmt: skip
    assert code == 0
    cells = executed(out)
    assert "-15" in json.dumps(cells[-1])


# What a fresh reader stumbled over.


@pytest.mark.long
def test_no_derivation_shows_what_only_a_program_reads():
    text = render(whole(), "md")
    prose = re.sub(r"\$\$.*?\$\$|\$[^$\n]*\$|`[^`]*`|```.*?```", "", text, flags=re.DOTALL)
    assert "**" not in re.sub(r"\*\*(?:[^*\n]|\\\*)+\*\*", "", prose), "a power as Python writes it"
    assert not re.search(r"\d{40}", text), "a number that nobody reads"
    assert " - " not in prose, "a hyphen for a minus"
    assert r"\Bigl( \\ & \qquad\quad \quad 1 - " not in text, "a factor torn apart"


def test_what_is_false_where_is_told_by_index_and_in_few_digits():
    text = render(derived("closed-form-m", checked=False), "md")
    assert r"**Counterexample.** $\beta_1 = 0$, $t = 0$, $g_{0} = 1$." in text.replace(
        r"$\beta_2 = 0$, ", ""
    )
    text = render(derived("rounding-denominator-paper", checked=False), "md")
    assert re.search(r"\$d_\{1\} \\approx -0\.\d{8,12}\$", text)


def test_what_a_near_miss_alone_speaks_of_stands_there():
    text = render(derived("first-step", checked=False), "md")
    assert text.index("**Near-miss.**") < text.index(r"**Where.** $\Delta^{*}_{t}$")


def test_a_wide_product_keeps_its_factors_whole():
    text = render(derived("step-bound-gap", checked=False), "md")
    assert r"\times \left(1 - \beta_2^{t}\right)" in text
    assert r"$0.09946480748$" in text, "a root in a table of rational numbers"
