"""Many variants of a picture, each with a rectangle hidden, at the network's input size.

Resizing is linear: a variant's resized pixels are those of the whole picture plus the resized
difference that its rectangle makes. So the picture is resized once, and each variant costs no more
than its rectangle.
"""

from __future__ import annotations

import numpy as np


class Windows:
    """Hides rectangles of a picture and resizes.

    The result differs by at most one of 256 grey levels from hiding first and resizing afterwards
    with torchvision's antialiased bilinear filter (which rounds between its two passes), and by
    nothing where the picture has the input's size.
    """

    def __init__(self, pixels: np.ndarray, fill: np.ndarray, size: tuple[int, int]) -> None:
        """Resize the picture itself.

        Args:
            pixels: (h, w, 3) uint8.
            fill: (h, w, 3) uint8, what takes the place of hidden pixels.
            size: Height H and width W to resize to.
        """
        height, width, _ = pixels.shape
        self._rows = resize_weights(height, size[0])  # (H, h)
        self._columns = resize_weights(width, size[1])  # (W, w)
        self._pixels, self._fill = pixels, fill
        self._whole = _resized(pixels.astype(np.float32), self._rows, self._columns)

    def hide(self, boxes: np.ndarray) -> np.ndarray:
        """Hide a rectangle each.

        Args:
            boxes: (S, 4) top, bottom, left, right in the picture's pixels, ends excluded.

        Returns:
            (S, H, W, 3) uint8.
        """
        variants = np.repeat(_rounded(self._whole)[None], len(boxes), axis=0)
        for variant, (top, bottom, left, right) in zip(variants, boxes, strict=True):
            place = slice(top, bottom), slice(left, right)
            down, across = self._rows[:, place[0]], self._columns[:, place[1]]
            # Only these resized pixels see anything of the rectangle.
            touched = _touched(down), _touched(across)
            change = np.subtract(self._fill[place], self._pixels[place], dtype=np.float32)
            change = _resized(change, down[touched[0]], across[touched[1]])
            variant[touched] = _rounded(self._whole[touched] + change)
        return variants


def _resized(part: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Weight pixels (h', w', 3) by rows (H', h') and columns (W', w'): (H', W', 3)."""
    tall = np.tensordot(rows, part, axes=1)  # (H', w', 3)
    return np.tensordot(tall, columns, axes=(1, 1)).transpose(0, 2, 1)


def _touched(weights: np.ndarray) -> slice:
    """The resized rows, which follow each other, that have any weight (H, h')."""
    rows = np.flatnonzero(weights.any(axis=1))
    return slice(rows[0], rows[-1] + 1) if len(rows) else slice(0, 0)


def _rounded(pixels: np.ndarray) -> np.ndarray:
    return np.clip(np.floor(pixels + 0.5), 0, 255).astype(np.uint8)


def resize_weights(count: int, target: int) -> np.ndarray:
    """Weights of the antialiased bilinear filter: (target, count) float32, rows sum to 1."""
    scale = count / target
    reach = max(scale, 1.0)
    centre = (np.arange(target)[:, None] + 0.5) * scale
    distance = np.abs(np.arange(count) + 0.5 - centre) / reach
    weights = np.clip(1 - distance, 0, None)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def covered_shares(boxes: np.ndarray, size: tuple[int, int], height: int, width: int) -> np.ndarray:
    """Share of each cell of an H x W grid that rectangles cover.

    Args:
        boxes: (S, 4) top, bottom, left, right in pixels.
        size: Width and height of the picture.
        height: H.
        width: W.

    Returns:
        (S, H, W) in [0, 1].
    """
    down = _overlap(boxes[:, :2] * height / size[1], height)  # (S, H)
    right = _overlap(boxes[:, 2:] * width / size[0], width)  # (S, W)
    return down[:, :, None] * right[:, None, :]


def _overlap(ends: np.ndarray, cells: int) -> np.ndarray:
    """Length of every unit cell within intervals (S, 2): (S, cells)."""
    cell = np.arange(cells)
    return np.clip(np.minimum(ends[:, 1:], cell + 1) - np.maximum(ends[:, :1], cell), 0, 1)
