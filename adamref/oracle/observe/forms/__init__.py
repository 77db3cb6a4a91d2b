"""The forms in which people write an optimizer, found out from what a callable takes and does."""
