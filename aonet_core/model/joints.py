"""Landmarks that an external pose model names: the rival `base_pose` of the paper's Table 5."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from aonet_core.model.pose_reader import (
    ANKLES,
    EARS,
    HEELS,
    HIPS,
    JOINTS,
    KNEES,
    NOSE,
    SHOULDERS,
    TOES,
    find_joints,
)
from aonet_core.pictures import IMAGENET_MEAN, IMAGENET_STD

GROUPS = ((NOSE, *EARS), SHOULDERS, HIPS, KNEES, ANKLES, (*HEELS, *TOES))
"""Joints of each landmark, from head to feet."""
WIDTH = 0.05
"""Standard deviation of a joint's bump, in heights of the picture."""
Read = Callable[[Tensor], np.ndarray]


def read_joints(images: Tensor) -> np.ndarray:
    """Find joints on a network's input: (B, 3, H, W) -> (B, 33, 2), as `find_joints`.

    Raises:
        ValueError: The pose model is not installed.
    """
    mean, deviation = (
        torch.tensor(each, device=images.device)[:, None, None]
        for each in (IMAGENET_MEAN, IMAGENET_STD)
    )
    pixels = (images.float() * deviation + mean).clamp(0, 1) * 255  # (B, 3, H, W)
    arrays = pixels.round().to("cpu", torch.uint8).permute(0, 2, 3, 1).numpy()
    return find_joints([Image.fromarray(array) for array in arrays])


class JointMaps(nn.Module):
    """Logits of six landmarks, highest at the joints that the pose model finds; no parameters.

    Attributes:
        read: Finds joints; may be exchanged.
    """

    def __init__(self) -> None:
        """Use the pose model that requirements-pose.txt lists; it is loaded when first asked."""
        super().__init__()
        self.read: Read = read_joints

    @torch.no_grad()
    def forward(self, images: Tensor, size: tuple[int, int]) -> Tensor:
        """Draw a bump at every joint.

        Args:
            images: (B, 3, H, W), the network's input.
            size: Height and width (h, w) of the feature map.

        Returns:
            (B, 6, h, w) logits of normal bumps; zero, which pools globally, where nobody was found.

        Raises:
            ValueError: The pose model is not installed.
        """
        joints = torch.from_numpy(np.asarray(self.read(images), np.float32)).to(images.device)
        height, width = size
        rows = (torch.arange(height, device=images.device) + 0.5) / height
        columns = (torch.arange(width, device=images.device) + 0.5) / width
        aspect = images.shape[3] / images.shape[2]
        down = rows[:, None] - joints[..., 0, None, None]  # (B, 33, h, 1)
        across = (columns - joints[..., 1, None, None]) * aspect  # (B, 33, 1, w)
        bumps = -(down.square() + across.square()) / (2 * WIDTH**2)  # (B, 33, h, w)
        logits = torch.stack([bumps[:, list(each)].logsumexp(dim=1) for each in GROUPS], dim=1)
        return torch.where(logits.isfinite(), logits, 0.0)


def nobody(images: Tensor) -> np.ndarray:
    """Joints where nobody is found, without any pose model: (B, 33, 2) of NaN."""
    return np.full((len(images), JOINTS, 2), np.nan)


class GivenLogits(nn.Module):
    """The activation whose logits come from elsewhere; there is no reference."""

    def forward(self, landmark_map: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        """Return the map itself (B, K, H, W) and an average logit (K,) of minus infinity."""
        return landmark_map, landmark_map.new_full((landmark_map.shape[1],), -torch.inf)
