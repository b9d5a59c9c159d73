"""Time and memory of making a map of embeddings, each size in a fresh process.

Run as `python -m benchmarks.projection [--points 6000 60000]`. The vectors are synthetic: six
landmarks far apart, people around each, every picture a little off, of unit length and as wide as
the shipped checkpoint's (C = 1,280). "with import and compilation" is what the first map of a
process takes; "again" the same once more. Peak memory is that of the whole process, vectors
included; it is told beside what the process needed before the fit.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time

import numpy as np

LANDMARKS, CHANNELS, PICTURES_EACH = 6, 1280, 14


def vectors(points: int, seed: int = 0) -> np.ndarray:
    """Clustered unit vectors (N, C): picture by picture, landmark by landmark."""
    rng = np.random.default_rng(seed)
    pictures = -(-points // LANDMARKS)
    landmark = np.tile(np.arange(LANDMARKS), pictures)[:points]
    person = np.repeat(np.arange(pictures) // PICTURES_EACH, LANDMARKS)[:points]
    # Clusters are made in fewer coordinates and turned: real features are not of full rank.
    few, people = 160, int(person.max()) + 1
    centres = 2.0 * rng.standard_normal((LANDMARKS, few), dtype=np.float32)
    looks = rng.standard_normal((people, few), dtype=np.float32)
    found = centres[landmark] + looks[person]
    found += 0.6 * rng.standard_normal((points, few), dtype=np.float32)
    turned = found @ (rng.standard_normal((few, CHANNELS), dtype=np.float32) / few**0.5)
    return turned / np.linalg.norm(turned, axis=1, keepdims=True)


def peak() -> float:
    """The most memory that this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def fit(points: int, dimensions: int) -> None:
    """Make a map twice and measure it, then print a line."""
    from aonet_core.analysis.projection.quality import measure
    from aonet_core.analysis.projection.umap_projection import lay_out
    from aonet_core.results.projection import ProjectionSpec

    given = vectors(points)
    spec, before = ProjectionSpec(dimensions=dimensions), peak()
    times = []
    for _ in range(2):
        began = time.perf_counter()
        layout = lay_out(given, spec)
        times.append(time.perf_counter() - began)
    began = time.perf_counter()
    pictures = np.arange(points) // LANDMARKS
    quality, _ = measure(given, layout, pictures, np.arange(points) % LANDMARKS,
                         1 + pictures // PICTURES_EACH)  # fmt: skip
    measured = time.perf_counter() - began
    began = time.perf_counter()
    layout.place(given[:LANDMARKS])
    placed = time.perf_counter() - began
    print(
        f"{points:,} points of {CHANNELS:,} coordinates in {dimensions}-D: first map "
        f"{times[0]:.1f} s with import and compilation, again {times[1]:.1f} s; measuring "
        f"{measured:.1f} s; the first new picture {placed:.1f} s; peak {peak():,.0f} MiB, "
        f"{before:,.0f} MiB of it before the fit; trustworthiness {quality.trustworthiness:.3f}, "
        f"landmark purity {quality.landmark:.2f} (map {quality.landmark_map:.2f}), identity "
        f"{quality.identity:.2f} (map {quality.identity_map:.2f})",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, nargs="+", default=[6000, 60000])
    parser.add_argument("--dimensions", type=int, choices=(2, 3), default=2)
    parser.add_argument("--here", action="store_true", help="in this process, one size alone")
    options = parser.parse_args()
    if options.here:
        fit(options.points[0], options.dimensions)
        return
    for points in options.points:
        command = [sys.executable, "-m", "benchmarks.projection", "--here", "--points", str(points)]
        subprocess.run([*command, "--dimensions", str(options.dimensions)], check=True)


if __name__ == "__main__":
    main()
