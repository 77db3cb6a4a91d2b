"""What pyproject.toml cannot say: packages, `proofs` as adamref.proofs, and the package page."""

import re
from pathlib import Path

from setuptools import find_packages, setup

_THEOREMS = {"adamref.proofs": "proofs", "adamref.proofs.coq": "proofs/coq"}
_HERE = Path(__file__).parent
_LINK = re.compile(r"\[([^\]]+)\]\((?!https?://|#)([^)]+)\)")


def _page() -> str:
    """Return the README for a package page, where what it links to in the repository is not.

    With an address of the source in pyproject.toml it is linked to there; without one such a link
    is left as its text.
    """
    stated = (_HERE / "pyproject.toml").read_text("utf-8")
    source = re.search(r'^Source = "([^"]+)"', stated, re.MULTILINE)
    link = rf"[\1]({source[1].rstrip('/')}/blob/main/\2)" if source else r"\1"
    return _LINK.sub(link, (_HERE / "README.md").read_text("utf-8"))


setup(
    packages=[*find_packages(include=["adamref*"]), *_THEOREMS],
    package_dir=_THEOREMS,
    long_description=_page(),
    long_description_content_type="text/markdown",
)
