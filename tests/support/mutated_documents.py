"""Documents of the corpora, damaged at random: none stops the audit, or takes it long.

python mutated_documents.py FIRST LAST
    Audits the documents of these seeds, and writes what the worst of them took as JSON.
"""

from __future__ import annotations

import json
import random
import re
import resource
import sys
import time
import traceback
from pathlib import Path

from adamref import audit
from adamref.errors import AdamrefError

_TESTS = Path(__file__).parent.parent
_SEEDS = sorted(
    path
    for folder in ("corpus", "corpus_blind")
    for path in (_TESTS / folder).iterdir()
    if path.suffix != ".json"
)
_HOSTILE = [
    *("exp(1000000)", "9^9^9^9", "2^{1000000}", "^98337", "^{0.5}", "10^{400000}", "1e999999"),
    *("(", ")", "{", "}", "[", "]", "$", "$$", "\\", "&", "|", "=", "≈", "^", "_", "√", "\\frac{"),
    *("\\sqrt{", "\\hat ", "^2", "²", "0", "9" * 40, "0.", ",", ".", "-", "–", "/", "×", "\\\\"),
    *("\n", "\n\n", "\t", "\x00", "\x1b[31m", "\u202e", "\u200b", "\ufeff", "\u0302", "😀", "```"),
    *("# Adam\n", "Step 99999999: ", "_{999}", "nan", "inf", "%", "\\sum_{i=1}^{99999}", "!", " "),
    *("alpha = ", "beta1 = 1", "eps = 0", "m_1 = ", "\\begin{align}", "\\end{align}", "| a | b |"),
]
_WORDS = ["Adam", "RMSprop", "AdamW", "momentum", "Lion", "AMSGrad", "NAdam", "AdaGrad", "SGD"]


def document(seed: int) -> tuple[str, str]:
    """Make a document: the name of what it was, and its text."""
    draw = random.Random(seed)
    path = draw.choice(_SEEDS)
    text = path.read_text(encoding="utf-8")
    for _ in range(draw.choice((1, 1, 1, 2, 3, 5, 8, 20))):
        text = draw.choice(_MUTATIONS)(draw, text)
    return path.name, text[:50_000]


def _slice(draw: random.Random, text: str, most: int = 40) -> tuple[int, int]:
    start = draw.randrange(len(text) + 1)
    return start, min(len(text), start + draw.randrange(most))


def _without(draw: random.Random, text: str) -> str:
    start, end = _slice(draw, text)
    return text[:start] + text[end:]


def _with_hostile(draw: random.Random, text: str) -> str:
    start, end = _slice(draw, text, 8)
    return text[:start] + draw.choice(_HOSTILE) + text[end if draw.random() < 0.7 else start :]


def _with_raised(draw: random.Random, text: str) -> str:
    """Put a power where a number goes on: ``0.00198337`` becomes ``0.001^98337``."""
    places = [i for i in range(1, len(text)) if text[i - 1].isdigit() and text[i].isdigit()]
    at = draw.choice(places or [0])
    return text[:at] + draw.choice(("^", "^-", "e", "e-", "/", "!", " ", ".")) + text[at:]


def _other_digits(draw: random.Random, text: str) -> str:
    places = [i for i, one in enumerate(text) if one.isdigit()]
    for at in draw.sample(places, min(len(places), draw.randrange(1, 6))):
        text = text[:at] + draw.choice("0123456789") + text[at + 1 :]
    return text


def _repeated(draw: random.Random, text: str) -> str:
    start, end = _slice(draw, text, 30)
    return text[:end] + text[start:end] * draw.choice((1, 2, 10, 100)) + text[end:]


def _line_repeated(draw: random.Random, text: str) -> str:
    lines = text.split("\n")
    at = draw.randrange(len(lines))
    return "\n".join([*lines[:at], *[lines[at]] * draw.choice((2, 5, 30)), *lines[at:]])


def _lines_swapped(draw: random.Random, text: str) -> str:
    lines = text.split("\n")
    one, other = draw.randrange(len(lines)), draw.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


def _joined(draw: random.Random, text: str) -> str:
    other = draw.choice(_SEEDS).read_text(encoding="utf-8")
    start, end = _slice(draw, other, 400)
    at = draw.randrange(len(text) + 1)
    return text[:at] + other[start:end] + text[at:]


def _as_another(draw: random.Random, text: str) -> str:
    return text.replace(draw.choice(_WORDS), draw.choice(_WORDS))


def _flat(draw: random.Random, text: str) -> str:
    """Take line ends away, as copying does."""
    start, end = _slice(draw, text, 400)
    return text[:start] + text[start:end].replace("\n", " ") + text[end:]


_MUTATIONS = (
    *(_without, _with_hostile, _with_hostile, _with_raised, _other_digits, _other_digits),
    *(_repeated, _line_repeated, _lines_swapped, _joined, _as_another, _flat),
)


def run(first: int, last: int) -> dict[str, object]:
    """Audit the documents of some seeds; return the slowest, the memory, and what was raised."""
    audit("Adam: alpha = 0.1, w_0 = 1, g_1 = 15\nm_1 = 1.6\n")  # what it loads is not counted
    slowest, seed, raised = 0.0, first, []
    for number in range(first, last):
        _, text = document(number)
        before = time.process_time()
        try:
            audit(text)
        except AdamrefError:
            pass
        except Exception:  # noqa: BLE001 - this is what is looked for
            raised.append((number, traceback.format_exc(limit=-3)))
        taken = time.process_time() - before
        if taken > slowest:
            slowest, seed = taken, number
        if taken > _SLOW:
            sys.stderr.write(f"{number}: {taken:.2f} seconds\n")
    return {"slowest": slowest, "seed": seed, "megabytes": _most_memory(), "raised": raised}


def _most_memory() -> float:
    """Return the most memory that this process had, in megabytes.

    What the system says of its resources goes on from whoever started it, where Linux knows better.
    """
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(), re.MULTILINE)
        if found:
            return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


_SLOW = 2.0
"""Seconds of work of one document that are told."""


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]), int(sys.argv[2]))))  # noqa: T201
