"""``python -m adamref`` is the same as ``adamref``."""

from adamref.cli import main

if __name__ == "__main__":
    main()
