"""What looks at the pages of the site sees what is wrong, and nothing wrong with a good one."""

from __future__ import annotations

import importlib.util

import pytest

from browsed import Site, browser

LACKING = [
    *([] if browser() else ["Chromium"]),
    *(x for x in ("playwright", "axe_playwright_python") if importlib.util.find_spec(x) is None),
]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(LACKING), reason=f"no {', '.join(LACKING)} here (make docs-check)"),
]

PAGE = """<!doctype html><html lang="en"><head><title>A page</title>
<meta name="viewport" content="width=device-width"><style>{style}</style></head>
<body><main><article><h1 id="top">A page</h1>{body}</article></main></body></html>"""
WIDE = "x" * 400
GOOD = f"""<p><a href="#top">up</a> and <a href="other.html#top">over</a></p>
<details><summary>More</summary><pre tabindex="0" style="overflow: auto">{WIDE}</pre></details>
<math><mi>x</mi></math>"""
BAD = {
    "a script that fails": ("<script>lost()</script>", "", "script: lost is not defined"),
    "an error on the console": ("<script>console.error('so')</script>", "", "console: so"),
    "a question to elsewhere": (
        "<script>fetch('http://127.0.0.2:9/x').catch(() => 0)</script>", "", "asks http://127.0.0.2"
    ),
    "a link that leads nowhere": ("<a href='lost.html'>lost</a>", "", "nothing is at lost.html"),
    "an anchor that is none": ("<a href='other.html#lost'>lost</a>", "", "no anchor other.html#"),
    "a picture that is not there": ("<img src='lost.png' alt='lost'>", "", "404 for http"),
    "a picture without a text": (
        "<img src='data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA='>", "",
        "no picture, or no text for it",
    ),
    "what is too wide": (f"<p>{WIDE}</p>", "", "(dark, 390): wider than the screen"),
    "what is too wide once it is opened": (
        f"<details><summary>More</summary><p>{WIDE}</p></details>", "", "wider than the screen"
    ),
    "what no key scrolls": (f"<pre style='overflow: auto'>{WIDE}</pre>", "", "scrolled by no key"),
    "too little contrast": ("<p style='color: #bbb'>pale</p>", "", "(light): color-contrast"),
    "too little contrast in the dark": (
        "<p class='one'>pale</p>",
        "@media (prefers-color-scheme: dark) { .one { color: #ddd } }",
        "(dark): color-contrast",
    ),
    "a rule of axe": ("<button></button>", "", "button-name, 1 times"),
}  # fmt: skip
KEYS = {
    "not seen where the Tab key is: 0 A up": (
        "<a href='#top'>up</a>", "a:focus { outline: none }"
    ),
    "not reached by the Tab key: 0 A up": (
        "<a href='#top' onfocus='this.blur()'>up</a><a href='#top'>down</a>", ""
    ),
}  # fmt: skip


def looked_at(folder, **pages):
    """Look at pages, each of a body and a style; those that others lead to are good."""
    for name, (body, style) in {"index": (GOOD, ""), "other": (GOOD, ""), **pages}.items():
        (folder / f"{name}.html").write_text(PAGE.format(body=body, style=style), "utf-8")
    return Site(folder).looked_at()


@pytest.fixture(scope="module")
def wrong(tmp_path_factory):
    pages = {f"bad-{at}": page[:2] for at, page in enumerate(BAD.values())}
    return looked_at(tmp_path_factory.mktemp("site"), **pages)


def test_there_is_nothing_wrong_with_a_good_page(wrong):
    assert [x for x in wrong if not x.startswith("bad-")] == []


@pytest.mark.parametrize(("at", "says"), list(enumerate(x[2] for x in BAD.values())), ids=BAD)
def test_what_is_wrong_is_told(at, says, wrong):
    told = [x for x in wrong if x.startswith(f"bad-{at}.html")]
    assert [x for x in told if says in x], told


@pytest.mark.parametrize("says", KEYS)
def test_what_the_tab_key_does_not_do_is_told(says, tmp_path):
    assert set(looked_at(tmp_path, index=KEYS[says])) == {f"index.html: {says}"}
