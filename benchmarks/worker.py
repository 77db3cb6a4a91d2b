"""One contender, once, in this process: ``python -m benchmarks.worker NAME`` with its case as JSON.

The case comes on standard input; what was measured goes to standard output, as JSON.
"""

from __future__ import annotations

import json
import sys

from benchmarks import fast_steps, loops, replaying, steps, watching
from benchmarks.task import timed

CONTENDERS = {
    "balls": loops.balls,
    "mpmath-loop": loops.mpmath_loop,
    "gmpy2-loop": loops.gmpy2_loop,
    "exact-step": steps.exactly,
    "torch-step": steps.torch_step,
    "mpmath-step": steps.mpmath_step,
    "fast": fast_steps.fast,
    "naive": fast_steps.naive,
    "scikit-learn": fast_steps.scikit_learn,
    "arithmetic": fast_steps.arithmetic,
    "traffic": fast_steps.traffic,
    "training": watching.training,
    "reading": replaying.reading,
    "replaying": replaying.replaying,
}

if __name__ == "__main__":
    case = json.load(sys.stdin)
    json.dump(timed(CONTENDERS[sys.argv[1]](case), case["least"]), sys.stdout)
