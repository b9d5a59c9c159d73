"""What takes the place of hidden pixels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from aonet_core.occlusion.shapes import EditError, check_source
from aonet_core.pictures import to_rgb

Pictures = Mapping[str, Image.Image]
"""Pictures that an edit refers to, by the name it gives them."""
BLUR = 1 / 16
"""Standard deviation of the blur as a share of the picture's longer side: no detail is left."""


@dataclass(frozen=True)
class Fill:
    """What hidden pixels become.

    Attributes:
        kind: One of `FILLS`.
        source: Name of the other picture, for "picture" alone.
    """

    kind: str = "black"
    source: str = ""

    def __post_init__(self) -> None:
        """Raise `EditError` for an unknown kind or a picture that is not named."""
        if self.kind not in FILLS:
            raise EditError(f"A fill must be one of {', '.join(FILLS)}, got {self.kind!r}.")
        if self.kind == "picture":
            check_source(self.source)
        elif self.source:
            raise EditError(f"Only a picture has a source, got one for the fill {self.kind}.")


def fill_pixels(
    image: Image.Image, fill: Fill, seed: int = 0, pictures: Pictures | None = None
) -> np.ndarray:
    """Make what would be seen if the whole picture were hidden.

    Args:
        image: The picture, RGB.
        fill: What to hide it with.
        seed: Of noise and texture.
        pictures: Holds the other picture of a "picture" fill, which is scaled onto this one.

    Returns:
        (h, w, 3) uint8.

    Raises:
        EditError: The other picture is not there.
    """
    if fill.kind == "picture":
        donor = to_rgb(find_picture(fill.source, pictures))
        return np.asarray(donor.resize(image.size, Image.Resampling.BILINEAR))
    return _MADE[fill.kind](image, np.random.default_rng(seed))


def find_picture(source: str, pictures: Pictures | None) -> Image.Image:
    """Return the picture of that name.

    Raises:
        EditError: It is not there.
    """
    if not pictures or source not in pictures:
        raise EditError(f"The picture {source} is not here: choose another, or upload it again.")
    return pictures[source]


def _flat(image: Image.Image, colour: np.ndarray) -> np.ndarray:
    return np.broadcast_to(np.uint8(colour), (image.height, image.width, 3))


def _black(image: Image.Image, rng: np.random.Generator) -> np.ndarray:
    return _flat(image, np.zeros(3))


def _mean(image: Image.Image, rng: np.random.Generator) -> np.ndarray:
    return _flat(image, np.asarray(image).mean(axis=(0, 1)) + 0.5)


def _noise(image: Image.Image, rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, 256, (image.height, image.width, 3), dtype=np.uint8)


def _blur(image: Image.Image, rng: np.random.Generator) -> np.ndarray:
    return np.asarray(image.filter(ImageFilter.GaussianBlur(BLUR * max(image.size))))


def _texture(image: Image.Image, rng: np.random.Generator) -> np.ndarray:
    """Stripes of two colours that blotches of several sizes bend."""
    height, width = image.height, image.width
    y, x = np.mgrid[:height, :width] / max(height, width)
    blotches = sum(
        _smooth_noise(height, width, cells, rng) / octave
        for octave, cells in enumerate((4, 8, 16, 64), start=1)
    )
    angle, frequency = rng.uniform(0, np.pi), rng.uniform(8, 24)
    along = (np.cos(angle) * x + np.sin(angle) * y) * frequency
    share = 0.5 + 0.5 * np.sin(2 * np.pi * along + 5 * blotches)
    dark, light = rng.uniform(0, 128, 3), rng.uniform(96, 256, 3)
    return (dark + share[:, :, None] * (light - dark)).astype(np.uint8)


def _smooth_noise(height: int, width: int, cells: int, rng: np.random.Generator) -> np.ndarray:
    """Blotches, `cells` of them along the longer side, in about [-1, 1]: (h, w)."""
    longer = max(height, width)
    grid = rng.uniform(-1, 1, (cells * height // longer + 2, cells * width // longer + 2))
    image = Image.fromarray(grid.astype(np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))


_MADE: dict[str, Callable[[Image.Image, np.random.Generator], np.ndarray]] = {
    "black": _black,
    "mean": _mean,
    "noise": _noise,
    "blur": _blur,
    "texture": _texture,
}
"""How a fill is made of the picture and a generator."""
FILLS = (*_MADE, "picture")
"""All of them; "picture" is another one's pixels."""
