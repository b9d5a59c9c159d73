"""Starting the engine and collecting garbage afterwards, with and without the collector set aside.

Run as `python -m benchmarks.importing [--rounds 3]`. Both ways take turns, each in a new process;
the other way is Python's own: `gc.disable` and `gc.freeze` do nothing there.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

WAYS = {"set aside": "", "Python's own": "gc.disable = gc.freeze = lambda: None\n"}
START = """
import time
def measure(name, work):
    began = time.perf_counter()
    work()
    print(f"{name} {time.perf_counter() - began:.3f} s", end="; ")
def start():
    from aonet_core.engine import connect
    connect()
def umap():
    from aonet_core.analysis.projection.umap_projection import warm_up
    warm_up()
measure("connect", start)
measure("collect", lambda: gc.collect(2))
measure("first map", umap)
measure("collect", lambda: gc.collect(2))
"""


def main() -> None:
    """Print a line for every process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    for _ in range(parser.parse_args().rounds):
        for way, prelude in WAYS.items():
            print(f"{way}: ", end="", flush=True)
            subprocess.run([sys.executable, "-c", f"import gc\n{prelude}{START}"], check=True)
            print(flush=True)


if __name__ == "__main__":
    main()
