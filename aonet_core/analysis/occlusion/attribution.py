"""Which places of a picture a number comes from: one measured and two estimated answers."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from aonet_core.analysis.occlusion.integrated_gradients import PIECES, Told, at_a_time, integrated
from aonet_core.model.aonet import AONet
from aonet_core.model.precision import autocast
from aonet_core.occlusion import METHODS, Attribution, EditError, Progress
from aonet_core.types import AONetOutput

Score = Callable[[AONetOutput], Tensor]
"""Maps an output of B pictures to the target (B,), with a gradient."""


class Attributor:
    """A view of the network whose gradients reach the awareness too.

    In training the awareness may be kept out of the gradient; a target depends on it all the same.
    Safe to share between threads.
    """

    def __init__(self, model: AONet) -> None:
        """Note a network in evaluation mode; its weights are shared, not copied."""
        self._model = model

    @cached_property
    def _network(self) -> AONet:
        network = copy.copy(self._model)
        network.config = replace(network.config, awareness_gradient=True, oa_scale_gradient=True)
        return network

    def attribute(
        self,
        images: Tensor,
        blank: Tensor,
        score: Score,
        method: str,
        window: int,
        picture_size: tuple[int, int],
        progress: Progress | None = None,
    ) -> Attribution:
        """Explain a target.

        Args:
            images: (1, 3, H, W) the picture as the network's input.
            blank: (1, 3, H, W) the same with everything hidden.
            score: The target.
            method: One of `METHODS`.
            window: Side of the hidden window in feature pixels, moved by one of them.
            picture_size: Width and height of the picture itself.
            progress: Told of network runs done, and their total.

        Raises:
            EditError: The method is unknown, or the window larger than the feature map.
        """
        if method not in METHODS:
            raise EditError(f"A method must be one of {', '.join(METHODS)}, got {method!r}.")
        began = time.perf_counter()
        with torch.no_grad():
            ends = self._network(torch.cat([images, blank]))
            value, empty = score(ends).tolist()
        size, grid = images.shape[2:], ends.feature_map.shape[2:]
        if not 1 <= window <= min(grid):
            raise EditError(f"A window must measure 1 to {min(grid)} feature pixels, got {window}.")
        step = size[0] // grid[0], size[1] // grid[1]
        extent = window * step[0], window * step[1]
        if method == "occlusion":
            contributions, residual = self._occlusion(
                score,
                images,
                blank,
                list(windows((size[0], size[1]), extent, step)),
                value,
                progress,
            )
        else:
            pixels = self._gradients(method, score, images, blank, ends, progress)
            contributions = window_means(pixels, extent, step)
            residual = float(pixels.sum() - (value - empty))
        scale = picture_size[1] / size[0], picture_size[0] / size[1]
        return Attribution(
            map=_resized(contributions, picture_size),
            value=value,
            blank=empty,
            window=(extent[0] * scale[0], extent[1] * scale[1]),
            residual=residual,
            method=method,
            milliseconds=1000 * (time.perf_counter() - began),
        )

    def _occlusion(
        self, score, images, blank, places, value, progress
    ) -> tuple[np.ndarray, float | None]:
        """Hide one window after the other; a pixel's value is the mean over its windows."""
        advance = _counted(progress, len(places))
        falls = np.zeros(len(places))
        for first in range(0, len(places), at_a_time(images.device)):
            part = slice(first, first + at_a_time(images.device))
            hidden = images.repeat(len(places[part]), 1, 1, 1)
            for picture, (down, across) in zip(hidden, places[part], strict=True):
                picture[:, down, across] = blank[0, :, down, across]
            batch = hidden.contiguous(memory_format=torch.channels_last)
            with torch.no_grad(), autocast(images.device.type):
                falls[part] = value - _numpy(score(self._network(batch)))
            advance(len(hidden))
        return _means(falls, places, images.shape[2:]), None

    def _gradients(self, method, score, images, blank, ends, progress) -> np.ndarray:
        """Contributions (H, W) of pixels, on the straight way from the hidden picture."""
        advance = _counted(progress, PIECES[0])
        if method == "integrated_gradients":
            (contributions,) = integrated(
                lambda batch: score(self._network(batch)), (blank,), (images,), advance
            )
            return contributions.sum(axis=0)
        # On feature and landmark map, from those of the hidden picture to the picture's own. A
        # gradient at the picture alone would say nothing: cosine logits do not change when a
        # pixel's feature grows.
        maps = [ends.feature_map]
        if ends.landmark_map is not ends.feature_map:
            maps.append(ends.landmark_map)
        parts = integrated(
            lambda *batch: score(self._network.landmarks(batch[0], batch[-1])),
            tuple(each[1:] for each in maps),
            tuple(each[:1] for each in maps),
            advance,
        )
        spread = [_spread(each.sum(axis=0), images.shape[2:]) for each in parts]
        return np.sum(spread, axis=0)


def _counted(progress: Progress | None, total: int) -> Told:
    """Tell of all that is done whenever a few more are."""
    done = 0

    def advance(more: int) -> None:
        nonlocal done
        done += more
        if progress:
            progress(min(done, total), total)

    return advance


def windows(
    size: tuple[int, int], window: tuple[int, int], step: tuple[int, int]
) -> Iterator[tuple[slice, slice]]:
    """Windows from the left top corner in steps, the last ones cut off by the edge.

    Args:
        size: Height and width.
        window: Height and width.
        step: Down and across.
    """
    for top in _starts(size[0], window[0], step[0]):
        for left in _starts(size[1], window[1], step[1]):
            yield slice(top, top + window[0]), slice(left, left + window[1])


def window_means(
    contributions: np.ndarray, window: tuple[int, int], step: tuple[int, int]
) -> np.ndarray:
    """Bring contributions of single pixels to the scale of hidden windows.

    A window's worth is the sum of what its pixels contribute; a pixel's value is the mean over the
    windows that hold it.

    Args:
        contributions: (H, W).
        window: Height and width.
        step: Down and across.

    Returns:
        (H, W) float64.
    """
    places = list(windows(contributions.shape, window, step))
    return _means([contributions[place].sum() for place in places], places, contributions.shape)


def _means(values, places: list[tuple[slice, slice]], shape: tuple[int, int]) -> np.ndarray:
    """The mean over the windows that hold a pixel, (H, W) float64."""
    total, count = np.zeros((2, *shape))
    for value, place in zip(values, places, strict=True):
        total[place] += value
        count[place] += 1
    return total / count


def _spread(cells: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Spread what each cell of a map contributes evenly over its pixels, (h, w) to (H, W)."""
    down, across = size[0] // cells.shape[0], size[1] // cells.shape[1]
    return np.kron(cells, np.full((down, across), 1 / (down * across)))


def _starts(side: int, window: int, step: int) -> range:
    """Where windows begin along a side: up to the first one that reaches its end."""
    return range(0, -(-(side - window) // step) * step + 1, step)


def _resized(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    image = Image.fromarray(values.astype(np.float32))
    return np.array(image.resize(size, Image.Resampling.BILINEAR))


def _numpy(tensor: Tensor) -> np.ndarray:
    return tensor.detach().double().cpu().numpy()
