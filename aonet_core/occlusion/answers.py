"""What the occlusion lab asks and is answered: plain values and NumPy, no torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from aonet_core.occlusion.shapes import EditError

Progress = Callable[[int, int], None]
"""Called with what is done and the total, between chunks, in the caller's thread. Whatever it
raises ends the work and passes through."""
TARGETS = ("awareness", "similarity", "rank")
METHODS = {
    "occlusion": "measured: a window is hidden everywhere in turn",
    "integrated_gradients": "estimated from the pixels' gradients along the way from a picture all "
    "hidden to this one",
    "layer_integrated_gradients": "the same on the feature map, from its features to these",
}
"""Ways to tell which place matters."""


class Cancelled(Exception):
    """Raise it in a progress callback to stop the work."""


@dataclass(frozen=True)
class Target:
    """The number whose reasons are asked for.

    Attributes:
        kind: "awareness" of a landmark, "similarity" to another picture, or "rank" in a gallery.
        landmark: Which landmark, from 0 on; for a similarity its share, or None for the whole.
        match: For a rank, the gallery picture; the target is minus the number of pictures ahead.
        gallery: Where it is ranked.
        skip: Gallery pictures that are left out.
    """

    kind: str = "awareness"
    landmark: int | None = 0
    match: str = ""
    gallery: str = "sample"
    skip: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise `EditError` for what is no target."""
        if self.kind not in TARGETS:
            raise EditError(f"A target must be one of {', '.join(TARGETS)}, got {self.kind!r}.")
        if self.kind == "awareness" and self.landmark is None:
            raise EditError("The awareness of which landmark? Expected its number, got none.")
        if self.kind == "rank" and not self.match:
            raise EditError("The rank of which gallery picture? Expected its name, got none.")


@dataclass(frozen=True)
class Sweep:
    """What the network says while a place after the other is hidden; S positions, K landmarks.

    Attributes:
        boxes: (S, 4) hidden pixels: top, bottom, left, right, ends excluded.
        position: (S,) middle of the sliding bar, or grown extent, in pixels along the motion.
        awareness: (S, K).
        hidden: (S, K) true hidden share of each landmark, in [0, 1].
        clean_awareness: (K,) with nothing hidden.
        self_similarity: (S,) to the picture with nothing hidden.
        self_shares: (S, K) of it; they sum to it.
        other_similarity: (S,) to the other picture; None without one.
        other_shares: (S, K) of it; None without one.
        maps: (S, K, H, W) referenced response maps; None unless asked for.
        milliseconds: Time it took.
    """

    boxes: np.ndarray
    position: np.ndarray
    awareness: np.ndarray
    hidden: np.ndarray
    clean_awareness: np.ndarray
    self_similarity: np.ndarray
    self_shares: np.ndarray
    other_similarity: np.ndarray | None
    other_shares: np.ndarray | None
    maps: np.ndarray | None
    milliseconds: float


@dataclass(frozen=True)
class Attribution:
    """How much hiding each place lowers a target.

    All methods share one signed scale, the target's own units: the value at a pixel is the fall of
    the target when a window there is hidden, averaged over the windows that hold the pixel.
    Positive: hiding it hurts. "occlusion" measures the fall; the gradients estimate it, as the sum
    over the window of what each of its pixels or features contributes.

    Attributes:
        map: (h, w) float32 in the picture's pixels.
        value: The target of the whole picture.
        blank: The target with everything hidden.
        window: Height and width of the hidden window in the picture's pixels.
        residual: What integrated gradients leave unexplained: the sum of all contributions minus
            (value - blank); None for "occlusion".
        method: One of `METHODS`.
        milliseconds: Time it took.
    """

    map: np.ndarray
    value: float
    blank: float
    window: tuple[float, float]
    residual: float | None
    method: str
    milliseconds: float


@dataclass(frozen=True)
class LandmarkRemoval:
    """A match with one landmark's weight set to 0.

    Attributes:
        landmark: Which, from 0 on.
        falls: Whether the right match is no longer first.
        winner: The best wrong match then.
        margin: Similarity of the best right match minus that of the best wrong one.
    """

    landmark: int
    falls: bool
    winner: str
    margin: float


@dataclass(frozen=True)
class Counterfactual:
    """What would have to be hidden for the right match to lose the first place.

    Attributes:
        match: The best right match.
        rival: The best wrong one.
        margin: Similarity of the former minus that of the latter; negative where the match is
            wrong from the start, in which case nothing is searched.
        box: Smallest rectangle found: top, bottom, left, right in pixels, ends excluded; None
            where none does it.
        box_share: Its share of the picture.
        box_winner: Who is first then.
        box_margin: The margin then, negative; None without a box.
        grid: Rows and columns of the coarse grid. No smaller rectangle on it does it; the edges of
            the smallest were then moved inwards, pixel by pixel in the end.
        evaluations: How many rectangles were tried.
        landmarks: The effect of removing each landmark.
        landmark: The one whose removal lowers the margin most below 0; None where none does it.
        note: A sentence on what was not found, "" where both were.
        milliseconds: Time it took.
    """

    match: str
    rival: str
    margin: float
    box: tuple[int, int, int, int] | None
    box_share: float
    box_winner: str
    box_margin: float | None
    grid: tuple[int, int]
    evaluations: int
    landmarks: tuple[LandmarkRemoval, ...]
    landmark: int | None
    note: str
    milliseconds: float
