"""The process of what Python can import: ``python -m adamref.oracle.observe.sessions.host``.

It answers a ``hello`` as soon as it runs. The next line says what to import; from then on it speaks
the process protocol, takes several steps asked for at once (``steps``), each answered by a line of
its own, and is told what a rule calls its states and hyperparameters (``named``) before it is
started with that rule: so it needs no SymPy.
"""

from __future__ import annotations

import json
import marshal
import os
import sys
from typing import IO, TYPE_CHECKING, Any

from adamref.errors import AdamrefError
from adamref.oracle.observe import vocabulary
from adamref.oracle.observe.sessions import messages
from adamref.oracle.observe.sessions.detect import chosen
from adamref.oracle.observe.sessions.load import named
from adamref.oracle.observe.sessions.session import Failed, Held, Start
from adamref.oracle.observe.sessions.wording import names_of, words_of

if TYPE_CHECKING:
    from adamref.oracle.observe.calling.adapter import Adapter


def main() -> None:
    """Answer until there is no more to read."""
    requests, answers = _own_pipes()
    adapter: Adapter | None = None
    start: Start | None = None
    for line in requests:
        request = json.loads(line)
        if request["op"] == "exit":
            break
        # Of steps that are asked for at once each is answered as it is taken.
        for each in request["each"] if request["op"] == "steps" else (request,):
            try:
                if each["op"] == "hello":
                    answer: dict[str, Any] = {"ok": True}
                elif each["op"] == "named":
                    vocabulary.tell(named=each["named"])
                    answer = {"ok": True}
                elif each["op"] == "target":
                    adapter, answer = _loaded(each)
                else:
                    assert adapter is not None
                    if each["op"] == "init":
                        start = messages.read_init(each)
                    assert start is not None
                    answer = _answered(adapter, start, each)
            except Failed as failure:
                answer = {"error": failure.says, "failed": failure.id}
            except AdamrefError as error:
                values = {name: x for name, x in vars(error).items() if isinstance(x, str | tuple)}
                answer = {"error": error.says, "raised": type(error).__name__, "values": values}
            answers.write(json.dumps(answer) + "\n")
            answers.flush()
            if "error" in answer:
                break
    # Threads of the implementation may still run, and would keep the process.
    answers.flush()
    os._exit(0)


def _own_pipes() -> tuple[IO[str], IO[str]]:
    """Take standard input and output for the protocol, before anything else can write to them.

    What the implementation prints goes to standard error, and it reads nothing.
    """
    requests = os.fdopen(os.dup(0), "r", encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - its descriptor is what is wanted
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    return requests, answers


def _loaded(request: dict[str, Any]) -> tuple[Adapter, dict[str, Any]]:
    """Import the implementation; say how it is reached."""
    vocabulary.tell(spoken=request["spoken"])
    sys.path += [x for x in request["path"] if x not in sys.path]
    target = named(request["target"])
    args = marshal.loads(bytes.fromhex(request["args"]))  # noqa: S302 - from who started this
    adapter = chosen(target, request["adapter"], args, request["device"])
    # The name by which it was imported; where that says nothing, the object.
    names = [*names_of(request["target"]), *names_of(target, args)]
    known = {"adapter": adapter.name, "names": names, "words": words_of(target, args)}
    return adapter, {"ok": True, **known}


def _answered(adapter: Adapter, start: Start, request: dict[str, Any]) -> dict[str, Any]:
    if request["op"] == "init":
        return messages.abilities(adapter.start(start))
    if request["op"] == "step":
        (style,) = {messages.style_of(g) for g in request["grads"] if g is not None} or {"packed"}
        return {"tensors": [messages.held(x, style) for x in _stepped(adapter, start, request)]}
    pairs = zip(request["tensors"], start.thetas, strict=True)
    adapter.load([messages.read_loaded(x, theta.shape) for x, theta in pairs])
    return {"ok": True}


def _stepped(adapter: Adapter, start: Start, request: dict[str, Any]) -> list[Held]:
    grads = messages.read_grads(request["grads"], start)
    lr = request.get("lr")
    return adapter.step(grads, None if lr is None else float.fromhex(lr))


if __name__ == "__main__":
    main()
