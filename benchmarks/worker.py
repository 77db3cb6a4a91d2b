"""One contender, once, in this process: ``python -m benchmarks.worker NAME`` with its case as JSON.

The case comes on standard input; what was measured goes to standard output, as JSON.
"""

from __future__ import annotations

import json
import sys

from benchmarks import loops, steps
from benchmarks.task import timed

CONTENDERS = {
    "balls": loops.balls,
    "mpmath-loop": loops.mpmath_loop,
    "gmpy2-loop": loops.gmpy2_loop,
    "exact-step": steps.exactly,
    "torch-fused": steps.torch_fused,
    "mpmath-step": steps.mpmath_step,
}

if __name__ == "__main__":
    case = json.load(sys.stdin)
    json.dump(timed(CONTENDERS[sys.argv[1]](case), case["least"]), sys.stdout)
