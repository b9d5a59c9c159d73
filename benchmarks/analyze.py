"""Time to analyse one uploaded photo, and what channels-last and bfloat16 gain.

Run as `python -m benchmarks.analyze`. All variants take turns in one run, so that their ratios hold
on a busy machine too; the figure is the median of the rounds.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image

from aonet_core.data.transforms import preprocess
from aonet_core.engine import connect
from aonet_core.model import load_checkpoint
from aonet_core.model.precision import fast_dtype


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", default="default")
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()

    pixels = np.random.default_rng(0).integers(0, 256, (1200, 600, 3), dtype=np.uint8)
    photo = Image.fromarray(pixels)  # as large as a phone's crop of a person
    engine = connect(checkpoint=options.checkpoint)
    tasks: dict[str, Callable[[], object]] = {
        "engine.analyze, one 1200 x 600 photo": lambda: engine.analyze([photo])
    }
    model, _ = load_checkpoint(options.checkpoint, "cpu")
    tensor = preprocess([photo], model.config.image_size)
    for layout in (torch.contiguous_format, torch.channels_last):
        for dtype in dict.fromkeys((torch.float32, fast_dtype("cpu"))):
            name = f"network alone, {str(layout)[6:]}, {str(dtype)[6:]}"
            tasks[name] = _network(options.checkpoint, tensor, layout, dtype)

    times = {name: [] for name in tasks}
    for _ in range(options.rounds + 3):
        for name, task in tasks.items():
            began = time.perf_counter()
            task()
            times[name].append(1000 * (time.perf_counter() - began))
    print(f"{torch.get_num_threads()} threads, {options.rounds} rounds after 3 to warm up")
    base = None
    for name, spent in times.items():
        median, slow = statistics.median(spent[3:]), np.percentile(spent[3:], 95)
        ratio = ""
        if name.startswith("network"):
            base = base or median
            ratio = f", {base / median:.2f} times as fast as the first"
        print(f"{name}: median {median:.1f} ms, 95 % within {slow:.1f} ms{ratio}")


def _network(checkpoint, tensor, layout, dtype) -> Callable[[], object]:
    model = load_checkpoint(checkpoint, "cpu")[0].to(memory_format=layout)
    images = tensor.contiguous(memory_format=layout)

    def run() -> object:
        low = dtype != torch.float32
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=low):
            return model(images)

    return run


if __name__ == "__main__":
    main()
