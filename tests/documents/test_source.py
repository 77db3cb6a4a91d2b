"""Getting at text, and at text of unusual size."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adamref import audit
from adamref.documents.files import documents
from adamref.documents.layout import uses_decimal_comma
from adamref.documents.prose import surroundings
from adamref.documents.repair import counts_in_brackets
from adamref.documents.source import MAX_BYTES, from_file, from_text
from adamref.errors import AdamrefError, Unreadable

USUAL = "alpha = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, w_0 = 1, g_1 = 15\n"


@pytest.mark.parametrize(
    "text",
    ["a\nb\nc\nd", "a\r\nb\r\nc\r\nd", "a\rb\rc\rd", "\ufeffa\nb\nc\nd", "\ufeffa\r\nb\r\nc\nd"],
)
def test_every_end_of_line_and_a_byte_order_mark_give_the_same_lines(text):
    assert from_text(text).lines == ("a", "b", "c", "d")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_document_says_the_same_whatever_ends_its_lines(end, tmp_path):
    path = tmp_path / "notes.txt"
    text = USUAL + "m_1 = 0.1*15 = 1.6\nv_1 = 0.225\nmhat_1 = 15\n"
    path.write_bytes(text.replace("\n", end).encode())
    found = audit(path)
    assert [(c.line, c.field, c.verdict) for c in found.claims] == [
        (2, "m", "wrong"),
        (3, "v", "holds"),
        (4, "m_hat", "holds"),
    ]


@pytest.mark.parametrize("control", ["\f", "\v", "\x1c", "\x85", "\u2028"])
def test_only_a_line_feed_ends_a_line(control):
    """They count no line, so that every other line keeps the number an editor shows."""
    assert from_text(f"a\nb{control}rac\nc").lines == ("a", f"b{control}rac", "c")


def test_a_single_carriage_return_inside_a_line_is_kept():
    assert from_text("a\nb\rho\nc").lines == ("a", "b\rho", "c")


def test_the_name_is_kept():
    assert from_text("a").path == "<text>"
    assert from_text("a", "notes.md").path == "notes.md"


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\t \r\n", "\u00a0\n"])
def test_a_blank_text_is_unreadable(text):
    with pytest.raises(Unreadable, match="<text>: the document is empty"):
        from_text(text)


def test_a_byte_order_mark_alone_is_an_empty_document():
    with pytest.raises(Unreadable, match="empty"):
        from_text("\ufeff")


def test_a_nul_is_binary():
    with pytest.raises(Unreadable, match="binary"):
        from_text("m_1 = 1.5\0")


FILES = {
    "empty": (b"", "the document is empty"),
    "binary": (b"\x7fELF\x00\x01", "binary file"),
    "not UTF-8": (b"caf\xe9 m_1", r"not UTF-8 \(byte 0xe9 at offset 3\)"),
    "cut inside a character": ("m̂".encode()[:-1], r"not UTF-8 \(byte 0xcc at offset 1\)"),
    "UTF-16 without a mark": ("m_1 = 1.5".encode("utf-16-le"), "binary file"),
    "half a character of UTF-16": ("m_1".encode("utf-16")[:-1], "said to be utf-16, but it is not"),
    "not what it says": (b"% coding: ascii\n caf\xe9", "said to be ascii, but it is not"),
    "says what nobody knows": (b"% coding: klingon\n caf\xe9", "save it as UTF-8"),
    "says what is no encoding of text": (b"% coding: base64\n caf\xe9", "save it as UTF-8"),
    "JPEG": (b"\xff\xd8\xff\xe0\0\x10JFIF", "this is a JPEG picture, which is not read"),
    "PNG": (b"\x89PNG\r\n\x1a\n\0", "this is a PNG picture"),
    "old Word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", r"an old Word document \(\.doc\)"),
    "RTF": (b"{\\rtf1 m_1 = 1.5}", "a document in Rich Text Format"),
    "ZIP": (b"PK\x03\x04" + b"\0" * 40, "a ZIP archive"),
    "EPUB": (b"PK\x03\x04mimetypeapplication/epub+zip", "an EPUB book"),
}


@pytest.mark.parametrize(("content", "said"), FILES.values(), ids=FILES.keys())
def test_an_unreadable_file_says_why(tmp_path, content, said):
    path = tmp_path / "notes.md"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=said) as caught:
        from_file(path)
    assert caught.value.path == str(path)
    assert isinstance(caught.value, OSError)
    assert isinstance(caught.value, AdamrefError)


ENCODED = {
    "UTF-16": USUAL.encode("utf-16"),
    "UTF-16, the other end first": b"\xfe\xff" + USUAL.encode("utf-16-be"),
    "UTF-32": USUAL.encode("utf-32"),
    "Latin-1 in LaTeX": rb"% \usepackage[latin1]{inputenc} caf\xe9" + b"\xe9\n" + USUAL.encode(),
    "Latin-1 in Python": b"# -*- coding: latin-1 -*- \xe9\n" + USUAL.encode(),
    "Windows": b"<!-- <meta charset='windows-1252'> \x93 -->\n" + USUAL.encode(),
}


@pytest.mark.parametrize("data", ENCODED.values(), ids=ENCODED.keys())
def test_an_encoding_that_a_mark_or_the_text_says_is_taken(tmp_path, data):
    path = tmp_path / "notes.md"
    path.write_bytes(data)
    read = from_file(path)
    assert USUAL.strip() in read.lines
    assert all("\ufffd" not in line for line in read.lines)


def test_utf_8_is_utf_8_whatever_it_says(tmp_path):
    path = tmp_path / "notes.md"
    path.write_bytes("% coding: latin-1\nm̂ = 1".encode())
    assert from_file(path).lines[1] == "m̂ = 1"


def test_a_missing_file_and_a_directory_say_so(tmp_path):
    with pytest.raises(Unreadable, match="there is no such file"):
        from_file(tmp_path / "missing.md")
    with pytest.raises(Unreadable, match="this is a directory"):
        from_file(tmp_path)


def test_a_file_beyond_the_limit_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "huge.md"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(Unreadable, match=f"{MAX_BYTES + 1} bytes, but at most {MAX_BYTES}"):
        from_file(path)


def test_a_string_is_text_and_a_path_is_a_file(tmp_path):
    path = tmp_path / "notes.md"
    path.write_text(USUAL + "m_1 = 1.5\n", encoding="utf-8")
    assert audit(path).path == str(path)
    assert audit(path).verdict == "holds"
    assert audit(str(path)).verdict == "nothing-read"
    assert audit(USUAL + "m_1 = 1.5\n").path == "<text>"
    with pytest.raises(Unreadable, match="no such file"):
        audit(Path("there-is-no-such-file.md"))


# Size. Bounds are of process time and many times what is needed, so that a slow machine passes.


def seconds(text):
    before = time.process_time()
    found = audit(text)
    return found, time.process_time() - before


# Ten times as much, or four times, is left to make test-long: what grows faster than the text shows
# in the smaller ones, too.
@pytest.mark.parametrize("size", [1_000_000, pytest.param(10_000_000, marks=pytest.mark.long)])
def test_megabytes_of_prose_end_soon(size):
    line = "The optimizer called Adam keeps two running averages of the gradient. " * 4 + "\n"
    found, took = seconds(line * (size // len(line)))
    assert found.verdict == "nothing-read"
    assert took < 5 + 1.5e-6 * size


@pytest.mark.parametrize("count", [500, pytest.param(2000, marks=pytest.mark.long)])
def test_many_repeated_equations_end_soon(count):
    found, took = seconds(USUAL + "m_1 = 0.1*15 = 1.5\n" * count)
    assert len(found.claims) == count
    assert {c.verdict for c in found.claims} == {"holds"}
    assert took < 5 + 0.0125 * count


def worked_steps(size):
    made = [USUAL.replace("g_1 = 15", "")]
    left, t = size - len(made[0]), 0
    while left > 0:
        t += 1
        one = f"Step {t}: g_{t} = {t % 7}\nm_{t} = 0.{t % 1000:03}\nv_{t} = 0.{t % 999:03}\n\n"
        made.append(one)
        left -= len(one)
    return "".join(made)


LARGE = {
    "worked steps": worked_steps,
    "one line": lambda size: USUAL + "m_1 = 0.9 * 0 + 0.1 * 15 = 1.5\n" * (size // 31),
    "sums": lambda size: USUAL + "".join(f"{i} + {i} = {2 * i}\n" for i in range(size // 24)),
}


@pytest.mark.long
@pytest.mark.parametrize("kind", LARGE)
def test_ten_megabytes_are_audited_in_twenty_seconds(kind):
    """Of work, on a machine that does nothing else."""
    found, took = seconds(LARGE[kind](10_000_000))
    assert len(found.claims) > 1000
    assert took < 20


def test_all_lines_are_gone_through_once_for_each_question():
    asked = []

    def has_digits(lines):
        asked.append(lines)
        return any(line.isdigit() for line in lines)

    source = from_text("Adam\n1\n")
    assert source.says(has_digits)
    assert source.says(has_digits)
    assert asked == [source.lines]


def test_much_text_around_many_formulas_is_read_once_for_all(monkeypatch):
    """What the whole text says of its formulas was looked for at each of them."""
    read = []
    plain = surroundings._plain
    monkeypatch.setattr(surroundings, "_plain", lambda text: read.append(len(text)) or plain(text))
    prose = "Nothing is said here of any quantity.\n" * 500
    formulas = "$m_t = \\beta_1 m_{t-1} + (1 - \\beta_1) g_t$\n\n" * 20
    audit(f"# Adam\n\n{USUAL}\n{prose}\n## Formulas\n\n{formulas}")
    assert sum(length > len(prose) for length in read) == 3


@pytest.mark.parametrize("text", ["m(t)\n= 0,", "x0\n,5", "0\n,5", "1,0,\n5"])
def test_what_the_next_line_begins_with_is_not_read_into_a_line(text):
    lines = tuple(text.split("\n"))
    assert not counts_in_brackets(lines)
    assert not uses_decimal_comma(lines)


def test_a_line_of_a_hundred_thousand_characters_is_listed_as_unread():
    found, took = seconds(USUAL + "v_1 = 0.225\nm_1 = " + "0.1+" * 25_000 + "1\n")
    assert {(c.line, c.verdict) for c in found.claims} == {(2, "holds"), (3, "unread")}
    assert took < 20


def test_claims_come_in_the_order_of_the_document_even_beside_a_line_too_long():
    found = audit(USUAL + "v_1 = 0.225\nm_1 = " + "0.1+" * 25_000 + "1\n")
    assert [c.line for c in found.claims] == [2, 3]


@pytest.mark.slow
def test_three_hundred_steps_do_not_recurse():
    """With a gradient of 1, m_t is 1 - 0.9^t."""
    lines = [f"m_{t} = {1 - 0.9**t:.6f}" for t in range(1, 301)]
    text = USUAL.replace("g_1 = 15", "g = 1") + "\n".join(lines)
    found, took = seconds(text)
    assert [(c.t, c.verdict) for c in found.claims] == [(t, "holds") for t in range(1, 301)]
    assert took < 30


def test_a_pipe_that_nobody_writes_into_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.md")
    with pytest.raises(Unreadable, match="this is a pipe, and nobody writes into it"):
        from_file(tmp_path / "pipe.md")
    (said,) = documents([str(tmp_path)])
    assert isinstance(said, Unreadable), "in a folder it is no document"


def test_a_pipe_is_read_to_its_end(tmp_path):
    """Whoever has it open by then may begin to write later."""
    path = tmp_path / "pipe.md"
    os.mkfifo(path)
    reading = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    writing = os.open(path, os.O_WRONLY)
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(from_file, path)
        os.write(writing, b"Adam\n" * 5000)
        os.close(writing)
        assert found.result().lines == (*("Adam",) * 5000, "")
    os.close(reading)
