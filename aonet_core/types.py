"""The result of a forward pass, and what the letters in shape comments mean.

B images, C channels, H x W the feature map, P = H * W its pixels, K landmarks, N identities,
Q queries, G gallery images.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class AONetOutput:
    """Everything one forward pass knows, the same in training and evaluation mode.

    Attributes:
        feature_map: (B, C, H, W) backbone features, normalised if the configuration says so.
        landmark_map: (B, C', H, W) features that the patterns are compared with and the memory
            remembers: the feature map, unless the configuration names an earlier stage. Where that
            is of a finer resolution, H and W of this and of the maps below are multiples of the
            feature map's.
        landmark_logits: (B, K, H, W) similarity of each pixel to each landmark pattern; the
            response of the paper is its exponential, which is never formed.
        average_logit: (K,) the same similarity for the remembered average feature (Sec. 3.3).
        response_map: (B, K, H, W) softmax over the P pixels (Eq. 2).
        referenced_response_map: (B, K, H, W) softmax over the P pixels and the average response,
            the latter dropped (Eq. 3).
        awareness: (B, K) how visible each landmark is, in [0, 1] (Eq. 4).
        weight: (B, K) what multiplies the landmark in loss and similarity: the awareness, the
            largest response or 1, as the configuration says; no gradient unless asked for.
        sl_features: (B, K, C) features pooled under the response map.
        oa_features: (B, K, C) features pooled under the referenced response map.
        landmark_features: (B, K, C) those of the two that the configuration builds on.
        attended_features: (B, K, C) landmark features after self-attention over the landmarks;
            equal to `landmark_features` where the configuration has no attention.
        retrieval_features: (B, K, C) the features that stand for the image in retrieval.
    """

    feature_map: Tensor
    landmark_map: Tensor
    landmark_logits: Tensor
    average_logit: Tensor
    response_map: Tensor
    referenced_response_map: Tensor
    awareness: Tensor
    weight: Tensor
    sl_features: Tensor
    oa_features: Tensor
    landmark_features: Tensor
    attended_features: Tensor
    retrieval_features: Tensor

    def take(self, indices: slice | Tensor) -> AONetOutput:
        """Return the output for some of the batch's images."""
        return replace(self, **{name: each[indices] for name, each in self._batched().items()})

    @classmethod
    def join(cls, parts: Sequence[AONetOutput]) -> AONetOutput:
        """Return one output for the images of several batches of one network."""
        import torch

        first, *more = parts
        if not more:
            return first
        batched = {
            name: torch.cat([each, *(getattr(part, name) for part in more)])
            for name, each in first._batched().items()
        }
        return replace(first, **batched)

    def _batched(self) -> dict[str, Tensor]:
        """All but the average logit, which is the network's and not an image's."""
        return {name: each for name, each in vars(self).items() if name != "average_logit"}


class Landmarks(NamedTuple):
    """Where landmarks are and how visible: the fields of an `AONetOutput` of the same names."""

    landmark_map: Tensor
    landmark_logits: Tensor
    average_logit: Tensor
    response_map: Tensor
    referenced_response_map: Tensor
    awareness: Tensor
