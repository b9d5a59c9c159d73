"""What a network costs: parameters, multiply-adds, time (Table 7)."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import TypeVar

import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils.flop_counter import FlopCounterMode

from aonet_core.model import AONet, AONetConfig, preset
from aonet_core.model.backbones import BACKBONES
from aonet_core.model.joints import nobody
from aonet_core.model.precision import autocast, best_device, inference_dtype
from aonet_core.results.cost import Cost

Answer = TypeVar("Answer")
READINGS = tuple(
    (backbone, stage)
    for backbone, stages in BACKBONES.items()
    for stage in (stages.strides if len(stages.strides) > 1 else ("layer4",))
)
"""Backbones, and which stage's stride is 1 (METHOD: two readings of the paper's "conv4_1")."""
PAPER_MULTIPLY_ADDS, PAPER_PARAMETERS = 6.22e9, 30.22e6
"""As Table 7 prints them; it does not say how they were counted."""


def measure_cost(
    backbone: str,
    stride_one_stage: str = "layer4",
    num_ids: int = 702,
    image_size: tuple[int, int] = (256, 128),
    rounds: int = 0,
    batch: int = 16,
    name: str = "aonet",
) -> Cost:
    """Count, and time on the best device if `rounds` is positive.

    Args:
        backbone: Name, as in `AONetConfig.backbone`.
        stride_one_stage: As in `AONetConfig`.
        num_ids: N, the width of the classifier.
        image_size: Height and width.
        rounds: Timed calls of each kind, after two to warm up.
        batch: Images at a time for the throughput.
        name: Preset.

    Raises:
        ValueError: As in `AONetConfig`.
    """
    config = preset(
        name, num_ids, backbone=backbone, stride_one_stage=stride_one_stage,
        image_size=image_size,
    )  # fmt: skip
    return cost_of(config, rounds, batch)


def cost_of(config: AONetConfig, rounds: int = 0, batch: int = 16) -> Cost:
    """Count any network, and time it on the best device if `rounds` is positive.

    Args:
        config: What it is built from.
        rounds: As in `measure_cost`.
        batch: As in `measure_cost`.
    """
    # Shapes alone decide what is counted: nothing is computed, no weights are made.
    with FakeTensorMode(), torch.no_grad():
        model = AONet(config).eval()
        if config.landmark_features == "pose":
            model.joints.read = nobody  # the pose model itself is not counted
        image = torch.zeros(1, 3, *config.image_size)
        everything = sum(parameter.numel() for parameter in model.parameters())
        classifier = sum(parameter.numel() for parameter in model.classifier.parameters())
        output, counts = _multiply_adds(lambda: model(image))
        alone, whole = counts["AONet.backbone"], counts["Global"]
        classified = _multiply_adds(lambda: model.classify(output.retrieval_features))[1]["Global"]
    latency = crowd = None
    if rounds:
        model, images = AONet(config).eval(), torch.zeros(batch, 3, *config.image_size)
        with torch.inference_mode():
            latency = _seconds(model, images[:1], rounds)
            crowd = _seconds(model, images, rounds)
    strides = BACKBONES[config.backbone].strides
    return Cost(
        preset=config.preset,
        backbone=config.backbone,
        stride_one_stage=strides[0] if len(strides) == 1 else config.stride_one_stage,
        parameters=everything,
        parameters_in_use=everything - classifier,
        backbone_multiply_adds=alone,
        head_multiply_adds=whole - alone,
        classifier_multiply_adds=(1 + config.attention) * classified,
        milliseconds=latency and 1000 * latency,
        images_per_second=crowd and batch / crowd,
    )


def device_in_words(dtype: Callable[[str], torch.dtype] = inference_dtype) -> str:
    """The device and number format of what is measured.

    Args:
        dtype: Names the format on a device: `inference_dtype`, or `fast_dtype` for training.
    """
    device = best_device()
    name = torch.cuda.get_device_name() if device == "cuda" else f"{device}"
    threads = f", {torch.get_num_threads()} threads" if device == "cpu" else ""
    return f"{name}{threads}, {str(dtype(device)).removeprefix('torch.')}, channels-last"


def _multiply_adds(call: Callable[[], Answer]) -> tuple[Answer, dict[str, int]]:
    """What a call returns, and its counts by module; "Global" is all of it.

    PyTorch counts a multiply-add as two operations.
    """
    with FlopCounterMode(display=False) as counter:
        answer = call()
    counts = counter.get_flop_counts().items()
    return answer, {name: sum(kinds.values()) // 2 for name, kinds in counts}


def _seconds(model: AONet, images: torch.Tensor, rounds: int) -> float:
    device = best_device()
    model = model.to(device).to(memory_format=torch.channels_last)
    images = images.to(device).contiguous(memory_format=torch.channels_last)
    times = []
    for _ in range(rounds + 2):
        began = time.perf_counter()
        with autocast(device):
            model(images).awareness.cpu()  # waits for the device
        times.append(time.perf_counter() - began)
    model.to("cpu")
    return statistics.median(times[2:])
