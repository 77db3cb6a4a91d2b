"""Training in closed loop: each step is judged from the state in which it began.

What is right is worked by `adamref.exact_step`, and how far a right step may be from that, however
it orders its operations, is proved by `adamref.tolerance` for these very inputs.
"""

from dataclasses import dataclass, field

import numpy as np

import adamref

ELEMENTS = 48
"""Of each tensor so many are judged, others at each step; a smaller tensor is judged whole."""

TOGETHER = 25
"""So many steps are judged at once, from the states in which they began."""


@dataclass
class Judged:
    """What was found so far.

    Attributes
    ----------
    steps, elements : int
        How many were judged.
    share : float
        The greatest error, as a share of what a right step may be off. Above 1 a step is wrong.
    worst : str
        Where that was.
    """

    steps: int = 0
    elements: int = 0
    share: float = 0.0
    worst: str = ""

    @property
    def holds(self):
        """Whether every step that was taken may be a right one."""
        return self.steps > 0 and self.share <= 1

    def __str__(self):
        verdict = "every step is right" if self.holds else f"WRONG: {self.worst}"
        used = f"the greatest error is {self.share:.2g} of what is allowed"
        return f"{self.steps} steps judged in {self.elements} values: {verdict}; {used}"


@dataclass
class Taken:
    """A step of some elements of a tensor.

    Attributes
    ----------
    key : str
    before, after : dict of str to array
        Theta and the states.
    t : int
        How many steps were taken before.
    g : array
        The gradient.
    """

    key: str
    before: dict
    t: int
    g: np.ndarray
    after: dict

    def state(self):
        """Return the states before it."""
        return {name: x for name, x in self.before.items() if name != "theta"}

    def document(self):
        """Return it as `adamref.tolerance` takes the inputs of a test."""
        return {
            "theta": self.before["theta"].tolist(),
            "gradients": [self.g.tolist()],
            "state": {name: x.tolist() for name, x in self.state().items()},
            "t": self.t + 1,
        }


@dataclass
class ClosedLoop:
    """An optimizer whose steps are judged.

    Attributes
    ----------
    optimizer : object
        With ``step(grads)``, and a ``state`` of each tensor by its key.
    params : dict of str to array
        What it updates in place.
    rule : str
        Whose steps they should be: ``adam``, ``sgd``, …
    hyper : dict of str to float
        By adamref's names.
    dialect : dict of str to str
        Of the rule.
    """

    optimizer: object
    params: dict
    rule: str
    hyper: dict
    dialect: dict = field(default_factory=dict)
    seed: int = 2015
    _found: Judged = field(default_factory=Judged)
    _waiting: list = field(default_factory=list)
    _taken: int = 0

    def step(self, grads):
        """Take a step, and keep what is needed to judge it."""
        draw = np.random.default_rng((self.seed, self._taken))
        places = {
            key: draw.choice(x.size, min(x.size, ELEMENTS), replace=False)
            for key, x in self.params.items()
        }
        before = {key: self._look(key, at) for key, at in places.items()}
        self.optimizer.step(grads)
        self._taken += 1
        for key, at in places.items():
            g, after = np.ravel(grads[key])[at].copy(), self._look(key, at)[0]
            self._waiting.append(Taken(key, *before[key], g, after))
        if self._taken % TOGETHER == 0:
            self._judge()

    @property
    def judged(self):
        """What was found of all steps that were taken."""
        self._judge()
        return self._found

    def _look(self, key, at):
        """Return elements of a tensor and of its states, and how many steps it has taken."""
        state = self.optimizer.state[key]
        arrays = {"theta": self.params[key], **{n: x for n, x in state.items() if n != "t"}}
        return {n: np.ravel(x)[at].copy() for n, x in arrays.items()}, int(state["t"])

    def _judge(self):
        """Judge the steps that wait for it: what a right one may be off is worked for all."""
        if not self._waiting:
            return
        dtype = next(iter(self.params.values())).dtype.name
        pins = [f"{axis}={value}" for axis, value in self.dialect.items()]
        # Decay rates are the float64 ones that are written, as all of these optimizers have them.
        allowed = adamref.tolerance(
            self.rule, dtype, 1, dialect=pins, hyper="literal", faults=False, **self.hyper,
            given={"tensors": [one.document() for one in self._waiting]},
        ).fields  # fmt: skip
        for one in self._waiting:
            right = adamref.exact_step(
                one.before["theta"], one.g, t=one.t + 1, state=one.state(),
                optimizer=self.rule, dialect=self.dialect, **self.hyper,
            )  # fmt: skip
            for room in allowed:
                want = right.theta if room.name == "theta" else right.states[room.name]
                self._compare(one, want, room)
        self._found.steps = self._taken
        self._waiting.clear()

    def _compare(self, one, want, allowed):
        got, want = one.after[allowed.name].astype(float), want.astype(float)
        room = allowed.atol + allowed.rtol * np.abs(want)
        off = np.abs(got - want)
        shares = np.divide(off, room, out=np.where(off > 0, np.inf, 0.0), where=room > 0)
        share = float(np.max(shares))
        self._found.elements += got.size
        if share > self._found.share:
            self._found.share = share
            self._found.worst = f"{allowed.name} of {one.key} at t = {one.t + 1}"
