"""Whatever a file holds: it is read or refused, soon, and nothing in it is carried out."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import document_formats as written
from adamref import audit
from adamref.documents.formats import formats
from adamref.documents.prose.constants import constants
from adamref.documents.prose.default_tables import tabled
from adamref.documents.prose.penalties import penalties
from adamref.documents.prose.pointers import pointers
from adamref.documents.prose.sentences import sentences
from adamref.documents.prose.sizes import sizes
from adamref.documents.source import from_bytes, from_text
from adamref.errors import Unreadable

USUAL = "Adam: alpha = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, w_0 = 1, g_1 = 15\n"
TEXTS = [one for one in formats() if one.unpack is None]
NAMES = [f"x{one.suffixes[0]}" if one.suffixes else "x" for one in TEXTS]
PARTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        r"""<table> <tr> <td <td> </td> <math> <mfrac> <mi>m</mi> <sub> <pre> <code> <!-- -->
        &amp; &#x; <script> </ <![if ]]> \begin{tabular}{cc} \end{tabular} \begin{array}{c} \\ &
        \newcommand{\a} \def\a \a {\a} {} } { \begin{align} \[ $$ $ % \input{x} .. math:: :math:`x`
        === --- +--+ | |a|b| * - ``` ~~~ [ ] , : " ' "a" {"cells":[ "source" "nbformat" 1e999 -1
        null \u00 \ud83d t,g,m 1,2 1;2 step: - a: #!/ /* */ // # \"\"\" ''' def >>> 9^9^9^9 m_1=1.5
        """.split()
    ),
    st.just("\n"),
    st.just(" "),
)
JUMBLES = st.lists(PARTS, max_size=40).map("".join)


def read_or_raise(name, data):
    return from_bytes(data, name) if isinstance(data, bytes) else from_text(data, name)


def faults_of(name, data):
    """Read a document: what is wrong with what was read, or with how it was refused."""
    try:
        source = read_or_raise(name, data)
    except Unreadable as error:
        said = str(error)
        return [] if said.startswith(f"{name}: ") and "\n" not in said else [said]
    return faults_in(source)


def faults_in(source):
    rows = len(source.lines)
    found = [] if len(source.kinds) in (0, rows) else [f"{len(source.kinds)} kinds of {rows} rows"]
    return found + [x for row in range(1, rows + 1) for x in faults_of_row(source, row)]


def faults_of_row(source, row):
    text, kind = source.lines[row - 1], source.kind(row)
    if "\n" in text or (kind not in ("text", "output") and kind.partition(":")[0] != "code"):
        yield f"row {row} of kind {kind}: {text!r}"
    source.quote(row)
    for column in (1, len(text)) if source.file and text else ():
        line, at = source.place(row, column)
        if not (1 <= line <= len(source.file) and 1 <= at <= len(source.file[line - 1]) + 1):
            yield f"row {row} stands at line {line}, column {at}"


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=max(settings.default.max_examples // 10, 5))
@given(text=JUMBLES)
def test_any_text_is_read_or_refused_in_every_format(name, text):
    assert faults_of(name, text) == []


@pytest.mark.parametrize("name", sorted(written.FORMATS))
@settings(max_examples=max(settings.default.max_examples // 20, 5))
@given(data=st.data())
def test_a_document_that_is_damaged_is_read_or_refused(name, data):
    made = written.FORMATS[name](written.NUMBERS)
    made = bytearray(made if isinstance(made, bytes) else made.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(made) - 1))
        made[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=8))
    assert faults_of(name, bytes(made)) == []


@given(st.binary(max_size=200))
@settings(max_examples=max(settings.default.max_examples // 2, 5))
def test_any_bytes_are_read_or_refused(data):
    for start in (b"", b"%PDF-1.4\n", b"PK\x03\x04", b"\xff\xfe"):
        assert faults_of("x", start + data) == []


def refusal(name, data):
    """Return why a document is refused, which is said soon; nothing if it is read."""
    before = time.process_time()
    try:
        read_or_raise(name, data)
    except Unreadable as error:
        assert time.process_time() - before < 20
        return str(error)
    return ""


def test_xml_that_declares_entities_is_refused():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><w:document/>'
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("word/document.xml", bomb)
    assert "declares a document type" in refusal("x.docx", made.getvalue())


def test_a_document_that_unpacks_to_gigabytes_is_refused():
    made = io.BytesIO()
    with (
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("word/document.xml", "w") as file,
    ):
        for _ in range(70):
            file.write(b" " * 2**20)
    assert len(made.getvalue()) < 200_000
    assert "unpacks to more than" in refusal("x.docx", made.getvalue())


# Each of ten names stands for ten of the one before.
BOMB = "a0: &a0 [1]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 11)
)
REFUSED = {
    "a deep list": ("x.json", "[" * 100_000, "nested too deeply"),
    "a deep notebook": ("x.ipynb", '{"cells":' * 100_000, "nested too deeply"),
    "deep YAML": ("x.yaml", "[" * 50_000, "YAML"),
    "YAML with aliases of much": ("x.yaml", BOMB, "stand for too much"),
    "YAML in itself": ("x.yaml", "a: &a [1, *a]\n", "of nothing that is there"),
    "YAML that makes objects": ("x.yaml", "!!python/object/apply:os.system [*a]", "of nothing"),
    "no notebook": ("x.ipynb", '{"a": 1}', "no notebook"),
    "no JSON": ("x.json", "m = 1", "not JSON"),
    "tags without end": ("x.html", "<a " * 1_100_000, "tags and references"),
    "no PDF": ("x.pdf", b"%PDF-1.4\nno more", "damaged|no text"),
}


@pytest.mark.parametrize(("name", "text", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_what_goes_too_far_is_refused_with_its_reason(name, text, said):
    assert re.search(said, refusal(name, text))


FAR = {
    "deep HTML": ("x.html", "<html>" + "<div>" * 30_000 + "m"),
    "deep MathML": ("x.html", "<html><math>" + "<mrow>" * 30_000 + "<mi>m</mi>"),
    "open comments": ("x.html", "<html>" + "<!--" * 100_000),
    "open sections": ("x.html", "<html>" + "<![" * 100_000),
    "open ends in a script": ("x.html", "<html><script>" + "</" * 200_000),
    "open quotes": ("x.html", "<html>" + "<a b='" * 20_000),
    "cells that reach down": ("x.html", "<html><table>" + "<tr><td rowspan=9999>1" * 5_000),
    "commands that double": ("x.tex", r"\def\a{\b\b}\def\b{\a\a}" + "\n\\a" * 2_000),
    "commands that grow": (
        "x.tex",
        r"\newcommand{\a}[1]{#1#1#1}" + "\n" + r"\a{" * 30 + "x" + "}" * 30,
    ),
    "open definitions": ("x.tex", r"\newcommand{\a}{" * 30_000),
    "a table without end": ("x.tex", r"\begin{tabular}{cc}" + "\n1 & 2 \\\\" * 30_000),
    "a string without end": ("x.c", 'x = "' + "a\\" * 200_000),
    "Markdown tables": ("x.md", "<table>\n" * 20_000 + "</table>"),
    "a notebook of one long line": (
        "x.ipynb",
        json.dumps({"cells": [{"cell_type": "code", "source": "x" * 10**6}], "nbformat": 4}),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), FAR.values(), ids=FAR.keys())
def test_what_goes_far_is_read_soon(name, text):
    before = time.process_time()
    assert faults_in(read_or_raise(name, text)) == []
    assert time.process_time() - before < 10


BROKEN = [
    "(", ")", "{", "}", "[", "(a=1)", "((a=1", "=(", "a=(", "a)", "{(", "+(", "a=(1,2)",
    "(a,b)=(1,2)", "a,b=c,d;", "we start at (1,2) ",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [pytest.param(x, marks=pytest.mark.long) if len(x) > 2 and x != "(a=1)" else x for x in BROKEN],
)
def test_thousands_of_brackets_are_judged_soon(piece):
    audit(USUAL)
    before = time.process_time()
    found = audit(f"{USUAL}\n{piece * (9_000 // len(piece))}m_1 = 1.6\n\nv_1 = 0.225\n")
    assert time.process_time() - before < 10
    assert [c.verdict for c in found.claims if c.field == "v"] == ["holds"]


@pytest.mark.slow
def test_a_megabyte_of_sentences_in_a_line_is_read_soon():
    before = time.process_time()
    audit("Adam uses beta1 = 0.9 and beta2 = 0.999, the authors say. " * 20_000)
    assert time.process_time() - before < 20


TOWERS = [
    "9^9^9^9",
    "0.5^{99999}",
    "exp(654321)",
    "2^{-999999} + 1",
    "3^900000/3^900000",
    "7e-999999",
]


@pytest.mark.parametrize("tower", TOWERS)
def test_powers_beyond_all_pages_are_judged_soon(tower):
    audit(USUAL)  # what it loads for the first time is not counted
    before = time.process_time()
    found = audit(f"{USUAL}m_1 = {tower} = 1.6\nv_1 = 0.225\n")
    assert time.process_time() - before < 3
    assert [c.verdict for c in found.claims if c.field == "v"] == ["holds"]


def test_no_code_runs_and_no_file_is_taken_in(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.tex").write_text("m_1 = 1.6")
    text = USUAL + "\\input{other}\n\\write18{touch made}\n"
    source = from_text(text, "x.tex")
    assert "m_1 = 1.6" not in "\n".join(source.lines)
    assert source.unread(2) == "what stands in another file is not read"
    assert faults_of("x.py", "open('made', 'w')\n") == []
    assert faults_of("x.yaml", "!!python/object/apply:os.system ['touch made']\n") == []
    assert {path.name for path in tmp_path.iterdir()} == {"other.tex"}


@pytest.mark.long
def test_what_coverage_leads_to_is_read_or_refused(tmp_path):
    pytest.importorskip("atheris", reason="atheris is not there for this Python")
    for number, (name, made) in enumerate(written.FORMATS.items()):
        said = made(written.NUMBERS)
        data = said if isinstance(said, bytes) else said.encode()
        (tmp_path / name).write_bytes(bytes([number]) + data)
    harness = Path(__file__).parent.parent / "support" / "fuzz_documents.py"
    limits = ["-max_total_time=30", "-timeout=10", "-rss_limit_mb=2048", "-max_len=8000"]
    ran = subprocess.run(
        [sys.executable, harness, tmp_path, *limits, f"-artifact_prefix={tmp_path}/"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]


SENTENCES = st.lists(
    st.sampled_from(
        r"""Adam β1 β_2 \beta_1 ε = 0.9 0.99, 0.999 10^{-8} 10<sup>-9</sup> 1e999 the authors give
        usually defaults to and for four learning rates: (0.1, 0.01) cost \frac{1}{ 5000 } 1/10 \sum
        _{i=1} ^L L1 L2 regularization + \lambda |w| w^2 without bias correction converges slowly .
        last 10 days 99999999999999999999 , ,,, steps batches of images per epoch times is $ % ²
        """.split(" ")
    ).map(str.strip)
    | st.text(max_size=3),
    max_size=60,
).map(" ".join)


@given(SENTENCES)
def test_no_sentence_stops_the_reading_of_prose(text):
    source = from_text(f"Adam {text}\n\n{text}")
    said = tuple(sentences(source))
    for claim in (
        *constants(source, said, ()), *tabled(source), *sizes(source, said), *penalties(source),
    ):  # fmt: skip
        assert claim.verdict in ("holds", "wrong")
    for pointer in pointers(source, said):
        assert 1 <= pointer.line <= len(source.lines)


def test_a_wrong_gradient_beside_a_penalty_has_no_line_of_a_rule_to_be_held_against():
    text = USUAL.replace("g_1 = 15", "lambda = 0.1") + "g = 2w\ng_1 = 7\nm_1 = 0.2\n"
    found = audit(text)
    assert [(c.field, c.verdict) for c in found.claims][:1] == [("g", "wrong")]
