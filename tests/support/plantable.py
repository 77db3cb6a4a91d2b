"""A NumPy Adam into which faults can be planted, written by hand, and checks of it.

Nothing of it comes from the rules: a step is a list of pieces, each an expression on what was made
before, and a fault is another expression for some of them.
"""

from __future__ import annotations

import time
from types import SimpleNamespace

import numpy as np

from adamref.oracle.explain.asked import Asked
from adamref.oracle.observe.asking import asked
from adamref.oracle.observe.sessions.session import ABILITIES, Abilities, Held, Session
from adamref.oracle.observe.trials import trials
from adamref.oracle.report.verdicts import reported

RIGHT = {
    "g": lambda k: k.g,
    "total": lambda k: k.g + k.wd * k.theta if k.l2 else k.g,
    "m": lambda k: k.b1 * k.m0 + (1 - k.b1) * k.total,
    "square": lambda k: k.total * k.total,
    "v": lambda k: k.b2 * k.v0 + (1 - k.b2) * k.square,
    "greatest": lambda k: np.maximum(k.max0, k.v) if k.amsgrad else None,
    "second": lambda k: k.greatest if k.amsgrad else k.v,
    "p1": lambda k: float(np.float64(k.b1) ** k.t),
    "p2": lambda k: float(np.float64(k.b2) ** k.t),
    "c1": lambda k: 1 - k.p1,
    "c2": lambda k: 1 - k.p2,
    "m_hat": lambda k: k.m / k.c1,
    "v_hat": lambda k: k.second / k.c2,
    "below": lambda k: np.sqrt(k.v_hat) + k.eps,
    "delta": lambda k: k.lr * k.m_hat / k.below,
    "kept": lambda k: k.theta * (1 - k.lr * k.wd) if k.decoupled else k.theta,
    "new": lambda k: k.kept - k.delta,
    "held_m": lambda k: k.m,
    "held_v": lambda k: k.v,
    "held_max": lambda k: k.greatest,
}
DRIVER = {
    "hyper": lambda hyper: hyper,
    "alpha": lambda lr, _first, _last: lr,
    "t": lambda taken, _step, _calls, _loaded: taken,
    "out": lambda _k: False,
    "whole": lambda _gs: False,
    "missing": "kept",
    "load": lambda state, t: (state, t),
}


class Planted(Session):
    """Adam, AdamW, Adam with L2 or AMSGrad, with a fault."""

    def __init__(self, pieces, optimizer, *, visible=True):
        self._pieces = {**RIGHT, **{n: x for n, x in pieces.items() if n in RIGHT}}
        unknown = pieces.keys() - RIGHT.keys() - DRIVER.keys()
        assert not unknown, unknown
        self._driver = {**DRIVER, **{n: x for n, x in pieces.items() if n in DRIVER}}
        self._kind = {
            "l2": optimizer == "adam-l2",
            "decoupled": optimizer == "adamw",
            "amsgrad": optimizer == "amsgrad",
        }
        self._visible = visible

    def start(self, start):
        self._type = np.dtype(start.dtype).type
        self._hyper = self._driver["hyper"](dict(start.hyper))
        self._thetas = [x.astype(start.dtype) for x in start.thetas]
        zeros = [np.zeros_like(x) for x in self._thetas]
        self._states = [{"m": z, "v": z, "v_max": z} for z in zeros]
        self._taken, self._loaded = [0] * len(zeros), [None] * len(zeros)
        self._past = [{"g": z, "sum": z} for z in zeros]
        self._first = self._last = self._hyper["lr"]
        self._steps = self._calls = 0
        able = set(ABILITIES) - {"defaults"}
        return Abilities(frozenset(able if self._visible else able - {"load"}),
                         frozenset(start.hyper) - {"eps_root"})  # fmt: skip

    def load(self, tensors):
        for i, held in enumerate(tensors):
            self._thetas[i] = held.theta.astype(self._type)
            state = {n: x.astype(self._type) for n, x in held.states.items()}
            self._states[i], self._taken[i] = self._driver["load"](
                {**self._states[i], **state}, held.t
            )
            self._loaded[i] = self._taken[i]
            self._steps = self._calls = self._taken[i]

    def step(self, grads, lr=None):
        asked_rate = self._hyper["lr"] if lr is None else lr
        self._steps += 1
        rate = self._driver["alpha"](asked_rate, self._first, self._last)
        self._last = asked_rate
        grads = [None if g is None else g.astype(self._type) for g in grads]
        if not self._driver["whole"]([g for g in grads if g is not None]):
            for i, g in enumerate(grads):
                if g is None and self._driver["missing"] == "counted":
                    self._taken[i] += 1
                if g is None:
                    self._past[i]["g"] = np.zeros_like(self._thetas[i])
                zeros = g is None and self._driver["missing"] == "zero"
                given = np.zeros_like(self._thetas[i]) if zeros else g
                if given is not None:
                    self._calls += 1
                    self._taken[i] += 1
                    self._one(i, given, rate, grads)
        return [self._held(i) for i in range(len(grads))]

    def close(self):
        pass

    def _one(self, i, g, rate, grads):
        h, state, theta = self._hyper, self._states[i], self._thetas[i]
        t = self._driver["t"](self._taken[i], self._steps, self._calls, self._loaded[i])
        k = SimpleNamespace(
            g=g, theta=theta, m0=state["m"], v0=state["v"], max0=state["v_max"], b1=h["beta1"],
            b2=h["beta2"], lr=rate, eps=h["eps"], wd=h.get("weight_decay", 0.0), t=t, i=i,
            first=self._first, every=grads, past=self._past[i], n=theta.size, shape=theta.shape,
            **self._kind,
        )  # fmt: skip
        with np.errstate(all="ignore"):
            for name, piece in self._pieces.items():
                made = piece(k)
                setattr(k, name, None if made is None else made)
        out = np.broadcast_to(self._driver["out"](k), theta.shape)

        def kept(new, old):
            with np.errstate(over="ignore"):
                return np.where(out, old, np.asarray(new).astype(self._type))

        self._past[i] = {"g": g, "sum": self._past[i]["sum"] + g}
        self._thetas[i] = kept(k.new, theta)
        self._states[i] = {"m": kept(k.held_m, state["m"]), "v": kept(k.held_v, state["v"])}
        greatest = state["v_max"] if k.held_max is None else kept(k.held_max, state["v_max"])
        self._states[i]["v_max"] = greatest

    def _held(self, i):
        names = ("m", "v", "v_max") if self._kind["amsgrad"] else ("m", "v")
        states = {n: self._states[i][n].astype(np.float64) for n in names}
        if not self._visible:
            return Held(self._thetas[i].astype(np.float64))
        dtypes = dict.fromkeys(("theta", *names), np.dtype(self._type).name)
        return Held(self._thetas[i].astype(np.float64), states, self._taken[i], dtypes)


def checked(pieces, dtype="float32", optimizer="adam", *, visible=True, names=(), pins=None):
    """Check a planted fault, in this process."""
    session = Planted(pieces, optimizer, visible=visible)
    return judged(session, dtype, optimizer, names=names, pins=pins)


def judged(session, dtype="float32", optimizer="adam", *, names=(), pins=None):
    """Check a session, in this process."""
    began = time.perf_counter()
    records, findings = asked(session, trials(dtype, optimizer, names), dtype, optimizer)
    given = Asked(
        target="planted", isolated=False, adapter="session", dtype=dtype, state_dtypes={},
        compute=None, optimizer=optimizer, pins=pins or {}, ulps={}, strict=False, records=records,
        findings=findings, environment={},
    )  # fmt: skip
    return reported(given, began)
