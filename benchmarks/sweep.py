"""Time of a sweep of 128 positions in one batched call, and looking at its pictures one by one.

Run as `python -m benchmarks.sweep`. Both take turns in one run, so that their ratio holds on a busy
machine too; the counterfactual search of the same picture is timed beside them.
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np
import torch

from aonet_core.engine import (
    Edit,
    Rectangle,
    SweepSpec,
    apply_edit,
    connect,
    read_image,
    read_samples,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", default="default")
    parser.add_argument("--positions", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()

    engine = connect(checkpoint=options.checkpoint)
    samples = read_samples()
    sample = samples.samples[samples.default_pair()[1]]
    image, _ = read_image(sample.path.read_bytes(), sample.name)
    bar = image.height - options.positions + 1
    if bar < 1:
        parser.error(f"the picture has {image.height} rows, too few for {options.positions} places")
    spec = SweepSpec("down", bar, 1)

    def one_by_one() -> np.ndarray:
        edits = (Edit((Rectangle(0, top, image.width, bar),)) for top in range(options.positions))
        return np.stack([engine.analyze([apply_edit(image, e).image])[0].awareness for e in edits])

    spent = {"batched": [], "one by one": [], "counterfactual": []}
    right, skip = samples.right_matches(sample), samples.junk(sample)
    engine.gallery()
    engine.sweep(image, spec)
    for _ in range(options.rounds):
        began = time.perf_counter()
        swept = engine.sweep(image, spec, maps=True)
        spent["batched"].append(time.perf_counter() - began)
        began = time.perf_counter()
        slow = one_by_one()
        spent["one by one"].append(time.perf_counter() - began)
        began = time.perf_counter()
        engine.counterfactual(image, right=right, skip=skip)
        spent["counterfactual"].append(time.perf_counter() - began)
    apart = np.abs(swept.awareness - slow).max()
    info = engine.info()
    print(
        f"{info.device}, {info.precision}, {torch.get_num_threads()} threads; "
        f"{len(swept.position)} positions, {options.rounds} rounds, awareness apart by {apart:.1e}"
    )
    median = {name: statistics.median(times) for name, times in spent.items()}
    for name, times in spent.items():
        print(f"{name}: median {median[name]:.2f} s, fastest {min(times):.2f} s")
    print(f"batched is {median['one by one'] / median['batched']:.2f} times as fast as one by one")


if __name__ == "__main__":
    main()
