"""Reading HTML pages in tests."""

from __future__ import annotations

from html.parser import HTMLParser

OUTSIDE = ("<script", "src=", "href=", "@import", "url(")
VOID = {"meta", "br", "hr", "img", "link", "col", "source"}


class Balanced(HTMLParser):
    """Collects tags, attributes and text, and fails where an end tag does not match."""

    def __init__(self):
        super().__init__()
        self.open = []
        self.seen = set()
        self.attributes = []
        self.text = []

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read_html(page):
    parser = Balanced()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


def from_outside(page):
    """Return what a page takes from elsewhere: one that is self-contained takes nothing."""
    return [mark for mark in OUTSIDE if mark in page.lower()]
