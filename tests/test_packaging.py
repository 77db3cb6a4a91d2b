"""What a package index, a forge and a stranger read of the project, and that it is true."""

from __future__ import annotations

import re
import runpy
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import setuptools
import yaml

ROOT = Path(__file__).parent.parent
STATED = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = STATED["optional-dependencies"]
DOCS = [x for x in (ROOT / "docs").rglob("*.md") if not {"generated", "_build"} & {*x.parts}]
TEXTS = [
    *ROOT.glob("*.md"), *DOCS, *(ROOT / "examples").rglob("*.md"),
    *(ROOT / "adamref").rglob("*.py"),
]  # fmt: skip

pytestmark = pytest.mark.skipif(
    not (ROOT / "MANIFEST.in").exists(), reason="the repository is NOT there: tests alone are tried"
)


def names(requirements):
    return {re.split(r"[\[<>=;~! ]", one)[0] for one in requirements}


def test_an_extra_brings_what_it_is_for_and_no_more():
    assert names(EXTRAS["bfloat16"]) == {"ml_dtypes"}
    assert names(EXTRAS["plot"]) == {"matplotlib"}
    assert names(EXTRAS["fast"]) == {"numba"}
    for extra, brought in EXTRAS.items():
        if extra not in ("test", "dev", "docs"):
            assert not {"pytest", "adamref"} & names(brought) or extra == "bench", extra
    assert not {"numba", "z3-solver", "pytest", "matplotlib"} & names(STATED["dependencies"])


def test_every_python_that_is_meant_is_named():
    said = {x.rpartition(" ")[2] for x in STATED["classifiers"] if re.search(r":: 3\.\d+$", x)}
    assert said == {"3.11", "3.12", "3.13", "3.14"}
    assert STATED["requires-python"] == ">=3.11"
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))["jobs"]
    tried = {*jobs["versions"]["strategy"]["matrix"]["python"], "3.11"}
    assert tried == said
    assert "Python 3.11 to 3.14" in (ROOT / "README.md").read_text("utf-8")


def test_all_say_the_same_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert STATED["version"] == citation["version"] == version("adamref")
    told = (ROOT / "docs" / "howto" / "install.md").read_text("utf-8")
    assert f"adamref-{STATED['version']}-py3-none-any.whl" in told


def test_a_citation_has_what_its_format_asks_for():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert citation["license"] == STATED["license"]
    assert [one["name"] for one in STATED["authors"]] == [x["name"] for x in citation["authors"]]


def page(monkeypatch):
    """Return what a package page shows: what setup.py hands over."""
    given = {}
    monkeypatch.setattr(setuptools, "setup", lambda **all_: given.update(all_))
    monkeypatch.chdir(ROOT)
    runpy.run_path("setup.py")
    return given["long_description"]


def test_a_package_page_has_no_link_that_breaks(monkeypatch):
    shown = page(monkeypatch)
    assert re.findall(r"\]\((?!https?://|#)", shown) == []
    assert "in continuous integration" in shown  # the text of such a link stays
    assert re.findall(r"\]\((?!https?://|#)", (ROOT / "README.md").read_text("utf-8"))


def test_nothing_says_to_install_it_from_an_index():
    for text in TEXTS:
        for line in re.findall(r"pip install [^`\n&]*", text.read_text("utf-8")):
            for word in line.split()[2:]:
                bare = word.strip("'\"`.,;)").partition("[")[0]
                assert bare != "adamref", f"{text.name}: {line}: it is on no index"


def test_how_it_is_installed_stands_in_one_place():
    told = [
        x
        for x in TEXTS
        if re.search(r"pip install \.(?!/)", x.read_text("utf-8")) and x.suffix == ".md"
    ]
    assert {x.name for x in told} <= {"README.md", "install.md", "continuous-integration.md"}
    assert "## Install it" in (ROOT / "README.md").read_text("utf-8")


def test_every_link_of_the_repository_leads_somewhere():
    for text in (x for x in TEXTS if x.suffix == ".md"):
        for link in re.findall(r"\]\((?!https?://|#)([^)#\s]+)", text.read_text("utf-8")):
            assert (text.parent / link).exists(), f"{text.name}: {link}"


def test_a_public_forge_runs_what_must_hold():
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))["jobs"]
    assert {"run": ".ci/run"} in jobs["everything"]["steps"]


def test_who_reports_is_asked_for_the_report_of_a_check():
    for form in ("wrong_verdict.yml", "bug.yml"):
        asked = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE" / form).read_text("utf-8"))
        said = " ".join(part["attributes"].get("description", "") for part in asked["body"])
        assert "adamref check TARGET --format json" in said


def test_before_a_commit_what_lint_and_types_run_is_run():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"][0]
    entries = " ".join(hook["entry"] for hook in hooks["hooks"])
    makefile = (ROOT / "Makefile").read_text("utf-8")
    lint = re.findall(r"\$\(BIN\)/(ruff check|ruff format --check|lint-imports|mypy)", makefile)
    assert len(lint) == 4
    assert all(f".venv/bin/{one}" in entries for one in lint)


def test_strangers_are_told_what_is_run_and_what_stays():
    said = (ROOT / "SECURITY.md").read_text("utf-8")
    for command in ("audit", "check", "--command", "--against", "--verify", "prove"):
        assert command in said
    policy = (ROOT / "docs/reference/compatibility.md").read_text("utf-8")
    assert "DeprecationWarning" in policy
    assert "adamref.check/1" in policy
