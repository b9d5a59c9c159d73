"""A bar, a window or a growing edge that hides one place after the other."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from aonet_core.occlusion.fills import Fill, Pictures, fill_pixels
from aonet_core.occlusion.shapes import EditError
from aonet_core.pictures import to_rgb

MOTIONS = {
    "down": "a bar slides from top to bottom",
    "right": "a bar slides from left to right",
    "grow_down": "grown from the top edge",
    "grow_up": "grown from the bottom edge",
    "grow_right": "grown from the left edge",
    "grow_left": "grown from the right edge",
    "grow_out": "grown from the middle, in the picture's proportions",
}
"""How the hidden place moves."""
MOST_POSITIONS = 512
UPRIGHT = ("down", "grow_down", "grow_up")


@dataclass(frozen=True)
class SweepSpec:
    """Which places are hidden one after the other, in whole image pixels.

    Attributes:
        motion: One of `MOTIONS`.
        size: Extent of a sliding bar along its motion.
        step: From one position to the next; the last one ends at the picture's edge.
        across: First and last pixel (excluded) on the other axis, which makes the bar a window;
            None for the whole. Not for "grow_out".
        fill: What it is filled with.
        seed: Of noise and texture.
    """

    motion: str = "down"
    size: int = 32
    step: int = 4
    across: tuple[int, int] | None = None
    fill: Fill = field(default_factory=Fill)
    seed: int = 0

    def __post_init__(self) -> None:
        """Raise `EditError` for what does not move."""
        if self.motion not in MOTIONS:
            raise EditError(f"A motion must be one of {', '.join(MOTIONS)}, got {self.motion!r}.")
        for name in ("size", "step"):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise EditError(f"{name} must be a whole number of pixels from 1 on, got {value}.")

    def boxes(self, size: tuple[int, int]) -> np.ndarray:
        """Hidden places in a picture.

        Args:
            size: Width and height of the picture.

        Returns:
            (S, 4) int64: top, bottom, left, right; the second and fourth pixel are excluded.

        Raises:
            EditError: The bar is larger than the picture, the window lies outside, or there would
                be more than `MOST_POSITIONS`.
        """
        width, height = size
        if self.motion == "grow_out":
            return self._grown_out(width, height)
        length, other = (height, width) if self.motion in UPRIGHT else (width, height)
        low, high = self._along(length)
        first, last = self.across or (0, other)
        first, last = max(0, first), min(other, last)
        if first >= last:
            raise EditError(f"The window must lie within 0 and {other}, got {self.across}.")
        sides = np.broadcast_to([first, last], (len(low), 2))
        along = np.stack([low, high], axis=1)
        return np.concatenate([along, sides] if self.motion in UPRIGHT else [sides, along], axis=1)

    def positions(self, boxes: np.ndarray) -> np.ndarray:
        """Where each place is, in pixels: the middle of a sliding bar, the extent of a grown one.

        Args:
            boxes: (S, 4) of `boxes`.

        Returns:
            (S,) float64; for "grow_out" the grown height.
        """
        top, bottom, left, right = boxes.T
        if not self.motion.startswith("grow"):
            return (top + bottom) / 2 if self.motion == "down" else (left + right) / 2
        across = self.motion in ("grow_left", "grow_right")
        return (right - left if across else bottom - top).astype(np.float64)

    def frame(self, image: Image.Image, box: np.ndarray, pictures: Pictures | None = None):
        """Return the picture at one position, as a PIL image."""
        image = to_rgb(image)
        pixels = np.array(image)
        top, bottom, left, right = box
        fill = fill_pixels(image, self.fill, self.seed, pictures)
        pixels[top:bottom, left:right] = fill[top:bottom, left:right]
        return Image.fromarray(pixels)

    def _along(self, length: int) -> tuple[np.ndarray, np.ndarray]:
        """Start and end of every position along the motion."""
        grows = self.motion.startswith("grow")
        if not grows and self.size > length:
            raise EditError(
                f"The bar must be no larger than the picture's {length} pixels, got {self.size}."
            )
        stops = self._stops(length if grows else length - self.size, first=not grows)
        if not grows:
            return stops, stops + self.size
        if self.motion in ("grow_down", "grow_right"):
            return np.zeros_like(stops), stops
        return length - stops, np.full_like(stops, length)

    def _stops(self, last: int, first: bool) -> np.ndarray:
        """Steps up to `last`, which is always among them, from 0 or from the first step on."""
        count = -(-last // self.step) + first
        if count > MOST_POSITIONS:
            raise EditError(
                f"A sweep can have at most {MOST_POSITIONS} positions, got {count}: use a larger "
                "step."
            )
        return np.minimum((np.arange(count) + (not first)) * self.step, last)

    def _grown_out(self, width: int, height: int) -> np.ndarray:
        tall = self._stops(height, first=False)
        wide = np.maximum(1, np.rint(tall * width / height)).astype(np.int64)
        top, left = (height - tall) // 2, (width - wide) // 2
        return np.stack([top, top + tall, left, left + wide], axis=1)
