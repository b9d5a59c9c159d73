"""Inner products of half-precision rows with one query, as fast as the rows can be read.

NumPy and PyTorch turn a whole block into single precision in memory first, or round the result;
here eight numbers at a time are widened in registers and summed in single precision.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache, wraps
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from aonet_core.retrieval.similarity import TINY

if TYPE_CHECKING:
    import torch

PART = 1024
"""Rows at a time."""
Made = TypeVar("Made")


def once(make: Callable[..., Made]) -> Callable[..., Made]:
    """Let one thread compile, and the others wait for what it made."""
    lock, cached = Lock(), cache(make)

    @wraps(make)
    def ask(*arguments):
        with lock:
            return cached(*arguments)

    return ask


def products(vectors: np.ndarray, query: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Multiply every landmark of every row with the query's, on all processors.

    Args:
        vectors: (N, K, C) float16, contiguous; may be memory-mapped.
        query: (K, C) float32.

    Yields:
        The number of a part's first row, and its products (n, K) float32.
    """
    starts = range(0, len(vectors), PART)
    parts = (vectors[start : start + PART] for start in starts)
    yield from zip(starts, _pool().map(lambda part: product(part, query), parts), strict=True)


def product(rows: np.ndarray, query: np.ndarray) -> np.ndarray:
    """Multiply every landmark of some rows (n, K, C) with the query's, on this thread: (n, K)."""
    result = np.empty(rows.shape[:2], dtype=np.float32)
    query = np.ascontiguousarray(query, dtype=np.float32)
    _kernels()[0](rows.view(np.uint16), query, result)
    return result


def cosines(vectors: np.ndarray, places: np.ndarray, query: np.ndarray) -> np.ndarray:
    """Return the cosines (n, K) float64 of some rows with the query, in double precision.

    Args:
        vectors: (N, K, C) float16, contiguous; may be memory-mapped.
        places: (n,) int64 the numbers of the rows.
        query: (K, C) float64 of length 1.
    """
    result = np.empty((len(places), vectors.shape[1]))
    query = np.array(query, order="C")  # one that Ray brought may not be written to
    _kernels()[1](vectors.view(np.uint16), places, query, result)
    return result


def device_products(vectors: torch.Tensor, query: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Do the same where the rows lie in the memory of another device."""
    import torch

    moved = torch.from_numpy(query).to(vectors.device)
    for start in range(0, len(vectors), 8 * PART):
        rows = vectors[start : start + 8 * PART].float()
        yield start, torch.einsum("nkc,kc->nk", rows, moved).cpu().numpy()


def on_device(vectors: np.ndarray, device: str) -> torch.Tensor | None:
    """Copy rows to a graphics card if they leave half of its memory free; else return None."""
    import torch

    if not device.startswith("cuda") or 2 * vectors.nbytes > torch.cuda.mem_get_info(device)[0]:
        return None
    return torch.from_numpy(vectors).to(device)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="ranking")


@once
def _kernels() -> tuple[Callable[..., None], Callable[..., None]]:
    """Compile the inner loops of `product` and `cosines`; they run without Python's lock."""
    from numba import float32, float64, int64, njit, uint16, void

    widened = widening()

    @njit(void(uint16[:, :, ::1], float32[:, ::1], float32[:, ::1]), nogil=True, fastmath=True)
    def single(rows, query, result):
        for row in range(rows.shape[0]):
            for landmark in range(rows.shape[1]):
                total = np.float32(0)
                for channel in range(rows.shape[2]):
                    total += widened(rows[row, landmark, channel]) * query[landmark, channel]
                result[row, landmark] = total

    shapes = uint16[:, :, ::1], int64[::1], float64[:, ::1], float64[:, ::1]

    @njit(void(*shapes), nogil=True, fastmath=True)
    def double(rows, places, query, result):
        for index, row in enumerate(places):
            for landmark in range(rows.shape[1]):
                total = square = 0.0
                for channel in range(rows.shape[2]):
                    value = np.float64(widened(rows[row, landmark, channel]))
                    total += value * query[landmark, channel]
                    square += value * value
                result[index, landmark] = total / max(np.sqrt(square), TINY)

    return single, double


@once
def widening():
    """Make what turns the bits of a number in half precision into single precision."""
    from numba import types
    from numba.extending import intrinsic

    @intrinsic
    def widened(context, half):
        def generate(context, builder, signature, arguments):
            return widen(builder, arguments[0])

        return types.float32(types.uint16), generate

    return widened


def widen(builder, bits):
    """Turn half precision into single: LLVM's instruction, or integers where it has none.

    Without a conversion of the processor's own (F16C) LLVM would call a function that is not there,
    and end the process.

    Args:
        builder: llvmlite's `IRBuilder`.
        bits: The numbers' 16 bits, one or a vector.
    """
    from llvmlite import ir

    lanes = getattr(bits.type, "count", 0)

    def kind(each):
        return ir.VectorType(each, lanes) if lanes else each

    floats, integers = kind(ir.FloatType()), kind(ir.IntType(32))
    if widens_by_itself():
        return builder.fpext(builder.bitcast(bits, kind(ir.HalfType())), floats)

    def constant(number, of=integers):
        return ir.Constant(of, [number] * lanes if lanes else number)

    wide = builder.zext(bits, integers)
    sign = builder.shl(builder.and_(wide, constant(0x8000)), constant(16))
    size = builder.shl(builder.and_(wide, constant(0x7FFF)), constant(13))
    # The exponents' zeros lie 112 apart. Infinity and NaN have the largest one in both kinds.
    scaled = builder.fmul(builder.bitcast(size, floats), constant(2.0**112, floats))
    special = builder.icmp_unsigned(">=", size, constant(0x7C00 << 13))
    largest = builder.or_(size, constant(0x7F800000))
    size = builder.select(special, largest, builder.bitcast(scaled, integers))
    return builder.bitcast(builder.or_(size, sign), floats)


@cache
def widens_by_itself() -> bool:
    """Whether the processor that is compiled for can turn half precision into single."""
    triple, features = compiled_for()
    return not triple.startswith(("x86", "i686")) or "+f16c" in features


def compiled_for() -> tuple[str, list[str]]:
    """LLVM's name of the kind of processor that numba compiles for, and what it has and has not."""
    from numba.core.registry import cpu_target

    triple, _, features = cpu_target.target_context.codegen().magic_tuple()
    return triple, features.split(",")
