"""How the site is built: ``make docs``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

from adamref.version import VERSION

project = "adamref"
copyright = "The adamref developers"  # noqa: A001 - Sphinx reads this name
release = version = VERSION
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "mathml",
    "python_pages",
    "repository_pages",
    "generated",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "generated/extra"]
root_doc = "index"

myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_heading_anchors = 3
myst_ref_domains = ["std"]
myst_links_external_new_tab = False

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True

html_theme = "furo"
html_title = "adamref"
html_math_renderer = "mathml"
html_favicon = "_static/icon.svg"
html_static_path = ["_static"]
html_extra_path = ["generated/extra"]
(Path(__file__).parent / "generated" / "extra").mkdir(parents=True, exist_ok=True)  # filled later
html_css_files = ["site.css"]
html_js_files = ["scrollable.js", "sortable.js"]
html_copy_source = False
html_show_sourcelink = False
# Summaries would be fetched page by page, which a page opened from a disk cannot do.
html_show_search_summary = False
