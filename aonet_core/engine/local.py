"""The engine in this process, on its best device."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from aonet_core.data.transforms import preprocess
from aonet_core.engine.types import Embedded, EngineInfo, LandmarkAnalysis
from aonet_core.model.checkpoint import load_checkpoint
from aonet_core.model.precision import autocast, best_device, fast_dtype
from aonet_core.types import AONetOutput

BATCH = 32
FIELDS = tuple(AONetOutput.__dataclass_fields__)


class LocalEngine:
    """Runs a checkpoint; safe to share between threads, which take turns."""

    def __init__(self, checkpoint: str | Path = "default", device: str | None = None) -> None:
        """Load a checkpoint and run it once, so that the first picture is not the slow one.

        Raises:
            FileNotFoundError, ValueError: As in `load_checkpoint`.
        """
        self._device = device or best_device()
        model, self._card = load_checkpoint(checkpoint, self._device)
        self._model = model.to(memory_format=torch.channels_last)
        self._lock = threading.Lock()
        self._name = Path(checkpoint).stem
        size = model.config.image_size
        blank = Image.new("RGB", size[::-1], (124, 116, 104))
        for _ in range(2):
            output = self._run([blank])
        self._map_size = tuple(output.response_map.shape[2:])

    def info(self) -> EngineInfo:
        """Tell what runs here."""
        config = self._model.config
        on_gpu = self._device.startswith("cuda")
        return EngineInfo(
            checkpoint=self._name,
            digest=self._card["sha256"],
            device=torch.cuda.get_device_name(self._device) if on_gpu else self._device,
            precision=str(fast_dtype(torch.device(self._device).type)).removeprefix("torch."),
            preset=config.preset,
            backbone=config.backbone,
            num_landmarks=config.num_landmarks,
            image_size=config.image_size,
            map_size=self._map_size,
            similarity=config.similarity,
            metrics=self._card.get("metrics") or {},
            card=self._card,
        )

    def analyze(self, images: Sequence[Image.Image]) -> list[LandmarkAnalysis]:
        """Look at pictures of any size and mode, one analysis each; none for none."""
        analyses = []
        for start in range(0, len(images), BATCH):
            batch = images[start : start + BATCH]
            began = time.perf_counter()
            output = self._run(batch)
            arrays = {name: _numpy(getattr(output, name)) for name in FIELDS}
            spent = 1000 * (time.perf_counter() - began) / len(batch)
            # The average logit belongs to the network, not to one picture.
            average = arrays.pop("average_logit")
            analyses += [
                LandmarkAnalysis(
                    average_logit=average,
                    milliseconds=spent,
                    **{name: array[row] for name, array in arrays.items()},
                )
                for row in range(len(batch))
            ]
        return analyses

    def embed(self, images: Sequence[Image.Image]) -> Embedded:
        """Return what stands for pictures in retrieval.

        Raises:
            ValueError: There are no pictures.
        """
        if not images:
            raise ValueError("embedding needs at least one picture, got none")
        analyses = self.analyze(images)
        return Embedded(
            np.stack([analysis.retrieval_features for analysis in analyses]),
            np.stack([analysis.weight for analysis in analyses]),
        )

    def _run(self, images: Sequence[Image.Image]) -> AONetOutput:
        batch = preprocess(images, self._model.config.image_size).to(self._device)
        batch = batch.contiguous(memory_format=torch.channels_last)
        with self._lock, torch.inference_mode(), autocast(batch.device.type):
            return self._model(batch)


def _numpy(tensor: torch.Tensor) -> np.ndarray:
    return tensor.float().cpu().numpy()
