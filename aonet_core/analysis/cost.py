"""What a network costs: parameters, multiply-adds, time (Table 7)."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

import torch
from torch.utils.flop_counter import FlopCounterMode

from aonet_core.model import AONet, preset
from aonet_core.model.config import CHOICES
from aonet_core.model.precision import autocast, best_device, inference_dtype

READINGS = tuple(
    (backbone, stage)
    for backbone in CHOICES["backbone"]
    for stage in CHOICES["stride_one_stage"]
    if backbone != "mobilenet_v2" or stage == "layer4"
)
"""Backbones, and which stage's stride is 1 (METHOD: two readings of the paper's "conv4_1")."""
PAPER_MULTIPLY_ADDS, PAPER_PARAMETERS = 6.22e9, 30.22e6
"""As Table 7 prints them; it does not say how they were counted."""


@dataclass(frozen=True)
class Cost:
    """Cost of one network; multiply-adds are of one image.

    A multiply-add is one multiplication with its addition, of convolutions and matrix products;
    normalisation, activation functions and softmaxes are not counted.

    Attributes:
        preset: Name of the variant.
        backbone: Name.
        stride_one_stage: ResNet stage with stride 1.
        parameters: Of the whole network for `num_ids` identities.
        parameters_in_use: Without the classifier, which retrieval does not need.
        backbone_multiply_adds: Of the backbone alone.
        head_multiply_adds: Landmark patterns, pooling and self-attention.
        classifier_multiply_adds: In training alone: Eq. 5 before and, if there is attention, after
            it.
        milliseconds: Median time of one image alone, if it was measured.
        images_per_second: In batches, if it was measured.
    """

    preset: str
    backbone: str
    stride_one_stage: str
    parameters: int
    parameters_in_use: int
    backbone_multiply_adds: int
    head_multiply_adds: int
    classifier_multiply_adds: int
    milliseconds: float | None = None
    images_per_second: float | None = None

    @property
    def multiply_adds(self) -> int:
        """All that retrieval needs: backbone and head."""
        return self.backbone_multiply_adds + self.head_multiply_adds


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
    model, images = AONet(config).eval(), torch.zeros(batch, 3, *image_size)
    image = images[:1]
    everything = sum(parameter.numel() for parameter in model.parameters())
    classifier = sum(parameter.numel() for parameter in model.classifier.parameters())
    features = image.new_zeros(1, config.num_landmarks, model.memory.vectors.shape[1])
    with torch.inference_mode():
        alone = _multiply_adds(lambda: model.backbone(image))
        whole = _multiply_adds(lambda: model(image))
        classified = _multiply_adds(lambda: model.classify(features))
        latency = _seconds(model, image, rounds) if rounds else None
        crowd = _seconds(model, images, rounds) if rounds else None
    return Cost(
        preset=name,
        backbone=backbone,
        stride_one_stage=stride_one_stage,
        parameters=everything,
        parameters_in_use=everything - classifier,
        backbone_multiply_adds=alone,
        head_multiply_adds=whole - alone,
        classifier_multiply_adds=(1 + config.attention) * classified,
        milliseconds=latency and 1000 * latency,
        images_per_second=crowd and batch / crowd,
    )


def device_in_words() -> str:
    """The device and number format that times are measured with."""
    device = best_device()
    name = torch.cuda.get_device_name() if device == "cuda" else f"{device}"
    threads = f", {torch.get_num_threads()} threads" if device == "cpu" else ""
    return f"{name}{threads}, {str(inference_dtype(device)).removeprefix('torch.')}, channels-last"


def _multiply_adds(call) -> int:
    """PyTorch counts a multiply-add as two operations."""
    with FlopCounterMode(display=False) as counter:
        call()
    return counter.get_total_flops() // 2


def _seconds(model: AONet, images: torch.Tensor, rounds: int) -> float:
    device = best_device()
    model = model.to(device, memory_format=torch.channels_last)
    images = images.to(device).contiguous(memory_format=torch.channels_last)
    times = []
    for _ in range(rounds + 2):
        began = time.perf_counter()
        with autocast(device):
            model(images).awareness.cpu()  # waits for the device
        times.append(time.perf_counter() - began)
    model.to("cpu")
    return statistics.median(times[2:])
