"""What stands for an image in retrieval: K landmark features and how visible each one is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True, init=False)
class Embedding:
    """Landmark features and awareness of N images.

    Attributes:
        features: (N, K, C) landmark features; only their direction matters.
        awareness: (N, K) weight of each landmark, in [0, 1].
    """

    features: Tensor
    awareness: Tensor

    def __init__(self, features: Tensor | np.ndarray, awareness: Tensor | np.ndarray) -> None:
        """Take NumPy arrays or tensors.

        Raises:
            ValueError: Shapes do not belong together, or a value is not a finite number.
        """
        features, awareness = torch.as_tensor(features), torch.as_tensor(awareness)
        if features.ndim != 3 or awareness.shape != features.shape[:2]:
            raise ValueError(
                "an embedding needs features (N, K, C) and awareness (N, K), "
                f"got {tuple(features.shape)} and {tuple(awareness.shape)}"
            )
        for name, tensor in (("features", features), ("awareness", awareness)):
            # Part by part: a mask of a whole gallery would be a quarter of its size.
            if not all(part.isfinite().all() for part in tensor.split(4096)):
                raise ValueError(f"{name} must be finite, got NaN or infinity")
        object.__setattr__(self, "features", features)
        object.__setattr__(self, "awareness", awareness)

    def __len__(self) -> int:
        """Return N, the number of images."""
        return len(self.features)

    def __getitem__(self, rows: slice | Tensor | np.ndarray) -> Embedding:
        """Return the embedding of some images; a slice shares its memory."""
        part = object.__new__(Embedding)  # what was checked once is not checked again
        object.__setattr__(part, "features", self.features[rows])
        object.__setattr__(part, "awareness", self.awareness[rows])
        return part
