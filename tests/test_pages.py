"""What the README and the site show is what happens: every block of every page is run."""

from __future__ import annotations

import re

import pytest

from shown import ROOT, Page, missing, not_run

PAGES = [
    *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "examples").rglob("*.md")),
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    ROOT / "benchmarks" / "README.md", ROOT / "proofs" / "README.md",
]  # fmt: skip
SHOWN = [x for x in PAGES if "generated" not in x.parts and "_build" not in x.parts]
REASONS = [
    pytest.param(reason, id=f"{path.relative_to(ROOT)}-{at}")
    for path in SHOWN
    for at, reason in enumerate(not_run(path.read_text("utf-8")), 1)
]


def _marked(path):
    text = path.read_text("utf-8")
    marks = [pytest.mark.slow] if re.search(r"^```(console|python)$", text, re.MULTILINE) else []
    # What is compiled in three languages has slow tests of its own.
    marks += [pytest.mark.long] if re.search(r"\brustc\b", text) else []
    return pytest.param(path, id=str(path.relative_to(ROOT)), marks=marks)


# What Lightning 2.6 asks of the trees of torch 2.13 is deprecated there.
@pytest.mark.filterwarnings("ignore:.*treespec, LeafSpec:FutureWarning")
@pytest.mark.parametrize("path", list(map(_marked, SHOWN)))
def test_what_a_page_shows_is_what_happens(path, tmp_path):
    text = path.read_text("utf-8")
    if lacking := missing(text):
        pytest.skip(f"{path.name} is NOT run: no {', '.join(lacking)}")
    assert Page(path, tmp_path).run() == blocks_of(text)


def blocks_of(text):
    """Count the blocks of a page as simply as can be, for none to be passed over."""
    layout = len(re.findall(r"^ *```\{(?!code-block)", text, re.MULTILINE))
    return len(re.findall(r"^ *```.*$", text, re.MULTILINE)) // 2 - layout


@pytest.mark.parametrize("reason", REASONS)
def test_a_block_that_is_not_run_is_told(reason):
    pytest.skip(f"a block is NOT run: {reason}")


def page(tmp_path, text):
    path = tmp_path / "page.md"
    path.write_text(text, "utf-8")
    (tmp_path / "run").mkdir()
    return Page(path, tmp_path / "run")


GOOD = {
    "a command": "```console\n$ echo one; echo two\none\ntwo\n```\n",
    "dots for lines": "```console\n$ seq 5\n1\n...\n5\n```\n",
    "dots for nothing": "```console\n$ echo one\n...\none\n...\n```\n",
    "a command that fails": "```console\n$ false\n$ echo $?\n1\n```\n",
    "two lines": "```console\n$ echo one \\\n> two\none two\n```\n",
    "a folder that is kept": "```console\n$ mkdir a && cd a\n$ pwd | grep -o 'a$'\na\n```\n",
    "a file": (
        "```{code-block} c\n:caption: x.c\n\nint x;\n```\n\n```console\n$ cat x.c\nint x;\n```\n"
    ),
    "a session": "```python\n>>> 1 + 1\n2\n\n```\n\n```python\n>>> x = 2\n\n```\n",
    "a program": "```python\nassert 1 + 1 == 2\n```\n",
    "data": '```json\n{"a": 1}\n```\n\n```toml\na = 1\n```\n\n```yaml\na: [1]\n```\n',
    "run elsewhere": "<!-- run by .ci/run -->\n```sh\nmake lint   # all\n```\n",
    "not run": "<!-- not run: it takes hours, and a person -->\n```sh\nmake everything\n```\n",
}
BAD = {
    "another output": "```console\n$ echo one\ntwo\n```\n",
    "an output that is not shown": "```console\n$ echo one\n```\n",
    "a line more than is shown": "```console\n$ seq 5\n1\n...\n4\n```\n",
    "dots that hide nothing that is there": "```console\n$ echo one\n...\ntwo\n...\n```\n",
    "an exit code that is not shown": "```console\n$ false\n```\n",
    "another exit code": "```console\n$ false\n$ echo $?\n0\n```\n",
    "output before a command": "```console\none\n$ echo one\none\n```\n",
    "a command that is none": "```console\n$ adamref-no-such\n```\n",
    "another value": "```python\n>>> 1 + 1\n3\n\n```\n",
    "a program that raises": "```python\nassert 1 + 1 == 3\n```\n",
    "no JSON": "```json\n{a: 1}\n```\n",
    "no TOML": "```toml\na =\n```\n",
    "no YAML": "```yaml\na: [1\n```\n",
    "no language": "```\necho one\n```\n",
    "a language that nothing runs": "```rust\nfn main() {}\n```\n",
    "commands that nothing runs": "```sh\nmake lint\n```\n",
    "a file that does not run them": "<!-- run by .ci/run -->\n```sh\nmake nothing\n```\n",
    "a directive that nobody knows": "```{exec} python\n1 / 0\n```\n",
    "no reason": "<!-- not run: no -->\n```sh\nmake everything\n```\n",
    "a reason before another block": (
        "<!-- not run: it takes hours, and a person -->\nWords.\n\n```sh\nmake everything\n```\n"
    ),
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_a_good_page_runs(text, tmp_path):
    assert page(tmp_path, text).run() == blocks_of(text) >= 1


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_a_bad_page_is_refused(text, tmp_path):
    # Each reader has errors of its own.
    with pytest.raises(Exception) as failed:
        page(tmp_path, text).run()
    assert type(failed.value) is not FileNotFoundError
