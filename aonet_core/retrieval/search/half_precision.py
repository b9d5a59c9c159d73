"""Inner products of half-precision rows with one query, as fast as the rows can be read.

NumPy and PyTorch turn a whole block into single precision in memory first, or round the result;
here eight numbers at a time are widened in registers and summed in single precision.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

PART = 1024
"""Rows at a time."""


def products(vectors: np.ndarray, query: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Multiply every landmark of every row with the query's, on all processors.

    Args:
        vectors: (N, K, C) float16, contiguous; may be memory-mapped.
        query: (K, C) float32.

    Yields:
        The number of a part's first row, and its products (n, K) float32.
    """
    query = np.ascontiguousarray(query, dtype=np.float32)
    kernel, bits = _kernel(), vectors.view(np.uint16)

    def part(start: int) -> tuple[int, np.ndarray]:
        rows = bits[start : start + PART]
        result = np.empty(rows.shape[:2], dtype=np.float32)
        kernel(rows, query, result)
        return start, result

    yield from _pool().map(part, range(0, len(vectors), PART))


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


@cache
def _kernel() -> Callable[[np.ndarray, np.ndarray, np.ndarray], None]:
    """Compile the inner loop; it runs without Python's lock."""
    from llvmlite import ir
    from numba import float32, njit, types, uint16, void
    from numba.extending import intrinsic

    @intrinsic
    def widened(context, half):
        def generate(context, builder, signature, arguments):
            return builder.fpext(builder.bitcast(arguments[0], ir.HalfType()), ir.FloatType())

        return types.float32(types.uint16), generate

    @njit(void(uint16[:, :, ::1], float32[:, ::1], float32[:, ::1]), nogil=True, fastmath=True)
    def kernel(rows, query, result):
        for row in range(rows.shape[0]):
            for landmark in range(rows.shape[1]):
                total = np.float32(0)
                for channel in range(rows.shape[2]):
                    total += widened(rows[row, landmark, channel]) * query[landmark, channel]
                result[row, landmark] = total

    return kernel
