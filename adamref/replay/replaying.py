"""`adamref.replay`: the step between two checkpoints, to a verdict for each tensor."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, final

from adamref import rules
from adamref.errors import OutOfDomain, UnknownName
from adamref.oracle.judge.dialects import BESIDE, read_pins
from adamref.replay.apart import EVER, judged_apart, relations
from adamref.replay.beside import Beside, beside
from adamref.replay.classes import JudgedAlike, TensorsAlike, judged_alike
from adamref.replay.given import checkpoint_of
from adamref.replay.groups import regrouped
from adamref.replay.inferring import WORDS
from adamref.replay.movement import named_by_movement
from adamref.replay.options import HYPER, OPTIMIZERS, domain, may_be
from adamref.replay.pairing import Paired, TensorPair, alone, paired
from adamref.replay.result import GroupVerdict, Replay, ReplayFinding, TensorVerdict, Verdict
from adamref.replay.workers import Here, Workers

if TYPE_CHECKING:
    from adamref.replay.checkpoint import Checkpoint, ParameterGroup
    from adamref.replay.judging import StepSetting

NAMES = {word: name for name, word in WORDS.items()}


def hypers_of(optimizer: str) -> tuple[str, ...]:
    """Return what frameworks call the numbers of an optimizer."""
    return tuple(WORDS.get(name, name) for name in ("alpha", *rules.optimizer(optimizer).hypers))


def replay(
    before: Any,
    after: Any = None,
    *,
    steps: int = 1,
    optimizer: str | None = None,
    lr: float | None = None,
    beta1: float | None = None,
    beta2: float | None = None,
    eps: float | None = None,
    weight_decay: float | None = None,
    t: int | None = None,
    groups: str | os.PathLike[str] | Mapping[str, Any] | None = None,
    dialect: str | Sequence[str] = (),
    hyper: str | None = None,
    compute: str | None = None,
    infer: bool = False,
    diagnose: bool = True,
    scheduler: str | None = None,
    workers: int | None = None,
    tracked: Callable[[Sequence[Any]], Iterable[Any]] = iter,
) -> Replay:
    """Judge the step between two checkpoints, without its gradients; or the state in one.

    Where several steps lie between them, or for one alone, only what must hold of the moments
    whatever the gradients were is judged.

    Parameters
    ----------
    before, after : path, mapping or Checkpoint
        Without after the state in one is judged. A mapping is a tensor, with arrays ``theta``,
        ``m``, ``v`` and the counter ``t``, or such mappings by the names of tensors.
    steps : int
        How many lie between them.
    optimizer : {"adam", "adamw", "amsgrad"}, optional
        As the checkpoint says it, if not given, or as its states and its decay look.
    lr, beta1, beta2, eps, weight_decay : float, optional
        As the checkpoint before the step says it, if not given; inferred where it does not.
    t : int, optional
        What the counter is after the step, where the checkpoint does not say it.
    groups : path or mapping, optional
        Groups in place of those of the checkpoint: by name, ``tensors`` as patterns of names, and
        numbers (``replay-groups.schema.json``). The numbers above outrank them.
    dialect : str or sequence of str
        Pins, ``AXIS=VALUE``; a bare name pins the form. The rest is identified.
    hyper : {"literal", "rounded", "mixed"}, optional
        Pins the hyperparameter convention.
    compute : {"storage", "float32", "float64"}, optional
        In what a step was worked; identified if not given.
    infer : bool
        Whether to say of every number between what it may lie.
    diagnose : bool
        Whether to look for what explains a step that is not right.
    scheduler : str, optional
        The address of a scheduler of Dask: its workers read the files, and judge what they read.
    workers : int, optional
        So many processes of this machine work, as a cluster of Dask.
    tracked : callable
        Passes the tensors on one by one, as a progress bar does.

    Returns
    -------
    Replay

    Raises
    ------
    Unreadable
        For a path.
    OutOfDomain, UnknownName, MissingInput, ShapeMismatch
        For an option or a mapping.
    MissingPackage, NoWorkers
        If Dask is not installed, or no worker of it can read the files.
    """
    if steps < 1:
        raise OutOfDomain("steps", steps, "at least 1")
    if optimizer is not None and optimizer not in OPTIMIZERS:
        raise UnknownName("optimizer of a replay", optimizer, OPTIMIZERS)
    given = dict(zip(HYPER, (lr, beta1, beta2, eps, weight_decay), strict=True))
    told = ToldOfSteps.of(optimizer, given, t, dialect, hyper, compute)
    working: AbstractContextManager[Workers]
    if scheduler is not None or workers is not None:
        from adamref.replay.cluster import dask_workers, seen_from_anywhere

        before, after = seen_from_anywhere(before), seen_from_anywhere(after)
        paths = [x for x in (before, after) if isinstance(x, str)]
        working = dask_workers(scheduler, workers, paths)
    else:
        working = nullcontext(Here())
    with ExitStack() as opened:
        first = opened.enter_context(checkpoint_of(before, "before"))
        second = None
        if after is not None:
            second = opened.enter_context(checkpoint_of(after, "after"))
        crew = opened.enter_context(working)
        if second is None:
            only = first if groups is None else regrouped(first, groups)
            alone_ = Replaying(told, only, only, 0, infer=False, diagnose=False, workers=crew)
            return alone_.replayed(alone(only), only.path, "", tracked)
        old, new = named_by_movement(first, second)
        if groups is not None:
            old, new = (regrouped(x, groups) for x in (old, new))
        work = Replaying(told, old, new, steps, infer=infer, diagnose=diagnose, workers=crew)
        return work.replayed(paired(old, new), old.path, new.path, tracked)


@final
@dataclass(frozen=True)
class ToldOfSteps:
    """What somebody said of steps, as `replay` takes it; it outranks what checkpoints say."""

    optimizer: str | None = None
    hyper: Mapping[str, float] = field(default_factory=dict)
    t: int | None = None
    pins: Mapping[str, str] = field(default_factory=dict)
    compute: str | None = None

    @classmethod
    def of(
        cls,
        optimizer: str | None,
        given: Mapping[str, float | None],
        t: int | None,
        dialect: str | Sequence[str],
        hyper: str | None,
        compute: str | None,
    ) -> ToldOfSteps:
        """Read what somebody said: numbers as frameworks call them, pins, a convention.

        Raises
        ------
        OutOfDomain, UnknownName
            For one of these.
        """
        pins = read_pins([dialect] if isinstance(dialect, str) else dialect)
        if hyper is not None:
            if hyper not in BESIDE["hyper"]:
                raise UnknownName("hyperparameter convention", hyper, tuple(BESIDE["hyper"]))
            pins = {**pins, "hyper": hyper}
        numbers = {n: x for n, x in given.items() if x is not None}
        for name, x in numbers.items():
            if not may_be(name, x):
                raise OutOfDomain(name, x, domain(name))
        return cls(optimizer, {n: float(x) for n, x in numbers.items()}, t, pins, compute)


@final
@dataclass
class Replaying:
    """Judges groups, and takes down what is in no tensor.

    Attributes
    ----------
    settings : list of (int, tuple of str, StepSetting)
        As what the tensors of a group were judged that are stored alike: its number, their names.
    """

    told: ToldOfSteps
    old: Checkpoint
    new: Checkpoint
    steps: int
    infer: bool
    diagnose: bool
    workers: Workers = field(default_factory=Here)
    beside: Beside = field(default_factory=Beside)
    findings: list[ReplayFinding] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)
    settings: list[tuple[int, tuple[str, ...], StepSetting]] = field(default_factory=list)

    def replayed(
        self,
        found: Paired,
        old: str,
        new: str,
        tracked: Callable[[Sequence[Any]], Iterable[Any]],
    ) -> Replay:
        """Judge all groups."""
        self.beside = beside(found.pairs, self.steps, self.workers)
        self.unread += self.beside.still.items()
        moved = [x for x in found.pairs if x.name not in self.beside.still]
        made = tuple(self.group(*x) for x in tracked(self.grouped(moved)))
        judged = (x for group in made for x in group.tensors)
        self.unread += [(x.name, x.because) for x in judged if x.because]
        every, unread = (*self.beside.findings, *self.findings), (*found.unread, *self.unread)
        return Replay(old, new, self.steps, made, every, unread)

    def grouped(self, pairs: Sequence[TensorPair]) -> list[tuple[int, list[TensorPair]]]:
        """Return the tensors of each group, those in none in one of their own."""
        found: dict[int, list[TensorPair]] = {}
        for pair in pairs:
            found.setdefault(pair.group, []).append(pair)
        return sorted(found.items())

    def group(self, number: int, pairs: Sequence[TensorPair]) -> GroupVerdict:
        """Judge the tensors of a group."""
        group = self._of(self.old, number) or self._of(self.new, number)
        name = group.name if group is not None else "all"
        hyper, source = self._numbers(group, self.told.optimizer)
        optimizer = self._optimizer(group, pairs, hyper)
        if self.steps != 1:
            return self._apart(name, optimizer, pairs, hyper, source)
        known = {NAMES.get(n, n): x for n, x in hyper.items()}
        judgeable = [replace(x, t=self.told.t or x.t) for x in pairs if x.t or self.told.t]
        for pair in pairs:
            if not (pair.t or self.told.t):
                self.unread.append((pair.name, "its t is not in the checkpoint, and not given"))
        if (
            "amsgrad" in (optimizer, self.told.optimizer)
            or self.told.pins.get("amsgrad", "none") != "none"
        ):
            lacking = {x.name for x in judgeable if "v_max" not in x.after}
            judgeable = [x for x in judgeable if x.name not in lacking]
            self.unread += [(x.name, _NO_MAXIMUM) for x in pairs if x.name in lacking]
        made: list[JudgedAlike] = []
        if optimizer == "adamw" and self._may_be_coupled(group, source):
            # Decay that is in the gradient looks like none.
            plain = "amsgrad" if _keep_maximum(pairs) else "adam"
            if not _hold(self._judged(optimizer, known, judgeable, diagnose=False)):
                made = self._judged(plain, known, judgeable, diagnose=False)
            if made and _hold(made):
                optimizer = plain
                self.findings.append(ReplayFinding("decay-not-seen", "note", _NO_DECAY_SEEN))
            else:
                made = []
        made = made or self._judged(optimizer, known, judgeable, diagnose=self.diagnose)
        self.settings += [(number, tuple(x.name for x in one.tensors), one.setting) for one in made]
        if not made:
            return GroupVerdict(name, optimizer, {}, hyper, source, "not-judged", ())
        first = made[0]
        source |= {WORDS.get(n, n): "inferred" for n in first.setting.inferred}
        hyper = {WORDS.get(n, n): x for n, x in first.setting.hyper.items()}
        order = {pair.name: i for i, pair in enumerate(pairs)}
        each = (self._with_causes(x) for one in made for x in one.tensors)
        tensors = sorted(each, key=lambda x: order[x.name])
        dialect = {**dict(first.setting.dialect.axes), "hyper": first.setting.dialect.hyper}
        return GroupVerdict(
            name, optimizer, dialect, hyper, source, _of_all(tensors), tuple(tensors), first.ranges
        )

    def _with_causes(self, found: TensorVerdict) -> TensorVerdict:
        """Return a verdict with what was found beside the step."""
        causes = self.beside.causes.get(found.name)
        if causes is None:
            return found
        return replace(found, verdict="deviates", diagnosis=(*causes, *found.diagnosis))

    def _judged(
        self,
        optimizer: str,
        known: Mapping[str, float],
        pairs: Sequence[TensorPair],
        *,
        diagnose: bool,
    ) -> list[JudgedAlike]:
        """Judge tensors as an optimizer's, those that are stored alike together."""
        alike: dict[Any, list[TensorPair]] = {}
        for pair in pairs:
            alike.setdefault((pair.kept_in, pair.gradient is None), []).append(pair)
        return [
            judged_alike(
                TensorsAlike(
                    optimizer, known, some, self.told.pins, self.told.compute, self.workers
                ),
                infer=self.infer,
                diagnose=diagnose,
            )
            for some in alike.values()
        ]

    def _may_be_coupled(self, group: ParameterGroup | None, source: Mapping[str, str]) -> bool:
        """Say whether nobody says if decay is a part of the gradient."""
        said = group is None or group.optimizer in OPTIMIZERS or "decoupled" in group.flags
        return not said and not self.told.optimizer and source.get("weight_decay") == "checkpoint"

    def _apart(
        self,
        name: str,
        optimizer: str,
        pairs: Sequence[TensorPair],
        hyper: dict[str, float],
        source: dict[str, str],
    ) -> GroupVerdict:
        """Judge what must hold of moments, whatever lies between, or lay before."""
        made = []
        rates = {"beta1", "beta2"} <= hyper.keys()
        if not rates:
            self.unread.append((name, "beta1 and beta2 are not known: m is not held against v"))
        for pair in pairs:
            steps = self.steps or self.told.t or pair.t or EVER
            steps = self.beside.steps.get(pair.name, steps)
            found = relations(dict(pair.kept_in), hyper, steps, self.told.compute)
            if found is not None and not found.tells:
                self.unread.append(
                    (pair.name, "m against v: roundings may be as large as 1 - beta")
                )
            one = judged_apart(pair, found, self.workers, alone=not self.steps)
            made.append(self._with_causes(one))
        return GroupVerdict(name, optimizer, {}, hyper, source, _of_all(made), tuple(made))

    def _of(self, one: Checkpoint, number: int) -> ParameterGroup | None:
        return one.groups[number] if 0 <= number < len(one.groups) else None

    def _numbers(
        self, group: ParameterGroup | None, optimizer: str | None
    ) -> tuple[dict[str, float], dict[str, str]]:
        """Return what is written of the hyperparameters, and where."""
        known = {} if group is None else dict(group.hyper)
        optimizer = optimizer or (None if group is None else group.optimizer)
        names = HYPER if optimizer in (None, *OPTIMIZERS) else hypers_of(optimizer)
        for n in [n for n, x in known.items() if n in names and not may_be(n, x)]:
            said = f"{n} is {known.pop(n)} in the checkpoint, and should be {domain(n)}"
            self.findings.append(ReplayFinding("no-such-number", "deviation", said))
        hyper = {**{n: x for n, x in known.items() if n in names}, **self.told.hyper}
        source = {n: "given" if n in self.told.hyper else "checkpoint" for n in hyper}
        return hyper, source

    def _optimizer(
        self, group: ParameterGroup | None, pairs: Sequence[TensorPair], hyper: Mapping[str, float]
    ) -> str:
        """Return as what a group is judged."""
        named = self.told.optimizer or (group.optimizer if group is not None else None)
        coupled = group is not None and group.flags.get("decoupled") is False
        if named not in (None, *OPTIMIZERS):
            return named
        if named == "adam-l2" or (coupled and hyper.get("weight_decay", 0) != 0):
            if all(pair.gradient is not None for pair in pairs):
                return "adam-l2"
            said = "L2 decay is added to the gradient, which no checkpoint holds: it is not judged"
            self.findings.append(ReplayFinding("l2-not-seen", "note", said))
            named = "adam"
        if named == "adamw" or (named == "adam" and not _keep_maximum(pairs)):
            return named
        if named != "adam" and not coupled and hyper.get("weight_decay", 0) != 0:
            return "adamw"
        return "amsgrad" if named == "amsgrad" or _keep_maximum(pairs) else "adam"


_NO_MAXIMUM = "its v_max is not in the checkpoint, and AMSGrad needs it"
_NO_DECAY_SEEN = (
    "decay is not applied to theta itself, and the checkpoint does not say whether it should be: "
    "it may be a part of the gradient, or missing (--optimizer adamw asks for it)"
)


def _keep_maximum(pairs: Sequence[TensorPair]) -> bool:
    return any("v_max" in pair.after for pair in pairs)


def _hold(made: Sequence[JudgedAlike]) -> bool:
    return all(x.verdict != "deviates" for one in made for x in one.tensors)


def _of_all(tensors: Sequence[TensorVerdict]) -> Verdict:
    verdicts = {x.verdict for x in tensors}
    if "deviates" in verdicts:
        return "deviates"
    return "holds" if "holds" in verdicts else "not-judged"
