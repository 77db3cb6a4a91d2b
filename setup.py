"""What pyproject.toml cannot say: packages are discovered, and `proofs` is adamref.proofs."""

from setuptools import find_packages, setup

_THEOREMS = {"adamref.proofs": "proofs", "adamref.proofs.coq": "proofs/coq"}

setup(packages=[*find_packages(include=["adamref*"]), *_THEOREMS], package_dir=_THEOREMS)
