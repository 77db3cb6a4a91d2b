"""A NumPy Adam into which each fault of the catalogue can be planted, written by hand.

Nothing of it comes from the rules: a step is a list of pieces, each an expression on what was made
before, and a fault is another expression for some of them.
"""

from __future__ import annotations

import time
from types import SimpleNamespace

import numpy as np

from adamref import faults as catalogue
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


def _bfloat16(x):
    bits = np.asarray(x, dtype=np.float32).view(np.uint32)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)
    return rounded.view(np.float32)


def _half(x):
    return np.asarray(x).astype(np.float16).astype(np.asarray(x).dtype)


def _single(x):
    return np.asarray(x).astype(np.float32).astype(np.float64)


def _scalar(rounding):
    return lambda x: float(rounding(np.float64(x)))


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


def _mean(x):
    if not x.size:
        return x
    return np.broadcast_to(np.mean(x, dtype=np.float64).astype(x.dtype), x.shape)


def _norm(limit, of=lambda k: [k.g]):
    def clipped(k):
        norm = np.sqrt(sum(np.sum(g.astype(np.float64) ** 2) for g in of(k) if g is not None))
        return k.g if norm <= limit else (k.g * (limit / norm)).astype(k.g.dtype)

    return clipped


def _clip(limit):
    return lambda k: np.clip(k.g, -limit, limit)


def _floored(floor):
    return {"v": lambda k: np.maximum(k.b2 * k.v0 + (1 - k.b2) * k.g * k.g, k.g.dtype.type(floor))}


def _stopped(after):
    return {
        "c1": lambda k: 1 - k.p1 if k.t <= after else 1.0,
        "c2": lambda k: 1 - k.p2 if k.t <= after else 1.0,
    }


def _running(rate, t):
    product = np.float32(1)
    for _ in range(min(t, 2000)):
        product = _bfloat16(product * _bfloat16(rate))
    return float(product) if t <= 2000 else float(_bfloat16(_bfloat16(rate) ** np.float64(t)))


def _swapped(h):
    return {**h, "beta1": h["beta2"], "beta2": h["beta1"]}


def _rounded(rounding, *names):
    return lambda h: {n: _scalar(rounding)(x) if n in names else x for n, x in h.items()}


def _fixed(**values):
    return lambda h: {**h, **values}


def _tail(width):
    return lambda k: (np.arange(k.n) >= k.n // width * width).reshape(k.shape)


def _zero_rows(k):
    if k.g.ndim < 2:
        return k.g == 0
    return np.broadcast_to((k.g == 0).all(axis=1, keepdims=True), k.shape)


def _wrapped(bits):
    return lambda t, *_: (t + 2 ** (bits - 1)) % 2**bits - 2 ** (bits - 1)


def _rsqrt(k):
    """An estimate of 12 bits for the reciprocal of the root, as some hardware has it."""
    exact = 1 / k.below.astype(np.float64)
    significand, exponent = np.frexp(exact)
    return (
        k.lr * k.m_hat * np.ldexp(np.round(significand * 4096) / 4096, exponent).astype(k.g.dtype)
    )


def _nan(gs):
    return any(not np.isfinite(g).all() for g in gs)


_B1B2 = ("beta1", "beta2")

# By optimizer and dtype: what is planted, and the pieces that do it.
FAULTS = {
    ("adam", "float32"): {
        "eps-squared-inside-root": {"below": lambda k: np.sqrt(k.v_hat + k.eps**2)},
        "eps-inside-and-outside": {"below": lambda k: np.sqrt(k.v_hat + k.eps) + k.eps},
        "eps-as-maximum": {"below": lambda k: np.maximum(np.sqrt(k.v_hat), k.g.dtype.type(k.eps))},
        "eps-omitted": {"below": lambda k: np.sqrt(k.v_hat)},
        "eps-subtracted": {"below": lambda k: np.sqrt(k.v_hat) - k.eps},
        "eps-scaled-by-correction": {"below": lambda k: np.sqrt(k.v_hat) + k.eps * k.c2},
        "eps-scaled-by-root-of-correction": {
            "below": lambda k: np.sqrt(k.v_hat) + k.eps * k.c2**0.5},
        "eps-divided-by-correction": {"below": lambda k: np.sqrt(k.v_hat) + k.eps / k.c2},
        "eps-inside-corrections": {"below": lambda k: np.sqrt((k.v + k.eps) / k.c2)},
        "eps-multiplied": {"below": lambda k: np.sqrt(k.v_hat) * (1 + k.eps)},
        "eps-in-numerator": {
            "delta": lambda k: k.lr * k.m_hat / np.sqrt(k.v_hat) + k.eps},
        "eps-zero-replaced": {"hyper": lambda h: {**h, "eps": h["eps"] or 1e-8}},
        "eps-floor-of-v": {"below": lambda k: np.sqrt(np.maximum(k.v_hat, k.g.dtype.type(k.eps)))},
        "eps-as-root": {"below": lambda k: np.sqrt(k.v_hat) + k.eps**0.5},
        "m_hat-uncorrected": {"m_hat": lambda k: k.m},
        "v_hat-uncorrected": {"v_hat": lambda k: k.v},
        "m_hat-without-power": {"m_hat": lambda k: k.m / (1 - k.b1)},
        "v_hat-without-power": {"v_hat": lambda k: k.v / (1 - k.b2)},
        "bias-correction-without-power": {"c1": lambda k: 1 - k.b1, "c2": lambda k: 1 - k.b2},
        "m_hat-product-for-power": {"c1": lambda k: 1 - k.b1 * k.t},
        "v_hat-product-for-power": {"c2": lambda k: 1 - k.b2 * k.t},
        "bias-correction-product-for-power": {
            "c1": lambda k: 1 - k.b1 * k.t, "c2": lambda k: 1 - k.b2 * k.t},
        "m_hat-power-t-plus-one": {"c1": lambda k: 1 - k.b1 ** (k.t + 1)},
        "v_hat-power-t-plus-one": {"c2": lambda k: 1 - k.b2 ** (k.t + 1)},
        "m_hat-power-t-minus-one": {"c1": lambda k: np.float64(1 - k.b1 ** (k.t - 1))},
        "v_hat-power-t-minus-one": {"c2": lambda k: np.float64(1 - k.b2 ** (k.t - 1))},
        "m_hat-with-beta2": {"c1": lambda k: 1 - k.b2**k.t},
        "v_hat-with-beta1": {"c2": lambda k: 1 - k.b1**k.t},
        "corrections-swapped": {"c1": lambda k: 1 - k.b2**k.t, "c2": lambda k: 1 - k.b1**k.t},
        "m_hat-by-power-alone": {"m_hat": lambda k: k.m / np.float64(k.b1**k.t)},
        "v_hat-by-power-alone": {"v_hat": lambda k: k.v / np.float64(k.b2**k.t)},
        "m_hat-multiplied": {"m_hat": lambda k: k.m * k.c1},
        "v_hat-multiplied": {"v_hat": lambda k: k.v * k.c2},
        "bias-correction-multiplied": {
            "m_hat": lambda k: k.m * k.c1, "v_hat": lambda k: k.v * k.c2},
        "correction-misses-root": {"v_hat": lambda k: k.v / k.c2 / k.c2},
        "correction-of-m-rooted": {"m_hat": lambda k: k.m / k.c1**0.5},
        "m-overwritten": {"held_m": lambda k: k.m_hat},
        "v-overwritten": {"held_v": lambda k: k.v_hat},
        "corrected-in-place": {"held_m": lambda k: k.m_hat, "held_v": lambda k: k.v_hat},
        "m_hat-complemented-twice": {"m_hat": lambda k: k.m / (1 - np.float64(k.c1))},
        "v_hat-complemented-twice": {"v_hat": lambda k: k.v / (1 - np.float64(k.c2))},
        **{f"correction-stops-after-{x}": _stopped(x) for x in (10, 1000)},
        "correction-clamped-at-0.1": {
            "c1": lambda k: max(1 - k.p1, 0.1), "c2": lambda k: max(1 - k.p2, 0.1)},
        "t-behind": {"t": lambda t, *_: t - 1, "c1": lambda k: np.float64(1 - k.p1),
                     "c2": lambda k: np.float64(1 - k.p2)},
        "t-behind-guarded": {"t": lambda t, *_: max(t - 1, 1)},
        "t-ahead": {"t": lambda t, *_: t + 1},
        "t-counted-twice": {"t": lambda t, *_: 2 * t},
        "m-without-complement": {"m": lambda k: k.b1 * k.m0 + k.g},
        "v-without-complement": {"v": lambda k: k.b2 * k.v0 + k.g * k.g},
        "m-decay-and-complement-swapped": {"m": lambda k: (1 - k.b1) * k.m0 + k.b1 * k.g},
        "v-decay-and-complement-swapped": {"v": lambda k: (1 - k.b2) * k.v0 + k.b2 * k.g * k.g},
        "m-with-beta2": {"m": lambda k: k.b2 * k.m0 + (1 - k.b2) * k.g},
        "v-with-beta1": {"v": lambda k: k.b1 * k.v0 + (1 - k.b1) * k.g * k.g},
        "m-forgets-its-past": {"m": lambda k: (1 - k.b1) * k.g},
        "v-forgets-its-past": {"v": lambda k: (1 - k.b2) * k.g * k.g},
        "m-past-undecayed": {"m": lambda k: k.m0 + (1 - k.b1) * k.g},
        "v-past-undecayed": {"v": lambda k: k.v0 + (1 - k.b2) * k.g * k.g},
        "m-gradient-subtracted": {"m": lambda k: k.b1 * k.m0 - (1 - k.b1) * k.g},
        "v-gradient-subtracted": {"v": lambda k: k.b2 * k.v0 - (1 - k.b2) * k.g * k.g},
        "v-without-square": {"v": lambda k: k.b2 * k.v0 + (1 - k.b2) * k.g},
        "v-complement-squared": {"v": lambda k: k.b2 * k.v0 + ((1 - k.b2) * k.g) ** 2},
        "v-of-m": {"v": lambda k: k.b2 * k.v0 + (1 - k.b2) * k.m * k.m},
        "m-of-square": {"m": lambda k: k.b1 * k.m0 + (1 - k.b1) * k.g * k.g},
        "m-used-before-update": {"m_hat": lambda k: k.m0 / k.c1},
        "v-used-before-update": {"v_hat": lambda k: k.v0 / k.c2},
        "nesterov-unannounced": {
            "m_hat": lambda k: (k.b1 * k.m + (1 - k.b1) * k.g) / k.c1},
        "nesterov-with-two-corrections": {
            "m_hat": lambda k: k.b1 * k.m / (1 - k.b1 ** (k.t + 1)) + (1 - k.b1) * k.g / k.c1},
        "v-centred": {"v": lambda k: k.b2 * k.v0 + (1 - k.b2) * (k.g - k.m) ** 2},
        "v-centred-on-old-m": {"v": lambda k: k.b2 * k.v0 + (1 - k.b2) * (k.g - k.m0) ** 2},
        "v-of-magnitude": {"v": lambda k: k.b2 * k.v0 + (1 - k.b2) * np.abs(k.g)},
        "v-as-maximum": {"v": lambda k: np.maximum(k.b2 * k.v0, k.g * k.g)},
        "v-summed": {"v": lambda k: k.v0 + k.g * k.g},
        "m-times-alpha": {"m": lambda k: k.b1 * k.m0 + (1 - k.b1) * (k.lr * k.g)},
        "moments-shared": {"square": lambda k: _mean(k.g * k.g)},
        **{f"v-floored-at-{x}": _floored(float(x)) for x in ("1e-8", "1e-12")},
        "root-forgotten": {"below": lambda k: k.v_hat + k.eps},
        "step-multiplied": {"delta": lambda k: k.lr * k.m_hat * k.below},
        "step-with-gradient": {"delta": lambda k: k.lr * k.g / k.below},
        "without-denominator": {"delta": lambda k: k.lr * k.m_hat},
        "plain-gradient-step": {"delta": lambda k: k.lr * k.g},
        "update-added": {"new": lambda k: k.kept + k.delta},
        "parameter-forgotten": {"new": lambda k: -k.delta},
        "update-forgotten": {"new": lambda k: k.kept},
        "gradient-negated": {"g": lambda k: -k.g},
        **{f"gradient-clipped-at-{x}": {"g": _clip(x)} for x in (1, 5)},
        **{f"gradient-norm-clipped-at-{x}": {"g": _norm(x)} for x in (1, 5)},
        "global-norm-clipped-at-1": {"g": _norm(1.0, lambda k: k.every)},
        "gradient-stale": {"g": lambda k: k.past["g"]},
        "gradient-accumulated": {"g": lambda k: k.past["sum"] + k.g},
        "gradient-times-2": {"g": lambda k: k.g * 2},
        "gradient-centralised": {"g": lambda k: (k.g - _mean(k.g)) if k.n > 1 else k.g},
        "nan-step-skipped": {"whole": _nan},
        "nan-element-skipped": {"out": lambda k: ~np.isfinite(k.g)},
        "nan-replaced": {"g": lambda k: np.where(np.isnan(k.g), k.g.dtype.type(0), k.g)},
        "nan-spread": {"g": lambda k: k.g + np.float32("nan") if np.isnan(k.g).any() else k.g},
        "betas-swapped": {"hyper": _swapped},
        "eps-always-1e-07": {"hyper": _fixed(eps=1e-7)},
        "eps-always-1e-06": {"hyper": _fixed(eps=1e-6)},
        "beta2-always-0.99": {"hyper": _fixed(beta2=0.99)},
        "beta1-always-0.9": {"hyper": _fixed(beta1=0.9)},
        "alpha-always-0.001": {"alpha": lambda *_: 0.001},
        "alpha-squared": {"delta": lambda k: k.lr**2 * k.m_hat / k.below},
        "alpha-doubled": {"delta": lambda k: 2 * k.lr * k.m_hat / k.below},
        "alpha-halved": {"delta": lambda k: 0.5 * k.lr * k.m_hat / k.below},
        "t-per-tensor": {"t": lambda _taken, _step, calls, _loaded: calls},
        "t-while-missing": {"missing": "counted"},
        "missing-as-zero": {"missing": "zero"},
        "state-lost-on-resume": {
            "load": lambda s, t: ({n: np.zeros_like(x) for n, x in s.items()}, t)},
        "m-lost-on-resume": {"load": lambda s, t: ({**s, "m": np.zeros_like(s["m"])}, t)},
        "v-lost-on-resume": {"load": lambda s, t: ({**s, "v": np.zeros_like(s["v"])}, t)},
        "t-lost-on-resume": {"load": lambda s, _t: (s, 0)},
        "t-behind-on-resume": {"load": lambda s, t: (s, t - 1)},
        "state-through-bfloat16": {
            "load": lambda s, t: ({n: _bfloat16(x) for n, x in s.items()}, t)},
        "state-through-float16": {"load": lambda s, t: ({n: _half(x) for n, x in s.items()}, t)},
        "schedule-ignored": {"alpha": lambda _lr, first, _last: first},
        "schedule-late": {"alpha": lambda _lr, _first, last: last},
        **{f"vector-tail-{w}": {"out": _tail(w)} for w in (2, 4, 8, 16, 64, 1024)},
        "last-element-untouched": {
            "out": lambda k: (np.arange(k.n) == k.n - 1).reshape(k.shape)},
        "first-element-only": {"out": lambda k: (np.arange(k.n) > 0).reshape(k.shape)},
        "first-tensor-only": {"out": lambda k: k.i > 0},
        "zero-gradient-skipped": {"out": lambda k: k.g == 0},
        "zero-rows-skipped": {"out": _zero_rows},
        "counter-bfloat16": {"t": lambda t, *_: min(t, 256)},
        "counter-float16": {"t": lambda t, *_: min(t, 2048)},
        "counter-int8": {"t": _wrapped(8)},
        "counter-uint8": {"t": lambda t, *_: t % 256, "c1": lambda k: np.float64(1 - k.p1),
                          "c2": lambda k: np.float64(1 - k.p2)},
        "counter-int16": {"t": _wrapped(16)},
        "betas-in-bfloat16": {"hyper": _rounded(_bfloat16, *_B1B2)},
        **{f"{x}-in-bfloat16": {"hyper": _rounded(_bfloat16, x)} for x in _B1B2},
        "corrections-in-bfloat16": {
            "c1": lambda k: float(_bfloat16(1 - k.p1)), "c2": lambda k: float(_bfloat16(1 - k.p2))},
        "corrections-of-m-in-bfloat16": {"c1": lambda k: float(_bfloat16(1 - k.p1))},
        "corrections-of-v-in-bfloat16": {"c2": lambda k: float(_bfloat16(1 - k.p2))},
        "powers-of-m-in-bfloat16": {"c1": lambda k: float(
            _bfloat16(1 - _bfloat16(_bfloat16(k.b1) ** np.float64(k.t))))},
        "powers-of-v-in-bfloat16": {"c2": lambda k: np.float64(
            _bfloat16(1 - _bfloat16(_bfloat16(k.b2) ** np.float64(k.t))))},
        "running-powers-in-bfloat16": {
            "c1": lambda k: np.float64(_bfloat16(1 - _running(k.b1, k.t))),
            "c2": lambda k: np.float64(_bfloat16(1 - _running(k.b2, k.t)))},
        "m-in-bfloat16": {"m": lambda k: _bfloat16(k.b1 * k.m0 + (1 - k.b1) * k.g)},
        "alpha-in-bfloat16": {
            "alpha": lambda lr, _f, _l: _scalar(_bfloat16)(lr)},
        "eps-in-bfloat16": {"hyper": _rounded(_bfloat16, "eps")},
        "gradient-in-bfloat16": {"g": lambda k: _bfloat16(k.g)},
        "powers-in-bfloat16": {
            "c1": lambda k: float(_bfloat16(1 - _bfloat16(_bfloat16(k.b1) ** np.float64(k.t)))),
            "c2": lambda k: np.float64(
                _bfloat16(1 - _bfloat16(_bfloat16(k.b2) ** np.float64(k.t))))},
        "states-in-bfloat16": {"held_m": lambda k: _bfloat16(k.m), "m": lambda k: _bfloat16(
            k.b1 * k.m0 + (1 - k.b1) * k.g), "v": lambda k: _bfloat16(
            k.b2 * k.v0 + (1 - k.b2) * k.g * k.g)},
        "v-in-bfloat16": {"v": lambda k: _bfloat16(k.b2 * k.v0 + (1 - k.b2) * k.g * k.g)},
        "theta-in-bfloat16": {"new": lambda k: _bfloat16(k.kept - k.delta)},
        "update-in-bfloat16": {"new": lambda k: k.kept - _bfloat16(k.delta)},
        "update-in-float16": {"new": lambda k: k.kept - _half(k.delta)},
        "approximate-root": {"delta": _rsqrt},
        "decay-unasked": {"new": lambda k: k.theta * (1 - k.lr * 0.01) - k.delta},
    },
    ("adam", "float64"): {
        "powers-in-float32": {
            "p1": lambda k: float(np.float32(k.b1) ** np.float32(k.t)),
            "p2": lambda k: float(np.float32(k.b2) ** np.float32(k.t)),
            "c1": lambda k: float(np.float32(1) - np.float32(k.p1)),
            "c2": lambda k: float(np.float32(1) - np.float32(k.p2))},
        "corrections-in-float32": {
            "c1": lambda k: float(np.float32(1 - k.p1)),
            "c2": lambda k: float(np.float32(1 - k.p2))},
        "betas-in-bfloat16": {"hyper": _rounded(_bfloat16, *_B1B2)},
        "betas-in-float32": {"hyper": _rounded(_single, *_B1B2)},
        "beta2-in-float32": {"hyper": _rounded(_single, "beta2")},
        "alpha-in-float32": {"alpha": lambda lr, _f, _l: _scalar(_single)(lr)},
        "eps-in-float32": {"hyper": _rounded(_single, "eps")},
        "gradient-in-float32": {"g": lambda k: _single(k.g)},
        "states-in-float32": {
            "m": lambda k: _single(k.b1 * k.m0 + (1 - k.b1) * k.g),
            "v": lambda k: _single(k.b2 * k.v0 + (1 - k.b2) * k.g * k.g)},
        "v-in-float32": {"v": lambda k: _single(k.b2 * k.v0 + (1 - k.b2) * k.g * k.g)},
        "theta-in-float32": {"new": lambda k: _single(k.kept - k.delta)},
        "update-in-float32": {"new": lambda k: k.kept - _single(k.delta)},
        "state-through-float32": {
            "load": lambda s, t: ({n: _single(x) for n, x in s.items()}, t)},
        "eps-squared-inside-root": {"below": lambda k: np.sqrt(k.v_hat + k.eps**2)},
        "counter-bfloat16": {"t": lambda t, *_: min(t, 256)},
    },
    ("adamw", "float32"): {
        "decay-ignored": {"kept": lambda k: k.theta},
        "decay-l2": {"total": lambda k: k.g + k.wd * k.theta, "kept": lambda k: k.theta},
        "decay-sign": {"kept": lambda k: k.theta * (1 + k.lr * k.wd)},
        "decay-without-alpha": {"kept": lambda k: k.theta * (1 - k.wd)},
        "decay-with-corrected-alpha": {
            "kept": lambda k: k.theta * (1 - k.lr * k.c2**0.5 / k.c1 * k.wd)},
        "decay-with-alpha-over-correction": {
            "kept": lambda k: k.theta * (1 - k.lr / k.c1 * k.wd)},
        "decay-doubled": {"kept": lambda k: k.theta * (1 - k.lr * k.wd) * (1 - k.lr * k.wd)},
        "decay-alpha-squared": {"kept": lambda k: k.theta * (1 - k.lr**2 * k.wd)},
        "decay-with-first-alpha": {"kept": lambda k: k.theta * (1 - k.first * k.wd)},
        "schedule-ignored": {"alpha": lambda _lr, first, _last: first},
        "weight-decay-in-bfloat16": {"hyper": _rounded(_bfloat16, "weight_decay")},
        "weight-decay-always-0.01": {"kept": lambda k: k.theta * (1 - k.lr * 0.01)},
        "eps-omitted": {"below": lambda k: np.sqrt(k.v_hat)},
        "v_hat-without-power": {"c2": lambda k: 1 - k.b2},
    },
    ("adam-l2", "float32"): {
        "decay-ignored": {"total": lambda k: k.g},
        "decay-decoupled": {"total": lambda k: k.g,
                            "kept": lambda k: k.theta * (1 - k.lr * k.wd)},
        "decay-l2-sign": {"total": lambda k: k.g - k.wd * k.theta},
        "decay-l2-in-m-only": {"square": lambda k: k.g * k.g},
        "decay-l2-in-v-only": {"m": lambda k: k.b1 * k.m0 + (1 - k.b1) * k.g},
        "decay-l2-doubled": {"total": lambda k: k.g + 2 * k.wd * k.theta},
        "decay-l2-squared": {"total": lambda k: k.g + k.wd * k.theta**2},
        "decay-l2-times-alpha": {"total": lambda k: k.g + k.lr * k.wd * k.theta},
        "m-without-complement": {"m": lambda k: k.b1 * k.m0 + k.total},
    },
    ("amsgrad", "float32"): {
        "maximum-ignored": {"second": lambda k: k.v},
        "maximum-root-forgotten": {
            "v_hat": lambda k: k.greatest / k.c2, "below": lambda k: k.v_hat + k.eps},
        "maximum-not-kept": {"greatest": lambda k: k.v},
        "maximum-uncorrected": {"v_hat": lambda k: k.second},
        "maximum-fed-back": {"held_v": lambda k: k.greatest},
        "minimum-for-maximum": {"greatest": lambda k: np.minimum(k.max0, k.v)},
        "maximum-decays": {"greatest": lambda k: np.maximum(k.b2 * k.max0, k.v)},
        "maximum-of-one": {"greatest": lambda k: np.maximum(
            np.maximum(k.max0, k.v), k.g.dtype.type(1))},
        "maximum-lost-on-resume": {
            "load": lambda s, t: ({**s, "v_max": np.zeros_like(s["v"])}, t)},
        "v-lost-on-resume": {"load": lambda s, t: ({**s, "v": np.zeros_like(s["v"])}, t)},
        "bias-correction-without-power": {"c1": lambda k: 1 - k.b1, "c2": lambda k: 1 - k.b2},
    },
}  # fmt: skip


def every():
    """Yield (optimizer, dtype, id, pieces) of every planted fault."""
    for (optimizer, dtype), planted in FAULTS.items():
        for id_, pieces in planted.items():
            yield optimizer, dtype, id_, pieces


DIALECTS = ("bias-uncorrected",)
"""What is no fault unless another dialect is pinned: the step without it is judged as one."""


def missing():
    """Return the faults that a check tells and that are planted for no value of their parameter."""
    planted = {id_ for _, _, id_, _ in every()}
    told = [x for x in catalogue.every() if not (x.told_as or x.limit or x.id in DIALECTS)]
    return [x.id for x in told if not planted & {case.id for case in x.cases}]
