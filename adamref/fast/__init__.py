"""Adam and its relatives in NumPy, by hand: fast, in place, and no optimizer framework.

Written without the rules they are held against (`adamref.rules`), so that each is evidence for the
other. Arrays are worked in blocks that stay in a core's cache, in place, without allocating.

>>> import numpy as np
>>> theta = np.float32([0.5, 2.0])
>>> optimizer = Adam([theta], lr=0.1)
>>> with np.errstate(over="ignore"):
...     optimizer.step([np.float32([-15.0, 1e20])])
>>> theta
array([0.6, 2. ], dtype=float32)

(The gradient 1e20 has a square that float32 does not hold: v is infinite, and theta stays. That is
a limit of every implementation in the precision of its arrays, not of Adam. NumPy warns of it, as
``np.errstate`` says; compiled loops are silent.)
"""

from __future__ import annotations

# An algorithm is one line.
# isort: off
from adamref.fast.adabelief import AdaBelief as AdaBelief, adabelief_step as adabelief_step
from adamref.fast.adagrad import AdaGrad as AdaGrad, adagrad_step as adagrad_step
from adamref.fast.adam import Adam as Adam, adam_step as adam_step
from adamref.fast.adamax import AdaMax as AdaMax, adamax_step as adamax_step
from adamref.fast.adamw import AdamW as AdamW, adamw_step as adamw_step
from adamref.fast.amsgrad import AMSGrad as AMSGrad, amsgrad_step as amsgrad_step
from adamref.fast.lion import Lion as Lion, lion_step as lion_step
from adamref.fast.momentum import Momentum as Momentum, momentum_step as momentum_step
from adamref.fast.nadam import NAdam as NAdam, nadam_step as nadam_step
from adamref.fast.optimizer import ArrayOptimizer as ArrayOptimizer
from adamref.fast.options import Options as Options
from adamref.fast.rmsprop import RMSprop as RMSprop, rmsprop_step as rmsprop_step
