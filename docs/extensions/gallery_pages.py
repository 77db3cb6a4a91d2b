"""The gallery: what commands write, and pictures, made when the site is built."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import theorem_pages

from adamref import Objective, audit, check, plots, rules, run, work_out
from adamref.render import written

REPORTS = "reports"
"""Where whole pages lie that commands have written: beside the site's own, as they are."""

_AUDITED = {
    "examples/audit/w-half.md": "The document that adamref grew from: two wrong numbers, one that follows from "
    "them, two dialects, and commands that copying damaged.",
    "tests/corpus/h01_parabola_blog.md": "A blog post, restated.",
    "tests/corpus/h11_divide_by_point_one.md": "Notes that divide by 1 − β, restated.",
    "tests/corpus/h18_table_w_b_two_steps.md": "A table of two steps of two parameters, restated.",
}
_HEAD = """(gallery)=
# Gallery

What comes out, made anew with this site. Each report is one file without a script, to be sent to somebody.

## Documents, each claim marked

| document | verdict | |
|---|---|---|
"""


def pages(root: Path) -> dict[str, str | bytes]:
    """Return the page, the pictures and the reports."""
    made: dict[str, str | bytes] = {}
    text = [_HEAD.rstrip()]
    for path, says in _AUDITED.items():
        with contextlib.chdir(root):  # reports name it as a reader would
            found = audit(Path(path))
        name = path.rpartition("/")[2].rpartition(".")[0].replace("_", "-")
        made[f"extra/{REPORTS}/{name}.html"] = str(written(found, "html"))
        text.append(f"| {_report(name, path.rpartition('/')[2])} | {found.verdict} | {says} |")
    sys.path.insert(0, str(root / "examples" / "check"))
    try:
        wrong = check("wrong:step")
    finally:
        sys.path.pop(0)
    made[f"extra/{REPORTS}/wrong-step.html"] = str(written(wrong, "html"))
    objective = Objective("(3*w - 4)**2")
    two = run(rules.ADAM, "0.5", objective, steps=2, digits=12, alpha="0.1")
    sheet = work_out(rules.ADAM, two, "0.5", objective=objective)
    made[f"extra/{REPORTS}/two-steps.html"] = str(written(sheet, "html"))
    text.append(
        "\n## Reports\n\n"
        f"- {_report('wrong-step', 'an implementation that is wrong')}: which line, which fault, and what it does\n"
        f"- {_report('two-steps', 'two steps worked by hand')}: every line in symbols, in numbers, and its result\n"
    )
    text.append("## Pictures\n")
    trace = run(rules.ADAM, "0.5", "(3*w - 4)**2", steps=200, digits=6, alpha="0.01")
    known = {name: plots.picture(name) for name in plots.names()}
    for name, picture in {**known, "a-run": trace.plot(), "errors": wrong.plot()}.items():
        made |= theorem_pages.pictures(name, picture)
        text += theorem_pages.shown(name, picture)
    return {"gallery.md": "\n".join(text), **made}


def _report(name: str, says: str) -> str:
    return f'<a href="../{REPORTS}/{name}.html">{says}</a>'
