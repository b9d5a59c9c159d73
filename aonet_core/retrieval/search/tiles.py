"""Similarities of half-precision rows to many queries, as fast as the processor multiplies.

A tile of 3 rows and 4 queries is multiplied at a time: its 12 sums stay in registers, and what is
read for one sum serves the others. A block of rows stays in the cache until all queries have had
it, so that rows are read from memory, and widened, once for all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from aonet_core.retrieval.search.half_precision import (
    compiled_for,
    once,
    product,
    widen,
    widening,
)

if TYPE_CHECKING:
    import torch

ROWS, QUERIES = 3, 4
"""Of a tile; with what is multiplied, its sums fill 16 registers."""
BLOCK = 24
"""Rows that stay in the cache."""


def scores(
    rows: np.ndarray,
    queries: np.ndarray,
    scales: np.ndarray,
    kinds: np.ndarray,
    lanes: int | None = None,
) -> np.ndarray:
    """Sum over the landmarks the scaled products of every query with every row.

    Args:
        rows: (n, K, C) float16, contiguous; may be memory-mapped.
        queries: (Q, K, C) float32.
        scales: (F, n, K) float32 what the products of a row's landmarks are multiplied by.
        kinds: (Q,) which of the F are a query's.
        lanes: Numbers that a register holds; by default what this processor's do.

    Returns:
        (Q, n) float32.
    """
    if len(queries) == 1:
        return (product(rows, queries[0]) * scales[kinds[0]]).sum(axis=1)[None]
    count, places = len(queries), -(-len(queries) // QUERIES) * QUERIES
    queries = np.concatenate([queries, np.zeros((places - count, *queries.shape[1:]), np.float32)])
    result = np.zeros((places, -(-len(rows) // ROWS) * ROWS), dtype=np.float32)
    kernel(lanes or _lanes())(
        rows.view(np.uint16), queries, scales, np.resize(kinds, places), result
    )
    return result[:count, : len(rows)]


def device_scores(
    rows: torch.Tensor, queries: np.ndarray, scales: np.ndarray, kinds: np.ndarray
) -> np.ndarray:
    """Do the same where the rows lie in the memory of another device."""
    import torch

    left, scale = (torch.from_numpy(each).to(rows.device) for each in (queries, scales[kinds]))
    return (torch.einsum("nkc,qkc->qnk", rows.float(), left) * scale).sum(dim=2).cpu().numpy()


def _lanes() -> int:
    """How many numbers a register holds."""
    return 16 if "+avx512f" in compiled_for()[1] else 8


@once
def kernel(lanes: int) -> Callable:
    """Compile `scores` for registers of some numbers; it runs without Python's lock."""
    from llvmlite import ir
    from numba import float32, int64, njit, types, uint16, void
    from numba.core import cgutils
    from numba.extending import intrinsic

    shorts, floats = (ir.VectorType(kind, lanes) for kind in (ir.IntType(16), ir.FloatType()))

    @intrinsic
    def multiply(context, rows, row, queries, query, landmark, channels, sums):
        """Write the tile's sums (ROWS, QUERIES) over the first channels, a multiple of lanes."""

        def generate(context, builder, signature, arguments):
            rows, row, queries, query, landmark, channels, sums = arguments
            zero = context.get_constant(types.int64, 0)

            def pointer(which, *place):
                kind = signature.args[which]
                array = context.make_array(kind)(context, builder, arguments[which])
                return cgutils.get_item_pointer(context, builder, kind, array, place), array

            def vector(start, channel, kind, align):
                place = builder.gep(start, [channel])
                loaded = builder.load(builder.bitcast(place, kind.as_pointer()))
                loaded.align = align
                return loaded

            def several(which, first, count):
                _, array = pointer(which, first, landmark, zero)
                last = builder.sub(builder.extract_value(array.shape, 0), first.type(1))
                for index in range(count):
                    own = builder.add(first, first.type(index))
                    own = builder.select(builder.icmp_signed("<", own, last), own, last)
                    yield pointer(which, own, landmark, zero)[0]

            row_starts = list(several(0, row, ROWS))
            query_starts = list(several(2, query, QUERIES))
            totals = {
                (r, q): cgutils.alloca_once_value(builder, ir.Constant(floats, [0.0] * lanes))
                for r in range(ROWS)
                for q in range(QUERIES)
            }
            step = channels.type(lanes)
            with cgutils.for_range_slice(builder, zero, channels, step, zero.type) as (channel, _):
                left = [widen(builder, vector(s, channel, shorts, 2)) for s in row_starts]
                for q, start in enumerate(query_starts):
                    right = vector(start, channel, floats, 4)
                    for r in range(ROWS):
                        product = builder.fmul(left[r], right, flags=["contract"])
                        old = builder.load(totals[r, q])
                        new = builder.fadd(old, product, flags=["contract"])
                        builder.store(new, totals[r, q])
            for (r, q), total in totals.items():
                total, number = builder.load(total), None
                for lane in range(lanes):
                    part = builder.extract_element(total, ir.IntType(32)(lane))
                    number = part if number is None else builder.fadd(number, part, flags=["fast"])
                builder.store(number, pointer(6, zero.type(r), zero.type(q))[0])
            return context.get_dummy_value()

        return types.void(rows, row, queries, query, landmark, channels, sums), generate

    widened = widening()
    shapes = uint16[:, :, ::1], float32[:, :, ::1], float32[:, :, ::1], int64[::1], float32[:, ::1]

    @njit(void(*shapes), nogil=True)
    def run(rows, queries, scales, kinds, result):
        count, landmarks, channels = rows.shape
        whole = channels - channels % lanes
        sums = np.empty((ROWS, QUERIES), np.float32)
        for block in range(0, count, BLOCK):
            for landmark in range(landmarks):
                for query in range(0, len(queries), QUERIES):
                    for row in range(block, min(block + BLOCK, count), ROWS):
                        multiply(rows, row, queries, query, landmark, whole, sums)
                        for r in range(min(ROWS, count - row)):
                            for q in range(QUERIES):
                                for channel in range(whole, channels):
                                    half = widened(rows[row + r, landmark, channel])
                                    sums[r, q] += half * queries[query + q, landmark, channel]
                                scale = scales[kinds[query + q], row + r, landmark]
                                result[query + q, row + r] += sums[r, q] * scale

    return run
