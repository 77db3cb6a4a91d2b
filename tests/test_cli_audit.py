"""``adamref audit`` on the command line: one document, several, and what is none."""

from __future__ import annotations

import json

import jsonschema
import pytest

from command import RIGHT, W_HALF, WRONG, is_one_line, schema
from pages import from_outside


@pytest.fixture
def document(tmp_path):
    """Write a document and return its path."""

    def written(content, name="notes.md"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


# The document that the project grew from.


def test_audit_of_w_half_exits_1_and_names_the_first_wrong_number(call):
    code, out, err = call("audit", W_HALF)
    assert (code, err) == (1, "")
    assert "First wrong: line 37, m_hat at t = 1" in out
    assert "-7.8947 stands there, but -15 is right." in out
    assert out.index("First wrong") < out.index("The corrected sheet")


def test_audit_json_of_w_half_fits_its_schema(call):
    code, out, err = call("audit", W_HALF, "--format", "json")
    found = json.loads(out)
    assert (code, err) == (1, "")
    jsonschema.validate(found, schema("audit"))
    (only,) = found["documents"]
    first = only["claims"][only["first_wrong"]]
    assert (only["verdict"], first["field"], first["claimed"]) == ("wrong", "m_hat", "-7.8947")


def test_audit_html_of_w_half_is_self_contained(call):
    code, out, _ = call("audit", W_HALF, "--format", "html")
    assert code == 1
    assert out.lstrip().lower().startswith("<!doctype html>")
    assert out.rstrip().endswith("</html>")
    assert from_outside(out) == []
    assert "-7.8947" in out


# Several documents.


def test_a_right_document_exits_0(call, document):
    code, out, err = call("audit", document(RIGHT))
    assert (code, err) == (0, "")
    assert "2 claims: 2 hold." in out


def test_several_documents_are_reported_in_the_order_given(call, document):
    right, wrong = document(RIGHT, "right.md"), document(WRONG, "wrong.md")
    code, out, _ = call("audit", right, wrong, right, "--format", "json")
    assert code == 1
    verdicts = [found["verdict"] for found in json.loads(out)["documents"]]
    assert verdicts == ["holds", "wrong", "holds"]


def test_two_right_documents_exit_0(call, document):
    path = document(RIGHT)
    assert call("audit", path, path)[0] == 0


def test_an_unreadable_file_does_not_hide_the_others(call, document, tmp_path):
    code, out, err = call("audit", tmp_path / "missing.md", document(RIGHT), "--format", "json")
    assert code == 2
    assert is_one_line(err)
    assert "missing.md" in err
    assert [found["verdict"] for found in json.loads(out)["documents"]] == ["holds"]


def test_a_document_without_a_step_among_others_does_not_change_the_exit_code(call, document):
    nothing, right = document("Hello there.", "nothing.md"), document(RIGHT)
    code, _, err = call("audit", nothing, right)
    assert code == 0
    assert "nothing.md: nothing read" in err


# Exit 2: one line on standard error.

UNREADABLE = {
    "empty": (b"", "empty"),
    "blank": (b" \n\n\t\n", "empty"),
    "binary": (b"m_1 = 1.5\x00\x01", "binary"),
    "not UTF-8": (b"m_1 = 1.5 \xff", "not UTF-8 (byte 0xff at offset 10)"),
    "without a step": (b"Hello there, reader.\n", "nothing read"),
}


@pytest.mark.parametrize(("content", "said"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_an_unreadable_document_is_one_line_and_exit_2(call, document, content, said):
    path = document(content)
    code, _, err = call("audit", path)
    assert code == 2
    assert is_one_line(err)
    assert path.name in err
    assert said in err


def test_a_missing_file_is_one_line_and_exit_2(call, tmp_path):
    code, out, err = call("audit", tmp_path / "missing.md")
    assert (code, out) == (2, "")
    assert is_one_line(err)
    assert "there is no such file" in err


def test_an_empty_directory_is_one_line_and_exit_2(call, tmp_path):
    code, out, err = call("audit", tmp_path)
    assert (code, out) == (2, "")
    assert is_one_line(err)
    assert "directory" in err


def test_a_line_feed_in_a_file_name_does_not_break_the_line(call, tmp_path):
    code, _, err = call("audit", tmp_path / "two\nlines.md")
    assert code == 2
    assert is_one_line(err)
