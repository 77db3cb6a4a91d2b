"""What an import brings along, and what the installed package holds."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import pytest

import adamref

ROOT = Path(__file__).parent.parent
HEAVY = ("sympy", "mpmath", "lark", "rich", "click", "jinja2", "latex2mathml", "z3", "hypothesis")


def python(code):
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout


def test_import_adamref_is_light():
    loaded = python("import sys, adamref; print(*sorted(sys.modules))").split()
    assert "adamref" in loaded
    assert not {name.split(".")[0] for name in loaded} & set(HEAVY)


def test_listing_the_names_is_light():
    loaded = python("import sys, adamref; dir(adamref); print(*sys.modules)").split()
    assert not {name.split(".")[0] for name in loaded} & set(HEAVY)


def test_the_version_of_the_command_needs_neither_sympy_nor_rich():
    code = (
        "import sys; from adamref.cli import main; sys.argv = ['adamref', '--version']\n"
        "try: main()\nexcept SystemExit: pass\nprint(*sys.modules)"
    )
    loaded = {name.split(".")[0] for name in python(code).split()}
    assert "click" in loaded
    assert not loaded & (set(HEAVY) - {"click"})


def test_what_explains_is_loaded_where_something_is_wrong_and_not_before():
    """A check of a right step starts the sooner."""
    loaded = python("import sys, adamref.oracle.check; print(*sys.modules)").split()
    assert "adamref.oracle.explain.judgement" in loaded
    explaining = tuple(
        "adamref.solving adamref.oracle.explain.diagnosis adamref.oracle.explain.lines "
        "adamref.documents adamref.theorems matplotlib psutil".split()
    )
    assert [name for name in loaded if name.startswith(explaining)] == []


def test_an_implementation_runs_without_sympy_and_small_arrays_without_llvm():
    """Names are told to its process; nothing is compiled for what is worked sooner than that."""
    code = (
        "import sys, numpy as np, adamref.oracle.observe.sessions.host; "
        "from adamref.oracle.observe.sessions.detect import chosen; "
        "from adamref.oracle.observe import vocabulary; "
        "vocabulary.tell({'': {'lr': 'lr'}}); "
        "chosen(lambda theta, grad, state, *, lr: (theta, state)); print(*sys.modules)"
    )
    assert not {name.split(".")[0] for name in python(code).split()} & {*HEAVY, "llvmlite"}
    code = (
        "import sys, numpy as np, adamref; x = np.float32([0.5]); "
        "adamref.exact_step(x, x, x, x, t=1, lr=1, beta1=0, beta2=0, eps=1); print(*sys.modules)"
    )
    assert "llvmlite" not in python(code)


def test_one_theorem_is_listed_and_found_without_sympy():
    code = "import sys; from adamref.theorems.index import ids; ids(); print(*sys.modules)"
    assert not {name.split(".")[0] for name in python(code).split()} & set(HEAVY)


@pytest.mark.parametrize("name", [name for name in adamref.__all__ if name != "__version__"])
def test_every_public_name_resolves(name):
    assert getattr(adamref, name) is not None
    assert name in dir(adamref)


def test_the_public_names_are_sorted_and_distinct():
    plain = [name for name in adamref.__all__ if not name.startswith("__")]
    assert plain == sorted(set(plain), key=lambda name: (name[0].islower(), name))


def test_an_unknown_name_is_an_attribute_error_that_names_it():
    with pytest.raises(AttributeError, match="'adamref' has no attribute 'bogus'"):
        adamref.bogus  # noqa: B018


def test_star_import_gives_the_public_names():
    found = python("from adamref import *; print(*dir())").split()
    assert set(adamref.__all__) <= set(found)


def test_python_m_adamref_says_the_version_of_the_metadata():
    said = subprocess.run(
        [sys.executable, "-m", "adamref", "--version"], check=True, capture_output=True, text=True
    ).stdout
    assert said == f"adamref {version('adamref')}\n"


def test_the_version_attribute_is_that_of_the_metadata():
    assert python("import adamref; print(adamref.__version__)").strip() == version("adamref")


def test_the_version_attribute_outlives_the_import_of_the_version_module():
    """As every HTML report imports it: to_html() and then __version__ ended in a TypeError."""
    code = (
        "import adamref, adamref.version\ntry: print(adamref.__version__)\nexcept TypeError: pass"
    )
    assert python(code).strip() == version("adamref")


def test_the_package_is_typed():
    assert files("adamref").joinpath("py.typed").is_file()


@pytest.mark.parametrize("command", ["audit", "check", "derive", "golden", "prove", "step"])
def test_the_schema_ships_with_the_package_and_is_a_schema(command):
    import jsonschema

    file = files("adamref").joinpath("schemas", f"{command}.schema.json")
    schema = json.loads(file.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["title"] == f"adamref.{command}/1"
    assert schema["properties"]["schema"] == {"const": f"adamref.{command}/1"}


@pytest.mark.parametrize(
    "page", ["base.html", "audit.html", "check.html", "document.html", "slides.html"]
)
def test_the_page_templates_ship_with_the_package(page):
    assert files("adamref.pages").joinpath(page).is_file()


def test_parts_import_only_from_the_parts_above_them(tmp_path):
    """The layers of .importlinter hold; needs the dev extra."""
    if find_spec("importlinter") is None:
        pytest.skip("import-linter is not installed: the layers are NOT checked here")
    if not (ROOT / ".importlinter").exists():
        pytest.skip("no .importlinter beside the tests: the layers are NOT checked here")
    code = (
        "import sys; from importlinter.cli import lint_imports\n"
        f"sys.exit(lint_imports(cache_dir={str(tmp_path)!r}))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], check=False, cwd=ROOT, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "2 kept, 0 broken" in ran.stdout
