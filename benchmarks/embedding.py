"""Embedding images against plain torchvision, and what the landmarks cost beside the backbone.

Run as `python -m benchmarks.embedding [--backbone resnet50]`. The contestants take turns in one
run, each with the same random pictures; the figure is the median of the rounds.

- plain torchvision: the same backbone as torchvision makes it, in its default settings: float32,
  32 pictures together, batch norms of their own, channels first.
- backbone, whole network: as `aonet embed` runs them.
"""

from __future__ import annotations

import argparse
import statistics
import time

import torch

from aonet_core.model import load_checkpoint
from aonet_core.model.aonet import AONet
from aonet_core.model.backbone import build_backbone
from aonet_core.model.config import preset
from aonet_core.model.precision import AT_A_TIME, for_looking

PLAIN_BATCH = 32


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backbone", help="of an untrained network; else the shipped checkpoint")
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()

    torch.manual_seed(0)
    if options.backbone:
        model = AONet(preset("aonet", 751, backbone=options.backbone)).eval()
    else:
        model, _ = load_checkpoint("default", "cpu")
    config = model.config
    plain, _ = build_backbone(config.backbone, config.stride_one_stage)
    ours = for_looking(model)
    contestants = {
        "plain torchvision": (plain.eval(), PLAIN_BATCH, torch.contiguous_format),
        "backbone": (ours.backbone, AT_A_TIME, torch.channels_last),
        "whole network": (ours, AT_A_TIME, torch.channels_last),
    }
    images = torch.randn(PLAIN_BATCH, 3, *config.image_size)
    times: dict[str, list[float]] = {name: [] for name in contestants}
    with torch.inference_mode():
        for _ in range(options.rounds + 1):
            for name, (network, batch, layout) in contestants.items():
                began = time.perf_counter()
                for part in images.split(batch):
                    network(part.contiguous(memory_format=layout))
                times[name].append(time.perf_counter() - began)
    median = {name: statistics.median(spent[1:]) for name, spent in times.items()}
    shape = "x".join(map(str, config.image_size))
    print(f"{config.backbone}, {config.preset}, {shape}, {torch.get_num_threads()} threads")
    for name, seconds in median.items():
        print(f"{name}: {PLAIN_BATCH / seconds:.1f} images a second")
    whole, backbone = median["whole network"], median["backbone"]
    print(f"ours is {median['plain torchvision'] / whole:.2f} times as fast as plain torchvision")
    print(f"beside the backbone: {100 * (whole / backbone - 1):.1f} % of its time")


if __name__ == "__main__":
    main()
