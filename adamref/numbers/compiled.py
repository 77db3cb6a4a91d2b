"""A tape compiled: one loop whose numbers stay in the registers, made by LLVM.

LLVM comes with numba (the extra ``fast``), through llvmlite; without it
`adamref.numbers.replay` does the same. Exact products use a fused multiply-add, which gives the
same two numbers as Dekker's formulas, and all else is the same operation, rounded the same way: so
the results have the same bits.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from adamref.numbers.formats import BINARY32, BINARY64, Format
from adamref.numbers.lanes import Lane, Number, Operand, Tape

try:
    from llvmlite import binding, ir
except ImportError:
    IS_THERE = False
else:
    IS_THERE = True

Array: TypeAlias = NDArray[Any]

_DOUBLE, _SINGLE, _TRUTH = np.dtype(np.float64), np.dtype(np.float32), np.dtype(np.bool_)
_NONE: Mapping[int, Array] = MappingProxyType({})
_FRACTION, _BIAS, _SPECIAL = 52, 1023, 0x7FF
_EXPONENT = _SPECIAL << _FRACTION
_MAGNITUDE = (1 << 63) - 1
_LEAST = -1074
_NAME = "work"
_INSTRUCTIONS = {
    "add": "fadd",
    "subtract": "fsub",
    "multiply": "fmul",
    "divide": "fdiv",
    "negate": "fneg",
}
_INTRINSICS = {"magnitude": "llvm.fabs", "root": "llvm.sqrt", "copysign": "llvm.copysign"}


class _Code(NamedTuple):
    """A tape, its constants by number only; they are complex numbers without a real part."""

    instructions: tuple[tuple[str, tuple[Any, ...], tuple[int, ...], Format | None], ...]
    inputs: tuple[int, ...]
    outputs: tuple[Any, ...]
    kinds: tuple[Any, ...]
    """The dtypes of the inputs."""


def can_compile(formats: Iterable[Format]) -> bool:
    """Say whether tapes that round to some formats can be compiled here, and worked well."""
    rounded = all(fmt in (BINARY32, BINARY64) for fmt in formats)
    return IS_THERE and rounded and _has_fused_multiply_add()


@final
class Compiled:
    """A tape's outputs, for blocks of up to some number of elements.

    As `adamref.numbers.replay.TapeReplay`, for a tape of whole operations.
    """

    def __init__(self, tape: Tape, outputs: Sequence[Number], size: int) -> None:
        constants: dict[tuple[float, float], int] = {}

        def numbered(x: Operand) -> Any:
            if isinstance(x, int):
                return x
            return _Constant(constants.setdefault((x, math.copysign(1, x)), len(constants)))

        self._instructions = tuple(
            (name, tuple(map(numbered, operands)), made, fmt)
            for name, operands, made, fmt in tape.needed(outputs)
        )
        self._inputs = tuple(lane.at for lane in tape.inputs)
        self._ends = tuple(numbered(x.at if isinstance(x, Lane) else float(x)) for x in outputs)
        self._constants = np.array([value for value, _ in constants] or [0.0])
        kinds = {
            made[0]: _TRUTH if name == "same" else _SINGLE
            for name, _, made, fmt in self._instructions
            if name == "same" or (name == "rounded" and fmt is BINARY32)
        }
        self._made = [np.empty(size, kinds.get(x, _DOUBLE)) for x in self._ends]

        self._functions: dict[tuple[Any, ...], Any] = {}

    def run(self, inputs: Sequence[Array], into: Mapping[int, Array] = _NONE) -> list[Array]:
        """Return the outputs for one block; the next run writes over them.

        Parameters
        ----------
        inputs : sequence of arrays
            One-dimensional, in the order of the tape's inputs.
        into : mapping of int to array
            Contiguous arrays of their own for some of the outputs, by number.
        """
        arrays = [
            np.ascontiguousarray(x, x.dtype if x.dtype in (_SINGLE, _DOUBLE) else _DOUBLE)
            for x in inputs
        ]
        kinds = tuple(x.dtype for x in arrays)
        if kinds not in self._functions:
            code = _Code(self._instructions, self._inputs, self._ends, kinds)
            self._functions[kinds] = _compiled(code)
        count = len(arrays[0])
        made = [x[:count] for x in self._made]
        for i, array in into.items():
            if array.dtype == made[i].dtype:
                made[i] = array
        self._functions[kinds](count, *[x.ctypes.data for x in (self._constants, *arrays, *made)])
        for i, array in into.items():
            if array is not made[i]:
                array[...] = made[i]
        return [into.get(i, array) for i, array in enumerate(made)]


@final
class _Constant(NamedTuple):
    """The number of a constant."""

    at: int


@lru_cache(maxsize=64)
def _compiled(code: _Code) -> Any:
    """Compile a tape to a function of a count and of addresses: constants, inputs, outputs."""
    return _function(_Writer(code).module, 1 + len(code.inputs) + len(code.outputs))


def extent(values: Array) -> tuple[int, int] | None:
    """Return between which binary logarithms some float64 numbers >= 0 or < 0 lie that are not 0.

    None if one of them is not a finite number; (0, 0) if all are 0.
    """
    function, found = _extent(), np.empty(2, np.uint64)
    function(len(values), values.ctypes.data, found.ctypes.data)
    least, most = (int(x) >> _FRACTION for x in found)
    if most == _SPECIAL:
        return None
    if not found[1]:
        return 0, 0
    return (least - _BIAS if least else _LEAST), most - _BIAS + 1


def _function(module: Any, pointers: int) -> Any:
    """Make machine code of a module's function, of a count and of addresses."""
    parsed = binding.parse_assembly(str(module))
    parsed.verify()
    machine = _machine()
    options = binding.create_pipeline_tuning_options(speed_level=3)
    builder = binding.create_pass_builder(machine, options)
    builder.getModulePassManager().run(parsed, builder)
    engine = binding.create_mcjit_compiler(parsed, machine)
    engine.finalize_object()
    kind = ctypes.CFUNCTYPE(None, ctypes.c_int64, *[ctypes.c_void_p] * pointers)
    function = kind(engine.get_function_address(_NAME))
    # The code lives as long as the engine.
    function.engine = engine  # type: ignore[attr-defined]
    return function


def _machine() -> Any:
    """Return the processor of this computer."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    target = binding.Target.from_default_triple()
    features = binding.get_host_cpu_features()
    # Whole vectors: the loop is all arithmetic.
    return target.create_target_machine(
        cpu=binding.get_host_cpu_name(),
        features=",".join(filter(None, (features.flatten(), "-prefer-256-bit"))),
        opt=3,
        jit=True,
    )


@cache
def _has_fused_multiply_add() -> bool:
    """Say whether the processor has the operation that exact products are made with."""
    features = binding.get_host_cpu_features()
    return bool(features.get("fma", "x86" not in binding.get_default_triple()))


class _Loop:
    """A function with a loop over the elements of arrays, in LLVM's language."""

    def __init__(self, pointers: int) -> None:
        self.module = ir.Module()
        self._double, self._single = ir.DoubleType(), ir.FloatType()
        self._whole = ir.IntType(64)
        kind = ir.FunctionType(ir.VoidType(), [self._whole] + [ir.PointerType()] * pointers)
        function = ir.Function(self.module, kind, _NAME)
        for pointer in function.args[1:]:
            pointer.add_attribute("noalias")
        self._length, *self._places = function.args
        self._blocks = [function.append_basic_block(x) for x in ("start", "loop", "end")]
        self._build = ir.IRBuilder(self._blocks[0])

    def _begin(self) -> Any:
        """Enter the loop, and return where it is; there is at least one element."""
        self._build.branch(self._blocks[1])
        self._build.position_at_end(self._blocks[1])
        at = self._build.phi(self._whole)
        at.add_incoming(self._number(0), self._blocks[0])
        return at

    def _finish(self, at: Any) -> None:
        following = self._build.add(at, self._number(1))
        at.add_incoming(following, self._blocks[1])
        again = self._build.icmp_signed("<", following, self._length)
        self._build.cbranch(again, self._blocks[1], self._blocks[2])
        self._build.position_at_end(self._blocks[2])

    def _number(self, value: int) -> Any:
        return ir.Constant(self._whole, value)

    def _load(self, pointer: Any, at: Any, kind: Any) -> Any:
        place = self._build.gep(pointer, [at], source_etype=kind)
        return self._build.load(place, typ=kind)

    def _store(self, value: Any, pointer: Any, at: Any) -> None:
        self._build.store(value, self._build.gep(pointer, [at], source_etype=value.type))


@cache
def _extent() -> Any:
    return _function(_Extent().module, 2)


@final
class _Extent(_Loop):
    """Finds the least magnitude that is not 0, and the greatest, as bits."""

    def __init__(self) -> None:
        super().__init__(2)
        values, found = self._places
        at = self._begin()
        build = self._build
        start, loop, _ = self._blocks
        least, most = build.phi(self._whole), build.phi(self._whole)
        least.add_incoming(self._number(-1), start)
        most.add_incoming(self._number(0), start)
        bits = build.and_(self._load(values, at, self._whole), self._number(_MAGNITUDE))
        # Less 1, the bits of 0 are the greatest there are.
        below = build.sub(bits, self._number(1))
        lesser = build.select(build.icmp_unsigned("<", below, least), below, least)
        greater = build.select(build.icmp_unsigned(">", bits, most), bits, most)
        least.add_incoming(lesser, loop)
        most.add_incoming(greater, loop)
        self._finish(at)
        self._store(build.add(lesser, self._number(1)), found, self._number(0))
        self._store(greater, found, self._number(1))
        build.ret_void()


@final
class _Writer(_Loop):
    """Writes the loop of a tape."""

    def __init__(self, code: _Code) -> None:
        super().__init__(1 + len(code.inputs) + len(code.outputs))
        shared, *places = self._places
        sources, targets = places[: len(code.inputs)], places[len(code.inputs) :]
        operands = [x for _, given, _, _ in code.instructions for x in given]
        self._values: dict[Any, Any] = {
            x: self._load(shared, self._number(x.at), self._double)
            for x in dict.fromkeys((*operands, *code.outputs))
            if isinstance(x, _Constant)
        }
        at = self._begin()
        for lane, source, dtype in zip(code.inputs, sources, code.kinds, strict=True):
            kind = self._single if dtype == _SINGLE else self._double
            self._values[lane] = self._wide(self._load(source, at, kind))
        for name, given, made, fmt in code.instructions:
            values = [self._values[x] for x in given]
            done = self._rounded(values[0], fmt) if fmt else self._done(name, *values)
            self._values.update(
                zip(made, done if isinstance(done, tuple) else (done,), strict=True)
            )
        for x, target in zip(code.outputs, targets, strict=True):
            value = self._values[x]
            if value.type == ir.IntType(1):
                value = self._build.zext(value, ir.IntType(8))
            self._store(value, target, at)
        self._finish(at)
        self._build.ret_void()

    def _wide(self, value: Any) -> Any:
        return self._build.fpext(value, self._double) if value.type == self._single else value

    def _intrinsic(self, name: str, *given: Any) -> Any:
        kind = ir.FunctionType(self._double, [self._double] * len(given))
        function = self.module.declare_intrinsic(name, [self._double], kind)
        return self._build.call(function, given)

    def _done(self, name: str, *given: Any) -> Any:
        """Do what has an instruction or an intrinsic function of its own, or is written below."""
        if name in _INSTRUCTIONS:
            return getattr(self._build, _INSTRUCTIONS[name])(*given)
        if name in _INTRINSICS:
            return self._intrinsic(_INTRINSICS[name], *given)
        return getattr(self, "_" + name)(*given)

    def _larger(self, a: Any, b: Any) -> Any:
        return self._either(self._build.fcmp_ordered(">=", a, b), a, b)

    def _smaller(self, a: Any, b: Any) -> Any:
        return self._either(self._build.fcmp_ordered("<=", a, b), a, b)

    def _either(self, first: Any, a: Any, b: Any) -> Any:
        unknown = self._build.fcmp_unordered("uno", a, a)
        return self._build.select(self._build.or_(first, unknown), a, b)

    def _binade(self, a: Any) -> Any:
        bits = self._build.bitcast(a, self._whole)
        power = self._build.and_(bits, self._number(_EXPONENT))
        nothing = self._build.fcmp_ordered("==", a, ir.Constant(self._double, 0.0))
        infinite = ir.Constant(self._double, math.inf)
        return self._build.select(nothing, infinite, self._build.bitcast(power, self._double))

    def _choose(self, sign: Any, one: Any, other: Any) -> Any:
        above = self._build.fcmp_ordered(">=", sign, ir.Constant(self._double, 0.0))
        return self._build.select(above, one, other)

    def _unless_zero(self, one: Any, other: Any) -> Any:
        nothing = self._build.fcmp_ordered("==", one, ir.Constant(self._double, 0.0))
        return self._build.select(nothing, other, one)

    def _two_sum(self, a: Any, b: Any) -> Any:
        build = self._build
        total = build.fadd(a, b)
        of_b = build.fsub(total, a)
        of_a = build.fsub(total, of_b)
        return total, build.fadd(build.fsub(a, of_a), build.fsub(b, of_b))

    def _two_product(self, a: Any, b: Any) -> Any:
        product = self._build.fmul(a, b)
        return product, self._intrinsic("llvm.fma", a, b, self._build.fneg(product))

    def _two_square(self, a: Any) -> Any:
        return self._two_product(a, a)

    def _rounded(self, a: Any, fmt: Format) -> Any:
        return a if fmt is BINARY64 else self._build.fptrunc(a, self._single)

    def _same(self, a: Any, b: Any) -> Any:
        whole = ir.IntType(32) if a.type == self._single else self._whole
        bits = (self._build.bitcast(x, whole) for x in (a, b))
        equal = self._build.fcmp_ordered("==", a, b)
        return self._build.and_(self._build.icmp_unsigned("==", *bits), equal)
