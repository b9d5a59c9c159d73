"""The engine in this process, on its best device."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from aonet_core.analysis.occlusion.attribution import Attributor
from aonet_core.analysis.photographs.shift import familiar_of
from aonet_core.data.transforms import normalise, preprocess
from aonet_core.engine.local.adapting import Adapting
from aonet_core.engine.local.atlas import Atlases
from aonet_core.engine.local.projection import Projections
from aonet_core.gallery.records import EmbeddingSpec
from aonet_core.gallery.registry import GalleryRegistry
from aonet_core.model.checkpoint import load_checkpoint
from aonet_core.model.precision import (
    AT_A_TIME,
    autocast,
    folds,
    for_looking,
    inference_dtype,
    usable_device,
)
from aonet_core.results.landmarks import Embedded, EngineInfo, LandmarkAnalysis, embedded
from aonet_core.types import AONetOutput

BATCH = 32
FIELDS = tuple(name for name in AONetOutput.__dataclass_fields__ if name != "landmark_map")


class LocalEngine(Atlases, Projections, Adapting):
    """Runs a checkpoint; safe to share between threads, which take turns."""

    def __init__(
        self,
        checkpoint: str | Path = "default",
        device: str | None = None,
        samples: Path | None = None,
        galleries: Path | None = None,
        links: bool = True,
    ) -> None:
        """Load a checkpoint and run it once, so that the first picture is not the slow one.

        Args:
            checkpoint: Shipped name or path.
            device: The fastest one by default.
            samples: Folder of the synthetic set that "sample" galleries come from; the shipped one
                by default.
            galleries: Folder of galleries; `galleries_folder()` by default.
            links: Whether links may lead out of the folders that it is asked to read; not where
                others than this machine's users ask. See `aonet_core.trust`.

        Raises:
            FileNotFoundError, ValueError: As in `load_checkpoint` and `usable_device`.
        """
        super().__init__()
        self._device = usable_device(device)
        model, self._card = load_checkpoint(checkpoint, self._device)
        familiar_of(self._card)  # pages rely on it
        self._dtype = inference_dtype(torch.device(self._device).type)
        self._folded = folds(torch.device(self._device).type)
        self._model = for_looking(model)
        self._lock = threading.Lock()
        self._name, self._checkpoint = Path(checkpoint).stem, checkpoint
        self._explainer = Attributor(self._model)
        size = model.config.image_size
        blank = Image.new("RGB", size[::-1], (124, 116, 104))
        for _ in range(2):
            output = self._run(preprocess([blank], size))
        height, width = output.response_map.shape[2:]
        self._map_size = height, width
        landmarks, channels = output.retrieval_features.shape[1:]
        self.spec = EmbeddingSpec(self._card["sha256"], landmarks, channels, self._name)
        self._samples, self._links = samples, links
        self._registry = self._galleries = GalleryRegistry(
            self.spec, self.embed, galleries, samples, self._device, links
        )

    def info(self) -> EngineInfo:
        """Tell what runs here."""
        config = self._model.config
        on_gpu = self._device.startswith("cuda")
        return EngineInfo(
            checkpoint=self._name,
            digest=self._card["sha256"],
            device=torch.cuda.get_device_name(self._device) if on_gpu else self._device,
            precision=str(self._dtype).removeprefix("torch."),
            batch_norms_folded=self._folded,
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
            output = self._run(preprocess(batch, self._model.config.image_size))
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
        return embedded(self.analyze(images))

    def _look(self, pixels: np.ndarray) -> AONetOutput:
        """Run the network on pictures (B, H, W, 3) uint8 of its input size."""
        return self._run(normalise(torch.from_numpy(pixels).permute(0, 3, 1, 2)))

    def _run(self, images: torch.Tensor) -> AONetOutput:
        """Run the network on its input (B, 3, H, W)."""
        batch = images.to(self._device).contiguous(memory_format=torch.channels_last)
        size = AT_A_TIME if batch.device.type == "cpu" else len(batch)
        with self._lock, torch.inference_mode(), autocast(batch.device.type):
            return AONetOutput.join([self._model(part) for part in batch.split(size)])


def _numpy(tensor: torch.Tensor) -> np.ndarray:
    return tensor.float().cpu().numpy()
