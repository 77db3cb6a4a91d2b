"""What a page shows is run: its commands, its sessions, its programs and its files, in order.

Sybil finds the blocks and runs those of Python; what is here is a shell, and files. A block is

- ``console``: commands behind ``$``, each with its output. ``...`` stands for anything. A command
  that fails is followed by ``$ echo $?``;
- ``python``: a session with ``>>>``, or a program that is run;
- any language with a ``:caption:``: a file of that name;
- ``json``, ``toml``, ``yaml``: read;
- ``sh``: commands that are run elsewhere, in a file that a remark before the block names
  (``<!-- run by FILE -->``) and in which each line stands.

What cannot be run by the tests says why: ``<!-- not run: REASON -->`` before its block.

``<!-- needs: cc torch -->`` names programs and modules without which a page cannot be run.
"""

from __future__ import annotations

import contextlib
import doctest
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import yaml
from sybil.document import Document
from sybil.evaluators.doctest import DocTestEvaluator, OutputChecker
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.abstract.doctest import DocTestStringParser
from sybil.parsers.markdown.lexers import FencedCodeBlockLexer
from sybil.parsers.myst.lexers import DirectiveLexer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sybil.example import Example
    from sybil.region import Region

ROOT = Path(__file__).parents[2]
_SHOWN = doctest.ELLIPSIS
_COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)\n?", re.MULTILINE)
_RUN_BY = re.compile(r"<!-- run by (\S+) -->\s*\Z")
_NOT_RUN = re.compile(r"<!-- not run: ([^<>]{20,}) -->\s*\Z")
_NEEDS = re.compile(r"<!-- needs: (.*?) -->")
LAYOUT = {"toctree", "note", "warning", "figure", "image", "raw", "include", "literalinclude"}
"""Directives that show no code."""


class Shell:
    """A shell in a directory of its own, which goes on from one command to the next.

    What is installed by ``pip`` goes to a folder of that directory, where Python finds it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.code, self.at = folder, 0, folder
        (folder / ".site").mkdir()
        for name in ("examples", "docs", "README.md"):
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(
                    source, folder / name, ignore=shutil.ignore_patterns("_build", "generated")
                )
            else:
                shutil.copy(source, folder)
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
        self.environment = {
            **os.environ, "PATH": path, "COLUMNS": "80", "NO_COLOR": "1", "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(folder / ".site"), "PYTHONDONTWRITEBYTECODE": "1",
            "PIP_TARGET": str(folder / ".site"), "PIP_NO_DEPS": "1", "PIP_QUIET": "1",
            "PIP_NO_BUILD_ISOLATION": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PYTEST_ADDOPTS": "-p no:cacheprovider",
        }  # fmt: skip

    def run(self, command: str) -> str:
        """Return what a command writes; its exit code is kept for the next one."""
        ended = self.folder / ".ended"
        script = f"(exit {self.code})\n{command}\n_code=$?\npwd > '{ended}'\nexit $_code\n"
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.at, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
        )  # fmt: skip
        self.code = done.returncode
        self.at = Path(ended.read_text().strip()) if ended.exists() else self.at
        return done.stdout


class Block(NamedTuple):
    """A block of a page: its language, its name if it is a file, and what stands in it."""

    language: str
    caption: str
    source: str


def blocks(document: Document) -> Iterator[Region]:
    """Find the blocks of a page.

    Raises
    ------
    ValueError
        If a block has no language, or a directive is none that is known.
    """
    for region in FencedCodeBlockLexer(r"[^{\n]*")(document):
        if not (language := region.lexemes["language"].strip()):
            raise ValueError(f"{document.path}, {document.line_column(region.start)}: no language")
        region.parsed = Block(language, "", region.lexemes["source"])
        yield region
    for region in DirectiveLexer(r"[\w-]+")(document):
        kind, caption = region.lexemes["directive"], region.lexemes["options"].get("caption", "")
        if kind == "code-block":
            region.parsed = Block(region.lexemes["arguments"], caption, region.lexemes["source"])
            yield region
        elif kind not in LAYOUT:
            raise ValueError(f"{document.path}: a directive {kind}")


def not_run(text: str) -> list[str]:
    """Return why blocks of a page are not run, one reason for each."""
    return re.findall(r"<!-- not run: (.*?) -->", text)


def missing(text: str) -> list[str]:
    """Return what a page needs and is not here."""
    named = " ".join(_NEEDS.findall(text)).split()
    return [x for x in named if shutil.which(x) is None and importlib.util.find_spec(x) is None]


class Page:
    """A page that is run in a folder."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.shell = Shell(folder)
        self.document = Document.parse(str(path), self._parsed)

    def _parsed(self, document: Document) -> Iterator[Region]:
        for region in blocks(document):
            region.evaluator = self._evaluated
            yield region

    def run(self) -> int:
        """Run all blocks in their order, and return how many there are."""
        count = 0
        sys.path.insert(0, str(self.shell.folder))  # as at a prompt, and in a notebook
        known = {*sys.modules}
        try:
            with contextlib.chdir(self.shell.folder):
                for example in self.document.examples():
                    count += 1
                    example.evaluate()
        finally:
            sys.path.remove(str(self.shell.folder))
            for name in {*sys.modules} - known:
                if str(self.shell.folder) in str(getattr(sys.modules[name], "__file__", "")):
                    del sys.modules[name]
        return count

    def _evaluated(self, example: Example) -> str:
        block: Block = example.parsed
        before = example.document.text[: example.start]
        if _NOT_RUN.search(before):
            return ""
        if block.caption:
            target = self.shell.folder / block.caption
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.source, "utf-8")
            return ""
        if block.language == "console":
            return self._console(block.source)
        if block.language == "python":
            return self._python(example, block.source)
        if block.language == "sh":
            return _elsewhere(before, block.source)
        reader = {"json": _lines_of_json, "toml": tomllib.loads, "yaml": yaml.safe_load}
        if block.language not in reader:
            return f"nothing runs a block of {block.language} without a caption"
        reader[block.language](block.source)
        return ""

    def _python(self, example: Example, source: str) -> str:
        if not source.startswith(">>>"):
            example.parsed = example.region.parsed = source
            return PythonEvaluator()(example) or ""
        said = []
        for region in DocTestStringParser(DocTestEvaluator(_SHOWN))(source, example.path):
            example.parsed = region.parsed
            said.append(region.evaluator(example) or "")
        return "".join(said)

    def _console(self, source: str) -> str:
        parts = _COMMAND.split(source)
        if parts[0].strip():
            return f"output before a command: {parts[0]}"
        pairs = list(zip(parts[1::2], parts[2::2], strict=True))
        for at, (command, wanted) in enumerate(pairs):
            got = self.shell.run(re.sub(r"\\\n> ", "\\\n", command))
            if not _alike(wanted, got):
                return f"$ {command}\nprints\n{got}\nand not\n{wanted}"
            asked = at + 1 < len(pairs) and pairs[at + 1][0] == "echo $?"
            if self.shell.code and not asked:
                return f"$ {command}\nexits with {self.shell.code}, which is not shown:\n{got}"
        return ""


def _alike(wanted: str, got: str) -> bool:
    """Say whether an output is what is shown; a line of dots is any lines."""
    if wanted.strip() == "..." or wanted == got:
        return True
    # A line of dots may stand for nothing as well.
    wanted = re.sub(r"^\.\.\.\n", "...", wanted.rstrip("\n") + "\n", flags=re.MULTILINE)
    return OutputChecker().check_output(wanted, got.rstrip("\n") + "\n", _SHOWN)


def _lines_of_json(source: str) -> None:
    try:
        json.loads(source)
    except json.JSONDecodeError:
        for line in source.splitlines():
            json.loads(line)


def _elsewhere(before: str, source: str) -> str:
    """Say which lines are not in the file that is to run them."""
    if (named := _RUN_BY.search(before)) is None:
        return "commands that nothing runs: no remark `run by FILE` stands before them"
    text = (ROOT / named[1]).read_text("utf-8")
    lines = (line.partition("  #")[0].strip() for line in source.splitlines())
    known = {line.strip() for line in text.splitlines()}
    lost = [line for line in lines if line and not any(x.startswith(line) for x in known)]
    return f"{named[1]} does not run {lost}" if lost else ""
