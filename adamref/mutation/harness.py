"""Code that makes an optimizer of somebody's interface, steps it and reads it, for tests to paste.

It imports NumPy, the target, and the framework that the target is of; nothing of adamref.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import final

from adamref.mutation.injection import parted
from adamref.oracle.observe import vocabulary

CANNOT: Mapping[str, frozenset[str]] = {
    "optax": frozenset({"skip"}),
    "keras": frozenset({"skip", "load"}),
    "fast": frozenset({"load"}),
    "sklearn": frozenset({"skip", "load"}),
}
"""What the code of an interface does not ask for."""

_SPECIAL: Mapping[str, Mapping[str, str]] = {
    "optax": {"b1": "beta1", "b2": "beta2", "b3": "beta3"},
}

_BODIES: Mapping[str, str] = {
    "torch": """
    def __init__(self, thetas, numbers):
        self.parameters = [torch.nn.Parameter(torch.tensor(x)) for x in thetas]
        self.optimizer = {name}(self.parameters, **keywords(numbers))

    def load(self, states):
        kept = self.thetas()
        self.step([np.zeros_like(x) for x in kept], None)  # it makes the entries
        with torch.no_grad():
            for p, theta, (entries, t) in zip(self.parameters, kept, states):
                p.copy_(torch.tensor(theta))
                state = self.optimizer.state[p]
                for name, x in entries.items():
                    state[NAMES[name]].copy_(torch.tensor(x))
                state[NAMES["t"]] = torch.full_like(torch.as_tensor(state[NAMES["t"]]), t)

    def step(self, gradients, lr):
        for group in self.optimizer.param_groups:
            group["lr"] = group["lr"] if lr is None else lr
        for p, g in zip(self.parameters, gradients):
            p.grad = None if g is None else torch.tensor(g)
        self.optimizer.step()

    def thetas(self):
        return [p.detach().numpy().copy() for p in self.parameters]
""",
    "function": """
    def __init__(self, thetas, numbers):
        self.now, self.states = [x.copy() for x in thetas], [None for _ in thetas]
        self.numbers = numbers

    def load(self, states):
        for i, (entries, t) in enumerate(states):
            made = self.stepped(i, np.zeros_like(self.now[i]), None)[1]  # it makes the entries
            new = {{**{{NAMES[name]: x for name, x in entries.items()}}, NAMES["t"]: t}}
            has_fields = hasattr(made, "_replace")
            self.states[i] = made._replace(**new) if has_fields else {{**made, **new}}

    def stepped(self, i, g, state):
        return {name}(self.now[i].copy(), g.copy(), state, **keywords(self.numbers))

    def step(self, gradients, lr):
        self.numbers = {{**self.numbers, "lr": lr}}
        for i, g in enumerate(gradients):
            if g is not None:
                self.now[i], self.states[i] = self.stepped(i, g, self.states[i])

    def thetas(self):
        return [np.array(x) for x in self.now]
""",
    "class": """
    def __init__(self, thetas, numbers):
        self.now = [x.copy() for x in thetas]
        self.each = [{name}(x, **keywords(numbers)) for x in self.now]

    def load(self, states):
        for one, (entries, t) in zip(self.each, states):
            for name, x in {{**entries, "t": t}}.items():
                setattr(one, NAMES[name], x)

    def step(self, gradients, lr):
        for i, g in enumerate(gradients):
            if hasattr(self.each[i], LR):
                setattr(self.each[i], LR, lr)
            if g is not None:
                back = self.each[i].step(g.copy())
                self.now[i] = self.now[i] if back is None else back

    def thetas(self):
        return [np.array(x) for x in self.now]
""",
    "fast": """
    def __init__(self, thetas, numbers):
        self.now, self.lr = [x.copy() for x in thetas], numbers["lr"]
        more = {{n: x for n, x in keywords(numbers).items() if n != LR}}
        self.optimizer = {name}(self.now, **{{LR: lambda _: self.lr}}, **more)

    def step(self, gradients, lr):
        self.lr = lr
        self.optimizer.step([None if g is None else g.copy() for g in gradients])

    def thetas(self):
        return [x.copy() for x in self.now]
""",
    "sklearn": """
    def __init__(self, thetas, numbers):
        self.now = [x.copy() for x in thetas]
        self.optimizer = {name}(self.now, **keywords(numbers))

    def step(self, gradients, lr):
        self.optimizer.learning_rate_init = lr
        self.optimizer.update_params(self.now, [g.copy() for g in gradients])

    def thetas(self):
        return [x.copy() for x in self.now]
""",
    "optax": """
    def __init__(self, thetas, numbers):
        self.numbers, self.now = numbers, [jnp.asarray(x) for x in thetas]
        self.state = {name}(**keywords(numbers)).init(self.now)

    def load(self, states):
        lists = {{NAMES[n]: [jnp.asarray(e[n]) for e, _ in states] for n in states[0][0]}}
        self.state = replaced(self.state, {{**lists, NAMES["t"]: jnp.asarray(states[0][1])}})

    def step(self, gradients, lr):
        self.numbers = {{**self.numbers, "lr": lr}}
        made = {name}(**keywords(self.numbers))
        updates, self.state = made.update([jnp.asarray(g) for g in gradients], self.state, self.now)
        self.now = optax.apply_updates(self.now, updates)

    def thetas(self):
        return [np.array(x) for x in self.now]
""",
    "keras": """
    def __init__(self, thetas, numbers):
        self.variables = [keras.Variable(x, dtype=x.dtype.name) for x in thetas]
        self.optimizer = {name}(**keywords(numbers))
        self.optimizer.build(self.variables)

    def step(self, gradients, lr):
        self.optimizer.learning_rate = lr
        self.optimizer.apply([keras.ops.convert_to_tensor(g) for g in gradients], self.variables)

    def thetas(self):
        return [np.array(keras.ops.convert_to_numpy(x)) for x in self.variables]
""",
}  # fmt: skip

_REPLACED = '''

def replaced(tree, fields):
    """Give the fields of some names other values, at any depth."""
    if hasattr(tree, "_replace"):
        own = {n: fields.get(n, replaced(x, fields)) for n, x in tree._asdict().items()}
        return tree._replace(**own)
    if isinstance(tree, tuple | list):
        return type(tree)(replaced(x, fields) for x in tree)
    return tree
'''

_IMPORTS = {"torch": ("torch",), "optax": ("jax.numpy as jnp", "optax"), "keras": ("keras",)}


@final
class Harness:
    """The code for a target.

    Parameters
    ----------
    target, interface : str
    takes : sequence of str
        The names of its arguments.
    states : mapping of str to str
        Its names of states and of t, by adamref's.
    """

    def __init__(
        self, target: str, interface: str, takes: Sequence[str], states: Mapping[str, str]
    ) -> None:
        module, path, _ = parted(target)
        self.interface, self._states = interface, states
        self._module, self.name = module, path
        self._words = _words(takes, interface)
        self.cannot = CANNOT.get(interface, frozenset())
        if not {"t", "m"} <= set(states):
            self.cannot |= {"load"}

    def makes(self, optimizer: str) -> bool:
        """Say whether it can be made to be an optimizer, where a switch decides that."""
        has = "amsgrad" in self._words or "v_max" in self._states
        return optimizer != "amsgrad" or has

    def loads(self, names: Collection[str]) -> bool:
        """Say whether states of these names can be loaded."""
        return "load" not in self.cannot and set(names) <= set(self._states)

    @property
    def controls(self) -> frozenset[str]:
        """The hyperparameters that can be set, by adamref's names."""
        return frozenset(self._words) | ({"beta1", "beta2"} if "betas" in self._words else set())

    def text(self, *, loads: bool = True) -> str:
        """Return the code; with what loads a state, if that is asked for and can be."""
        loads = loads and "load" not in self.cannot
        root = self.name.split(".")[0]
        imports = [f"import {x}" for x in _IMPORTS.get(self.interface, ())]
        lines = ["import numpy as np", *imports, f"from {self._module} import {root}", ""]
        lines += [f"NAMES = {dict(self._states)!r}"] if loads else []
        lines += (
            [f"LR = {self._words.get('lr', 'lr')!r}"] if "LR" in _BODIES[self.interface] else []
        )
        lines += ["", ""]
        lines += ["def keywords(numbers):", '    """Call hyperparameters by their names here."""']
        items = [f"        {theirs!r}: {_value(ours)}," for ours, theirs in self._words.items()]
        lines += ["    return {", *items, "    }", ""]
        more = _REPLACED if self.interface == "optax" and loads else ""
        body = _BODIES[self.interface].format(name=self.name)
        if not loads and "    def load(" in body:
            before, _, after = body.partition("    def load(")
            body = before + after[after.index("    def ") :]
        head = '\n\nclass Optimizer:\n    """What is tested, as the tests ask it."""\n'
        return "\n".join(lines) + more + head + body


def _value(ours: str) -> str:
    if ours == "amsgrad":
        return 'numbers.get("amsgrad", False)'
    if ours == "betas":
        return '(numbers["beta1"], numbers["beta2"])'
    return f'numbers["{ours}"]'


def _words(takes: Sequence[str], interface: str) -> dict[str, str]:
    """Return its names of Adam's hyperparameters by adamref's; ``betas`` stands for two."""
    known = {**vocabulary.spoken()[""], **_SPECIAL.get(interface, {})}
    found: dict[str, str] = {}
    for name in takes:
        ours = "betas" if name == "betas" else known.get(name, "")
        if ours in {"lr", "beta1", "beta2", "betas", "eps", "weight_decay"}:
            found.setdefault(ours, name)
    return found | ({"amsgrad": "amsgrad"} if "amsgrad" in takes else {})
