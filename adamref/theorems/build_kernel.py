"""``python -m adamref.theorems.build_kernel``: build the Coq development and say what it proves."""

from __future__ import annotations

import sys

from adamref.theorems import kernel
from adamref.theorems.library import theorems


def main() -> int:
    """Check every theorem that a record names; where Coq is not installed, say so and go on."""
    names = [name for theorem in theorems().values() for name in kernel.of_record(theorem)]
    results = kernel.check(names)
    for name, result in results.items():
        print(f"{result.status:8}  {name.file}.{name.name}: {result.says}")  # noqa: T201
    failed = sum(result.status == "failed" for result in results.values())
    passed = sum(result.status == "passed" for result in results.values())
    print(f"{passed} of {len(results)} theorems checked by Coq, {failed} failed")  # noqa: T201
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
