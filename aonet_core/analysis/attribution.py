"""Which places of a picture a number comes from: one measured and two estimated answers."""

from __future__ import annotations

import copy
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from aonet_core.model.aonet import AONet
from aonet_core.model.precision import autocast
from aonet_core.occlusion import METHODS, Attribution, EditError, Progress
from aonet_core.types import AONetOutput

Score = Callable[[AONetOutput], Tensor]
"""Maps an output of B pictures to the target (B,), with a gradient."""
STEPS = 48
"""Of integrated gradients."""
BATCH = 16


class Explainer:
    """A copy of the network whose gradients reach the awareness too.

    In training the awareness may be kept out of the gradient; a target depends on it all the same.
    The copy is captum's alone, which hooks into it; threads take turns.
    """

    def __init__(self, model: AONet) -> None:
        """Note a network in evaluation mode; it is copied when it is first explained."""
        self._model = model
        self._lock = threading.Lock()

    @cached_property
    def _network(self) -> AONet:
        network = copy.deepcopy(self._model).requires_grad_(False)
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
        with self._lock, torch.no_grad():
            ends = self._network(torch.cat([images, blank]))
            value, empty = score(ends).tolist()
            size, grid = images.shape[2:], ends.feature_map.shape[2:]
            if not 1 <= window <= min(grid):
                raise EditError(
                    f"A window must measure 1 to {min(grid)} feature pixels, got {window}."
                )
            step = size[0] // grid[0], size[1] // grid[1]
            extent = window * step[0], window * step[1]
            total = len(_starts(size[0], extent[0], step[0])) * len(
                _starts(size[1], extent[1], step[1])
            )
            run = self._counted(score, progress, total if method == "occlusion" else STEPS)
            contributions, residual = _RUN[method](self, run, images, blank, extent, step)
        if method != "occlusion":
            contributions = window_means(contributions, extent, step)
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

    def _counted(self, score: Score, progress: Progress | None, total: int):
        """The target as a function of input alone, which tells how often it was run."""
        done = 0

        def run(images: Tensor) -> Tensor:
            nonlocal done
            output = self._network(images)
            # A target need not depend on the feature map, but captum wants a path from there.
            result = score(output) + 0.0 * output.feature_map.mean()
            done = min(total, done + len(images))
            if progress:
                progress(done, total)
            return result

        return run

    def _occlusion(self, run, images, blank, extent, step) -> tuple[np.ndarray, float | None]:
        from captum.attr import Occlusion

        with autocast(images.device.type):
            result = Occlusion(run).attribute(
                images,
                sliding_window_shapes=(3, *extent),
                strides=(3, *step),
                baselines=blank,
                perturbations_per_eval=BATCH,
            )
        return _numpy(result)[0, 0], None

    def _integrated_gradients(
        self, run, images, blank, extent, step
    ) -> tuple[np.ndarray, float | None]:
        from captum.attr import IntegratedGradients

        with torch.enable_grad():
            result, residual = IntegratedGradients(run).attribute(
                images,
                baselines=blank,
                n_steps=STEPS,
                internal_batch_size=BATCH,
                return_convergence_delta=True,
            )
        return _numpy(result)[0].sum(axis=0), residual.item()

    def _layer_gradients(self, run, images, blank, extent, step) -> tuple[np.ndarray, float | None]:
        """On feature and landmark map, from those of the hidden picture to the picture's own.

        A gradient at the picture alone would say nothing: cosine logits do not change when a
        pixel's feature grows.
        """
        from captum.attr import LayerIntegratedGradients

        layers = [self._network.feature_norm]
        if self._network.config.landmark_stage == "middle":
            layers.append(self._network.landmark_norm)
        with torch.enable_grad(), warnings.catch_warnings():
            # Neither of the two is made from the other.
            warnings.filterwarnings("ignore", message="Multiple layers provided")
            results, residual = LayerIntegratedGradients(run, layers).attribute(
                images,
                baselines=blank,
                n_steps=STEPS,
                internal_batch_size=BATCH,
                return_convergence_delta=True,
            )
        cells = sum(_numpy(result)[0].sum(axis=0) for result in results) / (step[0] * step[1])
        return np.kron(cells, np.ones(step)), residual.item()


_RUN = {
    "occlusion": Explainer._occlusion,
    "integrated_gradients": Explainer._integrated_gradients,
    "layer_integrated_gradients": Explainer._layer_gradients,
}


def window_means(
    contributions: np.ndarray, window: tuple[int, int], step: tuple[int, int]
) -> np.ndarray:
    """Bring contributions of single pixels to the scale of hidden windows.

    A window's worth is the sum of what its pixels contribute; a pixel's value is the mean over the
    windows that hold it. Windows lie as captum's Occlusion puts them: from the left top corner in
    steps, the last ones cut off by the edge.

    Args:
        contributions: (H, W).
        window: Height and width.
        step: Down and across.

    Returns:
        (H, W) float64.
    """
    total, count = np.zeros((2, *contributions.shape))
    for top in _starts(contributions.shape[0], window[0], step[0]):
        for left in _starts(contributions.shape[1], window[1], step[1]):
            place = slice(top, top + window[0]), slice(left, left + window[1])
            total[place] += contributions[place].sum()
            count[place] += 1
    return total / count


def _starts(side: int, window: int, step: int) -> range:
    """Where windows begin along a side: up to the first one that reaches its end."""
    return range(0, -(-(side - window) // step) * step + 1, step)


def _resized(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    image = Image.fromarray(values.astype(np.float32))
    return np.array(image.resize(size, Image.Resampling.BILINEAR))


def _numpy(tensor: Tensor) -> np.ndarray:
    return tensor.detach().double().cpu().numpy()
