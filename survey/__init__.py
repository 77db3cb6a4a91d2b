"""The survey: `adamref check` over other people's implementations of Adam and its relatives.

It stands outside the package: nothing of it is installed. ``python -m survey`` runs it, and
CONTRIBUTING.md says how.
"""
