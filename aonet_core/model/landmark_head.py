"""Heads between the features of an early stage and the patterns they are compared with."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

PARTS = 8
"""What a pixel may show: background, six parts of anybody, or the rest of anybody."""


def landmark_head(channels: int, width: int, context: int = 0) -> nn.Module:
    """Build the head that turns features of the backbone into those the patterns are compared with.

    What comes out is centred, as `AONetConfig.feature_norm` makes feature maps: where all features
    share a direction, their cosines tell nothing apart.

    Args:
        channels: Channels of the features.
        width: Channels within, and of what comes out.
        context: Channels of the branch that looks at the whole picture; 0: there is none.
    """
    if context:
        return ContextHead(channels, width, context)
    return nn.Sequential(
        *_convolved(channels, width, 1), *_convolved(width, width, 3), *_centred(width)
    )


class ContextHead(nn.Module):
    """A head that first tells parts of anybody, then whose they are.

    Features tell where heads, torsos, legs are. Which of them belong to the person the picture is
    of needs a look at the whole of it, and only at that: the branch that looks sees the parts, with
    how far down and how far aside they are, and nothing of what they look like. So what it learns
    on renders holds on photographs, as far as the parts do.
    """

    def __init__(self, channels: int, width: int, context: int) -> None:
        """Build it; the arguments are those of `landmark_head`."""
        super().__init__()
        self.local = nn.Sequential(*_convolved(channels, width, 1), *_convolved(width, width, 3))
        self.parts = nn.Conv2d(width, PARTS, 1)
        self.fine = _convolved(PARTS + 2, context)
        self.middle = _convolved(context, context)
        self.coarse = nn.Sequential(
            *_convolved(context, 2 * context), *_convolved(2 * context, 2 * context)
        )
        self.to_middle = _convolved(3 * context, context)
        self.to_fine = _convolved(2 * context, context)
        self.join = nn.Sequential(*_convolved(width + context, width, 1), *_centred(width))

    def forward(self, features: Tensor) -> Tensor:
        """Turn features (B, C, H, W) into those of the patterns (B, width, H, W)."""
        return self.both(features)[0]

    def both(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return the same, and the logits (B, `PARTS`, H, W) of what every pixel shows.

        In training no gradient flows from the former into the latter: they stay what they are
        taught to be. Whoever asks afterwards what a landmark depends on gets all of it.
        """
        local = self.local(features)
        parts = self.parts(local)
        whole = self._look((parts.detach() if self.training else parts).softmax(dim=1))
        return self.join(torch.cat([local, whole], dim=1)), parts

    def _look(self, parts: Tensor) -> Tensor:
        """Look at the parts of the whole picture, at three scales: (B, context, H, W)."""
        fine = self.fine(torch.cat([parts, _place(parts)], dim=1))
        middle = self.middle(functional.avg_pool2d(fine, 2, ceil_mode=True))
        coarse = self.coarse(functional.avg_pool2d(middle, 2, ceil_mode=True))
        middle = self.to_middle(torch.cat([_like(coarse, middle), middle], dim=1))
        return self.to_fine(torch.cat([_like(middle, fine), fine], dim=1))


def _convolved(channels: int, width: int, kernel: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, width, kernel, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
    )


def _centred(width: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width, affine=False)
    )


def _like(coarse: Tensor, fine: Tensor) -> Tensor:
    return functional.interpolate(coarse, fine.shape[2:], mode="bilinear", align_corners=False)


def _place(parts: Tensor) -> Tensor:
    """How far down every pixel lies, -1 to 1, and how far from the vertical axis: (B, 2, H, W)."""
    batch, _, height, width = parts.shape
    down = torch.linspace(-1, 1, height, device=parts.device)[:, None].expand(height, width)
    aside = torch.linspace(-1, 1, width, device=parts.device).abs().expand(height, width)
    return torch.stack([down, aside]).expand(batch, -1, -1, -1)
