"""The writers of results: ``KIND_FORMAT.py`` has ``write(result)``; `adamref.render` finds them."""
