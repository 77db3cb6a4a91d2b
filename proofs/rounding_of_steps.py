"""How far a rounded step is from the rule's: corrections, root, division and parameter.

Each is about the order of operations that PyTorch, optax or Keras use; the operands carry the
errors with which they were computed, so the bounds can be put one after the other.
"""

from collections.abc import Mapping

from sympy import Abs

from adamref.bounds.orders import ORDERS
from adamref.logic.relations import le
from adamref.theorems.operations import relative
from adamref.theorems.record import NearMiss
from adamref.theorems.rounded import Rounded
from adamref.theorems.simulated import TOYS, Numbers, real_point, space
from adamref.theorems.writing import Statement, Theorem

from .rounding import FORMATS, MATTERS, SOURCE, derived

NUMBERS = Numbers(
    weights=("power", "c", "s", "keep"),
    positive=("denominator", "eps", "eps_root", "alpha"),
    reals=("power",),
)


def step_record(
    field: str, name: str, words: str, says: str, operands: Mapping[str, str]
) -> Theorem:
    """Make the record of an order; the near-miss leaves the last rounding out."""
    order = ORDERS[field][name]
    worked = Rounded(order)
    error = Abs(worked.computed() - worked.exact)
    rest = worked.error() - relative(order) * worked.size
    return Theorem(
        id=f"rounding-{field.replace('_', '-')}-{name}",
        title=f"The rounding error of {words}",
        says=says,
        matters=MATTERS,
        statement=Statement(le(error, worked.error()), worked.domain),
        proof=derived(field, name),
        source=SOURCE,
        space=space(order, NUMBERS),
        near_misses=(
            NearMiss(
                Statement(le(error, rest), worked.domain),
                "The last rounding is left out: numbers of three significant bits show it.",
                real_point(order, TOYS[0], operands),
            ),
        ),
        over=FORMATS,
    )


_SO_FAR = "given bounds on the errors of what was computed before."

THEOREMS = (
    step_record(
        "correction",
        "exact",
        "a correction that is rounded once",
        "1 - beta^t computed exactly and then rounded is off by one rounding.",
        {"c": "9/16"},
    ),
    step_record(
        "correction",
        "power",
        "a correction from a power within k_pow ulps",
        "1 - beta^t, computed as 1 minus what a power function returns: near t = 1 the error of "
        "the power, not of the difference, is what counts.",
        {"power": "3/32"},
    ),
    step_record(
        "correction",
        "running-product",
        "a correction from a product that is kept",
        "1 - beta^t, computed as 1 minus the product of t decay rates, " + _SO_FAR,
        {"power": "3/32"},
    ),
    step_record(
        "m_hat",
        "divided",
        "m_hat, computed as m / c",
        "The corrected first moment, computed as a quotient within k_div ulps, " + _SO_FAR,
        {"m": "1", "c": "3/4"},
    ),
    step_record(
        "v_hat",
        "divided",
        "v_hat, computed as v / c",
        "The corrected second moment, computed as a quotient within k_div ulps, " + _SO_FAR,
        {"v": "1", "c": "3/4"},
    ),
    step_record(
        "denominator",
        "paper",
        "the denominator, computed as sqrt(v_hat) + eps",
        "The root within k_root ulps of the corrected second moment, plus epsilon, " + _SO_FAR,
        {"v_hat": "5/128", "eps": "7/2"},
    ),
    step_record(
        "denominator",
        "root-divided",
        "the denominator, computed as sqrt(v) / s + eps",
        "The root of v divided by the root s of its correction, plus epsilon, as PyTorch works it, "
        + _SO_FAR,
        {"v": "5/16", "s": "2", "eps": "2"},
    ),
    step_record(
        "denominator",
        "eps-inside",
        "the denominator, computed as sqrt(v_hat + eps)",
        "The root within k_root ulps of the sum of v_hat and epsilon, " + _SO_FAR,
        {"v_hat": "5/4", "eps": "7/64"},
    ),
    step_record(
        "delta",
        "size-first",
        "the step, computed as (alpha m_hat) / denominator",
        "The step, computed as a product and a quotient within k_div ulps, " + _SO_FAR,
        {"alpha": "3", "m_hat": "-3", "denominator": "5/64"},
    ),
    step_record(
        "delta",
        "quotient-first",
        "the step, computed as alpha (m_hat / denominator)",
        "The step, computed as a quotient within k_div ulps and a product, " + _SO_FAR,
        {"alpha": "3/8", "m_hat": "2", "denominator": "5/128"},
    ),
    step_record(
        "theta",
        "plain",
        "theta, computed as theta - delta",
        "The parameter after the step, " + _SO_FAR,
        {"theta": "1", "delta": "1/32"},
    ),
    step_record(
        "theta",
        "decoupled-before",
        "theta, computed as theta (1 - alpha weight_decay) - delta",
        "The parameter after decoupled decay and the step, " + _SO_FAR,
        {"theta": "1/16", "keep": "1/2", "delta": "1"},
    ),
)
