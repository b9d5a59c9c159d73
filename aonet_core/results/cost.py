"""What a network costs, as numbers: no torch."""

from __future__ import annotations

from dataclasses import dataclass


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
