"""Awareness, false alarms and landmark identity against the truth of synthetic pedestrians.

Every occluded image comes with its twin (the same render without the occluder), the occluder's
mask and the body-part map, so the true visibility of a landmark is known. Letters: N images, K
landmarks, H x W the feature map, h x w the picture, R regions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

HIDDEN_BELOW = 0.3
VISIBLE_ABOVE = 0.7
"""Landmarks with a true visibility between the two are neither hidden nor visible."""
REGIONS = {
    "head": (1, 9),
    "upper torso": (2,),
    "lower torso": (3,),
    "arms": (4, 5),
    "upper legs": (6,),
    "lower legs": (7,),
    "feet": (8,),
}
"""Body regions and the label ids they gather; hair belongs to the head, bags to nobody."""
PART_MASK, OCCLUDED_BIT = 15, 16


def pool_area(mask: np.ndarray, height: int, width: int) -> np.ndarray:
    """Mean of (…, h, w) over the cells of an H x W grid; a pixel across a border counts in parts.

    Args:
        mask: Any number of pictures.
        height: H, at most h.
        width: W, at most w.
    """
    rows, columns = (
        _overlap(count, cells)
        for count, cells in zip(mask.shape[-2:], (height, width), strict=True)
    )
    return rows @ mask.astype(np.float32) @ columns.T


def _overlap(count: int, cells: int) -> np.ndarray:
    """Share of every cell that each of `count` pixels covers: (cells, count), rows sum to 1."""
    ends = np.arange(cells + 1) * count / cells
    pixels = np.arange(count)
    covered = np.minimum(ends[1:, None], pixels + 1) - np.maximum(ends[:-1, None], pixels)
    return (covered.clip(0) * cells / count).astype(np.float32)


def true_visibility(twin_map: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Share of each landmark's response on the twin that the occluder leaves free.

    Args:
        twin_map: (…, K, H, W) referenced response maps of the twins.
        label: (…, h, w) uint8 labels; `OCCLUDED_BIT` is set where the occluder is in front.

    Returns:
        (…, K) in [0, 1]; NaN for a landmark without any response on the twin.
    """
    covered = pool_area((label & OCCLUDED_BIT) > 0, *twin_map.shape[-2:])
    return 1 - hidden_share(twin_map, covered)


def hidden_share(clean_map: np.ndarray, covered: np.ndarray) -> np.ndarray:
    """Share of each landmark's response that lies where something is in front.

    Args:
        clean_map: (…, K, H, W) referenced response maps with nothing in front.
        covered: (…, H, W) covered share of every feature pixel, in [0, 1].

    Returns:
        (…, K) in [0, 1]; NaN for a landmark without any response.
    """
    response = clean_map.sum(axis=(-2, -1))
    lost = (clean_map * covered[..., None, :, :]).sum(axis=(-2, -1))
    response = np.broadcast_to(response, lost.shape)
    share = np.divide(lost, response, out=np.full_like(lost, np.nan), where=response > 1e-12)
    return share.clip(0, 1)


def region_shares(label: np.ndarray, height: int, width: int, visible_only: bool) -> np.ndarray:
    """How much of every feature pixel each body region covers: (…, R, H, W) in [0, 1].

    Args:
        label: (…, h, w) uint8 labels.
        height: H.
        width: W.
        visible_only: Count only what the occluder leaves free.
    """
    part = label & PART_MASK
    free = (label & OCCLUDED_BIT) == 0 if visible_only else np.ones_like(label, dtype=bool)
    shares = [pool_area(np.isin(part, ids) & free, height, width) for ids in REGIONS.values()]
    return np.stack(shares, axis=-3)


def peak_regions(maps: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """The region under each landmark's peak: (N, K, H, W), (N, R, H, W) -> (N, K), -1 for none.

    A peak lies on the region that covers most of its feature pixel, or on none where background
    covers more than any.
    """
    images, landmarks, height, width = maps.shape
    peak = maps.reshape(images, landmarks, -1).argmax(axis=2)  # (N, K)
    flat = shares.reshape(images, shares.shape[1], height * width)
    under = np.take_along_axis(flat, peak[:, None, :], axis=2)  # (N, R, K)
    background = 1 - under.sum(axis=1)
    return np.where(under.max(axis=1) > background, under.argmax(axis=1), -1)


def hidden_auroc(score: np.ndarray, visibility: np.ndarray) -> float:
    """AUROC of telling visible from hidden landmarks by a score; NaN if either is absent.

    Args:
        score: Any shape; higher should mean visible.
        visibility: The same shape, true visibility in [0, 1].
    """
    from sklearn.metrics import roc_auc_score

    hidden, visible = visibility < HIDDEN_BELOW, visibility > VISIBLE_ABOVE
    if not hidden.any() or not visible.any():
        return float("nan")
    certain = hidden | visible
    return float(roc_auc_score(visible[certain], score[certain]))


def spearman(score: np.ndarray, visibility: np.ndarray) -> float:
    """Spearman's rank correlation of score and true visibility; NaN if either is constant."""
    from scipy.stats import spearmanr

    known = np.isfinite(visibility)
    if known.sum() < 2 or np.ptp(score[known]) == 0 or np.ptp(visibility[known]) == 0:
        return float("nan")
    return float(spearmanr(score[known], visibility[known]).statistic)


def false_alarm_mass(maps: np.ndarray, twin_region: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Response that falls on body regions other than the one the landmark lives on.

    Args:
        maps: (N, K, H, W) maps of the occluded images.
        twin_region: (N, K) region under the twin's peak, -1 for none.
        shares: (N, R, H, W) seen regions of the occluded images.

    Returns:
        (N, K) in [0, 1]; NaN where the twin's peak lies on no region.
    """
    per_region = np.einsum("nkhw,nrhw->nkr", maps, shares)
    own = np.take_along_axis(per_region, np.maximum(twin_region, 0)[:, :, None], axis=2)[:, :, 0]
    return np.where(twin_region >= 0, per_region.sum(axis=2) - own, np.nan)


def landmark_purity(peaks: np.ndarray) -> list[dict]:
    """On which region each landmark peaks, and how often: one entry a landmark.

    Args:
        peaks: (N, K) region of each peak over holistic images, -1 for none.

    Returns:
        `region`, its `share` of all images with its 95 % `interval`, and the share of peaks on
        `background`.
    """
    names = list(REGIONS)
    result = []
    for column in peaks.T:
        counts = np.bincount(column[column >= 0], minlength=len(names))
        most = int(counts.argmax())
        share = bootstrap(lambda on_most: float(on_most.mean()), column == most)
        result.append(
            {
                "region": names[most] if counts.any() else None,
                "share": share.value,
                "interval": [share.low, share.high],
                "background": float((column < 0).mean()) if len(column) else float("nan"),
            }
        )
    return result


@dataclass(frozen=True)
class Interval:
    """A figure and its 95 % bootstrap interval over images."""

    value: float
    low: float
    high: float


def bootstrap(
    figure: Callable[..., float], *arrays: np.ndarray, rounds: int = 400, seed: int = 0
) -> Interval:
    """Compute a figure and how far it would move with other images of the same kind.

    Args:
        figure: Maps the arrays to a number.
        *arrays: Each (N, …); images are resampled along the first axis, together.
        rounds: Number of resamplings.
        seed: Of the resampling.
    """
    rng = np.random.default_rng(seed)
    count = len(arrays[0])
    values = []
    for _ in range(rounds if count > 1 else 0):
        rows = rng.integers(count, size=count)
        values.append(figure(*(array[rows] for array in arrays)))
    finite = np.array([value for value in values if np.isfinite(value)])
    low, high = np.percentile(finite, [2.5, 97.5]) if len(finite) else (np.nan, np.nan)
    return Interval(float(figure(*arrays)), float(low), float(high))
