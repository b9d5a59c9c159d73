"""Embedding, search and evaluation with the instruction sets of one processor, one after the other.

Run as `python -m benchmarks.instruction_sets [--only NAME]`. The benchmarks of those names run once
for every set that the processor has, in processes that are told to use no other: PyTorch, oneDNN,
MKL, OpenBLAS and numba each have a switch of their own. So the sets are compared on one machine,
where two machines differ in much else. FAISS is told as well, where it is there.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from llvmlite.binding import get_host_cpu_features, get_host_cpu_name

BENCHMARKS = {
    "embedding": ["--rounds", "5"],
    "search": ["--pictures", "20000", "--rounds", "5"],
    "evaluation": ["--size", "market1501"],
}
"""What runs, and how it is asked."""
AVX512, AVX2, SSE4 = "AVX-512", "AVX2", "SSE 4.2"


def main() -> None:
    """Run the benchmarks for every set, the largest first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=tuple(BENCHMARKS), action="append")
    options = parser.parse_args()
    features = get_host_cpu_features()
    held = [SSE4]
    held[:0] = [AVX2] if features.get("avx2") else []
    held[:0] = [AVX512] if features.get("avx512f") else []
    print(f"{get_host_cpu_name()}: {', '.join(held)}", flush=True)
    for name in options.only or BENCHMARKS:
        for instructions in held:
            environment = os.environ | switches(instructions, features)
            print(f"\n## {name}, {instructions}", flush=True)
            command = [sys.executable, "-m", f"benchmarks.{name}", *BENCHMARKS[name]]
            subprocess.run(command, env=environment, check=True)


def switches(instructions: str, features: dict[str, bool]) -> dict[str, str]:
    """Environment variables by which libraries use an instruction set and none beyond it.

    Args:
        instructions: `AVX512`, `AVX2` or `SSE4`.
        features: What the processor has, by LLVM's names.
    """
    if instructions == AVX512:
        return {}
    aten, dnn, mkl, blas, faiss, beyond = {
        AVX2: ("avx2", "AVX2", "AVX2", "Haswell", "avx2", ("avx512", "avx10", "amx")),
        SSE4: ("default", "SSE41", "SSE4_2", "Nehalem", "generic",
               ("avx", "amx", "fma", "f16c", "xop", "vaes", "vpclmul")),
    }[instructions]  # fmt: skip
    flags = [
        f"{'+' if there and not name.startswith(beyond) else '-'}{name}"
        for name, there in features.items()
    ]
    return {
        "ATEN_CPU_CAPABILITY": aten,
        "ONEDNN_MAX_CPU_ISA": dnn,
        "MKL_ENABLE_INSTRUCTIONS": mkl,
        "OPENBLAS_CORETYPE": blas,
        "NUMBA_CPU_NAME": get_host_cpu_name() if instructions == AVX2 else "x86-64-v2",
        "NUMBA_CPU_FEATURES": ",".join(flags),
        "FAISS_OPT_LEVEL": faiss,
    }


if __name__ == "__main__":
    main()
