"""With bias correction Adam goes to the worst point too.

The correction changes the steps, and not where they lead.
"""

from .online_adam_steps import theorem_of_steps
from .online_adam_worst import theorem_of_worst
from .online_problem import CORRECTED, LONGER_CORRECTED, SETTING_CORRECTED

STEPS_CORRECTED = theorem_of_steps(CORRECTED, LONGER_CORRECTED, "adam-corrected", SETTING_CORRECTED)
WORST_CORRECTED = theorem_of_worst(
    CORRECTED, LONGER_CORRECTED, "adam-corrected", STEPS_CORRECTED, SETTING_CORRECTED
)

THEOREMS = (STEPS_CORRECTED, WORST_CORRECTED)
