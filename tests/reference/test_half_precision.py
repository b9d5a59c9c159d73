"""Half precision turned into single, on processors that can and cannot do it by themselves."""

import os
import subprocess
import sys

import pytest

WIDEN_ALL = """
import numpy as np
from numba import njit
from aonet_core.retrieval.search.half_precision import product, widening, widens_by_itself
from aonet_core.retrieval.search.tiles import scores

widened = widening()

@njit
def widen(halves, result):
    for index in range(len(halves)):
        result[index] = widened(halves[index])

halves, result = np.arange(1 << 16, dtype=np.uint16), np.empty(1 << 16, np.float32)
widen(halves, result)
expected = halves.view(np.float16).astype(np.float32)
np.testing.assert_array_equal(result, expected)  # NaN is NaN
np.testing.assert_array_equal(np.signbit(result), np.signbit(expected))

rng = np.random.default_rng(0)
rows = rng.standard_normal((7, 2, 19)).astype(np.float16)
queries = rng.standard_normal((3, 2, 19)).astype(np.float32)
exact = np.einsum("nkc,qkc->qnk", rows.astype(np.float64), queries)
np.testing.assert_allclose(product(rows, queries[0]), exact[0], atol=1e-4)
ones = np.ones((1, 7, 2), np.float32)
found = scores(rows, queries, ones, np.zeros(3, np.int64), 8)
np.testing.assert_allclose(found, exact.sum(axis=2), atol=1e-4)
print(widens_by_itself())
"""


@pytest.mark.parametrize("own", [True, False])
def test_every_number_and_the_kernels_by_it(own):
    """Without F16C, which some virtual machines hide, LLVM ended the process."""
    plain = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
    environment = {name: value for name, value in os.environ.items() if name not in plain}
    answer = subprocess.run(
        [sys.executable, "-c", WIDEN_ALL],
        env=environment | ({} if own else plain),
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr[-2000:]
    assert own or answer.stdout.strip() == "False"
