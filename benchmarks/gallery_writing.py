"""How fast one process writes embedded pictures to a gallery, and how many bytes each takes.

Run as `python -m benchmarks.gallery_writing [--channels 1280]`. Files stay where they are; parts
are as large as those of a build.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from aonet_core.gallery.build import STORED
from aonet_core.gallery.records import EmbeddingSpec, Record
from aonet_core.gallery.store import GalleryStore

LANDMARKS = 6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--channels", type=int, default=1280, help="C of each of 6 landmarks")
    parser.add_argument("--parts", type=int, default=16)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    features = rng.standard_normal((STORED, LANDMARKS, options.channels), dtype=np.float32)
    awareness = rng.random((STORED, LANDMARKS), dtype=np.float32)
    times = []
    with tempfile.TemporaryDirectory() as folder:
        store = GalleryStore(
            Path(folder) / "written", EmbeddingSpec("0" * 64, LANDMARKS, options.channels)
        )
        for part in range(options.parts):
            names = [f"{part}-{row}.jpg" for row in range(STORED)]
            digests = [hashlib.sha256(name.encode()).digest() for name in names]
            records = [
                Record(name, "gallery", 1, 1, digest, None, f"/pictures/{name}", *vectors)
                for name, digest, *vectors in zip(names, digests, features, awareness, strict=True)
            ]
            began = time.perf_counter()
            store.add(records)
            times.append(time.perf_counter() - began)
        size = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
    print(
        f"{STORED / statistics.median(times):.0f} pictures/s (median of {options.parts} parts), "
        f"{size / (STORED * options.parts):.0f} bytes a picture"
    )


if __name__ == "__main__":
    main()
