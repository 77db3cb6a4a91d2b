"""Which variable of a program is which quantity: by its name, else by what it is made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, final

from adamref.documents.dialects import moments, rates
from adamref.documents.roles import Meaning
from adamref.expressions.nodes import Binary, Largest, Name, Node, Number, names, walk

if TYPE_CHECKING:
    from adamref.documents.code.statements import Assignment
    from adamref.rules.rule import Rule

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
    **dict.fromkeys("lr learning_rate learningrate alpha eta step_size stepsize η α rate".split(),
                    SIZE),
    **dict.fromkeys("eps epsilon ε".split(), EPS),
    **dict.fromkeys("t step steps iter iteration timestep k n epoch i it step_t num_steps".split(),
                    TIME),
    **dict.fromkeys("weight_decay wd lambda_ lmbda".split(), DECAY),
}  # fmt: skip
_HATS = re.compile(
    r"_?(?:hat|bias_?corr(?:ected)?|corrected|corr|unbiased|debiased|cap)(?=_|$)|\u0302"
)
_ENDINGS = re.compile(r"_(?:new|old|prev|next|cur|current|now)$")
_TRACKS = {
    **dict.fromkeys("w dw weight weights vdw sdw mdw mw vw".split(), "w"),
    **dict.fromkeys("b db bias biases vdb sdb mdb mb vb".split(), "b"),
}


def plain(base: str) -> str:
    """Return a variable's name in small letters and underscores."""
    own = base.rpartition(".")[2]
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
    return _WORDS.get(indexed, "")


def track(name: Name) -> str:
    """Return whose variable it is, as names say it: of weights ("w"), of biases ("b"), or empty."""
    said = re.findall(r"[a-z]+", plain(name.base)) + re.findall(r"d[wWbB]\b|d[WB](?=')", name.index)
    found = {_TRACKS[word.lower()] for word in said if word.lower() in _TRACKS}
    return found.pop() if len(found) == 1 else ""


@final
@dataclass(frozen=True)
class Variables:
    """How to read the variables of a program, for one rule.

    Attributes
    ----------
    rule : Rule
    roles : mapping of str to str
        What each is, by its name.
    corrected : frozenset of str
        Those that are moments without their bias.
    own : mapping of str to str
        Those that are fields of this optimizer alone, with the field.
    behind : frozenset of str
        Those that still have the value of the step before.
    """

    rule: Rule
    roles: Mapping[str, str]
    corrected: frozenset[str] = frozenset()
    own: Mapping[str, str] = field(default_factory=dict)
    behind: frozenset[str] = frozenset()

    def under(self, rule: Rule) -> Variables:
        """Return how they are read for another rule."""
        return replace(self, rule=rule)

    def meaning(self, name: Name) -> Meaning:
        """Say what a variable stands for."""
        role = self.roles.get(name.base) or by_name(name)
        time = "old" if name.base in self.behind else _time(name)
        if name.base in self.own:
            return Meaning("field", self.own[name.base], "", time)
        states = [x for x in moments(self.rule) if "_" not in x]
        if role in (FIRST, SECOND):
            wanted = "m" if role == FIRST else "v"
            if wanted not in states and len(states) == 1 and name.base in self.roles:
                wanted = states[0]
            others = [x for x in states if x != "m"]
            if wanted == "v" and wanted not in states and len(others) == 1:
                wanted = others[0]
            if wanted not in states:
                return Meaning("other", name.base)
            return Meaning("field", wanted + "_hat" * (name.base in self.corrected), "", time)
        if role == GRADIENT:
            return Meaning("field", "g", "", time)
        if role == PARAMETER:
            return Meaning("field", "theta", "", time)
        return self._number(role, name)

    def _number(self, role: str, name: Name) -> Meaning:
        known = rates(self.rule)
        meant = {RATE1: "beta1", RATE2: "beta2", SIZE: "alpha", EPS: "eps", DECAY: DECAY}.get(role)
        if role in (RATE, RATE1, RATE2) and len(known) == 1:
            meant = known[0]
        if meant is not None:
            return Meaning("hyper", meant)
        return Meaning("time", "t") if role == TIME else Meaning("other", name.base)


def _time(name: Name) -> str:
    """Return what an index says of the step; one that counts elements says nothing."""
    pieces = [x for x in name.index.split(",") if re.fullmatch(r"t(?:[-+]\d)?", x)]
    return pieces[0] if len(pieces) == 1 and pieces[0] == name.index else ""


def roles_of(assignments: Sequence[Assignment]) -> dict[str, str]:
    """Return what the variables of a program are: by name, and by what is averaged in them."""
    found: dict[str, str] = {}
    for one in assignments:
        for name in (one.target, *(names(one.value) if one.value is not None else ())):
            if (role := by_name(name)) and name.base not in found:
                found[name.base] = role
    assigned = {one.target.base for one in assignments}
    for one in assignments:
        made = one.value
        if made is None or one.target.base not in {n.base for n in names(made)}:
            continue
        role = found.get(one.target.base, "")
        if role in (PARAMETER, TIME, GRADIENT, SIZE, EPS, RATE1, RATE2):
            continue
        own = _averaged(made, found)
        others = {x for x, its in found.items() if its == own and x in assigned}
        if own and (role not in (FIRST, SECOND) or (_is_loose(one.target) and not others)):
            found[one.target.base] = own
    return found


def _is_loose(name: Name) -> bool:
    """Say whether a name is given to both moments by different people."""
    return plain(name.base) in {"v", "vt", "v_t", "vdw", "vdb", "v_dw", "v_db", "velocity"}


def _averaged(made: Node, roles: Mapping[str, str]) -> str:
    """Say which moment averages this: the second has the gradient squared."""

    def is_gradient(node: Node) -> bool:
        return isinstance(node, Name) and roles.get(node.base) == GRADIENT

    squared = False
    for node in walk(made):
        # A maximum that takes the gradient in is what AdaMax has for a second moment.
        squared |= isinstance(node, Largest) and any(is_gradient(x) for x in walk(node))
        if not isinstance(node, Binary):
            continue
        power = node.sign == "^" and isinstance(node.right, Number) and node.right.value == 2
        squared |= power and any(is_gradient(x) for x in walk(node.left))
        squared |= node.sign == "*" and is_gradient(node.left) and is_gradient(node.right)
    if squared:
        return SECOND
    return FIRST if any(is_gradient(x) for x in walk(made)) else ""


def tracks(found: Iterable[Name]) -> set[str]:
    """Return whose gradients some variables are."""
    return {track(name) for name in found if by_name(name) == GRADIENT} - {""}
