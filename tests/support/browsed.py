"""Looks at every page of the site in a browser: ``python tests/support/browsed.py FOLDER``.

A page has no error in its console, asks nobody else for anything, is nowhere wider than a phone,
what is folded opened, and breaks no rule of axe-core (WCAG A and AA) in light or dark; each link
and each anchor is there; the Tab key goes through what can be used, and is seen where it is; the
search finds something from a disk too. Needs a Chromium of the system and the extra ``docs-check``.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from adamref.progress import tracked

if TYPE_CHECKING:
    from collections.abc import Iterator

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SCREENS = ((390, "dark"), (1280, "light"))
"""A phone and a desk; a page is loaded once and looked at in both."""
TABS = 4

_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"],
    "rules": {"color-contrast": {"enabled": False}},
}  # fmt: skip
_CONTRAST = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
_OPENED = "document.querySelectorAll('details').forEach(fold => { fold.open = true; })"
# What the page does of itself when its size changes is done before the second frame.
_SETTLED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
# Formulas have the colour of the text around them, and thousands of elements: of what axe looks at
# they are most of the work, and it finds nothing in them. Once their size is known they are text.
_PLAIN = """() => {
    for (const formula of document.querySelectorAll('math')) {
        const text = document.createElementNS(formula.namespaceURI, 'mtext');
        text.textContent = formula.textContent;
        formula.replaceChildren(text);
    }
}"""
# Contrast is a matter of two colours, size and weight: one text of each kind is looked at.
_AXE = """([kinds, rules]) => {
    let where = document;
    if (kinds) {
        const found = new Map();
        for (const one of document.querySelectorAll('body *')) {
            if (![...one.childNodes].some(x => x.nodeType === 3 && x.data.trim())) continue;
            if (!one.checkVisibility()) continue;
            let under = one;
            while (under && getComputedStyle(under).backgroundColor === 'rgba(0, 0, 0, 0)')
                under = under.parentElement;
            const its = getComputedStyle(one);
            const ground = under ? getComputedStyle(under).backgroundColor : '';
            const kind = [its.color, ground, its.fontSize, its.fontWeight, its.opacity].join();
            if (!found.has(kind) || !one.children.length) found.set(kind, one);
        }
        where = {include: [...found.values()]};
    }
    return axe.run(where, rules).then(found => found.violations);
}"""
_LOOK = """() => ({
    links: [...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href')),
    ids: [...document.querySelectorAll('[id], a[name]')].map(x => x.id || x.name),
    wide: document.documentElement.scrollWidth - window.innerWidth,
    widest: [...document.querySelectorAll('article *')]
        .filter(x => x.getBoundingClientRect().right > window.innerWidth + 1
                     && !x.closest('pre, .math, .table-wrapper, .highlight'))
        .slice(0, 3).map(x => x.tagName + ': ' + x.textContent.trim().slice(0, 60)),
    unreachable: [...document.querySelectorAll('article *')]
        .filter(x => x.scrollWidth > x.clientWidth + 1 && x.tabIndex < 0 && x.clientWidth > 0
                     && ['auto', 'scroll'].includes(getComputedStyle(x).overflowX)
                     && !x.querySelector('a[href], [tabindex="0"]'))
        .slice(0, 3).map(x => x.tagName + ': ' + x.textContent.trim().slice(0, 60)),
    images: [...document.images].filter(x => !x.alt || !x.naturalWidth).map(x => x.src),
})"""


# What can be used on a page, each by a number of its own and what stands in it.
_USED = """() => [...document.querySelectorAll(
    'a[href], button, input, select, summary, [tabindex="0"]')]
    .filter(x => x.checkVisibility({visibilityProperty: true}) && x.tabIndex >= 0 && !x.disabled)
    .map((x, at) => x.dataset.used = `${at} ${x.tagName} ${x.textContent.trim().slice(0, 40)}`)"""
_FOCUSED = """() => {
    const at = document.activeElement, box = at.getBoundingClientRect();
    const its = getComputedStyle(at);
    const marked = its.outlineStyle !== 'none' || its.boxShadow !== 'none';
    const inside = box.bottom > 0 && box.top < window.innerHeight && box.width > 0;
    return [at.dataset.used || '', marked && inside];
}"""


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
        return asyncio.run(self._looked_at())

    async def _looked_at(self) -> list[str]:
        from playwright.async_api import async_playwright

        with served(self.folder) as base:
            async with async_playwright() as play:
                chromium = await play.chromium.launch(
                    executable_path=browser(), args=["--no-sandbox", "--disable-gpu"]
                )
                pages = self.pages
                left = iter(tracked(pages, "pages", len(pages)))
                await asyncio.gather(*(self._tab(chromium, base, left) for _ in range(TABS)))
                await self._search(chromium, base)
                await self._tabbed(chromium, base)
                await chromium.close()
        self._leads()
        return self.wrong

    async def _tab(self, chromium: Any, base: str, left: Iterator[str]) -> None:
        """Look at page after page in one tab, until none is left."""
        context = await chromium.new_context()
        view = View(self, await context.new_page(), base)
        for page in left:
            await view.look(page)
        await context.close()

    async def _search(self, chromium: Any, base: str) -> None:
        """Search from the server, and from a disk."""
        if "search.html" not in self.pages:
            return
        for root in (base, self.folder.resolve().as_uri() + "/"):
            page = await chromium.new_page()
            errors: list[str] = []
            page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
            page.on("requestfailed", lambda asked, errors=errors: errors.append(asked.url))
            await page.goto(f"{root}search.html?q=bias")
            await page.wait_for_selector("#search-results li a", timeout=30_000)
            self.wrong += [f"search from {root}: {x}" for x in errors]
            await page.close()

    async def _tabbed(self, chromium: Any, base: str) -> None:
        """Go through a page by the Tab key: all that can be used is reached, and seen."""
        page = await chromium.new_page(reduced_motion="reduce")
        await page.goto(f"{base}index.html", wait_until="load")
        left = set(await page.evaluate(_USED))
        for _ in range(len(left) + 5):
            await page.keyboard.press("Tab")
            await page.evaluate(_SETTLED)
            name, seen = await page.evaluate(_FOCUSED)
            if name and not seen:
                self.wrong.append(f"index.html: not seen where the Tab key is: {name}")
            left.discard(name)
        self.wrong += [f"index.html: not reached by the Tab key: {x}" for x in sorted(left)]
        await page.close()

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

    async def look(self, name: str) -> None:
        """Look at a page: what it leads to, how wide it is, and how it reads in light and dark."""
        for at, (width, scheme) in enumerate(SCREENS):
            self.at = f"{name} ({scheme}, {width})"
            await self.page.set_viewport_size({"width": width, "height": 900})
            await self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            if not at:
                await self.page.goto(self.base + name, wait_until="load")
                await self.page.evaluate(_OPENED)
            await self.page.evaluate(_SETTLED)
            self._found(name, await self.page.evaluate(_LOOK))
        await self.page.evaluate(_PLAIN)
        await self.page.evaluate(_axe())
        for _, scheme in reversed(SCREENS):
            self.at = f"{name} ({scheme})"
            await self.page.emulate_media(color_scheme=scheme)
            self._broken(await self.page.evaluate(_AXE, [True, _CONTRAST]))
        self.at = name
        self._broken(await self.page.evaluate(_AXE, [False, _RULES]))

    def _broken(self, rules: list[dict[str, Any]]) -> None:
        for rule in rules:
            nodes = rule["nodes"]
            where = "; ".join(str(x["target"][0]) for x in nodes[:3])
            self._wrong(f"{rule['id']}, {len(nodes)} times: {where}: {nodes[0]['failureSummary']}")

    def _found(self, name: str, found: dict[str, Any]) -> None:
        self.site.links.setdefault(name, set()).update(found["links"])
        self.site.ids.setdefault(name, set()).update(found["ids"])
        if found["wide"] > 0:
            self._wrong(f"wider than the screen by {found['wide']} pixels: {found['widest']}")
        for image in found["images"]:
            self._wrong(f"no picture, or no text for it: {image}")
        for part in found["unreachable"]:
            self._wrong(f"scrolled by no key: {part}")


@cache
def _axe() -> str:
    from axe_playwright_python.base import AXE_FILE_PATH

    return Path(AXE_FILE_PATH).read_text("utf-8")


class Quiet(SimpleHTTPRequestHandler):
    """A server that says nothing."""

    def do_GET(self) -> None:
        """Answer, and say that there is no icon where a browser asks for one of itself."""
        if self.path == "/favicon.ico":
            self.send_response(204)
            self.end_headers()
        else:
            super().do_GET()

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
