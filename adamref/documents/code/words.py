"""What a variable of a program is by its name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adamref.expressions.nodes import Name

# What a variable may be, before it is known of which rule.
GRADIENT, FIRST, SECOND, PARAMETER = "gradient", "first", "second", "parameter"
RATE1, RATE2, RATE, SIZE, EPS, TIME, DECAY = (
    "rate1", "rate2", "rate", "alpha", "eps", "time", "weight_decay",
)  # fmt: skip

_WORDS: Mapping[str, str] = {
    **dict.fromkeys("g grad grads gradient gradients dw db dx dp dtheta gt g_t gw gb d_p".split(),
                    GRADIENT),
    **dict.fromkeys("m mt m_t exp_avg expavg first_moment moment1 mom1 mu_t m_w m_b mw mb m_dw "
                    "m_db mdw mdb vdw vdb v_dw v_db m1 momentum_weights momentum_biases".split(),
                    FIRST),
    **dict.fromkeys("v vt v_t exp_avg_sq expavgsq second_moment moment2 mom2 v_w v_b vw vb s st "
                    "s_t sdw sdb s_dw s_db v2 velocity_weights velocity_biases "
                    "cache variance mean_square square_avg ms u ut u_t exp_inf "
                    "inf_norm".split(), SECOND),
    **dict.fromkeys("theta w b x p param params parameter parameters weight weights bias biases "
                    "theta_t wt bt".split(), PARAMETER),
    **dict.fromkeys("beta1 beta_1 b1 gamma1 gamma_1 rho1 rho_1 betas_0 β1 decay1 decay_1 "
                    "decay_rate_1 beta_m".split(), RATE1),
    **dict.fromkeys("beta2 beta_2 b2 gamma2 gamma_2 rho2 rho_2 betas_1 β2 decay2 decay_2 "
                    "decay_rate_2 beta_v".split(), RATE2),
    **dict.fromkeys("beta rho gamma decay decay_rate decay_factor mu momentum β".split(), RATE),
    **dict.fromkeys("lr learning_rate learningrate alpha eta step_size stepsize η α rate a".split(),
                    SIZE),
    **dict.fromkeys("eps epsilon ε e".split(), EPS),
    **dict.fromkeys("t step steps iter iteration timestep k n epoch i it step_t num_steps step_no"
                    " step_num step_count n_steps global_step".split(),
                    TIME),
    **dict.fromkeys("weight_decay wd lambda_ lmbda".split(), DECAY),
}  # fmt: skip
_HATS = re.compile(
    r"_?(?:hat|bias_?corr(?:ected)?|corrected|corr|unbiased|debiased|cap)(?=_|$)|\u0302"
)
_GREEK = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "ε": "eps",
    "ϵ": "eps",
    "η": "eta",
    "θ": "theta",
    "λ": "lambda_",
    "μ": "mu",
    "ρ": "rho",
    "ω": "w",
}
_ENDINGS = re.compile(r"_(?:new|old|prev|next|cur|current|now)$")


def plain(base: str) -> str:
    """Return a variable's name in small letters and underscores, Greek ones in words."""
    own = "".join(_GREEK.get(c, c) for c in base.rpartition(".")[2])
    own = unicodedata.normalize("NFD", own)
    parted = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", "_", own).lower().strip("_")
    return _ENDINGS.sub("", parted)


def is_corrected(base: str) -> bool:
    """Say whether a name says that it is corrected."""
    return _HATS.search(plain(base)) is not None


def by_name(name: Name) -> str:
    """Return what a variable is by its name alone; empty for one that says nothing."""
    word = _HATS.sub("", plain(name.base))
    indexed = f"{word}_{name.index}" if word == "betas" else word
    if word == "b" and name.index and not name.index.startswith("l"):
        return PARAMETER
    # A list of them is called by the plural.
    return _WORDS.get(indexed) or (_WORDS.get(indexed[:-1], "") if indexed.endswith("s") else "")


_SURE = frozenset(
    "m mt m_t exp_avg exp_avgs expavg first_moment moment1 exp_avg_sq exp_avg_sqs expavgsq "
    "second_moment moment2 square_avg mean_square variance inf_norm exp_inf".split()
)


def is_loose(base: str) -> bool:
    """Say whether a name is given to both moments by different people: s, r, v, ms."""
    return _HATS.sub("", plain(base)) not in _SURE
