"""The pytest plugin, on reports made by hand: what it asks for, and how it fails."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from importlib.metadata import entry_points
from types import ModuleType

import pytest

import reports
from adamref.errors import UnknownName
from adamref.oracle.observe.finding import Finding

pytest_plugins = ["pytester"]

INSTALLED = any(entry.name == "adamref" for entry in entry_points(group="pytest11"))
PROBES = ("small", "generic", "late", "restart", "restart-late", "counter-sticks")
USES = "def test_adam(adam_oracle):\n    adam_oracle.check()\n"


@pytest.fixture
def faked(monkeypatch):
    """Put a check in the place of the real one: targets are names of reports made by hand."""
    module = ModuleType("adamref.oracle.check")
    module.calls = []

    def probe_names(dtype="float32", optimizer="adam"):
        if dtype == "float8":
            raise UnknownName("dtype", dtype, ("float32",))
        return ("generic",) if optimizer == "adamw" else PROBES

    def check(target, **options):
        module.calls.append((target, options))
        if target == "none:none":
            raise UnknownName("module", "none", ("mine",))
        target = options.get("command", target)
        name = target if isinstance(target, str) else target.__name__
        report = reports.MADE[name.partition(":")[0]]()
        if name == "globally:":
            report = replace(report, findings=(Finding("crash", None, "error", "It crashed."),))
        return replace(report, strict=bool(options.get("strict")))

    module.probe_names, module.check = probe_names, check
    monkeypatch.setitem(sys.modules, "adamref.oracle.check", module)
    return module


@pytest.fixture
def ran(pytester, faked):
    """Run pytest on a file, with warnings as errors and only markers that are registered."""
    assert faked

    def run(text, *args, ini=""):
        pytester.makeini("[pytest]\nfilterwarnings = error\naddopts = --strict-markers\n" + ini)
        pytester.makepyfile(text)
        plugin = () if INSTALLED else ("-p", "adamref.pytest_plugin")
        return pytester.runpytest_inprocess(*plugin, "-p", "no:cacheprovider", *args)

    return run


def said(result):
    """Return what was printed, without the places that pytest adds to lines."""
    return "\n".join(line.removeprefix("E").strip() for line in result.outlines)


def test_there_is_an_item_for_each_probe_and_one_for_the_rest(ran, faked):
    result = ran(USES, "--adamref-target", "deviating:step", "-v")
    result.assert_outcomes(passed=2, failed=3, skipped=2)
    for name in ("findings", *PROBES):
        assert f"::test_adam[{name}]" in said(result)
    assert faked.calls == [("deviating:step", {})]


def test_a_failure_quotes_the_value_the_cause_and_a_snippet(ran):
    result = ran(USES, "--adamref-target", "deviating:step", "-k", "generic")
    text = said(result)
    assert (
        "AssertionError: theta[t=3, i=7] = 0.49942264, but should be 0.49980003 (bound 5.96e-08): "
        "looks like bias-correction-without-power"
    ) in text
    assert "gradient-modified: The gradient was changed in place." in text
    assert "It explains 2 of 3 probes that differ" in text
    assert "right = exact_step(" in text
    # The traceback ends in the test.
    assert "pytest_plugin.py" not in text


def test_a_probe_that_the_diagnosis_does_not_explain_is_said_to_be_unexplained(ran):
    text = said(ran(USES, "--adamref-target", "deviating:step", "-k", "small"))
    assert "(bound 5.96e-08): unexplained" in text


def test_a_skip_says_why(ran):
    result = ran(USES, "--adamref-target", "conforming:step", "-rs", "-k", "restart")
    result.assert_outcomes(skipped=2, deselected=5)
    assert "no state can be loaded" in said(result)


@pytest.mark.parametrize(
    ("ini", "outcomes"),
    [("", {"passed": 1, "failed": 0}), ("adamref_options = strict=true\n", {"failed": 1})],
)
def test_a_limit_passes_unless_the_check_is_strict(ran, ini, outcomes):
    ini += "adamref_target = conforming:step\n"
    result = ran(USES, "-k", "counter-sticks", ini=ini)
    result.assert_outcomes(deselected=6, **outcomes)


def test_an_error_fails(ran):
    result = ran(USES, "--adamref-target", "crashed:step", "-k", "generic")
    result.assert_outcomes(failed=1, deselected=6)
    assert "killed by signal 11 (SIGSEGV)" in said(result)


def test_a_probe_that_was_not_run_fails(ran):
    result = ran(USES, "--adamref-target", "crashed:step", "-k", "late and not restart")
    result.assert_outcomes(failed=1, deselected=6)
    assert "probe late was not run" in said(result)


def test_what_was_found_in_no_probe_fails_an_item_of_its_own(ran):
    result = ran(USES, "--adamref-target", "crashed:", "-k", "findings")
    result.assert_outcomes(passed=1, deselected=6)
    reports_made = reports.MADE | {"globally": reports.conforming}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reports, "MADE", reports_made)
        result = ran(USES, "--adamref-target", "globally:", "-k", "findings")
    result.assert_outcomes(failed=1, deselected=6)
    assert "crash: It crashed." in said(result)


def test_a_probe_without_an_item_of_its_own_fails_that_item_too(ran):
    text = "import pytest\n@pytest.mark.adamref(optimizer='adamw')\n" + USES
    result = ran(text, "--adamref-target", "deviating:step", "-k", "findings")
    result.assert_outcomes(failed=1, deselected=1)
    assert "small: theta[t=1, i=7] = 0.49942264" in said(result)
    assert "generic: theta" not in said(result)


def test_chosen_probes_have_the_items(ran, faked):
    text = "import pytest\n@pytest.mark.adamref(probes=['generic', 'small'])\n" + USES
    result = ran(text, "--adamref-target", "deviating:step", "--collect-only", "-q")
    assert [line.partition("[")[2] for line in result.outlines if "[" in line] == [
        "findings]",
        "small]",
        "generic]",
    ]
    assert faked.calls == []


def test_a_marker_names_an_object_and_options(ran, faked):
    result = ran(
        "import pytest\n"
        "def conforming(theta, grad, state): ...\n"
        "pytestmark = pytest.mark.adamref(conforming, dtype='float64', optimizer='adamw')\n" + USES,
        "--adamref-target=another:step",
        ini="adamref_options =\n    dtype=float16\n    timeout=30\n",
    )
    result.assert_outcomes(passed=2)
    ((target, options),) = faked.calls
    assert target.__name__ == "conforming"
    assert options == {"dtype": "float64", "timeout": 30, "optimizer": "adamw"}


def test_a_marker_may_add_options_to_the_target_of_the_configuration(ran, faked):
    text = "import pytest\n@pytest.mark.adamref(optimizer='adamw')\n" + USES
    ran(text, ini="adamref_target = conforming:step\n").assert_outcomes(passed=2)
    assert faked.calls == [("conforming:step", {"optimizer": "adamw"})]


def test_tests_of_one_target_share_its_report(ran, faked):
    text = USES + "def test_again(adam_oracle):\n    assert adam_oracle.report.probes\n"
    result = ran(text, "--adamref-target", "deviating:step")
    result.assert_outcomes(passed=9, failed=3, skipped=2)
    assert len(faked.calls) == 1


def test_options_of_the_configuration_are_read(ran, faked):
    ini = (
        "adamref_target = conforming:step\nadamref_options =\n    hyper = literal\n"
        '    ulp = {"sqrt": 2}\n    dialect = form=paper\n    dialect = moments=beta\n'
    )
    ran(USES, ini=ini)
    assert faked.calls[0][1] == {
        "hyper": "literal",
        "ulp": {"sqrt": 2},
        "dialect": ["form=paper", "moments=beta"],
    }


@pytest.mark.parametrize(
    ("text", "ini", "message"),
    [
        (USES, "adamref_options = dtype\n", "adamref_options: 'dtype', but should be KEY=VALUE"),
        (USES, "adamref_options = dtype=float8\n", "dtype 'float8' is unknown; known are float32"),
        (
            "import pytest\n@pytest.mark.adamref(1, 2)\n" + USES,
            "",
            "pytest.mark.adamref takes one target, not several",
        ),
    ],
)
def test_wrong_usage_is_said_in_a_line(ran, text, ini, message):
    result = ran(text, "--adamref-target", "conforming:step", ini=ini)
    assert result.ret != 0
    assert message in said(result) + "\n".join(result.errlines)
    assert "Traceback" not in said(result)


def test_a_target_that_is_refused_is_asked_once_and_said_by_every_item(ran, faked):
    result = ran(USES, "--adamref-target", "none:none")
    result.assert_outcomes(failed=7)
    assert "module 'none' is unknown" in said(result)
    assert len(faked.calls) == 1


def test_without_a_target_there_is_one_item_and_it_says_how_to_name_one(ran, faked):
    result = ran(USES)
    result.assert_outcomes(failed=1)
    assert "adam_oracle has no target: name one by --adamref-target" in said(result)
    assert faked.calls == []


def test_one_call_checks_an_implementation(ran, faked):
    result = ran(
        "def conforming(theta, grad, state): ...\n"
        "def test_adam(adam_oracle):\n"
        "    report = adam_oracle.check(conforming, dtype='float64', hyper='literal')\n"
        "    assert report.verdict == 'conforms'\n"
        "    assert adam_oracle.probe is None\n"
    )
    result.assert_outcomes(passed=1)
    assert faked.calls[0][1] == {"dtype": "float64", "hyper": "literal"}


def test_one_call_checks_once_where_another_target_makes_many_items(ran, faked):
    text = (
        "def conforming(theta, grad, state): ...\n"
        "def test_adam(adam_oracle):\n    adam_oracle.check(conforming)\n"
    )
    ran(text, "--adamref-target", "deviating:step").assert_outcomes(passed=7)
    assert [options for _, options in faked.calls] == [{"dtype": "float32"}]


def test_one_call_fails_with_everything(ran):
    result = ran("def test_adam(adam_oracle):\n    adam_oracle.check('deviating:step')\n")
    result.assert_outcomes(failed=1)
    text = said(result)
    for part in (
        "AssertionError: mine:step deviates (adam, float32): looks like bias-correction-",
        "theta[t=3, i=7] = 0.49942264, but should be 0.49980003 (bound 5.96e-08): looks like",
        "gradient-modified: The gradient was changed in place.",
        "6 probes: 3 differ, 1 is a limit, 2 do not apply.",
        "Tried 12,345 hypotheses.",
        "print(right.theta)",
    ):
        assert part in text


def test_one_strict_call_fails_for_a_limit(ran):
    text = "def test_adam(adam_oracle):\n    adam_oracle.check('conforming:step', strict={})\n"
    ran(text.format(False)).assert_outcomes(passed=1)
    result = ran(text.format(True))
    result.assert_outcomes(failed=1)
    assert "counter-float32: The step counter sticks at 16777216." in said(result)


def test_options_without_an_implementation_are_refused(ran):
    text = "def test_adam(adam_oracle):\n    adam_oracle.check(dtype='float64')\n"
    result = ran(text, "--adamref-target", "conforming:step")
    result.assert_outcomes(failed=7)
    assert "takes options only with an implementation" in said(result)


def test_a_program_is_checked_by_its_command(ran, faked):
    once = "def test_adam(adam_oracle):\n    adam_oracle.check(command='conforming')\n"
    ran(once).assert_outcomes(passed=1)
    assert [options["command"] for _, options in faked.calls] == ["conforming"]
    marked = "import pytest\n@pytest.mark.adamref(command='conforming')\n" + USES
    outcomes = ran(marked).parseoutcomes()
    assert sum(outcomes.values()) == 1 + len(PROBES)
    named = ran(USES, ini="adamref_options = command=conforming\n")
    assert named.parseoutcomes() == outcomes
    assert [options["command"] for _, options in faked.calls] == ["conforming"] * 3
    ran(once.replace("conforming", "deviating")).assert_outcomes(failed=1)


def test_the_target_is_parametrised_beside_other_parameters(ran):
    text = "import pytest\n@pytest.mark.parametrize('k', [1, 2])\ndef test(adam_oracle, k): ...\n"
    ran(text, "--adamref-target", "conforming:step").assert_outcomes(passed=14)


def test_tests_that_do_not_use_it_are_left_alone(ran, faked):
    ran("def test_one(): ...\n", "--adamref-target", "conforming:step").assert_outcomes(passed=1)
    assert faked.calls == []


@pytest.mark.slow
def test_it_works_under_xdist(pytester, faked):
    """Workers are processes of their own: the check comes from a file there."""
    assert faked
    pytester.makepyfile(
        conftest="import sys\nfrom types import ModuleType\nimport reports\n"
        "fake = ModuleType('adamref.oracle.check')\n"
        "fake.probe_names = lambda: [probe.name for probe in reports.deviating().probes]\n"
        "fake.check = lambda target: reports.deviating()\n"
        "sys.modules['adamref.oracle.check'] = fake\n",
        test_it=USES,
    )
    pytester.makeini(
        f"[pytest]\nfilterwarnings = error\naddopts = --strict-markers\n"
        f"pythonpath = {sys.modules['reports'].__file__.rpartition('/')[0]}\n"
    )
    plugin = () if INSTALLED else ("-p", "adamref.pytest_plugin")
    result = pytester.runpytest_subprocess(
        *plugin, "-n", "2", "--dist", "loadgroup", "--adamref-target", "deviating:step"
    )
    result.assert_outcomes(passed=2, failed=3, skipped=2)


def test_it_can_be_turned_off(pytester):
    pytester.makepyfile("def test_one(): ...\n")
    result = pytester.runpytest_subprocess("-p", "no:adamref", "-p", "no:xdist")
    result.assert_outcomes(passed=1)


def test_the_plugin_is_an_entry_point():
    if not INSTALLED:
        pytest.skip("adamref is not installed anew: its entry point is NOT checked here")
    (entry,) = (e for e in entry_points(group="pytest11") if e.name == "adamref")
    assert entry.value == "adamref.pytest_plugin"


def test_the_module_imports_nothing_but_pytest():
    """It is loaded in every run of pytest where adamref is installed."""
    code = (
        "import sys, pytest; before = set(sys.modules); import adamref.pytest_plugin\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ran.stdout.split() == ["adamref", "adamref.pytest_plugin"]
