"""A pytest plugin: the fixtures ``adam_oracle``, one test item for each probe, and ``adam_watch``.

It is loaded in every pytest run where adamref is installed, so that it imports nothing but pytest
until a test asks for a fixture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

import pytest

if TYPE_CHECKING:
    from adamref.oracle.report.findings import ProbeResult, Report

THE_REST = "findings"
"""The item that fails for what was found in no particular probe."""

_REPORTS = pytest.StashKey[dict[Any, Any]]()
_HOW = (
    "name one by --adamref-target MODULE:ATTRIBUTE, by adamref_target in pytest's configuration, "
    "or by @pytest.mark.adamref(TARGET)"
)


@final
@dataclass(frozen=True)
class AskedProbe:
    """What is checked, how, and which probe an item is about.

    Attributes
    ----------
    target : str or object
        ``module:attribute``, or the implementation itself.
    options : tuple of (str, object)
        Of `adamref.check`.
    probe : str
    named : tuple of str
        The probes that have an item.
    """

    target: Any
    options: tuple[tuple[str, Any], ...]
    probe: str
    named: tuple[str, ...]


@final
class AdamOracle:
    """What the fixture ``adam_oracle`` gives a test.

    Attributes
    ----------
    probe : str or None
        The probe of this item; None where no target is named.
    """

    def __init__(self, asked: AskedProbe | None, judged: Callable[[AskedProbe], Report]) -> None:
        self.probe = None if asked is None else asked.probe
        self._asked = asked
        self._judged = judged

    @property
    def report(self) -> Report:
        """The report of the target, for all probes."""
        __tracebackhide__ = True
        if self._asked is None:
            pytest.fail(f"adam_oracle has no target: {_HOW}", pytrace=False)
        return self._judged(self._asked)

    def check(self, step: Any = None, *, dtype: str = "float32", **options: Any) -> Report:
        """Assert this item's probe, or all of an implementation.

        Parameters
        ----------
        step : object, optional
            An implementation, or its ``module:attribute``: it is checked whole, in one call, and
            once in a session: where another target is named, each of its items asks again.
            Without it, the probe of this item is asserted for the target that was named.
        dtype, **options
            Of `adamref.check`; only with ``step``, or with the ``command`` of a program.

        Raises
        ------
        AssertionError
            If it does not conform: with the first value that is wrong, the bound, and the cause.
        TypeError
            If there are options without an implementation.
        """
        __tracebackhide__ = True
        from adamref.oracle.report import failures

        if step is None and "command" not in options:
            if options or dtype != "float32":
                raise TypeError(
                    "adam_oracle.check() takes options only with an implementation, or its command"
                )
            return self._check_probe()
        whole = AskedProbe(step, tuple({"dtype": dtype, **options}.items()), "", ())
        report = self._judged(whole)
        if message := failures.of_all(report):
            raise AssertionError(message)
        return report

    def _check_probe(self) -> Report:
        __tracebackhide__ = True
        from adamref.oracle.report import failures

        report = self.report
        if self._asked is not None and self.probe == THE_REST:
            message = failures.of_the_rest(report, self._asked.named)
        else:
            probe = self._found(report)
            message = failures.of_probe(report, probe)
            if not message and probe.verdict == "not-applicable":
                pytest.skip(probe.because or "the probe does not apply")
        if message:
            raise AssertionError(message)
        return report

    def _found(self, report: Report) -> ProbeResult:
        __tracebackhide__ = True
        for probe in report.probes:
            if probe.name == self.probe:
                return probe
        raise AssertionError(f"probe {self.probe} was not run")


@pytest.fixture
def adam_oracle(request: pytest.FixtureRequest) -> AdamOracle:
    """Check an implementation of Adam: adam_oracle.check() asserts one probe an item."""
    return AdamOracle(getattr(request, "param", None), lambda asked: _cached(request.config, asked))


@pytest.fixture
def adam_watch() -> Iterator[Callable[..., Any]]:
    """Watch optimizers in a test: adam_watch(optimizer) is `adamref.watch`, at every step.

    When the test is over the watches end, and it fails where one deviates or has judged nothing.
    """
    from adamref.watching.watch import watch

    handles: list[Any] = []

    def watched(optimizer: Any, every: int = 1, **options: Any) -> Any:
        handles.append(watch(optimizer, every, **options))
        return handles[-1]

    yield watched
    reports = []
    for handle in handles:
        handle.close()
        reports.append(handle.report())
    if wrong := [str(x) for x in reports if x.verdict != "holds"]:
        pytest.fail("\n".join(wrong), pytrace=False)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that name what is checked."""
    group = parser.getgroup("adamref", "checking an implementation of Adam")
    group.addoption("--adamref-target", metavar="MODULE:ATTRIBUTE", help="What adam_oracle checks.")
    parser.addini("adamref_target", "What adam_oracle checks: module:attribute.", default="")
    parser.addini(
        "adamref_options",
        "Options of adamref.check, KEY=VALUE, one a line: dtype=float64.",
        type="linelist",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and a place for the reports."""
    config.addinivalue_line(
        "markers",
        "adamref(target, **options): what the fixture adam_oracle checks, and options of "
        "adamref.check",
    )
    config.stash[_REPORTS] = {}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make an item for each probe of a test that uses the fixture and has a target."""
    if "adam_oracle" not in metafunc.fixturenames:
        return
    target, options = _asked_for(metafunc)
    if target is None and "command" not in options:
        return
    from adamref.errors import AdamrefError
    from adamref.oracle.check import probe_names

    chosen = {name: options[name] for name in ("dtype", "optimizer") if name in options}
    try:
        names = probe_names(**chosen)
    except AdamrefError as error:
        raise pytest.UsageError(f"{metafunc.definition.nodeid}: {error}") from None
    if "probes" in options:
        names = tuple(name for name in names if name in options["probes"])
    together: tuple[pytest.MarkDecorator, ...] = ()
    if metafunc.config.pluginmanager.hasplugin("xdist"):
        # With --dist loadgroup, one worker gets all items, and the probes are run once.
        together = (pytest.mark.xdist_group(f"adamref-{metafunc.definition.nodeid}"),)
    metafunc.parametrize(
        "adam_oracle",
        [
            pytest.param(
                AskedProbe(target, tuple(options.items()), name, names), id=name, marks=together
            )
            for name in (THE_REST, *names)
        ],
        indirect=True,
    )


def _asked_for(metafunc: pytest.Metafunc) -> tuple[Any, dict[str, Any]]:
    """Return the target and the options: the marker's go before those of the configuration."""
    config = metafunc.config
    options = _options(config.getini("adamref_options"))
    target = config.getoption("--adamref-target") or config.getini("adamref_target") or None
    marker = metafunc.definition.get_closest_marker("adamref")
    if marker is not None:
        if len(marker.args) > 1:
            where = metafunc.definition.nodeid
            raise pytest.UsageError(f"{where}: @pytest.mark.adamref takes one target, not several")
        target = marker.args[0] if marker.args else target
        options |= marker.kwargs
    return target, options


def _options(lines: list[str]) -> dict[str, Any]:
    """Read KEY=VALUE lines; a key that is given again makes a list."""
    import json

    read: dict[str, list[Any]] = {}
    for line in lines:
        key, equals, text = (part.strip() for part in line.partition("="))
        if not key or not equals:
            raise pytest.UsageError(f"adamref_options: {line!r}, but should be KEY=VALUE")
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        read.setdefault(key, []).append(value)
    return {key: values[0] if len(values) == 1 else values for key, values in read.items()}


def _cached(config: pytest.Config, asked: AskedProbe) -> Report:
    """Run all probes of a target, the first time that it is asked for."""
    __tracebackhide__ = True
    name = asked.target if isinstance(asked.target, str) else id(asked.target)
    key = (name, repr(sorted(asked.options, key=lambda option: option[0])))
    reports = config.stash[_REPORTS]
    if key not in reports:
        reports[key] = _tried(asked)
    # The target is kept with its report, so that its id stays its own.
    _, report, refused = reports[key]
    if report is None:
        pytest.fail(refused, pytrace=False)
    return report  # type: ignore[no-any-return]


def _tried(asked: AskedProbe) -> tuple[Any, Report | None, str]:
    from adamref.errors import AdamrefError

    try:
        return asked.target, _run(asked.target, dict(asked.options)), ""
    except AdamrefError as error:
        # Said by every item, and found out once.
        return asked.target, None, str(error)


def _run(target: Any, options: dict[str, Any]) -> Report:
    from adamref.oracle.check import check

    return check(target, **options)
