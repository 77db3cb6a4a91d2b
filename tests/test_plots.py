"""Plots: what they show stands in a text, and nothing of the caller's is touched."""

from __future__ import annotations

import re
import sys

import numpy as np
import pytest

from adamref import check, plots, rules, run
from adamref.drawing import Curve, Guide, Panel
from adamref.errors import MissingPackage, OutOfDomain, UnknownName
from adamref.picture import curves

TRACE = run("adam", "0.5", "(3*w - 4)**2", steps=5, digits=12, alpha="0.1")


def lines(picture):
    """Return what was drawn, by the label of each line."""
    return {
        line.get_label(): [float(y) for y in line.get_ydata()]
        for ax in picture.figure.axes
        for line in ax.get_lines()
    }


def test_a_trace_is_drawn_field_by_field():
    picture = TRACE.plot("theta", "m")
    drawn = lines(picture)
    assert drawn == {name: [float(x) for x in TRACE[name]] for name in ("theta", "m")}
    assert picture.alt.startswith(
        "A trace of rule=adam, form=paper, against t = 1 to 5: theta rises"
    )
    assert "theta rises from 0.6 to 0.9893" in picture.alt
    assert [ax.get_ylabel() for ax in picture.figure.axes] == ["theta", "m"]
    assert set(lines(TRACE.plot())) == set(rules.ADAM.fields)


def test_of_arrays_the_first_elements_are_drawn():
    trace = run("adam", np.full((2, 3), 0.5), [np.ones((2, 3))] * 2, digits=12)
    assert list(lines(trace.plot("theta"))) == ["theta[0, 0]", "theta[0, 1]", "theta[0, 2]",
                                                "theta[1, 0]"]  # fmt: skip
    assert len(trace.plot("m").alt) < 300


def test_what_is_no_number_is_left_out():
    trace = run("adam", 0.5, [1.0, float("inf"), float("nan")], digits=12)
    assert "theta stays at 0.499, and is then no number." in trace.plot("theta").alt


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1.0, 3.0, 2.0], "x starts at 1, ends at 2, and stays between 1 and 3"),
        ([3.0, 2.0, 1.0], "x falls from 3 to 1"),
        ([2.0, 2.0], "x stays at 2"),
        ([2.0], "x is 2"),
        ([float("nan")], "x is nowhere a number"),
    ],
)
def test_the_text_of_a_picture_says_where_a_line_goes(values, said):
    panel = Panel("x", {"x": Curve(range(len(values)), values)})
    assert f": {said}; the goal is 4." in curves("T", "t", [panel], [Guide(4.0, "the goal")]).alt


def test_what_cannot_be_drawn_is_said():
    with pytest.raises(UnknownName, match=r"field 'thet' is unknown; .*; did you mean theta\?"):
        TRACE.plot("thet")
    with pytest.raises(OutOfDomain, match="steps = 0, but should be one at least, to be drawn"):
        type(TRACE)((), ("theta",)).plot()


def test_the_bias_correction_is_that_of_the_rule():
    picture = plots.bias_correction("0.5", "0.75", steps=3)
    drawn = lines(picture)
    assert drawn["m"] == [1 - 0.5**t for t in (1, 2, 3)]
    assert drawn["v"] == [1 - 0.75**t for t in (1, 2, 3)]
    assert drawn["m_hat"] == drawn["v_hat"] == [1, 1, 1]
    assert "m rises from 0.5 to 0.875; m_hat stays at 1; v rises" in picture.alt
    with pytest.raises(OutOfDomain, match="rule = lion, but should be one that corrects the bias"):
        plots.bias_correction(rule="lion")
    with pytest.raises(OutOfDomain, match="steps = 0, but should be a whole number >= 1"):
        plots.bias_correction(steps=0)


def right(theta, grad, state, *, lr, beta1, beta2, eps):
    m, v, t = state or (0 * theta, 0 * theta, 0)
    t += 1
    m = theta.dtype.type(beta1) * m + theta.dtype.type(1 - beta1) * grad
    v = theta.dtype.type(beta2) * v + theta.dtype.type(1 - beta2) * grad * grad
    change = lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return (theta - change).astype(theta.dtype), (m, v, t)


@pytest.mark.slow
def test_a_report_is_drawn():
    report = check(right, isolate=False, probes=["generic-float32-literal"])
    picture = report.plot()
    assert picture.alt.startswith(f"{report.target} in float32, conforms, error in ulps against t:")
    assert re.search(r"theta at most \d", picture.alt)
    assert "|g|" in report.plot("g").alt
    with pytest.raises(UnknownName, match="axis of a plot 'x' is unknown; known are t, g"):
        report.plot("x")


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_its_text_goes_along_into_a_file(kind, tmp_path):
    picture = TRACE.plot("theta")
    place = picture.save(tmp_path / f"trace.{kind}")
    data = place.read_bytes()
    assert data.startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[kind])
    assert picture.alt.encode()[:40] in data
    assert [x.name for x in tmp_path.iterdir()] == [place.name]


def test_a_notebook_is_given_the_text_too():
    picture = TRACE.plot("theta")
    html = picture._repr_html_()
    assert f'alt="{picture.alt}"' in html
    assert html.startswith("<img ")
    assert repr(picture) == f"<Picture {picture.alt}>"


def test_pyplot_is_left_alone():
    TRACE.plot("theta")
    assert "matplotlib.pyplot" not in sys.modules


def test_what_is_missing_is_said_with_the_line_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    says = r"matplotlib is not installed, and a plot needs it: pip install 'matplotlib>=[\d.]+'"
    with pytest.raises(MissingPackage, match=says):
        TRACE.plot()
