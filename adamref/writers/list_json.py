"""Ids and titles as JSON: ``adamref.list/1``; the schema ships with the package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adamref.listing import Listing


def write(listing: Listing) -> dict[str, Any]:
    """Return the JSON document for ids."""
    return {
        "schema": "adamref.list/1",
        "of": listing.of,
        "groups": [
            {"title": group.title, "ids": [{"id": i, "title": t} for i, t in group.entries]}
            | ({"name": group.name} if group.name else {})
            for group in listing.groups
        ],
    }
