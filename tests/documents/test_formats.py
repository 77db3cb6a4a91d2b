"""A format of documents is one object: it says how a file becomes lines, and where they stood."""

from __future__ import annotations

import pytest

import packages
from adamref import audit
from adamref.documents import formats
from adamref.documents.formats.format import DocumentFormat, Passage

USUAL = "alpha = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, w_0 = 1, g_1 = 15"


def unfolded(lines):
    """Read ``name|value`` rows below a head, as some logs have them; other lines are comments."""
    for number, line in enumerate(lines, 1):
        if not line.startswith("!"):
            continue
        name, _, value = line[1:].partition("|")
        text = f"{name} = {value}"
        columns = [*range(2, 2 + len(name)), *[len(name) + 2] * 3, *range(len(name) + 3, 1000)]
        yield Passage(text, tuple((number, column) for column in columns[: len(text)]))


TRAC = DocumentFormat("trac", (".trac",), unfolded, lambda text: text.startswith("#!trac"))


@pytest.fixture
def trac(tmp_path, monkeypatch):
    """One more format, as an entry point of another package gives it."""
    monkeypatch.setattr(packages, "TRAC", TRAC, raising=False)
    with packages.installed(tmp_path / "installed", {formats.GROUP: "trac = packages:TRAC"}):
        yield


ROWS = "".join(f"!{pair.replace(' = ', '|')}\n" for pair in USUAL.split(", "))
LOG = f"#!trac v_1 = 99 is no claim\n\n{ROWS}a comment: m_1 = 7\n!m_1|1.6\n!v_1|0.225\n"


@pytest.mark.usefixtures("trac")
@pytest.mark.parametrize("name", ["log.trac", "log.TRAC", "log.txt"])
def test_a_format_from_outside_is_read_and_claims_stand_where_they_stood(tmp_path, name):
    path = tmp_path / name
    path.write_text(LOG)
    found = audit(path)
    assert [(c.line, c.column, c.quote, c.verdict) for c in found.claims] == [
        (10, 6, "!m_1|1.6", "wrong"),
        (11, 6, "!v_1|0.225", "holds"),
    ]
    assert {n: g.line for n, g in found.given.items()} == {
        "alpha": 3,
        "beta1": 4,
        "beta2": 5,
        "eps": 6,
        "theta": 7,
    }


def test_without_it_the_file_is_plain_text(tmp_path):
    path = tmp_path / "log.trac"
    path.write_text(LOG)
    assert formats.format_of(str(path), LOG).name == "plain"
    assert audit(f"{USUAL}\nm_1 = 1.5").verdict == "holds"


def test_the_format_that_reads_anything_comes_last():
    *others, last = formats.formats()
    assert last.name == "plain"
    assert all(one.suffixes for one in others)
