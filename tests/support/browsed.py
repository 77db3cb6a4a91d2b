"""Looks at every page of the site in a browser: ``python tests/support/browsed.py FOLDER``.

A page has no error in its console, asks nobody else for anything, is nowhere wider than a phone,
and breaks no rule of axe-core (WCAG A and AA) in light or dark; each link and each anchor is there,
the search finds something from a disk too. Needs a Chromium of the system and the extra
``docs-check``.
"""

from __future__ import annotations

import shutil
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SIZES = {"light": (1280, 900), "dark": (390, 844)}
"""Widths and heights, by the scheme in which a page is looked at so first; then it is turned."""

_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
_CONTRAST = {
    "runOnly": ["color-contrast", "scrollable-region-focusable"],
    "resultTypes": ["violations"],
}
_LOOK = """() => ({
    links: [...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href')),
    ids: [...document.querySelectorAll('[id], a[name]')].map(x => x.id || x.name),
    wide: document.documentElement.scrollWidth - window.innerWidth,
    widest: [...document.querySelectorAll('article *')]
        .filter(x => x.getBoundingClientRect().right > window.innerWidth + 1
                     && !x.closest('pre, .math, .table-wrapper, .highlight'))
        .slice(0, 3).map(x => x.tagName + ': ' + x.textContent.trim().slice(0, 60)),
    images: [...document.images].filter(x => !x.alt || !x.naturalWidth).map(x => x.src),
})"""


def browser() -> str | None:
    """Return where a Chromium is."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@dataclass
class Site:
    """A folder of pages, and what is wrong with them."""

    folder: Path
    wrong: list[str] = field(default_factory=list)
    links: dict[str, set[str]] = field(default_factory=dict)
    ids: dict[str, set[str]] = field(default_factory=dict)

    @property
    def pages(self) -> list[str]:
        """The paths of all pages below the folder."""
        return sorted(str(x.relative_to(self.folder)) for x in self.folder.rglob("*.html"))

    def looked_at(self) -> list[str]:
        """Look at all pages, and return what is wrong."""
        from playwright.sync_api import sync_playwright

        with served(self.folder) as base, sync_playwright() as play:
            chromium = play.chromium.launch(
                executable_path=browser(), args=["--no-sandbox", "--disable-gpu"]
            )
            for scheme, (width, height) in SIZES.items():
                context = chromium.new_context(
                    viewport={"width": width, "height": height}, color_scheme=scheme
                )
                view = View(self, context.new_page(), base)
                for page in self.pages:
                    view.look(page, scheme)
                context.close()
            self._search(chromium, base)
            chromium.close()
        self._leads()
        return self.wrong

    def _search(self, chromium: Any, base: str) -> None:
        """Search from the server, and from a disk."""
        if "search.html" not in self.pages:
            return
        for root in (base, self.folder.resolve().as_uri() + "/"):
            page = chromium.new_page()
            errors: list[str] = []
            page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
            page.on("requestfailed", lambda asked, errors=errors: errors.append(asked.url))
            page.goto(f"{root}search.html?q=bias")
            page.wait_for_selector("#search-results li a", timeout=10_000)
            self.wrong += [f"search from {root}: {x}" for x in errors]
            page.close()

    def _leads(self) -> None:
        """Look whether every link leads somewhere, to an anchor too."""
        for page, links in self.links.items():
            for link in sorted(links):
                target, anchor = urldefrag(unquote(urljoin(page, link)))
                if urlsplit(link).scheme in ("http", "https", "mailto", "data"):
                    continue
                path = self.folder / (target + "index.html" if target.endswith("/") else target)
                if not path.exists():
                    self.wrong.append(f"{page}: nothing is at {link}")
                elif anchor and target in self.ids and anchor not in self.ids[target]:
                    self.wrong.append(f"{page}: no anchor {link}")


class View:
    """A window of the browser, in which one page after the other is looked at."""

    def __init__(self, site: Site, page: Any, base: str) -> None:
        self.site, self.page, self.base, self.at = site, page, base, ""
        page.on("console", self._said)
        page.on("pageerror", lambda error: self._wrong(f"script: {error}"))
        page.on("request", self._asked)
        page.on("response", self._answered)

    def _wrong(self, says: str) -> None:
        self.site.wrong.append(f"{self.at}: {says}")

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self._wrong(f"console: {message.text}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:")):
            self._wrong(f"asks {request.url}")

    def _answered(self, response: Any) -> None:
        if response.status >= 400:
            self._wrong(f"{response.status} for {response.url}")

    def look(self, name: str, scheme: str) -> None:
        """Look at a page."""
        from axe_playwright_python.sync_playwright import Axe

        self.at = f"{name} ({scheme})"
        self.page.goto(self.base + name, wait_until="load")
        found = self.page.evaluate(_LOOK)
        self.site.links.setdefault(name, set()).update(found["links"])
        self.site.ids.setdefault(name, set()).update(found["ids"])
        if found["wide"] > 0:
            self._wrong(f"wider than the screen by {found['wide']} pixels: {found['widest']}")
        for image in found["images"]:
            self._wrong(f"no picture, or no text for it: {image}")
        rules = _RULES if scheme == "light" else _CONTRAST
        for broken in Axe().run(self.page, options=rules).response["violations"]:
            nodes = broken["nodes"]
            where = "; ".join(str(x["target"][0]) for x in nodes[:3])
            self._wrong(
                f"{broken['id']}, {len(nodes)} times: {where}: {nodes[0]['failureSummary']}"
            )


class Quiet(SimpleHTTPRequestHandler):
    """A server that says nothing."""

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder for a while, at an address that is given."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def main() -> None:
    """Look at a folder, say what is wrong, and fail if anything is."""
    if browser() is None:
        sys.exit(f"no browser: none of {', '.join(BROWSERS)} is on the path")
    site = Site(Path(sys.argv[1]))
    wrong = site.looked_at()
    count = sum(map(len, site.links.values()))
    said = [*dict.fromkeys(wrong), f"{len(site.pages)} pages, {count} links: {len(wrong)} wrong"]
    sys.stdout.write("\n".join(said) + "\n")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
