"""The configuration of a network and the named presets of the paper's tables."""

from __future__ import annotations

import typing
from dataclasses import asdict, dataclass, fields, replace

from aonet_core.errors import check_choice
from aonet_core.model.backbones import BACKBONES
from aonet_core.model.checked import checked
from aonet_core.names import readable

CHOICES = {
    "backbone": tuple(BACKBONES),
    "stride_one_stage": ("layer4", "layer3"),
    "landmark_features": ("gap", "pose", "sl", "oa"),
    "landmark_stage": ("last", "middle", "frozen"),
    "landmark_norm": ("batch", "instance"),
    "weight": ("one", "max_response", "awareness"),
    "extra_loss": ("none", "orthogonal", "position"),
    "classifier": ("shared", "per_landmark"),
    "retrieval_features": ("attended", "oa"),
    "memory_weighting": ("uniform", "awareness"),
    "logits": ("inner_product", "cosine"),
    "pattern_start": ("random", "kmeans", "bands"),
    "consistency": ("absolute", "divergence"),
    "similarity": ("eq8", "normalised", "unweighted"),
}
RANGES = {
    "num_ids": (1, 10**7),
    "num_landmarks": (1, 512),
    "landmark_head": (0, 4096),
    "landmark_context": (0, 4096),
}


@dataclass(frozen=True)
class AONetConfig:
    """Everything that decides which network is built and which loss it is trained with.

    Attributes:
        num_ids: Training identities N, the width of the classifier.
        preset: Name of the preset it came from, for display only.
        backbone: Convolutional network that makes the feature map.
        stride_one_stage: ResNet stage whose stride is set to 1: "layer4" (the field's "last
            stride 1") or "layer3" (the other reading of the paper's "conv4_1"). MobileNetV2 has
            its last down-sampling removed.
        image_size: Height and width of the input in pixels.
        num_landmarks: K, the number of latent landmarks.
        landmark_features: Pooling: global average ("gap", K = 1), under joints that an external
            pose model finds ("pose", K = 6), under the response map ("sl")
            or under the referenced response map ("oa").
        landmark_stage: Where in the backbone landmarks are found: patterns are compared with the
            features of its "last" stage, which are pooled (the paper), with those of a "middle"
            one, which know parts of the body and little yet of who it is, or with several stages of
            a copy that no training changes ("frozen"), side by side.
        landmark_norm: Features of an earlier stage are normalised by statistics of all training
            images ("batch") or of the image itself ("instance"), where `feature_norm` is on.
        landmark_head: Channels of a small head between those features and the patterns; 0: none.
        landmark_context: Channels of the head's branch that tells from everybody's parts whose they
            are; 0: none.
        attention: Whether landmark features go through self-attention.
        weight: What weights landmarks in loss and similarity: "one", "max_response" (the largest
            value of the response map, no memory) or "awareness" (Eq. 4).
        extra_loss: "none", "orthogonal" (Eq. 6) or "position" (regularised positions, after
            Comparator Networks).
        extra_loss_weight: Lambda of Eq. 7.
        classifier: One classifier "shared" by landmarks and positions, or one "per_landmark".
        awareness_gradient: Let the loss weight carry a gradient. Off: a weight that may shrink
            lowers the loss by switching landmarks off.
        oa_scale_gradient: Let losses on OA features change the awareness, which is their scale: OA
            features are the awareness times the SL features. Off: what is hidden need not look
            visible for its identity to be told.
        map_gradient: Share of the gradient of losses on features that reaches the maps these are
            pooled under, in [0, 1]. Below 1 landmarks move less to where identities are told.
        retrieval_features: Features that stand for the image: "attended" (equal to the pooled ones
            where there is no attention) or "oa".
        memory_momentum: Alpha of Eq. 1.
        memory_weighting: Mean over images in Eq. 1: "uniform" or weighted by "awareness".
        feature_norm: Affine-free batch normalisation of the feature map, so that memory, features
            and cosines live in a centred space.
        logits: "inner_product" of pattern and feature (the paper), or their "cosine" times
            `temperature`, with a memory of unit features.
        temperature: Scale of cosine logits.
        pattern_start: Landmark patterns start "random", as "kmeans" centres of features, or as the
            mean features of horizontal "bands" of the picture.
        consistency_weight: Weight of the self-supervised loss on pasted occluders; 0 is off.
        consistency: How that loss compares awareness: "absolute" difference, or "divergence".
        band_weight: Weight of the loss that keeps each landmark within a horizontal band of its
            own; 0 is off.
        match_weight: Weight of the loss on matches within a batch; 0 is off.
        similarity: Default form of the match: "eq8" as printed, "normalised" by the sum of
            weight products, or "unweighted".
    """

    num_ids: int
    preset: str = "custom"
    backbone: str = "resnet50"
    stride_one_stage: str = "layer4"
    image_size: tuple[int, int] = (256, 128)
    num_landmarks: int = 6
    landmark_features: str = "oa"
    landmark_stage: str = "last"
    landmark_norm: str = "batch"
    landmark_head: int = 0
    landmark_context: int = 0
    attention: bool = True
    weight: str = "awareness"
    extra_loss: str = "orthogonal"
    extra_loss_weight: float = 0.01
    classifier: str = "shared"
    awareness_gradient: bool = False
    oa_scale_gradient: bool = True
    map_gradient: float = 1.0
    retrieval_features: str = "attended"
    memory_momentum: float = 0.9
    memory_weighting: str = "uniform"
    feature_norm: bool = False
    logits: str = "inner_product"
    temperature: float = 16.0
    pattern_start: str = "random"
    consistency_weight: float = 0.0
    consistency: str = "absolute"
    band_weight: float = 0.0
    match_weight: float = 0.0
    similarity: str = "eq8"

    def __post_init__(self) -> None:
        """Refuse values that no network can be built from.

        Raises:
            ValueError: A field holds something else than what it allows; the message says both.
        """
        for name, allowed in CHOICES.items():
            check_choice(name, getattr(self, name), allowed)
        for name, expected in typing.get_type_hints(AONetConfig).items():
            if name != "image_size":
                object.__setattr__(self, name, checked(name, getattr(self, name), expected))
        object.__setattr__(self, "image_size", _sides(self.image_size))
        size = self.image_size
        if len(size) != 2 or not 32 <= min(size) <= max(size) <= 2048:
            raise ValueError(f"image_size must be (height, width), each 32 to 2048, got {size[:3]}")
        for name, (fewest, most) in RANGES.items():
            if not fewest <= getattr(self, name) <= most:
                raise ValueError(f"{name} must be {fewest} to {most}, got {getattr(self, name)}")
        if self.landmark_features == "gap" and self.num_landmarks != 1:
            raise ValueError(
                "landmark_features 'gap' makes one vector: num_landmarks must be 1, "
                f"got {self.num_landmarks}"
            )
        if self.landmark_features == "pose" and (
            self.num_landmarks != 6 or self.landmark_stage != "last" or self.landmark_head
        ):
            raise ValueError(
                "landmark_features 'pose' are six, found without any stage or head: got "
                f"{self.num_landmarks}, {self.landmark_stage} and {self.landmark_head}"
            )
        if not 0.0 <= self.map_gradient <= 1.0:
            raise ValueError(f"map_gradient must be in [0, 1], got {self.map_gradient}")
        if not 0.0 <= self.memory_momentum < 1.0:
            raise ValueError(f"memory_momentum must be in [0, 1), got {self.memory_momentum}")

    def to_dict(self) -> dict:
        """Return the fields as plain JSON types."""
        return asdict(self) | {"image_size": list(self.image_size)}

    @classmethod
    def from_dict(cls, values: dict) -> AONetConfig:
        """Build from `to_dict`'s result.

        Raises:
            ValueError: A key is unknown, as in a checkpoint written by a newer version, missing or
                of the wrong type.
        """
        if unknown := sorted(set(values) - {field.name for field in fields(cls)}):
            named = ", ".join(readable(name)[:40] for name in unknown[:9])
            raise ValueError(f"the configuration has unknown fields: {named}")
        try:
            return cls(**values)
        except TypeError as error:
            raise ValueError(f"the configuration cannot be read: {error}") from error


_PLAIN = {"weight": "one", "extra_loss": "none"}
_LENS = {
    "backbone": "mobilenet_v2",
    "feature_norm": True,
    "logits": "cosine",
    "pattern_start": "bands",
    "classifier": "per_landmark",
    "extra_loss_weight": 1.0,
    "consistency_weight": 5.0,
    "consistency": "divergence",
    "band_weight": 20.0,
    "match_weight": 1.0,
    "oa_scale_gradient": False,
    "retrieval_features": "oa",
    "similarity": "normalised",
}

_PARTS = _LENS | {"landmark_stage": "frozen", "landmark_norm": "instance", "landmark_head": 64}
_PARTS |= {
    "pattern_start": "random",
    "band_weight": 0.0,
    "extra_loss": "none",
}

PRESETS: dict[str, dict] = {
    "base_gap": {"landmark_features": "gap", "num_landmarks": 1, "attention": False, **_PLAIN},
    "base_pose": {"landmark_features": "pose", "attention": False, **_PLAIN},
    "base_slfea": {"landmark_features": "sl", "attention": False, **_PLAIN},
    "base_satt": {"landmark_features": "sl", **_PLAIN},
    "aonet_oafea": {**_PLAIN},
    "base_max": {"weight": "max_response", "extra_loss": "none"},
    "aonet_oascore": {"extra_loss": "none"},
    "base_regl": {"extra_loss": "position"},
    "aonet": {},
    "aonet_ibn": {"backbone": "resnet50_ibn"},
    "aonet_lens": _LENS,
    "aonet_parts": _PARTS,
    "aonet_context": _PARTS | {"landmark_context": 24},
}
"""Rows of the paper's Tables 4 to 6 and three of our own, as differences from the default: the
landmarks of `aonet_lens` learn without truth, those of `aonet_parts` from part masks of renders;
`aonet_context` tells anybody's parts first, then whose they are."""


def preset(name: str, num_ids: int, **overrides) -> AONetConfig:
    """Return a named configuration, with any field overridden.

    Args:
        name: A key of `PRESETS`.
        num_ids: Number of training identities.
        **overrides: Fields of `AONetConfig` to change.

    Raises:
        ValueError: The name is unknown, or a value is not allowed.
    """
    check_choice("preset", name, PRESETS)
    return replace(AONetConfig(num_ids=num_ids, preset=name, **PRESETS[name]), **overrides)


def _sides(size: typing.Any) -> tuple[int, ...]:
    try:
        return tuple(int(side) for side in size)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"image_size must be (height, width), got {size!r}") from None
