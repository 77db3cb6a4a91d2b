"""What the pickles of torch say of tensors, as arrays that lie in an archive."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from adamref.replay.formats.arrays import ArrayInFile, lies_in_order, reach
from adamref.replay.formats.dtypes import WIDTHS
from adamref.replay.formats.pickles import Elsewhere, GlobalName, Made, shown
from adamref.replay.formats.tree import MOST_DEPTH, NotRead

if TYPE_CHECKING:
    from adamref.replay.formats.archives import Member

_OF_STORAGES = {
    "Double": "float64", "Float": "float32", "Half": "float16", "BFloat16": "bfloat16",
    "Long": "int64", "Int": "int32", "Short": "int16", "Char": "int8", "Byte": "uint8",
    "Bool": "bool", "ComplexFloat": "complex64", "ComplexDouble": "complex128",
}  # fmt: skip
_DICTS = ("collections.OrderedDict", "collections.defaultdict", "builtins.dict", "__builtin__.dict")
_SEQUENCES = (
    "torch.Size", "builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset",
    "__builtin__.list", "__builtin__.tuple", "__builtin__.set", "__builtin__.frozenset",
    "collections.deque",
)  # fmt: skip
_SCALARS = ("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar")
_CODES = {"f8": "<d", "f4": "<f", "f2": "<e", "i8": "<q", "i4": "<i", "b1": "<?"}


class Storages:
    """The storages of an archive, by which the tensors of its pickle are found.

    Parameters
    ----------
    held : mapping of str to Member
        By the key that the pickle has for them.
    swapped : bool
        Whether they were written by a machine of the other order of bytes.
    most : int
        How many nodes its tree may have: a pickle can name one in two bytes again and again.
    """

    def __init__(self, held: Mapping[str, Member], swapped: bool, most: int) -> None:
        self._held, self._swapped, self._left = held, swapped, most

    def plain(self, node: Any, depth: int = 0) -> Any:
        """Return dicts, lists, arrays, numbers and text; what is none of it as `NotRead`."""
        self._left -= 1
        if depth > MOST_DEPTH or self._left < 0:
            return NotRead("it is nested without end")
        if isinstance(node, dict):
            return {_text(key): self.plain(value, depth + 1) for key, value in node.items()}
        if isinstance(node, list | tuple):
            return [self.plain(value, depth + 1) for value in node]
        if isinstance(node, Made):
            return self._made(node, depth)
        if isinstance(node, GlobalName):
            return str(node)
        return NotRead("it lies in another file") if isinstance(node, Elsewhere) else node

    def _made(self, node: Made, depth: int) -> Any:
        if node.is_of(*_DICTS):
            given = node.args[0] if node.args and isinstance(node.args[0], dict | list) else {}
            pairs = given if isinstance(given, dict) else dict(_in_twos(given))
            return self.plain({**pairs, **node.pairs}, depth)
        if node.is_of(*_SEQUENCES):
            given = [x for x in node.args if isinstance(x, list | tuple)]
            return self.plain([*(given[0] if given else ()), *node.items], depth)
        if node.is_of("torch._utils._rebuild_parameter") and node.args:
            return self.plain(node.args[0], depth + 1)
        if node.is_of("torch._utils._rebuild_parameter_with_state") and node.args:
            return self.plain(node.args[0], depth + 1)
        if node.is_of("torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor_v3"):
            return self._tensor(node)
        if node.is_of("torch._tensor._rebuild_from_type_v2") and len(node.args) == 4:
            args = node.args[2] if isinstance(node.args[2], tuple) else ()
            made = Made(node.args[0], args)
            subclass = shown(node.args[1])
            if subclass in ("torch.nn.parameter.Parameter", "torch.Tensor"):
                return self.plain(made, depth + 1)
            return NotRead(f"it is a {subclass}, whose other parts lie in other files")
        if node.is_of(*_SCALARS):
            return _scalar(node)
        state = node.state if isinstance(node.state, dict) else {}
        if "_parameters" in state and "_modules" in state:
            own, below = (self.plain(state[x], depth + 1) for x in ("_parameters", "_modules"))
            if isinstance(own, dict) and isinstance(below, dict):
                return {key: x for key, x in {**own, **below}.items() if x is not None and x != {}}
        by = node.by if isinstance(node.by, GlobalName) else "something that it makes itself"
        return NotRead(f"it is made by {by}: no code that a checkpoint names is run")

    def _tensor(self, node: Made) -> ArrayInFile | NotRead:
        try:
            storage, offset, shape, strides, *_ = node.args
            kind, of, key, _, count = storage.to
            shape, strides = _ints(shape), _ints(strides)
            _ints((offset, count))
            typed = node.args[6] if node.is_of("torch._utils._rebuild_tensor_v3") else of
        except (TypeError, ValueError, AttributeError, IndexError):
            return NotRead("it is a tensor that says otherwise than torch where it lies")
        name = shown(typed).rpartition(".")[2]
        dtype = _OF_STORAGES.get(name.removesuffix("Storage"), name)
        if kind != "storage" or dtype not in WIDTHS:
            return NotRead(f"it is of {name}, which is no type of a tensor that is read")
        member = self._held.get(shown(key))
        if member is None:
            return NotRead(f"its storage {shown(key)} is not in the archive")
        if member.deflated:
            return NotRead(f"its storage {member.name} is compressed, which torch never does")
        if len(shape) != len(strides):
            return NotRead(f"its shape {shape} has other axes than its strides {strides}")
        width = WIDTHS[dtype]
        if (offset + reach(shape, strides)) * width > member.size:
            return NotRead(f"it reaches beyond its storage {member.name} of {member.size} bytes")
        at = member.offset + offset * width
        order = None if lies_in_order(shape, strides) else strides
        return ArrayInFile(shape, dtype, member.path, at, order, self._swapped)


def _ints(node: Any) -> tuple[int, ...]:
    if isinstance(node, Made) and node.is_of("torch.Size"):
        (node,) = node.args
    found = tuple(node)
    if not all(type(x) is int and 0 <= x < 1 << 62 for x in found):
        raise ValueError("no number of elements")
    return found


def _in_twos(given: Any) -> list[tuple[Any, Any]]:
    twos = [x for x in given if isinstance(x, list | tuple) and len(x) == 2]
    return [(x[0], x[1]) for x in twos if isinstance(x[0], str | int)]


def _text(key: Any) -> Any:
    return key if isinstance(key, str | int) else shown(key)


def _scalar(node: Made) -> Any:
    """Return a number of NumPy's."""
    try:
        dtype, data = node.args
        (how,) = struct.unpack(_CODES[shown(dtype.args[0]).lstrip("<>=|")], _bytes(data))
    except (TypeError, ValueError, KeyError, AttributeError, struct.error, IndexError):
        return NotRead("it is a number of NumPy's of a type that is not read")
    return how


def _bytes(data: Any) -> bytes:
    """Return bytes, which protocol 2 writes as text that is encoded."""
    if isinstance(data, Made) and data.is_of("_codecs.encode"):
        return shown(data.args[0]).encode("latin-1")
    if not isinstance(data, bytes):
        raise TypeError("no bytes")
    return data
