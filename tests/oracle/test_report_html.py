"""A check as a page, and the plots on it."""

from __future__ import annotations

import itertools
import math
from xml.etree import ElementTree as ET

import pytest

import reports
from adamref.oracle.judge.results import ErrorPoint
from adamref.oracle.report.axes import axis
from adamref.oracle.report.plots import fields, plots
from pages import read_html

INF, NAN = math.inf, math.nan


def words(page):
    return " ".join("".join(read_html(page).text).split())


@pytest.mark.parametrize("name", reports.MADE)
def test_the_page_stands_by_itself(name):
    page = reports.MADE[name]().to_html()
    page.encode()
    read = read_html(page)
    assert not read.seen & {"script", "img", "iframe", "object", "link"}
    assert not {key for key, _ in read.attributes} & {"src", "href", "onclick", "onload"}
    assert "url(" not in page
    assert "@import" not in page


def test_the_page_says_what_the_text_says():
    said = words(reports.deviating().to_html())
    for part in (
        "mine:step: deviates",
        "looks like bias-correction-without-power",
        "theta[t=3, i=7] = 0.49942264, but should be 0.49980003",
        "It explains 2 of 3 probes that differ",
        "38,000",
        "gradient-modified",
        "numpy 2.4.1",
        "no state can be loaded",
    ):
        assert part in said


def test_formulas_are_mathml():
    read = read_html(reports.deviating().to_html())
    assert {"math", "mfrac", "msqrt"} <= read.seen


def test_what_others_wrote_is_escaped():
    page = reports.hostile().to_html()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "\x1b" not in page
    assert "<b>" not in page


def test_a_conforming_page_has_no_first_difference_and_folds_its_probes():
    page = reports.conforming().to_html()
    assert "First difference" not in page
    assert "<details>" in page


def test_every_probe_is_listed_below_a_fold_and_its_family_above():
    page = reports.deviating().to_html()
    above, _, below = page.partition("<details>")
    assert "<dt>generic</dt><dd>1 differs</dd>" in above
    assert "<code>generic</code>" in below


def test_there_are_no_plots_without_points():
    assert plots(()) == ()
    assert "<svg" not in reports.crashed().to_html()


def drawing(points, which=0):
    return ET.fromstring(str(plots(points)[which].svg))


def places(svg):
    return [
        tuple(map(float, place.removesuffix("h.01").split()))
        for path in svg.iter("path")
        if "dots" in path.get("class")
        for place in path.get("d").split("M")[1:]
    ]


@pytest.mark.parametrize("which", range(4))
@pytest.mark.parametrize(
    "points",
    [
        reports.points(),
        (ErrorPoint("theta", 3, 0.1, 0.4, 0.7),),
        tuple(ErrorPoint("v", t, 0.0, 0.0, 0.0) for t in range(1, 5)),
        (ErrorPoint("m", 16777217, 5e-324, INF, NAN), ErrorPoint("u", 1, 1.7e308, 1e-320, 1e300)),
        (ErrorPoint("another", 1, -INF, 1.0, 1.0), ErrorPoint("theta", 1, NAN, 1.0, 1.0)),
    ],
)
def test_every_point_lies_in_the_plot(points, which):
    svg = drawing(points, which)
    _, _, width, height = map(float, svg.get("viewBox").split())
    dots = places(svg)
    assert dots
    assert all(0 <= x <= width and 0 <= y <= height for x, y in dots)
    for text in svg.iter("text"):
        assert 0 <= float(text.get("x")) <= width
        assert 0 <= float(text.get("y")) <= height


def test_a_greater_error_lies_higher_and_a_later_step_further_right():
    points = [ErrorPoint("theta", t, 1.0, e, e) for t, e in ((1, 0.1), (50, 0.5), (900, 40.0))]
    dots = places(drawing(points))
    assert [x for x, _ in dots] == sorted(x for x, _ in dots)
    assert [y for _, y in dots] == sorted((y for _, y in dots), reverse=True)


def test_points_on_the_same_place_are_drawn_once():
    points = [ErrorPoint("theta", 1, 1.0, 0.5, 0.5)] * 1000
    assert len(places(drawing(points))) == 1


def test_only_shares_of_the_bound_have_a_line_at_one():
    svgs = [drawing(reports.points(), which) for which in range(4)]
    lines = [[p for p in svg.iter("path") if p.get("class") == "limit"] for svg in svgs]
    assert [len(found) for found in lines] == [0, 0, 1, 1]
    captions = [plot.caption for plot in plots(reports.points())]
    assert captions == [
        "error in ulps against step t",
        "error in ulps against |g|",
        "error / bound against step t",
        "error / bound against |g|",
    ]


def test_fields_keep_their_colours():
    points = [ErrorPoint(field, 1, 1.0, 0.1, 0.1) for field in ("v", "w", "theta")]
    assert fields(points) == ["theta", "v", "w"]
    classes = [p.get("class") for p in drawing(points).iter("path") if "dots" in p.get("class")]
    assert classes == ["dots series-0", "dots series-2", "dots series-5"]


POOL = [0.0, 5e-324, 1e-310, 1e-5, 0.01, 0.3, 1, 2, 1e3, 16777217.0, 1e300, 1.7e308, INF, NAN]


@pytest.mark.parametrize("least", [0.0, 0.01])
@pytest.mark.parametrize("whole", [False, True])
def test_an_axis_holds_every_number(least, whole):
    chosen = (values for n in range(4) for values in itertools.combinations(POOL, n))
    for values in chosen:
        made = axis(values, least=least, whole=whole)
        assert made.low < made.high < INF
        assert all(0 <= made.at(value) <= 1 for value in values)
        assert made.ticks
        assert all(-1e-9 <= tick.at <= 1 + 1e-9 for tick in made.ticks)


def labels(values, **options):
    return [tick.label for tick in axis(values, **options).ticks]


def test_ticks_are_round_numbers():
    assert labels([0.1, 0.2, 0.5]) == ["0", "0.2", "0.4"]
    assert labels([1, 2, 3, 4, 5], whole=True) == ["0", "2", "4"]
    assert labels([1.0, 1000.0]) == ["1", "10", "100", "1000"]
    assert labels([16777216, 16777217], whole=True)[-1] == "16,777,217"


def test_zero_and_what_is_not_finite_have_lanes_on_a_logarithmic_axis():
    made = axis([0.0, 1e-3, 1e5, INF])
    assert [tick.label for tick in made.ticks[:2]] == ["0", "inf"]
    assert made.at(0.0) < made.at(1e-3) < made.at(1e5) < made.at(INF)
    assert labels([0.0, 1e-9, 0.1, 50.0], least=0.01)[0] == "<0.1"
